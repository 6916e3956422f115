//! The way out of the engine's thread: batches of results, counters, and the wish to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Sender, TrySendError};

use crate::result::ProbeResult;

const BATCH_MAX: usize = 1024;
/// A result waits at most this long for others.
const BATCH_AGE_MAX: Duration = Duration::from_millis(20);

/// Counters of a scan; see `Progress` for what each means.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Counters {
    pub(crate) total: u64,
    pub(crate) done: u64,
    pub(crate) in_flight: u64,
    pub(crate) open: u64,
    pub(crate) connects: u64,
    pub(crate) retried: u64,
    pub(crate) found_late: u64,
    pub(crate) local_errors: u64,
    pub(crate) canary_sent: u64,
    pub(crate) canary_missed: u64,
}

impl Counters {
    pub(crate) fn to_array(self) -> [u64; 10] {
        [
            self.total,
            self.done,
            self.in_flight,
            self.open,
            self.connects,
            self.retried,
            self.found_late,
            self.local_errors,
            self.canary_sent,
            self.canary_missed,
        ]
    }
}

/// What both threads see.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) cancelled: AtomicBool,
    pub(crate) counters: [AtomicU64; 10],
}

pub(crate) struct Output {
    sender: Sender<Vec<ProbeResult>>,
    shared: Arc<Shared>,
    batch: Vec<ProbeResult>,
    flushed: Instant,
    started: Instant,
    started_unix: f64,
}

impl Output {
    pub(crate) fn new(sender: Sender<Vec<ProbeResult>>, shared: Arc<Shared>) -> Self {
        let unix = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let started = Instant::now();
        Self {
            sender,
            shared,
            batch: Vec::new(),
            flushed: started,
            started,
            started_unix: unix.as_secs_f64(),
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::Relaxed)
    }

    pub(crate) fn unix_time(&self, now: Instant) -> f64 {
        self.started_unix + now.saturating_duration_since(self.started).as_secs_f64()
    }

    pub(crate) fn push(&mut self, result: ProbeResult) {
        self.batch.push(result);
        if self.batch.len() >= BATCH_MAX {
            self.flush();
        }
    }

    /// Whether the reader is behind: then no more is begun, so that memory stays bounded.
    pub(crate) fn is_stuck(&self) -> bool {
        self.batch.len() >= BATCH_MAX
    }

    /// Hands the batch over when there is room. Never waits: sockets are in flight, and a slow
    /// reader must not make their answers late. A reader that is gone ends the scan.
    pub(crate) fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        match self.sender.try_send(std::mem::take(&mut self.batch)) {
            Ok(()) => {}
            Err(TrySendError::Full(batch)) => self.batch = batch,
            Err(TrySendError::Disconnected(_)) => {
                self.shared.cancelled.store(true, Ordering::Relaxed);
            }
        }
        self.flushed = Instant::now();
    }

    /// Hands over what is left at the end, however long the reader takes.
    pub(crate) fn finish(&mut self) {
        if !self.batch.is_empty() {
            // Fails only when the reader is gone.
            let _ = self.sender.send(std::mem::take(&mut self.batch));
        }
    }

    pub(crate) fn publish(&mut self, counters: &Counters) {
        for (shared, value) in self.shared.counters.iter().zip(counters.to_array()) {
            shared.store(value, Ordering::Relaxed);
        }
        if self.flushed.elapsed() >= BATCH_AGE_MAX {
            self.flush();
        }
    }
}
