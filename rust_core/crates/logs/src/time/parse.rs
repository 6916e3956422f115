//! The pieces that time stamps are made of: digits, names of months, fractions and zones.

/// What a stamp says about its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zone {
    /// It names one; the seconds are those of UTC.
    Given,
    /// It does not; the seconds are those of the clock on the wall.
    Missing,
    /// It counts from the start of the machine.
    Uptime,
}

/// A time stamp as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Since 1970-01-01 00:00, of UTC or of the clock on the wall; since the start for uptimes.
    pub seconds: i64,
    /// The fraction of the second.
    pub nanoseconds: u32,
    /// Which of them.
    pub zone: Zone,
}

pub(super) fn digit(text: &[u8], at: usize) -> Option<u32> {
    let digit = text.get(at)?.wrapping_sub(b'0');
    (digit < 10).then_some(u32::from(digit))
}

pub(super) fn two(text: &[u8], at: usize) -> Option<u32> {
    Some(digit(text, at)? * 10 + digit(text, at + 1)?)
}

pub(super) fn four(text: &[u8], at: usize) -> Option<u32> {
    Some(two(text, at)? * 100 + two(text, at + 2)?)
}

pub(super) fn is(text: &[u8], at: usize, byte: u8) -> bool {
    text.get(at) == Some(&byte)
}

/// The number of a month of which three letters stand there.
pub(super) fn month_name(text: &[u8], at: usize) -> Option<u32> {
    let name = text.get(at..at + 3)?;
    let folded = [name[0] & !0x20, name[1] | 0x20, name[2] | 0x20];
    Some(match &folded {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    })
}

pub(super) fn is_weekday(text: &[u8], at: usize) -> bool {
    matches!(
        text.get(at..at + 3),
        Some(b"Mon" | b"Tue" | b"Wed" | b"Thu" | b"Fri" | b"Sat" | b"Sun")
    )
}

/// A day of one or two digits, also with a space before the one.
pub(super) fn day(text: &[u8], at: usize) -> Option<(u32, usize)> {
    if is(text, at, b' ') {
        return Some((digit(text, at + 1)?, at + 2));
    }
    let first = digit(text, at)?;
    match digit(text, at + 1) {
        Some(second) => Some((first * 10 + second, at + 2)),
        None => Some((first, at + 1)),
    }
}

/// Hour, minute and second with their end; the separator is given. A minute can have 61 seconds.
pub(super) fn clock(text: &[u8], at: usize, separator: u8) -> Option<([u32; 3], usize)> {
    let hour = two(text, at)?;
    let minute = two(text, at + 3)?;
    let is_apart = is(text, at + 2, separator) && is(text, at + 5, separator);
    let second = two(text, at + 6).filter(|_| is_apart)?;
    let is_time = hour < 24 && minute < 60 && second <= 60;
    is_time.then_some(([hour, minute, second], at + 8))
}

/// A time of day whose numbers have one or two digits, between colons.
pub(super) fn loose_clock(text: &[u8], at: usize) -> Option<([u32; 3], usize)> {
    let (mut at, mut time) = (at, [0; 3]);
    for (index, part) in time.iter_mut().enumerate() {
        if index > 0 {
            at = is(text, at, b':').then_some(at + 1)?;
        }
        (*part, at) = day(text, at).filter(|_| !is(text, at, b' '))?;
    }
    let is_time = time[0] < 24 && time[1] < 60 && time[2] <= 60;
    is_time.then_some((time, at))
}

/// The nanoseconds of a fraction, if one stands there, and where it ends; digits past the ninth
/// are dropped.
pub(super) fn fraction(text: &[u8], at: usize) -> (u32, usize) {
    let opens = match text.get(at) {
        Some(b'.' | b',') => digit(text, at + 1).is_some(),
        // Milliseconds after a colon, as some applications write them.
        Some(b':') => {
            let digits = (1..=4).take_while(|ahead| digit(text, at + ahead).is_some());
            (1..=3).contains(&digits.count())
        }
        _ => false,
    };
    if !opens {
        return (0, at);
    }
    let (mut end, mut value, mut scale) = (at + 1, 0, 1_000_000_000);
    if is(text, at, b':') {
        // Milliseconds are counted there: `:7` is seven of them.
        while let Some(next) = digit(text, end) {
            value = value * 10 + next;
            end += 1;
        }
        return (value * 1_000_000, end);
    }
    while let Some(next) = digit(text, end) {
        if scale > 1 {
            scale /= 10;
            value += next * scale;
        }
        end += 1;
    }
    (value, end)
}

/// The offset from UTC in seconds, if a zone stands there, and where it ends. Known names are
/// those of RFC 5322, section 4.3, and of Central Europe.
pub(super) fn zone(text: &[u8], at: usize) -> Option<(i64, usize)> {
    match text.get(at)? {
        b'Z' | b'z' if !is_word(text, at + 1) => return Some((0, at + 1)),
        b'+' | b'-' => return offset(text, at),
        b' ' => {}
        _ => return None,
    }
    if matches!(text.get(at + 1)?, b'+' | b'-') {
        return offset(text, at + 1);
    }
    let name = text.get(at + 1..)?;
    let length = name
        .iter()
        .take(5)
        .take_while(|byte| byte.is_ascii_uppercase())
        .count();
    let hours = match name.get(..length)? {
        b"UTC" | b"GMT" | b"Z" => 0,
        b"EST" | b"CDT" => -5,
        b"EDT" => -4,
        b"CST" | b"MDT" => -6,
        b"MST" | b"PDT" => -7,
        b"PST" => -8,
        b"CET" => 1,
        b"CEST" => 2,
        _ => return None,
    };
    (!is_word(name, length)).then_some((hours * 3_600, at + 1 + length))
}

fn offset(text: &[u8], at: usize) -> Option<(i64, usize)> {
    let sign = if is(text, at, b'-') { -1 } else { 1 };
    let hours = two(text, at + 1)?;
    let (minutes, end) = if is(text, at + 3, b':') {
        (two(text, at + 4)?, at + 6)
    } else if digit(text, at + 3).is_some() {
        (two(text, at + 3)?, at + 5)
    } else {
        (0, at + 3)
    };
    let is_zone = hours < 24 && minutes < 60 && !is_word(text, end);
    is_zone.then(|| (sign * i64::from(hours * 3_600 + minutes * 60), end))
}

fn is_word(text: &[u8], at: usize) -> bool {
    text.get(at)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}
