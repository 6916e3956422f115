//! Tables: lines whose cells stand in the same order, which a header or a standard names.

use super::access::{Parts as RequestParts, request_fields, split_request};
use super::context::{Context, in_utc, is_missing};
use super::roles::{Role, role};
use super::split::MOST_CELLS;
use crate::level::{Level, LevelSource};
use crate::record::{Http, Record, Span};
use crate::time::{Shape, Stamp, YearOf};

/// The columns of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    columns: Vec<Column>,
    /// The shape of the last time, which the next one mostly has too.
    shape: Option<Shape>,
}

#[derive(Clone, Debug)]
struct Column {
    name: Box<[u8]>,
    role: Role,
}

/// How a table is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Times are those of the clock on the wall; all columns are fields by their names.
    Named,
    /// As [`Self::Named`], and times are in UTC.
    NamedUtc,
    /// Times are in UTC; requests have the names of access logs, and -1 is no number.
    Fixed,
}

impl Table {
    /// Of the names of its columns; none where they are too many.
    pub(crate) fn of<'n>(names: impl Iterator<Item = &'n [u8]>) -> Option<Self> {
        let mut ranks: Vec<(Role, u8, usize)> = Vec::new();
        let mut columns: Vec<Column> = Vec::new();
        for (index, name) in names.enumerate() {
            if index == MOST_CELLS {
                return None;
            }
            let name = name.trim_ascii();
            let (role, rank) = role(name);
            columns.push(Column {
                name: name.into(),
                role,
            });
            ranks.push((role, rank, index));
        }
        let mut table = Self {
            columns,
            shape: None,
        };
        // Of two columns of a role the one with the better name has it.
        ranks.sort_by_key(|(_, rank, index)| (*rank, *index));
        for (index, (role, _, column)) in ranks.iter().enumerate() {
            if ranks[..index].iter().any(|(earlier, ..)| earlier == role) {
                table.columns[*column].role = Role::Other;
            }
        }
        table.part_date_and_time();
        Some(table)
    }

    /// `date` and `time` are two columns for one time; `date` alone is the whole.
    fn part_date_and_time(&mut self) {
        let has = |role: Role| self.columns.iter().position(|column| column.role == role);
        let Some(date) = has(Role::Date) else {
            return;
        };
        match has(Role::Time) {
            Some(time) if *self.columns[time].name.to_ascii_lowercase() == *b"time" => {
                self.columns[time].role = Role::Clock;
            }
            Some(_) => self.columns[date].role = Role::Other,
            None => self.columns[date].role = Role::Time,
        }
    }

    /// A time of day without a date is none.
    pub(crate) fn without_lone_clock(mut self) -> Self {
        for column in &mut self.columns {
            if column.role == Role::Time && *column.name == *b"time" {
                column.role = Role::Clock;
            }
        }
        self
    }

    /// Numbers that name something are not measured.
    pub(crate) fn without_labels(mut self) -> Self {
        const LABELS: [&[u8]; 10] = [
            b"id",
            b"port",
            b"version",
            b"_code",
            b"_list",
            b"priority",
            b"protocol",
            b"line_num",
            b"end",
            b"_pos",
        ];
        for column in &mut self.columns {
            let is_label = LABELS.iter().any(|label| column.name.ends_with(label));
            if column.role == Role::Other && is_label {
                column.role = Role::Label;
            }
        }
        self
    }

    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    pub(crate) fn ends_with_message(&self) -> bool {
        let last = self.columns.last();
        last.is_some_and(|column| column.role == Role::Message)
    }

    /// Whether its rows have a time.
    pub(crate) fn has_time(&self) -> bool {
        self.columns
            .iter()
            .any(|column| matches!(column.role, Role::Time | Role::Date))
    }

    /// Whether a header names so much that it cannot be a row: a time and one thing more.
    pub(crate) fn is_telling(&self) -> bool {
        let known = self.columns.iter();
        let known = known.filter(|column| column.role != Role::Other).count();
        self.has_time() && known >= 2 && self.columns.iter().all(|column| is_name(&column.name))
    }

    /// Reads a row; `None` where its time is none.
    pub(crate) fn read(
        &mut self,
        text: &[u8],
        cells: &[Span],
        dialect: Dialect,
        context: &mut Context<'_>,
    ) -> Option<Record> {
        let mut row = Row::default();
        let is_wanted = context.fields.is_wanted();
        for (column, cell) in self.columns.iter().zip(cells) {
            let value = cell.of(text);
            if is_missing(value) {
                if column.role == Role::Verdict {
                    row.verdict = *cell;
                }
                continue;
            }
            let has_other_name = dialect == Dialect::Fixed && column.role.is_of_request();
            if is_wanted && !has_other_name {
                context.collect(&column.name, value, cell.start);
            }
            if column.role == Role::Other {
                if !(dialect == Dialect::Fixed && value == b"-1") {
                    context.count(&column.name, value);
                }
            } else {
                row.take(column, *cell, value, text);
            }
        }
        let mut record = row.record;
        record.time = self.time(text, &row, context);
        if record.time.is_none() && (self.has_time() || dialect == Dialect::Named) {
            return None;
        }
        if dialect != Dialect::Named {
            record.time = record.time.map(in_utc);
        }
        row.message(&mut record, text, cells);
        if context.levels_from_status && matches!(row.verdict.of(text), b"REJECT" | b"DROP") {
            record.found(Some(Level::Warning), LevelSource::Status);
        }
        if row.is_request() {
            record.http = Some(row.http);
        }
        if is_wanted {
            row.name(text, &record, context);
        }
        Some(record)
    }

    fn time(&mut self, text: &[u8], row: &Row, context: &mut Context<'_>) -> Option<Stamp> {
        let mut joined = [0; 40];
        let value = if row.date.is_empty() {
            row.time.of(text)
        } else {
            // The two stand apart.
            let (date, clock) = (row.date.of(text), row.time.of(text));
            let length = date.len() + 1 + clock.len();
            let whole = joined.get_mut(..length)?;
            whole[..date.len()].copy_from_slice(date);
            whole[date.len()] = b' ';
            whole[date.len() + 1..].copy_from_slice(clock);
            whole
        };
        let year = YearOf::default();
        if let Some(shape) = self.shape
            && let Some((stamp, _)) = context.clock.parse(shape, value, year)
        {
            return Some(stamp);
        }
        let shapes = Shape::SEARCHED.into_iter();
        let mut dated = shapes.filter(|shape| !shape.may_lack_year());
        let (shape, stamp) = dated.find_map(|shape| {
            let (stamp, _) = shape.parse(value, year)?;
            Some((shape, stamp))
        })?;
        self.shape = Some(shape);
        Some(stamp)
    }
}

