//! Changes in place: the bytes before and after, written by hand from what YAML and JSON say.

#![allow(clippy::unwrap_used)]

use config::access::{AccessError, Action, Format, Parents, Path, Request, ValueType, set};
use config::{Limits, Source};
use proptest::prelude::*;

fn request(path: &str, value: &str, value_type: ValueType) -> Request {
    Request {
        action: Action::Set,
        path: Path::parse(path).unwrap(),
        value: value.to_owned(),
        value_type,
        parents: Parents::Require,
        document: None,
    }
}

fn run(text: &str, request: &Request, format: Format) -> Result<String, String> {
    let mut bytes = text.as_bytes().to_vec();
    set(&mut bytes, request, format, &Limits::default()).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(bytes).unwrap())
}

fn auto(text: &str, path: &str, value: &str) -> Result<String, String> {
    run(text, &request(path, value, ValueType::Auto), Format::Yaml)
}

fn json_value(text: &str, path: &str, value: &str) -> Result<String, String> {
    run(text, &request(path, value, ValueType::Json), Format::Yaml)
}

#[test]
fn scalars_in_place_of_scalars() {
    let rows = [
        ("a: 1 # one\nb: 2\n", "a", "5", "a: 5 # one\nb: 2\n"),
        ("a:   1\n", "a", "x y", "a:   x y\n"),
        ("a: x\n", "a", "no", "a: \"no\"\n"),
        ("a: x\n", "a", "22:22", "a: \"22:22\"\n"),
        ("a: x\n", "a", "a: b", "a: \"a: b\"\n"),
        ("a: x\n", "a", "", "a: \"\"\n"),
        ("a: 'x'\n", "a", "it's", "a: 'it''s'\n"),
        ("a: \"1.20\"\n", "a", "1.21", "a: \"1.21\"\n"),
        ("a: 1.20\n", "a", "1.21", "a: 1.21\n"),
        (
            "a: {b: x, c: y}\n",
            "a.b",
            "1, 2",
            "a: {b: \"1, 2\", c: y}\n",
        ),
        (
            "a: {b: x, c: y}\n",
            "a.b",
            "l1\nl2\n",
            "a: {b: \"l1\\nl2\\n\", c: y}\n",
        ),
        ("a: x\nb: y\n", "a", "l1\nl2\n", "a: |\n  l1\n  l2\nb: y\n"),
        (
            "a: x # c\nb: y\n",
            "a",
            "l1\nl2",
            "a: |- # c\n  l1\n  l2\nb: y\n",
        ),
        ("a: x", "a", "l1\nl2\n", "a: |\n  l1\n  l2\n"),
        (
            "a:\n    b: x\n",
            "a.b",
            "l1\n l2\n",
            "a:\n    b: |\n        l1\n         l2\n",
        ),
        (
            "a:\n  b: x\n",
            "a.b",
            " l1\nl2\n",
            "a:\n  b: |2\n     l1\n    l2\n",
        ),
        ("a: | # c\n  l1\n\nb: y\n", "a", "x", "a: x # c\n\nb: y\n"),
        (
            "a: |\n  l1\nb: y\n",
            "a",
            "l2\nl3\n",
            "a: |\n  l2\n  l3\nb: y\n",
        ),
        ("a: >-\n  l1\n  l2", "a", "x", "a: x"),
        ("a: one\n  two\nb: y\n", "a", "x", "a: x\nb: y\n"),
        ("- x\n- y\n", "[1]", "z", "- x\n- z\n"),
        ("- x\n- y\n", "[-2]", "l1\nl2\n", "- |\n  l1\n  l2\n- y\n"),
        ("x # c\n", ".", "w", "w # c\n"),
        ("--- x\n", ".", "l1\nl2\n", "--- |\n  l1\n  l2\n"),
        ("? a\n: x\n", "a", "w", "? a\n: w\n"),
        ("a: &x 1\nb: *x\n", "a", "2", "a: &x 2\nb: *x\n"),
        ("a: &x 1\nb: *x\n", "b", "2", "a: &x 1\nb: 2\n"),
        ("a: !Ref x\n", "a", "w", "a: !Ref w\n"),
        ("a: {b: [1, 2]}\n", "a.b", "5", "a: {b: 5}\n"),
        (
            "a: 1\r\nb: 2\r\n",
            "b",
            "l1\nl2\n",
            "a: 1\r\nb: |\r\n  l1\r\n  l2\r\n",
        ),
        ("\u{FEFF}a: 1\n", "a", "2", "\u{FEFF}a: 2\n"),
        ("a: [x]\n", "a[0]", "w?", "a: [\"w?\"]\n"),
        ("a: 1\n---\nb: 1\n", "b", "2", "a: 1\n---\nb: 2\n"),
        (
            "c: [{n: x, v: 1}, {n: y, v: 2}]\n",
            "c[n=y].v",
            "3",
            "c: [{n: x, v: 1}, {n: y, v: 3}]\n",
        ),
        ("é: x # ü\n", "é", "ß", "é: ß # ü\n"),
    ];
    for (text, path, value, expected) in rows {
        assert_eq!(
            auto(text, path, value),
            Ok(expected.to_owned()),
            "{text:?} {path}"
        );
    }
}

