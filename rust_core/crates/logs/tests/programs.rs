//! Lines of programs that write in forms of their own, from the documents that show them.

// Tables are long.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod lines;

use lines::{Row, check};
use logs::level::Level::{self, Critical, Debug, Error, Info, Notice, Unknown, Warning};

const fn row(
    format: &'static str,
    lines: &'static [&'static str],
    time: &'static str,
    level: Level,
    message: &'static str,
    fields: &'static [(&'static str, &'static str)],
) -> Row {
    Row {
        lines,
        format,
        time,
        level,
        message,
        fields,
        numbers: &[],
    }
}

/// dmesg(1), journalctl(1) "--output", systemd's messages on the console.
#[test]
fn of_the_system() {
    check(&[
        row(
            "kernel",
            &["[    1.234567] usb 1-1: new high-speed USB device number 2 using ehci-pci"],
            "1970-01-01T00:00:01.234567Z",
            Unknown,
            "new high-speed USB device number 2 using ehci-pci",
            &[("source", "usb 1-1")],
        ),
        row(
            "kernel",
            &["<3>[12345.678901] ata1.00: failed command: READ FPDMA QUEUED"],
            "1970-01-01T03:25:45.678901Z",
            Error,
            "failed command: READ FPDMA QUEUED",
            &[("source", "ata1.00")],
        ),
        row(
            "kernel",
            &["kern  :warn  : [    0.100000] ACPI: no wakeup"],
            "1970-01-01T00:00:00.100Z",
            Warning,
            "no wakeup",
            &[("facility", "kern")],
        ),
        row(
            "kernel",
            &["[    0.000000][    T0] Linux version 6.1.0"],
            "1970-01-01T00:00:00Z",
            Unknown,
            "Linux version 6.1.0",
            &[],
        ),
        row(
            "journal",
            &["Fri 2026-11-20 10:00:00 UTC web1 sshd[12]: error: PAM: Authentication failure"],
            "2026-11-20T10:00:00Z",
            Error,
            "error: PAM: Authentication failure",
            &[("host", "web1"), ("source", "sshd")],
        ),
        row(
            "journal",
            &["1763632800.123456 web1 systemd[1]: Started Session 1 of User x."],
            "2025-11-20T10:00:00.123456Z",
            Unknown,
            "Started Session 1 of User x.",
            &[("host", "web1"), ("source", "systemd")],
        ),
        row(
            "journal",
            &["[ 1234.567890] web1 kernel: usb 1-1: new device"],
            "1970-01-01T00:20:34.567890Z",
            Unknown,
            "usb 1-1: new device",
            &[("host", "web1"), ("source", "kernel")],
        ),
        row(
            "systemd-boot",
            &["[  OK  ] Started Network Manager."],
            "",
            Info,
            "Started Network Manager.",
            &[],
        ),
        row(
            "systemd-boot",
            &["[FAILED] Failed to start nginx."],
            "",
            Error,
            "Failed to start nginx.",
            &[],
        ),
        // Red Hat, "Understanding Audit Log Files".
        row(
            "auditd",
            &[
                "type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=2 success=no exit=-13 a0=7fffd19c5592 comm=\"cat\" exe=\"/bin/cat\" key=\"sshd_config\"",
            ],
            "2013-03-28T14:36:03.243Z",
            Unknown,
            "arch=c000003e syscall=2 success=no exit=-13 a0=7fffd19c5592 comm=\"cat\" exe=\"/bin/cat\" key=\"sshd_config\"",
            &[
                ("source", "SYSCALL"),
                ("serial", "24287"),
                ("success", "no"),
                ("comm", "cat"),
                ("key", "sshd_config"),
            ],
        ),
        row(
            "auditd",
            &[
                "node=web1 type=USER_AUTH msg=audit(1364475353.159:24270): user pid=3280 uid=500 msg='op=PAM:authentication acct=\"root\" exe=\"/bin/su\" res=failed'",
            ],
            "2013-03-28T12:55:53.159Z",
            Unknown,
            "user pid=3280 uid=500 msg='op=PAM:authentication acct=\"root\" exe=\"/bin/su\" res=failed'",
            &[
                ("host", "web1"),
                ("pid", "3280"),
                ("op", "PAM:authentication"),
                ("acct", "root"),
                ("res", "failed"),
            ],
        ),
    ]);
}

