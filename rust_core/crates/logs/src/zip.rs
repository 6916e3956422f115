//! zip archives, read from their start to their end by the headers before the files: so a pipe is
//! read as a file is, in constant memory. The directory at the end is not looked at.

use std::io::{self, BufRead, Read};

use flate2::{Crc, Decompress, FlushDecompress, Status};

use crate::archive::{Archive, at_end, damaged, is_attributes, shown};
use crate::unpack::Stream;
use crate::whole::Whole;

const HEADER: usize = 30;
/// Bits of the flags: the content is encrypted; its size stands behind it.
const ENCRYPTED: u16 = 1;
const SIZE_BEHIND: u16 = 8;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// Stands for a size that is in the extra field of zip64.
const LARGE: u32 = u32::MAX;
const ZIP64: u16 = 1;

/// Whether an archive begins so, also one of no files.
pub(crate) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06\0\0\0\0\0\0\0\0")
}

pub(crate) struct Zip<'r> {
    whole: Whole<Stream<'r>>,
    member: Option<Member>,
    is_done: bool,
}

/// The file at hand.
struct Member {
    name: String,
    kind: Kind,
    content: Content,
    /// Packed bytes that are left; none where the size stands behind them.
    left: Option<u64>,
    /// Packed bytes so far.
    packed: u64,
    /// Unpacked bytes so far, and their sum.
    size: u64,
    sum: Crc,
    /// What the header says of all unpacked bytes.
    expected: Option<(u32, u64)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    /// A folder, or what a system put beside a file.
    Other,
}

enum Content {
    Stored,
    Deflated(Box<Decompress>),
    /// All of it was read, and was found right.
    Ended,
    Checked,
    /// It cannot be read; why must still be told, or was.
    Refused(Option<io::Error>),
}

impl<'r> Zip<'r> {
    pub(crate) fn new(whole: Whole<Stream<'r>>) -> Self {
        Self {
            whole,
            member: None,
            is_done: false,
        }
    }

    /// The next file or folder; none where the directory begins.
    fn header(&mut self) -> io::Result<Option<Member>> {
        let head = self.whole.peek(HEADER)?;
        match head {
            [b'P', b'K', 1, 2, ..] | [b'P', b'K', 5 | 6, 6, ..] | [b'P', b'K', 6, 8, ..] => {
                return Ok(None);
            }
            [b'P', b'K', 3, 4, ..] if head.len() >= HEADER => {}
            _ if head.len() < HEADER => return Err(io::ErrorKind::UnexpectedEof.into()),
            _ => return Err(damaged("zip", "no header where one should be")),
        }
        let mut header = [0; HEADER];
        self.whole.read_exact(&mut header)?;
        let [flags, method, name_length, extra_length] =
            [6, 8, 26, 28].map(|at| u16::from_le_bytes([header[at], header[at + 1]]));
        let [crc, packed, size] = [14, 18, 22].map(|at| word(&header[at..]));
        let name = self.bytes(name_length)?;
        let extra = self.bytes(extra_length)?;
        let (packed, size) = large_sizes(&extra, packed, size);
        let is_behind = flags & SIZE_BEHIND != 0;
        let left = (!is_behind || packed > 0).then_some(packed);
        let kind = if name.ends_with(b"/") || is_attributes(&name) {
            Kind::Other
        } else {
            Kind::File
        };
        let name = shown(&name);
        let content = match (refusal(&name, flags, method, left), method) {
            (Some(refusal), _) => Content::Refused(Some(refusal)),
            (None, STORED) => Content::Stored,
            (None, _) => Content::Deflated(Box::new(Decompress::new(false))),
        };
        Ok(Some(Member {
            name,
            kind,
            content,
            left,
            packed: 0,
            size: 0,
            sum: Crc::new(),
            expected: (!is_behind).then_some((crc, size)),
        }))
    }

