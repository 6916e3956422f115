//! The shapes that time stamps have, each read by position.

use super::civil::{is_date, seconds};
use super::parse::{
    Stamp, Zone, clock, day, digit, four, fraction, is, is_weekday, loose_clock, month_name, two,
    zone,
};

/// How a time stamp is written. `f` is a fraction of a second, `z` a zone; both may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Shape {
    /// `2026-11-20T10:00:00fz`, also with a space, `_`, `-` or `:` before the time, and with `/`
    /// or `.` in the date; also the date alone (RFC 3339, ISO 8601).
    Iso,
    /// `20261120T100000`, `20261120-10:00:00f`.
    Compact,
    /// `26/11/20 10:00:00f`: two digits for the year.
    ShortYear,
    /// `261120 100000`.
    ShortCompact,
    /// `Nov 20 10:00:00f`, also with a year before or after the time (RFC 3164, section 4.1.2).
    Syslog,
    /// `Fri Nov 20 10:00:00f 2026` (C's `asctime`).
    Ctime,
    /// `20/Nov/2026:10:00:00f +0100`, also with `-` or spaces (Apache's access logs).
    DayFirst,
    /// `Fri, 20 Nov 2026 10:00:00 +0100` (RFC 5322, section 3.3).
    Mail,
    /// `11/20/2026 10:00:00f AM`.
    American,
    /// `11-20 10:00:00f`, also with `.` or `/`: without a year.
    MonthDay,
    /// `1120 10:00:00f`: klog's, without a year.
    Klog,
    /// Seconds, milliseconds, microseconds or nanoseconds since 1970, by the number of digits.
    Epoch,
    /// `12.345678`, seconds since the start of the machine.
    Uptime,
}

/// The year of stamps that have none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct YearOf(pub i64);

impl Shape {
    /// Those that can be looked for anywhere, the telling ones first.
    pub const SEARCHED: [Self; 12] = [
        Self::Iso,
        Self::DayFirst,
        Self::Ctime,
        Self::Mail,
        Self::Syslog,
        Self::Compact,
        Self::ShortYear,
        Self::American,
        Self::MonthDay,
        Self::ShortCompact,
        Self::Epoch,
        Self::Klog,
    ];

    /// How such a stamp looks.
    #[must_use]
    pub const fn example(self) -> &'static str {
        match self {
            Self::Iso => "2026-11-20T10:00:00",
            Self::Compact => "20261120T100000",
            Self::ShortYear => "26/11/20 10:00:00",
            Self::ShortCompact => "261120 100000",
            Self::Syslog => "Nov 20 10:00:00",
            Self::Ctime => "Fri Nov 20 10:00:00 2026",
            Self::DayFirst => "20/Nov/2026:10:00:00 +0100",
            Self::Mail => "Fri, 20 Nov 2026 10:00:00 +0100",
            Self::American => "11/20/2026 10:00:00 AM",
            Self::MonthDay => "11-20 10:00:00",
            Self::Klog => "1120 10:00:00",
            Self::Epoch => "1795219200",
            Self::Uptime => "12.345678",
        }
    }

    /// Whether the year has to come from elsewhere; of `Syslog` only where none was written.
    #[must_use]
    pub const fn may_lack_year(self) -> bool {
        matches!(self, Self::Syslog | Self::MonthDay | Self::Klog)
    }

    /// The month that a stamp without a year names.
    #[must_use]
    pub fn month(self, text: &[u8]) -> Option<u32> {
        let is_time = |hour: usize| two(text, hour).is_some() && is(text, hour + 2, b':');
        match self {
            Self::Syslog => {
                let (_, end) = day(text, 4).filter(|_| is(text, 3, b' '))?;
                month_name(text, 0).filter(|_| is_time(end + 1))
            }
            Self::MonthDay => two(text, 0).filter(|_| two(text, 3).is_some() && is_time(6)),
            Self::Klog => two(text, 0).filter(|_| two(text, 2).is_some() && is_time(5)),
            _ => None,
        }
    }

    /// The stamp that the text begins with, and its length in bytes.
    #[must_use]
    pub fn parse(self, text: &[u8], year: YearOf) -> Option<(Stamp, usize)> {
        match self {
            Self::Ctime => ctime(text),
            Self::Mail => mail(text),
            Self::American => american(text),
            Self::Epoch => epoch(text),
            Self::Uptime => uptime(text),
            _ => self.wall(text, year).map(|wall| finish(text, wall)),
        }
    }

    /// The part that ends with the seconds, of the shapes where only a fraction and a zone follow.
    fn wall(self, text: &[u8], year: YearOf) -> Wall {
        match self {
            Self::Iso => iso(text),
            Self::Compact => compact(text),
            Self::ShortYear => short_year(text),
            Self::ShortCompact => short_compact(text),
            Self::Syslog => syslog(text, year),
            Self::DayFirst => day_first(text),
            Self::MonthDay => month_day(text, year),
            Self::Klog => klog(text, year),
            _ => None,
        }
    }
}

