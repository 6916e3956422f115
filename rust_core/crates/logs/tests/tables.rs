//! Lines whose columns a header or a standard names, from the documents that show them.

// Tables are long.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod lines;

use lines::{Row, check};
use logs::level::Level::{Error, Info, Unknown, Warning};

/// Files that name their columns.
#[test]
fn with_a_header() {
    check(&[
        // W3C, "Extended Log File Format", "Example".
        Row {
            lines: &[
                "#Version: 1.0",
                "#Date: 12-Jan-1996 00:00:00",
                "#Fields: time cs-method cs-uri",
                "00:34:23 GET /foo/bar.html",
            ],
            format: "w3c",
            time: "",
            level: Unknown,
            message: "GET /foo/bar.html",
            fields: &[
                ("method", "GET"),
                ("path", "/foo/bar.html"),
                ("cs-uri", "/foo/bar.html"),
            ],
            numbers: &[],
        },
        // Microsoft, "W3C Extended Log File Examples".
        Row {
            lines: &[
                "#Software: Internet Information Services 6.0",
                "#Version: 1.0",
                "#Date: 2001-05-02 17:42:15",
                "#Fields: time c-ip cs-method cs-uri-stem sc-status cs-version",
                "17:42:15 172.16.255.255 GET /default.htm 200 HTTP/1.0",
                "#Fields: date time c-ip cs-username s-ip s-port cs-method cs-uri-stem cs-uri-query sc-status sc-bytes cs-bytes time-taken cs(User-Agent) cs(Referrer)",
                "2002-05-24 20:18:01 172.224.24.114 - 206.73.118.24 80 GET /Default.htm a=b 404 7930 248 31 Mozilla/4.0+(compatible;+MSIE+5.01;+Windows+2000+Server) http://64.224.24.114/",
            ],
            format: "w3c",
            time: "2002-05-24T20:18:01Z",
            level: Unknown,
            message: "GET /Default.htm",
            fields: &[
                ("client", "172.224.24.114"),
                ("sc-status", "404"),
                ("status", "404"),
                ("path", "/Default.htm"),
                ("query", "a=b"),
                ("time-taken", "31"),
                ("cs-username", ""),
            ],
            numbers: &[("s-port", 80.0), ("cs-bytes", 248.0), ("time-taken", 31.0)],
        },
        // Amazon CloudFront, "Standard logging reference", "Log file format".
        Row {
            lines: &[
                "#Version: 1.0",
                "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end",
                "2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t200\t-\tMozilla/5.0%20(Windows%20NT%2010.0;%20Win64;%20x64)%20AppleWebKit/537.36\t-\t-\tHit\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==\td111111abcdef8.cloudfront.net\thttps\t23\t0.001\t-\tTLSv1.2\tECDHE-RSA-AES128-GCM-SHA256\tHit\tHTTP/2.0\t-\t-\t11040\t0.001\tHit\ttext/html\t78\t-\t-",
            ],
            format: "w3c",
            time: "2019-12-04T21:02:31Z",
            level: Unknown,
            message: "/index.html",
            fields: &[
                ("x-edge-result-type", "Hit"),
                ("bytes", "392"),
                ("status", "200"),
            ],
            numbers: &[
                ("cs-bytes", 23.0),
                ("time-taken", 0.001),
                ("c-port", 11040.0),
                ("time-to-first-byte", 0.001),
                ("sc-content-len", 78.0),
            ],
        },
        // RFC 4180, section 2: quotes, and two quotes for one.
        Row {
            lines: &[
                "time,level,logger,message,duration_ms",
                "2026-11-20T10:00:00Z,WARN,db,\"slow, says \"\"x\"\"\",12.5",
            ],
            format: "csv",
            time: "2026-11-20T10:00:00Z",
            level: Warning,
            message: "slow, says \"x\"",
            fields: &[("source", "db"), ("duration_ms", "12.5")],
            numbers: &[("duration_ms", 12.5)],
        },
        // Windows' Event Viewer, "Save all events as", comma separated.
        Row {
            lines: &[
                "Level,Date and Time,Source,Event ID,Task Category,Message",
                "Information,11/20/2026 10:00:00 AM,Service Control Manager,7036,None,The service entered the running state.",
            ],
            format: "csv",
            time: "2026-11-20T10:00:00Z",
            level: Info,
            message: "The service entered the running state.",
            fields: &[("source", "Service Control Manager"), ("Event ID", "7036")],
            numbers: &[("Event ID", 7036.0)],
        },
        Row {
            lines: &[
                "timestamp\tseverity\thost\tmsg",
                "2026-11-20 10:00:00.5\tERROR\tweb1\tit failed",
            ],
            format: "tsv",
            time: "2026-11-20T10:00:00.500Z",
            level: Error,
            message: "it failed",
            fields: &[("host", "web1")],
            numbers: &[],
        },
        // Amazon VPC, "Flow log records", with a header as Amazon S3 has it.
        Row {
            lines: &[
                "version vpc-id subnet-id instance-id interface-id account-id type srcaddr dstaddr srcport dstport protocol packets bytes start end action tcp-flags log-status",
                "3 vpc-abcdefab012345678 subnet-aaaaaaaa012345678 i-01234567890123456 eni-1235b8ca123456789 123456789010 IPv4 52.213.180.42 10.0.0.62 43416 5001 6 100701 5070 1566848875 1566848933 ACCEPT 2 OK",
            ],
            format: "columns",
            time: "2019-08-26T19:47:55Z",
            level: Unknown,
            message: "ACCEPT 2 OK",
            fields: &[("srcaddr", "52.213.180.42"), ("action", "ACCEPT")],
            numbers: &[
                ("version", 3.0),
                ("account-id", 123_456_789_010.0),
                ("srcport", 43416.0),
                ("dstport", 5001.0),
                ("protocol", 6.0),
                ("packets", 100_701.0),
                ("end", 1_566_848_933.0),
                ("tcp-flags", 2.0),
            ],
        },
    ]);
}

