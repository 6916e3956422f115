//! The hosts of a target list one after another: patterns walked by number, names as they
//! resolve, exclusions and what an earlier run did left out.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use rustix::io::Errno;

use crate::exclusions::Exclusions;
use crate::hosts::Hosts;
use crate::octets::Octets;
use crate::pace::RoundTrip;
use crate::resolve::{Resolution, Resolver};
use crate::result::Reason;
use crate::socket::zone_index;
use crate::targets::{Target, Targets};

/// Addresses left out in one step, so that a huge exclusion does not hold up answers.
const PASSED_OVER_MAX: u32 = 4096;

/// Why a host is not probed but reported at once.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fate {
    Probe,
    Unresolved(Reason),
    Local(Errno),
}

/// A host under scan.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) target: usize,
    /// Index of the probe of its first port.
    pub(crate) base: u64,
    /// Port 0.
    pub(crate) address: SocketAddr,
    pub(crate) fate: Fate,
    /// All addresses of the name, where only one is reported.
    pub(crate) alternatives: Option<Arc<[SocketAddr]>>,
    pub(crate) dns_us: Option<u32>,
    pub(crate) next_place: u32,
    /// Probes begun and not yet reported.
    pub(crate) unreported: u32,
    pub(crate) round_trip: RoundTrip,
}

/// What the stream has now.
pub(crate) enum Next {
    Host(Box<Host>),
    /// More work to do before there is one; call again.
    Busy,
    /// Names are being resolved.
    Wait,
    End,
}

/// A walk over the hosts of one target, or over the network of an address that its name has.
struct Walk {
    target: usize,
    network: Option<Hosts>,
    number: u64,
    dns_us: Option<u32>,
}

pub(crate) struct HostStream {
    targets: Arc<Targets>,
    exclusions: Exclusions,
    /// Sorted, disjoint, inclusive ranges of indexes that are done.
    skip: Vec<(u64, u64)>,
    all_ips: bool,
    resolver: Resolver,
    waiting: HashMap<Arc<str>, Vec<usize>>,
    resolved: HashMap<Arc<str>, Resolution>,
    ready: VecDeque<Host>,
    walks: VecDeque<Walk>,
    next_target: usize,
    lookups_ahead: usize,
    zones: HashMap<Box<str>, Result<u32, Errno>>,
    /// Change of the number of probes against the list's: exclusions, more addresses.
    pub(crate) probes_more: u64,
    pub(crate) probes_less: u64,
}

impl HostStream {
    pub(crate) fn new(
        targets: Arc<Targets>,
        exclusions: Exclusions,
        skip: Vec<(u64, u64)>,
        all_ips: bool,
        resolver: Resolver,
        lookups_ahead: usize,
    ) -> Self {
        Self {
            targets,
            exclusions,
            skip,
            all_ips,
            resolver,
            waiting: HashMap::new(),
            resolved: HashMap::new(),
            ready: VecDeque::new(),
            walks: VecDeque::new(),
            next_target: 0,
            lookups_ahead,
            zones: HashMap::new(),
            probes_more: 0,
            probes_less: 0,
        }
    }

