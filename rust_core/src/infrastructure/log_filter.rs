//! `LogFilter`: which events of logs are wanted.

use std::sync::Arc;

use logs::filter::{Filter, levels, pattern};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Which events are wanted.
#[pyclass(module = "code_rust_core.infrastructure", frozen)]
pub(crate) struct LogFilter {
    pub(crate) filter: Arc<Filter>,
}

#[pymethods]
impl LogFilter {
    #[new]
    #[pyo3(signature = (*, levels=None, since=None, until=None, found=Vec::new(), not_found=Vec::new(), is_literal=false, ignores_case=false))]
    fn new(
        levels: Option<&str>,
        since: Option<i64>,
        until: Option<i64>,
        found: Vec<String>,
        not_found: Vec<String>,
        is_literal: bool,
        ignores_case: bool,
    ) -> PyResult<Self> {
        let patterns = |texts: Vec<String>| {
            let texts = texts.iter();
            let compiled = texts.map(|text| pattern(text, is_literal, ignores_case));
            let compiled: Result<Vec<_>, _> = compiled.collect();
            compiled.map_err(|error| PyValueError::new_err(error.to_string()))
        };
        let filter = Filter {
            levels: levels.map(levels_of).transpose()?,
            since,
            until,
            found: patterns(found)?,
            not_found: patterns(not_found)?,
        };
        Ok(Self {
            filter: Arc::new(filter),
        })
    }
}

fn levels_of(text: &str) -> PyResult<[bool; logs::level::LEVELS]> {
    levels(text).ok_or_else(|| {
        let message = format!(
            "level {text:?} is none of trace, debug, info, notice, warning, error, critical, \
             alert, emergency, unknown, nor a list of these such as error,warn or warn+"
        );
        PyValueError::new_err(message)
    })
}
