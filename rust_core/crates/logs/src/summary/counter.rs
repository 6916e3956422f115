//! Counts by key in bounded memory.
//!
//! Up to [`MOST`] keys every count is exact. Past that a count-min sketch (Cormode and
//! Muthukrishnan, 2005) takes over: a count is then too high by at most e / [`WIDTH`] of the total
//! in each row, with the least of [`ROWS`] rows taken. Told are the keys with at least one
//! [`SHARE`]th of the total. Kept are those whose cell in the first row has half as much: cells
//! only add up, and a key with that share of a whole has it in one of the parts, so that parts can
//! be merged in any order. The half between the two is for what the sketch counts too high.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::bytes::LARGEST;
use super::distinct::Distinct;

/// Keys that are counted exactly.
pub(super) const MOST: usize = 20_000;
/// The cells of a row of the sketch.
pub(super) const WIDTH: usize = 1 << 15;
/// The rows of the sketch.
pub(super) const ROWS: usize = 4;
/// Keys are told from this share of the total on.
pub(super) const SHARE: u64 = 1_000;

/// What is known of a key besides its count.
pub(crate) trait Value: Clone + Default {
    /// How often it was met.
    fn count(&self) -> u64;
    /// Adds what another part knows.
    fn merge(&mut self, other: &Self);
    /// Whether it could have come from counting.
    fn is_sound(&self) -> bool {
        self.count() < LARGEST
    }
}

impl Value for u64 {
    fn count(&self) -> u64 {
        *self
    }

    fn merge(&mut self, other: &Self) {
        *self += other;
    }
}

/// Keys in their order, so that equal counters have equal bytes.
fn sorted<K: Serialize + Ord, V: Serialize, S: Serializer>(
    entries: impl Iterator<Item = (K, V)>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut entries: Vec<(K, V)> = entries.collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    serializer.collect_seq(entries)
}

fn exact<V: Serialize, S: Serializer>(keys: &Exact<V>, serializer: S) -> Result<S::Ok, S::Error> {
    sorted(keys.iter(), serializer)
}

fn exact_of<'de, V: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Exact<V>, D::Error> {
    let entries = Vec::<(Box<[u8]>, V)>::deserialize(deserializer)?;
    Ok(entries.into_iter().collect())
}

fn kept<S: Serializer>(keys: &HashSet<Box<[u8]>>, serializer: S) -> Result<S::Ok, S::Error> {
    sorted(keys.iter().map(|key| (key, ())), serializer)
}

fn kept_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HashSet<Box<[u8]>>, D::Error> {
    let keys = Vec::<(Box<[u8]>, ())>::deserialize(deserializer)?;
    Ok(keys.into_iter().map(|(key, ())| key).collect())
}

type Exact<V> = HashMap<Box<[u8]>, V, foldhash::fast::RandomState>;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(serialize = "V: Serialize", deserialize = "V: Deserialize<'de>"))]
pub(crate) struct Counter<V> {
    #[serde(serialize_with = "exact", deserialize_with = "exact_of")]
    exact: Exact<V>,
    sketch: Option<Box<Sketch>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Sketch {
    cells: Vec<u64>,
    total: u64,
    #[serde(serialize_with = "kept", deserialize_with = "kept_of")]
    kept: HashSet<Box<[u8]>>,
    distinct: Distinct,
}

/// A key, its count and what else is known, where all is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counted<V> {
    pub(crate) key: Box<[u8]>,
    pub(crate) count: u64,
    pub(crate) value: Option<V>,
}

impl<V: Value> Default for Counter<V> {
    fn default() -> Self {
        Self {
            exact: Exact::default(),
            sketch: None,
        }
    }
}

impl<V: Value> Counter<V> {
    /// Whether it could have come from counting, so that nothing in it is out of range.
    pub(crate) fn is_sound(&self) -> bool {
        self.exact.len() <= MOST
            && self.sketch.as_ref().is_none_or(|sketch| {
                let fits = sketch.cells.len() == WIDTH * ROWS && sketch.distinct.is_sound();
                // No sum of many overflows.
                let sums =
                    sketch.cells.iter().all(|cell| *cell < LARGEST) && sketch.total < LARGEST;
                fits && sums && self.exact.is_empty()
            })
            && self.exact.values().all(Value::is_sound)
    }

