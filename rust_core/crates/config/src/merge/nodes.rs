//! One node over another.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use super::{Lists, Nulls, Strategy};
use crate::fmt::node::{Content, Entry, Form, Node};
use crate::fmt::print::line_of;
use crate::plain_text::push_quoted;
use crate::resolve::{Integer, Resolved, Schema, resolve};

/// What tells entries of a list apart, the first that all of them have.
const NAMES: [&str; 3] = ["name", "id", "key"];

pub(super) struct Merger {
    pub(super) strategy: Strategy,
    /// The base still has anchors and aliases.
    pub(super) has_aliases: bool,
}

impl Merger {
    /// Merges into the base; false when an alias or what it stands for is in the way.
    pub(super) fn merge<'t>(&self, base: &mut Node<'t>, over: Node<'t>) -> bool {
        if self.is_shared(base) {
            return false;
        }
        if base.is_flow() && over.is_block() {
            blockify(base);
        }
        match (&mut base.content, over.content) {
            (Content::Mapping(_, entries), Content::Mapping(form, new)) => {
                let is_empty = entries.is_empty();
                if !self.merge_mappings(entries, new) {
                    return false;
                }
                base.foot.extend(over.foot);
                settle(base, is_empty.then_some(form));
            }
            (Content::Sequence(_, entries), Content::Sequence(form, new))
                if self.strategy.lists != Lists::Replace =>
            {
                let is_empty = entries.is_empty();
                match self.merge_sequences(entries, new) {
                    Merged::Yes => {}
                    Merged::No => return false,
                    Merged::Replaced(new) => {
                        if entries.iter().any(|entry| self.has_shared(entry)) {
                            return false;
                        }
                        *entries = new;
                    }
                }
                base.foot.extend(over.foot);
                settle(base, is_empty.then_some(form));
            }
            (_, content) => {
                if self.has_shared(base) {
                    return false;
                }
                let mut over = Node { content, ..over };
                self.drop_nulls(&mut over);
                let comment = over.comment.or(base.comment.take());
                base.properties = over.properties;
                base.content = over.content;
                base.foot = over.foot;
                base.header = over.header.or(base.header.take());
                base.inner.extend(over.inner);
                // Behind the indicator of a block, where a comment of a line can stand.
                if base.is_block() {
                    base.header = base.header.or(comment);
                    base.comment = None;
                } else {
                    base.comment = comment;
                }
            }
        }
        true
    }

    fn is_shared(&self, node: &Node<'_>) -> bool {
        self.has_aliases
            && (matches!(node.content, Content::Alias(_))
                || node.properties.iter().any(|word| word.starts_with('&')))
    }

    /// Whether the node, or one in it, has an anchor.
    fn has_shared(&self, node: &Node<'_>) -> bool {
        self.has_aliases
            && (node.properties.iter().any(|word| word.starts_with('&'))
                || match &node.content {
                    Content::Sequence(_, entries) => entries.iter().any(|n| self.has_shared(n)),
                    Content::Mapping(_, entries) => entries
                        .iter()
                        .any(|entry| self.has_shared(&entry.key) || self.has_shared(&entry.value)),
                    _ => false,
                })
    }

    fn merge_mappings<'t>(&self, base: &mut Vec<Entry<'t>>, new: Vec<Entry<'t>>) -> bool {
        let known: HashMap<String, usize> = base
            .iter()
            .enumerate()
            .filter_map(|(number, entry)| Some((key_of(&entry.key)?, number)))
            .collect();
        let mut gone = HashSet::new();
        for entry in new {
            let place = key_of(&entry.key).and_then(|key| known.get(&key).copied());
            if self.strategy.nulls == Nulls::Delete && is_null(&entry.value) {
                if let Some(place) = place {
                    if self.has_shared(&base[place].value) || self.has_shared(&base[place].key) {
                        return false;
                    }
                    gone.insert(place);
                }
                continue;
            }
            match place {
                Some(place) if !self.merge(&mut base[place].value, entry.value.clone()) => {
                    return false;
                }
                Some(_) => {}
                None => {
                    let mut entry = entry;
                    self.drop_nulls(&mut entry.value);
                    base.push(entry);
                }
            }
        }
        let mut number = 0;
        base.retain(|_| {
            number += 1;
            !gone.contains(&(number - 1))
        });
        true
    }

    /// RFC 7396: what is new has no nulls either.
    fn drop_nulls(&self, node: &mut Node<'_>) {
        if self.strategy.nulls == Nulls::Delete {
            drop_nulls(node);
        }
    }

    fn merge_sequences<'t>(&self, base: &mut Vec<Node<'t>>, new: Vec<Node<'t>>) -> Merged<'t> {
        match self.strategy.lists {
            Lists::Replace => return Merged::Replaced(new),
            Lists::Append => base.extend(new),
            Lists::Union => {
                let mut known: HashSet<String> = base.iter().map(canonical).collect();
                base.extend(
                    new.into_iter()
                        .filter(|entry| known.insert(canonical(entry))),
                );
            }
            Lists::Match => {
                let Some(name) = name_of(base, &new) else {
                    return Merged::Replaced(new);
                };
                let of = |entry: &Node<'t>| find(entry, name).map(canonical);
                let known: HashMap<String, usize> = base
                    .iter()
                    .enumerate()
                    .filter_map(|(number, entry)| Some((of(entry)?, number)))
                    .collect();
                for entry in new {
                    match of(&entry).and_then(|name| known.get(&name).copied()) {
                        Some(place) if !self.merge(&mut base[place], entry.clone()) => {
                            return Merged::No;
                        }
                        Some(_) => {}
                        None => base.push(entry),
                    }
                }
            }
        }
        Merged::Yes
    }
}

