//! JSON as RFC 8259 has it, and `serde_json`'s opinion of texts made of pieces.

mod common;

use common::Listing;
use config::{Limits, ParseError, Source};
use proptest::prelude::*;

fn events(text: &str, limits: &Limits) -> Result<String, (usize, usize, String)> {
    let mut listing = Listing::default();
    let source = Source::of_text(text, limits).map_err(|error| {
        (
            error.position.line,
            error.position.column,
            error.kind.to_string(),
        )
    })?;
    match source.parse_json(limits, &mut listing) {
        Ok(()) => Ok(listing.text.replace('\n', " ")),
        Err(ParseError::Syntax(error)) => Err((
            error.position.line,
            error.position.column,
            error.kind.to_string(),
        )),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn values() {
    let rows = [
        ("null", "=VAL :null"),
        (" -0.5e+10 ", "=VAL :-0.5e+10"),
        ("\"\"", "=VAL \""),
        (r#""\"\\\/\b\f\n\r\té""#, "=VAL \"\"\\\\/\\b\x0C\\n\\r\\té"),
        (r#""\ud83d\ude00 \u00e9""#, "=VAL \"😀 é"),
        ("[]", "+SEQ [] -SEQ"),
        (
            "[1,[true,{}],\n\"a\"]",
            "+SEQ [] =VAL :1 +SEQ [] =VAL :true +MAP {} -MAP -SEQ =VAL \"a -SEQ",
        ),
        (
            "{\"a\": 1, \"a\": {\"b\": []}}",
            "+MAP {} =VAL \"a =VAL :1 =VAL \"a +MAP {} =VAL \"b +SEQ [] -SEQ -MAP -MAP",
        ),
        ("\u{FEFF}1", "=VAL :1"),
        ("\"\u{7F}\u{FFFF}\"", "=VAL \"\u{7F}\u{FFFF}"),
    ];
    for (text, expected) in rows {
        let found = events(text, &Limits::default());
        let whole = format!("+STR +DOC {expected} -DOC -STR ");
        assert_eq!(found.as_deref(), Ok(whole.as_str()), "{text}");
    }
}

#[test]
fn errors_have_a_place_and_a_way_out() {
    let rows = [
        ("", 1, 1, "expected a value"),
        ("  \n ", 2, 2, "expected a value"),
        (
            "[1,]",
            1,
            4,
            "expected a value: JSON has no comma before `]`",
        ),
        (
            "{\"a\":1,}",
            1,
            8,
            "expected a key: JSON has no comma before `}`",
        ),
        ("{'a':1}", 1, 2, "expected a key in double quotes or `}`"),
        ("{\"a\" 1}", 1, 6, "expected `:` after the key"),
        ("{\"a\":1 \"b\":2}", 1, 8, "expected `,` or `}`"),
        ("[1 2]", 1, 4, "expected `,` or `]`"),
        ("[1}", 1, 3, "expected `,` or `]`"),
        ("[1", 1, 1, "`[` is not closed"),
        ("[\n{\"a\":", 2, 1, "`{` is not closed"),
        ("1 2", 1, 3, "expected the end after the value"),
        ("01", 1, 2, "expected a number without zeros before it"),
        ("-", 1, 2, "expected a digit"),
        ("1.", 1, 3, "expected a digit"),
        ("1e", 1, 3, "expected a digit"),
        ("+1", 1, 1, "expected a value"),
        (".5", 1, 1, "expected a value"),
        ("0x1", 1, 2, "expected `,` or the end after the value"),
        ("nulL", 1, 1, "expected a value"),
        ("truex", 1, 5, "expected `,` or the end after the value"),
        (
            "True",
            1,
            1,
            "expected a value: `true` and `false` are in small letters",
        ),
        (
            "NaN",
            1,
            1,
            "expected a value: JSON has neither NaN nor Infinity",
        ),
        ("// c\n1", 1, 1, "expected a value: JSON has no comments"),
        ("'a'", 1, 1, "expected a value: JSON has double quotes only"),
        ("\"a", 1, 1, "the string is not closed"),
        ("\"a\nb\"", 1, 3, "character U+000A is not allowed here"),
        ("\"\\x41\"", 1, 2, "unknown escape in double quotes"),
        ("\"\\ud800\"", 1, 2, "unknown escape in double quotes"),
        (
            "\"\\udc00\\ud800\"",
            1,
            2,
            "unknown escape in double quotes",
        ),
        ("\"\\u12\"", 1, 2, "unknown escape in double quotes"),
        ("\"\\", 1, 2, "unknown escape in double quotes"),
        ("[1,\u{00A0}2]", 1, 4, "expected a value"),
        ("]", 1, 1, "expected a value"),
    ];
    for (text, line, column, message) in rows {
        let expected = (line, column, message.to_owned());
        assert_eq!(events(text, &Limits::default()), Err(expected), "{text:?}");
    }
}

#[test]
fn limits_hold() {
    let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    let error = events(&deep, &Limits::default()).unwrap_err();
    assert_eq!(
        error,
        (
            1,
            1001,
            "collections are nested deeper than 1000 (limit depth)".into()
        )
    );
    assert!(events(&deep, &Limits::default().with_depth(200_000)).is_ok());
    let short = Limits::default().with_scalar_bytes(3);
    for (text, is_fine) in [
        ("\"abc\"", true),
        ("\"abcd\"", false),
        ("\"\\nbcd\"", false),
        ("1234", false),
    ] {
        assert_eq!(events(text, &short).is_ok(), is_fine, "{text}");
    }
}

const PIECES: &[&str] = &[
    "{", "}", "[", "]", ",", ":", "\"a\"", "\"", "\\n", "\\u00e9", "\\ud83d", "\\ude00", "1", "0",
    "-", ".", "e", "E+", "true", "false", "null", " ", "\n", "\t", "é", "\u{1}", "/",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]
    #[test]
    fn serde_json_agrees(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..12)) {
        let text = pieces.concat();
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        let ours = events(&text, &Limits::default());
        // A double cannot hold every number that the grammar allows.
        let is_out_of_range = theirs.as_ref().is_err_and(|error| error.to_string().starts_with("number out of range"));
        prop_assume!(!is_out_of_range);
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?}: {:?} {:?}", text, ours, theirs);
    }
}
