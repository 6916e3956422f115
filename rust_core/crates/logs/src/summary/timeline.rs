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

fn add(sums: &mut [u64; LEVELS], counts: &[u64; LEVELS]) {
    for (sum, count) in sums.iter_mut().zip(counts) {
        *sum += count;
    }
}
