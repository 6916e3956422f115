//! The linter: findings as yamllint 1.38.0 gives them, the rule two-readers, configurations and
//! their errors, comments that turn rules off, and what `fix` may and may not change.

mod common;

use config::Limits;
use config::lint::{Configuration, Rule, fix, lint};
use proptest::prelude::*;

fn configuration(text: &str) -> Configuration {
    let mut loader = |path: &str| match path {
        "base.yaml" => Ok("extends: default\nrules: {colons: disable}\n".to_owned()),
        ".gitignore" => Ok("build/\n".to_owned()),
        "circle.yaml" => Ok("extends: circle.yaml\n".to_owned()),
        _ => Err("no such file".to_owned()),
    };
    Configuration::parse(text, ".yamllint", &mut loader).unwrap_or_else(|error| panic!("{error}"))
}

fn shown(text: &str, configuration: &Configuration) -> Vec<String> {
    lint(text.as_bytes(), configuration, "a.yaml")
        .iter()
        .map(|one| {
            let (line, column) = (one.start.line, one.start.column);
            format!("{line}:{column} {} {}", one.rule, one.message)
        })
        .collect()
}

/// Texts, the one rule that is on with its options, and what yamllint says.
const YAMLLINT: &[(&str, &str, &[&str])] = &[
    (
        "{a: b}\n",
        "braces: {min-spaces-inside: 1, max-spaces-inside: 2}",
        &[
            "1:2 braces too few spaces inside braces",
            "1:6 braces too few spaces inside braces",
        ],
    ),
    (
        "{    }\n",
        "braces: {max-spaces-inside-empty: 3}",
        &["1:5 braces too many spaces inside empty braces"],
    ),
    (
        "a: [b]\n",
        "brackets: {forbid: non-empty}",
        &["1:5 brackets forbidden flow sequence"],
    ),
    (
        "a:  b\nc : d\n",
        "colons: enable",
        &[
            "1:4 colons too many spaces after colon",
            "2:2 colons too many spaces before colon",
        ],
    ),
    (
        "?   x\n",
        "colons: enable",
        &["1:4 colons too many spaces after question mark"],
    ),
    (
        "[1  ,2]\n",
        "commas: enable",
        &[
            "1:4 commas too many spaces before comma",
            "1:6 commas too few spaces after comma",
        ],
    ),
    (
        "[a\n  , b]\n",
        "commas: enable",
        &["2:2 commas too many spaces before comma"],
    ),
    (
        "a: b # x\n##x\n",
        "comments: enable",
        &[
            "1:6 comments too few spaces before comment: expected 2",
            "2:3 comments missing starting space in comment",
        ],
    ),
    (
        "a:\n  b: c\n    # x\nd: e\n",
        "comments-indentation: enable",
        &["3:5 comments-indentation comment not indented like content"],
    ),
    (
        "---\na\n---\nb\n...\n",
        "document-end: enable",
        &["3:1 document-end missing document end \"...\""],
    ),
    (
        "# c\na\n",
        "document-start: enable",
        &["2:1 document-start missing document start \"---\""],
    ),
    (
        "a\n\n\n\n\nb\n\n",
        "empty-lines: enable",
        &[
            "5:1 empty-lines too many blank lines (4 > 2)",
            "7:1 empty-lines too many blank lines (1 > 0)",
        ],
    ),
    (
        "a:\nb: {c: }\nd:\n-\n",
        "empty-values: enable",
        &[
            "1:3 empty-values empty value in block mapping",
            "2:7 empty-values empty value in flow mapping",
            "4:2 empty-values empty value in block sequence",
        ],
    ),
    (
        "- .5e3\n",
        "float-values: {require-numeral-before-decimal: true, forbid-scientific-notation: true}",
        &[
            "1:3 float-values forbidden scientific notation \".5e3\"",
            "1:3 float-values forbidden decimal missing 0 prefix \".5e3\"",
        ],
    ),
    (
        "-   b\n",
        "hyphens: enable",
        &["1:4 hyphens too many spaces after hyphen"],
    ),
    (
        "a:\n- b\nc:\n    d: e\n",
        "indentation: enable",
        &["2:1 indentation wrong indentation: expected at least 1"],
    ),
    (
        "a:\n  - b\nc:\n- d\n",
        "indentation: {indent-sequences: consistent}",
        &["4:1 indentation wrong indentation: expected 2 but found 0"],
    ),
    (
        "a: \"b\n  c\"\n",
        "indentation: {check-multi-line-strings: true}",
        &["2:3 indentation wrong indentation: expected 4 but found 2"],
    ),
    (
        "'a': x\n\"a\": y\n",
        "key-duplicates: enable",
        &["2:1 key-duplicates duplication of key \"a\" in mapping"],
    ),
    ("<<: a\n<<: b\n", "key-duplicates: enable", &[]),
    (
        "c: 1\na: 2\nb: 3\n",
        "key-ordering: enable",
        &[
            "2:1 key-ordering wrong ordering of key \"a\" in mapping",
            "3:1 key-ordering wrong ordering of key \"b\" in mapping",
        ],
    ),
    (
        "- - aaaaaaaaaaaaaa\n- aaaaaaaaaaaaaa\n",
        "line-length: {max: 10}",
        &["1:11 line-length line too long (18 > 10 characters)"],
    ),
    (
        "a",
        "new-line-at-end-of-file: enable",
        &["1:2 new-line-at-end-of-file no new line character at the end of file"],
    ),
    (
        "a\r\nb\n",
        "new-lines: enable",
        &["1:2 new-lines wrong new line character: expected \\n"],
    ),
    (
        "- 010\n- 0o10\n- 08\n",
        "octal-values: enable",
        &[
            "1:6 octal-values forbidden implicit octal value \"010\"",
            "2:7 octal-values forbidden explicit octal value \"0o10\"",
        ],
    ),
    (
        "- a\n- 'b'\n- '1'\n",
        "quoted-strings: {required: only-when-needed}",
        &["2:3 quoted-strings string value is redundantly quoted with any quotes"],
    ),
    (
        "a \t\n",
        "trailing-spaces: enable",
        &["1:2 trailing-spaces trailing spaces"],
    ),
    (
        "yes: No\n",
        "truthy: {check-keys: false}",
        &["1:6 truthy truthy value should be one of [false, true]"],
    ),
    (
        "a: *x\n",
        "anchors: enable",
        &["1:4 anchors found undeclared alias \"x\""],
    ),
    (
        "é: b\né:  c\n",
        "colons: enable",
        &["2:4 colons too many spaces after colon"],
    ),
];

