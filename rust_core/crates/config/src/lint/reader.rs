//! From the parser's events and the gaps between them to tokens and comments, in the order of the
//! text, for the rules that look at those. Keeps the lines, the open collections and the last
//! token; no list of anything.

use std::convert::Infallible;

use super::anchors::Anchors;
use super::comments::Comments;
use super::configuration::Configuration;
use super::directives::Directives;
use super::documents::Documents;
use super::indentation::{Indentation, Nest};
use super::keys::Keys;
use super::mark::{Kind, Mark, Token};
use super::quoting::Quoting;
use super::readers;
use super::report::{Purpose, Report};
use super::rule::Rule;
use super::scalars::{Scalar, Scalars, Tagging, empty_value};
use super::spacing::Spacing;
use crate::event::{CollectionStyle, Event, EventSink, Properties, ScalarStyle, Span};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    BlockMapping,
    FlowMapping,
    /// A single pair in brackets.
    Pair,
    BlockSequence,
    FlowSequence,
}

/// An open collection.
struct Open {
    shape: Shape,
    /// The next node of a mapping is a key.
    at_key: bool,
    /// `?` stood before the present key.
    explicit: bool,
}

pub(crate) struct Reader<'r, 't, 'c> {
    pub(crate) report: &'r mut Report<'t>,
    pub(crate) directives: Directives,
    /// Everything before it was looked at.
    at: Mark,
    last: Token,
    open: Vec<Open>,
    in_document: bool,
    /// The text speaks of yamllint somewhere.
    has_directives: bool,
    spacing: Spacing,
    comments: Comments,
    documents: Documents,
    indentation: Option<Indentation>,
    keys: Option<Keys<'c>>,
    anchors: Option<Anchors>,
    scalars: Scalars,
    quoting: Option<Quoting<'c>>,
    two_readers: bool,
}

impl<'r, 't, 'c> Reader<'r, 't, 'c> {
    pub(crate) fn new(configuration: &'c Configuration, report: &'r mut Report<'t>) -> Self {
        let start = Mark {
            line: 1,
            ..Mark::default()
        };
        let has_keys = report.is_on(Rule::KeyDuplicates) || report.is_on(Rule::KeyOrdering);
        Self {
            directives: Directives::default(),
            at: start,
            last: Token::edge(start),
            open: Vec::new(),
            in_document: false,
            has_directives: memchr::memmem::find(report.text.as_bytes(), b"# yamllint ").is_some(),
            spacing: Spacing::new(configuration, report),
            comments: Comments::new(configuration, report),
            documents: Documents::new(configuration, report),
            indentation: report
                .is_on(Rule::Indentation)
                .then(|| Indentation::new(configuration)),
            keys: has_keys.then(|| Keys::new(configuration, report)),
            anchors: report
                .is_on(Rule::Anchors)
                .then(|| Anchors::new(configuration)),
            scalars: Scalars::new(configuration, report),
            quoting: report
                .is_on(Rule::QuotedStrings)
                .then(|| Quoting::new(configuration)),
            two_readers: report.is_on(Rule::TwoReaders),
            report,
        }
    }

    /// The text is over, and was YAML.
    pub(crate) fn finish(&mut self) {
        self.gap(self.report.text.len());
        let edge = Token::edge(self.at);
        self.comments.before(self.report, &self.last, &edge);
        self.spacing.check(self.report, &self.last, &edge);
        self.documents.finish(self.report, self.at);
    }

    /// Looks at what stands between two events.
    #[inline]
    fn gap(&mut self, to: usize) {
        while self.at.at < to {
            let byte = self.report.text.as_bytes()[self.at.at];
            match byte {
                b' ' | b'\t' => self.at.at += 1,
                b'\n' => self.new_line(1),
                b'-' => self.indicator(Kind::Hyphen),
                b':' => self.indicator(Kind::Colon),
                b',' => self.indicator(Kind::Comma),
                _ => self.rare(byte),
            }
        }
    }

    fn new_line(&mut self, length: usize) {
        self.at.at += length;
        self.at.line += 1;
        self.at.line_start = self.at.at;
    }

    #[inline(never)]
    fn rare(&mut self, byte: u8) {
        let bytes = self.report.text.as_bytes();
        let rest = &bytes[self.at.at..];
        match byte {
            b'\r' => self.new_line(if rest.get(1) == Some(&b'\n') { 2 } else { 1 }),
            b'#' => self.comment(),
            b'?' => self.indicator(Kind::Question),
            b'&' => self.property(Kind::Anchor),
            b'!' => self.property(Kind::Tag),
            b'%' if !self.in_document => {
                let end = self.line_end();
                self.word(Kind::Directive, end);
            }
            b'.' if rest.starts_with(b"...") => self.word(Kind::DocumentEnd, self.at.at + 3),
            // Byte order marks, and what a byte of theirs leaves.
            _ => self.at.at += 1,
        }
    }

