//! What opens vaults, out of Python: keys, passphrases and identities.

use std::sync::Arc;

use ::vault::file::{Credential, Identity as Parsed, IdentityError, MOST_IDENTITY_BYTES};
use ::vault::seal::{Key, KeyError};
use pyo3::prelude::*;
use zeroize::Zeroizing;

use crate::errors::vault_error;

/// Age identities or an SSH key.
#[pyclass(module = "code_rust_core.security", frozen)]
pub(crate) struct Identity(Arc<Parsed>);

#[pymethods]
impl Identity {
    /// Reads a file of age identities or an SSH private key; a passphrase unlocks an encrypted one.
    #[staticmethod]
    #[pyo3(signature = (text, passphrase = None))]
    fn parse(py: Python<'_>, text: &[u8], passphrase: Option<&[u8]>) -> PyResult<Self> {
        let parsed = py.detach(|| parsed(text, passphrase));
        let parsed = parsed.map_err(|error| vault_error(py, error.to_string()))?;
        Ok(Self(Arc::new(parsed)))
    }

    /// Whether it is an encrypted SSH key without its passphrase, which opens nothing.
    #[getter]
    fn is_locked(&self) -> bool {
        self.0.is_locked()
    }

    /// The recipients, each as one word; for a plugin its program's name.
    fn recipients(&self) -> Vec<String> {
        self.0.recipients()
    }
}

impl Identity {
    /// The identities, which outlive the GIL.
    pub(crate) fn shared(&self) -> Arc<Parsed> {
        Arc::clone(&self.0)
    }
}

fn parsed(text: &[u8], passphrase: Option<&[u8]>) -> Result<Parsed, IdentityError> {
    if text.len() > MOST_IDENTITY_BYTES {
        return Err(IdentityError::TooLong);
    }
    // What is no UTF-8 stands in comments or is no identity.
    let text = Zeroizing::new(String::from_utf8_lossy(text).into_owned());
    let mut parsed = Parsed::parse(&text)?;
    if let Some(passphrase) = passphrase {
        let word = std::str::from_utf8(passphrase).map_err(|_| IdentityError::Passphrase)?;
        parsed.unlock(word)?;
    }
    Ok(parsed)
}

/// Credentials that outlive the GIL.
pub(crate) struct Openers {
    keys: Vec<Key>,
    words: Vec<Zeroizing<Vec<u8>>>,
    identities: Vec<Arc<Parsed>>,
}

impl Openers {
    pub(crate) fn new(
        keys: Vec<Vec<u8>>,
        words: Vec<Vec<u8>>,
        identities: &[PyRef<'_, Identity>],
    ) -> Result<Self, KeyError> {
        let keys: Vec<_> = keys.into_iter().map(Zeroizing::new).collect();
        Ok(Self {
            keys: keys
                .iter()
                .map(|key| Key::from_bytes(key))
                .collect::<Result<_, _>>()?,
            words: words.into_iter().map(Zeroizing::new).collect(),
            identities: identities.iter().map(|each| Arc::clone(&each.0)).collect(),
        })
    }

    pub(crate) fn credentials(&self) -> Vec<Credential<'_>> {
        let keys = self.keys.iter().map(Credential::Key);
        let identities = self.identities.iter();
        let identities = identities.map(|each| Credential::Identity(each));
        let words = self.words.iter().map(|word| Credential::Passphrase(word));
        keys.chain(identities).chain(words).collect()
    }
}
