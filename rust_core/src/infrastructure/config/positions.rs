//! Line and column of every key and value, by its path.

use config::{Event, Span};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::builder::{Builder, Frame, Kind};
use super::fault::Fault;

pub(super) struct Positions<'py, 'a> {
    text: &'a str,
    offset: usize,
    line: usize,
    column: usize,
    location: Bound<'py, PyAny>,
    pub(super) found: Bound<'py, PyDict>,
}

impl<'py, 'a> Positions<'py, 'a> {
    /// `location` is called with line, column, and the key's line and column or None.
    pub(super) fn new(text: &'a str, location: Bound<'py, PyAny>) -> Self {
        let found = PyDict::new(location.py());
        Self {
            text,
            offset: 0,
            line: 1,
            column: 1,
            location,
            found,
        }
    }

    /// Line and column of a place; from one place on to the next, so that long lines cost nothing.
    fn place(&mut self, offset: usize) -> (usize, usize) {
        if offset < self.offset {
            (self.offset, self.line, self.column) = (0, 1, 1);
        }
        let bytes = self.text.as_bytes();
        for (at, character) in self.text[self.offset..offset].char_indices() {
            let is_break = character == '\n'
                || character == '\r' && bytes.get(self.offset + at + 1) != Some(&b'\n');
            if is_break {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.offset = offset;
        (self.line, self.column)
    }
}

impl Builder<'_, '_> {
    /// Notes the place of a node that begins.
    pub(super) fn note_position(&mut self, event: &Event<'_>, span: Span) -> Result<(), Fault> {
        let begins = matches!(
            event,
            Event::Scalar { .. }
                | Event::MappingStart { .. }
                | Event::SequenceStart { .. }
                | Event::Alias { .. }
        );
        let Some(positions) = self.positions.as_mut().filter(|_| begins) else {
            return Ok(());
        };
        let place = positions.place(span.start);
        if let Some(Frame {
            kind:
                Kind::Mapping {
                    key: None,
                    is_merging: false,
                    ..
                },
            key_place,
            ..
        }) = self.frames.last_mut()
        {
            *key_place = place;
            return Ok(());
        }
        let py = positions.location.py();
        let Some(path) = path(py, &self.frames, self.values.len()) else {
            return Ok(());
        };
        let key_place = match self.frames.last() {
            Some(Frame {
                kind: Kind::Mapping { .. },
                key_place,
                ..
            }) => Some(*key_place),
            _ => None,
        };
        let arguments = (
            place.0,
            place.1,
            key_place.map(|at| at.0),
            key_place.map(|at| at.1),
        );
        let location = positions.location.call1(arguments)?;
        positions
            .found
            .set_item(PyTuple::new(py, path)?, location)?;
        Ok(())
    }
}

/// The keys and indices down to the node that begins; `None` inside a key.
fn path<'py>(
    py: Python<'py>,
    frames: &[Frame<'py>],
    values: usize,
) -> Option<Vec<Bound<'py, PyAny>>> {
    let mut path = Vec::with_capacity(frames.len());
    // Where the entries of the sequences further in begin.
    let mut end = values;
    for frame in frames.iter().rev() {
        path.push(match &frame.kind {
            Kind::Mapping { key: Some(key), .. } => key.clone(),
            Kind::Mapping {
                is_merging: true, ..
            } => PyString::intern(py, "<<").into_any(),
            Kind::Mapping { .. } => return None,
            Kind::Sequence { first } => {
                let index = end - first;
                end = *first;
                index.into_pyobject(py).ok()?.into_any()
            }
        });
    }
    path.reverse();
    Some(path)
}
