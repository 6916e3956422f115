//! Integers beyond machine words, and dates and times, as Python objects.

use config::{Time, Timestamp};
use pyo3::prelude::*;
use pyo3::types::{PyDate, PyDateTime, PyDelta, PyInt, PyTzInfo};

/// Below the least limit that an interpreter can have on digits in one conversion.
const CHUNK_DIGITS: usize = 600;
/// Base sixty has no way faster than the square of its length.
const SEXAGESIMAL_BYTES: usize = 4_300;

/// The integer that the digits stand for; `None` when there are more than `most`.
pub(crate) fn large_integer<'py>(
    py: Python<'py>,
    is_negative: bool,
    radix: u32,
    digits: &str,
    most: usize,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let most = if radix == 60 {
        SEXAGESIMAL_BYTES.min(most)
    } else {
        most
    };
    if digits.len() > most {
        return Ok(None);
    }
    let digits = digits.replace('_', "");
    let magnitude = match radix {
        10 => decimal(py, &digits)?,
        60 => {
            let mut sum = 0_u8.into_pyobject(py)?.into_any();
            for part in digits.split(':') {
                sum = sum.mul(60)?.add(decimal(py, part)?)?;
            }
            sum
        }
        // No limit holds for powers of two.
        radix => py.get_type::<PyInt>().call1((digits, radix))?,
    };
    Ok(Some(if is_negative {
        magnitude.neg()?
    } else {
        magnitude
    }))
}

/// Pieces that Python converts, joined in pairs: the way whose cost is that of multiplication.
fn decimal<'py>(py: Python<'py>, digits: &str) -> PyResult<Bound<'py, PyAny>> {
    let int = py.get_type::<PyInt>();
    // From the lowest piece up; the digits are ASCII.
    let mut parts = Vec::with_capacity(digits.len() / CHUNK_DIGITS + 1);
    let mut end = digits.len();
    while end > 0 {
        let start = end.saturating_sub(CHUNK_DIGITS);
        parts.push(int.call1((&digits[start..end],))?);
        end = start;
    }
    let mut scale = int.call1((10,))?.pow(CHUNK_DIGITS, py.None())?;
    while parts.len() > 1 {
        let mut joined = Vec::with_capacity(parts.len() / 2 + 1);
        for pair in parts.chunks(2) {
            joined.push(match pair {
                [low, high] => high.mul(&scale)?.add(low)?,
                rest => rest[0].clone(),
            });
        }
        parts = joined;
        if parts.len() > 1 {
            scale = scale.mul(&scale)?;
        }
    }
    Ok(parts.swap_remove(0))
}

/// A `date`, or a `datetime` with the zone that was written, if any.
pub(crate) fn date<'py>(py: Python<'py>, value: &Timestamp) -> PyResult<Bound<'py, PyAny>> {
    let year = i32::from(value.year);
    let Some(Time {
        hour,
        minute,
        second,
        microsecond,
        offset_minutes,
    }) = value.time
    else {
        return Ok(PyDate::new(py, year, value.month, value.day)?.into_any());
    };
    let zone = match offset_minutes {
        None => None,
        Some(0) => Some(PyTzInfo::utc(py)?.to_owned()),
        Some(minutes) => {
            let offset = PyDelta::new(py, 0, i32::from(minutes) * 60, 0, true)?;
            Some(PyTzInfo::fixed_offset(py, offset)?)
        }
    };
    let made = PyDateTime::new(
        py,
        year,
        value.month,
        value.day,
        hour,
        minute,
        second,
        microsecond,
        zone.as_ref(),
    )?;
    Ok(made.into_any())
}
