//! `LogAnalyzer` and `LogSummary`: what logs say.

use std::io;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::{SystemTime, UNIX_EPOCH};

use logs::filter::Filter;
use logs::follow::Follower;
use logs::format::{Format, Pattern};
use logs::query::{Answer, ask};
use logs::show::{Limit, Renderer, Showing};
use logs::summary::Summary;
use logs::time::WallClock;
use logs::{Analysis, Encoding, Input, Options, analyze, count_words, inspect, open_file};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};
use serde_json::Value;

use super::log_events::{LogAnswer, LogChunks, LogSource, form_of, query_of};
use super::log_filter::LogFilter;
use super::log_follower::LogFollower;
use crate::waiting::interruptible_borrowed;

/// Text or bytes, neither of which is copied.
#[derive(FromPyObject)]
pub(crate) enum Content<'py> {
    #[pyo3(transparent)]
    Text(Bound<'py, PyString>),
    #[pyo3(transparent)]
    Bytes(Bound<'py, PyBytes>),
}

impl Content<'_> {
    fn bytes(&self) -> PyResult<&[u8]> {
        match self {
            Content::Text(text) => text.to_str().map(str::as_bytes),
            Content::Bytes(bytes) => Ok(bytes.as_bytes()),
        }
    }
}

/// Finds out what logs say.
#[pyclass(module = "code_rust_core.infrastructure", frozen)]
pub(crate) struct LogAnalyzer {
    options: Options,
    /// What was read before an interrupt.
    interrupted: Mutex<Option<Summary>>,
    /// What was answered before an interrupt.
    interrupted_answer: Mutex<Option<Answer>>,
}

