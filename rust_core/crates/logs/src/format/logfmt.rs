//! logfmt: `key=value key="quoted value" …`.

use super::Parts;
use super::json::{decode, without_offset};
use super::keys::{Flavour, Keys, NO_KEY, Role};
use super::numbers::{float, is_json_number};
use crate::fields::{FieldSet, Kind};
use crate::level::{Level, LevelSource};
use crate::record::{Record, Span};
use crate::time::Clock;

/// What the reader keeps from line to line.
#[derive(Debug, Default)]
pub(crate) struct LogfmtReader {
    keys: Keys,
}

impl LogfmtReader {
    /// Reads a line; `None` unless it is pairs from its start to its end, and one of them a level,
    /// a time or a message.
    pub(crate) fn parse(
        &mut self,
        text: &[u8],
        clock: &mut Clock,
        parts: &mut Parts,
    ) -> Option<Record> {
        let Parts {
            numbers, fields, ..
        } = parts;
        let mut record = Record::default();
        let (mut at, mut pairs, mut telling) = (0, 0, 0);
        let mut ranks = [u8::MAX; 5];
        let mut taken = [u32::MAX; 5];
        numbers.clear();
        self.keys.rewind();
        while at < text.len() {
            let key_end = at + key_length(&text[at..])?;
            let key = self.keys.look_up(&text[at..key_end]);
            let (value, end) = value(text, key_end + 1)?;
            pairs += 1;
            let word = value.of(text);
            if fields.is_wanted() {
                collect(&text[at..key_end], value, word, key_end, fields);
            }
            let slot = match key.role {
                Role::Time => 0,
                Role::Level => 1,
                Role::Message => 2,
                Role::Source => 3,
                Role::Host => 4,
                _ => {
                    if let Some(number) = float(word)
                        && key.index != NO_KEY
                    {
                        numbers.push((key.index, number));
                    }
                    at = next(text, end);
                    continue;
                }
            };
            if key.rank < ranks[slot] {
                ranks[slot] = key.rank;
                taken[slot] = value.start;
                telling += u32::from(matches!(key.role, Role::Time | Role::Level | Role::Message));
                match key.role {
                    Role::Time => record.time = clock.find(word),
                    Role::Level => {
                        let level = level(word, key.flavour);
                        record.level = level.unwrap_or_default();
                        record.level_source =
                            level.map_or(LevelSource::None, |_| LevelSource::Field);
                    }
                    Role::Message => record.message = value,
                    Role::Source => record.source = value,
                    _ => record.host = value,
                }
            }
            at = next(text, end);
        }
        if pairs < 2 || telling == 0 {
            return None;
        }
        if fields.is_wanted() {
            for origin in taken {
                fields.take(origin);
            }
        }
        Some(record)
    }

    /// The name of a number's key.
    pub(crate) fn name(&self, key: u32) -> &[u8] {
        self.keys.name(key)
    }
}

/// Keeps a pair as a field; only quoted values have escapes.
#[cold]
fn collect(name: &[u8], value: Span, word: &[u8], key_end: usize, fields: &mut FieldSet) {
    let is_quoted = value.start as usize > key_end + 1;
    let kind = if !is_quoted && is_json_number(word) {
        Kind::Number
    } else {
        Kind::Text
    };
    fields.push_with(&[name], kind, value.start, |out| {
        if is_quoted {
            decode(word, out);
        } else {
            out.extend_from_slice(word);
        }
    });
}

/// The length of the key that an equals sign ends.
fn key_length(text: &[u8]) -> Option<usize> {
    let length = text
        .iter()
        .take(LONGEST_KEY)
        .position(|byte| !(byte.is_ascii_alphanumeric() || b"_-.@/:".contains(byte)))?;
    (length > 0 && text[length] == b'=').then_some(length)
}

const LONGEST_KEY: usize = 80;

/// The value at a place and where it ends; quotes are left out.
fn value(text: &[u8], at: usize) -> Option<(Span, usize)> {
    if text.get(at) != Some(&b'"') {
        let rest = text.get(at..)?;
        let length = memchr::memchr(b' ', rest).unwrap_or(rest.len());
        return Some((Span::new(at, at + length), at + length));
    }
    let mut from = at + 1;
    loop {
        let found = from + memchr::memchr2(b'"', b'\\', text.get(from..)?)?;
        if text[found] == b'"' {
            return Some((Span::new(at + 1, found), found + 1));
        }
        from = found + 2;
    }
}

fn next(text: &[u8], mut at: usize) -> usize {
    while text.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

fn level(word: &[u8], flavour: Flavour) -> Option<Level> {
    if flavour == Flavour::Syslog
        && let [digit @ b'0'..=b'7'] = word
    {
        return Some(Level::of_priority(digit - b'0'));
    }
    match word {
        [letter] => Level::of_letter(*letter),
        _ => Level::of_word(without_offset(word)),
    }
}
