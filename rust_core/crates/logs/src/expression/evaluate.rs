//! Evaluation: a list of tests, each of which says which one is next, so that nothing is put on a
//! stack or allocated for an event.

use std::cmp::Ordering;
use std::fmt::{self, Write};

use memchr::memmem::Finder;
use regex::bytes::Regex;

use super::literal::{boolean, level, number};
use super::{Fields, Value};
use crate::level::Level;

/// A test of one field and what follows it.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// The place of the field's name.
    pub(super) name: usize,
    pub(super) test: Test,
    /// The step when the test holds, [`ACCEPT`] or [`REJECT`].
    pub(super) yes: usize,
    pub(super) no: usize,
}

/// The end, where the event meets the condition.
pub(super) const ACCEPT: usize = usize::MAX;
/// The end, where it does not.
pub(super) const REJECT: usize = usize::MAX - 1;

#[derive(Clone, Debug)]
pub(super) enum Test {
    Exists,
    /// The name alone.
    IsTrue,
    Compare(Comparison, Constant),
    In(Box<[Constant]>),
    Matches(Regex),
    Contains(Box<Finder<'static>>),
    StartsWith(Box<[u8]>),
    EndsWith(Box<[u8]>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A literal.
#[derive(Clone, Debug)]
pub(super) enum Constant {
    Number(f64),
    Text(Box<TextConstant>),
    Bool(bool),
    Null,
    Level(Level),
    Time(i64),
}

/// A text, and what it means beside a value of another type.
#[derive(Clone, Debug)]
pub(super) struct TextConstant {
    pub(super) bytes: Vec<u8>,
    pub(super) number: Option<f64>,
    pub(super) boolean: Option<bool>,
    pub(super) level: Option<Level>,
    pub(super) time: Option<i64>,
}

/// Steps lead forward only, so this ends.
pub(super) fn run(steps: &[Step], names: &[String], event: &impl Fields) -> bool {
    let mut at = 0;
    while let Some(step) = steps.get(at) {
        let value = names.get(step.name).and_then(|name| event.field(name));
        at = if step.test.holds(value) {
            step.yes
        } else {
            step.no
        };
    }
    at == ACCEPT
}

impl Test {
    fn holds(&self, value: Option<Value<'_>>) -> bool {
        let Some(value) = value else {
            return self.holds_without();
        };
        match self {
            Self::Exists => true,
            Self::IsTrue => is_true(value),
            Self::Compare(comparison, constant) => comparison.holds(value, constant),
            Self::In(constants) => constants
                .iter()
                .any(|constant| Comparison::Equal.holds(value, constant)),
            Self::Matches(regex) => as_text(value, |text| regex.is_match(text)),
            Self::Contains(finder) => as_text(value, |text| finder.find(text).is_some()),
            Self::StartsWith(start) => as_text(value, |text| text.starts_with(start)),
            Self::EndsWith(end) => as_text(value, |text| text.ends_with(end)),
        }
    }

    /// Without the field only `== null` holds.
    fn holds_without(&self) -> bool {
        match self {
            Self::Compare(Comparison::Equal, constant) => constant.is_null(),
            Self::In(constants) => constants.iter().any(Constant::is_null),
            _ => false,
        }
    }
}

impl Comparison {
    fn holds(self, value: Value<'_>, constant: &Constant) -> bool {
        let Some(order) = compare(value, constant) else {
            return false;
        };
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
        }
    }
}

impl Constant {
    fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// `None` where the types do not fit.
fn compare(value: Value<'_>, constant: &Constant) -> Option<Ordering> {
    match (value, constant) {
        (Value::Number(left), Constant::Number(right)) => left.partial_cmp(right),
        (Value::Number(left), Constant::Text(right)) => left.partial_cmp(&right.number?),
        (Value::Text(left), Constant::Text(right)) => Some(left.cmp(&right.bytes)),
        (Value::Text(left), Constant::Number(right)) => number(left)?.partial_cmp(right),
        (Value::Text(left), Constant::Bool(right)) => Some(boolean(left)?.cmp(right)),
        (Value::Text(left), Constant::Level(right)) => Some(level(left)?.cmp(right)),
        (Value::Bool(left), Constant::Bool(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Constant::Text(right)) => Some(left.cmp(&right.boolean?)),
        (Value::Level(left), Constant::Level(right)) => Some(left.cmp(right)),
        (Value::Level(left), Constant::Text(right)) => Some(left.cmp(&right.level?)),
        (Value::Time(left), Constant::Time(right)) => Some(left.cmp(right)),
        (Value::Time(left), Constant::Text(right)) => Some(left.cmp(&right.time?)),
        (Value::Null, Constant::Null) => Some(Ordering::Equal),
        _ => None,
    }
}

/// What a name alone says; logfmt writes all values as texts.
fn is_true(value: Value<'_>) -> bool {
    match value {
        Value::Text(text) => {
            let is_zero = number(text).is_some_and(is_zero);
            !text.is_empty() && text != b"false" && !is_zero
        }
        Value::Number(number) => !is_zero(number),
        Value::Bool(boolean) => boolean,
        Value::Null => false,
        Value::Level(level) => level != Level::Unknown,
        Value::Time(_) => true,
    }
}

fn is_zero(number: f64) -> bool {
    number == 0.0
}

/// Whether it holds for the text of a value; not where it has none.
fn as_text(value: Value<'_>, holds: impl FnOnce(&[u8]) -> bool) -> bool {
    match value {
        Value::Text(text) => holds(text),
        Value::Level(level) => holds(level.name().as_bytes()),
        Value::Bool(boolean) => holds(if boolean { b"true" } else { b"false" }),
        Value::Number(number) => {
            let mut digits = Digits::default();
            write!(digits, "{number}").is_ok() && holds(&digits.bytes[..digits.length])
        }
        Value::Null | Value::Time(_) => false,
    }
}

/// The text of a number, without an allocation.
#[derive(Default)]
struct Digits {
    bytes: [u8; 32],
    length: usize,
}

impl Write for Digits {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let free = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        free.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}
