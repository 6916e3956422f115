//! The vault file: its text comes from Python and goes back there.

#![expect(clippy::needless_pass_by_value, reason = "extracted values are owned")]

use ::vault::file::{
    Change, Credential, Document, Finding, Kind, NewSlot, OpenedVault, SlotKind, VaultError,
};
use ::vault::passwords::{Limits, Params};
use ::vault::seal::Key;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zeroize::Zeroizing;

use super::passwords::Costs;
use crate::errors::{file_error, key_error};
use crate::waiting::unless_interrupted;

/// Name, version, date and type.
type SecretRow = (String, u64, String, &'static str);
/// Type, label, and what tells it from others: costs, a key's id or a recipient.
type SlotRow = (String, String, String);

/// A vault that is open.
#[pyclass(module = "code_rust_core.security")]
pub(crate) struct VaultFile(OpenedVault);

#[pymethods]
impl VaultFile {
    /// A new vault without secrets, with one slot.
    #[staticmethod]
    #[pyo3(signature = (label, *, key = None, passphrase = None, params = Costs::default()))]
    fn create(
        py: Python<'_>,
        label: &str,
        key: Option<&[u8]>,
        passphrase: Option<&[u8]>,
        params: Costs,
    ) -> PyResult<Self> {
        let params = params.params(py)?;
        with_slot(py, key, passphrase, params, |new| {
            OpenedVault::create(&[(label, new)])
        })
        .map(Self)
    }

    /// Opens a vault's text.
    #[staticmethod]
    #[pyo3(signature = (text, *, keys = Vec::new(), passphrases = Vec::new(), max_memory_kib = 2_097_152, max_iterations = 16, max_lanes = 16))]
    fn open(
        py: Python<'_>,
        text: &[u8],
        keys: Vec<Vec<u8>>,
        passphrases: Vec<Vec<u8>>,
        max_memory_kib: u32,
        max_iterations: u32,
        max_lanes: u32,
    ) -> PyResult<Self> {
        let keys = zeroize_all(keys);
        let passphrases = zeroize_all(passphrases);
        let limits = Limits {
            memory_kib: max_memory_kib,
            iterations: max_iterations,
            lanes: max_lanes,
        };
        let opened = unless_interrupted(py, |_| {
            let keys: Vec<Key> = keys
                .iter()
                .map(|key| Key::from_bytes(key))
                .collect::<Result<_, _>>()?;
            let credentials = keys.iter().map(Credential::Key);
            let words = passphrases.iter().map(|word| Credential::Passphrase(word));
            let credentials: Vec<_> = credentials.chain(words).collect();
            let document = Document::parse(text)?;
            OpenedVault::open(document, &credentials, &limits)
        })?;
        opened.map(Self).map_err(|error| file_error(py, &error))
    }

    #[getter]
    fn id(&self) -> &str {
        &self.0.document().head.id
    }

    #[getter]
    fn generation(&self) -> u64 {
        self.0.document().generation
    }

    fn secrets(&self) -> Vec<SecretRow> {
        secret_rows(self.0.document())
    }

    fn slots(&self) -> Vec<SlotRow> {
        slot_rows(self.0.document())
    }

    /// How the secrets differ from those that were signed: kind, name and words for it.
    fn findings(&self) -> Vec<(&'static str, String, String)> {
        self.0.findings().iter().map(finding).collect()
    }

    fn get<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyBytes>> {
        let value = self.0.get(name);
        let value = value.map_err(|error| file_error(py, &error))?;
        Ok(PyBytes::new(py, &value))
    }

    /// `added`, `changed` or `same`.
    fn set(
        &mut self,
        py: Python<'_>,
        name: &str,
        value: &[u8],
        kind: &str,
        date: &str,
    ) -> PyResult<&'static str> {
        let kind = if kind == Kind::Text.word() {
            Kind::Text
        } else {
            Kind::Bytes
        };
        let change = self.0.set(name, value, kind, date);
        match change.map_err(|error| file_error(py, &error))? {
            Change::Added => Ok("added"),
            Change::Changed => Ok("changed"),
            Change::Same => Ok("same"),
        }
    }

    fn remove(&mut self, py: Python<'_>, name: &str) -> PyResult<()> {
        self.0.remove(name).map_err(|error| file_error(py, &error))
    }

    #[pyo3(signature = (label, *, key = None, passphrase = None, params = Costs::default()))]
    fn add_slot(
        &mut self,
        py: Python<'_>,
        label: &str,
        key: Option<&[u8]>,
        passphrase: Option<&[u8]>,
        params: Costs,
    ) -> PyResult<()> {
        let params = params.params(py)?;
        let vault = &mut self.0;
        with_slot(py, key, passphrase, params, |new| {
            vault.add_slot(label, &new)
        })
    }

    /// Signs the vault as it stands.
    fn accept(&mut self) {
        self.0.accept();
    }

    /// The vault's text, a generation later where something changed.
    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let text = self.0.finish().map_err(|error| file_error(py, &error))?;
        Ok(PyBytes::new(py, text.as_bytes()))
    }
}