#[test]
fn values_where_there_was_none() {
    let rows = [
        ("a:\nb: 2\n", "a", "1", "a: 1\nb: 2\n"),
        ("a: # c\nb: 2\n", "a", "1", "a: 1 # c\nb: 2\n"),
        ("a:", "a", "l1\nl2\n", "a: |\n  l1\n  l2\n"),
        ("a: &x\nb: *x\n", "a", "1", "a: &x 1\nb: *x\n"),
        ("- \n- x\n", "[0]", "1", "- 1\n- x\n"),
        ("-\n- x\n", "[0]", "1", "- 1\n- x\n"),
        ("{a: , b}\n", "a", "1", "{a: 1, b}\n"),
        ("{a: , b}\n", "b", "1", "{a: , b: 1}\n"),
        ("{a:}\n", "a", "1", "{a: 1}\n"),
    ];
    for (text, path, value, expected) in rows {
        assert_eq!(
            auto(text, path, value),
            Ok(expected.to_owned()),
            "{text:?} {path}"
        );
    }
}

#[test]
fn collections() {
    let rows = [
        (
            "a: 1 # c\n",
            "a",
            "{\"x\": [1, \"no\"]}",
            "a: {x: [1, \"no\"]} # c\n",
        ),
        ("a: 1\n", "a", "[]", "a: []\n"),
        (
            "a:\n  x: 1\n  y: 2\nb: 3\n",
            "a",
            "{\"z\": [1, {\"q\": null}]}",
            "a:\n  z:\n    - 1\n    - q: null\nb: 3\n",
        ),
        (
            "a:\n- x\n- y # c\nb: 3\n",
            "a",
            "[1, 2, 3]",
            "a:\n- 1\n- 2\n- 3\nb: 3\n",
        ),
        ("a:\n- x\nb: 3\n", "a", "{\"c\": 1}", "a:\n  c: 1\nb: 3\n"),
        (
            "a:\n  - x\n  - |\n    y\nb: 3\n",
            "a",
            "[\"p\\nq\\n\"]",
            "a:\n  - |\n    p\n    q\nb: 3\n",
        ),
        ("a: # c\n  x: 1 # d\nb: 3\n", "a", "5", "a: 5 # c\nb: 3\n"),
        (
            "a: &x\n  x: 1\nb: *x\n",
            "a",
            "[1]",
            "a: &x\n  x: 1\nb: *x\n",
        ),
        ("- x: 1\n  y: 2\n- z\n", "[0]", "5", "- 5\n- z\n"),
        ("a:\n  x: |\n    t\nb: 3\n", "a", "[]", "a: []\nb: 3\n"),
        ("a: [1,\n  2] # c\nb: 3\n", "a", "7", "a: 7 # c\nb: 3\n"),
        ("x: 1\ny: 2\n", ".", "{\"z\": 3}", "z: 3\n"),
    ];
    for (text, path, value, expected) in rows {
        let expected = if path == "a" && text.starts_with("a: &x") {
            "a: &x\n- 1\nb: *x\n".replace("\n- 1", "\n  - 1")
        } else {
            expected.to_owned()
        };
        assert_eq!(
            json_value(text, path, value),
            Ok(expected),
            "{text:?} {path}"
        );
    }
}

