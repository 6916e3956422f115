//! One rule as a configuration has it: on or off, its level, its options, where it does not apply.

use ignore::gitignore::Gitignore;
use regex::Regex;

use super::rule::{Default, OptionEntry, Rule};
use crate::finding::Level;

/// An option's value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Bool(bool),
    Int(i64),
    Word(&'static str),
    Words(Vec<&'static str>),
    Patterns(Vec<Regex>),
}

/// One rule's part of a configuration.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// None when the rule is off.
    pub(crate) level: Option<Level>,
    pub(crate) ignored: Option<Gitignore>,
    entries: &'static [OptionEntry],
    values: Vec<Value>,
}

impl Setting {
    /// Off, with default options.
    pub(crate) fn new(rule: Rule) -> Self {
        let entries = rule.options();
        let default = |entry: &OptionEntry| match entry.2 {
            Default::Bool(value) => Value::Bool(value),
            Default::Int(value) => Value::Int(value),
            Default::Word(value) => Value::Word(value),
            Default::Words(value) => Value::Words(value.to_vec()),
            Default::NoPatterns => Value::Patterns(Vec::new()),
        };
        Self {
            level: None,
            ignored: None,
            entries,
            values: entries.iter().map(default).collect(),
        }
    }

    pub(crate) fn set(&mut self, name: &str, value: Value) {
        if let Some(at) = self.entries.iter().position(|entry| entry.0 == name) {
            self.values[at] = value;
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        let at = self.entries.iter().position(|entry| entry.0 == name);
        debug_assert!(at.is_some(), "no option {name}");
        self.values.get(at?)
    }

    /// Whether a switch is on; the words of a switch with more positions are not `true`.
    pub(crate) fn bool(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::Bool(true)))
    }

    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(Value::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// A bound; negative ones bound nothing.
    pub(crate) fn bound(&self, name: &str) -> Option<usize> {
        usize::try_from(self.int(name)?).ok()
    }

    pub(crate) fn word(&self, name: &str) -> &'static str {
        match self.get(name) {
            Some(Value::Word(value)) => value,
            _ => "",
        }
    }

    pub(crate) fn words(&self, name: &str) -> &[&'static str] {
        match self.get(name) {
            Some(Value::Words(values)) => values,
            _ => &[],
        }
    }

    pub(crate) fn patterns(&self, name: &str) -> &[Regex] {
        match self.get(name) {
            Some(Value::Patterns(values)) => values,
            _ => &[],
        }
    }
}
