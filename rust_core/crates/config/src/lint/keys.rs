//! The rules key-duplicates and key-ordering. Keys of all open mappings lie in one list; a mapping
//! of many keys gets a set of its own.

use std::collections::HashSet;
use std::hash::BuildHasher;
use std::hash::RandomState;

use super::configuration::Configuration;
use super::mark::Mark;
use super::report::Report;
use super::rule::Rule;

/// Above so many keys a set is faster than a look at each.
const FEW: usize = 16;

/// Where a key's value stands: in the text, or here when it had escapes or several lines.
#[derive(Clone, Copy)]
enum Text {
    Span(usize, usize),
    Own(usize),
}

#[derive(Clone, Copy)]
struct Key {
    /// The length and the first bytes: most keys differ in them.
    mark: u64,
    text: Text,
}

/// One open mapping.
#[derive(Default)]
struct Open {
    first: usize,
    first_own: usize,
    greatest: Option<usize>,
    many: Option<HashSet<u64>>,
}

pub(crate) struct Keys<'c> {
    duplicates: bool,
    with_merge: bool,
    ordering: bool,
    ignored: &'c [regex::Regex],
    list: Vec<Key>,
    own: Vec<String>,
    open: Vec<Open>,
    state: RandomState,
}

impl<'c> Keys<'c> {
    pub(crate) fn new(configuration: &'c Configuration, report: &Report<'_>) -> Self {
        Self {
            duplicates: report.is_on(Rule::KeyDuplicates),
            with_merge: configuration
                .setting(Rule::KeyDuplicates)
                .bool("forbid-duplicated-merge-keys"),
            ordering: report.is_on(Rule::KeyOrdering),
            ignored: configuration
                .setting(Rule::KeyOrdering)
                .patterns("ignored-keys"),
            list: Vec::new(),
            own: Vec::new(),
            open: Vec::new(),
            state: RandomState::new(),
        }
    }

    pub(crate) fn open(&mut self) {
        self.open.push(Open {
            first: self.list.len(),
            first_own: self.own.len(),
            ..Open::default()
        });
    }

    pub(crate) fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            self.list.truncate(open.first);
            self.own.truncate(open.first_own);
        }
    }

    /// A scalar that is a key, without properties.
    pub(crate) fn key(&mut self, report: &mut Report<'_>, value: &str, start: Mark) {
        if !self.duplicates && !self.ordering {
            return;
        }
        let Some(mut open) = self.open.pop() else {
            return;
        };
        let mark = mark_of(value);
        let is_twice = self.find(report.text, &mut open, mark, value);
        if is_twice && self.duplicates && (value != "<<" || self.with_merge) {
            let message = format!("duplication of key \"{value}\" in mapping");
            report.add_at(Rule::KeyDuplicates, start, message);
        }
        let is_ordered = self.ordering && !self.ignored.iter().any(|one| one.is_match(value));
        if !is_twice || is_ordered {
            let text = self.keep(report.text, value);
            self.list.push(Key { mark, text });
            if is_ordered {
                self.order(report, &mut open, value, start);
            }
        }
        self.open.push(open);
    }

    fn keep(&mut self, text: &str, value: &str) -> Text {
        let from = (value.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
        let to = from.wrapping_add(value.len());
        if from <= to && text.get(from..to) == Some(value) {
            return Text::Span(from, to);
        }
        self.own.push(value.to_owned());
        Text::Own(self.own.len() - 1)
    }

    fn value<'a>(&'a self, text: &'a str, key: Text) -> &'a str {
        match key {
            Text::Span(from, to) => &text[from..to],
            Text::Own(at) => &self.own[at],
        }
    }

    fn find(&self, text: &str, open: &mut Open, mark: u64, value: &str) -> bool {
        let keys = &self.list[open.first..];
        if let Some(many) = &mut open.many {
            return !many.insert(self.state.hash_one(value));
        }
        let is_twice = keys
            .iter()
            .any(|key| key.mark == mark && self.value(text, key.text) == value);
        if keys.len() >= FEW && !is_twice {
            let mut many: HashSet<u64> = keys
                .iter()
                .map(|key| self.state.hash_one(self.value(text, key.text)))
                .collect();
            many.insert(self.state.hash_one(value));
            open.many = Some(many);
        }
        is_twice
    }

    /// The key is the last in the list.
    fn order(&self, report: &mut Report<'_>, open: &mut Open, value: &str, start: Mark) {
        let is_less = open
            .greatest
            .is_some_and(|greatest| value < self.value(report.text, self.list[greatest].text));
        if is_less {
            let message = format!("wrong ordering of key \"{value}\" in mapping");
            report.add_at(Rule::KeyOrdering, start, message);
        } else {
            open.greatest = Some(self.list.len() - 1);
        }
    }
}

fn mark_of(value: &str) -> u64 {
    let mut first = [0; 8];
    let count = value.len().min(8);
    first[..count].copy_from_slice(&value.as_bytes()[..count]);
    u64::from_le_bytes(first) ^ (value.len() as u64) << 56
}
