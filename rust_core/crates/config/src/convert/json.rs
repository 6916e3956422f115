//! JSON text from tokens: on one line, or a line for each entry.

use super::request::SpecialFloats;
use crate::plain_text::push_quoted;
use crate::values::{Scalar, Stop, Token};

struct Level {
    is_mapping: bool,
    is_empty: bool,
}

pub(super) struct JsonWriter {
    out: String,
    /// Spaces for each level; none for one line.
    indent: usize,
    special_floats: SpecialFloats,
    levels: Vec<Level>,
}

impl JsonWriter {
    pub(super) fn new(indent: usize, special_floats: SpecialFloats) -> Self {
        Self {
            out: String::new(),
            indent,
            special_floats,
            levels: Vec::new(),
        }
    }

    pub(super) fn into_text(self) -> String {
        self.out
    }

    pub(super) fn end_document(&mut self) {
        self.out.push('\n');
    }

    #[inline]
    pub(super) fn token(&mut self, token: Token<'_>, at: usize) -> Result<(), Stop> {
        match token {
            Token::Key(key) => {
                self.begin_entry();
                push_quoted(&mut self.out, key.text());
                self.out.push_str(if self.indent == 0 { ":" } else { ": " });
            }
            Token::Value(value) => {
                self.begin_value();
                self.scalar(value, at)?;
            }
            Token::MappingStart => self.open('{', true),
            Token::SequenceStart => self.open('[', false),
            Token::MappingEnd => self.close('}'),
            Token::SequenceEnd => self.close(']'),
        }
        Ok(())
    }

    fn scalar(&mut self, value: Scalar<'_>, at: usize) -> Result<(), Stop> {
        match value {
            Scalar::Null => self.out.push_str("null"),
            Scalar::Bool(true) => self.out.push_str("true"),
            Scalar::Bool(false) => self.out.push_str("false"),
            Scalar::Integer(digits) | Scalar::Float(digits) => self.out.push_str(digits),
            Scalar::Text(text) | Scalar::Time(text) => push_quoted(&mut self.out, text),
            Scalar::Special(special) => match self.special_floats {
                SpecialFloats::Null => self.out.push_str("null"),
                SpecialFloats::Text => push_quoted(&mut self.out, special.yaml()),
                SpecialFloats::Refuse => {
                    let problem = format!(
                        "`{}` has no form in JSON: choose `--special-floats null` or `string`",
                        special.yaml()
                    );
                    return Err(Stop::unfit(problem, at));
                }
            },
        }
        Ok(())
    }

    fn open(&mut self, bracket: char, is_mapping: bool) {
        self.begin_value();
        self.out.push(bracket);
        self.levels.push(Level {
            is_mapping,
            is_empty: true,
        });
    }

    fn close(&mut self, bracket: char) {
        let is_empty = self.levels.pop().is_none_or(|level| level.is_empty);
        if !is_empty {
            self.begin_line();
        }
        self.out.push(bracket);
    }

    /// Keys have made the place of a mapping's values.
    fn begin_value(&mut self) {
        if self.levels.last().is_some_and(|level| !level.is_mapping) {
            self.begin_entry();
        }
    }

    fn begin_entry(&mut self) {
        if let Some(level) = self.levels.last_mut()
            && !std::mem::take(&mut level.is_empty)
        {
            self.out.push(',');
        }
        self.begin_line();
    }

    fn begin_line(&mut self) {
        if self.indent > 0 {
            self.out.push('\n');
            let spaces = self.indent * self.levels.len();
            self.out.extend(std::iter::repeat_n(' ', spaces));
        }
    }
}
