//! What a scalar is, exactly: integers of any size and base as decimal digits, floats with the
//! digits they are written with.

use std::fmt::Write;

use super::{Scalar, Special};
use crate::{Integer, Resolved, ScalarStyle, Schema, Tag, resolve};

/// Digits of an integer that is not decimal.
const RADIX_DIGITS: usize = 4_096;

/// The value of a scalar; `scratch` holds its digits where they are not those of the text.
/// The error is the problem in words.
#[inline]
pub(crate) fn scalar<'a>(
    text: &'a str,
    tag: Option<Tag<'_>>,
    style: ScalarStyle,
    schema: Schema,
    scratch: &'a mut String,
) -> Result<Scalar<'a>, String> {
    let Some(tag) = tag else {
        return if style == ScalarStyle::Plain {
            plain(text, schema, scratch)
        } else {
            Ok(Scalar::Text(text))
        };
    };
    let Some(name @ ("int" | "float" | "bool" | "null")) = tag.core_name() else {
        return Ok(Scalar::Text(text));
    };
    tagged(text, name, schema, scratch)
}

/// What a tag of the core schema makes of a text.
fn tagged<'a>(
    text: &'a str,
    name: &str,
    schema: Schema,
    scratch: &'a mut String,
) -> Result<Scalar<'a>, String> {
    if name == "float" && matches!(resolve(text, schema), Resolved::Integer(_)) {
        let mut digits = String::new();
        if let Scalar::Integer(found) = plain(text, schema, &mut digits)? {
            scratch.clear();
            scratch.push_str(found);
            scratch.push_str(".0");
        }
        return Ok(Scalar::Float(scratch));
    }
    let value = plain(text, schema, scratch)?;
    let is_right = match value {
        Scalar::Integer(_) => name == "int",
        Scalar::Float(_) | Scalar::Special(_) => name == "float",
        Scalar::Bool(_) => name == "bool",
        Scalar::Null => name == "null",
        Scalar::Text(_) | Scalar::Time(_) => false,
    };
    if is_right {
        return Ok(value);
    }
    let shown: String = text.chars().take(60).collect();
    Err(format!("`{shown}` does not fit its tag `!!{name}`"))
}

fn plain<'a>(text: &'a str, schema: Schema, scratch: &'a mut String) -> Result<Scalar<'a>, String> {
    Ok(match resolve(text, schema) {
        Resolved::Text | Resolved::Timestamp(_) => Scalar::Text(text),
        Resolved::Null => Scalar::Null,
        Resolved::Bool(value) => Scalar::Bool(value),
        Resolved::Integer(_) if is_decimal(text) => Scalar::Integer(text),
        Resolved::Integer(Integer::Small(value)) => {
            scratch.clear();
            let _ = write!(scratch, "{value}");
            Scalar::Integer(scratch)
        }
        Resolved::Integer(Integer::Large {
            is_negative,
            radix,
            digits,
        }) => {
            let digits = decimal(digits, radix)
                .ok_or_else(|| format!("integer is longer than {RADIX_DIGITS} digits"))?;
            scratch.clear();
            scratch.push_str(if is_negative { "-" } else { "" });
            scratch.push_str(&digits);
            Scalar::Integer(scratch)
        }
        Resolved::Float(value) => number(text, value, scratch),
    })
}

/// Digits as every format writes an integer.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    match digits {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// A float's text as JSON writes numbers, digit for digit.
pub(crate) fn number<'a>(text: &'a str, value: f64, scratch: &'a mut String) -> Scalar<'a> {
    if text.bytes().any(|byte| matches!(byte, b'n' | b'N')) {
        return Scalar::Special(match value {
            f64::INFINITY => Special::Infinity,
            f64::NEG_INFINITY => Special::NegativeInfinity,
            _ => Special::NotANumber,
        });
    }
    scratch.clear();
    if text.contains(':') {
        // Parts of base 60 have no digits to keep.
        let _ = write!(scratch, "{value:?}");
        return Scalar::Float(scratch);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mantissa_end = unsigned.find(['e', 'E']).unwrap_or(unsigned.len());
    let (mantissa, exponent) = unsigned.split_at(mantissa_end);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "-"));
    let is_right =
        !text.starts_with('+') && is_decimal(whole) && !fraction.is_empty() && !text.contains('_');
    if is_right {
        return Scalar::Float(text);
    }
    scratch.push_str(if text.starts_with('-') { "-" } else { "" });
    let whole = whole.replace('_', "");
    let whole = whole.trim_start_matches('0');
    scratch.push_str(if whole.is_empty() { "0" } else { whole });
    if fraction != "-" {
        let fraction = fraction.replace('_', "");
        scratch.push('.');
        scratch.push_str(if fraction.is_empty() { "0" } else { &fraction });
    }
    scratch.push_str(exponent);
    Scalar::Float(scratch)
}

/// The decimal digits of a whole number without sign; none when it is too long to convert.
pub(crate) fn decimal(digits: &str, radix: u32) -> Option<String> {
    if radix == 10 {
        let digits = digits.replace('_', "");
        let digits = digits.trim_start_matches('0');
        return Some(if digits.is_empty() { "0" } else { digits }.to_owned());
    }
    if digits.len() > RADIX_DIGITS || radix > 16 {
        return None;
    }
    // Decimal digits from the last on.
    let mut sum: Vec<u32> = vec![0];
    for digit in digits.chars().filter_map(|digit| digit.to_digit(radix)) {
        let mut carry = digit;
        for place in &mut sum {
            carry += *place * radix;
            *place = carry % 10;
            carry /= 10;
        }
        while carry > 0 {
            sum.push(carry % 10);
            carry /= 10;
        }
    }
    sum.iter()
        .rev()
        .map(|digit| char::from_digit(*digit, 10))
        .collect()
}
