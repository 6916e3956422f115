//! `LogFilter`: which events of logs are wanted.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use logs::expression::Expression;
use logs::filter::{Filter, levels, pattern};
use logs::time::WallClock;
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
    #[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)]
    #[pyo3(signature = (*, levels=None, since=None, until=None, found=Vec::new(), not_found=Vec::new(), conditions=Vec::new(), offset_seconds=0, offset_changes=Vec::new(), is_literal=false, ignores_case=false))]
    fn new(
        levels: Option<&str>,
        since: Option<i64>,
        until: Option<i64>,
        found: Vec<String>,
        not_found: Vec<String>,
        conditions: Vec<String>,
        offset_seconds: i64,
        offset_changes: Vec<(i64, i64)>,
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
            conditions: conditions_of(
                &conditions,
                &WallClock::changing(offset_seconds, offset_changes),
            )?,
        };
        Ok(Self {
            filter: Arc::new(filter),
        })
    }
}

fn conditions_of(texts: &[String], wall: &WallClock) -> PyResult<Vec<Expression>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |now| i64::try_from(now.as_nanos()).unwrap_or(i64::MAX));
    let texts = texts.iter();
    let parsed = texts.map(|text| {
        Expression::parse(text, now, wall)
            .map_err(|error| PyValueError::new_err(error.render(text)))
    });
    parsed.collect()
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
