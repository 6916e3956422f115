//! Where the bytes of a new value go: one range of the text and what comes in its place.

use std::ops::Range;

use super::create::{create, explained};
use super::delete::delete;
use super::error::AccessError;
use super::follow::Frame;
use super::locate::{Answer, AtAlias, Found, Site};
use super::node::{Kind, Node};
use super::path::Path;
use super::print::line_start;
use super::reader::{Format, Reader};
use super::value::{self, Part, ValueType};
use crate::{Collection, Context};

/// What happens to parents that are not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parents {
    /// They are made.
    Create,
    /// They are missed.
    Require,
}

/// What happens to the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It becomes the new one.
    Set,
    /// Its entry goes, with its key.
    Delete,
}

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Request {
    /// What happens; what is said of a new value counts for [`Action::Set`] only.
    pub action: Action,
    /// Of the value.
    pub path: Path,
    /// The new value.
    pub value: String,
    /// What the value is.
    pub value_type: ValueType,
    /// Whether parents are made.
    pub parents: Parents,
    /// The number of the document, from one; the only one that has the path without it.
    pub document: Option<usize>,
}

/// A change of one place in the text, and the events that it should come to.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    pub(crate) range: Range<usize>,
    pub(crate) text: String,
    /// From one.
    pub(crate) document: usize,
    /// The first event that goes or comes.
    pub(crate) ordinal: usize,
    pub(crate) gone: usize,
    pub(crate) parts: Vec<Part>,
    /// Of the first part.
    pub(crate) anchor: Option<String>,
}

/// The columns and the style around a new value.
pub(super) struct Around<'t> {
    pub(super) text: &'t str,
    pub(super) format: Format,
    pub(super) context: Context,
    /// Of the innermost block collection around it.
    column: Option<usize>,
    /// Of one more level.
    pub(super) step: usize,
}

/// Plans the change.
pub(crate) fn plan(reader: &Reader<'_>, request: &Request) -> Result<Edit, AccessError> {
    let located = reader.locate(&request.path, request.document, AtAlias::Stay)?;
    match located.answer {
        Answer::Found(found) if request.action == Action::Delete => delete(reader, request, &found),
        Answer::Lost(lost) if request.action == Action::Delete => Err(reader.missing(&lost)),
        Answer::Found(found) => replace_value(reader, request, &found),
        Answer::Lost(lost) => {
            if located.documents > 1 && request.document.is_none() {
                return Err(explained(
                    reader.missing(&lost),
                    "`--document` says where to make it",
                ));
            }
            create(reader, request, &lost)
        }
    }
}

pub(super) fn around<'t>(reader: &'t Reader<'_>, frames: &[Frame]) -> Around<'t> {
    let text = reader.source.text();
    let is_flow = reader.format == Format::Json || frames.iter().any(|frame| frame.kind.is_flow());
    let columns: Vec<usize> = frames
        .iter()
        .map(|frame| column(text, frame.start))
        .collect();
    let step = match columns.as_slice() {
        [inner, outer, ..] if inner > outer => (inner - outer).min(9),
        _ => 2,
    };
    Around {
        text,
        format: reader.format,
        context: if is_flow {
            Context::Flow
        } else {
            Context::Block
        },
        column: columns.first().copied(),
        step,
    }
}

impl Around<'_> {
    pub(super) fn is_flow(&self) -> bool {
        self.context == Context::Flow
    }
}

/// Empty brackets in the place of a collection.
pub(super) fn collapsed(reader: &Reader<'_>, found: &Found) -> (Range<usize>, String) {
    let kind = match found.node.kind {
        Kind::Mapping(_) => Collection::Mapping,
        _ => Collection::Sequence,
    };
    let around = around(reader, &found.site.frames);
    let parts = [Part::Open(kind), Part::Close(kind)];
    replacement(&around, &found.node, &found.site, &parts, Shape::Fitting)
}

pub(super) fn column(text: &str, at: usize) -> usize {
    at - line_start(text, at)
}

/// The end of the line without its break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let rest = &text.as_bytes()[at..];
    memchr::memchr2(b'\n', b'\r', rest).map_or(text.len(), |found| at + found)
}

fn replace_value(
    reader: &Reader<'_>,
    request: &Request,
    found: &Found,
) -> Result<Edit, AccessError> {
    let node = &found.node;
    let style = match node.kind {
        Kind::Scalar(style) => Some(style),
        _ => None,
    };
    let parts = value::parts(&request.value, request.value_type, reader.format, style)?;
    check_properties(reader, node, &parts)?;
    let around = around(reader, &found.site.frames);
    let (range, text) = replacement(&around, node, &found.site, &parts, Shape::Fitting);
    Ok(edit_of(found, range, text, parts))
}

