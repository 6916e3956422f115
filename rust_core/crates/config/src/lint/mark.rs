//! Places in the text and the tokens that the rules look at.

use std::cell::Cell;

/// A byte of the text and the line it stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) at: usize,
    /// From one.
    pub(crate) line: u32,
    /// The line's first byte.
    pub(crate) line_start: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Before the first token and after the last.
    Edge,
    Directive,
    DocumentStart,
    DocumentEnd,
    Question,
    Hyphen,
    Colon,
    Comma,
    MapOpen,
    MapClose,
    SequenceOpen,
    SequenceClose,
    Anchor,
    Tag,
    Alias,
    Scalar,
}

/// Something visible, but no comment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: Mark,
    pub(crate) end: Mark,
}

impl Token {
    pub(crate) fn edge(mark: Mark) -> Self {
        Self {
            kind: Kind::Edge,
            start: mark,
            end: mark,
        }
    }
}

/// Counts characters of a line; near the last place it was asked for, so that a long line is
/// walked once.
pub(crate) struct Columns<'t> {
    text: &'t str,
    is_ascii: bool,
    last: Cell<(usize, usize, usize)>,
}

impl<'t> Columns<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            is_ascii: text.is_ascii(),
            last: Cell::new((0, 0, 0)),
        }
    }

    /// Characters before the mark in its line.
    pub(crate) fn of(&self, mark: Mark) -> usize {
        if self.is_ascii {
            mark.at - mark.line_start
        } else {
            self.count(mark)
        }
    }

    fn count(&self, mark: Mark) -> usize {
        let (line_start, at, column) = self.last.get();
        let characters = |from: usize, to: usize| self.text[from..to].chars().count();
        let column = if line_start != mark.line_start {
            characters(mark.line_start, mark.at)
        } else if at <= mark.at {
            column + characters(at, mark.at)
        } else {
            column - characters(mark.at, at)
        };
        self.last.set((mark.line_start, mark.at, column));
        column
    }
}
