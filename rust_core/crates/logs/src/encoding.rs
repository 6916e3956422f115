//! Encodings of text: told by a byte order mark, by what the bytes look like, or by the user.
//!
//! UTF-8 stays as it is, with its invalid bytes. All else becomes UTF-8 while it is read, in constant
//! memory; what has no character becomes U+FFFD.

use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE};

use crate::unpack::Stream;
use crate::whole::Whole;

/// How the bytes of a log are to be read as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8 unless the bytes are UTF-16, by their mark or beyond doubt.
    #[default]
    Auto,
    /// As it is.
    Utf8,
    /// UTF-16 whose byte order mark tells the order, else little endian.
    Utf16,
    /// ISO-8859-1: each byte is the character of its number.
    Latin1,
    /// Another of the Encoding Standard.
    Other(&'static encoding_rs::Encoding),
}

impl Encoding {
    /// The encoding of a name such as `utf-16le`, `latin-1` or `windows-1252`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "auto" => Self::Auto,
            "utf-8" | "utf8" => Self::Utf8,
            "utf-16" | "utf16" => Self::Utf16,
            "latin-1" | "latin1" | "iso-8859-1" => Self::Latin1,
            label => {
                let found = encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())?;
                Self::Other(found).supported()?
            }
        })
    }

    /// Without what is no text of files.
    fn supported(self) -> Option<Self> {
        (self != Self::Other(encoding_rs::X_USER_DEFINED)).then_some(self)
    }
}

/// So many bytes tell the encoding.
pub(crate) const LOOK: usize = 4 << 10;
const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The length of the mark before a text of UTF-8.
pub(crate) fn utf8_mark(head: &[u8], encoding: Encoding) -> usize {
    let is_utf8 = matches!(encoding, Encoding::Auto | Encoding::Utf8);
    if is_utf8 && head.starts_with(UTF8_MARK) {
        UTF8_MARK.len()
    } else {
        0
    }
}

/// Whether the bytes that begin so must be decoded.
pub(crate) fn is_encoded(head: &[u8], encoding: Encoding) -> bool {
    Decoding::of(head, encoding).is_some()
}

/// The text as UTF-8, without a byte order mark.
pub(crate) fn decoded(mut whole: Whole<Stream<'_>>, encoding: Encoding) -> Stream<'_> {
    let head = whole.look(LOOK);
    let mark = utf8_mark(head, encoding);
    let decoding = Decoding::of(head, encoding);
    whole.consume(mark);
    match decoding {
        None => Box::new(whole),
        Some(decoding) => Box::new(Decoded {
            whole,
            decoding,
            text: vec![0; 64 << 10].into(),
            start: 0,
            end: 0,
            is_done: false,
        }),
    }
}

enum Decoding {
    Latin1,
    Other(Decoder),
}

impl Decoding {
    fn of(head: &[u8], encoding: Encoding) -> Option<Self> {
        let marked = match head {
            [0xFF, 0xFE, ..] => Some(UTF_16LE),
            [0xFE, 0xFF, ..] => Some(UTF_16BE),
            _ => None,
        };
        let found = match encoding {
            Encoding::Latin1 => return Some(Self::Latin1),
            Encoding::Utf8 => None,
            Encoding::Auto => marked.or_else(|| wide(head)),
            Encoding::Utf16 => marked.or(Some(UTF_16LE)),
            Encoding::Other(other) => Some(other),
        }?;
        Some(Self::Other(found.new_decoder_with_bom_removal()))
    }

    /// Bytes read, bytes written, and whether all is.
    fn decode(&mut self, raw: &[u8], text: &mut [u8]) -> (usize, usize, bool) {
        let is_last = raw.is_empty();
        match self {
            Self::Latin1 => {
                let raw = &raw[..raw.len().min(text.len() / 2)];
                let written = encoding_rs::mem::convert_latin1_to_utf8(raw, text);
                (raw.len(), written, is_last)
            }
            Self::Other(decoder) => {
                let (result, read, written, _) = decoder.decode_to_utf8(raw, text, is_last);
                let is_whole = result == encoding_rs::CoderResult::InputEmpty;
                (read, written, is_last && is_whole)
            }
        }
    }
}

/// UTF-16 without a mark: nine tenths of the units are of Latin text, and none is NUL or a control
/// character that no text has.
fn wide(head: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let units = || head[..head.len().min(LOOK)].chunks_exact(2);
    if units().len() < 4 {
        return None;
    }
    for (low, high, encoding) in [(0, 1, UTF_16LE), (1, 0, UTF_16BE)] {
        let latin = || units().filter(|unit| unit[high] == 0).map(|unit| unit[low]);
        let is_text = |byte| matches!(byte, b'\t'..=b'\r' | 0x1B | 32..);
        if latin().count() * 10 >= units().len() * 9 && latin().all(is_text) {
            return Some(encoding);
        }
    }
    None
}

struct Decoded<'r> {
    whole: Whole<Stream<'r>>,
    decoding: Decoding,
    text: Box<[u8]>,
    start: usize,
    end: usize,
    is_done: bool,
}

impl Read for Decoded<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.start == self.end {
            if self.is_done {
                return Ok(0);
            }
            let raw = self.whole.peek(1)?;
            let (read, written, is_done) = self.decoding.decode(raw, &mut self.text);
            self.whole.consume(read);
            (self.start, self.end, self.is_done) = (0, written, is_done);
        }
        let count = (&self.text[self.start..self.end]).read(out)?;
        self.start += count;
        Ok(count)
    }
}
