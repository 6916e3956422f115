//! JSON as RFC 8259 has it, as the same events: strict, iterative, one value.

use std::borrow::Cow;

use crate::error::{Fault, Scan, Stop, SyntaxErrorKind};
use crate::event::{CollectionStyle, Event, EventSink, Properties, ScalarStyle, Span};
use crate::limits::Limits;

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Expect {
    Value,
    /// A value, or the end of an array that has none yet.
    ValueOrEnd,
    Key,
    /// A key, or the end of an object that has none yet.
    KeyOrEnd,
    CommaOrEnd,
}

struct Scanner<'i> {
    text: &'i str,
    bytes: &'i [u8],
    pos: usize,
    scalar_limit: usize,
}

const NO_PROPERTIES: Properties<'static> = Properties {
    anchor: None,
    tag: None,
};

/// Bytes that end the quick way through a string: quotes, backslashes, control characters.
static ENDS_TEXT: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    while at < 0x20 {
        table[at] = true;
        at += 1;
    }
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    table
};

/// Parses the value in the bytes of `span`, with the places that they have in the text.
pub(crate) fn parse<S: EventSink>(
    text: &str,
    span: Span,
    limits: &Limits,
    sink: &mut S,
) -> Result<(), Stop<S::Error>> {
    let scanner = Scanner {
        text,
        bytes: &text.as_bytes()[..span.end],
        pos: span.start,
        scalar_limit: limits.scalar_bytes,
    };
    let mut parser = Parser {
        scanner,
        sink,
        open: Vec::new(),
        expect: Expect::Value,
        depth_limit: limits.depth,
    };
    parser.emit(Event::StreamStart, Span::empty(span.start))?;
    parser.document()?;
    let end = Span::empty(parser.scanner.pos);
    parser.emit(Event::DocumentEnd { explicit: false }, end)?;
    parser.emit(Event::StreamEnd, end)
}

struct Parser<'i, 's, S> {
    scanner: Scanner<'i>,
    sink: &'s mut S,
    /// For each open collection whether it is an object, and its start.
    open: Vec<(bool, usize)>,
    expect: Expect,
    depth_limit: usize,
}

