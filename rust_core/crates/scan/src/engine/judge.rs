//! What an answer means: a result, another address, another pass, or a shortage of our own that
//! is waited out. The canary lives here too.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use rustix::io::Errno;

use super::Engine;
use crate::probe::{Answer, Patience, Probe};
use crate::result::{ProbeResult, Reason, State};
use crate::socket::{Attempt, Verdict};
use crate::stream::Fate;

const CANARY_PERIOD: Duration = Duration::from_millis(100);
const CANARY_LIMIT_MIN: usize = 16;
/// Round trips near the kernel's first retransmission may be two tries (Karn's rule).
const SAMPLE_MAX: Duration = Duration::from_millis(900);

/// A port known to be open, probed again and again: when it stays silent, we are too fast.
pub(super) struct Canary {
    address: SocketAddr,
    due: Instant,
    in_flight: bool,
}

/// Canaries fly beside the rate, so that they may be a tenth of it at most.
fn canary_period(rate: Option<f64>) -> Duration {
    let tenth = rate.map_or(0.0, |rate| (10.0 / rate).min(3600.0));
    CANARY_PERIOD.max(Duration::from_secs_f64(tenth))
}

impl Canary {
    pub(super) fn due(&self) -> Option<Instant> {
        (!self.in_flight).then_some(self.due)
    }

    pub(super) fn is_in_flight(&self) -> bool {
        self.in_flight
    }
}

impl Engine {
    /// Judges what a socket said.
    pub(super) fn conclude(
        &mut self,
        probe: Probe,
        verdict: Verdict,
        sent: Instant,
        done: Instant,
    ) {
        if probe.is_canary {
            self.conclude_canary(verdict);
            return;
        }
        let mut probe = probe;
        if !matches!(verdict, Verdict::Trouble(_)) {
            // Each shortage has its own patience.
            probe.trouble = None;
        }
        match verdict {
            Verdict::Trouble(errno) => self.meet_trouble(probe, errno, done),
            Verdict::SelfConnect => self.meet_self_connect(probe, done),
            Verdict::InProgress => {
                self.weigh(probe, State::Filtered, Reason::NoResponse, None, done);
            }
            Verdict::Answer(state, reason) => {
                self.shortage_since = None;
                let rtt = done.duration_since(sent);
                let answered = matches!(state, State::Open | State::Closed);
                if answered && rtt < SAMPLE_MAX {
                    let trip = &mut self.supply.host_mut(probe.host).round_trip;
                    trip.sample(rtt);
                    self.worst_wait = self.worst_wait.max(trip.wait());
                }
                self.weigh(probe, state, reason, answered.then_some(rtt), done);
            }
        }
    }

    /// Reports an answer, or goes on to the name's next address or to a later pass.
    fn weigh(
        &mut self,
        mut probe: Probe,
        state: State,
        reason: Reason,
        rtt: Option<Duration>,
        now: Instant,
    ) {
        let mut answer = Answer {
            state,
            reason,
            rtt,
            address: probe.address,
        };
        if let Some(addresses) = self.supply.host(probe.host).alternatives.clone() {
            if probe.try_next_address(answer, &addresses) {
                probe.trouble = None;
                self.supply.postpone(probe, now);
                return;
            }
            answer = probe.best.as_deref().copied().unwrap_or(answer);
        }
        probe.address = answer.address;
        let silent = answer.state == State::Filtered && answer.reason == Reason::NoResponse;
        if silent && self.options.retries > 0 {
            let (host, ports) = (probe.host, self.port_count(probe.host));
            self.supply.keep_silent(probe);
            self.supply.release(host, ports);
            return;
        }
        if probe.tries > 1 && matches!(answer.state, State::Open | State::Closed) {
            self.counters.found_late += 1;
            self.supply.answered += 1;
        }
        self.report(&probe, answer.state, answer.reason, answer.rtt, now);
    }

    fn meet_trouble(&mut self, mut probe: Probe, errno: Errno, now: Instant) {
        self.counters.local_errors += 1;
        let short = matches!(
            errno,
            Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM
        );
        let since = if short {
            *self.shortage_since.get_or_insert(now)
        } else {
            now
        };
        match probe.meet_trouble(errno, since, now) {
            Patience::Until(when) => {
                if short {
                    self.limit = self.flights.len().max(1);
                    self.hold_until = Some(when);
                }
                self.supply.postpone(probe, when);
            }
            Patience::Over => {
                let reason = Reason::Errno(errno.raw_os_error());
                self.weigh(probe, State::LocalError, reason, None, now);
            }
        }
    }

