//! Questions to the events of logs: the most frequent values of a field, statistics of a field by
//! others, counts over time.
//!
//! Answers of parts merge in any order. Groups are counted exactly, and their number has a limit.

mod histogram;
mod stats;
mod top;

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};

use crate::blocks::Block;
use crate::events::{Event, each_event};
use crate::filter::Filter;
use crate::format::{Format, Parts, Reader};
use crate::scan::{Input, Options, Sink, scan};
use crate::time::WallClock;
pub use histogram::Histogram;
pub use stats::Stats;
pub use top::Top;

/// Groups that an answer has room for.
pub const MOST_GROUPS: usize = 20_000;

/// So many bytes of a value tell it from others: there is room for many of them.
pub const LONGEST_VALUE: usize = 4096;

/// What is asked, and what is known of the answer.
#[derive(Clone, Debug)]
pub enum Query {
    /// The most frequent values of a field.
    Top(Top),
    /// Statistics of a field's values, by the values of others.
    Stats(Stats),
    /// Events over time, by the values of a field.
    Histogram(Histogram),
}

impl Query {
    fn add(&mut self, event: &Event<'_>) {
        match self {
            Self::Top(top) => top.add(event),
            Self::Stats(stats) => stats.add(event),
            Self::Histogram(histogram) => histogram.add(event),
        }
    }

    fn is_full(&self) -> bool {
        match self {
            Self::Top(_) => false,
            Self::Stats(stats) => stats.is_full(),
            Self::Histogram(histogram) => histogram.is_full(),
        }
    }

    /// Takes in what another part knows of the same question.
    pub fn merge(&mut self, other: Self) {
        match (self, other) {
            (Self::Top(own), Self::Top(other)) => own.merge(other),
            (Self::Stats(own), Self::Stats(other)) => own.merge(other),
            (Self::Histogram(own), Self::Histogram(other)) => own.merge(other),
            _ => {}
        }
    }

    fn report(&self) -> Value {
        match self {
            Self::Top(top) => top.report(),
            Self::Stats(stats) => stats.report(),
            Self::Histogram(histogram) => histogram.report(),
        }
    }
}

/// An answer and how many events it is of.
#[derive(Clone, Debug)]
pub struct Answer {
    query: Query,
    events: u64,
    filtered: u64,
}

impl Answer {
    /// To a question that no event was asked yet.
    #[must_use]
    pub const fn new(query: Query) -> Self {
        Self {
            query,
            events: 0,
            filtered: 0,
        }
    }

    /// Whether there were more groups than [`MOST_GROUPS`]: then it is of a part of the events.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.query.is_full()
    }

    /// Takes in the answer of another part to the same question.
    pub fn merge(&mut self, other: Self) {
        self.events += other.events;
        self.filtered += other.filtered;
        self.query.merge(other.query);
    }

    /// The report: `events` that were counted, `filtered` ones that did not pass the filter, and
    /// the rows.
    #[must_use]
    pub fn report(&self) -> Value {
        let mut report = json!({
            "version": 1,
            "events": self.events,
            "filtered": self.filtered,
        });
        if let (Value::Object(own), Value::Object(rows)) = (&mut report, self.query.report()) {
            own.extend(rows);
        }
        report
    }
}

/// What an input answered.
#[derive(Debug)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// Why the input was not read to its end.
    pub problem: Option<io::Error>,
}

/// Asks the events of an input that pass the filter.
///
/// # Errors
///
/// As [`crate::analyze`].
pub fn ask(
    input: Input<'_>,
    query: &Query,
    filter: &Arc<Filter>,
    options: &Options,
    cancel: &AtomicBool,
) -> io::Result<Answered> {
    let scanned = scan(input, options, cancel, |_| Asking {
        answer: Answer::new(query.clone()),
        filter: Filter::clone(filter),
        wall: options.wall.clone(),
        spare: Parts::with_fields(),
    })?;
    let mut answer = Answer::new(query.clone());
    for (asking, _) in scanned.sinks {
        answer.merge(asking.answer);
    }
    Ok(Answered {
        answer,
        problem: scanned.problem,
    })
}

/// The question on one thread.
struct Asking {
    answer: Answer,
    filter: Filter,
    wall: WallClock,
    spare: Parts,
}

impl Sink for Asking {
    fn wants_fields(&self) -> bool {
        true
    }

    fn block(&mut self, block: &Block<'_>, formats: &[Format], reader: &mut Reader) -> bool {
        let Self {
            answer,
            filter,
            wall,
            spare,
        } = self;
        each_event(block, formats, reader, wall, spare, |event| {
            if filter.passes(event) {
                answer.events += 1;
                answer.query.add(event);
            } else {
                answer.filtered += 1;
            }
        });
        !answer.is_full()
    }
}

/// A key of a group: the values of fields, each behind a mark that tells what is missing.
pub(crate) fn group_key(event: &Event<'_>, names: &[String], key: &mut Vec<u8>) {
    key.clear();
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            key.push(SEPARATOR);
        }
        let start = key.len();
        if event.write_value(name, key) {
            key.truncate(start + LONGEST_VALUE);
            // A byte that parts values stands in none.
            for byte in &mut key[start..] {
                if matches!(*byte, SEPARATOR | MISSING) {
                    *byte = b' ';
                }
            }
        } else {
            key.truncate(start);
            key.push(MISSING);
        }
    }
}

const SEPARATOR: u8 = 0x1F;
const MISSING: u8 = 0x1E;

/// The values of a key by the fields' names, null where the field is missing.
pub(crate) fn group_report(names: &[String], key: &[u8]) -> Value {
    let values = key.split(|byte| *byte == SEPARATOR).map(|value| {
        if value == [MISSING] {
            Value::Null
        } else {
            Value::String(String::from_utf8_lossy(value).into_owned())
        }
    });
    Value::Object(names.iter().cloned().zip(values).collect())
}