/// Names of columns are short, and no numbers.
fn is_name(name: &[u8]) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.@:/() #$%".contains(byte);
    name.len() <= 64
        && name.iter().any(u8::is_ascii_alphabetic)
        && name.iter().all(|byte| is_word(byte) || *byte >= 0x80)
}

impl Role {
    const fn is_of_request(self) -> bool {
        matches!(
            self,
            Self::Client
                | Self::User
                | Self::Method
                | Self::Target
                | Self::Query
                | Self::Request
                | Self::Status
                | Self::Bytes
                | Self::Referrer
                | Self::Agent
        )
    }
}

/// What the cells of a row told so far.
#[derive(Default)]
struct Row {
    record: Record,
    http: Http,
    date: Span,
    time: Span,
    level: Span,
    user: Span,
    query: Span,
    request: Span,
    verdict: Span,
}

impl Row {
    fn take(&mut self, column: &Column, cell: Span, value: &[u8], text: &[u8]) {
        match column.role {
            Role::Other | Role::Label => {}
            Role::Time | Role::Clock => self.time = cell,
            Role::Date => self.date = cell,
            Role::Level => {
                self.level = cell;
                let level = Level::of_word(value).or(match value {
                    [letter] => Level::of_letter(*letter),
                    _ => None,
                });
                self.record.found(level, LevelSource::Field);
            }
            Role::Message => self.record.message = cell,
            Role::Source => self.record.source = cell,
            Role::Host => self.record.host = cell,
            Role::Trace => self.record.trace = cell,
            Role::Client => {
                let port = memchr::memrchr(b':', value).filter(|_| column.name.ends_with(b":port"));
                let length = port.unwrap_or(value.len());
                self.http.client = Span::new(cell.start as usize, cell.start as usize + length);
            }
            Role::User => self.user = cell,
            Role::Method => self.http.method = cell,
            Role::Target => self.http.target = cell,
            Role::Query => self.query = cell,
            Role::Request => {
                self.request = cell;
                let (start, end) = (cell.start as usize, cell.end as usize);
                split_request(text, start, end, &mut self.http);
                self.http.target = without_authority(text, self.http.target);
            }
            Role::Status => {
                let digits = memchr::memrchr(b'/', value).map_or(value, |at| &value[at + 1..]);
                let status = std::str::from_utf8(digits).ok();
                let status = status.and_then(|status| status.parse().ok());
                self.http.status = status.filter(|status| *status < 1000).unwrap_or(0);
            }
            Role::Bytes => {
                let bytes = std::str::from_utf8(value).ok();
                self.http.bytes = bytes.and_then(|bytes| bytes.parse().ok());
            }
            Role::Referrer => self.http.referrer = cell,
            Role::Agent => self.http.agent = cell,
            Role::Verdict => self.verdict = cell,
        }
    }

