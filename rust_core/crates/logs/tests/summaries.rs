//! Summaries: parts merge to the whole, however an input is cut or read.

#![allow(clippy::unwrap_used)]

use std::io::Read;
use std::sync::atomic::AtomicBool;

use logs::summary::{BytesError, Distinct, ERROR, Quantiles, Summary};
use logs::time::WallClock;
use logs::{Analysis, Encoding, LINE_LIMIT, Options, analyze_bytes, analyze_stream};
use proptest::prelude::*;
use serde_json::Value;

const OPTIONS: Options = Options {
    threads: 1,
    formats: Vec::new(),
    wall: WallClock::fixed(0),
    // 2026-11-21.
    changed: 1_795_219_200,
    encoding: Encoding::Auto,
    levels_from_status: false,
};

fn analyzed(text: &[u8], options: &Options) -> Analysis {
    analyze_bytes(text, options, &AtomicBool::new(false)).unwrap()
}

fn report(text: &[u8], options: &Options) -> Value {
    analyzed(text, options).summary.report()
}

/// So many lines of an application, some with traces behind them.
fn application(lines: usize) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    for line in 0..lines {
        let level = ["INFO", "INFO", "WARN", "ERROR", "DEBUG"][line * 7 % 5];
        let (hour, minute, second) = (line / 3600 % 24, line / 60 % 60, line % 60);
        let source = ["db", "http", "queue"][line % 3];
        let _ = writeln!(
            text,
            "2026-11-20T{hour:02}:{minute:02}:{second:02}.{:03}Z {level} [{source}] request {line} took {} ms",
            line % 1000,
            line % 313
        );
        if line % 50 == 0 {
            text.push_str(
                "Traceback (most recent call last):\n  File \"x.py\", line 3\nValueError: x\n",
            );
        }
    }
    text
}

#[test]
fn counts() {
    let text = "preamble\n\n2026-11-20T10:00:01Z ERROR [a] x 1\n  at b\nCaused by: c\n\
                2026-11-20T10:00:00Z WARN [a] x 2\r\n\n2026-11-20T10:00:02+01:00 FATAL [b] x 3";
    let report = report(text.as_bytes(), &OPTIONS);
    let expected = [
        ("/total", Value::from(3)),
        ("/errors", 2.into()),
        ("/warnings", 1.into()),
        ("/levels/critical", 1.into()),
        ("/levels/unknown", 0.into()),
        ("/level_sources/header", 3.into()),
        ("/lines", 8.into()),
        ("/bytes", text.len().into()),
        ("/blank_lines", 2.into()),
        ("/continuation_lines", 2.into()),
        ("/unparsed_lines", 1.into()),
        ("/unparsed_examples/0", "preamble".into()),
        ("/first", "2026-11-20T09:00:02Z".into()),
        ("/last", "2026-11-20T10:00:01Z".into()),
        ("/times/backwards", 2.into()),
        ("/times/farthest_backwards_seconds", 3598.0.into()),
        ("/times/zone_assumed", 0.into()),
        ("/rate/bucket_seconds", 1.into()),
        ("/sources/0/name", "a".into()),
        ("/sources/0/errors", 1.into()),
        ("/messages/0/template", "x <*>".into()),
        ("/http", Value::Null),
    ];
    for (pointer, value) in expected {
        assert_eq!(
            report.pointer(pointer),
            Some(&value),
            "{pointer}: {report:#}"
        );
    }
}

#[test]
fn all_ways_of_reading_are_one() {
    // Several blocks.
    let text = application(60_000);
    assert!(text.len() > 3 << 20);
    let whole = report(text.as_bytes(), &OPTIONS);
    assert_eq!(whole["total"], 60_000);
    assert_eq!(whole["continuation_lines"], 3 * 1_200);
    assert_eq!(whole["errors"], 12_000);
    for threads in [1, 2, 5] {
        let options = Options { threads, ..OPTIONS };
        assert_eq!(report(text.as_bytes(), &options), whole);
        // A stream that gives little at a time.
        let stream = Trickle(text.as_bytes());
        let cancel = AtomicBool::new(false);
        let streamed = analyze_stream(stream, b"", &options, &cancel).unwrap();
        assert_eq!(streamed.summary.report(), whole);
    }
}

