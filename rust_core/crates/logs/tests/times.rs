//! Time stamps of every shape: expected times by hand, from what the formats' documents show.

#![allow(clippy::unwrap_used)]

use logs::time::{Clock, Shape, Stamp, YearOf, Zone, rfc3339};
use proptest::prelude::*;

const YEAR: YearOf = YearOf(2026);

fn told(stamp: Stamp) -> String {
    let nanoseconds = stamp.seconds * 1_000_000_000 + i64::from(stamp.nanoseconds);
    let text = rfc3339(nanoseconds);
    match stamp.zone {
        Zone::Given => text,
        // The clock on the wall.
        Zone::Missing => text.trim_end_matches('Z').to_owned(),
        Zone::Uptime => format!("{}.{:09}", stamp.seconds, stamp.nanoseconds),
    }
}

/// Shape, text, time, and what follows the time.
const ROWS: &[(Shape, &str, &str, &str)] = &[
    // RFC 3339, section 5.8.
    (
        Shape::Iso,
        "1985-04-12T23:20:50.52Z",
        "1985-04-12T23:20:50.520Z",
        "",
    ),
    (
        Shape::Iso,
        "1996-12-19T16:39:57-08:00 x",
        "1996-12-20T00:39:57Z",
        " x",
    ),
    (
        Shape::Iso,
        "1990-12-31T23:59:60Z",
        "1991-01-01T00:00:00Z",
        "",
    ),
    (
        Shape::Iso,
        "1937-01-01T12:00:27.87+00:20",
        "1937-01-01T11:40:27.870Z",
        "",
    ),
    (
        Shape::Iso,
        "2026-11-20 10:00:00,123 INFO",
        "2026-11-20T10:00:00.123",
        " INFO",
    ),
    (
        Shape::Iso,
        "2026-11-20 10:00:00.123456789",
        "2026-11-20T10:00:00.123456789",
        "",
    ),
    (
        Shape::Iso,
        "2026-11-20 10:00:00 +0100] [1]",
        "2026-11-20T09:00:00Z",
        "] [1]",
    ),
    (
        Shape::Iso,
        "2026-11-20 10:00:00 UTC [1]",
        "2026-11-20T10:00:00Z",
        " [1]",
    ),
    (
        Shape::Iso,
        "2026-11-20 10:00:00 CET x",
        "2026-11-20T09:00:00Z",
        " x",
    ),
    (
        Shape::Iso,
        "2026-11-20 10:00:00 - x",
        "2026-11-20T10:00:00",
        " - x",
    ),
    (
        Shape::Iso,
        "2026-11-20 10:00:00 GMTX",
        "2026-11-20T10:00:00",
        " GMTX",
    ),
    (
        Shape::Iso,
        "2026/11/20 10:00:00 [error]",
        "2026-11-20T10:00:00",
        " [error]",
    ),
    (
        Shape::Iso,
        "2005-06-03-15.42.50.363779 R02",
        "2005-06-03T15:42:50.363779",
        " R02",
    ),
    (
        Shape::Iso,
        "2026-11-20 ERROR",
        "2026-11-20T00:00:00",
        " ERROR",
    ),
    (
        Shape::Compact,
        "20261120T100000Z",
        "2026-11-20T10:00:00Z",
        "",
    ),
    (
        Shape::Compact,
        "20171223-22:15:29:606|Step",
        "2017-12-23T22:15:29.606",
        "|Step",
    ),
    (
        Shape::Compact,
        "20171224-0:7:20:44|Step",
        "2017-12-24T00:07:20.044",
        "|Step",
    ),
    (
        Shape::ShortYear,
        "17/06/09 20:10:40 INFO",
        "2017-06-09T20:10:40",
        " INFO",
    ),
    (
        Shape::ShortYear,
        "99/06/09 20:10:40 INFO",
        "1999-06-09T20:10:40",
        " INFO",
    ),
    (
        Shape::ShortCompact,
        "081109 203615 148",
        "2008-11-09T20:36:15",
        " 148",
    ),
    // RFC 3164, section 5.4.
    (
        Shape::Syslog,
        "Oct 11 22:14:15 mymachine su",
        "2026-10-11T22:14:15",
        " mymachine su",
    ),
    (
        Shape::Syslog,
        "Nov  9 12:01:01.123456 dn",
        "2026-11-09T12:01:01.123456",
        " dn",
    ),
    (
        Shape::Syslog,
        "Nov 9 12:01:01 dn",
        "2026-11-09T12:01:01",
        " dn",
    ),
    (
        Shape::Syslog,
        "Nov 09 2024 12:01:01 dn",
        "2024-11-09T12:01:01",
        " dn",
    ),
    (
        Shape::Syslog,
        "Nov  9 12:01:01 2024: x",
        "2024-11-09T12:01:01",
        ": x",
    ),
    // A day that the year at hand has not.
    (
        Shape::Syslog,
        "Feb 29 12:01:01 dn",
        "2024-02-29T12:01:01",
        " dn",
    ),
    (
        Shape::Ctime,
        "Sun Dec 04 04:47:44 2005] x",
        "2005-12-04T04:47:44",
        "] x",
    ),
    (
        Shape::Ctime,
        "Fri Nov 20 10:00:00.123456 2026",
        "2026-11-20T10:00:00.123456",
        "",
    ),
    (
        Shape::Ctime,
        "Fri Nov 20 10:00:00 CET 2026",
        "2026-11-20T09:00:00Z",
        "",
    ),
    // Apache's manual, mod_log_config.
    (
        Shape::DayFirst,
        "10/Oct/2000:13:55:36 -0700]",
        "2000-10-10T20:55:36Z",
        "]",
    ),
    (
        Shape::DayFirst,
        "20-Nov-2026 10:00:00.123 SEVERE",
        "2026-11-20T10:00:00.123",
        " SEVERE",
    ),
    (
        Shape::DayFirst,
        "20 Nov 2026 10:00:00.123 * x",
        "2026-11-20T10:00:00.123",
        " * x",
    ),
    // RFC 5322, appendix A.1.1.
    (
        Shape::Mail,
        "Fri, 21 Nov 1997 09:55:06 -0600",
        "1997-11-21T15:55:06Z",
        "",
    ),
    (
        Shape::American,
        "11/20/2026 10:00:00 PM x",
        "2026-11-20T22:00:00",
        " x",
    ),
    (
        Shape::American,
        "11/20/2026 12:00:00 AM",
        "2026-11-20T00:00:00",
        "",
    ),
    (
        Shape::American,
        "1/2/2026 9:05:06 AM",
        "2026-01-02T09:05:06",
        "",
    ),
    (
        Shape::American,
        "11/20/2026, 10:00:00.5",
        "2026-11-20T10:00:00.500",
        "",
    ),
    (
        Shape::MonthDay,
        "03-17 16:13:38.811  1702",
        "2026-03-17T16:13:38.811",
        "  1702",
    ),
    (
        Shape::MonthDay,
        "10.30 16:49:06] chrome",
        "2026-10-30T16:49:06",
        "] chrome",
    ),
    (
        Shape::Klog,
        "1120 10:00:00.123456    1 x",
        "2026-11-20T10:00:00.123456",
        "    1 x",
    ),
    (
        Shape::Epoch,
        "1131566461 2005",
        "2005-11-09T20:01:01Z",
        " 2005",
    ),
    (
        Shape::Epoch,
        "1131566461.25",
        "2005-11-09T20:01:01.250Z",
        "",
    ),
    (
        Shape::Epoch,
        "1131566461123",
        "2005-11-09T20:01:01.123Z",
        "",
    ),
    (
        Shape::Epoch,
        "1131566461123456",
        "2005-11-09T20:01:01.123456Z",
        "",
    ),
    (
        Shape::Epoch,
        "1131566461123456789",
        "2005-11-09T20:01:01.123456789Z",
        "",
    ),
    (Shape::Uptime, "   12.345678] x", "12.345678000", "] x"),
];

