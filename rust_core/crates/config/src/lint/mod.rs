//! A linter that yamllint's users know: its rules, options, messages, positions, configuration
//! files and comments, over the events of this crate's parser; and the rule two-readers.
//!
//! It takes texts and gives findings. Files, folders and output belong to others. A text is read
//! twice: line by line for the rules that need no YAML, and event by event for the others.

mod anchors;
mod checked;
mod comments;
mod configuration;
mod directives;
mod documents;
mod fix;
mod indentation;
mod keys;
mod lines;
mod mark;
mod node;
mod quoting;
mod reader;
mod readers;
mod report;
mod rule;
mod scalars;
mod setting;
mod spacing;

pub use configuration::{Configuration, ConfigurationError, Loader};
pub use fix::fix;
pub use rule::Rule;

use directives::Directives;
use reader::Reader;
use report::{Purpose, Report};

use crate::error::{ParseError, SyntaxError, SyntaxErrorKind};
use crate::finding::{Finding, Level, LineColumn};
use crate::limits::Limits;
use crate::source::Source;

/// What the rules of the configuration find in a text, by line and column. The path is for the
/// patterns of files that are ignored; a file that is not looked at has no findings.
///
/// ```
/// use config::lint::{Configuration, lint};
///
/// let findings = lint(b"---\nanswer: yes \n", &Configuration::default(), "a.yaml");
/// let shown: Vec<_> = findings.iter().map(|one| (one.rule, one.start.column)).collect();
/// assert_eq!(shown, [("truthy", 9), ("trailing-spaces", 12)]);
/// ```
#[must_use]
pub fn lint(text: &[u8], configuration: &Configuration, path: &str) -> Vec<Finding> {
    if configuration.is_ignored(path) {
        return Vec::new();
    }
    let source = match Source::decode(text, &Limits::default()) {
        Ok(source) => source,
        Err(error) => return vec![syntax(&error)],
    };
    if disables(source.text()) {
        return Vec::new();
    }
    let mut report = Report::new(source.text(), Purpose::Find, configuration.levels(path));
    let directives = run(configuration, &mut report, Some(&source));
    let mut findings = report.findings;
    findings.sort_by_key(|finding| finding.start);
    if !directives.is_empty() {
        findings.retain(|finding| directives.keeps(finding));
    }
    findings
}

/// Whether the text asks not to be looked at.
fn disables(text: &str) -> bool {
    directives::disables_file(text)
}

/// Both readings of a text.
fn run(
    configuration: &Configuration,
    report: &mut Report<'_>,
    source: Option<&Source<'_>>,
) -> Directives {
    lines::Lines::new(configuration, report).check(report);
    let limits = Limits::default();
    let own;
    let source = match source {
        Some(source) => source,
        None => match Source::of_text(report.text, &limits) {
            Ok(source) => {
                own = source;
                &own
            }
            Err(_) => return Directives::default(),
        },
    };
    let mut reader = Reader::new(configuration, report);
    let result = source.parse(&limits, &mut reader);
    if result.is_ok() {
        reader.finish();
    }
    let directives = reader.directives;
    match result {
        Ok(()) => {}
        Err(ParseError::Syntax(error)) => parse_error(report, configuration, &error),
        Err(ParseError::Sink(never)) => match never {},
    }
    directives
}

/// An alias without its anchor is a rule's business when that rule is on. Either way nothing behind
/// it is read.
fn parse_error(report: &mut Report<'_>, configuration: &Configuration, error: &SyntaxError) {
    if let SyntaxErrorKind::UndefinedAlias { name } = &error.kind
        && report.is_on(Rule::Anchors)
        && configuration
            .setting(Rule::Anchors)
            .bool("forbid-undeclared-aliases")
    {
        let line = u32::try_from(error.position.line).unwrap_or(u32::MAX);
        let message = format!("found undeclared alias \"{name}\"");
        report.add(Rule::Anchors, line, error.position.column - 1, message);
        return;
    }
    report.findings.push(syntax(error));
}

fn syntax(error: &SyntaxError) -> Finding {
    let number = |one: usize| u32::try_from(one).unwrap_or(u32::MAX);
    Finding {
        rule: Rule::Syntax.name(),
        level: Level::Error,
        message: format!("syntax error: {}", error.kind).into(),
        start: LineColumn {
            line: number(error.position.line),
            column: number(error.position.column),
        },
        end: None,
        hint: None,
    }
}
