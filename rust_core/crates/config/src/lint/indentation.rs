//! The rule indentation: where the first token of a line should stand. It follows the nesting of
//! the text by the reader's calls and keeps, for each open collection, where its entries and the
//! content of the present entry belong.

use super::configuration::Configuration;
use super::mark::{Kind, Mark};
use super::report::Report;
use super::rule::Rule;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sequences {
    Indented,
    NotIndented,
    Either,
    /// As the first one in the file.
    Consistent,
}

/// What an open collection is, as far as this rule cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nest {
    Mapping,
    Sequence,
    Flow,
    /// `key: value` directly in brackets.
    Pair,
}

/// What the last indicator waits for: with the next token it is known where content belongs.
#[derive(Clone, Copy, Debug)]
enum Pending {
    None,
    /// After `[` or `{` in this line.
    Flow(u32),
    Hyphen(Mark),
    /// After `:`, with the line the key ended in.
    Value {
        key_line: u32,
    },
    /// After a property behind `key:`, which counts unless the node goes on below.
    Property {
        line: u32,
        column: i64,
    },
}

#[derive(Clone, Copy, Debug)]
struct Open {
    nest: Nest,
    /// Where entries stand.
    indent: i64,
    /// Of the line where it was opened; its closing bracket belongs there.
    line_indent: i64,
    /// Where the content of the present entry belongs.
    inner: Option<i64>,
    /// The present key was announced by `?`.
    explicit: bool,
    /// The content of such a key is still to come or open.
    in_key: bool,
}

pub(crate) struct Indentation {
    /// Known from the configuration or from the first indented line.
    spaces: Option<i64>,
    sequences: Sequences,
    check_strings: bool,
    open: Vec<Open>,
    pending: Pending,
    /// The last line that something visible stands in.
    line: u32,
    line_indent: i64,
}

fn root() -> Open {
    Open {
        nest: Nest::Mapping,
        indent: 0,
        line_indent: 0,
        inner: None,
        explicit: false,
        in_key: false,
    }
}

impl Indentation {
    pub(crate) fn new(configuration: &Configuration) -> Self {
        let setting = configuration.setting(Rule::Indentation);
        Self {
            spaces: setting.int("spaces"),
            sequences: match setting.word("indent-sequences") {
                "whatever" => Sequences::Either,
                "consistent" => Sequences::Consistent,
                _ if setting.bool("indent-sequences") => Sequences::Indented,
                _ => Sequences::NotIndented,
            },
            check_strings: setting.bool("check-multi-line-strings"),
            open: vec![root()],
            pending: Pending::None,
            line: 0,
            line_indent: 0,
        }
    }

    fn top(&mut self) -> &mut Open {
        // The root is never taken off.
        let last = self.open.len() - 1;
        &mut self.open[last]
    }

    /// `base` and one step more; the first step in the file says how wide steps are.
    fn deeper(&mut self, base: i64, column: i64) -> i64 {
        base + *self.spaces.get_or_insert(column - base)
    }

    /// Settles what waited and judges a token that is the first of its line.
    #[inline]
    fn first(&mut self, report: &mut Report<'_>, kind: Kind, start: Mark) -> bool {
        if !matches!(self.pending, Pending::None) {
            let column = column(report, start);
            self.settle(kind, start, column);
        }
        let is_first = start.line > self.line;
        if is_first {
            let found = column(report, start);
            self.judge(report, kind, start, found);
            self.line_indent = found;
        }
        is_first
    }

    /// A visible token.
    #[inline]
    pub(crate) fn token(&mut self, report: &mut Report<'_>, kind: Kind, start: Mark, end: Mark) {
        let is_first = self.first(report, kind, start);
        if kind == Kind::Scalar && self.check_strings && end.line > start.line {
            self.string(report, start, end, is_first);
        }
        self.line = end.line;
        // The break that ends a block scalar is part of it.
        if end.at == end.line_start && end.at > start.at {
            self.line -= 1;
        }
        self.follow(report, kind, start, end);
    }

    fn judge(&mut self, report: &mut Report<'_>, kind: Kind, start: Mark, found: i64) {
        let top = *self.top();
        let expected = match kind {
            Kind::MapClose | Kind::SequenceClose => top.line_indent,
            Kind::Colon => top.indent,
            _ if top.in_key => self.deeper(top.indent, found),
            _ => top.inner.unwrap_or(top.indent),
        };
        if found == expected {
            return;
        }
        let message = if expected < 0 {
            format!("wrong indentation: expected at least {}", found + 1)
        } else {
            format!("wrong indentation: expected {expected} but found {found}")
        };
        report.add_at(Rule::Indentation, start, message);
    }

    /// The token after an indicator tells where the indicator's content belongs.
    fn settle(&mut self, kind: Kind, start: Mark, column: i64) {
        match std::mem::replace(&mut self.pending, Pending::None) {
            Pending::None => {}
            Pending::Flow(line) => {
                let base = self.line_indent;
                let indent = if start.line == line {
                    column
                } else {
                    self.deeper(base, column)
                };
                self.top().indent = indent;
            }
            Pending::Hyphen(hyphen) => {
                // Hyphens stand where their collection's entries do.
                let base = self.top().indent;
                let inner = if start.line == hyphen.line || column == base {
                    column
                } else {
                    self.deeper(base, column)
                };
                self.top().inner = Some(inner);
            }
            Pending::Value { key_line } => {
                let is_property = matches!(kind, Kind::Anchor | Kind::Tag);
                if is_property && start.line == key_line {
                    self.pending = Pending::Property {
                        line: start.line,
                        column,
                    };
                } else {
                    let inner = self.value(kind, start.line, column, key_line);
                    self.top().inner = Some(inner);
                }
            }
            Pending::Property { line, column: own } => {
                let inner = if start.line > line {
                    self.value(kind, start.line, column, line)
                } else {
                    own
                };
                self.top().inner = Some(inner);
            }
        }
    }

