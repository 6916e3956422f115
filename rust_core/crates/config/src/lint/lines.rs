//! The rules that need no YAML: line-length, trailing-spaces, empty-lines, new-lines,
//! new-line-at-end-of-file. One pass over the lines.

use super::configuration::Configuration;
use super::report::Report;
use super::rule::Rule;
use crate::event::{CollectionStyle, Event, EventSink, Span};
use crate::limits::Limits;
use crate::source::Source;

struct Length {
    max: usize,
    allows_words: bool,
    allows_mappings: bool,
}

struct Blank {
    max: usize,
    max_start: usize,
    max_end: usize,
}

pub(crate) struct Lines {
    length: Option<Length>,
    blank: Option<Blank>,
    trailing: bool,
    /// The line break that is wanted.
    break_text: Option<&'static str>,
    final_break: bool,
}

/// A line without its break.
struct Line<'t> {
    number: u32,
    start: usize,
    text: &'t str,
    break_text: &'t str,
}

impl Lines {
    pub(crate) fn new(configuration: &Configuration, report: &Report<'_>) -> Self {
        let length = configuration.setting(Rule::LineLength);
        let blank = configuration.setting(Rule::EmptyLines);
        let bound = |name| blank.bound(name).unwrap_or(0);
        let new_lines = configuration.setting(Rule::NewLines);
        let dos = new_lines.word("type") == "dos"
            || new_lines.word("type") == "platform" && cfg!(windows);
        let allows_mappings = length.bool("allow-non-breakable-inline-mappings");
        Self {
            length: report.is_on(Rule::LineLength).then(|| Length {
                max: length.bound("max").unwrap_or(0),
                allows_words: allows_mappings || length.bool("allow-non-breakable-words"),
                allows_mappings,
            }),
            blank: report.is_on(Rule::EmptyLines).then(|| Blank {
                max: bound("max"),
                max_start: bound("max-start"),
                max_end: bound("max-end"),
            }),
            trailing: report.is_on(Rule::TrailingSpaces),
            break_text: report
                .is_on(Rule::NewLines)
                .then_some(if dos { "\r\n" } else { "\n" }),
            final_break: report.is_on(Rule::NewLineAtEndOfFile),
        }
    }

    pub(crate) fn check(&self, report: &mut Report<'_>) {
        let text = report.text;
        let (mut start, mut number) = (0, 1);
        // Where the blank lines began that go on to the present line.
        let mut blank_start = 0;
        let mut blank_count = 0;
        while start < text.len() {
            let feed = memchr::memchr(b'\n', &text.as_bytes()[start..]).map(|found| start + found);
            let end = feed.unwrap_or(text.len());
            let content = &text[start..end];
            let bare = content.strip_suffix('\r').unwrap_or(content);
            let next = feed.map_or(end, |feed| feed + 1);
            let line = Line {
                number,
                start,
                text: bare,
                break_text: if feed.is_some() {
                    &text[start + bare.len()..next]
                } else {
                    ""
                },
            };
            if bare.is_empty() && feed.is_some() {
                blank_count += 1;
                if next == text.len() {
                    self.blank_lines(report, (blank_start, blank_count), &line, next);
                }
            } else {
                if blank_count > 0 {
                    let last = Line {
                        number: number - 1,
                        ..line
                    };
                    self.blank_lines(report, (blank_start, blank_count), &last, start);
                }
                self.content(report, &line);
                blank_start = next;
                blank_count = 0;
            }
            if number == 1 && feed.is_some() {
                self.first_break(report, &line);
            }
            start = next;
            number += 1;
        }
        self.end(report, number - 1);
    }

    fn content(&self, report: &mut Report<'_>, line: &Line<'_>) {
        if let Some(length) = &self.length
            && line.text.len() > length.max
        {
            length.check(report, line);
        }
        if self.trailing && line.text.ends_with([' ', '\t']) {
            let kept = line.text.trim_end_matches([' ', '\t']);
            let column = kept.chars().count();
            report.add(Rule::TrailingSpaces, line.number, column, "trailing spaces");
            let end = line.start + line.text.len();
            report.edit(Rule::TrailingSpaces, (line.start + kept.len(), end), "");
        }
    }

    /// `last` is the last of `count` blank lines, which end where `next` begins.
    fn blank_lines(
        &self,
        report: &mut Report<'_>,
        (start, count): (usize, usize),
        last: &Line<'_>,
        next: usize,
    ) {
        let Some(blank) = &self.blank else { return };
        let text = report.text;
        // A text that is one line break is an empty text.
        if text.len() == last.break_text.len() && next == text.len() {
            return;
        }
        let mut max = blank.max;
        if start == 0 {
            max = blank.max_start;
        }
        if next == text.len() {
            max = blank.max_end;
        }
        if count <= max {
            return;
        }
        let message = format!("too many blank lines ({count} > {max})");
        report.add(Rule::EmptyLines, last.number, 0, message);
        // Breaks are one or two bytes each; the first `max` of them stay.
        let mut kept = start;
        for _ in 0..max {
            kept += memchr::memchr(b'\n', &text.as_bytes()[kept..next]).map_or(0, |at| at + 1);
        }
        report.edit(Rule::EmptyLines, (kept, next), "");
    }

