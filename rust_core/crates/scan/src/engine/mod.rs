//! The connect engine: one thread, non-blocking sockets, readiness only for connects that are
//! still in progress. This file owns the loop and the sockets in flight; `supply` decides what is
//! probed next, `judge` what an answer means.

mod judge;
mod supply;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::net::IpAddr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use slab::Slab;

use crate::output::{Counters, Output};
use crate::pace::RateLimit;
use crate::probe::Probe;
use crate::scanner::Options;
use crate::socket::{self, Attempt, Connector, Verdict};
use crate::stream::HostStream;
use crate::targets::Targets;

use judge::Canary;
use supply::Supply;

pub(crate) const WAKER: Token = Token(usize::MAX);
const EVENTS_MAX: usize = 1024;
/// Connects between two looks at readiness: few, so that round-trip times stay true.
const BURST: usize = 32;
/// The loop looks up at least this often, for cancelling and for progress.
const NAP_MAX: Duration = Duration::from_millis(50);
/// How long a reader that is behind is left alone.
const READER_PAUSE: Duration = Duration::from_millis(20);
const STALE_DEADLINES_MAX: usize = 4096;

/// A socket on its way.
struct Flight {
    socket: OwnedFd,
    probe: Probe,
    address: IpAddr,
    sent: Instant,
    /// Tells this flight from an earlier one of the same key.
    generation: u32,
}

/// Whether there is more to launch.
enum More {
    Now,
    At(Instant),
    /// Only an answer, a deadline or the resolver brings more.
    Later,
}

pub(crate) struct Engine {
    options: Options,
    targets: Arc<Targets>,
    poll: Poll,
    events: Events,
    flights: Slab<Flight>,
    generation: u32,
    deadlines: BinaryHeap<Reverse<(Instant, usize, u32)>>,
    supply: Supply,
    connector: Connector,
    /// Sockets allowed in flight now, and at most.
    limit: usize,
    limit_max: usize,
    /// No new sockets until then: descriptors are short.
    hold_until: Option<Instant>,
    /// Since when descriptors have been short without a break.
    shortage_since: Option<Instant>,
    rate: RateLimit,
    canary: Option<Canary>,
    worst_wait: Option<Duration>,
    counters: Counters,
    output: Output,
}

impl Engine {
    pub(crate) fn new(
        options: Options,
        targets: Arc<Targets>,
        poll: Poll,
        stream: HostStream,
        output: Output,
        limit: usize,
    ) -> Self {
        Self {
            rate: RateLimit::new(options.rate, Instant::now()),
            supply: Supply::new(stream, options.host_concurrency),
            options,
            targets,
            poll,
            events: Events::with_capacity(EVENTS_MAX),
            flights: Slab::new(),
            connector: Connector::default(),
            generation: 0,
            deadlines: BinaryHeap::new(),
            limit,
            limit_max: limit,
            hold_until: None,
            shortage_since: None,
            canary: None,
            worst_wait: None,
            counters: Counters::default(),
            output,
        }
    }

    /// Scans to the end, or until cancelled.
    pub(crate) fn run(mut self) -> io::Result<()> {
        let ended = self.run_loop();
        self.flights.clear();
        self.publish();
        self.output.finish();
        ended
    }

    fn run_loop(&mut self) -> io::Result<()> {
        while !self.output.is_cancelled() {
            self.supply.stream.take_resolved(Instant::now());
            let more = self.launch_burst()?;
            let began = Instant::now();
            if !self.at_rest(&more) {
                self.collect(&more, began)?;
                self.expire(began);
                self.sweep_deadlines();
            }
            self.publish();
            if self.at_rest(&more) && !self.next_pass() {
                break;
            }
        }
        Ok(())
    }

    fn launch_burst(&mut self) -> io::Result<More> {
        for _ in 0..BURST {
            let now = Instant::now();
            self.launch_canary(now)?;
            if self.flights.len() >= self.limit {
                return Ok(More::Later);
            }
            if self.output.is_stuck() {
                return Ok(More::At(now + READER_PAUSE));
            }
            if let Some(until) = self.hold_until.filter(|until| *until > now) {
                return Ok(More::At(until));
            }
            let Some(probe) = self.next_probe(now) else {
                return Ok(self.supply.when_more());
            };
            if self.report_fate(&probe, now) {
                continue;
            }
            if let Err(wait) = self.rate.take(now) {
                self.supply.put_back(probe);
                return Ok(More::At(now + wait));
            }
            self.launch(probe)?;
        }
        Ok(More::Now)
    }

    fn launch(&mut self, probe: Probe) -> io::Result<()> {
        self.counters.connects += 1;
        let address = self.address_of(&probe);
        // Taken here: what choosing the probe took is no round trip.
        let now = Instant::now();
        match self.connector.start(address) {
            Attempt::Done(verdict) => {
                let done = Instant::now();
                self.conclude(probe, verdict, now, done);
                Ok(())
            }
            Attempt::Pending(socket) => self.watch(socket, probe, address.ip(), now),
        }
    }