#[test]
fn rules_find_what_yamllint_finds() {
    for (text, rule, wanted) in YAMLLINT {
        let configuration = configuration(&format!("rules:\n  {rule}\n"));
        assert_eq!(shown(text, &configuration), *wanted, "{rule}: {text:?}");
    }
}

#[test]
fn built_in_configurations_are_read() {
    let text = "a:  yes \n";
    let of = |configuration| {
        lint(text.as_bytes(), &configuration, "a.yaml")
            .iter()
            .map(|one| (one.rule, one.level == config::Level::Error))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of(Configuration::default()),
        [
            ("document-start", false),
            ("colons", true),
            ("truthy", false),
            ("trailing-spaces", true),
        ]
    );
    assert_eq!(
        of(Configuration::relaxed()),
        [("colons", false), ("trailing-spaces", true)]
    );
}

/// A scalar, and what the two readers make of it; none where they agree. From the types of YAML
/// 1.1, PyYAML 6 and section 10.3 of YAML 1.2.2.
const READERS: &[(&str, Option<&str>)] = &[
    ("no", Some("false, YAML 1.2 as text")),
    ("Yes", Some("true, YAML 1.2 as text")),
    ("off", Some("false, YAML 1.2 as text")),
    ("y", None),
    ("true", None),
    ("22:22", Some("the number 1342, YAML 1.2 as text")),
    ("0777", Some("the number 511, YAML 1.2 as the number 777")),
    ("0o17", Some("text, YAML 1.2 as the number 15")),
    ("1_000", Some("the number 1000, YAML 1.2 as text")),
    ("0b11", Some("the number 3, YAML 1.2 as text")),
    ("2001-01-01", Some("a date or time, YAML 1.2 as text")),
    ("1e3", Some("text, YAML 1.2 as the number 1000.0")),
    ("1.5", None),
    (".5", None),
    ("1.", None),
    ("+1", None),
    ("-0x1F", Some("the number -31, YAML 1.2 as text")),
    ("0x1F", None),
    ("=", Some("no plain value, YAML 1.2 as text")),
    ("~", None),
    (".inf", None),
    ("'no'", None),
    ("!!str no", None),
    ("12e03", Some("text, YAML 1.2 as the number 12000.0")),
    ("hello", None),
];

