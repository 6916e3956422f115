//! Results to `code_ops.scan.ScanResult` objects, with the texts that repeat made once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyList, PyString, PyTuple, PyType};
use scan::{Hosts, ProbeResult};

/// Texts kept for reuse, of each kind.
const CACHE_MAX: usize = 4096;

const FIELDS: [&str; 14] = [
    "ordinal",
    "input",
    "host",
    "ip",
    "port",
    "state",
    "reason",
    "rtt_ms",
    "tries",
    "dns_ms",
    "timestamp",
    "source",
    "expected",
    "as_expected",
];

/// `tuple.__new__` and the result class.
static MAKER: PyOnceLock<(Py<PyAny>, Py<PyType>)> = PyOnceLock::new();

/// The class from `code_ops`, or a plain named tuple where it is missing.
fn result_class(py: Python<'_>) -> PyResult<Bound<'_, PyType>> {
    let class = match py.import("code_ops.scan") {
        Ok(module) => module.getattr("ScanResult")?,
        Err(_) => py
            .import("collections")?
            .getattr("namedtuple")?
            .call1(("ScanResult", FIELDS.to_vec()))?,
    };
    Ok(class.cast_into::<PyType>()?)
}

/// What all results of one target share.
struct TargetTexts {
    input: Py<PyString>,
    source: Py<PyString>,
    expected: Py<PyAny>,
    /// The name of a name target; addresses print as themselves.
    name: Option<Py<PyString>>,
    zone: Option<String>,
}

pub(crate) struct Rows {
    targets: Arc<scan::Targets>,
    texts: HashMap<usize, TargetTexts>,
    addresses: HashMap<IpAddr, Py<PyString>>,
    words: HashMap<&'static str, Py<PyString>>,
}

impl Rows {
    pub(crate) fn new(targets: Arc<scan::Targets>) -> Self {
        Self {
            targets,
            texts: HashMap::new(),
            addresses: HashMap::new(),
            words: HashMap::new(),
        }
    }

    /// Appends result objects to a list.
    pub(crate) fn append(
        &mut self,
        py: Python<'_>,
        list: &Bound<'_, PyList>,
        batch: &[ProbeResult],
    ) -> PyResult<()> {
        let (new, class) = MAKER.get_or_try_init(py, || {
            let new = py.get_type::<PyTuple>().getattr("__new__")?.unbind();
            Ok::<_, PyErr>((new, result_class(py)?.unbind()))
        })?;
        let (new, class) = (new.bind(py), class.bind(py));
        for result in batch {
            list.append(new.call1((class, self.fields(py, result)?))?)?;
        }
        Ok(())
    }

    fn fields<'py>(
        &mut self,
        py: Python<'py>,
        result: &ProbeResult,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let ip = result.address.map(|address| self.address(py, address));
        let state = self.word(py, result.state.name());
        let reason = self.word(py, result.reason.word());
        let texts = self.texts(py, result.target)?;
        let ip = match (&texts.zone, ip) {
            (Some(zone), Some(ip)) => Some(PyString::new(py, &format!("{ip}%{zone}"))),
            (_, ip) => ip,
        };
        let host = match &texts.name {
            Some(name) => name.bind(py).clone(),
            None => ip.clone().unwrap_or_else(|| texts.input.bind(py).clone()),
        };
        let rtt_ms = result
            .rtt_ns
            .map(|rtt_ns| Duration::from_nanos(rtt_ns).as_secs_f64() * 1e3);
        let dns_ms = result
            .dns_us
            .map(|microseconds| f64::from(microseconds) / 1e3);
        let fields = [
            result.index.into_pyobject(py)?.into_any(),
            texts.input.bind(py).clone().into_any(),
            host.into_any(),
            ip.into_pyobject(py)?,
            result.port.into_pyobject(py)?.into_any(),
            state.into_any(),
            reason.into_any(),
            rtt_ms.into_pyobject(py)?,
            result.tries.into_pyobject(py)?.into_any(),
            dns_ms.into_pyobject(py)?,
            result.timestamp.into_pyobject(py)?.into_any(),
            texts.source.bind(py).clone().into_any(),
            texts.expected.bind(py).clone(),
            result.as_expected.into_pyobject(py)?,
        ];
        PyTuple::new(py, fields)
    }

    fn address<'py>(&mut self, py: Python<'py>, address: IpAddr) -> Bound<'py, PyString> {
        if self.addresses.len() >= CACHE_MAX {
            self.addresses.clear();
        }
        let text = || PyString::new(py, &address.to_string()).unbind();
        self.addresses
            .entry(address)
            .or_insert_with(text)
            .bind(py)
            .clone()
    }

    fn word<'py>(&mut self, py: Python<'py>, word: &'static str) -> Bound<'py, PyString> {
        let text = || PyString::intern(py, word).unbind();
        self.words.entry(word).or_insert_with(text).bind(py).clone()
    }

    fn texts(&mut self, py: Python<'_>, number: usize) -> PyResult<&TargetTexts> {
        if self.texts.len() >= CACHE_MAX && !self.texts.contains_key(&number) {
            self.texts.clear();
        }
        match self.texts.entry(number) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => Ok(place.insert(target_texts(py, &self.targets, number)?)),
        }
    }
}

fn target_texts(py: Python<'_>, targets: &scan::Targets, number: usize) -> PyResult<TargetTexts> {
    let target = &targets.list()[number];
    let (source, line) = target.place;
    let source = match targets.source(source) {
        "" => String::new(),
        source => format!("{source}:{line}"),
    };
    let expected = target
        .expectation
        .as_ref()
        .map(|expectation| expectation.text());
    let name = match &target.hosts {
        Hosts::Name { name, .. } => Some(PyString::new(py, name).unbind()),
        _ => None,
    };
    Ok(TargetTexts {
        input: PyString::new(py, &target.input).unbind(),
        source: PyString::new(py, &source).unbind(),
        expected: expected.into_pyobject(py)?.unbind(),
        name,
        zone: target.hosts.zone().map(ToOwned::to_owned),
    })
}
