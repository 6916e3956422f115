//! What a reader of lines with fixed places is given: the clock and the year, and where the names
//! and numbers of a line go.

use super::keys::{Keys, NO_KEY};
use super::numbers::{float, is_json_number};
use crate::fields::{FieldSet, Kind};
use crate::time::{Clock, Stamp, YearOf, Zone};

pub(crate) struct Context<'r> {
    pub(crate) clock: &'r mut Clock,
    pub(crate) year: YearOf,
    pub(crate) fields: &'r mut FieldSet,
    pub(crate) numbers: &'r mut Vec<(u32, f64)>,
    pub(crate) names: &'r mut Keys,
    /// Whether statuses and verdicts make levels.
    pub(crate) levels_from_status: bool,
}

impl Context<'_> {
    /// A field, if somebody asks for them; `-` and nothing are none.
    #[inline]
    pub(crate) fn field(&mut self, name: &[u8], value: &[u8]) {
        if self.fields.is_wanted() && !is_missing(value) {
            self.collect(name, value, u32::MAX);
        }
    }

    /// A field with its place in the line; in quotes two of them are one.
    #[cold]
    pub(crate) fn collect(&mut self, name: &[u8], value: &[u8], origin: u32) {
        let kind = if is_json_number(value) {
            Kind::Number
        } else {
            Kind::Text
        };
        self.fields.push_with(&[name], kind, origin, |text| {
            if origin == u32::MAX {
                text.extend_from_slice(value);
            } else {
                undouble(value, text);
            }
        });
    }

    /// A value for percentiles, and a field; a text that is no number is a field only.
    #[inline]
    pub(crate) fn number(&mut self, name: &[u8], value: &[u8]) {
        self.count(name, value);
        self.field(name, value);
    }

    /// A value for percentiles, if it is a number.
    #[inline]
    pub(crate) fn count(&mut self, name: &[u8], value: &[u8]) {
        if let Some(number) = float(value) {
            self.add(name, number);
        }
    }

    /// A number for percentiles.
    pub(crate) fn add(&mut self, name: &[u8], number: f64) {
        let key = self.names.look_up(name);
        if key.index != NO_KEY {
            self.numbers.push((key.index, number));
        }
    }
}

/// A value of a table without the second of two quotes.
pub(crate) fn undouble(value: &[u8], out: &mut Vec<u8>) {
    let mut rest = value;
    while let Some(at) = memchr::memmem::find(rest, b"\"\"") {
        out.extend_from_slice(&rest[..=at]);
        rest = &rest[at + 2..];
    }
    out.extend_from_slice(rest);
}

/// What logs write where they have no value.
pub(crate) fn is_missing(value: &[u8]) -> bool {
    matches!(value, b"" | b"-" | b"\"-\"")
}

/// The same time where the format says that all are in UTC.
pub(crate) fn in_utc(stamp: Stamp) -> Stamp {
    match stamp.zone {
        Zone::Missing => Stamp {
            zone: Zone::Given,
            ..stamp
        },
        _ => stamp,
    }
}
