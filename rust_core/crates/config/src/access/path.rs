//! Paths as they are typed: `spec.containers[0].image`, or a JSON Pointer (RFC 6901).

use std::fmt;

use thiserror::Error;

/// More steps than any document may be deep.
const MOST_STEPS: usize = 1_000;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A mapping's entry by the text of its key; in a sequence digits are an index.
    Key(String),
    /// A sequence's entry, from the end when negative; in a mapping the key of these digits.
    Index(i64),
    /// The entry of a sequence that is a mapping with this key and value.
    Match {
        /// The key.
        key: String,
        /// The text of its value.
        value: String,
    },
    /// Behind the last entry of a sequence.
    Append,
}

/// A text that is no path.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("path:{column}: {problem}")]
pub struct PathError {
    /// The character, from one.
    pub column: usize,
    /// What is wrong.
    pub problem: &'static str,
}

/// A path from a document's root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// In order from the root; none for the root itself.
    pub steps: Vec<Step>,
}

impl Path {
    /// Reads a path; one that begins with `/` is a JSON Pointer.
    ///
    /// ```
    /// use config::access::{Path, Step};
    ///
    /// let path = Path::parse(r#"labels["app.kubernetes.io/name"]"#).unwrap();
    /// assert_eq!(path.steps[1], Step::Key("app.kubernetes.io/name".to_owned()));
    /// assert_eq!(path, Path::parse("/labels/app.kubernetes.io~1name").unwrap());
    /// ```
    ///
    /// # Errors
    /// [`PathError`] with the character where it stops being a path.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let steps = match text {
            "" | "." => Vec::new(),
            _ if text.starts_with('/') => pointer(text)?,
            _ => Reader { text, at: 0 }.steps()?,
        };
        if steps.len() > MOST_STEPS {
            return Err(PathError {
                column: 1,
                problem: "more than 1,000 steps",
            });
        }
        Ok(Self { steps })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return out.write_str(".");
        }
        for (number, step) in self.steps.iter().enumerate() {
            match step {
                Step::Key(key) if is_word(key) => {
                    let dot = if number == 0 { "" } else { "." };
                    write!(out, "{dot}{key}")?;
                }
                Step::Key(key) => write!(out, "[{}]", quoted(key))?,
                Step::Index(index) => write!(out, "[{index}]")?,
                Step::Match { key, value } if is_word(key) && is_word(value) => {
                    write!(out, "[{key}={value}]")?;
                }
                Step::Match { key, value } => {
                    write!(out, "[{}={}]", quoted(key), quoted(value))?;
                }
                Step::Append => out.write_str("[+]")?,
            }
        }
        Ok(())
    }
}

fn is_word(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    !text.is_empty() && text.chars().all(is_part)
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    crate::push_quoted(&mut out, text);
    out
}

fn pointer(text: &str) -> Result<Vec<Step>, PathError> {
    let mut column = 1;
    let mut steps = Vec::new();
    for token in text.split('/').skip(1) {
        column += 1;
        let rest = token.replace("~0", "").replace("~1", "");
        if rest.contains('~') {
            let problem = "`~` stands before `0` or `1` only";
            return Err(PathError { column, problem });
        }
        column += token.chars().count();
        steps.push(Step::Key(token.replace("~1", "/").replace("~0", "~")));
    }
    Ok(steps)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn steps(mut self) -> Result<Vec<Step>, PathError> {
        let mut steps = Vec::new();
        while let Some(next) = self.peek() {
            if next == '[' {
                self.at += 1;
                steps.push(self.bracket()?);
                continue;
            }
            if next == '.' {
                self.at += 1;
                if self.peek() == Some('[') {
                    continue;
                }
            } else if !steps.is_empty() {
                return self.fail("expected `.` or `[`");
            }
            let key = self.word(&['.', '['])?;
            steps.push(Step::Key(key));
        }
        Ok(steps)
    }

    /// What stands in brackets; the cursor is behind the `[`.
    fn bracket(&mut self) -> Result<Step, PathError> {
        let is_quoted = matches!(self.peek(), Some('"' | '\''));
        let first = self.word(&['=', ']'])?;
        let step = if self.peek() == Some('=') {
            self.at += 1;
            let value = self.word(&[']'])?;
            Step::Match { key: first, value }
        } else if is_quoted {
            Step::Key(first)
        } else if first == "+" {
            Step::Append
        } else if let Ok(index) = first.parse() {
            Step::Index(index)
        } else {
            return self.fail("expected an index, `+`, a key in quotes, or key=value before `]`");
        };
        if self.peek() != Some(']') {
            return self.fail("expected `]`");
        }
        self.at += 1;
        Ok(step)
    }

    /// Text in quotes, or up to one of the characters.
    fn word(&mut self, ends: &[char]) -> Result<String, PathError> {
        if let Some(quote @ ('"' | '\'')) = self.peek() {
            return self.quoted(quote);
        }
        let rest = &self.text[self.at..];
        let length = rest.find(ends).unwrap_or(rest.len());
        if length == 0 {
            return self
                .fail("expected a key: one that is empty or has such characters needs quotes");
        }
        self.at += length;
        Ok(rest[..length].to_owned())
    }

    /// In quotes a backslash stands before a quote or itself.
    fn quoted(&mut self, quote: char) -> Result<String, PathError> {
        let start = self.at;
        let mut text = String::new();
        let mut characters = self.text[start + 1..].char_indices();
        while let Some((offset, character)) = characters.next() {
            match character {
                _ if character == quote => {
                    self.at = start + 1 + offset + 1;
                    return Ok(text);
                }
                '\\' => match characters.next() {
                    Some((_, next)) if next == quote || next == '\\' => text.push(next),
                    _ => return self.fail("`\\` stands before a quote or another `\\` only"),
                },
                _ => text.push(character),
            }
        }
        self.fail("the quotes are not closed")
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn fail<T>(&self, problem: &'static str) -> Result<T, PathError> {
        let column = self.text[..self.at].chars().count() + 1;
        Err(PathError { column, problem })
    }
}
