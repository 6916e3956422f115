//! Lines without a time: a level may open them, as in `ERROR: text`, `[warn] text`,
//! `INFO:root:text`.

use super::header::{command, level_of, piece, skip};
use crate::level::{Level, LevelSource};
use crate::record::{Record, Span};

/// Every line is an event but those that continue one.
pub(crate) fn parse(text: &[u8]) -> Option<Record> {
    if text.is_empty() || super::is_continuation(text) {
        return None;
    }
    let mut record = Record {
        message: Span::new(0, text.len()),
        ..Record::default()
    };
    let Some(first) = piece(text, 0) else {
        return Some(record);
    };
    // Python's `LEVEL:name:message`.
    if let Some(colon) = memchr::memchr(b':', first.text).filter(|_| !first.is_bracketed)
        && let Some(level) = Level::of_word(&first.text[..colon])
        && first.text[..colon].iter().all(u8::is_ascii_uppercase)
        && let Some(second) = memchr::memchr(b':', &text[colon + 1..])
        && !text[colon + 1..colon + 1 + second].contains(&b' ')
        && second > 0
    {
        record.found(Some(level), LevelSource::Header);
        record.source = Span::new(colon + 1, colon + 1 + second);
        record.message = Span::new(colon + second + 2, text.len());
        return Some(record);
    }
    // The time of day alone is no time, but a level can stand behind it.
    let first = if is_clock(first.text)
        && let Some(second) = piece(text, skip(text, first.end))
    {
        second
    } else {
        first
    };
    let is_marked = first.is_bracketed || first.text.ends_with(b":");
    let is_shouted = first.text.len() > 2 && first.text.iter().all(u8::is_ascii_uppercase);
    if (is_marked || is_shouted)
        && first.text.len() > 1
        && let Some(level) = level_of(&first)
    {
        record.found(Some(level), LevelSource::Header);
        record.message.start = Span::new(skip(text, first.end), 0).start;
    }
    record.found(command(text), LevelSource::Header);
    Some(record)
}

/// `10:00:00`, also with a fraction.
fn is_clock(word: &[u8]) -> bool {
    let are_digits = |places: [usize; 6]| places.iter().all(|place| word[*place].is_ascii_digit());
    if word.len() < 8 || word[2] != b':' || word[5] != b':' || !are_digits([0, 1, 3, 4, 6, 7]) {
        return false;
    }
    match &word[8..] {
        [] => true,
        [b'.' | b',', fraction @ ..] => {
            !fraction.is_empty() && fraction.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}
