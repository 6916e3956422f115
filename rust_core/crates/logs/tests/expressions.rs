//! Expressions: what they match, and the messages of those that cannot be read. Expected values
//! come from the section "Expressions" of `docs/logs.md`.

#![allow(clippy::unwrap_used)]

use logs::expression::{Expression, ExpressionError, Fields, Problem, Value};
use logs::level::Level;
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
    Expression::parse(text, NOW, OFFSET)
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

/// An expression and what is shown of its first mistake.
const MISTAKES: &[(&str, &str)] = &[
    (
        "",
        "the expression is empty; write a condition, as in status >= 500\n  \n  ^",
    ),
    (
        "   ",
        "the expression is empty; write a condition, as in status >= 500\n     \n  ^",
    ),
    (
        "path == \"/api",
        "this `\"` has no closing one\n  path == \"/api\n          ^",
    ),
    (
        "path == 'a\\",
        "this `'` has no closing one\n  path == 'a\\\n          ^",
    ),
    (
        "path ~ /a\\/",
        "this `/` has no closing one\n  path ~ /a\\/\n         ^",
    ),
    (
        "`path == 1",
        "this ``` has no closing one\n  `path == 1\n  ^",
    ),
    (
        "a and (b or c",
        "this parenthesis is not closed\n  a and (b or c\n        ^",
    ),
    (
        "a in (1, 2",
        "this parenthesis is not closed\n  a in (1, 2\n       ^",
    ),
    (
        "a or b)",
        "this parenthesis closes none\n  a or b)\n        ^",
    ),
    (
        "status >> 5",
        "`>>` is no operator; there are == = != < <= > >= ~ !~ in contains startswith endswith\n  \
         status >> 5\n         ^~",
    ),
    (
        "a =~ 'x'",
        "`=~` is no operator; there are == = != < <= > >= ~ !~ in contains startswith endswith\n  \
         a =~ 'x'\n    ^~",
    ),
    (
        "status = ",
        "expected a value: a number, a text in quotes, true, false or null, found the end\n  \
         status = \n          ^",
    ),
    (
        "len(path) > 5",
        "there is no function `len`; the only one is exists(name)\n  len(path) > 5\n  ^~~",
    ),
    (
        "exists('path')",
        "expected the name of a field, found `'path'`\n  exists('path')\n         ^~~~~~",
    ),
    (
        "exists(a b)",
        "expected `)`, found `b`\n  exists(a b)\n           ^",
    ),
    (
        "level >= wrn2",
        "`wrn2` is no level; levels are trace debug info notice warning error critical alert \
         emergency unknown\n  level >= wrn2\n           ^~~~",
    ),
    (
        "level == \"banana\"",
        "`\"banana\"` is no level; levels are trace debug info notice warning error critical alert \
         emergency unknown\n  level == \"banana\"\n           ^~~~~~~~",
    ),
    (
        "level > 3",
        "expected a level, such as warning, found `3`\n  level > 3\n          ^",
    ),
    (
        "severity > banana",
        "`banana` has to stand in quotes: two fields cannot be compared\n  severity > banana\n             ^~~~~~",
    ),
    (
        "user == \u{201c}root\u{201d}",
        "`\u{201c}` is a quote of typesetting; write \" or '\n  user == \u{201c}root\u{201d}\n          ^",
    ),
    (
        "path ~ \"^/(api|web\"",
        "in the regular expression: unclosed group\n  path ~ \"^/(api|web\"\n            ^",
    ),
    (
        "path ~ /a{2,1}/",
        "in the regular expression: invalid repetition count range, the start must be <= the end\n  \
         path ~ /a{2,1}/\n           ^~~~~",
    ),
    (
        "path ~ '\\pX'",
        "in the regular expression: Unicode property not found\n  path ~ '\\pX'\n          ^~~",
    ),
    (
        "path ~ '(?:\\w{9999}){9999}'",
        "the regular expression is too large; repeat less, or use (?-u) for ASCII classes\n  \
         path ~ '(?:\\w{9999}){9999}'\n         ^~~~~~~~~~~~~~~~~~~~",
    ),
    (
        "path ~ /a/gi",
        "`gi` is no flag; the only one is i, which takes capital and small letters alike\n  \
         path ~ /a/gi\n            ^~",
    ),
    (
        "status ~ 5",
        "expected a regular expression in quotes or slashes, found `5`\n  status ~ 5\n           ^",
    ),
    (
        "path contains 5",
        "expected a text in quotes, found `5`\n  path contains 5\n                ^",
    ),
    (
        "took_ms > 5x",
        "`x` is no unit; durations have ns us ms s m h d, sizes B kB MB GB TB KiB MiB GiB TiB\n  \
         took_ms > 5x\n            ^~",
    ),
    (
        "took > 300ms",
        "the name `took` does not tell what it counts: a duration goes with names that end with \
         _ns, _us, _ms, _s, _sec or _seconds; write a number without a unit\n  \
         took > 300ms\n         ^~~~~",
    ),
    (
        "date > 2026-11-20",
        "`2026-11-20` is no number; a date, an address or another text stands in quotes\n  \
         date > 2026-11-20\n         ^~~~~~~~~~",
    ),
    (
        "a == 007",
        "`007` is no number; a date, an address or another text stands in quotes\n  a == 007\n       ^~~",
    ),
    (
        "a < 1e999",
        "`1e999` is too large a number\n  a < 1e999\n      ^~~~~",
    ),
    (
        "time > \"nonsense\"",
        "`\"nonsense\"` is no time; write \"2026-11-20T10:00\", now, today, yesterday, or -2h for \
         two hours ago\n  time > \"nonsense\"\n         ^~~~~~~~~~",
    ),
    (
        "time > 2h",
        "`2h` is no time; write \"2026-11-20T10:00\", now, today, yesterday, or -2h for two hours \
         ago\n  time > 2h\n         ^~",
    ),
    (
        "time > tomorrow",
        "`tomorrow` is no time; write \"2026-11-20T10:00\", now, today, yesterday, or -2h for two \
         hours ago\n  time > tomorrow\n         ^~~~~~~~",
    ),
    (
        "time > 5",
        "expected a time in quotes, now, today, yesterday, or a duration ago, as -2h, found `5`\n  \
         time > 5\n         ^",
    ),
    (
        "time ~ '10:00'",
        "`~` reads texts, and `time` is a time; compare it with < <= > >=\n  time ~ '10:00'\n       ^",
    ),
    (
        "1 < a < 3",
        "expected the name of a field, found `1`\n  1 < a < 3\n  ^",
    ),
    (
        "a > 1 < 3",
        "comparisons do not chain; join two of them with `and`\n  a > 1 < 3\n        ^",
    ),
    (
        "a = b",
        "`b` has to stand in quotes: two fields cannot be compared\n  a = b\n      ^",
    ),
    (
        "user == `b c`",
        "`b c` has to stand in quotes: two fields cannot be compared\n  user == `b c`\n          ^~~~~",
    ),
    (
        "a in (b)",
        "`b` has to stand in quotes: two fields cannot be compared\n  a in (b)\n        ^",
    ),
    (
        "a in ()",
        "expected a value: a number, a text in quotes, true, false or null, found `)`\n  a in ()\n        ^",
    ),
    (
        "a in (1 2)",
        "expected `,` or `)`, found `2`\n  a in (1 2)\n          ^",
    ),
    (
        "a in 1",
        "expected a list of values in parentheses, found `1`\n  a in 1\n       ^",
    ),
    (
        "a not 5",
        "expected in, contains, startswith or endswith, found `5`\n  a not 5\n        ^",
    ),
    (
        "a b",
        "expected `and`, `or` or the end, found `b`\n  a b\n    ^",
    ),
    (
        "a and",
        "expected the name of a field, found the end\n  a and\n       ^",
    ),
    ("()", "expected the name of a field, found `)`\n  ()\n   ^"),
    (
        "a <= null",
        "`<=` cannot stand before null; only == and != can\n  a <= null\n       ^~~~",
    ),
    (
        "In == 'x'",
        "`In` is a word of the language; a field of this name stands in back quotes\n  In == 'x'\n  ^~",
    ),
    (
        "`` == 1",
        "a name has at least one character\n  `` == 1\n  ^~",
    ),
    (
        "a == '\\d'",
        "`\\d` is no escape of a text; a backslash is written twice\n  a == '\\d'\n        ^~",
    ),
    (
        "path ~ ^/api",
        "nothing begins with `^`; a text stands in quotes, an unusual name in back quotes\n  \
         path ~ ^/api\n         ^",
    ),
    (
        "a ==\n\n",
        "expected a value: a number, a text in quotes, true, false or null, found the end\n  a ==\n      ^",
    ),
    // Characters beyond ASCII, several lines, and what would steer a terminal.
    (
        "gr\u{f6}\u{df}e == '\u{1f600}' and \u{e9}t\u{e9} = caf\u{e9}",
        "`caf\u{e9}` has to stand in quotes: two fields cannot be compared\n  \
         gr\u{f6}\u{df}e == '\u{1f600}' and \u{e9}t\u{e9} = caf\u{e9}\n                         ^~~~",
    ),
    (
        "a == 1\n  and b = c\n  and d",
        "`c` has to stand in quotes: two fields cannot be compared\n    and b = c\n            ^",
    ),
    (
        "a == 1 and\nb = caf\u{e9}",
        "`caf\u{e9}` has to stand in quotes: two fields cannot be compared\n  b = caf\u{e9}\n      ^~~~",
    ),
    (
        "a == 'x\ny",
        "this `'` has no closing one\n  a == 'x\n       ^",
    ),
    (
        "a\t\t= \u{1b}[1m",
        "nothing begins with `\\u{1b}`; a text stands in quotes, an unusual name in back quotes\n  \
         a  =  [1m\n       ^",
    ),
];