impl<'i, S: EventSink> Parser<'i, '_, S> {
    #[inline]
    fn emit(&mut self, event: Event<'i>, span: Span) -> Result<(), Stop<S::Error>> {
        self.sink.event(event, span).map_err(Stop::Sink)
    }

    fn is_object(&self) -> bool {
        self.open.last().is_some_and(|(is_object, _)| *is_object)
    }

    /// The text has ended inside a collection.
    fn is_cut_off(&self) -> bool {
        self.scanner.pos >= self.scanner.bytes.len() && !self.open.is_empty()
    }

    fn document(&mut self) -> Result<(), Stop<S::Error>> {
        self.scanner.skip_white();
        let start = Event::DocumentStart {
            explicit: false,
            version: None,
            tags: Vec::new(),
        };
        self.emit(start, Span::empty(self.scanner.pos))?;
        loop {
            self.step()?;
            self.scanner.skip_white();
            if self.open.is_empty() && self.expect == Expect::CommaOrEnd {
                break;
            }
        }
        if self.scanner.pos < self.scanner.bytes.len() {
            return Err(Fault::expected("the end after the value", self.scanner.pos).into());
        }
        Ok(())
    }

    /// One indicator, key or value; the cursor stands on it.
    fn step(&mut self) -> Result<(), Stop<S::Error>> {
        match (self.expect, self.scanner.peek()) {
            (Expect::CommaOrEnd, b',') => {
                self.scanner.pos += 1;
                self.expect = if self.is_object() {
                    Expect::Key
                } else {
                    Expect::Value
                };
                Ok(())
            }
            (Expect::Key | Expect::KeyOrEnd, b'"') => self.key(),
            (Expect::KeyOrEnd | Expect::CommaOrEnd, b'}') if self.is_object() => {
                self.close(Event::MappingEnd)
            }
            (Expect::ValueOrEnd | Expect::CommaOrEnd, b']') if !self.is_object() => {
                self.close(Event::SequenceEnd)
            }
            (Expect::Value | Expect::ValueOrEnd, b'[' | b'{') => self.open(),
            (Expect::Value, b']') if !self.open.is_empty() => Err(self.unexpected().into()),
            (Expect::Value | Expect::ValueOrEnd, _) if !self.is_cut_off() => self.scalar(),
            _ => Err(self.unexpected().into()),
        }
    }

    fn key(&mut self) -> Result<(), Stop<S::Error>> {
        let start = self.scanner.pos;
        let value = self.scanner.string()?;
        self.emit(quoted(value), Span::new(start, self.scanner.pos))?;
        self.scanner.skip_white();
        if self.scanner.peek() != b':' {
            return Err(Fault::expected("`:` after the key", self.scanner.pos).into());
        }
        self.scanner.pos += 1;
        self.expect = Expect::Value;
        Ok(())
    }

    fn open(&mut self) -> Result<(), Stop<S::Error>> {
        let start = self.scanner.pos;
        if self.open.len() >= self.depth_limit {
            let limit = self.depth_limit;
            return Err(Fault::new(SyntaxErrorKind::TooDeep { limit }, start).into());
        }
        let is_object = self.scanner.peek() == b'{';
        self.scanner.pos += 1;
        self.open.push((is_object, start));
        let (properties, style) = (NO_PROPERTIES, CollectionStyle::Flow);
        let event = if is_object {
            self.expect = Expect::KeyOrEnd;
            Event::MappingStart { properties, style }
        } else {
            self.expect = Expect::ValueOrEnd;
            Event::SequenceStart { properties, style }
        };
        self.emit(event, Span::new(start, start + 1))
    }

    fn close(&mut self, event: Event<'i>) -> Result<(), Stop<S::Error>> {
        let start = self.scanner.pos;
        self.scanner.pos += 1;
        self.open.pop();
        self.expect = Expect::CommaOrEnd;
        self.emit(event, Span::new(start, start + 1))
    }

    fn scalar(&mut self) -> Result<(), Stop<S::Error>> {
        let start = self.scanner.pos;
        let event = if self.scanner.peek() == b'"' {
            quoted(self.scanner.string()?)
        } else {
            let value = Cow::Borrowed(self.scanner.bare()?);
            Event::Scalar {
                value,
                properties: NO_PROPERTIES,
                style: ScalarStyle::Plain,
            }
        };
        self.expect = Expect::CommaOrEnd;
        self.emit(event, Span::new(start, self.scanner.pos))
    }

    fn unexpected(&self) -> Fault {
        let is_object = self.is_object();
        let at = self.scanner.pos;
        if self.is_cut_off()
            && let Some((_, start)) = self.open.last()
        {
            let what = if is_object { "`{`" } else { "`[`" };
            return Fault::new(SyntaxErrorKind::Unclosed { what }, *start);
        }
        let expected = match self.expect {
            Expect::Value if self.scanner.peek() == b']' => "a value: JSON has no comma before `]`",
            Expect::Key if self.scanner.peek() == b'}' => "a key: JSON has no comma before `}`",
            Expect::Key => "a key in double quotes",
            Expect::KeyOrEnd => "a key in double quotes or `}`",
            Expect::CommaOrEnd if is_object => "`,` or `}`",
            Expect::CommaOrEnd => "`,` or `]`",
            Expect::Value | Expect::ValueOrEnd => "a value",
        };
        Fault::expected(expected, at)
    }
}

