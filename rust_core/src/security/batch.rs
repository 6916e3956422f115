//! A batch that runs in slices: what is done so far, progress, and what an interrupt leaves.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::prelude::*;
use vault::passwords::Control;

use crate::errors::batch_interrupted;
use crate::waiting::interruptible_watched;

/// So many are borrowed from Python at once, so that a batch of any size takes little memory.
const SLICE: usize = 4096;

pub(super) struct Batch {
    total: usize,
    begun: usize,
    done: AtomicUsize,
    progress: Option<Py<PyAny>>,
    results: Vec<Py<PyAny>>,
    interrupt: Option<PyErr>,
}

impl Batch {
    pub(super) fn new(total: usize, progress: Option<Py<PyAny>>) -> Self {
        Self {
            total,
            begun: 0,
            done: AtomicUsize::new(0),
            progress,
            results: Vec::with_capacity(total),
            interrupt: None,
        }
    }

    /// The places of the next slice.
    pub(super) fn next_slice(&mut self) -> Option<Range<usize>> {
        let start = self.begun;
        self.begun = self.total.min(start + SLICE);
        (start < self.begun).then_some(start..self.begun)
    }

    /// Runs a slice's work without the GIL.
    pub(super) fn run<T: Send>(
        &mut self,
        py: Python<'_>,
        work: impl FnOnce(&Control<'_>) -> T + Send,
    ) -> PyResult<T> {
        let done = &self.done;
        let (result, interrupt) = interruptible_watched(
            py,
            |cancelled| work(&Control { cancelled, done }),
            |py| self.tell(py),
        )?;
        self.interrupt = interrupt;
        Ok(result)
    }

    /// Keeps a slice's results; ends the batch where it was interrupted.
    pub(super) fn keep<'py, T: IntoPyObject<'py>>(
        &mut self,
        py: Python<'py>,
        slice: Vec<Option<T>>,
    ) -> PyResult<()> {
        for result in slice {
            let result = result.into_pyobject(py).map_err(Into::into)?;
            self.results.push(result.into_any().unbind());
        }
        match self.interrupt.take() {
            None => Ok(()),
            Some(interrupt) => {
                let mut results = std::mem::take(&mut self.results);
                results.resize_with(self.total, || py.None());
                Err(batch_interrupted(py, interrupt, &results))
            }
        }
    }

    /// All results.
    pub(super) fn end(self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        self.tell(py)?;
        Ok(self.results)
    }

    fn tell(&self, py: Python<'_>) -> PyResult<()> {
        if let Some(progress) = &self.progress {
            progress.call1(py, (self.done.load(Ordering::Relaxed), self.total))?;
        }
        Ok(())
    }
}
