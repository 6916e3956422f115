//! What `java.util.logging` writes by default: time, class and method on one line, level and
//! message on the next.

use super::context::Context;
use crate::level::{Level, LevelSource};
use crate::record::{Record, Span};
use crate::time::{Shape, YearOf};

/// Whether a line opens an event.
pub(crate) fn opens(line: &[u8]) -> bool {
    let length = Shape::American.parse(line, YearOf::default());
    line.first().is_some_and(u8::is_ascii_uppercase)
        && length.is_some_and(|(_, length)| place(line, length).is_some())
}

/// The length of the line behind an opening one, if it has level and message.
pub(crate) fn second(rest: &[u8]) -> usize {
    let line = rest.split(|byte| *byte == b'\n').next();
    let line = line.unwrap_or_default().trim_ascii_end();
    level(line).map_or(0, |_| line.len())
}

/// An event: places are those of both lines.
pub(crate) fn event(text: &[u8], context: &mut Context<'_>) -> Option<Record> {
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    let first = text[..end].trim_ascii_end();
    first.first().filter(|byte| byte.is_ascii_uppercase())?;
    let (stamp, length) = context.clock.parse(Shape::American, first, context.year)?;
    let (class, method) = place(first, length)?;
    context.field(b"method", method.of(first));
    let mut record = Record {
        time: Some(stamp),
        source: class,
        message: Span::new(length + 1, first.len()),
        ..Record::default()
    };
    let second = text.get(end + 1..).unwrap_or_default();
    if let Some((level, length)) = level(second) {
        record.found(Some(level), LevelSource::Header);
        record.message = Span::new(end + 1 + length, text.len());
    }
    Some(record)
}

/// Class and method behind the time.
fn place(line: &[u8], at: usize) -> Option<(Span, Span)> {
    let rest = line.get(at..)?.strip_prefix(b" ")?;
    let mut words = rest.split(|byte| *byte == b' ');
    let (class, method) = (words.next()?, words.next().unwrap_or_default());
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"._$-<>".contains(byte);
    let is_class = class.first().is_some_and(u8::is_ascii_alphabetic);
    if !is_class || words.next().is_some() || !class.iter().chain(method).all(is_name) {
        return None;
    }
    let start = at + 1;
    let class = Span::new(start, start + class.len());
    Some((class, Span::new(line.len() - method.len(), line.len())))
}

/// The level before a colon, and where the message begins.
fn level(line: &[u8]) -> Option<(Level, usize)> {
    let colon = memchr::memmem::find(&line[..line.len().min(LONGEST_LEVEL)], b": ")?;
    Some((Level::of_word(&line[..colon])?, colon + 2))
}

const LONGEST_LEVEL: usize = 16;
