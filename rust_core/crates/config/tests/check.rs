//! What `check` says of texts, schemas and definitions, each with its place.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use config::check::{Definitions, Report, Rules, Validator, check_bytes, check_files, files};

/// A folder of its own for a test, removed with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("config-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn rules() -> Rules {
    Rules {
        alias_nodes: 1_000_000,
        ..Rules::default()
    }
}

fn check(name: &str, text: &str, rules: &Rules) -> Report {
    check_bytes(name.into(), text.as_bytes(), rules, &AtomicBool::new(false))
}

/// `line:column rule message`, each with its hint.
fn told(report: &Report) -> Vec<String> {
    report
        .problems
        .iter()
        .map(|problem| {
            let finding = &problem.finding;
            let hint = finding
                .hint
                .as_deref()
                .map_or(String::new(), |hint| format!(" ({hint})"));
            let (line, column) = (finding.start.line, finding.start.column);
            format!("{line}:{column} {} {}{hint}", finding.rule, finding.message)
        })
        .collect()
}

#[test]
fn texts() {
    let rows: [(&str, &str, &[&str]); 13] = [
        ("a.yaml", "a: 1\nb: [1, 2]\n---\nc\n", &[]),
        ("a.yaml", "", &[]),
        (
            "a.yaml",
            "a: 1\nb: 2\na: 3\n",
            &["3:1 duplicate-key key `a` stands in line 1 already"],
        ),
        (
            "a.yaml",
            "{1: a, 0x1: b, '1': c}",
            &["1:8 duplicate-key key `0x1` stands in line 1 already"],
        ),
        ("a.yaml", "x: {a: 1}\ny: {a: 1}\na: 1\n", &[]),
        (
            "a.yaml",
            "a: b: c\n",
            &[
                "1:5 syntax a mapping cannot start here (put it on a line of its own, or quote the text before `: `)",
            ],
        ),
        (
            "a.yaml",
            "a: &a [*a]\n",
            &["1:8 alias alias `*a` stands inside what it names"],
        ),
        (
            "a.json",
            "{\"a\": 1, \"a\": 2}",
            &["1:10 duplicate-key key `a` stands in line 1 already"],
        ),
        (
            "a.json",
            "{'a': 1}",
            &["1:2 syntax expected a key in double quotes or `}`"],
        ),
        ("a.json", "a: 1", &["1:1 syntax expected a value"]),
        (
            "a.ndjson",
            "{}\n\n[1,]\n",
            &["3:4 syntax expected a value: JSON has no comma before `]`"],
        ),
        ("a.json.gz", "[", &["1:1 syntax `[` is not closed"]),
        ("a.txt", "a: [", &["1:4 syntax `[` is not closed"]),
    ];
    for (name, text, expected) in rows {
        assert_eq!(told(&check(name, text, &rules())), expected, "{text:?}");
    }
}

#[test]
fn many_keys_are_compared_as_few_are() {
    let lines: Vec<String> = (0..1000)
        .map(|number| format!("key{number}: 1\n"))
        .collect();
    let mut text = lines.concat();
    assert!(check("a.yaml", &text, &rules()).problems.is_empty());
    text.push_str("key7: 2\nkey999: 2\nkey7: 3\n");
    let found = told(&check("a.yaml", &text, &rules()));
    assert_eq!(
        found,
        [
            "1001:1 duplicate-key key `key7` stands in line 8 already",
            "1002:1 duplicate-key key `key999` stands in line 1000 already",
            "1003:1 duplicate-key key `key7` stands in line 8 already",
        ]
    );
}

#[test]
fn hostile_texts_end_in_a_problem() {
    let mut bomb = String::from("a0: &a0 [x]\n");
    for level in 1..9 {
        let names = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{names}]").unwrap();
    }
    let deep = "[".repeat(200_000);
    for (text, rule) in [
        (bomb.as_str(), "limit"),
        (deep.as_str(), "limit"),
        ("a: \0", "encoding"),
    ] {
        let report = check("a.yaml", text, &rules());
        assert_eq!(report.problems.len(), 1);
        assert_eq!(report.problems[0].finding.rule, rule);
    }
    assert!(report_of_bytes(b"a: \xFF").starts_with("1:4 encoding invalid UTF-8"));
}

