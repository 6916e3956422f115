//! What many events come to, in memory that does not grow with their number.
//!
//! Summaries of parts merge to the summary of the whole, in any order: counts exactly, quantiles,
//! distinct and rare keys within the errors that their modules state.

mod bytes;
mod compare;
pub(crate) mod counter;
mod distinct;
mod http;
mod quantiles;
pub(crate) mod report;
mod timeline;

use std::collections::BTreeMap;

pub use bytes::BytesError;
pub use distinct::Distinct;
pub use quantiles::{ERROR, Quantiles};
pub use timeline::{Bucket, Stretch, Timeline};

use crate::format::{Format, NumberNames, Parts, Reader};
use crate::level::{LEVEL_SOURCES, LEVELS, Level};
use crate::mask::mask;
use crate::record::Record;
use crate::time::{Stamp, WallClock, Zone};
use crate::trace::Trace;
use counter::{Counter, Value};
use http::Requests;
use serde::{Deserialize, Serialize};

/// Fields with numbers that are kept: the first by name.
const MOST_FIELDS: usize = 256;
/// Examples of lines that were not read.
const MOST_EXAMPLES: usize = 5;
/// How much of a line an example shows, in bytes.
const LONGEST_EXAMPLE: usize = 300;

/// What is known of a message or a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Met {
    count: u64,
    errors: u64,
    first: Option<i64>,
    last: Option<i64>,
    example: Box<[u8]>,
}

impl Value for Met {
    fn count(&self) -> u64 {
        self.count
    }

    fn is_sound(&self) -> bool {
        self.count < bytes::LARGEST && self.errors <= self.count
    }

    fn merge(&mut self, other: &Self) {
        // Of the earliest events the one whose text is the least.
        if self.count == 0 || (other.count > 0 && other.example_key() < self.example_key()) {
            self.example.clone_from(&other.example);
        }
        self.count += other.count;
        self.errors += other.errors;
        self.first = earliest(self.first, other.first);
        self.last = self.last.max(other.last);
    }
}

fn earliest(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    // `None` is less than all times.
    a.into_iter().chain(b).min()
}

/// What is known of times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// The first, in nanoseconds since 1970.
    pub first: Option<i64>,
    /// The last.
    pub last: Option<i64>,
    /// Events without one.
    pub missing: u64,
    /// Events whose time names no zone.
    pub zone_assumed: u64,
    /// Events whose time has no year.
    pub year_inferred: u64,
    /// Events that are earlier than the one before them.
    pub backwards: u64,
    /// The farthest that one went back, in nanoseconds.
    pub farthest_backwards: i64,
}

/// Counts of lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// All.
    pub total: u64,
    /// Their bytes, with the ends of lines.
    pub bytes: u64,
    /// With nothing but blanks.
    pub blank: u64,
    /// Those that belong to the event before them.
    pub continuations: u64,
    /// Those that no format reads.
    pub unparsed: u64,
    /// Those past the limit of a line, which were cut.
    pub cut: u64,
    /// Those with bytes that are not UTF-8.
    pub invalid_utf8: u64,
}

impl Lines {
    fn merge(&mut self, other: &Self) {
        self.total += other.total;
        self.bytes += other.bytes;
        self.blank += other.blank;
        self.continuations += other.continuations;
        self.unparsed += other.unparsed;
        self.cut += other.cut;
        self.invalid_utf8 += other.invalid_utf8;
    }
}

/// What many events come to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Lines of the inputs.
    pub lines: Lines,
    /// Events.
    pub events: u64,
    /// Events of each level, by its number.
    pub levels: [u64; LEVELS],
    /// Events by what told their level.
    pub level_sources: [u64; LEVEL_SOURCES],
    /// Events by the name of their format.
    pub formats: BTreeMap<Box<str>, u64>,
    /// When.
    pub times: Times,
    /// How many, over time.
    pub timeline: Timeline,
    sources: Counter<Met>,
    messages: Counter<Met>,
    /// By name and frames, with a NUL byte between.
    exceptions: Counter<Met>,
    fields: BTreeMap<Box<[u8]>, Quantiles>,
    requests: Option<Box<Requests>>,
    examples: Vec<Box<[u8]>>,
}

/// Builds a summary from the lines of one input, on one thread.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    pub(crate) summary: Summary,
    /// The fields by their number in the reader, for each of its tables of names.
    fields: [Vec<Quantiles>; NumberNames::ALL.len()],
    formats: Vec<(Format, u64)>,
    key: Vec<u8>,
    trace: Trace,
    /// Whether the event at hand had its trace in its own text.
    is_trace_told: bool,
    /// The time of the event at hand.
    time: Option<i64>,
    /// What the clock of times without a zone is ahead of UTC, in seconds.
    wall: WallClock,
    /// The time of the event before, in the same block.
    previous: Option<i64>,
    first_of_block: Option<i64>,
}

