//! Python strings made from text: those that repeat are made once.

use pyo3::prelude::*;
use pyo3::types::PyString;

/// Longer texts seldom repeat.
const TEXT_BYTES: usize = 40;
const MOST_PLACES: usize = 1 << 12;
/// A place for so many bytes of the text: a short one must not pay for a large table.
const BYTES_FOR_A_PLACE: usize = 16;

struct Entry {
    bytes: [u8; TEXT_BYTES],
    length: u8,
    text: Py<PyString>,
}

/// Short texts by their hash, a new one in the place of the old: no list, no search.
pub(crate) struct Texts {
    places: Vec<Option<Entry>>,
    /// What was seen last at a place, in a few bits: a text is kept when it comes again.
    seen: Vec<u16>,
}

impl Texts {
    /// For a text of so many bytes.
    pub(crate) fn new(text_bytes: usize) -> Self {
        let count = (text_bytes / BYTES_FOR_A_PLACE).next_power_of_two();
        let count = count.min(MOST_PLACES);
        let mut places = Vec::new();
        places.resize_with(count, || None);
        let seen = vec![0; count];
        Self { places, seen }
    }

    /// A string that was made before when the text is short and has come twice.
    #[inline]
    pub(crate) fn get<'py>(&mut self, py: Python<'py>, text: &str) -> Bound<'py, PyString> {
        let bytes = text.as_bytes();
        if bytes.len() > TEXT_BYTES {
            return PyString::new(py, text);
        }
        let hash = hash(bytes);
        let number = hash & (self.places.len() - 1);
        let place = &mut self.places[number];
        if let Some(entry) = place
            && usize::from(entry.length) == bytes.len()
            && entry.bytes[..bytes.len()] == *bytes
        {
            return entry.text.bind(py).clone();
        }
        let made = PyString::new(py, text);
        // Other bits than those that chose the place.
        let mark = u16::try_from(hash >> 16 & 0xFFFF).unwrap_or(0);
        if std::mem::replace(&mut self.seen[number], mark) != mark {
            return made;
        }
        let mut kept = [0; TEXT_BYTES];
        kept[..bytes.len()].copy_from_slice(bytes);
        *place = Some(Entry {
            bytes: kept,
            length: u8::try_from(bytes.len()).unwrap_or(0),
            text: made.clone().unbind(),
        });
        made
    }
}

/// A number by all bytes of a text: multiply and fold, eight bytes at a time.
#[inline]
fn hash(bytes: &[u8]) -> usize {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut hash = bytes.len() as u64;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
        hash ^= hash >> 32;
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    hash = (hash ^ u64::from_le_bytes(last)).wrapping_mul(FACTOR);
    usize::try_from(hash >> 32).unwrap_or(0)
}
