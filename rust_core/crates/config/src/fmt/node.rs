//! A stream of documents with all that it has but its white space: comments, anchors, tags and the
//! way in which scalars and collections are written.

/// A comment, from its `#` on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comment<'t> {
    pub(crate) text: &'t str,
    /// An empty line stands before it.
    pub(crate) is_apart: bool,
    /// Where it stood, in bytes of its line.
    pub(crate) column: usize,
}

/// How a collection is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Block,
    /// In brackets or braces on one line.
    Line,
    /// In brackets or braces over several lines.
    Lines,
}

#[derive(Clone, Debug)]
pub(crate) struct Entry<'t> {
    pub(crate) key: Node<'t>,
    pub(crate) value: Node<'t>,
    /// `?` stands before the key.
    pub(crate) is_explicit: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Content<'t> {
    /// With its `*`.
    Alias(&'t str),
    Scalar {
        /// As it is written, indicators and quotes included.
        raw: &'t str,
        /// What it says, where that is not what is written.
        value: Option<Box<str>>,
    },
    /// After `|` or `>`.
    BlockScalar {
        /// From that on.
        raw: &'t str,
        /// Spaces that its first line of text begins with, indentation apart.
        deeper: usize,
        /// What it says, where that was asked for.
        value: Option<Box<str>>,
    },
    Sequence(Form, Vec<Node<'t>>),
    Mapping(Form, Vec<Entry<'t>>),
}

#[derive(Clone, Debug)]
pub(crate) struct Node<'t> {
    /// On lines of their own above the entry.
    pub(crate) before: Vec<Comment<'t>>,
    /// An empty line stands before the entry, behind those comments.
    pub(crate) is_apart: bool,
    /// Anchor and tag as they are written.
    pub(crate) properties: Vec<&'t str>,
    /// On the line of the indicator before a node that begins on a later one.
    pub(crate) header: Option<&'t str>,
    /// On lines of their own between the indicator and a scalar or a bracket.
    pub(crate) inner: Vec<Comment<'t>>,
    pub(crate) content: Content<'t>,
    /// Behind a collection's last entry, no less indented than that.
    pub(crate) foot: Vec<Comment<'t>>,
    /// Behind it on its line.
    pub(crate) comment: Option<&'t str>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Document<'t> {
    /// Above its directives and `---`.
    pub(crate) before: Vec<Comment<'t>>,
    pub(crate) directives: Vec<&'t str>,
    /// `---` is written.
    pub(crate) has_start: bool,
    pub(crate) root: Option<Node<'t>>,
    pub(crate) foot: Vec<Comment<'t>>,
    /// `...` is written.
    pub(crate) has_end: bool,
    /// On the line of `...`.
    pub(crate) comment: Option<&'t str>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Stream<'t> {
    pub(crate) documents: Vec<Document<'t>>,
    /// Behind the last document.
    pub(crate) foot: Vec<Comment<'t>>,
}

impl<'t> Node<'t> {
    pub(crate) fn new(content: Content<'t>) -> Self {
        Self {
            before: Vec::new(),
            is_apart: false,
            properties: Vec::new(),
            header: None,
            inner: Vec::new(),
            content,
            foot: Vec::new(),
            comment: None,
        }
    }

    /// What a scalar says.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar {
                raw, value: None, ..
            } => Some(raw),
            Content::Scalar { value, .. } | Content::BlockScalar { value, .. } => value.as_deref(),
            _ => None,
        }
    }

    /// Nothing is written for it.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.content, Content::Scalar { raw: "", .. }) && self.properties.is_empty()
    }

    /// A collection by indentation.
    pub(crate) fn is_block(&self) -> bool {
        matches!(
            self.content,
            Content::Sequence(Form::Block, _) | Content::Mapping(Form::Block, _)
        )
    }

    /// A collection in brackets.
    pub(crate) fn is_flow(&self) -> bool {
        match &self.content {
            Content::Sequence(form, _) | Content::Mapping(form, _) => *form != Form::Block,
            _ => false,
        }
    }

    /// It begins and ends on one line, and no comment makes it longer.
    pub(crate) fn is_line(&self) -> bool {
        let has_comments =
            self.header.is_some() || self.comment.is_some() || !self.inner.is_empty();
        !has_comments
            && match &self.content {
                Content::Alias(_) => true,
                Content::Scalar { raw, .. } => !raw.contains(['\n', '\r']),
                Content::BlockScalar { .. } => false,
                Content::Sequence(form, _) | Content::Mapping(form, _) => *form == Form::Line,
            }
    }
}
