//! `ServiceScanner` and the running `Scan`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyList;
use scan::{Options, Progress, Scanner};

use super::rows::Rows;
use super::targets::Targets;
use crate::errors::{scan_error, target_error};

/// Signals are looked at this often.
const SIGNAL_STEP: Duration = Duration::from_millis(50);
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
    #[pyo3(signature = (*, timeout_ms=1000, concurrency=None, rate=None, retries=6, host_concurrency=None,
        resolve_timeout_ms=5000, resolve_concurrency=32, all_ips=false, canary=false))]
    #[allow(clippy::too_many_arguments)] // keyword arguments of Python
    fn new(
        timeout_ms: i64,
        concurrency: Option<i64>,
        rate: Option<f64>,
        retries: i64,
        host_concurrency: Option<i64>,
        resolve_timeout_ms: i64,
        resolve_concurrency: i64,
        all_ips: bool,
        canary: bool,
    ) -> PyResult<Self> {
        if rate.is_some_and(|rate| !(rate > 0.0 && rate.is_finite())) {
            return Err(PyValueError::new_err("rate is not a positive number"));
        }
        let options = Options {
            timeout: milliseconds("timeout_ms", timeout_ms)?,
            concurrency: concurrency
                .map(|value| in_range("concurrency", value, 1, 1_000_000))
                .transpose()?,
            rate,
            retries: in_range("retries", retries, 0, 100)?,
            host_concurrency: in_range(
                "host_concurrency",
                host_concurrency.unwrap_or(1024),
                1,
                1_000_000,
            )?,
            resolve_timeout: milliseconds("resolve_timeout_ms", resolve_timeout_ms)?,
            resolve_concurrency: in_range("resolve_concurrency", resolve_concurrency, 1, 1024)?
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
        let mut scan = Self {
            scanner: self.scanner.reporting_one_address(),
        }
        .start(py, targets, Vec::new())?;
        let mut results = Vec::new();
        while let Some(batch) = scan.next_batch(py)? {
            results.extend(batch);
        }
        results.sort_unstable_by_key(|result| result.index);
        scan.rows.list(py, &results)
    }

    /// Starts a scan; iterating it gives batches of results.
    #[pyo3(signature = (targets, skip=None))]
    fn scan(
        &self,
        py: Python<'_>,
        targets: &Targets,
        skip: Option<Vec<(u64, u64)>>,
    ) -> PyResult<Scan> {
        self.start(py, Arc::clone(&targets.inner), skip.unwrap_or_default())
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
        let inner = py.detach(|| self.scanner.scan(targets, skip));
        Ok(Scan {
            inner: inner.map_err(|error| scan_error(py, &error))?,
            rows,
        })
    }
}

/// A running scan: an iterator of lists of results.
#[pyclass(module = "code_rust_core.infrastructure")]
pub(crate) struct Scan {
    inner: scan::Scan,
    rows: Rows,
}

#[pymethods]
impl Scan {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyList>>> {
        match self.next_batch(py)? {
            Some(batch) => self.rows.list(py, &batch).map(Some),
            None => Ok(None),
        }
    }

    /// The counters now, in the order of `code_ops.scan.ScanProgress`.
    fn progress(&self) -> ProgressTuple {
        let Progress {
            total,
            done,
            in_flight,
            open,
            connects,
            retried,
            found_late,
            local_errors,
            canary_sent,
            canary_missed,
            ..
        } = self.inner.progress();
        (
            total,
            done,
            in_flight,
            open,
            connects,
            retried,
            found_late,
            local_errors,
            canary_sent,
            canary_missed,
        )
    }

    /// Stops soon; what is finished is still delivered.
    fn cancel(&self) {
        self.inner.cancel();
    }
}

impl Scan {
    /// The next results without the GIL; signals are handled in between.
    fn next_batch(&mut self, py: Python<'_>) -> PyResult<Option<Vec<scan::ProbeResult>>> {
        let until = Instant::now() + BATCH_WAIT;
        loop {
            // Before the batch is taken, so that an interrupt loses none.
            py.check_signals()?;
            let inner = &mut self.inner;
            let batch = py
                .detach(|| inner.next_batch(SIGNAL_STEP))
                .map_err(|error| scan_error(py, &error))?;
            match batch {
                Some(batch) if batch.is_empty() && Instant::now() < until => {}
                other => return Ok(other),
            }
        }
    }
}

fn service_targets(py: Python<'_>, pairs: &Bound<'_, PyAny>) -> PyResult<scan::Targets> {
    let none = scan::PortSet::from_ports(&[]);
    let mut targets = scan::Targets::new(&none, none.clone());
    for (number, pair) in pairs.try_iter()?.enumerate() {
        let (host, port): (String, i64) = pair?.extract()?;
        let wrong = |what: String| target_error(py, &format!("pair {number}: {what}"), 1, 1);
        let port = u16::try_from(port)
            .map_err(|_| wrong(format!("port {port} is out of range 0-65535")))?;
        targets
            .add_service(&host, port)
            .map_err(|kind| wrong(kind.to_string()))?;
    }
    Ok(targets)
}

fn in_range(name: &str, value: i64, lowest: i64, highest: i64) -> PyResult<u32> {
    u32::try_from(value)
        .ok()
        .filter(|_| (lowest..=highest).contains(&value))
        .ok_or_else(|| {
            PyValueError::new_err(format!("{name} {value} is out of range {lowest}-{highest}"))
        })
}

fn milliseconds(name: &str, value: i64) -> PyResult<Duration> {
    in_range(name, value, 1, 3_600_000).map(|value| Duration::from_millis(value.into()))
}
