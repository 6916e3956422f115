//! Access logs with more behind the agent, and `HAProxy`'s, from the documents that show them.

// Tables are long.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod lines;

use lines::{Row, check};
use logs::level::Level::{Error, Info, Unknown};

#[test]
fn with_times() {
    check(&[
        // ingress-nginx, "Log format", with a line of its format.
        Row {
            lines: &[
                "192.168.99.1 - - [18/May/2020:20:47:56 +0000] \"GET /a?b=c HTTP/2.0\" 200 613 \"-\" \"curl/7.69.1\" 83 0.003 [default-http-svc-80] [] 172.17.0.5:80 613 0.004 200 2c1a2d6a4e0b8d0f1c3e5b7a9d8f6e4c",
            ],
            format: "access",
            time: "2020-05-18T20:47:56Z",
            level: Unknown,
            message: "GET /a?b=c HTTP/2.0",
            fields: &[
                ("client", "192.168.99.1"),
                ("path", "/a"),
                ("proxy_upstream_name", "default-http-svc-80"),
                ("upstream_addr", "172.17.0.5:80"),
                ("upstream_status", "200"),
                ("req_id", "2c1a2d6a4e0b8d0f1c3e5b7a9d8f6e4c"),
            ],
            numbers: &[
                ("request_length", 83.0),
                ("request_time", 0.003),
                ("upstream_response_length", 613.0),
                ("upstream_response_time", 0.004),
            ],
        },
        // nginx's blog, "Using NGINX Logging for Application Performance Monitoring".
        Row {
            lines: &[
                "10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"Mozilla/5.0\" rt=0.120 uct=\"0.001\" uht=\"0.118\" urt=\"0.119\"",
            ],
            format: "access",
            time: "2026-11-20T10:00:00Z",
            level: Unknown,
            message: "GET / HTTP/1.1",
            fields: &[("rt", "0.120"), ("urt", "0.119")],
            numbers: &[("rt", 0.12), ("uct", 0.001), ("uht", 0.118), ("urt", 0.119)],
        },
        // nginx's `$http_x_forwarded_for`, `$request_time` and `$upstream_response_time`.
        Row {
            lines: &[
                "10.0.0.1 - bob [20/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"Mozilla/5.0\" \"203.0.113.7, 10.0.0.2\" 0.120 0.119",
            ],
            format: "access",
            time: "2026-11-20T10:00:00Z",
            level: Unknown,
            message: "GET / HTTP/1.1",
            fields: &[
                ("x_forwarded_for", "203.0.113.7, 10.0.0.2"),
                ("user", "bob"),
            ],
            numbers: &[("request_time", 0.12), ("upstream_response_time", 0.119)],
        },
        // Traefik, "Access logs", the common format.
        Row {
            lines: &[
                "10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] \"GET /api HTTP/1.1\" 502 11 \"-\" \"curl/8\" 42 \"web@docker\" \"http://172.18.0.3:80\" 17ms",
            ],
            format: "access",
            time: "2026-11-20T10:00:00Z",
            level: Unknown,
            message: "GET /api HTTP/1.1",
            fields: &[("router", "web@docker"), ("server", "http://172.18.0.3:80")],
            numbers: &[("request_count", 42.0), ("duration_ms", 17.0)],
        },
        // A virtual host first, Apache's `%v:%p`; numbers without a name are none.
        Row {
            lines: &[
                "www.example.com:443 10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"curl/8\" 1234 \"-\"",
            ],
            format: "access",
            time: "2026-11-20T10:00:00Z",
            level: Unknown,
            message: "GET / HTTP/1.1",
            fields: &[
                ("virtual_host", "www.example.com:443"),
                ("client", "10.0.0.1"),
            ],
            numbers: &[],
        },
    ]);
}

