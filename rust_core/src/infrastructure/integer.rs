//! Whole numbers of Python, which know no limit, checked against ours.

use std::time::Duration;

use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;

/// A number with its text, which a message shows also when it fits no machine word.
pub(crate) struct Integer {
    pub(crate) value: Option<i64>,
    pub(crate) text: String,
}

impl Integer {
    pub(crate) fn of(value: i64) -> Self {
        Self {
            value: Some(value),
            text: value.to_string(),
        }
    }

    pub(crate) fn within(self, name: &str, lowest: u32, highest: u32) -> PyResult<u32> {
        self.value
            .and_then(|value| u32::try_from(value).ok())
            .filter(|value| (lowest..=highest).contains(value))
            .ok_or_else(|| {
                let text = self.text;
                PyValueError::new_err(format!("{name} {text} is out of range {lowest}-{highest}"))
            })
    }

    pub(crate) fn milliseconds(self, name: &str) -> PyResult<Duration> {
        self.within(name, 1, 3_600_000)
            .map(|value| Duration::from_millis(value.into()))
    }
}

impl<'py> FromPyObject<'_, 'py> for Integer {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let value = match object.extract::<i64>() {
            Ok(value) => Some(value),
            Err(error) if error.is_instance_of::<PyOverflowError>(object.py()) => None,
            Err(error) => return Err(error),
        };
        Ok(Self {
            value,
            text: object.str()?.to_string(),
        })
    }
}
