//! From the parser's events, and what stands between them, to a [`Stream`]. Which comment belongs
//! to what is decided here.

mod gap;

use std::borrow::Cow;
use std::convert::Infallible;
use std::hash::{BuildHasher, Hasher};

use foldhash::quality::{FixedState, FoldHasher};

use super::node::{Comment, Content, Document, Entry, Form, Node, Stream};
use super::scalar::deeper_of;
use crate::digest::hash_event;
use crate::event::{CollectionStyle, Event, EventSink, Properties, ScalarStyle, Span};

/// The same for a text and for its new form.
static STATE: FixedState = FixedState::with_seed(0);

/// What a comment on the same line is behind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Node,
    Indicator,
    Bracket,
    DocumentEnd,
}

/// What was read of the next node.
#[derive(Default)]
struct Pending<'t> {
    /// Comments above the `-` or `?`.
    before: Vec<Comment<'t>>,
    /// Comments since.
    lead: Vec<Comment<'t>>,
    /// An empty line before the `-` or `?`, when there was one of those.
    is_apart: Option<bool>,
    header: Option<&'t str>,
    properties: Vec<&'t str>,
}

enum Entries<'t> {
    Sequence(Vec<Node<'t>>),
    Mapping(Vec<Entry<'t>>),
}

struct Frame<'t> {
    node: Node<'t>,
    entries: Entries<'t>,
    style: CollectionStyle,
    start: usize,
    /// Of its entries, in bytes.
    column: usize,
    key: Option<Node<'t>>,
    /// `?` stood before the key.
    is_explicit: bool,
}

/// How far the text was looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    /// All before it.
    at: usize,
    /// No token stands on the line before that.
    is_fresh: bool,
    /// An empty line since the last token or comment.
    is_apart: bool,
}

pub(crate) struct Builder<'t> {
    text: &'t str,
    place: Place,
    after: After,
    pending: Pending<'t>,
    frames: Vec<Frame<'t>>,
    document: Document<'t>,
    in_document: bool,
    pub(crate) stream: Stream<'t>,
    /// Where the content behind a gap begins, and its column; none at the end of a document.
    ahead: Option<(usize, Option<usize>)>,
    /// White space that was walked, from one place to another.
    skipped: Option<(Place, Place)>,
    events: FoldHasher<'static>,
    comments: u64,
    /// What block scalars say is kept.
    pub(crate) keeps_texts: bool,
}

