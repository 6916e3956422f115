//! Where the bytes of a new value go: one range of the text and what comes in its place.

use std::ops::Range;

use super::error::AccessError;
use super::follow::{Frame, Kind, Node};
use super::locate::{Answer, AtAlias, Format, Found, Lost, Reader, Site, display};
use super::path::{Path, Step};
use super::print::line_start;
use super::value::{self, Part, ValueType};
use crate::{Collection, Context, ScalarStyle};

/// What happens to parents that are not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parents {
    /// They are made.
    Create,
    /// They are missed.
    Require,
}

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Request {
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
struct Around<'t> {
    text: &'t str,
    format: Format,
    context: Context,
    /// Of the innermost block collection around it.
    column: Option<usize>,
    /// Of one more level.
    step: usize,
}

/// Plans the change.
pub(crate) fn plan(reader: &Reader<'_>, request: &Request) -> Result<Edit, AccessError> {
    let located = reader.locate(&request.path, request.document, AtAlias::Stay)?;
    match located.answer {
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

fn around<'t>(reader: &'t Reader<'_>, frames: &[Frame]) -> Around<'t> {
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

fn column(text: &str, at: usize) -> usize {
    at - line_start(text, at)
}

/// The end of the line without its break.
fn line_end(text: &str, at: usize) -> usize {
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

fn edit_of(found: &Found, range: Range<usize>, text: String, parts: Vec<Part>) -> Edit {
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
enum Shape {
    /// As a block where a block was.
    Fitting,
    /// As a block.
    Block,
}

fn replacement(
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
        return (range, format!("{rest}{break_}{indent}{lines}"));
    }
    inline_for(around, node, head, parts)
}

/// A value of one line, or a literal block, in the place of any node.
fn inline_for(
    around: &Around<'_>,
    node: &Node,
    head: Option<usize>,
    parts: &[Part],
) -> (Range<usize>, String) {
    let text = around.text;
    let style = match node.kind {
        Kind::Scalar(style) => Some(style),
        _ => None,
    };
    let was_block_text = matches!(style, Some(ScalarStyle::Literal | ScalarStyle::Folded));
    let was_block = node.kind.is_collection() && !node.kind.is_flow();
    let (mut start, mut end) = (node.span.start, node.span.end);
    let mut lead = "";
    let mut rest = "";
    if was_block {
        // What stands behind the key on its line stays there.
        let line = line_end(text, head.unwrap_or(start));
        if let Some(head) = head.filter(|_| line < start) {
            rest = text[head..line].trim_end();
            (start, lead) = (head, " ");
        }
        if !text[..end].ends_with('\n') {
            end = line_end(text, end);
        }
    } else if was_block_text {
        let header = &text[start..line_end(text, start)];
        rest = header.find(" #").map_or("", |at| &header[at..]);
    } else if node.span.start == node.span.end {
        lead = empty_lead(text, start, head);
        let line = &text[end..line_end(text, end)];
        if line.trim_ascii().is_empty() {
            end += line.len();
        }
    }
    let had_break = text[start..end].ends_with('\n');
    let old = style.filter(|_| !was_block_text);
    if around.context == Context::Block
        && let [Part::Text(value)] = parts
        && value::is_block_text(parts)
    {
        let indent = around.column.map_or(2, |column| column + around.step);
        let step = if around.column.is_none() {
            2
        } else {
            around.step
        };
        let (header, lines) = value::literal(value, indent, step);
        if !was_block && !was_block_text {
            rest = text[end..line_end(text, end)].trim_end();
            end = line_end(text, end);
        }
        let lines = if had_break || end == text.len() {
            lines.as_str()
        } else {
            lines.strip_suffix('\n').unwrap_or(&lines)
        };
        return (start..end, format!("{lead}{header}{rest}\n{lines}"));
    }
    let written = match parts {
        [Part::Text(value)] => value::inline(value, around.format, around.context, old),
        [Part::Word(word)] => word.clone(),
        _ => value::flow(parts, around.format),
    };
    let break_ = if had_break { "\n" } else { "" };
    (start..end, format!("{lead}{written}{rest}{break_}"))
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

/// A value where there was none: an entry of the collection where the path is lost.
fn create(reader: &Reader<'_>, request: &Request, lost: &Lost) -> Result<Edit, AccessError> {
    let steps = &lost.site.steps[lost.depth..];
    let is_entry = match (lost.kind, steps.first()) {
        (Kind::Mapping(_), Some(Step::Key(_))) | (Kind::Sequence(_), Some(Step::Append)) => true,
        (Kind::Sequence(_), Some(Step::Key(key))) => key == "-",
        _ => false,
    };
    let may_create = request.parents == Parents::Create;
    if is_entry && (steps.len() == 1 || may_create) {
        let value = value::parts(&request.value, request.value_type, reader.format, None)?;
        return insert(reader, lost, steps, value);
    }
    let error = reader.missing(lost);
    if may_create && matches!(lost.kind, Kind::Scalar(ScalarStyle::Plain)) {
        return fill(reader, request, lost).unwrap_or(Err(error));
    }
    Err(if is_entry {
        explained(error, "`--create` makes parents")
    } else {
        error
    })
}

/// The error of what is missing, with a way out.
fn explained(error: AccessError, way_out: &str) -> AccessError {
    match error {
        AccessError::Missing {
            reached,
            why,
            similar,
            position,
        } => AccessError::Missing {
            reached,
            why: format!("{why} ({way_out})"),
            similar,
            position,
        },
        other => other,
    }
}

/// Puts the rest of the path in the place of a null; None when the value is not null.
fn fill(reader: &Reader<'_>, request: &Request, lost: &Lost) -> Option<Result<Edit, AccessError>> {
    let path = Path {
        steps: lost.site.steps[..lost.depth].to_vec(),
    };
    let document = Some(lost.site.document);
    let Ok(located) = reader.locate(&path, document, AtAlias::Stay) else {
        return None;
    };
    let Answer::Found(found) = located.answer else {
        return None;
    };
    let is_null = matches!(
        found.node.text.as_str(),
        "" | "~" | "null" | "Null" | "NULL"
    );
    if !is_null || found.node.tag.is_some() {
        return None;
    }
    let value = value::parts(&request.value, request.value_type, reader.format, None);
    Some(value.and_then(|value| {
        let parts = wrapped(&lost.site.steps[lost.depth..], value)?;
        let around = around(reader, &found.site.frames);
        let (range, text) = replacement(&around, &found.node, &found.site, &parts, Shape::Block);
        Ok(edit_of(&found, range, text, parts))
    }))
}

/// A value in the collections of the steps to it.
fn wrapped(steps: &[Step], value: Vec<Part>) -> Result<Vec<Part>, AccessError> {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::Key(key) => {
                before.push(Part::Open(Collection::Mapping));
                before.push(Part::Text(key.clone()));
                after.push(Part::Close(Collection::Mapping));
            }
            Step::Append | Step::Index(0) => {
                before.push(Part::Open(Collection::Sequence));
                after.push(Part::Close(Collection::Sequence));
            }
            other => {
                let step = display(std::slice::from_ref(other));
                let problem = format!("a new sequence has no {step}: write `[+]`");
                return Err(AccessError::request(problem));
            }
        }
    }
    after.reverse();
    before.extend(value);
    before.extend(after);
    Ok(before)
}

/// A new last entry of the innermost collection on the path.
fn insert(
    reader: &Reader<'_>,
    lost: &Lost,
    steps: &[Step],
    value: Vec<Part>,
) -> Result<Edit, AccessError> {
    let Some(frame) = lost.site.frames.first() else {
        return Err(reader.missing(lost));
    };
    let around = around(reader, &lost.site.frames);
    let is_nested = steps.len() > 1;
    let value = wrapped(&steps[1..], value)?;
    let key = match (&steps[0], frame.kind) {
        (Step::Key(key), Kind::Mapping(_)) => Some(key.clone()),
        _ => None,
    };
    let (at, text) = if around.context == Context::Flow {
        flow_entry(&around, frame, key.as_deref(), &value)
    } else {
        block_entry(&around, frame, key.as_deref(), &value, is_nested)
    };
    let mut parts = Vec::with_capacity(value.len() + 1);
    parts.extend(key.map(Part::Text));
    parts.extend(value);
    Ok(Edit {
        range: at..at,
        text,
        document: lost.site.document,
        ordinal: frame.end_ordinal,
        gone: 0,
        parts,
        anchor: None,
    })
}

fn flow_entry(
    around: &Around<'_>,
    frame: &Frame,
    key: Option<&str>,
    value: &[Part],
) -> (usize, String) {
    let mut entry = String::new();
    if let Some(key) = key {
        entry.push_str(&value::inline(key, around.format, Context::Flow, None));
        entry.push_str(": ");
    }
    entry.push_str(&value::flow(value, around.format));
    if frame.entries == 0 {
        return (frame.start + 1, entry);
    }
    let line = line_start(around.text, frame.last_entry);
    let before = &around.text[line..frame.last_entry];
    let is_own_line = line > frame.start && before.trim_ascii().is_empty();
    let break_ = if is_own_line {
        format!(",\n{before}")
    } else {
        ", ".to_owned()
    };
    (frame.content_end, format!("{break_}{entry}"))
}

fn block_entry(
    around: &Around<'_>,
    frame: &Frame,
    key: Option<&str>,
    value: &[Part],
    is_nested: bool,
) -> (usize, String) {
    let text = around.text;
    let column = column(text, frame.start);
    let mut entry = " ".repeat(column);
    match key {
        Some(key) => {
            entry.push_str(&value::inline(key, around.format, Context::Block, None));
            entry.push(':');
        }
        None => entry.push('-'),
    }
    if let ([Part::Text(value)], true) = (value, value::is_block_text(value)) {
        let (header, lines) = value::literal(value, column + around.step, around.step);
        entry.push(' ');
        entry.push_str(&header);
        entry.push('\n');
        entry.push_str(lines.strip_suffix('\n').unwrap_or(&lines));
    } else if is_nested && value.len() > 2 {
        let (lead, more) = if key.is_some() {
            ("\n", around.step)
        } else {
            (" ", 2)
        };
        let lines = value::indented(&value::block(value), column + more);
        let indent = if key.is_some() { column + more } else { 0 };
        entry.push_str(lead);
        entry.push_str(&" ".repeat(indent));
        entry.push_str(lines.trim_end_matches('\n'));
    } else {
        entry.push(' ');
        match value {
            [Part::Text(value)] => {
                entry.push_str(&value::inline(value, around.format, Context::Block, None));
            }
            [Part::Word(word)] => entry.push_str(word),
            _ => entry.push_str(&value::flow(value, around.format)),
        }
    }
    let end = frame.content_end;
    if line_start(text, end) == end && end > 0 {
        return (end, format!("{entry}\n"));
    }
    let end = line_end(text, end);
    (end, format!("\n{entry}"))
}
