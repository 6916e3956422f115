//! Entries that go: with their lines and the comments that are theirs.

use std::ops::Range;

use super::edit::{Edit, Request, around, collapsed, line_end};
use super::error::AccessError;
use super::follow::Frame;
use super::locate::{Answer, AtAlias, Found};
use super::node::Kind;
use super::path::Path;
use super::print::line_start;
use super::reader::Reader;

/// Plans the removal of an entry; the last one leaves empty brackets.
pub(super) fn delete(
    reader: &Reader<'_>,
    request: &Request,
    found: &Found,
) -> Result<Edit, AccessError> {
    let (text, node) = (reader.source.text(), &found.node);
    let Some(frame) = found.site.frames.first() else {
        return Err(AccessError::request(
            "a document is not deleted, only what is in it",
        ));
    };
    if node.anchor.is_some() || node.has_inner_anchors {
        let problem = "the entry has anchors, which aliases may name: remove those first";
        return Err(AccessError::unfit(text, node.span.start, problem));
    }
    let (range, new) = if frame.entries == 1 {
        emptied(reader, request, found)?
    } else if around(reader, &found.site.frames).is_flow() {
        (flow_entry(frame, found), String::new())
    } else {
        (block_entry(text, frame, found), String::new())
    };
    let (ordinal, keys) = match frame.key {
        Some((_, ordinal)) => (ordinal, 1),
        None => (node.ordinal, 0),
    };
    Ok(Edit {
        range,
        text: new,
        document: found.site.document,
        ordinal,
        gone: node.events + keys,
        parts: Vec::new(),
        anchor: None,
    })
}

fn emptied(
    reader: &Reader<'_>,
    request: &Request,
    found: &Found,
) -> Result<(Range<usize>, String), AccessError> {
    let steps = found.site.steps[..found.site.steps.len() - 1].to_vec();
    let path = Path { steps };
    let document = request.document.or(Some(found.site.document));
    match reader.locate(&path, document, AtAlias::Stay)?.answer {
        Answer::Found(parent) => Ok(collapsed(reader, &parent)),
        Answer::Lost(lost) => Err(reader.missing(&lost)),
    }
}

fn entry_start(frame: &Frame, found: &Found) -> usize {
    frame
        .key
        .map_or(found.node.span.start, |(key, _)| key.start)
}

fn flow_entry(frame: &Frame, found: &Found) -> Range<usize> {
    match frame.next_entry {
        Some(next) => entry_start(frame, found)..next,
        None => frame.before..found.node.span.end,
    }
}

fn block_entry(text: &str, frame: &Frame, found: &Found) -> Range<usize> {
    let start = match frame.kind {
        Kind::Sequence(_) => dash(text, frame.before, found.node.span.start),
        _ => entry_start(frame, found),
    };
    let line = line_start(text, start);
    if !text[line..start].trim_ascii().is_empty() {
        // The first of its collection, behind the `- ` of an outer one.
        return match (frame.next_entry, frame.kind) {
            (Some(next), Kind::Mapping(_)) => start..next,
            (Some(next), _) => start..dash(text, found.node.span.end, next),
            (None, _) => start..found.node.span.end,
        };
    }
    let end = found.node.span.end;
    let end = if line_start(text, end) == end && end > start {
        end
    } else {
        let end = line_end(text, end);
        let rest = &text.as_bytes()[end..];
        end + usize::from(rest.starts_with(b"\r\n")) + usize::from(!rest.is_empty())
    };
    let is_first = start <= frame.start;
    let line = if is_first {
        line
    } else {
        comments_above(text, frame.before, line, start - line)
    };
    line..end
}

/// The `-` of the entry that begins at `to`.
fn dash(text: &str, from: usize, to: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < to && bytes[at] != b'-' {
        at = if bytes[at] == b'#' {
            line_end(text, at)
        } else {
            at + 1
        };
    }
    at
}

/// The start of the comment lines directly above a line, as deep as it and behind `from`.
fn comments_above(text: &str, from: usize, line: usize, indent: usize) -> usize {
    let mut start = line;
    while start > 0 {
        let above = line_start(text, start - 1);
        let content = &text[above..start];
        let depth = content.len() - content.trim_start_matches(' ').len();
        if above < from || depth != indent || !content[depth..].starts_with('#') {
            break;
        }
        start = above;
    }
    start
}
