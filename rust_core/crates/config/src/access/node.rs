//! A node of a document as far as paths need it: what it is, where it stands, what it is named.

use crate::{CollectionStyle, Event, Properties, ScalarStyle, Span};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Keys and values.
    Mapping(CollectionStyle),
    /// Entries.
    Sequence(CollectionStyle),
    /// A leaf.
    Scalar(ScalarStyle),
    /// Another node by its anchor.
    Alias,
}

impl Kind {
    /// Whether it stands in brackets or braces.
    #[must_use]
    pub fn is_flow(self) -> bool {
        matches!(
            self,
            Self::Mapping(CollectionStyle::Flow) | Self::Sequence(CollectionStyle::Flow)
        )
    }

    /// Whether it is text after `|` or `>`.
    pub(crate) fn is_block_text(self) -> bool {
        matches!(
            self,
            Self::Scalar(ScalarStyle::Literal | ScalarStyle::Folded)
        )
    }

    /// Whether it is a mapping or a sequence.
    #[must_use]
    pub fn is_collection(self) -> bool {
        matches!(self, Self::Mapping(_) | Self::Sequence(_))
    }
}

/// The node that a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// From its first byte behind its properties to behind its last leaf or bracket.
    pub span: Span,
    /// A scalar's text; an alias's name.
    pub text: String,
    /// After `&`.
    pub anchor: Option<String>,
    /// Resolved.
    pub tag: Option<String>,
    /// The number of its first event in the document, the root's being 0.
    pub ordinal: usize,
    /// How many events it is.
    pub events: usize,
    /// A node inside it has an anchor.
    pub has_inner_anchors: bool,
    /// There is an alias inside it.
    pub has_aliases: bool,
}

pub(super) fn kind_of(event: &Event<'_>) -> Kind {
    match event {
        Event::MappingStart { style, .. } => Kind::Mapping(*style),
        Event::SequenceStart { style, .. } => Kind::Sequence(*style),
        Event::Scalar { style, .. } => Kind::Scalar(*style),
        _ => Kind::Alias,
    }
}

pub(super) fn node_of(event: &Event<'_>, span: Span, ordinal: usize) -> Node {
    let (properties, text) = match event {
        Event::MappingStart { properties, .. } | Event::SequenceStart { properties, .. } => {
            (*properties, "")
        }
        Event::Scalar {
            properties, value, ..
        } => (*properties, value.as_ref()),
        Event::Alias { name } => (Properties::default(), *name),
        _ => (Properties::default(), ""),
    };
    Node {
        kind: kind_of(event),
        span,
        text: text.to_owned(),
        anchor: properties.anchor.map(ToOwned::to_owned),
        tag: properties.tag.map(|tag| tag.resolved().into_owned()),
        ordinal,
        events: 1,
        has_inner_anchors: false,
        has_aliases: false,
    }
}
