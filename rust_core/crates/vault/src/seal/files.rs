//! Sealed files, of any size, through all cores: blocks are read, sealed and written at their
//! places by several threads.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rustix::io::Errno;
use zeroize::Zeroizing;

use super::chunks::{CHUNK_BYTES, SEALED_CHUNK_BYTES};
use super::{Course, HEAD_BYTES, Key, SealError, Stream, message_length, sealed_length};

pub(super) const CHUNKS_A_BLOCK: usize = 64;
pub(super) const BLOCK_BYTES: usize = CHUNKS_A_BLOCK * CHUNK_BYTES;
pub(super) const SEALED_BLOCK_BYTES: usize = CHUNKS_A_BLOCK * SEALED_CHUNK_BYTES;

/// Which way: what is read and written a block at a time.
#[derive(Clone, Copy)]
enum Way {
    Seal,
    Open,
}

impl Way {
    fn block(self) -> (usize, usize) {
        match self {
            Self::Seal => (BLOCK_BYTES, SEALED_BLOCK_BYTES),
            Self::Open => (SEALED_BLOCK_BYTES, BLOCK_BYTES),
        }
    }

    fn turn(
        self,
        stream: &Stream,
        block: u64,
        from: &[u8],
        to: &mut [u8],
    ) -> Result<(), SealError> {
        let first = block * CHUNKS_A_BLOCK as u64;
        match self {
            Self::Seal => stream.seal(first, from, to),
            Self::Open => stream.open(first, from, to),
        }
    }
}

/// A part of a file: where it begins, and how long it is.
#[derive(Clone, Copy)]
struct Part<'a> {
    file: &'a File,
    start: u64,
    length: u64,
}

/// Seals all of a file's bytes from `start_in` on into another file from `start_out` on.
///
/// Returns the length of what was written. The course can end it early, with an error.
///
/// # Errors
///
/// Reading or writing fails, or the file shrinks meanwhile.
pub fn seal_file(
    key: &Key,
    context: &[u8],
    (input, start_in): (&File, u64),
    (output, start_out): (&File, u64),
    threads: usize,
    course: &Course<'_>,
) -> Result<u64, SealError> {
    let (stream, head) = Stream::create(key, context)?;
    let length = length_of(input)?.saturating_sub(start_in);
    let sealed = sealed_length(length).ok_or(SealError::TooLong)?;
    output
        .write_all_at(&head, start_out)
        .map_err(SealError::Write)?;
    let from = Part {
        file: input,
        start: start_in,
        length,
    };
    let to = Part {
        file: output,
        start: start_out + HEAD_BYTES as u64,
        length: sealed - HEAD_BYTES as u64,
    };
    blocks(Way::Seal, &stream, from, to, threads, course)?;
    Ok(sealed)
}

/// Opens what `seal_file` made. The output is not to be used before this has come back.
///
/// # Errors
///
/// As `seal_file`, and whatever keeps the data from opening.
pub fn open_file(
    key: &Key,
    context: &[u8],
    (input, start_in): (&File, u64),
    (output, start_out): (&File, u64),
    threads: usize,
    course: &Course<'_>,
) -> Result<u64, SealError> {
    let sealed = length_of(input)?.saturating_sub(start_in);
    let length = message_length(sealed).ok_or(SealError::Unopened)?;
    let mut head = [0; HEAD_BYTES];
    input.read_exact_at(&mut head, start_in).map_err(changed)?;
    let stream = Stream::of(key, context, &head)?;
    let from = Part {
        file: input,
        start: start_in + HEAD_BYTES as u64,
        length: sealed - HEAD_BYTES as u64,
    };
    let to = Part {
        file: output,
        start: start_out,
        length,
    };
    blocks(Way::Open, &stream, from, to, threads, course)?;
    Ok(length)
}

/// Of what tells its length: pipes and devices do not.
fn length_of(file: &File) -> Result<u64, SealError> {
    let metadata = file.metadata().map_err(SealError::Read)?;
    if metadata.is_file() {
        return Ok(metadata.len());
    }
    let kind = if metadata.is_dir() {
        Errno::ISDIR
    } else {
        Errno::INVAL
    };
    Err(SealError::Read(kind.into()))
}

fn blocks(
    way: Way,
    stream: &Stream,
    from: Part<'_>,
    to: Part<'_>,
    threads: usize,
    course: &Course<'_>,
) -> Result<(), SealError> {
    let next = AtomicU64::new(0);
    let is_over = AtomicBool::new(false);
    let work = || {
        let done = turns(way, stream, from, to, &next, |turned| {
            course.advance(turned);
            course.is_cancelled() || is_over.load(Ordering::Relaxed)
        });
        if done.is_err() {
            is_over.store(true, Ordering::Relaxed);
        }
        done
    };
    std::thread::scope(|scope| {
        let builder = || std::thread::Builder::new();
        let others: Vec<_> = (1..threads)
            .map_while(|_| builder().spawn_scoped(scope, work).ok())
            .collect();
        let mut done = work();
        for other in others {
            let joined = other
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            done = done.and(joined);
        }
        done
    })?;
    if course.is_cancelled() {
        return Err(SealError::Cancelled);
    }
    Ok(())
}

fn turns(
    way: Way,
    stream: &Stream,
    from: Part<'_>,
    to: Part<'_>,
    next: &AtomicU64,
    is_over: impl Fn(usize) -> bool,
) -> Result<(), SealError> {
    let (read, written) = way.block();
    let mut source = Zeroizing::new(vec![0; read]);
    let mut target = Zeroizing::new(vec![0; written]);
    let mut turned = 0;
    while !is_over(turned) {
        let block = next.fetch_add(1, Ordering::Relaxed);
        let (begin, place) = (block * read as u64, block * written as u64);
        // A message that ends with a block has an empty chunk after it: of the sealed side.
        let left = (
            from.length.saturating_sub(begin),
            to.length.saturating_sub(place),
        );
        if left == (0, 0) {
            break;
        }
        let source = part(&mut source, left.0);
        let target = part(&mut target, left.1);
        from.file
            .read_exact_at(source, from.start + begin)
            .map_err(changed)?;
        way.turn(stream, block, source, target)?;
        to.file
            .write_all_at(target, to.start + place)
            .map_err(SealError::Write)?;
        turned = source.len();
    }
    Ok(())
}

fn part(buffer: &mut [u8], left: u64) -> &mut [u8] {
    let length = usize::try_from(left)
        .unwrap_or(usize::MAX)
        .min(buffer.len());
    &mut buffer[..length]
}

fn changed(error: std::io::Error) -> SealError {
    if error.kind() == ErrorKind::UnexpectedEof {
        SealError::Changed
    } else {
        SealError::Read(error)
    }
}