    fn bytes(&mut self, length: u16) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length.into()];
        self.whole.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Passes over what is left of the file at hand. False where its end cannot be known.
    fn pass(&mut self) -> io::Result<bool> {
        let mut buffer = vec![0; 16 << 10];
        while let Some(member) = &mut self.member {
            match (&member.content, member.left) {
                (Content::Checked, _) => self.member = None,
                (Content::Refused(_), Some(left)) => {
                    self.member = None;
                    self.whole.skip(left)?;
                }
                (Content::Refused(_), None) => return Ok(false),
                // What is wrong with it was told, or is of no concern.
                (_, left) => match self.unpack(&mut buffer) {
                    Ok(0) => self.member = None,
                    Err(error) if left.is_none() => return Err(error),
                    _ => {}
                },
            }
        }
        Ok(true)
    }

    fn find_next(&mut self) -> io::Result<bool> {
        while self.pass()? {
            self.member = self.header()?;
            match &self.member {
                None => return Ok(false),
                Some(member) if member.kind == Kind::File => return Ok(true),
                Some(_) => {}
            }
        }
        Ok(false)
    }

    /// As [`Archive::read`]; after an error the rest of the file is refused.
    fn unpack(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Some(member) = &mut self.member else {
            return Ok(0);
        };
        let read = match member.unpack(&mut self.whole, out) {
            Ok(0) if !out.is_empty() => member.check(&mut self.whole).map(|()| 0),
            read => read,
        };
        if read.is_err() {
            member.content = Content::Refused(None);
        }
        read
    }
}

impl Archive for Zip<'_> {
    fn next(&mut self) -> io::Result<bool> {
        if self.is_done {
            return Ok(false);
        }
        let found = self.find_next();
        self.is_done = !matches!(found, Ok(true));
        found.map_err(|error| at_end("zip", error))
    }

    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.unpack(out).map_err(|error| at_end("zip", error))
    }
}

impl Member {
    /// The next bytes of the file; none at its end.
    fn unpack(&mut self, whole: &mut Whole<Stream<'_>>, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let here = whole.peek(1)?;
            let is_end = here.is_empty();
            let most = self.left.map_or(usize::MAX, |left| {
                usize::try_from(left).unwrap_or(usize::MAX)
            });
            let here = &here[..here.len().min(most)];
            let (read, written) = match &mut self.content {
                Content::Ended | Content::Checked => return Ok(0),
                Content::Refused(refusal) => return refusal.take().map_or(Ok(0), Err),
                Content::Stored => {
                    let count = here.len().min(out.len());
                    out[..count].copy_from_slice(&here[..count]);
                    (count, count)
                }
                Content::Deflated(decoder) => {
                    let before = (decoder.total_in(), decoder.total_out());
                    let status = decoder.decompress(here, out, FlushDecompress::None);
                    let read = moved(before.0, decoder.total_in());
                    let written = moved(before.1, decoder.total_out());
                    match status {
                        Ok(Status::StreamEnd) => self.content = Content::Ended,
                        Ok(_) => {}
                        // What came before it is told first.
                        Err(error) => {
                            let problem = damaged("zip", &error.to_string());
                            self.content = Content::Refused(Some(problem));
                        }
                    }
                    (read, written)
                }
            };
            whole.consume(read);
            self.packed += read as u64;
            self.size += written as u64;
            self.left = self.left.map(|left| left - read as u64);
            self.sum.update(&out[..written]);
            if written > 0 || out.is_empty() {
                return Ok(written);
            }
            if matches!(self.content, Content::Stored) && self.left == Some(0) {
                self.content = Content::Ended;
            } else if read == 0 && matches!(self.content, Content::Stored | Content::Deflated(_)) {
                return Err(if is_end {
                    io::ErrorKind::UnexpectedEof.into()
                } else {
                    damaged("zip", &format!("{} ends too early", self.name))
                });
            }
        }
    }

    /// Compares what was read with what is said of it, before it or behind.
    fn check(&mut self, whole: &mut Whole<Stream<'_>>) -> io::Result<()> {
        if !matches!(self.content, Content::Ended) {
            return Ok(());
        }
        let found = (self.sum.sum(), self.size);
        let is_right = match self.expected {
            Some(expected) => expected == found && self.left == Some(0),
            None => passes_descriptor(whole, found, self.packed)?,
        };
        if is_right {
            self.content = Content::Checked;
            return Ok(());
        }
        let what = format!("{} is not what its checksum is of", self.name);
        Err(damaged("zip", &what))
    }
}

