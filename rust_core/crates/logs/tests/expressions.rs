//! Expressions: what they match. Expected values come from the section "Expressions" of
//! `docs/logs.md`.

#![allow(clippy::unwrap_used)]

use logs::expression::{Expression, ExpressionError, Fields, Value};
use logs::level::Level;
use logs::time::WallClock;
use proptest::prelude::*;

/// 2026-11-20T12:00:00Z, by `date -u -d 2026-11-20T12:00:00Z +%s`.
const NOW: i64 = 1_795_176_000 * SECOND;
const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3_600 * SECOND;
/// The zone of times that name none: two hours ahead of UTC.
const OFFSET: i64 = 7_200;

struct Event<'v>(&'v [(&'v str, Value<'v>)]);

impl Fields for Event<'_> {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value)
    }
}

fn parse(text: &str) -> Result<Expression, ExpressionError> {
    Expression::parse(text, NOW, &WallClock::fixed(OFFSET))
}

fn text(text: &str) -> Value<'_> {
    Value::Text(text.as_bytes())
}

fn event() -> Vec<(&'static str, Value<'static>)> {
    vec![
        ("status", Value::Number(503.0)),
        ("zero", Value::Number(0.0)),
        ("half", Value::Number(0.5)),
        ("huge", Value::Number(1e300)),
        ("bytes", Value::Number(65_536.0)),
        ("took_ms", Value::Number(300.0)),
        ("took_s", Value::Number(90.0)),
        ("idle_sec", Value::Number(90.0)),
        ("idle_seconds", Value::Number(172_800.0)),
        ("wait_us", Value::Number(2.5)),
        ("wait_ns", Value::Number(2_500.0)),
        ("worst", Value::Level(Level::Error)),
        ("path", text("/api/v1/Users?id=7")),
        ("code", text("42")),
        ("nothing", text("0")),
        ("padded", text("042")),
        ("empty", text("")),
        ("user", text("Jos\u{e9} \"x\"")),
        ("raw", Value::Text(b"\xff\xfe GET")),
        ("cached", Value::Bool(true)),
        ("retried", Value::Bool(false)),
        ("hit", text("false")),
        ("error", Value::Null),
        ("level", Value::Level(Level::Warning)),
        ("severity", text("ERR")),
        ("log.level", text("odd")),
        ("lvl", Value::Level(Level::Unknown)),
        ("time", Value::Time(NOW - HOUR)),
        ("seen", Value::Time(NOW - 24 * HOUR)),
        ("http.request-id", text("a-b")),
        ("@timestamp", text("2026-11-20T10:00:00Z")),
        ("two words", text("yes")),
        ("in", text("x")),
    ]
}

