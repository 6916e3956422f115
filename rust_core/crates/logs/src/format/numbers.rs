//! Numbers in texts.

use crate::expression::number_length;

/// A finite number; `None` for every other text. Zeros may stand in front, and no digit before an
/// exponent's `e`: programs write `007` and `1.e5`, which no JSON has.
pub(crate) fn float(text: &[u8]) -> Option<f64> {
    let (is_negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, text),
    };
    // As much as a double holds exactly: the quotient of two such is rounded once.
    let (mut mantissa, mut scale, mut count) = (0_u64, 0_usize, 0);
    let mut is_fraction = false;
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa
                    .wrapping_mul(10)
                    .wrapping_add(u64::from(byte - b'0'));
                scale += usize::from(is_fraction);
                count += 1;
            }
            b'.' if !is_fraction && count > 0 => is_fraction = true,
            b'e' | b'E' | b'+' | b'-' if count > 0 => return slow(text),
            _ => return None,
        }
    }
    if count == 0 || (is_fraction && scale == 0) {
        return None;
    }
    if count > 15 {
        return slow(text);
    }
    #[allow(clippy::cast_precision_loss)]
    let value = mantissa as f64 / POWERS[scale];
    Some(if is_negative { -value } else { value })
}

const POWERS: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

fn slow(text: &[u8]) -> Option<f64> {
    let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    value.is_finite().then_some(value)
}

/// Whether JSON would write the number so (RFC 8259, section 6).
pub(crate) fn is_json_number(text: &[u8]) -> bool {
    number_length(text) == text.len() && float(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::is_json_number;

    #[test]
    fn numbers_of_json() {
        for text in [&b"0"[..], b"-1", b"10.50", b"1e5", b"-0.1E-7", b"1.5e+3"] {
            assert!(is_json_number(text));
        }
        for text in [
            &b""[..],
            b"-",
            b"007",
            b"1.",
            b"1.e5",
            b".5",
            b"1e",
            b"+1",
            b"1e999",
        ] {
            assert!(!is_json_number(text));
        }
    }
}
