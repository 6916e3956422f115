//! The formats of lines, and which of them a file has.

mod access;
mod access_tail;
mod ahead;
mod audit;
mod columns;
mod context;
mod cri;
mod detect;
mod docker;
mod grok;
mod haproxy;
mod headed;
mod header;
mod journal;
mod json;
mod jul;
mod kernel;
mod keys;
mod logfmt;
mod mysql;
mod numbers;
mod parts;
mod pattern;
mod plain;
mod programs;
mod python;
mod reader;
mod roles;
mod split;
mod standard;
mod syslog;

pub use detect::{Candidate, Detected, detect};
pub(crate) use headed::{first_header, last_header};
pub use header::{Layout, LevelPlace, NamePlace};
pub(crate) use numbers::float;
pub use parts::{NumberNames, Parts};
pub use pattern::Pattern;
pub use reader::Reader;
pub use split::Separator;
pub use standard::Standard;

use crate::level::Level;
use crate::time::Shape;

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// An object a line, also what Docker wraps around the lines of containers.
    Json,
    /// Apache's and nginx's common and combined formats.
    Access,
    /// RFC 5424.
    Syslog5424,
    /// RFC 3164, or an ISO time before host and tag.
    Syslog(Shape),
    /// Kubernetes' container runtime interface.
    Cri,
    /// klog and glog.
    Klog,
    /// W3C's extended format, whose `#Fields:` names the columns: IIS, `CloudFront`.
    W3c,
    /// A table whose columns its first line names.
    Rows(Separator),
    /// A table whose columns a standard names.
    Standard(Standard),
    /// `HAProxy`'s HTTP and TCP logs.
    Haproxy,
    /// Messages of the kernel.
    Kernel,
    /// systemd's messages while a machine starts.
    Boot,
    /// `journalctl`'s outputs that are no syslog.
    Journal,
    /// The journal's export format: entries over several lines.
    JournalExport,
    /// Linux' audit daemon.
    Audit,
    /// Android's logcat, with a letter and a tag first.
    Logcat,
    /// Redis and Valkey.
    Redis,
    /// Requests of Ruby on Rails.
    Rails,
    /// `MySQL`'s slow query log: events over several lines.
    MysqlSlow,
    /// `java.util.logging`'s default: events over two lines and more.
    Jul,
    /// What a user described.
    Pattern(Pattern),
    /// Pairs of keys and values.
    Logfmt,
    /// A header with a time, then the message.
    Text(Layout),
    /// Lines without a time.
    Plain,
}

impl Format {
    /// The name in reports and options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Access => "access",
            Self::Syslog5424 => "syslog-rfc5424",
            Self::Syslog(Shape::Syslog) => "syslog",
            Self::Syslog(_) => "syslog-iso",
            Self::Cri => "cri",
            Self::Klog => "klog",
            Self::W3c => "w3c",
            Self::Rows(Separator::Byte(b'\t')) => "tsv",
            Self::Rows(Separator::Byte(_)) => "csv",
            Self::Rows(Separator::Spaces) => "columns",
            Self::Standard(standard) => standard.name(),
            Self::Haproxy => "haproxy",
            Self::Kernel => "kernel",
            Self::Boot => "systemd-boot",
            Self::Journal => "journal",
            Self::JournalExport => "journal-export",
            Self::Audit => "auditd",
            Self::Logcat => "logcat",
            Self::Redis => "redis",
            Self::Rails => "rails",
            Self::MysqlSlow => "mysql-slow",
            Self::Jul => "java-util-logging",
            Self::Pattern(_) => "pattern",
            Self::Logfmt => "logfmt",
            Self::Text(_) => "text",
            Self::Plain => "plain",
        }
    }

    /// Whether lines that do not look like it can belong to the event before them.
    #[must_use]
    pub const fn has_continuations(self) -> bool {
        matches!(
            self,
            Self::Text(_)
                | Self::Klog
                | Self::Plain
                | Self::Boot
                | Self::Rails
                | Self::Redis
                | Self::JournalExport
                | Self::MysqlSlow
                | Self::Jul
                | Self::Rows(Separator::Byte(_))
                | Self::Standard(Standard::PostgresCsv)
        )
    }

    /// The shape of its time, where a line can lack the year.
    #[must_use]
    pub const fn yearless(self) -> Option<Shape> {
        let shape = match self {
            Self::Syslog(shape) => shape,
            Self::Klog => Shape::Klog,
            // It may, which only a line tells.
            Self::Pattern(_) => Shape::Syslog,
            Self::Logcat => Shape::MonthDay,
            Self::Text(layout) => layout.shape,
            _ => return None,
        };
        if shape.may_lack_year() {
            Some(shape)
        } else {
            None
        }
    }
}

/// Errors of the server are errors, those of clients are warnings.
const fn level_of_status(status: u16) -> Option<Level> {
    match status {
        500..=599 => Some(Level::Error),
        400..=499 => Some(Level::Warning),
        _ => None,
    }
}

/// Whether a line can only belong to the event before it: it is indented, or a part of a trace.
#[must_use]
pub fn is_continuation(text: &[u8]) -> bool {
    match text.first() {
        Some(b' ' | b'\t' | b'}' | b')') => true,
        Some(b'.') => text.starts_with(b"... "),
        Some(b'C') => text.starts_with(b"Caused by: "),
        Some(b'g') => text.starts_with(b"goroutine "),
        Some(b'S') => text.starts_with(b"Suppressed: "),
        Some(b'D' | b'T') => crate::trace::is_chained(text),
        _ => false,
    }
}
