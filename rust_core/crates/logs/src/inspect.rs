//! Which formats an input has, how sure that is and why.

use serde_json::{Value, json};

use crate::format::{Format, Layout, LevelPlace};
use crate::scan::{Input, Opened, Options};
use crate::time::Shape;

/// What was found of an input: `formats` in the order in which a line is tried, each with the
/// `lines` of the sample it reads and its `reason`; `sampled` lines, the `confidence` (the share of
/// them that is read by more than plain text) and an example of what is not.
#[must_use]
pub fn inspect(input: Input<'_>, options: &Options) -> Value {
    let options = Options {
        formats: Vec::new(),
        ..options.clone()
    };
    let Some(detected) = Opened::new(input, &options).detected else {
        return Value::Null;
    };
    let candidates = detected.candidates.iter();
    let formats = candidates.map(|candidate| {
        json!({
            "name": candidate.format.name(),
            "lines": candidate.lines,
            "reason": reason(candidate.format),
        })
    });
    json!({
        "formats": formats.collect::<Vec<_>>(),
        "sampled": detected.sampled,
        "unread": detected.unread,
        "confidence": detected.confidence(),
    })
}

fn reason(format: Format) -> String {
    let text = match format {
        Format::Json => "a JSON object a line",
        Format::Access => "client, user, [time], \"request\", status and size",
        Format::Syslog5424 => "<priority>1, an ISO time, host, program, process and message id",
        Format::Syslog(Shape::Syslog) => "a time as Nov 20 10:00:00, then host and program[pid]:",
        Format::Syslog(_) => "an ISO time, then host and program[pid]:",
        Format::Cri => "an ISO time, stdout or stderr, and P or F",
        Format::Klog => "a letter for the level, mmdd time, thread and file:line]",
        Format::Logfmt => "key=value pairs, one of them a time, level or message",
        Format::W3c => "a line `#Fields:` that names the columns",
        Format::Rows(_) => "a first line that names the columns, one of them a time",
        Format::Standard(_) => "as many columns as that has, of the right kinds",
        Format::Haproxy => "client:port, [time], frontend, backend/server and timers",
        Format::Kernel => "[seconds since the start], perhaps behind <priority>",
        Format::Boot => "[  OK  ] or [FAILED] before what was started",
        Format::Journal => "a weekday or seconds, then host and program[pid]:",
        Format::JournalExport => "KEY=VALUE lines with a cursor, entries parted by blank lines",
        Format::Audit => "type= and msg=audit(seconds:number):",
        Format::Logcat => "a letter for the level, a tag and (process):",
        Format::Redis => "pid:role, a time and a sign for the level",
        Format::Rails => "Started a request at a time, Completed with a status in ms",
        Format::Jul => "time, class and method, then level: message on the next line",
        Format::MysqlSlow => "# Time:, # User@Host: and # Query_time:",
        Format::Pattern(_) => "the pattern that was given",
        Format::Plain => "no time that lines have in common",
        Format::Text(layout) => return layout_reason(layout),
    };
    text.to_owned()
}

fn layout_reason(layout: Layout) -> String {
    let place = match layout.before {
        0 => "at the start".to_owned(),
        before => format!("behind {}", words(before)),
    };
    let level = match layout.level {
        LevelPlace::None => "no level in a fixed place".to_owned(),
        LevelPlace::Before(index) => format!("the level is word {} of the line", index + 1),
        LevelPlace::After(index) => format!("the level is word {} behind it", index + 1),
    };
    let second = match layout.second {
        None => String::new(),
        Some((_, shape)) => format!(" and another as {}", shape.example()),
    };
    let example = layout.shape.example();
    format!("a time as {example} {place}{second}; {level}")
}

fn words(count: u8) -> String {
    if count == 1 {
        "a word".to_owned()
    } else {
        format!("{count} words")
    }
}
