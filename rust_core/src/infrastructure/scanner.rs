//! `ServiceScanner` and the running `Scan`.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyList;
use scan::{Handle, Options, Scanner};

use super::integer::Integer;
use super::rows::Rows;
use super::targets::Targets;
use crate::errors::{scan_error, target_error};

/// Signals are looked at this often.
const SIGNAL_STEP: Duration = Duration::from_millis(50);
/// Result objects made between two looks at signals.
const ROWS_AT_ONCE: usize = 10_000;
/// A batch comes at least this often, empty if need be, so that progress can be shown.
const BATCH_WAIT: Duration = Duration::from_millis(100);

type ProgressTuple = (u64, u64, u64, u64, u64, u64, u64, u64, u64, u64);

/// Scans TCP services with connects.
#[pyclass(module = "code_rust_core.infrastructure", frozen)]
pub(crate) struct ServiceScanner {
    scanner: Scanner,
}

#[pymethods]
impl ServiceScanner {
    #[new]
    #[pyo3(signature = (*, timeout_ms=Integer::of(1000), concurrency=None, rate=None,
        retries=Integer::of(6), host_concurrency=None, resolve_timeout_ms=Integer::of(5000),
        resolve_concurrency=Integer::of(32), all_ips=false, canary=false),
        text_signature = "(*, timeout_ms=1000, concurrency=None, rate=None, retries=6, \
        host_concurrency=None, resolve_timeout_ms=5000, resolve_concurrency=32, all_ips=False, \
        canary=False)")]
    #[allow(clippy::too_many_arguments)] // keyword arguments of Python
    fn new(
        timeout_ms: Integer,
        concurrency: Option<Integer>,
        rate: Option<f64>,
        retries: Integer,
        host_concurrency: Option<Integer>,
        resolve_timeout_ms: Integer,
        resolve_concurrency: Integer,
        all_ips: bool,
        canary: bool,
    ) -> PyResult<Self> {
        if rate.is_some_and(|rate| !(rate > 0.0 && rate.is_finite())) {
            return Err(PyValueError::new_err("rate is not a positive number"));
        }
        let sockets = |name, value: Option<Integer>| {
            value
                .map(|value| value.within(name, 1, 1_000_000))
                .transpose()
        };
        let options = Options {
            timeout: timeout_ms.milliseconds("timeout_ms")?,
            concurrency: sockets("concurrency", concurrency)?,
            rate,
            retries: retries.within("retries", 0, 100)?,
            host_concurrency: sockets("host_concurrency", host_concurrency)?.unwrap_or(1024),
            resolve_timeout: resolve_timeout_ms.milliseconds("resolve_timeout_ms")?,
            resolve_concurrency: resolve_concurrency.within("resolve_concurrency", 1, 1024)?
                as usize,
            all_ips,
            canary,
        };
        Ok(Self {
            scanner: Scanner::new(options),
        })
    }

    /// One result for each pair, in the order given.
    fn scan_services<'py>(
        &self,
        py: Python<'py>,
        pairs: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        let targets = Arc::new(service_targets(py, pairs)?);
        let one_address = Self {
            scanner: self.scanner.reporting_one_address(),
        };
        let scan = one_address.start(py, targets, Vec::new())?;
        let mut results = Vec::new();
        while let Some(batch) = scan.next_batch(py)? {
            results.extend(batch);
        }
        results.sort_unstable_by_key(|result| result.index);
        scan.list(py, &results)
    }

    /// Starts a scan; iterating it gives batches of results.
    #[pyo3(signature = (targets, skip=None))]
    fn scan(
        &self,
        py: Python<'_>,
        targets: &Targets,
        skip: Option<Vec<[u64; 2]>>,
    ) -> PyResult<Scan> {
        let skip = skip
            .unwrap_or_default()
            .into_iter()
            .map(|[first, last]| (first, last));
        self.start(py, Arc::clone(&targets.inner), skip.collect())
    }
}

