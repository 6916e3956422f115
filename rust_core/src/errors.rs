//! Errors of the crates to the exceptions of `code_ops.errors`.

use std::path::PathBuf;

use pyo3::exceptions::{PyKeyboardInterrupt, PyMemoryError, PyOSError, PyValueError};
use pyo3::prelude::*;
use scan::{Problem, ProblemKind, ScanError};
use vault::file::{SlotError, VaultError};
use vault::foreign::ForeignError;
use vault::passwords::PasswordError;
use vault::seal::{KeyError, SealError};

/// `TargetError(message, source, line, column)`; a plain `ValueError` where `code_ops` is missing.
pub(crate) fn target_error(py: Python<'_>, message: &str, line: u32, column: u32) -> PyErr {
    let class = class(py, "TargetError");
    match class.and_then(|class| class.call1((message, "", line, column))) {
        Ok(error) => PyErr::from_value(error),
        Err(_) => PyValueError::new_err(message.to_owned()),
    }
}

/// A port text that cannot be read; the column counts from the text's start.
pub(crate) fn port_error(
    py: Python<'_>,
    text: &str,
    (offset, kind): (usize, ProblemKind),
) -> PyErr {
    let before = text.get(..offset).unwrap_or(text).chars().count();
    let column = u32::try_from(before + 1).unwrap_or(u32::MAX);
    target_error(py, &kind.to_string(), 1, column)
}

pub(crate) fn scan_error(py: Python<'_>, error: &ScanError) -> PyErr {
    match error {
        ScanError::ExclusionUnresolved(_) => target_error(py, &error.to_string(), 1, 1),
        _ => PyOSError::new_err(error.to_string()),
    }
}

pub(crate) fn password_error(py: Python<'_>, error: &PasswordError) -> PyErr {
    let message = error.to_string();
    match error {
        PasswordError::OutOfMemory(_) => PyMemoryError::new_err(message),
        PasswordError::NoThread | PasswordError::NoRandomness => PyOSError::new_err(message),
        _ => named(py, "PasswordError", message),
    }
}

pub(crate) fn key_error(py: Python<'_>, error: &KeyError) -> PyErr {
    match error {
        KeyError::System(_) => PyOSError::new_err(error.to_string()),
        _ => named(py, "VaultError", error.to_string()),
    }
}

pub(crate) fn file_error(py: Python<'_>, error: &VaultError) -> PyErr {
    match error {
        VaultError::Slot(SlotError::Password(error)) => password_error(py, error),
        _ => named(py, vault_class(error), error.to_string()),
    }
}

/// A `VaultError` in so many words.
pub(crate) fn vault_error(py: Python<'_>, message: String) -> PyErr {
    named(py, "VaultError", message)
}

pub(crate) fn foreign_error(py: Python<'_>, error: &ForeignError) -> PyErr {
    match error {
        ForeignError::NoRandomness => PyOSError::new_err(error.to_string()),
        ForeignError::Key(error) => key_error(py, error),
        ForeignError::Unopened => named(py, "VaultClosedError", error.to_string()),
        _ => named(py, "VaultError", error.to_string()),
    }
}

fn vault_class(error: &VaultError) -> &'static str {
    match error {
        VaultError::Missing(_) => "VaultMissingError",
        VaultError::Closed(_) | VaultError::Unkept(_) => "VaultClosedError",
        VaultError::Head
        | VaultError::Manifest
        | VaultError::Secret(_)
        | VaultError::Content
        | VaultError::Unsigned(_) => "VaultChangedError",
        VaultError::Name
        | VaultError::Label
        | VaultError::Slots(_)
        | VaultError::Date
        | VaultError::NoText
        | VaultError::Slot(SlotError::Recipient(_))
        | VaultError::Limit(_) => "VaultRequestError",
        _ => "VaultError",
    }
}

/// What belongs to one of two files has its name.
pub(crate) fn seal_error(py: Python<'_>, error: SealError, files: Option<[PathBuf; 2]>) -> PyErr {
    let [source, target] = files.map_or([None, None], |files| files.map(Some));
    match error {
        SealError::Read(error) => system_error(error, source),
        SealError::Write(error) => system_error(error, target),
        SealError::NoRandomness => PyOSError::new_err(error.to_string()),
        _ => named(py, "VaultError", error.to_string()),
    }
}

fn system_error(error: std::io::Error, path: Option<PathBuf>) -> PyErr {
    let Some(number) = error.raw_os_error() else {
        return error.into();
    };
    let text = error.to_string();
    let reason = text.split(" (os error").next().unwrap_or_default();
    PyOSError::new_err((number, reason.to_owned(), path.map(PathBuf::into_os_string)))
}

/// `BatchInterrupted(results)` for Ctrl-C; what else ends a batch stays what it is.
pub(crate) fn batch_interrupted(py: Python<'_>, cause: PyErr, results: &[Py<PyAny>]) -> PyErr {
    if !cause.is_instance_of::<PyKeyboardInterrupt>(py) {
        return cause;
    }
    // Ctrl-C once more would end the making of the exception: it says nothing new.
    let made = std::iter::repeat_with(|| {
        let _ = py.check_signals();
        class(py, "BatchInterrupted")?.call1((results,))
    });
    match made.take(3).find_map(Result::ok) {
        Some(error) => PyErr::from_value(error),
        None => cause,
    }
}

fn named(py: Python<'_>, name: &str, message: String) -> PyErr {
    match class(py, name).and_then(|class| class.call1((message.as_str(),))) {
        Ok(error) => PyErr::from_value(error),
        Err(_) => PyValueError::new_err(message),
    }
}

fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("code_ops.errors")?.getattr(name)
}

/// A problem as Python has it: source, line, column, message.
pub(crate) fn problem_tuple(source: &str, problem: &Problem) -> (String, u32, u32, String) {
    (
        source.to_owned(),
        problem.line,
        problem.column,
        problem.kind.to_string(),
    )
}
