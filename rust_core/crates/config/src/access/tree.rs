//! Documents as JSON values, with the place of every value: for queries, and for values asked for
//! as JSON. Aliases are expanded within a limit.

use std::collections::HashMap;

use serde_json::{Map, Number, Value};

use super::reader::MergeKeys;
use crate::values::{Scalar, scalar};
use crate::{Event, EventSink, Properties, ScalarStyle, Schema, Span};

/// Nodes kept for aliases and made of them.
const ALIAS_NODES: usize = 2_000_000;

/// Where a value begins, and the values in it in the same order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mark {
    pub(crate) at: usize,
    pub(crate) inner: Vec<Mark>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) value: Value,
    pub(crate) mark: Mark,
    /// Collections in one another, scalars being 0.
    depth: usize,
    nodes: usize,
}

/// Why a document has no such tree.
pub(crate) struct Untreelike {
    pub(crate) problem: String,
    pub(crate) at: usize,
}

struct Level {
    tree: Tree,
    key: Option<String>,
    anchor: Option<String>,
    ordinal: usize,
}

pub(crate) struct TreeBuilder {
    levels: Vec<Level>,
    anchors: HashMap<String, Tree>,
    schema: Schema,
    merge_keys: MergeKeys,
    depth_limit: usize,
    alias_nodes: usize,
    ordinal: usize,
    /// Only the node with this number is wanted, and nothing before this one is read.
    wanted: usize,
    from: usize,
    pub(crate) result: Option<Tree>,
}

impl TreeBuilder {
    pub(crate) fn new(schema: Schema, merge_keys: MergeKeys, depth_limit: usize) -> Self {
        Self {
            levels: Vec::new(),
            anchors: HashMap::new(),
            schema,
            merge_keys,
            depth_limit,
            alias_nodes: 0,
            ordinal: 0,
            wanted: 0,
            from: 0,
            result: None,
        }
    }

    /// Builds the node with this number, and from `from` on what its aliases may name.
    pub(crate) fn of_node(mut self, wanted: usize, from: usize) -> Self {
        self.wanted = wanted;
        self.from = from;
        self
    }

    fn open(&mut self, value: Value, properties: &Properties<'_>, at: usize, ordinal: usize) {
        let mark = Mark {
            at,
            inner: Vec::new(),
        };
        let tree = Tree {
            value,
            mark,
            depth: 1,
            nodes: 1,
        };
        self.levels.push(Level {
            tree,
            key: None,
            anchor: properties.anchor.map(ToOwned::to_owned),
            ordinal,
        });
    }

    fn close(&mut self, at: usize) -> Result<(), Untreelike> {
        let Some(mut level) = self.levels.pop() else {
            return Ok(());
        };
        if self.merge_keys == MergeKeys::Apply {
            merge(&mut level.tree, at)?;
        }
        let Level {
            tree,
            anchor,
            ordinal,
            ..
        } = level;
        self.complete(tree, anchor.as_deref(), ordinal)
    }

    fn complete(
        &mut self,
        tree: Tree,
        anchor: Option<&str>,
        ordinal: usize,
    ) -> Result<(), Untreelike> {
        if let Some(name) = anchor {
            self.charge(tree.nodes, tree.mark.at)?;
            self.anchors.insert(name.to_owned(), tree.clone());
        }
        if ordinal == self.wanted {
            self.result = Some(tree);
            self.levels.clear();
            return Ok(());
        }
        let Some(level) = self.levels.last_mut() else {
            return Ok(());
        };
        let outer = &mut level.tree;
        outer.depth = outer.depth.max(tree.depth + 1);
        outer.nodes += tree.nodes;
        match &mut outer.value {
            Value::Array(entries) => entries.push(tree.value),
            Value::Object(entries) => {
                let key = level.key.take().unwrap_or_default();
                entries.insert(key, tree.value);
            }
            _ => {}
        }
        outer.mark.inner.push(tree.mark);
        Ok(())
    }

    fn charge(&mut self, nodes: usize, at: usize) -> Result<(), Untreelike> {
        self.alias_nodes = self.alias_nodes.saturating_add(nodes);
        if self.alias_nodes > ALIAS_NODES {
            let problem = format!("anchors and aliases stand for more than {ALIAS_NODES} nodes");
            return Err(Untreelike { problem, at });
        }
        Ok(())
    }

    fn alias(&mut self, name: &str, at: usize, ordinal: usize) -> Result<(), Untreelike> {
        let Some(tree) = self.anchors.get(name) else {
            let problem = format!("alias `*{name}` stands inside what it names");
            return Err(Untreelike { problem, at });
        };
        let (nodes, depth) = (tree.nodes, tree.depth);
        if self.levels.len() + depth > self.depth_limit {
            let limit = self.depth_limit;
            let problem = format!("collections are nested deeper than {limit} (limit depth)");
            return Err(Untreelike { problem, at });
        }
        self.charge(nodes, at)?;
        let mut tree = self.anchors[name].clone();
        tree.mark.at = at;
        self.complete(tree, None, ordinal)
    }

