//! Files: a sample from all over them finds their formats, then they are read as a stream.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::analyze::{Analysis, analyze};
use crate::encoding::{Encoding, LOOK};
use crate::scan::{Input, Options};
use crate::unpack::{Stream, is_packed, unpacked};

/// The places of the sample and the bytes that are read at each.
const PLACES: u64 = 16;
const PIECE: u64 = 32 << 10;

/// Opens a file; missing years are told from its last change.
///
/// # Errors
///
/// Those of opening, and those of [`Input::stream`].
pub fn open_file<'c>(
    path: &Path,
    encoding: Encoding,
    cancel: &'c AtomicBool,
) -> io::Result<Input<'c>> {
    let mut file = opened(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Input::stream(Waited { file, cancel }, b"", encoding, cancel);
    }
    let mut sampled = Vec::new();
    if metadata.len() > PLACES * PIECE && !starts_packed(&mut file, encoding)? {
        sampled = sample(&mut file, metadata.len())?;
    }
    let file = Measured {
        length: metadata.len(),
        at: 0,
        file,
    };
    let mut input = Input::stream(file, &sampled, encoding, cancel)?;
    input.changed = metadata.modified().ok().map(seconds);
    Ok(input)
}

/// The bytes of a file, a pipe or a device, without compression and archives; text becomes UTF-8.
/// Waiting for a pipe ends when it is cancelled.
///
/// # Errors
///
/// Those of opening.
pub fn open_unpacked<'c>(path: &Path, cancel: &'c AtomicBool) -> io::Result<Stream<'c>> {
    let file = opened(path)?;
    if file.metadata()?.is_file() {
        return Ok(unpacked(file, Encoding::Auto));
    }
    Ok(unpacked(Waited { file, cancel }, Encoding::Auto))
}

/// A pipe without a writer must not hold up the opening, which nothing could end.
fn opened(path: &Path) -> io::Result<File> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags).open(path)
}

/// Analyzes a file; missing years are told from its last change.
///
/// # Errors
///
/// Those of opening, and those of [`analyze`].
pub fn analyze_file(path: &Path, options: &Options, cancel: &AtomicBool) -> io::Result<Analysis> {
    let input = open_file(path, options.encoding, cancel)?;
    analyze(input, None, options, cancel)
}

/// A file that has to be as long as it was: one that ends before was cut while it was read.
struct Measured {
    file: File,
    length: u64,
    at: u64,
}

impl Read for Measured {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.at += count as u64;
        if count == 0 && !buffer.is_empty() && self.at < self.length {
            // Files of the kernel are shorter than they are said to be.
            let length = self.file.metadata()?.len();
            if length < self.length {
                let text = format!(
                    "cut from {} to {length} bytes while it was read",
                    self.length
                );
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text));
            }
        }
        Ok(count)
    }
}

/// A pipe or a device, on which a read can wait without end: it ends when it is cancelled.
struct Waited<'c> {
    file: File,
    cancel: &'c AtomicBool,
}

/// How often a wait looks whether it was cancelled.
const POLL: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 50_000_000,
};

impl Read for Waited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(io::Error::other("interrupted"));
            }
            let mut watched = [PollFd::new(&self.file, PollFlags::IN)];
            match rustix::event::poll(&mut watched, Some(&POLL)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => match self.file.read(buffer) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    read => return read,
                },
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn seconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

fn starts_packed(file: &mut File, encoding: Encoding) -> io::Result<bool> {
    let mut head = Vec::new();
    file.by_ref().take(LOOK as u64).read_to_end(&mut head)?;
    file.rewind()?;
    Ok(is_packed(&head, encoding))
}

/// Pieces of the file at the same distances, whole lines each.
fn sample(file: &mut File, length: u64) -> io::Result<Vec<u8>> {
    let mut sampled = Vec::new();
    let mut piece = Vec::new();
    for place in 0..PLACES {
        file.seek(SeekFrom::Start((length - PIECE) / (PLACES - 1) * place))?;
        piece.clear();
        file.by_ref().take(PIECE).read_to_end(&mut piece)?;
        let start = match place {
            0 => 0,
            _ => memchr::memchr(b'\n', &piece).map_or(piece.len(), |end| end + 1),
        };
        let end = memchr::memrchr(b'\n', &piece).map_or(0, |end| end + 1);
        if start < end {
            sampled.extend_from_slice(&piece[start..end]);
        }
    }
    file.rewind()?;
    Ok(sampled)
}
