//! Encodings, limits, and inputs made to hurt.

mod common;

use std::convert::Infallible;

use common::{Listing, compact, to_test_events};
use config::{Event, EventSink, Limits, Span, SyntaxErrorKind, parse};

#[test]
fn encodings() {
    let text = "\u{FEFF}é: 😀\n";
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let utf32: Vec<u32> = text.chars().map(u32::from).collect();
    let expected = "+DOC / +MAP / :é / :😀 / -MAP / -DOC";
    let forms: [Vec<u8>; 5] = [
        text.as_bytes().to_vec(),
        utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        utf32.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        utf32.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
    ];
    for form in &forms {
        assert_eq!(compact(form, &Limits::default()), expected, "{form:?}");
    }
    let ascii = "- a";
    let plain: [Vec<u8>; 4] = [
        ascii.bytes().flat_map(|byte| [byte, 0]).collect(),
        ascii.bytes().flat_map(|byte| [0, byte]).collect(),
        ascii.bytes().flat_map(|byte| [byte, 0, 0, 0]).collect(),
        ascii.bytes().flat_map(|byte| [0, 0, 0, byte]).collect(),
    ];
    for form in &plain {
        assert_eq!(
            compact(form, &Limits::default()),
            "+DOC / +SEQ / :a / -SEQ / -DOC",
            "{form:?}"
        );
    }
}

#[test]
fn broken_encodings_name_the_byte() {
    let rows: &[(&[u8], &str, usize, &str)] = &[
        (b"a: \xFF", "UTF-8", 3, "1:4"),
        (b"\xEF\xBB\xBFa\n\xC3", "UTF-8", 5, "2:1"),
        (b"a\xED\xA0\x80", "UTF-8", 1, "1:2"),
        (b"\xFF\xFEa\0\x00\xD8", "UTF-16LE", 4, "1:2"),
        (b"\xFE\xFF\0a\0", "UTF-16BE", 4, "1:2"),
        (b"\0\0\xFE\xFF\0\0\xD8\0", "UTF-32BE", 4, "1:1"),
    ];
    for (input, name, at, place) in rows {
        let error = to_test_events(input, &Limits::default()).unwrap_err();
        assert_eq!(
            error.kind,
            SyntaxErrorKind::Encoding {
                encoding: name,
                byte: *at
            }
        );
        assert_eq!(
            format!("{}:{}", error.position.line, error.position.column),
            *place,
            "{input:?}"
        );
    }
}

#[test]
fn limits_are_named() {
    let deep = |unit: &str| unit.repeat(100_000);
    for text in [
        deep("["),
        deep("{a: "),
        deep("- "),
        deep("? "),
        deep("[? "),
        deep("[[a]: "),
    ] {
        let error = to_test_events(text.as_bytes(), &Limits::default()).unwrap_err();
        assert_eq!(
            error.kind,
            SyntaxErrorKind::TooDeep { limit: 1_000 },
            "{}",
            &text[..6]
        );
    }
    let at = |depth: usize| {
        to_test_events(
            "[".repeat(depth).as_bytes(),
            &Limits::default().with_depth(3),
        )
        .unwrap_err()
    };
    assert_eq!(at(3).kind, SyntaxErrorKind::Unclosed { what: "`[`" });
    assert_eq!(at(4).kind, SyntaxErrorKind::TooDeep { limit: 3 });

    let small = Limits::default().with_scalar_bytes(4);
    for text in [
        "abcde",
        "'abcde'",
        "\"abcd\\n\"",
        "|\n abcd\n",
        ">\n abc\n de",
        "ab\n cd",
        "'ab\n cd'",
        "abcde: f",
        "[abcde]",
    ] {
        let error = to_test_events(text.as_bytes(), &small).unwrap_err();
        assert_eq!(
            error.kind,
            SyntaxErrorKind::ScalarTooLong { limit: 4 },
            "{text}"
        );
        assert!(error.to_string().contains("scalar_bytes"));
    }
    assert!(to_test_events(b"abcd", &small).is_ok());

    let error = to_test_events(b"abcdef", &Limits::default().with_input_bytes(5)).unwrap_err();
    assert_eq!(error.kind, SyntaxErrorKind::InputTooLong { limit: 5 });
}

#[test]
fn keys_have_1024_characters() {
    let key = |length: usize| "é".repeat(length);
    for (before, after) in [
        ("", ": a"),
        ("\"", "\": a"),
        ("[", "]: a"),
        ("- ", ": a"),
        ("[", ": a]"),
        ("[[", "]: a]"),
    ] {
        let own = before.replace('-', "").trim().len() + after.find(':').unwrap();
        let own = if after == ": a]" || before == "[[" {
            own - 1
        } else {
            own
        };
        let text = |length| format!("{before}{}{after}", key(length));
        assert!(
            to_test_events(text(1024 - own).as_bytes(), &Limits::default()).is_ok(),
            "{before}"
        );
        let error = to_test_events(text(1025).as_bytes(), &Limits::default()).unwrap_err();
        assert_eq!(error.kind, SyntaxErrorKind::KeyTooLong, "{before}");
    }
    let braces = format!("{{{}: a}}", key(3000));
    assert!(to_test_events(braces.as_bytes(), &Limits::default()).is_ok());
    let explicit = format!("? {}\n: a", key(3000));
    assert!(to_test_events(explicit.as_bytes(), &Limits::default()).is_ok());
}

