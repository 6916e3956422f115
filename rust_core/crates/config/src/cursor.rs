//! The text and the place in it, with the steps every scanner shares: white space, line breaks,
//! indentation, document markers. Lines are not counted: only the start of the current one is
//! kept, because indentation needs it.

use crate::error::{Fault, Scan, SyntaxErrorKind};
use crate::input::first_odd;

pub(crate) struct Cursor<'i> {
    pub(crate) text: &'i str,
    bytes: &'i [u8],
    pub(crate) pos: usize,
    pub(crate) line_start: usize,
    pub(crate) scalar_limit: usize,
    has_odd: bool,
}

/// The first content of a line.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    /// Spaces before it.
    pub(crate) indent: usize,
    /// A tab stands between those spaces and the content.
    pub(crate) has_tab: bool,
}

const WHITE: u8 = 1;
const BREAK: u8 = 2;
const END: u8 = 4;
const FLOW: u8 = 8;
const COLON: u8 = 16;
const APOSTROPHE: u8 = 32;
const QUOTE: u8 = 64;
const HASH: u8 = 128;

pub(crate) const PLAIN_STOP: u8 = BREAK | END | COLON | HASH;
pub(crate) const FLOW_PLAIN_STOP: u8 = PLAIN_STOP | FLOW;
pub(crate) const SINGLE_STOP: u8 = BREAK | END | APOSTROPHE;
pub(crate) const DOUBLE_STOP: u8 = BREAK | END | QUOTE;

/// What each byte can end. The end of the text reads as NUL, which no text has. `QUOTE` is the
/// double quote and the backslash.
static CLASS: [u8; 256] = {
    let mut table = [0; 256];
    table[b' ' as usize] = WHITE;
    table[b'\t' as usize] = WHITE;
    table[b'\n' as usize] = BREAK;
    table[b'\r' as usize] = BREAK;
    table[0] = END;
    table[b',' as usize] = FLOW;
    table[b'[' as usize] = FLOW;
    table[b']' as usize] = FLOW;
    table[b'{' as usize] = FLOW;
    table[b'}' as usize] = FLOW;
    table[b':' as usize] = COLON;
    table[b'#' as usize] = HASH;
    table[b'\'' as usize] = APOSTROPHE;
    table[b'"' as usize] = QUOTE;
    table[b'\\' as usize] = QUOTE;
    table
};

#[inline]
pub(crate) fn has_class(byte: u8, classes: u8) -> bool {
    CLASS[usize::from(byte)] & classes != 0
}

