//! What a probe found: state, the reason that proves it, and its place in the input.

use std::net::IpAddr;

use rustix::io::Errno;

/// The state of a port as seen from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum State {
    /// The connection was made.
    Open,
    /// The connection was refused.
    Closed,
    /// No answer, or an ICMP message that says a filter stands between.
    Filtered,
    /// No way to the host or network.
    Unreachable,
    /// The name has no address.
    Unresolved,
    /// Our side lacked descriptors, ports, memory or permission; says nothing of the target.
    LocalError,
}

impl State {
    /// All states, in the order from best to worst answer.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::Closed,
        Self::Filtered,
        Self::Unreachable,
        Self::Unresolved,
        Self::LocalError,
    ];

    /// The state's name in records and expectations.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Filtered => "filtered",
            Self::Unreachable => "unreachable",
            Self::Unresolved => "unresolved",
            Self::LocalError => "local_error",
        }
    }

    /// The state that a word of an expectation names; our own errors are never expected.
    pub(crate) fn expected_from(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|state| *state != Self::LocalError && state.name() == word)
    }
}

/// What proves a state. Words as nmap's where nmap has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Connected.
    SynAck,
    /// ECONNREFUSED.
    ConnRefused,
    /// Silence until the deadline of every pass.
    NoResponse,
    /// EHOSTUNREACH.
    HostUnreach,
    /// ENETUNREACH.
    NetUnreach,
    /// ENOPROTOOPT: ICMP protocol unreachable.
    ProtoUnreach,
    /// EACCES after the SYN had left: `ICMPv6` administratively prohibited.
    AdminProhibited,
    /// No address of the target's family on this machine.
    NoSourceAddress,
    /// ENONET.
    DestUnreach,
    /// The resolver knows no such name.
    NameNotFound,
    /// The resolver gave no answer in time.
    DnsTimeout,
    /// The resolver failed.
    DnsFailure,
    /// An error number of our own side.
    Errno(i32),
}

impl Reason {
    /// The reason's word in records.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::SynAck => "syn-ack",
            Self::ConnRefused => "conn-refused",
            Self::NoResponse => "no-response",
            Self::HostUnreach => "host-unreach",
            Self::NetUnreach => "net-unreach",
            Self::ProtoUnreach => "proto-unreach",
            Self::DestUnreach => "dest-unreach",
            Self::AdminProhibited => "admin-prohibited",
            Self::NoSourceAddress => "no-source-address",
            Self::NameNotFound => "name-not-found",
            Self::DnsTimeout => "dns-timeout",
            Self::DnsFailure => "dns-failure",
            Self::Errno(number) => errno_name(number),
        }
    }
}

/// The name of an error number that connecting can meet.
fn errno_name(number: i32) -> &'static str {
    const NAMES: [(Errno, &str); 20] = [
        (Errno::MFILE, "EMFILE"),
        (Errno::NFILE, "ENFILE"),
        (Errno::NOBUFS, "ENOBUFS"),
        (Errno::NOMEM, "ENOMEM"),
        (Errno::ADDRNOTAVAIL, "EADDRNOTAVAIL"),
        (Errno::ADDRINUSE, "EADDRINUSE"),
        (Errno::AGAIN, "EAGAIN"),
        (Errno::ACCESS, "EACCES"),
        (Errno::PERM, "EPERM"),
        (Errno::INVAL, "EINVAL"),
        (Errno::AFNOSUPPORT, "EAFNOSUPPORT"),
        (Errno::PROTONOSUPPORT, "EPROTONOSUPPORT"),
        (Errno::NODEV, "ENODEV"),
        (Errno::NETDOWN, "ENETDOWN"),
        (Errno::NOSPC, "ENOSPC"),
        (Errno::BADF, "EBADF"),
        (Errno::INTR, "EINTR"),
        (Errno::IO, "EIO"),
        (Errno::NXIO, "ENXIO"),
        (Errno::PROTO, "EPROTO"),
    ];
    NAMES
        .iter()
        .find(|(errno, _)| errno.raw_os_error() == number)
        .map_or("unknown-errno", |(_, name)| name)
}

/// The result of one probe. Times in nanoseconds and microseconds as named.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeResult {
    /// Place in the order of the targets.
    pub index: u64,
    /// Number of the target in its list.
    pub target: usize,
    /// The address probed; none when the name did not resolve.
    pub address: Option<IpAddr>,
    /// The port.
    pub port: u16,
    /// The state.
    pub state: State,
    /// Its proof.
    pub reason: Reason,
    /// From connect to the answer.
    pub rtt_ns: Option<u64>,
    /// Sockets used for this address.
    pub tries: u32,
    /// What resolving the name took.
    pub dns_us: Option<u32>,
    /// Unix time in seconds when the state was known.
    pub timestamp: f64,
    /// Whether the expectation came true, where there is one.
    pub as_expected: Option<bool>,
}
