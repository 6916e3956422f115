//! Conversions: expected texts by hand from what each format says, and values by another reader.

#![allow(clippy::unwrap_used)]

use std::sync::atomic::AtomicBool;

use config::Limits;
use config::access::MergeKeys;
use config::convert::{
    Converter, Documents, InputFormat, Nulls, OutputFormat, Request, SpecialFloats,
};
use proptest::prelude::*;
use serde_json::Value;

const REQUEST: Request = Request {
    to: OutputFormat::Json,
    documents: Documents::All,
    indent: 0,
    merge_keys: MergeKeys::Keep,
    special_floats: SpecialFloats::Refuse,
    nulls: Nulls::Refuse,
};

fn run(text: &str, from: InputFormat, request: Request) -> Result<String, String> {
    let cancel = AtomicBool::new(false);
    let mut converter = Converter::new(request, Limits::default(), &cancel);
    let read = converter.read(text.as_bytes(), from);
    let done = read.and_then(|()| converter.finish());
    done.map_err(|error| error.to_string())
}

fn to(to: OutputFormat) -> Request {
    Request { to, ..REQUEST }
}

#[test]
fn yaml_in_the_other_formats() {
    let text = "a: 1\nb: [x, {c: ~}]\nd: {}\n";
    let rows = [
        (OutputFormat::Json, r#"{"a":1,"b":["x",{"c":null}],"d":{}}"#),
        (
            OutputFormat::Ndjson,
            r#"{"a":1,"b":["x",{"c":null}],"d":{}}"#,
        ),
        (OutputFormat::Yaml, "a: 1\nb:\n  - x\n  - c: null\nd: {}"),
    ];
    for (format, expected) in rows {
        let written = run(text, InputFormat::Yaml, to(format)).unwrap();
        assert_eq!(written, format!("{expected}\n"));
    }
}

#[test]
fn the_layout_of_toml() {
    let rows = [
        // What stands before a plain value is written in its place.
        (
            r#"{"a":{"x":1,"y":{"z":2}},"b":3}"#,
            "a.x = 1\na.y.z = 2\nb = 3\n",
        ),
        (
            r#"{"b":3,"a":{"x":1,"y":{"z":2}}}"#,
            "b = 3\n\n[a]\nx = 1\n\n[a.y]\nz = 2\n",
        ),
        // A header that tables alone follow is left out, an empty one is not.
        (r#"{"a":{"b":{"c":{}}}}"#, "[a.b.c]\n"),
        (
            r#"{"a":[{"x":[{"y":1},{}]},{}]}"#,
            "[[a]]\n\n[[a.x]]\ny = 1\n\n[[a.x]]\n\n[[a]]\n",
        ),
        (
            r#"{"a":[{}],"b":{},"c":0}"#,
            "a = [\n  {},\n]\nb = {}\nc = 0\n",
        ),
        (
            r#"{"a":[1,[2,{"x y":"q"}]],"":1}"#,
            "a = [\n  1,\n  [2, { \"x y\" = \"q\" }],\n]\n\"\" = 1\n",
        ),
        (
            "{\"a\":\"l1\\nl2\\t\\u0001\\\"\\\"\\\"\"}",
            "a = \"\"\"\nl1\nl2\t\\u0001\"\"\\\"\"\"\"\n",
        ),
    ];
    for (text, expected) in rows {
        let written = run(text, InputFormat::Json, to(OutputFormat::Toml)).unwrap();
        assert_eq!(written, expected, "{text}");
    }
}

#[test]
fn what_toml_1_1_adds_is_written_as_1_0() {
    let rows = [
        ("a = 07:32", "a = 07:32:00\n"),
        ("a = 1979-05-27 07:32Z", "a = 1979-05-27T07:32:00Z\n"),
        ("a = {\n b = 1,\n}", "[a]\nb = 1\n"),
        ("a = \"\\e\\x41\"", "a = \"\\u001BA\"\n"),
    ];
    for (text, expected) in rows {
        let written = run(text, InputFormat::Toml, to(OutputFormat::Toml));
        assert_eq!(written.unwrap(), expected, "{text}");
    }
}

#[test]
fn numbers_of_toml_are_whole() {
    for text in [
        "a = 31_2+",
        "a = 0x",
        "a = 0b",
        "a = 1_",
        "a = 1e+",
        "a = 00",
    ] {
        let read = run(text, InputFormat::Toml, to(OutputFormat::Ndjson));
        assert!(read.is_err(), "{text}: {read:?}");
    }
}

#[test]
fn several_inputs_are_one_stream() {
    let cancel = AtomicBool::new(false);
    let mut converter = Converter::new(to(OutputFormat::Yaml), Limits::default(), &cancel);
    converter.read(b"a: 1\n---\nb", InputFormat::Yaml).unwrap();
    converter.read(b"[1]\n\n{}\n", InputFormat::Ndjson).unwrap();
    converter.read(b"c = 1", InputFormat::Toml).unwrap();
    let expected = "a: 1\n---\nb\n---\n- 1\n---\n{}\n---\nc: 1\n";
    assert_eq!(converter.finish().unwrap(), expected);
}

#[test]
fn anchors_on_keys_and_within_merged_mappings() {
    let apply = Request {
        merge_keys: MergeKeys::Apply,
        ..REQUEST
    };
    let rows = [
        (
            "? &k a\n: *k\nb: {*k : &v 1}\nc: *v",
            r#"{"a":"a","b":{"a":1},"c":1}"#,
        ),
        (
            "a: &a {&k x: 1, y: *k}\nb: *a",
            r#"{"a":{"x":1,"y":"x"},"b":{"x":1,"y":"x"}}"#,
        ),
        (
            "a: &a {<<: &m {q: &q [1], x: 0}, x: 1}\nb: [*a, *m, *q]",
            r#"{"a":{"x":1,"q":[1]},"b":[{"x":1,"q":[1]},{"q":[1],"x":0},[1]]}"#,
        ),
        (
            "a: &a {x: 1}\nb: {<<: {<<: [*a, {y: 2}], z: 3}}",
            r#"{"a":{"x":1},"b":{"z":3,"x":1,"y":2}}"#,
        ),
        ("a: {\"<<\": 1, !!str <<b: 2}", r#"{"a":{"<<":1,"<<b":2}}"#),
    ];
    for (text, expected) in rows {
        let written = run(text, InputFormat::Yaml, apply).unwrap();
        assert_eq!(written, format!("{expected}\n"), "{text}");
    }
    // The alias names the node around it, not the one before (specification 3.2.2.2).
    let error = run("a: &a 1\nb: &a [*a]", InputFormat::Yaml, apply).unwrap_err();
    assert_eq!(error, "2:8: alias `*a` stands inside what it names");
}

#[test]
fn a_flag_that_is_set_ends_the_work() {
    let cancel = AtomicBool::new(true);
    let mut converter = Converter::new(REQUEST, Limits::default(), &cancel);
    let text = format!("[{}1]", "1,".repeat(100_000));
    let error = converter.read(text.as_bytes(), InputFormat::Json);
    assert_eq!(error.unwrap_err().to_string(), "interrupted");
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::String),
        "[-0-9a-z.: #\n]{0,6}".prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        let pairs = prop::collection::vec(("[a-c<0-9]{0,2}", inner.clone()), 0..5);
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(Value::Array),
            pairs.prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn values_pass_unchanged(value in any_value()) {
        let text = value.to_string();
        let yaml = run(&text, InputFormat::Json, to(OutputFormat::Yaml)).unwrap();
        let json = run(&yaml, InputFormat::Yaml, REQUEST).unwrap();
        // The order of keys counts: the texts are compared, as this reader writes them.
        let back: Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(back.to_string(), text);
    }

    #[test]
    fn toml_keeps_what_it_has_a_form_for(value in any_value()) {
        let text = format!("{{\"k\":{value}}}");
        if let Ok(written) = run(&text, InputFormat::Json, to(OutputFormat::Toml)) {
            let json = run(&written, InputFormat::Toml, REQUEST).unwrap();
            let back: Value = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(back.to_string(), text);
        } else {
            prop_assert!(text.contains("null"));
        }
    }

    #[test]
    fn no_text_panics(text in "[ab<&*:,{}\\[\\]\n\"'=.#1 -]{0,50}") {
        for from in [InputFormat::Yaml, InputFormat::Json, InputFormat::Ndjson, InputFormat::Toml] {
            for format in [OutputFormat::Yaml, OutputFormat::Ndjson, OutputFormat::Toml] {
                let request = Request { merge_keys: MergeKeys::Apply, ..to(format) };
                let _ = run(&text, from, request);
            }
        }
    }
}