/// The stamps of one file: what stands before the fraction is the same for many lines.
#[derive(Debug, Default)]
pub struct Clock {
    shape: Option<Shape>,
    prefix: [u8; PREFIX],
    length: usize,
    seconds: i64,
    year: YearOf,
}

const PREFIX: usize = 24;

impl Clock {
    /// A stamp of any shape that has a year, at the start of a text.
    #[must_use]
    pub fn find(&mut self, text: &[u8]) -> Option<Stamp> {
        let year = YearOf::default();
        let found = self.parse(Shape::Iso, text, year).or_else(|| {
            let shapes = Shape::SEARCHED.iter();
            let mut dated = shapes.filter(|shape| !shape.may_lack_year());
            dated.find_map(|shape| shape.parse(text, year))
        });
        found.map(|(stamp, _)| stamp)
    }

    /// As [`Shape::parse`].
    #[must_use]
    pub fn parse(&mut self, shape: Shape, text: &[u8], year: YearOf) -> Option<(Stamp, usize)> {
        if self.shape == Some(shape)
            && self.year == year
            && text.get(..self.length) == Some(&self.prefix[..self.length])
            && goes_on(shape, text, self.length)
        {
            return Some(finish(text, (self.seconds, self.length)));
        }
        let Some((seconds, length)) = shape.wall(text, year) else {
            return shape.parse(text, year);
        };
        if length <= PREFIX && length > DATE {
            self.shape = Some(shape);
            self.year = year;
            self.prefix[..length].copy_from_slice(&text[..length]);
            self.length = length;
            self.seconds = seconds;
        }
        Some(finish(text, (seconds, length)))
    }
}

/// Whether the seconds end where they did before: a year can stand behind syslog's, and klog has a
/// fraction.
fn goes_on(shape: Shape, text: &[u8], at: usize) -> bool {
    match text.get(at) {
        Some(b' ') if shape == Shape::Syslog => four(text, at + 1).is_none(),
        Some(b'.') => true,
        next => shape != Shape::Klog && !next.is_some_and(u8::is_ascii_alphanumeric),
    }
}

/// The length of a date without a time.
const DATE: usize = 10;

type Read = Option<(Stamp, usize)>;
/// The seconds of the clock on the wall, and where they end.
type Wall = Option<(i64, usize)>;

fn wall((year, month, day): (i64, u32, u32), time: [u32; 3], at: usize) -> Wall {
    let [hour, minute, second] = time;
    let seconds = seconds((year, month, day), hour, minute, second);
    is_date(year, month, day).then_some((seconds, at))
}

/// The fraction and the zone behind the seconds.
fn finish(text: &[u8], (seconds, at): (i64, usize)) -> (Stamp, usize) {
    let (nanoseconds, at) = fraction(text, at);
    let (seconds, zone, end) = match zone(text, at) {
        Some((offset, end)) => (seconds - offset, Zone::Given, end),
        None => (seconds, Zone::Missing, at),
    };
    let stamp = Stamp {
        seconds,
        nanoseconds,
        zone,
    };
    (stamp, end)
}

fn is_end(text: &[u8], at: usize) -> bool {
    !text.get(at).is_some_and(u8::is_ascii_alphanumeric)
}

fn iso(text: &[u8]) -> Wall {
    let separator = *text.get(4)?;
    if !matches!(separator, b'-' | b'/' | b'.') || text.get(7) != Some(&separator) {
        return None;
    }
    let date = (i64::from(four(text, 0)?), two(text, 5)?, two(text, 8)?);
    let time = match text.get(10) {
        Some(b'T' | b't' | b' ' | b'_' | b':') => clock(text, 11, b':'),
        Some(b'-') => clock(text, 11, b'.').or_else(|| clock(text, 11, b':')),
        _ => None,
    };
    match time {
        Some((time, at)) => wall(date, time, at),
        None if is_end(text, 10) && separator != b'.' => wall(date, [0; 3], 10),
        None => None,
    }
}

