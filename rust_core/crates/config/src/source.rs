//! A text that can be parsed, whole or document by document: decoded, its characters checked.

use std::borrow::Cow;

use crate::cursor::Cursor;
use crate::error::{Fault, ParseError, Stop, SyntaxError, SyntaxErrorKind};
use crate::event::{EventSink, Span};
use crate::input;
use crate::json;
use crate::limits::Limits;
use crate::parser::Parser;

/// The text of one input, ready to be parsed, more than once if need be.
#[derive(Clone, Debug)]
pub struct Source<'i> {
    text: Cow<'i, str>,
    has_odd: bool,
}

/// Where a stream goes on after a document. The default is its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    offset: usize,
    is_open: bool,
}

impl Place {
    /// Behind all documents of a text of this length.
    pub(crate) fn end(offset: usize) -> Self {
        Self {
            offset,
            is_open: true,
        }
    }

    /// Bytes of the text before it.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl Default for Place {
    fn default() -> Self {
        Self {
            offset: 0,
            is_open: true,
        }
    }
}

impl<'i> Source<'i> {
    /// Takes bytes in UTF-8, UTF-16 or UTF-32, with or without a mark (specification 5.2).
    ///
    /// # Errors
    /// Bytes that are no text, characters that YAML allows nowhere, an input past its limit.
    pub fn decode(input: &'i [u8], limits: &Limits) -> Result<Self, SyntaxError> {
        check_length(input.len(), limits)?;
        let text = input::decode(input).map_err(|fault| locate_in_bytes(fault, input))?;
        Self::checked(text)
    }

    /// Takes text as it is; a byte order mark at its start is taken off.
    ///
    /// # Errors
    /// As for [`decode`](Self::decode).
    pub fn of_text(text: impl Into<Cow<'i, str>>, limits: &Limits) -> Result<Self, SyntaxError> {
        let text = text.into();
        check_length(text.len(), limits)?;
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.strip_prefix('\u{FEFF}').unwrap_or(text)),
            Cow::Owned(mut text) => {
                if text.starts_with('\u{FEFF}') {
                    text.drain(..'\u{FEFF}'.len_utf8());
                }
                Cow::Owned(text)
            }
        };
        Self::checked(text)
    }

    fn checked(text: Cow<'i, str>) -> Result<Self, SyntaxError> {
        match input::has_odd(&text) {
            Ok(has_odd) => Ok(Self { text, has_odd }),
            Err(fault) => Err(fault.locate(&text)),
        }
    }

    /// What is parsed; [`Span`](crate::Span)s count its bytes.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Parses the whole stream of YAML documents.
    ///
    /// # Errors
    /// [`ParseError::Syntax`] with the place where the text stops being YAML or goes past a limit;
    /// events of what stands before may have been given. [`ParseError::Sink`] when the sink fails.
    pub fn parse<S: EventSink>(
        &self,
        limits: &Limits,
        sink: &mut S,
    ) -> Result<(), ParseError<S::Error>> {
        let mut parser = Parser::new(self.cursor(0, limits), limits, sink);
        parser.stream().map_err(|stop| self.error(stop))
    }

    /// Parses the document at `place`, without the events of the stream, and moves on behind it;
    /// false when there is none left.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse); the place is then where it was.
    pub fn next_document<S: EventSink>(
        &self,
        place: &mut Place,
        limits: &Limits,
        sink: &mut S,
    ) -> Result<bool, ParseError<S::Error>> {
        let mut parser = Parser::new(self.cursor(place.offset, limits), limits, sink);
        let mut is_open = place.is_open;
        let found = parser.next_document(&mut is_open);
        let offset = parser.cursor.pos;
        let found = found.map_err(|stop| self.error(stop))?;
        *place = Place { offset, is_open };
        Ok(found)
    }

    /// Parses one JSON value (RFC 8259) as a document; strings come as double-quoted scalars,
    /// everything else as plain ones.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse).
    pub fn parse_json<S: EventSink>(
        &self,
        limits: &Limits,
        sink: &mut S,
    ) -> Result<(), ParseError<S::Error>> {
        let whole = Span::new(0, self.text.len());
        json::parse(&self.text, whole, limits, sink).map_err(|stop| self.error(stop))
    }

    /// Parses the JSON value of the next line that is not blank, and moves on behind the line;
    /// false when there is none left.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse).
    pub fn next_json_line<S: EventSink>(
        &self,
        place: &mut Place,
        limits: &Limits,
        sink: &mut S,
    ) -> Result<bool, ParseError<S::Error>> {
        let bytes = self.text.as_bytes();
        while place.offset < bytes.len() {
            let start = place.offset;
            let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |n| start + n);
            place.offset = (end + 1).min(bytes.len());
            if !bytes[start..end].trim_ascii().is_empty() {
                let line = Span::new(start, end);
                let parsed = json::parse(&self.text, line, limits, sink);
                return parsed.map(|()| true).map_err(|stop| self.error(stop));
            }
        }
        Ok(false)
    }

    fn cursor(&self, offset: usize, limits: &Limits) -> Cursor<'_> {
        let mut cursor = Cursor::new(&self.text, self.has_odd, limits.scalar_bytes);
        cursor.rewind((offset, offset));
        cursor
    }

    fn error<E>(&self, stop: Stop<E>) -> ParseError<E> {
        match stop {
            Stop::Fault(fault) => ParseError::Syntax(Box::new(fault.locate(&self.text))),
            Stop::Sink(error) => ParseError::Sink(error),
        }
    }
}

fn check_length(length: usize, limits: &Limits) -> Result<(), SyntaxError> {
    let limit = limits.input_bytes;
    if u64::try_from(length).is_ok_and(|length| length > limit) {
        return Err(Fault::new(SyntaxErrorKind::InputTooLong { limit }, 0).locate(""));
    }
    Ok(())
}

/// The position of a fault in bytes that are no text: by what stands before it.
fn locate_in_bytes(fault: Fault, input: &[u8]) -> SyntaxError {
    let valid = match *fault.kind() {
        SyntaxErrorKind::Encoding { byte, .. } => input::decode(&input[..byte]).unwrap_or_default(),
        _ => Cow::default(),
    };
    fault.locate(&valid)
}
