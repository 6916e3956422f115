//! Quantiles with a relative error of 1 %: `DDSketch` (Masson, Rim and Lee, VLDB 2019).
//!
//! A value counts in the bucket of its logarithm. Past [`MOST_BUCKETS`] the lowest are one, so
//! only quantiles of values that are 35 orders below the highest lose the bound. Sums are in
//! billionths, so that they do not depend on the order of adding.

use serde::{Deserialize, Serialize};

use super::bytes::LARGEST as LARGEST_COUNT;

/// The relative error of a quantile.
pub const ERROR: f64 = 0.01;
const MOST_BUCKETS: usize = 4096;
/// Sums count whole steps of this size.
const STEPS: f64 = 1e9;
/// What a sum has room for, so that no sum of many overflows.
const LARGEST: f64 = 1e18;

/// The distribution of a field's numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    positive: Buckets,
    negative: Buckets,
    zeros: u64,
    count: u64,
    least: Option<f64>,
    most: Option<f64>,
    sum: i128,
    /// Numbers too large for the sum.
    unsummed: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Buckets {
    /// The number of the first bucket.
    first: i32,
    counts: Vec<u64>,
}

impl Quantiles {
    /// Whether it could have come from counting.
    pub(super) fn is_sound(&self) -> bool {
        let is_finite = |value: Option<f64>| value.is_none_or(f64::is_finite);
        let has_range =
            self.least.is_some() == (self.count > 0) && self.most.is_some() == (self.count > 0);
        let sizes = [self.count, self.zeros, self.unsummed];
        has_range
            && self.least <= self.most
            && is_finite(self.least)
            && is_finite(self.most)
            && sizes.into_iter().all(|count| count < LARGEST_COUNT)
            && self.sum.unsigned_abs() < u128::from(LARGEST_COUNT) << 60
            && self.positive.is_sound()
            && self.negative.is_sound()
    }

    /// Counts a number; what is not finite is passed over.
    pub fn add(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.count += 1;
        self.least = Some(self.least.map_or(value, |least| least.min(value)));
        self.most = Some(self.most.map_or(value, |most| most.max(value)));
        if value > 0.0 {
            self.positive.add(bucket(value), 1);
        } else if value < 0.0 {
            self.negative.add(bucket(-value), 1);
        } else {
            self.zeros += 1;
        }
        if value.abs() < LARGEST {
            #[allow(clippy::cast_possible_truncation)]
            let steps = (value * STEPS).round() as i128;
            self.sum += steps;
        } else {
            self.unsummed += 1;
        }
    }

    /// Counts what another part counted.
    pub fn merge(&mut self, other: &Self) {
        self.positive.merge(&other.positive);
        self.negative.merge(&other.negative);
        self.zeros += other.zeros;
        self.count += other.count;
        self.least = self.least.into_iter().chain(other.least).reduce(f64::min);
        self.most = self.most.into_iter().chain(other.most).reduce(f64::max);
        self.sum += other.sum;
        self.unsummed += other.unsummed;
    }

    /// How many numbers.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The least, exactly.
    #[must_use]
    pub const fn least(&self) -> Option<f64> {
        self.least
    }

    /// The highest, exactly.
    #[must_use]
    pub const fn most(&self) -> Option<f64> {
        self.most
    }

    /// The sum, to a billionth; none when a number was 1e18 or more.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn sum(&self) -> Option<f64> {
        (self.unsummed == 0).then(|| self.sum as f64 / STEPS)
    }

    /// The least value with that share (0 to 1) of all values below it or equal, within [`ERROR`]:
    /// the nearest rank.
    #[must_use]
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss
    )]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let (least, most) = (self.least?, self.most?);
        let rank = ((share * self.count as f64).ceil() as u64).clamp(1, self.count);
        let mut below = 0;
        let negative = self.negative.counts.iter().enumerate().rev();
        let negative = negative.map(|(index, count)| (-self.negative.value(index), *count));
        let positive = self.positive.counts.iter().enumerate();
        let positive = positive.map(|(index, count)| (self.positive.value(index), *count));
        for (value, count) in negative.chain([(0.0, self.zeros)]).chain(positive) {
            below += count;
            if below >= rank {
                return Some(value.clamp(least, most));
            }
        }
        Some(most)
    }
}

fn gamma() -> f64 {
    (1.0 + ERROR) / (1.0 - ERROR)
}

#[allow(clippy::cast_possible_truncation)]
fn bucket(value: f64) -> i32 {
    (value.ln() / gamma().ln()).ceil() as i32
}

impl Buckets {
    fn is_sound(&self) -> bool {
        // Those of all doubles.
        (-40_000..=40_000).contains(&self.first)
            && self.counts.len() <= MOST_BUCKETS
            && self.counts.iter().all(|count| *count < LARGEST_COUNT)
    }

    fn add(&mut self, bucket: i32, count: u64) {
        if self.counts.is_empty() {
            self.first = bucket;
        }
        let last = self.first + i32::try_from(self.counts.len()).unwrap_or(0) - 1;
        let is_full = self.counts.len() == MOST_BUCKETS;
        if (bucket < self.first && !is_full) || bucket > last {
            self.widen(bucket.min(self.first), bucket.max(last));
        }
        let index = usize::try_from(bucket - self.first).unwrap_or(0);
        self.counts[index] += count;
    }

    /// Makes room from one bucket to another; the lowest become one when there are too many.
    fn widen(&mut self, first: i32, last: i32) {
        let most = i32::try_from(MOST_BUCKETS).unwrap_or(i32::MAX);
        let start = first.max(last.saturating_sub(most - 1));
        let mut counts = vec![0; usize::try_from(last - start + 1).unwrap_or(0)];
        for (index, count) in self.counts.iter().enumerate() {
            let bucket = self.first + i32::try_from(index).unwrap_or(0);
            counts[usize::try_from(bucket - start).unwrap_or(0)] += count;
        }
        self.first = start;
        self.counts = counts;
    }

    fn merge(&mut self, other: &Self) {
        for (index, count) in other.counts.iter().enumerate().rev() {
            if *count > 0 {
                self.add(other.first + i32::try_from(index).unwrap_or(0), *count);
            }
        }
    }

    /// The value that is within the error of all in a bucket.
    fn value(&self, index: usize) -> f64 {
        let bucket = f64::from(self.first) + f64::from(u32::try_from(index).unwrap_or(0));
        2.0 * gamma().powf(bucket) / (gamma() + 1.0)
    }
}