fn quoted(value: Cow<'_, str>) -> Event<'_> {
    Event::Scalar {
        value,
        properties: NO_PROPERTIES,
        style: ScalarStyle::DoubleQuoted,
    }
}

impl<'i> Scanner<'i> {
    /// NUL at the end; a text has none.
    #[inline]
    fn peek(&self) -> u8 {
        self.bytes.get(self.pos).copied().unwrap_or(0)
    }

    #[inline]
    fn skip_white(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\t' | b'\r') {
            self.pos += 1;
        }
    }

    /// `true`, `false`, `null` or a number.
    fn bare(&mut self) -> Scan<&'i str> {
        let start = self.pos;
        if matches!(self.peek(), b'-' | b'0'..=b'9') {
            self.number()?;
        } else {
            let word = ["true", "false", "null"]
                .into_iter()
                .find(|word| self.bytes[start..].starts_with(word.as_bytes()));
            let Some(word) = word else {
                return Err(self.no_value());
            };
            self.pos += word.len();
        }
        let next = self.peek();
        if next.is_ascii_alphanumeric() || matches!(next, b'.' | b'_' | b'+' | b'-') {
            return Err(Fault::expected("`,` or the end after the value", self.pos));
        }
        self.check_length(self.pos - start, start)?;
        Ok(&self.text[start..self.pos])
    }

    fn no_value(&self) -> Fault {
        let expected = match self.peek() {
            b'\'' => "a value: JSON has double quotes only",
            b'/' | b'#' => "a value: JSON has no comments",
            b'N' | b'I' => "a value: JSON has neither NaN nor Infinity",
            b'T' | b'F' => "a value: `true` and `false` are in small letters",
            _ => "a value",
        };
        Fault::expected(expected, self.pos)
    }

    fn number(&mut self) -> Scan<()> {
        if self.peek() == b'-' {
            self.pos += 1;
        }
        if self.peek() == b'0' {
            self.pos += 1;
            if self.peek().is_ascii_digit() {
                return Err(Fault::expected(
                    "a number without zeros before it",
                    self.pos,
                ));
            }
        } else {
            self.digits()?;
        }
        if self.peek() == b'.' {
            self.pos += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.pos += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.pos += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Scan<()> {
        let start = self.pos;
        while self.peek().is_ascii_digit() {
            self.pos += 1;
        }
        if self.pos == start {
            return Err(Fault::expected("a digit", start));
        }
        Ok(())
    }

    #[inline]
    fn find_end_of_text(&self, from: usize) -> usize {
        self.bytes[from..]
            .iter()
            .position(|byte| ENDS_TEXT[usize::from(*byte)])
            .map_or(self.bytes.len(), |count| from + count)
    }

    fn string(&mut self) -> Scan<Cow<'i, str>> {
        let start = self.pos;
        let mut from = start + 1;
        self.pos = self.find_end_of_text(from);
        if self.peek() == b'"' {
            let value = &self.text[from..self.pos];
            self.check_length(value.len(), start)?;
            self.pos += 1;
            return Ok(Cow::Borrowed(value));
        }
        let mut value = String::new();
        loop {
            value.push_str(&self.text[from..self.pos]);
            self.check_length(value.len(), start)?;
            match self.peek() {
                b'"' => {
                    self.pos += 1;
                    return Ok(Cow::Owned(value));
                }
                b'\\' => value.push(self.escape()?),
                _ if self.pos >= self.bytes.len() => {
                    let what = "the string";
                    return Err(Fault::new(SyntaxErrorKind::Unclosed { what }, start));
                }
                byte => {
                    let code = u32::from(byte);
                    return Err(Fault::new(SyntaxErrorKind::Character { code }, self.pos));
                }
            }
            from = self.pos;
            self.pos = self.find_end_of_text(from);
        }
    }

    fn escape(&mut self) -> Scan<char> {
        let start = self.pos;
        let invalid = || Fault::new(SyntaxErrorKind::Escape, start);
        let code = self.bytes.get(start + 1).copied().unwrap_or(0);
        self.pos += 2;
        Ok(match code {
            b'"' | b'\\' | b'/' => char::from(code),
            b'b' => '\x08',
            b'f' => '\x0C',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit().ok_or_else(invalid)?;
                if !(0xD800..0xDC00).contains(&unit) {
                    return char::from_u32(unit).ok_or_else(invalid);
                }
                // A character beyond U+FFFF is a pair of units; one alone is no character.
                if !self.bytes[self.pos..].starts_with(b"\\u") {
                    return Err(invalid());
                }
                self.pos += 2;
                let low = self.unit().ok_or_else(invalid)?;
                if !(0xDC00..0xE000).contains(&low) {
                    return Err(invalid());
                }
                let code = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                char::from_u32(code).ok_or_else(invalid)?
            }
            _ => return Err(invalid()),
        })
    }

    fn unit(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.pos..self.pos + 4)?;
        self.pos += 4;
        digits.iter().try_fold(0, |code, digit| {
            Some(code << 4 | char::from(*digit).to_digit(16)?)
        })
    }

    fn check_length(&self, length: usize, start: usize) -> Scan<()> {
        let limit = self.scalar_limit;
        if length > limit {
            return Err(Fault::new(SyntaxErrorKind::ScalarTooLong { limit }, start));
        }
        Ok(())
    }
}