const NANOSECONDS: i64 = 1_000_000_000;

impl Builder {
    pub(crate) fn new(formats: &[Format], wall: WallClock) -> Self {
        Self {
            formats: formats.iter().map(|format| (*format, 0)).collect(),
            wall,
            ..Self::default()
        }
    }

    /// What follows stands elsewhere in the input.
    pub(crate) fn begin_block(&mut self) {
        self.previous = None;
        self.first_of_block = None;
    }

    /// The first and the last time of the block.
    pub(crate) fn end_block(&self) -> Option<(i64, i64)> {
        self.first_of_block.zip(self.previous)
    }

    /// Counts an event.
    pub(crate) fn event(&mut self, record: &Record, line: &[u8], format: usize, parts: &Parts) {
        let text = parts.text(record, line);
        self.summary.events += 1;
        if let Some(count) = self.formats.get_mut(format) {
            count.1 += 1;
        }
        let time = record.time.and_then(|stamp| self.time(stamp, record));
        self.time = time;
        match time {
            Some(time) => self.at(time, record.level),
            None => self.summary.times.missing += 1,
        }
        self.summary.levels[record.level as usize] += 1;
        self.summary.level_sources[record.level_source as usize] += 1;
        let is_error = record.level >= Level::Error;
        let source = record.source.of(text);
        if !source.is_empty() {
            self.summary
                .sources
                .add(source, |met| met.update(time, is_error, b""));
        }
        self.numbers(parts);
        self.told_trace(record, text);
        if let Some(http) = &record.http {
            let requests = self.summary.requests.get_or_insert_default();
            requests.add(http, text);
            return;
        }
        let message = record.message.of(text);
        self.key.clear();
        self.key.push(record.level as u8);
        let first_line = memchr::memchr(b'\n', message).unwrap_or(message.len());
        mask(&message[..first_line], &mut self.key);
        self.summary
            .messages
            .add(&self.key, |met| met.update(time, is_error, message));
    }

    /// The trace that a field holds, or else the message: its lines behind the first.
    fn told_trace(&mut self, record: &Record, text: &[u8]) {
        let message = record.message.of(text);
        self.trace.open(message);
        let end = memchr::memchr(b'\n', message).unwrap_or(message.len());
        let told = if record.trace.is_empty() {
            message.get(end + 1..).unwrap_or_default()
        } else {
            record.trace.of(text)
        };
        for line in told.split(|byte| *byte == b'\n') {
            self.trace.line(line);
        }
        self.is_trace_told = self.trace.has_lines();
        if self.is_trace_told {
            self.end_trace(&message[..end]);
        }
    }

    /// Nanoseconds since 1970 in UTC; none for uptimes and years that have no room.
    fn time(&mut self, stamp: Stamp, record: &Record) -> Option<i64> {
        let seconds = match stamp.zone {
            Zone::Given => stamp.seconds,
            Zone::Missing => {
                self.summary.times.zone_assumed += 1;
                self.wall.utc(stamp.seconds)
            }
            Zone::Uptime => return None,
        };
        self.summary.times.year_inferred += u64::from(record.is_year_missing);
        let whole = seconds.checked_mul(NANOSECONDS)?;
        whole.checked_add(i64::from(stamp.nanoseconds))
    }

    fn at(&mut self, time: i64, level: Level) {
        let times = &mut self.summary.times;
        match self.previous {
            Some(previous) if time < previous => {
                times.backwards += 1;
                times.farthest_backwards =
                    times.farthest_backwards.max(previous.saturating_sub(time));
            }
            Some(_) => {}
            None => self.first_of_block = Some(time),
        }
        self.previous = Some(time);
        times.first = Some(times.first.map_or(time, |first| first.min(time)));
        times.last = times.last.max(Some(time));
        self.summary
            .timeline
            .add(time.div_euclid(NANOSECONDS), level);
    }

    fn numbers(&mut self, parts: &Parts) {
        let fields = &mut self.fields[parts.number_names() as usize];
        for (key, value) in parts.numbers() {
            let key = *key as usize;
            if fields.len() <= key {
                fields.resize_with(key + 1, Quantiles::default);
            }
            fields[key].add(*value);
        }
    }

    /// A line behind the first of the event at hand.
    pub(crate) fn continuation(&mut self, line: &[u8]) {
        self.summary.lines.continuations += 1;
        if !self.is_trace_told {
            self.trace.line(line);
        }
    }

    /// Counts the trace of the event at hand, of which this is the first line.
    #[inline]
    pub(crate) fn end_event(&mut self, line: &[u8]) {
        if self.trace.has_lines() {
            self.end_trace(line);
        }
    }