struct Trickle<'t>(&'t [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(70_001);
        self.0.read(&mut buffer[..length])
    }
}

#[test]
fn long_lines_are_cut_and_counted() {
    let head = "2026-11-20T10:00:00Z ERROR [a] x\n";
    let tail = "2026-11-20T10:00:01Z WARN [a] y\n";
    let long = format!(
        "2026-11-20T10:00:00Z INFO [a] {}\n",
        "z".repeat(5 * LINE_LIMIT)
    );
    let text = format!("{head}{long}{tail}");
    let in_memory = report(text.as_bytes(), &OPTIONS);
    let cancel = AtomicBool::new(false);
    let streamed = analyze_stream(Trickle(text.as_bytes()), b"", &OPTIONS, &cancel).unwrap();
    let streamed = streamed.summary.report();
    for key in ["total", "lines", "bytes", "cut_lines", "errors", "warnings"] {
        assert_eq!(in_memory[key], streamed[key], "{key}");
    }
    assert_eq!(in_memory["lines"], 3);
    assert_eq!(in_memory["cut_lines"], 1);
    assert_eq!(in_memory["bytes"], text.len());
}

#[test]
fn years_follow_the_months() {
    let text = "Nov 30 10:00:00 h a: x\nDec 31 23:59:59 h a: x\nJan  1 00:00:00 h a: x\nFeb 2 00:00:00 h a: x\n";
    let report = report(text.as_bytes(), &OPTIONS);
    assert_eq!(report["first"], "2025-11-30T10:00:00Z");
    assert_eq!(report["last"], "2026-02-02T00:00:00Z");
    assert_eq!(report["times"]["backwards"], 0);
    assert_eq!(report["times"]["year_inferred"], 4);
    // After the file's last change there is nothing in it.
    let late = self::report(b"Dec  1 10:00:00 h a: x\n", &OPTIONS);
    assert_eq!(late["first"], "2025-12-01T10:00:00Z");
}

#[test]
fn odd_inputs() {
    let rows: &[(&[u8], u64, u64)] = &[
        (b"", 0, 0),
        (b"\n", 1, 0),
        (b"\xEF\xBB\xBFERROR: x", 1, 1),
        (b"\0\0\n\0", 2, 2),
        (b"\xff\xfe\n", 1, 1),
        (b"{\n", 1, 1),
    ];
    for (text, lines, events) in rows {
        let report = report(text, &OPTIONS);
        assert_eq!(
            (&report["lines"], &report["total"]),
            (&(*lines).into(), &(*events).into())
        );
    }
    assert_eq!(report(b"\xff\n", &OPTIONS)["invalid_utf8_lines"], 1);
}

#[test]
fn interrupted() {
    let cancel = AtomicBool::new(true);
    let analysis = analyze_bytes(b"x", &OPTIONS, &cancel).unwrap();
    let kind = analysis.problem.map(|error| error.kind());
    assert_eq!(kind, Some(std::io::ErrorKind::Interrupted));
}

/// A summary with something in every part.
fn full(lines: usize) -> Summary {
    let mut summary = analyzed(application(lines).as_bytes(), &OPTIONS).summary;
    let access =
        "10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET /a HTTP/1.1\" 200 23 \"-\" \"curl\"\n";
    summary.merge(analyzed(access.as_bytes(), &OPTIONS).summary);
    let json = "{\"level\":\"info\",\"msg\":\"x\",\"a\":-1.5,\"b\":0,\"c\":1e9}\n";
    summary.merge(analyzed(json.as_bytes(), &OPTIONS).summary);
    summary.merge(analyzed(b" orphan\n", &OPTIONS).summary);
    summary
}

