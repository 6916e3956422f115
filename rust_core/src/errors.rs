//! Errors of the crates to the exceptions of `code_ops.errors`.

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use scan::{Problem, ProblemKind, ScanError};

/// `TargetError(message, source, line, column)`; a plain `ValueError` where `code_ops` is missing.
pub(crate) fn target_error(py: Python<'_>, message: &str, line: u32, column: u32) -> PyErr {
    let class = py
        .import("code_ops.errors")
        .and_then(|module| module.getattr("TargetError"));
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

/// A problem as Python has it: source, line, column, message.
pub(crate) fn problem_tuple(source: &str, problem: &Problem) -> (String, u32, u32, String) {
    (
        source.to_owned(),
        problem.line,
        problem.column,
        problem.kind.to_string(),
    )
}