pub(super) fn edit_of(found: &Found, range: Range<usize>, text: String, parts: Vec<Part>) -> Edit {
    Edit {
        range,
        text,
        document: found.site.document,
        ordinal: found.node.ordinal,
        gone: found.node.events,
        parts,
        anchor: found.node.anchor.clone(),
    }
}

/// An anchor stays with the new value, and so does a tag of one's own on a text; what else a tag
/// would make of the new value is not guessed.
fn check_properties(reader: &Reader<'_>, node: &Node, parts: &[Part]) -> Result<(), AccessError> {
    let text = reader.source.text();
    if node.has_inner_anchors {
        let problem = "the value holds anchors, which aliases may name: change what is in it";
        return Err(AccessError::unfit(text, node.span.start, problem));
    }
    let Some(tag) = &node.tag else {
        return Ok(());
    };
    let is_own = tag.starts_with('!') && tag.len() > 1;
    if is_own && matches!(node.kind, Kind::Scalar(_)) && matches!(parts, [Part::Text(_)]) {
        return Ok(());
    }
    let shown = tag.replace("tag:yaml.org,2002:", "!!");
    let problem = format!(
        "the value has the tag `{shown}`, which would not fit the new one: remove it first"
    );
    Err(AccessError::unfit(text, node.span.start, problem))
}

/// How a collection is written.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Shape {
    /// As a block where a block was.
    Fitting,
    /// As a block.
    Block,
}

pub(super) fn replacement(
    around: &Around<'_>,
    node: &Node,
    site: &Site,
    parts: &[Part],
    shape: Shape,
) -> (Range<usize>, String) {
    let is_collection = matches!(parts.first(), Some(Part::Open(_)));
    let is_filled = is_collection && parts.len() > 2;
    let was_block = node.kind.is_collection() && !node.kind.is_flow();
    let in_block = around.context == Context::Block;
    if is_filled && in_block && was_block && shape == Shape::Fitting {
        return block_for_block(around, node, site, parts);
    }
    let head = head(around.text, node, site);
    if is_filled && in_block && shape == Shape::Block {
        return block_in_place(around, node, head, parts);
    }
    inline_for(around, node, head, parts)
}

/// A block below the key of a node that was none.
fn block_in_place(
    around: &Around<'_>,
    node: &Node,
    head: Option<usize>,
    parts: &[Part],
) -> (Range<usize>, String) {
    let column = around.column.map_or(0, |column| column + around.step);
    let lines = value::indented(&value::block(parts), column);
    let lines = lines.trim_end_matches('\n');
    let indent = " ".repeat(column);
    let rest = around.text[node.span.end..line_end(around.text, node.span.end)].trim_end();
    let start = head.unwrap_or(node.span.start);
    let break_ = if line_start(around.text, start) == start {
        ""
    } else {
        "\n"
    };
    let range = start..line_end(around.text, node.span.end);
    (range, format!("{rest}{break_}{indent}{lines}"))
}

/// What goes for a new value, and what of it comes back around that.
#[derive(Clone, Copy)]
struct Slot<'t> {
    start: usize,
    end: usize,
    lead: &'static str,
    /// A comment.
    rest: &'t str,
}

fn slot<'t>(text: &'t str, node: &Node, head: Option<usize>) -> Slot<'t> {
    let mut slot = Slot {
        start: node.span.start,
        end: node.span.end,
        lead: "",
        rest: "",
    };
    if node.kind.is_collection() && !node.kind.is_flow() {
        // What stands behind the key on its line stays there.
        let line = line_end(text, head.unwrap_or(slot.start));
        if let Some(head) = head.filter(|_| line < slot.start) {
            slot.rest = text[head..line].trim_end();
            (slot.start, slot.lead) = (head, " ");
        }
        if !text[..slot.end].ends_with('\n') {
            slot.end = line_end(text, slot.end);
        }
    } else if node.kind.is_block_text() {
        let header = &text[slot.start..line_end(text, slot.start)];
        slot.rest = header.find(" #").map_or("", |at| &header[at..]);
    } else if slot.start == slot.end {
        slot.lead = empty_lead(text, slot.start, head);
        let line = &text[slot.end..line_end(text, slot.end)];
        if line.trim_ascii().is_empty() {
            slot.end += line.len();
        }
    }
    slot
}

