//! Requests: statuses, methods, paths, clients, agents and sizes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bytes::LARGEST;
use super::counter::Counter;
use super::quantiles::Quantiles;
use crate::mask::mask_path;
use crate::record::Http;

/// From this status on it is the server that failed (RFC 9110, section 15.6).
const FAILED: u16 = 500;

/// What access logs tell.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Requests {
    pub(crate) count: u64,
    pub(crate) statuses: BTreeMap<u16, u64>,
    pub(crate) methods: Counter<u64>,
    pub(crate) paths: Counter<u64>,
    /// Statuses of 500 and more with their paths, a blank between.
    pub(crate) failures: Counter<u64>,
    pub(crate) clients: Counter<u64>,
    pub(crate) agents: Counter<u64>,
    pub(crate) bytes: Quantiles,
    #[serde(skip)]
    path: Vec<u8>,
    #[serde(skip)]
    last_status: (u16, u64),
}

impl Requests {
    /// Whether it could have come from counting.
    pub(super) fn is_sound(&self) -> bool {
        let counters = [
            &self.methods,
            &self.paths,
            &self.failures,
            &self.clients,
            &self.agents,
        ];
        self.count < LARGEST
            && self.statuses.values().all(|count| *count < LARGEST)
            && counters.into_iter().all(Counter::is_sound)
            && self.bytes.is_sound()
    }

    pub(crate) fn add(&mut self, http: &Http, text: &[u8]) {
        self.count += 1;
        if self.last_status.0 == http.status {
            self.last_status.1 += 1;
        } else {
            self.settle();
            self.last_status = (http.status, 1);
        }
        let count = |count: &mut u64| *count += 1;
        let method = http.method.of(text);
        self.methods
            .add(if method.is_empty() { b"-" } else { method }, count);
        self.path.clear();
        mask_path(http.target.of(text), &mut self.path);
        self.paths.add(&self.path, count);
        if http.status >= FAILED {
            let path = std::mem::take(&mut self.path);
            self.path
                .extend_from_slice(http.status.to_string().as_bytes());
            self.path.push(b' ');
            self.path.extend_from_slice(&path);
            self.failures.add(&self.path, count);
        }
        self.clients.add(http.client.of(text), count);
        if !http.agent.is_empty() {
            self.agents.add(http.agent.of(text), count);
        }
        if let Some(bytes) = http.bytes {
            #[allow(clippy::cast_precision_loss)]
            self.bytes.add(bytes as f64);
        }
    }

    /// Brings the statuses up to date.
    pub(crate) fn settle(&mut self) {
        let (status, count) = std::mem::take(&mut self.last_status);
        if count > 0 {
            *self.statuses.entry(status).or_default() += count;
        }
    }

    pub(crate) fn merge(&mut self, mut other: Self) {
        self.settle();
        other.settle();
        self.count += other.count;
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.methods.merge(other.methods);
        self.paths.merge(other.paths);
        self.failures.merge(other.failures);
        self.clients.merge(other.clients);
        self.agents.merge(other.agents);
        self.bytes.merge(&other.bytes);
    }
}
