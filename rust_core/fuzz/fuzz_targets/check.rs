//! `config check` and `config lint`: any bytes give findings with places, never a panic; and what
//! lint mends says the same and is mended at once.
#![no_main]

use std::sync::atomic::AtomicBool;

use config::check::{Rules, check_bytes};
use config::lint::{Configuration, fix, lint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let rules = Rules {
        alias_nodes: 100_000,
        ..Rules::default()
    };
    for name in ["a.yaml", "a.json", "a.ndjson"] {
        let report = check_bytes(name.into(), data, &rules, &AtomicBool::new(false));
        for problem in report.problems {
            assert!(problem.finding.start.line >= 1 && problem.finding.start.column >= 1);
        }
    }
    let configuration = Configuration::default();
    for finding in lint(data, &configuration, "a.yaml") {
        assert!(finding.start.line >= 1 && finding.start.column >= 1);
    }
    let fixed = fix(data, &configuration, "a.yaml");
    // Of many returns or comments in a row a round of mending takes one.
    if data.iter().filter(|byte| b"\r\n".contains(byte)).count() < 60 {
        assert_eq!(fix(&fixed, &configuration, "a.yaml"), fixed);
    }
});
