//! What can be wrong in a target or port text. Data only; the words are in `Display`.

use thiserror::Error;

/// Why a part of a text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// An empty item in a port list.
    #[error("expected a port, range or service name")]
    EmptyPort,
    /// A number past the last port.
    #[error("port {0} is out of range 0-65535")]
    PortRange(String),
    /// A port range whose end is before its start.
    #[error("range {0}-{1} runs backwards, write {1}-{0}")]
    PortsBackwards(u32, u32),
    /// A name that is not in the service table.
    #[error("unknown service name '{0}'")]
    UnknownService(String),
    /// A wildcard that matches no name of the service table.
    #[error("no service name matches '{0}'")]
    NoServiceMatches(String),
    /// A qualifier of a protocol that is not scanned.
    #[error("only TCP is scanned, '{0}' is not supported")]
    Protocol(String),
    /// A bracket that is not closed.
    #[error("missing ']' after '{0}'")]
    MissingBracket(String),
    /// Digits and hyphens that make neither a port nor a range.
    #[error("'{0}' is not a port or a range")]
    NotAPort(String),
    /// A line past the limit.
    #[error("line is longer than {0} characters")]
    LineLength(usize),
    /// A URL where a host is due.
    #[error("'{0}' is a URL, write host:port")]
    Url(String),
    /// Something else than a colon behind a bracket.
    #[error("expected ':port' after ']'")]
    AfterBracket,
    /// A colon at the end.
    #[error("expected ports after ':'")]
    PortsExpected,
    /// A colon at the start.
    #[error("expected a host before ':'")]
    HostExpected,
    /// Too few or too many octets.
    #[error("expected four octets, found {0}")]
    OctetCount(usize),
    /// An octet over 255.
    #[error("octet {0} is out of range 0-255")]
    OctetRange(String),
    /// An octet range whose end is before its start.
    #[error("octet range {0}-{1} runs backwards, write {1}-{0}")]
    OctetsBackwards(u32, u32),
    /// Neither an octet nor a range.
    #[error("'{0}' is not an octet or a range")]
    NotAnOctet(String),
    /// An IPv4 prefix length over 32.
    #[error("prefix /{0} is out of range 0-32")]
    PrefixRange(String),
    /// An IPv6 prefix length outside the limit.
    #[error("prefix /{0} is out of range 96-128 (wider IPv6 networks are not scanned)")]
    PrefixRange6(String),
    /// An IPv6 prefix length of an exclusion over 128.
    #[error("prefix /{0} is out of range 0-128")]
    PrefixRangeExclusion(String),
    /// A prefix that is no number.
    #[error("'{0}' is not a prefix length")]
    NotAPrefix(String),
    /// Colons, but no address.
    #[error("'{0}' is not an IPv6 address")]
    NotIpv6(String),
    /// A percent sign without a zone.
    #[error("expected a zone after '%'")]
    ZoneExpected,
    /// Ports behind a zone, without brackets: the address, the zone, the ports.
    #[error("a zone has no colon, write [{0}%{1}]:{2}")]
    ZoneColon(String, String, String),
    /// A zone longer than an interface name can be.
    #[error("zone '{0}' is longer than 15 characters")]
    ZoneLength(String),
    /// A character that no host name has.
    #[error("character '{0}' is not allowed in a host name")]
    HostCharacter(char),
    /// A name beyond ASCII.
    #[error("host names are ASCII, write '{0}' in punycode (xn--...)")]
    HostNotAscii(String),
    /// A name over RFC 1035's limit.
    #[error("host name is longer than 253 characters")]
    HostLength,
    /// Two dots in a row, or one at the start.
    #[error("a label of the host name is empty")]
    LabelEmpty,
    /// A label over RFC 1035's limit.
    #[error("a label of the host name is longer than 63 characters")]
    LabelLength,
    /// A hyphen at a label's end.
    #[error("a label of the host name starts or ends with a hyphen")]
    LabelHyphen,
    /// Text after the expectation.
    #[error("an expectation ends the line, found '{0}' after it")]
    AfterExpectation(String),
    /// A latency that cannot be read.
    #[error("expected a latency like <50ms, found '{0}'")]
    Latency(String),
    /// A latency for a state that has none.
    #[error("a latency limit needs the state open")]
    LatencyState,
    /// A word that begins no expectation.
    #[error("expected a state like open or closed|filtered, found '{0}'")]
    NotAnExpectation(String),
    /// An exclusion with a port.
    #[error("an exclusion names hosts, not ports")]
    ExclusionPort,
    /// The sum of all probes passes the counter.
    #[error("more than {} probes", i64::MAX)]
    TooManyProbes,
    /// A pattern or network where one host is due.
    #[error("'{0}' is not a single host")]
    NotSingle(String),
}

/// A problem and its place: line and column from 1, the column in characters.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{line}:{column}: {kind}")]
pub struct Problem {
    /// Line in its source, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// A problem at a byte offset of the token being read; the reader turns it into a place.
pub(crate) type Located<T> = Result<T, (usize, ProblemKind)>;
