//! systemd's journal: what `journalctl -o short-full`, `short-unix` and `short-monotonic` print,
//! and the export format.

use super::context::Context;
use super::kernel::uptime;
use super::syslog::{is_host, tagged};
use crate::level::{Level, LevelSource};
use crate::record::{Record, Span};
use crate::time::Shape;

/// `TIME host tag[pid]: message` where the time is `Fri 2026-11-20 10:00:00 UTC`,
/// `1763632800.123456` or `[  12.345678]`.
pub(crate) fn short(text: &[u8], context: &mut Context<'_>) -> Option<Record> {
    let (time, at) = match text.first()? {
        b'[' => {
            let (time, message) = uptime(text, 0, context)?;
            (time, message.checked_sub(1)?)
        }
        b'0'..=b'9' => {
            let (time, length) = context.clock.parse(Shape::Epoch, text, context.year)?;
            // Microseconds, unlike most others.
            (length == 17).then_some((time, length))?
        }
        b'F' | b'M' | b'S' | b'T' | b'W' => {
            let is_weekday = text.get(3) == Some(&b' ') && is_digit(text.get(4));
            let rest = text.get(4..).filter(|_| is_weekday)?;
            let (time, length) = context.clock.parse(Shape::Iso, rest, context.year)?;
            (time, length + 4)
        }
        _ => return None,
    };
    if text.get(at) != Some(&b' ') {
        return None;
    }
    let mut record = Record {
        time: Some(time),
        ..Record::default()
    };
    let has_tag = tagged(text, at, &mut record);
    let behind = text.get(record.source.end as usize);
    // A process, or the kernel: words with a colon stand in other logs too.
    let is_process = behind == Some(&b'[') || record.source.of(text) == b"kernel";
    let is_host = !record.host.is_empty() && is_host(record.host.of(text));
    (has_tag && is_process && is_host).then_some(record)
}

fn is_digit(byte: Option<&u8>) -> bool {
    byte.is_some_and(u8::is_ascii_digit)
}

/// The line that opens an entry of the export format.
pub(crate) fn opens_entry(line: &[u8]) -> bool {
    line.starts_with(b"__CURSOR=s=")
}

/// The length of the rest of an entry: up to a blank line outside of binary values.
pub(crate) fn entry(rest: &[u8]) -> usize {
    let mut at = 0;
    while let Some((_, _, next)) = member(rest, at) {
        at = next;
    }
    at
}

/// The member at a place: its name, its value, and where the next one begins. Values with bytes
/// that are no text stand behind their length in eight bytes, the lowest first.
fn member(text: &[u8], at: usize) -> Option<(Span, Span, usize)> {
    let rest = text.get(at..)?;
    let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let line = &rest[..length];
    if line.trim_ascii().is_empty() {
        return None;
    }
    if let Some(equals) = memchr::memchr(b'=', line) {
        let value = Span::new(at + equals + 1, at + length);
        let next = (at + length + 1).min(text.len());
        return Some((Span::new(at, at + equals), value, next));
    }
    let start = at + length + 1;
    let size = text.get(start..start + 8)?;
    let size = u64::from_le_bytes(size.try_into().ok()?);
    let value = start + 8;
    let end = value.checked_add(usize::try_from(size).ok()?)?;
    // What was cut off is a value still.
    let end = end.min(text.len());
    Some((
        Span::new(at, at + length),
        Span::new(value, end),
        (end + 1).min(text.len()),
    ))
}

/// An entry: places are those of all its lines.
pub(crate) fn export(text: &[u8], context: &mut Context<'_>) -> Option<Record> {
    if !opens_entry(text) {
        return None;
    }
    let mut record = Record::default();
    let mut command = Span::default();
    let mut at = 0;
    while let Some((name, value, next)) = member(text, at) {
        at = next;
        let word = value.of(text);
        match name.of(text) {
            b"__REALTIME_TIMESTAMP" => {
                let found = context.clock.parse(Shape::Epoch, word, context.year);
                record.time = found.map(|(stamp, _)| stamp);
            }
            b"MESSAGE" => record.message = value,
            b"SYSLOG_IDENTIFIER" => record.source = value,
            b"_COMM" => command = value,
            b"_HOSTNAME" => record.host = value,
            b"PRIORITY" => {
                if let [digit @ b'0'..=b'7'] = word {
                    let level = Level::of_priority(digit - b'0');
                    record.found(Some(level), LevelSource::Field);
                }
            }
            b"__CURSOR" => {}
            name => context.field(name, word),
        }
    }
    if record.source.is_empty() {
        record.source = command;
    }
    Some(record)
}