#[test]
fn of_programs() {
    check(&[
        // Android, "Logcat command-line tool", "Modify the log output format".
        row(
            "logcat",
            &[
                "I/ActivityManager(  585): Starting activity: Intent { action=android.intent.action.MAIN }",
            ],
            "",
            Info,
            "Starting activity: Intent { action=android.intent.action.MAIN }",
            &[("source", "ActivityManager"), ("pid", "585")],
        ),
        row(
            "logcat",
            &["03-17 16:13:38.811 E/AndroidRuntime( 1702): FATAL EXCEPTION: main"],
            "2026-03-17T16:13:38.811Z",
            Error,
            "FATAL EXCEPTION: main",
            &[("source", "AndroidRuntime")],
        ),
        // Redis, `server.c`, `serverLogRaw`.
        row(
            "redis",
            &["1234:M 20 Nov 2026 10:00:00.123 * Ready to accept connections"],
            "2026-11-20T10:00:00.123Z",
            Notice,
            "Ready to accept connections",
            &[("pid", "1234"), ("role", "M")],
        ),
        row(
            "redis",
            &["1:C 20 Nov 2026 10:00:00.123 . DB 0"],
            "2026-11-20T10:00:00.123Z",
            Debug,
            "DB 0",
            &[],
        ),
        row(
            "redis",
            &["1:S 20 Nov 2026 10:00:00.123 # overcommit"],
            "2026-11-20T10:00:00.123Z",
            Warning,
            "overcommit",
            &[],
        ),
        // Rails Guides, "Debugging Rails Applications".
        row(
            "rails",
            &["Started POST \"/articles\" for 127.0.0.1 at 2018-10-18 20:09:23 -0400"],
            "2018-10-19T00:09:23Z",
            Unknown,
            "Started POST \"/articles\"",
            &[
                ("method", "POST"),
                ("path", "/articles"),
                ("client", "127.0.0.1"),
            ],
        ),
        Row {
            lines: &[
                "Completed 200 OK in 31ms (Views: 27.1ms | ActiveRecord: 0.5ms | Allocations: 1234)",
            ],
            format: "rails",
            time: "",
            level: Unknown,
            message: "Completed 200 OK",
            fields: &[("status", "200")],
            numbers: &[
                ("duration_ms", 31.0),
                ("Views", 27.1),
                ("ActiveRecord", 0.5),
            ],
        },
    ]);
}

