//! Compressed inputs, told by their first bytes: gzip, zstd, xz and bzip2, each also as a chain of
//! several.

use std::io::{self, BufRead, Read};

use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

/// The longest mark.
const MARK: usize = 6;
/// The window that zstd itself allows without being asked for more.
const ZSTD_WINDOW: u64 = 128 << 20;
const BUFFER: usize = 128 << 10;

/// A buffered stream that can be looked into for a mark.
struct Whole<R> {
    stream: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
}

impl<R: Read> Whole<R> {
    fn new(stream: R) -> Self {
        Self {
            stream,
            buffer: vec![0; BUFFER].into(),
            start: 0,
            end: 0,
        }
    }

    /// What comes next: at least so many bytes, unless the stream ends.
    fn peek(&mut self, wanted: usize) -> io::Result<&[u8]> {
        while self.end - self.start < wanted {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            match self.stream.read(&mut self.buffer[self.end..]) {
                Ok(0) => break,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(&self.buffer[self.start..self.end])
    }
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && out.len() >= BUFFER {
            return self.stream.read(out);
        }
        let count = self.peek(1)?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Whole<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.peek(1)
    }

    fn consume(&mut self, count: usize) {
        self.start += count;
    }
}

/// The stream without its compression.
///
/// # Errors
///
/// Those of reading the first bytes. Damage is an error of reading that names the format, of kind
/// [`io::ErrorKind::InvalidData`].
pub(crate) fn unpacked<'r, R: Read + Send + 'r>(
    stream: R,
) -> io::Result<Box<dyn Read + Send + 'r>> {
    let mut whole = Whole::new(stream);
    let kind = Kind::of(whole.peek(MARK)?);
    let (stream, name): (Box<dyn Read + Send + 'r>, _) = match kind {
        None => return Ok(Box::new(whole)),
        Some(Kind::Gzip) => (
            Box::new(flate2::bufread::MultiGzDecoder::new(whole)),
            "gzip",
        ),
        Some(Kind::Zstd) => (Box::new(Zstd::new(whole)), "zstd"),
        Some(Kind::Xz) => (Box::new(lzma_rust2::XzReader::new(whole, true)), "xz"),
        Some(Kind::Bzip2) => (
            Box::new(bzip2::bufread::MultiBzDecoder::new(whole)),
            "bzip2",
        ),
    };
    Ok(Box::new(Packed { stream, name }))
}

/// A decoder whose complaints name the format.
struct Packed<'r> {
    stream: Box<dyn Read + Send + 'r>,
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

/// Whether the bytes begin a compressed stream.
pub(crate) fn is_packed(head: &[u8]) -> bool {
    Kind::of(head).is_some()
}

enum Kind {
    Gzip,
    Zstd,
    Xz,
    Bzip2,
}

impl Kind {
    fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1F, 0x8B, 8, ..] => Some(Self::Gzip),
            // Also with a frame to skip first, as parallel compressors begin.
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Self::Zstd),
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [b'B', b'Z', b'h', b'1'..=b'9', b'1' | 0x17, ..] => Some(Self::Bzip2),
            _ => None,
        }
    }
}

/// The frames of a zstd stream, one behind the other.
struct Zstd<R: Read> {
    state: State<R>,
}

enum State<R: Read> {
    Between(Whole<R>),
    Within(Box<StreamingDecoder<Whole<R>, FrameDecoder>>),
    Done,
}

impl<R: Read> Zstd<R> {
    fn new(whole: Whole<R>) -> Self {
        Self {
            state: State::Between(whole),
        }
    }
}

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Ok(0),
                State::Between(mut whole) => {
                    if whole.peek(1)?.is_empty() {
                        return Ok(0);
                    }
                    if skip_frame(&mut whole)? {
                        self.state = State::Between(whole);
                        continue;
                    }
                    let decoder = StreamingDecoder::new_with_max_window_size(whole, ZSTD_WINDOW);
                    let decoder = decoder.map_err(io::Error::other)?;
                    self.state = State::Within(Box::new(decoder));
                }
                State::Within(mut decoder) => {
                    let count = decoder.read(buffer)?;
                    if count > 0 || buffer.is_empty() {
                        self.state = State::Within(decoder);
                        return Ok(count);
                    }
                    self.state = State::Between(decoder.into_inner());
                }
            }
        }
    }
}

/// Passes over a frame of no content (RFC 8878, section 3.1.2).
fn skip_frame<R: Read>(whole: &mut Whole<R>) -> io::Result<bool> {
    let head = whole.peek(4)?;
    if !matches!(head, [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..]) {
        return Ok(false);
    }
    let mut header = [0; 8];
    whole.read_exact(&mut header)?;
    let length = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
    let skipped = io::copy(&mut whole.take(length.into()), &mut io::sink())?;
    if skipped < length.into() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(true)
}
