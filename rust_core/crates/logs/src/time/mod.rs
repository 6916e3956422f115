//! Time stamps: their shapes, read by position.

mod civil;
mod parse;
mod shape;
mod wall;

pub(crate) use civil::date;
pub use civil::rfc3339;
pub use parse::{Stamp, Zone};
pub use shape::{Clock, Shape, YearOf};
pub use wall::WallClock;

/// The year of a time in seconds since 1970.
pub(crate) fn year_of(seconds: i64) -> YearOf {
    YearOf(date(seconds.div_euclid(86_400)).0)
}
