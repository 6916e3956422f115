//! What is probed next: postponed probes, the silent ones of a later pass, fresh ones. Ports are
//! outermost over a window of hosts, so that consecutive probes go to different hosts.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use slab::Slab;

use super::{Engine, More};
use crate::probe::Probe;
use crate::result::{Reason, State};
use crate::stream::{Host, HostStream, Next};

/// Hosts with ports not yet probed that are worked on side by side.
const WINDOW: usize = 1024;
/// Silent probes kept for a later pass; when there are more, the pass comes early.
const SILENT_MAX: usize = 131_072;
/// Probes waiting out a shortage; fresh ones wait while there are more.
const POSTPONED_MAX: usize = 1024;
/// A probe whose address has no room looks again after this.
const ROOM_PAUSE: Duration = Duration::from_millis(5);
/// Retries looked at for one whose host has room.
const LOOK_MAX: usize = 64;

/// Sockets in flight to one address, and hosts that wait for one of them to land. A lane with
/// waiting hosts always has sockets in flight.
#[derive(Default)]
struct Lane {
    in_flight: u32,
    waiting: VecDeque<u32>,
}

struct Postponed {
    when: Instant,
    probe: Probe,
}

impl PartialEq for Postponed {
    fn eq(&self, other: &Self) -> bool {
        self.when == other.when
    }
}
impl Eq for Postponed {}
impl PartialOrd for Postponed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Postponed {
    fn cmp(&self, other: &Self) -> Ordering {
        self.when.cmp(&other.when)
    }
}

/// What the stream said last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum StreamState {
    Flowing,
    Waiting,
    Ended,
}

pub(super) struct Supply {
    pub(super) stream: HostStream,
    hosts: Slab<Host>,
    host_concurrency: u32,
    lanes: HashMap<IpAddr, Lane>,
    /// Hosts with ports left that do not wait for room.
    ready: VecDeque<u32>,
    /// Hosts with ports left.
    unstarted: usize,
    state: StreamState,
    put_back: Option<Probe>,
    postponed: BinaryHeap<Reverse<Postponed>>,
    retry: VecDeque<Probe>,
    silent: Vec<Probe>,
    /// The pass under way, from 1.
    pub(super) pass: u32,
    /// Answers that this pass found where the ones before met silence.
    pub(super) answered: u64,
}

impl Supply {
    pub(super) fn new(stream: HostStream, host_concurrency: u32) -> Self {
        Self {
            stream,
            hosts: Slab::new(),
            host_concurrency,
            lanes: HashMap::new(),
            ready: VecDeque::new(),
            unstarted: 0,
            state: StreamState::Flowing,
            put_back: None,
            postponed: BinaryHeap::new(),
            retry: VecDeque::new(),
            silent: Vec::new(),
            pass: 1,
            answered: 0,
        }
    }

    pub(super) fn host(&self, key: u32) -> &Host {
        &self.hosts[key as usize]
    }

    pub(super) fn host_mut(&mut self, key: u32) -> &mut Host {
        &mut self.hosts[key as usize]
    }

    pub(super) fn put_back(&mut self, probe: Probe) {
        self.put_back = Some(probe);
    }

    pub(super) fn postpone(&mut self, probe: Probe, when: Instant) {
        self.postponed.push(Reverse(Postponed { when, probe }));
    }

    pub(super) fn keep_silent(&mut self, probe: Probe) {
        self.silent.push(probe);
    }

    /// When a postponed probe is due next.
    pub(super) fn next_time(&self) -> Option<Instant> {
        self.postponed
            .peek()
            .map(|Reverse(postponed)| postponed.when)
    }

    /// When to ask again after there was no probe.
    pub(super) fn when_more(&self) -> More {
        let flowing = self.state == StreamState::Flowing && self.pass == 1;
        match self.next_time() {
            _ if flowing && self.has_room() && self.unstarted < WINDOW => More::Now,
            Some(when) => More::At(when),
            None => More::Later,
        }
    }

    /// Whether nothing is left to begin in this pass.
    pub(super) fn is_drained(&self) -> bool {
        let fresh = self.unstarted == 0 && self.state == StreamState::Ended;
        self.put_back.is_none()
            && self.postponed.is_empty()
            && self.retry.is_empty()
            && (fresh || self.silent.len() >= SILENT_MAX || self.pass > 1)
    }

    /// Lets go of a host whose last probe was reported.
    pub(super) fn release(&mut self, key: u32, ports: u32) {
        let host = &self.hosts[key as usize];
        if host.unreported == 0 && host.next_place >= ports {
            self.hosts.remove(key as usize);
        }
    }

    /// Counts a socket to an address.
    pub(super) fn enter(&mut self, address: IpAddr) {
        self.lanes.entry(address).or_default().in_flight += 1;
    }

    /// Counts a socket that landed, and calls a waiting host; all of them when it was the last.
    pub(super) fn leave(&mut self, address: IpAddr) {
        let Some(lane) = self.lanes.get_mut(&address) else {
            return;
        };
        lane.in_flight -= 1;
        if lane.in_flight == 0 {
            self.ready.extend(lane.waiting.drain(..));
            self.lanes.remove(&address);
        } else {
            self.ready.extend(lane.waiting.pop_front());
        }
    }

    fn is_full(&self, address: IpAddr) -> bool {
        self.lanes
            .get(&address)
            .is_some_and(|lane| lane.in_flight >= self.host_concurrency)
    }

    fn has_room(&self) -> bool {
        self.silent.len() < SILENT_MAX && self.postponed.len() < POSTPONED_MAX
    }

