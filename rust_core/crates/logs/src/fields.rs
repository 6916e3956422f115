//! The fields of an event by name, each with a copy of its value: they outlive the text they stand
//! in, which may have been decoded from another one.
//!
//! Collected where somebody asks for them: a summary needs none.

use crate::format::float;
use crate::record::Span;

/// What a value was written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A text, its escapes decoded.
    #[default]
    Text,
    /// A number as JSON writes it.
    Number,
    /// `true`, `false` or `null` of JSON.
    Word,
    /// An array or object of JSON as it stands.
    Json,
}

/// A field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'f> {
    /// Its name, for members of objects within with a dot between: `http.status`.
    pub name: &'f [u8],
    /// Its value.
    pub value: &'f [u8],
    /// What the value is.
    pub kind: Kind,
    /// Whether the record has it as its time, level, message, source, host or trace.
    pub is_taken: bool,
}

impl Field<'_> {
    /// Whether it is `null` of JSON.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.kind == Kind::Word && self.value == b"null"
    }

    /// Its value as a number, also where a text is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self.kind {
            Kind::Number | Kind::Text => float(self.value),
            Kind::Word | Kind::Json => None,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Item {
    name: Span,
    value: Span,
    kind: Kind,
    is_taken: bool,
    /// Where the value stands in its line.
    origin: u32,
}

/// The fields of one event.
#[derive(Debug, Default)]
pub struct FieldSet {
    is_wanted: bool,
    text: Vec<u8>,
    items: Vec<Item>,
}

impl FieldSet {
    /// A set that collects.
    #[must_use]
    pub fn wanted() -> Self {
        Self {
            is_wanted: true,
            ..Self::default()
        }
    }

    /// Whether somebody asks for fields.
    #[inline]
    #[must_use]
    pub const fn is_wanted(&self) -> bool {
        self.is_wanted
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.items.clear();
    }

    /// The number of fields.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Back to so many fields.
    pub(crate) fn truncate(&mut self, count: usize) {
        self.items.truncate(count);
    }

    /// Adds a field whose value stands at a place of its line; `write` writes the value.
    pub(crate) fn push_with(
        &mut self,
        name: &[&[u8]],
        kind: Kind,
        origin: u32,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let start = self.text.len();
        for part in name {
            self.text.extend_from_slice(part);
        }
        let middle = self.text.len();
        write(&mut self.text);
        self.items.push(Item {
            name: Span::new(start, middle),
            value: Span::new(middle, self.text.len()),
            kind,
            is_taken: false,
            origin,
        });
    }

    /// Adds a field if somebody asks for them and its value is not empty.
    pub(crate) fn push(&mut self, name: &str, kind: Kind, value: &[u8]) {
        if self.is_wanted && !value.is_empty() {
            self.push_with(&[name.as_bytes()], kind, u32::MAX, |text| {
                text.extend_from_slice(value);
            });
        }
    }

    /// The field whose value stands there is a part of the record.
    pub(crate) fn take(&mut self, origin: u32) {
        let mut items = self.items.iter_mut();
        if let Some(item) = items.find(|item| item.origin == origin) {
            item.is_taken = true;
        }
    }

    /// The places of the fields from this number on are no longer those of the line.
    pub(crate) fn settle(&mut self, from: usize) {
        for item in self.items.iter_mut().skip(from) {
            item.origin = u32::MAX;
        }
    }

    /// All fields in the order of the line.
    pub fn iter(&self) -> impl Iterator<Item = Field<'_>> {
        self.items.iter().map(|item| Field {
            name: item.name.of(&self.text),
            value: item.value.of(&self.text),
            kind: item.kind,
            is_taken: item.is_taken,
        })
    }

    /// The first field of this name.
    #[must_use]
    pub fn get(&self, name: &[u8]) -> Option<Field<'_>> {
        self.iter().find(|field| field.name == name)
    }
}
