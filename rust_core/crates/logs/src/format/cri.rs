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