/// An expression and whether the event meets it.
const ROWS: &[(&str, bool)] = &[
    ("status >= 500 and path ~ \"^/api\"", true),
    ("status>=500 and path~'^/web'", false),
    ("status>=500&&path~'^/api'", true),
    ("status < 500 || code = 42", true),
    // Numbers.
    ("status == 503", true),
    ("status = 503", true),
    ("status != 503", false),
    ("status > 503", false),
    ("status >= 503.0", true),
    ("status < 5.031e2", true),
    ("status < 5.031e+2", true),
    ("status <= -3", false),
    ("half == 0.5", true),
    ("zero == -0", true),
    ("bytes == 64KiB", true),
    ("bytes > 64kB", true),
    ("bytes < 1MB", true),
    ("bytes == 65536B", true),
    ("took_ms >= 300ms", true),
    ("took_ms > 0.3s", false),
    ("took_ms < 1m", true),
    ("took_ms == 300000us", true),
    ("took_ms == 300000\u{b5}s", true),
    ("took_s == 1.5m", true),
    ("took_s < 1h", true),
    ("idle_sec == 1.5m", true),
    ("idle_seconds == 2d", true),
    ("wait_us == 2500ns", true),
    ("wait_ns == 2.5us", true),
    ("wait_ns == 0.0025ms", true),
    ("status <= 503", true),
    ("status <= 502.9", false),
    (
        "bytes == 0.0625MiB and bytes < 1GB and bytes < 1TB and bytes < 1GiB and bytes < 1TiB",
        true,
    ),
    // Texts that are numbers, and the other way round.
    ("code > 41.5", true),
    ("code == 42.0", true),
    ("padded == 42", false),
    ("padded != 42", true),
    ("status == \"503\"", true),
    ("status < \"60\"", false),
    ("status == \"x\"", false),
    ("status != \"x\"", true),
    // Texts by bytes.
    ("code == \"42\"", true),
    ("code == \"42.0\"", false),
    ("code < \"5\"", true),
    ("code > \"100\"", true),
    ("path == '/api/v1/Users?id=7'", true),
    ("user == \"Jos\\u{e9} \\\"x\\\"\"", true),
    ("user == 'Jos\u{e9} \"x\"'", true),
    ("path > 5", false),
    ("path < 5", false),
    ("path != 5", true),
    ("not path == 5", true),
    // Operators of texts.
    ("path ~ \"v\\d\"", true),
    ("path ~ \"users\"", false),
    ("path ~ /users/i", true),
    ("path ~ /^\\/API\\/v1/i", true),
    ("path ~ '(?i)users'", true),
    ("path !~ \"users\"", true),
    ("user ~ '\"x\"'", true),
    ("user ~ \"\\\"x\\\"\"", true),
    ("user ~ \"^Jos.\\W\"", true),
    ("raw ~ 'GET$'", true),
    ("raw contains 'GET'", true),
    ("path contains 'v1'", true),
    ("path contains 'V1'", false),
    ("path not contains 'V1'", true),
    ("path startswith '/api'", true),
    ("path endswith '=7'", true),
    ("path not endswith '=7'", false),
    ("path startswith ''", true),
    ("status ~ '^5..$'", true),
    ("half ~ '^0\\.5$'", true),
    ("huge ~ '0'", false),
    ("status startswith '50'", true),
    ("cached ~ '^true$'", true),
    ("level ~ '^warning$'", true),
    ("error ~ ''", false),
    ("seen ~ ''", false),
    // Lists.
    ("status in (500, 502, 503)", true),
    ("status in (500)", false),
    ("status not in (500, 502)", true),
    ("path in ('a', 503, null)", false),
    ("code in ('a', 42)", true),
    ("level in (warn, error)", true),
    ("level not in (info)", true),
    ("error in (1, null)", true),
    ("missing in (1, null)", true),
    ("missing in (1, 2)", false),
    ("missing not in (1, 2)", true),
    // Booleans and null.
    ("cached == true", true),
    ("cached != false", true),
    ("retried == true", false),
    ("retried < true", true),
    ("hit == false", true),
    ("cached == \"true\"", true),
    ("cached == 1", false),
    ("error == null", true),
    ("error != null", false),
    ("error == 0", false),
    ("error != 0", true),
    ("status != null", true),
    ("status == NULL", false),
    // Without the field.
    ("missing == 1", false),
    ("missing != 1", true),
    ("missing < 1", false),
    ("missing >= 1", false),
    ("missing ~ ''", false),
    ("missing !~ ''", true),
    ("missing contains ''", false),
    ("missing not contains ''", true),
    ("missing == null", true),
    ("missing != null", false),
    ("exists(missing)", false),
    ("exists(error)", true),
    ("not exists(missing)", true),
    ("EXISTS(error)", true),
    ("exists", false),
    // A name alone.
    ("missing", false),
    ("status", true),
    ("zero", false),
    ("nothing", false),
    ("empty", false),
    ("code", true),
    ("cached", true),
    ("retried", false),
    ("hit", false),
    ("error", false),
    ("level", true),
    ("lvl", false),
    ("time", true),
    // Levels.
    ("level >= warn", true),
    ("level >= WARNING", true),
    ("level > warn", false),
    ("level == \"warn\"", true),
    ("level < error", true),
    ("level != unknown", true),
    ("worst == \"err\"", true),
    ("worst > \"warn\"", true),
    ("worst > \"banana\"", false),
    ("level == fatal", false),
    ("lvl < trace", true),
    ("lvl == trace", false),
    ("lvl == unknown", true),
    ("severity >= warn", true),
    ("severity == \"error\"", true),
    ("severity == \"high\"", false),
    ("log.level == \"odd\"", true),
    ("log.level >= trace", false),
    ("log.level != trace", true),
    // Times.
    ("time > -2h", true),
    ("time > -30m", false),
    ("time >= -1h", true),
    ("time < now", true),
    ("time >= today", true),
    ("time < today", false),
    ("time >= YESTERDAY", true),
    ("time == \"2026-11-20T11:00:00Z\"", true),
    ("time == \"2026-11-20T13:00\"", true),
    ("time == \"2026-11-20 13:00\"", true),
    ("time == \"2026-11-20T12:00+01:00\"", true),
    ("time == '20/Nov/2026:11:00:00 +0000'", true),
    ("time > \"2026-11-20\"", true),
    ("time < \"2026-11-21\"", true),
    ("time < '9999-12-31'", true),
    ("time > '0001-01-01'", true),
    ("seen == \"2026-11-19T14:00:00\"", true),
    ("seen < \"soon\"", false),
    ("@timestamp >= \"2026-11-20T09\"", true),
    // Names.
    ("http.request-id == 'a-b'", true),
    ("`two words` == \"yes\"", true),
    ("`in` == 'x' and `in` in ('x')", true),
    ("`status`==503", true),
    // How they join.
    ("status AND NOT zero", true),
    ("! zero && !retried", true),
    ("status && zero", false),
    ("status&&!zero", true),
    ("zero||status", true),
    ("zero || retried", false),
    ("!!status", true),
    ("not not not status", false),
    ("zero and zero or status", true),
    ("status or zero and zero", true),
    ("(status or zero) and zero", false),
    ("not (zero or status)", false),
    ("not zero or status", true),
    ("not (status and not (zero or retried))", false),
    ("((((status))))", true),
    ("\n\tstatus\u{a0}== 503\r\n", true),
];