#[test]
fn new_entries() {
    let rows = [
        ("a: 1\n", "b", "2", "a: 1\nb: 2\n"),
        ("a: 1", "b", "2", "a: 1\nb: 2"),
        ("a: 1 # c\n# end\n", "b", "2", "a: 1 # c\nb: 2\n# end\n"),
        (
            "m:\n    a: 1\nz: 3\n",
            "m.b",
            "2",
            "m:\n    a: 1\n    b: 2\nz: 3\n",
        ),
        (
            "m:\n  a: |\n    t\n\nz: 3\n",
            "m.b",
            "x",
            "m:\n  a: |\n    t\n  b: x\n\nz: 3\n",
        ),
        (
            "- a: 1\n  c:\n    d: 4\n- x\n",
            "[0].b",
            "2",
            "- a: 1\n  c:\n    d: 4\n  b: 2\n- x\n",
        ),
        ("m: {}\n", "m.b", "2", "m: {b: 2}\n"),
        ("m: {a: 1}\n", "m.b", "2", "m: {a: 1, b: 2}\n"),
        ("m: {a: [1]} # c\n", "m.b", "2", "m: {a: [1], b: 2} # c\n"),
        (
            "m: {\n  a: 1,\n  }\n",
            "m.b",
            "2",
            "m: {\n  a: 1,\n  b: 2,\n  }\n",
        ),
        ("l:\n- x\nz: 3\n", "l[+]", "w", "l:\n- x\n- w\nz: 3\n"),
        (
            "l:\n  - x: 1\n    y: 2\n",
            "/l/-",
            "w",
            "l:\n  - x: 1\n    y: 2\n  - w\n",
        ),
        ("l: [1, 2]\n", "l[+]", "3", "l: [1, 2, 3]\n"),
        ("l: []\n", "l[+]", "3", "l: [3]\n"),
        ("a: 1\n", "no", "l1\nl2\n", "a: 1\n\"no\": |\n  l1\n  l2\n"),
        (
            "l:\n- x\n",
            "l[+]",
            "l1\nl2\n",
            "l:\n- x\n- |\n  l1\n  l2\n",
        ),
        ("a: 1\r\nb: 2\r\n", "c", "3", "a: 1\r\nb: 2\r\nc: 3\r\n"),
        ("a:\n", "b", "1", "a:\nb: 1\n"),
        ("a: 1\n...\n", "b", "1", "a: 1\nb: 1\n...\n"),
    ];
    for (text, path, value, expected) in rows {
        assert_eq!(
            auto(text, path, value),
            Ok(expected.to_owned()),
            "{text:?} {path}"
        );
    }
}

#[test]
fn new_parents() {
    let rows = [
        ("a: 1\n", "m.q.b", "2", "a: 1\nm:\n  q:\n    b: 2\n"),
        (
            "m:\n    a: 1\n",
            "m.q.b",
            "2",
            "m:\n    a: 1\n    q:\n        b: 2\n",
        ),
        ("m: {a: 1}\n", "m.q.b", "2", "m: {a: 1, q: {b: 2}}\n"),
        ("m:\nz: 1\n", "m.b", "2", "m:\n  b: 2\nz: 1\n"),
        ("m: null # c\nz: 1\n", "m.b", "2", "m: # c\n  b: 2\nz: 1\n"),
        ("l:\n- x\n", "l[+].b", "2", "l:\n- x\n- b: 2\n"),
        ("a: 1\n", "l[+]", "2", "a: 1\nl:\n  - 2\n"),
        ("---\n", "a", "2", "---\na: 2\n"),
    ];
    for (text, path, value, expected) in rows {
        let mut request = request(path, value, ValueType::Auto);
        let refused = run(text, &request, Format::Yaml);
        assert!(refused.is_err(), "{text:?} {path}: {refused:?}");
        request.parents = Parents::Create;
        let went = run(text, &request, Format::Yaml);
        assert_eq!(went, Ok(expected.to_owned()), "{text:?} {path}");
    }
}

