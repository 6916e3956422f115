//! The text of the value at a path: as it stands in the source, or as JSON.

use super::error::AccessError;
use super::locate::{Answer, AtAlias};
use super::node::{Kind, Node};
use super::path::Path;
use super::reader::{Format, Reader};
use super::tree::{TreeBuilder, Untreelike};
use crate::fmt::scalar::{deeper_of, push_block_scalar};
use crate::{ParseError, Place, Position, ScalarStyle, Schema};

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A scalar's text alone; a collection as in the source.
    Raw,
    /// On one line.
    Json,
    /// As in the source, its indentation taken off.
    Source,
}

/// A value found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Got {
    /// Without a line's end behind it, unless the value has one.
    pub text: String,
    /// The number of its document, from one.
    pub document: usize,
    /// Where it begins.
    pub position: Position,
}

/// The value at a path, in the document of this number (from one) or in the only one that has it.
///
/// # Errors
/// [`AccessError::Missing`] when there is none, and all that is wrong with the text.
pub fn get(
    reader: &Reader<'_>,
    path: &Path,
    document: Option<usize>,
    form: Form,
) -> Result<Got, AccessError> {
    let found = match reader.locate(path, document, AtAlias::Follow)?.answer {
        Answer::Found(found) => found,
        Answer::Lost(lost) => return Err(reader.missing(&lost)),
    };
    let node = &found.node;
    let source = reader.source.text();
    let text = match (form, node.kind) {
        (Form::Json, _) => json(reader, found.site.place, node)?,
        (Form::Raw, Kind::Scalar(ScalarStyle::Plain)) if node.text.is_empty() => "null".to_owned(),
        (Form::Raw, Kind::Scalar(_)) => node.text.clone(),
        _ => dedented(source, node),
    };
    Ok(Got {
        text,
        document: found.site.document,
        position: Position::of(source, node.span.start),
    })
}

fn json(reader: &Reader<'_>, place: Place, node: &Node) -> Result<String, AccessError> {
    let from = if node.has_aliases { 0 } else { node.ordinal };
    let schema = schema_of(reader.format);
    let builder = TreeBuilder::new(schema, reader.merge_keys, reader.limits.depth);
    let mut builder = builder.of_node(node.ordinal, from);
    let mut place = place;
    let parsed = match reader.format {
        Format::Yaml => {
            let limits = &reader.limits;
            let next = reader
                .source
                .next_document(&mut place, limits, &mut builder);
            next.map(|_| ())
        }
        Format::Json => reader.source.parse_json(&reader.limits, &mut builder),
    };
    parsed.map_err(|error| untreelike(reader, error))?;
    Ok(builder.result.unwrap_or_default().value.to_string())
}

pub(crate) fn schema_of(format: Format) -> Schema {
    match format {
        Format::Yaml => Schema::Core,
        Format::Json => Schema::Json,
    }
}

pub(crate) fn untreelike(reader: &Reader<'_>, error: ParseError<Untreelike>) -> AccessError {
    match error {
        ParseError::Syntax(error) => AccessError::Syntax(error),
        ParseError::Sink(Untreelike { problem, at }) => {
            AccessError::unfit(reader.source.text(), at, problem)
        }
    }
}

/// The node's own bytes, the indentation of its first line taken off the others.
fn dedented(source: &str, node: &Node) -> String {
    let own = &source[node.span.start..node.span.end];
    let header = own.split(['\n', '#']).next().unwrap_or("");
    if node.kind.is_block_text() && header.contains(|character: char| character.is_ascii_digit()) {
        // The indicator counts from the collection around it, which is not there any more.
        let mut out = String::with_capacity(own.len());
        push_block_scalar(&mut out, own, deeper_of(&node.text), 2, 2, None);
        return out;
    }
    let line = &source[line_start(source, node.span.start)..node.span.start];
    let is_block = node.kind.is_collection() && !node.kind.is_flow();
    let indent = if is_block {
        line.len()
    } else {
        line.len() - line.trim_start_matches(' ').len()
    };
    let mut out = String::with_capacity(own.len());
    for (number, line) in own.split_inclusive('\n').enumerate() {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        let cut = if number == 0 { 0 } else { spaces.min(indent) };
        out.push_str(&line[cut..]);
    }
    out
}

pub(crate) fn line_start(text: &str, at: usize) -> usize {
    memchr::memrchr2(b'\n', b'\r', &text.as_bytes()[..at]).map_or(0, |found| found + 1)
}