/// A value of one line, or a literal block, in the place of any node.
fn inline_for(
    around: &Around<'_>,
    node: &Node,
    head: Option<usize>,
    parts: &[Part],
) -> (Range<usize>, String) {
    let slot = slot(around.text, node, head);
    if !around.is_flow()
        && let [Part::Text(value)] = parts
        && value::is_block_text(parts)
    {
        return literal_for(around, node, slot, value);
    }
    let old = match node.kind {
        Kind::Scalar(style) if !node.kind.is_block_text() => Some(style),
        _ => None,
    };
    let written = match parts {
        [Part::Text(value)] => value::inline(value, around.format, around.context, old),
        [Part::Word(word)] => word.clone(),
        _ => value::flow(parts, around.format),
    };
    let Slot {
        start,
        end,
        lead,
        rest,
    } = slot;
    let had_break = around.text[start..end].ends_with('\n');
    let break_ = if had_break { "\n" } else { "" };
    (start..end, format!("{lead}{written}{rest}{break_}"))
}

fn literal_for(
    around: &Around<'_>,
    node: &Node,
    slot: Slot<'_>,
    value: &str,
) -> (Range<usize>, String) {
    let Slot {
        start,
        mut end,
        lead,
        mut rest,
    } = slot;
    let text = around.text;
    let had_break = text[start..end].ends_with('\n');
    let (indent, step) = match around.column {
        Some(column) => (column + around.step, around.step),
        None => (2, 2),
    };
    let (header, lines) = value::literal(value, indent, step);
    let was_inline =
        !node.kind.is_block_text() && (node.kind.is_flow() || !node.kind.is_collection());
    if was_inline {
        rest = text[end..line_end(text, end)].trim_end();
        end = line_end(text, end);
    }
    let lines = if had_break || end == text.len() {
        lines.as_str()
    } else {
        lines.strip_suffix('\n').unwrap_or(&lines)
    };
    (start..end, format!("{lead}{header}{rest}\n{lines}"))
}

/// What must stand between the indicator and a value where none was.
fn empty_lead(text: &str, at: usize, head: Option<usize>) -> &'static str {
    let before = text[..at].chars().next_back();
    match before {
        None | Some(' ' | '\t' | '\n' | '\r' | '[' | '{' | ',') => "",
        // A key in braces without its `:`.
        Some(_) if head.is_none() => ": ",
        Some(_) => " ",
    }
}

fn block_for_block(
    around: &Around<'_>,
    node: &Node,
    site: &Site,
    parts: &[Part],
) -> (Range<usize>, String) {
    let text = around.text;
    let at = column(text, node.span.start);
    // A sequence may be as deep as its key, a mapping may not.
    let is_mapping = matches!(parts.first(), Some(Part::Open(Collection::Mapping)));
    let in_mapping =
        matches!(site.frames.first(), Some(frame) if matches!(frame.kind, Kind::Mapping(_)));
    let more = if is_mapping && in_mapping && around.column == Some(at) {
        around.step
    } else {
        0
    };
    let lines = value::indented(&value::block(parts), at + more);
    let had_break = text[..node.span.end].ends_with('\n');
    let end = if had_break {
        node.span.end
    } else {
        line_end(text, node.span.end)
    };
    let lines = if had_break {
        lines.as_str()
    } else {
        lines.strip_suffix('\n').unwrap_or(&lines)
    };
    (node.span.start..end, format!("{}{lines}", " ".repeat(more)))
}

/// Behind the indicator before a node, and its properties: `key: &a !t`, `- `. None at the root,
/// and for a key without its `:`.
fn head(text: &str, node: &Node, site: &Site) -> Option<usize> {
    let frame = site.frames.first()?;
    let (from, indicator) = match (frame.kind, frame.key) {
        (Kind::Mapping(_), Some((key, _))) => (key.end, b':'),
        (Kind::Mapping(_), None) => return None,
        _ if frame.kind.is_flow() => return Some(node.span.start),
        _ => (frame.before, b'-'),
    };
    let bytes = text.as_bytes();
    let mut at = from;
    let mut found = None;
    while at < node.span.start {
        match bytes[at] {
            b'#' if at == 0 || bytes[at - 1].is_ascii_whitespace() => at = line_end(text, at),
            byte if byte == indicator && found.is_none() => {
                at += 1;
                found = Some(at);
            }
            b'&' | b'!' if found.is_some() => {
                while at < node.span.start && !bytes[at].is_ascii_whitespace() {
                    at += 1;
                }
                found = Some(at);
            }
            _ => at += 1,
        }
    }
    found
}
