"""The keys of structured lines and what they mean."""

from __future__ import annotations

import enum
from typing import NamedTuple

from code_ops._fallback.logs_levels import Scale


class Role(enum.Enum):
    """What a key's value is for the event."""

    NONE = enum.auto()
    TIME = enum.auto()
    LEVEL = enum.auto()
    MESSAGE = enum.auto()
    SOURCE = enum.auto()
    HOST = enum.auto()
    TRACE = enum.auto()
    MARK = enum.auto()
    """Docker's name of the output."""


class Key(NamedTuple):
    """What is known of a key."""

    role: Role
    rank: int = 0
    """Of two keys of a role the one with the lower rank counts."""
    scale: Scale = "tens"
    is_kept: bool = True
    """Whether its numbers are counted."""
    request: str | None = None
    """What it is of a request."""


# The names of each role, the best first; in small letters.
_NAMES = {
    Role.TIME: b"""@timestamp timestamp time ts t @t t.$date asctime datetime date eventtime
        requestreceivedtimestamp instant.epochsecond __realtime_timestamp
        _source_realtime_timestamp timemillis timeunixnano time_iso8601 time_local""",
    Role.LEVEL: b"""log.level level severity severity_text severitytext lvl levelname loglevel
        log_level @l s priority attributes.level event.severity level_value levelno
        severity_number severitynumber error_severity""",
    Role.MESSAGE: b"""message msg event @m @mt short_message log body text eventname
        requesturi""",
    Role.SOURCE: b"""log.logger logger logger_name loggername syslog_identifier _comm name
        service.name service component c module app sourcecontext properties.sourcecontext
        target eventsource""",
    Role.HOST: b"host.name hostname _hostname host",
    Role.TRACE: b"""error.stack_trace stack_trace stacktrace exc_info err.stack error.stack
        exception.stacktrace stack exception traceback @x""",
    Role.MARK: b"stream",
}
_SCALES: dict[bytes, Scale] = {
    b"priority": "syslog",
    b"level_value": "thousands",
    b"severitynumber": "telemetry",
    b"severity_number": "telemetry",
    b"levelno": "python",
}
# The parts of a request in structured access logs, of nginx's and Apache's variables, of Caddy,
# Traefik, ECS and OpenTelemetry.
_REQUEST = {
    "line": b"request http_request request_line",
    "method": b"""method request_method http.request.method http.method request.method req.method
        requestmethod""",
    "target": b"""request_uri uri path url url.original url.path http.target request.uri req.url
        requestpath""",
    "client": b"""remote_addr client_ip client.ip source.ip remote_ip request.remote_ip
        request.client_ip clienthost client""",
    "agent": b"http_user_agent user_agent user_agent.original",
    "status": b"""status status_code http.status_code http.response.status_code response.status
        res.statuscode downstreamstatus""",
    "bytes": b"""body_bytes_sent bytes_sent bytes size http.response.body.bytes
        downstreamcontentsize""",
}
_PARTS = {name: part for part, names in _REQUEST.items() for name in names.split()}
_KNOWN = {
    name: Key(role, rank, _SCALES.get(name, "tens"), request=_PARTS.get(name))
    for role, names in _NAMES.items()
    for rank, name in enumerate(names.split())
}
# Keys that are kept in mind, each with its numbers; what comes behind is passed over.
_MOST = 4096


class Keys:
    """All keys that were met, up to a limit."""

    def __init__(self) -> None:
        self._met: dict[bytes, Key] = {}

    def look_up(self, path: bytes) -> Key:
        """What is known of a key."""
        key = self._met.get(path)
        if key is None:
            folded = path.lower()
            key = _KNOWN.get(folded) or Key(Role.NONE, request=_PARTS.get(folded))
            if len(self._met) >= _MOST:
                return key._replace(is_kept=False)
            self._met[path] = key
        return key
