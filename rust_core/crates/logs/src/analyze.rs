//! What an input comes to: summaries of the threads merge to that of the whole.

use std::borrow::Cow;
use std::io;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::blocks::{Block, LINE_LIMIT, clean_end};
use crate::escapes::without_escapes;
use crate::events::{Event, each_event, opens_trace};
use crate::filter::Filter;
use crate::format::{Detected, Format, Parts, Reader, is_continuation};
use crate::scan::{Input, Options, Sink, scan};
use crate::summary::{Builder, Summary};
use crate::time::WallClock;

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

/// Analyzes bytes in memory, which is not copied; those that are packed or must be
/// decoded are read as a stream.
///
/// # Errors
///
/// As [`analyze`].
pub fn analyze_bytes(text: &[u8], options: &Options, cancel: &AtomicBool) -> io::Result<Analysis> {
    let input = Input::bytes(text, options.encoding)?;
    analyze(input, None, options, cancel)
}

/// Analyzes a stream, packed or not, in constant memory. `sampled` are bytes from all over the
/// input where it can be looked at first, else empty.
///
/// # Errors
///
/// As [`analyze`].
pub fn analyze_stream(
    stream: impl Read + Send,
    sampled: &[u8],
    options: &Options,
    cancel: &AtomicBool,
) -> io::Result<Analysis> {
    let input = Input::stream(stream, sampled, options.encoding, cancel)?;
    analyze(input, None, options, cancel)
}

/// Analyzes the events of an input that pass the filter.
///
/// # Errors
///
/// Those of reading where nothing could be read. What stopped it later, such as
/// [`io::ErrorKind::Interrupted`] when it was cancelled, is [`Analysis::problem`].
pub fn analyze(
    input: Input<'_>,
    filter: Option<&Arc<Filter>>,
    options: &Options,
    cancel: &AtomicBool,
) -> io::Result<Analysis> {
    let scanned = scan(input, options, cancel, |formats| Analyst {
        builder: Builder::new(formats, options.wall.clone()),
        edges: Vec::new(),
        filter: filter.map(|filter| Filter::clone(filter)),
        wall: options.wall.clone(),
        spare: filter.map_or_else(Parts::default, |_| Parts::with_fields()),
    })?;
    let mut summary = Summary::default();
    let mut edges = Vec::new();
    for (analyst, reader) in scanned.sinks {
        summary.merge(analyst.builder.finish(&reader));
        edges.extend(analyst.edges);
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
        detected: scanned.detected,
        problem: scanned.problem,
    })
}

/// The first and the last time of a block.
struct Edge {
    index: usize,
    first: i64,
    last: i64,
}

/// Builds the summary of a thread's blocks.
struct Analyst {
    builder: Builder,
    edges: Vec<Edge>,
    filter: Option<Filter>,
    wall: WallClock,
    spare: Parts,
}

impl Sink for Analyst {
    fn wants_fields(&self) -> bool {
        self.filter.is_some()
    }

    fn block(&mut self, block: &Block<'_>, formats: &[Format], reader: &mut Reader) -> bool {
        self.builder.begin_block();
        match &self.filter {
            None => lines(block, formats, reader, &mut self.builder),
            Some(filter) => {
                let builder = &mut self.builder;
                let spare = &mut self.spare;
                each_event(block, formats, reader, &self.wall, spare, |event| {
                    if filter.passes(event) {
                        one_event(event, builder);
                    }
                });
            }
        }
        if let Some((first, last)) = self.builder.end_block() {
            self.edges.push(Edge {
                index: block.index,
                first,
                last,
            });
        }
        true
    }
}

/// Counts an event that passed a filter.
fn one_event(event: &Event<'_>, builder: &mut Builder) {
    let counts = &mut builder.summary.lines;
    counts.total += 1;
    counts.bytes += event.lines.len() as u64 + 1;
    counts.cut += u64::from(event.line.len() == LINE_LIMIT);
    for line in event.lines.split(|byte| *byte == b'\n') {
        counts.invalid_utf8 += u64::from(std::str::from_utf8(line).is_err());
    }
    match event.format {
        Some(format) => builder.event(event.record, event.line, format, event.parts),
        None => builder.unparsed(event.line),
    }
    for line in event.continuations() {
        let counts = &mut builder.summary.lines;
        counts.total += 1;
        if line.trim_ascii().is_empty() {
            counts.blank += 1;
        } else {
            builder.continuation(line);
        }
    }
    builder.end_event(event.line);
}

/// All lines of a block.
fn lines(block: &Block<'_>, formats: &[Format], reader: &mut Reader, builder: &mut Builder) {
    let text = block.text.bytes();
    let counts = &mut builder.summary.lines;
    counts.bytes += text.len() as u64 + block.dropped;
    counts.cut += u64::from(block.dropped > 0);
    let is_utf8 = std::str::from_utf8(text).is_ok();
    let has_escapes = memchr::memchr(0x1B, text).is_some();
    let looks_ahead = formats.iter().any(|format| format.looks_ahead(text));
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
        if looks_ahead {
            reader.look_ahead(formats, &plain, text.get(start..).unwrap_or_default());
        }
        let rest = text.get(start..).unwrap_or_default();
        if one_line(&plain, rest, formats, reader, builder, event) {
            event = Some(line);
        }
    }
    builder.end_event(event.unwrap_or_default());
}

/// Reads one line; true when it is an event.
#[inline]
fn one_line(
    line: &[u8],
    rest: &[u8],
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
        opens_trace(&mut record, &reader.parts, line, rest);
        builder.event(&record, line, index, &reader.parts);
        return true;
    }
    let counts = &mut builder.summary.lines;
    if line.trim_ascii().is_empty() || reader.is_header(formats, line) {
        counts.blank += 1;
    } else if event.is_some()
        && (is_continuation(line)
            || reader.is_part()
            || formats.iter().any(|format| format.has_continuations()))
    {
        builder.continuation(line);
    } else {
        builder.unparsed(line);
    }
    false
}
