//! The formats of lines, and which of them a file has.

mod access;
mod access_tail;
mod ahead;
mod audit;
mod columns;
mod context;
mod cri;
mod detect;
mod docker;
mod haproxy;
mod headed;
mod header;
mod journal;
mod json;
mod kernel;
mod keys;
mod logfmt;
mod mysql;
mod numbers;
mod plain;
mod programs;
mod roles;
mod split;
mod standard;
mod syslog;

pub use detect::{Candidate, Detected, detect};
pub(crate) use headed::{first_header, last_header};
pub use header::{Layout, LevelPlace};
pub(crate) use numbers::float;
pub use split::Separator;
pub use standard::Standard;

use crate::fields::FieldSet;
use ahead::JoinedLines;
use context::{Context, undouble};
use headed::HeadedReader;
use keys::Keys;
use standard::StandardReader;

use crate::level::{Level, LevelSource};
use crate::record::{Record, Span};
use crate::time::{Clock, Shape, YearOf};

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// An object a line, also what Docker wraps around the lines of containers.
    Json,
    /// Apache's and nginx's common and combined formats.
    Access,
    /// RFC 5424.
    Syslog5424,
    /// RFC 3164, or an ISO time before host and tag.
    Syslog(Shape),
    /// Kubernetes' container runtime interface.
    Cri,
    /// klog and glog.
    Klog,
    /// W3C's extended format, whose `#Fields:` names the columns: IIS, `CloudFront`.
    W3c,
    /// A table whose columns its first line names.
    Rows(Separator),
    /// A table whose columns a standard names.
    Standard(Standard),
    /// `HAProxy`'s HTTP and TCP logs.
    Haproxy,
    /// Messages of the kernel.
    Kernel,
    /// systemd's messages while a machine starts.
    Boot,
    /// `journalctl`'s outputs that are no syslog.
    Journal,
    /// The journal's export format: entries over several lines.
    JournalExport,
    /// Linux' audit daemon.
    Audit,
    /// Android's logcat, with a letter and a tag first.
    Logcat,
    /// Redis and Valkey.
    Redis,
    /// Requests of Ruby on Rails.
    Rails,
    /// `MySQL`'s slow query log: events over several lines.
    MysqlSlow,
    /// Pairs of keys and values.
    Logfmt,
    /// A header with a time, then the message.
    Text(Layout),
    /// Lines without a time.
    Plain,
}

impl Format {
    /// The name in reports and options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Access => "access",
            Self::Syslog5424 => "syslog-rfc5424",
            Self::Syslog(Shape::Syslog) => "syslog",
            Self::Syslog(_) => "syslog-iso",
            Self::Cri => "cri",
            Self::Klog => "klog",
            Self::W3c => "w3c",
            Self::Rows(Separator::Byte(b'\t')) => "tsv",
            Self::Rows(Separator::Byte(_)) => "csv",
            Self::Rows(Separator::Spaces) => "columns",
            Self::Standard(standard) => standard.name(),
            Self::Haproxy => "haproxy",
            Self::Kernel => "kernel",
            Self::Boot => "systemd-boot",
            Self::Journal => "journal",
            Self::JournalExport => "journal-export",
            Self::Audit => "auditd",
            Self::Logcat => "logcat",
            Self::Redis => "redis",
            Self::Rails => "rails",
            Self::MysqlSlow => "mysql-slow",
            Self::Logfmt => "logfmt",
            Self::Text(_) => "text",
            Self::Plain => "plain",
        }
    }

    /// Whether lines that do not look like it can belong to the event before them.
    #[must_use]
    pub const fn has_continuations(self) -> bool {
        matches!(
            self,
            Self::Text(_)
                | Self::Klog
                | Self::Plain
                | Self::Boot
                | Self::Rails
                | Self::Redis
                | Self::JournalExport
                | Self::MysqlSlow
                | Self::Rows(Separator::Byte(_))
                | Self::Standard(Standard::PostgresCsv)
        )
    }

    /// The shape of its time, where a line can lack the year.
    #[must_use]
    pub const fn yearless(self) -> Option<Shape> {
        let shape = match self {
            Self::Syslog(shape) => shape,
            Self::Klog => Shape::Klog,
            Self::Logcat => Shape::MonthDay,
            Self::Text(layout) => layout.shape,
            _ => return None,
        };
        if shape.may_lack_year() {
            Some(shape)
        } else {
            None
        }
    }
}

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

/// Readers that name numbers: each counts its keys apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NumberNames {
    /// JSON's keys.
    #[default]
    Json,
    /// logfmt's keys.
    Logfmt,
    /// Names of columns and other fixed places.
    Fixed,
}

impl NumberNames {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Json, Self::Logfmt, Self::Fixed];
}

/// What a line has besides its record. It can be set aside while the next line is read.
#[derive(Debug, Default)]
pub struct Parts {
    /// Texts whose escapes were decoded.
    scratch: Vec<u8>,
    numbers: Vec<(u32, f64)>,
    number_names: NumberNames,
    /// The fields by name, if somebody asks for them.
    pub fields: FieldSet,
}