fn report_of_bytes(bytes: &[u8]) -> String {
    let report = check_bytes("a.yaml".into(), bytes, &rules(), &AtomicBool::new(false));
    told(&report).concat()
}

#[test]
fn folders_are_searched_as_git_would() {
    let folder = Folder::new("walk");
    for name in [
        "b.yaml",
        "a.yml",
        "c/d.json",
        "c/e.txt",
        "out/f.yaml",
        ".hidden/g.yaml",
        "h.ndjson",
    ] {
        folder.write(name, "1");
    }
    folder.write(".gitignore", "out/\n");
    let found: Vec<String> = files(vec![folder.0.clone()])
        .into_iter()
        .map(|path| {
            path.unwrap()
                .strip_prefix(&folder.0)
                .unwrap()
                .display()
                .to_string()
        })
        .collect();
    assert_eq!(found, ["a.yml", "b.yaml", "c/d.json", "h.ndjson"]);
    // What is named is read whatever its name is.
    let named = vec![folder.0.join("c/e.txt"), folder.0.join("none.yaml")];
    let reports = check_files(files(named), &rules(), &AtomicBool::new(false));
    assert_eq!(reports[0].documents, 1);
    assert_eq!(
        reports[1].unreadable.as_deref(),
        Some("no such file or directory")
    );
}

fn with_schema(folder: &Folder, schema: &str) -> Rules {
    let path = folder.write("schema.yaml", schema);
    Rules {
        schema: Some(Validator::from_file(&path).unwrap()),
        ..rules()
    }
}

#[test]
fn schema_errors_have_their_places() {
    let folder = Folder::new("schema");
    let rules = with_schema(
        &folder,
        "
$schema: https://json-schema.org/draft/2020-12/schema
type: object
properties:
  name: {type: string}
  replicas: {type: integer, minimum: 1}
  color: {enum: [red, green]}
  mail: {type: string, format: email}
  ports: {type: array, items: {type: integer}, uniqueItems: true}
required: [name]
additionalProperties: false
",
    );
    let text = "name: x\nreplicas: 2\n---\nreplcas: 3\nreplicas: 0\ncolor: gren\nmail: me\nports: [1, \"2\", 1]\n";
    let report = check("a.yaml", text, &rules);
    assert_eq!(
        told(&report),
        [
            "4:1 schema unknown field `replcas` (did you mean `replicas`?)",
            "4:1 schema field `name` is missing",
            "5:11 schema 0 is less than the minimum of 1",
            "6:8 schema `gren` is not one of `red`, `green` (did you mean `green`?)",
            "7:7 schema `me` is no email",
            "8:8 schema two entries are the same",
            "8:12 schema expected integer, found string `2`",
        ]
    );
    let last = report.problems.last().unwrap();
    assert_eq!(last.instance_path.as_deref(), Some("/ports/1"));
    assert_eq!(
        last.schema_path.as_deref(),
        Some("/properties/ports/items/type")
    );
    assert_eq!(last.excerpt, ("ports: [1, \"2\", 1]".to_owned(), 12));
    // Of a text that is no YAML nothing more is said.
    assert_eq!(told(&check("a.yaml", "a: [", &rules)).len(), 1);
}

