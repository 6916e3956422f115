//! Statistics of a field's values, by the values of other fields.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{MOST_GROUPS, group_key, group_report};
use crate::events::Event;
use crate::summary::{Distinct, Quantiles, report};

/// Hashes of values that are kept one by one; past that their number is estimated.
const MOST_HASHES: usize = 256;

/// The statistics of a field in each group.
#[derive(Clone, Debug)]
pub struct Stats {
    field: Option<String>,
    by: Vec<String>,
    groups: HashMap<Box<[u8]>, Group, foldhash::fast::RandomState>,
    is_full: bool,
    key: Vec<u8>,
    value: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
struct Group {
    count: u64,
    missing: u64,
    numbers: Quantiles,
    different: Different,
}

impl Stats {
    /// Of a field's values, or of nothing but the number of events; by fields, or of all at once.
    #[must_use]
    pub fn new(field: Option<String>, by: Vec<String>) -> Self {
        Self {
            field,
            by,
            groups: HashMap::default(),
            is_full: false,
            key: Vec::new(),
            value: Vec::new(),
        }
    }

    pub(super) const fn is_full(&self) -> bool {
        self.is_full
    }

    pub(super) fn add(&mut self, event: &Event<'_>) {
        group_key(event, &self.by, &mut self.key);
        let has_room = self.groups.len() < MOST_GROUPS;
        let group = match self.groups.get_mut(&*self.key) {
            Some(group) => group,
            None if !has_room => {
                self.is_full = true;
                return;
            }
            None => self.groups.entry(self.key.as_slice().into()).or_default(),
        };
        group.count += 1;
        let Some(field) = &self.field else {
            return;
        };
        self.value.clear();
        if !event.write_value(field, &mut self.value) {
            group.missing += 1;
            return;
        }
        group.different.add(xxhash_rust::xxh3::xxh3_64(&self.value));
        if let Some(number) = event.number_of(field) {
            group.numbers.add(number);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.is_full |= other.is_full;
        for (key, group) in other.groups {
            if self.groups.len() >= MOST_GROUPS && !self.groups.contains_key(&key) {
                self.is_full = true;
                return;
            }
            let own = self.groups.entry(key).or_default();
            own.count += group.count;
            own.missing += group.missing;
            own.numbers.merge(&group.numbers);
            own.different.merge(&group.different);
        }
    }

    pub(super) fn report(&self) -> Value {
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by(|a, b| b.1.count.cmp(&a.1.count).then_with(|| a.0.cmp(b.0)));
        let rows = groups.into_iter().map(|(key, group)| {
            let mut row = json!({
                "by": group_report(&self.by, key),
                "count": group.count,
            });
            if self.field.is_some() {
                row["missing"] = json!(group.missing);
                row["distinct"] = json!(group.different.estimate());
                row["numbers"] = if group.numbers.count() == 0 {
                    Value::Null
                } else {
                    report::quantiles(&group.numbers)
                };
            }
            row
        });
        json!({
            "field": self.field,
            "by": self.by,
            "groups": self.groups.len(),
            "rows": rows.collect::<Vec<_>>(),
        })
    }
}

/// The number of different values: exact while there are few.
#[derive(Clone, Debug)]
enum Different {
    /// Hashes in order.
    Few(Vec<u64>),
    Many(Box<Distinct>),
}

impl Default for Different {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Different {
    fn add(&mut self, hash: u64) {
        match self {
            Self::Few(hashes) => {
                if let Err(place) = hashes.binary_search(&hash) {
                    hashes.insert(place, hash);
                    if hashes.len() > MOST_HASHES {
                        let mut many = Distinct::default();
                        for hash in hashes.iter() {
                            many.add_hash(*hash);
                        }
                        *self = Self::Many(Box::new(many));
                    }
                }
            }
            Self::Many(many) => many.add_hash(hash),
        }
    }

    fn merge(&mut self, other: &Self) {
        match other {
            Self::Few(hashes) => hashes.iter().for_each(|hash| self.add(*hash)),
            Self::Many(theirs) => match self {
                Self::Many(own) => own.merge(theirs),
                Self::Few(hashes) => {
                    let mut many = theirs.clone();
                    for hash in hashes.iter() {
                        many.add_hash(*hash);
                    }
                    *self = Self::Many(many);
                }
            },
        }
    }

    fn estimate(&self) -> u64 {
        match self {
            Self::Few(hashes) => hashes.len() as u64,
            Self::Many(many) => many.estimate(),
        }
    }
}
