//! A JSON Patch (RFC 6902) from one value to the other, the order of lists included.

use std::collections::{HashMap, HashSet};
use std::hash::RandomState;

use serde_json::{Value, json};

use super::align::{align, unpaired};
use super::compare::{escaped, new_names};
use super::node::Node;

/// Steps through a list to put its entries in order; beyond that the whole list is replaced.
const MOST_STEPS: usize = 20_000_000;

/// The operations in order.
pub(super) fn patch(old: &Node<'_>, new: &Node<'_>, state: &RandomState) -> Vec<Value> {
    let mut patch = Patch {
        state,
        operations: Vec::new(),
    };
    patch.compare(old, new, "");
    patch.operations
}

struct Patch<'s> {
    state: &'s RandomState,
    operations: Vec<Value>,
}

impl Patch<'_> {
    fn add(&mut self, path: &str, value: &Value) {
        self.operations
            .push(json!({"op": "add", "path": path, "value": value}));
    }

    fn remove(&mut self, path: &str) {
        self.operations.push(json!({"op": "remove", "path": path}));
    }

    fn replace(&mut self, path: &str, value: &Value) {
        self.operations
            .push(json!({"op": "replace", "path": path, "value": value}));
    }

    fn relocate(&mut self, from: &str, path: &str) {
        self.operations
            .push(json!({"op": "move", "from": from, "path": path}));
    }

    fn compare(&mut self, old: &Node<'_>, new: &Node<'_>, path: &str) {
        if old.hash == new.hash {
            return;
        }
        match (old.value, new.value) {
            (Value::Object(_), Value::Object(_)) => self.mappings(old, new, path),
            (Value::Array(_), Value::Array(_)) => self.lists(old, new, path),
            _ => self.replace(path, new.value),
        }
    }

    fn mappings(&mut self, old: &Node<'_>, new: &Node<'_>, path: &str) {
        let (Value::Object(before), Value::Object(after)) = (old.value, new.value) else {
            return;
        };
        let names = new_names(old, new);
        let values: HashMap<&str, &Node<'_>> =
            after.keys().map(String::as_str).zip(&new.inner).collect();
        for (key, value) in before.keys().zip(&old.inner) {
            let place = format!("{path}/{}", escaped(key));
            if let Some(other) = values.get(key.as_str()) {
                self.compare(value, other, &place);
            } else if let Some(name) = names.get(key.as_str()) {
                self.relocate(&place, &format!("{path}/{}", escaped(name)));
            } else {
                self.remove(&place);
            }
        }
        let taken: HashSet<&str> = names.into_values().collect();
        for (key, value) in after {
            if !before.contains_key(key) && !taken.contains(key.as_str()) {
                self.add(&format!("{path}/{}", escaped(key)), value);
            }
        }
    }

    fn lists(&mut self, old: &Node<'_>, new: &Node<'_>, path: &str) {
        let (before, after) = (&old.inner, &new.inner);
        let alignment = align(before, after, false, self.state);
        let (gone, came) = unpaired(&alignment.pairs, before.len(), after.len());
        let steps = (came.len() + alignment.moved.len()) * (before.len() + after.len());
        if steps > MOST_STEPS {
            self.replace(path, new.value);
            return;
        }
        for number in gone.iter().rev() {
            self.remove(&format!("{path}/{number}"));
        }
        // What the list has now: numbers of entries in the new one.
        let mut present: Vec<usize> = alignment.pairs.iter().map(|(_, place)| *place).collect();
        let others: HashMap<usize, usize> = alignment
            .pairs
            .iter()
            .map(|(number, place)| (*place, *number))
            .collect();
        for (place, entry) in after.iter().enumerate() {
            let paired = others.get(&place);
            if paired.is_some_and(|number| !alignment.moved.contains(number)) {
                continue;
            }
            let find = |present: &[usize], wanted| present.iter().position(|one| *one == wanted);
            let from = paired.and_then(|_| find(&present, place));
            if let Some(from) = from {
                present.remove(from);
            }
            let behind = place.checked_sub(1).and_then(|last| find(&present, last));
            let to = behind.map_or(0, |behind| behind + 1);
            present.insert(to, place);
            match from {
                Some(from) if from == to => {}
                Some(from) => self.relocate(&format!("{path}/{from}"), &format!("{path}/{to}")),
                None => self.add(&format!("{path}/{to}"), entry.value),
            }
        }
        for (number, place) in &alignment.pairs {
            self.compare(&before[*number], &after[*place], &format!("{path}/{place}"));
        }
    }
}