fn compact(text: &[u8]) -> Wall {
    let date = (i64::from(four(text, 0)?), two(text, 4)?, two(text, 6)?);
    if !matches!(text.get(8)?, b'T' | b'-' | b' ' | b'_') {
        return None;
    }
    if let Some((time, at)) = clock(text, 9, b':').or_else(|| loose_clock(text, 9)) {
        return wall(date, time, at);
    }
    let time = [two(text, 9)?, two(text, 11)?, two(text, 13)?];
    let is_time = time[0] < 24 && time[1] < 60 && time[2] <= 60;
    let is_whole = is_time && digit(text, 15).is_none();
    wall(date, time, 15).filter(|_| is_whole)
}

/// The century of a year of two digits, as in POSIX's `%y`.
fn century(year: u32) -> i64 {
    i64::from(year) + if year < 69 { 2000 } else { 1900 }
}

fn short_year(text: &[u8]) -> Wall {
    let separator = *text.get(2)?;
    if !matches!(separator, b'/' | b'-') || text.get(5) != Some(&separator) {
        return None;
    }
    let date = (century(two(text, 0)?), two(text, 3)?, two(text, 6)?);
    let (time, at) = clock(text, 9, b':').filter(|_| matches!(text.get(8), Some(b' ' | b'T')))?;
    wall(date, time, at)
}

fn short_compact(text: &[u8]) -> Wall {
    let date = (century(two(text, 0)?), two(text, 2)?, two(text, 4)?);
    let time = [two(text, 7)?, two(text, 9)?, two(text, 11)?];
    let is_time = is(text, 6, b' ') && time[0] < 24 && time[1] < 60 && time[2] <= 60;
    wall(date, time, 13).filter(|_| is_time && is_end(text, 13))
}

fn syslog(text: &[u8], YearOf(missing): YearOf) -> Wall {
    let month = month_name(text, 0).filter(|_| is(text, 3, b' '))?;
    let (day, at) = day(text, 4)?;
    if !is(text, at, b' ') {
        return None;
    }
    if let Some(year) = four(text, at + 1).filter(|_| is(text, at + 5, b' ')) {
        let (time, at) = clock(text, at + 6, b':')?;
        return wall((i64::from(year), month, day), time, at);
    }
    let (time, at) = clock(text, at + 1, b':')?;
    if let Some(year) = four(text, at + 1).filter(|_| is(text, at, b' ') && is_end(text, at + 5))
        && (1970..2100).contains(&year)
    {
        return wall((i64::from(year), month, day), time, at + 5);
    }
    // A day that leaps, and a year that was guessed.
    let year = if (month, day) == (2, 29) && !is_date(missing, 2, 29) {
        missing - missing.rem_euclid(4)
    } else {
        missing
    };
    wall((year, month, day), time, at)
}

fn ctime(text: &[u8]) -> Read {
    let month = month_name(text, 4).filter(|_| is_weekday(text, 0) && is(text, 3, b' '))?;
    let (day, at) = day(text, 8).filter(|_| is(text, 7, b' '))?;
    let (time, at) = clock(text, at + 1, b':').filter(|_| is(text, at, b' '))?;
    let (_, after) = fraction(text, at);
    let (zone_end, offset) = match zone(text, after) {
        Some((offset, end)) if !is_year(text, after + 1) => (end, Some(offset)),
        _ => (after, None),
    };
    let year = i64::from(four(text, zone_end + 1)?);
    if !is(text, zone_end, b' ') || !is_end(text, zone_end + 5) {
        return None;
    }
    let (mut stamp, _) = finish(&text[..after], wall((year, month, day), time, at)?);
    if let Some(offset) = offset {
        stamp.seconds -= offset;
        stamp.zone = Zone::Given;
    }
    Some((stamp, zone_end + 5))
}

fn is_year(text: &[u8], at: usize) -> bool {
    four(text, at).is_some() && digit(text, at + 4).is_none()
}

fn day_first(text: &[u8]) -> Wall {
    let (day, at) = day(text, 0)?;
    let separator = *text.get(at)?;
    if !matches!(separator, b'/' | b'-' | b' ') || !is(text, at + 4, separator) {
        return None;
    }
    let month = month_name(text, at + 1)?;
    let year = four(text, at + 5)?;
    let is_apart = matches!(text.get(at + 9), Some(b':' | b' '));
    let (time, at) = clock(text, at + 10, b':').filter(|_| is_apart)?;
    wall((i64::from(year), month, day), time, at)
}

fn mail(text: &[u8]) -> Read {
    if !is_weekday(text, 0) || !is(text, 3, b',') || !is(text, 4, b' ') {
        return None;
    }
    let (stamp, length) = finish(&text[5..], day_first(&text[5..])?);
    Some((stamp, length + 5))
}

