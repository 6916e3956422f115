//! Tables whose columns a line of the log names: W3C's extended format, where each `#Fields:` holds
//! for the lines behind it, and values between commas, tabs, semicolons, bars or spaces, where the
//! first line of the input does.
//!
//! A block of an input begins anywhere: whoever cuts it tells the header that holds at its start.

use super::Format;
use super::columns::{Dialect, Table};
use super::context::Context;
use super::split::{Separator, is_open, split};
use crate::record::{Record, Span};

const FIELDS: &[u8] = b"#Fields:";
/// The longest header, in bytes.
const LONGEST: usize = 16 << 10;

#[derive(Debug, Default)]
pub(crate) struct HeadedReader {
    header: Vec<u8>,
    table: Option<Box<Table>>,
}

impl HeadedReader {
    /// The header that holds from here on.
    pub(crate) fn learn(&mut self, header: &[u8]) {
        if self.table.is_none() || self.header != header {
            self.header.clear();
            self.header.extend_from_slice(header);
            self.table = table(header).map(Box::new);
        }
    }

    /// Whether a line is no event but names columns, or tells other things of the log.
    pub(crate) fn is_header(&self, format: Format, line: &[u8]) -> bool {
        match format {
            Format::W3c => line.starts_with(b"#"),
            Format::Rows(_) => self.table.is_some() && self.header == line,
            _ => false,
        }
    }

    /// A line of W3C's extended format.
    pub(crate) fn w3c(
        &mut self,
        text: &[u8],
        cells: &mut Vec<Span>,
        context: &mut Context<'_>,
    ) -> Option<Record> {
        if text.first() == Some(&b'#') {
            if text.starts_with(FIELDS) && text.len() <= LONGEST {
                self.learn(text);
            }
            return None;
        }
        let table = self.table.as_mut()?;
        let separator = if memchr::memchr(b'\t', text).is_some() {
            Separator::Byte(b'\t')
        } else {
            Separator::Byte(b' ')
        };
        split(text, separator, cells)?;
        if cells.len() > table.len() && cells.last().is_some_and(|cell| cell.is_empty()) {
            cells.pop();
        }
        if cells.len() != table.len() {
            return None;
        }
        table.read(text, cells, Dialect::NamedUtc, context)
    }

    /// A row of a table whose header was the first line.
    pub(crate) fn row(
        &mut self,
        text: &[u8],
        separator: Separator,
        cells: &mut Vec<Span>,
        context: &mut Context<'_>,
    ) -> Option<Record> {
        if self.table.is_none() {
            let is_first = separator_of(text) == Some(separator);
            if is_first {
                self.learn(text);
            }
            return None;
        }
        let table = self.table.as_mut()?;
        if self.header == text {
            return None;
        }
        if split(text, separator, cells).is_none() {
            // The rest of the row stands in the next lines.
            if !is_open(text) {
                return None;
            }
            open_row(text, separator, cells)?;
        } else if cells.len() > table.len() && table.ends_with_message() {
            // A message with separators and without quotes.
            cells.truncate(table.len());
            if let Some(last) = cells.last_mut() {
                last.end = Span::new(0, text.len()).end;
            }
        } else if cells.len() < table.len() {
            return None;
        }
        if cells.len() > table.len() {
            return None;
        }
        table.read(text, cells, Dialect::Named, context)
    }
}

/// The cells of a row whose last quote does not close.
pub(crate) fn open_row(text: &[u8], separator: Separator, cells: &mut Vec<Span>) -> Option<()> {
    let Separator::Byte(byte) = separator else {
        return None;
    };
    // The quote that opens it stands behind a separator.
    let open = memchr::memrchr(b'"', text)?;
    let mut open = open;
    while open > 0 && text[open - 1] != byte {
        open = memchr::memrchr(b'"', &text[..open])?;
    }
    if open == 0 {
        return None;
    }
    split(&text[..open - 1], separator, cells)?;
    cells.push(Span::new(open + 1, text.len()));
    Some(())
}

fn table(header: &[u8]) -> Option<Table> {
    if let Some(names) = header.strip_prefix(FIELDS) {
        let names = names.split(|byte| matches!(byte, b' ' | b'\t'));
        return Table::of(names.filter(|name| !name.is_empty())).map(Table::without_lone_clock);
    }
    let separator = separator_of(header)?;
    named(header, separator)
}

fn named(header: &[u8], separator: Separator) -> Option<Table> {
    let mut cells = Vec::new();
    split(header, separator, &mut cells)?;
    Table::of(cells.iter().map(|cell| cell.of(header)))
}

/// What parts the cells of a line that can only be a header.
pub(crate) fn separator_of(line: &[u8]) -> Option<Separator> {
    if line.len() > LONGEST || line.first() == Some(&b'#') {
        return None;
    }
    [b',', b'\t', b';', b'|']
        .into_iter()
        .map(Separator::Byte)
        .chain([Separator::Spaces])
        .find(|separator| {
            let least = if *separator == Separator::Spaces {
                8
            } else {
                3
            };
            named(line, *separator).is_some_and(|table| table.len() >= least && table.is_telling())
        })
}

/// The header that holds behind a text, if it names one.
pub(crate) fn last_header(text: &[u8]) -> Option<&[u8]> {
    let finder = memchr::memmem::rfind_iter(text, FIELDS);
    let start = finder
        .into_iter()
        .find(|start| *start == 0 || text[start - 1] == b'\n')?;
    let line = &text[start..];
    let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len())];
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    (line.len() <= LONGEST).then_some(line)
}

/// The header of an input whose first line this is.
pub(crate) fn first_header<'t>(text: &'t [u8], formats: &[Format]) -> Option<&'t [u8]> {
    let has_rows = formats
        .iter()
        .any(|format| matches!(format, Format::Rows(_)));
    let line = text
        .split(|byte| *byte == b'\n')
        .find(|line| !line.trim_ascii().is_empty())?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    (has_rows && line.len() <= LONGEST).then_some(line)
}
