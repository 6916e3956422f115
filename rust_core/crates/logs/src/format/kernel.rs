//! The kernel's messages as `dmesg` prints them, and systemd's on the console.

use super::context::Context;
use super::header::opening;
use super::syslog::priority;
use crate::level::{Level, LevelSource};
use crate::record::{Record, Span};
use crate::time::Shape;

/// `[<PRI>][   12.345678] message`, also behind `facility:level:` of `dmesg -x`.
pub(crate) fn dmesg(text: &[u8], context: &mut Context<'_>) -> Option<Record> {
    let (mut level, mut at) = (None, 0);
    match text.first()? {
        b'<' => {
            let (priority, end) = priority(text)?;
            (level, at) = (Some(Level::of_priority(priority)), end);
        }
        b'a'..=b'z' => {
            let end = memchr::memmem::find(&text[..text.len().min(LONGEST_DECODED)], b": [")?;
            let (facility, name) = text[..end].split_at(memchr::memchr(b':', &text[..end])?);
            level = Level::of_word(name[1..].trim_ascii());
            level?;
            context.field(b"facility", facility.trim_ascii());
            at = end + 2;
        }
        _ => {}
    }
    let (time, start) = uptime(text, at, context)?;
    let mut record = Record {
        time: Some(time),
        message: Span::new(start, text.len()),
        ..Record::default()
    };
    let source = match text[0] {
        b'<' => LevelSource::Priority,
        _ => LevelSource::Field,
    };
    record.found(level, source);
    // The part of the kernel: a few words that a colon ends.
    let message = record.message.of(text);
    let window = &message[..message.len().min(LONGEST_PART)];
    if let Some(colon) = memchr::memmem::find(window, b": ")
        && memchr::memchr_iter(b' ', &window[..colon]).count() <= 1
        && colon > 0
    {
        record.source = Span::new(start, start + colon);
        record.message.start = Span::new(start + colon + 2, 0).start;
    }
    record.found(opening(record.message.of(text)), LevelSource::Header);
    Some(record)
}

const LONGEST_DECODED: usize = 24;
const LONGEST_PART: usize = 48;

/// `[   12.345678] `: the time and where the message begins. The kernel writes six digits behind
/// the point.
pub(crate) fn uptime(
    text: &[u8],
    at: usize,
    context: &mut Context<'_>,
) -> Option<(crate::time::Stamp, usize)> {
    if text.get(at) != Some(&b'[') {
        return None;
    }
    let (time, length) = context
        .clock
        .parse(Shape::Uptime, &text[at + 1..], context.year)?;
    let close = at + 1 + length;
    let has_six = text.get(close.checked_sub(7)?) == Some(&b'.');
    let end = text.get(close..)?.strip_prefix(b"]").filter(|_| has_six)?;
    // `dmesg -x` of newer kernels names the thread: `[ 1.0][ T1] `.
    let end = match end.strip_prefix(b"[") {
        Some(caller) => &caller[memchr::memchr(b']', caller)? + 1..],
        None => end,
    };
    let message = end.strip_prefix(b" ").unwrap_or(end);
    Some((time, text.len() - message.len()))
}

/// `[  OK  ] Started …`, `[FAILED] Failed to start …`: systemd while the machine starts.
pub(crate) fn boot(text: &[u8]) -> Option<Record> {
    let level = match text.get(..9)? {
        b"[  OK  ] " | b"[ TIME ] " | b"[ INFO ] " => Level::Info,
        b"[FAILED] " => Level::Error,
        b"[DEPEND] " | b"[ WARN ] " | b"[ABORT ] " => Level::Warning,
        b"[ SKIP ] " => Level::Notice,
        _ => return None,
    };
    Some(Record {
        level,
        level_source: LevelSource::Header,
        message: Span::new(9, text.len()),
        ..Record::default()
    })
}
