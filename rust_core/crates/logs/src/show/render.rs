//! One event as a line or several: as it stands, for eyes, as JSON or as CSV.

use std::borrow::Cow;

use crate::events::Event;
use crate::fields::{Field, Kind};
use crate::level::Level;
use crate::time::rfc3339;

/// How events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Their lines as they stand.
    Raw,
    /// For eyes: time, level, source, message and fields.
    Pretty {
        /// With colours of terminals.
        has_colour: bool,
    },
    /// An object a line.
    Ndjson,
    /// RFC 4180.
    Csv,
}

/// Writes events.
#[derive(Clone, Debug)]
pub struct Renderer {
    /// How.
    pub form: Form,
    /// The fields that JSON and CSV have; the usual ones when there are none.
    pub columns: Vec<String>,
    /// The name of the input, where it is to be told.
    pub name: Option<String>,
    /// Whether numbers of lines are those of the input.
    pub has_numbers: bool,
}

const OF_EVERY_EVENT: [&str; 5] = ["time", "level", "source", "host", "message"];

/// The columns of CSV where none are asked for; all other fields are an object in the last.
const COLUMNS: [&str; 6] = ["time", "level", "source", "host", "message", "fields"];

impl Renderer {
    /// The first line of CSV; empty in other forms.
    #[must_use]
    pub fn header(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if self.form == Form::Csv {
            let usual = COLUMNS.map(str::to_owned);
            let columns = if self.columns.is_empty() {
                &usual[..]
            } else {
                &self.columns
            };
            let file = self.name.is_some().then_some("file");
            let columns = file.into_iter().chain(columns.iter().map(String::as_str));
            for (index, column) in columns.enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                cell(column.as_bytes(), &mut out);
            }
            out.extend_from_slice(b"\r\n");
        }
        out
    }

    pub(super) fn write(&self, event: &Event<'_>, out: &mut Vec<u8>) {
        match self.form {
            Form::Raw => {
                out.extend_from_slice(event.lines);
                out.extend_from_slice(event.end);
                if !event.end.ends_with(b"\n") {
                    out.push(b'\n');
                }
            }
            Form::Pretty { has_colour } => self.pretty(event, has_colour, out),
            Form::Ndjson => self.ndjson(event, out),
            Form::Csv => self.csv(event, out),
        }
    }

    fn ndjson(&self, event: &Event<'_>, out: &mut Vec<u8>) {
        out.push(b'{');
        let start = out.len();
        if let Some(name) = &self.name {
            member("file", name.as_bytes(), start, out);
        }
        if self.columns.is_empty() {
            if self.has_numbers {
                comma(start, out);
                out.extend_from_slice(format!("\"line\":{}", event.number).as_bytes());
            }
            for name in OF_EVERY_EVENT {
                value_member(event, name, start, out);
            }
            if !event.record.trace.is_empty() {
                member("trace", event.record.trace.of(event.text), start, out);
            } else if let Some(rest) = behind_first_line(event) {
                member("trace", rest, start, out);
            }
            if event.format.is_none() {
                out.extend_from_slice(b",\"unparsed\":true");
            }
            if event.parts.fields.iter().any(|field| !field.is_taken) {
                comma(start, out);
                out.extend_from_slice(b"\"fields\":");
                fields_object(event, out);
            }
        } else {
            for name in &self.columns {
                column_member(event, name, start, out);
            }
        }
        out.extend_from_slice(b"}\n");
    }

    fn csv(&self, event: &Event<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        if let Some(name) = &self.name {
            cell(name.as_bytes(), out);
            out.push(b',');
        }
        let mut value = Vec::new();
        let columns = self.columns.iter().map(String::as_str);
        let usual = COLUMNS.into_iter().filter(|_| self.columns.is_empty());
        for (index, column) in columns.chain(usual).enumerate() {
            if index > 0 {
                out.push(b',');
            }
            value.clear();
            if self.columns.is_empty() && column == "fields" {
                if event.parts.fields.iter().any(|field| !field.is_taken) {
                    fields_object(event, &mut value);
                }
            } else {
                event.write_value(column, &mut value);
            }
            cell(&value, out);
        }
        if out.len() == start {
            // An empty line is no row.
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(b"\r\n");
    }

    fn pretty(&self, event: &Event<'_>, has_colour: bool, out: &mut Vec<u8>) {
        let colour = |code: &str, text: &[u8], out: &mut Vec<u8>| {
            if has_colour && !code.is_empty() {
                out.extend_from_slice(format!("\x1B[{code}m").as_bytes());
                printable(text, out);
                out.extend_from_slice(b"\x1B[0m");
            } else {
                printable(text, out);
            }
        };
        if let Some(name) = &self.name {
            colour("2", name.as_bytes(), out);
            out.push(b' ');
        }
        let time = event.time.map(rfc3339).unwrap_or_default();
        if !time.is_empty() {
            colour("2", time.as_bytes(), out);
            out.push(b' ');
        }
        let level = event.record.level;
        if level != Level::Unknown {
            colour(level_colour(level), label(level).as_bytes(), out);
            out.push(b' ');
        }
        let source = event.record.source.of(event.text);
        if !source.is_empty() {
            colour("36", source, out);
            out.extend_from_slice(b": ");
        }
        let mut lines = event.message().split(|byte| *byte == b'\n');
        printable(lines.next().unwrap_or_default(), out);
        for field in event.parts.fields.iter().filter(|field| !field.is_taken) {
            out.push(b' ');
            colour("2", field.name, out);
            out.push(b'=');
            printable(&quoted(&field), out);
        }
        out.push(b'\n');
        let trace = event.record.trace.of(event.text);
        let trace = trace.split(|byte| *byte == b'\n');
        let rest = lines.chain(trace.filter(|line| !line.is_empty()));
        for line in rest.chain(event.continuations()) {
            out.extend_from_slice(b"    ");
            printable(line, out);
            out.push(b'\n');
        }
    }
}