#[test]
fn two_readers_are_told_apart() {
    let configuration = configuration("rules: {two-readers: enable}");
    for (scalar, wanted) in READERS {
        let found = shown(&format!("k: {scalar}\n"), &configuration);
        let wanted: Vec<_> = wanted
            .iter()
            .map(|rest| format!("1:4 two-readers YAML 1.1 reads `{scalar}` as {rest}"))
            .collect();
        assert_eq!(found, wanted);
    }
    let merge = "1:1 two-readers YAML 1.1 reads `<<` as a merge key, YAML 1.2 as text";
    assert_eq!(shown("<<: {a: b}\n", &configuration), [merge]);
    let hint = |text: &str| {
        let found = lint(text.as_bytes(), &configuration, "");
        found[0].hint.clone().unwrap().into_string()
    };
    assert_eq!(
        hint("k: 0777\n"),
        "write `'0777'` for the text or `511` or `777`"
    );
    assert_eq!(
        hint("k: 1e300\n"),
        "write `'1e300'` for the text or `1.0e+300`"
    );
}

#[test]
fn wrong_configurations_say_where() {
    for (text, wanted) in [
        (
            "rules:\n  colon: enable\n",
            ".yamllint:2:3: no such rule: `colon`; did you mean `colons`?",
        ),
        (
            "rule: {}\n",
            ".yamllint:1:1: no such global option: `rule`; did you mean `rules`?",
        ),
        (
            "rules: {colons: enabled}\n",
            ".yamllint:1:17: rule `colons` takes `enable`, `disable` or a mapping; did you mean `enable`?",
        ),
        (
            "rules:\n  colons:\n    max-space-after: 1\n",
            ".yamllint:3:5: no such option of rule `colons`: `max-space-after`; did you mean `max-spaces-after`?",
        ),
        (
            "rules: {colons: {level: warn}}\n",
            ".yamllint:1:25: `level` takes `error` or `warning`",
        ),
        (
            "rules: {colons: {max-spaces-after: 'a'}}\n",
            ".yamllint:1:36: `max-spaces-after` takes a whole number",
        ),
        (
            "extends: defaults\n",
            ".yamllint:1:10: cannot read `defaults`: no such file; did you mean `default`?",
        ),
        (
            "extends: circle.yaml\n",
            "circle.yaml:1:10: too many configurations extend each other: is it a circle?",
        ),
        (
            "locale: de_DE.UTF-8\n",
            ".yamllint:1:9: locale `de_DE.UTF-8` is not supported: keys are ordered by code point; write `C.UTF-8` or leave it out",
        ),
        ("a: [\n", ".yamllint:1:4: flow sequence is not closed"),
    ] {
        let mut loader = |path: &str| match path {
            "circle.yaml" => Ok("extends: circle.yaml\n".to_owned()),
            _ => Err("no such file".to_owned()),
        };
        let error = Configuration::parse(text, ".yamllint", &mut loader).unwrap_err();
        if text.starts_with("a: [") {
            assert!(error.to_string().starts_with(".yamllint:"), "{error}");
        } else {
            assert_eq!(error.to_string(), wanted);
        }
    }
}

