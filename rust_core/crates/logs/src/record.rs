//! What a line tells: places in its text, so that nothing is copied.

use crate::level::{Level, LevelSource};
use crate::time::Stamp;

/// A part of a line, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub start: u32,
    /// Behind its last byte.
    pub end: u32,
}

impl Span {
    /// From one place to another; lines are shorter than 4 GiB.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)]
    pub const fn new(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    /// Whether nothing is there.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The bytes there.
    #[must_use]
    pub fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    /// The same in a text in which this one begins at `by`.
    #[must_use]
    pub const fn moved(self, by: u32) -> Self {
        Self {
            start: self.start + by,
            end: self.end + by,
        }
    }
}

/// A request of an access log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Http {
    /// The address or name of the client.
    pub client: Span,
    /// As in `GET`; empty where the request is no such line.
    pub method: Span,
    /// The path with its query.
    pub target: Span,
    /// The status of the response, 0 when there is none.
    pub status: u16,
    /// The size of the response in bytes.
    pub bytes: Option<u64>,
    /// Where the client came from.
    pub referrer: Span,
    /// What the client calls itself.
    pub agent: Span,
}

impl Http {
    /// The same in a text in which this one begins at `by`.
    #[must_use]
    pub(crate) const fn moved(self, by: u32) -> Self {
        Self {
            client: self.client.moved(by),
            method: self.method.moved(by),
            target: self.target.moved(by),
            referrer: self.referrer.moved(by),
            agent: self.agent.moved(by),
            ..self
        }
    }
}

/// An event: its parts are places in the line, or in the decoded text when `is_decoded`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// When.
    pub time: Option<Stamp>,
    /// Whether the year of the time came from elsewhere.
    pub is_year_missing: bool,
    /// How bad.
    pub level: Level,
    /// What told the level.
    pub level_source: LevelSource,
    /// The host that the line names.
    pub host: Span,
    /// The program, logger, module or unit.
    pub source: Span,
    /// What happened.
    pub message: Span,
    /// The stack trace that a field holds.
    pub trace: Span,
    /// The request, in access logs.
    pub http: Option<Http>,
    /// Whether the spans are places in [`Scratch::text`], where escapes were decoded.
    pub is_decoded: bool,
}

impl Record {
    /// Sets the level, if none is known.
    pub(crate) fn found(&mut self, level: Option<Level>, source: LevelSource) {
        if let Some(level) = level
            && self.level == Level::Unknown
            && level != Level::Unknown
        {
            self.level = level;
            self.level_source = source;
        }
    }
}
