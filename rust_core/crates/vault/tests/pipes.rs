//! Sealed streams: the same as sealed memory, also where reading and writing are torn, and never
//! more than what was sealed.

#![allow(clippy::unwrap_used)]

use std::io::{self, ErrorKind, Read, Write};
use std::sync::atomic::{AtomicBool, AtomicU64};

use vault::seal::{Course, Key, SealError, open_pipe, opened, seal_pipe, sealed};

const CHUNK: usize = 16_384;
const BATCH: usize = 512 * CHUNK;
const SEALED_BATCH: usize = 512 * (CHUNK + 16);
static NO: AtomicBool = AtomicBool::new(false);

fn key() -> Key {
    Key::from_bytes(&[7; 32]).unwrap()
}

/// Bytes no chunk of which is like another.
fn text(length: usize) -> Vec<u8> {
    let words = (0..length.div_ceil(8) as u64).map(|word| word.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let mut text: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
    text.truncate(length);
    text
}

/// A pipe that gives and takes as much as it likes, and is interrupted now and then.
struct Torn<T>(T, usize);

impl<T> Torn<T> {
    fn next(&mut self, most: usize) -> io::Result<usize> {
        self.1 = self.1.wrapping_mul(31).wrapping_add(17) % 100_003;
        match self.1 % 7 {
            0 => Err(ErrorKind::Interrupted.into()),
            _ => Ok(most.min(self.1 + 1)),
        }
    }
}

impl Read for Torn<&[u8]> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.next(buffer.len())?;
        self.0.read(&mut buffer[..most])
    }
}

impl Write for Torn<&mut Vec<u8>> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let most = self.next(bytes.len())?;
        self.0.write(&bytes[..most])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn piped_open(from: &[u8]) -> (Result<u64, SealError>, Vec<u8>) {
    let (mut out, done) = (Vec::new(), AtomicU64::new(0));
    let course = &Course::new(&NO, &done);
    let opened = open_pipe(
        &key(),
        b"x",
        &mut Torn(from, 1),
        &mut Torn(&mut out, 2),
        course,
    );
    (opened, out)
}

#[test]
fn streams_are_what_memory_is() {
    let around = |length: usize| [length.saturating_sub(1), length, length + 1];
    let lengths = [0, CHUNK, 64 * CHUNK, BATCH - CHUNK, BATCH, 2 * BATCH].map(around);
    for length in lengths.into_iter().flatten() {
        let message = text(length);
        let (mut out, done) = (Vec::new(), AtomicU64::new(0));
        let course = &Course::new(&NO, &done);
        let input = &mut Torn(&message[..], 3);
        let written = seal_pipe(&key(), b"x", input, &mut Torn(&mut out, 4), course).unwrap();
        assert_eq!(written, out.len() as u64);
        assert!(*opened(&key(), b"x", &out).unwrap() == message, "{length}");
        let (written, out) = piped_open(&sealed(&key(), b"x", &message).unwrap());
        assert_eq!(written.unwrap(), length as u64);
        assert!(out == message, "{length}");
    }
}

#[test]
fn a_stream_that_was_cut_or_changed_is_an_error_after_what_has_verified() {
    let message = text(BATCH + 3 * CHUNK + 100);
    let whole = sealed(&key(), b"x", &message).unwrap();
    let chunks = (56..whole.len()).step_by(CHUNK + 16);
    let borders: Vec<usize> = chunks
        .chain([0, 24, 56 + SEALED_BATCH, whole.len()])
        .collect();
    let few = borders
        .iter()
        .filter(|&&at| !(200_000..8_300_000).contains(&at));
    for border in few.flat_map(|&at| [at.saturating_sub(1), at, at + 1, at + 16]) {
        let after = border > 56 + SEALED_BATCH;
        if border < whole.len() {
            let (result, out) = piped_open(&whole[..border]);
            assert!(
                matches!(result, Err(SealError::Unopened)),
                "cut at {border}"
            );
            assert!(out == message[..if after { BATCH } else { 0 }] || border == 56 + SEALED_BATCH);
            let mut changed = whole.clone();
            changed[border] ^= 1;
            let (result, out) = piped_open(&changed);
            assert!(
                matches!(result, Err(SealError::Unopened)),
                "changed at {border}"
            );
            assert!(message.starts_with(&out));
        }
        let longer = [&whole[..], &whole[..border.min(whole.len())], b"x"].concat();
        assert!(
            matches!(piped_open(&longer).0, Err(SealError::Unopened)),
            "longer by {border}"
        );
    }
}

#[test]
fn a_wait_ends_when_the_work_is_cancelled() {
    struct Never;
    impl Read for Never {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(ErrorKind::Interrupted.into())
        }
    }
    let (cancelled, done) = (AtomicBool::new(true), AtomicU64::new(0));
    let course = &Course::new(&cancelled, &done);
    let sealed = seal_pipe(&key(), b"", &mut Never, &mut io::sink(), course);
    assert!(matches!(sealed, Err(SealError::Cancelled)));
}
