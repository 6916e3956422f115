//! `check_files`: many files at once, on all cores, with the GIL released.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use config::Level;
use config::check::{self, Definitions, Report, Rules, Validator};
use pyo3::prelude::*;

use super::fault::config_error;
use super::options::{Names, Options};

const BETWEEN_SIGNALS: Duration = Duration::from_millis(50);

pub(super) type ProblemRow = (
    &'static str,
    &'static str,
    String,
    (u32, u32),
    Option<(u32, u32)>,
    Option<String>,
    (String, u32),
    Option<String>,
    Option<String>,
);
type ReportRow = (
    PathBuf,
    u64,
    u64,
    Vec<ProblemRow>,
    Option<String>,
    Vec<String>,
    u64,
);

/// Checks files and folders, and a text that came on standard input under the name `-`.
#[pyfunction]
#[pyo3(signature = (paths, *, text=None, schema=None, definitions=None, scalars="core"))]
pub(crate) fn check_files(
    py: Python<'_>,
    paths: Vec<PathBuf>,
    text: Option<Vec<u8>>,
    schema: Option<PathBuf>,
    definitions: Option<Vec<PathBuf>>,
    scalars: &str,
) -> PyResult<Vec<ReportRow>> {
    let rules = rules(py, schema, definitions, scalars)?;
    let cancel = AtomicBool::new(false);
    let work = || {
        let mut reports = Vec::new();
        if let Some(text) = text {
            let decompressed = config::files::decompressed(text, rules.limits.input_bytes);
            reports.push(match decompressed {
                Ok(bytes) => check::check_bytes("-".into(), &bytes, &rules, &cancel),
                Err(error) => {
                    let mut report = check::check_bytes("-".into(), b"", &rules, &cancel);
                    report.unreadable = Some(error.to_string());
                    report
                }
            });
        }
        reports.extend(check::check_files(check::files(paths), &rules, &cancel));
        reports
    };
    let reports = interruptible(py, &cancel, work)?;
    Ok(reports.into_iter().map(row).collect())
}

fn rules(
    py: Python<'_>,
    schema: Option<PathBuf>,
    definitions: Option<Vec<PathBuf>>,
    scalars: &str,
) -> PyResult<Rules> {
    let options = Options::of_names(&Names {
        schema: scalars,
        duplicate_keys: "error",
        merge_keys: "auto",
        timestamps: "auto",
        tags: "ignore",
    })?;
    let place = |line: u32, column: u32| config::Position {
        line: line.try_into().unwrap_or(0),
        column: column.try_into().unwrap_or(0),
        excerpt: String::new(),
    };
    let schema = schema.map(|path| {
        let read = py.detach(|| Validator::from_file(&path));
        read.map_err(|error| {
            let place = place(error.line, error.column);
            config_error(py, &error.message, &path.to_string_lossy(), &place, None)
        })
    });
    let definitions = definitions.map(|paths| {
        let read = py.detach(|| Definitions::from_files(&paths));
        read.map_err(|error| {
            let place = place(error.line, error.column);
            config_error(
                py,
                &error.message,
                &error.path.to_string_lossy(),
                &place,
                None,
            )
        })
    });
    Ok(Rules {
        schema: schema.transpose()?,
        definitions: definitions.transpose()?,
        scalars: options.schema,
        limits: options.limits,
        alias_nodes: options.alias_nodes,
    })
}

/// Runs work on a thread of its own, so that this one can look for Ctrl-C.
pub(super) fn interruptible<T: Send>(
    py: Python<'_>,
    cancel: &AtomicBool,
    work: impl FnOnce() -> T + Send,
) -> PyResult<T> {
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        scope.spawn(move || {
            // Nobody listens any more after an interrupt.
            let _ = sender.send(work());
        });
        let receiver = std::sync::Mutex::new(receiver);
        loop {
            let waited = py.detach(|| {
                let receiver = receiver
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                receiver.recv_timeout(BETWEEN_SIGNALS)
            });
            match waited {
                Ok(value) => return Ok(value),
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    if let Err(error) = py.check_signals() {
                        cancel.store(true, Ordering::Relaxed);
                        return Err(error);
                    }
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    let message = "the check ended without a result";
                    return Err(pyo3::exceptions::PyRuntimeError::new_err(message));
                }
            }
        }
    })
}

fn row(report: Report) -> ReportRow {
    let problems = report.problems.into_iter().map(|problem| {
        let finding = problem.finding;
        let level = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        (
            finding.rule,
            level,
            finding.message.into_owned(),
            (finding.start.line, finding.start.column),
            finding.end.map(|end| (end.line, end.column)),
            finding.hint.map(String::from),
            problem.excerpt,
            problem.instance_path,
            problem.schema_path,
        )
    });
    (
        report.path,
        report.bytes,
        report.documents,
        problems.collect(),
        report.unreadable,
        report.unknown_kinds,
        report.unjudged_rules,
    )
}
