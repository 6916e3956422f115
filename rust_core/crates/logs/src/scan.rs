//! Reads an input on all threads: formats are found, and each thread takes block after block.

use std::borrow::Cow;
use std::io::{self, Read};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::blocks::{BLOCK, Block, Blocks, LINE_LIMIT, Source, Text, Years, clean_end};
use crate::encoding::{Encoding, utf8_mark};
use crate::escapes::without_escapes;
use crate::format::{Detected, Format, Parts, Reader, detect};
use crate::time::{WallClock, YearOf, year_of};
use crate::unpack::{Broken, is_packed, unpacked};

/// How an input is read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads to work on; at least one.
    pub threads: usize,
    /// The formats, or found when empty.
    pub formats: Vec<Format>,
    /// The clock of times without a zone.
    pub wall: WallClock,
    /// Seconds since 1970 of the last change of the input, from which missing years are told.
    pub changed: i64,
    /// How bytes are read as text.
    pub encoding: Encoding,
    /// Whether a status of 500 and more is an error, one of 400 and more a warning, and traffic that
    /// was rejected another, where nothing else tells a level.
    pub levels_from_status: bool,
}

/// Lines of the sample.
const SAMPLE: usize = 250;

/// What is to be read, and lines from all over it.
pub struct Input<'s> {
    source: Source<'s>,
    head: Vec<u8>,
    sample: Vec<Vec<u8>>,
    /// When it was last changed, if that is known: see [`Options::changed`].
    pub changed: Option<i64>,
}

impl<'s> Input<'s> {
    /// A text in memory, which is not copied. It is text whatever it begins with.
    #[must_use]
    pub fn text(text: &'s [u8]) -> Self {
        let text = &text[utf8_mark(text, Encoding::Auto)..];
        Self {
            source: Source::Memory(text),
            head: Vec::new(),
            sample: owned(&sample(text)),
            changed: None,
        }
    }

    /// Bytes in memory, which are not copied; those that are packed or must be decoded are read as a
    /// stream.
    ///
    /// # Errors
    ///
    /// Those of unpacking the first bytes.
    pub fn bytes(text: &'s [u8], encoding: Encoding) -> io::Result<Self> {
        if is_packed(text, encoding) {
            return Self::stream(text, b"", encoding, &AtomicBool::new(false));
        }
        Ok(Self::text(text))
    }

    /// A stream, packed or not, in constant memory. `sampled` are bytes from all over the input
    /// where it can be looked at first, else empty.
    ///
    /// # Errors
    ///
    /// Those of reading where nothing could be read.
    pub fn stream(
        stream: impl Read + Send + 's,
        sampled: &[u8],
        encoding: Encoding,
        cancel: &AtomicBool,
    ) -> io::Result<Self> {
        let mut stream = unpacked(stream, encoding);
        let mut head = Vec::with_capacity(BLOCK);
        let read = stream.by_ref().take(BLOCK as u64).read_to_end(&mut head);
        if head.is_empty() && !cancel.load(Ordering::Relaxed) {
            read?;
        } else if let Err(error) = read {
            // What came before is told, and then the error again.
            stream = Box::new(Broken::new(error));
        }
        let sample = owned(&sample(if sampled.is_empty() { &head } else { sampled }));
        Ok(Self {
            source: Source::Stream(stream),
            head,
            sample,
            changed: None,
        })
    }
}

fn owned(lines: &[&[u8]]) -> Vec<Vec<u8>> {
    lines.iter().map(|line| line.to_vec()).collect()
}

/// Lines from the head, the middle and the tail of a text.
pub(crate) fn sample(text: &[u8]) -> Vec<&[u8]> {
    const PARTS: usize = 5;
    let mut lines = Vec::with_capacity(SAMPLE);
    // No line twice, where the parts are small.
    let mut taken = 0;
    for part in 0..PARTS {
        let start = text.len() / PARTS * part;
        // Between the parts a line is cut.
        let start = if part == 0 {
            0
        } else {
            memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |end| start + end + 1)
        };
        let start = start.max(taken).min(text.len());
        let window = &text[start..];
        let mut at = start;
        let mut wanted = SAMPLE / PARTS;
        for line in window[..window.len().min(BLOCK)].split(|byte| *byte == b'\n') {
            if wanted == 0 {
                break;
            }
            at += line.len() + 1;
            let line = clean_end(line);
            if !line.trim_ascii().is_empty() && line.len() < LINE_LIMIT {
                lines.push(line);
                wanted -= 1;
            }
        }
        taken = at;
    }
    if lines.is_empty() {
        // A log of one overlong line, or one at its start: what is read of it.
        let first = &text[..text.len().min(LINE_LIMIT - 1)];
        let line = first.split(|byte| *byte == b'\n').next().unwrap_or(first);
        let line = clean_end(line);
        lines.extend((!line.trim_ascii().is_empty()).then_some(line));
    }
    lines
}

/// What a thread makes of its blocks.
pub(crate) trait Sink: Send {
    /// Whether it asks for fields by name.
    fn wants_fields(&self) -> bool {
        false
    }

