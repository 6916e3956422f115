//! A vault's own secrets looked for in files, streams and the objects of git.

#![expect(clippy::needless_pass_by_value, reason = "extracted values are owned")]

use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ::logs::open_unpacked;
use ::vault::leaks::{Leaks, Searcher, unsearched};
use ::vault::redact::Patterns;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use rayon::prelude::*;

use super::vault_file::VaultFile;
use crate::errors::file_error;
use crate::waiting::{interruptible_watched, unless_interrupted};

/// Place in the list of secrets, form, line and column.
type LeakRow = (usize, &'static str, u64, u64);
/// Place in the list of files, what was found, whether that is not all, and why it was not read.
type FileRow = (usize, Vec<LeakRow>, bool, Option<String>);
/// Name, type, what was found, and whether that is not all.
type ObjectRow = (String, String, Vec<LeakRow>, bool);

const GIT_BUFFER_BYTES: usize = 1 << 20;

/// Secrets to look for.
#[pyclass(frozen, module = "code_rust_core.security")]
pub(crate) struct LeakSearch {
    patterns: Patterns,
    /// Places in the list of secrets, and a word for why.
    unsearched: Vec<(usize, &'static str)>,
}

#[pymethods]
impl LeakSearch {
    /// Values, and the least length of one that is looked for.
    #[new]
    fn new(py: Python<'_>, values: Vec<PyBackedBytes>, least: usize) -> Self {
        py.detach(|| {
            let reasons: Vec<_> = values.iter().map(|each| unsearched(each, least)).collect();
            // Those that are not looked for keep their place, empty.
            let pairs = values.iter().zip(&reasons);
            let wanted = pairs.map(|(value, reason)| ("", reason.map_or(&value[..], |_| b"")));
            let patterns = Patterns::new(&wanted.collect::<Vec<_>>());
            let told = patterns.unredacted().iter();
            let mut words: Vec<_> = told.map(|(place, why)| (*place, why.word())).collect();
            words.retain(|(place, _)| reasons[*place].is_none());
            let reasons = reasons.iter().enumerate();
            words.extend(reasons.filter_map(|(place, why)| Some((place, (*why)?.word()))));
            words.sort_unstable();
            Self {
                patterns,
                unsearched: words,
            }
        })
    }

    /// Secrets that are not looked for, or not in all forms: place in the list, and why.
    #[getter]
    fn unsearched(&self) -> Vec<(usize, &'static str)> {
        self.unsearched.clone()
    }

    /// Looks through files, without their compression; gives those with findings or problems.
    #[pyo3(signature = (paths, *, progress = None))]
    fn files(
        &self,
        py: Python<'_>,
        paths: Vec<PathBuf>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Vec<FileRow>> {
        let done = AtomicUsize::new(0);
        let (found, interrupt) = interruptible_watched(
            py,
            |cancelled| self.all(&paths, cancelled, &done),
            |py| match &progress {
                Some(progress) => progress
                    .call1(py, (done.load(Ordering::Relaxed),))
                    .map(drop),
                None => Ok(()),
            },
        )?;
        interrupt.map_or(Ok(found), Err)
    }

    /// Looks through all objects of the repository that a folder is in: how many there are, those
    /// with findings, and the names of all commits.
    fn git(&self, py: Python<'_>, folder: PathBuf) -> PyResult<(u64, Vec<ObjectRow>, Vec<String>)> {
        let found = unless_interrupted(py, |cancelled| {
            objects(&self.patterns, &folder, cancelled).map_err(|error| error.to_string())
        })?;
        let found = found.map_err(PyOSError::new_err)?;
        let rows = found.found.into_iter().map(|object| {
            let leaks = rows(&object.leaks);
            (object.id, object.kind, leaks, object.leaks.is_cut)
        });
        Ok((found.count, rows.collect(), found.commits))
    }
}

impl LeakSearch {
    fn all(&self, paths: &[PathBuf], cancelled: &AtomicBool, done: &AtomicUsize) -> Vec<FileRow> {
        let files = paths.par_iter().enumerate();
        files
            .map_init(
                || Searcher::new(&self.patterns),
                |searcher, (place, path)| {
                    let (leaks, read) = file(searcher, path, cancelled);
                    done.fetch_add(1, Ordering::Relaxed);
                    let problem = read.err().map(|error| reason(&error));
                    (place, rows(&leaks), leaks.is_cut, problem)
                },
            )
            .filter(|(_, found, _, problem)| !found.is_empty() || problem.is_some())
            .collect()
    }
}

/// The fingerprint of a secret's value, which tells it from others and does not tell it.
#[pyfunction]
pub(crate) fn fingerprint(py: Python<'_>, vault: &VaultFile, name: &str) -> PyResult<String> {
    let found = vault.0.fingerprint(name);
    found.map_err(|error| file_error(py, &error))
}

fn file(
    searcher: &mut Searcher<'_>,
    path: &Path,
    cancelled: &AtomicBool,
) -> (Leaks, io::Result<()>) {
    match open_unpacked(path, cancelled) {
        Ok(mut input) => searcher.search(&mut input, || !cancelled.load(Ordering::Relaxed)),
        Err(error) => (Leaks::default(), Err(error)),
    }
}

fn objects(
    patterns: &Patterns,
    folder: &Path,
    cancelled: &AtomicBool,
) -> io::Result<::vault::leaks::GitObjects> {
    let mut git = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["cat-file", "--batch-all-objects", "--batch", "--unordered"])
        .env_remove("CODE_OPS_VAULT_KEY")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = git.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let mut output = BufReader::with_capacity(GIT_BUFFER_BYTES, output);
    let go_on = || !cancelled.load(Ordering::Relaxed);
    let found = Searcher::new(patterns).search_git(&mut output, go_on);
    if found.is_err() {
        // It may have more to write, and nobody reads it.
        let _ = git.kill();
    }
    let ended = git.wait()?;
    let found = found?;
    if !ended.success() {
        return Err(io::Error::other("git cat-file failed"));
    }
    Ok(found)
}

fn rows(leaks: &Leaks) -> Vec<LeakRow> {
    let found = leaks.found.iter();
    found
        .map(|leak| (leak.secret, leak.form.word(), leak.line, leak.column))
        .collect()
}

fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let reason = text.split(" (os error").next().unwrap_or_default();
    reason.to_lowercase()
}