enum Merged<'t> {
    Yes,
    No,
    Replaced(Vec<Node<'t>>),
}

/// The form of a collection with other entries than before: its own, or the overlay's when it was
/// empty.
fn settle(node: &mut Node<'_>, other: Option<Form>) {
    let has_foot = !node.foot.is_empty();
    let (form, is_empty, is_line) = match &mut node.content {
        Content::Sequence(form, entries) => {
            let is_line = entries
                .iter()
                .all(|entry| entry.is_line() && entry.before.is_empty());
            (form, entries.is_empty(), is_line)
        }
        Content::Mapping(form, entries) => {
            let is_line = entries.iter().all(|Entry { key, value, .. }| {
                key.is_line() && key.before.is_empty() && value.is_line()
            });
            (form, entries.is_empty(), is_line)
        }
        _ => return,
    };
    *form = match other.unwrap_or(*form) {
        _ if is_empty && has_foot => Form::Lines,
        _ if is_empty => Form::Line,
        Form::Line if !is_line || has_foot => Form::Lines,
        form => form,
    };
}

/// Makes blocks of what stands in brackets.
pub(super) fn blockify(node: &mut Node<'_>) {
    match &mut node.content {
        Content::Sequence(form, entries) if !entries.is_empty() => {
            *form = Form::Block;
            entries.iter_mut().for_each(blockify);
        }
        Content::Mapping(form, entries) if !entries.is_empty() => {
            *form = Form::Block;
            for Entry { value, .. } in entries {
                blockify(value);
            }
        }
        _ => return,
    }
    // A comment behind the closing bracket.
    if let Some(comment) = node.comment.take() {
        node.header = node.header.or(Some(comment));
    }
}

/// What keys are compared by; none for what has no form of one line.
fn key_of(key: &Node<'_>) -> Option<String> {
    let has_tag = key.properties.iter().any(|word| word.starts_with('!'));
    if let Content::Scalar { raw, value: None } = key.content
        && !has_tag
        && !matches!(resolve(raw, Schema::Core), Resolved::Text)
    {
        // `04` is the key `4`.
        let mut out = String::new();
        plain(&mut out, raw);
        return Some(out);
    }
    match key.text() {
        Some(text) => Some(text.to_owned()),
        None => key.is_line().then(|| line_of(key)),
    }
}

