//! Events with all their lines, one after the other: for filters and for those who want the events
//! themselves. A summary without a filter does without.

use std::borrow::Cow;
use std::ops::Range;

use crate::blocks::{Block, LINE_LIMIT, clean_end};
use crate::escapes::without_escapes;
use crate::expression::{Fields, Value};
use crate::fields::Kind;
use crate::format::{Format, Parts, Reader, float, is_continuation};
use crate::level::{Level, LevelSource};
use crate::mask::mask;
use crate::pairs::value_of;
use crate::record::{Record, Span};
use crate::time::{Stamp, WallClock, Zone, rfc3339};
use crate::trace::is_thrown;

/// An event with its lines.
#[derive(Clone, Copy, Debug)]
pub struct Event<'e> {
    /// What the first line tells; its places are those of [`Self::text`].
    pub record: &'e Record,
    /// The text of the record's places.
    pub text: &'e [u8],
    /// The first line without control sequences.
    pub line: &'e [u8],
    /// All lines as they stand, without the end of the last.
    pub lines: &'e [u8],
    /// The end of the last line: `\n`, `\r\n`, or nothing where the input ends without one.
    pub end: &'e [u8],
    /// Fields by name and numbers.
    pub parts: &'e Parts,
    /// Nanoseconds since 1970 in UTC.
    pub time: Option<i64>,
    /// The place of its format in the list of formats; none for lines that no format reads.
    pub format: Option<usize>,
    /// The name of its format, `none` where it has none.
    pub format_name: &'static str,
    /// The number of the first line in its input, from 1.
    pub number: u64,
}

impl<'e> Event<'e> {
    /// The message of the record, or all of a line that no format reads.
    #[must_use]
    pub fn message(&self) -> &'e [u8] {
        self.record.message.of(self.text)
    }

    /// Writes the value of a field as text; false when the event has no such field.
    ///
    /// Names of every event are `time`, `level`, `source`, `host`, `message`, `template` (the
    /// message with its variable words as `<*>`), `trace`, `format`, `line` (its number) and `raw`;
    /// all others are those of the log: fields, and `key=value` within the message.
    pub fn write_value(&self, name: &str, out: &mut Vec<u8>) -> bool {
        let part = match name {
            "level" => self.record.level.name().as_bytes(),
            "source" => self.record.source.of(self.text),
            "host" => self.record.host.of(self.text),
            "message" => self.message(),
            "trace" => self.record.trace.of(self.text),
            "format" => self.format_name.as_bytes(),
            "raw" => self.lines,
            "template" => {
                let message = self.message();
                let end = memchr::memchr(b'\n', message).unwrap_or(message.len());
                mask(&message[..end], out);
                return end > 0;
            }
            "line" => {
                out.extend_from_slice(self.number.to_string().as_bytes());
                return true;
            }
            "time" => {
                let text = self.time.map(rfc3339).unwrap_or_default();
                out.extend_from_slice(text.as_bytes());
                return !text.is_empty();
            }
            _ => b"",
        };
        if !part.is_empty() {
            out.extend_from_slice(part);
            return true;
        }
        let field = self.parts.fields.get(name.as_bytes());
        let value = match field {
            Some(field) if field.is_null() => None,
            Some(field) => Some(field.value),
            None => value_of(self.message(), name.as_bytes()),
        };
        out.extend_from_slice(value.unwrap_or_default());
        value.is_some()
    }

    /// The value of a field as a number, where it is one.
    #[must_use]
    pub fn number_of(&self, name: &str) -> Option<f64> {
        match self.parts.fields.get(name.as_bytes()) {
            Some(field) => field.number(),
            None => float(value_of(self.message(), name.as_bytes())?),
        }
    }

    /// The lines behind the first.
    pub fn continuations(&self) -> impl Iterator<Item = &'e [u8]> {
        self.lines
            .split(|byte| *byte == b'\n')
            .skip(1)
            .map(clean_end)
    }
}

impl Fields for Event<'_> {
    #[allow(clippy::cast_precision_loss)]
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let part = match name {
            "level" => return Some(Value::Level(self.record.level)),
            "time" => return self.time.map(Value::Time),
            "line" => return Some(Value::Number(self.number as f64)),
            "source" => self.record.source.of(self.text),
            "host" => self.record.host.of(self.text),
            "message" => self.message(),
            "trace" => self.record.trace.of(self.text),
            "format" => self.format_name.as_bytes(),
            "raw" => self.lines,
            _ => b"",
        };
        if !part.is_empty() {
            return Some(Value::Text(part));
        }
        let Some(field) = self.parts.fields.get(name.as_bytes()) else {
            return value_of(self.message(), name.as_bytes()).map(Value::Text);
        };
        Some(match field.kind {
            Kind::Number => float(field.value).map_or(Value::Text(field.value), Value::Number),
            Kind::Word => match field.value {
                b"true" => Value::Bool(true),
                b"false" => Value::Bool(false),
                _ => Value::Null,
            },
            Kind::Text | Kind::Json => Value::Text(field.value),
        })
    }
}

const NANOSECONDS: i64 = 1_000_000_000;

