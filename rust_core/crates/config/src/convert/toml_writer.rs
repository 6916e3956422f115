//! TOML text from a document: what stands in which table, with the order of keys kept.
//!
//! A table that nothing but tables follow has a header of its own. One that stands before a plain
//! value is written in its place, its keys with dots: behind a header the value would be another's.

use super::request::Nulls;
use super::toml_value::{children, is_null, push_key, push_value};
use crate::values::{Entry, Log, Stop, Token};

/// Longer paths of headers and dotted keys are not repeated for each table: text that is read in
/// little would be written in much.
const PATH_BYTES: usize = 256;

/// What is open, and where its next key or entry stands.
struct Open {
    kind: Kind,
    next: usize,
    /// The row of its end.
    last: usize,
    /// From here on there are only tables, which get headers.
    sections_from: usize,
    /// Of the header, or of the dotted keys.
    path_bytes: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Under its header.
    Section,
    /// In the keys of its values.
    Dotted,
    /// A list of tables, each with a header.
    List,
}

pub(super) struct TomlWriter {
    out: String,
    log: Log,
    nulls: Nulls,
    header: String,
    prefix: String,
}

impl TomlWriter {
    pub(super) fn new(nulls: Nulls) -> Self {
        Self {
            out: String::new(),
            log: Log::default(),
            nulls,
            header: String::new(),
            prefix: String::new(),
        }
    }

    pub(super) fn into_text(self) -> String {
        self.out
    }

    pub(super) fn token(&mut self, token: Token<'_>, at: usize) {
        self.log.push(token, at);
    }

    /// Writes the document.
    pub(super) fn end_document(&mut self) -> Result<(), Stop> {
        if !self.starts(0, Token::MappingStart) {
            let problem = "TOML has a table at its top, and this document is none";
            return Err(Stop::unfit(problem, self.log.at(0)));
        }
        let mut stack = vec![self.section(0)];
        while let Some(open) = stack.last_mut() {
            if open.next >= open.last {
                stack.pop();
                continue;
            }
            let row = open.next;
            let (kind, path_bytes) = (open.kind, open.path_bytes);
            let is_section = row >= open.sections_from;
            open.next = self.log.end(if kind == Kind::List { row } else { row + 1 });
            match kind {
                Kind::Dotted => self.prefix.truncate(path_bytes),
                Kind::Section if !is_section => self.prefix.clear(),
                Kind::Section | Kind::List => self.header.truncate(path_bytes),
            }
            stack.extend(match kind {
                Kind::List => Some(self.entry(row)),
                Kind::Section if is_section => Some(self.headed(row)),
                Kind::Section | Kind::Dotted => self.line(row)?,
            });
        }
        self.log.clear();
        Ok(())
    }

    fn starts(&self, row: usize, wanted: Token<'_>) -> bool {
        matches!(self.log.get(row), Entry::Token(token) if token == wanted)
    }

    /// Whether the key of this row is left out.
    fn is_dropped(&self, row: usize) -> bool {
        self.nulls == Nulls::Drop && is_null(&self.log, row + 1)
    }

    /// The table or list that stands behind a key, under its header.
    fn headed(&mut self, key: usize) -> Open {
        let value = key + 1;
        extend_path(&mut self.header, &self.log, key);
        if self.starts(value, Token::SequenceStart) {
            return Open {
                kind: Kind::List,
                next: value + 1,
                last: self.log.end(value) - 1,
                sections_from: 0,
                path_bytes: self.header.len(),
            };
        }
        let open = self.section(value);
        // A header that tables alone would follow says nothing.
        if open.next == open.last || open.sections_from > open.next {
            self.push_header("[", "]\n");
        }
        open
    }

    fn entry(&mut self, row: usize) -> Open {
        self.push_header("[[", "]]\n");
        self.section(row)
    }

    fn push_header(&mut self, opening: &str, closing: &str) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out.push_str(opening);
        self.out.push_str(&self.header);
        self.out.push_str(closing);
    }

    fn section(&self, row: usize) -> Open {
        let keys = children(&self.log, row).step_by(2);
        let plain = keys.filter(|key| !self.is_dropped(*key) && !self.is_section(*key));
        let last_plain = plain.last();
        Open {
            kind: Kind::Section,
            next: row + 1,
            last: self.log.end(row) - 1,
            sections_from: last_plain.map_or(row + 1, |key| self.log.end(key + 1)),
            path_bytes: self.header.len(),
        }
    }

    /// Whether what is behind the key can stand under headers.
    fn is_section(&self, key: usize) -> bool {
        let Entry::Token(Token::Key(name)) = self.log.get(key) else {
            return false;
        };
        if self.header.len() + name.text().len() > PATH_BYTES {
            return false;
        }
        let value = key + 1;
        let is_table = |row: usize| self.starts(row, Token::MappingStart);
        let is_list = self.starts(value, Token::SequenceStart);
        is_table(value)
            || is_list
                && self.log.end(value) > value + 2
                && children(&self.log, value).all(is_table)
    }

    /// Writes a key and its value; a table's keys are to be written after it, with its name.
    fn line(&mut self, key: usize) -> Result<Option<Open>, Stop> {
        if self.is_dropped(key) {
            return Ok(None);
        }
        let value = key + 1;
        extend_path(&mut self.prefix, &self.log, key);
        let is_dotted = self.starts(value, Token::MappingStart)
            && self.prefix.len() <= PATH_BYTES
            && children(&self.log, value)
                .step_by(2)
                .any(|key| !self.is_dropped(key));
        if is_dotted {
            return Ok(Some(Open {
                kind: Kind::Dotted,
                next: value + 1,
                last: self.log.end(value) - 1,
                sections_from: usize::MAX,
                path_bytes: self.prefix.len(),
            }));
        }
        self.out.push_str(&self.prefix);
        self.out.push_str(" = ");
        push_value(&mut self.out, &self.log, value, self.nulls)?;
        self.out.push('\n');
        Ok(None)
    }
}

fn extend_path(path: &mut String, log: &Log, key: usize) {
    if let Entry::Token(Token::Key(name)) = log.get(key) {
        if !path.is_empty() {
            path.push('.');
        }
        push_key(path, name.text());
    }
}