    fn first_break(&self, report: &mut Report<'_>, line: &Line<'_>) {
        let Some(wanted) = self.break_text.filter(|wanted| *wanted != line.break_text) else {
            return;
        };
        let shown = if wanted == "\n" { "\\n" } else { "\\r\\n" };
        let column = line.text.chars().count();
        let message = format!("wrong new line character: expected {shown}");
        report.add(Rule::NewLines, line.number, column, message);
        if report.purpose == super::report::Purpose::Find {
            return;
        }
        let text = report.text;
        for feed in memchr::memchr_iter(b'\n', text.as_bytes()) {
            let has_return = text[..feed].ends_with('\r');
            match (wanted, has_return) {
                ("\n", true) => report.edit(Rule::NewLines, (feed - 1, feed), ""),
                ("\r\n", false) => report.edit(Rule::NewLines, (feed, feed), "\r"),
                _ => {}
            }
        }
    }

    fn end(&self, report: &mut Report<'_>, last: u32) {
        let text = report.text;
        if !self.final_break || text.is_empty() || text.ends_with('\n') {
            return;
        }
        let start = memchr::memrchr(b'\n', text.as_bytes()).map_or(0, |at| at + 1);
        let column = text[start..].chars().count();
        report.add(
            Rule::NewLineAtEndOfFile,
            last,
            column,
            "no new line character at the end of file",
        );
        let like_first = if text.contains("\r\n") { "\r\n" } else { "\n" };
        report.edit(
            Rule::NewLineAtEndOfFile,
            (text.len(), text.len()),
            self.break_text.unwrap_or(like_first),
        );
    }
}

impl Length {
    fn check(&self, report: &mut Report<'_>, line: &Line<'_>) {
        let count = line.text.chars().count();
        if count <= self.max
            || self.allows_words && is_one_word(line.text)
            || self.allows_mappings && is_mapping_of_one_word(line.text)
        {
            return;
        }
        let message = format!("line too long ({count} > {} characters)", self.max);
        report.add(Rule::LineLength, line.number, self.max, message);
    }
}

/// Whether a line has nothing to break it at: white space, perhaps `# ` or `- `, and one word.
fn is_one_word(line: &str) -> bool {
    let content = line.trim_start_matches(' ');
    let word = if content.starts_with('#') {
        let rest = content.trim_start_matches('#');
        let mut characters = rest.chars();
        characters.next();
        characters.as_str()
    } else {
        content.strip_prefix("- ").unwrap_or(content)
    };
    !word.is_empty() && !word.contains(' ')
}

/// Whether a line alone is YAML up to a `key: value` whose value goes on without a space.
fn is_mapping_of_one_word(line: &str) -> bool {
    let content = line.find(|character| !matches!(character, ' ' | '-'));
    let replaced = |mark, word: &str| {
        let at = content.filter(|at| line[*at..].starts_with(mark))?;
        Some(format!("{}{word}{}", &line[..at], &line[at + 1..]))
    };
    // An alias has its anchor in another line; as a key it is as good as a word. Behind the `:`
    // of a key in another line a mapping may start, as behind a hyphen.
    let at = match replaced('*', "x") {
        Some(word) => first_value(&word),
        None => {
            first_value(line).or_else(|| replaced(':', "-").and_then(|entry| first_value(&entry)))
        }
    };
    at.is_some_and(|at| !line[at..].contains(' '))
}

fn first_value(line: &str) -> Option<usize> {
    let limits = Limits::default();
    let mut first = FirstValue::default();
    let source = Source::of_text(line, &limits).ok()?;
    // The line is only a part of the text, so an error at its end says nothing.
    let _ = source.parse(&limits, &mut first);
    first.at
}

/// Finds the first scalar without properties that is a value, from the first block mapping on.
#[derive(Default)]
struct FirstValue {
    /// Whether the next node is a value; one for each open collection.
    open: Vec<Option<bool>>,
    in_mapping: bool,
    at: Option<usize>,
}

impl FirstValue {
    fn next(&mut self) {
        if let Some(Some(is_value)) = self.open.last_mut() {
            *is_value = !*is_value;
        }
    }
}

impl EventSink for FirstValue {
    /// Enough is known.
    type Error = ();

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), ()> {
        match event {
            Event::MappingStart { style, .. } => {
                self.in_mapping |= style == CollectionStyle::Block;
                self.open.push(Some(false));
            }
            Event::SequenceStart { .. } => self.open.push(None),
            Event::MappingEnd | Event::SequenceEnd => {
                self.open.pop();
                self.next();
            }
            Event::Scalar { properties, .. } => {
                let is_value = self.in_mapping && self.open.last() == Some(&Some(true));
                if is_value && span.end > span.start && properties.is_empty() {
                    self.at = Some(span.start);
                    return Err(());
                }
                self.next();
            }
            Event::Alias { .. } => self.next(),
            _ => {}
        }
        Ok(())
    }
}
