//! Whether files are YAML and JSON, and what a schema or custom resource definitions say of them.
//! Owns the order of work; knows neither formats of output nor exit codes.

mod crd;
mod keys;
mod validate;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

pub use crd::{Definitions, DefinitionsError};
pub use validate::{SchemaError, Validator};
pub use walk::{Form, files};

use crate::error::ParseError;
use crate::event::{EventSink, Span};
use crate::files::{FileError, read};
use crate::finding::{Finding, Level};
use crate::limits::Limits;
use crate::places::Places;
use crate::resolve::Schema;
use crate::source::{Place, Source};
use crate::tree::{Document, TreeBuilder};
use keys::{Halt, KeyCheck};

/// What files are held to.
#[derive(Default)]
pub struct Rules {
    /// A JSON Schema for every document.
    pub schema: Option<Validator>,
    /// Custom resource definitions for the documents of their kinds.
    pub definitions: Option<Definitions>,
    /// What plain scalars mean.
    pub scalars: Schema,
    /// Bounds for each file.
    pub limits: Limits,
    /// Nodes that aliases of one file may stand for.
    pub alias_nodes: u64,
}

/// Something that is not as it should be, with the line.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What and where.
    pub finding: Finding,
    /// The line around it, and the column within.
    pub excerpt: (String, u32),
    /// JSON Pointer of the value, when a schema found it.
    pub instance_path: Option<String>,
    /// JSON Pointer in the schema, when a schema found it.
    pub schema_path: Option<String>,
}

/// All that is known of one file.
#[derive(Debug)]
pub struct Report {
    /// As it was named or found.
    pub path: PathBuf,
    /// Of the text, decompressed.
    pub bytes: u64,
    /// Whole documents that were read.
    pub documents: u64,
    /// In the order of the text.
    pub problems: Vec<Problem>,
    /// Why it was not read.
    pub unreadable: Option<String>,
    /// Documents of kinds without a definition, when definitions were asked for.
    pub unknown_kinds: Vec<String>,
    /// Rules of definitions that only a server can judge.
    pub unjudged_rules: u64,
}

/// A problem before its place is counted.
pub(crate) struct Raw {
    pub(crate) rule: &'static str,
    pub(crate) message: String,
    pub(crate) span: Span,
    pub(crate) hint: Option<String>,
    pub(crate) paths: Option<(String, String)>,
}

impl Raw {
    fn new(rule: &'static str, message: String, span: Span) -> Self {
        Self {
            rule,
            message,
            span,
            hint: None,
            paths: None,
        }
    }
}

/// Checks files in parallel, a report each, in their order. With `cancel` set it ends soon; the
/// files that were not reached say so.
#[must_use]
pub fn check_files(
    paths: Vec<Result<PathBuf, (PathBuf, String)>>,
    rules: &Rules,
    cancel: &AtomicBool,
) -> Vec<Report> {
    paths
        .into_par_iter()
        .map(|path| match path {
            Ok(path) if cancel.load(Ordering::Relaxed) => {
                Report::unreadable(path, "interrupted".into())
            }
            Ok(path) => check_file(path, rules, cancel),
            Err((path, reason)) => Report::unreadable(path, reason),
        })
        .collect()
}

impl Report {
    fn new(path: PathBuf) -> Self {
        Self {
            path,
            bytes: 0,
            documents: 0,
            problems: Vec::new(),
            unreadable: None,
            unknown_kinds: Vec::new(),
            unjudged_rules: 0,
        }
    }

    /// A file that was not read.
    #[must_use]
    pub fn unreadable(path: PathBuf, reason: String) -> Self {
        Self {
            unreadable: Some(reason),
            ..Self::new(path)
        }
    }
}

fn check_file(path: PathBuf, rules: &Rules, cancel: &AtomicBool) -> Report {
    match read(&path, rules.limits.input_bytes) {
        Ok(bytes) => check_bytes(path, &bytes, rules, cancel),
        Err(error @ FileError::TooLong { .. }) => {
            let mut report = Report::new(path);
            let raw = Raw::new("limit", error.to_string(), Span::empty(0));
            report.problems = placed("", vec![raw]);
            report
        }
        Err(error) => Report::unreadable(path, error.to_string()),
    }
}

/// Checks a text that came with this name.
#[must_use]
pub fn check_bytes(path: PathBuf, bytes: &[u8], rules: &Rules, cancel: &AtomicBool) -> Report {
    let mut report = Report::new(path);
    report.bytes = bytes.len() as u64;
    let source = match Source::decode(bytes, &rules.limits) {
        Ok(source) => source,
        Err(error) => {
            let problem = Problem {
                finding: Finding {
                    rule: "encoding",
                    level: Level::Error,
                    message: error.kind.to_string().into(),
                    start: crate::finding::LineColumn {
                        line: u32::try_from(error.position.line).unwrap_or(u32::MAX),
                        column: u32::try_from(error.position.column).unwrap_or(u32::MAX),
                    },
                    end: None,
                    hint: error.kind.hint().map(String::into_boxed_str),
                },
                excerpt: (error.position.excerpt, 1),
                instance_path: None,
                schema_path: None,
            };
            report.problems.push(problem);
            return report;
        }
    };
    let form = Form::of(&report.path).unwrap_or(Form::Yaml);
    let raws = check_source(&source, form, rules, cancel, &mut report);
    report.problems = placed(source.text(), raws);
    report
}