/// Logs without a header.
#[test]
fn of_a_standard() {
    check(&[
        // Elastic Load Balancing, "Access logs for your Application Load Balancer".
        Row {
            lines: &[
                "https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 \"GET https://www.example.com:443/ HTTP/1.1\" \"curl/7.46.0\" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 \"Root=1-58337281-1d84f3d73c47ec4e58577259\" \"www.example.com\" \"arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012\" 1 2018-07-02T22:22:48.364000Z \"authenticate,forward\" \"-\" \"-\" \"10.0.0.1:80\" \"200\" \"-\" \"-\" TID_1234abcd5678ef90",
            ],
            format: "aws-alb",
            time: "2018-07-02T22:23:00.186641Z",
            level: Unknown,
            message: "GET https://www.example.com:443/ HTTP/1.1",
            fields: &[
                ("source", "app/my-loadbalancer/50dc6c495c0c9188"),
                ("client", "192.168.131.39"),
                ("method", "GET"),
                ("path", "/"),
                ("status", "200"),
                ("bytes", "57"),
                ("agent", "curl/7.46.0"),
                ("domain_name", "www.example.com"),
            ],
            numbers: &[
                ("request_processing_time", 0.086),
                ("target_processing_time", 0.048),
                ("response_processing_time", 0.037),
                ("received_bytes", 0.0),
            ],
        },
        Row {
            lines: &[
                "http 2018-11-30T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 - 0.000 -1 -1 502 - 34 366 \"GET http://www.example.com:80/a?b=1 HTTP/1.1\" \"curl/7.46.0\" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 \"Root=1-58337364-23a8c76965a2ef7629b185e3\" \"-\" \"-\" 0 2018-11-30T22:22:48.364000Z \"forward\" \"-\" \"LambdaInvalidResponse\" \"-\" \"-\" \"-\" \"-\" TID_1234abcd5678ef90",
            ],
            format: "aws-alb",
            time: "2018-11-30T22:23:00.186641Z",
            level: Unknown,
            message: "GET http://www.example.com:80/a?b=1 HTTP/1.1",
            fields: &[
                ("path", "/a"),
                ("query", "b=1"),
                ("error_reason", "LambdaInvalidResponse"),
            ],
            numbers: &[("request_processing_time", 0.0), ("received_bytes", 34.0)],
        },
        // "Access logs for your Classic Load Balancer".
        Row {
            lines: &[
                "2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 \"GET http://www.example.com:80/ HTTP/1.1\" \"curl/7.38.0\" - -",
            ],
            format: "aws-elb",
            time: "2015-05-13T23:39:43.945958Z",
            level: Unknown,
            message: "GET http://www.example.com:80/ HTTP/1.1",
            fields: &[("client", "192.168.131.39"), ("source", "my-loadbalancer")],
            numbers: &[
                ("request_processing_time", 0.000_073),
                ("backend_processing_time", 0.001_048),
                ("response_processing_time", 0.000_057),
                ("received_bytes", 0.0),
            ],
        },
        Row {
            lines: &[
                "2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.001069 0.000028 0.000041 - - 82 305 \"- - - \" \"-\" - -",
            ],
            format: "aws-elb",
            time: "2015-05-13T23:39:43.945958Z",
            level: Unknown,
            message: "- - - ",
            fields: &[("method", ""), ("bytes", "305")],
            numbers: &[
                ("request_processing_time", 0.001_069),
                ("backend_processing_time", 0.000_028),
                ("response_processing_time", 0.000_041),
                ("received_bytes", 82.0),
            ],
        },
        // "Access logs for your Network Load Balancer".
        Row {
            lines: &[
                "tls 2.0 2018-12-20T02:59:40 net/my-network-loadbalancer/c6e77e28c25b2234 g3d4b5e8bb8464cd 72.21.218.154:51341 172.100.100.185:443 5 2 98 246 - arn:aws:acm:us-east-2:671290407336:certificate/2a108f19-aded-46b0-8493-c63eb1ef4a99 - ECDHE-RSA-AES128-SHA tlsv12 - my-network-loadbalancer-c6e77e28c25b2234.elb.us-east-2.amazonaws.com - - - 2018-12-20T02:59:30",
            ],
            format: "aws-nlb",
            time: "2018-12-20T02:59:40Z",
            level: Unknown,
            message: "tls 2.0 2018-12-20T02:59:40 net/my-network-loadbalancer/c6e77e28c25b2234 g3d4b5e8bb8464cd 72.21.218.154:51341 172.100.100.185:443 5 2 98 246 - arn:aws:acm:us-east-2:671290407336:certificate/2a108f19-aded-46b0-8493-c63eb1ef4a99 - ECDHE-RSA-AES128-SHA tlsv12 - my-network-loadbalancer-c6e77e28c25b2234.elb.us-east-2.amazonaws.com - - - 2018-12-20T02:59:30",
            fields: &[("tls_cipher", "ECDHE-RSA-AES128-SHA"), ("client:port", "")],
            numbers: &[
                ("connection_time", 5.0),
                ("tls_handshake_time", 2.0),
                ("received_bytes", 98.0),
            ],
        },
        // Amazon S3, "Server access log format".
        Row {
            lines: &[
                "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be amzn-s3-demo-bucket1 [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be 3E57427F3EXAMPLE REST.GET.VERSIONING - \"GET /amzn-s3-demo-bucket1?versioning HTTP/1.1\" 200 - 113 - 7 - \"-\" \"S3Console/0.4\" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com TLSV1.2 arn:aws:s3:us-west-1:123456789012:accesspoint/example-AP Yes",
            ],
            format: "aws-s3",
            time: "2019-02-06T00:00:38Z",
            level: Unknown,
            message: "GET /amzn-s3-demo-bucket1?versioning HTTP/1.1",
            fields: &[
                ("source", "amzn-s3-demo-bucket1"),
                ("client", "192.0.2.3"),
                ("operation", "REST.GET.VERSIONING"),
                ("bytes", "113"),
                ("query", "versioning"),
                ("agent", "S3Console/0.4"),
            ],
            numbers: &[("total_time", 7.0)],
        },
        // Amazon VPC, "Flow log record examples".
        Row {
            lines: &[
                "2 123456789010 eni-1235b8ca123456789 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 1418530010 1418530070 REJECT OK",
            ],
            format: "aws-vpc-flow",
            time: "2014-12-14T04:06:50Z",
            level: Unknown,
            message: "REJECT OK",
            fields: &[
                ("srcaddr", "172.31.9.69"),
                ("dstport", "3389"),
                ("action", "REJECT"),
            ],
            numbers: &[("packets", 20.0)],
        },
        Row {
            lines: &[
                "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA",
            ],
            format: "aws-vpc-flow",
            time: "2015-05-10T18:01:16Z",
            level: Unknown,
            message: "- NODATA",
            fields: &[("log-status", "NODATA")],
            numbers: &[],
        },
        // Envoy, "Access logging", "Default format string".
        Row {
            lines: &[
                "[2016-04-15T20:17:00.310Z] \"POST /api/v1/locations HTTP/2\" 204 - 154 0 226 100 \"10.0.35.28\" \"nsq2http\" \"cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2\" \"locations\" \"tcp://10.0.2.1:80\"",
            ],
            format: "envoy",
            time: "2016-04-15T20:17:00.310Z",
            level: Unknown,
            message: "POST /api/v1/locations HTTP/2",
            fields: &[
                ("status", "204"),
                ("x_forwarded_for", "10.0.35.28"),
                ("agent", "nsq2http"),
                ("authority", "locations"),
            ],
            numbers: &[
                ("bytes_received", 154.0),
                ("duration", 226.0),
                ("upstream_service_time", 100.0),
            ],
        },
        // Istio, "Envoy Access Logs".
        Row {
            lines: &[
                "[2020-11-25T21:26:18.409Z] \"GET /status/418 HTTP/1.1\" 418 - via_upstream - \"-\" 0 135 4 4 \"-\" \"curl/7.73.0-DEV\" \"84961386-6d84-929d-98bd-c5aee93b5c88\" \"httpbin:8000\" \"10.44.1.27:80\" outbound|8000||httpbin.foo.svc.cluster.local 10.44.1.23:37652 10.0.45.184:8000 10.44.1.23:46520 - default",
            ],
            format: "envoy",
            time: "2020-11-25T21:26:18.409Z",
            level: Unknown,
            message: "GET /status/418 HTTP/1.1",
            fields: &[
                ("client", "10.44.1.23"),
                ("bytes", "135"),
                ("authority", "httpbin:8000"),
            ],
            numbers: &[
                ("bytes_received", 0.0),
                ("duration", 4.0),
                ("upstream_service_time", 4.0),
            ],
        },
        // Squid, "SquidFaq/SquidLogs", "access.log".
        Row {
            lines: &[
                "1286536309.586    921 192.168.0.68 TCP_MISS/200 507 POST http://rcv-srv37.inplay.tubemogul.com/StreamReceiver/services - DIRECT/174.129.41.128 application/xml",
            ],
            format: "squid",
            time: "2010-10-08T11:11:49.586Z",
            level: Unknown,
            message: "POST http://rcv-srv37.inplay.tubemogul.com/StreamReceiver/services",
            fields: &[
                ("client", "192.168.0.68"),
                ("status", "200"),
                ("method", "POST"),
            ],
            numbers: &[("elapsed_ms", 921.0)],
        },
        // PostgreSQL, "Using CSV-Format Log Output".
        Row {
            lines: &[
                "2026-11-20 10:00:00.123 UTC,\"postgres\",\"app\",4710,\"10.0.0.1:5000\",5f3c.1,3,\"SELECT\",2026-11-20 09:00:00 UTC,3/12,0,ERROR,42P01,\"relation \"\"x\"\" does not exist\",,,,,,\"select * from x\",15,,\"psql\",\"client backend\",,0",
            ],
            format: "postgresql-csv",
            time: "2026-11-20T10:00:00.123Z",
            level: Error,
            message: "relation \"x\" does not exist",
            fields: &[
                ("source", "psql"),
                ("database_name", "app"),
                ("sql_state_code", "42P01"),
                ("query", "select * from x"),
            ],
            numbers: &[],
        },
    ]);
}