    /// Takes a block; false when nothing more is wanted of the input.
    fn block(&mut self, block: &Block<'_>, formats: &[Format], reader: &mut Reader) -> bool;
}

/// What became of an input.
pub(crate) struct Scanned<S> {
    /// The sinks of all threads, each with what it read with.
    pub(crate) sinks: Vec<(S, Reader)>,
    /// What was found, unless the formats were given.
    pub(crate) detected: Option<Detected>,
    /// Why the input was not read to its end.
    pub(crate) problem: Option<io::Error>,
}

/// Finds the formats of an input and reads it on all threads.
pub(crate) fn scan<S: Sink>(
    input: Input<'_>,
    options: &Options,
    cancel: &AtomicBool,
    make: impl Fn(&[Format]) -> S + Sync,
) -> io::Result<Scanned<S>> {
    let opened = Opened::new(input, options);
    let formats = opened.formats;
    let threads = options.threads.max(1);
    let is_counted = make(&formats).wants_fields();
    let mut blocks = opened.blocks;
    blocks.counts_lines = is_counted;
    let blocks = Mutex::new(blocks);
    let work = || {
        let mut reader = Reader::default();
        reader.levels_from_status = options.levels_from_status;
        worker(&blocks, &formats, cancel, make(&formats), reader)
    };
    let parts: Vec<io::Result<Done<S>>> = if threads == 1 {
        vec![work()]
    } else {
        std::thread::scope(|scope| {
            let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let ended = |_| io::Error::other("a thread of the analysis ended early");
            handles
                .into_iter()
                .map(|handle| handle.join().map_err(ended)?)
                .collect()
        })
    };
    let mut scanned = Scanned {
        sinks: Vec::new(),
        detected: opened.detected,
        problem: None,
    };
    for part in parts {
        let part = part?;
        scanned.sinks.push((part.sink, part.reader));
        scanned.problem = scanned.problem.or(part.problem);
    }
    Ok(scanned)
}

/// An input whose formats are known.
pub(crate) struct Opened<'s> {
    pub(crate) formats: Vec<Format>,
    pub(crate) detected: Option<Detected>,
    pub(crate) blocks: Blocks<'s>,
}

impl<'s> Opened<'s> {
    pub(crate) fn new(input: Input<'s>, options: &Options) -> Self {
        let sample = input.sample.iter();
        let sample: Vec<Cow<'_, [u8]>> = sample.map(|line| without_escapes(line)).collect();
        let sample: Vec<&[u8]> = sample.iter().map(|line| &**line).collect();
        let detected = options.formats.is_empty().then(|| detect(&sample));
        let formats = match &detected {
            Some(detected) => detected.formats(),
            None => options.formats.clone(),
        };
        let changed = input.changed.unwrap_or(options.changed);
        let year = first_year(&sample, &formats, changed);
        Self {
            blocks: Blocks::new(input.source, input.head, formats.clone(), year),
            formats,
            detected,
        }
    }
}

/// The year of the first line without one, so that the last is not after the change of the input.
fn first_year(sample: &[&[u8]], formats: &[Format], changed: i64) -> YearOf {
    let Some(shape) = formats.iter().find_map(|format| format.yearless()) else {
        return YearOf::default();
    };
    let mut years = Years::new(YearOf(0), Some(shape));
    let mut reader = Reader::default();
    let mut last = None;
    for line in sample {
        years.pass(line);
        reader.year = year_of(changed);
        let stamp = formats
            .iter()
            .find_map(|format| reader.parse(*format, line)?.time);
        last = stamp.map(|stamp| stamp.seconds).or(last);
    }
    // A day for zones.
    let is_ahead = last.is_some_and(|last| last > changed + 86_400);
    YearOf(year_of(changed).0 - i64::from(is_ahead) - years.year.0)
}

/// What one thread came to.
struct Done<S> {
    sink: S,
    reader: Reader,
    problem: Option<io::Error>,
}

fn worker<S: Sink>(
    blocks: &Mutex<Blocks<'_>>,
    formats: &[Format],
    cancel: &AtomicBool,
    mut sink: S,
    mut reader: Reader,
) -> io::Result<Done<S>> {
    if sink.wants_fields() {
        reader.parts = Parts::with_fields();
    }
    let mut problem = None;
    let mut spare = Vec::new();
    let mut is_wanted = true;
    loop {
        let next = match blocks.lock() {
            Ok(mut blocks) => {
                if problem.is_none() && cancel.load(Ordering::Relaxed) {
                    problem = Some(io::ErrorKind::Interrupted.into());
                    blocks.stop();
                }
                if !is_wanted {
                    blocks.end();
                }
                blocks.next(std::mem::take(&mut spare))
            }
            Err(_) => return Err(io::Error::other("a thread of the analysis ended early")),
        };
        let block = match next {
            Ok(Some(block)) => block,
            Ok(None) => break,
            Err(error) => {
                problem = Some(error);
                break;
            }
        };
        reader.begin_block(block.header.as_deref());
        is_wanted &= sink.block(&block, formats, &mut reader);
        if let Text::Owned(buffer) = block.text {
            spare = buffer;
        }
    }
    Ok(Done {
        sink,
        reader,
        problem,
    })
}