#[test]
fn shapes() {
    let mut clock = Clock::default();
    for (shape, text, expected, rest) in ROWS {
        let (stamp, length) = shape.parse(text.as_bytes(), YEAR).expect(text);
        assert_eq!(told(stamp), *expected, "{text}");
        assert_eq!(&text[length..], *rest, "{text}");
        // What was read before does not matter, nor that it was the same.
        for _ in 0..2 {
            let read = clock.parse(*shape, text.as_bytes(), YEAR);
            assert_eq!(read, Some((stamp, length)), "{text}");
        }
    }
}

#[test]
fn no_times() {
    let rows = [
        (Shape::Iso, "2026-13-20T10:00:00Z"),
        (Shape::Iso, "2026-02-29T10:00:00Z"),
        (Shape::Iso, "2026-11-20T24:00:00Zx"),
        (Shape::Iso, "2026-1-2"),
        (Shape::Iso, "2005.11.09 dn228"),
        (Shape::Syslog, "Nov 31 10:00:00 x"),
        (Shape::Syslog, "Now 30 10:00:00 x"),
        (Shape::ShortCompact, "134681 node-246"),
        (Shape::ShortCompact, "081109 2036150"),
        (Shape::Epoch, "1131566461x"),
        (Shape::Epoch, "12345678901"),
        (Shape::Epoch, "0000000001"),
        (Shape::Klog, "1120 10:00:00 x"),
        (Shape::American, "20/11/2026 10:00:00"),
    ];
    for (shape, text) in rows {
        let read = shape.parse(text.as_bytes(), YEAR);
        let is_date_alone = read.is_some_and(|(_, length)| length == 10);
        assert!(read.is_none() || is_date_alone, "{text}: {read:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_not(text in "[ -~]{0,40}", prefix in "(2026-11-20|Nov  9|20/Nov/2026|1120)?") {
        let text = prefix + &text;
        let mut clock = Clock::default();
        for shape in Shape::SEARCHED.into_iter().chain([Shape::Uptime]) {
            let plain = shape.parse(text.as_bytes(), YEAR);
            if let Some((_, length)) = plain {
                prop_assert!(length <= text.len());
            }
            prop_assert_eq!(clock.parse(shape, text.as_bytes(), YEAR), plain);
            prop_assert_eq!(clock.parse(shape, text.as_bytes(), YEAR), plain);
        }
    }

    #[test]
    fn seconds_are_written_and_read(seconds in 0_i64..4_000_000_000, nanoseconds in 0_u32..1_000_000_000) {
        let text = rfc3339(seconds * 1_000_000_000 + i64::from(nanoseconds));
        let (stamp, length) = Shape::Iso.parse(text.as_bytes(), YEAR).unwrap();
        prop_assert_eq!((stamp.seconds, stamp.nanoseconds, length), (seconds, nanoseconds, text.len()));
    }
}