#[test]
fn errors_show_the_line() {
    let error = to_test_events("a: b\nçé: [c}\n".as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!(
        (error.offset, error.position.excerpt.as_str()),
        (13, "çé: [c}")
    );
    assert_eq!(error.to_string(), "2:7: expected `]`");
}

/// Units of a repeated text: at this many, what is quadratic runs for hours.
const UNITS: usize = 1_000_000;

/// Takes every event and keeps none.
struct Silent;

impl EventSink for Silent {
    type Error = Infallible;

    fn event(&mut self, _: Event<'_>, _: Span) -> Result<(), Infallible> {
        Ok(())
    }
}

/// A text of a kind, as long as the number says.
type Shape = Box<dyn Fn(usize) -> String>;

#[test]
fn long_texts_of_every_kind_come_to_an_end() {
    let numbered =
        |count: usize, form: fn(usize) -> String| (0..count).map(form).collect::<String>();
    let long_prefix = |count: usize| {
        format!(
            "%TAG !e! tag:{}\n---\n{}",
            "a".repeat(count),
            "- !e!x y\n".repeat(count / 10)
        )
    };
    let shapes: Vec<(&str, Shape)> = vec![
        ("questions", Box::new(|n| "? a\n".repeat(n))),
        ("bare questions", Box::new(|n| "?\n".repeat(n))),
        (
            "anchors",
            Box::new(move |n| numbered(n / 4, |i| format!("- &a{i} b\n"))),
        ),
        (
            "documents after anchors",
            Box::new(move |n| {
                let anchors = numbered(n, |i| format!("- &a{i}\n"));
                anchors + &"--- &a\n".repeat(n)
            }),
        ),
        (
            "documents after handles",
            Box::new(move |n| {
                let handles = numbered(n / 4, |i| format!("%TAG !e{i}! tag:e\n"));
                handles + "---\n...\n" + &"%TAG !e! tag:e\n---\n...\n".repeat(n / 4)
            }),
        ),
        (
            "aliases",
            Box::new(move |n| format!("- &a b\n{}", "- *a\n".repeat(n))),
        ),
        ("plain lines", Box::new(|n| "abc\n".repeat(n))),
        (
            "blank lines in text",
            Box::new(|n| format!("a{}b", "\n".repeat(n))),
        ),
        (
            "blank lines after text",
            Box::new(|n| format!("- - - - a{}- b", "\n".repeat(n))),
        ),
        (
            "comments",
            Box::new(|n| format!("- - - -\n{}- b", "# c\n".repeat(n))),
        ),
        (
            "flow comments",
            Box::new(|n| format!("[a\n{}]", "# c\n".repeat(n))),
        ),
        ("long key", Box::new(|n| format!("{}: a", "a ".repeat(n)))),
        (
            "long flow keys",
            Box::new(|n| format!("[{}]", "[a, b], ".repeat(n / 2))),
        ),
        (
            "nested flow keys",
            Box::new(|n| format!("{}{}", "[".repeat(900), "a, ".repeat(n))),
        ),
        ("flow keys in lines", Box::new(|n| "[a]: b\n".repeat(n / 2))),
        (
            "quoted lines",
            Box::new(|n| format!("\"{}\"", "a\n".repeat(n))),
        ),
        ("escapes", Box::new(|n| format!("\"{}\"", "\\n".repeat(n)))),
        (
            "block lines",
            Box::new(|n| format!("|\n{}", " a\n".repeat(n))),
        ),
        ("directives", Box::new(|n| "%a b\n".repeat(n))),
        (
            "handles",
            Box::new(move |n| numbered(n / 8, |i| format!("%TAG !e{i}! tag:e\n"))),
        ),
        ("markers", Box::new(|n| "---\n".repeat(n))),
        ("long prefix", Box::new(move |n| long_prefix(n / 100))),
    ];
    for (_, shape) in shapes {
        // No clock here: what is not linear outlasts the limit of time that the tests have.
        let _ = parse(shape(UNITS).as_bytes(), &Limits::default(), &mut Silent);
    }
}

/// Texts that hold every construct, to be cut and to have their line breaks changed.
const TEXTS: &[&str] = &[
    "%YAML 1.2\n%TAG !e! tag:example.org,2000:\n--- !e!app # note\nname: &anchor value\ncopy: *anchor\n...\n",
    "servers:\n- host: db1\n  ports: [5432, 5433]\n- host: 'it''s'\n  tags: {a: 1, ? b : 2, \"c\":3}\n",
    "text: |-\n  one\n\n   two\n  three\nfolded: >+2\n    four\n  five\n\n\nend: true\n",
    "? complex\n  key\n: - nested\n  - - deeper\n    - !!str deepest\n? [flow, key]\n: !<tag:x> {}\n",
    "plain text over\n  several lines\n\n  and a paragraph\n# comment\n---\n\"quoted \\u263A\\\n  joined\n\n  broken\"\n--- |1\n  kept\n...\n",
    "[a, b: c, ? d : e, [f, [g]], {h: [i], j}]\n",
    "- \n- # empty\n- !!null\n- &a\n- *a\n-\ttab\n",
    "\u{feff}a: 'x\n  y'\nb: \"\\x41\\t\\\"\"\n\n\n",
];

#[test]
fn every_prefix_is_fine() {
    for text in TEXTS {
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let _ = parse(
                &text.as_bytes()[..end],
                &Limits::default(),
                &mut Listing::default(),
            );
        }
    }
}

#[test]
fn line_breaks_are_all_the_same() {
    for text in TEXTS {
        let expected = to_test_events(text.as_bytes(), &Limits::default()).ok();
        assert!(expected.is_some(), "{text:?}");
        for other in ["\r\n", "\r"] {
            let found =
                to_test_events(text.replace('\n', other).as_bytes(), &Limits::default()).ok();
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