#[inline]
pub(crate) fn is_white(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

#[inline]
pub(crate) fn is_break(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// White space, a line break or the end.
#[inline]
pub(crate) fn is_blank(byte: u8) -> bool {
    has_class(byte, WHITE | BREAK | END)
}

pub(crate) fn is_flow(byte: u8) -> bool {
    has_class(byte, FLOW)
}

impl<'i> Cursor<'i> {
    pub(crate) fn new(text: &'i str, has_odd: bool, scalar_limit: usize) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            pos: 0,
            line_start: 0,
            scalar_limit,
            has_odd,
        }
    }

    #[inline]
    pub(crate) fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    #[inline]
    pub(crate) fn peek(&self) -> u8 {
        self.byte(self.pos)
    }

    #[inline]
    pub(crate) fn at_end(&self) -> bool {
        self.pos >= self.bytes.len()
    }

    pub(crate) fn column(&self) -> usize {
        self.pos - self.line_start
    }

    pub(crate) fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        self.pos += self.bytes[self.pos..]
            .iter()
            .take_while(|byte| wanted(**byte))
            .count();
    }

    /// The first place from `at` whose byte is of one of the classes; the end at the latest.
    #[inline]
    pub(crate) fn find(&self, at: usize, classes: u8) -> usize {
        self.bytes[at..]
            .iter()
            .position(|byte| has_class(*byte, classes))
            .map_or(self.bytes.len(), |n| at + n)
    }

    /// The end of the line that `at` is in.
    pub(crate) fn line_end(&self, at: usize) -> usize {
        memchr::memchr2(b'\n', b'\r', &self.bytes[at..]).map_or(self.bytes.len(), |n| at + n)
    }

    /// Skips spaces and tabs; true when there was a tab.
    #[inline]
    pub(crate) fn skip_white(&mut self) -> bool {
        let mut has_tab = false;
        while is_white(self.peek()) {
            has_tab |= self.peek() == b'\t';
            self.pos += 1;
        }
        has_tab
    }

    /// Skips the line break at the cursor.
    #[inline]
    pub(crate) fn skip_break(&mut self) {
        let is_pair = self.peek() == b'\r' && self.byte(self.pos + 1) == b'\n';
        self.pos += if is_pair { 2 } else { 1 };
        self.line_start = self.pos;
    }

    /// Goes to the first content of the line whose start is at the cursor.
    #[inline]
    pub(crate) fn skip_indent(&mut self) -> Line {
        while self.peek() == b' ' {
            self.pos += 1;
        }
        let indent = self.column();
        Line {
            indent,
            has_tab: self.skip_white(),
        }
    }

    /// A comment needs a line's start or white space before it.
    #[inline]
    pub(crate) fn at_comment(&self) -> bool {
        self.peek() == b'#' && (self.pos == self.line_start || is_white(self.byte(self.pos - 1)))
    }

    pub(crate) fn skip_comment(&mut self) -> Scan<()> {
        let start = self.pos;
        self.pos = self.line_end(start);
        self.check_printable(start, self.pos)
    }

    /// Back to a place where scanning stood before.
    pub(crate) fn rewind(&mut self, (pos, line_start): (usize, usize)) {
        self.pos = pos;
        self.line_start = line_start;
    }

    pub(crate) fn place(&self) -> (usize, usize) {
        (self.pos, self.line_start)
    }

    /// `---` or `...` at the start of a line.
    #[inline]
    pub(crate) fn at_marker(&self) -> bool {
        self.pos == self.line_start
            && matches!(self.peek(), b'-' | b'.')
            && (self.at_word(b"---") || self.at_word(b"..."))
    }

    /// Where a document's content ends: at a marker, or at the byte order mark of a stream that was
    /// joined to this one.
    #[inline]
    pub(crate) fn at_boundary(&self) -> bool {
        self.at_marker() || self.pos == self.line_start && self.at_mark()
    }

    /// A byte order mark.
    #[inline]
    pub(crate) fn at_mark(&self) -> bool {
        self.has_odd && self.bytes[self.pos..].starts_with("\u{FEFF}".as_bytes())
    }

    #[inline]
    pub(crate) fn at_word(&self, word: &[u8]) -> bool {
        self.bytes[self.pos..].starts_with(word) && is_blank(self.byte(self.pos + word.len()))
    }

    /// Whether the cursor's byte is an indicator with a blank after it.
    #[inline]
    pub(crate) fn at_indicator(&self, indicator: u8) -> bool {
        self.peek() == indicator && is_blank(self.byte(self.pos + 1))
    }

    /// Only quotes may hold all characters that a text may have.
    #[inline]
    pub(crate) fn check_printable(&self, start: usize, end: usize) -> Scan<()> {
        if self.has_odd
            && let Some((at, code)) = first_odd(&self.text[start..end])
        {
            return Err(Fault::new(SyntaxErrorKind::Character { code }, start + at));
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn check_length(&self, length: usize, start: usize) -> Scan<()> {
        if length > self.scalar_limit {
            return Err(Fault::new(
                SyntaxErrorKind::ScalarTooLong {
                    limit: self.scalar_limit,
                },
                start,
            ));
        }
        Ok(())
    }

    /// A continuation line inside a flow node that may not start at a smaller indentation.
    pub(crate) fn check_flow_line(
        &self,
        line: Line,
        min_indent: usize,
        inside: &'static str,
    ) -> Scan<()> {
        if self.at_marker() {
            return Err(Fault::new(SyntaxErrorKind::Marker { inside }, self.pos));
        }
        if line.indent >= min_indent {
            return Ok(());
        }
        let kind = if line.has_tab {
            SyntaxErrorKind::Tab
        } else {
            SyntaxErrorKind::FlowIndentation {
                expected: min_indent + 1,
            }
        };
        Err(Fault::new(kind, self.line_start + line.indent))
    }

    /// Ends the current line and goes to the first content after it: comments and blank lines are
    /// skipped. `None` at a document marker or at the end. At a line's start it begins there, so
    /// that asking twice gives the same answer.
    pub(crate) fn next_line(&mut self) -> Scan<Option<Line>> {
        if self.pos != self.line_start {
            self.finish_line()?;
        }
        loop {
            let line = self.skip_indent();
            match self.peek() {
                b'#' => self.skip_comment()?,
                b'\n' | b'\r' => self.skip_break(),
                _ if self.at_end() => return Ok(None),
                _ if self.at_boundary() => return Ok(None),
                _ => return Ok(Some(line)),
            }
        }
    }

    /// Nothing but white space and a comment may follow on this line.
    pub(crate) fn finish_line(&mut self) -> Scan<()> {
        self.skip_white();
        match self.peek() {
            b'#' if self.at_comment() => self.skip_comment()?,
            b'#' => return Err(Fault::new(SyntaxErrorKind::Comment, self.pos)),
            b'\n' | b'\r' => {}
            _ if self.at_end() => return Ok(()),
            b':' if is_blank(self.byte(self.pos + 1)) => {
                return Err(Fault::new(SyntaxErrorKind::MappingHere, self.pos));
            }
            _ => return Err(Fault::expected("the end of the line", self.pos)),
        }
        if !self.at_end() {
            self.skip_break();
        }
        Ok(())
    }
}
