//! Follows files that grow, through rotation, truncation and deletion, as `tail -F` does.
//!
//! An event is given when the next one begins or when nothing came for a while, so that its last
//! lines are with it.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

use crate::analyze::analyze;
use crate::blocks::last_event;
use crate::filter::Filter;
use crate::format::{Format, Reader, detect, first_header, last_header};
use crate::scan::{Input, Options, sample};
use crate::show::{Chunk, Showing, show};
use crate::summary::Summary;

/// What is read of a file at once, in bytes.
const PIECE: usize = 1 << 20;
/// An event is whole when nothing came behind it for so long.
const QUIET: Duration = Duration::from_millis(300);
/// Formats are found anew until so many bytes were seen.
const SAMPLE: usize = 64 << 10;
/// How much of what was read last is compared, to see that a file was written anew.
const TRACE: usize = 64;

/// What happened to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// There is none; it is waited for.
    Missing,
    /// There is one now.
    Appeared,
    /// Another file has its name now, which is followed from its start.
    Rotated,
    /// It became shorter, or was written anew; it is followed from its start.
    Truncated,
    /// What was written ended, and nothing more can come.
    Ended,
    /// It cannot be read now, and why.
    Failed(String),
}

/// A file that is followed.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    open: Option<Open>,
    /// Bytes of which the last event is perhaps not whole.
    held: Vec<u8>,
    seen: Vec<u8>,
    formats: Vec<Format>,
    /// The line that names the columns, in formats that have one.
    header: Vec<u8>,
    reader: Reader,
    last_came: Instant,
    is_missing: bool,
    is_start: bool,
    is_over: bool,
    failure: Option<String>,
}

#[derive(Debug)]
struct Open {
    file: File,
    /// Its device and number.
    place: (u64, u64),
    position: u64,
    is_regular: bool,
    /// The last bytes before the position.
    trace: Vec<u8>,
}

impl Follower {
    /// Follows a file, which need not be there yet. At most a MiB of what it has is given first.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            open: None,
            held: Vec::new(),
            seen: Vec::new(),
            formats: Vec::new(),
            header: Vec::new(),
            reader: Reader::default(),
            last_came: Instant::now(),
            is_missing: false,
            is_start: true,
            is_over: false,
            failure: None,
        }
    }

    /// Whether there is a file already, with what was written before.
    #[must_use]
    pub fn has_past(&self) -> bool {
        self.open.is_none() && self.path.is_file()
    }

    /// Whether nothing more can come: the end of a pipe.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over && self.held.is_empty()
    }

    /// Whole events that came since the last time, with how to read them; empty when there are none.
    pub fn poll(&mut self, notes: &mut Vec<Note>) -> Vec<u8> {
        if self.is_over {
            return std::mem::take(&mut self.held);
        }
        let before = self.held.len();
        let is_new = match self.read(notes) {
            Ok(is_new) => {
                self.failure = None;
                is_new
            }
            Err(error) => {
                let text = error.to_string();
                if self.failure.as_ref() != Some(&text) {
                    notes.push(Note::Failed(text.clone()));
                    self.failure = Some(text);
                }
                false
            }
        };
        if self.held.len() > before {
            self.last_came = Instant::now();
            self.learn();
        }
        // What was there before is told at once.
        let is_quiet = std::mem::take(&mut self.is_start) || self.last_came.elapsed() >= QUIET;
        let end = if is_new || self.is_over {
            self.held.len()
        } else if is_quiet || self.held.len() > PIECE {
            memchr::memrchr(b'\n', &self.held).map_or(0, |end| end + 1)
        } else {
            last_event(&self.held, &self.formats, &mut self.reader).unwrap_or(0)
        };
        let rest = self.held.split_off(end);
        let came = std::mem::replace(&mut self.held, rest);
        self.headed(came)
    }

    /// What came behind the line that names its columns, in formats that have one.
    fn headed(&mut self, came: Vec<u8>) -> Vec<u8> {
        if came.is_empty() {
            return came;
        }
        let mut text = self.header.clone();
        if !text.is_empty() {
            text.push(b'\n');
        }
        text.extend_from_slice(&came);
        if let Some(header) = last_header(&came) {
            self.header = header.to_vec();
        } else if self.header.is_empty() {
            self.header = first_header(&came, &self.formats)
                .unwrap_or_default()
                .to_vec();
        }
        text
    }

    /// The options to read what [`Self::poll`] gave with.
    #[must_use]
    pub fn options(&self, options: &Options) -> Options {
        Options {
            threads: 1,
            formats: if options.formats.is_empty() {
                self.formats.clone()
            } else {
                options.formats.clone()
            },
            ..options.clone()
        }
    }

    /// Finds the formats of what came so far, until there is enough of it.
    fn learn(&mut self) {
        if self.seen.len() >= SAMPLE {
            return;
        }
        let start = self.held.len().saturating_sub(SAMPLE);
        self.seen.extend_from_slice(&self.held[start..]);
        self.formats = detect(&sample(&self.seen)).formats();
    }

    /// Reads what there is; true when what is held is the end of a file that is followed no more.
    fn read(&mut self, notes: &mut Vec<Note>) -> io::Result<bool> {
        let found = match std::fs::metadata(&self.path) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if let Some(open) = &mut self.open {
            let is_same = found.as_ref().is_none_or(|found| open.is(found));
            let is_cut = open.is_regular && open.was_written_anew()?;
            if is_cut {
                open.position = 0;
                open.trace.clear();
                self.header.clear();
                notes.push(Note::Truncated);
                return Ok(true);
            }
            self.is_over = !open.read(&mut self.held)?;
            if self.is_over {
                notes.push(Note::Ended);
            }
            if found.is_none() && !self.is_missing {
                notes.push(Note::Missing);
                self.is_missing = true;
            }
            if is_same || self.is_over {
                return Ok(false);
            }
            // The rest of the old file was read just now.
            self.open = None;
            self.is_missing = false;
            self.seen.clear();
            self.header.clear();
            notes.push(Note::Rotated);
            let path = self.path.clone();
            self.open = Some(Open::new(&path, false)?);
            return Ok(true);
        }
        if found.is_none() {
            if !self.is_missing {
                notes.push(Note::Missing);
            }
            self.is_missing = true;
            return Ok(false);
        }
        let mut open = Open::new(&self.path, !self.is_missing)?;
        if self.is_missing {
            notes.push(Note::Appeared);
        }
        self.is_missing = false;
        if open.position > 0 {
            self.seen = open.head()?;
            self.formats = detect(&sample(&self.seen)).formats();
            let header = last_header(&self.seen).or(first_header(&self.seen, &self.formats));
            self.header = header.unwrap_or_default().to_vec();
        }
        self.is_over = !open.read(&mut self.held)?;
        self.open = Some(open);
        Ok(false)
    }
}

