//! Aliases as copies of what they stand for, within limits.

use std::collections::HashMap;

use super::Excess;
use super::nodes::blockify;
use crate::fmt::node::{Content, Document, Entry, Form, Node};
use crate::limits::Limits;

const MOST_NODES: usize = 1_000_000;

/// A copy, its nodes and its collections in one another.
struct Known<'t> {
    node: Node<'t>,
    nodes: usize,
    depth: usize,
}

struct Expansion<'t> {
    known: HashMap<String, Known<'t>>,
    depth_limit: usize,
    copied: usize,
    /// A block came to stand in brackets.
    is_misplaced: bool,
}

/// Puts a copy in the place of each alias, and takes the anchors off.
pub(super) fn expand(document: &mut Document<'_>, limits: &Limits) -> Result<(), Excess> {
    let Some(root) = &mut document.root else {
        return Ok(());
    };
    let mut expansion = Expansion {
        known: HashMap::new(),
        depth_limit: limits.depth,
        copied: 0,
        is_misplaced: false,
    };
    expansion.node(root, false, 0)?;
    if expansion.is_misplaced {
        blockify(root);
    }
    Ok(())
}

impl<'t> Expansion<'t> {
    /// The nodes of a node and its depth, after aliases in it were replaced.
    fn node(
        &mut self,
        node: &mut Node<'t>,
        in_flow: bool,
        depth: usize,
    ) -> Result<(usize, usize), Excess> {
        if let Content::Alias(name) = node.content {
            return self.alias(node, &name[1..], in_flow, depth);
        }
        let anchor = node
            .properties
            .iter()
            .position(|word| word.starts_with('&'));
        let anchor = anchor.map(|at| node.properties.remove(at));
        let (mut nodes, mut inner) = (1, 0);
        let mut add = |(count, depth): (usize, usize)| {
            nodes += count;
            inner = inner.max(depth + 1);
        };
        match &mut node.content {
            Content::Sequence(form, entries) => {
                let in_flow = *form != Form::Block;
                for entry in entries {
                    add(self.node(entry, in_flow, depth + 1)?);
                }
            }
            Content::Mapping(form, entries) => {
                let in_flow = *form != Form::Block;
                for Entry { key, value, .. } in entries {
                    add(self.node(key, in_flow, depth + 1)?);
                    add(self.node(value, in_flow, depth + 1)?);
                }
            }
            _ => {}
        }
        if let Some(name) = anchor {
            let mut copy = node.clone();
            copy.before.clear();
            copy.inner.clear();
            copy.is_apart = false;
            copy.header = None;
            copy.comment = None;
            self.count(nodes)?;
            let known = Known {
                node: copy,
                nodes,
                depth: inner,
            };
            self.known.insert(name[1..].to_owned(), known);
            spell_nothing(node, in_flow);
        }
        Ok((nodes, inner))
    }

    fn alias(
        &mut self,
        node: &mut Node<'t>,
        name: &str,
        in_flow: bool,
        depth: usize,
    ) -> Result<(usize, usize), Excess> {
        let Some(known) = self.known.get(name) else {
            // Within what it names; the check of the result tells.
            return Ok((1, 0));
        };
        let (nodes, inner) = (known.nodes, known.depth);
        if depth + inner > self.depth_limit {
            return Err(Excess {
                limit: self.depth_limit,
                things: "collections in one another",
                name: "depth",
            });
        }
        let copy = known.node.clone();
        node.content = copy.content;
        node.properties = copy.properties;
        node.foot = copy.foot;
        spell_nothing(node, in_flow);
        let is_block = node.is_block() || matches!(node.content, Content::BlockScalar { .. });
        self.is_misplaced |= in_flow && is_block;
        self.count(nodes)?;
        Ok((nodes, inner))
    }

    fn count(&mut self, nodes: usize) -> Result<(), Excess> {
        self.copied = self.copied.saturating_add(nodes);
        if self.copied > MOST_NODES {
            return Err(Excess {
                limit: MOST_NODES,
                things: "nodes",
                name: "alias_nodes",
            });
        }
        Ok(())
    }
}

/// An entry of which nothing is left to write would be none in brackets.
fn spell_nothing(node: &mut Node<'_>, in_flow: bool) {
    if in_flow
        && node.properties.is_empty()
        && let Content::Scalar { raw, .. } = &mut node.content
        && raw.is_empty()
    {
        *raw = "null";
    }
}
