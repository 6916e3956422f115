//! Python's stack traces among lines without a header: what was raised stands at the start of a
//! line, as events do, and so does a trace that an event before it brought.

use super::plain;
use crate::level::Level;
use crate::trace::{PYTHON, is_chained, thrown};

/// Where in a trace the line before was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    /// Behind the opening or a frame.
    Frames,
    /// Behind what was raised.
    Raised,
    /// Behind the words that another exception came of it.
    Chained,
}

/// The trace that the lines so far opened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PythonTrace {
    place: Place,
    is_behind_error: bool,
}

impl PythonTrace {
    /// After an event of this level.
    pub(crate) fn event(&mut self, level: Level) {
        self.is_behind_error = level >= Level::Error;
    }

    /// Whether the next line belongs to the event before it, though it looks like one.
    pub(crate) fn is_part(&mut self, line: &[u8]) -> bool {
        if line.trim_ascii().is_empty() || is_indented(line) {
            return false;
        }
        let before = std::mem::take(&mut self.place);
        if line.starts_with(PYTHON) {
            self.place = Place::Frames;
            return match before {
                Place::Outside => self.is_behind_error,
                Place::Chained => true,
                Place::Frames | Place::Raised => false,
            };
        }
        if is_chained(line) && before == Place::Raised {
            self.place = Place::Chained;
        } else if before == Place::Frames && thrown(line).is_some() {
            self.place = Place::Raised;
            return true;
        }
        false
    }
}

/// Whether a line may belong to the event of the one before it.
pub(crate) fn joins(before: &[u8], line: &[u8]) -> bool {
    if line.starts_with(PYTHON) {
        let is_error = || plain::parse(before).is_some_and(|record| record.level >= Level::Error);
        return before.trim_ascii().is_empty() || is_chained(before) || is_error();
    }
    (is_indented(before) || before.starts_with(PYTHON)) && thrown(line).is_some()
}

fn is_indented(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'\t'))
}
