//! Lines that containers' runtimes and klog write.

use crate::fields::{FieldSet, Kind};
use crate::level::{Level, LevelSource};
use crate::record::{Record, Span};
use crate::time::{Clock, Shape, YearOf};

/// `TIME stdout|stderr P|F message` (Kubernetes' container runtime interface): the record with the
/// message, in which another format may stand.
pub(crate) fn parse(text: &[u8], clock: &mut Clock, fields: &mut FieldSet) -> Option<Record> {
    let (stamp, at) = clock.parse(Shape::Iso, text, YearOf::default())?;
    let rest = text.get(at..)?;
    let inner = rest
        .strip_prefix(b" stdout ")
        .or_else(|| rest.strip_prefix(b" stderr "))?;
    let is_tagged =
        matches!(inner.first(), Some(b'F' | b'P')) && matches!(inner.get(1), None | Some(b' '));
    let start = (text.len() - inner.len() + 2).min(text.len());
    fields.push("stream", Kind::Text, &rest[1..7]);
    is_tagged.then(|| Record {
        time: Some(stamp),
        message: Span::new(start, text.len()),
        ..Record::default()
    })
}

/// The number of the stream that a line names and where its tag stands.
pub(crate) fn stream(line: &[u8]) -> Option<(usize, usize)> {
    let space = memchr::memchr(b' ', line.get(..line.len().min(LONGEST_TIME))?)?;
    let rest = &line[space..];
    let number = match rest.get(..8)? {
        b" stdout " => 0,
        b" stderr " => 1,
        _ => return None,
    };
    Some((number, space + 8))
}

const LONGEST_TIME: usize = 40;

/// Whether the message goes on in a later line of the stream: the tag is `P`.
pub(crate) fn is_partial(line: &[u8]) -> bool {
    stream(line).is_some_and(|(_, tag)| line.get(tag..tag + 2) == Some(b"P "))
}

/// The messages behind a partial one, up to the last of its stream.
pub(crate) fn parts(line: &[u8], rest: &[u8], out: &mut Vec<u8>) {
    let own = stream(line).map(|(number, _)| number);
    for line in rest.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some((number, tag)) = stream(line) else {
            return;
        };
        if Some(number) == own {
            out.extend_from_slice(line.get(tag + 2..).unwrap_or_default());
            if line.get(tag) != Some(&b'P') {
                return;
            }
        }
    }
}

/// `Lmmdd hh:mm:ss.uuuuuu threadid file:line] message` (klog and glog).
pub(crate) fn klog(text: &[u8], clock: &mut Clock, year: YearOf) -> Option<Record> {
    let letter = text.first().filter(|letter| b"IWEF".contains(letter))?;
    let (stamp, length) = clock.parse(Shape::Klog, &text[1..], year)?;
    let at = 1 + length;
    let window = text.get(at..text.len().min(at + LONGEST_PLACE))?;
    let close = at
        + memchr::memmem::find(window, b"] ").or_else(|| {
            // A message that is empty.
            window.ends_with(b"]").then(|| window.len() - 1)
        })?;
    let place = memchr::memrchr(b' ', &text[at..close])? + at + 1;
    let mut record = Record {
        time: Some(stamp),
        is_year_missing: true,
        source: Span::new(place, close),
        message: Span::new((close + 2).min(text.len()), text.len()),
        ..Record::default()
    };
    record.found(Level::of_letter(*letter), LevelSource::Header);
    Some(record)
}

const LONGEST_PLACE: usize = 160;
