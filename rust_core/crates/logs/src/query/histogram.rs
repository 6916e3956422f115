//! Events over time, by the values of a field.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::{MOST_GROUPS, group_key, group_report};
use crate::events::Event;
use crate::time::rfc3339;

/// Sizes of buckets in seconds where none is asked for: each divides the next.
const SIZES: [i64; 10] = [1, 10, 60, 300, 600, 1_800, 3_600, 21_600, 86_400, 604_800];
/// Buckets of all groups that there is room for.
const MOST_BUCKETS: usize = 100_000;
/// Buckets that a report aims at where no size is asked for.
const AIM: i64 = 60;
const NANOSECONDS: i64 = 1_000_000_000;

/// The number of events in each bucket of time and each group.
#[derive(Clone, Debug)]
pub struct Histogram {
    by: Vec<String>,
    size: i64,
    is_fixed: bool,
    groups: HashMap<Box<[u8]>, BTreeMap<i64, u64>, foldhash::fast::RandomState>,
    buckets: usize,
    without_time: u64,
    is_full: bool,
    key: Vec<u8>,
}

impl Histogram {
    /// By fields, in buckets of so many seconds, or of a size that suits the span.
    #[must_use]
    pub fn new(by: Vec<String>, every_seconds: Option<i64>) -> Self {
        Self {
            by,
            size: every_seconds.unwrap_or(SIZES[0]).max(1),
            is_fixed: every_seconds.is_some(),
            groups: HashMap::default(),
            buckets: 0,
            without_time: 0,
            is_full: false,
            key: Vec::new(),
        }
    }

    pub(super) const fn is_full(&self) -> bool {
        self.is_full
    }

    pub(super) fn add(&mut self, event: &Event<'_>) {
        let Some(time) = event.time else {
            self.without_time += 1;
            return;
        };
        group_key(event, &self.by, &mut self.key);
        let bucket = time.div_euclid(NANOSECONDS).div_euclid(self.size);
        let key = std::mem::take(&mut self.key);
        self.count(&key, bucket, 1);
        self.key = key;
    }

    fn count(&mut self, key: &[u8], bucket: i64, count: u64) {
        let has_room = self.groups.len() < MOST_GROUPS;
        let buckets = match self.groups.get_mut(key) {
            Some(buckets) => buckets,
            None if !has_room => {
                self.is_full = true;
                return;
            }
            None => self.groups.entry(key.into()).or_default(),
        };
        let counted = buckets.entry(bucket).or_insert(0);
        self.buckets += usize::from(*counted == 0);
        *counted += count;
        if self.buckets > MOST_BUCKETS {
            match self.larger().filter(|_| !self.is_fixed) {
                Some(size) => self.grow(size),
                None => self.is_full = true,
            }
        }
    }

    fn larger(&self) -> Option<i64> {
        SIZES.into_iter().find(|size| *size > self.size)
    }

    /// Buckets of a size that is a multiple of theirs; of weeks and days, of hours and less.
    fn grow(&mut self, size: i64) {
        let old = self.size;
        self.size = size;
        self.buckets = 0;
        for buckets in self.groups.values_mut() {
            let mut grown = BTreeMap::new();
            for (bucket, count) in std::mem::take(buckets) {
                *grown.entry((bucket * old).div_euclid(size)).or_insert(0) += count;
            }
            *buckets = grown;
            self.buckets += buckets.len();
        }
    }

    pub(super) fn merge(&mut self, mut other: Self) {
        self.is_full |= other.is_full;
        self.without_time += other.without_time;
        if self.size < other.size {
            self.grow(other.size);
        }
        for (key, buckets) in std::mem::take(&mut other.groups) {
            for (bucket, count) in buckets {
                // The size may grow on the way.
                let start = bucket.saturating_mul(other.size);
                self.count(&key, start.div_euclid(self.size), count);
            }
        }
    }

    pub(super) fn report(&self) -> Value {
        let mut fitting = self.clone();
        while let Some(size) = fitting.larger()
            && !fitting.is_fixed
            && fitting.span() > AIM
        {
            fitting.grow(size);
        }
        let mut groups: Vec<(u64, &[u8], &BTreeMap<i64, u64>)> = fitting
            .groups
            .iter()
            .map(|(key, buckets)| (buckets.values().sum(), &**key, buckets))
            .collect();
        groups.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let rows = groups.into_iter().map(|(count, key, buckets)| {
            let buckets = buckets.iter().map(|(bucket, count)| {
                let start = bucket.saturating_mul(fitting.size);
                json!({"time": start.checked_mul(NANOSECONDS).map(rfc3339), "count": count})
            });
            json!({
                "by": group_report(&self.by, key),
                "count": count,
                "buckets": buckets.collect::<Vec<_>>(),
            })
        });
        json!({
            "by": self.by,
            "bucket_seconds": fitting.size,
            "without_time": self.without_time,
            "groups": fitting.groups.len(),
            "rows": rows.collect::<Vec<_>>(),
        })
    }

    /// How many buckets there are from the first to the last of all groups.
    fn span(&self) -> i64 {
        let ends = self.groups.values();
        let first = ends
            .clone()
            .filter_map(|buckets| buckets.first_key_value())
            .map(|(bucket, _)| *bucket)
            .min();
        let last = ends
            .filter_map(|buckets| buckets.last_key_value())
            .map(|(bucket, _)| *bucket)
            .max();
        first
            .zip(last)
            .map_or(0, |(first, last)| last.saturating_sub(first) + 1)
    }
}
