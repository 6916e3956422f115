//! The walk through two documents. Recursion is as deep as the collections, which the limit of
//! depth bounds.

use std::collections::{HashMap, HashSet};
use std::hash::RandomState;

use serde_json::Value;

use super::align::{align, unpaired};
use super::node::Node;
use super::{Kind, Options};
use crate::access::{Path, Step};

/// One step from a collection to what is in it: as people read it, and as pointers of both sides.
#[derive(Clone)]
struct Trail {
    step: Step,
    old: String,
    new: String,
}

/// A value and where it is.
#[derive(Clone)]
pub(super) struct Spot<'t> {
    pub(super) pointer: String,
    pub(super) value: &'t Value,
    pub(super) at: usize,
}

/// A difference in one pair of documents.
pub(super) struct Difference<'t> {
    pub(super) kind: Kind,
    pub(super) path: Path,
    pub(super) new_path: Option<Path>,
    pub(super) old: Option<Spot<'t>>,
    pub(super) new: Option<Spot<'t>>,
}

pub(super) struct Comparison<'o, 't> {
    options: &'o Options,
    state: &'o RandomState,
    trail: Vec<Trail>,
    pub(super) differences: Vec<Difference<'t>>,
}

impl<'o, 't> Comparison<'o, 't> {
    pub(super) fn new(options: &'o Options, state: &'o RandomState) -> Self {
        Self {
            options,
            state,
            trail: Vec::new(),
            differences: Vec::new(),
        }
    }

    pub(super) fn compare(&mut self, old: &Node<'t>, new: &Node<'t>) {
        if old.hash == new.hash || self.is_ignored() {
            return;
        }
        match (old.value, new.value) {
            (Value::Object(_), Value::Object(_)) => self.mappings(old, new),
            (Value::Array(_), Value::Array(_)) => self.lists(old, new),
            _ => self.tell(Kind::Changed, Some(old), Some(new)),
        }
    }

