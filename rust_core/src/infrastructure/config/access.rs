//! `config_get`, `config_query` and `config_set`: values by their paths, in files or in bytes.

use std::sync::atomic::{AtomicBool, Ordering};

use config::access::{
    AccessError, Action, Changed, Form, Format, Got, Hit, MergeKeys, Original, Parents, Path,
    Reader, Request, ValueType, get, query, set,
};
use config::{Limits, Position, Source};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::fault::{NOWHERE, config_exception, file_error, syntax_error};
use super::input::Input;
use super::options::pick;
use crate::waiting::interruptible;

pub(super) fn format_of(is_json: bool) -> Format {
    if is_json { Format::Json } else { Format::Yaml }
}

pub(super) fn merge_keys_of(name: &str) -> PyResult<MergeKeys> {
    let values = [("apply", MergeKeys::Apply), ("keep", MergeKeys::Keep)];
    pick("merge_keys", name, &values)
}

type Found = (String, usize, usize, usize);

/// For each path the text, document, line and column of its value, or why there is none.
#[pyfunction]
#[pyo3(signature = (source, paths, *, name="", json=false, form="raw", document=None, merge_keys="keep"))]
// Python's keywords, and its lists, which are taken by value.
#[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)]
pub(crate) fn config_get(
    py: Python<'_>,
    source: Input,
    paths: Vec<String>,
    name: &str,
    json: bool,
    form: &str,
    document: Option<usize>,
    merge_keys: &str,
) -> PyResult<Vec<Py<PyAny>>> {
    let forms = [
        ("raw", Form::Raw),
        ("json", Form::Json),
        ("source", Form::Source),
    ];
    let form = pick("form", form, &forms)?;
    let merge_keys = merge_keys_of(merge_keys)?;
    let paths: Result<Vec<Path>, _> = paths.iter().map(|path| Path::parse(path)).collect();
    let paths = paths.map_err(|error| raised(py, error.into(), name))?;
    let results = interruptible(py, move |_| {
        let limits = Limits::default();
        let bytes = source.bytes(&limits)?;
        let source = Source::decode(&bytes, &limits)?;
        let reader = Reader::new(&source, format_of(json), limits, merge_keys);
        let results = paths.iter().map(|path| get(&reader, path, document, form));
        Ok(results.collect::<Vec<Result<Got, AccessError>>>())
    })?;
    let results = results.map_err(|error| raised(py, error, name))?;
    let mut found = Vec::with_capacity(results.len());
    for result in results {
        found.push(match result {
            Ok(got) => {
                let Position { line, column, .. } = got.position;
                let tuple: Found = (got.text, got.document, line, column);
                tuple.into_pyobject(py)?.into_any().unbind()
            }
            Err(error @ (AccessError::Missing { .. } | AccessError::NoDocument { .. })) => {
                raised(py, error, name).into_value(py).into_any()
            }
            Err(error) => return Err(raised(py, error, name)),
        });
    }
    Ok(found)
}

type HitTuple = (usize, String, String, Option<String>, usize, usize);

/// Document, normalized path, JSON, text, line and column of each value that a query selects.
#[pyfunction]
#[pyo3(signature = (source, expression, *, name="", json=false, document=None, merge_keys="keep"))]
pub(crate) fn config_query(
    py: Python<'_>,
    source: Input,
    expression: String,
    name: &str,
    json: bool,
    document: Option<usize>,
    merge_keys: &str,
) -> PyResult<Vec<HitTuple>> {
    let merge_keys = merge_keys_of(merge_keys)?;
    let hits = interruptible(py, move |_| {
        let limits = Limits::default();
        let bytes = source.bytes(&limits)?;
        let source = Source::decode(&bytes, &limits)?;
        let reader = Reader::new(&source, format_of(json), limits, merge_keys);
        query(&reader, &expression, document)
    })?;
    let hits = hits.map_err(|error| raised(py, error, name))?;
    let tuple = |hit: Hit| {
        let Hit {
            document,
            path,
            json,
            text,
            line,
            column,
        } = hit;
        (document, path, json, text, line, column)
    };
    Ok(hits.into_iter().map(tuple).collect())
}

