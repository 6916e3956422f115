//! Why there is no answer, or no change.

use thiserror::Error;

use super::path::PathError;
use crate::files::FileError;
use crate::{Position, SyntaxError};

/// Why a path gives no value, a query no result, or a file stays as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AccessError {
    /// The path cannot be read.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The query cannot be read.
    #[error("query:{column}: {problem}")]
    Query {
        /// The character, from one.
        column: usize,
        /// In the words of the query's reader.
        problem: String,
    },
    /// The input is not YAML or JSON, or past a limit.
    #[error(transparent)]
    Syntax(Box<SyntaxError>),
    /// The path ends before the value.
    #[error("{}:{}: `{reached}` {}", position.line, position.column, missing(.why, .similar))]
    Missing {
        /// The path as far as it leads.
        reached: String,
        /// What is not there.
        why: String,
        /// Keys that may be meant.
        similar: Vec<String>,
        /// Of the last node on the path.
        position: Box<Position>,
    },
    /// There are fewer documents.
    #[error("there is no document {number}, the stream has {count}")]
    NoDocument {
        /// The one wanted, from one.
        number: usize,
        /// How many there are.
        count: usize,
    },
    /// Several documents have the path.
    #[error(
        "{count} documents have `{path}`, such as {first} and {second}: choose one with `--document`"
    )]
    SeveralDocuments {
        /// The path.
        path: String,
        /// The first of them, from one.
        first: usize,
        /// The second.
        second: usize,
        /// How many.
        count: usize,
    },
    /// Something in the text makes it impossible.
    #[error("{}:{}: {problem}", position.line, position.column)]
    Unfit {
        /// What it is, with a way out.
        problem: String,
        /// Where.
        position: Box<Position>,
    },
    /// The new value is none of its type, or a step is none to make.
    #[error("{problem}")]
    Request {
        /// Why.
        problem: String,
    },
    /// The text or the file is not one to do this with.
    #[error("{problem}")]
    Value {
        /// Why.
        problem: String,
    },
    /// Read again, the changed text would not be as wanted.
    #[error("nothing was written: read again, the changed text {problem}")]
    Check {
        /// What differs.
        problem: String,
    },
    /// The file changed while it was read.
    #[error("nothing was written: the file was changed by another program meanwhile")]
    Changed,
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

fn missing(why: &str, similar: &[String]) -> String {
    match similar {
        [] => why.to_owned(),
        [only] => format!("{why}, did you mean `{only}`?"),
        several => format!("{why}, did you mean one of `{}`?", several.join("`, `")),
    }
}

impl AccessError {
    pub(crate) fn unfit(text: &str, at: usize, problem: impl Into<String>) -> Self {
        Self::Unfit {
            problem: problem.into(),
            position: Box::new(Position::of(text, at)),
        }
    }

    pub(crate) fn request(problem: impl Into<String>) -> Self {
        Self::Request {
            problem: problem.into(),
        }
    }

    pub(crate) fn value(problem: impl Into<String>) -> Self {
        Self::Value {
            problem: problem.into(),
        }
    }
}

impl From<SyntaxError> for AccessError {
    fn from(error: SyntaxError) -> Self {
        Self::Syntax(Box::new(error))
    }
}
