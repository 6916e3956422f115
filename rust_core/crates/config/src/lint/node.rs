//! A small tree with places, for configuration files: made by this crate's own parser.

use std::borrow::Cow;
use std::collections::HashMap;
use std::convert::Infallible;

use super::configuration::ConfigurationError;
use crate::error::{ParseError, Position};
use crate::event::{Event, EventSink, ScalarStyle, Span};
use crate::limits::Limits;
use crate::source::Source;

/// Collections in a configuration; the deepest that means something is four.
const DEPTH: usize = 32;
/// Nodes that aliases may make it grow to.
const NODES: usize = 10_000;

#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Its text, and whether it is plain: only then can it be something else than text.
    Scalar(String, bool),
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) content: Content,
    pub(crate) offset: usize,
}

impl Node {
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        match &self.content {
            Content::Mapping(entries) => entries
                .iter()
                .find(|(key, _)| key.text() == Some(name))
                .map(|(_, value)| value),
            _ => None,
        }
    }
}

#[derive(Default)]
struct Builder {
    /// With the anchor, and the number of nodes before it.
    open: Vec<(Node, Option<String>, usize)>,
    /// With the number of nodes in each.
    anchors: HashMap<String, (Node, usize)>,
    root: Option<Node>,
    /// Aliases copy what they stand for, so that is bounded.
    nodes: usize,
}

impl Builder {
    fn add(&mut self, node: Node, anchor: Option<&str>, size: usize) {
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor.to_owned(), (node.clone(), size));
        }
        match self.open.last_mut() {
            None => {
                self.root.get_or_insert(node);
            }
            Some((parent, ..)) => match &mut parent.content {
                Content::Sequence(items) => items.push(node),
                Content::Mapping(entries) => match entries.last_mut() {
                    Some((_, value)) if matches!(&value.content, Content::Scalar(text, _) if text == PENDING) =>
                    {
                        *value = node;
                    }
                    _ => {
                        let offset = node.offset;
                        let value = Node {
                            content: Content::Scalar(PENDING.to_owned(), false),
                            offset,
                        };
                        entries.push((node, value));
                    }
                },
                Content::Scalar(..) => {}
            },
        }
    }

    fn start(&mut self, content: Content, anchor: Option<&str>, at: usize) {
        let node = Node {
            content,
            offset: at,
        };
        self.nodes += 1;
        let anchor = anchor.map(str::to_owned);
        self.open.push((node, anchor, self.nodes - 1));
    }
}

/// In the place of a value that is still to come; no YAML text has the character.
const PENDING: &str = "\0";

impl EventSink for Builder {
    type Error = Infallible;

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Infallible> {
        match event {
            Event::Scalar {
                value,
                properties,
                style,
            } => {
                let is_plain = style == ScalarStyle::Plain && properties.tag.is_none();
                let content = Content::Scalar(Cow::into_owned(value), is_plain);
                let offset = span.start;
                self.nodes += 1;
                self.add(Node { content, offset }, properties.anchor, 1);
            }
            Event::MappingStart { properties, .. } => {
                self.start(Content::Mapping(Vec::new()), properties.anchor, span.start);
            }
            Event::SequenceStart { properties, .. } => {
                self.start(Content::Sequence(Vec::new()), properties.anchor, span.start);
            }
            Event::MappingEnd | Event::SequenceEnd => {
                if let Some((node, anchor, before)) = self.open.pop() {
                    self.add(node, anchor.as_deref(), self.nodes - before);
                }
            }
            Event::Alias { name } => {
                let known = self.anchors.get(name);
                let (content, size) = match known {
                    Some((node, size)) if self.nodes + size <= NODES => {
                        (node.content.clone(), *size)
                    }
                    _ => (Content::Scalar(String::new(), true), 1),
                };
                self.nodes += size;
                let offset = span.start;
                self.add(Node { content, offset }, None, size);
            }
            _ => {}
        }
        Ok(())
    }
}

/// Reads the first document of a configuration.
pub(crate) fn read(text: &str, path: &str) -> Result<Option<Node>, ConfigurationError> {
    let limits = Limits::default()
        .with_depth(DEPTH)
        .with_input_bytes(16 << 20);
    let syntax = |position: Position, problem: String| ConfigurationError {
        path: path.to_owned(),
        line: position.line,
        column: position.column,
        problem,
    };
    let mut builder = Builder::default();
    let source = Source::of_text(text, &limits)
        .map_err(|error| syntax(error.position, error.kind.to_string()))?;
    match source.parse(&limits, &mut builder) {
        Ok(()) => Ok(builder.root),
        Err(ParseError::Syntax(error)) => Err(syntax(error.position, error.kind.to_string())),
        Err(ParseError::Sink(never)) => match never {},
    }
}