fn is_null(node: &Node<'_>) -> bool {
    let Content::Scalar { raw, .. } = node.content else {
        return false;
    };
    let has_tag = node.properties.iter().any(|word| word.starts_with('!'));
    !has_tag && matches!(resolve(raw, Schema::Core), Resolved::Null)
}

fn drop_nulls(node: &mut Node<'_>) {
    if let Content::Mapping(_, entries) = &mut node.content {
        entries.retain(|entry| !is_null(&entry.value));
        for entry in entries {
            drop_nulls(&mut entry.value);
        }
        settle(node, None);
    }
}

fn find<'n, 't>(node: &'n Node<'t>, name: &str) -> Option<&'n Node<'t>> {
    match &node.content {
        Content::Mapping(_, entries) => entries
            .iter()
            .find(|entry| entry.key.text() == Some(name))
            .map(|entry| &entry.value),
        _ => None,
    }
}

/// The key whose scalars tell the entries of both lists apart.
fn name_of(base: &[Node<'_>], new: &[Node<'_>]) -> Option<&'static str> {
    NAMES.into_iter().find(|name| {
        [base, new].into_iter().all(|entries| {
            let mut seen = HashSet::new();
            entries.iter().all(|entry| {
                find(entry, name)
                    .filter(|value| value.text().is_some())
                    .is_some_and(|value| seen.insert(canonical(value)))
            })
        })
    })
}

/// Group, kind, namespace and name of a Kubernetes document.
pub(super) fn identity(root: &Node<'_>) -> Option<String> {
    let kind = find(root, "kind")?.text()?;
    let metadata = find(root, "metadata")?;
    let name = find(metadata, "name")?.text()?;
    let namespace = find(metadata, "namespace").and_then(Node::text);
    let version = find(root, "apiVersion")?.text()?;
    let group = version.rsplit_once('/').map_or("", |(group, _)| group);
    Some(format!("{group}/{kind}/{}/{name}", namespace.unwrap_or("")))
}

/// The value of a node, the same for all ways to write it.
fn canonical(node: &Node<'_>) -> String {
    let tag = node.properties.iter().find(|word| word.starts_with('!'));
    let mut out = tag.map(|tag| format!("{tag} ")).unwrap_or_default();
    match &node.content {
        Content::Alias(name) => out.push_str(name),
        Content::Scalar { raw, value: None } => plain(&mut out, raw),
        // A plain scalar of several lines is text.
        Content::Scalar { .. } | Content::BlockScalar { .. } => {
            push_quoted(&mut out, node.text().unwrap_or(""));
        }
        Content::Sequence(_, entries) => {
            let entries: Vec<String> = entries.iter().map(canonical).collect();
            // A String takes everything.
            let _ = write!(out, "[{}]", entries.join(","));
        }
        Content::Mapping(_, entries) => {
            let pairs = entries.iter();
            let pair = |entry: &Entry<'_>| {
                format!("{}:{}", canonical(&entry.key), canonical(&entry.value))
            };
            let mut pairs: Vec<String> = pairs.map(pair).collect();
            pairs.sort_unstable();
            let _ = write!(out, "{{{}}}", pairs.join(","));
        }
    }
    out
}

fn plain(out: &mut String, raw: &str) {
    match resolve(raw, Schema::Core) {
        Resolved::Null => out.push_str("null"),
        Resolved::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        Resolved::Integer(Integer::Small(value)) => {
            let _ = write!(out, "{value}");
        }
        Resolved::Float(value) => {
            let _ = write!(out, "{value:?}");
        }
        Resolved::Integer(Integer::Large { .. }) => out.push_str(raw),
        _ => push_quoted(out, raw),
    }
}
