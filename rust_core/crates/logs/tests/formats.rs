//! Real lines of each format, found without help: the documents that show them are named.

#![allow(clippy::unwrap_used)]

use logs::format::{Format, Reader, Separator, Standard, detect};
use logs::level::Level;
use logs::record::Span;
use logs::time::{YearOf, rfc3339};

struct Row {
    line: &'static str,
    format: &'static str,
    time: &'static str,
    level: Level,
    source: &'static str,
    message: &'static str,
}

const fn row(
    format: &'static str,
    line: &'static str,
    time: &'static str,
    level: Level,
    source: &'static str,
    message: &'static str,
) -> Row {
    Row {
        line,
        format,
        time,
        level,
        source,
        message,
    }
}

const ROWS: &[Row] = &[
    // RFC 5424, section 6.5.
    row(
        "syslog-rfc5424",
        "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \u{FEFF}'su root' failed for lonvick on /dev/pts/8",
        "2003-10-11T22:14:15.003Z",
        Level::Critical,
        "su",
        "'su root' failed for lonvick on /dev/pts/8",
    ),
    row(
        "syslog-rfc5424",
        "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"Appli]cation\" eventID=\"1011\"][examplePriority@32473 class=\"high\"]",
        "2003-10-11T22:14:15.003Z",
        Level::Notice,
        "evntslog",
        "",
    ),
    row(
        "syslog-rfc5424",
        "<13>1 - - - - - - text",
        "",
        Level::Notice,
        "",
        "text",
    ),
    // RFC 3164, section 5.4.
    row(
        "syslog",
        "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
        "2026-10-11T22:14:15Z",
        Level::Critical,
        "su",
        "'su root' failed for lonvick on /dev/pts/8",
    ),
    row(
        "syslog",
        "Dec 10 06:55:46 LabSZ sshd[24200]: error: no matching key",
        "2026-12-10T06:55:46Z",
        Level::Error,
        "sshd",
        "error: no matching key",
    ),
    row(
        "syslog-iso",
        "2026-11-20T10:00:00+01:00 web1 systemd[1]: Started Daily apt upgrade.",
        "2026-11-20T09:00:00Z",
        Level::Unknown,
        "systemd",
        "Started Daily apt upgrade.",
    ),
    // Apache's manual, "Log Files".
    row(
        "access",
        "127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET /apache_pb.gif HTTP/1.0\" 200 2326 \"http://www.example.com/start.html\" \"Mozilla/4.08 [en] (Win98; I ;Nav)\"",
        "2000-10-10T20:55:36Z",
        Level::Unknown,
        "",
        "GET /apache_pb.gif HTTP/1.0",
    ),
    row(
        "text",
        "[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid 4328636416] [client 72.15.99.187] File does not exist: /usr/local/apache2/htdocs/favicon.ico",
        "2011-09-09T10:42:29.902022Z",
        Level::Error,
        "core",
        "File does not exist: /usr/local/apache2/htdocs/favicon.ico",
    ),
    row(
        "text",
        "2026/11/20 10:00:00 [crit] 31#31: *1 open() \"/x\" failed (13: Permission denied)",
        "2026-11-20T10:00:00Z",
        Level::Critical,
        "",
        "open() \"/x\" failed (13: Permission denied)",
    ),
    // Kubernetes: "CRI logging format", and klog's header.
    row(
        "cri",
        "2016-10-06T00:17:09.669794202Z stdout F The content of the log entry 1",
        "2016-10-06T00:17:09.669794202Z",
        Level::Unknown,
        "",
        "The content of the log entry 1",
    ),
    row(
        "cri",
        "2016-10-06T00:17:09.669794202Z stderr F {\"level\":\"warn\",\"logger\":\"db\",\"msg\":\"slow\"}",
        "2016-10-06T00:17:09.669794202Z",
        Level::Warning,
        "db",
        "slow",
    ),
    row(
        "klog",
        "E1120 10:00:00.123456    1234 server.go:42] \"Failed to watch\" err=\"timeout\"",
        "2026-11-20T10:00:00.123456Z",
        Level::Error,
        "server.go:42",
        "\"Failed to watch\" err=\"timeout\"",
    ),
    // bunyan's README.
    row(
        "json",
        "{\"name\":\"myapp\",\"hostname\":\"banana.local\",\"pid\":40161,\"level\":30,\"msg\":\"hi\",\"time\":\"2013-01-04T18:46:23.851Z\",\"v\":0}",
        "2013-01-04T18:46:23.851Z",
        Level::Info,
        "myapp",
        "hi",
    ),
    // pino's, zap's, zerolog's and logrus' READMEs.
    row(
        "json",
        "{\"level\":50,\"time\":1531171074631,\"msg\":\"hello world\",\"pid\":657,\"hostname\":\"h\"}",
        "2018-07-09T21:17:54.631Z",
        Level::Error,
        "",
        "hello world",
    ),
    row(
        "json",
        "{\"level\":\"dpanic\",\"ts\":1571842417.5,\"logger\":\"x.y\",\"caller\":\"a.go:1\",\"msg\":\"a \\\"b\\\"\\n\"}",
        "2019-10-23T14:53:37.500Z",
        Level::Critical,
        "x.y",
        "a \"b\"\n",
    ),
    row(
        "json",
        "{\"time\":1516134303,\"level\":\"debug\",\"message\":\"hello world\"}",
        "2018-01-16T20:25:03Z",
        Level::Debug,
        "",
        "hello world",
    ),
    // Elastic Common Schema.
    row(
        "json",
        "{\"@timestamp\":\"2019-08-06T12:09:12.375Z\", \"log.level\": \"WARN\", \"message\":\"Tomcat started\", \"service.name\":\"pet\",\"log\":{\"logger\":\"o.s.b\"}}",
        "2019-08-06T12:09:12.375Z",
        Level::Warning,
        "o.s.b",
        "Tomcat started",
    ),
    // GELF's specification.
    row(
        "json",
        "{\"version\":\"1.1\",\"host\":\"example.org\",\"short_message\":\"A short message\",\"timestamp\":1385053862.3072,\"level\":1,\"_user_id\":9001}",
        "2013-11-21T17:11:02.307200Z",
        Level::Alert,
        "",
        "A short message",
    ),
    // systemd.journal-fields(7).
    row(
        "json",
        "{\"__REALTIME_TIMESTAMP\":\"1763632800000000\",\"PRIORITY\":\"3\",\"SYSLOG_IDENTIFIER\":\"sshd\",\"MESSAGE\":\"x\",\"_HOSTNAME\":\"h\"}",
        "2025-11-20T10:00:00Z",
        Level::Error,
        "sshd",
        "x",
    ),
    // MongoDB's manual, "Log Messages".
    row(
        "json",
        "{\"t\":{\"$date\":\"2020-05-01T15:16:17.180+00:00\"},\"s\":\"I\", \"c\":\"NETWORK\", \"id\":12345, \"ctx\":\"listener\", \"msg\":\"Listening on\", \"attr\":{\"address\":\"127.0.0.1\"}}",
        "2020-05-01T15:16:17.180Z",
        Level::Info,
        "NETWORK",
        "Listening on",
    ),
    // Docker's manual, "JSON File logging driver".
    row(
        "json",
        "{\"log\":\"2026-11-20 ERROR x\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-20T10:00:00.5Z\"}",
        "2026-11-20T10:00:00.500Z",
        Level::Unknown,
        "",
        "2026-11-20 ERROR x",
    ),
    row(
        "json",
        "{\"log\":\"{\\\"level\\\":\\\"error\\\",\\\"msg\\\":\\\"x\\\"}\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-20T10:00:00.5Z\"}",
        "2026-11-20T10:00:00.500Z",
        Level::Error,
        "",
        "x",
    ),
    // go-logfmt.
    row(
        "logfmt",
        "ts=2026-11-20T10:00:00Z level=warn component=api msg=\"slow query\" duration_ms=12.5",
        "2026-11-20T10:00:00Z",
        Level::Warning,
        "api",
        "slow query",
    ),
    // log4j's, logback's and Spring Boot's manuals.
    row(
        "text",
        "2026-11-20 10:00:00,123 INFO  [main] org.example.Main: Started in 3 s",
        "2026-11-20T10:00:00.123Z",
        Level::Info,
        "org.example.Main",
        "Started in 3 s",
    ),
    row(
        "text",
        "2026-11-20T10:00:00.123+01:00  WARN 1234 --- [           main] o.s.b.StartupInfoLogger  : Starting",
        "2026-11-20T09:00:00.123Z",
        Level::Warning,
        "o.s.b.StartupInfoLogger",
        "Starting",
    ),
    row(
        "text",
        "10:00:00.1 x 2026-11-20 10:00:00.123 [main] DEBUG c.e.Main - Entering",
        "2026-11-20T10:00:00.123Z",
        Level::Debug,
        "c.e.Main",
        "Entering",
    ),
    // Python's logging HOWTO.
    row(
        "text",
        "2005-03-19 15:10:26,618 - simple_example - CRITICAL - critical message",
        "2005-03-19T15:10:26.618Z",
        Level::Critical,
        "simple_example",
        "critical message",
    ),
    row(
        "plain",
        "WARNING:root:Watch out!",
        "",
        Level::Warning,
        "root",
        "Watch out!",
    ),
    row(
        "plain",
        "[error] it failed",
        "",
        Level::Error,
        "",
        "it failed",
    ),
    // tracing-subscriber's documentation.
    row(
        "text",
        "2022-02-15T18:40:14.289898Z ERROR fmt::yak_shave: failed to shave yak yak=3",
        "2022-02-15T18:40:14.289898Z",
        Level::Error,
        "fmt::yak_shave",
        "failed to shave yak yak=3",
    ),
    // PostgreSQL's manual, "%m [%p] ".
    row(
        "text",
        "2026-11-20 10:00:00.123 UTC [1234] FATAL:  the database system is starting up",
        "2026-11-20T10:00:00.123Z",
        Level::Critical,
        "",
        "the database system is starting up",
    ),
    // Tomcat's JULI.
    row(
        "text",
        "20-Nov-2026 10:00:00.123 SEVERE [main] org.apache.catalina.core.StandardService.initInternal Failed",
        "2026-11-20T10:00:00.123Z",
        Level::Error,
        "main",
        "org.apache.catalina.core.StandardService.initInternal Failed",
    ),
    // Android's logcat, "threadtime".
    row(
        "text",
        "03-17 16:13:38.811  1702  2395 D WindowManager: printFreezingDisplayLogs",
        "2026-03-17T16:13:38.811Z",
        Level::Debug,
        "WindowManager",
        "printFreezingDisplayLogs",
    ),
    // gunicorn.
    row(
        "text",
        "[2026-11-20 10:00:00 +0100] [123] [INFO] Booting worker",
        "2026-11-20T09:00:00Z",
        Level::Info,
        "",
        "Booting worker",
    ),
];

