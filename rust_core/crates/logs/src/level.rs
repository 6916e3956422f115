//! Severity levels: the words and numbers that name them, and where a level was found.
//!
//! Never a search in the message: a level is a field, a priority or a word that stands in the
//! header, and else it is unknown.

/// How bad an event is; `Unknown` where nothing says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// Nothing in the event tells.
    #[default]
    Unknown,
    /// Finer than debug.
    Trace,
    /// For developers.
    Debug,
    /// As expected.
    Info,
    /// As expected, and worth a look (syslog 5).
    Notice,
    /// Not as expected, work goes on (syslog 4).
    Warning,
    /// Something failed (syslog 3).
    Error,
    /// Part of the system is down (syslog 2).
    Critical,
    /// Act at once (syslog 1).
    Alert,
    /// The system is unusable (syslog 0).
    Emergency,
}

/// The number of levels, `Unknown` among them.
pub const LEVELS: usize = 10;

impl Level {
    /// All, from unknown to emergency.
    pub const ALL: [Self; LEVELS] = [
        Self::Unknown,
        Self::Trace,
        Self::Debug,
        Self::Info,
        Self::Notice,
        Self::Warning,
        Self::Error,
        Self::Critical,
        Self::Alert,
        Self::Emergency,
    ];

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
            Self::Alert => "alert",
            Self::Emergency => "emergency",
        }
    }

    /// Of a syslog priority `facility * 8 + severity` or a severity (RFC 5424, section 6.2.1).
    #[must_use]
    pub const fn of_priority(priority: u8) -> Self {
        match priority % 8 {
            0 => Self::Emergency,
            1 => Self::Alert,
            2 => Self::Critical,
            3 => Self::Error,
            4 => Self::Warning,
            5 => Self::Notice,
            6 => Self::Info,
            _ => Self::Debug,
        }
    }

    /// Of the tens that bunyan and pino count in: 10 trace to 60 fatal.
    #[must_use]
    pub const fn of_tens(number: i64) -> Self {
        match number {
            ..10 => Self::Unknown,
            10..20 => Self::Trace,
            20..30 => Self::Debug,
            30..40 => Self::Info,
            40..50 => Self::Warning,
            50..60 => Self::Error,
            60.. => Self::Critical,
        }
    }

    /// Of Python's `levelno`: 10 debug to 50 critical.
    #[must_use]
    pub const fn of_python(number: i64) -> Self {
        match number {
            ..10 => Self::Unknown,
            10..20 => Self::Debug,
            20..30 => Self::Info,
            30..40 => Self::Warning,
            40..50 => Self::Error,
            50.. => Self::Critical,
        }
    }

    /// Of logback's `level_value`: 5000 trace to 40000 error.
    #[must_use]
    pub const fn of_thousands(number: i64) -> Self {
        match number {
            ..5_000 => Self::Unknown,
            5_000..10_000 => Self::Trace,
            10_000..20_000 => Self::Debug,
            20_000..30_000 => Self::Info,
            30_000..40_000 => Self::Warning,
            40_000.. => Self::Error,
        }
    }

    /// Of OpenTelemetry's severity number, 1 to 24 in bands of four.
    #[must_use]
    pub const fn of_telemetry(number: i64) -> Self {
        match number {
            1..=4 => Self::Trace,
            5..=8 => Self::Debug,
            9..=12 => Self::Info,
            13..=16 => Self::Warning,
            17..=20 => Self::Error,
            21..=24 => Self::Critical,
            _ => Self::Unknown,
        }
    }

    /// Of the letter that klog, glog, logcat and Ruby write.
    #[must_use]
    pub const fn of_letter(letter: u8) -> Option<Self> {
        Some(match letter {
            b'T' | b'V' => Self::Trace,
            b'D' => Self::Debug,
            b'I' => Self::Info,
            b'N' => Self::Notice,
            b'W' => Self::Warning,
            b'E' => Self::Error,
            b'C' | b'F' => Self::Critical,
            b'A' => Self::Alert,
            _ => return None,
        })
    }

    /// Of a word in any case, as in `WARN` or `severe`; `None` for every other word.
    #[must_use]
    pub fn of_word(word: &[u8]) -> Option<Self> {
        let mut folded = [0; LONGEST];
        let folded = folded.get_mut(..word.len())?;
        // Most words end here: no name of a level begins so.
        if !matches!(
            word.first()? | 0x20,
            b'a' | b'c'
                | b'd'
                | b'e'
                | b'f'
                | b'i'
                | b'l'
                | b'n'
                | b'p'
                | b's'
                | b't'
                | b'v'
                | b'w'
        ) {
            return None;
        }
        for (to, from) in folded.iter_mut().zip(word) {
            *to = from.to_ascii_lowercase();
        }
        Some(match &*folded {
            b"trace" | b"trc" | b"verbose" | b"finest" | b"finer" => Self::Trace,
            b"debug" | b"dbg" | b"fine" | b"config" | b"debug1" | b"debug2" | b"debug3"
            | b"debug4" | b"debug5" => Self::Debug,
            // `log` is PostgreSQL's name for what is always told.
            b"info" | b"inf" | b"information" | b"informational" | b"log" | b"system" => Self::Info,
            b"notice" | b"note" => Self::Notice,
            b"warn" | b"warning" | b"wrn" | b"deprecation" => Self::Warning,
            b"error" | b"err" | b"eror" | b"fail" | b"failure" | b"severe" => Self::Error,
            b"critical" | b"crit" | b"fatal" | b"ftl" | b"panic" | b"dpanic" => Self::Critical,
            b"alert" => Self::Alert,
            b"emergency" | b"emerg" => Self::Emergency,
            _ => return None,
        })
    }
}

/// The longest word that names a level.
const LONGEST: usize = 13;

/// What told the level of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum LevelSource {
    /// Nothing did.
    #[default]
    None,
    /// A field of a structured record.
    Field,
    /// A syslog priority.
    Priority,
    /// A word or letter between the time and the message, or that opens the message.
    Header,
    /// The status of a response; it is told, and makes no level by itself.
    Status,
    /// A stack trace that opens the event.
    Exception,
}

/// The number of sources.
pub const LEVEL_SOURCES: usize = 6;

impl LevelSource {
    /// All, in the order of their numbers.
    pub const ALL: [Self; LEVEL_SOURCES] = [
        Self::None,
        Self::Field,
        Self::Priority,
        Self::Header,
        Self::Status,
        Self::Exception,
    ];

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Field => "field",
            Self::Priority => "priority",
            Self::Header => "header",
            Self::Status => "status",
            Self::Exception => "exception",
        }
    }
}
