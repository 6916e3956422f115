//! What plain scalars mean: the tables of YAML 1.2.2, chapter 10, and the answers of PyYAML.

use config::Integer::{Large, Small};
use config::Resolved::{self, Bool, Float, Integer, Null, Text};
use config::{Schema, Time, Timestamp, resolve, timestamp};

/// NaN is no exception here.
fn same(left: Resolved<'_>, right: Resolved<'_>) -> bool {
    match (left, right) {
        (Float(left), Float(right)) => left.to_bits() == right.to_bits(),
        _ => left == right,
    }
}

fn check(schema: Schema, rows: &[(&str, Resolved<'_>)]) {
    for (text, expected) in rows {
        let found = resolve(text, schema);
        assert!(
            same(found, *expected),
            "{text:?}: {found:?}, not {expected:?}"
        );
    }
}

#[test]
fn core_schema() {
    // Section 10.3.2 and its example 10.9.
    let rows = [
        ("", Null),
        ("~", Null),
        ("null", Null),
        ("Null", Null),
        ("NULL", Null),
        ("nUll", Text),
        ("true", Bool(true)),
        ("True", Bool(true)),
        ("TRUE", Bool(true)),
        ("false", Bool(false)),
        ("False", Bool(false)),
        ("FALSE", Bool(false)),
        ("tRUE", Text),
        ("no", Text),
        ("yes", Text),
        ("on", Text),
        ("Off", Text),
        ("y", Text),
        ("n", Text),
        ("0", Integer(Small(0))),
        ("-0", Integer(Small(0))),
        ("+12", Integer(Small(12))),
        ("-19", Integer(Small(-19))),
        ("0o7", Integer(Small(7))),
        ("0x3A", Integer(Small(58))),
        ("0777", Integer(Small(777))),
        ("-0o7", Text),
        ("+0x1", Text),
        ("0o", Text),
        ("0x", Text),
        ("0o8", Text),
        ("0xg", Text),
        ("0x1_0", Text),
        ("1_000", Text),
        ("0b1", Text),
        ("0.", Float(0.0)),
        ("-0.0", Float(-0.0)),
        (".5", Float(0.5)),
        ("+12e03", Float(12e3)),
        ("-2E+05", Float(-2e5)),
        ("1e3", Float(1e3)),
        ("12.e3", Float(12e3)),
        ("-.5", Float(-0.5)),
        (".inf", Float(f64::INFINITY)),
        ("-.Inf", Float(f64::NEG_INFINITY)),
        ("+.INF", Float(f64::INFINITY)),
        (".nan", Float(f64::NAN)),
        ("-.nan", Text),
        (".", Text),
        ("-", Text),
        ("+", Text),
        ("..", Text),
        (".e1", Text),
        ("1e", Text),
        ("1e+", Text),
        ("1.2.3", Text),
        ("22:22", Text),
        ("2001-01-01", Text),
        ("1 2", Text),
        ("inf", Text),
        ("nan", Text),
        ("infinity", Text),
        ("=", Text),
        ("<<", Text),
        ("٣", Text),
        ("9223372036854775807", Integer(Small(i64::MAX))),
        (
            "9223372036854775808",
            Integer(Large {
                is_negative: false,
                radix: 10,
                digits: "9223372036854775808",
            }),
        ),
        (
            "-18446744073709551616",
            Integer(Large {
                is_negative: true,
                radix: 10,
                digits: "18446744073709551616",
            }),
        ),
        (
            "0xFFFFFFFFFFFFFFFFF",
            Integer(Large {
                is_negative: false,
                radix: 16,
                digits: "FFFFFFFFFFFFFFFFF",
            }),
        ),
    ];
    check(Schema::Core, &rows);
}

#[test]
fn json_schema() {
    // Section 10.2.2 and its example 10.5.
    let rows = [
        ("null", Null),
        ("", Text),
        ("~", Text),
        ("Null", Text),
        ("true", Bool(true)),
        ("True", Text),
        ("0", Integer(Small(0))),
        ("-0", Integer(Small(0))),
        ("-19", Integer(Small(-19))),
        ("+1", Text),
        ("01", Text),
        ("-01", Text),
        ("0o7", Text),
        ("0.", Float(0.0)),
        ("-0.0", Float(-0.0)),
        ("12e03", Float(12e3)),
        ("-2E+05", Float(-2e5)),
        (".5", Text),
        ("+12.3", Text),
        (".inf", Text),
        ("0x3A", Text),
        ("1e", Text),
        ("01.5", Text),
    ];
    check(Schema::Json, &rows);
}

#[test]
fn failsafe_schema() {
    let rows = ["", "~", "null", "true", "1", "1.5", "2001-01-01"].map(|text| (text, Text));
    check(Schema::Failsafe, &rows);
}

#[test]
fn yaml11_as_pyyaml_reads_it() {
    // The answers of PyYAML 6.0.3; where it raises an error (`0b_`, `0x_`, `=`) it is text here.
    let rows = [
        ("", Null),
        ("~", Null),
        ("NULL", Null),
        ("yes", Bool(true)),
        ("On", Bool(true)),
        ("TRUE", Bool(true)),
        ("No", Bool(false)),
        ("OFF", Bool(false)),
        ("y", Text),
        ("n", Text),
        ("N", Text),
        ("yEs", Text),
        ("0", Integer(Small(0))),
        ("00", Integer(Small(0))),
        ("0777", Integer(Small(511))),
        ("-010", Integer(Small(-8))),
        ("08", Text),
        ("0o17", Text),
        ("0b1010_0111", Integer(Small(167))),
        ("0x0A_B", Integer(Small(171))),
        ("+685_230", Integer(Small(685_230))),
        ("1_", Integer(Small(1))),
        ("_1", Text),
        ("0_", Integer(Small(0))),
        ("0_7", Integer(Small(7))),
        ("0b_", Text),
        ("0x_", Text),
        ("0b", Text),
        ("0b2", Text),
        ("190:20:30", Integer(Small(685_230))),
        ("22:22", Integer(Small(1342))),
        ("-1:30", Integer(Small(-90))),
        ("1:60", Text),
        ("1:5", Integer(Small(65))),
        ("01:30", Text),
        ("0:30", Text),
        ("1:", Text),
        ("1:2:", Text),
        ("190:20:30.15", Float(685_230.15)),
        ("01:30.5", Float(90.5)),
        ("-1:30.", Float(-90.0)),
        ("0:0.5", Float(0.5)),
        ("6.8523015e+5", Float(685_230.15)),
        ("685.230_15e+03", Float(685_230.15)),
        ("1e3", Text),
        ("1.e3", Text),
        ("1.0e3", Text),
        ("1.5E-2", Float(0.015)),
        (".5", Float(0.5)),
        ("-.5", Text),
        ("+.5", Text),
        ("._5", Text),
        (".5_", Float(0.5)),
        ("1.", Float(1.0)),
        ("1_000.5", Float(1000.5)),
        ("1._5", Float(1.5)),
        (".", Text),
        ("-", Text),
        ("1.2.3", Text),
        ("-.inf", Float(f64::NEG_INFINITY)),
        (".NaN", Float(f64::NAN)),
        ("=", Text),
        ("<<", Text),
        (
            "12345678901234567890",
            Integer(Large {
                is_negative: false,
                radix: 10,
                digits: "12345678901234567890",
            }),
        ),
    ];
    check(Schema::Yaml11, &rows);
}

#[test]
fn timestamps() {
    let date = |year, month, day| Timestamp {
        year,
        month,
        day,
        time: None,
    };
    let at = |microsecond, offset_minutes| {
        let time = Time {
            hour: 21,
            minute: 59,
            second: 43,
            microsecond,
            offset_minutes,
        };
        Some(Timestamp {
            time: Some(time),
            ..date(2001, 12, 14)
        })
    };
    // From https://yaml.org/type/timestamp.html, and what Python's datetime refuses.
    let rows = [
        ("2002-12-14", Some(date(2002, 12, 14))),
        ("2001-12-14t21:59:43.10-05:00", at(100_000, Some(-300))),
        ("2001-12-14 21:59:43.10 -5", at(100_000, Some(-300))),
        ("2001-12-14 21:59:43.10", at(100_000, None)),
        ("2001-12-14T21:59:43Z", at(0, Some(0))),
        (
            "2001-12-14 \t21:59:43.1234567+05:30",
            at(123_456, Some(330)),
        ),
        ("2024-02-29", Some(date(2024, 2, 29))),
        ("2023-02-29", None),
        ("2001-13-01", None),
        ("2001-00-01", None),
        ("0000-01-01", None),
        ("2001-1-1", None),
        ("2001-12-14 ", None),
        ("2001-12-14T", None),
        ("2001-12-14x21:59:43", None),
        ("2001-12-14 24:00:00", None),
        ("2001-12-14 21:59", None),
        ("2001-12-14 21:59:43+24", None),
        ("2001-12-14 21:59:43Zx", None),
        ("20011214", None),
        ("", None),
    ];
    for (text, expected) in rows {
        assert_eq!(timestamp(text), expected, "{text}");
    }
    let spaced = Timestamp {
        time: Some(Time {
            hour: 1,
            minute: 2,
            second: 3,
            microsecond: 0,
            offset_minutes: None,
        }),
        ..date(2001, 1, 2)
    };
    assert_eq!(
        resolve("2001-1-2 1:02:03", Schema::Yaml11),
        Resolved::Timestamp(spaced)
    );
    assert_eq!(resolve("2001-12-14", Schema::Core), Text);
}
