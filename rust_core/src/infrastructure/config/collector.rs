//! Python's cyclic garbage collector, put off while many objects are made.
//!
//! None of them is garbage before they are all there, yet the collector would look at them again
//! and again: that took more than half of the time of loading.

use pyo3::prelude::*;

/// Shorter texts make too few objects for the collector to matter.
const TEXT_BYTES: usize = 16 << 10;

/// The collector stands still until this is dropped, if it ran before.
pub(super) struct Pause<'py>(Option<Bound<'py, PyModule>>);

impl<'py> Pause<'py> {
    pub(super) fn new(py: Python<'py>, text_bytes: usize) -> PyResult<Self> {
        if text_bytes < TEXT_BYTES {
            return Ok(Self(None));
        }
        let collector = py.import("gc")?;
        if !collector.call_method0("isenabled")?.is_truthy()? {
            return Ok(Self(None));
        }
        collector.call_method0("disable")?;
        Ok(Self(Some(collector)))
    }
}

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        if let Some(collector) = &self.0
            && let Err(error) = collector.call_method0("enable")
        {
            error.write_unraisable(collector.py(), None);
        }
    }
}