/// What the reader of any text makes of others.
#[test]
fn of_others() {
    check(&[
        // MySQL, "Error Log Output Format", and MariaDB's.
        row(
            "text",
            &["2020-08-06T14:25:02.835618Z 0 [Note] [MY-012487] [InnoDB] DDL log recovery : begin"],
            "2020-08-06T14:25:02.835618Z",
            Notice,
            "DDL log recovery : begin",
            &[("source", "MY-012487")],
        ),
        row(
            "text",
            &["2026-11-20 10:00:00 0 [Note] InnoDB: Using transactional memory"],
            "2026-11-20T10:00:00Z",
            Notice,
            "Using transactional memory",
            &[("source", "InnoDB")],
        ),
        // spdlog's README, Monolog's `LineFormatter`, uvicorn.
        row(
            "text",
            &["[2026-11-20 10:00:00.123] [my_logger] [critical] Support for int: 42"],
            "2026-11-20T10:00:00.123Z",
            Critical,
            "Support for int: 42",
            &[("source", "my_logger")],
        ),
        row(
            "text",
            &["[2026-11-20T10:00:00.123456+00:00] app.WARNING: User not found {\"id\":1} []"],
            "2026-11-20T10:00:00.123456Z",
            Warning,
            "User not found {\"id\":1} []",
            &[],
        ),
        row(
            "plain",
            &["INFO:     Started server process [1]"],
            "",
            Info,
            "Started server process [1]",
            &[],
        ),
        // Celery's `worker_log_format`.
        row(
            "text",
            &[
                "[2026-11-20 10:00:00,123: ERROR/ForkPoolWorker-1] Task x raised unexpected: ValueError()",
            ],
            "2026-11-20T10:00:00.123Z",
            Error,
            "Task x raised unexpected: ValueError()",
            &[],
        ),
        // GitHub, "Workflow commands", and the logs of steps.
        row(
            "text",
            &["2026-11-20T10:00:00.1234567Z ##[error]Process completed with exit code 1."],
            "2026-11-20T10:00:00.123456700Z",
            Error,
            "##[error]Process completed with exit code 1.",
            &[],
        ),
        row(
            "plain",
            &["::warning file=app.js,line=1::Missing semicolon"],
            "",
            Warning,
            "::warning file=app.js,line=1::Missing semicolon",
            &[],
        ),
        // PostgreSQL through syslog: `syslog_sequence_numbers`.
        row(
            "syslog",
            &[
                "Nov 20 10:00:00 db postgres[123]: [3-1] 2026-11-20 10:00:00 UTC [123] ERROR:  relation \"x\" does not exist",
            ],
            "2026-11-20T10:00:00Z",
            Error,
            "relation \"x\" does not exist",
            &[("source", "postgres"), ("host", "db")],
        ),
        row(
            "syslog",
            &["Nov 20 10:00:00 db postgres[123]: [3-1] FATAL:  the database system is starting up"],
            "2026-11-20T10:00:00Z",
            Critical,
            "the database system is starting up",
            &[("source", "postgres")],
        ),
        // Elixir's Logger, by default with the time of day.
        row(
            "plain",
            &["10:00:00.123 [error] Task #PID<0.1.0> terminating"],
            "",
            Error,
            "Task #PID<0.1.0> terminating",
            &[],
        ),
        // OpenStack's `logging_context_format_string`.
        row(
            "text",
            &[
                "2017-05-16 00:00:00.008 25746 INFO nova.osapi_compute.wsgi.server [req-38101a0b 113d3a99 54fadb41 - - -] GET /v2 status: 200",
            ],
            "2017-05-16T00:00:00.008Z",
            Info,
            "GET /v2 status: 200",
            &[("source", "nova.osapi_compute.wsgi.server")],
        ),
        // Columns that bars part.
        row(
            "text",
            &["2026-11-20 10:00:00|worker|3000|job done"],
            "2026-11-20T10:00:00Z",
            Unknown,
            "job done",
            &[("source", "worker")],
        ),
        // Windows' component store.
        row(
            "text",
            &[
                "2016-09-28 04:30:30, Info                  CBS    Loaded Servicing Stack v6.1.7601.23505",
            ],
            "2016-09-28T04:30:30Z",
            Info,
            "Loaded Servicing Stack v6.1.7601.23505",
            &[("source", "CBS")],
        ),
        // Kubernetes, "Auditing": its level is none of severity. CloudTrail's record.
        Row {
            lines: &[
                "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\",\"stage\":\"ResponseComplete\",\"requestURI\":\"/api/v1/namespaces\",\"verb\":\"list\",\"responseStatus\":{\"code\":403},\"requestReceivedTimestamp\":\"2026-11-20T10:00:00.123456Z\"}",
            ],
            format: "json",
            time: "2026-11-20T10:00:00.123456Z",
            level: Unknown,
            message: "/api/v1/namespaces",
            fields: &[("verb", "list"), ("level", "Metadata")],
            numbers: &[("responseStatus.code", 403.0)],
        },
        row(
            "json",
            &[
                "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-11-20T10:00:00Z\",\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"GetObject\",\"errorCode\":\"AccessDenied\"}",
            ],
            "2026-11-20T10:00:00Z",
            Unknown,
            "GetObject",
            &[
                ("source", "s3.amazonaws.com"),
                ("errorCode", "AccessDenied"),
            ],
        ),
    ]);
}
