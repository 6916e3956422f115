//! Which events are wanted.

use regex::bytes::{Regex, RegexBuilder};

use crate::events::Event;
use crate::expression::Expression;
use crate::level::{LEVELS, Level};

/// Compiled patterns may take so many bytes.
const PATTERN_BYTES: usize = 8 << 20;

/// What an event has to be to be wanted: all that is set. Threads are faster with a clone each.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Its level is one of these, by their numbers.
    pub levels: Option<[bool; LEVELS]>,
    /// Its time is this or later, in nanoseconds since 1970.
    pub since: Option<i64>,
    /// Its time is before this.
    pub until: Option<i64>,
    /// Each of these is found in its lines.
    pub found: Vec<Regex>,
    /// None of these is.
    pub not_found: Vec<Regex>,
    /// Each of these is true of it.
    pub conditions: Vec<Expression>,
}

/// A pattern that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("pattern {pattern:?}: {reason}")]
#[non_exhaustive]
pub struct PatternError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

/// A pattern to search for, in the `regex` crate's syntax, or as it stands.
///
/// # Errors
///
/// Of a pattern that is no regular expression or compiles to more than 8 MiB.
pub fn pattern(text: &str, is_literal: bool, ignores_case: bool) -> Result<Regex, PatternError> {
    let expression = if is_literal {
        regex::escape(text)
    } else {
        text.to_owned()
    };
    let compiled = RegexBuilder::new(&expression)
        .case_insensitive(ignores_case)
        .multi_line(true)
        .size_limit(PATTERN_BYTES)
        .dfa_size_limit(PATTERN_BYTES)
        .build();
    compiled.map_err(|error| PatternError {
        pattern: text.to_owned(),
        reason: last_line(&error.to_string()),
    })
}

/// The crate draws the pattern and where it fails; the last line says what is wrong.
pub(crate) fn last_line(complaint: &str) -> String {
    let line = complaint.lines().next_back().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

impl Filter {
    /// Whether it lets all events through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.levels.is_none()
            && self.since.is_none()
            && self.until.is_none()
            && self.found.is_empty()
            && self.not_found.is_empty()
            && self.conditions.is_empty()
    }

    /// Whether the event is wanted. One without a time is outside of all spans of time.
    #[must_use]
    pub fn passes(&self, event: &Event<'_>) -> bool {
        let level = event.record.level as usize;
        if self.levels.is_some_and(|levels| !levels[level]) {
            return false;
        }
        if (self.since.is_some() || self.until.is_some())
            && !event.time.is_some_and(|time| self.is_within(time))
        {
            return false;
        }
        self.found
            .iter()
            .all(|pattern| pattern.is_match(event.lines))
            && !self
                .not_found
                .iter()
                .any(|pattern| pattern.is_match(event.lines))
            && self
                .conditions
                .iter()
                .all(|condition| condition.matches(event))
    }

    fn is_within(&self, time: i64) -> bool {
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }
}

/// The levels that a text names: `error`, `warn,info`, `warn+` for warning and worse, `info-` for
/// info and finer. None for other texts.
#[must_use]
pub fn levels(text: &str) -> Option<[bool; LEVELS]> {
    let mut levels = [false; LEVELS];
    for word in text.split(',') {
        let word = word.trim();
        let (name, is_up, is_down) = match (word.strip_suffix('+'), word.strip_suffix('-')) {
            (Some(name), _) => (name, true, false),
            (_, Some(name)) => (name, false, true),
            _ => (word, false, false),
        };
        let level = if name.eq_ignore_ascii_case("unknown") {
            Level::Unknown
        } else {
            Level::of_word(name.as_bytes())?
        };
        for other in Level::ALL {
            let is_worse = is_up && other > level && level != Level::Unknown;
            let is_finer = is_down && other < level && other != Level::Unknown;
            levels[other as usize] |= other == level || is_worse || is_finer;
        }
    }
    Some(levels)
}
