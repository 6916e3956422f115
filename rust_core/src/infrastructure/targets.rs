//! `Targets`: what to scan, as text.

use std::sync::Arc;

use pyo3::prelude::*;
use scan::{Expectation, Hosts, PortSet, ProblemKind, Target};

use crate::errors::{port_error, problem_tuple, target_error};

type ProblemTuple = (String, u32, u32, String);
type PreviewRow = (String, String, Option<String>);

/// A list of targets; hosts are generated while scanning, never expanded. A running scan keeps the
/// list as it was.
#[pyclass(module = "code_rust_core.infrastructure")]
pub(crate) struct Targets {
    pub(crate) inner: Arc<scan::Targets>,
}

#[pymethods]
impl Targets {
    #[new]
    #[pyo3(signature = (ports=None, exclude_ports=None, expect=None))]
    fn new(
        py: Python<'_>,
        ports: Option<&str>,
        exclude_ports: Option<&str>,
        expect: Option<&str>,
    ) -> PyResult<Self> {
        let read = |text: &str| PortSet::parse(text).map_err(|error| port_error(py, text, error));
        let default = || PortSet::from_ports(scan::top_ports(scan::DEFAULT_PORT_COUNT));
        let ports = ports.map(read).transpose()?.unwrap_or_else(default);
        let excluded = exclude_ports.map(read).transpose()?;
        let excluded = excluded.unwrap_or_else(|| PortSet::from_ports(&[]));
        let mut targets = scan::Targets::new(&ports, excluded);
        if let Some(text) = expect {
            targets.expect(expectation(py, text)?);
        }
        Ok(Self {
            inner: Arc::new(targets),
        })
    }

    #[pyo3(signature = (text, source="", line=1))]
    fn add(&mut self, py: Python<'_>, text: &str, source: &str, line: u32) -> Vec<ProblemTuple> {
        let targets = Arc::make_mut(&mut self.inner);
        let problems = py.detach(|| targets.add(text, source, line));
        problems
            .iter()
            .map(|problem| problem_tuple(source, problem))
            .collect()
    }

    #[pyo3(signature = (text, source="", comma=false))]
    fn exclude(
        &mut self,
        py: Python<'_>,
        text: &str,
        source: &str,
        comma: bool,
    ) -> Vec<ProblemTuple> {
        let targets = Arc::make_mut(&mut self.inner);
        let problems = py.detach(|| targets.exclude(text, comma));
        problems
            .iter()
            .map(|problem| problem_tuple(source, problem))
            .collect()
    }

    #[getter]
    fn hosts(&self) -> u64 {
        self.inner.hosts()
    }

    #[getter]
    fn names(&self) -> u64 {
        self.inner.names()
    }

    #[getter]
    fn probes(&self) -> u64 {
        self.inner.probes()
    }

    #[pyo3(signature = (limit=100))]
    fn preview(&self, py: Python<'_>, limit: usize) -> Vec<PreviewRow> {
        let targets = &self.inner;
        py.detach(|| {
            targets
                .list()
                .iter()
                .flat_map(|target| rows(targets, target))
                .take(limit)
                .collect()
        })
    }
}

fn expectation(py: Python<'_>, text: &str) -> PyResult<Expectation> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    if words.is_empty() {
        return Err(target_error(
            py,
            &ProblemKind::NotAnExpectation(String::new()).to_string(),
            1,
            1,
        ));
    }
    Expectation::parse(&words).map_err(|(_, kind)| target_error(py, &kind.to_string(), 1, 1))
}

fn rows<'a>(
    targets: &'a scan::Targets,
    target: &'a Target,
) -> Box<dyn Iterator<Item = PreviewRow> + 'a> {
    let row = |host: String| {
        let expected = target
            .expectation
            .as_ref()
            .map(|expectation| expectation.text().to_owned());
        (host, target.ports.to_text(), expected)
    };
    if let Hosts::Name { .. } = &target.hosts {
        let kept = !targets.exclusions().contains_target(&target.hosts);
        return Box::new(kept.then(|| row(target.input.to_string())).into_iter());
    }
    let zone = target
        .hosts
        .zone()
        .map_or(String::new(), |zone| format!("%{zone}"));
    let addresses = (0..target.hosts.count()).filter_map(|number| target.hosts.nth(number));
    let kept =
        addresses.filter(|address| !targets.exclusions().contains(*address, target.hosts.zone()));
    Box::new(kept.map(move |address| row(format!("{address}{zone}"))))
}
