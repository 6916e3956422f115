//! Waiting for work without holding the GIL, with an ear for Ctrl-C.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// How often signals are looked for while the core works.
const POLL: Duration = Duration::from_millis(50);
/// The core does not recurse over its input; the queries' evaluator does, up to the limit of depth.
const STACK_BYTES: usize = 64 << 20;

/// Runs work on a thread of its own, so that Ctrl-C ends the wait for it; the work is told.
pub(crate) fn interruptible<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
) -> PyResult<T> {
    let (sender, receiver) = channel();
    let is_cancelled = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&is_cancelled);
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    thread.spawn(move || {
        // Nobody waits any more after an interrupt.
        let _ = sender.send(work(&flag));
    })?;
    // A receiver belongs to one thread at a time, which this stays.
    let receiver = Mutex::new(receiver);
    wait(py, &receiver, &is_cancelled, |_| Ok(()))?
        .ok_or_else(|| PyRuntimeError::new_err("the work ended without a result"))
}

/// The same for work that borrows and looks often whether it was cancelled: it is always waited
/// for, and its result is there also after an interrupt, which is the second one.
pub(crate) fn interruptible_borrowed<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&AtomicBool) -> T + Send,
) -> PyResult<(T, Option<PyErr>)> {
    interruptible_watched(py, work, |_| Ok(()))
}

/// The same for work whose result is of no use after an interrupt.
pub(crate) fn unless_interrupted<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&AtomicBool) -> T + Send,
) -> PyResult<T> {
    match interruptible_borrowed(py, work)? {
        (done, None) => Ok(done),
        (_, Some(interrupt)) => Err(interrupt),
    }
}

/// The same for work that is watched: `watch` is called now and then while it lasts, and an error
/// of it is an interrupt.
pub(crate) fn interruptible_watched<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&AtomicBool) -> T + Send,
    watch: impl FnMut(Python<'_>) -> PyResult<()>,
) -> PyResult<(T, Option<PyErr>)> {
    interruptible_flagged(py, &AtomicBool::new(false), work, watch)
}

/// The same with a flag of the caller's, which others can look at as well.
pub(crate) fn interruptible_flagged<T: Send>(
    py: Python<'_>,
    is_cancelled: &AtomicBool,
    work: impl FnOnce(&AtomicBool) -> T + Send,
    watch: impl FnMut(Python<'_>) -> PyResult<()>,
) -> PyResult<(T, Option<PyErr>)> {
    let (sender, receiver) = channel();
    let ended = || PyRuntimeError::new_err("the work ended without a result");
    std::thread::scope(|scope| {
        std::thread::Builder::new().spawn_scoped(scope, move || {
            let _ = sender.send(work(is_cancelled));
        })?;
        // A receiver belongs to one thread at a time, which this stays.
        let receiver = Mutex::new(receiver);
        match wait(py, &receiver, is_cancelled, watch) {
            Ok(done) => Ok((done.ok_or_else(ended)?, None)),
            Err(interrupt) => {
                let done = py.detach(|| receiver.lock().ok()?.recv().ok());
                Ok((done.ok_or_else(ended)?, Some(interrupt)))
            }
        }
    })
}

/// Waits for a result; none when the work ended without one.
fn wait<T: Send>(
    py: Python<'_>,
    receiver: &Mutex<Receiver<T>>,
    is_cancelled: &AtomicBool,
    mut watch: impl FnMut(Python<'_>) -> PyResult<()>,
) -> PyResult<Option<T>> {
    loop {
        let waited = py.detach(|| match receiver.lock() {
            Ok(receiver) => receiver.recv_timeout(POLL),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        });
        match waited {
            Ok(done) => return Ok(Some(done)),
            Err(RecvTimeoutError::Timeout) => {
                if let Err(interrupt) = py.check_signals().and_then(|()| watch(py)) {
                    is_cancelled.store(true, Ordering::SeqCst);
                    return Err(interrupt);
                }
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
        }
    }
}