    /// A status alone is none: it could be that of anything.
    fn is_request(&self) -> bool {
        !self.request.is_empty() || (!self.http.method.is_empty() && !self.http.target.is_empty())
    }

    /// What happened: a column that says so, the request, or the row from its first cell that is
    /// no part of the record.
    fn message(&self, record: &mut Record, text: &[u8], cells: &[Span]) {
        if !record.message.is_empty() {
            return;
        }
        let (method, target) = (self.http.method, self.http.target);
        record.message = if !self.request.is_empty() {
            self.request
        } else if self.is_request() && method.end + 1 == target.start {
            Span::new(method.start as usize, target.end as usize)
        } else if !target.is_empty() {
            target
        } else if !self.verdict.is_empty() {
            Span::new(self.verdict.start as usize, text.len())
        } else {
            let behind = cells.iter().find(|cell| {
                let taken = [self.time, self.date, record.source, record.host];
                !cell.is_empty() && !taken.contains(cell)
            });
            Span::new(behind.map_or(0, |cell| cell.start as usize), text.len())
        };
    }

    /// Fields that are parts of the record, and the names that all requests have.
    #[cold]
    fn name(&self, text: &[u8], record: &Record, context: &mut Context<'_>) {
        let taken = [self.time, self.date, self.level, record.message];
        for part in taken
            .into_iter()
            .chain([record.source, record.host, record.trace])
        {
            if !part.is_empty() {
                context.fields.take(part.start);
            }
        }
        if let Some(http) = &record.http {
            let parts = RequestParts {
                http,
                user: self.user.of(text),
                query: self.query.of(text),
            };
            request_fields(text, &parts, context.fields);
        }
    }
}

/// The path of `scheme://host/path`.
fn without_authority(text: &[u8], target: Span) -> Span {
    let word = target.of(text);
    let Some(colon) = memchr::memmem::find(&word[..word.len().min(12)], b"://") else {
        return target;
    };
    let path = memchr::memchr(b'/', &word[colon + 3..]);
    let start = path.map_or(0, |path| colon + 3 + path);
    Span::new(target.start as usize + start, target.end as usize)
}
