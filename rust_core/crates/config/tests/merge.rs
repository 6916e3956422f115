//! Texts over one another; the values of many more are compared in the Python tests.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;

use config::Limits;
use config::fmt::Language;
use config::merge::{Layer, Lists, MergeError, Nulls, Strategy, merge};

fn layer(text: &str) -> Layer<'_> {
    Layer {
        bytes: text.as_bytes(),
        language: Language::Yaml,
    }
}

fn merged(base: &str, overlay: &str, strategy: Strategy) -> Result<String, MergeError> {
    let new = merge(&[layer(base), layer(overlay)], strategy, &Limits::default());
    new.map(|new| String::from_utf8(new).unwrap())
}

#[test]
fn comments_and_style_of_both() {
    let rows = [
        (
            "a: 1  # one\nb: 2\n",
            "b: 3\nc: 4  # four\n",
            "a: 1  # one\nb: 3\nc: 4  # four\n",
        ),
        (
            "# top\na: 'x'  # old\n",
            "a: \"y\"\n",
            "# top\na: \"y\"  # old\n",
        ),
        ("a: 'x'  # old\n", "a: y  # new\n", "a: y  # new\n"),
        ("a: 1  # c\n", "a:\n  b: 2\n", "a:  # c\n  b: 2\n"),
        (
            "a:\n  # about b\n  b: 1\n",
            "a:\n  # about c\n  c: 2\n",
            "a:\n  # about b\n  b: 1\n  # about c\n  c: 2\n",
        ),
        ("a: {b: 1}\n", "a: {c: 2}\n", "a: {b: 1, c: 2}\n"),
        (
            "a: {b: {c: 1}}\n",
            "a:\n  b:\n    d: |\n      x\n",
            "a:\n  b:\n    c: 1\n    d: |\n      x\n",
        ),
        ("a: {}\n", "a:\n  b: 1\n", "a:\n  b: 1\n"),
        ("a: [1, 2]\n", "a:\n- 3\n", "a:\n  - 3\n"),
        ("a: 1\n", "", "a: 1\n"),
        ("", "a: 1\n", "a: 1\n"),
        ("a:\n", "a: 1\n", "a: 1\n"),
        ("1: a\n", "\"1\": b\n", "1: b\n"),
        // One key in two spellings.
        ("04: 1\n", "4: 2\n", "04: 2\n"),
        (
            "0x4: 1\n~: 2\nTrue: 3\n",
            "4: 2\n: 3\ntrue: 4\n",
            "0x4: 2\n~: 3\nTrue: 4\n",
        ),
        // Directives stand behind an end.
        (
            "a\n",
            "r\n...\n# G\n%TAG ! t\n---\n!foo x\n",
            "r\n...\n# G\n%TAG ! t\n--- !foo x\n",
        ),
        // An anchor can be all that an entry has.
        ("a: 1\n", "b: [&x , 2]\n", "a: 1\nb: [null, 2]\n"),
        ("a: 1\n", "b: &x\nc: [*x]\n", "a: 1\nb:\nc: [null]\n"),
        (
            "a: 1\n---\nb: 1\n",
            "a: 2\n---\nb: 2\n---\nc: 3\n",
            "a: 2\n---\nb: 2\n---\nc: 3\n",
        ),
    ];
    for (base, overlay, expected) in rows {
        let found = merged(base, overlay, Strategy::default()).unwrap();
        assert_eq!(found, expected, "{base:?} {overlay:?}");
    }
}

#[test]
fn lists() {
    let base = "l:\n  - name: a\n    x: 1  # keep\n  - name: b\n";
    let over = "l:\n  - name: c\n  - name: a\n    y: 2\n";
    let row = |lists, expected: &str| {
        let strategy = Strategy {
            lists,
            ..Strategy::default()
        };
        assert_eq!(merged(base, over, strategy).unwrap(), expected, "{lists:?}");
    };
    row(Lists::Replace, "l:\n  - name: c\n  - name: a\n    y: 2\n");
    row(
        Lists::Append,
        "l:\n  - name: a\n    x: 1  # keep\n  - name: b\n  - name: c\n  - name: a\n    y: 2\n",
    );
    row(
        Lists::Match,
        "l:\n  - name: a\n    x: 1  # keep\n    y: 2\n  - name: b\n  - name: c\n",
    );
    let union = Strategy {
        lists: Lists::Union,
        ..Strategy::default()
    };
    let found = merged(
        "[1, 'a', {b: 1, c: 2}]\n",
        "[a, 0x1, 3, {c: 2, b: 1}]\n",
        union,
    );
    assert_eq!(found.unwrap(), "[1, 'a', {b: 1, c: 2}, 3]\n");
}

#[test]
fn nulls_delete() {
    let strategy = Strategy {
        nulls: Nulls::Delete,
        ..Strategy::default()
    };
    let found = merged(
        "a: 1\nb:\n  c: 1\n",
        "a: null\nb: {c: ~, d: 1}\ne: {f: null}\n",
        strategy,
    );
    assert_eq!(found.unwrap(), "b:\n  d: 1\ne: {}\n");
    let found = merged("a:\n  b: 1\n  # foot\n", "a: {b: }\n", strategy);
    assert_eq!(found.unwrap(), "a:\n  {\n    # foot\n  }\n");
}

