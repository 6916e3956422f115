//! The module `infrastructure`: service scanning, YAML and JSON, logs.

mod config;
mod integer;
mod log_events;
mod log_filter;
mod log_follower;
mod logs;
mod rows;
mod scanner;
mod targets;

use pyo3::prelude::*;

/// Parallel service scanning; YAML and JSON; logs.
#[pymodule(submodule)]
pub(crate) mod infrastructure {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::config::{
        ConfigParser, Documents, check_files, config_convert, config_diff, config_get,
        config_merge, config_patch, config_query, config_set, fix_text, format_files, format_text,
        lint_files,
    };
    #[pymodule_export]
    use super::log_events::{LogAnswer, LogChunks};
    #[pymodule_export]
    use super::log_filter::LogFilter;
    #[pymodule_export]
    use super::log_follower::LogFollower;
    #[pymodule_export]
    use super::logs::{LogAnalyzer, LogSummary};
    #[pymodule_export]
    use super::scanner::{Scan, ServiceScanner};
    #[pymodule_export]
    use super::targets::Targets;

    /// The sorted ports of a port list such as `22,80,8000-8100,http*`.
    #[pyfunction]
    fn parse_ports(py: Python<'_>, text: &str) -> PyResult<Vec<u16>> {
        let ports = scan::PortSet::parse(text);
        let ports = ports.map_err(|error| crate::errors::port_error(py, text, error))?;
        Ok(ports.iter().collect())
    }
}
