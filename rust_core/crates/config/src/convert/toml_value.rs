//! Keys and values as TOML 1.0 writes them, on one line but for texts of several lines and lists of
//! collections.

use std::fmt::Write;

use super::request::Nulls;
use crate::values::{Entry, Log, Scalar, Special, Stop, Token};

/// Appends a key, in quotes where it needs them.
pub(super) fn push_key(out: &mut String, key: &str) {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !key.is_empty() && key.bytes().all(is_bare) {
        out.push_str(key);
    } else {
        push_text(out, key);
    }
}

/// Appends the node that begins at a row of the log.
pub(super) fn push_value(
    out: &mut String,
    log: &Log,
    row: usize,
    nulls: Nulls,
) -> Result<(), Stop> {
    if let Entry::Token(Token::Value(Scalar::Text(text))) = log.get(row)
        && text.contains('\n')
    {
        push_lines(out, text);
        return Ok(());
    }
    let mut writer = ValueWriter {
        is_tall: has_collections(log, row),
        out,
        open: Vec::new(),
    };
    let end = log.end(row);
    let mut row = row;
    while row < end {
        let Entry::Token(token) = log.get(row) else {
            row = log.end(row);
            continue;
        };
        let is_key = matches!(token, Token::Key(_));
        if is_key && nulls == Nulls::Drop && is_null(log, row + 1) {
            row += 2;
            continue;
        }
        writer.token(token, log.at(row))?;
        row += 1;
    }
    Ok(())
}

struct ValueWriter<'o> {
    out: &'o mut String,
    open: Vec<Level>,
    /// The outermost list has a line for each entry.
    is_tall: bool,
}

impl ValueWriter<'_> {
    fn token(&mut self, token: Token<'_>, at: usize) -> Result<(), Stop> {
        let is_tall = self.is_tall && self.open.len() == 1;
        match token {
            Token::Key(key) => {
                self.separate();
                push_key(self.out, key.text());
                self.out.push_str(" = ");
            }
            Token::MappingStart => self.start(true),
            Token::SequenceStart => self.start(false),
            Token::MappingEnd | Token::SequenceEnd => {
                if let Some(level) = self.open.pop() {
                    level.close(self.out, is_tall);
                }
            }
            Token::Value(value) => {
                self.separate_entry();
                push_scalar(self.out, value, at)?;
            }
        }
        Ok(())
    }

    fn start(&mut self, is_mapping: bool) {
        self.separate_entry();
        self.out.push(if is_mapping { '{' } else { '[' });
        self.open.push(Level {
            is_mapping,
            is_empty: true,
        });
    }

    /// Before an entry of a list; keys have made the place of a table's values.
    fn separate_entry(&mut self) {
        if self.open.last().is_some_and(|level| !level.is_mapping) {
            self.separate();
        }
    }

    fn separate(&mut self) {
        let is_tall = self.is_tall && self.open.len() == 1;
        let Some(level) = self.open.last_mut() else {
            return;
        };
        let is_first = std::mem::take(&mut level.is_empty);
        if !is_first {
            self.out.push(',');
        }
        if is_tall {
            self.out.push_str("\n  ");
        } else if level.is_mapping || !is_first {
            self.out.push(' ');
        }
    }
}

/// A collection that is being written.
struct Level {
    is_mapping: bool,
    is_empty: bool,
}

impl Level {
    fn close(&self, out: &mut String, is_tall: bool) {
        out.push_str(match (self.is_mapping, self.is_empty, is_tall) {
            (true, true, _) => "}",
            (true, false, _) => " }",
            (false, false, true) => ",\n]",
            (false, ..) => "]",
        });
    }
}

/// Whether the entries of a list stand on lines of their own.
fn has_collections(log: &Log, row: usize) -> bool {
    matches!(log.get(row), Entry::Token(Token::SequenceStart))
        && children(log, row).any(|child| log.end(child) > child + 1)
}

/// The rows where a collection's entries begin; keys count as well.
pub(super) fn children(log: &Log, row: usize) -> impl Iterator<Item = usize> {
    let last = log.end(row) - 1;
    let mut next = row + 1;
    std::iter::from_fn(move || {
        let child = (next < last).then_some(next)?;
        next = log.end(child);
        Some(child)
    })
}

pub(super) fn is_null(log: &Log, row: usize) -> bool {
    matches!(log.get(row), Entry::Token(Token::Value(Scalar::Null)))
}

fn push_scalar(out: &mut String, value: Scalar<'_>, at: usize) -> Result<(), Stop> {
    match value {
        Scalar::Null => {
            let problem = "null has no form in TOML: take it out, or leave out such keys with \
                           `--drop-nulls`";
            return Err(Stop::unfit(problem, at));
        }
        Scalar::Bool(true) => out.push_str("true"),
        Scalar::Bool(false) => out.push_str("false"),
        Scalar::Integer(digits) => {
            if digits.parse::<i64>().is_err() {
                let problem = "the integer has more than the 64 bits of TOML: write it in quotes";
                return Err(Stop::unfit(problem, at));
            }
            out.push_str(digits);
        }
        Scalar::Float(text) | Scalar::Time(text) => out.push_str(text),
        Scalar::Special(special) => out.push_str(match special {
            Special::Infinity => "inf",
            Special::NegativeInfinity => "-inf",
            Special::NotANumber => "nan",
        }),
        Scalar::Text(text) => push_text(out, text),
    }
    Ok(())
}

fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            character => push_character(out, character),
        }
    }
    out.push('"');
}

/// A text of several lines, between `"""`.
fn push_lines(out: &mut String, text: &str) {
    out.push_str("\"\"\"\n");
    let mut quotes = 0;
    for (at, character) in text.char_indices() {
        if character != '"' {
            quotes = 0;
            push_character(out, character);
            continue;
        }
        quotes += 1;
        if quotes == 3 || at + 1 == text.len() {
            quotes = 0;
            out.push('\\');
        }
        out.push('"');
    }
    out.push_str("\"\"\"");
}

fn push_character(out: &mut String, character: char) {
    match character {
        '\\' => out.push_str("\\\\"),
        '\n' | '\t' => out.push(character),
        '\r' => out.push_str("\\r"),
        '\0'..='\x1F' | '\x7F' => {
            // A String takes everything.
            let _ = write!(out, "\\u{:04X}", u32::from(character));
        }
        character => out.push(character),
    }
}
