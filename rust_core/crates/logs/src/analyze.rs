//! One pass over an input: formats are found, blocks are read on all threads, summaries merge.

use std::borrow::Cow;
use std::io;
use std::io::Read;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::blocks::{BLOCK, Block, Blocks, LINE_LIMIT, Source, Text, Years, clean_end};
use crate::escapes::without_escapes;
use crate::format::{Detected, Format, Reader, detect, is_continuation};
use crate::record::Record;
use crate::summary::{Builder, Summary};
use crate::time::{YearOf, year_of};
use crate::unpack::{is_packed, unpacked};

/// How an input is read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads to work on; at least one.
    pub threads: usize,
    /// The formats, or found when empty.
    pub formats: Vec<Format>,
    /// What the clock of times without a zone is ahead of UTC, in seconds.
    pub offset_seconds: i64,
    /// Seconds since 1970 of the last change of the input, from which missing years are told.
    pub changed: i64,
}

/// A summary of an input and the formats it has.
#[derive(Debug)]
pub struct Analysis {
    /// What the events come to.
    pub summary: Summary,
    /// What was found, unless the formats were given.
    pub detected: Option<Detected>,
    /// Why the input was not read to its end; the summary is of what was read.
    pub problem: Option<io::Error>,
}

/// Lines of the sample.
const SAMPLE: usize = 250;

/// Analyzes a text in memory, which is not copied; compressed bytes are read as a stream.
///
/// # Errors
///
/// As [`analyze_stream`].
pub fn analyze_bytes(text: &[u8], options: &Options, cancel: &AtomicBool) -> io::Result<Analysis> {
    if is_packed(text) {
        return analyze_stream(text, b"", options, cancel);
    }
    let mark = b"\xEF\xBB\xBF";
    let text = text.strip_prefix(mark).unwrap_or(text);
    let sample = sample(text);
    run(Source::Memory(text), Vec::new(), &sample, options, cancel)
}

/// Analyzes a stream, compressed or not, in constant memory. `sampled` are bytes from all over the input where it can
/// be looked at first, else empty.
///
/// # Errors
///
/// Those of reading where nothing could be read. What stopped it later, such as
/// [`io::ErrorKind::Interrupted`] when it was cancelled, is [`Analysis::problem`].
pub fn analyze_stream(
    stream: impl Read + Send,
    sampled: &[u8],
    options: &Options,
    cancel: &AtomicBool,
) -> io::Result<Analysis> {
    let mut stream = unpacked(stream)?;
    let mut head = Vec::with_capacity(BLOCK);
    let read = stream.by_ref().take(BLOCK as u64).read_to_end(&mut head);
    if head.is_empty() && !cancel.load(Ordering::Relaxed) {
        read?;
    } else if let Err(error) = read {
        // What came before is told, and then the error again.
        stream = Box::new(Broken(Some(error)));
    }
    if head.starts_with(b"\xEF\xBB\xBF") {
        head.drain(..3);
    }
    let lines = if sampled.is_empty() {
        owned(&sample(&head))
    } else {
        owned(&sample(sampled))
    };
    let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    let source = Source::Stream(stream);
    run(source, head, &lines, options, cancel)
}

/// A stream of which nothing more can be read.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

fn owned(lines: &[&[u8]]) -> Vec<Vec<u8>> {
    lines.iter().map(|line| line.to_vec()).collect()
}

/// Lines from the head, the middle and the tail of a text.
fn sample(text: &[u8]) -> Vec<&[u8]> {
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
    lines
}

