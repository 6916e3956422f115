//! The slow query log of `MySQL` and `MariaDB`: comments with times and counts, then a statement.

use super::context::Context;
use crate::record::{Record, Span};
use crate::time::{Shape, Stamp};

const TIME: &[u8] = b"# Time: ";
const USER: &[u8] = b"# User@Host: ";

/// Whether a line opens an event; behind the time the user goes on with it.
pub(crate) fn opens(line: &[u8]) -> bool {
    line.starts_with(TIME) || line.starts_with(USER)
}

pub(crate) fn is_time(line: &[u8]) -> bool {
    line.starts_with(TIME)
}

/// Whether a line goes on with the event that the one before it opened.
pub(crate) fn goes_on(before: &[u8], line: &[u8]) -> bool {
    before.starts_with(TIME) && line.starts_with(USER)
}

/// The length of the rest of an event: comments, then all that is none.
pub(crate) fn rest_of(rest: &[u8]) -> usize {
    let (mut at, mut is_body) = (0, false);
    for line in rest.split_inclusive(|byte| *byte == b'\n') {
        let is_comment = line.starts_with(b"# ");
        if line.starts_with(TIME) || (is_comment && is_body) {
            break;
        }
        is_body |= !is_comment;
        at += line.len();
    }
    at
}

/// An event: places are those of all its lines.
pub(crate) fn slow(text: &[u8], context: &mut Context<'_>) -> Option<Record> {
    if !opens(text) {
        return None;
    }
    let mut record = Record::default();
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let start = at;
        at += line.len();
        let line = line.trim_ascii_end();
        if let Some(time) = line.strip_prefix(TIME) {
            record.time = Some(time_of(time, context)?);
        } else if line.starts_with(USER) {
            user(line, start, &mut record, context);
        } else if let Some(pairs) = line.strip_prefix(b"# ") {
            counts(pairs, context);
        } else if let Some(stamp) = line.strip_prefix(b"SET timestamp=") {
            let found = context.clock.parse(Shape::Epoch, stamp, context.year);
            record.time = record.time.or(found.map(|(stamp, _)| stamp));
        } else if !line.is_empty() && !is_use(line) {
            record.message = Span::new(start, text.trim_ascii_end().len());
            break;
        }
    }
    Some(record)
}

/// ISO of newer versions, `071015 21:43:52` of older ones.
fn time_of(text: &[u8], context: &mut Context<'_>) -> Option<Stamp> {
    let found = context.clock.parse(Shape::Iso, text, context.year);
    let found = found.map(|(stamp, _)| stamp);
    found.or_else(|| {
        let mut compact = [0; 22];
        let (date, clock) = (text.get(..6)?, text.get(7..)?.trim_ascii());
        // `071015  9:03:52` has a space before the hour.
        compact[..2].copy_from_slice(b"20");
        compact[2..8].copy_from_slice(date);
        compact[8] = b' ';
        let length = clock.len().min(13);
        compact[9..9 + length].copy_from_slice(&clock[..length]);
        let (stamp, _) = Shape::Compact.parse(&compact[..9 + length], context.year)?;
        Some(stamp)
    })
}

/// `root[root] @ localhost [127.0.0.1]  Id: 5`.
fn user(line: &[u8], start: usize, record: &mut Record, context: &mut Context<'_>) {
    let rest = &line[USER.len()..];
    let name = memchr::memchr2(b'[', b' ', rest).unwrap_or(rest.len());
    context.field(b"user", &rest[..name]);
    if let Some(at) = memchr::memmem::find(rest, b" @ ") {
        let host = &rest[at + 3..];
        let length = memchr::memchr(b' ', host).unwrap_or(host.len());
        context.field(b"client", &host[..length]);
    }
    // Until the statement is known.
    record.message = Span::new(start, start + line.len());
}

/// `Query_time: 2.000162  Lock_time: 0.000000 Rows_sent: 1`.
fn counts(mut rest: &[u8], context: &mut Context<'_>) {
    while let Some(colon) = memchr::memmem::find(rest, b": ") {
        let name = rest[..colon].trim_ascii_start();
        let value = rest[colon + 2..].trim_ascii_start();
        let length = memchr::memchr(b' ', value).unwrap_or(value.len());
        if name == b"Id" || name.ends_with(b"_id") {
            context.field(name, &value[..length]);
        } else {
            context.number(name, &value[..length]);
        }
        rest = &value[length..];
    }
}

fn is_use(line: &[u8]) -> bool {
    line.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"use "))
        && line.ends_with(b";")
}
