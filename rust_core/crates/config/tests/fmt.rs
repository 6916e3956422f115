//! One style: what the text says and its comments stay, and a second time nothing changes.

#![allow(clippy::unwrap_used)]

mod common;

use config::Limits;
use config::fmt::{FormatError, Language, Sequences, Style, format};
use proptest::prelude::*;

fn yaml(text: &str, style: Style) -> Result<String, FormatError> {
    let new = format(text.as_bytes(), Language::Yaml, style, &Limits::default());
    new.map(|new| String::from_utf8(new).unwrap())
}

// By hand, from the rules in docs/config.md.
const ROWS: &[(&str, &str)] = &[
    ("", ""),
    ("a:   1", "a: 1\n"),
    ("# only\n\n\n# more", "# only\n\n# more\n"),
    ("a: 1 # c\n", "a: 1  # c\n"),
    ("a:\n- 1\n-   2\n", "a:\n  - 1\n  - 2\n"),
    ("a:\n    b:\n        c: 1\n", "a:\n  b:\n    c: 1\n"),
    ("-   a: 1\n    b: 2\n", "- a: 1\n  b: 2\n"),
    ("-\n  - 1\n", "- - 1\n"),
    ("a: 1\n\n\n\nb: 2\n\n", "a: 1\n\nb: 2\n"),
    (
        "a: [1,2 , 3]\nb: { c: 1,d : 2}\n",
        "a: [1, 2, 3]\nb: {c: 1, d: 2}\n",
    ),
    ("a: [1,\n 2]\n", "a:\n  [\n    1,\n    2,\n  ]\n"),
    ("- [1,\n  2]\n", "-\n  [\n    1,\n    2,\n  ]\n"),
    ("[a: 1, {b, c: }]\n", "[{a: 1}, {b, c}]\n"),
    ("[\n]", "[]\n"),
    ("[ # c\n 1 # d\n # e\n]", "[\n  # c\n  1,  # d\n  # e\n]\n"),
    ("a: |\n x\n   7,\r", "a: |\n  x\n    7,\n"),
    ("a:\n |9\r\r", "a: |2\n"),
    ("a: |+\r\n x\r\r\n", "a: |+\r\n  x\r\n\r\n"),
    ("- |+2\n   \n", "- |2+\n   \n"),
    ("- |2\n    \n   \n", "- |2\n    \n   \n"),
    ("a: |+\n  \n\n", "a: |+\n\n\n"),
    ("{  ?\nfo ::}\n", "{\n  fo ::,\n}\n"),
    ("{fo ::}\n", "{fo ::}\n"),
    ("{ ?: , -: }\n", "{?:, -:}\n"),
    ("[{ a\n b:: c }]", "[\n  {\n    a\n      b:: c,\n  },\n]\n"),
    ("{a: # c\n  1}", "{\n  # c\n  a: 1,\n}\n"),
    ("a: \"x\n   y\n\n  z\"\n", "a: \"x\n  y\n\n  z\"\n"),
    ("a: \"x\\  \n  y\"\n", "a: \"x\\ \n  y\"\n"),
    ("a: 'x  \n y'\nb: x\n y\n", "a: 'x\n  y'\nb: x\n  y\n"),
    (
        "a: |\n    x\n     y\n\n\nb: 1\n",
        "a: |\n  x\n   y\n\nb: 1\n",
    ),
    ("a: |+\n    x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n"),
    ("a: |4- # c\n     x\n", "a: |2-  # c\n   x\n"),
    ("a: >1\n  x\n y\n", "a: >2\n   x\n  y\n"),
    ("- |\n x\n", "- |\n  x\n"),
    ("--- |\n x\n", "--- |\n  x\n"),
    ("a:   # c\n    b: 1\n", "a:  # c\n  b: 1\n"),
    (
        "a:\n    # c\n    b: 1\n    # foot\n# d\ne: 1\n",
        "a:\n  # c\n  b: 1\n  # foot\n# d\ne: 1\n",
    ),
    ("a:\n- 1\n# b\nb: 1\n", "a:\n  - 1\n# b\nb: 1\n"),
    ("a:\n- 1\n# next\n- 2\n", "a:\n  - 1\n  # next\n  - 2\n"),
    ("a:\n   # b: 1\nc: 1\n", "a:\n  # b: 1\nc: 1\n"),
    (
        "# c\n-   a: 1\n    # d\n    b: 2\n",
        "# c\n- a: 1\n  # d\n  b: 2\n",
    ),
    ("- # c\n  a: 1\n", "-  # c\n  a: 1\n"),
    ("-\n  # c\n  a: 1\n", "-\n  # c\n  a: 1\n"),
    ("a:\n  # c\n  text\n", "a:\n  # c\n  text\n"),
    ("a: &x   !!map\n    b: *x\n", "a: &x !!map\n  b: *x\n"),
    ("*a   : 1", ""),
    ("- &a x\n- *a : 1\n", "- &a x\n- *a : 1\n"),
    ("? a\n: 1\n? b\n", "a: 1\n? b\n"),
    ("? - a\n  - b\n: - c\n", "? - a\n  - b\n: - c\n"),
    ("? |\n  a\n: 1\n", "? |\n  a\n: 1\n"),
    ("a:\nb: ~\nc: !!null\n", "a:\nb: ~\nc: !!null\n"),
    (
        "%YAML 1.2\n# c\n---   # d\na:    1\n... # e\n# f\n",
        "# c\n%YAML 1.2\n---  # d\na: 1\n...  # e\n# f\n",
    ),
    ("a\n---\n\n\nb\n---\n", "a\n---\nb\n---\n"),
    ("a: 1\r\nb:\r\n- 1\r\n", "a: 1\r\nb:\r\n  - 1\r\n"),
    ("\u{FEFF}a:   1", "\u{FEFF}a: 1\n"),
    ("x: 'it''s'\ny: \"\\t\"\n", "x: 'it''s'\ny: \"\\t\"\n"),
];