    fn refill(&mut self) {
        while self.unstarted < WINDOW {
            match self.stream.next() {
                Next::Host(host) => {
                    let key = self.hosts.insert(*host);
                    // Hosts are bounded by the window and the silent list, far below u32::MAX.
                    self.ready.push_back(u32::try_from(key).unwrap_or(u32::MAX));
                    self.unstarted += 1;
                    self.state = StreamState::Flowing;
                }
                Next::Busy => {
                    self.state = StreamState::Flowing;
                    return;
                }
                Next::Wait => {
                    self.state = StreamState::Waiting;
                    return;
                }
                Next::End => {
                    self.state = StreamState::Ended;
                    return;
                }
            }
        }
    }

    fn retry_with_room(&mut self) -> Option<Probe> {
        for _ in 0..self.retry.len().min(LOOK_MAX) {
            let probe = self.retry.pop_front()?;
            if !self.is_full(self.host(probe.host).address.ip()) {
                return Some(probe);
            }
            self.retry.push_back(probe);
        }
        None
    }
}

impl Engine {
    pub(super) fn next_probe(&mut self, now: Instant) -> Option<Probe> {
        if let Some(probe) = self.supply.put_back.take() {
            return Some(probe);
        }
        if let Some(probe) = self.due_probe(now) {
            return Some(probe);
        }
        if self.supply.pass > 1 {
            return self.supply.retry_with_room();
        }
        self.fresh_probe()
    }

    /// A postponed probe whose time has come and whose address has room.
    fn due_probe(&mut self, now: Instant) -> Option<Probe> {
        if self.supply.next_time().is_none_or(|when| when > now) {
            return None;
        }
        let Reverse(Postponed { probe, .. }) = self.supply.postponed.pop()?;
        if self.supply.is_full(self.address_of(&probe).ip()) {
            self.supply.postpone(probe, now + ROOM_PAUSE);
            return None;
        }
        Some(probe)
    }

    fn fresh_probe(&mut self) -> Option<Probe> {
        if !self.supply.has_room() {
            return None;
        }
        if self.supply.state != StreamState::Ended {
            self.supply.refill();
        }
        while let Some(key) = self.supply.ready.pop_front() {
            let address = self.supply.host(key).address.ip();
            if self.supply.is_full(address) {
                self.supply
                    .lanes
                    .entry(address)
                    .or_default()
                    .waiting
                    .push_back(key);
                continue;
            }
            let ports = self.port_count(key);
            let (place, base) = (self.supply.host(key).next_place, self.supply.host(key).base);
            let skipped = self.supply.stream.skipped_until(base + u64::from(place));
            let next = match skipped {
                None => place + 1,
                Some(last) => u32::try_from(last.saturating_add(1) - base)
                    .unwrap_or(ports)
                    .min(ports),
            };
            self.supply.host_mut(key).next_place = next;
            if next < ports {
                self.supply.ready.push_back(key);
            } else {
                self.supply.unstarted -= 1;
            }
            if skipped.is_none() {
                self.supply.host_mut(key).unreported += 1;
                let mut probe = Probe::new(key, place);
                probe.tries = 1;
                return Some(probe);
            }
            self.supply.stream.probes_less += u64::from(next - place);
            self.supply.release(key, ports);
        }
        None
    }

    /// Begins the next pass over the silent probes, or goes back to fresh ones. False at the end.
    pub(super) fn next_pass(&mut self) -> bool {
        let supply = &mut self.supply;
        let further = if supply.pass == 1 {
            self.options.retries > 0
        } else {
            supply.answered > 0
        };
        if !supply.silent.is_empty() && further && supply.pass <= self.options.retries {
            supply.pass += 1;
            supply.answered = 0;
            if supply.pass == 2 {
                self.counters.retried += supply.silent.len() as u64;
            }
            for mut probe in supply.silent.drain(..) {
                probe.tries += 1;
                probe.address = 0;
                probe.best = None;
                supply.retry.push_back(probe);
            }
            return true;
        }
        let now = Instant::now();
        for probe in std::mem::take(&mut supply.silent) {
            self.report(&probe, State::Filtered, Reason::NoResponse, None, now);
        }
        self.supply.pass = 1;
        self.supply.unstarted > 0 || self.supply.state != StreamState::Ended
    }

    /// How many ports the target of a host has.
    pub(super) fn port_count(&self, key: u32) -> u32 {
        self.targets.list()[self.supply.host(key).target]
            .ports
            .len()
    }

    /// Where a probe goes.
    pub(super) fn address_of(&self, probe: &Probe) -> SocketAddr {
        if probe.is_canary {
            return self.canary_address();
        }
        let host = self.supply.host(probe.host);
        let mut address = host
            .alternatives
            .as_ref()
            .map_or(host.address, |all| all[usize::from(probe.address)]);
        let ports = &self.targets.list()[host.target].ports;
        address.set_port(ports.nth(probe.place).unwrap_or(0));
        address
    }

    /// How long a probe waits: the timeout in the first pass, later what the round trips teach.
    pub(super) fn wait_of(&self, probe: &Probe) -> Duration {
        if probe.tries <= 1 && !probe.is_canary {
            return self.options.timeout;
        }
        let own = if probe.is_canary {
            None
        } else {
            self.supply.host(probe.host).round_trip.wait()
        };
        own.or(self.worst_wait)
            .map_or(self.options.timeout, |wait| wait.min(self.options.timeout))
    }
}