#[test]
fn files_are_ignored_by_pattern() {
    let all = configuration(
        "ignore-from-file: .gitignore\nrules: {colons: {ignore: '*.j2.yaml'}}\nyaml-files: ['*.yaml', '!no.yaml']\n",
    );
    for (path, is_ignored) in [
        ("build/a.yaml", true),
        ("a/build/b/c.yaml", true),
        ("a.yaml", false),
        ("./build/x", true),
        ("../a.yaml", false),
        ("/abs/build/a.yaml", true),
    ] {
        assert_eq!(all.is_ignored(path), is_ignored, "{path}");
    }
    assert!(
        all.is_yaml_file("b/a.yaml") && !all.is_yaml_file("no.yaml") && !all.is_yaml_file("a.yml")
    );
    assert_eq!(lint(b"a:  b\n", &all, "t/x.j2.yaml").len(), 0);
    assert_eq!(lint(b"a:  b\n", &all, "x.yaml").len(), 1);
    assert_eq!(lint(b"a:  b\n", &all, "build/x.yaml").len(), 0);
    let extended = configuration("extends: base.yaml\n");
    assert_eq!(shown("---\na:  b\n", &extended), Vec::<String>::new());
}

#[test]
fn comments_turn_rules_off() {
    let rules = configuration("rules: {colons: enable, trailing-spaces: enable}\n");
    for (text, wanted) in [
        ("# yamllint disable-file\na:  b \n", vec![]),
        ("\n# yamllint disable-file\na:  b\n", vec![(3, "colons")]),
        (
            "a:  b  # yamllint disable-line\nc:  d\n",
            vec![(2, "colons")],
        ),
        (
            "# yamllint disable-line rule:colons\na:  b \nc:  d\n",
            vec![(2, "trailing-spaces"), (3, "colons")],
        ),
        (
            "a:  b\n# yamllint disable rule:colons\nc:  d \n# yamllint enable\ne:  f\n",
            vec![(1, "colons"), (3, "trailing-spaces"), (5, "colons")],
        ),
        (
            "# yamllint disable\na:  b \n# yamllint enable rule:colons\nc:  d \n",
            vec![(4, "colons")],
        ),
        ("# yamllint  disable\na:  b\n", vec![(2, "colons")]),
    ] {
        let found: Vec<_> = lint(text.as_bytes(), &rules, "")
            .iter()
            .map(|one| (one.start.line, one.rule))
            .collect();
        assert_eq!(found, wanted, "{text:?}");
    }
}

#[test]
fn no_yaml_is_one_finding() {
    let found = shown("---\na: b: c\n", &Configuration::default());
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("2:5 syntax syntax error: "),
        "{found:?}"
    );
    assert!(shown("\u{1}", &Configuration::default())[0].starts_with("1:1 syntax"));
}

fn all_rules() -> Configuration {
    configuration(
        "extends: default\nrules: {document-end: enable, two-readers: enable, truthy: enable, quoted-strings: enable, key-ordering: enable, empty-values: enable, octal-values: enable, float-values: enable}\n",
    )
}

