//! Events over several lines, and tables in blocks: reports of whole texts.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use logs::filter::Filter;
use logs::time::WallClock;
use logs::{Encoding, Input, Options, analyze, analyze_bytes, analyze_stream};
use serde_json::{Value, json};

fn options(threads: usize) -> Options {
    Options {
        threads,
        formats: Vec::new(),
        wall: WallClock::fixed(0),
        changed: 1_795_219_200,
        encoding: Encoding::Auto,
        levels_from_status: false,
    }
}

/// The report, which is the same from memory and from a stream, with any number of threads.
fn report(text: &[u8]) -> Value {
    let cancel = AtomicBool::new(false);
    let whole = analyze_bytes(text, &options(1), &cancel).unwrap();
    let whole = whole.summary.report();
    for threads in [1, 2, 4] {
        let memory = analyze_bytes(text, &options(threads), &cancel).unwrap();
        assert_eq!(memory.summary.report(), whole, "{threads} threads");
        let streamed = analyze_stream(text, b"", &options(threads), &cancel).unwrap();
        assert_eq!(
            streamed.summary.report(),
            whole,
            "{threads} threads, as a stream"
        );
    }
    // Events one by one are the same.
    let filter = Some(&Arc::new(Filter::default()));
    let events = analyze(
        Input::bytes(text, Encoding::Auto).unwrap(),
        filter,
        &options(1),
        &cancel,
    )
    .unwrap();
    let events = events.summary.report();
    for key in [
        "total", "levels", "first", "last", "messages", "fields", "http", "formats",
    ] {
        assert_eq!(events[key], whole[key], "{key}");
    }
    whole
}

/// `MySQL`, "The Slow Query Log".
#[test]
fn slow_queries() {
    let one = "# Time: 2026-11-20T10:00:00.123456Z\n# User@Host: root[root] @ localhost []  Id:     5\n\
               # Query_time: 2.000162  Lock_time: 0.000004 Rows_sent: 1  Rows_examined: 7\n\
               use app;\nSET timestamp=1763632800;\nselect *\nfrom a;\n";
    let two = "# User@Host: bob[bob] @  [10.0.0.1]\n# Query_time: 4.5  Lock_time: 0.0 Rows_sent: 0  \
               Rows_examined: 9\nSET timestamp=1795168801;\ndelete from b;\n";
    let found = report(format!("{one}{two}").as_bytes());
    assert_eq!(found["formats"], json!({"mysql-slow": 2}));
    assert_eq!(found["total"], 2);
    assert_eq!(found["continuation_lines"], 9);
    assert_eq!(found["unparsed_lines"], 0);
    assert_eq!(found["fields"]["Query_time"]["count"], 2);
    assert_eq!(found["fields"]["Query_time"]["max"], 4.5);
    assert_eq!(found["fields"]["Rows_examined"]["sum"], 16.0);
    assert_eq!(found["first"], "2026-11-20T10:00:00.123456Z");
    assert_eq!(found["last"], "2026-11-20T10:00:01Z");
    let examples = found["messages"].as_array().unwrap().iter();
    let examples: Vec<&str> = examples
        .map(|row| row["example"].as_str().unwrap())
        .collect();
    assert!(examples.contains(&"select *\nfrom a;"), "{examples:?}");
    assert!(examples.contains(&"delete from b;"), "{examples:?}");
}

/// systemd, "Journal Export Formats", with a binary value that holds a blank line.
#[test]
fn journal_export() {
    let mut text = Vec::new();
    for priority in ["3", "6"] {
        text.extend_from_slice(b"__CURSOR=s=739ad463348b4ceca5a9e69c95a3c93f;i=4ece7;b=6c7c6013a26343b29e964691ff25d04c;m=4fc72436e;t=4c508a72423d9;x=d3e5610681098c10\n");
        text.extend_from_slice(
            b"__REALTIME_TIMESTAMP=1342540861416409\n_HOSTNAME=epsilon\nPRIORITY=",
        );
        text.extend_from_slice(priority.as_bytes());
        text.extend_from_slice(b"\nMESSAGE\n\x11\0\0\0\0\0\0\0foo\n\nbar __CURSOR\n_COMM=sudo\n\n");
    }
    let found = report(&text);
    assert_eq!(found["formats"], json!({"journal-export": 2}));
    assert_eq!(found["levels"]["error"], 1);
    assert_eq!(found["levels"]["info"], 1);
    assert_eq!(found["unparsed_lines"], 0);
    assert_eq!(found["first"], "2012-07-17T16:01:01.416409Z");
    assert_eq!(found["sources"][0]["name"], "sudo");
    assert_eq!(found["messages"][0]["example"], "foo\n\nbar __CURSOR");
}

