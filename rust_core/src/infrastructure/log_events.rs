//! `LogChunks` and `LogAnswer`: the events of logs and what they answer.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use logs::query::{Answer, Histogram, Query, Stats, Top};
use logs::show::{Chunk, Form, Limit, Limiter, Showing, merged, show};
use logs::{Encoding, Input, Options, open_file};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::logs::{damaged, object, text_of};

/// What is to be read: text (a str), the bytes of a file, or its path.
pub(crate) enum LogSource {
    Text(String),
    Bytes(Vec<u8>),
    Path(PathBuf),
}

impl<'py> FromPyObject<'_, 'py> for LogSource {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyString>() {
            return object.extract().map(Self::Text);
        }
        if object.is_instance_of::<PyBytes>() {
            return object.extract().map(Self::Bytes);
        }
        object.extract().map(Self::Path)
    }
}

impl LogSource {
    pub(crate) fn open<'c>(
        &'c self,
        encoding: Encoding,
        cancel: &'c AtomicBool,
    ) -> io::Result<Input<'c>> {
        match self {
            Self::Text(text) => Ok(Input::text(text.as_bytes())),
            Self::Bytes(bytes) => Input::bytes(bytes, encoding),
            Self::Path(path) => open_file(path, encoding, cancel),
        }
    }
}

pub(crate) fn query_of(
    kind: &str,
    field: Option<String>,
    by: Vec<String>,
    most: usize,
    every_seconds: Option<i64>,
) -> PyResult<Query> {
    match (kind, field) {
        ("top", Some(field)) => Ok(Query::Top(Top::new(field, most))),
        ("stats", field) => Ok(Query::Stats(Stats::new(field, by))),
        ("histogram", _) => Ok(Query::Histogram(Histogram::new(by, every_seconds))),
        _ => Err(PyValueError::new_err(format!(
            "question {kind:?} is unknown"
        ))),
    }
}

pub(crate) fn form_of(name: &str) -> PyResult<Form> {
    Ok(match name {
        "raw" => Form::Raw,
        "pretty" => Form::Pretty { has_colour: false },
        "coloured" => Form::Pretty { has_colour: true },
        "ndjson" => Form::Ndjson,
        "csv" => Form::Csv,
        _ => return Err(PyValueError::new_err(format!("form {name:?} is unknown"))),
    })
}

/// An answer; those of parts merge to that of the whole.
#[pyclass(module = "code_rust_core.infrastructure", frozen)]
pub(crate) struct LogAnswer {
    answer: Mutex<Answer>,
    /// Why the input was not read to its end.
    #[pyo3(get)]
    problem: Option<String>,
}

impl LogAnswer {
    pub(crate) fn new(answer: Answer, problem: Option<String>) -> Self {
        Self {
            answer: Mutex::new(answer),
            problem,
        }
    }
}

#[pymethods]
impl LogAnswer {
    /// Takes in the answer of another part to the same question, which stays as it is.
    fn merge(&self, other: &Bound<'_, Self>) -> PyResult<()> {
        let other = other.get().answer.lock().map_err(|_| damaged())?.clone();
        self.answer.lock().map_err(|_| damaged())?.merge(other);
        Ok(())
    }

    /// Whether there were too many groups, so that it is of a part of the events.
    #[getter]
    fn is_full(&self) -> PyResult<bool> {
        Ok(self.answer.lock().map_err(|_| damaged())?.is_full())
    }

    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let report = self.answer.lock().map_err(|_| damaged())?.report();
        object(py, &report)
    }
}

/// How often signals are looked for while nothing comes.
const POLL: Duration = Duration::from_millis(50);
/// Chunks that wait for the one who reads.
const WAITING: usize = 2;

/// What the reading thread tells.
enum Told {
    Chunk(Chunk),
    /// An input, by its number, that was not read to its end.
    Problem(usize, io::Error),
}

/// The events of inputs, written in a form: an iterator of bytes.
#[pyclass(module = "code_rust_core.infrastructure", frozen)]
pub(crate) struct LogChunks {
    header: Vec<u8>,
    cancel: Arc<AtomicBool>,
    state: Mutex<State>,
}

struct State {
    receiver: Receiver<Told>,
    header: Option<Vec<u8>>,
    events: u64,
    filtered: u64,
    dropped: u64,
    problems: Vec<(usize, io::Error)>,
}

