//! Tables of texts with their events or the error's place.

mod common;

use std::borrow::Cow;

use common::compact;
use config::{Event, EventSink, Limits, ParseError, Span, parse};

/// A text, and its events without the document's, or the place of the error.
const ROWS: &[(&str, &str)] = &[
    // Nothing, and comments.
    ("a", ":a"),
    ("# c\na # c\n# d", ":a"),
    ("a#b", ":a#b"),
    ("a: b#c", "+MAP / :a / :b#c / -MAP"),
    ("'a'#c", "1:4"),
    ("[a, #c\n]", "+SEQ [] / :a / -SEQ"),
    ("[a,#c\n]", "1:4"),
    // Block collections and their indentation.
    ("a:\nb:", "+MAP / :a / : / :b / : / -MAP"),
    (
        "a:\n- b\nc: d",
        "+MAP / :a / +SEQ / :b / -SEQ / :c / :d / -MAP",
    ),
    (
        "a:\n  b:\n  c: d",
        "+MAP / :a / +MAP / :b / : / :c / :d / -MAP / -MAP",
    ),
    (
        "- - a\n  - b\n- c",
        "+SEQ / +SEQ / :a / :b / -SEQ / :c / -SEQ",
    ),
    (
        "- a: b\n  c: d",
        "+SEQ / +MAP / :a / :b / :c / :d / -MAP / -SEQ",
    ),
    ("-\n-", "+SEQ / : / : / -SEQ"),
    (
        "-\n- a\n-\n  - b",
        "+SEQ / : / :a / +SEQ / :b / -SEQ / -SEQ",
    ),
    ("a: b\n c: d", "2:3"),
    ("a:\n  b: c\n d: e", "3:2"),
    ("- a\n b: c", "2:3"),
    ("- a\nb: c", "2:1"),
    ("a: b\n- c", "2:1"),
    ("a: - b", "1:4"),
    ("a: b: c", "1:5"),
    ("a: 'b': c", "1:7"),
    ("--- a: b", "1:6"),
    ("--- - a", "1:5"),
    ("a\nb: c", "2:2"),
    ("a: b\nc", "2:2"),
    ("a\n- b: c", "2:4"),
    // Explicit and empty keys.
    ("? a\n: b", "+MAP / :a / :b / -MAP"),
    ("? a\n? b\n", "+MAP / :a / : / :b / : / -MAP"),
    (
        "?\n- a\n:\n- b",
        "+MAP / +SEQ / :a / -SEQ / +SEQ / :b / -SEQ / -MAP",
    ),
    (
        "? - a\n: - b",
        "+MAP / +SEQ / :a / -SEQ / +SEQ / :b / -SEQ / -MAP",
    ),
    (
        "? a: b\n: c: d",
        "+MAP / +MAP / :a / :b / -MAP / +MAP / :c / :d / -MAP / -MAP",
    ),
    (": a", "+MAP / : / :a / -MAP"),
    ("&x : a", "+MAP / &x : / :a / -MAP"),
    ("[a]: b", "+MAP / +SEQ [] / :a / -SEQ / :b / -MAP"),
    (
        "{a: b}: c\n[d]: e",
        "+MAP / +MAP {} / :a / :b / -MAP / :c / +SEQ [] / :d / -SEQ / :e / -MAP",
    ),
    ("[a,\nb]: c", "2:3"),
    ("\"a\nb\": c", "2:3"),
    // Tabs.
    ("\ta", ":a"),
    ("\ta: b", "1:3"),
    ("a:\n\tb", "2:1"),
    ("a:\n \tb", "+MAP / :a / :b / -MAP"),
    ("a:\n\tb: c", "2:1"),
    ("-\ta", "+SEQ / :a / -SEQ"),
    ("-\t- a", "1:3"),
    ("-\ta: b", "1:4"),
    ("a:\tb", "+MAP / :a / :b / -MAP"),
    ("a: b\n\t\nc: d", "+MAP / :a / :b / :c / :d / -MAP"),
    ("a: \"b\n\tc\"", "2:1"),
    ("\t[\n\ta\n\t]", "+SEQ [] / :a / -SEQ"),
    ("a: b\n\t\n c", "2:1"),
    ("- [\n\t\n a\n ]", "+SEQ / +SEQ [] / :a / -SEQ / -SEQ"),
    ("- [\n\ta,\n b\n ]", "2:1"),
    ("- \t- a", "1:4"),
    ("?\t- a", "1:3"),
    ("? a\n:\t- b", "2:3"),
    ("?\ta: b", "1:4"),
    ("? a\n:\tb: c", "2:4"),
    ("-\t-1", "+SEQ / :-1 / -SEQ"),
    ("a: |\n \t\nb: c", "+MAP / :a / |\\t\\n / :b / :c / -MAP"),
    ("a: |-\n \tb", "+MAP / :a / |\\tb / -MAP"),
    (
        "a: b\t\nc:\t\n - d\t\ne: f\t#g",
        "+MAP / :a / :b / :c / +SEQ / :d / -SEQ / :e / :f / -MAP",
    ),
    // Flow collections.
    ("[]", "+SEQ [] / -SEQ"),
    ("{}", "+MAP {} / -MAP"),
    ("[a, b,]", "+SEQ [] / :a / :b / -SEQ"),
    ("[a: b]", "+SEQ [] / +MAP {} / :a / :b / -MAP / -SEQ"),
    ("[? a : b]", "+SEQ [] / +MAP {} / :a / :b / -MAP / -SEQ"),
    ("[? a]", "+SEQ [] / +MAP {} / :a / : / -MAP / -SEQ"),
    ("[: b]", "+SEQ [] / +MAP {} / : / :b / -MAP / -SEQ"),
    (
        "[[a]: b, {c: d}: e]",
        "+SEQ [] / +MAP {} / +SEQ [] / :a / -SEQ / :b / -MAP / +MAP {} / +MAP {} / :c / :d / -MAP / :e / -MAP / -SEQ",
    ),
    (
        "[[[a]]: b]",
        "+SEQ [] / +MAP {} / +SEQ [] / +SEQ [] / :a / -SEQ / -SEQ / :b / -MAP / -SEQ",
    ),
    (
        "{\"a\":b, 'c':d, [e]:f}",
        "+MAP {} / \"a / :b / 'c / :d / +SEQ [] / :e / -SEQ / :f / -MAP",
    ),
    (
        "{a, b: , c:, :}",
        "+MAP {} / :a / : / :b / : / :c / : / : / : / -MAP",
    ),
    ("{a:b}", "+MAP {} / :a:b / : / -MAP"),
    ("{a\n b\n : c}", "+MAP {} / :a b / :c / -MAP"),
    ("[a\n: b]", "2:1"),
    ("[,]", "1:2"),
    ("[a,,b]", "1:4"),
    ("[a b, \"c\" d]", "1:11"),
    ("[-]", "1:2"),
    ("[a}", "1:3"),
    ("[a", "1:1"),
    ("a: {b: [c", "1:8"),
    ("a: [\nb]", "2:1"),
    ("a: [b\n]", "2:1"),
    ("[a\n---\n]", "2:1"),
    (
        "[!!str, &x , *x ]",
        "+SEQ [] / <tag:yaml.org,2002:str> : / &x : / =ALI *x / -SEQ",
    ),
    // Content needs white space after its properties (7.5, ns-flow-node).
    ("[&a[b]]", "1:4"),
    ("[!t[b]]", "1:4"),
    ("{!!map{a: b}: c}", "1:7"),
    ("{a: &a{b}}", "1:7"),
    ("[&a, !t]", "+SEQ [] / &a : / <!t> : / -SEQ"),
    ("{http://a: b}", "+MAP {} / :http://a / :b / -MAP"),
    // Plain scalars.
    ("=", ":="),
    ("a\n b\n\n c", ":a b\\nc"),
    (
        "a: -b\nc: ?d\ne: :f",
        "+MAP / :a / :-b / :c / :?d / :e / ::f / -MAP",
    ),
    ("a: b  \n  c\n", "+MAP / :a / :b c / -MAP"),
    ("a b: c:d", "+MAP / :a b / :c:d / -MAP"),
    ("a\n# c\nb", "3:1"),
    ("@a", "1:1"),
    ("a: %b", "1:4"),
    ("a: [b]c", "1:7"),
    ("a\r\nb\rc", ":a b c"),
    // Quoted scalars.
    ("'it''s'", "'it's"),
    ("'a\n  b\n\n c'", "'a b\\nc"),
    ("\"\\x41\\u00e9\\U0001F600\\t\\\\\"", "\"Aé😀\\t\\\\"),
    ("\"\\ud83d\\ude00\"", "\"😀"),
    ("\"\\ud83d\"", "1:2"),
    ("\"\\0\"", "\"\\0"),
    ("\"\\q\"", "1:2"),
    ("\"\\x4g\"", "1:2"),
    ("\"a \\\n  b\"", "\"a b"),
    ("\"a\\\n\n b\"", "\"a\\nb"),
    ("\"a\\t\n b\"", "\"a\\t b"),
    ("\"a", "1:1"),
    ("x: 'a", "1:4"),
    ("\"a\n---\n\"", "2:1"),
    ("\"a\\", "1:3"),
    // Block scalars.
    ("|\n a\n  b\n", "|a\\n b\\n"),
    ("|-\n a\n\n", "|a"),
    ("|+\n a\n\n", "|a\\n\\n"),
    (">\n a\n b\n\n c\n", ">a b\\nc\\n"),
    (">\n a\n  b\n c\n", ">a\\n b\\nc\\n"),
    ("a: |1\n  b", "+MAP / :a / | b\\n / -MAP"),
    ("a: |-1\n b\nc: >1-\n d", "+MAP / :a / |b / :c / >d / -MAP"),
    ("a: |\nb: c", "+MAP / :a / | / :b / :c / -MAP"),
    ("- |\n a\n# c\n- b", "+SEQ / |a\\n / :b / -SEQ"),
    ("|\n   \n a", "2:4"),
    ("|0\n a", "1:2"),
    ("| a", "1:3"),
    ("a: |\n  b\n c", "3:2"),
    // A tab line behind a block scalar is no comment of its (8.1.1.2, l-trail-comments).
    ("a: |\n\t\nb: c", "2:1"),
    ("a: |\n  b\n\t\nc: d", "3:1"),
    ("- |\n  b\n \t# c\n- d", "3:2"),
    (
        "a: |\n  b\n# c\n\t\nc: d",
        "+MAP / :a / |b\\n / :c / :d / -MAP",
    ),
    ("a: |\n  b\n\t# c\n\t\n", "+MAP / :a / |b\\n / -MAP"),
    // Anchors, aliases, tags.
    ("- &a b\n- *a", "+SEQ / &a :b / =ALI *a / -SEQ"),
    (
        "- &a b\n- &a c\n- *a",
        "+SEQ / &a :b / &a :c / =ALI *a / -SEQ",
    ),
    ("&a\n&b c: d", "+MAP &a / &b :c / :d / -MAP"),
    ("&a [b]: c", "+MAP / +SEQ [] &a / :b / -SEQ / :c / -MAP"),
    ("&a\n[b]: c", "+MAP &a / +SEQ [] / :b / -SEQ / :c / -MAP"),
    ("&a\n[b,\n c]", "+SEQ [] &a / :b / :c / -SEQ"),
    (
        "- !!map &a\n  b: c",
        "+SEQ / +MAP &a <tag:yaml.org,2002:map> / :b / :c / -MAP / -SEQ",
    ),
    ("&a [*a ]", "+SEQ [] &a / =ALI *a / -SEQ"),
    ("*a", "1:1"),
    ("- &a b\n- &c *a", "2:6"),
    ("&a &b c", "1:4"),
    ("&a\n&b c", "2:1"),
    ("!a !b c", "1:4"),
    ("&a - b", "1:4"),
    ("a: &b c: d", "1:8"),
    ("& a", "1:1"),
    ("&a]", "1:3"),
    ("! a", "<!> :a"),
    ("!<!a> b", "<!a> :b"),
    ("!<a> b", "1:1"),
    ("!<> b", "1:1"),
    ("!!a%21%C3%A9 b", "<tag:yaml.org,2002:a!é> :b"),
    ("!a%FF b", "1:2"),
    ("!a%2 b", "1:2"),
    ("!e!a b", "1:1"),
    ("!! a", "1:1"),
    ("!!str, a", "1:1"),
    // Keys that look like something else.
    ("{ ? a :, : b, }", "+MAP {} / :a / : / : / :b / -MAP"),
    ("[?a]", "+SEQ [] / :?a / -SEQ"),
    (
        "- ? : a",
        "+SEQ / +MAP / +MAP / : / :a / -MAP / : / -MAP / -SEQ",
    ),
    ("- a\n - b", "+SEQ / :a - b / -SEQ"),
    ("'a: b': c", "+MAP / 'a: b / :c / -MAP"),
    ("a: >#b\n c", "1:5"),
    ("a: 'b' c: d", "1:8"),
    ("- - \"a\n   b\": c", "2:6"),
    // Directives and documents.
    ("%YAML 1.2\na", "1:1"),
    ("%YAML 1.2\n", "1:1"),
    ("%YAML 2.0\n---\n", "1:1"),
    ("%YAML 1.2\n%YAML 1.2\n---\n", "2:1"),
    ("%YAML 1.2 a\n---\n", "1:10"),
    ("%TAG ! a\n%TAG ! b\n---\n", "2:1"),
    ("%TAG !a b\n---\n", "1:1"),
    ("'a'\n%YAML 1.2\n---\n", "2:1"),
    ("a\n\u{FEFF}b", "2:2"),
    ("a\u{FEFF}", "1:2"),
    ("\"\u{FEFF}\u{7F}\"", "\"\u{FEFF}\u{7F}"),
    ("a: \u{7F}", "1:4"),
    ("# \u{80}", "1:3"),
    ("ab\0: 1", "1:3"),
    ("a: é\u{1}", "1:5"),
];

