//! Access logs: Apache's and nginx's common and combined formats, with a virtual host before or
//! more fields behind.

use super::access_tail::tail;
use super::context::Context;
use crate::fields::{FieldSet, Kind};
use crate::record::{Http, Record, Span};
use crate::time::{Shape, YearOf};

/// `[vhost ]client ident user [time] "request" status bytes[ "referrer" "agent" …]`.
pub(crate) fn parse(text: &[u8], context: &mut Context<'_>) -> Option<Record> {
    let open = memchr::memchr(b'[', text.get(..text.len().min(LONGEST_CLIENT))?)?;
    let words = text[..open].strip_suffix(b" ")?;
    let first = memchr::memchr(b' ', words)?;
    // More words are the header of another log around this one.
    if memchr::memchr_iter(b' ', words).count() >= MOST_WORDS {
        return None;
    }
    let mut client = Span::new(0, first);
    // `vhost:port client ident user`: three words before the time are the rule.
    let mut spaces = memchr::memchr_iter(b' ', words);
    let (second, third) = (spaces.nth(1)?, spaces.next());
    if let Some(_third) = third
        && looks_like_address(&words[first + 1..second])
    {
        client = Span::new(first + 1, second);
    }
    let (stamp, length) =
        context
            .clock
            .parse(Shape::DayFirst, &text[open + 1..], YearOf::default())?;
    let at = open + 1 + length;
    if text.get(at..at + 3)? != b"] \"" {
        return None;
    }
    let request = at + 3;
    let end = quoted(text, request)?;
    let mut http = Http {
        client,
        ..Http::default()
    };
    split_request(text, request, end, &mut http);
    let rest = text.get(end + 1..)?.strip_prefix(b" ")?;
    let status = digits(rest);
    http.status = number(&rest[..status]).and_then(|status| u16::try_from(status).ok())?;
    let at = end + 2 + status;
    let after = text.get(at..)?.strip_prefix(b" ").unwrap_or_default();
    let size = digits(after);
    http.bytes = number(&after[..size]);
    let at = at
        + 1
        + if size == 0 {
            usize::from(after.first() == Some(&b'-'))
        } else {
            size
        };
    let mut behind = at;
    if text.get(at..at + 2) == Some(b" \"")
        && let Some(end) = quoted(text, at + 2)
    {
        http.referrer = Span::new(at + 2, end);
        behind = end + 1;
        if text.get(end + 1..end + 3) == Some(b" \"")
            && let Some(close) = quoted(text, end + 3)
        {
            http.agent = Span::new(end + 3, close);
            behind = close + 1;
        }
    }
    if context.fields.is_wanted() {
        named(text, &http, words, context.fields);
    }
    if behind < text.len() {
        tail(&text[behind..], context);
    }
    Some(Record {
        time: Some(stamp),
        message: Span::new(request, end),
        http: Some(http),
        ..Record::default()
    })
}

const LONGEST_CLIENT: usize = 600;
/// Virtual host, client, ident, and a user of two words.
const MOST_WORDS: usize = 5;

/// A request with what its record does not hold.
pub(crate) struct Parts<'p> {
    pub(crate) http: &'p Http,
    pub(crate) user: &'p [u8],
    /// Where it stands apart from the path.
    pub(crate) query: &'p [u8],
}

/// The parts of the line by name.
#[cold]
fn named(text: &[u8], http: &Http, words: &[u8], fields: &mut FieldSet) {
    let first = words.split(|byte| *byte == b' ').next().unwrap_or_default();
    if http.client.start > 0 {
        fields.push("virtual_host", Kind::Text, first);
    }
    let user = words.rsplit(|byte| *byte == b' ').next();
    let parts = Parts {
        http,
        user: user.unwrap_or_default(),
        query: b"",
    };
    request_fields(text, &parts, fields);
}

/// A request by the names that all formats share.
#[cold]
pub(crate) fn request_fields(text: &[u8], parts: &Parts<'_>, fields: &mut FieldSet) {
    let http = parts.http;
    fields.push("client", Kind::Text, http.client.of(text));
    fields.push("user", Kind::Text, without_dash(parts.user));
    fields.push("method", Kind::Text, http.method.of(text));
    let target = http.target.of(text);
    let path = memchr::memchr(b'?', target).unwrap_or(target.len());
    fields.push("path", Kind::Text, &target[..path]);
    let query = if parts.query.is_empty() {
        target.get(path + 1..).unwrap_or_default()
    } else {
        parts.query
    };
    fields.push("query", Kind::Text, query);
    let mut digits = [0; 20];
    fields.push(
        "status",
        Kind::Number,
        decimal(http.status.into(), &mut digits),
    );
    if let Some(bytes) = http.bytes {
        fields.push("bytes", Kind::Number, decimal(bytes, &mut digits));
    }
    fields.push("referrer", Kind::Text, without_dash(http.referrer.of(text)));
    fields.push("agent", Kind::Text, without_dash(http.agent.of(text)));
}

fn without_dash(part: &[u8]) -> &[u8] {
    if part == b"-" { b"" } else { part }
}

/// A number in digits.
fn decimal(mut number: u64, digits: &mut [u8; 20]) -> &[u8] {
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
        if number == 0 {
            return &digits[at..];
        }
    }
}

fn looks_like_address(word: &[u8]) -> bool {
    word.len() > 2
        && word.iter().any(|byte| matches!(byte, b'.' | b':'))
        && word
            .iter()
            .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':'))
}

/// Where the quote closes; `\"` does not.
pub(crate) fn quoted(text: &[u8], start: usize) -> Option<usize> {
    let mut from = start;
    loop {
        let quote = from + memchr::memchr(b'"', text.get(from..)?)?;
        let escapes = text[start..quote]
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count();
        if escapes % 2 == 0 {
            return Some(quote);
        }
        from = quote + 1;
    }
}

/// `METHOD target HTTP/x`; anything else, such as the start of a TLS handshake, has no method.
pub(crate) fn split_request(text: &[u8], start: usize, end: usize, http: &mut Http) {
    let request = &text[start..end];
    let Some(space) = memchr::memchr(b' ', request) else {
        return;
    };
    let is_method = space > 1 && request[..space].iter().all(u8::is_ascii_uppercase);
    if !is_method {
        return;
    }
    let target = &request[space + 1..];
    let length = match memchr::memrchr(b' ', target) {
        Some(last) if target[last + 1..].starts_with(b"HTTP") => last,
        _ => target.len(),
    };
    http.method = Span::new(start, start + space);
    http.target = Span::new(start + space + 1, start + space + 1 + length);
}

fn digits(text: &[u8]) -> usize {
    text.iter()
        .take(19)
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}