#[test]
fn matches() {
    let fields = event();
    for (text, expected) in ROWS {
        let expression = parse(text).unwrap_or_else(|error| panic!("{}", error.render(text)));
        assert_eq!(expression.matches(&Event(&fields)), *expected, "{text}");
    }
}

#[test]
fn names_are_told_once() {
    let expression = parse("b == 1 and (`a c` or not exists(b)) and d in (1) or b").unwrap();
    assert_eq!(expression.names(), ["b", "a c", "d"]);
}

#[test]
fn the_zone_moves_days() {
    // 2026-11-20T23:30Z is the 21st two hours further east.
    let now = NOW + 11 * HOUR + HOUR / 2;
    for (offset, expected) in [(0, NOW - 12 * HOUR), (OFFSET, NOW + 10 * HOUR)] {
        let today = Expression::parse("time == today", now, &WallClock::fixed(offset)).unwrap();
        assert!(today.matches(&Event(&[("time", Value::Time(expected))])));
        let yesterday =
            Expression::parse("time == yesterday", now, &WallClock::fixed(offset)).unwrap();
        let before = expected - 24 * HOUR;
        assert!(yesterday.matches(&Event(&[("time", Value::Time(before))])));
    }
    for extreme in [i64::MIN, i64::MAX] {
        for text in [
            "time > today",
            "time > yesterday",
            "time > -2h",
            "time > '2026-11-20'",
        ] {
            assert!(Expression::parse(text, extreme, &WallClock::fixed(extreme)).is_ok());
        }
    }
}

/// A condition over flags, evaluated by recursion.
#[derive(Clone, Debug)]
enum Tree {
    Flag(usize),
    Not(Box<Tree>),
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
}

const FLAGS: [&str; 5] = ["a", "b", "c", "d", "e"];

