//! Documents as tokens of JSON's model, one after another: scalars resolved, aliases expanded
//! within a limit, merge keys applied where wanted, duplicate keys refused. No tree is built.
//!
//! Owns what a document means; how it is written is for the [`ValueSink`].

mod keys;
mod log;
mod resolver;
mod scalar;

pub(crate) use log::{Entry, Log};
pub(crate) use resolver::{Reading, Resolver};
pub(crate) use scalar::{decimal, number, scalar};

/// A float that is no number of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    Infinity,
    NegativeInfinity,
    NotANumber,
}

impl Special {
    /// As YAML writes it.
    pub(crate) fn yaml(self) -> &'static str {
        match self {
            Self::Infinity => ".inf",
            Self::NegativeInfinity => "-.inf",
            Self::NotANumber => ".nan",
        }
    }
}

/// A leaf. Numbers are as JSON writes them, with the digits of the source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Integer(&'a str),
    Float(&'a str),
    Special(Special),
    Text(&'a str),
    /// A date or time of TOML, as TOML writes it.
    Time(&'a str),
}

impl<'a> Scalar<'a> {
    /// Its text, as of a key where all keys are texts.
    #[inline]
    pub(crate) fn text(self) -> &'a str {
        match self {
            Self::Null => "null",
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
            Self::Special(special) => special.yaml(),
            Self::Integer(text) | Self::Float(text) | Self::Text(text) | Self::Time(text) => text,
        }
    }
}

/// A step of a document. In a mapping keys and values follow in turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token<'a> {
    MappingStart,
    MappingEnd,
    SequenceStart,
    SequenceEnd,
    Key(Scalar<'a>),
    Value(Scalar<'a>),
}

/// Why a document goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Something in the text, at this byte.
    Unfit { problem: String, at: usize },
    /// Nobody waits any more.
    Cancelled,
}

impl Stop {
    pub(crate) fn unfit(problem: impl Into<String>, at: usize) -> Self {
        Self::Unfit {
            problem: problem.into(),
            at,
        }
    }
}

/// Takes the tokens of documents, each with the byte where it stands.
pub(crate) trait ValueSink {
    fn start_document(&mut self, at: usize) -> Result<(), Stop>;
    fn token(&mut self, token: Token<'_>, at: usize) -> Result<(), Stop>;
    fn end_document(&mut self) -> Result<(), Stop>;
}
