//! Dates and times as YAML 1.1 writes them (the type `timestamp` of its repository), and as PyYAML
//! reads them.

/// A date, or a date with a time. Only dates and times that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// From 1 to 9999.
    pub year: u16,
    /// From 1.
    pub month: u8,
    /// From 1.
    pub day: u8,
    /// None for a date alone.
    pub time: Option<Time>,
}

/// The time of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// From 0 to 23.
    pub hour: u8,
    /// From 0 to 59.
    pub minute: u8,
    /// From 0 to 59.
    pub second: u8,
    /// From 0 to 999,999; further digits are cut off.
    pub microsecond: u32,
    /// Minutes east of UTC; none when nothing was said.
    pub offset_minutes: Option<i16>,
}

/// Reads `2001-12-14`, `2001-12-14t21:59:43.10-05:00` and the like; `None` for other text and for
/// days that are in no calendar.
#[must_use]
pub fn timestamp(text: &str) -> Option<Timestamp> {
    // The separators tell nearly every other number at once.
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' {
        return None;
    }
    let mut reader = Reader { rest: bytes };
    let year = u16::try_from(reader.number(4, 4)?).ok()?;
    reader.byte(b'-')?;
    let (month, month_digits) = reader.digits(1, 2)?;
    reader.byte(b'-')?;
    let (day, day_digits) = reader.digits(1, 2)?;
    let time = if reader.rest.is_empty() {
        if month_digits != 2 || day_digits != 2 {
            return None;
        }
        None
    } else {
        Some(time(&mut reader)?)
    };
    let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    let is_day = year > 0 && (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
    is_day.then_some(Timestamp {
        year,
        month,
        day,
        time,
    })
}

fn days(year: u16, month: u8) -> u8 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn time(reader: &mut Reader<'_>) -> Option<Time> {
    if reader.byte(b'T').or_else(|| reader.byte(b't')).is_none() && reader.white() == 0 {
        return None;
    }
    let hour = reader.number(1, 2)?;
    reader.byte(b':')?;
    let minute = reader.number(2, 2)?;
    reader.byte(b':')?;
    let second = reader.number(2, 2)?;
    let mut microsecond = 0;
    if reader.byte(b'.').is_some() {
        let mut scale = 100_000;
        while let [digit @ b'0'..=b'9', rest @ ..] = reader.rest {
            microsecond += scale * u32::from(digit - b'0');
            scale /= 10;
            reader.rest = rest;
        }
    }
    let offset_minutes = offset(reader)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(Time {
        hour: u8::try_from(hour).ok()?,
        minute: u8::try_from(minute).ok()?,
        second: u8::try_from(second).ok()?,
        microsecond,
        offset_minutes,
    })
}

/// The zone at the end: `None` when it is none, `Some(None)` when there is none.
#[allow(clippy::option_option)]
fn offset(reader: &mut Reader<'_>) -> Option<Option<i16>> {
    if reader.rest.is_empty() {
        return Some(None);
    }
    reader.white();
    if reader.byte(b'Z').is_some() {
        return reader.rest.is_empty().then_some(Some(0));
    }
    let sign = if reader.byte(b'-').is_some() {
        -1
    } else {
        reader.byte(b'+')?;
        1
    };
    let hours = reader.number(1, 2)?;
    let minutes = if reader.byte(b':').is_some() {
        reader.number(2, 2)?
    } else {
        0
    };
    let total = i16::try_from(hours * 60 + minutes).ok()?;
    // Python's zones are less than a day from UTC.
    (reader.rest.is_empty() && total < 24 * 60).then_some(Some(sign * total))
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn byte(&mut self, wanted: u8) -> Option<()> {
        let (first, rest) = self.rest.split_first()?;
        (*first == wanted).then(|| self.rest = rest)
    }

    fn white(&mut self) -> usize {
        let count = self
            .rest
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        self.rest = &self.rest[count..];
        count
    }

    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        self.digits(least, most).map(|(value, _)| value)
    }

    fn digits(&mut self, least: usize, most: usize) -> Option<(u32, usize)> {
        let count = self
            .rest
            .iter()
            .take(most)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        let value = digits
            .iter()
            .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
        (count >= least).then_some((value, count))
    }
}