#[test]
fn json_stays_json() {
    let pretty = "{\n  \"a\": 1,\n  \"b\": {\"c\": []}\n}\n";
    let rows = [
        (
            "a",
            "no",
            ValueType::Auto,
            "{\n  \"a\": \"no\",\n  \"b\": {\"c\": []}\n}\n",
        ),
        (
            "a",
            "0777",
            ValueType::Auto,
            "{\n  \"a\": \"0777\",\n  \"b\": {\"c\": []}\n}\n",
        ),
        (
            "b.c[+]",
            "true",
            ValueType::Auto,
            "{\n  \"a\": 1,\n  \"b\": {\"c\": [true]}\n}\n",
        ),
        (
            "d",
            "x",
            ValueType::Auto,
            "{\n  \"a\": 1,\n  \"b\": {\"c\": []},\n  \"d\": \"x\"\n}\n",
        ),
        (
            "b.d",
            "[1]",
            ValueType::Json,
            "{\n  \"a\": 1,\n  \"b\": {\"c\": [], \"d\": [1]}\n}\n",
        ),
        (
            "b",
            "l1\nl2",
            ValueType::String,
            "{\n  \"a\": 1,\n  \"b\": \"l1\\nl2\"\n}\n",
        ),
    ];
    for (path, value, kind, expected) in rows {
        let went = run(pretty, &request(path, value, kind), Format::Json);
        assert_eq!(went, Ok(expected.to_owned()), "{path}");
        serde_json::from_str::<serde_json::Value>(expected).unwrap();
    }
}

#[test]
fn types() {
    let rows = [
        (ValueType::String, "5", Ok("a: \"5\"\n")),
        (ValueType::Integer, "5", Ok("a: 5\n")),
        (ValueType::Integer, "0x1F", Ok("a: 0x1F\n")),
        (
            ValueType::Integer,
            "x",
            Err("`x` is no integer, such as 8080"),
        ),
        (ValueType::Float, "5", Ok("a: 5\n")),
        (ValueType::Float, ".inf", Ok("a: .inf\n")),
        (ValueType::Boolean, "True", Ok("a: True\n")),
        (
            ValueType::Boolean,
            "no",
            Err("`no` is no boolean, such as true"),
        ),
        (ValueType::Null, "", Ok("a: null\n")),
        (ValueType::Json, "\"x\"", Ok("a: x\n")),
        (
            ValueType::Json,
            "{a",
            Err("the value is no JSON: 1:2: expected a key in double quotes or `}`"),
        ),
    ];
    for (kind, value, expected) in rows {
        let went = run("a: z\n", &request("a", value, kind), Format::Yaml);
        let expected = expected.map(ToOwned::to_owned).map_err(ToOwned::to_owned);
        assert_eq!(went, expected, "{kind:?} {value}");
    }
}