#[test]
fn schemas_that_cannot_be_used_say_why() {
    let folder = Folder::new("bad-schema");
    let rows = [
        (
            "{\"$ref\": \"https://example.com/x.json\"}",
            "nothing is fetched",
        ),
        ("{\"$ref\": \"file:///etc/passwd\"}", "nothing is fetched"),
        ("{\"type\": \"objct\"}", "at /type: this is no JSON Schema"),
        ("a: [", "`[` is not closed"),
        (
            "{}\n---\n{}\n",
            "expected one document with the schema, found 2",
        ),
    ];
    for (schema, expected) in rows {
        let path = folder.write("schema.json", schema);
        let error = Validator::from_file(&path).err().unwrap().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

const DEFINITION: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shops.example.com}
spec:
  group: example.com
  names: {kind: Shop, plural: shops}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: {type: integer, minimum: 1, exclusiveMinimum: true}
              port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
              note: {type: string, nullable: true, pattern: '(?i)^[a-z]*$'}
              extra: {type: object, x-kubernetes-preserve-unknown-fields: true}
              labels: {type: object, additionalProperties: {type: string}}
              tags: {type: array, items: {type: string}, x-kubernetes-list-type: set}
              shelves:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name, row]
                items:
                  type: object
                  required: [name]
                  properties:
                    name: {type: string}
                    row: {type: integer, default: 1}
              template: {type: object, x-kubernetes-embedded-resource: true,
                         x-kubernetes-preserve-unknown-fields: true}
            x-kubernetes-validations:
            - {rule: 'self.size < 9'}
";

#[test]
fn definitions_judge_their_kinds() {
    let folder = Folder::new("definitions");
    let path = folder.write("crd.yaml", DEFINITION);
    let rules = Rules {
        definitions: Some(Definitions::from_files(&[path]).unwrap()),
        ..rules()
    };
    let head = "apiVersion: example.com/v1\nkind: Shop\nmetadata: {name: x}\nspec:\n";
    let rows: [(&str, &[&str]); 10] = [
        (
            "  size: 2\n  port: 80\n  note: null\n  extra: {a: [1]}\n  labels: {a: b}\n",
            &[],
        ),
        (
            "  sze: 2\n",
            &[
                "4:1 schema field `size` is missing",
                "5:3 schema unknown field `sze` (did you mean `size`?)",
            ],
        ),
        (
            "  size: 1\n",
            &["5:9 schema 1 is less than or equal to the minimum of 1"],
        ),
        (
            "  size: 2\n  port: 1.5\n",
            &["6:9 schema expected integer or string, found number `1.5`"],
        ),
        (
            "  size: 2\n  note: A1\n",
            &["6:9 schema `A1` does not match the pattern `(?i)^[a-z]*$`"],
        ),
        (
            "  size: 2\n  labels: {a: 1}\n",
            &["6:15 schema expected string, found integer `1`"],
        ),
        (
            "  size: 2\n  tags: [a, b, a]\n",
            &["6:16 schema a second entry with `a` in this list"],
        ),
        (
            "  size: 2\n  shelves:\n  - {name: a}\n  - {name: a, row: 2}\n  - {name: a, row: 1}\n",
            &["9:5 schema a second entry with name `a`, row `1` in this list"],
        ),
        (
            "  size: 2\n  template: {kind: Pod}\n",
            &["6:3 schema field `apiVersion` is missing"],
        ),
        (
            "  size: null\n",
            &["5:9 schema expected integer, found null `null`"],
        ),
    ];
    for (spec, expected) in rows {
        let report = check("a.yaml", &format!("{head}{spec}"), &rules);
        assert_eq!(told(&report), expected, "{spec}");
        assert_eq!(report.unjudged_rules, 1);
    }
    let other = "apiVersion: example.com/v1\nkind: Shp\n---\napiVersion: v1\nkind: Pod\n---\n---\n";
    let report = check("a.yaml", other, &rules);
    assert_eq!(
        told(&report),
        ["2:7 schema the definitions of `example.com` have no kind `Shp` (did you mean `Shop`?)",]
    );
    assert_eq!(report.unknown_kinds, ["Pod (v1)"]);
    let old = check(
        "a.yaml",
        "apiVersion: example.com/v1beta1\nkind: Shop\n",
        &rules,
    );
    assert_eq!(
        told(&old),
        [
            "1:13 schema the definitions have no version `example.com/v1beta1` of `Shop` (did you mean `example.com/v1`?)",
        ]
    );
}

#[test]
fn files_without_definitions_are_refused() {
    let folder = Folder::new("no-definitions");
    let path = folder.write("pod.yaml", "kind: Pod\napiVersion: v1\n");
    let error = Definitions::from_files(&[path]).err().unwrap();
    assert!(error.to_string().starts_with("no CustomResourceDefinition"));
}
