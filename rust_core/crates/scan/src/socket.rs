//! One connect: opens the socket, reads its verdict, closes it. All system calls of a probe.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};

use crate::result::{Reason, State};

/// What a socket says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The target's answer, or the network's.
    Answer(State, Reason),
    /// The kernel gave the socket the very port it connects to: says nothing of the target.
    SelfConnect,
    /// Our side is short of something.
    Trouble(Errno),
    /// Nothing yet.
    InProgress,
}

/// A connect that was begun.
pub(crate) enum Attempt {
    /// Known at once.
    Done(Verdict),
    /// To be watched for readiness.
    Pending(OwnedFd),
}

/// Opens sockets and connects them, and uses one again after a refusal.
///
/// Linux lets a refused TCP socket connect anew, with a new source port and a new SYN. A closed
/// port on this machine so costs two system calls instead of four: connect, and connect again,
/// which reads the refusal and resets the socket; opening and closing a socket is a third of a
/// probe's work. Other systems leave a refused socket unusable and get a new one each time.
#[derive(Debug, Default)]
pub(crate) struct Connector {
    refused_v4: Option<OwnedFd>,
    refused_v6: Option<OwnedFd>,
}

impl Connector {
    /// Begins a connect.
    pub(crate) fn start(&mut self, address: SocketAddr) -> Attempt {
        let socket = match self.take(address) {
            Ok(socket) => socket,
            Err(errno) => return Attempt::Done(refused_here(errno, address)),
        };
        let mut said = rustix::net::connect(&socket, &address);
        let in_flight = said == Err(Errno::INPROGRESS);
        if in_flight {
            said = rustix::net::connect(&socket, &address);
        }
        match said {
            Ok(()) | Err(Errno::ISCONN) => Attempt::Done(connected(&socket)),
            Err(Errno::ALREADY | Errno::INPROGRESS) => Attempt::Pending(socket),
            Err(Errno::CONNREFUSED) => {
                self.keep(socket, address);
                Attempt::Done(classify(Errno::CONNREFUSED))
            }
            Err(errno) if in_flight => Attempt::Done(classify_answer(errno)),
            Err(errno) => Attempt::Done(refused_here(errno, address)),
        }
    }

    fn take(&mut self, address: SocketAddr) -> Result<OwnedFd, Errno> {
        let spare = match address {
            SocketAddr::V4(_) => &mut self.refused_v4,
            SocketAddr::V6(_) => &mut self.refused_v6,
        };
        if let Some(socket) = spare.take() {
            return Ok(socket);
        }
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        rustix::net::socket_with(family_of(address), SocketType::STREAM, flags, None)
    }

    fn keep(&mut self, socket: OwnedFd, address: SocketAddr) {
        if cfg!(target_os = "linux") {
            match address {
                SocketAddr::V4(_) => self.refused_v4 = Some(socket),
                // A scope and a mapped address stay with the socket.
                SocketAddr::V6(v6) if v6.scope_id() != 0 || v6.ip().to_ipv4_mapped().is_some() => {}
                SocketAddr::V6(_) => self.refused_v6 = Some(socket),
            }
        }
    }
}

/// The verdict of a socket that became ready.
pub(crate) fn finish(socket: &OwnedFd) -> Verdict {
    match sockopt::socket_error(socket) {
        Ok(Ok(())) => connected(socket),
        Ok(Err(errno)) | Err(errno) => classify_answer(errno),
    }
}

/// What an error number says that came after the SYN had left: then a lack of permission is the
/// word of somebody on the way (`ICMPv6` type 1 code 1, RFC 4443 section 3.1).
fn classify_answer(errno: Errno) -> Verdict {
    match errno {
        Errno::ACCESS => Verdict::Answer(State::Filtered, Reason::AdminProhibited),
        _ => classify(errno),
    }
}

/// What an error number says that came before anything was sent.
fn refused_here(errno: Errno, address: SocketAddr) -> Verdict {
    if matches!(errno, Errno::ADDRNOTAVAIL | Errno::AFNOSUPPORT) && has_no_source(address) {
        return Verdict::Answer(State::Unreachable, Reason::NoSourceAddress);
    }
    classify(errno)
}

/// Whether this machine has no address to connect from, rather than no port left: a UDP socket
/// needs the one and not the other. It sends nothing.
fn has_no_source(address: SocketAddr) -> bool {
    let family = family_of(address);
    let connected = rustix::net::socket_with(family, SocketType::DGRAM, SocketFlags::CLOEXEC, None)
        .and_then(|socket| rustix::net::connect(&socket, &address));
    matches!(connected, Err(Errno::ADDRNOTAVAIL | Errno::AFNOSUPPORT))
}

fn family_of(address: SocketAddr) -> AddressFamily {
    match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    }
}

/// No error is not yet a connection: only a peer is. Closed by RST, so that neither side keeps
/// a `TIME_WAIT`.
fn connected(socket: &OwnedFd) -> Verdict {
    let peer = match rustix::net::getpeername(socket) {
        Ok(Some(peer)) => peer,
        // Not connected yet, or reset between the two calls: the error tells.
        Ok(None) | Err(Errno::NOTCONN) => {
            return match sockopt::socket_error(socket) {
                Ok(Err(errno)) | Err(errno) => classify(errno),
                Ok(Ok(())) => Verdict::InProgress,
            };
        }
        Err(errno) => return classify(errno),
    };
    if rustix::net::getsockname(socket).is_ok_and(|own| own == peer) {
        return Verdict::SelfConnect;
    }
    // A failure here leaves the socket to an ordinary close.
    let _ = sockopt::set_socket_linger(socket, Some(Duration::ZERO));
    Verdict::Answer(State::Open, Reason::SynAck)
}

/// What an error number of connect says; nmap's reading, but for `unreachable` and our own errors.
pub(crate) fn classify(errno: Errno) -> Verdict {
    let (state, reason) = match errno {
        Errno::CONNREFUSED => (State::Closed, Reason::ConnRefused),
        // A reset that answers the SYN reads as a refusal: this one came after the handshake.
        Errno::CONNRESET | Errno::PIPE => (State::Open, Reason::SynAck),
        Errno::TIMEDOUT | Errno::HOSTDOWN => (State::Filtered, Reason::NoResponse),
        Errno::NOPROTOOPT => (State::Filtered, Reason::ProtoUnreach),
        Errno::NONET => (State::Filtered, Reason::DestUnreach),
        Errno::HOSTUNREACH => (State::Unreachable, Reason::HostUnreach),
        Errno::NETUNREACH => (State::Unreachable, Reason::NetUnreach),
        _ => return Verdict::Trouble(errno),
    };
    Verdict::Answer(state, reason)
}

/// Whether waiting may cure an error of our own side.
pub(crate) fn passes_with_time(errno: Errno) -> bool {
    matches!(
        errno,
        Errno::MFILE
            | Errno::NFILE
            | Errno::NOBUFS
            | Errno::NOMEM
            | Errno::ADDRNOTAVAIL
            | Errno::ADDRINUSE
            | Errno::AGAIN
            | Errno::NOSPC
    )
}

/// The number of an interface by its name or number.
pub(crate) fn zone_index(zone: &str) -> Result<u32, Errno> {
    if let Ok(number) = zone.parse() {
        return Ok(number);
    }
    let socket = rustix::net::socket_with(
        AddressFamily::INET6,
        SocketType::DGRAM,
        SocketFlags::CLOEXEC,
        None,
    )?;
    rustix::net::netdevice::name_to_index(&socket, zone)
}