    fn line_end(&self) -> usize {
        let rest = &self.report.text.as_bytes()[self.at.at..];
        memchr::memchr2(b'\n', b'\r', rest)
            .map_or(self.report.text.len(), |found| self.at.at + found)
    }

    fn comment(&mut self) {
        let end = self.line_end();
        let start = self.at;
        self.comments.comment(self.report, &self.last, start, end);
        if self.has_directives {
            let is_inline = self.last.end.line == start.line && self.last.end.at > start.line_start;
            let comment = &self.report.text[start.at..end];
            self.directives.comment(comment, start.line, is_inline);
        }
        self.at.at = end;
    }

    fn indicator(&mut self, kind: Kind) {
        let key_line = self.last.end.line;
        if kind == Kind::Question
            && let Some(open) = self.open.last_mut()
        {
            open.explicit = true;
        }
        self.word(kind, self.at.at + 1);
        if kind == Kind::Colon
            && let Some(indentation) = &mut self.indentation
        {
            indentation.colon(key_line);
        }
    }

    fn property(&mut self, kind: Kind) {
        let bytes = self.report.text.as_bytes();
        let rest = &bytes[self.at.at..];
        let is_end = |byte: &u8| {
            matches!(
                byte,
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b'[' | b']' | b'{' | b'}'
            )
        };
        let length = if rest.starts_with(b"!<") {
            memchr::memchr(b'>', rest).map(|found| found + 1)
        } else {
            rest.iter().position(is_end)
        };
        let start = self.at;
        self.word(kind, start.at + length.unwrap_or(rest.len()));
        if kind == Kind::Anchor
            && let Some(anchors) = &mut self.anchors
        {
            anchors.anchor(self.report, start, self.at);
        }
    }

    /// A token from here to `end`, on one line.
    #[inline]
    fn word(&mut self, kind: Kind, end: usize) {
        let start = self.at;
        self.at.at = end;
        self.token(Token {
            kind,
            start,
            end: self.at,
        });
    }

    #[inline]
    fn token(&mut self, token: Token) {
        self.comments.before(self.report, &self.last, &token);
        self.spacing.check(self.report, &self.last, &token);
        self.documents.token(self.report, &token);
        if let Some(indentation) = &mut self.indentation {
            indentation.token(self.report, token.kind, token.start, token.end);
        }
        self.last = token;
    }

