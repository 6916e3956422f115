//! Documents as JSON values, and the place of each node beside them.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Number, Value};

use crate::event::{Event, EventSink, Properties, ScalarStyle, Span};
use crate::resolve::{Integer, Resolved, Schema, resolve};

/// Why a document has no JSON value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// An alias within the collection that it names.
    #[error("alias `*{0}` stands inside what it names")]
    Cycle(String),
    /// More nodes than allowed through aliases.
    #[error("aliases stand for more than {limit} nodes (limit alias_nodes)")]
    TooManyNodes {
        /// The limit.
        limit: u64,
    },
    /// A collection as a key.
    #[error("a collection as a key has no form in JSON")]
    CollectionKey,
}

/// Where a node stands, and those in it.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub span: Span,
    /// Its key, in a mapping.
    pub key: Option<Span>,
    children: Children,
}

#[derive(Clone, Debug)]
enum Children {
    None,
    // Shared, because an alias is the same node once more.
    Entries(Arc<Vec<Node>>),
    Pairs(Arc<Vec<(String, Node)>>),
}

impl Node {
    /// The node at a JSON Pointer's parts.
    #[must_use]
    pub fn find<'p>(&self, path: impl IntoIterator<Item = &'p str>) -> Option<&Node> {
        let mut node = self;
        for part in path {
            node = node.child(part)?;
        }
        Some(node)
    }

    /// The entry of a sequence by its number, or of a mapping by its key.
    #[must_use]
    pub fn child(&self, part: &str) -> Option<&Node> {
        match &self.children {
            Children::None => None,
            Children::Entries(entries) => entries.get(part.parse::<usize>().ok()?),
            Children::Pairs(pairs) => pairs
                .iter()
                .rev()
                .find(|(key, _)| key == part)
                .map(|(_, node)| node),
        }
    }
}

/// One document.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its value, as JSON has it; integers beyond 64 bits are doubles.
    pub value: Value,
    /// The place of the value and of all in it.
    pub root: Node,
}

struct Frame {
    is_mapping: bool,
    span: Span,
    anchor: Option<String>,
    nodes_before: u64,
    entries: Vec<(Value, Node)>,
    pairs: Vec<(String, Value, Node)>,
    key: Option<(String, Span)>,
}

/// Builds the documents of a stream from its events.
#[derive(Default)]
pub struct TreeBuilder {
    /// Those that are complete.
    pub documents: Vec<Document>,
    frames: Vec<Frame>,
    anchors: HashMap<String, Option<(Value, Node, u64)>>,
    nodes: u64,
    expanded: u64,
    alias_limit: u64,
    schema: Schema,
}

impl TreeBuilder {
    /// Aliases may stand for so many nodes in all.
    #[must_use]
    pub fn new(schema: Schema, alias_limit: u64) -> Self {
        Self {
            alias_limit,
            schema,
            ..Self::default()
        }
    }

    fn put(&mut self, value: Value, mut node: Node) -> Result<(), (TreeError, Span)> {
        let Some(frame) = self.frames.last_mut() else {
            self.documents.push(Document { value, root: node });
            return Ok(());
        };
        if !frame.is_mapping {
            frame.entries.push((value, node));
        } else if let Some((key, span)) = frame.key.take() {
            node.key = Some(span);
            frame.pairs.push((key, value, node));
        } else {
            let key = match value {
                Value::String(text) => text,
                Value::Array(_) | Value::Object(_) => {
                    return Err((TreeError::CollectionKey, node.span));
                }
                other => other.to_string(),
            };
            frame.key = Some((key, node.span));
        }
        Ok(())
    }

    fn start(&mut self, is_mapping: bool, properties: &Properties<'_>, span: Span) {
        let anchor = properties.anchor.map(ToOwned::to_owned);
        if let Some(name) = &anchor {
            self.anchors.insert(name.clone(), None);
        }
        self.frames.push(Frame {
            is_mapping,
            span,
            anchor,
            nodes_before: self.nodes,
            entries: Vec::new(),
            pairs: Vec::new(),
            key: None,
        });
        self.nodes += 1;
    }