impl<'t> Builder<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            place: Place {
                at: 0,
                is_fresh: true,
                is_apart: false,
            },
            after: After::Node,
            pending: Pending::default(),
            frames: Vec::new(),
            document: Document::default(),
            in_document: false,
            stream: Stream::default(),
            ahead: None,
            skipped: None,
            events: STATE.build_hasher(),
            comments: 0,
            keeps_texts: false,
        }
    }

    /// What must stay: all events but their places, and the comments in any order.
    pub(crate) fn digest(&self) -> (u64, u64) {
        (self.events.finish(), self.comments)
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(b'\n')
    }

    /// The node that is complete.
    fn last_node(&mut self) -> Option<&mut Node<'t>> {
        let Some(frame) = self.frames.last_mut() else {
            return self.document.root.as_mut();
        };
        if frame.key.is_some() {
            return frame.key.as_mut();
        }
        match &mut frame.entries {
            Entries::Sequence(entries) => entries.last_mut(),
            Entries::Mapping(entries) => entries.last_mut().map(|entry| &mut entry.value),
        }
    }

    /// The value that is not there, below which a comment of this column may be one that was.
    fn missing_value(&mut self, column: usize) -> Option<&mut Node<'t>> {
        let frame = self.frames.last()?;
        let is_inside = frame.style == CollectionStyle::Block && column > frame.column;
        if !is_inside || frame.key.is_some() {
            return None;
        }
        self.last_node().filter(|node| node.is_empty())
    }

    fn column(&self, at: usize) -> usize {
        at - self.text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1)
    }

    /// A node of the pending comments and properties.
    fn node(&mut self, content: Content<'t>, properties: &Properties<'_>) -> Node<'t> {
        let count =
            usize::from(properties.anchor.is_some()) + usize::from(properties.tag.is_some());
        let pending = &mut self.pending;
        let mut node = Node::new(content);
        node.properties = pending
            .properties
            .drain(..count.min(pending.properties.len()))
            .collect();
        node.header = pending.header.take();
        node.before = std::mem::take(&mut pending.before);
        let is_value = match self.frames.last() {
            Some(frame) => frame.key.is_some(),
            None => true,
        };
        match pending.is_apart.take() {
            Some(is_apart) => node.is_apart = is_apart,
            None if is_value => {}
            // A key, or an entry in brackets.
            None => {
                node.before.append(&mut pending.lead);
                node.is_apart = self.place.is_apart;
            }
        }
        // A value without its `:` is nowhere: comments belong to what comes.
        let is_nowhere = is_value && self.after == After::Node && !self.frames.is_empty();
        if !(node.is_block() || is_nowhere) {
            node.inner = std::mem::take(&mut pending.lead);
        }
        self.place.is_apart &= is_nowhere;
        node
    }

    fn leaf(&mut self, content: Content<'t>, properties: &Properties<'_>, span: Span) {
        self.gap(span.start);
        let mut node = self.node(content, properties);
        if let Content::BlockScalar { raw, .. } = node.content {
            let header = raw.lines().next().unwrap_or("");
            if let Some(at) = header.find('#') {
                self.place.at = span.start + at;
                node.comment = Some(self.take_comment().text);
            }
        }
        self.complete(node, span.end);
    }

    fn complete(&mut self, node: Node<'t>, end: usize) {
        self.place.at = end;
        self.place.is_fresh = end > 0 && matches!(self.byte(end - 1), b'\n' | b'\r');
        self.after = After::Node;
        let Some(frame) = self.frames.last_mut() else {
            self.document.root = Some(node);
            return;
        };
        match &mut frame.entries {
            Entries::Sequence(entries) => entries.push(node),
            Entries::Mapping(entries) => match frame.key.take() {
                Some(key) => entries.push(Entry {
                    key,
                    value: node,
                    is_explicit: std::mem::take(&mut frame.is_explicit),
                }),
                None => frame.key = Some(node),
            },
        }
    }

    fn start(
        &mut self,
        entries: Entries<'t>,
        style: CollectionStyle,
        properties: &Properties<'_>,
        span: Span,
    ) {
        self.gap(span.start);
        let form = match style {
            CollectionStyle::Block => Form::Block,
            CollectionStyle::Flow => Form::Line,
        };
        let node = self.node(Content::Sequence(form, Vec::new()), properties);
        self.place.at = span.end;
        if style == CollectionStyle::Flow && span.end > span.start {
            self.place.is_fresh = false;
            self.after = After::Bracket;
        }
        let column = match style {
            CollectionStyle::Block => self.column(span.start),
            CollectionStyle::Flow => 0,
        };
        self.frames.push(Frame {
            node,
            entries,
            style,
            start: span.start,
            column,
            key: None,
            is_explicit: false,
        });
    }

    fn end(&mut self, span: Span) {
        let is_block = self
            .frames
            .last()
            .is_some_and(|frame| frame.style == CollectionStyle::Block);
        let mut foot = Vec::new();
        if is_block {
            self.same_line();
            self.foot(&mut foot);
        } else {
            self.gap(span.start);
            foot = std::mem::take(&mut self.pending.lead);
        }
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let is_empty = foot.is_empty()
            && match &frame.entries {
                Entries::Sequence(entries) => entries.is_empty(),
                Entries::Mapping(entries) => entries.is_empty(),
            };
        let form = if is_block {
            Form::Block
        } else if is_empty {
            Form::Line
        } else if self.text[frame.start..span.end].contains(['\n', '\r']) {
            Form::Lines
        } else {
            Form::Line
        };
        let mut node = frame.node;
        node.foot = foot;
        node.content = match frame.entries {
            Entries::Sequence(entries) => Content::Sequence(form, entries),
            Entries::Mapping(entries) => Content::Mapping(form, entries),
        };
        let place = self.place;
        self.complete(node, span.end);
        if is_block {
            // What stands behind its last entry was not looked at.
            self.place = place;
        }
    }

    fn document_end(&mut self, explicit: bool, span: Span) {
        self.same_line();
        self.gap(span.start);
        self.document.foot.append(&mut self.pending.lead);
        if explicit {
            self.place.at = span.end;
            self.document.has_end = true;
            self.place.is_fresh = false;
            self.after = After::DocumentEnd;
            self.same_line();
        }
        self.place.is_apart = false;
        self.in_document = false;
        self.pending = Pending::default();
        self.stream
            .documents
            .push(std::mem::take(&mut self.document));
    }
}

impl EventSink for Builder<'_> {
    type Error = Infallible;

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Infallible> {
        hash_event(&event, &mut self.events);
        match event {
            Event::StreamStart => {}
            Event::StreamEnd => {
                self.gap(span.start);
                self.stream.foot = std::mem::take(&mut self.pending.lead);
            }
            Event::DocumentStart { explicit, .. } => {
                self.gap(span.start);
                self.in_document = true;
                self.document.has_start = explicit;
                if explicit {
                    self.document.before = std::mem::take(&mut self.pending.lead);
                    self.place.at = span.end;
                    self.place.is_fresh = false;
                    self.place.is_apart = false;
                    self.after = After::Indicator;
                }
            }
            Event::DocumentEnd { explicit } => self.document_end(explicit, span),
            Event::MappingStart { properties, style } => {
                self.start(Entries::Mapping(Vec::new()), style, &properties, span);
            }
            Event::SequenceStart { properties, style } => {
                self.start(Entries::Sequence(Vec::new()), style, &properties, span);
            }
            Event::MappingEnd | Event::SequenceEnd => self.end(span),
            Event::Scalar {
                value,
                properties,
                style,
            } => {
                let raw = &self.text[span.start..span.end];
                let content = match (style, value) {
                    (ScalarStyle::Literal | ScalarStyle::Folded, value) => {
                        let deeper = deeper_of(&value);
                        let value = self.keeps_texts.then(|| value.into());
                        Content::BlockScalar { raw, deeper, value }
                    }
                    (_, Cow::Borrowed(value)) if value == raw => {
                        Content::Scalar { raw, value: None }
                    }
                    (_, value) => {
                        let value = Some(value.into());
                        Content::Scalar { raw, value }
                    }
                };
                self.leaf(content, &properties, span);
            }
            Event::Alias { .. } => {
                let raw = &self.text[span.start..span.end];
                self.leaf(Content::Alias(raw), &Properties::default(), span);
            }
        }
        Ok(())
    }
}