/// Kubernetes, "CRI logging format": partial lines are one event.
#[test]
fn partial_lines() {
    let text = "2016-10-06T00:17:09.669794202Z stdout P {\"level\":\"error\",\n\
                2016-10-06T00:17:09.669794203Z stderr F other\n\
                2016-10-06T00:17:09.669794204Z stdout P \"msg\":\n\
                2016-10-06T00:17:09.669794205Z stdout F \"it failed\"}\n\
                2016-10-06T00:17:10.669794205Z stdout F last\n";
    let found = report(text.as_bytes());
    assert_eq!(found["total"], 3);
    assert_eq!(found["continuation_lines"], 2);
    assert_eq!(found["errors"], 1);
    assert_eq!(found["problems"][0]["example"], "it failed");
}

/// Docker cuts messages of more than 16 KiB; only the last part ends with an end of line.
#[test]
fn parts_of_docker() {
    let long = "x".repeat(16 << 10);
    let line = |text: &str, stream: &str| {
        format!(
            "{{\"log\":\"{text}\",\"stream\":\"{stream}\",\"time\":\"2026-11-20T10:00:00.5Z\"}}\n"
        )
    };
    let text = [
        line(
            &format!("{{\\\"level\\\":\\\"error\\\",\\\"a\\\":\\\"{long}"),
            "stdout",
        ),
        line("other\\n", "stderr"),
        line(&format!("{long}\\\",\\\"b\\\":\\\"{long}"), "stdout"),
        line("\\\",\\\"msg\\\":\\\"it failed\\\"}\\n", "stdout"),
        line("last\\n", "stdout"),
    ];
    let found = report(text.concat().as_bytes());
    assert_eq!(found["total"], 3);
    assert_eq!(found["continuation_lines"], 2);
    assert_eq!(found["problems"][0]["example"], "it failed");
}

/// A message over lines in quotes (RFC 4180, section 2).
#[test]
fn quoted_lines() {
    let text = "time,level,message\n2026-11-20T10:00:00Z,ERROR,\"it failed:\nsee \"\"x\"\"\n\"\n\
                2026-11-20T10:00:01Z,INFO,fine\n";
    let found = report(text.as_bytes());
    assert_eq!(found["formats"], json!({"csv": 2}));
    assert_eq!(found["blank_lines"], 1, "the header");
    assert_eq!(found["continuation_lines"], 2);
    assert_eq!(found["unparsed_lines"], 0);
    assert_eq!(found["problems"][0]["example"], "it failed:\nsee \"x\"\n");
}

/// The columns change within the file, and blocks begin anywhere.
#[test]
fn columns_change() {
    let mut text = String::from(
        "#Version: 1.0\r\n#Fields: date time cs-method cs-uri-stem sc-status time-taken\r\n",
    );
    for part in 0..3 {
        if part == 1 {
            text.push_str("#Fields: date time sc-status cs-uri-stem cs-method time-taken x\r\n");
        } else if part == 2 {
            text.push_str("#Fields: date time cs-uri-stem sc-status cs-method time-taken\r\n");
        }
        for row in 0..30_000 {
            let second = row % 60;
            let _ = match part {
                0 => write!(text, "2026-11-20 10:00:{second:02} GET /a 200 1\r\n"),
                1 => write!(text, "2026-11-20 10:00:{second:02} 404 /b POST 2 -\r\n"),
                _ => write!(text, "2026-11-20 10:00:{second:02} /c 503 PUT 3\r\n"),
            };
        }
    }
    assert!(text.len() > 3 << 20);
    let found = report(text.as_bytes());
    assert_eq!(found["formats"], json!({"w3c": 90_000}));
    assert_eq!(
        found["http"]["statuses"],
        json!({"200": 30_000, "404": 30_000, "503": 30_000})
    );
    assert_eq!(found["fields"]["time-taken"]["sum"], 180_000.0);
    assert_eq!(found["blank_lines"], 4);
}

/// A header of many blocks.
#[test]
fn rows_in_blocks() {
    let mut text = String::from("time,level,duration_ms\n");
    for row in 0..60_000 {
        let _ = writeln!(text, "2026-11-20T10:00:{:02}Z,INFO,{}", row % 60, row % 10);
    }
    assert!(text.len() > 1 << 20);
    let found = report(text.as_bytes());
    assert_eq!(found["formats"], json!({"csv": 60_000}));
    assert_eq!(found["levels"]["info"], 60_000);
    assert_eq!(found["fields"]["duration_ms"]["sum"], 270_000.0);
    assert_eq!(found["blank_lines"], 1);
}
