//! Why a text gives no value, until it is a Python exception.

use config::files::FileError;
use config::{Position, Source, Span, SyntaxError};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;

/// What stops the sink.
pub(crate) enum Fault {
    /// Something in the text, at these bytes.
    Text {
        message: String,
        hint: Option<&'static str>,
        span: Span,
    },
    /// An exception, such as of memory or of Ctrl-C.
    Python(PyErr),
}

impl From<PyErr> for Fault {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl Fault {
    pub(crate) fn new(message: String, span: Span) -> Self {
        Self::Text {
            message,
            hint: None,
            span,
        }
    }

    pub(crate) fn with_hint(message: String, hint: &'static str, span: Span) -> Self {
        Self::Text {
            message,
            hint: Some(hint),
            span,
        }
    }

    /// The exception, its place found in the text.
    pub(crate) fn into_error(self, py: Python<'_>, source: &Source<'_>, name: &str) -> PyErr {
        match self {
            Self::Python(error) => error,
            Self::Text {
                message,
                hint,
                span,
            } => {
                let position = Position::of(source.text(), span.start);
                config_error(py, &message, name, &position, hint.map(ToOwned::to_owned))
            }
        }
    }
}

/// What the parser found.
pub(crate) fn syntax_error(py: Python<'_>, error: &SyntaxError, name: &str) -> PyErr {
    let message = error.kind.to_string();
    config_error(py, &message, name, &error.position, error.kind.hint())
}

/// `ConfigError(message, source, line, column, excerpt, hint)`; a plain `ValueError` where
/// `code_ops` is missing.
pub(crate) fn config_error(
    py: Python<'_>,
    message: &str,
    name: &str,
    position: &Position,
    hint: Option<String>,
) -> PyErr {
    config_exception(py, "ConfigError", message, name, position, hint)
}

/// The same for a class under `ConfigError`.
pub(super) fn config_exception(
    py: Python<'_>,
    class: &str,
    message: &str,
    name: &str,
    position: &Position,
    hint: Option<String>,
) -> PyErr {
    let class = py
        .import("code_ops.errors")
        .and_then(|module| module.getattr(class));
    let Position {
        line,
        column,
        excerpt,
    } = position;
    match class.and_then(|class| class.call1((message, name, line, column, excerpt, hint))) {
        Ok(error) => PyErr::from_value(error),
        Err(_) => PyValueError::new_err(format!("{line}:{column}: {message}")),
    }
}

/// The place of what is not in a text.
pub(super) const NOWHERE: Position = Position {
    line: 0,
    column: 0,
    excerpt: String::new(),
};

/// An `OSError` with the file's name, or what is wrong with its bytes.
pub(super) fn file_error(py: Python<'_>, error: FileError, name: &str) -> PyErr {
    let FileError::Io(error) = error else {
        return config_error(py, &error.to_string(), name, &NOWHERE, None);
    };
    let reason = error.to_string();
    let reason = reason.split(" (os error").next().unwrap_or(&reason);
    // The number of folders is the same on all systems.
    let is_folder = error.kind() == std::io::ErrorKind::IsADirectory;
    let number = error.raw_os_error().or(is_folder.then_some(21));
    PyOSError::new_err((number, reason.to_lowercase(), name.to_owned()))
}
