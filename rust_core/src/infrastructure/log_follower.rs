//! `LogFollower`: the events of files that grow.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use logs::Options;
use logs::filter::Filter;
use logs::follow::{Follower, Note, analyze_followed, show_followed};
use logs::show::{Limit, Limiter, Showing};
use logs::summary::Summary;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::logs::{LogSummary, damaged};

/// How often files are looked at.
const POLL: Duration = Duration::from_millis(50);

/// Events that came, as they are written, their number, and what happened to files by their number.
type Polled<'py> = (Bound<'py, PyBytes>, usize, Vec<(usize, String)>);

/// Files that are followed.
#[pyclass(module = "code_rust_core.infrastructure", frozen)]
pub(crate) struct LogFollower {
    state: Mutex<State>,
}

struct State {
    files: Vec<(Follower, Showing)>,
    options: Options,
    /// Files of which the first events are to come, of which only the last are given.
    last: usize,
    is_first: Vec<bool>,
    summary: Summary,
}

impl LogFollower {
    pub(crate) fn new(files: Vec<(Follower, Showing)>, options: Options, last: usize) -> Self {
        // What comes through a pipe is new.
        let is_first = files
            .iter()
            .map(|(follower, _)| follower.has_past())
            .collect();
        Self {
            state: Mutex::new(State {
                files,
                options,
                last,
                is_first,
                summary: Summary::default(),
            }),
        }
    }
}

#[pymethods]
impl LogFollower {
    /// Waits until something came or so many milliseconds have passed. With `counts` events go to
    /// the summary and are not written.
    fn poll<'py>(&self, py: Python<'py>, timeout_ms: u64, counts: bool) -> PyResult<Polled<'py>> {
        let (text, events, notes) = py.detach(|| {
            let end = Instant::now() + Duration::from_millis(timeout_ms);
            let mut state = self.state.lock().map_err(|_| damaged())?;
            loop {
                let polled = state.poll(counts);
                if !polled.0.is_empty() || polled.1 > 0 || !polled.2.is_empty() {
                    return Ok::<_, PyErr>(polled);
                }
                if Instant::now() >= end {
                    return Ok(polled);
                }
                std::thread::sleep(POLL);
            }
        })?;
        Ok((PyBytes::new(py, &text), events, notes))
    }

    /// Whether nothing more can come: all are pipes that ended.
    #[getter]
    fn is_over(&self) -> PyResult<bool> {
        let state = self.state.lock().map_err(|_| damaged())?;
        Ok(state.files.iter().all(|(follower, _)| follower.is_over()))
    }

    /// What was counted so far.
    fn summary(&self) -> PyResult<LogSummary> {
        let state = self.state.lock().map_err(|_| damaged())?;
        Ok(LogSummary::new(state.summary.clone()))
    }
}

impl State {
    fn poll(&mut self, counts: bool) -> (Vec<u8>, usize, Vec<(usize, String)>) {
        let (mut text, mut events, mut told) = (Vec::new(), 0, Vec::new());
        for (index, (follower, showing)) in self.files.iter_mut().enumerate() {
            let mut notes = Vec::new();
            let came = follower.poll(&mut notes);
            told.extend(notes.iter().map(|note| (index, words(note))));
            if came.is_empty() {
                continue;
            }
            let options = follower.options(&self.options);
            if counts {
                let filter = Arc::new(Filter::clone(&showing.filter));
                if let Ok(part) = analyze_followed(&came, &filter, &options) {
                    events += usize::try_from(part.events).unwrap_or(usize::MAX);
                    self.summary.merge(part);
                }
                continue;
            }
            let limit = if std::mem::take(&mut self.is_first[index]) {
                Limit::Last(self.last)
            } else {
                Limit::None
            };
            let mut limiter = Limiter::new(limit);
            let mut take = |chunk: logs::show::Chunk| {
                text.extend_from_slice(&chunk.text);
                events += chunk.events.len();
            };
            // It fails only where a thread ends early.
            let _ = show_followed(&came, showing, &options, |chunk| {
                let (chunk, goes_on) = limiter.pass(chunk);
                chunk.into_iter().for_each(&mut take);
                goes_on
            });
            limiter.rest().for_each(take);
        }
        (text, events, told)
    }
}

fn words(note: &Note) -> String {
    match note {
        Note::Missing => "is not there, waiting for it".to_owned(),
        Note::Appeared => "is there now".to_owned(),
        Note::Rotated => "was rotated, following the new file".to_owned(),
        Note::Truncated => "was cut, following it from its start".to_owned(),
        Note::Ended => "ended".to_owned(),
        Note::Failed(reason) => reason.clone(),
        _ => "changed".to_owned(),
    }
}