impl ServiceScanner {
    fn start(
        &self,
        py: Python<'_>,
        targets: Arc<scan::Targets>,
        mut skip: Vec<(u64, u64)>,
    ) -> PyResult<Scan> {
        skip.sort_unstable();
        let rows = Rows::new(Arc::clone(&targets));
        let mut interrupt = None;
        let mut go_on = || {
            #[allow(clippy::redundant_closure_for_method_calls)] // the method alone is too narrow
            let signalled = Python::attach(|py| py.check_signals());
            interrupt = signalled.err();
            interrupt.is_none()
        };
        let started = py.detach(|| self.scanner.scan(targets, skip, &mut go_on));
        match (started, interrupt) {
            (Err(_), Some(interrupt)) => Err(interrupt),
            (Err(error), None) => Err(scan_error(py, &error)),
            (Ok(scan), _) => {
                let handle = scan.handle();
                Ok(Scan {
                    handle,
                    reader: Mutex::new(Reader { scan, rows }),
                })
            }
        }
    }
}

/// The part of a running scan that one thread at a time may use.
struct Reader {
    scan: scan::Scan,
    rows: Rows,
}

/// A running scan: an iterator of lists of results.
#[pyclass(module = "code_rust_core.infrastructure", frozen)]
pub(crate) struct Scan {
    handle: Handle,
    reader: Mutex<Reader>,
}

#[pymethods]
impl Scan {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyList>>> {
        match self.next_batch(py)? {
            Some(batch) => self.list(py, &batch).map(Some),
            None => Ok(None),
        }
    }

    /// The counters now, in the order of `code_ops.scan.ScanProgress`.
    fn progress(&self) -> ProgressTuple {
        let now = self.handle.progress();
        (
            now.total,
            now.done,
            now.in_flight,
            now.open,
            now.connects,
            now.retried,
            now.found_late,
            now.local_errors,
            now.canary_sent,
            now.canary_missed,
        )
    }

    /// Stops soon; what is finished is still delivered.
    fn cancel(&self) {
        self.handle.cancel();
    }
}

impl Scan {
    /// The next results without the GIL; signals are handled in between, while nothing is locked.
    fn next_batch(&self, py: Python<'_>) -> PyResult<Option<Vec<scan::ProbeResult>>> {
        let until = Instant::now() + BATCH_WAIT;
        loop {
            // Before the batch is taken, so that an interrupt loses none.
            py.check_signals()?;
            let mut reader = self.reader()?;
            let scan = &mut reader.scan;
            let batch = py.detach(|| scan.next_batch(SIGNAL_STEP));
            drop(reader);
            match batch.map_err(|error| scan_error(py, &error))? {
                Some(batch) if batch.is_empty() && Instant::now() < until => {}
                other => return Ok(other),
            }
        }
    }

    /// Result objects, a part at a time so that signals are not held up.
    fn list<'py>(
        &self,
        py: Python<'py>,
        results: &[scan::ProbeResult],
    ) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for part in results.chunks(ROWS_AT_ONCE) {
            py.check_signals()?;
            self.reader()?.rows.append(py, &list, part)?;
        }
        Ok(list)
    }

    fn reader(&self) -> PyResult<MutexGuard<'_, Reader>> {
        self.reader
            .try_lock()
            .map_err(|_| PyRuntimeError::new_err("the scan is being read by another thread"))
    }
}

fn service_targets(py: Python<'_>, pairs: &Bound<'_, PyAny>) -> PyResult<scan::Targets> {
    let none = scan::PortSet::from_ports(&[]);
    let mut targets = scan::Targets::new(&none, none.clone());
    for (number, pair) in pairs.try_iter()?.enumerate() {
        let items = pair?.try_iter()?.collect::<PyResult<Vec<_>>>()?;
        let [host, port] = &items[..] else {
            return Err(PyValueError::new_err(format!(
                "pair {number}: expected a host and a port"
            )));
        };
        let (host, port): (String, Integer) = (host.extract()?, port.extract()?);
        let wrong = |what: String| target_error(py, &format!("pair {number}: {what}"), 1, 1);
        let out_of_range = || wrong(format!("port {} is out of range 0-65535", port.text));
        let port = port
            .value
            .and_then(|port| u16::try_from(port).ok())
            .ok_or_else(out_of_range)?;
        targets
            .add_service(&host, port)
            .map_err(|kind| wrong(kind.to_string()))?;
    }
    Ok(targets)
}
