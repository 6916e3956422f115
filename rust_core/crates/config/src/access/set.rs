//! Changes one value in the bytes of a text, and nothing else.

use super::diff::unified;
use super::edit::{Edit, Request, plan};
use super::error::AccessError;
use super::reader::{Format, MergeKeys, Reader};
use super::verify::{check, outside};
use crate::{Limits, Position, Source};

/// What was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The difference as a unified diff, without the lines that name the files; empty when the
    /// text was as wanted.
    pub difference: String,
    /// The number of the document, from one.
    pub document: usize,
    /// Where the change begins.
    pub line: usize,
}

const MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// Changes the value in the text, in UTF-8 with or without a byte order mark. The result is read
/// again: it has the new value at the path, and all other events are what they were.
///
/// # Errors
/// As for [`get`](super::get), for values that do not fit, and [`AccessError::Check`] when the
/// result is not as wanted. The text is not to be used then.
pub fn set(
    text: &mut Vec<u8>,
    request: &Request,
    format: Format,
    limits: &Limits,
) -> Result<Changed, AccessError> {
    refuse_other_encodings(text)?;
    let skip = if text.starts_with(MARK) {
        MARK.len()
    } else {
        0
    };
    let (edit, before, changed) = {
        let source = Source::decode(text, limits)?;
        let reader = Reader::new(&source, format, *limits, MergeKeys::Keep);
        let mut edit = plan(&reader, request)?;
        use_breaks_of(source.text(), &mut edit);
        let changed = Changed {
            difference: unified(source.text(), edit.range.clone(), &edit.text),
            document: edit.document,
            line: Position::of(source.text(), edit.range.start).line,
        };
        if changed.difference.is_empty() {
            return Ok(changed);
        }
        let before = outside(&reader, &edit)?;
        (edit, before, changed)
    };
    splice(
        text,
        skip + edit.range.start..skip + edit.range.end,
        edit.text.as_bytes(),
    );
    let source = Source::decode(text, limits).map_err(|error| AccessError::Check {
        problem: format!("is broken: {error}"),
    })?;
    let reader = Reader::new(&source, format, *limits, MergeKeys::Keep);
    check(&reader, &edit, before)?;
    Ok(changed)
}

fn refuse_other_encodings(text: &[u8]) -> Result<(), AccessError> {
    let has_zero = text.iter().take(4).any(|byte| *byte == 0);
    if has_zero || text.starts_with(&[0xFE, 0xFF]) || text.starts_with(&[0xFF, 0xFE]) {
        let problem =
            "the text is in UTF-16 or UTF-32, and only UTF-8 is changed: convert it first";
        return Err(AccessError::value(problem));
    }
    Ok(())
}

/// New lines end as the first line of the text does.
fn use_breaks_of(text: &str, edit: &mut Edit) {
    let first = memchr::memchr(b'\n', text.as_bytes());
    let is_windows = first.is_some_and(|at| text[..at].ends_with('\r'));
    if is_windows && edit.text.contains('\n') {
        edit.text = edit.text.replace("\r\n", "\n").replace('\n', "\r\n");
    }
}

/// In place: only what stands behind the range is moved.
fn splice(text: &mut Vec<u8>, range: std::ops::Range<usize>, new: &[u8]) {
    let (old_length, gone) = (text.len(), range.len());
    if new.len() > gone {
        let more = new.len() - gone;
        // Not twice the size, as growing by itself would take.
        text.reserve_exact(more);
        text.resize(old_length + more, 0);
    }
    text.copy_within(range.end..old_length, range.start + new.len());
    text.truncate(old_length + new.len() - gone);
    text[range.start..range.start + new.len()].copy_from_slice(new);
}
