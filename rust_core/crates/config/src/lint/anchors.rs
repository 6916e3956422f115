//! The rule anchors, as far as the parser lets texts through: an alias without an anchor is an
//! error of the parser, which the reader of errors gives this rule's name.

use std::collections::HashMap;

use super::configuration::Configuration;
use super::mark::Mark;
use super::report::Report;
use super::rule::Rule;

pub(crate) struct Anchors {
    duplicated: bool,
    unused: bool,
    /// Those of the document: where, and whether an alias names them.
    seen: HashMap<String, (Mark, bool)>,
}

impl Anchors {
    pub(crate) fn new(configuration: &Configuration) -> Self {
        let setting = configuration.setting(Rule::Anchors);
        Self {
            duplicated: setting.bool("forbid-duplicated-anchors"),
            unused: setting.bool("forbid-unused-anchors"),
            seen: HashMap::new(),
        }
    }

    pub(crate) fn anchor(&mut self, report: &mut Report<'_>, start: Mark, end: Mark) {
        if !self.duplicated && !self.unused {
            return;
        }
        let name = &report.text[start.at + 1..end.at];
        let before = self.seen.insert(name.to_owned(), (start, false));
        if self.duplicated && before.is_some() {
            let message = format!("found duplicated anchor \"{name}\"");
            report.add_at(Rule::Anchors, start, message);
        }
    }

    pub(crate) fn alias(&mut self, name: &str) {
        if self.unused
            && let Some((_, is_used)) = self.seen.get_mut(name)
        {
            *is_used = true;
        }
    }

    pub(crate) fn document_end(&mut self, report: &mut Report<'_>) {
        for (name, (start, is_used)) in self.seen.drain() {
            if self.unused && !is_used {
                let message = format!("found unused anchor \"{name}\"");
                report.add_at(Rule::Anchors, start, message);
            }
        }
    }
}
