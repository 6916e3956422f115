//! The YAML test suite: every case's events, and an error wherever the suite wants one.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::to_test_events;
use config::Limits;

/// `$CODE_OPS_SHARED`, or `../shared` beside the repository.
fn suite() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared");
    let shared = std::env::var_os("CODE_OPS_SHARED").map_or(beside, PathBuf::from);
    Some(shared.join("data/yaml-test-suite")).filter(|path| path.is_dir())
}

fn collect(folder: &Path, cases: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, cases);
        } else if path.ends_with("in.yaml") {
            cases.push(folder.to_path_buf());
        }
    }
}

/// What is wrong with a case, if anything.
fn problem(case: &Path) -> Option<String> {
    let input = fs::read(case.join("in.yaml")).unwrap();
    let found = to_test_events(&input, &Limits::default());
    let must_fail = case.join("error").exists();
    let expected = fs::read_to_string(case.join("test.event")).unwrap();
    match found {
        Ok(_) if must_fail => Some("accepted, but must fail".to_owned()),
        Ok(found) if found == expected => None,
        Ok(found) => Some(format!("expected\n{expected}found\n{found}")),
        Err(_) if must_fail => None,
        Err(error) => Some(format!("must not fail: {error}")),
    }
}

#[test]
#[allow(clippy::print_stdout)]
fn every_case_gives_its_events() {
    let Some(suite) = suite() else {
        println!(
            "skipped: no yaml-test-suite; set CODE_OPS_SHARED to the folder that holds data/yaml-test-suite"
        );
        return;
    };
    let mut cases = Vec::new();
    collect(&suite, &mut cases);
    cases.sort();
    let name = |case: &PathBuf| case.strip_prefix(&suite).unwrap().display().to_string();
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| problem(case).map(|text| format!("{}: {text}", name(case))))
        .collect();
    println!(
        "yaml-test-suite: {} of {} cases",
        cases.len() - failures.len(),
        cases.len()
    );
    assert!(
        cases.len() > 200,
        "only {} cases in {}",
        cases.len(),
        suite.display()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
