//! Cuts lines into cells.

use crate::record::Span;

/// What parts the cells of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Separator {
    /// One or more spaces; cells can stand in quotes or brackets, which are left out.
    Spaces,
    /// A character; cells can stand in quotes, in which two of them are one (RFC 4180).
    Byte(u8),
}

/// Cells of a line that are looked at.
pub(crate) const MOST_CELLS: usize = 256;

/// Cuts a line; `None` where a quote stays open or there are too many cells.
pub(crate) fn split(text: &[u8], separator: Separator, cells: &mut Vec<Span>) -> Option<()> {
    cells.clear();
    match separator {
        Separator::Spaces => words(text, cells),
        Separator::Byte(byte) => values(text, byte, cells),
    }
}

fn words(text: &[u8], cells: &mut Vec<Span>) -> Option<()> {
    let mut at = 0;
    loop {
        at += text[at..].iter().take_while(|byte| **byte == b' ').count();
        if at >= text.len() {
            return Some(());
        }
        if cells.len() == MOST_CELLS {
            return None;
        }
        let close = match text[at] {
            b'"' => Some(super::access::quoted(text, at + 1)?),
            b'[' => memchr::memchr(b']', &text[at..]).map(|length| at + length),
            _ => None,
        };
        // Behind a quote or bracket a cell has to end.
        if let Some(close) = close.filter(|close| matches!(text.get(close + 1), None | Some(b' ')))
        {
            cells.push(Span::new(at + 1, close));
            at = close + 1;
            continue;
        }
        let rest = &text[at..];
        let length = memchr::memchr(b' ', rest).unwrap_or(rest.len());
        cells.push(Span::new(at, at + length));
        at += length;
    }
}

fn values(text: &[u8], separator: u8, cells: &mut Vec<Span>) -> Option<()> {
    let mut at = 0;
    loop {
        if cells.len() == MOST_CELLS {
            return None;
        }
        if text.get(at) == Some(&b'"')
            && let Some(close) = doubled(text, at + 1)
            && text.get(close + 1).is_none_or(|next| *next == separator)
        {
            cells.push(Span::new(at + 1, close));
            at = close + 1;
        } else {
            let rest = text.get(at..)?;
            if rest.first() == Some(&b'"') && doubled(text, at + 1).is_none() {
                return None;
            }
            let length = memchr::memchr(separator, rest).unwrap_or(rest.len());
            cells.push(Span::new(at, at + length));
            at += length;
        }
        if at >= text.len() {
            return Some(());
        }
        at += 1;
    }
}

/// Where the quote closes; two of them are one in the value.
fn doubled(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr(b'"', text.get(at..)?)?;
        if text.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// Whether a line ends within quotes: the value goes on in the next one.
pub(crate) fn is_open(text: &[u8]) -> bool {
    memchr::memchr_iter(b'"', text).count() % 2 == 1
}
