//! A [`Stream`] as text in one style.
//!
//! Recursion is as deep as the collections, which the parser's limit of depth bounds.

use super::node::{Comment, Content, Document, Entry, Form, Node, Stream};
use super::scalar::{push_block_scalar, push_lines};
use super::{Sequences, Style};

/// The longest key without `? ` (specification 8.2.2), with room for what is around it.
const KEY_BYTES: usize = 1000;

/// What a node is the content of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parent {
    Root,
    Mapping,
    /// A `-`, or the `?` or `:` of an explicit entry.
    Hyphen,
}

pub(crate) fn print(stream: &Stream<'_>, style: Style) -> String {
    let mut printer = Printer {
        out: String::new(),
        style,
    };
    for (number, document) in stream.documents.iter().enumerate() {
        let next = stream.documents.get(number + 1);
        // Directives stand only behind the end of a document.
        let is_ended = next.is_some_and(|next| !(next.has_start && next.directives.is_empty()));
        printer.document(document, is_ended);
    }
    printer.comments(&stream.foot, 0, stream.documents.is_empty());
    printer.out
}

struct Printer {
    out: String,
    style: Style,
}

impl Printer {
    fn document(&mut self, document: &Document<'_>, is_ended: bool) {
        let is_first = self.out.is_empty();
        self.comments(&document.before, 0, is_first);
        for directive in &document.directives {
            self.out.push_str(directive);
            self.out.push('\n');
        }
        if document.has_start {
            self.out.push_str("---");
        }
        if let Some(root) = &document.root {
            self.value(root, Parent::Root, 0);
        }
        self.end_line();
        self.comments(&document.foot, 0, false);
        if document.has_end || is_ended {
            self.out.push_str("...");
            self.comment(document.comment);
            self.out.push('\n');
        }
    }

    fn end_line(&mut self) {
        if !(self.out.is_empty() || self.out.ends_with('\n')) {
            self.out.push('\n');
        }
    }

