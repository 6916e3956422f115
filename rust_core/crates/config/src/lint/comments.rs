//! The rules comments and comments-indentation.

use super::configuration::Configuration;
use super::mark::{Kind, Mark, Token};
use super::report::{Report, spaces};
use super::rule::Rule;

struct Form {
    needs_space: bool,
    ignores_shebangs: bool,
    min_spaces: Option<usize>,
}

pub(crate) struct Comments {
    form: Option<Form>,
    indentation: bool,
    /// Those on lines of their own since the last token, first byte each: they are judged when
    /// the next token is known.
    waiting: Vec<Mark>,
}

impl Comments {
    pub(crate) fn new(configuration: &Configuration, report: &Report<'_>) -> Self {
        let setting = configuration.setting(Rule::Comments);
        Self {
            form: report.is_on(Rule::Comments).then(|| Form {
                needs_space: setting.bool("require-starting-space"),
                ignores_shebangs: setting.bool("ignore-shebangs"),
                min_spaces: setting.bound("min-spaces-from-content"),
            }),
            indentation: report.is_on(Rule::CommentsIndentation),
            waiting: Vec::new(),
        }
    }

    /// Takes the comment from `start` to `end`; `left` is the token before it.
    pub(crate) fn comment(
        &mut self,
        report: &mut Report<'_>,
        left: &Token,
        start: Mark,
        end: usize,
    ) {
        let is_inline = left.end.line == start.line && left.end.at > start.line_start;
        if let Some(form) = &self.form {
            if is_inline {
                form.distance(report, left, start);
            }
            form.start(report, start, end);
        }
        if self.indentation && !is_inline {
            self.waiting.push(start);
        }
    }

    /// Judges the comments before the token `right`.
    #[inline]
    pub(crate) fn before(&mut self, report: &mut Report<'_>, left: &Token, right: &Token) {
        if !self.waiting.is_empty() {
            self.judge(report, left, right);
        }
    }

    #[cold]
    fn judge(&mut self, report: &mut Report<'_>, left: &Token, right: &Token) {
        let next = if right.kind == Kind::Edge {
            0
        } else {
            report.columns.of(right.start)
        };
        // A comment may stand as deep as the line before it, unless the text goes on deeper.
        let mut other = if left.start.at == left.end.at {
            next
        } else {
            let line = &report.text[left.start.line_start..];
            let indent = line.len() - line.trim_start_matches(' ').len();
            indent.max(next)
        };
        let follows_block_scalar = left.kind == Kind::Scalar && left.end.at == left.end.line_start;
        for (number, comment) in self.waiting.drain(..).enumerate() {
            let column = report.columns.of(comment);
            if number == 0 && follows_block_scalar {
                other = column;
                continue;
            }
            if column != next && column != other {
                let message = "comment not indented like content";
                report.add(Rule::CommentsIndentation, comment.line, column, message);
                // Spaces before a comment on its own line are no part of anything.
                let is_spaces = report.text[comment.line_start..comment.at]
                    .bytes()
                    .all(|byte| byte == b' ');
                if is_spaces {
                    let range = (comment.line_start, comment.at);
                    report.edit(Rule::CommentsIndentation, range, spaces(next));
                }
            }
            other = column;
        }
    }
}

impl Form {
    fn distance(&self, report: &mut Report<'_>, left: &Token, start: Mark) {
        let distance = start.at - left.end.at;
        let Some(min) = self.min_spaces.filter(|min| distance < *min) else {
            return;
        };
        let message = format!("too few spaces before comment: expected {min}");
        report.add_at(Rule::Comments, start, message);
        report.edit(Rule::Comments, (left.end.at, start.at), spaces(min));
    }

    fn start(&self, report: &mut Report<'_>, start: Mark, end: usize) {
        if !self.needs_space {
            return;
        }
        let comment = &report.text[start.at..end];
        let rest = comment.trim_start_matches('#');
        let is_fine = rest.is_empty() || rest.starts_with([' ', '\r']);
        let is_shebang = start.at == 0 && rest.starts_with('!') && comment.starts_with("#!");
        if is_fine || is_shebang && self.ignores_shebangs {
            return;
        }
        let marks = comment.len() - rest.len();
        let column = report.columns.of(start) + marks;
        report.add(
            Rule::Comments,
            start.line,
            column,
            "missing starting space in comment",
        );
        if !is_shebang {
            let at = start.at + marks;
            report.edit(Rule::Comments, (at, at), " ");
        }
    }
}
