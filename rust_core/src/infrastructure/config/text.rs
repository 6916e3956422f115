//! The text that is parsed, in the memory of the Python object that brought it.

use config::Source;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use self_cell::self_cell;

use super::fault::syntax_error;
use super::options::Options;

enum Owner {
    Bytes(Py<PyBytes>),
    Text(Py<PyString>),
}

self_cell!(
    struct Held {
        owner: Owner,
        #[covariant]
        dependent: Source,
    }
);

/// A text that lives as long as it is read, without a copy of it.
pub(super) struct Text(Held);

impl Text {
    /// The text of a `str`, or of bytes in one of the encodings of YAML.
    pub(super) fn of(text: &Bound<'_, PyAny>, options: &Options, name: &str) -> PyResult<Self> {
        let py = text.py();
        let owner = match text.cast::<PyString>() {
            Ok(text) => Owner::Text(text.clone().unbind()),
            Err(_) => Owner::Bytes(text.cast::<PyBytes>()?.clone().unbind()),
        };
        let held = Held::try_new(owner, |owner| {
            let source = match owner {
                Owner::Text(text) => Source::of_text(text.to_str(py)?, &options.limits),
                Owner::Bytes(bytes) => Source::decode(bytes.as_bytes(py), &options.limits),
            };
            source.map_err(|error| syntax_error(py, &error, name))
        });
        held.map(Self)
    }

    pub(super) fn source(&self) -> &Source<'_> {
        self.0.borrow_dependent()
    }
}
