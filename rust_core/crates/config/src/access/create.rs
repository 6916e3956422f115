//! Values where there were none: new entries, with their parents when those are wanted.

use super::edit::{
    Around, Edit, Parents, Request, Shape, around, column, edit_of, line_end, replacement,
};
use super::error::AccessError;
use super::follow::Frame;
use super::locate::{Answer, AtAlias, Lost, display};
use super::node::Kind;
use super::path::{Path, Step};
use super::print::line_start;
use super::reader::Reader;
use super::value::{self, Part};
use crate::{Collection, Context, ScalarStyle};

/// A value where there was none: an entry of the collection where the path is lost.
pub(super) fn create(
    reader: &Reader<'_>,
    request: &Request,
    lost: &Lost,
) -> Result<Edit, AccessError> {
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
pub(super) fn explained(error: AccessError, way_out: &str) -> AccessError {
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
