//! The YAML test suite: every case's events, and an error wherever the suite wants one.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{suite_cases, to_test_events};
use config::Limits;

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
    let Some(cases) = suite_cases() else {
        return;
    };
    let name = |case: &PathBuf| case.display().to_string();
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| problem(case).map(|text| format!("{}: {text}", name(case))))
        .collect();
    println!(
        "yaml-test-suite: {} of {} cases",
        cases.len() - failures.len(),
        cases.len()
    );
    assert!(cases.len() > 200, "only {} cases", cases.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
