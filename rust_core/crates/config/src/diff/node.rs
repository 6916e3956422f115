//! Documents as trees whose nodes know a hash of what they say: nodes with the same hash are the
//! same value, in whatever order the keys of mappings stand and however numbers are written.
//!
//! The hash has a random key, so that no text is made to collide. Recursion is as deep as the
//! collections, which the limit of depth bounds.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use serde_json::Value;

use crate::access::{Mark, Tree};

pub(super) struct Node<'t> {
    pub(super) value: &'t Value,
    /// Where the value begins.
    pub(super) at: usize,
    pub(super) hash: u64,
    /// The values of a mapping or the entries of a list, in order.
    pub(super) inner: Vec<Node<'t>>,
}

impl<'t> Node<'t> {
    pub(super) fn of(tree: &'t Tree, state: &RandomState) -> Self {
        Self::new(&tree.value, &tree.mark, state)
    }

    fn new(value: &'t Value, mark: &Mark, state: &RandomState) -> Self {
        let marks = mark.inner.iter();
        let inner: Vec<Self> = match value {
            Value::Array(entries) => {
                let entries = entries.iter().zip(marks);
                entries
                    .map(|(value, mark)| Self::new(value, mark, state))
                    .collect()
            }
            Value::Object(entries) => {
                let entries = entries.values().zip(marks);
                entries
                    .map(|(value, mark)| Self::new(value, mark, state))
                    .collect()
            }
            _ => Vec::new(),
        };
        let mut node = Self {
            value,
            at: mark.at,
            hash: 0,
            inner,
        };
        node.hash = node.hash_without(&[], state);
        node
    }

    /// The hash of a mapping without these keys, or of any other value.
    pub(super) fn hash_without(&self, keys: &[&str], state: &RandomState) -> u64 {
        let mut hasher = state.build_hasher();
        match self.value {
            Value::Null => 0_u8.hash(&mut hasher),
            Value::Bool(value) => (1_u8, value).hash(&mut hasher),
            Value::Number(number) => (2_u8, canonical(number.as_str())).hash(&mut hasher),
            Value::String(text) => (3_u8, text).hash(&mut hasher),
            Value::Array(_) => {
                4_u8.hash(&mut hasher);
                for entry in &self.inner {
                    entry.hash.hash(&mut hasher);
                }
                self.inner.len().hash(&mut hasher);
            }
            Value::Object(entries) => {
                let pairs = entries.keys().zip(&self.inner);
                let pairs = pairs.filter(|(key, _)| !keys.contains(&key.as_str()));
                let mut sum = 0_u64;
                let mut count = 0_usize;
                for (key, value) in pairs {
                    sum = sum.wrapping_add(state.hash_one((key, value.hash)));
                    count += 1;
                }
                (5_u8, count, sum).hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    /// The value of a mapping's key.
    pub(super) fn get(&self, key: &str) -> Option<&Node<'t>> {
        let Value::Object(entries) = self.value else {
            return None;
        };
        let place = entries.keys().position(|known| known == key)?;
        self.inner.get(place)
    }

    /// A value that two would hardly share by chance.
    pub(super) fn is_telling(&self) -> bool {
        match self.value {
            Value::String(text) => text.len() > 3,
            Value::Array(entries) => !entries.is_empty(),
            Value::Object(entries) => !entries.is_empty(),
            _ => false,
        }
    }
}

/// Sign, digits without zeros at their ends, and exponent; the text where that is beyond all
/// bounds.
fn canonical(text: &str) -> (bool, String, i64) {
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction_digits = i64::try_from(fraction.len()).ok();
    let exponent = exponent.parse::<i64>().ok();
    let exponent = exponent.and_then(|exponent| exponent.checked_sub(fraction_digits?));
    let digits = [whole, fraction].concat();
    let digits = digits.trim_start_matches('0');
    let kept = digits.trim_end_matches('0');
    if kept.is_empty() {
        return (false, String::new(), 0);
    }
    let zeros = i64::try_from(digits.len() - kept.len()).ok();
    match exponent.and_then(|exponent| exponent.checked_add(zeros?)) {
        Some(exponent) => (is_negative, kept.to_owned(), exponent),
        None => (is_negative, text.to_owned(), 0),
    }
}
