//! Dates of the proleptic Gregorian calendar and the number of their day, and RFC 3339.
//!
//! Days by Howard Hinnant's `days_from_civil` ("chrono-Compatible Low-Level Date Algorithms").

use std::fmt::Write;

const DAY_SECONDS: i64 = 86_400;

/// The days from 1970-01-01 to a date.
pub(crate) const fn days(year: i64, month: u32, day: u32) -> i64 {
    // Years begin in March, so that the day that leaps is their last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = (month as i64 + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + day as i64 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a number of days from 1970-01-01.
pub(crate) const fn date(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (year, month as u32, day as u32)
}

/// Whether a year has that day.
pub(crate) const fn is_date(year: i64, month: u32, day: u32) -> bool {
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 0,
    };
    day >= 1 && day <= length
}

/// The time in nanoseconds since 1970-01-01 00:00 UTC as RFC 3339, with as many digits of the
/// fraction as it has in groups of three.
#[must_use]
pub fn rfc3339(nanoseconds: i64) -> String {
    let seconds = nanoseconds.div_euclid(1_000_000_000);
    let fraction = nanoseconds.rem_euclid(1_000_000_000);
    let (year, month, day) = date(seconds.div_euclid(DAY_SECONDS));
    let second = seconds.rem_euclid(DAY_SECONDS);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    // Writing to a String does not fail.
    let _ = match fraction {
        0 => Ok(()),
        _ if fraction % 1_000_000 == 0 => write!(text, ".{:03}", fraction / 1_000_000),
        _ if fraction % 1_000 == 0 => write!(text, ".{:06}", fraction / 1_000),
        _ => write!(text, ".{fraction:09}"),
    };
    text.push('Z');
    text
}

/// The seconds since 1970-01-01 of a date and a time of day.
pub(crate) const fn seconds(date: (i64, u32, u32), hour: u32, minute: u32, second: u32) -> i64 {
    days(date.0, date.1, date.2) * DAY_SECONDS
        + hour as i64 * 3_600
        + minute as i64 * 60
        + second as i64
}
