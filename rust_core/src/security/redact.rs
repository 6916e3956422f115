//! Secrets taken out of streams of bytes.

#![expect(clippy::needless_pass_by_value, reason = "extracted values are owned")]

use std::sync::Arc;

use ::vault::redact::{Patterns, Redactor as Stream};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

/// A value, with or without its name.
#[derive(FromPyObject)]
enum Secret {
    Named(String, PyBackedBytes),
    Nameless(PyBackedBytes),
}

impl Secret {
    fn parts(&self) -> (&str, &[u8]) {
        match self {
            Self::Named(name, value) => (name, value),
            Self::Nameless(value) => ("", value),
        }
    }
}

/// Takes secrets out of one stream.
#[pyclass(module = "code_rust_core.security")]
pub(crate) struct Redactor {
    patterns: Arc<Patterns>,
    stream: Stream,
    /// Places in the list of secrets, and a word for why.
    unredacted: Vec<(usize, &'static str)>,
}

impl Redactor {
    fn of(patterns: Arc<Patterns>) -> Self {
        let told = patterns.unredacted().iter();
        let unredacted = told
            .map(|(place, reason)| (*place, reason.word()))
            .collect();
        let stream = Stream::new(Arc::clone(&patterns));
        Self {
            patterns,
            stream,
            unredacted,
        }
    }
}

#[pymethods]
impl Redactor {
    #[new]
    fn new(py: Python<'_>, secrets: Vec<Secret>) -> Self {
        let parts: Vec<_> = secrets.iter().map(Secret::parts).collect();
        Self::of(Arc::new(py.detach(|| Patterns::new(&parts))))
    }

    /// One for another stream, with the same secrets.
    fn another(&self) -> Self {
        Self::of(Arc::clone(&self.patterns))
    }

    /// Secrets that are not taken out, or not in all forms: place in the list, and why.
    #[getter]
    fn unredacted(&self) -> Vec<(usize, &'static str)> {
        self.unredacted.clone()
    }

    /// Takes the next bytes, and gives what is decided of the stream.
    fn feed<'py>(&mut self, py: Python<'py>, data: PyBackedBytes) -> Bound<'py, PyBytes> {
        let stream = &mut self.stream;
        let out = py.detach(|| {
            let mut out = Vec::with_capacity(data.len());
            stream.feed(&data, &mut out);
            out
        });
        PyBytes::new(py, &out)
    }

    /// Gives what was held back; the stream has ended.
    fn finish<'py>(&mut self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let mut out = Vec::new();
        self.stream.finish(&mut out);
        PyBytes::new(py, &out)
    }
}
