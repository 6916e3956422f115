//! Passwords in batches: Python's texts and bytes are borrowed, a slice of the batch at a time.

use std::sync::atomic::AtomicBool;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::types::{PyBytes, PyList, PySlice, PyString};
use vault::passwords::{Limits, Outcome, Params, Resources, Row, Stored, hash_batch};

use super::batch::Batch;
use crate::errors::password_error;
use crate::waiting::unless_interrupted;

const NO_PASSWORD: &str = "neither str nor bytes";
const NO_UNICODE: &str = "no valid Unicode";

/// A preset's name, or an object with the three numbers.
#[derive(FromPyObject)]
pub(crate) enum Costs {
    #[pyo3(transparent)]
    Preset(String),
    Own {
        memory_kib: i64,
        iterations: i64,
        lanes: i64,
    },
}

impl Default for Costs {
    fn default() -> Self {
        Self::Preset("rfc9106-second".to_owned())
    }
}

impl Costs {
    pub(super) fn params(&self, py: Python<'_>) -> PyResult<Params> {
        let params = match self {
            Self::Preset(name) => Params::preset(name),
            Self::Own {
                memory_kib,
                iterations,
                lanes,
            } => Params::new(*memory_kib, *iterations, *lanes),
        };
        params.map_err(|error| password_error(py, &error))
    }
}

/// A password's bytes, in Python's memory.
enum Password {
    Text(PyBackedStr),
    Bytes(PyBackedBytes),
}

impl AsRef<[u8]> for Password {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl Password {
    /// Or why it is none.
    fn of(value: &Bound<'_, PyAny>) -> Result<Self, &'static str> {
        if let Ok(text) = value.cast::<PyString>() {
            let text = PyBackedStr::try_from(text.clone());
            return text.map(Self::Text).map_err(|_| NO_UNICODE);
        }
        let bytes = value.cast::<PyBytes>().map_err(|_| NO_PASSWORD)?;
        Ok(Self::Bytes(bytes.clone().into()))
    }

    fn at(list: &Bound<'_, PyList>, index: usize) -> PyResult<Self> {
        Self::of(&list.get_item(index)?).map_err(|reason| {
            if reason == NO_UNICODE {
                PyValueError::new_err(format!("password {index} is {reason}"))
            } else {
                PyTypeError::new_err(format!("password {index} is {reason}"))
            }
        })
    }
}

/// PHC strings of passwords, in their order.
#[pyfunction]
#[pyo3(signature = (passwords, *, params = Costs::default(), pepper = None, threads = None, memory_budget = None, progress = None))]
#[expect(clippy::needless_pass_by_value, reason = "extracted values are owned")]
pub(crate) fn hash_passwords_batch(
    py: Python<'_>,
    passwords: &Bound<'_, PyAny>,
    params: Costs,
    pepper: Option<&[u8]>,
    threads: Option<i64>,
    memory_budget: Option<i64>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Vec<Py<PyAny>>> {
    let params = params.params(py)?;
    let resources = resources(py, threads, memory_budget)?;
    let checked = resources.check(&params);
    checked.map_err(|error| password_error(py, &error))?;
    let passwords = listed(passwords)?;
    for index in 0..passwords.len() {
        Password::at(&passwords, index)?;
    }
    let mut batch = Batch::new(passwords.len(), progress);
    while let Some(range) = batch.next_slice() {
        let slice = range.map(|index| Password::at(&passwords, index));
        let slice: Vec<_> = slice.collect::<PyResult<_>>()?;
        let hashes = batch.run(py, |control| {
            hash_batch(
                &slice,
                &params,
                pepper.unwrap_or_default(),
                &resources,
                control,
            )
        })?;
        batch.keep(py, hashes.map_err(|error| password_error(py, &error))?)?;
    }
    batch.end(py)
}

/// A key of 32 bytes out of a passphrase: the tag of Argon2id.
#[pyfunction]
#[pyo3(signature = (passphrase, salt, *, memory_kib, iterations, lanes))]
pub(crate) fn derive_key<'py>(
    py: Python<'py>,
    passphrase: &[u8],
    salt: &[u8],
    memory_kib: i64,
    iterations: i64,
    lanes: i64,
) -> PyResult<Bound<'py, PyBytes>> {
    let params = Params::new(memory_kib, iterations, lanes);
    let params = params.map_err(|error| password_error(py, &error))?;
    let work = |_: &AtomicBool| vault::passwords::derive_key(passphrase, salt, &params);
    let key = unless_interrupted(py, work)?;
    let key = key.map_err(|error| password_error(py, &error))?;
    Ok(PyBytes::new(py, key.bytes()))
}

/// A stored hash and a password; the reason where the password is none.
struct Pair {
    hash: Option<String>,
    password: Result<Password, &'static str>,
}

impl Pair {
    fn at(list: &Bound<'_, PyList>, index: usize) -> PyResult<Self> {
        let pair = list.get_item(index)?;
        let two: Option<(Bound<'_, PyAny>, Bound<'_, PyAny>)> = pair.extract().ok().or_else(|| {
            let both = pair.cast::<PyList>().ok().filter(|both| both.len() == 2)?;
            Some((both.get_item(0).ok()?, both.get_item(1).ok()?))
        });
        let (hash, password) = two.ok_or_else(|| {
            PyTypeError::new_err(format!("pair {index} is no pair of a hash and a password"))
        })?;
        let hash = hash.cast::<PyString>().ok().map(beginning).transpose()?;
        Ok(Self {
            hash: hash.map(|hash| hash.to_string_lossy().into_owned()),
            password: Password::of(&password),
        })
    }
}

/// As much of a text as shows whether it is a hash, so that no long one is copied.
fn beginning<'py>(text: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyString>> {
    let first = PySlice::new(text.py(), 0, (Stored::MOST_CHARACTERS + 1).cast_signed(), 1);
    let shown = text.get_item(first)?;
    Ok(shown.cast_into()?)
}

