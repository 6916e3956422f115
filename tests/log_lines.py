"""Real lines of each format, for the tests of logs: the documents that show them are named."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """A line and what a report says of it."""

    format: str
    line: str
    time: str | None
    """In the year 2026 where the line names none."""
    level: str
    source: str | None
    message: str
    """Without what stands before it; of requests the request."""


ROWS = [
    # RFC 5424, section 6.5.
    Row(
        "syslog-rfc5424",
        "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \ufeff'su root' failed "
        "for lonvick on /dev/pts/8",
        "2003-10-11T22:14:15.003Z",
        "critical",
        "su",
        "'su root' failed for lonvick on /dev/pts/8",
    ),
    Row(
        "syslog-rfc5424",
        "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 "
        '[exampleSDID@32473 iut="3" eventSource="Appli]cation" '
        'eventID="1011"][examplePriority@32473 class="high"]',
        "2003-10-11T22:14:15.003Z",
        "notice",
        "evntslog",
        "",
    ),
    Row(
        "syslog-rfc5424",
        "<13>1 - - - - - - text",
        None,
        "notice",
        None,
        "text",
    ),
    # RFC 3164, section 5.4.
    Row(
        "syslog",
        "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
        "2026-10-11T22:14:15Z",
        "critical",
        "su",
        "'su root' failed for lonvick on /dev/pts/8",
    ),
    Row(
        "syslog",
        "Dec 10 06:55:46 LabSZ sshd[24200]: error: no matching key",
        "2026-12-10T06:55:46Z",
        "error",
        "sshd",
        "error: no matching key",
    ),
    Row(
        "syslog-iso",
        "2026-11-20T10:00:00+01:00 web1 systemd[1]: Started Daily apt upgrade.",
        "2026-11-20T09:00:00Z",
        "unknown",
        "systemd",
        "Started Daily apt upgrade.",
    ),
    # Apache's manual, "Log Files".
    Row(
        "access",
        '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 '
        '2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"',
        "2000-10-10T20:55:36Z",
        "unknown",
        None,
        "GET /apache_pb.gif HTTP/1.0",
    ),
    Row(
        "text",
        "[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid 4328636416] [client "
        "72.15.99.187] File does not exist: /usr/local/apache2/htdocs/favicon.ico",
        "2011-09-09T10:42:29.902022Z",
        "error",
        "core",
        "File does not exist: /usr/local/apache2/htdocs/favicon.ico",
    ),
    Row(
        "text",
        '2026/11/20 10:00:00 [crit] 31#31: *1 open() "/x" failed (13: Permission denied)',
        "2026-11-20T10:00:00Z",
        "critical",
        None,
        'open() "/x" failed (13: Permission denied)',
    ),
    # Kubernetes: "CRI logging format", and klog's header.
    Row(
        "cri",
        "2016-10-06T00:17:09.669794202Z stdout F The content of the log entry 1",
        "2016-10-06T00:17:09.669794202Z",
        "unknown",
        None,
        "The content of the log entry 1",
    ),
    Row(
        "cri",
        '2016-10-06T00:17:09.669794202Z stderr F {"level":"warn","logger":"db","msg":"slow"}',
        "2016-10-06T00:17:09.669794202Z",
        "warning",
        "db",
        "slow",
    ),
    Row(
        "klog",
        'E1120 10:00:00.123456    1234 server.go:42] "Failed to watch" err="timeout"',
        "2026-11-20T10:00:00.123456Z",
        "error",
        "server.go:42",
        '"Failed to watch" err="timeout"',
    ),
    # bunyan's README.
    Row(
        "json",
        '{"name":"myapp","hostname":"banana.local","pid":40161,"level":30,"msg":"hi",'
        '"time":"2013-01-04T18:46:23.851Z","v":0}',
        "2013-01-04T18:46:23.851Z",
        "info",
        "myapp",
        "hi",
    ),
    # pino's, zap's, zerolog's and logrus' READMEs.
    Row(
        "json",
        '{"level":50,"time":1531171074631,"msg":"hello world","pid":657,"hostname":"h"}',
        "2018-07-09T21:17:54.631Z",
        "error",
        None,
        "hello world",
    ),
    Row(
        "json",
        '{"level":"dpanic","ts":1571842417.5,"logger":"x.y","caller":"a.go:1","msg":"a '
        r'\"b\"\n"}',
        "2019-10-23T14:53:37.500Z",
        "critical",
        "x.y",
        'a "b"\n',
    ),
    Row(
        "json",
        '{"time":1516134303,"level":"debug","message":"hello world"}',
        "2018-01-16T20:25:03Z",
        "debug",
        None,
        "hello world",
    ),
    # Elastic Common Schema.
    Row(
        "json",
        '{"@timestamp":"2019-08-06T12:09:12.375Z", "log.level": "WARN", "message":"Tomcat '
        'started", "service.name":"pet","log":{"logger":"o.s.b"}}',
        "2019-08-06T12:09:12.375Z",
        "warning",
        "o.s.b",
        "Tomcat started",
    ),
    # GELF's specification.
    Row(
        "json",
        '{"version":"1.1","host":"example.org","short_message":"A short '
        'message","timestamp":1385053862.3072,"level":1,"_user_id":9001}',
        "2013-11-21T17:11:02.307200Z",
        "alert",
        None,
        "A short message",
    ),
    # systemd.journal-fields(7).
    Row(
        "json",
        '{"__REALTIME_TIMESTAMP":"1763632800000000","PRIORITY":"3",'
        '"SYSLOG_IDENTIFIER":"sshd","MESSAGE":"x","_HOSTNAME":"h"}',
        "2025-11-20T10:00:00Z",
        "error",
        "sshd",
        "x",
    ),
    # MongoDB's manual, "Log Messages".
    Row(
        "json",
        '{"t":{"$date":"2020-05-01T15:16:17.180+00:00"},"s":"I", "c":"NETWORK", "id":12345, '
        '"ctx":"listener", "msg":"Listening on", "attr":{"address":"127.0.0.1"}}',
        "2020-05-01T15:16:17.180Z",
        "info",
        "NETWORK",
        "Listening on",
    ),
    # Docker's manual, "JSON File logging driver".
    Row(
        "json",
        r'{"log":"2026-11-20 ERROR x\n","stream":"stderr","time":"2026-11-20T10:00:00.5Z"}',
        "2026-11-20T10:00:00.500Z",
        "unknown",
        None,
        "2026-11-20 ERROR x",
    ),
    Row(
        "json",
        r'{"log":"{\"level\":\"error\",\"msg\":\"x\"}\n","stream":"stderr",'
        '"time":"2026-11-20T10:00:00.5Z"}',
        "2026-11-20T10:00:00.500Z",
        "error",
        None,
        "x",
    ),
    # go-logfmt.
    Row(
        "logfmt",
        'ts=2026-11-20T10:00:00Z level=warn component=api msg="slow query" duration_ms=12.5',
        "2026-11-20T10:00:00Z",
        "warning",
        "api",
        "slow query",
    ),
    # log4j's, logback's and Spring Boot's manuals.
    Row(
        "text",
        "2026-11-20 10:00:00,123 INFO  [main] org.example.Main: Started in 3 s",
        "2026-11-20T10:00:00.123Z",
        "info",
        "org.example.Main",
        "Started in 3 s",
    ),
    Row(
        "text",
        "2026-11-20T10:00:00.123+01:00  WARN 1234 --- [           main] "
        "o.s.b.StartupInfoLogger  : Starting",
        "2026-11-20T09:00:00.123Z",
        "warning",
        "o.s.b.StartupInfoLogger",
        "Starting",
    ),
    Row(
        "text",
        "10:00:00.1 x 2026-11-20 10:00:00.123 [main] DEBUG c.e.Main - Entering",
        "2026-11-20T10:00:00.123Z",
        "debug",
        "c.e.Main",
        "Entering",
    ),
    # Python's logging HOWTO.
    Row(
        "text",
        "2005-03-19 15:10:26,618 - simple_example - CRITICAL - critical message",
        "2005-03-19T15:10:26.618Z",
        "critical",
        "simple_example",
        "critical message",
    ),
    Row(
        "plain",
        "WARNING:root:Watch out!",
        None,
        "warning",
        "root",
        "Watch out!",
    ),
    Row(
        "plain",
        "[error] it failed",
        None,
        "error",
        None,
        "it failed",
    ),
    # tracing-subscriber's documentation.
    Row(
        "text",
        "2022-02-15T18:40:14.289898Z ERROR fmt::yak_shave: failed to shave yak yak=3",
        "2022-02-15T18:40:14.289898Z",
        "error",
        "fmt::yak_shave",
        "failed to shave yak yak=3",
    ),
    # PostgreSQL's manual, "%m [%p] ".
    Row(
        "text",
        "2026-11-20 10:00:00.123 UTC [1234] FATAL:  the database system is starting up",
        "2026-11-20T10:00:00.123Z",
        "critical",
        None,
        "the database system is starting up",
    ),
    # Tomcat's JULI.
    Row(
        "text",
        "20-Nov-2026 10:00:00.123 SEVERE [main] org.apache.catalina.core.StandardService.init"
        "Internal Failed",
        "2026-11-20T10:00:00.123Z",
        "error",
        "main",
        "org.apache.catalina.core.StandardService.initInternal Failed",
    ),
    # Android's logcat, "threadtime".
    Row(
        "text",
        "03-17 16:13:38.811  1702  2395 D WindowManager: printFreezingDisplayLogs",
        "2026-03-17T16:13:38.811Z",
        "debug",
        "WindowManager",
        "printFreezingDisplayLogs",
    ),
    # gunicorn.
    Row(
        "text",
        "[2026-11-20 10:00:00 +0100] [123] [INFO] Booting worker",
        "2026-11-20T09:00:00Z",
        "info",
        None,
        "Booting worker",
    ),
]

# Of access logs: the line, client, method, path, status, size and agent.
REQUESTS: list[tuple[str, str, str, str, str, int | None, str | None]] = [
    (
        r'''::1 - - [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.1" 304 - "-" "curl \"x\""''',
        *("::1", "GET", "/a", "304", None, r"curl \"x\""),
    ),
    (
        'a.org:443 10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] "POST /x/12 HTTP/2.0" 201 12',
        *("10.0.0.1", "POST", "/x/*", "201", 12, None),
    ),
    (
        r'10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] "\x16\x03\x01" 400 0 "-" "-"',
        *("10.0.0.1", "-", "", "400", 0, "-"),
    ),
    (
        '10.0.0.1 - j doe [10/Oct/2000:13:55:36 +0000] "-" 408 0 "-" "-"',
        *("10.0.0.1", "-", "", "408", 0, "-"),
    ),
]