#[test]
fn bursts_and_gaps() {
    use std::fmt::Write;
    let mut text = String::new();
    // One event a second for two minutes, of these two seconds with 50, then ten minutes of silence.
    let mut events = |second: u32, count: u32| {
        for _ in 0..count {
            let (minute, second) = (second / 60, second % 60);
            let _ = writeln!(text, "2026-11-20T10:{minute:02}:{second:02}Z INFO [a] x");
        }
    };
    for second in 0..120 {
        events(second, if second == 40 || second == 41 { 50 } else { 1 });
    }
    events(720, 1);
    let report = report(text.as_bytes(), &OPTIONS);
    let expected = serde_json::json!([
        {"from": "2026-11-20T10:00:40Z", "to": "2026-11-20T10:00:42Z", "seconds": 2, "events": 100},
    ]);
    assert_eq!(report["rate"]["bursts"], expected);
    let expected = serde_json::json!([
        {"from": "2026-11-20T10:02:00Z", "to": "2026-11-20T10:12:00Z", "seconds": 600, "events": 0},
    ]);
    assert_eq!(report["rate"]["gaps"], expected);
    // What is always so is neither.
    let even = self::report(application(500).as_bytes(), &OPTIONS);
    assert_eq!(
        (&even["rate"]["bursts"], &even["rate"]["gaps"]),
        (&Value::Array(vec![]), &Value::Array(vec![]))
    );
}

#[test]
fn bytes_and_back() {
    let summary = full(300);
    let bytes = summary.to_bytes().unwrap();
    let again = Summary::from_bytes(&bytes).unwrap();
    assert_eq!(again.report(), summary.report());
    assert_eq!(again.to_bytes().unwrap(), bytes);
    // Whatever the order of merging.
    let (mut left, mut right) = (full(10), full(20));
    left.merge(full(20));
    right.merge(full(10));
    assert_eq!(left.to_bytes().unwrap(), right.to_bytes().unwrap());
    let mut far = Summary::from_bytes(&full(10).to_bytes().unwrap()).unwrap();
    far.merge(Summary::from_bytes(&full(20).to_bytes().unwrap()).unwrap());
    assert_eq!(far.to_bytes().unwrap(), left.to_bytes().unwrap());
}

#[test]
fn bytes_of_others() {
    let bytes = full(60).to_bytes().unwrap();
    for length in 0..bytes.len() {
        let read = Summary::from_bytes(&bytes[..length]);
        let expected = if length < 16 {
            BytesError::Mark
        } else {
            BytesError::Damaged
        };
        assert_eq!(read.err(), Some(expected), "{length}");
    }
    let longer = [&bytes[..], b"\0"].concat();
    assert_eq!(
        Summary::from_bytes(&longer).err(),
        Some(BytesError::Damaged)
    );
    let later = [b"code-ops logs 2\n", &bytes[16..]].concat();
    assert_eq!(Summary::from_bytes(&later).err(), Some(BytesError::Mark));
    // A length without end takes no memory.
    let endless = [&bytes[..16], &[0xFF; 40]].concat();
    assert!(Summary::from_bytes(&endless).is_err());
}