fn run(
    source: Source<'_>,
    head: Vec<u8>,
    sample: &[&[u8]],
    options: &Options,
    cancel: &AtomicBool,
) -> io::Result<Analysis> {
    let sample: Vec<Cow<'_, [u8]>> = sample.iter().map(|line| without_escapes(line)).collect();
    let sample: Vec<&[u8]> = sample.iter().map(|line| &**line).collect();
    let detected = options.formats.is_empty().then(|| detect(&sample));
    let formats = match &detected {
        Some(detected) => detected.formats(),
        None => options.formats.clone(),
    };
    let year = first_year(&sample, &formats, options.changed);
    let threads = options.threads.max(1);
    let blocks = Mutex::new(Blocks::new(source, head, formats.clone(), year));
    let work = || worker(&blocks, &formats, options, cancel);
    let parts: Vec<io::Result<Part>> = if threads == 1 {
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
    let mut summary = Summary::default();
    let mut edges = Vec::new();
    let mut problem = None;
    for part in parts {
        let part = part?;
        summary.merge(part.summary);
        edges.extend(part.edges);
        problem = problem.or(part.problem);
    }
    edges.sort_by_key(|edge| edge.index);
    for pair in edges.windows(2) {
        let back = pair[0].last.saturating_sub(pair[1].first);
        if back > 0 {
            summary.times.backwards += 1;
            let farthest = &mut summary.times.farthest_backwards;
            *farthest = (*farthest).max(back);
        }
    }
    Ok(Analysis {
        summary,
        detected,
        problem,
    })
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
struct Part {
    summary: Summary,
    edges: Vec<Edge>,
    problem: Option<io::Error>,
}

/// The first and the last time of a block.
struct Edge {
    index: usize,
    first: i64,
    last: i64,
}

fn worker(
    blocks: &Mutex<Blocks<'_>>,
    formats: &[Format],
    options: &Options,
    cancel: &AtomicBool,
) -> io::Result<Part> {
    let mut reader = Reader::default();
    let mut builder = Builder::new(formats, options.offset_seconds);
    let mut edges = Vec::new();
    let mut problem = None;
    let mut spare = Vec::new();
    loop {
        let next = match blocks.lock() {
            Ok(mut blocks) => {
                if problem.is_none() && cancel.load(Ordering::Relaxed) {
                    problem = Some(io::ErrorKind::Interrupted.into());
                    blocks.stop();
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
        builder.begin_block();
        lines(&block, formats, &mut reader, &mut builder);
        if let Some((first, last)) = builder.end_block() {
            edges.push(Edge {
                index: block.index,
                first,
                last,
            });
        }
        if let Text::Owned(buffer) = block.text {
            spare = buffer;
        }
    }
    let summary = builder.finish(&reader);
    Ok(Part {
        summary,
        edges,
        problem,
    })
}

/// All lines of a block.
fn lines(block: &Block<'_>, formats: &[Format], reader: &mut Reader, builder: &mut Builder) {
    let text = block.text.bytes();
    let counts = &mut builder.summary.lines;
    counts.bytes += text.len() as u64 + block.dropped;
    counts.cut += u64::from(block.dropped > 0);
    let is_utf8 = std::str::from_utf8(text).is_ok();
    let has_escapes = memchr::memchr(0x1B, text).is_some();
    let mut years = block.year;
    // The first line of the event at hand; a block begins with one, but the first perhaps.
    let mut event = (block.index > 0).then_some(&text[..0]);
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text).chain(Some(text.len())) {
        if start == text.len() {
            break;
        }
        let mut line = clean_end(&text[start..end]);
        start = end + 1;
        let counts = &mut builder.summary.lines;
        counts.total += 1;
        if !is_utf8 && std::str::from_utf8(line).is_err() {
            counts.invalid_utf8 += 1;
        }
        if line.len() > LINE_LIMIT {
            counts.cut += u64::from(block.dropped == 0);
            line = &line[..LINE_LIMIT];
        }
        let plain = if has_escapes {
            without_escapes(line)
        } else {
            Cow::Borrowed(line)
        };
        years.pass(&plain);
        reader.year = years.year;
        if one_line(&plain, formats, reader, builder, event) {
            event = Some(line);
        }
    }
    builder.end_event(event.unwrap_or_default());
}

/// Reads one line; true when it is an event.
#[inline]
fn one_line(
    line: &[u8],
    formats: &[Format],
    reader: &mut Reader,
    builder: &mut Builder,
    event: Option<&[u8]>,
) -> bool {
    let found = formats
        .iter()
        .enumerate()
        .find_map(|(index, format)| Some((index, reader.parse(*format, line)?)));
    if let Some((index, mut record)) = found {
        builder.end_event(event.unwrap_or_default());
        opens_trace(&mut record, reader, line);
        builder.event(&record, line, index, reader);
        return true;
    }
    let counts = &mut builder.summary.lines;
    if line.trim_ascii().is_empty() {
        counts.blank += 1;
    } else if event.is_some()
        && (is_continuation(line) || formats.iter().any(|format| format.has_continuations()))
    {
        builder.continuation(line);
    } else {
        builder.unparsed(line);
    }
    false
}

/// A stack trace that opens an event without a level is an error.
fn opens_trace(record: &mut Record, reader: &Reader, line: &[u8]) {
    use crate::level::{Level, LevelSource};
    if record.level != Level::Unknown || record.http.is_some() {
        return;
    }
    let message = record.message.of(reader.text(record, line));
    let opens = match message.first() {
        Some(b'T') => message.starts_with(b"Traceback (most recent call last)"),
        Some(b'p') => message.starts_with(b"panic: "),
        Some(b'E') => message.starts_with(b"Exception in thread "),
        Some(b'C') => message.starts_with(b"Caused by: "),
        Some(b't') => message.starts_with(b"thread '"),
        _ => false,
    };
    if opens {
        record.found(Some(Level::Error), LevelSource::Exception);
    }
}