    /// Counts one event of a key; `update` changes what is known of it, the count with it.
    #[inline]
    pub(crate) fn add(&mut self, key: &[u8], update: impl FnOnce(&mut V)) {
        if let Some(sketch) = &mut self.sketch {
            sketch.add(key, 1);
            return;
        }
        if let Some(value) = self.exact.get_mut(key) {
            update(value);
            return;
        }
        let mut value = V::default();
        update(&mut value);
        self.exact.insert(key.into(), value);
        self.shrink();
    }

    pub(crate) fn merge(&mut self, other: Self) {
        if let Some(sketch) = other.sketch {
            if let Some(own) = &mut self.sketch {
                own.merge(&sketch);
            } else {
                let own = std::mem::take(&mut self.exact);
                self.sketch = Some(sketch);
                self.add_all(own);
            }
            return;
        }
        self.add_all(other.exact);
    }

    fn add_all(&mut self, keys: Exact<V>) {
        if let Some(sketch) = &mut self.sketch {
            for (key, value) in keys {
                sketch.add(&key, value.count());
            }
            return;
        }
        for (key, value) in keys {
            self.exact.entry(key).or_default().merge(&value);
        }
        self.shrink();
    }

    fn shrink(&mut self) {
        if self.exact.len() > MOST {
            let exact = std::mem::take(&mut self.exact);
            let mut sketch = Sketch::new();
            for (key, value) in exact {
                sketch.add(&key, value.count());
            }
            self.sketch = Some(Box::new(sketch));
        }
    }

    /// How many keys there are; past [`MOST`] an estimate.
    pub(crate) fn distinct(&self) -> u64 {
        match &self.sketch {
            Some(sketch) => sketch.distinct.estimate(),
            None => self.exact.len() as u64,
        }
    }

    /// Whether counts are exact.
    pub(crate) fn is_exact(&self) -> bool {
        self.sketch.is_none()
    }

    /// The keys with the highest counts; equal ones in the order of their bytes.
    pub(crate) fn top(&self, most: usize) -> Vec<Counted<V>> {
        let mut all: Vec<Counted<V>> = match &self.sketch {
            Some(sketch) => sketch
                .kept
                .iter()
                .map(|key| Counted {
                    key: key.clone(),
                    count: sketch.count(key),
                    value: None,
                })
                .filter(|counted| counted.count >= sketch.total / SHARE)
                .collect(),
            None => self
                .exact
                .iter()
                .map(|(key, value)| Counted {
                    key: key.clone(),
                    count: value.count(),
                    value: Some(value.clone()),
                })
                .collect(),
        };
        all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.key.cmp(&b.key)));
        all.truncate(most);
        all
    }
}

impl Sketch {
    fn new() -> Self {
        Self {
            cells: vec![0; WIDTH * ROWS],
            total: 0,
            kept: HashSet::new(),
            distinct: Distinct::default(),
        }
    }

    /// The places of a key: one in each row.
    fn places(key: &[u8]) -> [usize; ROWS] {
        let mut row = 0;
        let hash = xxhash_rust::xxh3::xxh3_128(key);
        [0; ROWS].map(|_: usize| {
            #[allow(clippy::cast_possible_truncation)]
            let column = (hash >> (row * 20)) as usize % WIDTH;
            row += 1;
            (row - 1) * WIDTH + column
        })
    }

    fn add(&mut self, key: &[u8], count: u64) {
        self.total += count;
        self.distinct.add(key);
        let places = Self::places(key);
        for place in places {
            self.cells[place] += count;
        }
        if self.cells[places[0]] >= self.total / (2 * SHARE) && !self.kept.contains(key) {
            self.kept.insert(key.into());
            if self.kept.len() > 8 * MOST {
                self.trim();
            }
        }
    }

    fn trim(&mut self) {
        let mut kept = std::mem::take(&mut self.kept);
        let least = self.total / (2 * SHARE);
        kept.retain(|key| self.cells[Self::places(key)[0]] >= least);
        self.kept = kept;
    }

    fn count(&self, key: &[u8]) -> u64 {
        let counts = Self::places(key).map(|place| self.cells[place]);
        counts.into_iter().min().unwrap_or(0)
    }

    fn merge(&mut self, other: &Self) {
        for (own, other) in self.cells.iter_mut().zip(&other.cells) {
            *own += other;
        }
        self.total += other.total;
        self.distinct.merge(&other.distinct);
        self.kept.extend(other.kept.iter().cloned());
        self.trim();
    }
}
