//! One probe on its way: which port of which host, what it met so far, and what follows from an
//! answer. No sockets here, so that the rules can be read in one place.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustix::io::Errno;

use crate::result::{Reason, State};
use crate::socket::passes_with_time;

/// Our own shortages are waited out this long.
const PATIENCE: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// Errors that waiting hardly cures: permission, and those nobody has named.
const HARD_TRIES: u32 = 3;
const HARD_PAUSE: Duration = Duration::from_millis(50);
/// Self-connects in a row after which nothing can be listening.
const SELF_CONNECTS_MAX: u8 = 5;

/// An answer that may be reported.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) state: State,
    pub(crate) reason: Reason,
    pub(crate) rtt: Option<Duration>,
    /// Number of the address among the name's.
    pub(crate) address: u16,
}

/// Shortages of our own side met by one probe.
#[derive(Debug)]
pub(crate) struct Trouble {
    since: Instant,
    tries: u32,
    pause: Duration,
}

/// A probe between its sockets.
#[derive(Debug)]
pub(crate) struct Probe {
    /// Key of its host.
    pub(crate) host: u32,
    /// Place of its port in the target's set.
    pub(crate) place: u32,
    /// Passes begun.
    pub(crate) tries: u16,
    /// Number of the address to try among the name's.
    pub(crate) address: u16,
    pub(crate) self_connects: u8,
    pub(crate) is_canary: bool,
    /// The best answer of the name's addresses so far.
    pub(crate) best: Option<Box<Answer>>,
    pub(crate) trouble: Option<Box<Trouble>>,
}

/// What to do with a probe after a shortage.
pub(crate) enum Patience {
    /// Try again then.
    Until(Instant),
    /// It does not go away: report it.
    Over,
}

impl Probe {
    pub(crate) fn new(host: u32, place: u32) -> Self {
        Self {
            host,
            place,
            tries: 0,
            address: 0,
            self_connects: 0,
            is_canary: false,
            best: None,
            trouble: None,
        }
    }

    /// Counts a shortage that began at `since` at the latest, and tells how long to wait.
    pub(crate) fn meet_trouble(&mut self, errno: Errno, since: Instant, now: Instant) -> Patience {
        let trouble = self.trouble.get_or_insert_with(|| {
            Box::new(Trouble {
                since,
                tries: 0,
                pause: FIRST_PAUSE,
            })
        });
        trouble.tries += 1;
        if passes_with_time(errno) {
            if now.duration_since(trouble.since) >= PATIENCE {
                return Patience::Over;
            }
            let pause = trouble.pause;
            trouble.pause = (pause * 2).min(LONGEST_PAUSE);
            return Patience::Until(now + pause);
        }
        if trouble.tries >= HARD_TRIES {
            return Patience::Over;
        }
        Patience::Until(now + HARD_PAUSE)
    }

    /// Sockets used for the address reported.
    pub(crate) fn sockets(&self) -> u32 {
        u32::from(self.tries) + u32::from(self.self_connects)
    }

    /// Counts a self-connect; true when it is to be tried again.
    pub(crate) fn retry_self_connect(&mut self) -> bool {
        if self.self_connects == SELF_CONNECTS_MAX {
            return false;
        }
        self.self_connects += 1;
        true
    }

    /// Weighs an answer of one of a name's addresses. The next address to try is set and true
    /// returned, or `best` is what the name came to.
    pub(crate) fn try_next_address(&mut self, answer: Answer, addresses: &[SocketAddr]) -> bool {
        let better = self
            .best
            .as_ref()
            .is_none_or(|best| answer.state < best.state);
        if better {
            self.best = Some(Box::new(answer));
        }
        let refused = self
            .best
            .as_ref()
            .is_some_and(|best| best.state == State::Closed);
        let next = if answer.state == State::Open {
            None
        } else if refused {
            // A server may listen on one family only: a refusal is confirmed at the other's first.
            let family = |address: &SocketAddr| address.is_ipv6();
            let first_of_other = addresses
                .iter()
                .position(|address| family(address) != family(&addresses[0]));
            first_of_other.filter(|place| *place > usize::from(self.address))
        } else {
            Some(usize::from(self.address) + 1).filter(|place| *place < addresses.len())
        };
        let Some(next) = next.and_then(|place| u16::try_from(place).ok()) else {
            return false;
        };
        self.address = next;
        true
    }
}