/// Nanoseconds since 1970 in UTC; none for uptimes and years that have no room. The clock of times
/// without a zone is ahead of UTC by so many seconds.
#[must_use]
pub fn utc(stamp: Stamp, wall: &WallClock) -> Option<i64> {
    let seconds = match stamp.zone {
        Zone::Given => stamp.seconds,
        Zone::Missing => wall.utc(stamp.seconds),
        Zone::Uptime => return None,
    };
    let whole = seconds.checked_mul(NANOSECONDS)?;
    whole.checked_add(i64::from(stamp.nanoseconds))
}

/// The event at hand, until its last line was seen.
struct Pending<'b> {
    record: Record,
    line: Cow<'b, [u8]>,
    format: Option<usize>,
    /// Its lines in the block.
    place: Range<usize>,
    number: u64,
}

/// Gives all events of a block, and each line that no format reads as one without a format.
pub(crate) fn each_event(
    block: &Block<'_>,
    formats: &[Format],
    reader: &mut Reader,
    wall: &WallClock,
    spare: &mut Parts,
    mut each: impl FnMut(&Event<'_>),
) {
    let text = block.text.bytes();
    let has_escapes = memchr::memchr(0x1B, text).is_some();
    let has_continuations = formats.iter().any(|format| format.has_continuations());
    let looks_ahead = formats.iter().any(|format| format.looks_ahead(text));
    let mut years = block.year;
    let mut pending: Option<Pending<'_>> = None;
    let mut start = 0;
    let ends = memchr::memchr_iter(b'\n', text).chain(Some(text.len()));
    for (number, end) in (block.first_line..).zip(ends) {
        if start == text.len() {
            break;
        }
        let whole = clean_end(&text[start..end]);
        let place = start..start + whole.len();
        start = end + 1;
        let line = &whole[..whole.len().min(LINE_LIMIT)];
        let line = if has_escapes {
            without_escapes(line)
        } else {
            Cow::Borrowed(line)
        };
        years.pass(&line);
        reader.year = years.year;
        if looks_ahead {
            reader.look_ahead(formats, &line, text.get(start..).unwrap_or_default());
        }
        // Blank lines within an event are its own, those behind it are nobody's.
        let rest = text.get(start..).unwrap_or_default();
        let Some((format, record)) = one_line(&line, rest, formats, reader) else {
            continue;
        };
        if let Some(event) = &mut pending
            && format.is_none()
            && (is_continuation(&line)
                || reader.is_part()
                || (has_continuations && event.format.is_some()))
        {
            event.place.end = place.end;
            continue;
        }
        if let Some(event) = pending.take() {
            give(&event, text, formats, spare, wall, &mut each);
        }
        std::mem::swap(&mut reader.parts, spare);
        pending = Some(Pending {
            record,
            line,
            format,
            place,
            number,
        });
    }
    if let Some(event) = pending {
        give(&event, text, formats, spare, wall, &mut each);
    }
}

/// What a line is, with the place of the format that reads it; none for a blank one.
fn one_line(
    line: &[u8],
    rest: &[u8],
    formats: &[Format],
    reader: &mut Reader,
) -> Option<(Option<usize>, Record)> {
    for (index, format) in formats.iter().enumerate() {
        if let Some(mut record) = reader.parse(*format, line) {
            opens_trace(&mut record, &reader.parts, line, rest);
            return Some((Some(index), record));
        }
    }
    reader.parts.clear();
    let record = Record {
        message: Span::new(0, line.len()),
        ..Record::default()
    };
    let is_event = !line.trim_ascii().is_empty() && !reader.is_header(formats, line);
    is_event.then_some((None, record))
}

fn give(
    event: &Pending<'_>,
    block: &[u8],
    formats: &[Format],
    parts: &Parts,
    wall: &WallClock,
    each: &mut impl FnMut(&Event<'_>),
) {
    each(&Event {
        record: &event.record,
        text: parts.text(&event.record, &event.line),
        line: &event.line,
        lines: &block[event.place.clone()],
        end: line_end(&block[event.place.end..]),
        parts,
        time: event.record.time.and_then(|stamp| utc(stamp, wall)),
        format: event.format,
        format_name: event.format.map_or("none", |index| formats[index].name()),
        number: event.number,
    });
}

/// The end of a line at the start of a text.
fn line_end(text: &[u8]) -> &[u8] {
    let length = memchr::memchr(b'\n', text).map_or(text.len(), |place| place + 1);
    &text[..length]
}

/// A stack trace that opens an event without a level is an error; `rest` is what stands behind the
/// line.
pub(crate) fn opens_trace(record: &mut Record, parts: &Parts, line: &[u8], rest: &[u8]) {
    if record.level != Level::Unknown || record.http.is_some() {
        return;
    }
    let message = record.message.of(parts.text(record, line));
    let opens = match message.first() {
        Some(b'T') => message.starts_with(b"Traceback (most recent call last)"),
        Some(b'p') => message.starts_with(b"panic: "),
        Some(b'E') => message.starts_with(b"Exception in thread "),
        Some(b'C') => message.starts_with(b"Caused by: "),
        Some(b't') => message.starts_with(b"thread '"),
        _ => false,
    };
    if opens || is_thrown(message, rest) {
        record.found(Some(Level::Error), LevelSource::Exception);
    }
}
