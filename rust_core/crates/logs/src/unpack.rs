//! Packed inputs, told by their first bytes: gzip, zstd, xz and bzip2, each also as a chain of
//! several, zip and tar, and any of these in each other.

use std::io::{self, BufRead, Read};

use crate::archive::Parts;
use crate::encoding::{Encoding, LOOK, decoded, is_encoded};
use crate::tar::{Tar, is_tar};
use crate::whole::Whole;
use crate::zip::{Zip, is_zip};

/// Bytes without an end that is known.
pub type Stream<'r> = Box<dyn Read + Send + 'r>;

/// The window that zstd itself allows without being asked for more.
const ZSTD_WINDOW_LOG: u32 = 27;
/// The same for xz, whose own settings go to half of it.
const XZ_MOST_KIB: u32 = (128 << 10) + 1024;
/// How far packed data is unpacked, as in a zip with a tar that was packed with gzip.
const DEEPEST: usize = 4;

/// The text of a stream: without its compression, the files of an archive one behind the other.
///
/// Damage is an error of reading that names the format, of kind [`io::ErrorKind::InvalidData`]; what
/// is not read is of kind [`io::ErrorKind::Unsupported`].
pub(crate) fn unpacked<'r>(stream: impl Read + Send + 'r, encoding: Encoding) -> Stream<'r> {
    opened(Box::new(stream), encoding, 0)
}

/// As [`unpacked`], of what was so deep in others.
pub(crate) fn opened(stream: Stream<'_>, encoding: Encoding, depth: usize) -> Stream<'_> {
    let mut whole = Whole::new(stream);
    let Some(kind) = Kind::of(whole.look(LOOK)) else {
        return decoded(whole, encoding);
    };
    if depth == DEEPEST {
        let text = format!("packed more than {DEEPEST} times: unpack it first");
        return Box::new(Broken::new(io::Error::new(
            io::ErrorKind::Unsupported,
            text,
        )));
    }
    let (stream, name): (Stream<'_>, _) = match kind {
        Kind::Zip => return Box::new(Parts::new(Zip::new(whole), encoding, depth + 1)),
        Kind::Tar => return Box::new(Parts::new(Tar::new(whole), encoding, depth + 1)),
        Kind::Gzip => (
            Box::new(flate2::bufread::MultiGzDecoder::new(whole)),
            "gzip",
        ),
        Kind::Zstd => (zstd_frames(whole), "zstd"),
        Kind::Xz => {
            let reader = lzma_rust2::XzReader::new_mem_limit(whole, true, XZ_MOST_KIB);
            (Box::new(reader), "xz")
        }
        Kind::Bzip2 => (
            Box::new(bzip2::bufread::MultiBzDecoder::new(whole)),
            "bzip2",
        ),
    };
    opened(Box::new(Packed { stream, name }), encoding, depth + 1)
}

/// A stream of which nothing more can be read.
pub(crate) struct Broken(Option<io::Error>);

impl Broken {
    pub(crate) fn new(error: io::Error) -> Self {
        Self(Some(error))
    }
}

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// A decoder whose complaints name the format.
struct Packed<'r> {
    stream: Stream<'r>,
    name: &'static str,
}

impl Read for Packed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer).map_err(|error| {
            if error.raw_os_error().is_some() || error.kind() == io::ErrorKind::Interrupted {
                return error;
            }
            let text = format!("damaged {} data: {error}", self.name);
            io::Error::new(io::ErrorKind::InvalidData, text)
        })
    }
}

/// Whether the bytes that begin so are not yet text.
pub(crate) fn is_packed(head: &[u8], encoding: Encoding) -> bool {
    let head = &head[..head.len().min(LOOK)];
    Kind::of(head).is_some() || is_encoded(head, encoding)
}

enum Kind {
    Gzip,
    Zstd,
    Xz,
    Bzip2,
    Zip,
    Tar,
}

impl Kind {
    fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1F, 0x8B, 8, ..] => Some(Self::Gzip),
            // Also with a frame to skip first, as parallel compressors begin.
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Self::Zstd),
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [b'B', b'Z', b'h', b'1'..=b'9', b'1' | 0x17, ..] => Some(Self::Bzip2),
            _ if is_zip(head) => Some(Self::Zip),
            _ if is_tar(head) => Some(Self::Tar),
            _ => None,
        }
    }
}

/// The frames of a zstd stream, one behind the other.
fn zstd_frames<'r>(stream: impl BufRead + Send + 'r) -> Stream<'r> {
    let decoder = zstd::stream::read::Decoder::with_buffer(stream).and_then(|mut decoder| {
        decoder.window_log_max(ZSTD_WINDOW_LOG)?;
        Ok(decoder)
    });
    match decoder {
        Ok(decoder) => Box::new(decoder),
        Err(error) => Box::new(Broken::new(error)),
    }
}