fn moved(before: u64, after: u64) -> usize {
    usize::try_from(after - before).unwrap_or(usize::MAX)
}

/// Why a file cannot be read.
fn refusal(name: &str, flags: u16, method: u16, left: Option<u64>) -> Option<io::Error> {
    let text = match method {
        _ if flags & ENCRYPTED != 0 => format!("{name} in the zip is encrypted: unpack it first"),
        STORED if left.is_none() => {
            format!("{name} in the zip is stored without its size: unpack it first")
        }
        STORED | DEFLATED => return None,
        _ => {
            let method = method_name(method);
            format!("{name} in the zip is packed with {method}: unpack it first")
        }
    };
    Some(io::Error::new(io::ErrorKind::Unsupported, text))
}

/// The name of a method: APPNOTE.TXT, section 4.4.5.
fn method_name(method: u16) -> String {
    let name = match method {
        1 => "shrink",
        6 => "implode",
        9 => "deflate64",
        12 => "bzip2",
        14 => "lzma",
        93 => "zstd",
        95 => "xz",
        98 => "ppmd",
        99 => "aes",
        _ => return format!("method {method}"),
    };
    name.to_owned()
}

fn word(bytes: &[u8]) -> u32 {
    bytes
        .first_chunk()
        .map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn long(bytes: &[u8]) -> u64 {
    bytes
        .first_chunk()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// The packed and the unpacked size, where the field of zip64 has those that are too large.
fn large_sizes(extra: &[u8], packed: u32, size: u32) -> (u64, u64) {
    let mut sizes = (u64::from(packed), u64::from(size));
    let mut rest = extra;
    while let [a, b, c, d, behind @ ..] = rest {
        let length = usize::from(u16::from_le_bytes([*c, *d]));
        let Some((field, behind)) = behind.split_at_checked(length) else {
            break;
        };
        if u16::from_le_bytes([*a, *b]) == ZIP64 {
            let mut values = field.chunks_exact(8).map(long);
            if size == LARGE {
                sizes.1 = values.next().unwrap_or(sizes.1);
            }
            if packed == LARGE {
                sizes.0 = values.next().unwrap_or(sizes.0);
            }
        }
        rest = behind;
    }
    sizes
}

/// Passes over the descriptor behind a file if it is right. Its mark can be missing, and its sizes
/// have four bytes or eight.
fn passes_descriptor(
    whole: &mut Whole<Stream<'_>>,
    (crc, size): (u32, u64),
    packed: u64,
) -> io::Result<bool> {
    let here = whole.peek(24)?;
    let mark = if here.starts_with(b"PK\x07\x08") {
        4
    } else {
        0
    };
    for start in [mark, 0] {
        let sizes = here.get(start + 4..).unwrap_or_default();
        if here.get(start..).map(word) != Some(crc) {
            continue;
        }
        let length = if sizes.len() >= 16 && (long(sizes), long(&sizes[8..])) == (packed, size) {
            16
        } else if sizes.len() >= 8
            && (u64::from(word(sizes)), u64::from(word(&sizes[4..])))
                == (packed & u64::from(LARGE), size & u64::from(LARGE))
        {
            8
        } else {
            continue;
        };
        whole.consume(start + 4 + length);
        return Ok(true);
    }
    Ok(false)
}