#[test]
fn fixes_are_as_written() {
    let all = all_rules();
    for (text, wanted) in [
        ("a:  b \n", "---\na: b\n...\n"),
        ("---\na: [1,2 , 3 ]\n...\n", "---\na: [1, 2, 3]\n...\n"),
        ("---\n#x\na: {  } #y\n...\n", "---\n# x\na: {}  # y\n...\n"),
        (
            "---\na: no\nb: 22:22\nc: 0777\n...\n",
            "---\na: 'no'\nb: '22:22'\nc: 0777\n...\n",
        ),
        ("---\r\na: b\r\n...\r\n", "---\na: b\n...\n"),
        (
            "---\na: |\n  x  \n\n\n\n\n  y\n...\n",
            "---\na: |\n  x  \n\n\n\n\n  y\n...\n",
        ),
        (
            "---\na:  b  # yamllint disable-line\n...\n",
            "---\na:  b  # yamllint disable-line\n...\n",
        ),
        (
            "---\na: b\n\n\n\n\nc: d\n\n\n",
            "---\na: b\n\n\nc: d\n...\n",
        ),
        ("a: b: c  \n", "a: b: c  \n"),
    ] {
        let fixed = fix(text.as_bytes(), &all, "");
        assert_eq!(String::from_utf8_lossy(&fixed), wanted, "{text:?}");
    }
}

const PIECES: &[&str] = &[
    "a",
    "b",
    "no",
    "0777",
    "22:22",
    "'q'",
    "\"d\"",
    "''",
    ": ",
    ":  ",
    " : ",
    ":\n",
    "- ",
    "-  ",
    ", ",
    " ,",
    "[ ",
    "]",
    "{",
    " }",
    "\n",
    "\n",
    "\n  ",
    "\n\n\n\n",
    "\n- ",
    "\nb: ",
    " # c",
    "#c",
    "\n# c\n",
    "|\n  x \n\n\n\n",
    ">-\n y \n",
    "&x ",
    "*x",
    "!t ",
    "? ",
    "---\n",
    "...\n",
    " ",
    "\r\n",
    "<<: ",
    "'x \n\n\n  y'",
    "\"x \\\n  y\"",
    "\t",
    "é",
    "%YAML 1.1\n---\n",
    "# yamllint disable-line\n",
    "\u{FEFF}",
    "\r",
    "=",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..20).prop_map(|pieces| pieces.concat())
}

/// What values the text has: events without styles of scalars that are text in YAML 1.2.
fn values(text: &[u8]) -> Option<String> {
    let events = common::to_test_events(text, &Limits::default()).ok()?;
    let plain = |line: &str| {
        let line = line.replace("+DOC ---", "+DOC").replace("-DOC ...", "-DOC");
        match line.split_once([':', '\'', '"', '|', '>']) {
            Some((before, value)) if line.starts_with("=VAL") => format!("{before}{value}"),
            _ => line,
        }
    };
    Some(events.lines().map(plain).collect::<Vec<_>>().join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fixing_keeps_values_and_is_done_after_once(text in soup()) {
        let all = all_rules();
        let fixed = fix(text.as_bytes(), &all, "").into_owned();
        match values(text.as_bytes()) {
            None => prop_assert_eq!(&fixed, text.as_bytes()),
            Some(before) => prop_assert_eq!(Some(before), values(&fixed), "{:?} {:?}", text, String::from_utf8_lossy(&fixed)),
        }
        let again = fix(&fixed, &all, "").into_owned();
        prop_assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&fixed));
    }

    #[test]
    fn any_text_is_fine(text in "\\PC{0,60}", bytes in prop::collection::vec(any::<u8>(), 0..60), soup in soup()) {
        let all = all_rules();
        for input in [text.as_bytes(), &bytes, soup.as_bytes()] {
            for finding in lint(input, &all, "") {
                prop_assert!(finding.start.line > 0 && finding.start.column > 0);
            }
            let _ = fix(input, &all, "");
        }
    }

    #[test]
    fn any_configuration_is_fine(text in soup()) {
        let _ = Configuration::parse(&text, "", &mut |_| Ok("a".to_owned()));
    }
}

#[test]
fn every_rule_has_its_name() {
    for name in ["anchors", "two-readers", "truthy"] {
        assert_eq!(Rule::from_name(name).map(Rule::name), Some(name));
    }
    assert_eq!(Rule::from_name("syntax"), None);
}
