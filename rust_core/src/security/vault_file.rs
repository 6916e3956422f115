//! The vault file: its text comes from Python and goes back there.

#![expect(clippy::needless_pass_by_value, reason = "extracted values are owned")]

use ::vault::file::{
    Change, Document, Finding, Head, Keep, Kind, NewSlot, OpenedVault, Recipient, SlotError,
    SlotKind, VaultError,
};
use ::vault::passwords::{Limits, Params};
use ::vault::seal::Key;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::openers::{Identity, Openers};
use super::passwords::Costs;
use crate::errors::{file_error, key_error};
use crate::waiting::unless_interrupted;

/// Name, version, date and type.
type SecretRow = (String, u64, String, &'static str);
/// Type, label, and what tells it from others: costs, a key's id or a recipient.
pub(super) type SlotRow = (String, String, String);

/// A vault that is open.
#[pyclass(module = "code_rust_core.security")]
pub(crate) struct VaultFile(pub(super) OpenedVault);

#[pymethods]
impl VaultFile {
    /// A new vault without secrets, with one slot.
    #[staticmethod]
    #[pyo3(signature = (label, *, key = None, recipient = None, passphrase = None, params = Costs::default()))]
    fn create(
        py: Python<'_>,
        label: &str,
        key: Option<&[u8]>,
        recipient: Option<&str>,
        passphrase: Option<&[u8]>,
        params: Costs,
    ) -> PyResult<Self> {
        let words = (passphrase.unwrap_or_default(), params.params(py)?);
        with_slot(py, key, recipient, words, |new| {
            OpenedVault::create(&[(label, new)])
        })
        .map(Self)
    }

    /// Opens a vault's text.
    #[staticmethod]
    #[pyo3(signature = (text, *, keys = Vec::new(), passphrases = Vec::new(), identities = Vec::new(), max_memory_kib = 2_097_152, max_iterations = 16, max_lanes = 16))]
    #[expect(clippy::too_many_arguments, reason = "Python names them")]
    fn open(
        py: Python<'_>,
        text: &[u8],
        keys: Vec<Vec<u8>>,
        passphrases: Vec<Vec<u8>>,
        identities: Vec<PyRef<'_, Identity>>,
        max_memory_kib: u32,
        max_iterations: u32,
        max_lanes: u32,
    ) -> PyResult<Self> {
        let limits = Limits {
            memory_kib: max_memory_kib,
            iterations: max_iterations,
            lanes: max_lanes,
        };
        let openers = Openers::new(keys, passphrases, &identities);
        let openers = openers.map_err(|error| key_error(py, &error))?;
        drop(identities);
        let opened = openers.with(py, |credentials| {
            let document = Document::parse(text)?;
            OpenedVault::open(document, credentials, &limits)
        });
        opened.map(Self)
    }

    #[getter]
    fn id(&self) -> &str {
        &self.0.document().head.id
    }

    #[getter]
    fn generation(&self) -> u64 {
        self.0.document().generation
    }

    /// What tells the data key from others.
    fn data_key_mark(&self, py: Python<'_>) -> PyResult<String> {
        let mark = self.0.data_key_mark();
        mark.map_err(|error| file_error(py, &error))
    }

    fn secrets(&self) -> Vec<SecretRow> {
        secret_rows(self.0.document())
    }

    fn slots(&self) -> Vec<SlotRow> {
        slot_rows(&self.0.document().head)
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

    #[pyo3(signature = (label, *, key = None, recipient = None, passphrase = None, params = Costs::default()))]
    fn add_slot(
        &mut self,
        py: Python<'_>,
        label: &str,
        key: Option<&[u8]>,
        recipient: Option<&str>,
        passphrase: Option<&[u8]>,
        params: Costs,
    ) -> PyResult<()> {
        let words = (passphrase.unwrap_or_default(), params.params(py)?);
        let vault = &mut self.0;
        with_slot(py, key, recipient, words, |new| vault.add_slot(label, &new))
    }

    /// A new data key, for all slots but those of the labels.
    #[pyo3(signature = (without = Vec::new(), *, keys = Vec::new(), passphrases = Vec::new(), identities = Vec::new(), plugins = Vec::new()))]
    fn rekey(
        &mut self,
        py: Python<'_>,
        without: Vec<String>,
        keys: Vec<Vec<u8>>,
        passphrases: Vec<Vec<u8>>,
        identities: Vec<PyRef<'_, Identity>>,
        plugins: Vec<String>,
    ) -> PyResult<()> {
        let openers = Openers::new(keys, passphrases, &identities);
        let openers = openers.map_err(|error| key_error(py, &error))?;
        drop(identities);
        let vault = &mut self.0;
        openers.with(py, |credentials| {
            let without: Vec<_> = without.iter().map(String::as_str).collect();
            let plugins: Vec<_> = plugins.iter().map(String::as_str).collect();
            let limits = Limits::OF_FILES;
            let keep = Keep {
                credentials,
                plugins: &plugins,
                limits,
            };
            vault.rekey(&without, &keep)
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
    let rows = (secret_rows(&document), slot_rows(&document.head));
    Ok((document.head.id, document.generation, rows.0, rows.1))
}

/// A key comes before a recipient, and that before a passphrase, where several are given.
fn with_slot<T: Send>(
    py: Python<'_>,
    key: Option<&[u8]>,
    recipient: Option<&str>,
    (passphrase, params): (&[u8], Params),
    work: impl FnOnce(NewSlot<'_>) -> Result<T, VaultError> + Send,
) -> PyResult<T> {
    let key = key.map(Key::from_bytes).transpose();
    let key = key.map_err(|error| key_error(py, &error))?;
    let recipient = recipient.map(Recipient::parse).transpose();
    let recipient =
        recipient.map_err(|error| file_error(py, &SlotError::Recipient(error).into()))?;
    let done = unless_interrupted(py, |_| match (&key, &recipient) {
        (Some(key), _) => work(NewSlot::Key(key)),
        (None, Some(recipient)) => work(NewSlot::Age(recipient)),
        (None, None) => work(NewSlot::Passphrase(passphrase, params)),
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

pub(super) fn slot_rows(head: &Head) -> Vec<SlotRow> {
    let rows = head.slots.iter().map(|slot| {
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
