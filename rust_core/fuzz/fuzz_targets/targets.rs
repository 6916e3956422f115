//! Target and exclusion texts: any bytes give targets or problems, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scan::{PortSet, Targets};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut targets = Targets::new(&PortSet::from_ports(&[1]), PortSet::from_ports(&[]));
    for problem in targets.add(&text, "fuzz", 1) {
        assert!(problem.line >= 1 && problem.column >= 1);
        assert!(!problem.kind.to_string().is_empty());
    }
    targets.exclude(&text, data.len() % 2 == 0);
    for target in targets.list() {
        let count = target.hosts.count();
        assert!(count > 0);
        for number in [0, count / 2, count - 1] {
            if let Some(address) = target.hosts.nth(number) {
                let _ = targets.exclusions().contains(address, target.hosts.zone());
            }
        }
        assert!(
            target
                .ports
                .iter()
                .eq((0..target.ports.len()).filter_map(|n| target.ports.nth(n)))
        );
    }
});
