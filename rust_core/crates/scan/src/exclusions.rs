//! What is never probed: addresses, networks and names.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::hosts::{Hosts, Width};
use crate::octets::Octets;
use crate::problem::{Located, ProblemKind};
use crate::targets::{colons_outside_brackets, split_brackets};

/// Disjoint inclusive ranges by their first number.
#[derive(Debug, Clone)]
struct Ranges<N>(BTreeMap<N, N>);

impl<N> Default for Ranges<N> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<N: Ord + Copy> Ranges<N> {
    /// Adds a range; those it overlaps are taken in.
    fn add(&mut self, mut first: N, mut last: N) {
        while let Some((start, end)) = self.0.range(..=last).next_back().map(|(s, e)| (*s, *e)) {
            if end < first {
                break;
            }
            self.0.remove(&start);
            first = first.min(start);
            last = last.max(end);
        }
        self.0.insert(first, last);
    }

    fn contains(&self, number: N) -> bool {
        self.0
            .range(..=number)
            .next_back()
            .is_some_and(|(_, end)| number <= *end)
    }
}

/// A set of hosts to leave out.
#[derive(Debug, Default, Clone)]
pub struct Exclusions {
    v4: Ranges<u32>,
    /// Patterns that are no single range.
    v4_patterns: Vec<Octets>,
    /// By zone; those without one are for every zone.
    v6: HashMap<Box<str>, Ranges<u128>>,
    /// Canonical name to the widest prefix given with it; 32 is the address alone.
    names: HashMap<String, u8>,
}

impl Exclusions {
    /// Adds one host as targets write it, without ports.
    ///
    /// # Errors
    /// The byte offset of the part that cannot be read, and why.
    pub fn add(&mut self, word: &str) -> Located<()> {
        match parse(word)? {
            Hosts::V4(address) => self.v4.add(address.into(), address.into()),
            Hosts::V4Pattern(octets) => self.add_pattern(*octets),
            Hosts::V6 {
                first,
                prefix,
                zone,
            } => self.add_v6(first, prefix, zone.as_deref().unwrap_or("")),
            Hosts::Name { name, prefix } => {
                let widest = self.names.entry(canonical(&name)).or_insert(32);
                *widest = prefix.unwrap_or(32).min(*widest);
            }
        }
        Ok(())
    }

    /// Adds an address that an excluded name resolves to, or its network.
    pub fn add_address(&mut self, address: IpAddr, prefix: u8) {
        match address {
            IpAddr::V4(address) => self.add_pattern(Octets::from(address).masked(prefix)),
            IpAddr::V6(address) => self.add_v6(address, 128, ""),
        }
    }

    /// The excluded names, in lower case without a dot at the end, with their prefix.
    pub fn names(&self) -> impl Iterator<Item = (&str, u8)> {
        self.names
            .iter()
            .map(|(name, prefix)| (name.as_str(), *prefix))
    }

    /// The prefix given with an excluded name, 32 without one.
    pub(crate) fn prefix_of(&self, name: &str) -> u8 {
        self.names.get(name).copied().unwrap_or(32)
    }

    /// Whether an address is excluded.
    #[must_use]
    pub fn contains(&self, address: IpAddr, zone: Option<&str>) -> bool {
        match address {
            IpAddr::V4(address) => self.contains_v4(address),
            IpAddr::V6(address) => {
                let number = u128::from(address);
                let within = |zone: &str| {
                    self.v6
                        .get(zone)
                        .is_some_and(|ranges| ranges.contains(number))
                };
                // A connection to ::ffff:192.0.2.1 goes to 192.0.2.1.
                within("")
                    || zone.is_some_and(within)
                    || address
                        .to_ipv4_mapped()
                        .is_some_and(|mapped| self.contains_v4(mapped))
            }
        }
    }

    /// Whether a target is excluded by its name. `db1/24` stands for addresses, which are judged
    /// one by one.
    #[must_use]
    pub fn contains_target(&self, hosts: &Hosts) -> bool {
        match hosts {
            Hosts::Name { name, prefix: None } => {
                !self.names.is_empty() && self.names.contains_key(&canonical(name))
            }
            _ => false,
        }
    }

    fn contains_v4(&self, address: Ipv4Addr) -> bool {
        self.v4.contains(address.into())
            || self
                .v4_patterns
                .iter()
                .any(|pattern| pattern.contains(address))
    }

    fn add_pattern(&mut self, octets: Octets) {
        let (first, last) = octets.ends();
        if octets.count() == u64::from(last) - u64::from(first) + 1 {
            self.v4.add(first, last);
        } else {
            self.v4_patterns.push(octets);
        }
    }

    fn add_v6(&mut self, first: Ipv6Addr, prefix: u8, zone: &str) {
        let host_bits = u128::MAX.checked_shr(prefix.into()).unwrap_or(0);
        let last = Ipv6Addr::from(u128::from(first) | host_bits);
        if let (Some(first), Some(last)) = (first.to_ipv4_mapped(), last.to_ipv4_mapped()) {
            self.v4.add(first.into(), last.into());
        }
        self.v6
            .entry(zone.into())
            .or_default()
            .add(first.into(), last.into());
    }
}

fn canonical(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

fn parse(word: &str) -> Located<Hosts> {
    if let Some((host, rest)) = split_brackets(word)? {
        let after = host.len() + 2;
        return match rest.bytes().next() {
            None => {
                Hosts::parse_v6(host, Width::Excluded).map_err(|(place, kind)| (place + 1, kind))
            }
            Some(b':') => Err((after, ProblemKind::ExclusionPort)),
            Some(_) => Err((after, ProblemKind::AfterBracket)),
        };
    }
    match colons_outside_brackets(word)[..] {
        [] => Hosts::parse(word),
        [colon] => Err((colon, ProblemKind::ExclusionPort)),
        _ => Hosts::parse_v6(word, Width::Excluded),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranges_hold_what_was_added(added in prop::collection::vec((0u32..60, 0u32..60), 0..12)) {
            let mut ranges = Ranges::default();
            let added: Vec<_> = added.into_iter().map(|(a, b)| (a.min(b), a.max(b))).collect();
            for (first, last) in &added {
                ranges.add(*first, *last);
            }
            for number in 0..61 {
                let expected = added.iter().any(|(first, last)| (first..=last).contains(&&number));
                prop_assert_eq!(ranges.contains(number), expected);
            }
        }
    }

    #[test]
    fn addresses_are_left_out_by_what_they_connect_to() {
        let mut exclusions = Exclusions::default();
        for word in [
            "10.0.0.0/24",
            "10.1.0-3.7",
            "fe80::1%eth0",
            "2001:db8::/32",
            "::ffff:192.0.2.0/120",
        ] {
            exclusions.add(word).unwrap();
        }
        for (address, zone, expected) in [
            ("10.0.0.255", None, true),
            ("10.0.1.0", None, false),
            ("10.1.2.7", None, true),
            ("10.1.2.8", None, false),
            ("::ffff:10.0.0.1", None, true),
            ("192.0.2.9", None, true),
            ("fe80::1", Some("eth0"), true),
            ("fe80::1", Some("eth1"), false),
            ("2001:db8:ffff::1", Some("eth1"), true),
        ] {
            assert_eq!(
                exclusions.contains(address.parse().unwrap(), zone),
                expected,
                "{address}"
            );
        }
    }
}
