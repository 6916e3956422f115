//! Events over time, by level, in buckets that grow with the span.

use serde::{Deserialize, Serialize};

use super::bytes::LARGEST;
use crate::level::{LEVELS, Level};

/// Sizes of buckets in seconds: each divides the next.
const SIZES: [i64; 7] = [1, 10, 60, 600, 3_600, 86_400, 864_000];
/// The buckets with events that are kept.
const MOST: usize = 4_000;

/// A bucket: its start in seconds since 1970 and its events by level.
pub type Bucket = (i64, [u64; LEVELS]);

/// Counts over time. Parts merge in any order: the size is the smallest that fits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    size: usize,
    /// In the order of time; numbers of buckets of this size.
    buckets: Vec<Bucket>,
    /// Where the last event went.
    #[serde(skip)]
    last: usize,
}

impl Timeline {
    /// Whether it could have come from counting.
    pub(super) fn is_sound(&self) -> bool {
        let is_last = self.size + 1 == SIZES.len();
        let is_known = self.size < SIZES.len() && (is_last || self.buckets.len() <= MOST);
        // Times are nanoseconds in 64 bits.
        let range = -10_000_000_000_i64..=10_000_000_000;
        is_known
            && self.buckets.is_sorted_by(|a, b| a.0 < b.0)
            && self.buckets.iter().all(|(number, counts)| {
                range.contains(number) && counts.iter().all(|count| *count < LARGEST)
            })
    }

    /// Counts an event.
    #[inline]
    pub fn add(&mut self, seconds: i64, level: Level) {
        let number = seconds.div_euclid(SIZES[self.size]);
        if self
            .buckets
            .get(self.last)
            .is_none_or(|(last, _)| *last != number)
        {
            self.last = self.place(number);
        }
        self.buckets[self.last].1[level as usize] += 1;
        if self.buckets.len() > MOST {
            self.coarsen();
        }
    }

    fn place(&mut self, number: i64) -> usize {
        match self
            .buckets
            .binary_search_by_key(&number, |(known, _)| *known)
        {
            Ok(index) => index,
            Err(index) => {
                self.buckets.insert(index, (number, [0; LEVELS]));
                index
            }
        }
    }

    fn coarsen(&mut self) {
        while self.buckets.len() > MOST && self.size + 1 < SIZES.len() {
            self.grow();
        }
    }

    fn grow(&mut self) {
        let ratio = SIZES[self.size + 1] / SIZES[self.size];
        self.size += 1;
        let mut grown: Vec<Bucket> = Vec::with_capacity(self.buckets.len());
        for (number, counts) in self.buckets.drain(..) {
            let number = number.div_euclid(ratio);
            match grown.last_mut().filter(|(last, _)| *last == number) {
                Some((_, sums)) => add(sums, &counts),
                None => grown.push((number, counts)),
            }
        }
        self.buckets = grown;
        self.last = 0;
    }

    /// Counts what another part counted.
    pub fn merge(&mut self, mut other: Self) {
        while self.size < other.size {
            self.grow();
        }
        while other.size < self.size {
            other.grow();
        }
        for (number, counts) in other.buckets {
            let place = self.place(number);
            add(&mut self.buckets[place].1, &counts);
        }
        self.last = 0;
        self.coarsen();
    }

    /// The size of a bucket in seconds.
    #[must_use]
    pub const fn bucket_seconds(&self) -> i64 {
        SIZES[self.size]
    }

    /// The buckets with events.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        let size = self.bucket_seconds();
        let start = move |number: i64| number.saturating_mul(size);
        self.buckets
            .iter()
            .map(move |(number, counts)| (start(*number), *counts))
    }
}

/// A run of buckets with far more events than the others, or none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its start in seconds since 1970.
    pub start: i64,
    /// Its end.
    pub end: i64,
    /// The events in it.
    pub events: u64,
}

/// How many stretches are told: the largest.
const MOST_STRETCHES: usize = 10;
/// A burst has so many events a bucket, and so many times as many as the median bucket.
const LEAST_BURST: u64 = 10;
const BURST: u64 = 4;
/// A gap is so many buckets long, and so many times as long as the median silence between two.
const LEAST_GAP: i64 = 10;
const GAP: i64 = 5;

impl Timeline {
    /// Runs of buckets with many times the events of the median one, in the order of time.
    #[must_use]
    pub fn bursts(&self) -> Vec<Stretch> {
        let size = self.bucket_seconds();
        let counts: Vec<(i64, u64)> = self
            .buckets()
            .map(|(start, counts)| (start, counts.iter().sum()))
            .collect();
        let mut sorted: Vec<u64> = counts.iter().map(|(_, count)| *count).collect();
        sorted.sort_unstable();
        let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0);
        let least = LEAST_BURST.max(median.saturating_mul(BURST));
        let mut found: Vec<Stretch> = Vec::new();
        for (start, events) in counts.into_iter().filter(|(_, count)| *count >= least) {
            match found.last_mut().filter(|last| last.end == start) {
                Some(last) => {
                    last.end = start + size;
                    last.events += events;
                }
                None => found.push(Stretch {
                    start,
                    end: start + size,
                    events,
                }),
            }
        }
        largest(found, |burst| burst.events)
    }

    /// Silences that are many times as long as the median one, in the order of time.
    #[must_use]
    pub fn gaps(&self) -> Vec<Stretch> {
        let size = self.bucket_seconds();
        let silences = || {
            self.buckets
                .windows(2)
                .map(|pair| pair[1].0 - pair[0].0 - 1)
        };
        let mut sorted: Vec<i64> = silences().collect();
        sorted.sort_unstable();
        let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0);
        let least = LEAST_GAP.max(median.saturating_mul(GAP));
        let starts = self.buckets.iter().map(|(number, _)| (number + 1) * size);
        let found = starts
            .zip(silences())
            .filter(|(_, silence)| *silence >= least);
        let found = found.map(|(start, silence)| Stretch {
            start,
            end: start + silence * size,
            events: 0,
        });
        largest(found.collect(), |gap| gap.end - gap.start)
    }
}

fn largest<K: Ord>(mut stretches: Vec<Stretch>, key: impl Fn(&Stretch) -> K) -> Vec<Stretch> {
    // Of equal ones the first.
    stretches.sort_by(|a, b| key(b).cmp(&key(a)).then(a.start.cmp(&b.start)));
    stretches.truncate(MOST_STRETCHES);
    stretches.sort_by_key(|stretch| stretch.start);
    stretches
}

fn add(sums: &mut [u64; LEVELS], counts: &[u64; LEVELS]) {
    for (sum, count) in sums.iter_mut().zip(counts) {
        *sum += count;
    }
}
