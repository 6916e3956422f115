//! `format_text`, `format_files` and `config_merge`: texts in one style, and over one another.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use config::access::{AccessError, Original};
use config::check::{Form, files};
use config::fmt::{FormatError, Language, Sequences, Style, format};
use config::merge::{Layer, Lists, MergeError, Nulls, Strategy, merge};
use config::{Limits, Position};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rayon::prelude::*;

use super::fault::{NOWHERE, config_exception, file_error, syntax_error};
use super::input::Input;
use super::options::pick;
use crate::waiting::interruptible;

fn style_of(indent: usize, sequences: &str) -> PyResult<Style> {
    if !(2..=8).contains(&indent) {
        return Err(PyValueError::new_err(format!(
            "indent {indent} is out of range 2-8"
        )));
    }
    let values = [("indent", Sequences::Indent), ("flush", Sequences::Flush)];
    let sequences = pick("sequences", sequences, &values)?;
    Ok(Style { indent, sequences })
}

fn language_of(is_json: bool) -> Language {
    if is_json {
        Language::Json
    } else {
        Language::Yaml
    }
}

/// The text in one style.
#[pyfunction]
#[pyo3(signature = (text, *, name="", json=false, indent=2, sequences="indent"))]
pub(crate) fn format_text<'py>(
    py: Python<'py>,
    text: Vec<u8>,
    name: &str,
    json: bool,
    indent: usize,
    sequences: &str,
) -> PyResult<Bound<'py, PyBytes>> {
    let style = style_of(indent, sequences)?;
    let new = interruptible(py, move |_| {
        format(&text, language_of(json), style, &Limits::default())
    })?;
    match new {
        Ok(new) => Ok(PyBytes::new(py, &new)),
        Err(FormatError::Syntax(error)) => Err(syntax_error(py, &error, name)),
        Err(error @ FormatError::Check) => {
            let message = error.to_string();
            Err(config_exception(
                py,
                "ConfigChangeError",
                &message,
                name,
                &NOWHERE,
                None,
            ))
        }
        Err(error) => {
            let message = error.to_string();
            Err(config_exception(
                py,
                "ConfigError",
                &message,
                name,
                &NOWHERE,
                None,
            ))
        }
    }
}

/// The file, whether its style is another one, and why and where it was not read or written.
type FileRow = (PathBuf, bool, Option<Failure>);
type Failure = (String, usize, usize);

/// Writes files, and those in folders, in one style; or tells only which have another one.
#[pyfunction]
#[pyo3(signature = (paths, *, write=true, indent=2, sequences="indent"))]
pub(crate) fn format_files(
    py: Python<'_>,
    paths: Vec<PathBuf>,
    write: bool,
    indent: usize,
    sequences: &str,
) -> PyResult<Vec<FileRow>> {
    let style = style_of(indent, sequences)?;
    interruptible(py, move |is_cancelled| {
        let named: HashSet<PathBuf> = paths.iter().cloned().collect();
        let found: Vec<_> = files(paths)
            .into_iter()
            .filter(|found| match found {
                // In folders what cannot be written is not meant.
                Ok(path) => named.contains(path) || language_by_name(path).is_ok(),
                Err(_) => true,
            })
            .collect();
        let found = found.into_par_iter();
        found
            .map(|found| {
                let (path, changed) = match found {
                    Ok(path) => {
                        let changed = format_file(&path, style, write, is_cancelled);
                        (path, changed)
                    }
                    Err((path, reason)) => (path, Err((reason, 0, 0))),
                };
                match changed {
                    Ok(is_changed) => (path, is_changed, None),
                    Err(failure) => (path, false, Some(failure)),
                }
            })
            .collect()
    })
}

fn language_by_name(path: &Path) -> Result<Language, String> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    if matches!(ending, Some("gz" | "zst")) {
        return Err("compressed files are read but not changed".to_owned());
    }
    match Form::of(path) {
        Some(Form::JsonLines) => Err("JSON on each line has no other style".to_owned()),
        Some(Form::Json) => Ok(Language::Json),
        _ => Ok(Language::Yaml),
    }
}