#[test]
fn what_is_refused() {
    let rows = [
        (
            "a: !!str 5\n",
            "a",
            "6",
            "1:10: the value has the tag `!!str`",
        ),
        ("a: &x {b: 1}\nc: *x\n", "c.b", "2", "`c` is the alias `*x`"),
        (
            "a: {b: &x 1}\nc: *x\n",
            "a",
            "2",
            "1:4: the value holds anchors",
        ),
        (
            "a: 1\n",
            "b.c",
            "2",
            "1:1: `.` has no key `b` (`--create` makes parents)",
        ),
        (
            "a: 1\n---\nb: 1\n",
            "c",
            "2",
            "1:1: `.` has no key `c` (`--document` says where to make it)",
        ),
        ("a: 1\n---\na: 1\n", "a", "2", "2 documents have `a`"),
        (
            "# c\n",
            "a",
            "2",
            "there is no document 1, the stream has 0",
        ),
        ("a: 1\na: 2\n", "a", "2", "2:1: key `a` stands twice"),
        ("[a: b]\n", "[0].c", "2", "nothing was written"),
    ];
    for (text, path, value, expected) in rows {
        let error = auto(text, path, value).unwrap_err();
        assert!(error.starts_with(expected), "{text:?} {path}: {error}");
    }
    let mut wide = vec![0xFF, 0xFE, b'a', 0, b':', 0, b' ', 0, b'1', 0];
    let request = request("a", "2", ValueType::Auto);
    let error = set(&mut wide, &request, Format::Yaml, &Limits::default()).unwrap_err();
    assert!(matches!(error, AccessError::Value { .. }));
    assert!(error.to_string().contains("UTF-16"));
}

#[test]
fn differences_read_as_a_patch() {
    let rows = [
        (
            "1\n2\n3\n4\n5: x\n6\n"
                .replace('\n', ":\n")
                .replace("x:", "x"),
            "5",
            "w",
            "@@ -2,5 +2,5 @@\n 2:\n 3:\n 4:\n-5: x\n+5: w\n 6:\n",
        ),
        (
            "a: 1".to_owned(),
            "b",
            "2",
            "@@ -1,1 +1,2 @@\n-a: 1\n\\ No newline at end of file\n+a: 1\n+b: 2\n\\ No newline at end of file\n",
        ),
        (
            "a: 1\nz: 2\n".to_owned(),
            "b",
            "2",
            "@@ -1,2 +1,3 @@\n a: 1\n z: 2\n+b: 2\n",
        ),
        (
            "m:\n  a: 1\nz: 2\n".to_owned(),
            "m.b",
            "2",
            "@@ -1,3 +1,4 @@\n m:\n   a: 1\n+  b: 2\n z: 2\n",
        ),
        ("a: 1\n".to_owned(), "a", "1", ""),
    ];
    for (text, path, value, expected) in rows {
        let mut bytes = text.clone().into_bytes();
        let request = request(path, value, ValueType::Auto);
        let changed = set(&mut bytes, &request, Format::Yaml, &Limits::default()).unwrap();
        assert_eq!(changed.difference, expected, "{text:?}");
    }
}

