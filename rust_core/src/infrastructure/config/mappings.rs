//! What mappings do with a key they have already, and with `<<`.

use config::Span;
use pyo3::exceptions::PyRecursionError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::fault::Fault;
use super::options::DuplicateKeys;

/// Puts a value under a key, whose place is told when it cannot be.
#[inline]
pub(super) fn insert<'py>(
    dict: &Bound<'py, PyDict>,
    key: Bound<'py, PyAny>,
    value: Bound<'py, PyAny>,
    mode: DuplicateKeys,
    key_start: usize,
) -> Result<(), Fault> {
    let key_span = Span {
        start: key_start,
        end: key_start,
    };
    let is_duplicate = match mode {
        DuplicateKeys::Last => dict.set_item(key, value).map(|()| None),
        DuplicateKeys::First => match dict.contains(&key) {
            Ok(true) => Ok(None),
            found => found.and_then(|_| dict.set_item(key, value).map(|()| None)),
        },
        DuplicateKeys::Error => {
            let before = dict.len();
            let set = dict.set_item(&key, value);
            set.map(|()| (dict.len() == before).then_some(key))
        }
    };
    match is_duplicate {
        Ok(None) => Ok(()),
        Ok(Some(key)) => Err(duplicate(&key, key_span)),
        Err(error) => Err(refused(dict.py(), error, key_span)),
    }
}

#[cold]
fn duplicate(key: &Bound<'_, PyAny>, span: Span) -> Fault {
    let text = match key.str() {
        Ok(text) => text.to_string(),
        Err(error) => return refused(key.py(), error, span),
    };
    Fault::with_hint(
        format!("key `{}` stands twice in this mapping", shortened(&text)),
        "remove one, or choose `last` or `first` for duplicate keys",
        span,
    )
}

/// Keys within keys, which Python compares and writes down the machine's stack.
#[cold]
fn refused(py: Python<'_>, error: PyErr, span: Span) -> Fault {
    if error.is_instance_of::<PyRecursionError>(py) {
        return Fault::new("keys are nested too deep in keys".to_owned(), span);
    }
    error.into()
}

/// A mapping, or a list of mappings.
pub(super) fn check_merge(value: &Bound<'_, PyAny>, span: Span) -> Result<(), Fault> {
    let is_mapping = |value: &Bound<'_, PyAny>| value.is_instance_of::<PyDict>();
    let is_list = value
        .cast::<PyList>()
        .is_ok_and(|list| list.iter().all(|item| is_mapping(&item)));
    if is_list || is_mapping(value) {
        return Ok(());
    }
    Err(Fault::new(
        "`<<` takes a mapping or a list of mappings".to_owned(),
        span,
    ))
}

/// The keys that `<<` brings, and then the mapping's own, which win. Of a list the first wins.
pub(super) fn merged<'py>(
    own: &Bound<'py, PyDict>,
    merges: &[Bound<'py, PyAny>],
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(own.py());
    for merge in merges {
        match merge.cast::<PyList>() {
            Ok(list) => {
                for item in list.iter().rev() {
                    dict.update(item.cast::<PyDict>()?.as_mapping())?;
                }
            }
            Err(_) => dict.update(merge.cast::<PyDict>()?.as_mapping())?,
        }
    }
    dict.update(own.as_mapping())?;
    Ok(dict)
}

/// At most 60 characters, for a message.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