// Arguments are extracted to values of their own.
#[allow(clippy::needless_pass_by_value)]
#[pymethods]
impl LogAnalyzer {
    #[new]
    #[pyo3(signature = (*, threads=None, offset_seconds=0, offset_changes=Vec::new(), encoding="auto", levels_from_status=false, patterns=Vec::new()))]
    fn new(
        threads: Option<usize>,
        offset_seconds: i32,
        offset_changes: Vec<(i64, i64)>,
        encoding: &str,
        levels_from_status: bool,
        patterns: Vec<String>,
    ) -> PyResult<Self> {
        let patterns = patterns.iter().map(|text| Pattern::new(text));
        let patterns: Result<Vec<_>, _> = patterns.collect();
        let patterns = patterns.map_err(|error| PyValueError::new_err(error.to_string()))?;
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = threads.unwrap_or_else(cores);
        if !(1..=MOST_THREADS).contains(&threads) {
            let message = format!("threads {threads} is out of range 1-{MOST_THREADS}");
            return Err(PyValueError::new_err(message));
        }
        let encoding = Encoding::of_name(encoding)
            .ok_or_else(|| PyValueError::new_err(format!("encoding '{encoding}' is not known")))?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Ok(Self {
            options: Options {
                threads,
                formats: patterns.into_iter().map(Format::Pattern).collect(),
                wall: WallClock::changing(offset_seconds.into(), offset_changes),
                changed: now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX)),
                encoding,
                levels_from_status,
            },
            interrupted: Mutex::new(None),
            interrupted_answer: Mutex::new(None),
        })
    }

    /// The report on a text.
    fn analyze_logs<'py>(
        &self,
        py: Python<'py>,
        content: Content<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        object(py, &self.summarize(py, content, None)?.report_value()?)
    }

    /// The summary of a text's events that pass the filter.
    #[pyo3(signature = (content, matching=None))]
    fn summarize(
        &self,
        py: Python<'_>,
        content: Content<'_>,
        matching: Option<&LogFilter>,
    ) -> PyResult<LogSummary> {
        let bytes = content.bytes()?;
        let is_text = matches!(content, Content::Text(_));
        let (options, filter) = (&self.options, matching.map(|matching| &matching.filter));
        self.analyzed(py, |cancel| {
            let input = if is_text {
                Input::text(bytes)
            } else {
                Input::bytes(bytes, options.encoding)?
            };
            analyze(input, filter, options, cancel)
        })
    }

    /// The summary of a file's events that pass the filter.
    #[pyo3(signature = (path, matching=None))]
    fn summarize_file(
        &self,
        py: Python<'_>,
        path: PathBuf,
        matching: Option<&LogFilter>,
    ) -> PyResult<LogSummary> {
        let (options, filter) = (&self.options, matching.map(|matching| &matching.filter));
        self.analyzed(py, |cancel| {
            let input = open_file(&path, options.encoding, cancel)?;
            analyze(input, filter, options, cancel)
        })
    }

    /// Which formats a file (a path as str) or a text (bytes) has, and why.
    fn detect<'py>(&self, py: Python<'py>, source: LogSource) -> PyResult<Bound<'py, PyAny>> {
        let options = &self.options;
        let (found, interrupt) = interruptible_borrowed(py, |cancel| {
            Ok(inspect(source.open(options.encoding, cancel)?, options))
        })?;
        if let Some(interrupt) = interrupt {
            return Err(interrupt);
        }
        object(py, &found.map_err(|error| os_error(py, error))?)
    }

    /// What the events of a file (a path as str) or of a text (bytes) answer to a question: `top`,
    /// `stats` or `histogram`.
    #[pyo3(signature = (source, kind, matching, *, field=None, by=Vec::new(), most=0, every_seconds=None))]
    #[allow(clippy::too_many_arguments)]
    fn ask(
        &self,
        py: Python<'_>,
        source: LogSource,
        kind: &str,
        matching: &LogFilter,
        field: Option<String>,
        by: Vec<String>,
        most: usize,
        every_seconds: Option<i64>,
    ) -> PyResult<LogAnswer> {
        let query = query_of(kind, field, by, most, every_seconds)?;
        let (options, filter) = (&self.options, &matching.filter);
        let (answered, interrupt) = interruptible_borrowed(py, |cancel| {
            ask(
                source.open(options.encoding, cancel)?,
                &query,
                filter,
                options,
                cancel,
            )
        })?;
        if let Some(interrupt) = interrupt {
            if let (Ok(answered), Ok(mut kept)) = (answered, self.interrupted_answer.lock()) {
                *kept = Some(answered.answer);
            }
            return Err(interrupt);
        }
        let answered = answered.map_err(|error| os_error(py, error))?;
        let problem = answered.problem.map(|error| text_of(py, &error));
        Ok(LogAnswer::new(answered.answer, problem))
    }

    /// Follows files (paths), and gives their events written in a form.
    #[pyo3(signature = (sources, form, matching, *, columns=Vec::new(), last=10))]
    fn follow(
        &self,
        sources: Vec<(PathBuf, Option<String>)>,
        form: &str,
        matching: &LogFilter,
        columns: Vec<String>,
        last: usize,
    ) -> PyResult<LogFollower> {
        let form = form_of(form)?;
        let filter = Filter::clone(&matching.filter);
        let files = sources.into_iter().map(|(path, name)| {
            let renderer = Renderer {
                form,
                columns: columns.clone(),
                name,
                has_numbers: false,
            };
            let filter = filter.clone();
            (Follower::new(path), Showing { filter, renderer })
        });
        Ok(LogFollower::new(
            files.collect(),
            self.options.clone(),
            last,
        ))
    }

    /// The events of inputs, written in a form, as an iterator of bytes.
    #[pyo3(signature = (sources, form, matching, *, columns=Vec::new(), is_merged=false, first=None, last=None))]
    #[allow(clippy::too_many_arguments)]
    fn show(
        &self,
        sources: Vec<(LogSource, Option<String>)>,
        form: &str,
        matching: &LogFilter,
        columns: Vec<String>,
        is_merged: bool,
        first: Option<usize>,
        last: Option<usize>,
    ) -> PyResult<LogChunks> {
        let form = form_of(form)?;
        let limit = match (first, last) {
            (Some(count), _) => Limit::First(count),
            (None, Some(count)) => Limit::Last(count),
            (None, None) => Limit::None,
        };
        let filter = Filter::clone(&matching.filter);
        let inputs = sources.into_iter().map(|(source, name)| {
            let renderer = Renderer {
                form,
                columns: columns.clone(),
                name,
                has_numbers: true,
            };
            let filter = filter.clone();
            (source, Showing { filter, renderer })
        });
        LogChunks::start(inputs.collect(), self.options.clone(), is_merged, limit)
    }

    /// What was read of an input before Ctrl-C ended its analysis; once.
    fn interrupted(&self) -> Option<LogSummary> {
        let summary = self.interrupted.lock().ok()?.take()?;
        Some(LogSummary {
            summary: Mutex::new(summary),
            problem: Some("interrupted".to_owned()),
        })
    }

    /// What an input answered before Ctrl-C ended its reading; once.
    fn interrupted_answer(&self) -> Option<LogAnswer> {
        let answer = self.interrupted_answer.lock().ok()?.take()?;
        Some(LogAnswer::new(answer, Some("interrupted".to_owned())))
    }

    /// How often each word stands in a text, without overlaps.
    fn count_words(
        &self,
        py: Python<'_>,
        content: Content<'_>,
        words: Vec<String>,
    ) -> PyResult<Vec<u64>> {
        let bytes = content.bytes()?;
        if words.iter().any(String::is_empty) {
            return Err(PyValueError::new_err("a word is empty"));
        }
        let words: Vec<&[u8]> = words.iter().map(String::as_bytes).collect();
        let threads = self.options.threads;
        Ok(py.detach(|| count_words(bytes, &words, threads)))
    }
}