#[test]
fn entries_that_go() {
    let rows = [
        ("a: 1\nb: 2 # c\nd: 3\n", "b", "a: 1\nd: 3\n"),
        (
            "a: 1\n# b's\n# too\nb:\n  c: 2\n  # in b\n  e: 1\n# d's\nd: 3\n",
            "b",
            "a: 1\n# d's\nd: 3\n",
        ),
        ("a: 1\n# apart\n\nb: 2\n", "b", "a: 1\n# apart\n\n"),
        ("# of the file\na: 1\nb: 2\n", "a", "# of the file\nb: 2\n"),
        (
            "a: 1\nb: |\n  # text\nc: 3\n",
            "c",
            "a: 1\nb: |\n  # text\n",
        ),
        ("a: 1\nb: |\n  text\nc: 3\n", "b", "a: 1\nc: 3\n"),
        ("a: 1\nb: 2", "b", "a: 1\n"),
        ("m:\n  a: 1 # c\nb: 2\n", "m.a", "m: {}\nb: 2\n"),
        ("l:\n- x\nb: 2\n", "l[0]", "l: []\nb: 2\n"),
        (
            "l:\n- x\n# y's\n- y: 1\n  z: 2\n- w\n",
            "l[1]",
            "l:\n- x\n- w\n",
        ),
        ("- a: 1\n  b: 2\n- x\n", "[0].a", "- b: 2\n- x\n"),
        ("- a: 1\n  b: 2\n- x\n", "[0].b", "- a: 1\n- x\n"),
        ("- - x\n  - y\n", "[0][0]", "- - y\n"),
        ("m: {a: 1, b: 2, c: 3}\n", "m.b", "m: {a: 1, c: 3}\n"),
        ("m: {a: 1, b: 2, c: 3}\n", "m.c", "m: {a: 1, b: 2}\n"),
        ("l: [1, [2], 3]\n", "l[1]", "l: [1, 3]\n"),
        ("l: [1]\n", "l[0]", "l: []\n"),
        ("a: 1\r\nb: 2\r\nc: 3\r\n", "b", "a: 1\r\nc: 3\r\n"),
        ("a: &x 1\nb: *x\n", "b", "a: &x 1\n"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}\n", "b", "{\n  \"a\": 1\n}\n"),
    ];
    for (text, path, expected) in rows {
        let mut request = request(path, "", ValueType::Auto);
        request.action = Action::Delete;
        let went = run(text, &request, Format::Yaml);
        assert_eq!(went, Ok(expected.to_owned()), "{text:?} {path}");
    }
    let refused = [
        ("a: &x 1\nb: *x\n", "a", "1:7: the entry has anchors"),
        ("a: 1\n", ".", "a document is not deleted"),
        ("a: 1\n", "b", "1:1: `.` has no key `b`"),
    ];
    for (text, path, expected) in refused {
        let mut request = request(path, "", ValueType::Auto);
        request.action = Action::Delete;
        let error = run(text, &request, Format::Yaml).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}

proptest! {
    /// Whatever the value, it is read back, and the bytes around it stay.
    #[test]
    fn any_text_is_read_back(value in "\\PC{0,20}|[ -~\\n\\t]{0,40}", at in 0..7_usize) {
        let (before, after, path) = [
            ("a: ", " # c\nb: 1\n", "a"),
            ("- ", "\n", "[0]"),
            ("{a: ", ", b: 1}", "a"),
            ("[x, ", "]", "[1]"),
            ("m:\n    n: ", "\n    o: 1\n", "m.n"),
            ("- - a: ", "\n  - x\n", "[0][0].a"),
            ("--- ", "\n...\n", "."),
        ][at];
        for old in ["x", "'x'", "\"x\""] {
            let text = format!("{before}{old}{after}");
            let request = request(path, &value, ValueType::String);
            let went = run(&text, &request, Format::Yaml).unwrap();
            prop_assert!(went.starts_with(before), "{went:?}");
            let limits = Limits::default();
            let source = Source::of_text(went.as_str(), &limits).unwrap();
            let reader = config::access::Reader::new(
                &source, Format::Yaml, limits, config::access::MergeKeys::Keep);
            let path = Path::parse(path).unwrap();
            let got = config::access::get(&reader, &path, None, config::access::Form::Raw).unwrap();
            prop_assert_eq!(got.text, value.clone());
        }
    }

    /// Any bytes, path and value: a change or an error.
    #[test]
    fn nothing_panics(
        text in "[-a:{}\\[\\],&*!|>'\"# \\n]{0,40}",
        path in "(a|\\[0\\]|\\[-1\\]|\\[\\+\\]|b|<<|\\[a=a\\]){0,3}",
        value in "[-a:{}\\[\\] \\n1]{0,10}",
        is_created in any::<bool>(),
    ) {
        let Ok(path) = Path::parse(&path) else { return Ok(()) };
        for value_type in [ValueType::Auto, ValueType::String, ValueType::Json] {
            let request = Request {
                action: if value_type == ValueType::Json { Action::Delete } else { Action::Set },
                path: path.clone(),
                value: value.clone(),
                value_type,
                parents: if is_created { Parents::Create } else { Parents::Require },
                document: None,
            };
            let mut bytes = text.clone().into_bytes();
            let _ = set(&mut bytes, &request, Format::Yaml, &Limits::default());
        }
    }
}
