//! Single- and double-quoted scalars (specification 7.3.1 and 7.3.2).

use std::borrow::Cow;

use crate::cursor::{Cursor, DOUBLE_STOP, SINGLE_STOP, is_break};
use crate::error::{Fault, Scan, SyntaxErrorKind};
use crate::plain::{Scanned, push_fold, trim_white};

const SINGLE: &str = "single-quoted text";
const DOUBLE: &str = "double-quoted text";

impl<'i> Cursor<'i> {
    /// Reads the single-quoted scalar at the cursor.
    pub(crate) fn single_quoted(&mut self, min_indent: usize) -> Scan<Scanned<'i>> {
        let start = self.pos;
        self.pos = self.find(start + 1, SINGLE_STOP);
        if self.peek() == b'\'' && self.byte(self.pos + 1) != b'\'' {
            return self.borrowed(start);
        }
        let mut text = self.text[start + 1..self.pos].to_owned();
        loop {
            match self.peek() {
                b'\'' if self.byte(self.pos + 1) == b'\'' => {
                    text.push('\'');
                    self.check_length(text.len(), start)?;
                    self.pos += 2;
                }
                b'\'' => return self.owned(text, start),
                b'\n' | b'\r' => {
                    trim_white(&mut text, 0);
                    let breaks = self.quoted_breaks(min_indent, SINGLE)?;
                    push_fold(&mut text, breaks);
                    self.check_length(text.len(), start)?;
                }
                _ => {
                    return Err(Fault::new(
                        SyntaxErrorKind::Unclosed { what: SINGLE },
                        start,
                    ));
                }
            }
            let from = self.pos;
            self.pos = self.find(from, SINGLE_STOP);
            text.push_str(&self.text[from..self.pos]);
        }
    }

    /// Reads the double-quoted scalar at the cursor.
    pub(crate) fn double_quoted(&mut self, min_indent: usize) -> Scan<Scanned<'i>> {
        let start = self.pos;
        self.pos = self.find(start + 1, DOUBLE_STOP);
        if self.peek() == b'"' {
            return self.borrowed(start);
        }
        let mut text = self.text[start + 1..self.pos].to_owned();
        // White space that an escape wrote is text and stays before a break.
        let mut keep = 0;
        loop {
            match self.peek() {
                b'"' => return self.owned(text, start),
                b'\\' if is_break(self.byte(self.pos + 1)) => {
                    self.pos += 1;
                    let breaks = self.quoted_breaks(min_indent, DOUBLE)?;
                    text.extend(std::iter::repeat_n('\n', breaks - 1));
                    keep = text.len();
                }
                b'\\' => {
                    let character = self.escape()?;
                    text.push(character);
                    self.check_length(text.len(), start)?;
                    keep = text.len();
                }
                b'\n' | b'\r' => {
                    trim_white(&mut text, keep);
                    let breaks = self.quoted_breaks(min_indent, DOUBLE)?;
                    push_fold(&mut text, breaks);
                    keep = text.len();
                    self.check_length(text.len(), start)?;
                }
                _ => {
                    return Err(Fault::new(
                        SyntaxErrorKind::Unclosed { what: DOUBLE },
                        start,
                    ));
                }
            }
            let from = self.pos;
            self.pos = self.find(from, DOUBLE_STOP);
            text.push_str(&self.text[from..self.pos]);
        }
    }

    fn borrowed(&mut self, start: usize) -> Scan<Scanned<'i>> {
        self.check_length(self.pos - start - 1, start)?;
        let value = Cow::Borrowed(&self.text[start + 1..self.pos]);
        self.pos += 1;
        Ok(Scanned {
            value,
            end: self.pos,
        })
    }

    fn owned(&mut self, text: String, start: usize) -> Scan<Scanned<'i>> {
        self.check_length(text.len(), start)?;
        self.pos += 1;
        Ok(Scanned {
            value: Cow::Owned(text),
            end: self.pos,
        })
    }

    /// From a break to the next text: counts the breaks and checks the lines' indentation.
    fn quoted_breaks(&mut self, min_indent: usize, inside: &'static str) -> Scan<usize> {
        let mut breaks = 0;
        loop {
            self.skip_break();
            breaks += 1;
            let line = self.skip_indent();
            if self.at_end() {
                return Ok(breaks);
            }
            if !is_break(self.peek()) || line.has_tab {
                self.check_flow_line(line, min_indent, inside)?;
            }
            if !is_break(self.peek()) {
                return Ok(breaks);
            }
        }
    }

    /// Reads the escape at the cursor.
    fn escape(&mut self) -> Scan<char> {
        let start = self.pos;
        let code = self.byte(start + 1);
        self.pos += 2;
        Ok(match code {
            b'0' => '\0',
            b'a' => '\x07',
            b'b' => '\x08',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\x0B',
            b'f' => '\x0C',
            b'r' => '\r',
            b'e' => '\x1B',
            b' ' => ' ',
            b'"' => '"',
            b'/' => '/',
            b'\\' => '\\',
            b'N' => '\u{85}',
            b'_' => '\u{A0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            b'x' => self.escaped_code(2, start)?,
            b'u' => self.escaped_code(4, start)?,
            b'U' => self.escaped_code(8, start)?,
            _ => return Err(Fault::new(SyntaxErrorKind::Escape, start)),
        })
    }

    fn escaped_code(&mut self, digits: usize, start: usize) -> Scan<char> {
        let invalid = || Fault::new(SyntaxErrorKind::Escape, start);
        let code = self.hexadecimal(digits).ok_or_else(invalid)?;
        // JSON writes a character beyond U+FFFF as two of these, and YAML 1.2 reads all JSON.
        if digits == 4
            && (0xD800..0xDC00).contains(&code)
            && self.text[self.pos..].starts_with("\\u")
        {
            self.pos += 2;
            let low = self
                .hexadecimal(4)
                .filter(|low| (0xDC00..0xE000).contains(low))
                .ok_or_else(invalid)?;
            return char::from_u32(0x1_0000 + ((code - 0xD800) << 10) + (low - 0xDC00))
                .ok_or_else(invalid);
        }
        char::from_u32(code).ok_or_else(invalid)
    }

    fn hexadecimal(&mut self, digits: usize) -> Option<u32> {
        let mut code = 0;
        for _ in 0..digits {
            code = code << 4 | char::from(self.peek()).to_digit(16)?;
            self.pos += 1;
        }
        Some(code)
    }
}
