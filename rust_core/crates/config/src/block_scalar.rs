//! Literal and folded scalars (specification 8.1).

use std::borrow::Cow;

use crate::cursor::{Cursor, is_break, is_white};
use crate::error::{Fault, Scan, SyntaxErrorKind};
use crate::event::ScalarStyle;
use crate::plain::{FOLDED_BYTES, Scanned, push_fold};

#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

struct Header {
    style: ScalarStyle,
    chomping: Chomping,
    indent: Option<usize>,
}

/// The text so far and what is not yet decided: the breaks after its last line.
struct Body {
    text: String,
    breaks: usize,
    has_lines: bool,
    was_spaced: bool,
    end: usize,
}

impl<'i> Cursor<'i> {
    /// Reads the scalar whose `|` or `>` is at the cursor. `parent` is the indentation of the
    /// collection it is in, none at the root. The cursor ends at the start of a line.
    pub(crate) fn block_scalar(
        &mut self,
        parent: Option<usize>,
    ) -> Scan<(Scanned<'i>, ScalarStyle)> {
        let start = self.pos;
        let header = self.block_header()?;
        let mut body = Body {
            text: String::with_capacity(FOLDED_BYTES),
            breaks: 0,
            has_lines: false,
            was_spaced: false,
            end: self.pos,
        };
        let indent = match header.indent {
            Some(more) => Some(parent.unwrap_or(0) + more),
            None => self.detect_indent(parent.map_or(0, |indent| indent + 1), &mut body)?,
        };
        if let Some(indent) = indent {
            while self.block_line(indent, &header, &mut body)? {
                self.check_length(body.text.len(), start)?;
            }
        }
        let breaks = match header.chomping {
            Chomping::Strip => 0,
            Chomping::Clip => usize::from(body.has_lines).min(body.breaks),
            Chomping::Keep => body.breaks,
        };
        body.text.extend(std::iter::repeat_n('\n', breaks));
        self.check_length(body.text.len(), start)?;
        self.check_tab_after()?;
        let end = if header.chomping == Chomping::Keep {
            self.pos.max(body.end)
        } else {
            body.end
        };
        Ok((
            Scanned {
                value: Cow::Owned(body.text),
                end,
            },
            header.style,
        ))
    }

    /// Behind a block scalar, a line whose indentation ends at a tab is neither text nor comment
    /// (specification 8.1.1.2, l-trail-comments). Behind the document it is (9.2, l-comment).
    fn check_tab_after(&mut self) -> Scan<()> {
        let place = self.place();
        self.skip_while(|byte| byte == b' ');
        let at = self.pos;
        self.rewind(place);
        if self.byte(at) == b'\t' && self.next_line()?.is_some() {
            return Err(Fault::new(SyntaxErrorKind::Tab, at));
        }
        self.rewind(place);
        Ok(())
    }

    fn block_header(&mut self) -> Scan<Header> {
        let style = if self.peek() == b'|' {
            ScalarStyle::Literal
        } else {
            ScalarStyle::Folded
        };
        let (mut chomping, mut indent) = (None, None);
        self.pos += 1;
        loop {
            match self.peek() {
                b'+' if chomping.is_none() => chomping = Some(Chomping::Keep),
                b'-' if chomping.is_none() => chomping = Some(Chomping::Strip),
                digit @ b'1'..=b'9' if indent.is_none() => indent = Some(usize::from(digit - b'0')),
                byte if is_white(byte) || is_break(byte) || self.at_end() => break,
                _ => return Err(Fault::new(SyntaxErrorKind::BlockHeader, self.pos)),
            }
            self.pos += 1;
        }
        self.skip_white();
        let at = self.pos;
        self.finish_line()
            .map_err(|_| Fault::new(SyntaxErrorKind::BlockHeader, at))?;
        Ok(Header {
            style,
            chomping: chomping.unwrap_or(Chomping::Clip),
            indent,
        })
    }

    /// The indentation of the first line with text; `None` when there is none. Leaves the cursor
    /// at that line's start, the blank lines before it counted.
    fn detect_indent(&mut self, min_indent: usize, body: &mut Body) -> Scan<Option<usize>> {
        let mut deepest_blank = None;
        loop {
            let line_start = self.pos;
            while self.peek() == b' ' {
                self.pos += 1;
            }
            let indent = self.pos - line_start;
            if self.at_end() {
                body.breaks += usize::from(indent > 0);
                return Ok(None);
            }
            if is_break(self.peek()) {
                if deepest_blank.is_none_or(|(deepest, _)| indent > deepest) {
                    deepest_blank = Some((indent, self.pos));
                }
                self.skip_break();
                body.breaks += 1;
                continue;
            }
            let is_marker = self.at_boundary();
            self.pos = line_start;
            if indent < min_indent || is_marker {
                return Ok(None);
            }
            return match deepest_blank {
                Some((deepest, at)) if deepest > indent => {
                    Err(Fault::new(SyntaxErrorKind::BlockBlank, at))
                }
                _ => Ok(Some(indent)),
            };
        }
    }

    /// Takes one line; false when the scalar ended before it. A last line that only the input's end
    /// closes counts as closed by a break, as the test suite has it.
    fn block_line(&mut self, indent: usize, header: &Header, body: &mut Body) -> Scan<bool> {
        let line_start = self.pos;
        while self.pos - line_start < indent && self.peek() == b' ' {
            self.pos += 1;
        }
        if self.at_end() {
            body.breaks += usize::from(self.pos > line_start);
            return Ok(false);
        }
        if is_break(self.peek()) {
            self.skip_break();
            body.breaks += 1;
            return Ok(true);
        }
        if self.pos - line_start < indent || self.at_boundary() {
            self.pos = line_start;
            return Ok(false);
        }
        let start = self.pos;
        let is_spaced = is_white(self.peek());
        self.pos = self.line_end(start);
        self.check_printable(start, self.pos)?;
        if header.style == ScalarStyle::Folded && body.has_lines && !is_spaced && !body.was_spaced {
            push_fold(&mut body.text, body.breaks);
        } else {
            body.text.extend(std::iter::repeat_n('\n', body.breaks));
        }
        body.text.push_str(&self.text[start..self.pos]);
        body.has_lines = true;
        body.was_spaced = is_spaced;
        body.breaks = 1;
        if !self.at_end() {
            self.skip_break();
        }
        body.end = self.pos;
        Ok(true)
    }
}
