//! What stands behind the agent in access logs: times of the request, addresses, pairs of names
//! and values. A number counts only where its name or its form tells what it is.

use super::context::Context;
use crate::record::Span;

/// Reads the rest of a line. `request_time` and `upstream_response_time` are in seconds.
#[inline(never)]
pub(crate) fn tail(rest: &[u8], context: &mut Context<'_>) {
    let mut cells = [Span::default(); MOST];
    let Some(count) = cells_of(rest, &mut cells) else {
        return;
    };
    let cells = &cells[..count];
    if ingress(rest, cells, context) || traefik(rest, cells, context) {
        return;
    }
    let mut seconds = 0;
    for (index, cell) in cells.iter().enumerate() {
        let word = cell.of(rest);
        let is_quoted = cell.start > 0 && rest[cell.start as usize - 1] == b'"';
        if is_quoted && index == 0 && is_addresses(word) {
            context.field(b"x_forwarded_for", word);
        } else if let Some((name, value)) = pair(word) {
            context.number(name, value);
        } else if is_seconds(word) && seconds < NAMES.len() {
            context.number(NAMES[seconds], word);
            seconds += 1;
        }
    }
}

/// Cells that are looked at.
const MOST: usize = 24;
/// nginx's variables in the order in which they mostly stand.
const NAMES: [&[u8]; 2] = [b"request_time", b"upstream_response_time"];

/// The words and quoted texts of the rest; none where there are more.
fn cells_of(rest: &[u8], cells: &mut [Span; MOST]) -> Option<usize> {
    let (mut at, mut count) = (0, 0);
    loop {
        at += rest[at..].iter().take_while(|byte| **byte == b' ').count();
        if at >= rest.len() {
            return Some(count);
        }
        let slot = cells.get_mut(count)?;
        count += 1;
        if rest[at] == b'"' {
            let close = super::access::quoted(rest, at + 1)?;
            *slot = Span::new(at + 1, close);
            at = close + 1;
            continue;
        }
        let mut end = at;
        // `name="a value"` is one.
        while let Some(byte) = rest.get(end).filter(|byte| **byte != b' ') {
            if *byte == b'"' {
                end = super::access::quoted(rest, end + 1)?;
            }
            end += 1;
        }
        *slot = Span::new(at, end);
        at = end;
    }
}

/// ingress-nginx: `length time [upstream] [alternative] address length time status id`.
fn ingress(rest: &[u8], cells: &[Span], context: &mut Context<'_>) -> bool {
    let cell = |index: usize| {
        cells
            .get(index)
            .map_or(b"".as_slice(), |cell| cell.of(rest))
    };
    let is_ingress = (8..=9).contains(&cells.len())
        && is_digits(cell(0))
        && is_seconds(cell(1))
        && [2, 3]
            .iter()
            .all(|index| cell(*index).first() == Some(&b'['));
    if !is_ingress {
        return false;
    }
    let inner = |word: &'_ [u8]| -> Span { Span::new(1, word.len().saturating_sub(1)) };
    context.number(b"request_length", cell(0));
    context.number(b"request_time", cell(1));
    context.field(b"proxy_upstream_name", inner(cell(2)).of(cell(2)));
    context.field(
        b"proxy_alternative_upstream_name",
        inner(cell(3)).of(cell(3)),
    );
    context.field(b"upstream_addr", cell(4));
    context.number(b"upstream_response_length", cell(5));
    context.number(b"upstream_response_time", cell(6));
    context.field(b"upstream_status", cell(7));
    context.field(b"req_id", cell(8));
    true
}

/// Traefik: `count "router" "server" 2ms`.
fn traefik(rest: &[u8], cells: &[Span], context: &mut Context<'_>) -> bool {
    let [count, router, server, duration] = cells else {
        return false;
    };
    let Some(milliseconds) = duration
        .of(rest)
        .strip_suffix(b"ms")
        .filter(|word| is_digits(word))
    else {
        return false;
    };
    if !is_digits(count.of(rest)) {
        return false;
    }
    context.number(b"request_count", count.of(rest));
    context.field(b"router", router.of(rest));
    context.field(b"server", server.of(rest));
    context.number(b"duration_ms", milliseconds);
    true
}

fn is_digits(word: &[u8]) -> bool {
    !word.is_empty() && word.iter().all(u8::is_ascii_digit)
}

/// `0.123`: nginx writes seconds with three digits behind the point.
fn is_seconds(word: &[u8]) -> bool {
    let Some(point) = memchr::memchr(b'.', word) else {
        return false;
    };
    word.len() == point + 4 && is_digits(&word[..point]) && is_digits(&word[point + 1..])
}

/// `rt=0.123`, `uct="0.001"`.
fn pair(word: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = memchr::memchr(b'=', word)?;
    let (name, value) = (&word[..equals], &word[equals + 1..]);
    let is_name = name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.len() <= 40
        && name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte));
    let inner = value
        .strip_prefix(b"\"")
        .and_then(|value| value.strip_suffix(b"\""));
    is_name.then_some((name, inner.unwrap_or(value)))
}

/// Addresses with commas between, as in X-Forwarded-For.
fn is_addresses(word: &[u8]) -> bool {
    let marks = word.iter().filter(|byte| matches!(byte, b'.' | b':'));
    marks.count() >= 2
        && word
            .iter()
            .all(|byte| byte.is_ascii_hexdigit() || b".:, ".contains(byte))
}
