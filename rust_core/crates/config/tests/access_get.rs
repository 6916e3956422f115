//! Values by their paths: what `get` gives, and what it says where there is nothing.

#![allow(clippy::unwrap_used)]

use config::access::{AccessError, Form, Format, MergeKeys, Path, Reader, get};
use config::{Limits, Source};

const MANIFEST: &str = "\
# A manifest.
kind: Deployment
metadata:
  labels:
    app.kubernetes.io/name: \"web\" # quoted
    8080: port
spec:
  replicas: 0x03
  empty:
  containers:
  - name: web
    image: web:1
    ports: [80, 443,
      8080]
  - image: \"side\\tcar\"
    name: 'side car'
  script: |
    set -e
    make
";

fn got(
    text: &str,
    path: &str,
    document: Option<usize>,
    form: Form,
    merge: MergeKeys,
) -> Result<(String, usize, usize), String> {
    let limits = Limits::default();
    let source = Source::of_text(text, &limits).unwrap();
    let reader = Reader::new(&source, Format::Yaml, limits, merge);
    let path = Path::parse(path).map_err(|error| error.to_string())?;
    get(&reader, &path, document, form)
        .map(|got| (got.text, got.position.line, got.position.column))
        .map_err(|error| error.to_string())
}

fn raw(text: &str, path: &str) -> Result<String, String> {
    got(text, path, None, Form::Raw, MergeKeys::Keep).map(|(text, ..)| text)
}

#[test]
fn scalars_by_their_paths() {
    let rows = [
        ("kind", "Deployment", 2, 7),
        (".kind", "Deployment", 2, 7),
        ("/kind", "Deployment", 2, 7),
        ("metadata.labels[\"app.kubernetes.io/name\"]", "web", 5, 29),
        ("metadata.labels.'app.kubernetes.io/name'", "web", 5, 29),
        ("/metadata/labels/app.kubernetes.io~1name", "web", 5, 29),
        ("metadata.labels.8080", "port", 6, 11),
        ("metadata.labels[8080]", "port", 6, 11),
        ("spec.replicas", "0x03", 8, 13),
        ("spec.empty", "null", 9, 9),
        ("spec.containers[0].image", "web:1", 12, 12),
        (".spec.containers.[0].image", "web:1", 12, 12),
        ("spec.containers.1.name", "side car", 16, 11),
        ("/spec/containers/1/name", "side car", 16, 11),
        ("spec.containers[-1].image", "side\tcar", 15, 12),
        ("spec.containers[-2].image", "web:1", 12, 12),
        ("spec.containers[name=web].image", "web:1", 12, 12),
        (
            "spec.containers[name=\"side car\"].image",
            "side\tcar",
            15,
            12,
        ),
        ("spec.containers[0].ports[-1]", "8080", 14, 7),
        ("spec.script", "set -e\nmake\n", 17, 11),
    ];
    for (path, expected, line, column) in rows {
        let found = got(MANIFEST, path, None, Form::Raw, MergeKeys::Keep);
        assert_eq!(found, Ok((expected.to_owned(), line, column)), "{path}");
    }
}

#[test]
fn collections_as_in_the_source_and_as_json() {
    let rows = [
        (
            "spec.containers[0]",
            "name: web\nimage: web:1\nports: [80, 443,\n  8080]",
            r#"{"name":"web","image":"web:1","ports":[80,443,8080]}"#,
        ),
        (
            "spec.containers[0].ports",
            "[80, 443,\n  8080]",
            "[80,443,8080]",
        ),
        (
            "metadata",
            "labels:\n  app.kubernetes.io/name: \"web\" # quoted\n  8080: port",
            r#"{"labels":{"app.kubernetes.io/name":"web","8080":"port"}}"#,
        ),
        ("spec.replicas", "0x03", "3"),
        (
            "spec.script",
            "|\n  set -e\n  make\n",
            "\"set -e\\nmake\\n\"",
        ),
    ];
    for (path, source, json) in rows {
        let of = |form| got(MANIFEST, path, None, form, MergeKeys::Keep).map(|found| found.0);
        assert_eq!(of(Form::Source), Ok(source.to_owned()), "{path}");
        assert_eq!(of(Form::Json), Ok(json.to_owned()), "{path}");
    }
}