    /// When a name's time is over next.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.resolver.next_deadline()
    }

    /// Probes in all, as far as is known now.
    pub(crate) fn total(&self) -> u64 {
        let listed = self.targets.probes().saturating_add(self.probes_more);
        listed.saturating_sub(self.probes_less)
    }

    /// The end of the run of probes around this one that an earlier scan has done.
    pub(crate) fn skipped_until(&self, index: u64) -> Option<u64> {
        if self.skip.is_empty() {
            return None;
        }
        self.skipped_range(index).map(|range| range.1)
    }

    /// Takes in the names that were resolved meanwhile.
    pub(crate) fn take_resolved(&mut self, now: Instant) {
        for (name, resolution) in self.resolver.finished(now) {
            for target in self.waiting.remove(&name).unwrap_or_default() {
                self.add_resolved(target, &resolution);
            }
            self.resolved.insert(name, resolution);
        }
    }

    /// The next host.
    pub(crate) fn next(&mut self) -> Next {
        loop {
            if let Some(host) = self.ready.pop_front() {
                return Next::Host(Box::new(host));
            }
            if let Some(walk) = self.walks.pop_front() {
                return self.step(walk);
            }
            if self.resolver.outstanding() >= self.lookups_ahead {
                return Next::Wait;
            }
            let number = self.next_target;
            let targets = Arc::clone(&self.targets);
            let Some(target) = targets.list().get(number) else {
                return if self.resolver.outstanding() > 0 {
                    Next::Wait
                } else {
                    Next::End
                };
            };
            self.next_target += 1;
            if target.ports.is_empty() {
                continue;
            }
            match &target.hosts {
                Hosts::Name { name, .. } => self.take_name(number, target, name),
                _ => self.walks.push_back(Walk {
                    target: number,
                    network: None,
                    number: 0,
                    dns_us: None,
                }),
            }
        }
    }

    /// One address of a walk, and the walk back in its place.
    fn step(&mut self, mut walk: Walk) -> Next {
        let targets = Arc::clone(&self.targets);
        let target = &targets.list()[walk.target];
        let ports = u64::from(target.ports.len());
        let hosts = walk.network.as_ref().unwrap_or(&target.hosts);
        let count = hosts.count();
        for _ in 0..PASSED_OVER_MAX {
            if walk.number >= count {
                return Next::Busy;
            }
            let base = if walk.network.is_some() {
                target.base
            } else {
                target.base + walk.number * ports
            };
            if let Some(last) = self.skipped_whole(base, ports) {
                let done = if walk.network.is_some() {
                    count
                } else {
                    ((last.saturating_add(1) - target.base) / ports).min(count)
                };
                self.probes_less += (done - walk.number) * ports;
                walk.number = done;
                continue;
            }
            let Some(ip) = hosts.nth(walk.number) else {
                return Next::Busy;
            };
            walk.number += 1;
            if self.exclusions.contains(ip, hosts.zone()) {
                self.probes_less += ports;
                continue;
            }
            let (scope, fate) = self.scope(hosts.zone());
            let address = with_scope(SocketAddr::new(ip, 0), scope);
            let host = new_host(walk.target, base, address, fate, walk.dns_us);
            if walk.number < count {
                self.walks.push_front(walk);
            }
            return Next::Host(Box::new(host));
        }
        self.walks.push_front(walk);
        Next::Busy
    }

    fn take_name(&mut self, number: usize, target: &Target, name: &str) {
        let ports = u64::from(target.ports.len());
        if self.exclusions.contains_target(&target.hosts)
            || self.skipped_whole(target.base, ports).is_some()
        {
            self.probes_less += ports;
            return;
        }
        if let Some(resolution) = self.resolved.get(name).cloned() {
            self.add_resolved(number, &resolution);
            return;
        }
        if let Some(waiting) = self.waiting.get_mut(name) {
            waiting.push(number);
            return;
        }
        let name: Arc<str> = name.into();
        self.waiting.insert(Arc::clone(&name), vec![number]);
        self.resolver.request(name);
    }

    fn add_resolved(&mut self, number: usize, resolution: &Resolution) {
        let targets = Arc::clone(&self.targets);
        let target = &targets.list()[number];
        let ports = u64::from(target.ports.len());
        let dns_us = Some(u32::try_from(resolution.took.as_micros()).unwrap_or(u32::MAX));
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let addresses = match &resolution.addresses {
            Ok(addresses) => addresses,
            Err(reason) => {
                let fate = Fate::Unresolved(*reason);
                self.ready
                    .push_back(new_host(number, target.base, nowhere, fate, dns_us));
                return;
            }
        };
        if let Hosts::Name {
            prefix: Some(prefix),
            ..
        } = &target.hosts
        {
            self.walk_networks(number, target, addresses, *prefix, dns_us);
            return;
        }
        let kept: Arc<[SocketAddr]> = addresses
            .iter()
            .copied()
            .filter(|address| !self.exclusions.contains(address.ip(), None))
            .collect();
        let reported = if self.all_ips {
            kept.len()
        } else {
            kept.len().min(1)
        };
        self.count_change(reported, ports);
        for address in &kept[..reported] {
            let mut host = new_host(number, target.base, *address, Fate::Probe, dns_us);
            if !self.all_ips && kept.len() > 1 {
                host.alternatives = Some(Arc::clone(&kept));
            }
            self.ready.push_back(host);
        }
    }

    /// `name/24`: the networks of the name's IPv4 addresses.
    fn walk_networks(
        &mut self,
        number: usize,
        target: &Target,
        addresses: &[SocketAddr],
        prefix: u8,
        dns_us: Option<u32>,
    ) {
        let ports = u64::from(target.ports.len());
        let mut hosts = 0u64;
        let mut seen: Vec<Octets> = Vec::new();
        for address in addresses {
            if let SocketAddr::V4(address) = address {
                let octets = Octets::from(*address.ip()).masked(prefix);
                if seen.contains(&octets) {
                    continue;
                }
                seen.push(octets.clone());
                let network = Hosts::V4Pattern(Box::new(octets));
                hosts = hosts.saturating_add(network.count());
                self.walks.push_back(Walk {
                    target: number,
                    network: Some(network),
                    number: 0,
                    dns_us,
                });
            }
        }
        if hosts == 0 {
            let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
            let fate = Fate::Unresolved(Reason::NameNotFound);
            self.ready
                .push_back(new_host(number, target.base, nowhere, fate, dns_us));
            hosts = 1;
        }
        self.count_change(usize::try_from(hosts).unwrap_or(usize::MAX), ports);
    }

    fn count_change(&mut self, hosts: usize, ports: u64) {
        match hosts {
            0 => self.probes_less += ports,
            more => {
                let more = (more as u64 - 1).saturating_mul(ports);
                self.probes_more = self.probes_more.saturating_add(more);
            }
        }
    }

    fn scope(&mut self, zone: Option<&str>) -> (u32, Fate) {
        let Some(zone) = zone else {
            return (0, Fate::Probe);
        };
        if !self.zones.contains_key(zone) {
            self.zones.insert(zone.into(), zone_index(zone));
        }
        match self.zones[zone] {
            Ok(index) => (index, Fate::Probe),
            Err(errno) => (0, Fate::Local(errno)),
        }
    }

    fn skipped_range(&self, index: u64) -> Option<(u64, u64)> {
        let after = self.skip.partition_point(|range| range.0 <= index);
        let range = *self.skip.get(after.checked_sub(1)?)?;
        (index <= range.1).then_some(range)
    }

    /// The end of the skipped range that holds all of a host's probes.
    fn skipped_whole(&self, base: u64, ports: u64) -> Option<u64> {
        if self.skip.is_empty() {
            return None;
        }
        self.skipped_range(base)
            .map(|range| range.1)
            .filter(|last| *last >= base + ports - 1)
    }
}

fn new_host(
    target: usize,
    base: u64,
    address: SocketAddr,
    fate: Fate,
    dns_us: Option<u32>,
) -> Host {
    Host {
        target,
        base,
        address,
        fate,
        alternatives: None,
        dns_us,
        next_place: 0,
        unreported: 0,
        round_trip: RoundTrip::default(),
    }
}

fn with_scope(mut address: SocketAddr, scope: u32) -> SocketAddr {
    if let SocketAddr::V6(v6) = &mut address {
        v6.set_scope_id(scope);
    }
    address
}