#[test]
fn mistakes() {
    for (text, expected) in MISTAKES {
        let error = parse(text).expect_err(text);
        assert_eq!(error.render(text), *expected, "\n{}", error.render(text));
    }
}

/// What the documentation shows is what is shown.
#[test]
fn the_documentation_is_right() {
    let page = include_str!("../../../../docs/logs.md");
    let (_, section) = page.split_once("\n## Expressions\n").unwrap();
    let (table, rest) = section.split_once("The grammar").unwrap();
    let rows = table.lines().filter_map(|row| row.strip_prefix("| `"));
    let mut count = 0;
    for row in rows {
        let (text, _) = row.split_once("` |").unwrap();
        assert!(parse(text).is_ok(), "{text}");
        count += 1;
    }
    assert_eq!(count, 5);
    let (_, block) = rest.split_once("```text\n").unwrap();
    let (block, _) = block.split_once("\n```").unwrap();
    let text = block.lines().nth(1).unwrap().trim_start();
    assert_eq!(parse(text).unwrap_err().render(text), block);
}

#[test]
fn a_long_line_is_shown_in_part() {
    let text = format!("{0} and c >> 5 and {0}", ["b"; 50].join(" or "));
    let error = parse(&text).unwrap_err();
    let shown = error.render(&text);
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(lines[1].chars().count(), 102);
    let column = lines[2].find('^').unwrap();
    assert_eq!(column, 62);
    assert_eq!(&lines[1][column..column + 2], ">>");
}

