//! `# yamllint disable`, `enable`, `disable-line` and `disable-file`: which findings the text's
//! own comments take away.

use super::rule::Rule;
use crate::finding::Finding;

/// A set of rules; bits by their number.
#[derive(Clone, Copy, Default)]
struct Rules(u32);

impl Rules {
    const ALL: Self = Self(u32::MAX);

    fn of_name(name: &str) -> Self {
        Rule::from_name(name).map_or(Self(0), |rule| Self(1 << rule as u32))
    }

    fn contains(self, name: &str) -> bool {
        self.0 & Self::of_name(name).0 != 0
    }
}

/// The comments that mean something, in the order of the text.
#[derive(Default)]
pub(crate) struct Directives {
    /// From this line on these rules are off.
    areas: Vec<(u32, Rules)>,
    lines: Vec<(u32, Rules)>,
}

/// Whether the text asks not to be looked at.
pub(crate) fn disables_file(text: &str) -> bool {
    let first = text.split('\n').next().unwrap_or("");
    is_word_then_end(first.trim_end_matches('\r'), "# yamllint disable-file")
}

fn is_word_then_end(comment: &str, word: &str) -> bool {
    comment
        .strip_prefix(word)
        .is_some_and(|rest| rest.trim().is_empty())
}

impl Directives {
    /// Takes a comment of a line; `is_inline` when text stands before it.
    pub(crate) fn comment(&mut self, comment: &str, line: u32, is_inline: bool) {
        let Some(command) = comment.strip_prefix("# yamllint ") else {
            return;
        };
        let mut words = command.trim_end().split(' ');
        let verb = words.next().unwrap_or("");
        let mut named = Rules::default();
        let mut is_all = true;
        for word in words {
            let Some(name) = word.strip_prefix("rule:").filter(|name| !name.is_empty()) else {
                return;
            };
            named.0 |= Rules::of_name(name).0;
            is_all = false;
        }
        let named = if is_all { Rules::ALL } else { named };
        let present = self.areas.last().map_or(0, |(_, rules)| rules.0);
        match verb {
            "disable" => self.areas.push((line, Rules(present | named.0))),
            "enable" => self.areas.push((line, Rules(present & !named.0))),
            "disable-line" if is_inline => self.lines.push((line, named)),
            "disable-line" => self.lines.push((line + 1, named)),
            _ => {}
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.areas.is_empty() && self.lines.is_empty()
    }

    /// Whether the finding stays; one that is no rule's always does.
    pub(crate) fn keeps(&self, finding: &Finding) -> bool {
        let line = finding.start.line;
        !self.is_off(finding.rule, line)
    }

    pub(crate) fn is_off(&self, rule: &str, line: u32) -> bool {
        let area = self.areas.partition_point(|(from, _)| *from <= line);
        let in_area = area > 0 && self.areas[area - 1].1.contains(rule);
        let at = self.lines.partition_point(|(of, _)| *of < line);
        let lines = self.lines[at..].iter().take_while(|(of, _)| *of == line);
        in_area || lines.into_iter().any(|(_, rules)| rules.contains(rule))
    }
}
