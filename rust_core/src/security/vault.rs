//! Data and files sealed with a key.

#![expect(clippy::needless_pass_by_value, reason = "extracted values are owned")]

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use ::vault::seal as construction;
use ::vault::seal::{Key, SealError, message_length, sealed_length};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use crate::errors::{key_error, seal_error};
use crate::large_bytes::written_bytes;
use crate::waiting::unless_interrupted;

const NO_CONTEXT: &[u8] = b"";

/// Seals and opens data and files with one key of 32 bytes.
#[pyclass(frozen, module = "code_rust_core.security")]
pub(crate) struct SecureVault(construction::SecureVault);

#[pymethods]
impl SecureVault {
    #[new]
    fn new(py: Python<'_>, key: &[u8]) -> PyResult<Self> {
        let key = Key::from_bytes(key);
        let vault = key.and_then(|key| construction::SecureVault::new(&key));
        vault.map(Self).map_err(|error| key_error(py, &error))
    }

    /// 32 random bytes.
    #[staticmethod]
    fn generate_key(py: Python<'_>) -> PyResult<Bound<'_, PyBytes>> {
        let key = Key::random().map_err(|error| key_error(py, &error))?;
        Ok(PyBytes::new(py, key.bytes()))
    }

    /// The sealed form of data.
    #[pyo3(signature = (data, context = NO_CONTEXT))]
    fn encrypt<'py>(
        &self,
        py: Python<'py>,
        data: PyBackedBytes,
        context: &[u8],
    ) -> PyResult<Bound<'py, PyBytes>> {
        let length = construction::SecureVault::sealed_length(data.len());
        written(py, length.ok_or(SealError::TooLong), |out| {
            self.0.encrypt(&data, context, out)
        })
    }

    /// The sealed forms of several, each with a key of its own as always.
    #[pyo3(signature = (items, context = NO_CONTEXT))]
    fn encrypt_batch<'py>(
        &self,
        py: Python<'py>,
        items: Vec<PyBackedBytes>,
        context: &[u8],
    ) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let sealed = items
            .into_iter()
            .map(|data| self.encrypt(py, data, context));
        sealed.collect()
    }

    /// The data of a sealed form.
    #[pyo3(signature = (sealed, context = NO_CONTEXT))]
    fn decrypt<'py>(
        &self,
        py: Python<'py>,
        sealed: PyBackedBytes,
        context: &[u8],
    ) -> PyResult<Bound<'py, PyBytes>> {
        let length = construction::SecureVault::data_length(sealed.len());
        written(py, length.ok_or(SealError::Unopened), |out| {
            self.0.decrypt(&sealed, context, out)
        })
    }

    /// Seals a file into another; returns the bytes written.
    #[pyo3(signature = (source, target, context = NO_CONTEXT, *, threads = None))]
    fn encrypt_file(
        &self,
        py: Python<'_>,
        source: PathBuf,
        target: PathBuf,
        context: &[u8],
        threads: Option<NonZeroUsize>,
    ) -> PyResult<u64> {
        file(py, &source, &target, |cancelled| {
            let threads = count(threads);
            self.0
                .encrypt_file(&source, &target, context, threads, cancelled)
        })
    }

    /// Opens a sealed file into another; returns the bytes written.
    #[pyo3(signature = (source, target, context = NO_CONTEXT, *, threads = None))]
    fn decrypt_file(
        &self,
        py: Python<'_>,
        source: PathBuf,
        target: PathBuf,
        context: &[u8],
        threads: Option<NonZeroUsize>,
    ) -> PyResult<u64> {
        file(py, &source, &target, |cancelled| {
            let threads = count(threads);
            self.0
                .decrypt_file(&source, &target, context, threads, cancelled)
        })
    }
}

/// The bare construction: a message sealed with a key of 32 bytes and a context.
#[pyfunction]
#[pyo3(signature = (key, message, context = NO_CONTEXT))]
pub(crate) fn seal<'py>(
    py: Python<'py>,
    key: &[u8],
    message: PyBackedBytes,
    context: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let key = Key::from_bytes(key).map_err(|error| key_error(py, &error))?;
    let length = sealed_length(message.len() as u64).and_then(|length| length.try_into().ok());
    written(py, length.ok_or(SealError::TooLong), |out| {
        construction::seal(&key, context, &message, out)
    })
}

/// The message in what `seal` made.
#[pyfunction]
#[pyo3(signature = (key, sealed, context = NO_CONTEXT))]
pub(crate) fn open_sealed<'py>(
    py: Python<'py>,
    key: &[u8],
    sealed: PyBackedBytes,
    context: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let key = Key::from_bytes(key).map_err(|error| key_error(py, &error))?;
    let length = message_length(sealed.len() as u64).and_then(|length| length.try_into().ok());
    written(py, length.ok_or(SealError::Unopened), |out| {
        construction::open(&key, context, &sealed, out)
    })
}

/// Bytes of this length that the work writes in their place, without the GIL.
fn written(
    py: Python<'_>,
    length: Result<usize, SealError>,
    work: impl FnOnce(&mut [u8]) -> Result<(), SealError> + Send,
) -> PyResult<Bound<'_, PyBytes>> {
    let length = length.map_err(|error| seal_error(py, error, None))?;
    written_bytes(py, length, |out| {
        let done = py.detach(|| work(out));
        done.map_err(|error| seal_error(py, error, None))
    })
}

fn file(
    py: Python<'_>,
    source: &Path,
    target: &Path,
    work: impl FnOnce(&AtomicBool) -> Result<u64, SealError> + Send,
) -> PyResult<u64> {
    let done = unless_interrupted(py, work)?;
    done.map_err(|error| seal_error(py, error, Some([source.to_owned(), target.to_owned()])))
}

pub(super) fn count(threads: Option<NonZeroUsize>) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    threads.map_or_else(cores, NonZeroUsize::get)
}