fn check_source(
    source: &Source<'_>,
    form: Form,
    rules: &Rules,
    cancel: &AtomicBool,
    report: &mut Report,
) -> Vec<Raw> {
    let mut keys = KeyCheck::new(scalars(form, rules), rules.alias_nodes, cancel);
    let parsed = drive(source, form, rules, &mut keys);
    report.documents = keys.documents;
    let places = (!keys.duplicates.is_empty()).then(|| Places::new(source.text()));
    let mut raws: Vec<Raw> = Vec::new();
    for duplicate in &keys.duplicates {
        let line = places
            .as_ref()
            .map_or(0, |places| places.of(duplicate.first).line);
        let message = format!("key `{}` stands in line {line} already", duplicate.key);
        raws.push(Raw::new("duplicate-key", message, duplicate.span));
    }
    match parsed {
        Ok(()) => {}
        Err(ParseError::Syntax(error)) => {
            report.documents = report.documents.saturating_sub(1);
            let rule = if error.kind.is_limit() {
                "limit"
            } else {
                "syntax"
            };
            let mut raw = Raw::new(rule, error.kind.to_string(), Span::empty(error.offset));
            raw.hint = error.kind.hint();
            raws.push(raw);
        }
        Err(ParseError::Sink(halt)) => match halt {
            Halt::Cycle(name, span) => {
                let message = format!("alias `*{name}` stands inside what it names");
                raws.push(Raw::new("alias", message, span));
            }
            Halt::TooManyNodes(limit, span) => {
                let message =
                    format!("aliases stand for more than {limit} nodes (limit alias_nodes)");
                raws.push(Raw::new("limit", message, span));
            }
            Halt::Cancelled => report.unreadable = Some("interrupted".to_owned()),
        },
    }
    // Of a text that is broken, a schema would say what is not so.
    let has_rules = rules.schema.is_some() || rules.definitions.is_some();
    if has_rules && raws.is_empty() && report.unreadable.is_none() {
        raws = check_values(source, form, rules, report);
    }
    raws
}

fn scalars(form: Form, rules: &Rules) -> Schema {
    match form {
        Form::Yaml => rules.scalars,
        Form::Json | Form::JsonLines => Schema::Json,
    }
}

fn drive<S: EventSink>(
    source: &Source<'_>,
    form: Form,
    rules: &Rules,
    sink: &mut S,
) -> Result<(), ParseError<S::Error>> {
    match form {
        Form::Yaml => source.parse(&rules.limits, sink),
        Form::Json => source.parse_json(&rules.limits, sink),
        Form::JsonLines => {
            let mut place = Place::default();
            while source.next_json_line(&mut place, &rules.limits, sink)? {}
            Ok(())
        }
    }
}

fn check_values(source: &Source<'_>, form: Form, rules: &Rules, report: &mut Report) -> Vec<Raw> {
    let mut builder = TreeBuilder::new(scalars(form, rules), rules.alias_nodes);
    if let Err(error) = drive(source, form, rules, &mut builder) {
        return match error {
            ParseError::Sink((error, span)) => {
                vec![Raw::new("json", error.to_string(), span)]
            }
            ParseError::Syntax(error) => {
                let span = Span::empty(error.offset);
                vec![Raw::new("syntax", error.kind.to_string(), span)]
            }
        };
    }
    let mut raws = Vec::new();
    for document in &builder.documents {
        check_document(document, rules, report, &mut raws);
    }
    raws
}

fn check_document(document: &Document, rules: &Rules, report: &mut Report, raws: &mut Vec<Raw>) {
    if let Some(schema) = &rules.schema {
        raws.extend(schema.check(document));
    }
    if let Some(definitions) = &rules.definitions {
        // An empty document between two marks is nothing to judge.
        if document.value.is_null() {
            return;
        }
        match definitions.check(document) {
            Ok((found, unjudged)) => {
                raws.extend(found);
                report.unjudged_rules += unjudged;
            }
            Err(kind) => report.unknown_kinds.push(kind),
        }
    }
}

/// Lines, columns and excerpts for all, in the order of the text.
fn placed(text: &str, mut raws: Vec<Raw>) -> Vec<Problem> {
    if raws.is_empty() {
        return Vec::new();
    }
    raws.sort_by_key(|raw| raw.span.start);
    let places = Places::new(text);
    raws.into_iter()
        .map(|raw| {
            let start = places.of(raw.span.start);
            let (instance_path, schema_path) = raw.paths.unzip();
            Problem {
                excerpt: places.excerpt(start),
                finding: Finding {
                    rule: raw.rule,
                    level: Level::Error,
                    message: raw.message.into(),
                    start,
                    end: (raw.span.end > raw.span.start).then(|| places.of(raw.span.end)),
                    hint: raw.hint.map(String::into_boxed_str),
                },
                instance_path,
                schema_path,
            }
        })
        .collect()
}

/// Reads a file that rules come from: one document in YAML or JSON.
fn rule_documents(path: &Path, limits: &Limits) -> Result<Vec<Document>, (u32, u32, String)> {
    let bytes = read(path, limits.input_bytes).map_err(|error| (0, 0, error.to_string()))?;
    let at = |text: &str, offset, message| {
        let place = Places::new(text).of(offset);
        (place.line, place.column, message)
    };
    let source =
        Source::decode(&bytes, limits).map_err(|error| at("", 0, error.kind.to_string()))?;
    let mut builder = TreeBuilder::new(Schema::Core, 1_000_000);
    match source.parse(limits, &mut builder) {
        Ok(()) => Ok(builder.documents),
        Err(ParseError::Syntax(error)) => {
            Err(at(source.text(), error.offset, error.kind.to_string()))
        }
        Err(ParseError::Sink((error, span))) => {
            Err(at(source.text(), span.start, error.to_string()))
        }
    }
}