#[test]
fn rows() {
    let mut failures = Vec::new();
    for (input, expected) in ROWS {
        let found = compact(input.as_bytes(), &Limits::default());
        let found = found
            .strip_prefix("+DOC / ")
            .and_then(|found| found.strip_suffix(" / -DOC"))
            .unwrap_or(&found);
        if found != *expected {
            failures.push(format!(
                "{input:?}\n  expected {expected}\n  found    {found}"
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn streams() {
    let rows: &[(&str, &str)] = &[
        ("", ""),
        ("# c\n", ""),
        ("...\n", ""),
        ("---", "+DOC --- / : / -DOC"),
        ("---\n---\n", "+DOC --- / : / -DOC / +DOC --- / : / -DOC"),
        ("a\n...\nb", "+DOC / :a / -DOC ... / +DOC / :b / -DOC"),
        (
            "a\n...\n%YAML 1.2\n---\nb",
            "+DOC / :a / -DOC ... / +DOC --- / :b / -DOC",
        ),
        (
            "a\n\u{FEFF}# c\n---\nb",
            "+DOC / :a / -DOC / +DOC --- / :b / -DOC",
        ),
        (
            "a\n%b\n---\nc",
            "+DOC / :a %b / -DOC / +DOC --- / :c / -DOC",
        ),
        (
            "--- |\na\n---\nb",
            "+DOC --- / |a\\n / -DOC / +DOC --- / :b / -DOC",
        ),
        ("&a b\n---\n*a", "3:1"),
        ("%TAG !e! tag:e:\n---\n!e!a b\n---\n!e!a c", "5:1"),
        ("... a", "1:5"),
        ("%YAML 1.1#\n---\n", "1:1"),
        ("%YAML \t 1.1 # c\n---\na", "+DOC --- / :a / -DOC"),
        ("%YAM 1.1\n%YAMLL 1.1\n---\na", "+DOC --- / :a / -DOC"),
        ("---\n%YAML 1.2\n---\n", "2:1"),
        // A byte order mark starts a document; directives go to the `---` behind them (9.1.5).
        ("%YAML 1.2\n\u{FEFF}---\na", "1:1"),
        ("\u{FEFF}%YAML 1.2\n---\na", "+DOC --- / :a / -DOC"),
        ("\u{FEFF}\u{FEFF}# c\n\u{FEFF}a", "+DOC / :a / -DOC"),
    ];
    for (input, expected) in rows {
        assert_eq!(
            compact(input.as_bytes(), &Limits::default()),
            *expected,
            "{input:?}"
        );
    }
}

/// Counts the scalars that are not borrowed, and stops at one that says so.
struct Owned(usize);

impl EventSink for Owned {
    type Error = String;

    fn event(&mut self, event: Event<'_>, _: Span) -> Result<(), String> {
        match event {
            Event::Scalar { value, .. } if value == "stop" => Err(value.into_owned()),
            Event::Scalar {
                value: Cow::Owned(_),
                ..
            } => {
                self.0 += 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

#[test]
fn scalars_on_one_line_are_borrowed() {
    let mut sink = Owned(0);
    let text = "a b: 'c d'\n\"e f\": [g, 'h', \"i\", {j: k}]\n? l\n: \n# m\n";
    assert!(parse(text.as_bytes(), &Limits::default(), &mut sink).is_ok());
    assert_eq!(sink.0, 0);
}

#[test]
fn a_sink_can_stop() {
    let result = parse(b"- a\n- stop\n- [", &Limits::default(), &mut Owned(0));
    assert_eq!(result, Err(ParseError::Sink("stop".to_owned())));
}

#[test]
fn directives_are_told() {
    struct Heads(Vec<String>);
    impl EventSink for Heads {
        type Error = std::convert::Infallible;

        fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Self::Error> {
            if let Event::DocumentStart { version, tags, .. } = event {
                let version = version.map(|version| (version.major, version.minor));
                self.0
                    .push(format!("{version:?} {tags:?} {}..{}", span.start, span.end));
            }
            Ok(())
        }
    }
    let mut heads = Heads(Vec::new());
    let text = "%YAML 1.1\n%TAG !e! tag:e:\n---\n...\n---\n";
    assert!(parse(text.as_bytes(), &Limits::default(), &mut heads).is_ok());
    assert_eq!(
        heads.0,
        [
            "Some((1, 1)) [(\"!e!\", \"tag:e:\")] 26..29",
            "None [] 34..37"
        ]
    );
}