#[test]
fn style() {
    for (text, expected) in ROWS {
        if expected.is_empty() && !text.is_empty() {
            assert!(yaml(text, Style::default()).is_err(), "{text:?}");
            continue;
        }
        let new = yaml(text, Style::default()).unwrap();
        assert_eq!(&new, expected, "{text:?}");
        assert_eq!(&yaml(&new, Style::default()).unwrap(), expected, "again");
    }
}

#[test]
fn other_styles() {
    let text = "a:\n- b:\n  - c\n  d:\n    e: |\n      x\n";
    let flush = Style {
        sequences: Sequences::Flush,
        ..Style::default()
    };
    assert_eq!(yaml(text, flush).unwrap(), text);
    let wide = Style {
        indent: 4,
        ..Style::default()
    };
    let expected = "a:\n    - b:\n          - c\n      d:\n          e: |\n              x\n";
    assert_eq!(yaml(text, wide).unwrap(), expected);
}

#[test]
fn json() {
    let text = br#" {"a":[1,2.50,{}],"b":"\u00e9\/" ,"c":{"d":[]}} "#;
    let new = format(text, Language::Json, Style::default(), &Limits::default()).unwrap();
    // As Python's json.dumps(indent=2) has it, with numbers and escapes as they are written.
    let expected = "{\n  \"a\": [\n    1,\n    2.50,\n    {}\n  ],\n  \"b\": \"\\u00e9\\/\",\n  \"c\": {\n    \"d\": []\n  }\n}\n";
    assert_eq!(String::from_utf8(new).unwrap(), expected);
}

#[test]
fn refused() {
    let limits = Limits::default();
    let wide = format(b"\xFF\xFEa\0", Language::Yaml, Style::default(), &limits);
    assert!(matches!(wide, Err(FormatError::Encoding)));
    let broken = format(b"a: [", Language::Yaml, Style::default(), &limits);
    assert!(matches!(broken, Err(FormatError::Syntax(_))));
    let broken = format(b"{'a': 1}", Language::Json, Style::default(), &limits);
    assert!(matches!(broken, Err(FormatError::Syntax(_))));
}

#[test]
fn every_case_of_the_suite() {
    for case in common::suite_cases().unwrap_or_default() {
        let text = std::fs::read(case.join("in.yaml")).unwrap();
        let style = Style::default();
        match format(&text, Language::Yaml, style, &Limits::default()) {
            Ok(new) => {
                let again = format(&new, Language::Yaml, style, &Limits::default()).unwrap();
                assert_eq!(String::from_utf8(new), String::from_utf8(again), "{case:?}");
            }
            Err(FormatError::Syntax(_)) => assert!(case.join("error").exists(), "{case:?}"),
            Err(error) => panic!("{case:?}: {error}"),
        }
    }
}

const PIECES: &[&str] = &[
    "a",
    "key: ",
    "x: y",
    "- ",
    "? ",
    ": ",
    ",",
    "[",
    "]",
    "{",
    "}",
    "\n",
    "\n",
    "\n",
    "\n\n",
    "\n  ",
    "\n    ",
    "\n ",
    "\n- ",
    "\n  - ",
    " # c",
    "\n# own",
    "\n  # own",
    "\n    # own",
    "&a ",
    "*a",
    "!t ",
    "!!str ",
    "|\n  ",
    ">-\n   ",
    "|+\n  ",
    "'s'",
    "\"q\"",
    "\"a\n b\"",
    "[a, b]",
    "{a: b}",
    "\n---\n",
    "--- ",
    "\n...\n",
    "\r\n",
    "b: ",
    "1",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..20).prop_map(|pieces| pieces.concat())
}

fn lines() -> impl Strategy<Value = String> {
    let line = prop::sample::select(&[
        "a: 1",
        "b:",
        "- x",
        "- ",
        "- c: 1",
        "# own",
        "d: [1, 2]",
        "e: |",
        "text",
        "",
        "f: {g: # c",
        "h}",
        "i: # c",
        "- - y",
        "j: [ # c",
        "k, # d",
        "]",
        "? l",
        ": m",
        "n: &z v",
        "o: *z",
        "'p",
        "q'",
        "r: >-",
        "---",
        "s:   t # c",
        "u: \"v",
        "w\"",
    ]);
    prop::collection::vec((0_usize..4, line), 0..12).prop_map(|lines| {
        let line =
            |(depth, line): &(usize, &str)| ["  ".repeat(*depth).as_str(), line, "\n"].concat();
        lines.iter().map(line).collect()
    })
}

fn holds(text: &str) -> Result<(), TestCaseError> {
    for style in [
        Style::default(),
        Style {
            indent: 4,
            sequences: Sequences::Flush,
        },
    ] {
        match yaml(text, style) {
            Ok(new) => prop_assert_eq!(&yaml(&new, style).unwrap(), &new, "not stable"),
            Err(FormatError::Syntax(_)) => {}
            Err(error) => prop_assert!(false, "{error}"),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn soups_stay_what_they_are(text in soup()) {
        holds(&text)?;
    }

    #[test]
    fn lines_stay_what_they_are(text in lines()) {
        holds(&text)?;
    }
}
