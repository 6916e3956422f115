//! Lines of every format with bytes changed: nothing panics, and all places are within the text.

#![allow(clippy::unwrap_used)]

use logs::format::{Parts, Reader, detect};
use proptest::prelude::*;

const LINES: &[&str] = &[
    "#Fields: date time c-ip cs-method cs-uri-stem sc-status time-taken\n2002-05-24 20:18:01 1.1.1.1 GET /a 404 31\n#Fields: date time x\n2002-05-24 20:18:01 5",
    "time,level,message,n\n2026-11-20T10:00:00Z,WARN,\"slow, says \"\"x\"\"\",12.5\n2026-11-20T10:00:00Z,INFO,\"open",
    "version account-id srcaddr dstaddr srcport start end action\n3 1 52.213.180.42 10.0.0.62 43416 1566848875 1566848933 ACCEPT",
    "https 2018-07-02T22:23:00.186641Z app/x/5 192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 \"GET https://www.example.com:443/ HTTP/1.1\" \"curl/7.46.0\" - - arn \"R\" \"d\" \"c\" 1 2018-07-02T22:22:48.364000Z \"f\"",
    "2015-05-13T23:39:43.945958Z lb 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 \"GET http://www.example.com:80/ HTTP/1.1\" \"curl/7.38.0\" - -",
    "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be b [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - 3E REST.GET - \"GET /b?versioning HTTP/1.1\" 200 - 113 - 7 - \"-\" \"S3Console/0.4\" - x",
    "2 123456789010 eni-1 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 1418530010 1418530070 REJECT OK",
    "[2016-04-15T20:17:00.310Z] \"POST /api HTTP/2\" 204 - 154 0 226 100 \"10.0.35.28\" \"nsq2http\" \"cc\" \"locations\" \"tcp://10.0.2.1:80\"",
    "1286536309.586    921 192.168.0.68 TCP_MISS/200 507 POST http://x.y/z - DIRECT/174.129.41.128 application/xml",
    "2026-11-20 10:00:00.123 UTC,\"p\",\"a\",4710,\"10.0.0.1:5000\",5f3c.1,3,\"SELECT\",2026-11-20 09:00:00 UTC,3/12,0,ERROR,42P01,\"relation \"\"x\"\"\",,,,,,\"select\",15,,\"psql\",\"b\",,0",
    "10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} \"GET /index.html HTTP/1.1\"",
    "10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"M\" rt=0.120 uct=\"0.001\" 0.120 [x] \"y\"",
    "<3>[12345.678901][ T1] ata1.00: failed command: READ FPDMA QUEUED",
    "kern  :warn  : [    0.100000] ACPI: no wakeup",
    "Fri 2026-11-20 10:00:00 UTC web1 sshd[12]: error: PAM: Authentication failure",
    "1763632800.123456 web1 systemd[1]: Started Session 1 of User x.",
    "__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1342540861416409\nMESSAGE\n\u{11}\0\0\0\0\0\0\0foo",
    "node=web1 type=USER_AUTH msg=audit(1364475353.159:24270): user pid=3280 msg='op=PAM acct=\"root\" res=failed'",
    "03-17 16:13:38.811 E/AndroidRuntime( 1702): FATAL EXCEPTION: main",
    "1234:M 20 Nov 2026 10:00:00.123 * Ready to accept connections",
    "Started POST \"/articles\" for 127.0.0.1 at 2018-10-18 20:09:23 -0400\nCompleted 200 OK in 31ms (Views: 27.1ms | ActiveRecord: 0.5ms)",
    "# Time: 071015  1:43:52\n# User@Host: root[root] @ localhost []  Id:     5\n# Query_time: 2.000162  Lock_time: 0.000004\nSET timestamp=1763632800;\nselect 1;",
    "Nov 20 10:00:00 db postgres[123]: [3-1] 2026-11-20 10:00:00 UTC [123] ERROR:  x",
    "2026-11-20T10:00:00Z stdout P {\"level\":\"error\",\n2026-11-20T10:00:00Z stdout F \"msg\":\"x\"}",
    "[  OK  ] Started Network Manager.",
    "::error file=app.js::x\n10:00:00.123 [info] GET /\n##[error]x",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn nothing_panics(
        index in 0..LINES.len(),
        at in 0_usize..400,
        gone in 0_usize..6,
        bytes in prop::collection::vec(any::<u8>(), 0..4),
        length in 0_usize..600,
    ) {
        let mut text = LINES[index].as_bytes().to_vec();
        let at = at.min(text.len());
        text.splice(at..(at + gone).min(text.len()), bytes);
        text.truncate(length);
        let whole = [LINES[index].as_bytes(), b"\n", &text].concat();
        let lines: Vec<&[u8]> = whole.split(|byte| *byte == b'\n').collect();
        let formats = detect(&lines).formats();
        let mut reader = Reader::default();
        reader.parts = Parts::with_fields();
        reader.levels_from_status = true;
        for line in lines {
            for format in &formats {
                let Some(record) = reader.parse(*format, line) else { continue };
                let text = reader.parts.text(&record, line);
                let http = record.http.unwrap_or_default();
                let request = [http.client, http.method, http.target, http.referrer, http.agent];
                for span in [record.host, record.source, record.message].iter().chain(&request) {
                    prop_assert!(span.is_empty() || span.end as usize <= text.len());
                }
                // A pair or a member of JSON can have no name.
                let may_lack_name = line.contains(&b'=') || whole.windows(2).any(|two| two == b"\"\"");
                prop_assert!(may_lack_name || reader.parts.fields.iter().all(|field| !field.name.is_empty()));
            }
        }
    }
}