/// A text past each limit, one at it, and the problem.
#[test]
fn limits() {
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    let tests = |count: usize| vec!["a"; count].join(" and ");
    let regexes = |count: usize| vec!["a ~ 'b'"; count].join(" or ");
    let list = |count: usize| format!("a in ({})", vec!["1"; count].join(","));
    let long = |length: usize| format!("a == '{}'", "x".repeat(length - 7));
    for (at, past, problem) in [
        (nested(100), nested(101), Problem::TooDeep),
        (tests(1_000), tests(1_001), Problem::TooManyOperands),
        (list(999), list(1_000), Problem::TooManyOperands),
        (regexes(32), regexes(33), Problem::TooManyRegexes),
        (long(65_536), long(65_537), Problem::TooLong),
    ] {
        assert!(parse(&at).is_ok(), "{problem}");
        let error = parse(&past).unwrap_err();
        assert_eq!(error.problem, problem);
        assert!(!error.render(&past).is_empty());
    }
    // None of these goes deeper.
    assert!(parse(&["(a)"; 101].join(" or ")).is_ok());
    assert!(parse(&format!("{} a", "not ".repeat(16_000))).is_ok());
    assert!(parse(&format!("a ~ '{}'", "(".repeat(60_000))).is_err());
    assert!(parse(&format!("a ~ '{}{}'", "(".repeat(200), ")".repeat(200))).is_err());
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
        let today = Expression::parse("time == today", now, offset).unwrap();
        assert!(today.matches(&Event(&[("time", Value::Time(expected))])));
        let yesterday = Expression::parse("time == yesterday", now, offset).unwrap();
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
            assert!(Expression::parse(text, extreme, extreme).is_ok());
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
