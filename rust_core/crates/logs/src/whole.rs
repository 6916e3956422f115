//! A buffered stream that can be looked into before it is read.

use std::io::{self, BufRead, Read};

const BUFFER: usize = 128 << 10;

/// A stream and what was read of it ahead.
pub(crate) struct Whole<R> {
    stream: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// What a look came upon; it is told once all before it was read.
    problem: Option<io::Error>,
}

impl<R: Read> Whole<R> {
    pub(crate) fn new(stream: R) -> Self {
        Self {
            stream,
            buffer: vec![0; BUFFER].into(),
            start: 0,
            end: 0,
            problem: None,
        }
    }

    /// What comes next: at least so many bytes, unless the stream ends.
    pub(crate) fn peek(&mut self, wanted: usize) -> io::Result<&[u8]> {
        while self.end - self.start < wanted.min(BUFFER) {
            if let Some(problem) = self.problem.take() {
                return Err(problem);
            }
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

    /// As [`Self::peek`]; an error is kept for the reading.
    pub(crate) fn look(&mut self, wanted: usize) -> &[u8] {
        if let Err(problem) = self.peek(wanted) {
            self.problem = Some(problem);
        }
        &self.buffer[self.start..self.end]
    }

    /// Passes over bytes; an error where the stream ends before.
    pub(crate) fn skip(&mut self, count: u64) -> io::Result<()> {
        if io::copy(&mut self.by_ref().take(count), &mut io::sink())? < count {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && out.len() >= BUFFER && self.problem.is_none() {
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