#[test]
fn aliases_and_merge_keys() {
    let text = "\
base: &base {image: web, env: &env [{name: A, value: 1}]}
other: &other {image: other, port: 80}
use: *base
list: [*base]
own:
  <<: [*base, *other]
  env: *env
two: &base {image: later}
late: *base
deep: &deep
  <<: {<<: *other}
";
    let rows = [
        ("use.image", MergeKeys::Keep, Ok("web")),
        ("use.env[name=A].value", MergeKeys::Keep, Ok("1")),
        ("use.env[-1].value", MergeKeys::Keep, Ok("1")),
        ("list[0].env[0].name", MergeKeys::Keep, Ok("A")),
        ("own.env[0].name", MergeKeys::Keep, Ok("A")),
        ("late.image", MergeKeys::Keep, Ok("later")),
        ("own.image", MergeKeys::Apply, Ok("web")),
        ("own.port", MergeKeys::Apply, Ok("80")),
        ("deep.port", MergeKeys::Apply, Ok("80")),
        ("own.<<[1].port", MergeKeys::Keep, Ok("80")),
        (
            "own.image",
            MergeKeys::Keep,
            Err("6:3: `own` has no key `image`"),
        ),
        (
            "own.none",
            MergeKeys::Apply,
            Err("6:3: `own` has no key `none`"),
        ),
        (
            "use.imag",
            MergeKeys::Keep,
            Err("1:13: `use` has no key `imag`, did you mean `image`?"),
        ),
    ];
    for (path, merge, expected) in rows {
        let found = got(text, path, None, Form::Raw, merge).map(|found| found.0);
        let expected = expected.map(ToOwned::to_owned).map_err(ToOwned::to_owned);
        assert_eq!(found, expected, "{path}");
    }
    let json = got(text, "own", None, Form::Json, MergeKeys::Apply).map(|found| found.0);
    let expected = r#"{"env":[{"name":"A","value":1}],"image":"web","port":80}"#;
    assert_eq!(json, Ok(expected.to_owned()));
}

#[test]
fn paths_that_lead_nowhere() {
    let rows = [
        (
            "spec.replcas",
            "8:3: `spec` has no key `replcas`, did you mean `replicas`?",
        ),
        ("nothing", "2:1: `.` has no key `nothing`"),
        (
            "spec.containers[2]",
            "11:3: `spec.containers` has 2 entries, none at 2",
        ),
        (
            "spec.containers[-3]",
            "11:3: `spec.containers` has 2 entries, none at -3",
        ),
        (
            "spec.containers[name=no]",
            "11:3: `spec.containers` has no entry [name=no]",
        ),
        (
            "spec.containers.name",
            "11:3: `spec.containers` is a sequence of 2 entries, it has no key `name`",
        ),
        ("kind.x", "2:7: `kind` is a scalar, nothing is below it"),
        (
            "spec.containers[+]",
            "11:3: `spec.containers` has no entry behind the last one",
        ),
        ("spec[+]", "8:3: `spec` is a mapping, not a sequence"),
        (
            "a..b",
            "path:3: expected a key: one that is empty or has such characters needs quotes",
        ),
        (
            "a[",
            "path:3: expected a key: one that is empty or has such characters needs quotes",
        ),
        (
            "a[x]",
            "path:4: expected an index, `+`, a key in quotes, or key=value before `]`",
        ),
        ("a['x]", "path:3: the quotes are not closed"),
        ("a[0]b", "path:5: expected `.` or `[`"),
        ("/a/~2", "path:4: `~` stands before `0` or `1` only"),
    ];
    for (path, expected) in rows {
        assert_eq!(raw(MANIFEST, path), Err(expected.to_owned()), "{path}");
    }
    let text = "a: 1\nb: {c: 1, c: 2}\nl: [{n: x}, {n: x}]\n";
    let rows = [
        ("b.c", "2:11: key `c` stands twice in this mapping"),
        ("l[n=x]", "3:4: several entries are [n=x]: give an index"),
    ];
    for (path, expected) in rows {
        assert_eq!(raw(text, path), Err(expected.to_owned()), "{path}");
    }
    // Beside the path it is not looked for.
    assert_eq!(raw(text, "a"), Ok("1".to_owned()));
}

