//! Queries: the examples of RFC 9535 and what is ours around them.

#![allow(clippy::unwrap_used)]

use config::access::{AccessError, Format, MergeKeys, Reader, query};
use config::{Limits, Source};

fn run(text: &str, expression: &str, format: Format) -> Result<Vec<(String, String)>, AccessError> {
    let limits = Limits::default();
    let source = Source::of_text(text.to_owned(), &limits).unwrap();
    let reader = Reader::new(&source, format, limits, MergeKeys::Apply);
    let hits = query(&reader, expression, None)?;
    Ok(hits.into_iter().map(|hit| (hit.path, hit.json)).collect())
}

/// Section 1.5, as YAML.
const STORE: &str = "\
store:
  book:
  - {category: reference, author: Nigel Rees, title: Sayings of the Century, price: 8.95}
  - {category: fiction, author: Evelyn Waugh, title: Sword of Honour, price: 12.99}
  - {category: fiction, author: Herman Melville, title: Moby Dick, isbn: 0-553-21311-3, price: 8.99}
  - {category: fiction, author: J. R. R. Tolkien, title: The Lord of the Rings, isbn: 0-395-19395-8, price: 22.99}
  bicycle: {color: red, price: 399}
";

#[test]
fn the_examples_of_the_standard() {
    let rows: [(&str, &[&str]); 9] = [
        (
            "$.store.book[*].author",
            &[
                "\"Nigel Rees\"",
                "\"Evelyn Waugh\"",
                "\"Herman Melville\"",
                "\"J. R. R. Tolkien\"",
            ],
        ),
        ("$.store..price", &["8.95", "12.99", "8.99", "22.99", "399"]),
        ("$..book[2].author", &["\"Herman Melville\""]),
        ("$..book[2].publisher", &[]),
        ("$..book[-1].title", &["\"The Lord of the Rings\""]),
        ("$..book[0,1].price", &["8.95", "12.99"]),
        ("$..book[:2].price", &["8.95", "12.99"]),
        ("$..book[?@.isbn].price", &["8.99", "22.99"]),
        (
            "$..book[?@.price<10].title",
            &["\"Sayings of the Century\"", "\"Moby Dick\""],
        ),
    ];
    for (expression, expected) in rows {
        let mut found: Vec<String> = run(STORE, expression, Format::Yaml)
            .unwrap()
            .into_iter()
            .map(|(_, json)| json)
            .collect();
        let mut expected: Vec<String> = expected.iter().map(|&text| text.to_owned()).collect();
        // The order of an object's members is free (section 2.5.2).
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{expression}");
    }
}

#[test]
fn normalized_paths() {
    // Section 2.7: the quote, the backslash and control characters are escaped.
    let text = r#"{"a": 1, "j'k": 2, "b\\c": 3, "\u000b": 4, "l": [5], "\b\n": 6, "\"": 7}"#;
    let found = run(text, "$.*", Format::Json).unwrap();
    let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    let expected = [
        "$['a']",
        r"$['j\'k']",
        r"$['b\\c']",
        r"$['\u000b']",
        "$['l']",
        r"$['\b\n']",
        "$['\"']",
    ];
    assert_eq!(paths, expected);
    let found = run(text, "/l/0", Format::Json).unwrap();
    assert_eq!(found, [("$['l'][0]".to_owned(), "5".to_owned())]);
}

#[test]
fn numbers_are_compared_by_their_value() {
    let text = r#"[{"a": 1.0}, {"a": 1}, {"a": 1e0}, {"a": 2}]"#;
    assert_eq!(run(text, "$[?@.a == 1]", Format::Json).unwrap().len(), 3);
    assert_eq!(run(text, "$[?@.a > 1]", Format::Json).unwrap().len(), 1);
}

#[test]
fn yaml_becomes_json() {
    let rows = [
        ("0x1F", "31"),
        ("0o17", "15"),
        ("007", "7"),
        ("+5", "5"),
        ("-0x1", "\"-0x1\""),
        (
            "0xFFFFFFFFFFFFFFFFFFFFFFFF",
            "79228162514264337593543950335",
        ),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567890",
        ),
        ("0.10", "0.10"),
        (".5", "0.5"),
        ("5.", "5.0"),
        (".inf", "\".inf\""),
        ("~", "null"),
        ("", "null"),
        ("True", "true"),
        ("no", "\"no\""),
        ("'5'", "\"5\""),
        ("!!str 5", "\"5\""),
        ("!x 5", "\"5\""),
        ("!!int \"5\"", "5"),
    ];
    for (yaml, json) in rows {
        let found = run(&format!("a: {yaml}"), "$.a", Format::Yaml).unwrap();
        assert_eq!(found[0].1, json, "{yaml}");
    }
}

#[test]
fn what_has_no_tree() {
    let rows = [
        ("a: 1\na: 2", "2:1: key `a` stands twice in this mapping"),
        ("[a]: 1", "1:1: a collection as a key has no form in JSON"),
        ("&a [*a]", "1:5: alias `*a` stands inside what it names"),
        ("<<: 1", "1:5: `<<` takes a mapping or a list of mappings"),
    ];
    for (text, expected) in rows {
        let error = run(text, "$", Format::Yaml).unwrap_err().to_string();
        assert!(error.ends_with(&expected[4..]), "{text:?}: {error}");
    }
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for number in 1..10 {
        let aliases = vec![format!("*a{}", number - 1); 10].join(", ");
        bomb.push_str(
            &[
                "a",
                &number.to_string(),
                ": &a",
                &number.to_string(),
                " [",
                &aliases,
                "]\n",
            ]
            .concat(),
        );
    }
    let error = run(&bomb, "$", Format::Yaml).unwrap_err().to_string();
    assert!(
        error.contains("stand for more than 2000000 nodes"),
        "{error}"
    );
    let mut deep = vec!["a0: &a0 [1]".to_owned()];
    for number in 1..2_000 {
        deep.push(format!("a{number}: &a{number} [*a{}]", number - 1));
    }
    let error = run(&deep.join("\n"), "$", Format::Yaml)
        .unwrap_err()
        .to_string();
    assert!(error.contains("nested deeper than 1000"), "{error}");
}

#[test]
fn expressions_are_bounded() {
    let rows = [
        format!("$[?{}@.a{}]", "(".repeat(10_000), ")".repeat(10_000)),
        format!("$[?{}@.a]", "!".repeat(10_000)),
        format!("${}", ".a".repeat(40_000)),
        "$.a[".to_owned(),
        "a".to_owned(),
    ];
    for expression in rows {
        let error = run("a: 1", &expression, Format::Yaml).unwrap_err();
        assert!(matches!(error, AccessError::Query { .. }), "{error}");
    }
}
