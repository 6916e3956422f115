//! Tables of real lines and what is expected of each.

use logs::format::{Parts, Reader, detect};
use logs::level::Level;
use logs::record::Span;
use logs::time::{YearOf, rfc3339};

/// Lines of a log, of which the last is read.
pub(crate) struct Row {
    pub(crate) lines: &'static [&'static str],
    pub(crate) format: &'static str,
    pub(crate) time: &'static str,
    pub(crate) level: Level,
    pub(crate) message: &'static str,
    /// Fields by name, those of the record among them.
    pub(crate) fields: &'static [(&'static str, &'static str)],
    /// Names of numbers for percentiles, and their values.
    pub(crate) numbers: &'static [(&'static str, f64)],
}

/// Reads the last line of each row in the format that is found from all of them.
pub(crate) fn check(rows: &[Row]) {
    let mut wrong = Vec::new();
    for row in rows {
        let lines: Vec<&[u8]> = row.lines.iter().map(|line| line.as_bytes()).collect();
        let line = *lines.last().expect("a line");
        let formats = detect(&lines).formats();
        let mut reader = Reader::default();
        reader.year = YearOf(2026);
        reader.parts = Parts::with_fields();
        let mut record = None;
        for line in &lines {
            record = reader.parse(formats[0], line);
        }
        let Some(record) = record else {
            wrong.push(format!(
                "{}\n  not read as {}",
                row.lines[0],
                formats[0].name()
            ));
            continue;
        };
        let text = reader.parts.text(&record, line);
        let told = |span: Span| String::from_utf8_lossy(span.of(text)).into_owned();
        let time = record
            .time
            .map(|stamp| rfc3339(stamp.seconds * 1_000_000_000 + i64::from(stamp.nanoseconds)));
        let field = |name: &str| match name {
            "source" => told(record.source),
            "host" => told(record.host),
            _ => {
                let field = reader.parts.fields.get(name.as_bytes());
                let value = field.map(|field| field.value).unwrap_or_default();
                String::from_utf8_lossy(value).into_owned()
            }
        };
        let numbers = reader.parts.numbers().iter().map(|(key, value)| {
            let name = reader.number_name(reader.parts.number_names(), *key);
            (String::from_utf8_lossy(name).into_owned(), *value)
        });
        let found = format!(
            "{} {} {:?} {:?} {:?} {:?}",
            formats[0].name(),
            time.unwrap_or_default(),
            record.level,
            told(record.message),
            row.fields
                .iter()
                .map(|(name, _)| (*name, field(name)))
                .collect::<Vec<_>>(),
            numbers.collect::<Vec<_>>(),
        );
        let expected = format!(
            "{} {} {:?} {:?} {:?} {:?}",
            row.format, row.time, row.level, row.message, row.fields, row.numbers
        );
        if found != expected {
            wrong.push(format!(
                "{line:?}\n  {found}\n  {expected}",
                line = row.lines.last()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
