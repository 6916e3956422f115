//! What an untagged plain scalar is: the schemas of YAML 1.2.2 (chapter 10), and YAML 1.1 as
//! PyYAML has it. Owns the spelling of null, booleans, integers and floats; times are in
//! [`timestamp`](crate::timestamp).

use crate::timestamp::{Timestamp, timestamp};

/// Which spellings mean something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Schema {
    /// YAML 1.2.2, section 10.3: `0777` is 777, `no` is text.
    #[default]
    Core,
    /// Section 10.2: as JSON writes them; other plain scalars are errors for the sink to make.
    Json,
    /// Section 10.1: everything is text.
    Failsafe,
    /// YAML 1.1 as PyYAML reads it: `0777` is 511, `no` is false, `22:22` is 1342.
    Yaml11,
}

/// An integer as far as it can be read without big numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integer<'a> {
    /// One that fits.
    Small(i64),
    /// One that may not: digits of this radix, perhaps with `_` between them.
    Large {
        /// A minus stood before it.
        is_negative: bool,
        /// 2, 8, 10 or 16; 60 for parts of base ten with `:` between them.
        radix: u32,
        /// Without sign and prefix.
        digits: &'a str,
    },
}

/// What a plain scalar means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Resolved<'a> {
    /// No value.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number, exact.
    Integer(Integer<'a>),
    /// The nearest double.
    Float(f64),
    /// A date, or a date with a time (YAML 1.1 only).
    Timestamp(Timestamp),
    /// Text, as it stands.
    Text,
}

const NUMBER: u8 = 1;
const WORD: u8 = 2;
const WORD11: u8 = 4;

/// What a first byte may begin in some schema. Most plain scalars end here.
static FIRST: [u8; 256] = {
    let mut table = [0; 256];
    let mut digit = b'0';
    while digit <= b'9' {
        table[digit as usize] = NUMBER;
        digit += 1;
    }
    table[b'+' as usize] = NUMBER;
    table[b'-' as usize] = NUMBER;
    table[b'.' as usize] = NUMBER;
    let words = b"~nNtTfF";
    let mut at = 0;
    while at < words.len() {
        table[words[at] as usize] = WORD | WORD11;
        at += 1;
    }
    let words = b"yYoO";
    at = 0;
    while at < words.len() {
        table[words[at] as usize] = WORD11;
        at += 1;
    }
    table
};

/// The meaning of an untagged plain scalar.
///
/// ```
/// use config::{Integer, Resolved, Schema, resolve};
///
/// assert_eq!(resolve("0777", Schema::Core), Resolved::Integer(Integer::Small(777)));
/// assert_eq!(resolve("0777", Schema::Yaml11), Resolved::Integer(Integer::Small(511)));
/// assert_eq!(resolve("no", Schema::Core), Resolved::Text);
/// ```
#[inline]
#[must_use]
pub fn resolve(value: &str, schema: Schema) -> Resolved<'_> {
    let Some(first) = value.as_bytes().first() else {
        return match schema {
            Schema::Core | Schema::Yaml11 => Resolved::Null,
            Schema::Json | Schema::Failsafe => Resolved::Text,
        };
    };
    let class = FIRST[usize::from(*first)];
    if class == 0 || schema == Schema::Failsafe {
        return Resolved::Text;
    }
    if class == NUMBER {
        return number(value, schema);
    }
    if value.len() > 5 {
        return Resolved::Text;
    }
    word(value, schema)
}

fn word(value: &str, schema: Schema) -> Resolved<'_> {
    let is_json = schema == Schema::Json;
    match value {
        "null" => Resolved::Null,
        "true" => Resolved::Bool(true),
        "false" => Resolved::Bool(false),
        "~" | "Null" | "NULL" if !is_json => Resolved::Null,
        "True" | "TRUE" if !is_json => Resolved::Bool(true),
        "False" | "FALSE" if !is_json => Resolved::Bool(false),
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" if schema == Schema::Yaml11 => {
            Resolved::Bool(true)
        }
        "no" | "No" | "NO" | "off" | "Off" | "OFF" if schema == Schema::Yaml11 => {
            Resolved::Bool(false)
        }
        _ => Resolved::Text,
    }
}