fn format_file(
    path: &Path,
    style: Style,
    write: bool,
    is_cancelled: &AtomicBool,
) -> Result<bool, Failure> {
    let language = language_by_name(path).map_err(|reason| (reason, 0, 0))?;
    if is_cancelled.load(Ordering::Relaxed) {
        return Err(("interrupted".to_owned(), 0, 0));
    }
    let limits = Limits::default();
    let told = |error: AccessError| (error.to_string(), 0, 0);
    let (original, old) = Original::read(path, limits.input_bytes).map_err(told)?;
    let new = format(&old, language, style, &limits).map_err(|error| match error {
        FormatError::Syntax(error) => {
            let Position { line, column, .. } = error.position;
            (error.kind.to_string(), line, column)
        }
        other => (other.to_string(), 0, 0),
    })?;
    if write && new != old {
        original.replace(&new).map_err(told)?;
    }
    Ok(new != old)
}

/// Merges sources, each with its name and whether it is JSON, and gives the text.
#[pyfunction]
#[pyo3(signature = (sources, *, lists="replace", nulls="keep", indent=2, sequences="indent"))]
pub(crate) fn config_merge<'py>(
    py: Python<'py>,
    sources: Vec<(Input, String, bool)>,
    lists: &str,
    nulls: &str,
    indent: usize,
    sequences: &str,
) -> PyResult<Bound<'py, PyBytes>> {
    let all_lists = [
        ("replace", Lists::Replace),
        ("append", Lists::Append),
        ("union", Lists::Union),
        ("match", Lists::Match),
    ];
    let all_nulls = [("keep", Nulls::Keep), ("delete", Nulls::Delete)];
    let strategy = Strategy {
        lists: pick("lists", lists, &all_lists)?,
        nulls: pick("nulls", nulls, &all_nulls)?,
        style: style_of(indent, sequences)?,
    };
    let names: Vec<String> = sources.iter().map(|(_, name, _)| name.clone()).collect();
    let merged = interruptible(py, move |_| {
        let limits = Limits::default();
        let mut texts = Vec::with_capacity(sources.len());
        for (number, (input, _, json)) in sources.into_iter().enumerate() {
            let bytes = input.bytes(&limits).map_err(|error| (number, error))?;
            texts.push((bytes, language_of(json)));
        }
        let layers: Vec<Layer<'_>> = texts
            .iter()
            .map(|(bytes, language)| Layer {
                bytes,
                language: *language,
            })
            .collect();
        Ok(merge(&layers, strategy, &limits))
    })?;
    let merged = merged.map_err(|(number, error)| file_error(py, error, &names[number]))?;
    match merged {
        Ok(text) => Ok(PyBytes::new(py, &text)),
        Err(error) => Err(raised(py, &error, &names)),
    }
}

fn raised(py: Python<'_>, error: &MergeError, names: &[String]) -> PyErr {
    let message = error.to_string();
    let (class, layer, position, hint) = match error {
        MergeError::Problem { layer, problem } => {
            let number = |value: u32| usize::try_from(value).unwrap_or(usize::MAX);
            let position = Position {
                line: number(problem.finding.start.line),
                column: number(problem.finding.start.column),
                excerpt: problem.excerpt.0.clone(),
            };
            let hint = problem.finding.hint.as_ref().map(ToString::to_string);
            ("ConfigError", *layer, position, hint)
        }
        MergeError::Mixed { layer } => ("ConfigRequestError", *layer, NOWHERE, None),
        MergeError::Aliases { layer, .. } => ("ConfigError", *layer, NOWHERE, None),
        _ => ("ConfigChangeError", 0, NOWHERE, None),
    };
    let name = names.get(layer).map_or("", String::as_str);
    config_exception(py, class, &message, name, &position, hint)
}