/// What becomes of the changed text.
#[derive(Clone, Copy, PartialEq)]
enum Keep {
    /// It replaces the file.
    Write,
    /// It is returned.
    Return,
    /// Only the difference is told.
    Drop,
}

type SetTuple = (String, usize, usize, Option<Py<PyBytes>>);

/// Changes or deletes one value: returns the difference, document, line, and the text when it is wanted.
#[pyfunction]
#[pyo3(signature = (
    source, path, value, *, name="", json=false, value_type="auto", create=false, delete=false, document=None, keep="write"
))]
// Python's keywords.
#[allow(clippy::too_many_arguments, clippy::fn_params_excessive_bools)]
pub(crate) fn config_set(
    py: Python<'_>,
    source: Input,
    path: &str,
    value: String,
    name: &str,
    json: bool,
    value_type: &str,
    create: bool,
    delete: bool,
    document: Option<usize>,
    keep: &str,
) -> PyResult<SetTuple> {
    let types = [
        ("auto", ValueType::Auto),
        ("string", ValueType::String),
        ("int", ValueType::Integer),
        ("float", ValueType::Float),
        ("bool", ValueType::Boolean),
        ("null", ValueType::Null),
        ("json", ValueType::Json),
    ];
    let keeps = [
        ("write", Keep::Write),
        ("return", Keep::Return),
        ("drop", Keep::Drop),
    ];
    let keep = pick("keep", keep, &keeps)?;
    let request = Request {
        action: if delete { Action::Delete } else { Action::Set },
        path: Path::parse(path).map_err(|error| raised(py, error.into(), name))?,
        value,
        value_type: pick("value_type", value_type, &types)?,
        parents: if create {
            Parents::Create
        } else {
            Parents::Require
        },
        document,
    };
    let changed = interruptible(py, move |is_cancelled| {
        change(source, &request, format_of(json), keep, is_cancelled)
    })?;
    let (changed, bytes) = changed.map_err(|error| raised(py, error, name))?;
    let bytes = bytes.map(|bytes| PyBytes::new(py, &bytes).unbind());
    Ok((changed.difference, changed.document, changed.line, bytes))
}

fn change(
    source: Input,
    request: &Request,
    format: Format,
    keep: Keep,
    is_cancelled: &AtomicBool,
) -> Result<(Changed, Option<Vec<u8>>), AccessError> {
    let limits = Limits::default();
    let (original, mut bytes) = match source {
        Input::Bytes(bytes) => (None, bytes),
        Input::File(path) => {
            let (original, bytes) = Original::read(&path, limits.input_bytes)?;
            (Some(original), bytes)
        }
    };
    let changed = set(&mut bytes, request, format, &limits)?;
    let is_wanted = keep == Keep::Write
        && !changed.difference.is_empty()
        && !is_cancelled.load(Ordering::SeqCst);
    if let Some(original) = original.filter(|_| is_wanted) {
        original.replace(&bytes)?;
    }
    Ok((changed, (keep == Keep::Return).then_some(bytes)))
}

pub(super) fn raised(py: Python<'_>, error: AccessError, name: &str) -> PyErr {
    let message = error.to_string();
    let (class, position) = match error {
        AccessError::Syntax(error) => return syntax_error(py, &error, name),
        AccessError::File(error) => return file_error(py, error, name),
        AccessError::Path(_) | AccessError::Query { .. } | AccessError::Request { .. } => {
            ("ConfigRequestError", NOWHERE)
        }
        AccessError::Missing { position, .. } => ("ConfigMissingError", *position),
        AccessError::NoDocument { .. } => ("ConfigMissingError", NOWHERE),
        AccessError::Unfit { position, .. } => ("ConfigError", *position),
        AccessError::Check { .. } | AccessError::Changed => ("ConfigChangeError", NOWHERE),
        _ => ("ConfigError", NOWHERE),
    };
    // The exception says the place itself.
    let place = format!("{}:{}: ", position.line, position.column);
    let message = message.strip_prefix(&place).unwrap_or(&message);
    let name = if class == "ConfigRequestError" {
        ""
    } else {
        name
    };
    config_exception(py, class, message, name, &position, None)
}