fn american(text: &[u8]) -> Read {
    let (date, at) = american_date(text)?;
    if !matches!(text.get(at)?, b' ' | b'-' | b',' | b'T') {
        return None;
    }
    let at = if is(text, at, b',') && is(text, at + 1, b' ') {
        at + 2
    } else {
        at + 1
    };
    let short = digit(text, at).filter(|_| is(text, at + 1, b':'));
    let ([mut hour, minute, second], end) = match short {
        Some(hour) => {
            let minute = two(text, at + 2).filter(|minute| *minute < 60)?;
            let second =
                two(text, at + 5).filter(|second| *second <= 60 && is(text, at + 4, b':'))?;
            ([hour, minute, second], at + 7)
        }
        None => clock(text, at, b':')?,
    };
    let (_, after) = fraction(text, end);
    let rest = text.get(after..).unwrap_or_default();
    // Since Java 20 a narrow space stands before it.
    let space = if rest.starts_with(NARROW_SPACE) {
        NARROW_SPACE.len()
    } else {
        usize::from(rest.first() == Some(&b' '))
    };
    let half = rest.get(space..space + 2).filter(|_| space > 0);
    let is_afternoon = matches!(half, Some(b"PM" | b"pm"));
    let is_half = is_afternoon || matches!(half, Some(b"AM" | b"am"));
    if is_half {
        hour = hour % 12 + if is_afternoon { 12 } else { 0 };
    }
    let time = [hour, minute, second];
    let (stamp, end) = finish(text, wall(date, time, end)?);
    Some((stamp, if is_half { after + space + 2 } else { end }))
}

const NARROW_SPACE: &[u8] = "\u{202f}".as_bytes();

/// `11/20/2026` or `Nov 20, 2026`.
fn american_date(text: &[u8]) -> Option<((i64, u32, u32), usize)> {
    if let Some(month) = month_name(text, 0) {
        let (day, at) = day(text, 4).filter(|_| is(text, 3, b' '))?;
        let year = four(text, at + 2).filter(|_| is(text, at, b',') && is(text, at + 1, b' '))?;
        return Some(((i64::from(year), month, day), at + 6));
    }
    let (month, at) = day(text, 0).filter(|_| !is(text, 0, b' '))?;
    let (day, at) = day(text, at + 1).filter(|_| is(text, at, b'/') && !is(text, at + 1, b' '))?;
    let year = four(text, at + 1).filter(|_| is(text, at, b'/'))?;
    Some(((i64::from(year), month, day), at + 5))
}

fn month_day(text: &[u8], YearOf(year): YearOf) -> Wall {
    let (month, day) = (two(text, 0)?, two(text, 3)?);
    let is_apart = matches!(text.get(2)?, b'-' | b'.' | b'/') && is(text, 5, b' ');
    let (time, at) = clock(text, 6, b':').filter(|_| is_apart)?;
    wall((year, month, day), time, at)
}

fn klog(text: &[u8], YearOf(year): YearOf) -> Wall {
    let (month, day) = (two(text, 0)?, two(text, 2)?);
    let (time, at) = clock(text, 5, b':').filter(|_| is(text, 4, b' ') && is(text, 13, b'.'))?;
    wall((year, month, day), time, at)
}

/// The years 1990 to 2100, so that not every number is a time.
const EPOCHS: std::ops::Range<i64> = 631_152_000..4_102_444_800;

fn epoch(text: &[u8]) -> Read {
    let length = text
        .iter()
        .take(20)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let unit = match length {
        9 | 10 => 1,
        13 => 1_000,
        16 => 1_000_000,
        19 => 1_000_000_000,
        _ => return None,
    };
    let mut value = 0_i64;
    for byte in &text[..length] {
        value = value.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
    }
    let seconds = value / unit;
    let rest = u32::try_from(value % unit * (1_000_000_000 / unit)).ok()?;
    let (nanoseconds, end) = if unit == 1 && is(text, length, b'.') {
        fraction(text, length)
    } else {
        (rest, length)
    };
    let stamp = Stamp {
        seconds,
        nanoseconds,
        zone: Zone::Given,
    };
    (EPOCHS.contains(&seconds) && is_end(text, end)).then_some((stamp, end))
}

fn uptime(text: &[u8]) -> Read {
    let start = text
        .iter()
        .take(16)
        .take_while(|byte| **byte == b' ')
        .count();
    let number = &text[start..];
    let length = number
        .iter()
        .take(12)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let whole = std::str::from_utf8(number.get(..length)?).ok()?;
    let seconds = whole.parse().ok()?;
    if !is(number, length, b'.') {
        return None;
    }
    let (nanoseconds, end) = fraction(number, length);
    let stamp = Stamp {
        seconds,
        nanoseconds,
        zone: Zone::Uptime,
    };
    (end > length).then_some((stamp, start + end))
}
