//! How far long work is, and whether it is to end.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Shared between the work and who watches it.
#[derive(Debug)]
pub struct Course<'a> {
    cancelled: &'a AtomicBool,
    done: &'a AtomicU64,
}

impl<'a> Course<'a> {
    /// `cancelled` asks the work to end; `done` counts the bytes that were read.
    #[must_use]
    pub fn new(cancelled: &'a AtomicBool, done: &'a AtomicU64) -> Self {
        Self { cancelled, done }
    }

    /// Whether the work is to end.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    pub(super) fn advance(&self, bytes: usize) {
        self.done.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}
