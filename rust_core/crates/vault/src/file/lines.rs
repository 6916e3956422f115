//! What can be wrong with a line, and the small forms that lines are made of.

use base64ct::{Base64, Encoding};

use super::{
    MOST_BYTES, MOST_LINE_BYTES, MOST_PASSPHRASES, MOST_SECRETS, MOST_SLOT_BYTES, MOST_SLOTS,
};

/// A line that is not as the format has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct FormatError {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub problem: FormatProblem,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatProblem {
    /// The first line is another one.
    #[error("no vault: expected `{0}` as the first line")]
    NoVault(&'static str),
    /// A format of later.
    #[error("the format is {0}, this version reads {1}: a newer code-ops is needed")]
    Version(String, &'static str),
    /// Not printable ASCII.
    #[error("a character that no vault has")]
    Character,
    /// No line end at the end, or CR before it.
    #[error("a line does not end in one line feed")]
    LineEnd,
    /// Git merged the file as text, and did not know how.
    #[error("git marked a conflict here, `code-ops vault repair` settles it")]
    Conflict,
    /// The file is cut, or another line stands here.
    #[error("expected {0}")]
    Expected(&'static str),
    /// A label or name that stands twice.
    #[error("{0} stands twice")]
    Twice(String),
    /// A name that is not before the next one.
    #[error("{0} is not in the order of names")]
    Order(String),
    /// Costs that RFC 9106 does not have.
    #[error("{0}")]
    Costs(String),
    /// More than the limit.
    #[error("{0}")]
    Limit(&'static str),
}

/// Of a label.
pub(super) const MOST_LABEL: usize = 64;

pub(super) const TOO_LONG: FormatProblem = FormatProblem::Limit("a file of more than 256 MiB");
pub(super) const LINE_TOO_LONG: FormatProblem = FormatProblem::Limit("a line of more than 64 MiB");
pub(super) const SLOT_TOO_LONG: FormatProblem =
    FormatProblem::Limit("a slot of more than 65,536 bytes");
pub(super) const TOO_MANY_SLOTS: FormatProblem = FormatProblem::Limit("more than 1,024 slots");
pub(super) const TOO_MANY_PASSPHRASES: FormatProblem =
    FormatProblem::Limit("more than 16 slots for passphrases");
pub(super) const TOO_MANY_SECRETS: FormatProblem =
    FormatProblem::Limit("more than 100,000 secrets");

const _: () = assert!(MOST_BYTES == 256 << 20 && MOST_LINE_BYTES == 64 << 20);
const _: () = assert!(
    MOST_PASSPHRASES == 16
        && MOST_SLOT_BYTES == 65_536
        && MOST_SLOTS == 1024
        && MOST_SECRETS == 100_000
);

/// A text without what could move a terminal's cursor. A carriage return passes, as what is wrong
/// with it has words of its own.
pub(super) fn plain(bytes: &[u8]) -> Result<&str, FormatError> {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r');
    let strange = bytes.iter().position(|byte| !is_plain(byte));
    let text = match strange {
        None => std::str::from_utf8(bytes).ok(),
        Some(_) => None,
    };
    text.ok_or_else(|| FormatError {
        line: bytes[..strange.unwrap_or(0)]
            .split(|&byte| byte == b'\n')
            .count(),
        problem: FormatProblem::Character,
    })
}

/// The lines of a file, each with its number.
pub(super) struct Lines<'a> {
    rest: &'a str,
    number: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            number: 0,
        }
    }

    /// The next line, without its end; none at the end of the text.
    pub(super) fn next(&mut self) -> Result<Option<&'a str>, FormatError> {
        self.number += 1;
        if self.rest.is_empty() {
            return Ok(None);
        }
        let found = self.rest.split_once('\n');
        let (line, rest) = found.ok_or_else(|| self.wrong(FormatProblem::LineEnd))?;
        if line.contains('\r') {
            return Err(self.wrong(FormatProblem::LineEnd));
        }
        if line.starts_with("<<<<<<<") {
            return Err(self.wrong(FormatProblem::Conflict));
        }
        if line.len() > MOST_LINE_BYTES {
            return Err(self.wrong(LINE_TOO_LONG));
        }
        self.rest = rest;
        Ok(Some(line))
    }

    /// The next line, where there has to be one.
    pub(super) fn expect(&mut self, what: &'static str) -> Result<&'a str, FormatError> {
        let line = self.next()?;
        line.ok_or_else(|| self.wrong(FormatProblem::Expected(what)))
    }

    /// An error of the line that was read last.
    pub(super) fn wrong(&self, problem: FormatProblem) -> FormatError {
        FormatError {
            line: self.number,
            problem,
        }
    }

    /// What has not been read.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }
}

/// Canonical base64 with padding.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    Base64::decode_vec(text).ok()
}

pub(super) fn to_base64(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// The rest of a field after its name and `=`.
pub(super) fn field<'a>(text: Option<&'a str>, name: &str) -> Option<&'a str> {
    text?.strip_prefix(name)?.strip_prefix('=')
}
