//! Cuts an input into blocks that begin with an event, for any number of threads.
//!
//! One thread at a time takes the next block; what it holds of an event that is not whole goes to
//! the one after. So files, pipes and decompressors are all read the same way, in constant memory.

use std::io::{self, Read};
use std::sync::Arc;

use crate::escapes::without_escapes;
use crate::format::{Format, Reader, first_header, is_continuation, last_header};
use crate::time::{Shape, YearOf};

/// The size of a block in bytes.
pub(crate) const BLOCK: usize = 1 << 20;
/// A line is read up to this length in bytes; what is behind is counted and dropped.
pub const LINE_LIMIT: usize = 1 << 20;

/// Where the bytes come from.
pub(crate) enum Source<'s> {
    /// A text in memory.
    Memory(&'s [u8]),
    /// A file, a pipe or a decompressor.
    Stream(Box<dyn Read + Send + 's>),
}

/// The part of an input that a thread works on.
pub(crate) struct Block<'s> {
    /// Its number, from 0.
    pub(crate) index: usize,
    /// The number of its first line, from 1.
    pub(crate) first_line: u64,
    /// The year at its start, of lines that have none.
    pub(crate) year: Years,
    /// The line that names the columns at its start.
    pub(crate) header: Option<Arc<[u8]>>,
    pub(crate) text: Text<'s>,
    /// Bytes of overlong lines that were dropped at its end.
    pub(crate) dropped: u64,
}

pub(crate) enum Text<'s> {
    Borrowed(&'s [u8]),
    Owned(Vec<u8>),
}

impl Text<'_> {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Text::Borrowed(text) => text,
            Text::Owned(text) => text,
        }
    }
}

pub(crate) struct Blocks<'s> {
    source: Source<'s>,
    formats: Vec<Format>,
    reader: Reader,
    carry: Vec<u8>,
    is_at_end: bool,
    problem: Option<io::Error>,
    index: usize,
    years: Years,
    header: Option<Arc<[u8]>>,
    lines: u64,
    /// Whether the blocks know the numbers of their lines.
    pub(crate) counts_lines: bool,
}

impl<'s> Blocks<'s> {
    /// `carry` was read from the source before.
    pub(crate) fn new(
        source: Source<'s>,
        carry: Vec<u8>,
        formats: Vec<Format>,
        year: YearOf,
    ) -> Self {
        let shape = formats.iter().find_map(|format| format.yearless());
        let head = match &source {
            Source::Memory(text) => text,
            Source::Stream(_) => carry.as_slice(),
        };
        let header = first_header(head, &formats).map(Arc::from);
        Self {
            header,
            source,
            formats,
            reader: Reader::default(),
            carry,
            is_at_end: false,
            problem: None,
            index: 0,
            years: Years::new(year, shape),
            lines: 0,
            counts_lines: false,
        }
    }

    /// Nothing more is read; what was read already is still given.
    pub(crate) fn stop(&mut self) {
        self.is_at_end = true;
        self.problem = None;
        if let Source::Memory(rest) = &mut self.source {
            *rest = &[];
        }
    }

    /// Nothing more is read, nor given.
    pub(crate) fn end(&mut self) {
        self.stop();
        self.carry.clear();
        self.source = Source::Memory(&[]);
    }

    /// The next block; `spare` is memory that was used before.
    pub(crate) fn next(&mut self, spare: Vec<u8>) -> io::Result<Option<Block<'s>>> {
        let (text, dropped) = match &mut self.source {
            Source::Memory(rest) => {
                let whole = *rest;
                self.reader.begin_block(self.header.as_deref());
                if whole.is_empty() {
                    return Ok(None);
                }
                let end = whole_events(whole, &self.formats, &mut self.reader);
                let (block, behind) = whole.split_at(end);
                *rest = behind;
                (Text::Borrowed(block), 0)
            }
            Source::Stream(_) => match self.read(spare)? {
                Some((text, dropped)) => (Text::Owned(text), dropped),
                None => return Ok(None),
            },
        };
        let year = self.years;
        if self.years.shape.is_some() {
            for line in text.bytes().split(|byte| *byte == b'\n') {
                self.years.pass(&without_escapes(line));
            }
        }
        let header = self.header.clone();
        if self.formats.contains(&Format::W3c)
            && let Some(last) = last_header(text.bytes())
        {
            self.header = Some(last.into());
        }
        self.index += 1;
        let first_line = self.lines + 1;
        if self.counts_lines {
            self.lines += memchr::memchr_iter(b'\n', text.bytes()).count() as u64;
        }
        Ok(Some(Block {
            index: self.index - 1,
            first_line,
            year,
            header,
            text,
            dropped,
        }))
    }

    fn read(&mut self, mut buffer: Vec<u8>) -> io::Result<Option<(Vec<u8>, u64)>> {
        let Source::Stream(stream) = &mut self.source else {
            return Ok(None);
        };
        self.reader.begin_block(self.header.as_deref());
        buffer.clear();
        buffer.append(&mut self.carry);
        loop {
            let wanted = BLOCK.max(buffer.len() + 1) - buffer.len();
            if !self.is_at_end && self.problem.is_none() {
                match fill(stream, &mut buffer, wanted.max(BLOCK / 4)) {
                    Ok(0) => self.is_at_end = true,
                    Ok(_) => {}
                    Err(error) => self.problem = Some(error),
                }
            }
            if self.problem.is_some() {
                // First what was read before.
                return match self.problem.take_if(|_| buffer.is_empty()) {
                    Some(error) => {
                        self.is_at_end = true;
                        Err(error)
                    }
                    None => Ok(Some((buffer, 0))),
                };
            }
            if self.is_at_end {
                return Ok((!buffer.is_empty()).then_some((buffer, 0)));
            }
            if let Some(end) = last_event(&buffer, &self.formats, &mut self.reader) {
                self.carry.extend_from_slice(&buffer[end..]);
                buffer.truncate(end);
                return Ok(Some((buffer, 0)));
            }
            if buffer.len() < BLOCK + LINE_LIMIT {
                continue;
            }
            // One event is larger than that: it is cut at the end of a line.
            if let Some(end) = memchr::memrchr(b'\n', &buffer) {
                self.carry.extend_from_slice(&buffer[end + 1..]);
                buffer.truncate(end + 1);
                return Ok(Some((buffer, 0)));
            }
            let (dropped, problem) = drop_line(stream, &mut self.carry);
            self.problem = problem;
            buffer.push(b'\n');
            return Ok(Some((buffer, dropped.saturating_sub(1))));
        }
    }
}