#[test]
fn documents_of_kubernetes_go_by_name() {
    let base = "apiVersion: v1\nkind: A\nmetadata: {name: x}\n---\napiVersion: v1\nkind: A\nmetadata: {name: y}\n";
    let over = "kind: A\nmetadata: {name: y}\nspec: 1\napiVersion: v2\n";
    let found = merged(base, over, Strategy::default()).unwrap();
    assert_eq!(
        found,
        base.replace("name: y}\n", "name: y}\nspec: 1\n").replacen(
            "---\napiVersion: v1",
            "---\napiVersion: v2",
            1
        )
    );
}

#[test]
fn aliases_stay_where_nothing_changes() {
    let base = "x: &x {k: 1}\ny: *x\nz: 1\n";
    let rows = [
        ("z: 2\n", "x: &x {k: 1}\ny: *x\nz: 2\n"),
        // What changes in one place must not change in the other.
        ("x: {k: 2}\n", "x: {k: 2}\ny: {k: 1}\nz: 1\n"),
        ("y: {m: 2}\n", "x: {k: 1}\ny: {k: 1, m: 2}\nz: 1\n"),
        ("x: 3\n", "x: 3\ny: {k: 1}\nz: 1\n"),
        (
            "z: &x [4]\nw: *x\n",
            "x: &x {k: 1}\ny: *x\nz: [4]\nw: [4]\n",
        ),
    ];
    for (overlay, expected) in rows {
        let found = merged(base, overlay, Strategy::default()).unwrap();
        assert_eq!(found, expected, "{overlay:?}");
    }
    let found = merged(
        "a: 1\n",
        "x: &x\n  k: |\n    t\ny: [*x]\n",
        Strategy::default(),
    )
    .unwrap();
    assert_eq!(found, "a: 1\nx:\n  k: |\n    t\ny:\n  - k: |\n      t\n");
}

#[test]
fn errors() {
    let found = merged("a: 1\n", "b: 1\nb: 2\n", Strategy::default());
    let Err(MergeError::Problem { layer: 1, problem }) = found else {
        panic!("{found:?}");
    };
    assert_eq!(
        (problem.finding.start.line, problem.finding.start.column),
        (2, 1)
    );
    let found = merged("a: [", "", Strategy::default());
    assert!(
        matches!(found, Err(MergeError::Problem { layer: 0, .. })),
        "{found:?}"
    );
    let json = Layer {
        bytes: b"{}",
        language: Language::Json,
    };
    let found = merge(
        &[json, layer("a: 1")],
        Strategy::default(),
        &Limits::default(),
    );
    assert!(matches!(found, Err(MergeError::Mixed { layer: 1 })));
}

#[test]
fn json_stays_json() {
    let json = |text: &'static str| Layer {
        bytes: text.as_bytes(),
        language: Language::Json,
    };
    let layers = [
        json(r#"{"a": {"b": 1.50}, "c": [1]}"#),
        json(r#"{"a": {"d": "é"}, "c": []}"#),
    ];
    let found = merge(&layers, Strategy::default(), &Limits::default()).unwrap();
    let expected = "{\n  \"a\": {\n    \"b\": 1.50,\n    \"d\": \"é\"\n  },\n  \"c\": []\n}\n";
    assert_eq!(String::from_utf8(found).unwrap(), expected);
    let layers = [layer("a: 1  # c\n"), json(r#"{"b": {"c": [1, {}]}}"#)];
    let found = merge(&layers, Strategy::default(), &Limits::default()).unwrap();
    let expected = "a: 1  # c\n\"b\":\n  \"c\":\n    - 1\n    - {}\n";
    assert_eq!(String::from_utf8(found).unwrap(), expected);
}

#[test]
fn bombs_are_errors() {
    let mut bomb = String::from("l0: &l0 [x]\n");
    for level in 1..=9 {
        let below = format!("*l{}, ", level - 1).repeat(9);
        writeln!(bomb, "l{level}: &l{level} [{below}]").unwrap();
    }
    let found = merged("a: 1\n", &bomb, Strategy::default());
    assert!(
        matches!(
            found,
            Err(MergeError::Aliases {
                layer: 1,
                name: "alias_nodes",
                ..
            })
        ),
        "{found:?}"
    );
    // 999 collections in one another, twice.
    let deep = format!(
        "a: &a {}{}\nb: &b {}*a{}\n",
        "[".repeat(900),
        "]".repeat(900),
        "[".repeat(900),
        "]".repeat(900)
    );
    let worker = std::thread::Builder::new().stack_size(64 << 20);
    let found = worker
        .spawn(move || merged("c: 1\n", &deep, Strategy::default()))
        .unwrap()
        .join()
        .unwrap();
    assert!(
        matches!(found, Err(MergeError::Aliases { name: "depth", .. })),
        "{found:?}"
    );
    let found = merged("c: 1\n", "a: &a [*a]\n", Strategy::default());
    assert!(found.is_err(), "{found:?}");
}