    /// Tells of the value at the end of the trail.
    pub(super) fn tell(&mut self, kind: Kind, old: Option<&Node<'t>>, new: Option<&Node<'t>>) {
        if self.is_ignored() {
            return;
        }
        let spot = |node: &Node<'t>, pointer: String| Spot {
            pointer,
            value: node.value,
            at: node.at,
        };
        let steps = self.trail.iter().map(|trail| trail.step.clone()).collect();
        let pointer = |side: fn(&Trail) -> &str| -> String {
            self.trail
                .iter()
                .flat_map(|trail| ["/", side(trail)])
                .collect()
        };
        let difference = Difference {
            kind,
            path: Path { steps },
            new_path: None,
            old: old.map(|node| spot(node, pointer(|trail| &trail.old))),
            new: new.map(|node| spot(node, pointer(|trail| &trail.new))),
        };
        self.differences.push(difference);
    }

    fn renamed(&mut self, old: &Node<'t>, new: &Node<'t>, last: Step) {
        let count = self.differences.len();
        self.tell(Kind::Renamed, Some(old), Some(new));
        if let Some(difference) = self.differences.get_mut(count) {
            let mut path = difference.path.clone();
            path.steps.pop();
            path.steps.push(last);
            difference.new_path = Some(path);
        }
    }

    fn within(&mut self, step: Step, old: String, new: String, work: impl FnOnce(&mut Self)) {
        self.trail.push(Trail { step, old, new });
        work(self);
        self.trail.pop();
    }

    fn is_ignored(&self) -> bool {
        self.options.ignored.iter().any(|path| {
            path.steps.len() == self.trail.len()
                && path
                    .steps
                    .iter()
                    .zip(&self.trail)
                    .all(|(step, trail)| fits(step, trail))
        })
    }

    fn mappings(&mut self, old: &Node<'t>, new: &Node<'t>) {
        let (Value::Object(before), Value::Object(after)) = (old.value, new.value) else {
            return;
        };
        let places: HashMap<&str, usize> = after
            .keys()
            .enumerate()
            .map(|(number, key)| (key.as_str(), number))
            .collect();
        let names = new_names(old, new);
        for (key, value) in before.keys().zip(&old.inner) {
            let token = escaped(key);
            if let Some(place) = places.get(key.as_str()) {
                let other = &new.inner[*place];
                self.within(Step::Key(key.clone()), token.clone(), token, |this| {
                    this.compare(value, other);
                });
            } else if let Some(name) = names.get(key.as_str()) {
                let other = &new.inner[places[name]];
                self.within(Step::Key(key.clone()), token, escaped(name), |this| {
                    this.renamed(value, other, Step::Key((*name).to_owned()));
                });
            } else {
                self.within(Step::Key(key.clone()), token.clone(), token, |this| {
                    this.tell(Kind::Removed, Some(value), None);
                });
            }
        }
        let taken: HashSet<&str> = names.into_values().collect();
        for (key, value) in after.keys().zip(&new.inner) {
            if before.contains_key(key) || taken.contains(key.as_str()) {
                continue;
            }
            let token = escaped(key);
            self.within(Step::Key(key.clone()), token.clone(), token, |this| {
                this.tell(Kind::Added, None, Some(value));
            });
        }
    }

    fn lists(&mut self, old: &Node<'t>, new: &Node<'t>) {
        let (before, after) = (&old.inner, &new.inner);
        let alignment = align(before, after, self.options.ignores_order, self.state);
        let step = |number: usize, entry: &Node<'_>| match alignment.name {
            Some(name) => Step::Match {
                key: name.to_owned(),
                value: entry
                    .get(name)
                    .map_or_else(String::new, |value| text(value.value)),
            },
            None => Step::Index(i64::try_from(number).unwrap_or(i64::MAX)),
        };
        let others: HashMap<usize, usize> = alignment.pairs.iter().copied().collect();
        for (number, entry) in before.iter().enumerate() {
            let Some(place) = others.get(&number).copied() else {
                let token = number.to_string();
                self.within(step(number, entry), token.clone(), token, |this| {
                    this.tell(Kind::Removed, Some(entry), None);
                });
                continue;
            };
            let other = &after[place];
            let last = step(place, other);
            self.within(
                step(number, entry),
                number.to_string(),
                place.to_string(),
                |this| {
                    if alignment.renamed.contains(&number) {
                        this.renamed(entry, other, last);
                        return;
                    }
                    if alignment.moved.contains(&number) {
                        this.tell(Kind::Moved, Some(entry), Some(other));
                    }
                    this.compare(entry, other);
                },
            );
        }
        for place in unpaired(&alignment.pairs, before.len(), after.len()).1 {
            let (entry, token) = (&after[place], place.to_string());
            self.within(step(place, entry), token.clone(), token, |this| {
                this.tell(Kind::Added, None, Some(entry));
            });
        }
    }
}

/// For keys that are gone the new ones with the same value, where no other has it.
pub(super) fn new_names<'t>(old: &Node<'t>, new: &Node<'t>) -> HashMap<&'t str, &'t str> {
    let (Value::Object(before), Value::Object(after)) = (old.value, new.value) else {
        return HashMap::new();
    };
    let gone = before.keys().zip(&old.inner);
    let gone = gone.filter(|(key, value)| !after.contains_key(*key) && value.is_telling());
    let came = after.keys().zip(&new.inner);
    let came = came.filter(|(key, value)| !before.contains_key(*key) && value.is_telling());
    let mut known: HashMap<u64, (Vec<&str>, Vec<&str>)> = HashMap::new();
    for (key, value) in gone {
        known.entry(value.hash).or_default().0.push(key);
    }
    for (key, value) in came {
        known.entry(value.hash).or_default().1.push(key);
    }
    let pairs = known
        .into_values()
        .filter_map(|(gone, came)| match (&gone[..], &came[..]) {
            ([gone], [came]) => Some((*gone, *came)),
            _ => None,
        });
    pairs.collect()
}

/// Whether a step of an ignored path is the one gone; `*` is every one.
fn fits(step: &Step, trail: &Trail) -> bool {
    match step {
        Step::Key(key) if key == "*" => true,
        Step::Key(key) => escaped(key) == trail.old || escaped(key) == trail.new,
        Step::Index(index) => index.to_string() == trail.old || index.to_string() == trail.new,
        other => *other == trail.step,
    }
}

/// A key as a token of a JSON Pointer (RFC 6901, section 3).
pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), ToOwned::to_owned)
}
