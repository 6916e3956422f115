//! Expressions that cannot be read: the messages, the places and the limits.

#![allow(clippy::unwrap_used)]

use logs::expression::{Expression, ExpressionError, Problem};
use logs::time::WallClock;

fn parse(text: &str) -> Result<Expression, ExpressionError> {
    Expression::parse(text, 0, &WallClock::default())
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
