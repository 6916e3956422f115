//! Syslog: RFC 3164 with and without a priority, RFC 5424, and lines with an ISO time before the
//! host, as journalctl's `short-iso` and rsyslog write them.

use crate::fields::{FieldSet, Kind};
use crate::level::{Level, LevelSource};
use crate::record::{Record, Span};
use crate::time::{Clock, Shape, YearOf};

/// `<PRI>` at the start: the priority and where it ends (RFC 5424, section 6.2.1).
pub(crate) fn priority(text: &[u8]) -> Option<(u8, usize)> {
    if text.first() != Some(&b'<') {
        return None;
    }
    let mut value = 0_u8;
    for (index, byte) in text.iter().enumerate().skip(1).take(4) {
        match byte {
            b'0'..=b'9' => value = value.checked_mul(10)?.checked_add(byte - b'0')?,
            b'>' if index > 1 && value < 192 => return Some((value, index + 1)),
            _ => return None,
        }
    }
    None
}

/// `[<PRI>]Mmm dd HH:MM:SS host tag[pid]: message` (RFC 3164, section 4.1), the time also as ISO.
pub(crate) fn rfc3164(
    text: &[u8],
    shape: Shape,
    clock: &mut Clock,
    year: YearOf,
    fields: &mut FieldSet,
) -> Option<Record> {
    let (level, at) = match priority(text) {
        Some((priority, end)) => (Some(Level::of_priority(priority)), end),
        None => (None, 0),
    };
    let (stamp, length) = clock.parse(shape, text.get(at..)?, year)?;
    let mut record = Record {
        time: Some(stamp),
        is_year_missing: shape.may_lack_year(),
        ..Record::default()
    };
    record.found(level, LevelSource::Priority);
    if text.get(at + length) != Some(&b' ') {
        return None;
    }
    let has_tag = tagged(text, at + length, &mut record);
    // A level where a host should be is another format. With an ISO time only the tag tells syslog
    // from all others.
    let host = record.host.of(text);
    let is_host = !host.is_empty() && is_host(host);
    // There a number is that of a thread.
    let is_number = host.iter().all(u8::is_ascii_digit);
    if !is_host || !((has_tag && !is_number) || shape == Shape::Syslog) {
        return None;
    }
    if fields.is_wanted() {
        let between = record.source.end as usize..record.message.start as usize;
        let process = text.get(between).unwrap_or_default();
        if let Some((_, process)) = process.split_first()
            && let Some(end) = memchr::memchr(b']', process)
        {
            fields.push("pid", Kind::Text, &process[..end]);
        }
    }
    Some(record)
}

pub(crate) fn is_host(word: &[u8]) -> bool {
    word[0].is_ascii_alphanumeric()
        && word
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-:%@".contains(byte))
        && word.last() != Some(&b':')
        && Level::of_word(word).is_none()
}

/// `host tag[pid]: message` behind the time; false when there is no tag.
pub(crate) fn tagged(text: &[u8], at: usize, record: &mut Record) -> bool {
    let at = at + text[at..].iter().take_while(|byte| **byte == b' ').count();
    let rest = &text[at..];
    let host = memchr::memchr(b' ', rest).unwrap_or(rest.len());
    record.host = Span::new(at, at + host);
    let at = (at + host + 1).min(text.len());
    let (tag, message) = tag(text, at);
    record.source = tag;
    record.message = Span::new(message, text.len());
    record.found(
        super::header::opening(record.message.of(text)),
        LevelSource::Header,
    );
    !tag.is_empty()
}

/// The program, up to `[pid]:` or `:`; its name may have spaces and brackets.
fn tag(text: &[u8], at: usize) -> (Span, usize) {
    let rest = &text[at..];
    let window = &rest[..rest.len().min(LONGEST_TAG)];
    let Some(colon) = memchr::memchr_iter(b':', window)
        .find(|colon| matches!(rest.get(colon + 1), None | Some(b' ')))
    else {
        return (Span::default(), at);
    };
    let name = without_process(&rest[..colon]);
    // More than a few words are a message with a colon in it, and a level opens one.
    if memchr::memchr_iter(b' ', name).count() > 3 || name.first() == Some(&b'[') || is_level(name)
    {
        return (Span::default(), at);
    }
    let message = (colon + 2).min(rest.len());
    (
        Span::new(at, at + name.trim_ascii_end().len()),
        at + message,
    )
}

/// A tag without `[pid]`, also where more stands behind: macOS' `sandboxd[129] ([10018])`.
fn without_process(tag: &[u8]) -> &[u8] {
    let end = match tag.last() {
        Some(b']') => memchr::memrchr(b'[', tag),
        Some(b')') => memchr::memmem::find(tag, b"] (").and_then(|close| {
            let open = memchr::memrchr(b'[', &tag[..close])?;
            tag[open + 1..close]
                .iter()
                .all(u8::is_ascii_digit)
                .then_some(open)
        }),
        _ => None,
    };
    &tag[..end.unwrap_or(tag.len())]
}