#[test]
fn found_and_read() {
    let mut wrong = Vec::new();
    for row in ROWS {
        let line = row.line.as_bytes();
        let detected = detect(&[line]);
        let formats = detected.formats();
        assert_eq!(formats[0].name(), row.format, "{}", row.line);
        let mut reader = Reader::default();
        reader.year = YearOf(2026);
        let record = reader.parse(formats[0], line).expect(row.line);
        let text = reader.parts.text(&record, line);
        let told = |span: Span| String::from_utf8_lossy(span.of(text)).into_owned();
        let time = record
            .time
            .map(|stamp| rfc3339(stamp.seconds * 1_000_000_000 + i64::from(stamp.nanoseconds)));
        let found = (
            time.unwrap_or_default(),
            record.level,
            told(record.source),
            told(record.message),
        );
        let expected = (
            row.time.to_owned(),
            row.level,
            row.source.to_owned(),
            row.message.to_owned(),
        );
        if found != expected {
            wrong.push(format!("{}\n  {found:?}\n  {expected:?}", row.line));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is told by lines of other formats is told by none of these.
#[test]
fn no_other_format_takes_them() {
    let others = [
        Format::W3c,
        Format::Rows(Separator::Byte(b',')),
        Format::Rows(Separator::Spaces),
        Format::Standard(Standard::Alb),
        Format::Standard(Standard::Elb),
        Format::Standard(Standard::Nlb),
        Format::Standard(Standard::S3),
        Format::Standard(Standard::VpcFlow),
        Format::Standard(Standard::Envoy),
        Format::Standard(Standard::Istio),
        Format::Standard(Standard::Squid),
        Format::Standard(Standard::PostgresCsv),
        Format::Haproxy,
        Format::Kernel,
        Format::Boot,
        Format::Journal,
        Format::JournalExport,
        Format::Audit,
        Format::Logcat,
        Format::Redis,
        Format::Rails,
        Format::MysqlSlow,
    ];
    let plain = [
        "1,2,3",
        "time,level,message",
        "[12] starting",
        "[12.5] starting",
        "Started the engine",
        "Completed 12 of 30 in 5 s",
        "# Time for a comment",
        "1234:M is a name",
        "I/O (12): slow",
        "2 a b c d e f g h i j k ACCEPT now",
        "http 2018-07-02T22:23:00.186641Z was the first",
        "type=x msg=audit(now): a=b",
    ];
    for line in ROWS.iter().map(|row| row.line).chain(plain) {
        for format in others {
            let found = Reader::default().parse(format, line.as_bytes());
            assert_eq!(found, None, "{} {line}", format.name());
        }
    }
}

/// No level is found in a message.
#[test]
fn words_in_messages_are_no_levels() {
    let messages = [
        "0 errors",
        "errors=0",
        "error: null".trim_start_matches("error: "),
        "no error",
        "error.html was read",
        "/error_log is full",
        "GET /?levels=error",
        "ErrorHandler init",
        "retry after error",
        "warnings: 0",
        "Failed: 0",
        "the FATAL flag",
    ];
    for message in messages {
        for header in [
            "2026-11-20 10:00:00 INFO x: ",
            "2026-11-20T10:00:00Z INFO ",
            "Nov 20 10:00:00 web app[1]: ",
            "",
        ] {
            let line = format!("{header}{message}");
            let format = detect(&[line.as_bytes()]).formats()[0];
            let record = Reader::default().parse(format, line.as_bytes()).unwrap();
            let expected = if header.contains("INFO") {
                Level::Info
            } else {
                Level::Unknown
            };
            assert_eq!(record.level, expected, "{line}");
        }
    }
    let line = br#"{"level":"WARNING","message":"An error occurred"}"#;
    let record = Reader::default().parse(Format::Json, line).unwrap();
    assert_eq!(record.level, Level::Warning);
}

#[test]
fn requests() {
    let rows: &[(&str, [&str; 5], u16, Option<u64>)] = &[
        (
            r#"::1 - - [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.1" 304 - "-" "curl \"x\"""#,
            ["::1", "GET", "/a?b=c", "-", r#"curl \"x\""#],
            304,
            None,
        ),
        (
            r#"www.example.com:443 10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] "POST /x HTTP/2.0" 201 12"#,
            ["10.0.0.1", "POST", "/x", "", ""],
            201,
            Some(12),
        ),
        (
            r#"localhost:80 ::1 - - [10/Oct/2000:13:55:36 +0000] "GET /x HTTP/1.1" 200 12"#,
            ["::1", "GET", "/x", "", ""],
            200,
            Some(12),
        ),
        (
            r#"10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] "\x16\x03\x01" 400 0 "-" "-""#,
            ["10.0.0.1", "", "", "-", "-"],
            400,
            Some(0),
        ),
        (
            r#"10.0.0.1 - j doe [10/Oct/2000:13:55:36 +0000] "-" 408 0 "-" "-""#,
            ["10.0.0.1", "", "", "-", "-"],
            408,
            Some(0),
        ),
    ];
    for (line, parts, status, bytes) in rows {
        let record = Reader::default()
            .parse(Format::Access, line.as_bytes())
            .expect(line);
        let http = record.http.unwrap();
        let found = [
            http.client,
            http.method,
            http.target,
            http.referrer,
            http.agent,
        ];
        let found = found.map(|span| std::str::from_utf8(span.of(line.as_bytes())).unwrap());
        assert_eq!(
            (found, http.status, http.bytes),
            (*parts, *status, *bytes),
            "{line}"
        );
    }
}

mod never_panics {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn on_changed_lines(
            index in 0..ROWS.len(),
            at in 0_usize..300,
            bytes in prop::collection::vec(any::<u8>(), 0..4),
            length in 0_usize..300,
        ) {
            let mut line = ROWS[index].line.as_bytes().to_vec();
            let at = at.min(line.len());
            line.splice(at..at, bytes);
            line.truncate(length);
            let mut reader = Reader::default();
            let mut formats = detect(&[&line, ROWS[index].line.as_bytes()]).formats();
            formats.extend([Format::Json, Format::Access, Format::Cri, Format::Logfmt, Format::Plain]);
            for format in formats {
                if let Some(record) = reader.parse(format, &line) {
                    let text = reader.parts.text(&record, &line);
                    for span in [record.host, record.source, record.message] {
                        prop_assert!(span.end as usize <= text.len());
                        prop_assert!(span.start <= span.end || span.is_empty());
                    }
                }
            }
        }
    }
}
