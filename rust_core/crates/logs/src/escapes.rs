//! Colours and other control sequences of terminals (ECMA-48, section 5.4), which are no text.

use std::borrow::Cow;

const ESCAPE: u8 = 0x1B;

/// The line without control sequences.
pub(crate) fn without_escapes(line: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(ESCAPE, line).is_none() {
        return Cow::Borrowed(line);
    }
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(found) = memchr::memchr(ESCAPE, rest) {
        out.extend_from_slice(&rest[..found]);
        rest = &rest[found + length(&rest[found..])..];
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// The length of the sequence that the text begins with.
fn length(text: &[u8]) -> usize {
    match text.get(1) {
        None => 1,
        Some(b'[') => {
            let end = text[2..]
                .iter()
                .position(|byte| !(0x20..=0x3F).contains(byte));
            // What ends it belongs to it, unless it is no final byte.
            match end.map(|end| (end + 2, text[end + 2])) {
                Some((end, 0x40..=0x7E)) => end + 1,
                Some((end, _)) => end,
                None => text.len(),
            }
        }
        // A string, as of a link, up to BEL or `ESC \`.
        Some(b']') => match memchr::memchr2(7, ESCAPE, &text[2..]) {
            Some(end) if text[end + 2] == 7 => end + 3,
            Some(end) if text.get(end + 3) == Some(&b'\\') => end + 4,
            Some(end) => end + 2,
            None => text.len(),
        },
        Some(_) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::without_escapes;

    #[test]
    fn sequences() {
        let rows: [(&[u8], &[u8]); 9] = [
            (b"plain", b"plain"),
            (b"\x1b[32mINFO\x1b[0m x", b"INFO x"),
            (b"\x1b[1;38;5;9mE\x1b[m", b"E"),
            (b"a\x1b[2Kb\x1b[?25lc", b"abc"),
            (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x07 y", b"link y"),
            (b"a\x1b", b"a"),
            (b"a\x1b[", b"a"),
            (b"a\x1b[3\xff", b"a\xff"),
            (b"a\x1bMb", b"ab"),
        ];
        for (line, expected) in rows {
            assert_eq!(&*without_escapes(line), expected, "{line:?}");
        }
    }
}