/// Five characters for each level.
const fn label(level: Level) -> &'static str {
    match level {
        Level::Unknown => "     ",
        Level::Trace => "TRACE",
        Level::Debug => "DEBUG",
        Level::Info => "INFO ",
        Level::Notice => "NOTE ",
        Level::Warning => "WARN ",
        Level::Error => "ERROR",
        Level::Critical => "CRIT ",
        Level::Alert => "ALERT",
        Level::Emergency => "EMERG",
    }
}

const fn level_colour(level: Level) -> &'static str {
    match level {
        Level::Unknown | Level::Info => "32",
        Level::Trace | Level::Debug => "2",
        Level::Notice => "36",
        Level::Warning => "33",
        Level::Error => "31",
        Level::Critical | Level::Alert | Level::Emergency => "1;31",
    }
}

/// A value as logfmt writes it.
fn quoted<'f>(field: &Field<'f>) -> Cow<'f, [u8]> {
    let is_plain = !field.value.is_empty()
        && !field
            .value
            .iter()
            .any(|byte| matches!(byte, b' ' | b'"' | b'=' | b'\n' | b'\t'));
    if is_plain || field.kind != Kind::Text {
        return Cow::Borrowed(field.value);
    }
    let mut text = vec![b'"'];
    for byte in field.value {
        match byte {
            b'"' | b'\\' => text.extend_from_slice(&[b'\\', *byte]),
            b'\n' => text.extend_from_slice(b"\\n"),
            b'\t' => text.extend_from_slice(b"\\t"),
            _ => text.push(*byte),
        }
    }
    text.push(b'"');
    Cow::Owned(text)
}

/// What stands behind the first line of an event.
fn behind_first_line<'e>(event: &Event<'e>) -> Option<&'e [u8]> {
    let end = memchr::memchr(b'\n', event.lines)?;
    Some(&event.lines[end + 1..])
}

fn comma(start: usize, out: &mut Vec<u8>) {
    if out.len() > start {
        out.push(b',');
    }
}

fn member(name: &str, value: &[u8], start: usize, out: &mut Vec<u8>) {
    comma(start, out);
    string(name.as_bytes(), out);
    out.push(b':');
    string(value, out);
}

/// A member of the event, if it has it.
fn value_member(event: &Event<'_>, name: &str, start: usize, out: &mut Vec<u8>) {
    let mut value = Vec::new();
    if event.write_value(name, &mut value) {
        member(name, &value, start, out);
    }
}

/// A column that was asked for: null where the event has none.
fn column_member(event: &Event<'_>, name: &str, start: usize, out: &mut Vec<u8>) {
    comma(start, out);
    string(name.as_bytes(), out);
    out.push(b':');
    // What every event can have is told in one form, whatever the log has under the same name.
    let is_own = !OF_EVERY_EVENT.contains(&name);
    if let Some(field) = event.parts.fields.get(name.as_bytes())
        && field.kind != Kind::Text
        && is_own
    {
        json_value(&field, out);
        return;
    }
    let mut value = Vec::new();
    if event.write_value(name, &mut value) {
        string(&value, out);
    } else {
        out.extend_from_slice(b"null");
    }
}

/// The fields that are no parts of the record; of one name the last counts.
fn fields_object(event: &Event<'_>, out: &mut Vec<u8>) {
    out.push(b'{');
    let start = out.len();
    for field in event.parts.fields.iter().filter(|field| !field.is_taken) {
        comma(start, out);
        string(field.name, out);
        out.push(b':');
        json_value(&field, out);
    }
    out.push(b'}');
}

fn json_value(field: &Field<'_>, out: &mut Vec<u8>) {
    match field.kind {
        Kind::Text => string(field.value, out),
        // Read once already, but the inner of an array was only passed over.
        _ => match serde_json::from_slice::<serde_json::Value>(field.value) {
            Ok(_) => out.extend_from_slice(field.value),
            Err(_) => string(field.value, out),
        },
    }
}

/// A text of JSON; bytes that are no UTF-8 become replacement characters.
fn string(text: &[u8], out: &mut Vec<u8>) {
    // Writing to a Vec does not fail.
    let _ = serde_json::to_writer(out, &String::from_utf8_lossy(text));
}

/// A cell of CSV that no spreadsheet takes for a formula.
fn cell(value: &[u8], out: &mut Vec<u8>) {
    let value = String::from_utf8_lossy(value);
    let is_number = value.parse::<f64>().is_ok();
    let is_formula = !is_number && value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let needs_quotes = is_formula || value.contains([',', '"', '\n', '\r']);
    if !needs_quotes {
        out.extend_from_slice(value.as_bytes());
        return;
    }
    out.push(b'"');
    if is_formula {
        out.push(b'\'');
    }
    out.extend_from_slice(value.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

/// Without what a terminal obeys: control characters are shown as carets or points of code.
fn printable(text: &[u8], out: &mut Vec<u8>) {
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\t' => out.push(b'\t'),
                _ if character.is_control() || is_direction(character) => {
                    out.extend_from_slice(format!("\\u{{{:x}}}", u32::from(character)).as_bytes());
                }
                _ => {
                    let mut buffer = [0; 4];
                    out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
                }
            }
        }
        for byte in chunk.invalid() {
            out.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
        }
    }
}

/// Marks that turn the direction of text, with which a line can look like another.
const fn is_direction(character: char) -> bool {
    matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}')
}
