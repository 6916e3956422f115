"""One connect: a socket that does not block, and what its error number proves."""

from __future__ import annotations

import contextlib
import errno
import socket
import struct

from code_ops._fallback.resolve import Address
from code_ops.scan import State

IN_PROGRESS = frozenset((errno.EINPROGRESS, errno.EINTR))

_NO_RESPONSE: tuple[State, str] = ("filtered", "no-response")

# Numbers of our own for what an error number alone does not tell.
ADMIN_PROHIBITED = -1
NO_SOURCE_ADDRESS = -2

VERDICTS: dict[int, tuple[State, str]] = {
    0: ("open", "syn-ack"),
    errno.ECONNREFUSED: ("closed", "conn-refused"),
    # A reset that answers the SYN reads as a refusal: this one came after the handshake.
    errno.ECONNRESET: ("open", "syn-ack"),
    errno.EPIPE: ("open", "syn-ack"),
    errno.ETIMEDOUT: _NO_RESPONSE,
    errno.EHOSTDOWN: _NO_RESPONSE,
    errno.ENOPROTOOPT: ("filtered", "proto-unreach"),
    ADMIN_PROHIBITED: ("filtered", "admin-prohibited"),
    NO_SOURCE_ADDRESS: ("unreachable", "no-source-address"),
    errno.EHOSTUNREACH: ("unreachable", "host-unreach"),
    errno.ENETUNREACH: ("unreachable", "net-unreach"),
}
if hasattr(errno, "ENONET"):
    VERDICTS[errno.ENONET] = ("filtered", "dest-unreach")
"""What the network says. Every other number is our own side's failure."""

SHORTAGES = frozenset(
    (
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ENOMEM,
        errno.EADDRNOTAVAIL,
        errno.EADDRINUSE,
        errno.EAGAIN,
    )
)
"""Failures of our own that pass, and are waited out."""

_NO_ADDRESS_OR_NO_PORT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)

# Linger for no time at all: close sends RST, and no TIME_WAIT keeps the local port.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def begin(address: Address, port: int) -> tuple[socket.socket | None, int]:
    """Start connecting; returns the socket and 0 or the error number, None if it failed at once.

    The socket of a connect that succeeded at once is returned as well.
    """
    connection: socket.socket | None = None
    try:
        place = address.at(port)
        connection = socket.socket(address.family, socket.SOCK_STREAM)
        connection.setblocking(False)
        code = connection.connect_ex(place)
    except OSError as error:
        # The look-up of a zone that is no interface here carries no number of its own.
        code = error.errno or errno.ENODEV
    if code in _NO_ADDRESS_OR_NO_PORT and _has_no_source(address):
        code = NO_SOURCE_ADDRESS
    if connection is not None and code != 0 and code not in IN_PROGRESS:
        connection.close()
        connection = None
    return connection, code


def outcome(connection: socket.socket) -> int:
    """0 or the error number of a connect that is over."""
    code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    # After the SYN has left, a lack of permission is the word of somebody on the way (ICMPv6
    # type 1 code 1, RFC 4443 section 3.1).
    return ADMIN_PROHIBITED if code == errno.EACCES else code


def _has_no_source(address: Address) -> bool:
    """Whether this machine has no address to connect from, rather than no port left.

    A UDP socket needs the one and not the other; it sends nothing.
    """
    try:
        with socket.socket(address.family, socket.SOCK_DGRAM) as bystander:
            bystander.connect(address.at(9))
    except OSError as error:
        return error.errno in _NO_ADDRESS_OR_NO_PORT
    return False


def is_self_connect(connection: socket.socket) -> bool:
    """Whether the socket met itself: its own port was the port asked for."""
    try:
        return bool(connection.getsockname() == connection.getpeername())
    except OSError:  # reset meanwhile, so there was somebody else
        return False


def reset(connection: socket.socket) -> None:
    """Close an open connection without a farewell."""
    with contextlib.suppress(OSError):  # the peer may have been faster
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    connection.close()


def name_of(code: int) -> str:
    """An error number's name, such as ``EMFILE``."""
    return errno.errorcode.get(code, f"errno {code}")
