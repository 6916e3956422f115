//! Lines that are read with those behind them: parts of messages, entries over several lines, rows
//! with ends of lines in quotes.

use super::Reader;
use crate::format::context::undouble;
use crate::format::{Format, ahead, cri, docker, split};
use crate::record::{Record, Span};

impl Reader {
    /// A line of a container; parts of a message are one.
    pub(super) fn cri_line(&mut self, text: &[u8]) -> Option<Record> {
        let outer = cri::parse(text, &mut self.clock, &mut self.parts.fields)?;
        if self.ahead.is_empty() {
            return Some(self.nested(text, outer));
        }
        let mut joined = std::mem::take(&mut self.joined);
        joined.clear();
        joined.extend_from_slice(text);
        joined.extend_from_slice(&self.ahead);
        let outer = Record {
            message: Span::new(outer.message.start as usize, joined.len()),
            ..outer
        };
        let mut record = self.nested(&joined, outer);
        if !record.is_decoded {
            std::mem::swap(&mut self.parts.scratch, &mut joined);
            record.is_decoded = true;
        }
        self.joined = joined;
        Some(record)
    }

    /// A line of Docker's whose text goes on in others.
    pub(super) fn partial_json(&mut self, text: &[u8]) -> Option<Record> {
        let Some((_, end)) = docker::stream(text) else {
            return self.json_line(text);
        };
        let mut joined = std::mem::take(&mut self.joined);
        joined.clear();
        joined.extend_from_slice(&text[..end]);
        joined.extend_from_slice(&self.ahead);
        joined.extend_from_slice(&text[end..]);
        let record = self.json_line(&joined);
        self.joined = joined;
        // What Docker wraps is decoded: its places are not those of the line.
        record.filter(|record| record.is_decoded)
    }

    /// An event over several lines.
    pub(super) fn entry(&mut self, format: Format, text: &[u8]) -> Option<Record> {
        let mut joined = std::mem::take(&mut self.joined);
        joined.clear();
        joined.extend_from_slice(text);
        joined.push(b'\n');
        joined.extend_from_slice(&self.ahead);
        let record = self.fixed(format, &joined).map(|record| {
            std::mem::swap(&mut self.parts.scratch, &mut joined);
            Record {
                is_decoded: true,
                ..record
            }
        });
        self.joined = joined;
        record
    }

    /// What stands behind the line that is read next, of the same event; lines that are told
    /// already are not read again.
    pub(crate) fn look_ahead(&mut self, formats: &[Format], line: &[u8], rest: &[u8]) {
        self.is_part = self.joined_lines.is_part(formats, line);
        if !self.is_part {
            ahead::look(formats, line, rest, &mut self.ahead);
        }
    }

    /// Whether the line that was looked behind belongs to the event before it.
    #[must_use]
    pub(crate) const fn is_part(&self) -> bool {
        self.is_part
    }

    /// A row whose values can have quotes and ends of lines.
    pub(super) fn quoted(&mut self, format: Format, text: &[u8]) -> Option<Record> {
        let mut joined = std::mem::take(&mut self.joined);
        let has_more = !self.ahead.is_empty() && split::is_open(text);
        let text = if has_more {
            joined.clear();
            joined.extend_from_slice(text);
            joined.push(b'\n');
            joined.extend_from_slice(&self.ahead);
            &joined
        } else {
            text
        };
        let record = self.fixed(format, text).map(|mut record| {
            let is_doubled = memchr::memmem::find(record.message.of(text), b"\"\"").is_some();
            if has_more || is_doubled {
                let scratch = &mut self.parts.scratch;
                scratch.clear();
                scratch.extend_from_slice(text);
                undouble(record.message.of(text), scratch);
                record.message = Span::new(text.len(), scratch.len());
                record.is_decoded = true;
            }
            record
        });
        self.joined = joined;
        record
    }
}
