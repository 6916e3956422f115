//! What the commands `check` and `lint` find, as plain data. The path of the file and the excerpt
//! belong to who has the file.

use std::borrow::Cow;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Must be right.
    Error,
    /// Should be right.
    Warning,
}

/// A place for people: both numbers start at one, columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// The line.
    pub line: u32,
    /// The character in the line.
    pub column: u32,
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The name of the rule, in kebab-case.
    pub rule: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What is wrong, without a full stop.
    pub message: Cow<'static, str>,
    /// Where.
    pub start: LineColumn,
    /// One past the end, where it is known.
    pub end: Option<LineColumn>,
    /// A way out, where there is one.
    pub hint: Option<Box<str>>,
}
