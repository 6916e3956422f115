//! `check_files`: many files at once, on all cores, with the GIL released.

use std::path::PathBuf;

use config::check::{self, Definitions, Report, Rules, Validator};
use config::{Finding, Level};
use pyo3::prelude::*;

use super::fault::config_error;
use super::options::{Names, Options};
use crate::waiting::interruptible;

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
    let reports = interruptible(py, move |cancel| {
        let mut reports = Vec::new();
        if let Some(text) = text {
            let decompressed = config::files::decompressed(text, rules.limits.input_bytes);
            reports.push(match decompressed {
                Ok(bytes) => check::check_bytes("-".into(), &bytes, &rules, cancel),
                Err(error) => Report::unreadable("-".into(), error.to_string()),
            });
        }
        reports.extend(check::check_files(check::files(paths), &rules, cancel));
        reports
    })?;
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

fn row(report: Report) -> ReportRow {
    let problems = report.problems.into_iter();
    let problems = problems.map(|problem| {
        let paths = (problem.instance_path, problem.schema_path);
        problem_row(problem.finding, problem.excerpt, paths)
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

/// A finding, the line around it, and where in the document and in its schema it is.
pub(super) fn problem_row(
    finding: Finding,
    excerpt: (String, u32),
    (instance_path, schema_path): (Option<String>, Option<String>),
) -> ProblemRow {
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
        excerpt,
        instance_path,
        schema_path,
    )
}