    fn indent(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// A space, unless the line begins here.
    fn space(&mut self) {
        if !(self.out.is_empty() || self.out.ends_with([' ', '\n'])) {
            self.out.push(' ');
        }
    }

    fn empty_line(&mut self) {
        if !(self.out.is_empty() || self.out.ends_with("\n\n")) {
            self.out.push('\n');
        }
    }

    fn comments(&mut self, comments: &[Comment<'_>], indent: usize, is_first: bool) {
        for (number, comment) in comments.iter().enumerate() {
            if comment.is_apart && !(is_first && number == 0) {
                self.empty_line();
            }
            self.comment_line(comment.text, indent);
        }
    }

    fn comment_line(&mut self, comment: &str, indent: usize) {
        self.indent(indent);
        self.out.push_str(comment);
        self.out.push('\n');
    }

    /// A comment at the end of a line.
    fn comment(&mut self, comment: Option<&str>) {
        if let Some(comment) = comment {
            if !(self.out.is_empty() || self.out.ends_with([' ', '\n'])) {
                self.out.push_str("  ");
            }
            self.out.push_str(comment);
        }
    }

    fn properties(&mut self, node: &Node<'_>) {
        for property in &node.properties {
            self.space();
            self.out.push_str(property);
        }
    }

    /// What stands above an entry.
    fn above(&mut self, node: &Node<'_>, indent: usize, is_first: bool) {
        self.comments(&node.before, indent, is_first);
        if node.is_apart && !(is_first && node.before.is_empty()) {
            self.empty_line();
        }
    }

    /// The column of what is in a node whose own entry is at `indent`.
    fn inside(&self, node: &Node<'_>, parent: Parent, indent: usize) -> usize {
        let is_flush = self.style.sequences == Sequences::Flush
            && matches!(node.content, Content::Sequence(Form::Block, _));
        match parent {
            Parent::Root if looks_like_marker(node) => self.style.indent,
            Parent::Root => 0,
            Parent::Hyphen => indent + 2,
            Parent::Mapping if is_flush => indent,
            Parent::Mapping => indent + self.style.indent,
        }
    }

    /// A node behind its indicator, to the end of its last line.
    fn value(&mut self, node: &Node<'_>, parent: Parent, indent: usize) {
        let inside = self.inside(node, parent, indent);
        if node.is_block() {
            self.block(node, parent, inside);
            return;
        }
        if node.is_empty() {
            self.comment(node.comment.or(node.header));
            self.end_line();
            self.comments(&node.inner, inside, false);
            return;
        }
        let is_lines = matches!(
            node.content,
            Content::Sequence(Form::Lines, _) | Content::Mapping(Form::Lines, _)
        );
        // A bracket that closes stands deeper than the block it is in, and below the one that opens.
        let is_below = node.header.is_some()
            || !node.inner.is_empty()
            || is_lines && parent != Parent::Root
            || parent == Parent::Root
                && node.properties.is_empty()
                && !matches!(node.content, Content::BlockScalar { .. });
        if is_below {
            self.comment(node.header);
            self.end_line();
            let is_first = self.out.is_empty();
            self.comments(&node.inner, inside, is_first);
            self.indent(inside);
        }
        self.properties(node);
        if !matches!(node.content, Content::Scalar { raw: "", .. }) {
            self.space();
        }
        let continued = if parent == Parent::Root {
            self.style.indent
        } else {
            inside
        };
        match &node.content {
            Content::BlockScalar { raw, deeper, .. } => {
                let number = continued - indent;
                push_block_scalar(&mut self.out, raw, *deeper, continued, number, node.comment);
                return;
            }
            Content::Alias(raw) => self.out.push_str(raw),
            Content::Scalar { raw, .. } => push_lines(&mut self.out, raw, continued),
            _ => self.flow(node, inside),
        }
        self.comment(node.comment);
        self.out.push('\n');
    }

    fn block(&mut self, node: &Node<'_>, parent: Parent, indent: usize) {
        let has_comments = match &node.content {
            Content::Sequence(_, entries) => entries.first().map(|entry| &entry.before),
            Content::Mapping(_, entries) => entries.first().map(|entry| &entry.key.before),
            _ => None,
        }
        .is_some_and(|before| !before.is_empty());
        let is_compact = parent == Parent::Hyphen
            && node.properties.is_empty()
            && node.header.is_none()
            && !has_comments;
        self.properties(node);
        self.comment(node.header);
        if is_compact {
            self.space();
        } else {
            self.end_line();
        }
        match &node.content {
            Content::Sequence(_, entries) => {
                for (number, entry) in entries.iter().enumerate() {
                    self.above(entry, indent, number == 0);
                    self.indent(if is_compact && number == 0 { 0 } else { indent });
                    self.out.push('-');
                    self.value(entry, Parent::Hyphen, indent);
                }
            }
            Content::Mapping(_, entries) => {
                for (number, entry) in entries.iter().enumerate() {
                    self.above(&entry.key, indent, number == 0);
                    self.indent(if is_compact && number == 0 { 0 } else { indent });
                    let next = entries.get(number + 1);
                    // It begins with the `:` that a bare `?` does without.
                    let is_colon =
                        next.is_some_and(|next| next.key.is_empty() && !next.is_explicit);
                    self.entry(entry, indent, is_colon);
                }
            }
            _ => {}
        }
        self.comments(&node.foot, indent, false);
    }

    fn entry(&mut self, entry: &Entry<'_>, indent: usize, before_colon: bool) {
        let Entry { key, value, .. } = entry;
        let is_bare = value.is_empty() && value.comment.is_none() && value.inner.is_empty();
        // A `:` alone would be the value of a bare `?` before it.
        let needs_mark = entry.is_explicit && (is_bare || key.is_empty());
        let line = (key.is_line() && !needs_mark).then(|| line_of(key));
        match line {
            Some(line) if line.len() <= KEY_BYTES => {
                self.out.push_str(&line);
                self.out.push_str(colon(key));
                self.value(value, Parent::Mapping, indent);
            }
            _ => {
                self.out.push('?');
                self.value(key, Parent::Hyphen, indent);
                if !is_bare || before_colon {
                    self.indent(indent);
                    self.out.push(':');
                    self.value(value, Parent::Hyphen, indent);
                }
            }
        }
    }

    /// A collection in brackets, its last one at `indent`.
    fn flow(&mut self, node: &Node<'_>, indent: usize) {
        let (brackets, is_empty) = match &node.content {
            Content::Sequence(Form::Lines, entries) => (['[', ']'], entries.is_empty()),
            Content::Mapping(Form::Lines, entries) => (['{', '}'], entries.is_empty()),
            _ => {
                push_line(&mut self.out, &node.content);
                return;
            }
        };
        self.out.push(brackets[0]);
        if !(is_empty && node.foot.is_empty()) {
            self.out.push('\n');
            let inside = indent + self.style.indent;
            match &node.content {
                Content::Sequence(_, entries) => {
                    for (number, entry) in entries.iter().enumerate() {
                        self.above(entry, inside, number == 0);
                        self.hoist(entry, inside);
                        self.indent(inside);
                        self.in_flow(entry, inside);
                        self.end_entry(entry.comment);
                    }
                }
                Content::Mapping(_, entries) => {
                    for (number, entry) in entries.iter().enumerate() {
                        self.above(&entry.key, inside, number == 0);
                        self.flow_entry(entry, inside);
                    }
                }
                _ => {}
            }
            self.comments(&node.foot, inside, is_empty);
            self.indent(indent);
        }
        self.out.push(brackets[1]);
    }

    fn end_entry(&mut self, comment: Option<&str>) {
        self.out.push(',');
        self.comment(comment);
        self.out.push('\n');
    }

    /// Comments for which brackets have no other place than above the entry.
    fn hoist(&mut self, node: &Node<'_>, indent: usize) {
        if let Some(header) = node.header {
            self.comment_line(header, indent);
        }
        self.comments(&node.inner, indent, true);
    }

    fn flow_entry(&mut self, entry: &Entry<'_>, indent: usize) {
        let Entry { key, value, .. } = entry;
        self.hoist(key, indent);
        if let Some(comment) = key.comment {
            self.comment_line(comment, indent);
        }
        self.comments(&value.before, indent, true);
        self.hoist(value, indent);
        self.indent(indent);
        let is_explicit = match &key.content {
            // A `:` at its end belongs to it on the line of the next one alone.
            Content::Scalar { raw, .. } => raw.contains(['\n', '\r']) && !raw.ends_with(':'),
            content => matches!(
                content,
                Content::Sequence(Form::Lines, _) | Content::Mapping(Form::Lines, _)
            ),
        };
        if is_explicit {
            self.out.push_str("? ");
        }
        self.in_flow(key, indent);
        if is_explicit {
            self.out.push('\n');
            self.indent(indent);
        }
        if !value.is_empty() {
            self.out.push_str(colon(key));
            self.out.push(' ');
            self.in_flow(value, indent);
        } else if key.is_empty() || needs_colon(key) {
            self.out.push(':');
        }
        self.end_entry(value.comment);
    }

    /// A node in brackets, its comments apart.
    fn in_flow(&mut self, node: &Node<'_>, indent: usize) {
        for (number, property) in node.properties.iter().enumerate() {
            if number > 0 {
                self.out.push(' ');
            }
            self.out.push_str(property);
        }
        let is_bare = matches!(node.content, Content::Scalar { raw: "", .. });
        if !(node.properties.is_empty() || is_bare) {
            self.out.push(' ');
        }
        match &node.content {
            Content::Alias(raw) => self.out.push_str(raw),
            Content::Scalar { raw, .. } => {
                let continued = indent + self.style.indent;
                push_lines(&mut self.out, raw, continued);
            }
            _ => self.flow(node, indent),
        }
    }
}

/// Whether a plain key would be read as an indicator without the colon behind it, or its last
/// character as that colon.
fn needs_colon(key: &Node<'_>) -> bool {
    match key.content {
        Content::Scalar { raw, .. } => raw.ends_with(':') || raw == "?" || raw == "-",
        _ => false,
    }
}

/// Whether a root at the start of a line would be read as the end of the document.
fn looks_like_marker(root: &Node<'_>) -> bool {
    let is_marker = |node: &Node<'_>| match node.content {
        Content::Scalar { raw, .. } if node.properties.is_empty() => {
            raw.starts_with("---") || raw.starts_with("...")
        }
        _ => false,
    };
    match &root.content {
        Content::Mapping(Form::Block, entries) => entries.iter().any(|entry| is_marker(&entry.key)),
        _ => is_marker(root),
    }
}

/// The colon behind a key: a name or a tag would take it for its own.
fn colon(key: &Node<'_>) -> &'static str {
    let is_bare = matches!(key.content, Content::Scalar { raw: "", .. });
    if matches!(key.content, Content::Alias(_)) || is_bare && !key.properties.is_empty() {
        " :"
    } else {
        ":"
    }
}

/// A node without comments on one line.
pub(crate) fn line_of(node: &Node<'_>) -> String {
    let mut out = String::new();
    push_node(&mut out, node);
    out
}

fn push_node(out: &mut String, node: &Node<'_>) {
    out.push_str(&node.properties.join(" "));
    let is_bare = matches!(node.content, Content::Scalar { raw: "", .. });
    if !(node.properties.is_empty() || is_bare) {
        out.push(' ');
    }
    push_line(out, &node.content);
}

fn push_line(out: &mut String, content: &Content<'_>) {
    match content {
        Content::Alias(raw) | Content::Scalar { raw, .. } | Content::BlockScalar { raw, .. } => {
            out.push_str(raw);
        }
        Content::Sequence(_, entries) => {
            out.push('[');
            for (number, entry) in entries.iter().enumerate() {
                out.push_str(if number > 0 { ", " } else { "" });
                push_node(out, entry);
            }
            out.push(']');
        }
        Content::Mapping(_, entries) => {
            out.push('{');
            for (number, Entry { key, value, .. }) in entries.iter().enumerate() {
                out.push_str(if number > 0 { ", " } else { "" });
                push_node(out, key);
                if !value.is_empty() {
                    out.push_str(colon(key));
                    out.push(' ');
                    push_node(out, value);
                } else if key.is_empty() || needs_colon(key) {
                    out.push(':');
                }
            }
            out.push('}');
        }
    }
}