#[test]
fn many_keys_are_bounded() {
    // One source in ten is heavy, the others are all different.
    let text: String = (0..300_000)
        .map(|line| {
            if line % 10 == 0 {
                "2026-11-20T10:00:00Z INFO [heavy] x\n".to_owned()
            } else {
                format!("2026-11-20T10:00:00Z INFO [s{line}] x\n")
            }
        })
        .collect();
    let report = report(text.as_bytes(), &OPTIONS);
    assert_eq!(report["is_exact"], false);
    assert_eq!(report["sources"][0]["name"], "heavy");
    let count = report["sources"][0]["count"].as_f64().unwrap();
    assert!(
        (30_000.0..=30_000.0 + 3.0 * 300_000.0 / 32_768.0).contains(&count),
        "{count}"
    );
    let distinct = report["sources_distinct"].as_f64().unwrap();
    assert!((distinct / 270_001.0 - 1.0).abs() < 0.05, "{distinct}");
    let parts = Options {
        threads: 3,
        ..OPTIONS
    };
    assert_eq!(self::report(text.as_bytes(), &parts), report);
    let summary = analyzed(text.as_bytes(), &OPTIONS).summary;
    let again = Summary::from_bytes(&summary.to_bytes().unwrap()).unwrap();
    assert_eq!(again.report(), report);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn parts_merge_to_the_whole(cut in 0_usize..400, other in 0_usize..400, is_turned: bool) {
        let text = application(400);
        let starts: Vec<usize> = text
            .match_indices("\n2026")
            .map(|(at, _)| at + 1)
            .chain([0, text.len()])
            .collect();
        let mut cuts = [starts[cut % starts.len()], starts[other % starts.len()]];
        cuts.sort_unstable();
        let formats = analyzed(text.as_bytes(), &OPTIONS).detected.unwrap().formats();
        let options = Options { formats, ..OPTIONS };
        let mut whole = report(text.as_bytes(), &options);
        let mut parts = [&text[..cuts[0]], &text[cuts[0]..cuts[1]], &text[cuts[1]..]]
            .map(|part| analyzed(part.as_bytes(), &options).summary);
        if is_turned {
            parts.reverse();
        }
        let mut merged = Summary::default();
        for part in parts {
            merged.merge(part);
        }
        let mut merged = merged.report();
        // Between two summaries nobody knows which was first.
        for report in [&mut whole, &mut merged] {
            report["times"]["backwards"].take();
            report["times"]["farthest_backwards_seconds"].take();
        }
        prop_assert_eq!(merged, whole);
    }

    #[test]
    fn changed_bytes_are_refused_or_usable(at in 16_usize..3_000, byte: u8, other in 16_usize..3_000) {
        let mut bytes = full(60).to_bytes().unwrap();
        let length = bytes.len();
        bytes[at % length] = byte;
        bytes[other % length] ^= byte;
        if let Ok(mut summary) = Summary::from_bytes(&bytes) {
            let _ = summary.report();
            summary.merge(full(5));
            let _ = summary.report();
        }
    }

    #[test]
    fn quantiles_are_near(mut values in prop::collection::vec(-1e6_f64..1e9, 1..300), split in 0_usize..300) {
        let (mut left, mut right) = (Quantiles::default(), Quantiles::default());
        for (index, value) in values.iter().enumerate() {
            if index < split { left.add(*value) } else { right.add(*value) }
        }
        let mut turned = right.clone();
        turned.merge(&left);
        left.merge(&right);
        prop_assert_eq!(&left, &turned);
        values.sort_by(f64::total_cmp);
        for share in [0.0, 0.25, 0.5, 0.9, 0.99, 1.0] {
            #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let exact = values[((share * values.len() as f64).ceil() as usize).max(1) - 1];
            let found = left.quantile(share).unwrap();
            prop_assert!((found - exact).abs() <= exact.abs() * ERROR * 1.000_001, "{found} {exact}");
        }
        let sum: f64 = values.iter().sum();
        prop_assert!((left.sum().unwrap() - sum).abs() <= 1e-3);
    }

    #[test]
    fn distinct_is_near(count in 1_u64..20_000) {
        let mut distinct = Distinct::default();
        for value in 0..count {
            distinct.add(&value.to_le_bytes());
            distinct.add(&value.to_le_bytes());
        }
        #[allow(clippy::cast_precision_loss)]
        let ratio = distinct.estimate() as f64 / count as f64;
        // Five standard errors.
        prop_assert!((ratio - 1.0).abs() < 0.081, "{ratio}");
    }
}
