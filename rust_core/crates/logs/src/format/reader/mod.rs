//! Reads lines of a format that is known: what is kept from line to line.

mod joined;
mod nested;

use super::ahead::JoinedLines;
use super::context::Context;
use super::headed::HeadedReader;
use super::keys::Keys;
use super::parts::{NumberNames, Parts};
use super::pattern::PatternReader;
use super::standard::StandardReader;
use super::{
    Format, Standard, access, audit, cri, haproxy, journal, json, jul, kernel, level_of_status,
    logfmt, mysql, plain, programs, syslog,
};
use crate::level::{Level, LevelSource};
use crate::record::{Record, Span};
use crate::time::{Clock, YearOf};

/// What is kept from line to line: one for each thread.
#[derive(Debug, Default)]
pub struct Reader {
    clock: Clock,
    inner_clock: Clock,
    json: json::JsonReader,
    logfmt: logfmt::LogfmtReader,
    inner_scratch: Vec<u8>,
    /// Names of numbers that stand at fixed places.
    names: Keys,
    cells: Vec<Span>,
    headed: HeadedReader,
    standard: StandardReader,
    patterns: Vec<PatternReader>,
    /// The lines behind the one at hand that are of the same event.
    ahead: Vec<u8>,
    /// The line at hand with those behind it.
    joined: Vec<u8>,
    joined_lines: JoinedLines,
    is_part: bool,
    /// Whether statuses of responses and verdicts on traffic make levels.
    pub levels_from_status: bool,
    /// What the last line had besides its record.
    pub parts: Parts,
    /// The year of the lines that have none.
    pub year: YearOf,
}

impl Reader {
    /// Reads a line in one format; `None` when it is not written so.
    pub fn parse(&mut self, format: Format, text: &[u8]) -> Option<Record> {
        self.parts.clear();
        if self.is_part {
            return None;
        }
        let record = if self.levels_from_status {
            self.with_status(format, text)?
        } else {
            self.line(format, text)?
        };
        self.joined_lines.event(record.level);
        Some(record)
    }

    /// As [`Self::line`], where a status makes a level.
    #[cold]
    fn with_status(&mut self, format: Format, text: &[u8]) -> Option<Record> {
        let mut record = self.line(format, text)?;
        if record.level == Level::Unknown {
            let status = match &record.http {
                Some(http) => http.status,
                None => self.status(),
            };
            record.found(level_of_status(status), LevelSource::Status);
        }
        Some(record)
    }

    /// The status of a response that a field tells, 0 without one.
    fn status(&self) -> u16 {
        let numbers = self.parts.numbers.iter();
        let mut statuses = numbers.filter(|(key, value)| {
            let name = self.number_name(self.parts.number_names, *key);
            (100.0..600.0).contains(value) && STATUSES.contains(&name)
        });
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        statuses.next().map_or(0, |(_, value)| *value as u16)
    }

    #[inline]
    fn line(&mut self, format: Format, text: &[u8]) -> Option<Record> {
        let fields = &mut self.parts.fields;
        match format {
            Format::Json if !self.ahead.is_empty() => self.partial_json(text),
            Format::Json => self.json_line(text),
            Format::JournalExport | Format::MysqlSlow | Format::Jul => self.entry(format, text),
            Format::Rows(_) | Format::Standard(Standard::PostgresCsv) => self.quoted(format, text),
            Format::Syslog5424 => {
                let record = syslog::rfc5424(text, &mut self.clock, fields)?;
                Some(self.nested(text, record))
            }
            Format::Syslog(shape) => {
                let record = syslog::rfc3164(text, shape, &mut self.clock, self.year, fields)?;
                Some(self.nested(text, record))
            }
            Format::Cri => self.cri_line(text),
            Format::Klog => cri::klog(text, &mut self.clock, self.year),
            Format::Logfmt => self.logfmt_line(text),
            Format::Text(layout) => layout.parse(text, &mut self.clock, self.year),
            Format::Plain => plain::parse(text),
            _ => self.fixed(format, text),
        }
    }

    /// Lines whose parts stand at fixed places.
    fn fixed(&mut self, format: Format, text: &[u8]) -> Option<Record> {
        self.names.rewind();
        self.parts.number_names = NumberNames::Fixed;
        let mut context = Context {
            clock: &mut self.clock,
            year: self.year,
            fields: &mut self.parts.fields,
            numbers: &mut self.parts.numbers,
            names: &mut self.names,
            levels_from_status: self.levels_from_status,
        };
        let (cells, context) = (&mut self.cells, &mut context);
        match format {
            Format::Access => access::parse(text, context),
            Format::Haproxy => haproxy::parse(text, context),
            Format::W3c => self.headed.w3c(text, cells, context),
            Format::Rows(separator) => self.headed.row(text, separator, cells, context),
            Format::Standard(standard) => self.standard.parse(standard, text, cells, context),
            Format::Kernel => kernel::dmesg(text, context),
            Format::Boot => kernel::boot(text),
            Format::Journal => journal::short(text, context),
            Format::JournalExport => journal::export(text, context),
            Format::Audit => audit::parse(text, context),
            Format::Logcat => programs::logcat(text, context),
            Format::Redis => programs::redis(text, context),
            Format::Rails => programs::rails(text, context),
            Format::MysqlSlow => mysql::slow(text, context),
            Format::Jul => jul::event(text, context),
            Format::Pattern(pattern) => {
                let place = self.patterns.iter().position(|known| known.is(pattern));
                let place = place.unwrap_or(self.patterns.len());
                if place == self.patterns.len() {
                    self.patterns.push(PatternReader::new(pattern)?);
                }
                self.patterns.get_mut(place)?.parse(text, context)
            }
            _ => None,
        }
    }

    /// What follows stands elsewhere: the columns that hold there, where a header told them.
    pub fn begin_block(&mut self, header: Option<&[u8]>) {
        self.joined_lines = JoinedLines::default();
        self.is_part = false;
        self.ahead.clear();
        if let Some(header) = header {
            self.headed.learn(header);
        }
    }

    /// Whether a line that no format reads names the columns of those behind it.
    #[must_use]
    pub fn is_header(&self, formats: &[Format], line: &[u8]) -> bool {
        formats
            .iter()
            .any(|format| self.headed.is_header(*format, line))
    }

    fn logfmt_line(&mut self, text: &[u8]) -> Option<Record> {
        let record = self
            .logfmt
            .parse(text, &mut self.inner_clock, &mut self.parts)?;
        self.parts.number_names = NumberNames::Logfmt;
        Some(record)
    }

    /// The path of a key with numbers.
    #[must_use]
    pub fn number_name(&self, names: NumberNames, key: u32) -> &[u8] {
        match names {
            NumberNames::Json => self.json.name(key),
            NumberNames::Logfmt => self.logfmt.name(key),
            NumberNames::Fixed => self.names.name(key),
        }
    }
}

/// Keys of statuses of responses.
const STATUSES: [&[u8]; 10] = [
    b"status",
    b"status_code",
    b"statusCode",
    b"http.status_code",
    b"http.response.status_code",
    b"response.status",
    b"res.statusCode",
    b"responseStatus.code",
    b"DownstreamStatus",
    b"sc-status",
];