    /// Takes the event as a key where one is due.
    fn key(&mut self, event: &Event<'_>, at: usize) -> Result<bool, Untreelike> {
        let Some(level) = self.levels.last_mut() else {
            return Ok(false);
        };
        let Value::Object(entries) = &level.tree.value else {
            return Ok(false);
        };
        if level.key.is_some() || matches!(event, Event::MappingEnd) {
            return Ok(false);
        }
        let key = match event {
            Event::Scalar { value, .. } => value.to_string(),
            Event::Alias { name } => match self.anchors.get(*name).map(|tree| &tree.value) {
                Some(Value::String(text)) => text.clone(),
                Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
                _ => return Err(no_key(at)),
            },
            _ => return Err(no_key(at)),
        };
        if entries.contains_key(&key) {
            let problem = format!("key `{key}` stands twice in this mapping");
            return Err(Untreelike { problem, at });
        }
        if let Event::Scalar { properties, .. } = event
            && let Some(anchor) = properties.anchor
        {
            let value = Value::String(key.clone());
            self.anchors.insert(anchor.to_owned(), leaf(value, at));
        }
        level.key = Some(key);
        Ok(true)
    }
}

fn no_key(at: usize) -> Untreelike {
    let problem = "a collection as a key has no form in JSON".to_owned();
    Untreelike { problem, at }
}

fn leaf(value: Value, at: usize) -> Tree {
    let mark = Mark {
        at,
        inner: Vec::new(),
    };
    Tree {
        value,
        mark,
        depth: 0,
        nodes: 1,
    }
}

impl EventSink for TreeBuilder {
    type Error = Untreelike;

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Untreelike> {
        if let Event::StreamStart
        | Event::StreamEnd
        | Event::DocumentStart { .. }
        | Event::DocumentEnd { .. } = event
        {
            return Ok(());
        }
        let ordinal = self.ordinal;
        self.ordinal += 1;
        if ordinal < self.from || self.result.is_some() || self.key(&event, span.start)? {
            return Ok(());
        }
        match event {
            Event::MappingStart { properties, .. } => {
                self.open(Value::Object(Map::new()), &properties, span.start, ordinal);
                Ok(())
            }
            Event::SequenceStart { properties, .. } => {
                self.open(Value::Array(Vec::new()), &properties, span.start, ordinal);
                Ok(())
            }
            Event::Scalar {
                value,
                properties,
                style,
            } => {
                let at = span.start;
                let value = value_of(&value, &properties, style, self.schema)
                    .map_err(|problem| Untreelike { problem, at })?;
                self.complete(leaf(value, span.start), properties.anchor, ordinal)
            }
            Event::Alias { name } => self.alias(name, span.start, ordinal),
            _ => self.close(span.start),
        }
    }
}

/// Puts the entries of the mappings under `<<` behind the mapping's own.
fn merge(tree: &mut Tree, at: usize) -> Result<(), Untreelike> {
    let Value::Object(entries) = &mut tree.value else {
        return Ok(());
    };
    let Some(index) = entries.keys().position(|key| key == "<<") else {
        return Ok(());
    };
    let merged = entries.shift_remove("<<").unwrap_or_default();
    let mark = tree.mark.inner.remove(index);
    let sources = match merged {
        Value::Object(_) => vec![(merged, mark)],
        Value::Array(list) => list.into_iter().zip(mark.inner).collect(),
        _ => vec![(Value::Null, mark)],
    };
    for (source, mark) in sources {
        let Value::Object(source) = source else {
            let problem = "`<<` takes a mapping or a list of mappings".to_owned();
            return Err(Untreelike { problem, at });
        };
        for ((key, value), mark) in source.into_iter().zip(mark.inner) {
            if !entries.contains_key(&key) {
                entries.insert(key, value);
                tree.mark.inner.push(mark);
            }
        }
    }
    Ok(())
}

/// A scalar's value in the schema.
fn value_of(
    text: &str,
    properties: &Properties<'_>,
    style: ScalarStyle,
    schema: Schema,
) -> Result<Value, String> {
    let mut scratch = String::new();
    let value = scalar(text, properties.tag, style, schema, &mut scratch)?;
    Ok(match value {
        Scalar::Null => Value::Null,
        Scalar::Bool(value) => Value::Bool(value),
        Scalar::Integer(digits) | Scalar::Float(digits) => serde_json::from_str::<Number>(digits)
            .map_or_else(|_| Value::String(text.to_owned()), Value::Number),
        // JSON has no form for it but its text.
        Scalar::Special(_) => Value::String(text.to_owned()),
        Scalar::Text(text) | Scalar::Time(text) => Value::String(text.to_owned()),
    })
}
