//! What literals mean: numbers, durations, sizes, levels and times.

use super::error::Problem;
use crate::format::float;
use crate::level::Level;
use crate::time::{Shape, Stamp, WallClock, YearOf, Zone};

/// A number with or without a unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Quantity {
    /// Also a size, in bytes.
    Number(f64),
    Duration {
        nanoseconds: f64,
    },
}

const NANOSECONDS: i64 = 1_000_000_000;
const DAY_SECONDS: i64 = 86_400;

const DURATIONS: [(&str, f64); 9] = [
    ("ns", 1.0),
    ("us", 1e3),
    // The micro sign and the Greek letter.
    ("\u{b5}s", 1e3),
    ("\u{3bc}s", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 60e9),
    ("h", 3_600e9),
    ("d", 86_400e9),
];

const SIZES: [(&str, f64); 10] = [
    ("B", 1.0),
    ("kB", 1e3),
    ("KB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("TB", 1e12),
    ("KiB", 1_024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
];

/// The endings of names that tell the unit, in nanoseconds.
const ENDINGS: [(&str, f64); 6] = [
    ("_ns", 1.0),
    ("_us", 1e3),
    ("_ms", 1e6),
    ("_s", 1e9),
    ("_sec", 1e9),
    ("_seconds", 1e9),
];

/// The length of the number that a text begins with, as JSON writes numbers (RFC 8259, section 6);
/// 0 when none does.
pub(crate) fn number_length(text: &[u8]) -> usize {
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let start = usize::from(text.first() == Some(&b'-'));
    let whole = digits(start);
    if whole == 0 || (whole > 1 && text[start] == b'0') {
        return 0;
    }
    let mut end = start + whole;
    if text.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

/// A text that is a number and nothing else.
pub(super) fn number(text: &[u8]) -> Option<f64> {
    // Most texts end here.
    if !matches!(text.first()?, b'0'..=b'9' | b'-') || number_length(text) != text.len() {
        return None;
    }
    float(text)
}

/// A text that is `true` or `false`.
pub(super) fn boolean(text: &[u8]) -> Option<bool> {
    match text {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

/// A word that names a level.
pub(super) fn level(word: &[u8]) -> Option<Level> {
    if word.eq_ignore_ascii_case(Level::Unknown.name().as_bytes()) {
        return Some(Level::Unknown);
    }
    Level::of_word(word)
}

/// What begins with a digit, or a minus and a digit.
pub(super) fn quantity(text: &str) -> Result<Quantity, Problem> {
    let (digits, unit) = text.split_at(number_length(text.as_bytes()));
    if digits.is_empty() || unit.starts_with(|first: char| !first.is_alphabetic()) {
        let found = text.to_owned();
        return Err(Problem::Number { found });
    }
    let range = || Problem::NumberRange {
        found: text.to_owned(),
    };
    let value = number(digits.as_bytes()).ok_or_else(range)?;
    let found = if unit.is_empty() {
        Quantity::Number(value)
    } else if let Some((_, nanoseconds)) = DURATIONS.iter().find(|(name, _)| *name == unit) {
        let nanoseconds = value * nanoseconds;
        Quantity::Duration { nanoseconds }
    } else if let Some((_, bytes)) = SIZES.iter().find(|(name, _)| *name == unit) {
        Quantity::Number(value * bytes)
    } else {
        let unit = unit.to_owned();
        return Err(Problem::UnknownUnit { unit });
    };
    let (Quantity::Number(value) | Quantity::Duration { nanoseconds: value }) = found;
    value.is_finite().then_some(found).ok_or_else(range)
}

/// A duration in what a field counts, as its name tells.
pub(super) fn duration_of(name: &str, nanoseconds: f64) -> Result<f64, Problem> {
    let ending = ENDINGS.iter().find(|(ending, _)| name.ends_with(ending));
    let (_, unit) = ending.ok_or_else(|| Problem::UnitOfField {
        name: name.to_owned(),
    })?;
    Ok(nanoseconds / unit)
}

/// What times are relative to.
#[derive(Clone, Debug)]
pub(super) struct Now {
    /// Since 1970 UTC.
    pub(super) nanoseconds: i64,
    /// The clock of times that name no zone.
    pub(super) wall: WallClock,
}

impl Now {
    /// `now`, `today` and `yesterday`; days begin at midnight of the zone.
    pub(super) fn word(&self, word: &str) -> Option<i64> {
        let days = if word.eq_ignore_ascii_case("now") {
            return Some(self.nanoseconds);
        } else if word.eq_ignore_ascii_case("today") {
            0
        } else if word.eq_ignore_ascii_case("yesterday") {
            1
        } else {
            return None;
        };
        let seconds = self.nanoseconds.div_euclid(NANOSECONDS);
        let wall = self.wall.wall(seconds);
        let midnight = (wall.div_euclid(DAY_SECONDS) - days).saturating_mul(DAY_SECONDS);
        let seconds = self.wall.utc(midnight);
        Some(seconds.saturating_mul(NANOSECONDS))
    }

    /// So long before, which is written with a minus.
    pub(super) fn ago(&self, nanoseconds: f64) -> Option<i64> {
        #[allow(clippy::cast_possible_truncation)]
        let whole = nanoseconds as i64;
        (nanoseconds < 0.0).then(|| self.nanoseconds.saturating_add(whole))
    }

    /// A date, or a date and a time of day, in one of the shapes that logs have and that name the
    /// year. Times past what an `i64` holds are the last or the first that it holds.
    pub(super) fn text(&self, text: &str) -> Option<i64> {
        let text = text.trim();
        let stamp = whole_stamp(text.as_bytes()).or_else(|| {
            // Without seconds.
            let (before, after) = text.split_at_checked("2026-11-20T10:00".len())?;
            let is_minute = before.as_bytes()[13] == b':';
            let filled = format!("{before}:00{after}");
            whole_stamp(filled.as_bytes()).filter(|_| is_minute)
        })?;
        let seconds = match stamp.zone {
            Zone::Given => stamp.seconds,
            Zone::Missing => self.wall.utc(stamp.seconds),
            Zone::Uptime => return None,
        };
        let nanoseconds = seconds.saturating_mul(NANOSECONDS);
        Some(nanoseconds.saturating_add(i64::from(stamp.nanoseconds)))
    }
}

/// The stamp that is the whole of a text.
fn whole_stamp(text: &[u8]) -> Option<Stamp> {
    let shapes = Shape::SEARCHED.iter();
    let mut dated = shapes.filter(|shape| !shape.may_lack_year());
    dated.find_map(|shape| {
        let (stamp, end) = shape.parse(text, YearOf::default())?;
        (end == text.len()).then_some(stamp)
    })
}