    /// Puts a connect in progress under watch.
    fn watch(
        &mut self,
        socket: OwnedFd,
        probe: Probe,
        address: IpAddr,
        sent: Instant,
    ) -> io::Result<()> {
        let deadline = sent + self.wait_of(&probe);
        self.generation = self.generation.wrapping_add(1);
        let generation = self.generation;
        let raw = socket.as_raw_fd();
        let entry = self.flights.vacant_entry();
        let key = entry.key();
        let registered =
            self.poll
                .registry()
                .register(&mut SourceFd(&raw), Token(key), Interest::WRITABLE);
        if let Err(error) = registered {
            let errno = rustix::io::Errno::from_io_error(&error).ok_or(error)?;
            self.conclude(probe, Verdict::Trouble(errno), sent, Instant::now());
            return Ok(());
        }
        if !probe.is_canary {
            self.supply.enter(address);
        }
        entry.insert(Flight {
            socket,
            probe,
            address,
            sent,
            generation,
        });
        self.deadlines.push(Reverse((deadline, key, generation)));
        self.grow_limit();
        Ok(())
    }

    /// Reads what is ready, waiting for it only when there is nothing to launch.
    fn collect(&mut self, more: &More, now: Instant) -> io::Result<()> {
        let mut patience = match more {
            More::Now => Duration::ZERO,
            More::At(at) => at.saturating_duration_since(now).min(self.nap(now)),
            More::Later => self.nap(now),
        };
        if self.flights.is_empty() && patience.is_zero() {
            return Ok(());
        }
        if !patience.is_zero() {
            self.output.flush();
        }
        loop {
            match self.poll.poll(&mut self.events, Some(patience)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            }
            let keys: Vec<usize> = self
                .events
                .iter()
                .map(mio::event::Event::token)
                .filter(|token| *token != WAKER)
                .map(|token| token.0)
                .collect();
            for key in &keys {
                self.collect_flight(*key);
            }
            if keys.len() < EVENTS_MAX {
                return Ok(());
            }
            patience = Duration::ZERO;
        }
    }

    fn collect_flight(&mut self, key: usize) {
        let Some(flight) = self.flights.get(key) else {
            return;
        };
        let verdict = socket::finish(&flight.socket);
        if verdict != Verdict::InProgress {
            self.land(key, verdict);
        }
    }

    /// Closes a flight and judges its verdict.
    fn land(&mut self, key: usize, verdict: Verdict) {
        let flight = self.flights.remove(key);
        let done = Instant::now();
        drop(flight.socket);
        if !flight.probe.is_canary {
            self.supply.leave(flight.address);
        }
        self.conclude(flight.probe, verdict, flight.sent, done);
    }

    /// Ends the flights whose time was over before readiness was read.
    fn expire(&mut self, now: Instant) {
        while let Some(Reverse((deadline, key, generation))) = self.deadlines.peek().copied() {
            let current = self
                .flights
                .get(key)
                .is_some_and(|flight| flight.generation == generation);
            if current && deadline > now {
                return;
            }
            self.deadlines.pop();
            if current {
                let last_word = self
                    .flights
                    .get(key)
                    .map(|flight| socket::finish(&flight.socket));
                self.land(key, last_word.unwrap_or(Verdict::InProgress));
            }
        }
    }

    /// Answered flights leave their deadlines behind; they are swept out before they are many.
    fn sweep_deadlines(&mut self) {
        if self.deadlines.len() > 2 * self.flights.len() + STALE_DEADLINES_MAX {
            let flights = &self.flights;
            self.deadlines.retain(|Reverse((_, key, generation))| {
                flights
                    .get(*key)
                    .is_some_and(|flight| flight.generation == *generation)
            });
        }
    }

    /// How long nothing can happen but readiness.
    fn nap(&self, now: Instant) -> Duration {
        let deadline = self
            .deadlines
            .peek()
            .map(|Reverse((deadline, ..))| *deadline);
        let canary = self.canary.as_ref().and_then(Canary::due);
        [deadline, canary, self.supply.stream.next_deadline()]
            .into_iter()
            .flatten()
            .map(|time| time.saturating_duration_since(now))
            .fold(NAP_MAX, Duration::min)
    }

    /// After a shortage the limit comes back slowly.
    fn grow_limit(&mut self) {
        self.shortage_since = None;
        if self.limit < self.limit_max && self.generation.is_multiple_of(4) {
            self.limit += 1;
        }
    }

    fn at_rest(&self, more: &More) -> bool {
        let canaries = usize::from(self.canary.as_ref().is_some_and(Canary::is_in_flight));
        self.flights.len() <= canaries && matches!(more, More::Later) && self.supply.is_drained()
    }

    fn publish(&mut self) {
        self.counters.in_flight = self.flights.len() as u64;
        self.counters.total = self.supply.stream.total();
        self.output.publish(&self.counters);
    }
}
