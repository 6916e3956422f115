//! What is wrong with an expression, where, and how that is shown.

use std::ops::Range;

use super::{DEPTH_LIMIT, OPERAND_LIMIT, REGEX_LIMIT, TEXT_LIMIT};

/// An expression that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
#[non_exhaustive]
pub struct ExpressionError {
    /// What is wrong.
    pub problem: Problem,
    /// Where, in bytes of the text; empty at its end.
    pub span: Range<usize>,
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Nothing but blanks.
    #[error("the expression is empty; write a condition, as in status >= 500")]
    Empty,
    /// Another token than can stand there.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What can stand there.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// A quote, back quote or slash that opens and does not close.
    #[error("this `{delimiter}` has no closing one")]
    Unclosed {
        /// The mark.
        delimiter: char,
    },
    /// A parenthesis that does not close.
    #[error("this parenthesis is not closed")]
    UnclosedParenthesis,
    /// A parenthesis that was not opened.
    #[error("this parenthesis closes none")]
    UnopenedParenthesis,
    /// A quote as word processors write it.
    #[error("`{found}` is a quote of typesetting; write \" or '")]
    TypographicQuote {
        /// The quote.
        found: char,
    },
    /// A character that begins nothing.
    #[error("nothing begins with `{}`; a text stands in quotes, an unusual name in back quotes", found.escape_debug())]
    UnknownCharacter {
        /// The character.
        found: char,
    },
    /// Signs that are no operator.
    #[error(
        "`{found}` is no operator; there are == = != < <= > >= ~ !~ in contains startswith endswith"
    )]
    UnknownOperator {
        /// The signs.
        found: String,
    },
    /// A backslash before something else than an escape.
    #[error("`{found}` is no escape of a text; a backslash is written twice")]
    UnknownEscape {
        /// The escape.
        found: String,
    },
    /// Back quotes with nothing between them.
    #[error("a name has at least one character")]
    EmptyName,
    /// A word of the language in the place of a field.
    #[error("`{word}` is a word of the language; a field of this name stands in back quotes")]
    Reserved {
        /// The word.
        word: String,
    },
    /// What begins like a number and is none.
    #[error("`{found}` is no number; a date, an address or another text stands in quotes")]
    Number {
        /// What stands there.
        found: String,
    },
    /// A number too large for a double.
    #[error("`{found}` is too large a number")]
    NumberRange {
        /// The number.
        found: String,
    },
    /// A number with an unknown unit.
    #[error(
        "`{unit}` is no unit; durations have ns us ms s m h d, sizes B kB MB GB TB KiB MiB GiB TiB"
    )]
    UnknownUnit {
        /// The unit.
        unit: String,
    },
    /// A duration beside a field that does not tell what it counts.
    #[error(
        "the name `{name}` does not tell what it counts: a duration goes with names that end with \
         _ns, _us, _ms, _s, _sec or _seconds; write a number without a unit"
    )]
    UnitOfField {
        /// The field.
        name: String,
    },
    /// A word that names no level, where only a level can stand.
    #[error(
        "`{word}` is no level; levels are trace debug info notice warning error critical alert \
         emergency unknown"
    )]
    UnknownLevel {
        /// The word.
        word: String,
    },
    /// A text that is no time, where only a time can stand.
    #[error(
        "`{text}` is no time; write \"2026-11-20T10:00\", now, today, yesterday, or -2h for two \
         hours ago"
    )]
    UnknownTime {
        /// The text.
        text: String,
    },
    /// A word without quotes in the place of a value.
    #[error("`{word}` has to stand in quotes: two fields cannot be compared")]
    Unquoted {
        /// The word.
        word: String,
    },
    /// A comparison that goes on.
    #[error("comparisons do not chain; join two of them with `and`")]
    Chained,
    /// More or less than `null`.
    #[error("`{operator}` cannot stand before null; only == and != can")]
    Unordered {
        /// The operator.
        operator: &'static str,
    },
    /// An operator of texts beside the time.
    #[error("`{operator}` reads texts, and `{name}` is a time; compare it with < <= > >=")]
    NoText {
        /// The operator.
        operator: &'static str,
        /// The field.
        name: String,
    },
    /// A call of something else than `exists`.
    #[error("there is no function `{name}`; the only one is exists(name)")]
    UnknownFunction {
        /// The name.
        name: String,
    },
    /// A regular expression that does not compile.
    #[error("in the regular expression: {message}")]
    Regex {
        /// What its compiler says.
        message: String,
    },
    /// A letter behind a regular expression that is no flag.
    #[error("`{found}` is no flag; the only one is i, which takes capital and small letters alike")]
    UnknownFlag {
        /// The letters.
        found: String,
    },
    /// A regular expression that needs too much memory.
    #[error("the regular expression is too large; repeat less, or use (?-u) for ASCII classes")]
    RegexSize,
    /// More text than is read.
    #[error("the expression is longer than {TEXT_LIMIT} bytes")]
    TooLong,
    /// Parentheses in parentheses.
    #[error("more than {DEPTH_LIMIT} parentheses are open")]
    TooDeep,
    /// Too many tests and values.
    #[error("more than {OPERAND_LIMIT} tests and values")]
    TooManyOperands,
    /// Too many regular expressions.
    #[error("more than {REGEX_LIMIT} regular expressions; join them with |")]
    TooManyRegexes,
}

/// How many characters of the text are shown.
const WIDTH: usize = 100;
/// How many of them stand before the place.
const BEFORE: usize = 60;

impl ExpressionError {
    pub(super) fn new(problem: Problem, span: Range<usize>) -> Self {
        Self { problem, span }
    }

    /// The message, the line of the text and a line that marks the place as in `^~~~`, each
    /// character one column wide; without a line end behind. Control characters are shown as
    /// blanks, and of a long line the part about the place.
    #[must_use]
    pub fn render(&self, text: &str) -> String {
        let before = text.get(..self.span.start).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = text.get(start..).unwrap_or_default();
        let line = line.split('\n').next().unwrap_or_default();

        let column = before[start..].chars().count();
        let marked = line
            .char_indices()
            .filter(|(at, _)| self.span.contains(&(start + at)));
        let width = marked.count().max(1);
        let skipped = if line.chars().count() <= WIDTH {
            0
        } else {
            column.saturating_sub(BEFORE)
        };
        let shown = line.chars().skip(skipped).take(WIDTH);
        let shown: String = shown
            .map(|character| {
                if character.is_control() {
                    ' '
                } else {
                    character
                }
            })
            .collect();
        let indent = column - skipped;
        let tail = "~".repeat(width.min(WIDTH.saturating_sub(indent)).saturating_sub(1));
        format!("{self}\n  {shown}\n  {:indent$}^{tail}", "")
    }
}
