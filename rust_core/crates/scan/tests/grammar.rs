//! Properties of the target grammar. Its cases with values and messages are the vectors that both
//! engines read from Python.

use std::net::IpAddr;

use proptest::prelude::*;
use scan::{Exclusions, Hosts, Octets, PortSet, Targets, Width};

fn targets() -> Targets {
    Targets::new(&PortSet::from_ports(&[1]), PortSet::from_ports(&[]))
}

/// Texts near the grammar, so that most branches are met.
fn near_targets() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("10.0.0.1"),
        Just("/24"),
        Just(":"),
        Just("["),
        Just("]"),
        Just("fe80::1"),
        Just("%"),
        Just("eth0"),
        Just(","),
        Just("-"),
        Just("*"),
        Just("."),
        Just(" "),
        Just("#"),
        Just("\n"),
        Just("\r\n"),
        Just("open"),
        Just("<50ms"),
        Just("|"),
        Just("db1"),
        Just("22"),
        Just("T:"),
        Just("http*"),
        Just("99999999999"),
        Just("é"),
        Just("\u{feff}"),
        Just("\t"),
        Just("\0"),
        Just("://"),
        Just("_"),
        Just("256"),
        Just("unresolved"),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn reading_targets_never_panics(text in prop_oneof![near_targets(), any::<String>()]) {
        let mut list = targets();
        let problems = list.add(&text, "test", 1);
        for problem in problems {
            prop_assert!(problem.line >= 1 && problem.column >= 1);
            let line = text.split('\n').nth(problem.line as usize - 1).unwrap();
            prop_assert!(problem.column as usize <= line.chars().count() + 1, "{problem}");
        }
        for target in list.list() {
            let count = target.hosts.count();
            for number in [0, count / 2, count - 1] {
                let _ = target.hosts.nth(number);
            }
        }
    }

    #[test]
    fn reading_exclusions_never_panics(text in prop_oneof![near_targets(), any::<String>()], comma: bool) {
        targets().exclude(&text, comma);
    }

    #[test]
    fn a_network_holds_what_shares_its_prefix(address: u32, prefix in 0u8..=32, other: u32) {
        let network = Octets::from(std::net::Ipv4Addr::from(address)).masked(prefix);
        prop_assert_eq!(network.count(), 1u64 << (32 - prefix));
        let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
        prop_assert_eq!(network.contains(other.into()), address & mask == other & mask);
        let number = u64::from(other) % network.count();
        prop_assert_eq!(u64::from(u32::from(network.nth(number))), u64::from(address & mask) + number);
    }

    #[test]
    fn ipv6_networks_are_walked_in_order(address: u128, prefix in 96u8..=128, number: u32) {
        let text = format!("{}/{prefix}", std::net::Ipv6Addr::from(address));
        let hosts = Hosts::parse_v6(&text, Width::Scanned).unwrap();
        let number = u64::from(number) % hosts.count();
        let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
        let expected: IpAddr = std::net::Ipv6Addr::from((address & mask) + u128::from(number)).into();
        prop_assert_eq!(hosts.nth(number), Some(expected));
    }

    #[test]
    fn an_exclusion_holds_exactly_its_network(address: u128, prefix in 0u8..=128, other: u128) {
        let mut exclusions = Exclusions::default();
        exclusions.add(&format!("{}/{prefix}", std::net::Ipv6Addr::from(address))).unwrap();
        let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
        let other: std::net::Ipv6Addr = other.into();
        prop_assert_eq!(
            exclusions.contains(other.into(), None),
            address & mask == u128::from(other) & mask
        );
        prop_assert!(exclusions.contains(std::net::Ipv6Addr::from(address).into(), None));
    }
}
