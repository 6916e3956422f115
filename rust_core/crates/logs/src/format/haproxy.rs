//! `HAProxy`'s HTTP and TCP logs, as they stand in the message of syslog (configuration manual,
//! sections 8.2.2 and 8.2.3).

use super::access::{Parts, quoted, request_fields, split_request};
use super::context::Context;
use crate::record::{Http, Record, Span};
use crate::time::{Shape, YearOf};

/// The names of the timers, in milliseconds, of HTTP and of TCP.
const HTTP_TIMERS: [&[u8]; 5] = [b"Tq", b"Tw", b"Tc", b"Tr", b"Tt"];
const TCP_TIMERS: [&[u8]; 3] = [b"Tw", b"Tc", b"Tt"];

/// `client:port [time] frontend backend/server timers status bytes cookie cookie state counts queues
/// {headers} {headers} "request"`; of TCP `timers bytes state counts queues`.
pub(crate) fn parse(text: &[u8], context: &mut Context<'_>) -> Option<Record> {
    let open = memchr::memchr(b' ', text.get(..text.len().min(LONGEST_CLIENT))?)?;
    let colon = memchr::memrchr(b':', &text[..open])?;
    let port = &text[colon + 1..open];
    if port.is_empty() || !port.iter().all(u8::is_ascii_digit) || text.get(open + 1) != Some(&b'[')
    {
        return None;
    }
    let (stamp, length) =
        context
            .clock
            .parse(Shape::DayFirst, &text[open + 2..], YearOf::default())?;
    let rest = text.get(open + 2 + length..)?.strip_prefix(b"] ")?;
    let mut at = text.len() - rest.len();
    let mut next = || -> Option<Span> {
        let rest = text.get(at..)?;
        let length = memchr::memchr(b' ', rest).unwrap_or(rest.len());
        let word = Span::new(at, at + length);
        at += length + 1;
        (length > 0).then_some(word)
    };
    let (frontend, server, timers) = (next()?, next()?, next()?);
    let is_http = timer_count(timers.of(text))? == HTTP_TIMERS.len();
    let status = if is_http { next()? } else { frontend };
    let bytes = number(next()?.of(text))?;
    let cookies = if is_http {
        Some((next()?, next()?))
    } else {
        None
    };
    let (state, counts) = (next()?, next()?);
    if memchr::memchr(b'/', server.of(text)).is_none()
        || memchr::memchr_iter(b'/', counts.of(text)).count() != 4
    {
        return None;
    }
    let mut http = Http {
        client: Span::new(0, colon),
        bytes: Some(bytes),
        ..Http::default()
    };
    let mut record = Record {
        time: Some(stamp),
        message: Span::new(frontend.start as usize, text.len()),
        ..Record::default()
    };
    if is_http {
        http.status = status_of(status.of(text))?;
        request(text, at, &mut http, &mut record);
        record.http = Some(http);
    }
    count_timers(timers.of(text), context);
    if context.fields.is_wanted() {
        context.field(b"frontend", without_tls(frontend.of(text)));
        let word = server.of(text);
        let slash = memchr::memchr(b'/', word).unwrap_or(word.len());
        context.field(b"backend", &word[..slash]);
        context.field(b"server", word.get(slash + 1..).unwrap_or_default());
        context.field(b"termination_state", state.of(text));
        if let Some((request, response)) = cookies {
            context.field(b"request_cookie", request.of(text));
            context.field(b"response_cookie", response.of(text));
        }
        let parts = Parts {
            http: &http,
            user: b"",
            query: b"",
        };
        request_fields(text, &parts, context.fields);
    }
    Some(record)
}

/// The timers by their names; those that were not reached are negative, and none.
fn count_timers(timers: &[u8], context: &mut Context<'_>) {
    let is_http = timer_count(timers) == Some(HTTP_TIMERS.len());
    let names: &[&[u8]] = if is_http { &HTTP_TIMERS } else { &TCP_TIMERS };
    for (name, value) in names.iter().zip(timers.split(|byte| *byte == b'/')) {
        let value = value.strip_prefix(b"+").unwrap_or(value);
        if !value.starts_with(b"-") {
            context.number(name, value);
        }
    }
}

/// -1 where there was no response.
fn status_of(word: &[u8]) -> Option<u16> {
    if word == b"-1" {
        return Some(0);
    }
    let status = u16::try_from(number(word)?).ok()?;
    (status < 1000).then_some(status)
}

const LONGEST_CLIENT: usize = 64;

/// The number of timers between slashes: five of HTTP, three of TCP.
fn timer_count(text: &[u8]) -> Option<usize> {
    let is_timer = |word: &[u8]| {
        let word = word
            .strip_prefix(b"+")
            .or(word.strip_prefix(b"-"))
            .unwrap_or(word);
        !word.is_empty() && word.iter().all(u8::is_ascii_digit)
    };
    let mut count = 0;
    for word in text.split(|byte| *byte == b'/') {
        count += 1;
        if !is_timer(word) {
            return None;
        }
    }
    matches!(count, 3 | 5).then_some(count)
}

/// The request in the quotes at the end; it can have been cut.
fn request(text: &[u8], at: usize, http: &mut Http, record: &mut Record) {
    let Some(quote) = text
        .get(at..)
        .and_then(|rest| memchr::memmem::find(rest, b" \""))
    else {
        return;
    };
    let start = at + quote + 2;
    let end = quoted(text, start).unwrap_or(text.len());
    split_request(text, start, end, http);
    record.message = Span::new(start, end);
}

/// A tilde behind the frontend's name tells TLS.
fn without_tls(name: &[u8]) -> &[u8] {
    name.strip_suffix(b"~").unwrap_or(name)
}

fn number(text: &[u8]) -> Option<u64> {
    let text = text.strip_prefix(b"+").unwrap_or(text);
    let is_whole = text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text)
        .ok()?
        .parse()
        .ok()
        .filter(|_| is_whole)
}
