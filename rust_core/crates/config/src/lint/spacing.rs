//! Spaces around indicators on one line: braces, brackets, colons, commas, hyphens.

use super::configuration::Configuration;
use super::mark::{Kind, Token};
use super::report::{Report, spaces};
use super::rule::Rule;

/// How many spaces there may be; none for as many as one likes.
#[derive(Clone, Copy)]
struct Range {
    min: Option<usize>,
    max: Option<usize>,
}

impl Range {
    fn at_most(max: Option<usize>) -> Self {
        Self { min: None, max }
    }
}

enum Forbidden {
    None,
    All,
    NonEmpty,
}

/// The options of braces or brackets.
struct Inside {
    rule: Rule,
    /// What the messages call them.
    name: &'static str,
    collection: &'static str,
    forbidden: Forbidden,
    filled: Range,
    empty: Range,
}

pub(crate) struct Spacing {
    braces: Option<Inside>,
    brackets: Option<Inside>,
    colons: Option<(Range, Range)>,
    commas: Option<(Option<usize>, Range)>,
    hyphens: Option<Range>,
}

impl Inside {
    fn new(
        configuration: &Configuration,
        rule: Rule,
        name: &'static str,
        collection: &'static str,
    ) -> Self {
        let setting = configuration.setting(rule);
        let filled = Range {
            min: setting.bound("min-spaces-inside"),
            max: setting.bound("max-spaces-inside"),
        };
        Self {
            rule,
            name,
            collection,
            forbidden: if setting.bool("forbid") {
                Forbidden::All
            } else if setting.word("forbid") == "non-empty" {
                Forbidden::NonEmpty
            } else {
                Forbidden::None
            },
            filled,
            empty: Range {
                min: setting.bound("min-spaces-inside-empty").or(filled.min),
                max: setting.bound("max-spaces-inside-empty").or(filled.max),
            },
        }
    }
}

impl Spacing {
    pub(crate) fn new(configuration: &Configuration, report: &Report<'_>) -> Self {
        let bound = |rule, name| configuration.setting(rule).bound(name);
        Self {
            braces: report
                .is_on(Rule::Braces)
                .then(|| Inside::new(configuration, Rule::Braces, "braces", "mapping")),
            brackets: report
                .is_on(Rule::Brackets)
                .then(|| Inside::new(configuration, Rule::Brackets, "brackets", "sequence")),
            colons: report.is_on(Rule::Colons).then(|| {
                (
                    Range::at_most(bound(Rule::Colons, "max-spaces-before")),
                    Range::at_most(bound(Rule::Colons, "max-spaces-after")),
                )
            }),
            commas: report.is_on(Rule::Commas).then(|| {
                let after = Range {
                    min: bound(Rule::Commas, "min-spaces-after"),
                    max: bound(Rule::Commas, "max-spaces-after"),
                };
                (bound(Rule::Commas, "max-spaces-before"), after)
            }),
            hyphens: report
                .is_on(Rule::Hyphens)
                .then(|| Range::at_most(bound(Rule::Hyphens, "max-spaces-after"))),
        }
    }

    /// Looks at the space between two neighbours.
    pub(crate) fn check(&self, report: &mut Report<'_>, left: &Token, right: &Token) {
        match left.kind {
            Kind::MapOpen => opened(self.braces.as_ref(), report, left, right, Kind::MapClose),
            Kind::SequenceOpen => {
                let closed = Kind::SequenceClose;
                opened(self.brackets.as_ref(), report, left, right, closed);
            }
            Kind::Colon | Kind::Question => {
                if let Some((_, range)) = self.colons {
                    let name = if left.kind == Kind::Colon {
                        "after colon"
                    } else {
                        "after question mark"
                    };
                    after(report, Rule::Colons, range, left, right, name);
                }
            }
            Kind::Hyphen => {
                if let Some(range) = self.hyphens {
                    after(report, Rule::Hyphens, range, left, right, "after hyphen");
                }
            }
            Kind::Comma => {
                if let Some((_, range)) = self.commas {
                    after(report, Rule::Commas, range, left, right, "after comma");
                }
            }
            _ => {}
        }
        match right.kind {
            Kind::MapClose if left.kind != Kind::MapOpen => {
                closed(self.braces.as_ref(), report, left, right);
            }
            Kind::SequenceClose if left.kind != Kind::SequenceOpen => {
                closed(self.brackets.as_ref(), report, left, right);
            }
            Kind::Colon => self.before_colon(report, left, right),
            Kind::Comma => self.before_comma(report, left, right),
            _ => {}
        }
    }

