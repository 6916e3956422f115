//! Lines within others: what stands in the messages of syslog and containers' logs.

use super::Reader;
use crate::format::{Format, NumberNames, cri, json, syslog};
use crate::level::Level;
use crate::record::{Record, Span};

/// How far an inner line is searched for the time behind a client.
const LONGEST_CLIENT: usize = 160;

impl Reader {
    pub(super) fn json_line(&mut self, text: &[u8]) -> Option<Record> {
        let parts = &mut self.parts;
        let line = self.json.parse(
            text,
            &mut self.clock,
            &mut parts.scratch,
            &mut parts.numbers,
            &mut parts.fields,
        )?;
        parts.number_names = NumberNames::Json;
        match line {
            json::Line::Event(record) => Some(record),
            json::Line::Docker(outer) => {
                let text = std::mem::take(&mut self.parts.scratch);
                let mut record = self.inner(&text).unwrap_or_default();
                if !record.is_decoded {
                    self.parts.scratch = text;
                    record.is_decoded = true;
                    if record.message.is_empty() {
                        record.message = Span::new(0, self.parts.scratch.len());
                    }
                }
                record.is_year_missing &= outer.time.is_none();
                record.time = outer.time.or(record.time);
                record.found(Some(outer.level), outer.level_source);
                Some(record)
            }
        }
    }

    /// What stands in the message of a line that wraps others.
    pub(super) fn nested(&mut self, text: &[u8], outer: Record) -> Record {
        let by = outer.message.start;
        let Some(mut inner) = self.inner(outer.message.of(text)) else {
            return outer;
        };
        if inner.is_decoded {
            // Places in two texts: what the outer line names is copied to the inner ones.
            for (part, own) in [
                (&mut inner.host, outer.host),
                (&mut inner.source, outer.source),
                (&mut inner.message, outer.message),
            ] {
                if part.is_empty() && !own.is_empty() {
                    let start = self.parts.scratch.len();
                    self.parts.scratch.extend_from_slice(own.of(text));
                    *part = Span::new(start, self.parts.scratch.len());
                }
            }
        } else {
            let moved = |span: Span, own: Span| {
                if span.is_empty() { own } else { span.moved(by) }
            };
            inner.host = moved(inner.host, outer.host);
            inner.source = moved(inner.source, outer.source);
            inner.message = moved(inner.message, outer.message);
            inner.trace = moved(inner.trace, outer.trace);
            inner.http = inner.http.map(|http| http.moved(by));
        }
        inner.time = outer.time.or(inner.time);
        inner.is_year_missing = outer.is_year_missing;
        if inner.level == Level::Unknown {
            inner.level = outer.level;
            inner.level_source = outer.level_source;
        }
        inner
    }

    /// A structured line within another one.
    pub(super) fn inner(&mut self, text: &[u8]) -> Option<Record> {
        let outer = self.parts.fields.len();
        // Places of the outer line mean nothing in this one.
        self.parts.fields.settle(0);
        let found = self.structured(text);
        if found.is_none() {
            // What was read before it turned out to be something else.
            self.parts.numbers.clear();
            self.parts.fields.truncate(outer);
        }
        found
    }

    pub(super) fn structured(&mut self, text: &[u8]) -> Option<Record> {
        match text.first()? {
            b'{' => {
                let line = self.json.parse(
                    text,
                    &mut self.inner_clock,
                    &mut self.inner_scratch,
                    &mut self.parts.numbers,
                    &mut self.parts.fields,
                )?;
                let json::Line::Event(record) = line else {
                    return None;
                };
                self.parts.number_names = NumberNames::Json;
                if record.is_decoded {
                    std::mem::swap(&mut self.parts.scratch, &mut self.inner_scratch);
                }
                Some(record)
            }
            b'I' | b'W' | b'E' | b'F' if text.get(1).is_some_and(u8::is_ascii_digit) => {
                cri::klog(text, &mut self.inner_clock, self.year)
            }
            b'a'..=b'z' => self.logfmt_line(text),
            b'0'..=b'9' | b':' => self.request(text),
            b'[' => syslog::postgres(text),
            _ => None,
        }
    }

    /// A request that a web server tells through another log.
    #[inline(never)]
    pub(super) fn request(&mut self, text: &[u8]) -> Option<Record> {
        // Most messages that begin with a digit go on otherwise.
        let head = &text[..text.len().min(LONGEST_CLIENT)];
        memchr::memmem::find(head, b" [")?;
        std::mem::swap(&mut self.clock, &mut self.inner_clock);
        let found = self
            .fixed(Format::Haproxy, text)
            .or_else(|| self.fixed(Format::Access, text));
        std::mem::swap(&mut self.clock, &mut self.inner_clock);
        found
    }
}
