//! How fast: the connect rate, round-trip times and the wait that follows from them, and the
//! process's descriptor limit.

use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors left to the rest of the process.
const DESCRIPTOR_RESERVE: u64 = 64;
/// More sockets in flight gain nothing and cost kernel memory, about 3 KiB each.
const CONCURRENCY_MAX: u64 = 20_000;
/// Later passes never wait less than this.
const WAIT_MIN: Duration = Duration::from_millis(200);

/// A token bucket: `rate` connects a second, with at most ten milliseconds' worth at once.
#[derive(Debug)]
pub(crate) struct RateLimit {
    rate: f64,
    tokens: f64,
    filled: Instant,
}

impl RateLimit {
    pub(crate) fn new(rate: Option<f64>, now: Instant) -> Self {
        Self {
            rate: rate.unwrap_or(f64::INFINITY),
            tokens: 1.0,
            filled: now,
        }
    }

    /// Takes one connect, or tells how long until there is one.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        if self.rate.is_infinite() {
            return Ok(());
        }
        let burst = (self.rate * 0.01).max(1.0);
        let gained = now.saturating_duration_since(self.filled).as_secs_f64() * self.rate;
        self.tokens = (self.tokens + gained).min(burst);
        self.filled = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64(
            ((1.0 - self.tokens) / self.rate).min(3600.0),
        ))
    }

    /// Slows down or speeds up by a factor, never beyond the rate that was asked for.
    pub(crate) fn scale(&mut self, factor: f64, asked: Option<f64>) {
        if let Some(asked) = asked {
            self.rate = (self.rate * factor).clamp(asked / 64.0, asked);
        }
    }
}

/// Smoothed round-trip time and its variance in microseconds, RFC 6298 section 2.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RoundTrip {
    smoothed_us: u32,
    variance_us: u32,
}

impl RoundTrip {
    pub(crate) fn sample(&mut self, rtt: Duration) {
        let rtt_us = u32::try_from(rtt.as_micros())
            .unwrap_or(u32::MAX / 16)
            .clamp(1, u32::MAX / 16);
        if self.smoothed_us == 0 {
            self.smoothed_us = rtt_us;
            self.variance_us = rtt_us / 2;
            return;
        }
        let gap = self.smoothed_us.abs_diff(rtt_us);
        self.variance_us = self.variance_us / 4 * 3 + gap / 4;
        self.smoothed_us = self.smoothed_us / 8 * 7 + rtt_us / 8;
    }

    /// How long a later pass waits for this host; none without a sample.
    pub(crate) fn wait(self) -> Option<Duration> {
        let timeout_us = u64::from(self.smoothed_us) + 4 * u64::from(self.variance_us);
        (self.smoothed_us > 0).then(|| Duration::from_micros(2 * timeout_us).max(WAIT_MIN))
    }
}

/// How many sockets may be in flight: what was asked for, within the descriptor limit, which is
/// raised to the hard one where that is needed.
pub(crate) fn concurrency(asked: Option<u32>) -> usize {
    let wanted = asked.map_or(CONCURRENCY_MAX, u64::from).max(1);
    let limit = getrlimit(Resource::Nofile);
    let hard = limit.maximum.unwrap_or(u64::MAX);
    let mut soft = limit.current.unwrap_or(u64::MAX);
    let needed = wanted + DESCRIPTOR_RESERVE;
    if soft < needed {
        let raised = needed.min(hard);
        let new = Rlimit {
            current: Some(raised),
            maximum: limit.maximum,
        };
        if setrlimit(Resource::Nofile, new).is_ok() {
            soft = raised;
        }
    }
    // With very few descriptors a quarter of them is better than none.
    let usable = soft.saturating_sub(DESCRIPTOR_RESERVE).max(soft / 4);
    usize::try_from(wanted.min(usable).max(1)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_gives_its_rate_and_no_more() {
        let start = Instant::now();
        let mut bucket = RateLimit::new(Some(50.0), start);
        let mut taken = 0;
        for millisecond in 0..2000 {
            while bucket
                .take(start + Duration::from_millis(millisecond))
                .is_ok()
            {
                taken += 1;
            }
        }
        assert!((99..=101).contains(&taken), "{taken}");
    }

    #[test]
    fn rates_below_one_a_second_wait_longer_than_one() {
        let start = Instant::now();
        let mut bucket = RateLimit::new(Some(0.25), start);
        assert_eq!(bucket.take(start), Ok(()));
        let wait = bucket.take(start).unwrap_err();
        assert!((3.9..=4.1).contains(&wait.as_secs_f64()), "{wait:?}");
    }

    #[test]
    fn the_wait_follows_rfc_6298() {
        let mut trip = RoundTrip::default();
        assert_eq!(trip.wait(), None);
        trip.sample(Duration::from_millis(100));
        // srtt 100 ms, rttvar 50 ms: 100 + 4 * 50 = 300 ms, doubled.
        assert_eq!(trip.wait(), Some(Duration::from_millis(600)));
        for _ in 0..50 {
            trip.sample(Duration::from_micros(80));
        }
        assert_eq!(trip.wait(), Some(WAIT_MIN));
    }
}