    /// Goes over a scalar, which may have several lines.
    fn pass(&mut self, to: usize, is_one_line: bool) {
        if is_one_line {
            self.at.at = to;
            return;
        }
        let bytes = self.report.text.as_bytes();
        let start = self.at.at;
        for at in memchr::memchr2_iter(b'\n', b'\r', &bytes[start..to]) {
            let at = start + at;
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                self.at.line += 1;
                self.at.line_start = at + 1;
            }
        }
        self.at.at = to;
        if self.report.purpose == Purpose::Fix {
            self.report.texts.push((start, to));
        }
    }

    fn scalar(
        &mut self,
        value: &str,
        is_borrowed: bool,
        properties: &Properties<'_>,
        style: ScalarStyle,
        span: Span,
    ) {
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let start = self.at;
        self.pass(span.end, is_borrowed && !is_block);
        let token = Token {
            kind: Kind::Scalar,
            start,
            end: self.at,
        };
        let is_bare = properties.is_empty();
        let is_key = is_bare && self.is_key(span.end);
        let in_flow = self.open.last().is_some_and(|open| {
            matches!(
                open.shape,
                Shape::FlowMapping | Shape::FlowSequence | Shape::Pair
            )
        });
        let before = self.last.kind;
        self.token(token);
        let scalar = Scalar {
            before,
            token,
            value,
            is_plain: style == ScalarStyle::Plain,
            tagging: match properties.tag {
                None => Tagging::None,
                Some(tag) if tag.resolved().starts_with("tag:yaml.org,2002:") => Tagging::Core,
                Some(_) => Tagging::Other,
            },
            is_key,
            in_flow,
        };
        self.scalars.scalar(self.report, &scalar);
        if self.two_readers {
            readers::check(self.report, &scalar);
        }
        if let Some(quoting) = &mut self.quoting
            && !is_block
        {
            quoting.scalar(self.report, &scalar);
        }
        if is_key && let Some(keys) = &mut self.keys {
            keys.key(self.report, value, token.start);
        }
    }

    /// Whether the scalar that ends at `end` is a key; one in braces needs a `:` after it.
    fn is_key(&self, end: usize) -> bool {
        let Some(open) = self.open.last() else {
            return false;
        };
        if !open.at_key {
            return false;
        }
        if open.shape != Shape::FlowMapping || open.explicit {
            return true;
        }
        let rest = self.report.text[end..].trim_start_matches([' ', '\t', '\n', '\r']);
        rest.starts_with(':')
    }

    /// A node that was not written.
    fn absent(&mut self) {
        let shape = self.open.last().map(|open| open.shape);
        let Some(empty) = &self.scalars.empty else {
            return;
        };
        let place = match (self.last.kind, shape) {
            (Kind::Colon, Some(Shape::BlockMapping)) if empty.block_mappings => "block mapping",
            (Kind::Colon, Some(Shape::FlowMapping | Shape::Pair)) if empty.flow_mappings => {
                "flow mapping"
            }
            (Kind::Hyphen, Some(Shape::BlockSequence)) if empty.block_sequences => "block sequence",
            _ => return,
        };
        empty_value(self.report, self.last.end, place);
    }

    fn node_end(&mut self) {
        let mut is_entry_end = false;
        if let Some(open) = self.open.last_mut() {
            is_entry_end = !open.at_key;
            if is_entry_end {
                open.explicit = false;
            }
            if !matches!(open.shape, Shape::BlockSequence | Shape::FlowSequence) {
                open.at_key = !open.at_key;
            }
        }
        if let Some(indentation) = &mut self.indentation {
            indentation.node_end();
            if is_entry_end {
                indentation.entry_end();
            }
        }
    }

    fn collection(&mut self, is_mapping: bool, style: CollectionStyle, span: Span) {
        let shape = match (is_mapping, style) {
            (true, CollectionStyle::Block) => Shape::BlockMapping,
            (true, CollectionStyle::Flow) if span.start == span.end => Shape::Pair,
            (true, CollectionStyle::Flow) => Shape::FlowMapping,
            (false, CollectionStyle::Block) => Shape::BlockSequence,
            (false, CollectionStyle::Flow) => Shape::FlowSequence,
        };
        match shape {
            Shape::FlowMapping => self.word(Kind::MapOpen, span.end),
            Shape::FlowSequence => self.word(Kind::SequenceOpen, span.end),
            _ => self.open_block(shape),
        }
        if is_mapping && let Some(keys) = &mut self.keys {
            keys.open();
        }
        self.open.push(Open {
            shape,
            at_key: is_mapping,
            explicit: false,
        });
    }

    /// The start of a block collection shows only in where it stands.
    fn open_block(&mut self, shape: Shape) {
        let Some(indentation) = &mut self.indentation else {
            return;
        };
        let (kind, nest) = match shape {
            Shape::BlockSequence => (Kind::Hyphen, Nest::Sequence),
            Shape::Pair => (Kind::Edge, Nest::Pair),
            _ => (Kind::Edge, Nest::Mapping),
        };
        indentation.block(self.report, kind, nest, self.at);
    }

    fn collection_end(&mut self, is_mapping: bool, span: Span) {
        if span.end > span.start {
            self.gap(span.start);
            let kind = if is_mapping {
                Kind::MapClose
            } else {
                Kind::SequenceClose
            };
            self.word(kind, span.end);
        }
        self.open.pop();
        if let Some(indentation) = &mut self.indentation {
            indentation.close();
        }
        if is_mapping && let Some(keys) = &mut self.keys {
            keys.close();
        }
        self.node_end();
    }

    fn document_end(&mut self, explicit: bool, span: Span) {
        if explicit {
            self.gap(span.start);
            self.word(Kind::DocumentEnd, span.end);
        }
        self.documents.end(explicit);
        if let Some(anchors) = &mut self.anchors {
            anchors.document_end(self.report);
        }
        self.in_document = false;
    }
}

impl EventSink for Reader<'_, '_, '_> {
    type Error = Infallible;

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Infallible> {
        match event {
            Event::Scalar {
                value,
                properties,
                style,
            } => {
                self.gap(span.start);
                if span.end > span.start {
                    let is_borrowed = matches!(value, std::borrow::Cow::Borrowed(_));
                    self.scalar(&value, is_borrowed, &properties, style, span);
                } else if properties.is_empty() {
                    self.absent();
                }
                self.node_end();
            }
            Event::MappingStart { style, .. } => {
                self.gap(span.start);
                self.collection(true, style, span);
            }
            Event::SequenceStart { style, .. } => {
                self.gap(span.start);
                self.collection(false, style, span);
            }
            Event::MappingEnd => self.collection_end(true, span),
            Event::SequenceEnd => self.collection_end(false, span),
            Event::Alias { name } => {
                self.gap(span.start);
                self.word(Kind::Alias, span.end);
                if let Some(anchors) = &mut self.anchors {
                    anchors.alias(name);
                }
                self.node_end();
            }
            Event::DocumentStart {
                explicit, version, ..
            } => {
                self.gap(span.start);
                self.in_document = true;
                self.scalars.version(version);
                self.documents.start(explicit);
                if explicit {
                    self.word(Kind::DocumentStart, span.end);
                }
            }
            Event::DocumentEnd { explicit } => self.document_end(explicit, span),
            Event::StreamStart | Event::StreamEnd => {}
        }
        Ok(())
    }
}
