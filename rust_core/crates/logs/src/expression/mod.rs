//! Expressions over the fields of events, as in `status >= 500 and path ~ "^/api"`.
//!
//! The language is specified in the section "Expressions" of `docs/logs.md`. It knows an event
//! only by [`Fields`]; which fields an event has and what they are is not decided here.

mod comparison;
mod error;
mod evaluate;
mod lexer;
mod literal;
mod parser;
mod tree;

pub use error::{ExpressionError, Problem};
pub(crate) use literal::number_length;

use crate::level::Level;
use crate::time::WallClock;
use evaluate::Step;

/// The longest expression in bytes.
pub const TEXT_LIMIT: usize = 65_536;
/// How many parentheses may be open at once.
pub const DEPTH_LIMIT: usize = 100;
/// How many tests and values an expression may have.
pub const OPERAND_LIMIT: usize = 1_000;
/// How many regular expressions one may have.
pub const REGEX_LIMIT: usize = 32;

/// A value of an event's field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'v> {
    /// Bytes as in the log; they may be no UTF-8.
    Text(&'v [u8]),
    /// A JSON number, or a field that is known to be a number, such as the status.
    Number(f64),
    /// True or false.
    Bool(bool),
    /// JSON's null.
    Null,
    /// The level of the event.
    Level(Level),
    /// In nanoseconds since 1970 UTC.
    Time(i64),
}

/// An event's fields by name.
pub trait Fields {
    /// None when the event has no such field.
    fn field(&self, name: &str) -> Option<Value<'_>>;
}

/// A condition on events. Threads that share one are faster with a clone each: a regular
/// expression lends its scratch memory to one thread at a time.
#[derive(Clone, Debug)]
pub struct Expression {
    names: Vec<String>,
    steps: Vec<Step>,
}

impl Expression {
    /// Reads an expression; relative times count from `now_nanoseconds` (since 1970 UTC), times
    /// without a zone are those of a clock on the wall.
    ///
    /// # Errors
    ///
    /// The first place that does not fit the language, or a limit that is passed.
    pub fn parse(
        text: &str,
        now_nanoseconds: i64,
        wall: &WallClock,
    ) -> Result<Self, ExpressionError> {
        let now = literal::Now {
            nanoseconds: now_nanoseconds,
            wall: wall.clone(),
        };
        let (names, steps) = parser::parse(text, now)?;
        Ok(Self { names, steps })
    }

    /// Whether an event meets the condition.
    pub fn matches(&self, event: &impl Fields) -> bool {
        evaluate::run(&self.steps, &self.names, event)
    }

    /// The names that it reads, each once, in the order of their first use.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }
}
