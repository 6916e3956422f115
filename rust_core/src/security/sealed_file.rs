//! Sealed files with slots: from paths and standard streams to paths and standard streams.

#![expect(clippy::needless_pass_by_value, reason = "extracted values are owned")]

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::vault::file as core;
use ::vault::file::{NewSlot, Recipient, SlotError, Source, Target, VaultError, not_blocking};
use ::vault::passwords::Limits;
use ::vault::seal::{Course, Existing, Key, SealError};
use pyo3::prelude::*;
use zeroize::Zeroizing;

use super::openers::{Answering, Identity, Openers};
use super::passwords::Costs;
use super::vault::count;
use super::vault_file::{SlotRow, slot_rows};
use crate::errors::{file_error, key_error, seal_error};
use crate::waiting::interruptible_flagged;

/// Called now and then with the bytes that were read.
type Progress = Option<Py<PyAny>>;

/// A sealed file whose head was read.
#[pyclass(frozen, module = "code_rust_core.security")]
pub(crate) struct SealedFile {
    file: core::SealedFile,
    path: Option<PathBuf>,
}

#[pymethods]
impl SealedFile {
    /// Reads the head of a file, or of standard input without a path.
    #[staticmethod]
    fn read(py: Python<'_>, source: Option<PathBuf>) -> PyResult<Self> {
        let file = watched(py, [source.as_deref(), None], None, None, |course| {
            core::SealedFile::read(opened_source(source.as_deref())?, course)
        })?;
        let path = source;
        Ok(Self { file, path })
    }

    #[getter]
    fn id(&self) -> &str {
        &self.file.head().id
    }

    fn slots(&self) -> Vec<SlotRow> {
        slot_rows(self.file.head())
    }

    /// Opens the content into a file, or to standard output without a path; returns its length.
    #[pyo3(signature = (target, *, keys = Vec::new(), passphrases = Vec::new(), identities = Vec::new(), replace = false, progress = None))]
    #[expect(clippy::too_many_arguments, reason = "Python names them")]
    fn open(
        &self,
        py: Python<'_>,
        target: Option<PathBuf>,
        keys: Vec<Vec<u8>>,
        passphrases: Vec<Vec<u8>>,
        identities: Vec<PyRef<'_, Identity>>,
        replace: bool,
        progress: Progress,
    ) -> PyResult<u64> {
        let openers = Openers::new(keys, passphrases, &identities);
        let openers = openers.map_err(|error| key_error(py, &error))?;
        drop(identities);
        let files = [self.path.as_deref(), target.as_deref()];
        let answering = openers.answering();
        watched(py, files, progress, Some(&answering), |course| {
            let credentials = openers.credentials();
            to_target(target.as_deref(), replace, |target| {
                let limits = Limits::OF_FILES;
                self.file
                    .open(&credentials, &limits, target, count(None), course)
            })
        })
    }
}

/// Seals a file, or standard input, into a file or to standard output, for slots of a label, a
/// kind (`key`, `age` or `passphrase`) and a secret; returns the bytes written.
#[pyfunction]
#[pyo3(signature = (source, target, slots, *, params = Costs::default(), replace = false, progress = None))]
pub(crate) fn seal_file(
    py: Python<'_>,
    source: Option<PathBuf>,
    target: Option<PathBuf>,
    slots: Vec<(String, String, Vec<u8>)>,
    params: Costs,
    replace: bool,
    progress: Progress,
) -> PyResult<u64> {
    let params = params.params(py)?;
    let slots: Vec<_> = slots
        .into_iter()
        .map(|(label, kind, secret)| (label, kind, Zeroizing::new(secret)))
        .collect();
    let files = [source.as_deref(), target.as_deref()];
    watched(py, files, progress, None, |course| {
        let openers = slots.iter().map(|(_, kind, secret)| opener(kind, secret));
        let openers: Vec<_> = openers.collect::<Result<_, _>>()?;
        let labels = slots.iter().map(|(label, ..)| label.clone());
        let news = openers.iter().map(|opener| match opener {
            Opener::Key(key) => NewSlot::Key(key),
            Opener::Recipient(recipient) => NewSlot::Age(recipient),
            Opener::Passphrase(word) => NewSlot::Passphrase(word, params),
        });
        let news: Vec<_> = labels.zip(news).collect();
        let source = opened_source(source.as_deref())?;
        to_target(target.as_deref(), replace, |target| {
            core::seal_file(&source, target, &news, count(None), course)
        })
    })
}

/// What a slot is made for.
enum Opener<'a> {
    Key(Key),
    Recipient(Recipient),
    Passphrase(&'a [u8]),
}

fn opener<'a>(kind: &str, secret: &'a [u8]) -> Result<Opener<'a>, VaultError> {
    Ok(match kind {
        "key" => Opener::Key(Key::from_bytes(secret)?),
        "age" => {
            let text = String::from_utf8_lossy(secret);
            Opener::Recipient(Recipient::parse(&text).map_err(SlotError::Recipient)?)
        }
        _ => Opener::Passphrase(secret),
    })
}

fn opened_source(path: Option<&Path>) -> Result<Source, VaultError> {
    let opened = match path {
        Some(path) => File::open(path).map(Source::File),
        None => io::stdin()
            .as_fd()
            .try_clone_to_owned()
            .map(|own| Source::Stream(own.into())),
    };
    Ok(opened.map_err(SealError::Read)?)
}

fn to_target(
    path: Option<&Path>,
    replace: bool,
    work: impl FnOnce(&Target<'_>) -> Result<u64, VaultError>,
) -> Result<u64, VaultError> {
    let existing = if replace {
        Existing::Replace
    } else {
        Existing::Keep
    };
    if let Some(path) = path {
        return work(&Target::Path(path, existing));
    }
    let output = standard_output().map_err(SealError::Write)?;
    work(&Target::Stream(&output))
}

fn standard_output() -> io::Result<File> {
    not_blocking(io::stdout().as_fd().try_clone_to_owned()?.into())
}

/// Does the work on a thread of its own; tells how far it is, and ends it after Ctrl-C.
fn watched<T: Send>(
    py: Python<'_>,
    files: [Option<&Path>; 2],
    progress: Progress,
    answering: Option<&Answering<'_>>,
    work: impl FnOnce(&Course<'_>) -> Result<T, VaultError> + Send,
) -> PyResult<T> {
    let done = AtomicU64::new(0);
    let flag = answering.map_or_else(Arc::default, |answering| Arc::clone(&answering.flag));
    let (result, interrupt) = interruptible_flagged(
        py,
        &flag,
        |cancelled| work(&Course::new(cancelled, &done)),
        |py| {
            answering.map_or(Ok(()), |answering| answering.give(py))?;
            match &progress {
                Some(progress) => progress
                    .call1(py, (done.load(Ordering::Relaxed),))
                    .map(drop),
                None => Ok(()),
            }
        },
    )?;
    if let Some(interrupt) = interrupt {
        return Err(interrupt);
    }
    result.map_err(|error| match error {
        VaultError::Seal(error) => {
            let [source, target] = files;
            let source = source.unwrap_or(Path::new("standard input")).to_owned();
            let target = target.unwrap_or(Path::new("standard output")).to_owned();
            seal_error(py, error, Some([source, target]))
        }
        error => file_error(py, &error),
    })
}