    fn before_colon(&self, report: &mut Report<'_>, left: &Token, right: &Token) {
        let Some((mut range, _)) = self.colons else {
            return;
        };
        // The name of an alias could go on with a colon.
        if left.kind == Kind::Alias {
            range.max = range.max.map(|max| max.max(1));
        }
        before(report, Rule::Colons, range, left, right, "before colon");
    }

    fn before_comma(&self, report: &mut Report<'_>, left: &Token, right: &Token) {
        let Some((Some(max), _)) = self.commas else {
            return;
        };
        if left.end.line < right.start.line {
            let column = report.columns.of(right.start).max(1) - 1;
            let message = "too many spaces before comma";
            report.add(Rule::Commas, right.start.line, column, message);
        } else {
            let range = Range::at_most(Some(max));
            before(report, Rule::Commas, range, left, right, "before comma");
        }
    }
}

fn opened(
    inside: Option<&Inside>,
    report: &mut Report<'_>,
    left: &Token,
    right: &Token,
    close: Kind,
) {
    let Some(inside) = inside else { return };
    let is_empty = right.kind == close;
    let is_forbidden = match inside.forbidden {
        Forbidden::None => false,
        Forbidden::All => true,
        Forbidden::NonEmpty => !is_empty,
    };
    if is_forbidden {
        let message = format!("forbidden flow {}", inside.collection);
        report.add_at(inside.rule, left.end, message);
    } else {
        let (range, empty) = if is_empty {
            (inside.empty, "empty ")
        } else {
            (inside.filled, "")
        };
        let name = || format!("inside {empty}{}", inside.name);
        after_named(report, inside.rule, range, left, right, name);
    }
}

fn closed(inside: Option<&Inside>, report: &mut Report<'_>, left: &Token, right: &Token) {
    let Some(inside) = inside else { return };
    let name = match inside.rule {
        Rule::Braces => "inside braces",
        _ => "inside brackets",
    };
    before(report, inside.rule, inside.filled, left, right, name);
}

/// What is wrong with the space between two tokens on one line, and how many there should be.
fn wrong(range: Range, left: &Token, right: &Token) -> Option<(&'static str, usize)> {
    if left.end.line != right.start.line {
        return None;
    }
    let count = right.start.at - left.end.at;
    match (range.min, range.max) {
        (_, Some(max)) if count > max => Some(("too many spaces", max)),
        (Some(min), _) if count < min => Some(("too few spaces", min)),
        _ => None,
    }
}

fn after(
    report: &mut Report<'_>,
    rule: Rule,
    range: Range,
    left: &Token,
    right: &Token,
    name: &str,
) {
    after_named(report, rule, range, left, right, || name.to_owned());
}

fn after_named(
    report: &mut Report<'_>,
    rule: Rule,
    range: Range,
    left: &Token,
    right: &Token,
    name: impl FnOnce() -> String,
) {
    let Some((problem, wanted)) = wrong(range, left, right) else {
        return;
    };
    let message = format!("{problem} {}", name());
    if problem == "too few spaces" {
        report.add_at(rule, right.start, message);
    } else {
        let column = report.columns.of(right.start).max(1) - 1;
        report.add(rule, right.start.line, column, message);
    }
    if right.kind != Kind::Edge {
        report.edit(rule, (left.end.at, right.start.at), spaces(wanted));
    }
}

fn before(
    report: &mut Report<'_>,
    rule: Rule,
    range: Range,
    left: &Token,
    right: &Token,
    name: &str,
) {
    let Some((problem, wanted)) = wrong(range, left, right) else {
        return;
    };
    let message = format!("{problem} {name}");
    let column = report.columns.of(right.start);
    if problem == "too few spaces" {
        report.add(rule, right.start.line, column, message);
    } else {
        report.add(rule, right.start.line, column.max(1) - 1, message);
    }
    report.edit(rule, (left.end.at, right.start.at), spaces(wanted));
}
