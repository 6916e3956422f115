//! Programs with lines of their own: Android's logcat, Redis, Rails.

use super::context::Context;
use crate::level::{Level, LevelSource};
use crate::record::{Record, Span};
use crate::time::Shape;

/// `[MM-DD HH:MM:SS.mmm ]L/tag( pid): message`: logcat's `brief` and `time`.
pub(crate) fn logcat(text: &[u8], context: &mut Context<'_>) -> Option<Record> {
    let mut record = Record::default();
    let mut at = 0;
    if text.first()?.is_ascii_digit() {
        let (time, length) = context.clock.parse(Shape::MonthDay, text, context.year)?;
        record.time = Some(time);
        record.is_year_missing = true;
        at = length + 1;
    }
    let rest = text.get(at..)?;
    let [letter @ (b'V' | b'D' | b'I' | b'W' | b'E' | b'F'), b'/', ..] = rest else {
        return None;
    };
    let open = memchr::memchr(b'(', &rest[..rest.len().min(LONGEST_TAG)])?;
    let close = open + memchr::memchr(b')', &rest[open..rest.len().min(open + 12)])?;
    let process = rest[open + 1..close].trim_ascii();
    let is_process = !process.is_empty() && process.iter().all(u8::is_ascii_digit);
    let tag = rest[2..open].trim_ascii_end().len();
    // `I/O (12): …` is a sentence.
    if !is_process || rest.get(close + 1) != Some(&b':') || tag < 2 {
        return None;
    }
    record.found(Level::of_letter(*letter), LevelSource::Header);
    record.source = Span::new(at + 2, at + 2 + tag);
    let start = at + close + 2;
    let start = start + usize::from(text.get(start) == Some(&b' '));
    record.message = Span::new(start, text.len());
    context.field(b"pid", process);
    Some(record)
}

const LONGEST_TAG: usize = 100;

/// `pid:ROLE DD Mmm YYYY HH:MM:SS.mmm SIGN message`; signs are `.-*#` (Redis, `serverLogRaw`).
pub(crate) fn redis(text: &[u8], context: &mut Context<'_>) -> Option<Record> {
    let colon = memchr::memchr(b':', &text[..text.len().min(12)])?;
    let is_process = colon > 0 && text[..colon].iter().all(u8::is_ascii_digit);
    let [role @ (b'M' | b'S' | b'C' | b'X'), b' ', ..] = text.get(colon + 1..)? else {
        return None;
    };
    let start = colon + 3;
    let (time, length) = context
        .clock
        .parse(Shape::DayFirst, text.get(start..)?, context.year)?;
    let at = start + length;
    let [b' ', sign, b' ', ..] = text.get(at..)? else {
        return None;
    };
    let level = match sign {
        b'.' => Level::Debug,
        // "Verbose" is less than "debug" there.
        b'-' => Level::Info,
        b'*' => Level::Notice,
        b'#' => Level::Warning,
        _ => return None,
    };
    context.field(b"pid", &text[..colon]);
    context.field(b"role", &[*role]);
    is_process.then_some(Record {
        time: Some(time),
        level,
        level_source: LevelSource::Header,
        message: Span::new(at + 3, text.len()),
        ..Record::default()
    })
}

/// `Started GET "/path" for ADDRESS at TIME` and `Completed 200 OK in 12ms (Views: 8.1ms | …)`.
pub(crate) fn rails(text: &[u8], context: &mut Context<'_>) -> Option<Record> {
    if let Some(rest) = text.strip_prefix(b"Started ") {
        let method = memchr::memmem::find(rest, b" \"")?;
        let is_method = rest[..method].iter().all(u8::is_ascii_uppercase) && method > 1;
        let close = method + 2 + memchr::memchr(b'"', &rest[method + 2..])?;
        let client = rest[close + 1..].strip_prefix(b" for ")?;
        let at = memchr::memmem::find(client, b" at ")?;
        let (time, _) = context
            .clock
            .parse(Shape::Iso, &client[at + 4..], context.year)?;
        context.field(b"method", &rest[..method]);
        context.field(b"path", &rest[method + 2..close]);
        context.field(b"client", &client[..at]);
        let end = text.len() - client.len() - 5;
        return is_method.then_some(Record {
            time: Some(time),
            message: Span::new(0, end),
            ..Record::default()
        });
    }
    let rest = text.strip_prefix(b"Completed ")?;
    let status = rest
        .get(..3)
        .filter(|status| status.iter().all(u8::is_ascii_digit))?;
    let at = memchr::memmem::find(rest, b" in ")?;
    let times = &rest[at + 4..];
    let end = memchr::memmem::find(times, b"ms")?;
    super::numbers::float(&times[..end])?;
    context.number(b"duration_ms", &times[..end]);
    context.field(b"status", status);
    for part in times[end + 2..].split(|byte| matches!(byte, b'(' | b'|')) {
        let part = part.trim_ascii();
        if let Some(colon) = memchr::memmem::find(part, b": ")
            && let Some(length) = memchr::memmem::find(&part[colon + 2..], b"ms")
        {
            context.number(&part[..colon], &part[colon + 2..colon + 2 + length]);
        }
    }
    let mut record = Record {
        message: Span::new(0, text.len() - times.len() - 4),
        ..Record::default()
    };
    if context.levels_from_status {
        let status = std::str::from_utf8(status).ok()?.parse().ok()?;
        record.found(super::level_of_status(status), LevelSource::Status);
    }
    Some(record)
}