    fn end(&mut self) -> Result<(), (TreeError, Span)> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        let (value, children) = if frame.is_mapping {
            let mut map = Map::with_capacity(frame.pairs.len());
            let mut nodes = Vec::with_capacity(frame.pairs.len());
            for (key, value, node) in frame.pairs {
                map.insert(key.clone(), value);
                nodes.push((key, node));
            }
            (Value::Object(map), Children::Pairs(Arc::new(nodes)))
        } else {
            let (values, nodes) = frame.entries.into_iter().unzip();
            (Value::Array(values), Children::Entries(Arc::new(nodes)))
        };
        let node = Node {
            span: frame.span,
            key: None,
            children,
        };
        if let Some(anchor) = frame.anchor {
            let nodes = self.nodes - frame.nodes_before;
            self.anchors
                .insert(anchor, Some((value.clone(), node.clone(), nodes)));
        }
        self.put(value, node)
    }

    fn alias(&mut self, name: &str, span: Span) -> Result<(), (TreeError, Span)> {
        let Some(Some((value, node, nodes))) = self.anchors.get(name) else {
            return Err((TreeError::Cycle(name.to_owned()), span));
        };
        self.expanded = self.expanded.saturating_add(*nodes);
        self.nodes = self.nodes.saturating_add(*nodes);
        if self.expanded > self.alias_limit {
            let limit = self.alias_limit;
            return Err((TreeError::TooManyNodes { limit }, span));
        }
        let (value, node) = (value.clone(), node.clone());
        // What is wrong inside is told where it is written, the alias itself where it stands.
        self.put(value, Node { span, ..node })
    }
}

impl EventSink for TreeBuilder {
    type Error = (TreeError, Span);

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Self::Error> {
        match event {
            Event::DocumentStart { .. } => self.anchors.clear(),
            Event::MappingStart { properties, .. } => self.start(true, &properties, span),
            Event::SequenceStart { properties, .. } => self.start(false, &properties, span),
            Event::MappingEnd | Event::SequenceEnd => self.end()?,
            Event::Alias { name } => self.alias(name, span)?,
            Event::Scalar {
                value,
                properties,
                style,
            } => {
                self.nodes += 1;
                let value = scalar(&value, &properties, style, self.schema);
                let node = Node {
                    span,
                    key: None,
                    children: Children::None,
                };
                if let Some(name) = properties.anchor {
                    self.anchors
                        .insert(name.to_owned(), Some((value.clone(), node.clone(), 1)));
                }
                self.put(value, node)?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// The JSON value of a scalar; what its tag says counts more than how it is written.
fn scalar(text: &str, properties: &Properties<'_>, style: ScalarStyle, schema: Schema) -> Value {
    let is_plain = match &properties.tag {
        None => style == ScalarStyle::Plain,
        Some(tag) => matches!(tag.core_name(), Some("int" | "float" | "bool" | "null")),
    };
    if !is_plain {
        return Value::String(text.to_owned());
    }
    match resolve(text, schema) {
        Resolved::Null => Value::Null,
        Resolved::Bool(value) => Value::Bool(value),
        Resolved::Integer(Integer::Small(value)) => Value::Number(value.into()),
        Resolved::Integer(Integer::Large {
            is_negative,
            radix,
            digits,
        }) => large(is_negative, radix, digits),
        Resolved::Float(value) => {
            Number::from_f64(value).map_or_else(|| Value::String(text.to_owned()), Value::Number)
        }
        Resolved::Timestamp(_) | Resolved::Text => Value::String(text.to_owned()),
    }
}

fn large(is_negative: bool, radix: u32, digits: &str) -> Value {
    if let (false, Ok(value)) = (is_negative, u64::from_str_radix(digits, radix)) {
        return Value::Number(value.into());
    }
    let magnitude = digits
        .chars()
        .filter_map(|digit| digit.to_digit(radix))
        .fold(0.0, |sum, digit| sum * f64::from(radix) + f64::from(digit));
    let value = if is_negative { -magnitude } else { magnitude };
    Number::from_f64(value).map_or_else(|| Value::String(digits.to_owned()), Value::Number)
}