fn number(value: &str, schema: Schema) -> Resolved<'_> {
    let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
    let bytes = unsigned.as_bytes();
    let is_negative = value.starts_with('-');
    // The commonest number of all.
    if bytes.len() < 19 && bytes.iter().all(u8::is_ascii_digit) && !bytes.is_empty() {
        let has_zero = bytes[0] == b'0' && bytes.len() > 1;
        let is_plain = match schema {
            Schema::Core => true,
            Schema::Json => !has_zero && !value.starts_with('+'),
            _ => !has_zero,
        };
        if is_plain {
            let magnitude = bytes
                .iter()
                .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
            let value = if is_negative { -magnitude } else { magnitude };
            return Resolved::Integer(Integer::Small(value));
        }
    }
    match schema {
        Schema::Core => core_number(value, unsigned, is_negative),
        Schema::Json => json_number(value, unsigned, is_negative),
        Schema::Yaml11 => yaml11_number(value, unsigned, is_negative),
        Schema::Failsafe => Resolved::Text,
    }
}

fn core_number<'a>(value: &'a str, unsigned: &'a str, is_negative: bool) -> Resolved<'a> {
    let prefixed = [("0o", 8), ("0x", 16)];
    for (prefix, radix) in prefixed {
        if let Some(digits) = value
            .strip_prefix(prefix)
            .filter(|rest| !rest.contains('_'))
        {
            return integer(false, radix, digits);
        }
    }
    if let ".inf" | ".Inf" | ".INF" = unsigned {
        return infinity(is_negative);
    }
    if let ".nan" | ".NaN" | ".NAN" = value {
        return Resolved::Float(f64::NAN);
    }
    let (whole, rest) = digits(unsigned);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Resolved::Text;
    }
    if whole.len() == unsigned.len() {
        return integer(is_negative, 10, whole);
    }
    if is_exponent(rest) {
        float(value)
    } else {
        Resolved::Text
    }
}

fn json_number<'a>(value: &'a str, unsigned: &'a str, is_negative: bool) -> Resolved<'a> {
    let (whole, rest) = digits(unsigned);
    let has_zero = whole.len() > 1 && whole.starts_with('0');
    if whole.is_empty() || has_zero || value.starts_with('+') {
        return Resolved::Text;
    }
    if rest.is_empty() {
        return integer(is_negative, 10, whole);
    }
    let rest = rest.strip_prefix('.').map_or(rest, |rest| digits(rest).1);
    if is_exponent(rest) {
        float(value)
    } else {
        Resolved::Text
    }
}

/// Nothing, or `e`, perhaps a sign, and digits.
fn is_exponent(rest: &str) -> bool {
    let Some(exponent) = rest.strip_prefix(['e', 'E']) else {
        return rest.is_empty();
    };
    let (power, rest) = digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    !power.is_empty() && rest.is_empty()
}

fn yaml11_number<'a>(value: &'a str, unsigned: &'a str, is_negative: bool) -> Resolved<'a> {
    if let ".inf" | ".Inf" | ".INF" = unsigned {
        return infinity(is_negative);
    }
    if let ".nan" | ".NaN" | ".NAN" = value {
        return Resolved::Float(f64::NAN);
    }
    if let Some(digits) = unsigned.strip_prefix("0b") {
        return integer(is_negative, 2, digits);
    }
    if let Some(digits) = unsigned.strip_prefix("0x") {
        return integer(is_negative, 16, digits);
    }
    if unsigned.starts_with(|first: char| first.is_ascii_digit()) {
        if let Some(found) = timestamp(value) {
            return Resolved::Timestamp(found);
        }
        let (whole, rest) = spaced_digits(unsigned);
        match rest.as_bytes().first() {
            None if whole == "0" => return Resolved::Integer(Integer::Small(0)),
            None if whole.starts_with('0') => return integer(is_negative, 8, &whole[1..]),
            None => return integer(is_negative, 10, whole),
            Some(b':') => return sexagesimal(unsigned, is_negative),
            _ => {}
        }
        let Some(rest) = rest.strip_prefix('.') else {
            return Resolved::Text;
        };
        return if is_yaml11_exponent(spaced_digits(rest).1) {
            float(value)
        } else {
            Resolved::Text
        };
    }
    // Neither a sign nor `_` may stand before the digits of a fraction alone.
    let (fraction, rest) = spaced_digits(value.strip_prefix('.').unwrap_or(""));
    if fraction.starts_with(|first: char| first.is_ascii_digit()) && is_yaml11_exponent(rest) {
        return float(value);
    }
    Resolved::Text
}

