//! From bytes to text: the encoding by its mark or by the first character (specification 5.2),
//! and the characters that no YAML text has (5.1). Owns no syntax.

use std::borrow::Cow;

use crate::error::{Fault, Scan, SyntaxErrorKind};

/// The text of the input, its byte order mark taken off.
pub(crate) fn decode(input: &[u8]) -> Scan<Cow<'_, str>> {
    match *input {
        [0, 0, 0xFE, 0xFF, ..] => utf32(input, 4, u32::from_be_bytes, "UTF-32BE"),
        [0, 0, 0, _, ..] => utf32(input, 0, u32::from_be_bytes, "UTF-32BE"),
        [0xFF, 0xFE, 0, 0, ..] => utf32(input, 4, u32::from_le_bytes, "UTF-32LE"),
        [_, 0, 0, 0, ..] => utf32(input, 0, u32::from_le_bytes, "UTF-32LE"),
        [0xFE, 0xFF, ..] => utf16(input, 2, u16::from_be_bytes, "UTF-16BE"),
        [0, _, ..] => utf16(input, 0, u16::from_be_bytes, "UTF-16BE"),
        [0xFF, 0xFE, ..] => utf16(input, 2, u16::from_le_bytes, "UTF-16LE"),
        [_, 0, ..] => utf16(input, 0, u16::from_le_bytes, "UTF-16LE"),
        _ => utf8(input),
    }
}

fn utf8(input: &[u8]) -> Scan<Cow<'_, str>> {
    let skip = if input.starts_with(&[0xEF, 0xBB, 0xBF]) {
        3
    } else {
        0
    };
    match std::str::from_utf8(&input[skip..]) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(error) => Err(invalid(
            "UTF-8",
            skip + error.valid_up_to(),
            error.valid_up_to(),
        )),
    }
}

fn invalid(encoding: &'static str, byte: usize, offset: usize) -> Fault {
    Fault::new(SyntaxErrorKind::Encoding { encoding, byte }, offset)
}

fn utf16<'i>(
    input: &[u8],
    skip: usize,
    unit: fn([u8; 2]) -> u16,
    encoding: &'static str,
) -> Scan<Cow<'i, str>> {
    let (pairs, rest) = input[skip..].as_chunks::<2>();
    let mut text = String::with_capacity(input.len() / 2);
    let mut byte = skip;
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let character = decoded.map_err(|_| invalid(encoding, byte, text.len()))?;
        byte += 2 * character.len_utf16();
        text.push(character);
    }
    if rest.is_empty() {
        Ok(Cow::Owned(text))
    } else {
        Err(invalid(encoding, byte, text.len()))
    }
}

fn utf32<'i>(
    input: &[u8],
    skip: usize,
    unit: fn([u8; 4]) -> u32,
    encoding: &'static str,
) -> Scan<Cow<'i, str>> {
    let (quads, rest) = input[skip..].as_chunks::<4>();
    let mut text = String::with_capacity(input.len() / 4);
    for (number, quad) in quads.iter().enumerate() {
        let character = char::from_u32(unit(*quad));
        text.push(character.ok_or_else(|| invalid(encoding, skip + 4 * number, text.len()))?);
    }
    let byte = input.len() - rest.len();
    if rest.is_empty() {
        Ok(Cow::Owned(text))
    } else {
        Err(invalid(encoding, byte, text.len()))
    }
}

/// Refuses the characters that are allowed nowhere, so that the scanner can take NUL for the end,
/// and says whether there are some that only quotes may hold.
pub(crate) fn has_odd(text: &str) -> Scan<bool> {
    let mut has_odd = false;
    let bytes = text.as_bytes();
    // Whole chunks first, in a form the compiler makes vector code of: nearly all are plain ASCII.
    for (number, chunk) in bytes.chunks(1 << 12).enumerate() {
        if !chunk
            .iter()
            .fold(false, |found, byte| found | needs_a_look(*byte))
        {
            continue;
        }
        for (at, byte) in chunk.iter().enumerate() {
            let offset = (number << 12) + at;
            if *byte < 0x20 && needs_a_look(*byte) {
                return Err(Fault::new(
                    SyntaxErrorKind::Character {
                        code: u32::from(*byte),
                    },
                    offset,
                ));
            }
            has_odd |= is_odd(*byte, &bytes[offset..]);
        }
    }
    Ok(has_odd)
}

// No short cuts: with them it is no vector code.
#[allow(clippy::needless_bitwise_bool)]
fn needs_a_look(byte: u8) -> bool {
    (byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r') | (byte >= 0x7F)
}

/// Allowed in quoted scalars but neither printable nor a plain character: DEL, the C1 controls
/// but NEL, U+FFFE, U+FFFF and the byte order mark.
fn is_odd(byte: u8, rest: &[u8]) -> bool {
    match byte {
        0x7F => true,
        0xC2 => matches!(rest.get(1), Some(0x80..=0x84 | 0x86..=0x9F)),
        0xEF => matches!(rest.get(1..3), Some([0xBF, 0xBE | 0xBF] | [0xBB, 0xBF])),
        _ => false,
    }
}

/// The offset and code of the first character in `text` that only quotes may hold.
pub(crate) fn first_odd(text: &str) -> Option<(usize, u32)> {
    let odd = |c: &char| matches!(*c, '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}');
    text.char_indices()
        .find(|(_, c)| odd(c))
        .map(|(at, c)| (at, u32::from(c)))
}
