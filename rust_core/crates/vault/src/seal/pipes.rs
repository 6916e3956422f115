//! Sealed streams: what comes out of a pipe or goes into one, a batch of blocks at a time, each
//! batch through all cores.

use std::io::{ErrorKind, Read, Write};

use rayon::prelude::*;
use zeroize::Zeroizing;

use super::chunks::{CHUNK_BYTES, MOST_CHUNKS, SEALED_CHUNK_BYTES, TAG_BYTES};
use super::files::{BLOCK_BYTES, CHUNKS_A_BLOCK, SEALED_BLOCK_BYTES};
use super::{Course, HEAD_BYTES, Key, SealError, Stream};

const BLOCKS_A_BATCH: usize = 8;
const CHUNKS_A_BATCH: u64 = (BLOCKS_A_BATCH * CHUNKS_A_BLOCK) as u64;

/// Seals all that comes until the end of the input. Returns the length of what was written.
///
/// Errors of the kind `Interrupted` are tried again until the course ends the work.
///
/// # Errors
///
/// Reading or writing fails, there are 4 PiB or more, or the work is cancelled.
pub fn seal_pipe(
    key: &Key,
    context: &[u8],
    input: &mut impl Read,
    output: &mut impl Write,
    course: &Course<'_>,
) -> Result<u64, SealError> {
    let (stream, head) = Stream::create(key, context)?;
    write(output, &head, course)?;
    let mut message = Zeroizing::new(vec![0; BLOCKS_A_BATCH * BLOCK_BYTES]);
    let mut sealed = vec![0; BLOCKS_A_BATCH * SEALED_BLOCK_BYTES];
    let mut written = HEAD_BYTES as u64;
    for first in (0..MOST_CHUNKS).step_by(CHUNKS_A_BLOCK * BLOCKS_A_BATCH) {
        let length = fill(input, &mut message, course)?;
        let is_last = length < message.len();
        let chunks = length / CHUNK_BYTES + usize::from(is_last);
        let out = &mut sealed[..length + TAG_BYTES * chunks];
        let message = &message[..length];
        let blocks = out.par_chunks_mut(SEALED_BLOCK_BYTES).enumerate();
        blocks.try_for_each(|(block, out)| {
            stream.seal(index(first, block), piece(message, block, BLOCK_BYTES), out)
        })?;
        write(output, out, course)?;
        written += out.len() as u64;
        if is_last {
            return Ok(written);
        }
    }
    Err(SealError::TooLong)
}

/// Opens what `seal_pipe` made. What it writes has verified, and is all only when this has come
/// back without an error.
///
/// # Errors
///
/// As `seal_pipe`, and whatever keeps the data from opening.
pub fn open_pipe(
    key: &Key,
    context: &[u8],
    input: &mut impl Read,
    output: &mut impl Write,
    course: &Course<'_>,
) -> Result<u64, SealError> {
    let mut head = [0; HEAD_BYTES];
    if fill(input, &mut head, course)? < HEAD_BYTES {
        return Err(SealError::Unopened);
    }
    let stream = Stream::of(key, context, &head)?;
    let mut sealed = vec![0; BLOCKS_A_BATCH * SEALED_BLOCK_BYTES];
    let mut message = Zeroizing::new(vec![0; BLOCKS_A_BATCH * BLOCK_BYTES]);
    let mut written = 0;
    for first in (0..MOST_CHUNKS).step_by(CHUNKS_A_BLOCK * BLOCKS_A_BATCH) {
        let length = fill(input, &mut sealed, course)?;
        let is_last = length < sealed.len();
        let last = length % SEALED_CHUNK_BYTES;
        // A message ends with a short chunk: without one it was cut between two.
        if is_last && last < TAG_BYTES {
            return Err(SealError::Unopened);
        }
        let sealed = &sealed[..length];
        let chunks = length.div_ceil(SEALED_CHUNK_BYTES);
        let out = &mut message[..length - TAG_BYTES * chunks];
        // The blocks are those of the sealed side, of which the last one may hold no message.
        let has_empty = is_last && out.len().is_multiple_of(BLOCK_BYTES);
        let blocks = out.par_chunks_mut(BLOCK_BYTES).enumerate();
        let whole = blocks.len();
        blocks.try_for_each(|(block, out)| {
            let part = piece(sealed, block, SEALED_BLOCK_BYTES);
            stream.open(index(first, block), part, out)
        })?;
        if has_empty {
            let part = piece(sealed, whole, SEALED_BLOCK_BYTES);
            stream.open(index(first, whole), part, &mut [])?;
        }
        write(output, out, course)?;
        written += out.len() as u64;
        if is_last {
            return Ok(written);
        }
    }
    Err(SealError::Unopened)
}

fn index(first: u64, block: usize) -> u64 {
    debug_assert!(first.is_multiple_of(CHUNKS_A_BATCH));
    first + (block * CHUNKS_A_BLOCK) as u64
}

/// The block of this number, which may be short, or empty behind the last one.
fn piece(bytes: &[u8], block: usize, size: usize) -> &[u8] {
    let start = (block * size).min(bytes.len());
    let end = (start + size).min(bytes.len());
    &bytes[start..end]
}

/// Reads until the buffer is full or the input ends.
pub(crate) fn fill(
    input: &mut impl Read,
    buffer: &mut [u8],
    course: &Course<'_>,
) -> Result<usize, SealError> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => {
                filled += count;
                course.advance(count);
            }
            Err(error) => again_or(error, course, SealError::Read)?,
        }
        stop(course)?;
    }
    Ok(filled)
}

/// Writes all of it.
pub(crate) fn write(
    output: &mut impl Write,
    mut bytes: &[u8],
    course: &Course<'_>,
) -> Result<(), SealError> {
    while !bytes.is_empty() {
        match output.write(bytes) {
            Ok(0) => return Err(SealError::Write(ErrorKind::WriteZero.into())),
            Ok(count) => bytes = &bytes[count..],
            Err(error) => again_or(error, course, SealError::Write)?,
        }
    }
    Ok(())
}

fn again_or(
    error: std::io::Error,
    course: &Course<'_>,
    failed: fn(std::io::Error) -> SealError,
) -> Result<(), SealError> {
    if error.kind() == ErrorKind::Interrupted {
        return stop(course);
    }
    Err(failed(error))
}

fn stop(course: &Course<'_>) -> Result<(), SealError> {
    if course.is_cancelled() {
        return Err(SealError::Cancelled);
    }
    Ok(())
}
