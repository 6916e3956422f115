//! How programs write bytes and texts: base64, hexadecimal, in URLs, in JSON and other quoted
//! texts, for shells.

use std::str::from_utf8;

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

pub(super) type Bytes = Zeroizing<Vec<u8>>;

const LOWER: &[u8; 16] = b"0123456789abcdef";
const UPPER: &[u8; 16] = b"0123456789ABCDEF";

pub(super) fn base64(value: &[u8]) -> Bytes {
    Zeroizing::new(Base64::encode_string(value).into_bytes())
}

pub(super) fn hex(value: &[u8], digits: &[u8; 16]) -> Bytes {
    let byte = |byte: &u8| pair(*byte, digits);
    Zeroizing::new(value.iter().flat_map(byte).collect())
}

fn pair(byte: u8, digits: &[u8; 16]) -> [u8; 2] {
    [
        digits[usize::from(byte >> 4)],
        digits[usize::from(byte & 15)],
    ]
}

/// What the encoders of URLs leave as it is, beside letters and digits, and what a space becomes.
const URLS: [(&[u8], &[u8]); 9] = [
    // RFC 3986, with and without the borders of a path.
    (b"-_.~", b"%20"),
    (b"-_.~/", b"%20"),
    // The same in forms, as Python and Go have them.
    (b"-_.~", b"+"),
    (b"-_.~/", b"+"),
    // The URL standard's forms, as Java and browsers have them, and those of PHP.
    (b"-_.*", b"+"),
    (b"-_.", b"+"),
    // encodeURIComponent and encodeURI of JavaScript.
    (b"-_.~!*'()", b"%20"),
    (b"-_.~!*'();/?:@&=+$,#", b"%20"),
    // A user's part in Go.
    (b"-_.~$&+,;=", b"%20"),
];

/// Escaped for URLs.
pub(super) fn urls(value: &[u8]) -> impl Iterator<Item = Bytes> {
    let ways = URLS.into_iter();
    let ways = ways.flat_map(|(kept, space)| [(kept, space, LOWER), (kept, space, UPPER)]);
    ways.map(move |(kept, space, digits)| {
        each_byte(value, 3, |byte, out| {
            if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
                out.push(byte);
            } else if byte == b' ' {
                out.extend_from_slice(space);
            } else {
                out.push(b'%');
                out.extend(pair(byte, digits));
            }
        })
    })
}

fn each_byte(value: &[u8], most: usize, mut write: impl FnMut(u8, &mut Vec<u8>)) -> Bytes {
    // At once, as what a vector leaves behind when it grows is not wiped.
    let mut out = Zeroizing::new(Vec::with_capacity(value.len() * most));
    for byte in value {
        write(*byte, &mut out);
    }
    out
}

/// How a kind of quoted text writes what it cannot have as it is.
#[derive(Clone, Copy)]
struct Quoting {
    digits: &'static [u8; 16],
    /// Has only ASCII.
    is_ascii: bool,
    /// ASCII characters that stand after a backslash.
    after_backslash: &'static [u8],
    /// ASCII characters that become `\u003c`.
    by_number: &'static [u8],
    /// How other control characters begin: `\u00` or `\x`.
    control: &'static [u8],
}

const JSON: Quoting = Quoting {
    digits: LOWER,
    is_ascii: false,
    after_backslash: b"\"\\",
    by_number: b"",
    control: b"\\u00",
};

/// Quoted as JSON has it, as Go and PHP have it, and as Python shows texts.
const QUOTINGS: [Quoting; 5] = [
    JSON,
    Quoting {
        after_backslash: b"\"\\/",
        ..JSON
    },
    Quoting {
        by_number: b"<>&",
        ..JSON
    },
    Quoting {
        after_backslash: b"\\",
        control: b"\\x",
        ..JSON
    },
    Quoting {
        after_backslash: b"\\'",
        control: b"\\x",
        ..JSON
    },
];

/// Escaped for quoted texts, and for XML.
pub(super) fn texts(value: &[u8]) -> impl Iterator<Item = Bytes> {
    let ways = QUOTINGS.into_iter().flat_map(|way| {
        [(LOWER, false), (LOWER, true), (UPPER, false), (UPPER, true)].map(|(digits, is_ascii)| {
            Quoting {
                digits,
                is_ascii,
                ..way
            }
        })
    });
    let quoted = ways.map(move |way| quoted(value, way));
    let quotes = [
        ("&quot;", "&#x27;"),
        ("&quot;", "&#39;"),
        ("&quot;", "&apos;"),
    ];
    let quotes = quotes.into_iter().chain([("&#34;", "&#39;"), ("\"", "'")]);
    quoted.chain(quotes.map(move |quotes| xml(value, quotes)))
}

