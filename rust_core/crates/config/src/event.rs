//! What the parser says: events that borrow from the input, and who listens to them.

use std::borrow::Cow;

use crate::tags::Tag;

/// Byte offsets into the text that was parsed: the input after its byte order mark, or the text
/// decoded from UTF-16 or UTF-32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    pub(crate) fn empty(at: usize) -> Self {
        Self { start: at, end: at }
    }
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarStyle {
    /// Without quotes; an absent node is an empty plain scalar.
    Plain,
    /// In `'…'`.
    SingleQuoted,
    /// In `"…"`.
    DoubleQuoted,
    /// After `|`.
    Literal,
    /// After `>`.
    Folded,
}

/// How a collection was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CollectionStyle {
    /// By indentation.
    Block,
    /// In brackets or braces, or a single pair in brackets.
    Flow,
}

/// The version a `%YAML` directive names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Always 1: another one is an error.
    pub major: u32,
    /// Above 2 is read as 1.2.
    pub minor: u32,
}

/// What may stand before a node's content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Properties<'i> {
    /// The name after `&`.
    pub anchor: Option<&'i str>,
    /// The tag, its handle resolved.
    pub tag: Option<Tag<'i>>,
}

impl Properties<'_> {
    /// Neither anchor nor tag.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.anchor.is_none() && self.tag.is_none()
    }
}

/// One step of the serialisation tree, in the order of the input.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'i> {
    /// Always the first.
    StreamStart,
    /// Always the last, when there was no error.
    StreamEnd,
    /// A document begins.
    DocumentStart {
        /// `---` was written.
        explicit: bool,
        /// From `%YAML`.
        version: Option<Version>,
        /// Handle and prefix of each `%TAG`, in order.
        tags: Vec<(&'i str, &'i str)>,
    },
    /// A document ends.
    DocumentEnd {
        /// `...` was written.
        explicit: bool,
    },
    /// Keys and values follow in turn.
    MappingStart {
        /// Anchor and tag.
        properties: Properties<'i>,
        /// Block or flow.
        style: CollectionStyle,
    },
    /// Closes the innermost mapping.
    MappingEnd,
    /// Entries follow.
    SequenceStart {
        /// Anchor and tag.
        properties: Properties<'i>,
        /// Block or flow.
        style: CollectionStyle,
    },
    /// Closes the innermost sequence.
    SequenceEnd,
    /// A leaf.
    Scalar {
        /// Folded, chomped and unescaped; borrowed where the input has it as it is.
        value: Cow<'i, str>,
        /// Anchor and tag.
        properties: Properties<'i>,
        /// How it was written.
        style: ScalarStyle,
    },
    /// Another node by its anchor; the anchor is known to exist.
    Alias {
        /// The name after `*`.
        name: &'i str,
    },
}

/// Receives the events of one stream.
pub trait EventSink {
    /// What makes the sink stop the parser.
    type Error;

    /// Takes one event and the bytes it came from. A collection's start and end have the bytes of
    /// their indicators, which are none for block collections.
    ///
    /// # Errors
    /// Whatever the sink likes; parsing ends and [`parse`](crate::parse) returns it.
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Self::Error>;
}
