//! What a line has besides its record: texts that were decoded, numbers and fields.

use crate::fields::FieldSet;
use crate::record::Record;

/// Readers that name numbers: each counts its keys apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NumberNames {
    /// JSON's keys.
    #[default]
    Json,
    /// logfmt's keys.
    Logfmt,
    /// Names of columns and other fixed places.
    Fixed,
}

impl NumberNames {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Json, Self::Logfmt, Self::Fixed];
}

/// What a line has besides its record. It can be set aside while the next line is read.
#[derive(Debug, Default)]
pub struct Parts {
    /// Texts whose escapes were decoded.
    pub(super) scratch: Vec<u8>,
    pub(super) numbers: Vec<(u32, f64)>,
    pub(super) number_names: NumberNames,
    /// The fields by name, if somebody asks for them.
    pub fields: FieldSet,
}

impl Parts {
    /// For readers whose fields somebody asks for.
    #[must_use]
    pub fn with_fields() -> Self {
        Self {
            fields: FieldSet::wanted(),
            ..Self::default()
        }
    }

    pub(crate) fn clear(&mut self) {
        self.numbers.clear();
        self.fields.clear();
    }

    /// The text in which a record's places are.
    #[must_use]
    pub fn text<'t>(&'t self, record: &Record, line: &'t [u8]) -> &'t [u8] {
        if record.is_decoded {
            &self.scratch
        } else {
            line
        }
    }

    /// The numbers of the line: their keys' places for [`Reader::number_name`], and the values.
    #[must_use]
    pub fn numbers(&self) -> &[(u32, f64)] {
        &self.numbers
    }

    /// Whose keys the numbers' are.
    #[must_use]
    pub const fn number_names(&self) -> NumberNames {
        self.number_names
    }
}