    fn meet_self_connect(&mut self, mut probe: Probe, now: Instant) {
        if probe.retry_self_connect() {
            self.supply.postpone(probe, now);
        } else {
            self.weigh(probe, State::Closed, Reason::ConnRefused, None, now);
        }
    }

    /// Reports a host that is not probed: a name without an address, a zone that is not there.
    pub(super) fn report_fate(&mut self, probe: &Probe, now: Instant) -> bool {
        let (state, reason) = match self.supply.host(probe.host).fate {
            Fate::Probe => return false,
            Fate::Unresolved(reason) => (State::Unresolved, reason),
            Fate::Local(errno) => (State::LocalError, Reason::Errno(errno.raw_os_error())),
        };
        self.report(probe, state, reason, None, now);
        true
    }

    /// Hands out the result of a probe and lets go of its host when that was the last.
    pub(super) fn report(
        &mut self,
        probe: &Probe,
        state: State,
        reason: Reason,
        rtt: Option<Duration>,
        now: Instant,
    ) {
        let address = self.address_of(probe);
        let host = self.supply.host_mut(probe.host);
        host.unreported -= 1;
        let target = &self.targets.list()[host.target];
        let rtt_ns = rtt.map(|rtt| u64::try_from(rtt.as_nanos()).unwrap_or(u64::MAX));
        let unresolved = state == State::Unresolved;
        self.output.push(ProbeResult {
            index: host.base + u64::from(probe.place),
            target: host.target,
            address: (!unresolved).then_some(address.ip()),
            port: address.port(),
            state,
            reason,
            rtt_ns,
            tries: if unresolved { 0 } else { probe.sockets() },
            dns_us: host.dns_us,
            timestamp: self.output.unix_time(now),
            as_expected: target
                .expectation
                .as_ref()
                .map(|expectation| expectation.is_met(state, rtt_ns)),
        });
        let ports = target.ports.len();
        self.supply.release(probe.host, ports);
        self.counters.done += 1;
        if state == State::Open {
            self.counters.open += 1;
            self.adopt_canary(address, now);
        }
    }

    fn adopt_canary(&mut self, address: SocketAddr, now: Instant) {
        if self.options.canary && self.canary.is_none() {
            self.canary = Some(Canary {
                address,
                due: now + canary_period(self.options.rate),
                in_flight: false,
            });
        }
    }

    pub(super) fn canary_address(&self) -> SocketAddr {
        let nowhere = SocketAddr::new(IpAddr::from([0, 0, 0, 0]), 0);
        self.canary
            .as_ref()
            .map_or(nowhere, |canary| canary.address)
    }

    /// Sends the canary when it is due, beside the limits.
    pub(super) fn launch_canary(&mut self, now: Instant) -> io::Result<()> {
        let period = canary_period(self.options.rate);
        let Some(canary) = self
            .canary
            .as_mut()
            .filter(|canary| !canary.in_flight && canary.due <= now)
        else {
            return Ok(());
        };
        canary.due = now + period;
        canary.in_flight = true;
        self.counters.canary_sent += 1;
        self.counters.connects += 1;
        let mut probe = Probe::new(u32::MAX, 0);
        probe.is_canary = true;
        let address = canary.address;
        match self.connector.start(address) {
            Attempt::Done(verdict) => {
                self.conclude_canary(verdict);
                Ok(())
            }
            Attempt::Pending(socket) => self.watch(socket, probe, address.ip(), now),
        }
    }

    fn conclude_canary(&mut self, verdict: Verdict) {
        if let Some(canary) = &mut self.canary {
            canary.in_flight = false;
        }
        match verdict {
            Verdict::Answer(State::Open, _) => {
                self.limit = (self.limit + self.limit / 16 + 1).min(self.limit_max);
                self.rate.scale(1.1, self.options.rate);
            }
            Verdict::InProgress => {
                self.counters.canary_missed += 1;
                self.limit = (self.limit / 2).max(CANARY_LIMIT_MIN.min(self.limit));
                self.rate.scale(0.5, self.options.rate);
            }
            // It is open no longer: the next open port takes over.
            Verdict::Answer(..) => self.canary = None,
            Verdict::Trouble(_) | Verdict::SelfConnect => {}
        }
    }
}
