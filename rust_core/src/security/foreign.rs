//! What other tools seal, for Python, which knows the layout of their files.

#![expect(clippy::needless_pass_by_value, reason = "extracted values are owned")]

use ::vault::foreign::sops::DataKey;
use ::vault::foreign::{ForeignError, ansible};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zeroize::Zeroizing;

use super::openers::Identity;
use crate::errors::foreign_error;

/// Nonce, ciphertext, tag, context.
type SealedValue = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>);
/// Nonce, ciphertext, tag.
type NewValue<'py> = (
    Bound<'py, PyBytes>,
    Bound<'py, PyBytes>,
    Bound<'py, PyBytes>,
);

/// The content of an envelope of ansible-vault.
#[pyfunction]
pub(crate) fn open_ansible<'py>(
    py: Python<'py>,
    passphrase: &[u8],
    salt: &[u8],
    mac: &[u8],
    sealed: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let content = py.detach(|| ansible::open(passphrase, salt, mac, sealed));
    let content = content.map_err(|error| foreign_error(py, &error))?;
    Ok(PyBytes::new(py, &content))
}

/// The code and the ciphertext for an envelope of ansible-vault.
#[pyfunction]
pub(crate) fn seal_ansible<'py>(
    py: Python<'py>,
    passphrase: &[u8],
    salt: &[u8],
    content: &[u8],
) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
    let made = py.detach(|| ansible::seal(passphrase, salt, content));
    let (mac, sealed) = made.map_err(|error| foreign_error(py, &error))?;
    Ok((PyBytes::new(py, &mac), PyBytes::new(py, &sealed)))
}

/// The data key of a file of sops.
#[pyclass(module = "code_rust_core.security", frozen)]
pub(crate) struct SopsKey(DataKey);

#[pymethods]
impl SopsKey {
    #[staticmethod]
    fn random(py: Python<'_>) -> PyResult<Self> {
        let key = DataKey::random();
        key.map(Self).map_err(|error| foreign_error(py, &error))
    }

    /// The key in an armored age file.
    #[staticmethod]
    fn open(
        py: Python<'_>,
        armored: &[u8],
        identities: Vec<PyRef<'_, Identity>>,
    ) -> PyResult<Self> {
        let identities: Vec<_> = identities.iter().map(|each| each.shared()).collect();
        let key = py.detach(|| {
            let identities: Vec<_> = identities.iter().map(AsRef::as_ref).collect();
            DataKey::open(armored, &identities)
        });
        key.map(Self).map_err(|error| foreign_error(py, &error))
    }

    /// An armored age file of the key to one recipient.
    fn seal(&self, py: Python<'_>, recipient: &str) -> PyResult<String> {
        let sealed = py.detach(|| self.0.seal(recipient));
        sealed.map_err(|error| foreign_error(py, &error))
    }

    /// All values of nonces, ciphertexts, tags and contexts.
    fn open_values<'py>(
        &self,
        py: Python<'py>,
        values: Vec<SealedValue>,
    ) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let opened: Result<Vec<_>, ForeignError> = py.detach(|| {
            let opened = values.iter().map(|(nonce, sealed, tag, context)| {
                self.0.open_value(nonce, sealed, tag, context)
            });
            opened.collect()
        });
        let opened = opened.map_err(|error| foreign_error(py, &error))?;
        Ok(opened.iter().map(|value| PyBytes::new(py, value)).collect())
    }

    /// Nonces, ciphertexts and tags of values and contexts.
    fn seal_values<'py>(
        &self,
        py: Python<'py>,
        values: Vec<(Vec<u8>, Vec<u8>)>,
    ) -> PyResult<Vec<NewValue<'py>>> {
        let values: Vec<_> = values
            .into_iter()
            .map(|(value, context)| (Zeroizing::new(value), context))
            .collect();
        let sealed: Result<Vec<_>, ForeignError> = py.detach(|| {
            let sealed = values
                .iter()
                .map(|(value, context)| self.0.seal_value(value, context));
            sealed.collect()
        });
        let sealed = sealed.map_err(|error| foreign_error(py, &error))?;
        let rows = sealed.iter().map(|value| {
            let bytes = |part: &[u8]| PyBytes::new(py, part);
            (bytes(&value.nonce), bytes(&value.sealed), bytes(&value.tag))
        });
        Ok(rows.collect())
    }
}
