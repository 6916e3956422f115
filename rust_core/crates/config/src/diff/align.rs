//! Which entries of two lists belong together.

use std::collections::{HashMap, HashSet};
use std::hash::RandomState;

use serde_json::Value;

use super::node::Node;

/// What tells entries of a list apart, the first that all of them have.
const NAMES: [&str; 3] = ["name", "id", "key"];

/// Pairs of entries by their numbers, in the order of the first list.
#[derive(Default)]
pub(super) struct Alignment {
    /// What the entries are matched by, when they have a name.
    pub(super) name: Option<&'static str>,
    pub(super) pairs: Vec<(usize, usize)>,
    /// First numbers of the pairs that change places: as few as can be.
    pub(super) moved: HashSet<usize>,
    /// First numbers of the pairs that have another name and are the same else.
    pub(super) renamed: HashSet<usize>,
}

/// Pairs entries by their names where all have one, else equal ones, and then those that stand
/// between the same neighbours.
pub(super) fn align(
    old: &[Node<'_>],
    new: &[Node<'_>],
    ignores_order: bool,
    state: &RandomState,
) -> Alignment {
    let mut alignment = Alignment::default();
    let name = NAMES.into_iter().find(|name| {
        !(old.is_empty() || new.is_empty()) && is_name(old, name) && is_name(new, name)
    });
    if let Some(name) = name {
        alignment.name = Some(name);
        let hash = |entry: &Node<'_>| entry.get(name).map_or(0, |value| value.hash);
        alignment.pairs = pairs(old.iter().map(hash), new.iter().map(hash));
        rename(&mut alignment, old, new, name, state);
    } else {
        let hash = |entry: &Node<'_>| entry.hash;
        alignment.pairs = pairs(old.iter().map(hash), new.iter().map(hash));
    }
    let stay = increasing(&alignment.pairs);
    if alignment.name.is_none() {
        let anchors: Vec<(usize, usize)> = if ignores_order {
            Vec::new()
        } else {
            stay.iter().map(|number| alignment.pairs[*number]).collect()
        };
        let between = between(&alignment.pairs, &anchors, old, new);
        alignment.pairs.extend(between);
        alignment.pairs.sort_unstable();
    }
    if !ignores_order {
        let stay: HashSet<usize> = increasing(&alignment.pairs).into_iter().collect();
        let pairs = alignment.pairs.iter().enumerate();
        alignment.moved = pairs
            .filter(|(number, _)| !stay.contains(number))
            .map(|(_, (first, _))| *first)
            .collect();
    }
    alignment
}

fn is_name(entries: &[Node<'_>], name: &str) -> bool {
    let mut seen = HashSet::with_capacity(entries.len());
    entries.iter().all(|entry| {
        let value = entry.get(name);
        value.is_some_and(|value| {
            matches!(
                value.value,
                Value::String(_) | Value::Number(_) | Value::Bool(_)
            ) && seen.insert(value.hash)
        })
    })
}

/// Pairs the entries with the same hash, the first with the first.
fn pairs(old: impl Iterator<Item = u64>, new: impl Iterator<Item = u64>) -> Vec<(usize, usize)> {
    let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
    for (number, hash) in new.enumerate() {
        places.entry(hash).or_default().push(number);
    }
    for found in places.values_mut() {
        found.reverse();
    }
    let paired = old.enumerate();
    paired
        .filter_map(|(number, hash)| Some((number, places.get_mut(&hash)?.pop()?)))
        .collect()
}

/// Pairs what is the same but for its name.
fn rename(
    alignment: &mut Alignment,
    old: &[Node<'_>],
    new: &[Node<'_>],
    name: &str,
    state: &RandomState,
) {
    let (first, second) = unpaired(&alignment.pairs, old.len(), new.len());
    let has_more = |entry: &Node<'_>| entry.inner.len() > 1;
    let hash = |entries: &[Node<'_>], number: usize| {
        // What is nothing but its name is another one.
        let rest = entries[number].hash_without(&[name], state);
        if has_more(&entries[number]) {
            Some(rest)
        } else {
            None
        }
    };
    let mut places: HashMap<u64, usize> = HashMap::new();
    for number in second {
        if let Some(hash) = hash(new, number) {
            places.entry(hash).or_insert(number);
        }
    }
    for number in first {
        if let Some(place) = hash(old, number).and_then(|hash| places.remove(&hash)) {
            alignment.pairs.push((number, place));
            alignment.renamed.insert(number);
        }
    }
    alignment.pairs.sort_unstable();
}

/// The numbers of both lists that are in no pair.
pub(super) fn unpaired(
    pairs: &[(usize, usize)],
    old: usize,
    new: usize,
) -> (Vec<usize>, Vec<usize>) {
    let first: HashSet<usize> = pairs.iter().map(|(first, _)| *first).collect();
    let second: HashSet<usize> = pairs.iter().map(|(_, second)| *second).collect();
    (
        (0..old).filter(|number| !first.contains(number)).collect(),
        (0..new).filter(|number| !second.contains(number)).collect(),
    )
}

/// Between two pairs that stay, entries of the same kind in their order.
fn between(
    pairs: &[(usize, usize)],
    anchors: &[(usize, usize)],
    old: &[Node<'_>],
    new: &[Node<'_>],
) -> Vec<(usize, usize)> {
    let (first, second) = unpaired(pairs, old.len(), new.len());
    let (mut first, mut second) = (first.into_iter().peekable(), second.into_iter().peekable());
    let mut found = Vec::new();
    let ends = anchors.iter().copied().chain([(old.len(), new.len())]);
    for (old_end, new_end) in ends {
        let mut left = std::iter::from_fn(|| first.next_if(|number| *number < old_end));
        let mut right = std::iter::from_fn(|| second.next_if(|number| *number < new_end));
        let (left, right): (Vec<usize>, Vec<usize>) =
            (left.by_ref().collect(), right.by_ref().collect());
        let alike = left.iter().zip(&right);
        let alike = alike.filter(|(left, right)| kind(&old[**left]) == kind(&new[**right]));
        found.extend(alike.map(|(left, right)| (*left, *right)));
    }
    found
}

fn kind(node: &Node<'_>) -> u8 {
    match node.value {
        Value::Array(_) => 0,
        Value::Object(_) => 1,
        _ => 2,
    }
}

/// The places of the longest run of pairs whose second numbers grow.
fn increasing(pairs: &[(usize, usize)]) -> Vec<usize> {
    // The place at which the best run of each length ends, and what is before each place.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; pairs.len()];
    for (place, (_, second)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < *second);
        before[place] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(place);
        } else {
            ends[length] = place;
        }
    }
    let mut run = Vec::with_capacity(ends.len());
    let mut place = ends.last().copied();
    while let Some(found) = place {
        run.push(found);
        place = before[found];
    }
    run.reverse();
    run
}