/// What a vault's text tells without a key: its id, generation, secrets and slots. None of it is
/// verified.
#[pyfunction]
pub(crate) fn read_vault(
    py: Python<'_>,
    text: &[u8],
) -> PyResult<(String, u64, Vec<SecretRow>, Vec<SlotRow>)> {
    let document = py.detach(|| Document::parse(text));
    let document = document.map_err(|error| file_error(py, &error.into()))?;
    let rows = (secret_rows(&document), slot_rows(&document));
    Ok((document.head.id, document.generation, rows.0, rows.1))
}

fn zeroize_all(secrets: Vec<Vec<u8>>) -> Vec<Zeroizing<Vec<u8>>> {
    secrets.into_iter().map(Zeroizing::new).collect()
}

/// A key comes before a passphrase where both are given.
fn with_slot<T: Send>(
    py: Python<'_>,
    key: Option<&[u8]>,
    passphrase: Option<&[u8]>,
    params: Params,
    work: impl FnOnce(NewSlot<'_>) -> Result<T, VaultError> + Send,
) -> PyResult<T> {
    let key = key.map(Key::from_bytes).transpose();
    let key = key.map_err(|error| key_error(py, &error))?;
    let done = unless_interrupted(py, |_| match &key {
        Some(key) => work(NewSlot::Key(key)),
        None => work(NewSlot::Passphrase(passphrase.unwrap_or_default(), params)),
    })?;
    done.map_err(|error| file_error(py, &error))
}

fn secret_rows(document: &Document) -> Vec<SecretRow> {
    let rows = document.secrets.iter().map(|secret| {
        let (name, date) = (secret.name.clone(), secret.date.clone());
        (name, secret.version, date, secret.kind.word())
    });
    rows.collect()
}

fn slot_rows(document: &Document) -> Vec<SlotRow> {
    let rows = document.head.slots.iter().map(|slot| {
        let (kind, detail) = match &slot.kind {
            SlotKind::Passphrase { params, .. } => ("passphrase".to_owned(), params.to_string()),
            SlotKind::Key { id } => ("key".to_owned(), id.clone()),
            SlotKind::Age { recipient } => ("age".to_owned(), recipient.clone()),
            SlotKind::Unknown(kind) => (kind.clone(), String::new()),
            _ => (String::new(), String::new()),
        };
        (kind, slot.label.clone(), detail)
    });
    rows.collect()
}

fn finding(finding: &Finding) -> (&'static str, String, String) {
    let kind = match finding {
        Finding::Replaced { .. } => "replaced",
        Finding::Added(_) => "added",
        Finding::Gone(_) => "gone",
        _ => "other",
    };
    (kind, finding.name().to_owned(), finding.to_string())
}
