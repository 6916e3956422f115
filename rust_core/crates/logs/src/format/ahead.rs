//! Events over several lines of which the first alone does not tell enough: how much behind a line
//! belongs to it.

use super::python::PythonTrace;
use super::split::{Separator, is_open};
use super::{Format, Standard, cri, docker, journal, jul, mysql, python};
use crate::level::Level;
use crate::trace::PYTHON;

/// How much is looked at behind a line, in bytes.
const FARTHEST: usize = 128 << 10;

impl Format {
    /// Whether what stands behind a line of such a text can be needed to read it.
    #[must_use]
    pub(crate) fn looks_ahead(self, text: &[u8]) -> bool {
        match self {
            // Most containers write short messages only.
            Self::Cri => memchr::memmem::find(text, b" P ").is_some(),
            Self::Rows(Separator::Byte(_))
            | Self::Standard(Standard::PostgresCsv)
            | Self::MysqlSlow
            | Self::Jul
            | Self::JournalExport => true,
            // Docker wraps all lines or none.
            Self::Json => text.starts_with(b"{\"log\":\""),
            Self::Plain => memchr::memmem::find(text, PYTHON).is_some(),
            _ => false,
        }
    }

    /// Whether a line belongs to the event of the one before it, though it looks like one.
    #[must_use]
    pub(crate) fn joins(self, before: &[u8], line: &[u8]) -> bool {
        match self {
            Self::Cri => cri::is_partial(before) && cri::stream(line).is_some(),
            Self::Json => docker::is_partial(before) && docker::stream(line).is_some(),
            Self::MysqlSlow => mysql::goes_on(before, line),
            Self::Plain => python::joins(before, line),
            _ => false,
        }
    }
}

/// What was seen of events that go on in later lines.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct JoinedLines {
    /// Whether a message of a container's output goes on, for each stream.
    open_streams: [bool; 2],
    /// Whether the line before was the time of a slow query.
    has_slow_time: bool,
    python: PythonTrace,
}

impl JoinedLines {
    /// After an event of this level.
    pub(crate) fn event(&mut self, level: Level) {
        self.python.event(level);
    }

    /// Whether the next line belongs to an event that another line opened.
    pub(crate) fn is_part(&mut self, formats: &[Format], line: &[u8]) -> bool {
        let before = *self;
        self.has_slow_time = false;
        for format in formats {
            match format {
                Format::Cri => {
                    if let Some((stream, _)) = cri::stream(line) {
                        self.open_streams[stream] = cri::is_partial(line);
                        return before.open_streams[stream];
                    }
                }
                Format::Json => {
                    if let Some((stream, _)) = docker::stream(line) {
                        self.open_streams[stream] = docker::is_partial(line);
                        return before.open_streams[stream];
                    }
                }
                Format::MysqlSlow if mysql::opens(line) => {
                    self.has_slow_time = mysql::is_time(line);
                    return before.has_slow_time && !mysql::is_time(line);
                }
                Format::Plain => return self.python.is_part(line),
                _ => {}
            }
        }
        false
    }
}

/// What belongs to a line in one of the formats is copied to `ahead`.
pub(crate) fn look(formats: &[Format], line: &[u8], rest: &[u8], ahead: &mut Vec<u8>) {
    ahead.clear();
    let rest = &rest[..rest.len().min(FARTHEST)];
    for format in formats {
        let length = match format {
            Format::Rows(Separator::Byte(_)) | Format::Standard(Standard::PostgresCsv)
                if is_open(line) =>
            {
                quoted(rest)
            }
            Format::MysqlSlow if mysql::opens(line) => mysql::rest_of(rest),
            Format::Jul if jul::opens(line) => jul::second(rest),
            Format::JournalExport if journal::opens_entry(line) => journal::entry(rest),
            Format::Cri if cri::is_partial(line) => {
                cri::parts(line, rest, ahead);
                return;
            }
            Format::Json if docker::is_partial(line) => {
                docker::parts(line, rest, ahead);
                return;
            }
            _ => 0,
        };
        if length > 0 {
            ahead.extend_from_slice(&rest[..length]);
            return;
        }
    }
}

/// The length of the lines up to the one that closes a quote, without its end.
fn quoted(rest: &[u8]) -> usize {
    let mut at = 0;
    for line in rest.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        if is_open(line) {
            return rest[..at].trim_ascii_end().len();
        }
    }
    0
}
