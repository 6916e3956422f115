//! Stack traces of the languages, as their documents show them, and their fingerprints.

#![allow(clippy::unwrap_used)]

use std::sync::atomic::AtomicBool;

use logs::time::WallClock;
use logs::{Encoding, Options, analyze_bytes};
use serde_json::Value;

const OPTIONS: Options = Options {
    threads: 1,
    formats: Vec::new(),
    wall: WallClock::fixed(0),
    changed: 0,
    encoding: Encoding::Auto,
    levels_from_status: false,
};

fn report(text: &str) -> Value {
    let analysis = analyze_bytes(text.as_bytes(), &OPTIONS, &AtomicBool::new(false)).unwrap();
    analysis.summary.report()
}

/// Name of the exception, and the lines behind an event.
const ROWS: &[(&str, &str)] = &[
    (
        "java.net.ConnectException",
        "java.lang.RuntimeException: Unable to connect\n\
         \tat com.example.Pool.get(Pool.java:214)\n\
         \tat com.example.Main.main(Main.java:12)\n\
         Caused by: java.net.ConnectException: Connection refused\n\
         \tat java.base/sun.nio.ch.Net.pollConnect(Native Method)\n\
         \t... 12 more\n",
    ),
    (
        "TimeoutError",
        "Traceback (most recent call last):\n  File \"/srv/app/db.py\", line 214, in connect\n    return pool.get(timeout=2)\nTimeoutError: pool is empty\n",
    ),
    (
        "requests.exceptions.ConnectionError",
        "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\n    x()\nOSError: no\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"b.py\", line 2, in y\n    z()\nrequests.exceptions.ConnectionError: no route\n",
    ),
    (
        "panic",
        "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\nmain.f(0xc000012345)\n\t/srv/app/main.go:12 +0x1d\nmain.main()\n\t/srv/app/main.go:8 +0x2a\n",
    ),
    (
        "TypeError",
        "TypeError: Cannot read properties of undefined (reading 'id')\n    at handler (/srv/app/routes.js:17:5)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\n",
    ),
    (
        "System.NullReferenceException",
        "System.NullReferenceException: Object reference not set\n   at App.Service.Run(Int32 id) in /src/Service.cs:line 42\n",
    ),
];

#[test]
fn names_and_fingerprints() {
    for (name, lines) in ROWS {
        let event = |second: u32| format!("2026-11-20T10:00:{second:02}Z ERROR [a] it failed\n");
        // The same defect at another place in memory and in another build.
        let moved = lines.replace("12", "77").replace("214", "3");
        let text = [event(1).as_str(), lines, &event(2), &moved, &event(3)].concat();
        let report = report(&text);
        assert_eq!(report["total"], 3, "{lines}");
        assert_eq!(report["exceptions_distinct"], 1, "{report:#}");
        assert_eq!(report["exceptions"][0]["name"], *name, "{report:#}");
        assert_eq!(report["exceptions"][0]["count"], 2);
        assert_eq!(report["exceptions"][0]["last"], "2026-11-20T10:00:02Z");
    }
}

#[test]
fn other_places_are_other_exceptions() {
    let event = "2026-11-20T10:00:01Z ERROR [a] java.io.IOException: x\n";
    let text = format!("{event}\tat a.B.c(B.java:1)\n{event}\tat a.B.d(B.java:1)\n");
    let report = report(&text);
    assert_eq!(report["exceptions_distinct"], 2);
    // The name stands in the first line.
    assert_eq!(report["exceptions"][0]["name"], "java.io.IOException");
}

#[test]
fn in_fields() {
    let line = r#"{"level":"error","time":"2026-11-20T10:00:01Z","msg":"x","stack_trace":"java.lang.IllegalStateException: y\n\tat a.B.c(B.java:1)\n"}"#;
    let report = report(&format!("{line}\n{line}\n"));
    assert_eq!(
        report["exceptions"][0]["name"],
        "java.lang.IllegalStateException"
    );
    assert_eq!(report["exceptions"][0]["frames"][0], "at a.B.c(B.java:#)");
    assert_eq!(report["exceptions"][0]["count"], 2);
}

/// `PostgreSQL`'s manual: lines of one report have the same prefix.
#[test]
fn statements_belong_to_their_error() {
    let text = "2026-11-20 10:00:00.1 UTC [1] ERROR:  division by zero\n\
                2026-11-20 10:00:00.1 UTC [1] STATEMENT:  select\n\t1/0\n\
                2026-11-20 10:00:00.2 UTC [1] LOG:  shutting down\n";
    let report = report(text);
    assert_eq!(
        (&report["total"], &report["continuation_lines"]),
        (&2.into(), &2.into())
    );
    assert_eq!(report["levels"]["unknown"], 0);
}

#[test]
fn other_lines_are_none() {
    let text = "2026-11-20T10:00:01Z ERROR [a] query\n  SELECT *\n  FROM at\n2026-11-20T10:00:01Z INFO [a] y\n";
    assert_eq!(report(text)["exceptions_distinct"], 0);
}