impl Parts {
    /// For readers whose fields somebody asks for.
    #[must_use]
    pub fn with_fields() -> Self {
        Self {
            fields: FieldSet::wanted(),
            ..Self::default()
        }
    }

    pub(crate) fn clear(&mut self) {
        self.numbers.clear();
        self.fields.clear();
    }

    /// The text in which a record's places are.
    #[must_use]
    pub fn text<'t>(&'t self, record: &Record, line: &'t [u8]) -> &'t [u8] {
        if record.is_decoded {
            &self.scratch
        } else {
            line
        }
    }

    /// The numbers of the line: their keys' places for [`Reader::number_name`], and the values.
    #[must_use]
    pub fn numbers(&self) -> &[(u32, f64)] {
        &self.numbers
    }

    /// Whose keys the numbers' are.
    #[must_use]
    pub const fn number_names(&self) -> NumberNames {
        self.number_names
    }
}

impl Reader {
    /// Reads a line in one format; `None` when it is not written so.
    pub fn parse(&mut self, format: Format, text: &[u8]) -> Option<Record> {
        self.parts.clear();
        if self.is_part {
            return None;
        }
        let mut record = self.line(format, text)?;
        if self.levels_from_status && record.level == Level::Unknown {
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

    fn line(&mut self, format: Format, text: &[u8]) -> Option<Record> {
        let fields = &mut self.parts.fields;
        match format {
            Format::Json if !self.ahead.is_empty() => self.partial_json(text),
            Format::Json => self.json_line(text),
            Format::JournalExport | Format::MysqlSlow => self.entry(format, text),
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
            _ => None,
        }
    }

    /// A line of a container; parts of a message are one.
    fn cri_line(&mut self, text: &[u8]) -> Option<Record> {
        let outer = cri::parse(text, &mut self.clock, &mut self.parts.fields)?;
        if self.ahead.is_empty() {
            return Some(self.nested(text, outer));
        }
        let mut joined = std::mem::take(&mut self.joined);
        joined.clear();
        joined.extend_from_slice(text);
        joined.extend_from_slice(&self.ahead);
        let outer = Record {
            message: Span::new(outer.message.start as usize, joined.len()),
            ..outer
        };
        let mut record = self.nested(&joined, outer);
        if !record.is_decoded {
            std::mem::swap(&mut self.parts.scratch, &mut joined);
            record.is_decoded = true;
        }
        self.joined = joined;
        Some(record)
    }

    /// A line of Docker's whose text goes on in others.
    fn partial_json(&mut self, text: &[u8]) -> Option<Record> {
        let Some((_, end)) = docker::stream(text) else {
            return self.json_line(text);
        };
        let mut joined = std::mem::take(&mut self.joined);
        joined.clear();
        joined.extend_from_slice(&text[..end]);
        joined.extend_from_slice(&self.ahead);
        joined.extend_from_slice(&text[end..]);
        let record = self.json_line(&joined);
        self.joined = joined;
        // What Docker wraps is decoded: its places are not those of the line.
        record.filter(|record| record.is_decoded)
    }

    /// An event over several lines.
    fn entry(&mut self, format: Format, text: &[u8]) -> Option<Record> {
        let mut joined = std::mem::take(&mut self.joined);
        joined.clear();
        joined.extend_from_slice(text);
        joined.push(b'\n');
        joined.extend_from_slice(&self.ahead);
        let record = self.fixed(format, &joined).map(|record| {
            std::mem::swap(&mut self.parts.scratch, &mut joined);
            Record {
                is_decoded: true,
                ..record
            }
        });
        self.joined = joined;
        record
    }

    /// What stands behind the line that is read next, of the same event; lines that are told
    /// already are not read again.
    pub(crate) fn look_ahead(&mut self, formats: &[Format], line: &[u8], rest: &[u8]) {
        self.is_part = self.joined_lines.is_part(formats, line);
        if !self.is_part {
            ahead::look(formats, line, rest, &mut self.ahead);
        }
    }

    /// Whether the line that was looked behind belongs to the event before it.
    #[must_use]
    pub(crate) const fn is_part(&self) -> bool {
        self.is_part
    }

    /// A row whose values can have quotes and ends of lines.
    fn quoted(&mut self, format: Format, text: &[u8]) -> Option<Record> {
        let mut joined = std::mem::take(&mut self.joined);
        let has_more = !self.ahead.is_empty() && split::is_open(text);
        let text = if has_more {
            joined.clear();
            joined.extend_from_slice(text);
            joined.push(b'\n');
            joined.extend_from_slice(&self.ahead);
            &joined
        } else {
            text
        };
        let record = self.fixed(format, text).map(|mut record| {
            let is_doubled = memchr::memmem::find(record.message.of(text), b"\"\"").is_some();
            if has_more || is_doubled {
                let scratch = &mut self.parts.scratch;
                scratch.clear();
                scratch.extend_from_slice(text);
                undouble(record.message.of(text), scratch);
                record.message = Span::new(text.len(), scratch.len());
                record.is_decoded = true;
            }
            record
        });
        self.joined = joined;
        record
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

    fn json_line(&mut self, text: &[u8]) -> Option<Record> {
        let parts = &mut self.parts;
        let line = self.json.parse(
            text,
            &mut self.clock,
            &mut parts.scratch,
            &mut parts.numbers,
            &mut parts.fields,
        )?;
        parts.number_names = NumberNames::Json;
        match line {
            json::Line::Event(record) => Some(record),
            json::Line::Docker(outer) => {
                let text = std::mem::take(&mut self.parts.scratch);
                let mut record = self.inner(&text).unwrap_or_default();
                if !record.is_decoded {
                    self.parts.scratch = text;
                    record.is_decoded = true;
                    if record.message.is_empty() {
                        record.message = Span::new(0, self.parts.scratch.len());
                    }
                }
                record.is_year_missing &= outer.time.is_none();
                record.time = outer.time.or(record.time);
                record.found(Some(outer.level), outer.level_source);
                Some(record)
            }
        }
    }

    /// What stands in the message of a line that wraps others.
    fn nested(&mut self, text: &[u8], outer: Record) -> Record {
        let by = outer.message.start;
        let Some(mut inner) = self.inner(outer.message.of(text)) else {
            return outer;
        };
        if inner.is_decoded {
            // Places in two texts: what the outer line names is copied to the inner ones.
            for (part, own) in [
                (&mut inner.host, outer.host),
                (&mut inner.source, outer.source),
                (&mut inner.message, outer.message),
            ] {
                if part.is_empty() && !own.is_empty() {
                    let start = self.parts.scratch.len();
                    self.parts.scratch.extend_from_slice(own.of(text));
                    *part = Span::new(start, self.parts.scratch.len());
                }
            }
        } else {
            let moved = |span: Span, own: Span| {
                if span.is_empty() { own } else { span.moved(by) }
            };
            inner.host = moved(inner.host, outer.host);
            inner.source = moved(inner.source, outer.source);
            inner.message = moved(inner.message, outer.message);
            inner.trace = moved(inner.trace, outer.trace);
            inner.http = inner.http.map(|http| http.moved(by));
        }
        inner.time = outer.time.or(inner.time);
        inner.is_year_missing = outer.is_year_missing;
        if inner.level == Level::Unknown {
            inner.level = outer.level;
            inner.level_source = outer.level_source;
        }
        inner
    }

    /// A structured line within another one.
    fn inner(&mut self, text: &[u8]) -> Option<Record> {
        let outer = self.parts.fields.len();
        // Places of the outer line mean nothing in this one.
        self.parts.fields.settle(0);
        let found = self.structured(text);
        if found.is_none() {
            // What was read before it turned out to be something else.
            self.parts.numbers.clear();
            self.parts.fields.truncate(outer);
        }
        found
    }

    fn structured(&mut self, text: &[u8]) -> Option<Record> {
        match text.first()? {
            b'{' => {
                let line = self.json.parse(
                    text,
                    &mut self.inner_clock,
                    &mut self.inner_scratch,
                    &mut self.parts.numbers,
                    &mut self.parts.fields,
                )?;
                let json::Line::Event(record) = line else {
                    return None;
                };
                self.parts.number_names = NumberNames::Json;
                if record.is_decoded {
                    std::mem::swap(&mut self.parts.scratch, &mut self.inner_scratch);
                }
                Some(record)
            }
            b'I' | b'W' | b'E' | b'F' if text.get(1).is_some_and(u8::is_ascii_digit) => {
                cri::klog(text, &mut self.inner_clock, self.year)
            }
            b'a'..=b'z' => self.logfmt_line(text),
            b'0'..=b'9' | b':' => self.request(text),
            b'[' => syslog::postgres(text),
            _ => None,
        }
    }

    /// A request that a web server tells through another log.
    fn request(&mut self, text: &[u8]) -> Option<Record> {
        // Most messages that begin with a digit go on otherwise.
        let head = &text[..text.len().min(LONGEST_CLIENT)];
        memchr::memmem::find(head, b" [")?;
        std::mem::swap(&mut self.clock, &mut self.inner_clock);
        let found = self
            .fixed(Format::Haproxy, text)
            .or_else(|| self.fixed(Format::Access, text));
        std::mem::swap(&mut self.clock, &mut self.inner_clock);
        found
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

/// How far an inner line is searched for the time behind a client.
const LONGEST_CLIENT: usize = 160;

/// Errors of the server are errors, those of clients are warnings.
const fn level_of_status(status: u16) -> Option<Level> {
    match status {
        500..=599 => Some(Level::Error),
        400..=499 => Some(Level::Warning),
        _ => None,
    }
}

/// Whether a line can only belong to the event before it: it is indented, or a part of a trace.
#[must_use]
pub fn is_continuation(text: &[u8]) -> bool {
    match text.first() {
        Some(b' ' | b'\t' | b'}' | b')') => true,
        Some(b'.') => text.starts_with(b"... "),
        Some(b'C') => text.starts_with(b"Caused by: "),
        Some(b'g') => text.starts_with(b"goroutine "),
        Some(b'S') => text.starts_with(b"Suppressed: "),
        _ => false,
    }
}