#[test]
fn one_document_must_have_the_path() {
    let text = "a: 1\n---\nb: {c: 2}\n---\na: 3\n";
    let of = |path, document| got(text, path, document, Form::Raw, MergeKeys::Keep);
    assert_eq!(of("b.c", None), Ok(("2".to_owned(), 3, 8)));
    assert_eq!(of("a", Some(3)), Ok(("3".to_owned(), 5, 4)));
    let error = of("a", None).unwrap_err();
    assert!(error.starts_with("2 documents have `a`, such as 1 and 3"));
    let error = of("a", Some(4)).unwrap_err();
    assert_eq!(error, "there is no document 4, the stream has 3");
    assert_eq!(of("b.x", None).unwrap_err(), "3:4: `b` has no key `x`");
}

#[test]
fn the_whole_text_is_read() {
    let error = raw("a: 1\n---\nb: [", "a").unwrap_err();
    assert!(error.starts_with("3:4"), "{error}");
}

#[test]
fn ways_without_end_end() {
    // Each alias goes to an anchor before it; merging itself is not followed for ever.
    let mut lines = vec!["a0: &a0 {x: 1}".to_owned()];
    for number in 1..200 {
        let last = number - 1;
        lines.push(format!(
            "a{number}: &a{number} {{<<: [*a{last}, *a{last}]}}"
        ));
    }
    let text = lines.join("\n");
    assert_eq!(
        got(&text, "a199.x", None, Form::Raw, MergeKeys::Apply).map(|found| found.0),
        Ok("1".to_owned())
    );
    assert!(got(&text, "a199.y", None, Form::Raw, MergeKeys::Apply).is_err());
    let loops = "a: &a {<<: *a, b: [*a]}";
    assert!(got(loops, "a.x", None, Form::Raw, MergeKeys::Apply).is_err());
    assert!(got(loops, "a", None, Form::Json, MergeKeys::Keep).is_err());
}

#[test]
fn json_is_read_strictly() {
    let limits = Limits::default();
    let of = |text: &str, path: &str| {
        let source = Source::of_text(text.to_owned(), &limits).unwrap();
        let reader = Reader::new(&source, Format::Json, limits, MergeKeys::Keep);
        get(&reader, &Path::parse(path).unwrap(), None, Form::Json).map(|got| got.text)
    };
    let text = "{\"a\": [1, 12345678901234567890.50]}";
    assert_eq!(of(text, "/a/1").unwrap(), "12345678901234567890.50");
    assert!(matches!(of("{a: 1}", "a"), Err(AccessError::Syntax(_))));
}

#[test]
fn block_text_with_an_indicator_stands_alone() {
    // The second reader of the values is ruamel.yaml, in the Python tests.
    let text = "- - - |2+\n       l1\n\n      l2\n\n- >1\n   a\n  b\n";
    let source = |path| {
        let found = got(text, path, None, Form::Source, MergeKeys::Keep);
        found.map(|(text, ..)| text)
    };
    assert_eq!(source("[0][0][0]").unwrap(), "|2+\n   l1\n\n  l2\n\n");
    assert_eq!(source("[1]").unwrap(), ">2\n    a\n   b\n");
}