    fn end_trace(&mut self, first: &[u8]) {
        for (name, frames) in self.trace.finish(first) {
            self.key.clear();
            self.key.extend_from_slice(name);
            self.key.push(0);
            self.key.extend_from_slice(frames);
            let time = self.time;
            self.summary
                .exceptions
                .add(&self.key, |met| met.update(time, true, first));
        }
        self.trace.begin();
    }

    /// Counts a line that no format reads.
    pub(crate) fn unparsed(&mut self, line: &[u8]) {
        self.summary.lines.unparsed += 1;
        self.summary.example(line);
    }

    /// The summary of all lines.
    pub(crate) fn finish(mut self, reader: &Reader) -> Summary {
        for (format, count) in self.formats.drain(..).filter(|(_, count)| *count > 0) {
            *self
                .summary
                .formats
                .entry(format.name().into())
                .or_default() += count;
        }
        for (names, fields) in NumberNames::ALL.into_iter().zip(self.fields) {
            for (key, numbers) in (0_u32..).zip(fields) {
                if numbers.count() > 0 {
                    let name = reader.number_name(names, key);
                    self.summary.field(name, &numbers);
                }
            }
        }
        if let Some(requests) = &mut self.summary.requests {
            requests.settle();
        }
        self.summary
    }
}

impl Met {
    pub(crate) const fn errors(&self) -> u64 {
        self.errors
    }

    pub(crate) const fn first(&self) -> Option<i64> {
        self.first
    }

    pub(crate) const fn last(&self) -> Option<i64> {
        self.last
    }

    #[inline]
    pub(crate) fn update(&mut self, time: Option<i64>, is_error: bool, example: &[u8]) {
        let example = cut(example);
        if self.count == 0 || (time.unwrap_or(i64::MAX), example) < self.example_key() {
            self.example = example.into();
        }
        self.count += 1;
        self.errors += u64::from(is_error);
        self.first = earliest(self.first, time);
        self.last = self.last.max(time);
    }

    fn example_key(&self) -> (i64, &[u8]) {
        (self.first.unwrap_or(i64::MAX), &self.example)
    }
}

fn cut(line: &[u8]) -> &[u8] {
    &line[..line.len().min(LONGEST_EXAMPLE)]
}

impl Summary {
    /// Takes in the summary of another part.
    pub fn merge(&mut self, other: Self) {
        self.lines.merge(&other.lines);
        self.events += other.events;
        for (own, other) in self.levels.iter_mut().zip(other.levels) {
            *own += other;
        }
        for (own, other) in self.level_sources.iter_mut().zip(other.level_sources) {
            *own += other;
        }
        for (name, count) in other.formats {
            *self.formats.entry(name).or_default() += count;
        }
        self.times.merge(&other.times);
        self.timeline.merge(other.timeline);
        self.sources.merge(other.sources);
        self.messages.merge(other.messages);
        self.exceptions.merge(other.exceptions);
        for (name, numbers) in other.fields {
            self.field(&name, &numbers);
        }
        if let Some(requests) = other.requests {
            match &mut self.requests {
                Some(own) => own.merge(*requests),
                None => self.requests = Some(requests),
            }
        }
        for example in other.examples {
            self.example(&example);
        }
    }

    /// Adds a field; past the limit the last by name goes.
    fn field(&mut self, name: &[u8], numbers: &Quantiles) {
        if let Some(known) = self.fields.get_mut(name) {
            known.merge(numbers);
            return;
        }
        self.fields.insert(name.into(), numbers.clone());
        if self.fields.len() > MOST_FIELDS {
            self.fields.pop_last();
        }
    }

    /// Keeps a line if it is among the first in the order of their bytes.
    fn example(&mut self, line: &[u8]) {
        let line = cut(line);
        if let Err(place) = self.examples.binary_search_by(|known| (**known).cmp(line))
            && place < MOST_EXAMPLES
        {
            self.examples.insert(place, line.into());
            self.examples.truncate(MOST_EXAMPLES);
        }
    }

    /// Events at level error or worse.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.levels[Level::Error as usize..].iter().sum()
    }

    /// Events at level warning.
    #[must_use]
    pub const fn warnings(&self) -> u64 {
        self.levels[Level::Warning as usize]
    }
}

impl Times {
    fn merge(&mut self, other: &Self) {
        self.first = earliest(self.first, other.first);
        self.last = self.last.max(other.last);
        self.missing += other.missing;
        self.zone_assumed += other.zone_assumed;
        self.year_inferred += other.year_inferred;
        self.backwards += other.backwards;
        self.farthest_backwards = self.farthest_backwards.max(other.farthest_backwards);
    }
}