    fn value(&mut self, kind: Kind, at: u32, column: i64, key_line: u32) -> i64 {
        let base = self.top().indent;
        if self.top().explicit {
            return self.deeper(base, column);
        }
        if at == key_line {
            return column;
        }
        if kind != Kind::Hyphen {
            return self.deeper(base, column);
        }
        if self.sequences == Sequences::Consistent {
            self.sequences = if column == base {
                Sequences::NotIndented
            } else {
                Sequences::Indented
            };
            return if column == base {
                base
            } else {
                self.deeper(base, column)
            };
        }
        match self.sequences {
            Sequences::NotIndented => base,
            Sequences::Either if column == base => base,
            // It should be deeper, but nobody knows yet how much.
            Sequences::Indented if self.spaces.is_none() && column == base => -1,
            _ => self.deeper(base, column),
        }
    }

    fn follow(&mut self, report: &Report<'_>, kind: Kind, start: Mark, end: Mark) {
        match kind {
            Kind::Hyphen => {
                let top = self.top();
                top.inner = None;
                top.in_key = false;
                self.pending = Pending::Hyphen(start);
            }
            Kind::Question => {
                let top = self.top();
                top.inner = None;
                top.explicit = true;
                top.in_key = true;
            }
            Kind::Colon => {
                let top = self.top();
                top.inner = None;
                top.in_key = false;
            }
            Kind::MapOpen | Kind::SequenceOpen => {
                let line_indent = self.line_indent;
                let indent = column(report, end);
                self.open.push(Open {
                    nest: Nest::Flow,
                    indent,
                    line_indent,
                    ..root()
                });
                self.pending = Pending::Flow(start.line);
            }
            Kind::DocumentStart | Kind::DocumentEnd => self.pending = Pending::None,
            _ => {}
        }
    }

    /// The `:` after a key that ended in `key_line`.
    pub(crate) fn colon(&mut self, key_line: u32) {
        self.pending = Pending::Value { key_line };
    }

    /// A block collection or a pair begins at the mark, `kind` tells whether with a hyphen.
    pub(crate) fn block(&mut self, report: &mut Report<'_>, kind: Kind, nest: Nest, start: Mark) {
        self.first(report, kind, start);
        self.line = start.line;
        let indent = match nest {
            Nest::Pair => self.top().indent,
            _ => column(report, start),
        };
        self.open.push(Open {
            nest,
            indent,
            ..root()
        });
    }

    /// The innermost collection ends; a closing bracket was a token before.
    pub(crate) fn close(&mut self) {
        if self.open.len() > 1 {
            self.open.pop();
        }
        self.pending = Pending::None;
    }

    /// The present key, value or entry is over; perhaps nothing was written.
    pub(crate) fn node_end(&mut self) {
        self.pending = Pending::None;
        let top = self.top();
        top.inner = None;
        top.in_key = false;
    }

    /// A value is over: the next key is a new one.
    pub(crate) fn entry_end(&mut self) {
        self.top().explicit = false;
    }

    /// check-multi-line-strings: the lines of a scalar after its first.
    fn string(&mut self, report: &mut Report<'_>, start: Mark, end: Mark, is_first: bool) {
        let text = report.text;
        let content = &text[start.at..end.at];
        let own = column(report, start);
        let top = *self.top();
        let is_block = content.starts_with(['|', '>']);
        let mut expected = match content.as_bytes()[0] {
            b'"' | b'\'' => Some(own + 1),
            b'|' | b'>' => None,
            _ => Some(own),
        };
        let (mut line, mut from) = (start.line, start.at);
        while let Some(feed) = memchr::memchr(b'\n', &text.as_bytes()[from..end.at]) {
            from += feed + 1;
            line += 1;
            let rest = &text[from..end.at];
            let trimmed = rest.trim_start_matches(' ');
            if trimmed.is_empty() || trimmed.starts_with(['\n', '\r']) {
                continue;
            }
            let found = i64::try_from(rest.len() - trimmed.len()).unwrap_or(i64::MAX);
            let wanted = match expected {
                Some(wanted) => wanted,
                None if is_block => self.block_text(top, is_first, own, found),
                None => found,
            };
            expected = Some(wanted);
            if found != wanted {
                let message = format!("wrong indentation: expected {wanted} but found {found}");
                let mark = Mark {
                    at: from + rest.len() - trimmed.len(),
                    line,
                    line_start: from,
                };
                report.add_at(Rule::Indentation, mark, message);
            }
        }
    }

    /// Where the text of a block scalar belongs, by its first line.
    fn block_text(&mut self, top: Open, is_first: bool, own: i64, found: i64) -> i64 {
        let base = match top.inner {
            _ if top.nest == Nest::Sequence => own,
            Some(inner) if is_first => inner,
            _ if top.explicit => own,
            _ => top.indent,
        };
        self.deeper(base, found)
    }
}

fn column(report: &Report<'_>, mark: Mark) -> i64 {
    i64::try_from(report.columns.of(mark)).unwrap_or(i64::MAX)
}