/// Reads until so many bytes more are there or the input ends.
fn fill(stream: &mut dyn Read, buffer: &mut Vec<u8>, wanted: usize) -> io::Result<usize> {
    let start = buffer.len();
    stream.take(wanted as u64).read_to_end(buffer)?;
    Ok(buffer.len() - start)
}

/// Passes over the rest of a line; what was read behind it goes to `carry`. Also what ended it.
fn drop_line(stream: &mut dyn Read, carry: &mut Vec<u8>) -> (u64, Option<io::Error>) {
    let mut dropped = 0;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = match stream.read(&mut buffer) {
            Ok(0) => return (dropped, None),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return (dropped, Some(error)),
        };
        if let Some(end) = memchr::memchr(b'\n', &buffer[..count]) {
            carry.extend_from_slice(&buffer[end + 1..count]);
            return (dropped + end as u64 + 1, None);
        }
        dropped += count as u64;
    }
}

/// The end of a block of a text in memory: at an event, or at the end of all.
fn whole_events(text: &[u8], formats: &[Format], reader: &mut Reader) -> usize {
    let mut size = BLOCK;
    while size < text.len() {
        if let Some(end) = last_event(&text[..size], formats, reader) {
            return end;
        }
        if size >= BLOCK + LINE_LIMIT {
            let end = memchr::memchr(b'\n', &text[size..]);
            return end.map_or(text.len(), |end| size + end + 1);
        }
        size += BLOCK / 4;
    }
    text.len()
}

/// Where the last event begins whose first line is whole, if it is not at the start.
pub(crate) fn last_event(text: &[u8], formats: &[Format], reader: &mut Reader) -> Option<usize> {
    let mut end = memchr::memrchr(b'\n', text)?;
    loop {
        let start = memchr::memrchr(b'\n', &text[..end]).map(|start| start + 1)?;
        let line = clean_end(&text[start..end]);
        let line = without_escapes(line);
        let before = memchr::memrchr(b'\n', &text[..start - 1]).map_or(0, |end| end + 1);
        let before = clean_end(&text[before..start - 1]);
        let mut is_read = |format: &Format| {
            !format.joins(before, &line) && reader.parse(*format, &line).is_some()
        };
        let is_event =
            line.len() < LINE_LIMIT && !is_continuation(&line) && formats.iter().any(&mut is_read);
        if is_event {
            return Some(start);
        }
        end = start - 1;
    }
}

/// Without the return before the end of a line.
pub(crate) fn clean_end(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Follows the year through lines that have none: December goes over to January.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Years {
    pub(crate) year: YearOf,
    month: u32,
    shape: Option<Shape>,
}

impl Years {
    /// The years of lines from the start, which has this one.
    pub(crate) fn new(year: YearOf, shape: Option<Shape>) -> Self {
        Self {
            year,
            month: 0,
            shape,
        }
    }

    /// Looks at the month of a line.
    #[inline]
    pub(crate) fn pass(&mut self, line: &[u8]) {
        let Some(shape) = self.shape else {
            return;
        };
        let at = match line.first() {
            Some(b'<') => line
                .iter()
                .take(6)
                .position(|byte| *byte == b'>')
                .map_or(0, |at| at + 1),
            Some(b'[') => 1,
            Some(b'I' | b'W' | b'E' | b'F') if line.get(1).is_some_and(u8::is_ascii_digit) => 1,
            _ => 0,
        };
        let month = shape.month(&line[at.min(line.len())..]);
        let Some(month) = month.filter(|month| (1..=12).contains(month)) else {
            return;
        };
        // Half a year back is the next year; half a year ahead is a late line of the last one.
        if self.month > month + 6 {
            self.year.0 += 1;
        } else if month > self.month + 6 && self.month > 0 {
            self.year.0 -= 1;
        }
        self.month = month;
    }
}