/// Whether the first word of a tag is a level in capitals.
fn is_level(tag: &[u8]) -> bool {
    let word = tag.split(|byte| *byte == b' ').next().unwrap_or_default();
    word.iter().all(u8::is_ascii_uppercase) && Level::of_word(word).is_some()
}

const LONGEST_TAG: usize = 120;

/// `[3-1] … ERROR:  message`: `PostgreSQL` in the message of syslog, behind its own prefix.
#[inline(never)]
pub(crate) fn postgres(text: &[u8]) -> Option<Record> {
    let close = memchr::memchr(b']', &text[..text.len().min(LONGEST_SEQUENCE)])?;
    let sequence = text[..close].strip_prefix(b"[")?;
    let is_number = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    let dash = memchr::memchr(b'-', sequence)?;
    if !is_number(&sequence[..dash]) || !is_number(&sequence[dash + 1..]) {
        return None;
    }
    let window = &text[close..text.len().min(close + LONGEST_PREFIX)];
    let colon = memchr::memmem::find(window, b":  ")?;
    let word = memchr::memrchr(b' ', &window[..colon])? + 1;
    let level = &window[word..colon];
    if !level
        .iter()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    {
        return None;
    }
    let mut record = Record {
        message: Span::new(close + colon + 3, text.len()),
        ..Record::default()
    };
    record.found(Some(Level::of_word(level)?), LevelSource::Header);
    Some(record)
}

const LONGEST_SEQUENCE: usize = 24;
const LONGEST_PREFIX: usize = 200;

/// `<PRI>1 TIME HOST APP PROCID MSGID SD [MESSAGE]` (RFC 5424, section 6).
pub(crate) fn rfc5424(text: &[u8], clock: &mut Clock, fields: &mut FieldSet) -> Option<Record> {
    let (priority, at) = priority(text)?;
    let at = at + 2;
    if text.get(at - 2..at)? != b"1 " {
        return None;
    }
    let mut record = Record {
        level: Level::of_priority(priority),
        level_source: LevelSource::Priority,
        ..Record::default()
    };
    let mut at = if text.get(at..at + 2)? == b"- " {
        at + 2
    } else {
        let (stamp, length) = clock.parse(Shape::Iso, &text[at..], YearOf::default())?;
        record.time = Some(stamp);
        at + length + 1
    };
    let mut parts = [Span::default(); 4];
    for part in &mut parts {
        let rest = text.get(at..)?;
        let length = memchr::memchr(b' ', rest)?;
        *part = Span::new(at, at + length);
        at += length + 1;
    }
    let named = |part: Span| {
        if part.of(text) == b"-" {
            Span::default()
        } else {
            part
        }
    };
    record.host = named(parts[0]);
    record.source = named(parts[1]);
    let end = structured_data(text, at)?;
    fields.push("pid", Kind::Text, named(parts[2]).of(text));
    fields.push("message_id", Kind::Text, named(parts[3]).of(text));
    if fields.is_wanted() {
        elements(&text[at..end], fields);
    }
    let message = (end + usize::from(text.get(end) == Some(&b' '))).min(text.len());
    let mark = b"\xEF\xBB\xBF";
    let mark = text[message..].strip_prefix(mark).map_or(0, |_| mark.len());
    record.message = Span::new(message + mark, text.len());
    Some(record)
}

/// The parameters of structured data as fields `id.name`.
#[cold]
fn elements(mut data: &[u8], fields: &mut FieldSet) {
    while let Some(rest) = data.strip_prefix(b"[") {
        let end = rest.iter().position(|byte| matches!(byte, b' ' | b']'));
        let (id, mut rest) = rest.split_at(end.unwrap_or(rest.len()));
        while let Some(parameter) = rest.strip_prefix(b" ") {
            let Some(equals) = memchr::memmem::find(parameter, b"=\"") else {
                return;
            };
            let (name, value) = (&parameter[..equals], &parameter[equals + 2..]);
            let mut end = 0;
            while let Some(byte) = value.get(end).filter(|byte| **byte != b'"') {
                end += 1 + usize::from(*byte == b'\\');
            }
            let Some(text) = value.get(..end) else {
                return;
            };
            fields.push_with(&[id, b".", name], Kind::Text, u32::MAX, |out| {
                super::json::decode(text, out);
            });
            rest = value.get(end + 1..).unwrap_or_default();
        }
        data = rest.strip_prefix(b"]").unwrap_or_default();
    }
}

/// Behind `-` or `[id name="value" …]…`; in values `"`, `\` and `]` are escaped (section 6.3.3).
fn structured_data(text: &[u8], mut at: usize) -> Option<usize> {
    if text.get(at)? == &b'-' {
        return Some(at + 1);
    }
    while text.get(at) == Some(&b'[') {
        let mut is_quoted = false;
        loop {
            at += 1;
            match text.get(at)? {
                b'\\' if is_quoted => at += 1,
                b'"' => is_quoted = !is_quoted,
                b']' if !is_quoted => break,
                _ => {}
            }
        }
        at += 1;
    }
    Some(at)
}
