//! The rules document-start and document-end.

use super::configuration::Configuration;
use super::mark::{Kind, Mark, Token};
use super::report::Report;
use super::rule::Rule;

/// What a rule wants of the marker.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Anything,
    Present,
    Absent,
}

pub(crate) struct Documents {
    start: Wanted,
    end: Wanted,
    /// A document without a marker: its first token shows where it would be.
    at_bare_start: bool,
    /// The same for the end: the next document's or the text's shows where.
    at_bare_end: bool,
    any: bool,
}

fn wanted(configuration: &Configuration, report: &Report<'_>, rule: Rule) -> Wanted {
    if !report.is_on(rule) {
        Wanted::Anything
    } else if configuration.setting(rule).bool("present") {
        Wanted::Present
    } else {
        Wanted::Absent
    }
}

impl Documents {
    pub(crate) fn new(configuration: &Configuration, report: &Report<'_>) -> Self {
        Self {
            start: wanted(configuration, report, Rule::DocumentStart),
            end: wanted(configuration, report, Rule::DocumentEnd),
            at_bare_start: false,
            at_bare_end: false,
            any: false,
        }
    }

    pub(crate) fn start(&mut self, explicit: bool) {
        self.any |= !explicit || self.start == Wanted::Absent;
        self.at_bare_start = !explicit;
        self.any |= self.at_bare_end;
    }

    pub(crate) fn end(&mut self, explicit: bool) {
        self.at_bare_end = !explicit;
        self.any = self.any || self.end != Wanted::Anything;
    }

    #[inline]
    pub(crate) fn token(&mut self, report: &mut Report<'_>, token: &Token) {
        if self.any || matches!(token.kind, Kind::DocumentEnd) {
            self.look(report, token);
        }
    }

    fn look(&mut self, report: &mut Report<'_>, token: &Token) {
        match token.kind {
            Kind::DocumentStart => {
                if self.at_bare_end {
                    self.missing_end(report, token.start);
                }
                if self.start == Wanted::Absent {
                    let message = "found forbidden document start \"---\"";
                    report.add_at(Rule::DocumentStart, token.start, message);
                }
            }
            Kind::DocumentEnd if self.end == Wanted::Absent => {
                let message = "found forbidden document end \"...\"";
                report.add_at(Rule::DocumentEnd, token.start, message);
            }
            Kind::Directive | Kind::DocumentEnd => return,
            _ if self.at_bare_start && self.start == Wanted::Present => {
                let message = "missing document start \"---\"";
                report.add(Rule::DocumentStart, token.start.line, 0, message);
                let at = token.start.line_start;
                report.edit(Rule::DocumentStart, (at, at), line(report.text, "---"));
            }
            _ => {}
        }
        self.at_bare_start = false;
        self.at_bare_end = false;
        self.any = self.start == Wanted::Absent;
    }

    fn missing_end(&mut self, report: &mut Report<'_>, at: Mark) {
        if self.end == Wanted::Present {
            let message = "missing document end \"...\"";
            report.add(Rule::DocumentEnd, at.line, 0, message);
            let offset = at.line_start;
            report.edit(
                Rule::DocumentEnd,
                (offset, offset),
                line(report.text, "..."),
            );
        }
    }

    /// `at` is the end of the text.
    pub(crate) fn finish(&mut self, report: &mut Report<'_>, at: Mark) {
        if self.at_bare_end {
            let is_line = at.at == at.line_start;
            let shown = Mark {
                line: (at.line - 1).max(1),
                line_start: at.at,
                at: at.at,
            };
            if is_line {
                self.missing_end(report, shown);
            } else if self.end == Wanted::Present {
                let message = "missing document end \"...\"";
                report.add(Rule::DocumentEnd, shown.line, 0, message);
            }
        }
    }
}

/// A marker on a line of its own, broken like the first line of the text.
fn line(text: &str, marker: &str) -> String {
    let feed = memchr::memchr(b'\n', text.as_bytes());
    let is_dos = feed.is_some_and(|feed| text[..feed].ends_with('\r'));
    format!("{marker}{}", if is_dos { "\r\n" } else { "\n" })
}
