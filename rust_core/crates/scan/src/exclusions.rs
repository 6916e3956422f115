//! What is never probed: addresses, networks and names.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv6Addr};

use crate::hosts::{Hosts, Width, mask_v6};
use crate::octets::Octets;
use crate::problem::{Located, ProblemKind};

/// A set of hosts to leave out.
#[derive(Debug, Default, Clone)]
pub struct Exclusions {
    single: HashSet<IpAddr>,
    patterns: Vec<Octets>,
    networks: Vec<(Ipv6Addr, u8)>,
    /// Canonical name to the widest prefix given with it; 32 is the address alone.
    names: HashMap<String, u8>,
}

impl Exclusions {
    /// Adds one host as targets write it, without ports.
    ///
    /// # Errors
    /// The byte offset of the part that cannot be read, and why.
    pub fn add(&mut self, word: &str) -> Located<()> {
        let bare = word
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let offset = usize::from(bare.is_some());
        let text = bare.unwrap_or(word);
        let hosts = match text.matches(':').count() {
            0 if bare.is_none() => Hosts::parse(text)?,
            1 if bare.is_none() => {
                let colon = text.find(':').unwrap_or(0);
                return Err((colon, ProblemKind::ExclusionPort));
            }
            _ if bare.is_none() && text.starts_with('[') => return Err(bracket_problem(text)),
            _ => Hosts::parse_v6(text, Width::Excluded)
                .map_err(|(place, kind)| (offset + place, kind))?,
        };
        match hosts {
            Hosts::V4(address) => drop(self.single.insert(address.into())),
            Hosts::V4Pattern(octets) => self.patterns.push(*octets),
            Hosts::V6 {
                first, prefix: 128, ..
            } => drop(self.single.insert(first.into())),
            Hosts::V6 { first, prefix, .. } => self.networks.push((first, prefix)),
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
            IpAddr::V4(address) if prefix < 32 => {
                self.patterns.push(Octets::from(address).masked(prefix));
            }
            _ => drop(self.single.insert(address)),
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

    /// Whether nothing is excluded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.single.is_empty()
            && self.patterns.is_empty()
            && self.networks.is_empty()
            && self.names.is_empty()
    }

    /// Whether an address is excluded.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        if self.single.contains(&address) {
            return true;
        }
        match address {
            IpAddr::V4(address) => self
                .patterns
                .iter()
                .any(|pattern| pattern.contains(address)),
            IpAddr::V6(address) => self
                .networks
                .iter()
                .any(|(network, prefix)| mask_v6(address, *prefix) == *network),
        }
    }

    /// Whether a target is excluded by its name.
    #[must_use]
    pub fn contains_name(&self, name: &str) -> bool {
        !self.names.is_empty() && self.names.contains_key(&canonical(name))
    }
}

fn canonical(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

fn bracket_problem(text: &str) -> (usize, ProblemKind) {
    match text.find(']') {
        None => (0, ProblemKind::MissingBracket(text.to_owned())),
        Some(end) => (end + 1, ProblemKind::ExclusionPort),
    }
}
