//! tar archives (POSIX ustar and pax, GNU): their files one behind the other.

use std::io::{self, BufRead, Read};

use crate::archive::{Archive, at_end, damaged, is_attributes, shown};
use crate::unpack::Stream;
use crate::whole::Whole;

const BLOCK: usize = 512;
/// The longest extended header that is read; longer ones are passed over.
const MOST_EXTENDED: u64 = 1 << 20;
/// So many bytes tell that it is one.
pub(crate) const LOOK: usize = 263;

/// Whether an archive begins so.
pub(crate) fn is_tar(head: &[u8]) -> bool {
    // `ustar\0` of POSIX, `ustar ` of GNU.
    head.get(257..LOOK)
        .is_some_and(|mark| mark.starts_with(b"ustar") && matches!(mark[5], 0 | b' '))
}

pub(crate) struct Tar<'r> {
    whole: Whole<Stream<'r>>,
    /// Bytes of the file at hand, and those that fill its last block.
    left: u64,
    padding: u64,
    /// Why the file at hand is not read.
    refused: Option<io::Error>,
    is_done: bool,
}

/// What an extended header says of the next file.
#[derive(Default)]
struct Extended {
    size: Option<u64>,
    is_sparse: bool,
}

impl<'r> Tar<'r> {
    pub(crate) fn new(whole: Whole<Stream<'r>>) -> Self {
        Self {
            whole,
            left: 0,
            padding: 0,
            refused: None,
            is_done: false,
        }
    }

    /// The file at hand has so many bytes.
    fn begin(&mut self, size: u64) {
        self.left = size;
        self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
    }

    fn pass(&mut self) -> io::Result<()> {
        self.whole.skip(self.left)?;
        self.whole.skip(self.padding)?;
        (self.left, self.padding) = (0, 0);
        Ok(())
    }

    /// The next header; none at the end of the archive.
    fn header(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        let mut header = [0; BLOCK];
        self.whole.read_exact(&mut header)?;
        if header == [0; BLOCK] {
            return Ok(None);
        }
        let field = |byte: usize| (148..156).contains(&byte);
        let sum: u64 = (0..BLOCK)
            .map(|byte| if field(byte) { 32 } else { header[byte].into() })
            .sum();
        if !is_tar(&header) || number(&header[148..156]) != Some(sum) {
            return Err(damaged("tar", "no header where one should be"));
        }
        Ok(Some(header))
    }

    /// What the extended header at hand says.
    fn extended(&mut self) -> io::Result<Extended> {
        let mut extended = Extended::default();
        if self.left > MOST_EXTENDED {
            return Ok(extended);
        }
        let mut text = Vec::new();
        self.whole.by_ref().take(self.left).read_to_end(&mut text)?;
        self.left -= text.len() as u64;
        // `LENGTH KEY=VALUE\n`, where the length is that of the whole record.
        let mut rest = &text[..];
        while let Some(blank) = memchr::memchr(b' ', rest) {
            let Some(length) = decimal(&rest[..blank]) else {
                break;
            };
            let Some(record) = usize::try_from(length)
                .ok()
                .and_then(|length| rest.get(blank + 1..length))
            else {
                break;
            };
            rest = &rest[blank + 1 + record.len()..];
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            if let Some(size) = record.strip_prefix(b"size=") {
                extended.size = decimal(size);
            }
            extended.is_sparse |= record.starts_with(b"GNU.sparse.");
        }
        Ok(extended)
    }

    /// Passes over what a sparse file of GNU has more of its header.
    fn pass_map(&mut self, header: &[u8]) -> io::Result<()> {
        let mut has_more = header[482] != 0;
        while has_more {
            let mut block = [0; BLOCK];
            self.whole.read_exact(&mut block)?;
            has_more = block[504] != 0;
        }
        Ok(())
    }

    fn find_next(&mut self) -> io::Result<bool> {
        let mut extended = Extended::default();
        loop {
            self.pass()?;
            let Some(header) = self.header()? else {
                return Ok(false);
            };
            let end = memchr::memchr(0, &header[..100]).unwrap_or(100);
            let name = &header[..end];
            let kind = header[156];
            let size = extended.size.or_else(|| number(&header[124..136]));
            let size = size.ok_or_else(|| damaged("tar", "a file without its size"))?;
            // Links, devices and folders have no content, whatever their header says.
            self.begin(if (b'1'..=b'6').contains(&kind) {
                0
            } else {
                size
            });
            match kind {
                b'x' => extended = self.extended()?,
                // The name of the next one.
                b'L' | b'K' | b'g' => {}
                b'0' | 0 | b'7' | b'S' if !name.ends_with(b"/") && !is_attributes(name) => {
                    if kind == b'S' {
                        self.pass_map(&header)?;
                    }
                    if kind == b'S' || extended.is_sparse {
                        let text = format!("{} in the tar is sparse: unpack it first", shown(name));
                        self.refused = Some(io::Error::new(io::ErrorKind::Unsupported, text));
                    }
                    return Ok(true);
                }
                _ => extended = Extended::default(),
            }
        }
    }
}

impl Archive for Tar<'_> {
    fn next(&mut self) -> io::Result<bool> {
        if self.is_done {
            return Ok(false);
        }
        self.refused = None;
        let found = self.find_next();
        self.is_done = !matches!(found, Ok(true));
        found.map_err(|error| at_end("tar", error))
    }

    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(refused) = self.refused.take() {
            return Err(refused);
        }
        if self.left == 0 {
            return Ok(0);
        }
        let here = self.whole.fill_buf()?;
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let count = here.len().min(out.len()).min(most);
        if count == 0 {
            self.is_done = true;
            return Err(damaged("tar", "unexpected end"));
        }
        out[..count].copy_from_slice(&here[..count]);
        self.whole.consume(count);
        self.left -= count as u64;
        Ok(count)
    }
}

/// A number of a header: octal digits between blanks, or of GNU big endian behind a mark.
fn number(field: &[u8]) -> Option<u64> {
    if let [0x80, digits @ ..] = field {
        let (high, low) = digits.split_at(digits.len().checked_sub(8)?);
        let is_small = high.iter().all(|byte| *byte == 0);
        let value = u64::from_be_bytes(low.try_into().ok()?);
        return (is_small && value <= u64::MAX / 2).then_some(value);
    }
    let end = field.iter().position(|byte| *byte == 0);
    let digits = field[..end.unwrap_or(field.len())].trim_ascii();
    let value = digits.iter().try_fold(0_u64, |value, digit| match digit {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    });
    value.filter(|value| *value <= u64::MAX / 2)
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (value <= u64::MAX / 2).then_some(value)
}