impl Open {
    /// Opens a file at its start, or a MiB before its end.
    fn new(path: &std::path::Path, is_from_end: bool) -> io::Result<Self> {
        // A pipe without a writer must not hold up the opening.
        let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(flags)
            .open(path)?;
        let found = file.metadata()?;
        if found.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let mut open = Self {
            file,
            place: (found.dev(), found.ino()),
            position: 0,
            is_regular: found.is_file(),
            trace: Vec::new(),
        };
        let start = found.len().saturating_sub(PIECE as u64);
        if is_from_end && open.is_regular && start > 0 {
            let mut piece = vec![0; PIECE];
            let count = open.file.read_at(&mut piece, start)?;
            let line = memchr::memchr(b'\n', &piece[..count]).map_or(count, |end| end + 1);
            open.position = start + line as u64;
        }
        Ok(open)
    }

    /// Whole lines from the start of a file that is larger.
    fn head(&self) -> io::Result<Vec<u8>> {
        let mut head = vec![0; SAMPLE / 2];
        let count = self.file.read_at(&mut head, 0)?;
        let end = memchr::memrchr(b'\n', &head[..count]).map_or(0, |end| end + 1);
        head.truncate(end);
        Ok(head)
    }

    fn is(&self, found: &Metadata) -> bool {
        !self.is_regular || self.place == (found.dev(), found.ino())
    }

    /// Whether it is shorter than what was read, or other bytes stand before the position.
    fn was_written_anew(&self) -> io::Result<bool> {
        if self.file.metadata()?.len() < self.position {
            return Ok(true);
        }
        let mut there = [0; TRACE];
        let there = &mut there[..self.trace.len()];
        let count = self
            .file
            .read_at(there, self.position - self.trace.len() as u64)?;
        Ok(there[..count] != self.trace)
    }

    /// Reads a piece of what is new; false at the end of a pipe.
    fn read(&mut self, held: &mut Vec<u8>) -> io::Result<bool> {
        let before = held.len();
        if self.is_regular {
            held.resize(before + PIECE, 0);
            let count = self.file.read_at(&mut held[before..], self.position);
            held.truncate(before + *count.as_ref().unwrap_or(&0));
            self.position += count? as u64;
            let start = held.len().saturating_sub(TRACE).max(before);
            self.trace.extend_from_slice(&held[start..]);
            let surplus = self.trace.len().saturating_sub(TRACE);
            self.trace.drain(..surplus);
            return Ok(true);
        }
        let mut piece = vec![0; PIECE / 16];
        loop {
            match self.file.read(&mut piece) {
                Ok(0) => return Ok(false),
                Ok(count) => held.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if held.len() > before + PIECE {
                return Ok(true);
            }
        }
    }
}

/// Shows the events of a text that was followed.
///
/// # Errors
///
/// None but those of threads that end early.
pub fn show_followed(
    text: &[u8],
    showing: &Showing,
    options: &Options,
    each: impl FnMut(Chunk) -> bool,
) -> io::Result<()> {
    show(
        Input::text(text),
        showing,
        options,
        &AtomicBool::new(false),
        each,
    )
}

/// Counts the events of a text that was followed.
///
/// # Errors
///
/// None but those of threads that end early.
pub fn analyze_followed(
    text: &[u8],
    filter: &Arc<Filter>,
    options: &Options,
) -> io::Result<Summary> {
    let filter = (!filter.is_empty()).then_some(filter);
    let analysis = analyze(Input::text(text), filter, options, &AtomicBool::new(false));
    Ok(analysis?.summary)
}
