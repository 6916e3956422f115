//! The proof of a change: the text is read again, has the new value at its place, and all other
//! events are what they were. What is around the change is compared by its hash, so that the old
//! text need not be kept.

use std::convert::Infallible;
use std::hash::{BuildHasher, Hasher};

use foldhash::quality::{FixedState, FoldHasher};

use super::edit::Edit;
use super::error::AccessError;
use super::reader::Reader;
use super::value::Part;
use crate::digest::hash_event;
use crate::{Collection, Event, EventSink, Place, Properties, ScalarStyle, Span, has_meaning};

/// The same for both texts; several times as fast as the standard library's, of which each event
/// is a few calls.
static STATE: FixedState = FixedState::with_seed(0);

/// What is around the events of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outside {
    hash: u64,
    events: usize,
    documents: usize,
}

/// What is around the events that go.
pub(crate) fn outside(reader: &Reader<'_>, edit: &Edit) -> Result<Outside, AccessError> {
    read(reader, edit, edit.gone, None)
}

/// Reads the changed text.
pub(crate) fn check(reader: &Reader<'_>, edit: &Edit, before: Outside) -> Result<(), AccessError> {
    let fail = |problem: String| Err(AccessError::Check { problem });
    let after = match read(reader, edit, edit.parts.len(), Some(&edit.parts)) {
        Ok(after) => after,
        Err(AccessError::Syntax(error)) => return fail(format!("is broken: {error}")),
        Err(error) => return Err(error),
    };
    if after == before {
        Ok(())
    } else {
        fail("differs in more than the value".to_owned())
    }
}

fn read(
    reader: &Reader<'_>,
    edit: &Edit,
    count: usize,
    expected: Option<&[Part]>,
) -> Result<Outside, AccessError> {
    let mut sink = Sink {
        hasher: STATE.build_hasher(),
        events: 0,
        ordinal: 0,
        skip: 0..0,
        expected: expected.unwrap_or(&[]),
        anchor: edit.anchor.as_deref(),
        must_fit: expected.is_some(),
        is_unfit: false,
    };
    let (mut place, mut documents) = (Place::default(), 0);
    loop {
        sink.ordinal = 0;
        sink.skip = if documents + 1 == edit.document {
            edit.ordinal..edit.ordinal + count
        } else {
            0..0
        };
        if !reader.next(&mut place, &mut sink)? {
            break;
        }
        documents += 1;
    }
    if sink.is_unfit {
        let problem = "has not the new value at its path".to_owned();
        return Err(AccessError::Check { problem });
    }
    Ok(Outside {
        hash: sink.hasher.finish(),
        events: sink.events,
        documents,
    })
}

struct Sink<'e> {
    hasher: FoldHasher<'static>,
    events: usize,
    /// Of the next event in its document.
    ordinal: usize,
    skip: std::ops::Range<usize>,
    expected: &'e [Part],
    anchor: Option<&'e str>,
    must_fit: bool,
    is_unfit: bool,
}

impl EventSink for Sink<'_> {
    type Error = Infallible;

    fn event(&mut self, event: Event<'_>, _: Span) -> Result<(), Infallible> {
        let is_node = !matches!(
            event,
            Event::StreamStart
                | Event::StreamEnd
                | Event::DocumentStart { .. }
                | Event::DocumentEnd { .. }
        );
        let ordinal = self.ordinal;
        self.ordinal += usize::from(is_node);
        if is_node && self.skip.contains(&ordinal) {
            if self.must_fit {
                let number = ordinal - self.skip.start;
                let anchor = self.anchor.filter(|_| number == 0);
                self.is_unfit |= !fits(&self.expected[number], &event, anchor);
            }
            return Ok(());
        }
        self.events += 1;
        hash_event(&event, &mut self.hasher);
        Ok(())
    }
}

/// Whether the event is the part, for readers of YAML 1.1 and 1.2.
fn fits(part: &Part, event: &Event<'_>, anchor: Option<&str>) -> bool {
    let (is_same, properties) = match (part, event) {
        (Part::Open(Collection::Mapping), Event::MappingStart { properties, .. })
        | (Part::Open(Collection::Sequence), Event::SequenceStart { properties, .. }) => {
            (true, *properties)
        }
        (Part::Close(Collection::Mapping), Event::MappingEnd)
        | (Part::Close(Collection::Sequence), Event::SequenceEnd) => (true, Properties::default()),
        (
            Part::Text(text),
            Event::Scalar {
                value,
                style,
                properties,
            },
        ) => {
            let is_text =
                *style != ScalarStyle::Plain || properties.tag.is_some() || !has_meaning(value);
            (text == value && is_text, *properties)
        }
        (
            Part::Word(word),
            Event::Scalar {
                value,
                style,
                properties,
            },
        ) => (word == value && *style == ScalarStyle::Plain, *properties),
        _ => (false, Properties::default()),
    };
    is_same && properties.anchor == anchor
}
