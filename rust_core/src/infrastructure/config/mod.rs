//! `ConfigParser`: YAML and JSON to Python objects.

mod access;
mod builder;
mod check;
mod collector;
mod convert;
mod diff;
mod dump;
mod fault;
mod format;
mod input;
mod keys;
mod lint;
mod mappings;
mod numbers;
mod options;
mod positions;
mod tags;
mod text;
mod texts;

use std::collections::VecDeque;

pub(crate) use check::check_files;
pub(crate) use diff::{config_diff, config_patch};
pub(crate) use format::{config_merge, format_files, format_text};
pub(crate) use lint::{fix_text, lint_files};

use config::{ParseError, Place, Source};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::infrastructure::integer::Integer;
pub(crate) use access::{config_get, config_query, config_set};
use builder::Builder;
use collector::Pause;
pub(crate) use convert::config_convert;
use fault::{Fault, syntax_error};
use options::{Names, Options, limit};
use positions::Positions;
use text::Text;
use texts::Texts;

const MOST_DEPTH: u64 = 100_000;
const MOST: u64 = i64::MAX as u64;

/// Reads YAML and JSON.
#[pyclass(module = "code_rust_core.infrastructure", frozen)]
pub(crate) struct ConfigParser {
    options: Options,
}

#[pymethods]
impl ConfigParser {
    #[new]
    #[pyo3(signature = (
        *,
        schema="core",
        duplicate_keys="error",
        merge_keys="auto",
        timestamps="auto",
        tags="ignore",
        max_depth=None,
        max_alias_nodes=None,
        max_scalar_bytes=None,
        max_input_bytes=None,
        max_integer_digits=None,
    ))]
    #[allow(clippy::too_many_arguments)] // Python's keywords.
    fn new(
        schema: &str,
        duplicate_keys: &str,
        merge_keys: &str,
        timestamps: &str,
        tags: &str,
        max_depth: Option<Integer>,
        max_alias_nodes: Option<Integer>,
        max_scalar_bytes: Option<Integer>,
        max_input_bytes: Option<Integer>,
        max_integer_digits: Option<Integer>,
    ) -> PyResult<Self> {
        let mut options = Options::of_names(&Names {
            schema,
            duplicate_keys,
            merge_keys,
            timestamps,
            tags,
        })?;
        let size = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        let limits = &mut options.limits;
        let depth = limits.depth as u64;
        limits.depth = size(limit("max_depth", max_depth, depth, MOST_DEPTH)?);
        let bytes = limits.scalar_bytes as u64;
        limits.scalar_bytes = size(limit("max_scalar_bytes", max_scalar_bytes, bytes, MOST)?);
        limits.input_bytes = limit("max_input_bytes", max_input_bytes, limits.input_bytes, MOST)?;
        let nodes = options.alias_nodes;
        options.alias_nodes = limit("max_alias_nodes", max_alias_nodes, nodes, MOST)?;
        let digits = options.integer_digits as u64;
        options.integer_digits = size(limit(
            "max_integer_digits",
            max_integer_digits,
            digits,
            MOST,
        )?);
        Ok(Self { options })
    }

    /// The value of a stream of one document; None when there is none.
    #[pyo3(signature = (text, name=""))]
    fn parse_yaml<'py>(&self, text: &Bound<'py, PyAny>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let py = text.py();
        let text = Text::of(text, &self.options, name)?;
        let source = text.source();
        let _pause = Pause::new(py, source.text().len())?;
        let mut texts = Texts::new(source.text().len());
        let mut builder = Builder::new(py, &self.options, &mut texts);
        let parsed = source.parse(&self.options.limits, &mut builder);
        parsed.map_err(|error| raised(py, error, source, name))?;
        Ok(builder.into_value())
    }

    /// The documents of a stream, one after another.
    #[pyo3(signature = (text, name=""))]
    fn parse_yaml_all(&self, text: &Bound<'_, PyAny>, name: &str) -> PyResult<Documents> {
        let text = Text::of(text, &self.options, name)?;
        Ok(Documents::new(text, name, self.options.clone(), Form::Yaml))
    }

    /// The values of a text with one JSON value on each line, one after another.
    #[pyo3(signature = (text, name=""))]
    fn parse_ndjson(&self, text: &Bound<'_, PyAny>, name: &str) -> PyResult<Documents> {
        let options = self.options.for_json();
        let text = Text::of(text, &options, name)?;
        Ok(Documents::new(text, name, options, Form::JsonLines))
    }

    /// The value of a JSON text.
    #[pyo3(signature = (text, name=""))]
    fn parse_json<'py>(&self, text: &Bound<'py, PyAny>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let py = text.py();
        let options = self.options.for_json();
        let text = Text::of(text, &options, name)?;
        let source = text.source();
        let _pause = Pause::new(py, source.text().len())?;
        let mut texts = Texts::new(source.text().len());
        let mut builder = Builder::new(py, &options, &mut texts);
        let parsed = source.parse_json(&options.limits, &mut builder);
        parsed.map_err(|error| raised(py, error, source, name))?;
        Ok(builder.into_value())
    }

    /// YAML text of a value.
    #[staticmethod]
    fn dump_yaml(value: Bound<'_, PyAny>) -> PyResult<String> {
        let py = value.py();
        dump::dump(py, std::iter::once(Ok(value)), false)
    }

    /// YAML text of several documents.
    #[staticmethod]
    fn dump_yaml_all(values: &Bound<'_, PyAny>) -> PyResult<String> {
        dump::dump(values.py(), values.try_iter()?, true)
    }

    /// The value of a document, and line and column of each key and value by its path.
    #[pyo3(signature = (text, location, name="", json=false))]
    fn parse_located<'py>(
        &self,
        text: &Bound<'py, PyAny>,
        location: Bound<'py, PyAny>,
        name: &str,
        json: bool,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyDict>)> {
        let py = text.py();
        let options = if json {
            self.options.for_json()
        } else {
            self.options.clone()
        };
        let text = Text::of(text, &options, name)?;
        let source = text.source();
        let _pause = Pause::new(py, source.text().len())?;
        let mut texts = Texts::new(source.text().len());
        let mut builder = Builder::new(py, &options, &mut texts);
        builder.positions = Some(Positions::new(source.text(), location));
        let parsed = if json {
            source.parse_json(&options.limits, &mut builder)
        } else {
            source.parse(&options.limits, &mut builder)
        };
        parsed.map_err(|error| raised(py, error, source, name))?;
        let found = builder.positions.take().map(|positions| positions.found);
        let found = found.unwrap_or_else(|| PyDict::new(py));
        Ok((builder.into_value(), found))
    }
}