/// As in YAML 1.2, but with the sign that PyYAML wants.
fn is_yaml11_exponent(rest: &str) -> bool {
    is_exponent(rest) && (rest.is_empty() || rest[1..].starts_with(['+', '-']))
}

/// `190:20:30` and, with a point, `190:20:30.15`.
fn sexagesimal(unsigned: &str, is_negative: bool) -> Resolved<'_> {
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let mut parts = whole.split(':');
    let first = parts.next().unwrap_or("");
    let is_part = |part: &str| {
        let bytes = part.as_bytes();
        matches!(bytes, [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'])
    };
    if !parts.clone().all(is_part) || first.starts_with('0') && fraction.is_none() {
        return Resolved::Text;
    }
    let Some(fraction) = fraction else {
        let mut sum = plain_i64(first);
        for part in parts {
            sum = sum
                .and_then(|sum| sum.checked_mul(60))
                .and_then(|sum| sum.checked_add(plain_i64(part)?));
        }
        return Resolved::Integer(match sum {
            Some(sum) => Integer::Small(if is_negative { -sum } else { sum }),
            None => Integer::Large {
                is_negative,
                radix: 60,
                digits: whole,
            },
        });
    };
    if !spaced_digits(fraction).1.is_empty() {
        return Resolved::Text;
    }
    // In the order PyYAML adds, so that the last bit is the same.
    let last_at = unsigned.rfind(':').map_or(0, |at| at + 1);
    let mut base = 1.0;
    let mut sum = float_of(&unsigned[last_at..]).unwrap_or(0.0);
    for part in unsigned[..last_at].trim_end_matches(':').rsplit(':') {
        base *= 60.0;
        sum += float_of(part).unwrap_or(0.0) * base;
    }
    Resolved::Float(if is_negative { -sum } else { sum })
}

fn plain_i64(digits: &str) -> Option<i64> {
    digits
        .bytes()
        .filter(|byte| *byte != b'_')
        .try_fold(0_i64, |sum, digit| {
            sum.checked_mul(10)?.checked_add(i64::from(digit - b'0'))
        })
}

fn infinity(is_negative: bool) -> Resolved<'static> {
    Resolved::Float(if is_negative {
        f64::NEG_INFINITY
    } else {
        f64::INFINITY
    })
}

/// An integer of at least one digit and nothing but digits of its radix; `_` where YAML 1.1 let
/// it through.
fn integer(is_negative: bool, radix: u32, digits: &str) -> Resolved<'_> {
    let has_spaces = digits.contains('_');
    let mut magnitude = Some(0_i64);
    let mut count = 0;
    for byte in digits.bytes().filter(|byte| *byte != b'_') {
        let Some(digit) = char::from(byte).to_digit(radix) else {
            return Resolved::Text;
        };
        count += 1;
        magnitude = magnitude
            .and_then(|sum| sum.checked_mul(radix.into()))
            .and_then(|sum| sum.checked_add(digit.into()));
    }
    if count == 0 && !(radix == 8 && has_spaces) {
        return Resolved::Text;
    }
    Resolved::Integer(match magnitude {
        Some(magnitude) => Integer::Small(if is_negative { -magnitude } else { magnitude }),
        None => Integer::Large {
            is_negative,
            radix,
            digits,
        },
    })
}

fn float(value: &str) -> Resolved<'_> {
    float_of(value).map_or(Resolved::Text, Resolved::Float)
}

fn float_of(text: &str) -> Option<f64> {
    if text.contains('_') {
        text.replace('_', "").parse().ok()
    } else {
        text.parse().ok()
    }
}

fn digits(text: &str) -> (&str, &str) {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at(count)
}

fn spaced_digits(text: &str) -> (&str, &str) {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || *byte == b'_';
    text.split_at(text.bytes().take_while(is_digit).count())
}