const MOST_THREADS: usize = 256;

impl LogAnalyzer {
    fn analyzed(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&AtomicBool) -> io::Result<Analysis> + Send,
    ) -> PyResult<LogSummary> {
        let (analysis, interrupt) = interruptible_borrowed(py, work)?;
        if let Some(interrupt) = interrupt {
            if let (Ok(analysis), Ok(mut interrupted)) = (analysis, self.interrupted.lock()) {
                *interrupted = Some(analysis.summary);
            }
            return Err(interrupt);
        }
        let analysis = analysis.map_err(|error| os_error(py, error))?;
        Ok(LogSummary {
            summary: Mutex::new(analysis.summary),
            problem: analysis.problem.map(|error| text_of(py, &error)),
        })
    }
}

/// An error of the system with its number, from which Python finds the class.
pub(crate) fn os_error(py: Python<'_>, error: io::Error) -> PyErr {
    match error.raw_os_error() {
        Some(number) => PyOSError::new_err((number, text_of(py, &error))),
        None => error.into(),
    }
}

/// What the system says of an error, without its number.
pub(crate) fn text_of(py: Python<'_>, error: &io::Error) -> String {
    let number = error.raw_os_error();
    let text = number.and_then(|number| {
        let text = py.import("os").ok()?.call_method1("strerror", (number,));
        text.ok()?.extract().ok()
    });
    text.unwrap_or_else(|| error.to_string())
}

/// What many events come to; summaries of parts merge to the summary of the whole.
#[pyclass(module = "code_rust_core.infrastructure", frozen)]
pub(crate) struct LogSummary {
    summary: Mutex<Summary>,
    /// Why the input was not read to its end.
    #[pyo3(get)]
    problem: Option<String>,
}

impl LogSummary {
    pub(crate) const fn new(summary: Summary) -> Self {
        Self {
            summary: Mutex::new(summary),
            problem: None,
        }
    }
}

#[pymethods]
impl LogSummary {
    /// Takes in the summary of another part, which stays as it is.
    fn merge(&self, py: Python<'_>, other: &Bound<'_, Self>) -> PyResult<()> {
        let other = other.get().copied()?;
        py.detach(|| {
            let mut own = self.summary.lock().map_err(|_| damaged())?;
            own.merge(other);
            Ok(())
        })
    }

    /// The summary as bytes; equal ones have equal bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.summary.lock().map_err(|_| damaged())?.to_bytes();
        let bytes = bytes.map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The summary that the bytes are of.
    #[staticmethod]
    fn from_bytes(data: &[u8]) -> PyResult<Self> {
        let summary = Summary::from_bytes(data);
        Ok(Self {
            summary: Mutex::new(summary.map_err(|error| PyValueError::new_err(error.to_string()))?),
            problem: None,
        })
    }

    /// What has changed from this summary to another one: see `code_ops.log_changes`.
    fn compare<'py>(
        &self,
        py: Python<'py>,
        after: &Bound<'_, Self>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let after = after.get().copied()?;
        let compared = self.summary.lock().map_err(|_| damaged())?.compare(&after);
        object(py, &compared)
    }

    /// The report: see `code_ops.logs`.
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        object(py, &self.report_value()?)
    }
}

impl LogSummary {
    fn copied(&self) -> PyResult<Summary> {
        Ok(self.summary.lock().map_err(|_| damaged())?.clone())
    }

    fn report_value(&self) -> PyResult<Value> {
        Ok(self.summary.lock().map_err(|_| damaged())?.report())
    }
}

pub(crate) fn damaged() -> PyErr {
    PyValueError::new_err("the summary is damaged: merging it failed")
}

/// A value of JSON as Python's own.
pub(crate) fn object<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
        Value::Number(number) => match (number.as_i128(), number.as_f64()) {
            (Some(whole), _) => whole.into_pyobject(py)?.into_any(),
            (None, Some(float)) => float.into_pyobject(py)?.into_any(),
            (None, None) => py.None().into_bound(py),
        },
        Value::String(text) => PyString::new(py, text).into_any(),
        Value::Array(values) => {
            let values: PyResult<Vec<_>> = values.iter().map(|value| object(py, value)).collect();
            PyList::new(py, values?)?.into_any()
        }
        Value::Object(members) => {
            let dict = PyDict::new(py);
            for (key, value) in members {
                dict.set_item(key, object(py, value)?)?;
            }
            dict.into_any()
        }
    })
}