/// `HAProxy`'s configuration manual, sections 8.2.2 and 8.2.3.
#[test]
fn haproxy() {
    check(&[
        Row {
            lines: &[
                "Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} \"GET /index.html HTTP/1.1\"",
            ],
            format: "syslog",
            time: "2026-02-06T12:14:14Z",
            level: Unknown,
            message: "GET /index.html HTTP/1.1",
            fields: &[
                ("source", "haproxy"),
                ("host", "localhost"),
                ("pid", "14389"),
                ("client", "10.0.1.2"),
                ("frontend", "http-in"),
                ("backend", "static"),
                ("server", "srv1"),
                ("termination_state", "----"),
                ("status", "200"),
                ("path", "/index.html"),
            ],
            numbers: &[
                ("Tq", 10.0),
                ("Tw", 0.0),
                ("Tc", 30.0),
                ("Tr", 69.0),
                ("Tt", 109.0),
            ],
        },
        Row {
            lines: &[
                "10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0",
            ],
            format: "haproxy",
            time: "2009-02-06T12:12:51.443Z",
            level: Unknown,
            message: "fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0",
            fields: &[
                ("backend", "bck"),
                ("bytes", "212"),
                ("termination_state", "--"),
            ],
            numbers: &[("Tw", 0.0), ("Tc", 0.0), ("Tt", 5007.0)],
        },
        Row {
            lines: &[
                "127.0.0.1:39759 [09/Dec/2013:12:59:46.633] loc~ loc/<NOSRV> -1/-1/-1/-1/8 -1 0 - - PR-- 0/0/0/0/0 0/0 \"<BADREQ>\"",
            ],
            format: "haproxy",
            time: "2013-12-09T12:59:46.633Z",
            level: Unknown,
            message: "<BADREQ>",
            fields: &[("frontend", "loc"), ("server", "<NOSRV>"), ("method", "")],
            numbers: &[("Tt", 8.0)],
        },
    ]);
}

/// In the messages of other logs.
#[test]
fn within_others() {
    check(&[
        Row {
            lines: &[
                "2016-10-06T00:17:09.669794202Z stdout F 10.0.0.1 - - [06/Oct/2016:00:17:09 +0000] \"GET /a HTTP/1.1\" 503 12 \"-\" \"curl/8\" 0.500",
            ],
            format: "cri",
            time: "2016-10-06T00:17:09.669794202Z",
            level: Unknown,
            message: "GET /a HTTP/1.1",
            fields: &[("stream", "stdout"), ("status", "503")],
            numbers: &[("request_time", 0.5)],
        },
        Row {
            lines: &[
                "<190>Nov 20 10:00:00 web1 nginx: 10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] \"GET /a HTTP/1.1\" 200 12 \"-\" \"curl/8\"",
            ],
            format: "syslog",
            time: "2026-11-20T10:00:00Z",
            level: Info,
            message: "GET /a HTTP/1.1",
            fields: &[("source", "nginx"), ("host", "web1"), ("path", "/a")],
            numbers: &[],
        },
        Row {
            lines: &[
                "{\"log\":\"10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] \\\"GET /a HTTP/1.1\\\" 200 12 \\\"-\\\" \\\"curl/8\\\"\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-20T10:00:00.5Z\"}",
            ],
            format: "json",
            time: "2026-11-20T10:00:00.500Z",
            level: Unknown,
            message: "GET /a HTTP/1.1",
            fields: &[("path", "/a"), ("agent", "curl/8")],
            numbers: &[],
        },
    ]);
}

/// Levels from statuses are made where they are asked for, and where nothing else tells one.
#[test]
fn levels_from_status() {
    use logs::format::{Reader, detect};
    use logs::level::{Level, LevelSource};
    let access = |status: u16| {
        format!("10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" {status} 1")
    };
    let flow = |verdict: &str| {
        format!(
            "2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 20 4249 1418530010 1418530070 {verdict} OK"
        )
    };
    let rows = [
        (access(200), Unknown),
        (access(404), Level::Warning),
        (access(503), Error),
        (
            format!("<190>Nov 20 10:00:00 web1 nginx: {}", access(503)),
            Info,
        ),
        (
            format!("Nov 20 10:00:00 web1 nginx: {}", access(503)),
            Error,
        ),
        (
            "{\"kind\":\"Event\",\"level\":\"Metadata\",\"responseStatus\":{\"code\":403}}"
                .to_owned(),
            Level::Warning,
        ),
        ("{\"level\":\"info\",\"status\":503}".to_owned(), Info),
        (
            "Completed 500 Internal Server Error in 12ms".to_owned(),
            Error,
        ),
        (flow("ACCEPT"), Unknown),
        (flow("REJECT"), Level::Warning),
    ];
    for (line, expected) in rows {
        let format = detect(&[line.as_bytes()]).formats()[0];
        let mut reader = Reader::default();
        let plain = reader.parse(format, line.as_bytes()).unwrap();
        assert_ne!(plain.level_source, LevelSource::Status, "{line}");
        reader.levels_from_status = true;
        let record = reader.parse(format, line.as_bytes()).unwrap();
        assert_eq!(record.level, expected, "{line}");
        let is_told = plain.level == expected;
        assert_eq!(
            record.level_source == LevelSource::Status,
            !is_told,
            "{line}"
        );
    }
}
