//! What a target's line says should be: `open`, `closed|filtered`, `open <50ms`.

use crate::problem::ProblemKind;
use crate::result::State;

/// The states that are fine, and the latency below which an open port must answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    states: Vec<State>,
    latency_us: Option<u64>,
    text: Box<str>,
}

impl Expectation {
    /// Whether a word begins an expectation.
    #[must_use]
    pub fn begins(word: &str) -> bool {
        word.starts_with('<')
            || word
                .split('|')
                .all(|part| State::expected_from(part).is_some())
    }

    /// Reads the words from the first of the expectation to the line's end. The error carries the
    /// number of the word that is wrong.
    ///
    /// # Errors
    /// The number of the word that cannot be read, and why.
    pub fn parse(words: &[&str]) -> Result<Self, (usize, ProblemKind)> {
        if let Some(word) = words.first().filter(|word| !Self::begins(word)) {
            return Err((0, ProblemKind::NotAnExpectation((*word).to_owned())));
        }
        let mut states = Vec::new();
        let mut rest = words;
        if let Some(first) = words.first().filter(|word| !word.starts_with('<')) {
            states.extend(first.split('|').filter_map(State::expected_from));
            rest = &words[1..];
        }
        let place = words.len() - rest.len();
        let latency = rest.first().filter(|word| word.starts_with('<'));
        let read = |word: &&str| {
            let wrong = || (place, ProblemKind::Latency((*word).to_owned()));
            parse_latency(&word[1..]).ok_or_else(wrong)
        };
        let latency_us = latency.map(read).transpose()?;
        let end = place + usize::from(latency.is_some());
        if let Some(extra) = words.get(end) {
            return Err((end, ProblemKind::AfterExpectation((*extra).to_owned())));
        }
        if states.is_empty() {
            states.push(State::Open);
        }
        if latency_us.is_some() && states != [State::Open] {
            return Err((place, ProblemKind::LatencyState));
        }
        let prefix = if rest.len() == words.len() {
            "open "
        } else {
            ""
        };
        Ok(Self {
            states,
            latency_us,
            text: format!("{prefix}{}", words.join(" ")).into(),
        })
    }

    /// Whether a state with this latency is as expected.
    #[must_use]
    pub fn is_met(&self, state: State, rtt_ns: Option<u64>) -> bool {
        let in_time = |limit: u64| rtt_ns.is_some_and(|rtt| rtt < limit.saturating_mul(1000));
        self.states.contains(&state) && self.latency_us.is_none_or(in_time)
    }

    /// The expectation as typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Microseconds of `50ms`, `1.5s`, `200us`.
fn parse_latency(text: &str) -> Option<u64> {
    let number_length = text
        .bytes()
        .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
        .count();
    let (number, unit) = text.split_at(number_length);
    let factor = match unit {
        "us" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let value: f64 = number.parse().ok()?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
    Some((value * factor) as u64)
}