fn quoted(value: &[u8], way: Quoting) -> Bytes {
    let mut out = Zeroizing::new(Vec::with_capacity(value.len() * 6));
    for chunk in value.utf8_chunks() {
        for character in chunk.valid().chars() {
            match u8::try_from(character) {
                Ok(byte) if byte.is_ascii() => ascii(byte, way, &mut out),
                _ if way.is_ascii => {
                    let mut units = [0; 2];
                    for unit in character.encode_utf16(&mut units) {
                        number(*unit, way.digits, &mut out);
                    }
                }
                _ => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        for byte in chunk.invalid() {
            if way.is_ascii {
                // What Python makes of bytes that are no UTF-8.
                number(0xDC00 + u16::from(*byte), way.digits, &mut out);
            } else {
                out.push(*byte);
            }
        }
    }
    out
}

fn ascii(byte: u8, way: Quoting, out: &mut Vec<u8>) {
    let short = match byte {
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 if way.control == JSON.control => b'b',
        0x0C if way.control == JSON.control => b'f',
        other if way.after_backslash.contains(&other) => other,
        other if way.by_number.contains(&other) => {
            return number(u16::from(other), way.digits, out);
        }
        0..0x20 => {
            out.extend_from_slice(way.control);
            return out.extend(pair(byte, way.digits));
        }
        other => return out.push(other),
    };
    out.extend([b'\\', short]);
}

fn number(unit: u16, digits: &[u8; 16], out: &mut Vec<u8>) {
    out.extend_from_slice(b"\\u");
    for byte in unit.to_be_bytes() {
        out.extend(pair(byte, digits));
    }
}

fn xml(value: &[u8], quotes: (&str, &str)) -> Bytes {
    each_byte(value, 6, |byte, out| match byte {
        b'&' => out.extend_from_slice(b"&amp;"),
        b'<' => out.extend_from_slice(b"&lt;"),
        b'>' => out.extend_from_slice(b"&gt;"),
        b'"' => out.extend_from_slice(quotes.0.as_bytes()),
        b'\'' => out.extend_from_slice(quotes.1.as_bytes()),
        other => out.push(other),
    })
}

/// As `set -x`, `export -p`, `printf %q` and `shlex.quote` write it.
pub(super) fn shells(value: &[u8]) -> impl Iterator<Item = Bytes> {
    let quotes = [&br"'\''"[..], br#"'"'"'"#];
    let in_quotes = quotes.into_iter().map(move |quote| {
        each_byte(value, 5, |byte, out| match byte {
            b'\'' => out.extend_from_slice(quote),
            other => out.push(other),
        })
    });
    // Outside of quotes, and in double ones as `export -p` has it.
    let escaped = [&br#" "'\|&;()<>!{}*[?]^$`,"#[..], br#""\$`"#];
    let escaped = escaped.into_iter().map(move |characters| {
        each_byte(value, 2, |byte, out| {
            if characters.contains(&byte) {
                out.push(b'\\');
            }
            out.push(byte);
        })
    });
    in_quotes.chain(escaped).chain([ansi(value)])
}

/// As bash writes what has control characters, within `$''`.
fn ansi(value: &[u8]) -> Bytes {
    let is_text = from_utf8(value).is_ok();
    each_byte(value, 4, |byte, out| {
        let short = match byte {
            0x07 => b'a',
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0B => b'v',
            0x0C => b'f',
            b'\r' => b'r',
            0x1B => b'E',
            b'\\' | b'\'' => byte,
            0..0x20 | 0x7F => return out.extend(octal(byte)),
            0x80.. if !is_text => return out.extend(octal(byte)),
            other => return out.push(other),
        };
        out.extend([b'\\', short]);
    })
}

fn octal(byte: u8) -> [u8; 4] {
    [
        b'\\',
        b'0' + (byte >> 6),
        b'0' + (byte >> 3 & 7),
        b'0' + (byte & 7),
    ]
}
