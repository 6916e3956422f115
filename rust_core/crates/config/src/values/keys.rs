//! The keys of the open mappings, as hashes: which of them stood there before.

use std::collections::HashSet;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;

/// Mappings up to this size are searched from end to end.
const FEW_KEYS: usize = 24;

struct Mapping {
    /// Its keys begin here in the list of all.
    first: usize,
    /// For large mappings, instead of the list.
    index: Option<HashSet<u64, RandomState>>,
}

#[derive(Default)]
pub(crate) struct KeySets {
    hasher: RandomState,
    keys: Vec<u64>,
    mappings: Vec<Mapping>,
}

impl KeySets {
    pub(crate) fn open(&mut self) {
        self.mappings.push(Mapping {
            first: self.keys.len(),
            index: None,
        });
    }

    pub(crate) fn close(&mut self) {
        if let Some(mapping) = self.mappings.pop() {
            self.keys.truncate(mapping.first);
        }
    }

    /// False when the innermost mapping has the key. Different keys have the same hash of 64 bits,
    /// seeded at random, once in 2^64 pairs.
    pub(crate) fn insert(&mut self, key: &str) -> bool {
        let hash = self.hasher.hash_one(key);
        let Some(mapping) = self.mappings.last_mut() else {
            return true;
        };
        if let Some(index) = &mut mapping.index {
            return index.insert(hash);
        }
        let known = &self.keys[mapping.first..];
        if known.contains(&hash) {
            return false;
        }
        self.keys.push(hash);
        if self.keys.len() - mapping.first > FEW_KEYS {
            mapping.index = Some(self.keys.drain(mapping.first..).collect());
        }
        true
    }
}
