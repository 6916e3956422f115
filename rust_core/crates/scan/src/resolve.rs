//! Names to addresses through the system's resolver, in parallel, each within its own time.

use std::collections::VecDeque;
use std::fs::File;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use dns_lookup::{AddrInfoHints, LookupErrorKind, SockType, getaddrinfo};
use mio::Waker;
use rustix::io::Errno;

use crate::result::Reason;

/// Threads whose lookup is past its time still run, as the system's call cannot be stopped; past
/// this many for each allowed lookup, new ones wait.
const ABANDONED_FACTOR: usize = 8;
const DESCRIPTORS_OF_A_LOOKUP: usize = 4;
const SHORTAGE_PAUSE: Duration = Duration::from_millis(50);

/// What a name came to.
#[derive(Debug, Clone)]
pub(crate) struct Resolution {
    /// Distinct addresses in the resolver's order, or why there is none.
    pub(crate) addresses: Result<Arc<[SocketAddr]>, Reason>,
    /// How long it took.
    pub(crate) took: Duration,
}

struct Lookup {
    name: Arc<str>,
    started: Instant,
}

/// Runs lookups on threads, at most `limit` within their time at once.
pub(crate) struct Resolver {
    limit: usize,
    timeout: Duration,
    queue: VecDeque<Arc<str>>,
    running: Vec<Lookup>,
    abandoned: usize,
    sender: Sender<(Arc<str>, Resolution)>,
    receiver: Receiver<(Arc<str>, Resolution)>,
    waker: Option<Arc<Waker>>,
}

impl Resolver {
    pub(crate) fn new(limit: usize, timeout: Duration, waker: Option<Arc<Waker>>) -> Self {
        let (sender, receiver) = unbounded();
        Self {
            limit,
            timeout,
            queue: VecDeque::new(),
            running: Vec::new(),
            abandoned: 0,
            sender,
            receiver,
            waker,
        }
    }

    /// Asks for a name; its answer comes from `finished`.
    pub(crate) fn request(&mut self, name: Arc<str>) {
        self.queue.push_back(name);
        self.start_lookups();
    }

    /// Names asked for and not yet answered.
    pub(crate) fn outstanding(&self) -> usize {
        self.queue.len() + self.running.len()
    }

    /// When the next running lookup is past its time.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.running
            .iter()
            .map(|lookup| lookup.started + self.timeout)
            .min()
    }

    /// The answers that came, and those whose time is over.
    pub(crate) fn finished(&mut self, now: Instant) -> Vec<(Arc<str>, Resolution)> {
        let mut finished = Vec::new();
        while let Ok((name, resolution)) = self.receiver.try_recv() {
            if let Some(place) = self.running.iter().position(|lookup| lookup.name == name) {
                self.running.swap_remove(place);
                finished.push((name, resolution));
            } else {
                self.abandoned = self.abandoned.saturating_sub(1);
            }
        }
        let timeout = self.timeout;
        self.running.retain(|lookup| {
            let waiting = now < lookup.started + timeout;
            if !waiting {
                let addresses = Err(Reason::DnsTimeout);
                finished.push((
                    Arc::clone(&lookup.name),
                    Resolution {
                        addresses,
                        took: timeout,
                    },
                ));
                self.abandoned += 1;
            }
            waiting
        });
        // Also when nothing finished: a late answer makes room for a lookup.
        self.start_lookups();
        finished
    }

    /// Waits for all names asked for; none when `go_on` says no, which it is asked often.
    pub(crate) fn wait_all(
        &mut self,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Option<Vec<(Arc<str>, Resolution)>> {
        let mut all = Vec::new();
        while self.outstanding() > 0 {
            if !go_on() {
                return None;
            }
            all.extend(self.finished(Instant::now()));
            thread::sleep(Duration::from_millis(1));
        }
        Some(all)
    }

    fn start_lookups(&mut self) {
        while self.running.len() < self.limit && self.abandoned < self.limit * ABANDONED_FACTOR {
            let Some(name) = self.queue.pop_front() else {
                return;
            };
            let started = Instant::now();
            self.running.push(Lookup {
                name: Arc::clone(&name),
                started,
            });
            let deadline = started + self.timeout;
            let (sender, waker) = (self.sender.clone(), self.waker.clone());
            let job = move || {
                let addresses = look_up(&name, deadline);
                let _ = sender.send((
                    name,
                    Resolution {
                        addresses,
                        took: started.elapsed(),
                    },
                ));
                if let Some(waker) = waker {
                    let _ = waker.wake();
                }
            };
            if thread::Builder::new()
                .name("resolve".into())
                .spawn(job)
                .is_err()
            {
                // No thread to be had now: its time runs out and says so.
                return;
            }
        }
    }
}

/// Looks a name up. Without descriptors the system's resolver says that the name does not exist:
/// such an answer is none, and the question is asked again.
fn look_up(name: &str, deadline: Instant) -> Result<Arc<[SocketAddr]>, Reason> {
    loop {
        let answer = look_up_once(name);
        if answer.is_ok() || !is_short_of_descriptors() || Instant::now() >= deadline {
            return answer;
        }
        thread::sleep(SHORTAGE_PAUSE);
    }
}

/// Whether there are fewer descriptors left than a lookup takes.
fn is_short_of_descriptors() -> bool {
    let opened = (0..DESCRIPTORS_OF_A_LOOKUP).map(|_| File::open("/dev/null"));
    let error = opened.collect::<Result<Vec<File>, _>>().err();
    let errno = error.as_ref().and_then(Errno::from_io_error);
    matches!(errno, Some(Errno::MFILE | Errno::NFILE))
}

fn look_up_once(name: &str) -> Result<Arc<[SocketAddr]>, Reason> {
    let hints = AddrInfoHints {
        socktype: SockType::Stream.into(),
        ..AddrInfoHints::default()
    };
    let found = getaddrinfo(Some(name), None, Some(hints)).map_err(|error| match error.kind() {
        LookupErrorKind::NoName | LookupErrorKind::NoData => Reason::NameNotFound,
        LookupErrorKind::Again => Reason::DnsTimeout,
        _ => Reason::DnsFailure,
    })?;
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for address in found.flatten().map(|info| info.sockaddr) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        return Err(Reason::NameNotFound);
    }
    Ok(addresses.into())
}
