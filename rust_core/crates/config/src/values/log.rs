//! Tokens kept for later, in one list and one text: of anchored nodes, and of documents that are
//! written only when they are known whole.

use super::{Scalar, Special, Token};

/// A part of the log's text.
#[derive(Clone, Copy, Debug)]
struct Part {
    start: usize,
    end: usize,
}

#[derive(Clone, Copy, Debug)]
enum Leaf {
    Null,
    Bool(bool),
    Integer(Part),
    Float(Part),
    Special(Special),
    Text(Part),
    Time(Part),
}

#[derive(Clone, Copy, Debug)]
enum Kept {
    MappingStart,
    MappingEnd,
    SequenceStart,
    SequenceEnd,
    Key(Leaf),
    Value(Leaf),
    /// What stands here is no part of the node around it.
    Aside,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    kept: Kept,
    at: usize,
    /// Where the node, or what is aside, has ended.
    end: usize,
}

/// A token of the log.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Entry<'l> {
    Token(Token<'l>),
    Aside,
}

#[derive(Default)]
pub(crate) struct Log {
    rows: Vec<Row>,
    text: String,
    /// Starts whose ends are to come.
    open: Vec<usize>,
}

impl Log {
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.text.clear();
        self.open.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn get(&self, index: usize) -> Entry<'_> {
        Entry::Token(match self.rows[index].kept {
            Kept::MappingStart => Token::MappingStart,
            Kept::MappingEnd => Token::MappingEnd,
            Kept::SequenceStart => Token::SequenceStart,
            Kept::SequenceEnd => Token::SequenceEnd,
            Kept::Value(leaf) => Token::Value(self.scalar(leaf)),
            Kept::Key(leaf) => Token::Key(self.scalar(leaf)),
            Kept::Aside => return Entry::Aside,
        })
    }

    pub(crate) fn at(&self, index: usize) -> usize {
        self.rows[index].at
    }

    /// The row behind the node that begins here.
    pub(crate) fn end(&self, index: usize) -> usize {
        self.rows[index].end
    }

    pub(crate) fn push(&mut self, token: Token<'_>, at: usize) {
        let kept = match token {
            Token::MappingStart => Kept::MappingStart,
            Token::MappingEnd => Kept::MappingEnd,
            Token::SequenceStart => Kept::SequenceStart,
            Token::SequenceEnd => Kept::SequenceEnd,
            Token::Value(value) => Kept::Value(self.leaf(value)),
            Token::Key(value) => Kept::Key(self.leaf(value)),
        };
        self.row(kept, at);
    }

    /// Adds the token of a row once more.
    pub(crate) fn repeat(&mut self, index: usize) {
        let Row { kept, at, .. } = self.rows[index];
        self.row(kept, at);
    }

    pub(crate) fn start_aside(&mut self, at: usize) {
        self.row(Kept::Aside, at);
    }

    /// The first row of what is aside.
    pub(crate) fn end_aside(&mut self) -> usize {
        let start = self.open.pop().unwrap_or(0);
        self.rows[start].end = self.rows.len();
        start + 1
    }

    fn row(&mut self, kept: Kept, at: usize) {
        let index = self.rows.len();
        let end = index + 1;
        self.rows.push(Row { kept, at, end });
        match kept {
            Kept::MappingStart | Kept::SequenceStart | Kept::Aside => self.open.push(index),
            Kept::MappingEnd | Kept::SequenceEnd => {
                if let Some(start) = self.open.pop() {
                    self.rows[start].end = end;
                }
            }
            Kept::Key(_) | Kept::Value(_) => {}
        }
    }

    fn keep(&mut self, text: &str) -> Part {
        let start = self.text.len();
        self.text.push_str(text);
        let end = self.text.len();
        Part { start, end }
    }

    fn part(&self, part: Part) -> &str {
        &self.text[part.start..part.end]
    }

    fn leaf(&mut self, value: Scalar<'_>) -> Leaf {
        match value {
            Scalar::Null => Leaf::Null,
            Scalar::Bool(value) => Leaf::Bool(value),
            Scalar::Special(value) => Leaf::Special(value),
            Scalar::Integer(text) => Leaf::Integer(self.keep(text)),
            Scalar::Float(text) => Leaf::Float(self.keep(text)),
            Scalar::Text(text) => Leaf::Text(self.keep(text)),
            Scalar::Time(text) => Leaf::Time(self.keep(text)),
        }
    }

    fn scalar(&self, leaf: Leaf) -> Scalar<'_> {
        match leaf {
            Leaf::Null => Scalar::Null,
            Leaf::Bool(value) => Scalar::Bool(value),
            Leaf::Special(value) => Scalar::Special(value),
            Leaf::Integer(part) => Scalar::Integer(self.part(part)),
            Leaf::Float(part) => Scalar::Float(self.part(part)),
            Leaf::Text(part) => Scalar::Text(self.part(part)),
            Leaf::Time(part) => Scalar::Time(self.part(part)),
        }
    }
}
