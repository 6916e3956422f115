//! TCP connect scans: targets, the connect engine, and the states it can prove.
//!
//! `Targets` reads what to scan, `Scanner` scans it on a thread of its own and hands out batches
//! of results. Nothing here prints, and nothing knows Python.

mod engine;
mod exclusions;
mod expectation;
mod hosts;
mod octets;
mod output;
mod pace;
mod ports;
mod probe;
mod problem;
mod resolve;
mod result;
mod scanner;
mod services;
mod socket;
mod stream;
mod targets;

pub use exclusions::Exclusions;
pub use expectation::Expectation;
pub use hosts::{Hosts, Width};
pub use octets::Octets;
pub use ports::PortSet;
pub use problem::{Problem, ProblemKind};
pub use result::{ProbeResult, Reason, State};
pub use scanner::{Handle, Options, Progress, Scan, ScanError, Scanner};
pub use services::{DEFAULT_PORT_COUNT, top_ports};
pub use targets::{LINE_LENGTH_MAX, Target, Targets};