impl LogChunks {
    pub(crate) fn start(
        inputs: Vec<(LogSource, Showing)>,
        options: Options,
        is_merged: bool,
        limit: Limit,
    ) -> PyResult<Self> {
        let (sender, receiver) = sync_channel(WAITING);
        let cancel = Arc::new(AtomicBool::new(false));
        let header = inputs
            .first()
            .map_or_else(Vec::new, |(_, showing)| showing.renderer.header());
        let flag = Arc::clone(&cancel);
        std::thread::Builder::new().spawn(move || {
            let mut limiter = Limiter::new(limit);
            let reading = Reading {
                options: &options,
                cancel: &flag,
                sender: &sender,
            };
            if is_merged {
                reading.merge(&inputs, &mut limiter);
            } else {
                reading.one_by_one(&inputs, &mut limiter);
            }
            for chunk in limiter.rest() {
                if sender.send(Told::Chunk(chunk)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self {
            header: header.clone(),
            cancel,
            state: Mutex::new(State {
                receiver,
                header: Some(header),
                events: 0,
                filtered: 0,
                dropped: 0,
                problems: Vec::new(),
            }),
        })
    }
}

/// What the reading thread works with.
struct Reading<'r> {
    options: &'r Options,
    cancel: &'r AtomicBool,
    sender: &'r SyncSender<Told>,
}

impl Reading<'_> {
    fn one_by_one(&self, inputs: &[(LogSource, Showing)], limiter: &mut Limiter) {
        for (index, (source, showing)) in inputs.iter().enumerate() {
            // What an interrupted input still had was given; the next one is not begun.
            if self.cancel.load(Ordering::Relaxed) {
                return;
            }
            let mut goes_on = true;
            let read = source
                .open(self.options.encoding, self.cancel)
                .and_then(|input| {
                    show(input, showing, self.options, self.cancel, |chunk| {
                        goes_on = self.give(limiter, chunk);
                        goes_on
                    })
                });
            if let Err(error) = read
                && goes_on
                && self.sender.send(Told::Problem(index, error)).is_err()
            {
                return;
            }
            if !goes_on {
                return;
            }
        }
    }

    fn merge(&self, inputs: &[(LogSource, Showing)], limiter: &mut Limiter) {
        let mut opened = Vec::new();
        let mut places = Vec::new();
        for (index, (source, showing)) in inputs.iter().enumerate() {
            match source.open(self.options.encoding, self.cancel) {
                Ok(input) => {
                    opened.push((input, showing.clone()));
                    places.push(index);
                }
                Err(error) => {
                    let _ = self.sender.send(Told::Problem(index, error));
                }
            }
        }
        let mut goes_on = true;
        let read = merged(opened, self.options, self.cancel, |chunk| {
            goes_on = self.give(limiter, chunk);
            goes_on
        });
        for (index, read) in places.into_iter().zip(read) {
            if let Err(error) = read
                && goes_on
            {
                let _ = self.sender.send(Told::Problem(index, error));
            }
        }
    }

    /// Whether more is wanted.
    fn give(&self, limiter: &mut Limiter, chunk: Chunk) -> bool {
        let (chunk, goes_on) = limiter.pass(chunk);
        let is_taken = chunk.is_none_or(|chunk| self.sender.send(Told::Chunk(chunk)).is_ok());
        is_taken && goes_on
    }
}

impl Drop for LogChunks {
    fn drop(&mut self) {
        self.cancel.store(true, Ordering::SeqCst);
    }
}

#[pymethods]
impl LogChunks {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        loop {
            let told = py.detach(|| {
                let mut state = self.state.lock().map_err(|_| damaged())?;
                if let Some(header) = state.header.take_if(|header| !header.is_empty()) {
                    return Ok(Some(Some(header)));
                }
                Ok::<_, PyErr>(match state.receiver.recv_timeout(POLL) {
                    Ok(told) => Some(Some(state.take(told))),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => Some(None),
                })
            })?;
            match told {
                Some(Some(text)) if text.is_empty() => {}
                Some(Some(text)) => return Ok(Some(PyBytes::new(py, &text))),
                Some(None) => return Ok(None),
                None => {}
            }
            if let Err(interrupt) = py.check_signals() {
                self.cancel.store(true, Ordering::SeqCst);
                return Err(interrupt);
            }
        }
    }

    /// Reads nothing more; what was read can still be taken.
    fn stop(&self) {
        self.cancel.store(true, Ordering::SeqCst);
    }

    /// The first line of CSV.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.header)
    }

    /// Events that were given so far.
    #[getter]
    fn events(&self) -> PyResult<u64> {
        Ok(self.state.lock().map_err(|_| damaged())?.events)
    }

    /// Events so far that did not pass the filter.
    #[getter]
    fn filtered(&self) -> PyResult<u64> {
        Ok(self.state.lock().map_err(|_| damaged())?.filtered)
    }

    /// Bytes of overlong lines so far that were left out.
    #[getter]
    fn dropped(&self) -> PyResult<u64> {
        Ok(self.state.lock().map_err(|_| damaged())?.dropped)
    }

    /// Inputs by their number that were not read to their end so far, and why.
    #[getter]
    fn problems(&self, py: Python<'_>) -> PyResult<Vec<(usize, String)>> {
        let state = self.state.lock().map_err(|_| damaged())?;
        let problems = state.problems.iter();
        Ok(problems
            .map(|(index, error)| (*index, text_of(py, error)))
            .collect())
    }
}

impl State {
    fn take(&mut self, told: Told) -> Vec<u8> {
        match told {
            Told::Chunk(chunk) => {
                self.events += chunk.events.len() as u64;
                self.filtered += chunk.filtered;
                self.dropped += chunk.dropped;
                chunk.text
            }
            Told::Problem(index, error) => {
                self.problems.push((index, error));
                Vec::new()
            }
        }
    }
}
