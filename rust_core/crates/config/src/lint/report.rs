//! Where the rules put what they find, and, when a text is to be fixed, how.

use std::borrow::Cow;

use super::mark::{Columns, Mark};
use super::rule::Rule;
use crate::finding::{Finding, Level, LineColumn};

/// A piece of text to put in the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// The first byte that goes.
    pub(crate) start: usize,
    /// One past the last byte that goes.
    pub(crate) end: usize,
    /// What comes instead.
    pub(crate) text: Cow<'static, str>,
    /// The rule that asks for it.
    pub(crate) rule: Rule,
}

/// Whether the rules also say how to fix what they find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Find,
    Fix,
}

pub(crate) struct Report<'t> {
    pub(crate) text: &'t str,
    pub(crate) columns: Columns<'t>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) edits: Vec<Edit>,
    /// Scalars over several lines, in which white space may be text. Kept for fixing only.
    pub(crate) texts: Vec<(usize, usize)>,
    pub(crate) purpose: Purpose,
    levels: [Option<Level>; Rule::ALL.len()],
}

impl<'t> Report<'t> {
    pub(crate) fn new(
        text: &'t str,
        purpose: Purpose,
        levels: [Option<Level>; Rule::ALL.len()],
    ) -> Self {
        Self {
            text,
            columns: Columns::new(text),
            findings: Vec::new(),
            edits: Vec::new(),
            texts: Vec::new(),
            purpose,
            levels,
        }
    }

    /// Whether the rule applies to this file.
    pub(crate) fn is_on(&self, rule: Rule) -> bool {
        self.level(rule).is_some()
    }

    fn level(&self, rule: Rule) -> Option<Level> {
        match self.levels.get(rule as usize) {
            Some(level) => *level,
            None => Some(Level::Error),
        }
    }

    /// Adds a finding at a zero-based column.
    #[cold]
    pub(crate) fn add(
        &mut self,
        rule: Rule,
        line: u32,
        column: usize,
        message: impl Into<Cow<'static, str>>,
    ) {
        if let Some(level) = self.level(rule) {
            self.findings.push(Finding {
                rule: rule.name(),
                level,
                message: message.into(),
                start: LineColumn {
                    line,
                    column: u32::try_from(column).unwrap_or(u32::MAX - 1) + 1,
                },
                end: None,
                hint: None,
            });
        }
    }

    /// Adds a finding at a mark.
    #[cold]
    pub(crate) fn add_at(&mut self, rule: Rule, mark: Mark, message: impl Into<Cow<'static, str>>) {
        let column = self.columns.of(mark);
        self.add(rule, mark.line, column, message);
    }

    /// Says more of the newest finding.
    pub(crate) fn with(&mut self, end: Option<LineColumn>, hint: impl Into<Box<str>>) {
        if let Some(finding) = self.findings.last_mut() {
            finding.end = end;
            finding.hint = Some(hint.into());
        }
    }

    /// Says how to fix something, when that is wanted.
    pub(crate) fn edit(
        &mut self,
        rule: Rule,
        (start, end): (usize, usize),
        text: impl Into<Cow<'static, str>>,
    ) {
        if self.purpose == Purpose::Fix && self.is_on(rule) {
            self.edits.push(Edit {
                start,
                end,
                text: text.into(),
                rule,
            });
        }
    }
}

/// `count` spaces.
pub(crate) fn spaces(count: usize) -> Cow<'static, str> {
    const SPACES: &str = "                                ";
    match SPACES.get(..count) {
        Some(spaces) => Cow::Borrowed(spaces),
        None => Cow::Owned(" ".repeat(count)),
    }
}
