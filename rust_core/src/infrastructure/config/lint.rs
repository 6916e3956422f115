//! `lint_files`: many files at once, on all cores, with the GIL released; and their mending.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use config::check::{Form, files};
use config::lint::{Configuration, ConfigurationError, Rule, fix, lint};
use config::{Level, Limits, Places, Position, Source};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rayon::prelude::*;

use super::check::{ProblemRow, problem_row};
use super::fault::config_error;
use crate::waiting::interruptible;

/// Of one file: more says nothing more, and would take more memory than the file.
const MOST_FINDINGS: usize = 10_000;

type FileRow = (PathBuf, u64, Vec<ProblemRow>, u64, Option<String>);

/// Lints files and folders, and a text that came on standard input under the name `-`.
///
/// `configuration` is the text of a `.yamllint` file and its name; None is yamllint's default.
#[pyfunction]
#[pyo3(signature = (paths, *, text=None, configuration=None, two_readers=false))]
pub(crate) fn lint_files(
    py: Python<'_>,
    paths: Vec<PathBuf>,
    text: Option<Vec<u8>>,
    configuration: Option<(String, PathBuf)>,
    two_readers: bool,
) -> PyResult<Vec<FileRow>> {
    let rules = read_configuration(py, configuration, two_readers)?;
    interruptible(py, move |cancel| {
        let mut rows = Vec::new();
        if let Some(text) = text {
            rows.push(lint_bytes("-".into(), text, &rules));
        }
        let found: Vec<FileRow> = files(paths)
            .into_par_iter()
            .filter(|path| path.as_ref().map_or(true, |path| is_yaml(path, &rules)))
            .map(|path| match path {
                Ok(path) if cancel.load(Ordering::Relaxed) => unread(path, "interrupted".into()),
                Ok(path) => match config::files::read(&path, u64::MAX) {
                    Ok(bytes) => lint_bytes(path, bytes, &rules),
                    Err(error) => unread(path, error.to_string()),
                },
                Err((path, reason)) => unread(path, reason),
            })
            .collect();
        rows.extend(found);
        rows
    })
}

/// The text with what can be mended safely.
#[pyfunction]
#[pyo3(signature = (text, path, *, configuration=None, two_readers=false))]
pub(crate) fn fix_text<'py>(
    py: Python<'py>,
    text: &Bound<'py, PyBytes>,
    path: &str,
    configuration: Option<(String, PathBuf)>,
    two_readers: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let rules = read_configuration(py, configuration, two_readers)?;
    let bytes = text.as_bytes();
    let fixed = py.detach(|| fix(bytes, &rules, path));
    Ok(PyBytes::new(py, &fixed))
}

fn read_configuration(
    py: Python<'_>,
    configuration: Option<(String, PathBuf)>,
    two_readers: bool,
) -> PyResult<Configuration> {
    let mut rules = match configuration {
        None => Configuration::default(),
        Some((text, path)) => {
            // What it names lies beside it.
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            let mut load = |name: &str| {
                let bytes = config::files::read(&folder.join(name), 1 << 20);
                let bytes = bytes.map_err(|error| error.to_string())?;
                String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
            };
            let read = Configuration::parse(&text, &path.to_string_lossy(), &mut load);
            read.map_err(|error| raised(py, &error))?
        }
    };
    if two_readers {
        rules.enable(Rule::TwoReaders, Level::Warning);
    }
    Ok(rules)
}

fn raised(py: Python<'_>, error: &ConfigurationError) -> PyErr {
    let position = Position {
        line: error.line,
        column: error.column,
        excerpt: String::new(),
    };
    config_error(py, &error.problem, &error.path, &position, None)
}

/// In folders, files that the configuration calls YAML; JSON by its name is none.
fn is_yaml(path: &Path, rules: &Configuration) -> bool {
    Form::of(path).is_none_or(|form| form == Form::Yaml)
        && !rules.is_ignored(&path.to_string_lossy())
}

fn unread(path: PathBuf, reason: String) -> FileRow {
    (path, 0, Vec::new(), 0, Some(reason))
}

fn lint_bytes(path: PathBuf, bytes: Vec<u8>, rules: &Configuration) -> FileRow {
    let bytes = match config::files::decompressed(bytes, u64::MAX) {
        Ok(bytes) => bytes,
        Err(error) => return unread(path, error.to_string()),
    };
    let mut findings = lint(&bytes, rules, &path.to_string_lossy());
    let cut = findings.len().saturating_sub(MOST_FINDINGS);
    findings.truncate(MOST_FINDINGS);
    // The text is read once more for its lines, where there is something to tell.
    let source = if findings.is_empty() {
        None
    } else {
        Source::decode(&bytes, &Limits::default()).ok()
    };
    let places = source.as_ref().map(|source| Places::new(source.text()));
    let rows = findings
        .into_iter()
        .map(|finding| {
            let excerpt = places.as_ref().map(|places| places.excerpt(finding.start));
            problem_row(finding, excerpt.unwrap_or_default(), (None, None))
        })
        .collect();
    (path, bytes.len() as u64, rows, cut as u64, None)
}
