//! Plain scalars (specification 7.3.3): ended by what follows, never by a mark of their own.

use std::borrow::Cow;

use crate::cursor::{Cursor, FLOW_PLAIN_STOP, PLAIN_STOP, is_blank, is_break, is_flow, is_white};
use crate::error::{Fault, Scan, SyntaxErrorKind};

/// What a text of several lines has room for at first.
pub(crate) const FOLDED_BYTES: usize = 256;

/// A scalar's value and the end of its text.
pub(crate) struct Scanned<'i> {
    pub(crate) value: Cow<'i, str>,
    pub(crate) end: usize,
}

/// Whether a `:` with this byte after it can be text: `ns-plain-safe`.
fn is_plain_safe(byte: u8, in_flow: bool) -> bool {
    !(is_blank(byte) || in_flow && is_flow(byte))
}

impl<'i> Cursor<'i> {
    /// Whether a `:` at the cursor separates key and value.
    pub(crate) fn at_value_mark(&self, in_flow: bool) -> bool {
        self.peek() == b':' && !is_plain_safe(self.byte(self.pos + 1), in_flow)
    }

    /// Whether a plain scalar can start here.
    pub(crate) fn at_plain(&self, in_flow: bool) -> bool {
        match self.peek() {
            b'-' | b'?' | b':' => is_plain_safe(self.byte(self.pos + 1), in_flow),
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\''
            | b'"' | b'%' | b'@' | b'`' => false,
            byte => !is_blank(byte),
        }
    }

    /// Goes to the end of the plain text on this line and returns where it ends; the cursor stays
    /// behind the white space that follows, at a break, a comment or an indicator.
    pub(crate) fn plain_line(&mut self, in_flow: bool) -> Scan<usize> {
        let start = self.pos;
        let classes = if in_flow { FLOW_PLAIN_STOP } else { PLAIN_STOP };
        loop {
            self.pos = self.find(self.pos, classes);
            let is_text = match self.peek() {
                b':' => is_plain_safe(self.byte(self.pos + 1), in_flow),
                b'#' => !is_white(self.byte(self.pos - 1)),
                _ => false,
            };
            if !is_text {
                break;
            }
            self.pos += 1;
        }
        let end = start
            + self.text[start..self.pos]
                .trim_end_matches([' ', '\t'])
                .len();
        self.check_printable(start, end)?;
        Ok(end)
    }

    /// The rest of a plain scalar whose first line was `start..end`, as far as it goes on.
    pub(crate) fn plain_rest(
        &mut self,
        (start, first_end): (usize, usize),
        min_indent: usize,
        in_flow: bool,
    ) -> Scan<Scanned<'i>> {
        let mut end = first_end;
        let mut folded = String::new();
        while is_break(self.peek()) {
            let place = self.place();
            let Some(breaks) = self.plain_continues(min_indent, in_flow)? else {
                self.rewind(place);
                break;
            };
            if folded.is_empty() {
                folded.reserve(FOLDED_BYTES);
                folded.push_str(&self.text[start..end]);
            }
            push_fold(&mut folded, breaks);
            let from = self.pos;
            end = self.plain_line(in_flow)?;
            folded.push_str(&self.text[from..end]);
            self.check_length(folded.len(), start)?;
        }
        self.check_length(end - start, start)?;
        let value = if folded.is_empty() {
            Cow::Borrowed(&self.text[start..end])
        } else {
            Cow::Owned(folded)
        };
        Ok(Scanned { value, end })
    }

    /// From a break to the next line of the same scalar: how many breaks there are between.
    fn plain_continues(&mut self, min_indent: usize, in_flow: bool) -> Scan<Option<usize>> {
        let mut breaks = 0;
        let mut tab_at = None;
        loop {
            self.skip_break();
            breaks += 1;
            let line = self.skip_indent();
            if is_break(self.peek()) {
                if line.has_tab && line.indent < min_indent {
                    tab_at = Some(self.line_start + line.indent);
                }
                continue;
            }
            let is_text = match self.peek() {
                b'#' => false,
                b':' => is_plain_safe(self.byte(self.pos + 1), in_flow),
                byte => is_plain_safe(byte, in_flow),
            };
            if !is_text || line.indent < min_indent || self.at_boundary() {
                return Ok(None);
            }
            return match tab_at {
                Some(at) => Err(Fault::new(SyntaxErrorKind::Tab, at)),
                None => Ok(Some(breaks)),
            };
        }
    }
}

/// One break becomes a space, more become one less.
pub(crate) fn push_fold(text: &mut String, breaks: usize) {
    if breaks == 1 {
        text.push(' ');
    } else {
        text.extend(std::iter::repeat_n('\n', breaks - 1));
    }
}

/// Removes white space at the end, but nothing before `keep`.
pub(crate) fn trim_white(text: &mut String, keep: usize) {
    let kept = text[keep..]
        .bytes()
        .rev()
        .take_while(|byte| is_white(*byte))
        .count();
    text.truncate(text.len() - kept);
}
