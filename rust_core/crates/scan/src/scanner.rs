//! The public face: options in, a running scan out.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use mio::{Poll, Waker};
use thiserror::Error;

use crate::engine::{Engine, WAKER};
use crate::exclusions::Exclusions;
use crate::output::{Output, Shared};
use crate::pace;
use crate::resolve::Resolver;
use crate::result::ProbeResult;
use crate::stream::HostStream;
use crate::targets::Targets;

/// Batches that may wait for the reader.
const BATCHES_WAITING_MAX: usize = 64;

/// How to scan. Durations are limits for one probe, not for the scan.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long the first pass waits for an answer.
    pub timeout: Duration,
    /// Sockets in flight at most; none takes what the descriptor limit allows, up to 20,000.
    pub concurrency: Option<u32>,
    /// Connects a second.
    pub rate: Option<f64>,
    /// Later passes over silent probes, at most.
    pub retries: u32,
    /// Sockets in flight to one address.
    pub host_concurrency: u32,
    /// How long a name may take to resolve.
    pub resolve_timeout: Duration,
    /// Names resolved at once.
    pub resolve_concurrency: usize,
    /// Report every address of a name, not the one that answers.
    pub all_ips: bool,
    /// Probe an open port again and again, and slow down when it is missed.
    pub canary: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(1),
            concurrency: None,
            rate: None,
            retries: 6,
            host_concurrency: 1024,
            resolve_timeout: Duration::from_secs(5),
            resolve_concurrency: 32,
            all_ips: false,
            canary: false,
        }
    }
}

/// Why a scan could not start or go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ScanError {
    /// An excluded name has no address: scanning could hit what was to be left out.
    #[error("exclusion '{0}' does not resolve")]
    ExclusionUnresolved(String),
    /// The caller wanted no more before the scan began.
    #[error("interrupted")]
    Interrupted,
    /// The system refuses what every scan needs: a poll instance or a thread.
    #[error("the scan cannot run: {0}")]
    System(#[from] io::Error),
}

/// Counters of a running scan, in probes unless said otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// All there are; names count once until they are resolved.
    pub total: u64,
    /// Reported.
    pub done: u64,
    /// Sockets in flight.
    pub in_flight: u64,
    /// Found open.
    pub open: u64,
    /// Connects begun so far.
    pub connects: u64,
    /// Silent in the first pass and tried again.
    pub retried: u64,
    /// Answered only in a later pass.
    pub found_late: u64,
    /// Times our own side was short of something.
    pub local_errors: u64,
    /// Canaries sent.
    pub canary_sent: u64,
    /// Canaries that stayed silent.
    pub canary_missed: u64,
}

/// Starts scans.
#[derive(Debug, Clone, Default)]
pub struct Scanner {
    options: Options,
}

impl Scanner {
    /// A scanner with these options.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    /// This scanner, but with one result for each name whatever its addresses.
    #[must_use]
    pub fn reporting_one_address(&self) -> Self {
        let options = Options {
            all_ips: false,
            ..self.options.clone()
        };
        Self { options }
    }

    /// Starts a scan on a thread of its own. `skip` are sorted, disjoint, inclusive ranges of
    /// result indexes that are neither probed nor reported. `go_on` is asked every millisecond or so
    /// while excluded names resolve.
    ///
    /// # Errors
    /// An excluded name that does not resolve, or a system that gives no poll instance or thread.
    pub fn scan(
        &self,
        targets: Arc<Targets>,
        skip: Vec<(u64, u64)>,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Scan, ScanError> {
        let options = self.options.clone();
        let limit = pace::concurrency(options.concurrency);
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let exclusions = self.resolved_exclusions(targets.exclusions(), go_on)?;
        let resolver = Resolver::new(
            options.resolve_concurrency,
            options.resolve_timeout,
            Some(Arc::clone(&waker)),
        );
        let ahead = options.resolve_concurrency * 4;
        let stream = HostStream::new(
            Arc::clone(&targets),
            exclusions,
            skip,
            options.all_ips,
            resolver,
            ahead,
        );
        let (sender, receiver) = bounded(BATCHES_WAITING_MAX);
        let shared = Arc::new(Shared::default());
        let output = Output::new(sender, Arc::clone(&shared));
        let engine = Engine::new(options, targets, poll, stream, output, limit);
        let thread = thread::Builder::new()
            .name("scan".into())
            .spawn(move || engine.run())?;
        Ok(Scan {
            receiver,
            handle: Handle { shared, waker },
            thread: Some(thread),
        })
    }

    fn resolved_exclusions(
        &self,
        exclusions: &Exclusions,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Exclusions, ScanError> {
        let mut resolved = exclusions.clone();
        let options = &self.options;
        let mut resolver =
            Resolver::new(options.resolve_concurrency, options.resolve_timeout, None);
        for (name, _) in exclusions.names() {
            resolver.request(name.into());
        }
        let resolved_names = resolver.wait_all(go_on).ok_or(ScanError::Interrupted)?;
        for (name, resolution) in resolved_names {
            let addresses = resolution
                .addresses
                .map_err(|_| ScanError::ExclusionUnresolved(name.to_string()))?;
            let prefix = exclusions.prefix_of(&name);
            for address in addresses.iter() {
                resolved.add_address(address.ip(), prefix);
            }
        }
        Ok(resolved)
    }
}

/// Stops a scan and tells its counters, from any thread.
#[derive(Debug, Clone)]
pub struct Handle {
    shared: Arc<Shared>,
    waker: Arc<Waker>,
}

impl Handle {
    /// Asks the scan to stop; what is finished is still delivered.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::Relaxed);
        let _ = self.waker.wake();
    }

    /// The counters now.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let value = |place: usize| self.shared.counters[place].load(Ordering::Relaxed);
        Progress {
            total: value(0),
            done: value(1),
            in_flight: value(2),
            open: value(3),
            connects: value(4),
            retried: value(5),
            found_late: value(6),
            local_errors: value(7),
            canary_sent: value(8),
            canary_missed: value(9),
        }
    }
}

/// A running scan. Dropping it stops it.
#[derive(Debug)]
pub struct Scan {
    receiver: Receiver<Vec<ProbeResult>>,
    handle: Handle,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Scan {
    /// The next results: an empty batch when there is none within `patience`, `None` at the end.
    ///
    /// # Errors
    /// What stopped the engine before its end.
    pub fn next_batch(
        &mut self,
        patience: Duration,
    ) -> Result<Option<Vec<ProbeResult>>, ScanError> {
        match self.receiver.recv_timeout(patience) {
            Ok(batch) => Ok(Some(batch)),
            Err(RecvTimeoutError::Timeout) => Ok(Some(Vec::new())),
            Err(RecvTimeoutError::Disconnected) => match self.thread.take().map(JoinHandle::join) {
                Some(Ok(Err(error))) => Err(error.into()),
                Some(Err(_)) => Err(io::Error::other("the engine's thread panicked").into()),
                _ => Ok(None),
            },
        }
    }

    /// Stops the scan and tells its counters, from any thread.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        self.handle.cancel();
    }
}
