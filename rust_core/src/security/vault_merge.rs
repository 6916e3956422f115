//! Two forms of a vault made into one, and a vault signed again.

#![expect(clippy::needless_pass_by_value, reason = "extracted values are owned")]

use ::vault::file::{Conflict, Document, VaultError};
use pyo3::prelude::*;

use super::vault_file::VaultFile;
use crate::errors::file_error;
use crate::waiting::unless_interrupted;

/// Kind, name, the name under which their value is, and words for it.
type ConflictRow = (&'static str, String, String, String);

/// Another form of a vault, opened by its data key; none where that is another.
#[pyfunction]
pub(crate) fn open_sibling(
    py: Python<'_>,
    vault: &VaultFile,
    text: &[u8],
) -> PyResult<Option<VaultFile>> {
    let open = || -> Result<_, VaultError> { vault.0.open_sibling(Document::parse(text)?) };
    let opened = py.detach(open);
    let opened = opened.map_err(|error| file_error(py, &error))?;
    Ok(opened.map(VaultFile))
}

/// Makes `ours` into one with what `theirs` changed since `base`.
#[pyfunction]
pub(crate) fn merge_vaults(
    py: Python<'_>,
    ours: &mut VaultFile,
    base: Option<PyRef<'_, VaultFile>>,
    theirs: &VaultFile,
) -> PyResult<Vec<ConflictRow>> {
    let base = base.as_ref().map(|base| &base.0);
    let merged = unless_interrupted(py, |_| ours.0.merge(base, &theirs.0))?;
    let conflicts = merged.map_err(|error| file_error(py, &error))?;
    Ok(conflicts.iter().map(conflict_row).collect())
}

/// The secrets whose lines do not open, of those that are not as they were signed.
#[pyfunction]
pub(crate) fn unopened(vault: &VaultFile) -> Vec<String> {
    let names = vault.0.unopened();
    names.into_iter().map(str::to_owned).collect()
}

/// Signs a vault as it stands, less some of the secrets that are not as they were signed.
#[pyfunction]
pub(crate) fn repair_vault(
    py: Python<'_>,
    vault: &mut VaultFile,
    dropped: Vec<String>,
) -> PyResult<()> {
    let dropped: Vec<&str> = dropped.iter().map(String::as_str).collect();
    let repaired = vault.0.repair(&dropped);
    repaired.map_err(|error| file_error(py, &error))
}

fn conflict_row(conflict: &Conflict) -> ConflictRow {
    let (kind, name, kept) = match conflict {
        Conflict::Changed { name, kept } => ("changed", name.clone(), kept.clone()),
        Conflict::RemovedByOurs { name, kept } => ("removed-by-ours", name.clone(), kept.clone()),
        Conflict::RemovedByTheirs(name) => ("removed-by-theirs", name.clone(), String::new()),
        Conflict::SlotChanged(label) => ("slot-changed", label.clone(), String::new()),
        Conflict::SlotLost(label) => ("slot-lost", label.clone(), String::new()),
        Conflict::SlotStays(label) => ("slot-stays", label.clone(), String::new()),
        Conflict::DataKeys => ("data-keys", String::new(), String::new()),
        _ => ("other", String::new(), String::new()),
    };
    (kind, name, kept, conflict.to_string())
}