impl Tree {
    fn holds(&self, flags: &[bool]) -> bool {
        match self {
            Self::Flag(index) => flags[*index],
            Self::Not(inner) => !inner.holds(flags),
            Self::And(left, right) => left.holds(flags) & right.holds(flags),
            Self::Or(left, right) => left.holds(flags) | right.holds(flags),
        }
    }

    /// With parentheses only where they are needed; the power of what is outside is given.
    fn print(&self, outer: u8) -> String {
        let (power, text) = match self {
            Self::Flag(index) => return FLAGS[*index].to_owned(),
            Self::Not(inner) => (3, format!("not {}", inner.print(3))),
            Self::And(left, right) => (2, format!("{} and {}", left.print(2), right.print(2))),
            Self::Or(left, right) => (1, format!("{} or {}", left.print(1), right.print(1))),
        };
        if power < outer {
            format!("({text})")
        } else {
            text
        }
    }
}

fn tree() -> impl Strategy<Value = Tree> {
    let flag = (0..FLAGS.len()).prop_map(Tree::Flag);
    flag.prop_recursive(6, 40, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|tree| Tree::Not(tree.into())),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Tree::And(a.into(), b.into())),
            (inner.clone(), inner).prop_map(|(a, b)| Tree::Or(a.into(), b.into())),
        ]
    })
}

const TOKENS: &[&str] = &[
    "a",
    "time",
    "level",
    "took_ms",
    "`x y`",
    "and",
    "or",
    "not",
    "!",
    "&&",
    "||",
    "(",
    ")",
    ",",
    "==",
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "~",
    "!~",
    "in",
    "contains",
    "startswith",
    "endswith",
    "exists",
    "true",
    "false",
    "null",
    "5",
    "-3.5",
    "300ms",
    "-2h",
    "64KiB",
    "warn",
    "today",
    "\"x\"",
    "'2026-11-20'",
    "/a.*b/i",
    "\"(\"",
    "'\\n'",
    "\u{201c}",
    "\\",
    "'",
    "\u{e9}",
];

/// No panic, and an error with a place in the text that can be shown.
fn read(text: &str) {
    match parse(text) {
        Ok(expression) => {
            let fields = event();
            assert!(!expression.names().is_empty());
            let _ = expression.matches(&Event(&fields));
        }
        Err(error) => {
            assert!(error.span.start <= error.span.end && error.span.end <= text.len());
            assert!(text.is_char_boundary(error.span.start));
            assert!(text.is_char_boundary(error.span.end));
            assert!(error.render(text).contains('^'));
        }
    }
}

proptest! {
    #[test]
    fn parentheses_and_precedence(tree in tree(), flags in prop::array::uniform5(any::<bool>())) {
        let expression = parse(&tree.print(0)).unwrap();
        let fields: Vec<_> = FLAGS.into_iter().zip(flags.map(Value::Bool)).collect();
        prop_assert_eq!(expression.matches(&Event(&fields)), tree.holds(&flags));
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,60}") {
        read(&text);
    }

    #[test]
    fn any_tokens_are_read(
        tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..12),
        gap in prop::sample::select(&["", " ", "\n"][..]),
    ) {
        read(&tokens.join(gap));
    }

    #[test]
    fn a_negated_operator_is_the_opposite(
        name in prop::sample::select(&["status", "path", "code", "error", "level", "missing"][..]),
        pair in prop::sample::select(&[
            ("== 503", "!= 503"), ("== '42'", "!= '42'"), ("== null", "!= null"),
            ("~ '4'", "!~ '4'"), ("contains 'a'", "not contains 'a'"),
        ][..]),
    ) {
        prop_assume!(name != "level" || pair.0 != "== 503" && pair.0 != "== '42'");
        let fields = event();
        let plain = parse(&format!("{name} {}", pair.0)).unwrap().matches(&Event(&fields));
        let negated = parse(&format!("{name} {}", pair.1)).unwrap().matches(&Event(&fields));
        prop_assert_ne!(plain, negated);
    }
}
