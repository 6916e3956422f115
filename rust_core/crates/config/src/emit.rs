//! YAML text from nodes, in one style: blocks, two spaces, sequences indented in mappings, texts
//! as plain as every reader allows, texts of several lines as literal blocks.

use crate::plain_text::{Context, is_plain, needs_escape, push_quoted};

const INDENT: usize = 2;
/// The longest key without `? ` (specification 8.2.2), in bytes to be sure.
const KEY_BYTES: usize = 1024;

/// A kind of collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collection {
    /// Entries, each with `- `.
    Sequence,
    /// Keys and values in turn.
    Mapping,
}

struct Level {
    kind: Collection,
    indent: usize,
    /// The first entry stands on the line of the `- ` before.
    is_compact: bool,
    /// A key was written and its value is to come.
    has_key: bool,
}

/// Writes one document after another; the caller gives nodes in order. In a mapping a key is a
/// scalar, or a text in flow style by [`flow_key`](Self::flow_key).
#[derive(Default)]
pub struct Emitter {
    out: String,
    levels: Vec<Level>,
}

impl Emitter {
    /// Begins a document with `---`.
    pub fn start_document(&mut self) {
        self.out.push_str("---\n");
    }

    /// The text so far.
    #[must_use]
    pub fn into_text(self) -> String {
        self.out
    }

    /// Bytes so far.
    #[must_use]
    pub fn written(&self) -> usize {
        self.out.len()
    }

    /// A text: plain, quoted or as a literal block, whichever keeps it.
    pub fn text(&mut self, text: &str, tag: &str) {
        let is_key = self.is_key();
        if !is_key && is_literal(text) {
            self.before_value(tag);
            self.literal(text);
        } else if is_plain(text, Context::Block) {
            self.scalar(text, tag);
        } else {
            let mut quoted = String::with_capacity(text.len() + 2);
            push_quoted(&mut quoted, text);
            self.scalar(&quoted, tag);
        }
    }

    /// A scalar that is written as it is: a number, `null`, text in quotes.
    pub fn scalar(&mut self, written: &str, tag: &str) {
        if self.is_key() {
            self.key(written, tag, written.len() > KEY_BYTES);
        } else {
            self.before_value(tag);
            self.push_spaced(written);
            self.out.push('\n');
        }
    }

    /// A collection as a key, in flow style.
    pub fn flow_key(&mut self, written: &str) {
        self.key(written, "", true);
    }

    /// A collection begins; an empty one is complete with it.
    pub fn start(&mut self, kind: Collection, is_empty: bool, tag: &str) {
        if is_empty {
            let brackets = match kind {
                Collection::Sequence => "[]",
                Collection::Mapping => "{}",
            };
            self.scalar(brackets, tag);
            return;
        }
        let parent = self.levels.last().map(|level| (level.kind, level.indent));
        self.before_value(tag);
        let is_compact = tag.is_empty() && matches!(parent, Some((Collection::Sequence, _)));
        if !is_compact && parent.is_some() || !tag.is_empty() {
            self.out.push('\n');
        }
        self.levels.push(Level {
            kind,
            indent: parent.map_or(0, |(_, indent)| indent + INDENT),
            is_compact,
            has_key: false,
        });
    }

    /// The innermost collection, which is not empty, ends.
    pub fn end(&mut self) {
        self.levels.pop();
    }

    fn is_key(&self) -> bool {
        self.levels
            .last()
            .is_some_and(|level| level.kind == Collection::Mapping && !level.has_key)
    }

    /// The indentation of a line, unless the line has begun.
    fn begin_line(&mut self) {
        if let Some(level) = self.levels.last_mut()
            && !std::mem::take(&mut level.is_compact)
        {
            let indent = level.indent;
            self.out.extend(std::iter::repeat_n(' ', indent));
        }
    }

    fn key(&mut self, written: &str, tag: &str, is_explicit: bool) {
        self.begin_line();
        if is_explicit {
            self.out.push_str("? ");
        }
        if !tag.is_empty() {
            self.out.push_str(tag);
            self.out.push(' ');
        }
        self.out.push_str(written);
        if is_explicit {
            self.out.push('\n');
            self.begin_line();
        }
        self.out.push(':');
        if let Some(level) = self.levels.last_mut() {
            level.has_key = true;
        }
    }

    /// The `- ` of an entry, and a tag.
    fn before_value(&mut self, tag: &str) {
        match self.levels.last_mut() {
            Some(level) if level.kind == Collection::Mapping => level.has_key = false,
            Some(_) => {
                self.begin_line();
                self.out.push_str("- ");
            }
            None => {}
        }
        if !tag.is_empty() {
            self.push_spaced(tag);
        }
    }

    /// After a `:` or a tag comes a space.
    fn push_spaced(&mut self, written: &str) {
        if !(self.out.is_empty() || self.out.ends_with([' ', '\n'])) {
            self.out.push(' ');
        }
        self.out.push_str(written);
    }

    fn literal(&mut self, text: &str) {
        let indent = self.levels.last().map_or(0, |level| level.indent) + INDENT;
        let body = text.trim_end_matches('\n');
        let first = text.trim_start_matches('\n');
        let mut header = String::from("|");
        if first.starts_with(' ') {
            header.push('2');
        }
        match text.len() - body.len() {
            0 => header.push('-'),
            1 => {}
            _ => header.push('+'),
        }
        self.push_spaced(&header);
        self.out.push('\n');
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if !line.is_empty() {
                self.out.extend(std::iter::repeat_n(' ', indent));
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }
}

/// Whether a text of several lines can be a literal block, and be read as one by people.
pub(crate) fn is_literal(text: &str) -> bool {
    let has_breaks = text.contains('\n') && !text.bytes().all(|byte| byte == b'\n');
    has_breaks
        && text
            .chars()
            .all(|character| matches!(character, '\n' | '\t') || !needs_escape(character))
        // A line of spaces alone is lost to the eye, and to editors.
        && text
            .split('\n')
            .all(|line| line.is_empty() || !line.trim_matches([' ', '\t']).is_empty())
}