/// State and reason of pairs of a stored hash and a password, in their order.
#[pyfunction]
#[pyo3(signature = (pairs, *, pepper = None, threads = None, memory_budget = None, max_memory_kib = 2_097_152, max_iterations = 16, max_lanes = 16, progress = None))]
#[expect(clippy::too_many_arguments, reason = "keywords of the Python function")]
pub(crate) fn verify_batch(
    py: Python<'_>,
    pairs: &Bound<'_, PyAny>,
    pepper: Option<&[u8]>,
    threads: Option<i64>,
    memory_budget: Option<i64>,
    max_memory_kib: u32,
    max_iterations: u32,
    max_lanes: u32,
    progress: Option<Py<PyAny>>,
) -> PyResult<Vec<Py<PyAny>>> {
    let limits = Limits {
        memory_kib: max_memory_kib,
        iterations: max_iterations,
        lanes: max_lanes,
    };
    let resources = resources(py, threads, memory_budget)?;
    let pairs = listed(pairs)?;
    for index in 0..pairs.len() {
        Pair::at(&pairs, index)?;
    }
    let mut batch = Batch::new(pairs.len(), progress);
    while let Some(range) = batch.next_slice() {
        let slice = range.map(|index| Pair::at(&pairs, index));
        let slice: Vec<_> = slice.collect::<PyResult<_>>()?;
        let pepper = pepper.unwrap_or_default();
        let outcomes = batch.run(py, |control| {
            let rows: Vec<_> = slice.iter().filter_map(row).collect();
            let found = vault::passwords::verify_batch(&rows, pepper, &limits, &resources, control);
            merged(&slice, found)
        })?;
        batch.keep(py, outcomes)?;
    }
    batch.end(py)
}

fn row(pair: &Pair) -> Option<Row<'_>> {
    let password = pair.password.as_ref().ok()?.as_ref();
    let hash = pair.hash.as_deref();
    Some(Row { hash, password })
}

/// State and reason at the pairs' places, those of the rows between those without a password.
fn merged(pairs: &[Pair], outcomes: Vec<Option<Outcome>>) -> Vec<Option<(&'static str, String)>> {
    let mut outcomes = outcomes.into_iter();
    let merged = pairs.iter().map(|pair| match pair.password {
        Ok(_) => outcomes.next().flatten().map(|outcome| told(&outcome)),
        Err(reason) => Some(("invalid password", reason.to_owned())),
    });
    merged.collect()
}

fn told(outcome: &Outcome) -> (&'static str, String) {
    match outcome {
        Outcome::Match => ("match", String::new()),
        Outcome::Mismatch => ("mismatch", String::new()),
        Outcome::Invalid(invalid) => ("invalid hash", invalid.to_string()),
        Outcome::Refused(refusal) => ("refused", refusal.to_string()),
    }
}

fn listed<'py>(values: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
    if let Ok(list) = values.cast::<PyList>() {
        return Ok(list.clone());
    }
    PyList::new(
        values.py(),
        values.try_iter()?.collect::<PyResult<Vec<_>>>()?,
    )
}

fn resources(
    py: Python<'_>,
    threads: Option<i64>,
    memory_budget: Option<i64>,
) -> PyResult<Resources> {
    // What is below nothing is nothing.
    let budget = memory_budget.map(|bytes| u64::try_from(bytes).unwrap_or(0));
    Resources::new(threads, budget).map_err(|error| password_error(py, &error))
}