/// Bytes of text that are read ahead, so that many small documents cost no more than a large one.
const AHEAD_BYTES: usize = 1 << 20;

#[derive(Clone, Copy)]
enum Form {
    Yaml,
    JsonLines,
}

/// The documents of a stream, read as they are asked for.
#[pyclass(module = "code_rust_core.infrastructure")]
pub(crate) struct Documents {
    text: Text,
    form: Form,
    name: String,
    options: Options,
    place: Place,
    texts: Texts,
    ready: VecDeque<Py<PyAny>>,
    /// What comes after those that are ready; None when there may be more of the text.
    end: Option<PyResult<()>>,
}

#[pymethods]
impl Documents {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        if self.ready.is_empty() && self.end.is_none() {
            self.read_ahead(py)?;
        }
        if let Some(document) = self.ready.pop_front() {
            return Ok(Some(document));
        }
        // An error is told once.
        match self.end.replace(Ok(())) {
            Some(Err(error)) => Err(error),
            _ => Ok(None),
        }
    }
}

impl Documents {
    fn new(text: Text, name: &str, options: Options, form: Form) -> Self {
        Self {
            texts: Texts::new(text.source().text().len()),
            text,
            form,
            name: name.to_owned(),
            options,
            place: Place::default(),
            ready: VecDeque::new(),
            end: None,
        }
    }

    fn read_ahead(&mut self, py: Python<'_>) -> PyResult<()> {
        let source = self.text.source();
        let _pause = Pause::new(py, source.text().len())?;
        let start = self.place.offset();
        while self.end.is_none() && self.place.offset() - start < AHEAD_BYTES {
            let mut builder = Builder::new(py, &self.options, &mut self.texts);
            let limits = &self.options.limits;
            let place = &mut self.place;
            let found = match self.form {
                Form::Yaml => source.next_document(place, limits, &mut builder),
                Form::JsonLines => source.next_json_line(place, limits, &mut builder),
            };
            match found {
                Ok(true) => self.ready.push_back(builder.into_value().unbind()),
                Ok(false) => self.end = Some(Ok(())),
                Err(error) => self.end = Some(Err(raised(py, error, source, &self.name))),
            }
        }
        Ok(())
    }
}

fn raised(py: Python<'_>, error: ParseError<Fault>, source: &Source<'_>, name: &str) -> PyErr {
    match error {
        ParseError::Sink(fault) => fault.into_error(py, source, name),
        ParseError::Syntax(error) => syntax_error(py, &error, name),
        _ => pyo3::exceptions::PyRuntimeError::new_err("the parser stopped"),
    }
}
