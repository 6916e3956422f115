"""Parallel service scanning; YAML and JSON; logs.

The library's classes in ``code_ops.scan``, ``code_ops.config`` and ``code_ops.logs`` stand over
these; see there for every parameter's meaning and unit.
"""

from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from typing import Any, final

from code_ops.errors import ConfigMissingError
from code_ops.scan import ScanResult

__all__ = [
    "ConfigParser",
    "Documents",
    "LogAnalyzer",
    "LogAnswer",
    "LogChunks",
    "LogFilter",
    "LogFollower",
    "LogSummary",
    "Scan",
    "ServiceScanner",
    "Targets",
    "check_files",
    "config_convert",
    "config_diff",
    "config_get",
    "config_merge",
    "config_patch",
    "config_query",
    "config_set",
    "fix_text",
    "format_files",
    "format_text",
    "lint_files",
    "parse_ports",
]

def parse_ports(text: str) -> list[int]:
    """The sorted ports of a port list such as ``22,80,8000-8100,http*``.

    Raises TargetError with the column of the item that cannot be read.
    """

@final
class Targets:
    """A list of targets; hosts are generated while scanning, never expanded.

    Raises TargetError for port lists and expectations that cannot be read.
    """

    def __new__(
        cls,
        ports: str | None = None,
        exclude_ports: str | None = None,
        expect: str | None = None,
    ) -> Targets: ...
    def add(self, text: str, source: str = "", line: int = 1) -> list[tuple[str, int, int, str]]:
        """Reads a target text; returns source, line, column and message of each bad part."""

    def exclude(
        self, text: str, source: str = "", comma: bool = False
    ) -> list[tuple[str, int, int, str]]:
        """Reads hosts never to be probed; returns its bad parts as ``add`` does."""

    @property
    def hosts(self) -> int:
        """Addresses and names in all, exclusions not taken off."""

    @property
    def names(self) -> int:
        """How many of the hosts are names."""

    @property
    def probes(self) -> int:
        """Hosts times ports in all, exclusions not taken off."""

    def preview(self, limit: int = 100) -> list[tuple[str, str, str | None]]:
        """The first hosts with their ports (``22,80-81``) and expectation, in order."""

@final
class ServiceScanner:
    """Scans TCP services with connects. Raises ValueError for values out of range."""

    def __new__(
        cls,
        *,
        timeout_ms: int = 1000,
        concurrency: int | None = None,
        rate: float | None = None,
        retries: int = 6,
        host_concurrency: int | None = None,
        resolve_timeout_ms: int = 5000,
        resolve_concurrency: int = 32,
        all_ips: bool = False,
        canary: bool = False,
    ) -> ServiceScanner: ...
    def scan_services(self, pairs: Iterable[tuple[str, int]]) -> list[ScanResult]:
        """One result for each pair of host and port, in the order given.

        Raises TargetError for a host or port that cannot be read.
        """

    def scan(self, targets: Targets, skip: Sequence[tuple[int, int]] | None = None) -> Scan:
        """Starts a scan. ``skip`` are inclusive ranges of result indexes not to probe.

        Raises TargetError for an excluded name that does not resolve.
        """

@final
class Scan:
    """A running scan: an iterator of lists of results, empty when none came for 100 ms."""

    def __iter__(self) -> Scan: ...
    def __next__(self) -> list[ScanResult]: ...
    def progress(self) -> tuple[int, int, int, int, int, int, int, int, int, int]:
        """The counters now, in the order of ``code_ops.scan.ScanProgress``."""

    def cancel(self) -> None:
        """Stops soon; what is finished is still delivered."""

@final
class ConfigParser:
    """Reads YAML and JSON. Raises ValueError for unknown options and limits out of range.

    ``name`` is the source in errors, which are ``code_ops.errors.ConfigError``.
    """

    def __new__(
        cls,
        *,
        schema: str = "core",
        duplicate_keys: str = "error",
        merge_keys: str = "auto",
        timestamps: str = "auto",
        tags: str = "ignore",
        max_depth: int | None = None,
        max_alias_nodes: int | None = None,
        max_scalar_bytes: int | None = None,
        max_input_bytes: int | None = None,
        max_integer_digits: int | None = None,
    ) -> ConfigParser: ...
    def parse_yaml(self, text: str | bytes, name: str = "") -> Any:
        """The value of a stream of one document; None when there is none."""

    def parse_yaml_all(self, text: str | bytes, name: str = "") -> Documents:
        """The documents of a stream, one after another."""

    def parse_json(self, text: str | bytes, name: str = "") -> Any:
        """The value of a JSON text."""

    def parse_ndjson(self, text: str | bytes, name: str = "") -> Documents:
        """The values of a text with one JSON value on each line, one after another."""

    def parse_located(
        self,
        text: str | bytes,
        location: Callable[[int, int, int | None, int | None], Any],
        name: str = "",
        json: bool = False,
    ) -> tuple[Any, dict[tuple[Any, ...], Any]]:
        """The value of a document, and line and column of each key and value by its path."""

    @staticmethod
    def dump_yaml(value: Any) -> str:
        """YAML text of a value."""

    @staticmethod
    def dump_yaml_all(values: Iterable[Any]) -> str:
        """YAML text of several documents."""

@final
class Documents:
    """The documents of a stream, read as they are asked for."""

    def __iter__(self) -> Documents: ...
    def __next__(self) -> Any: ...

def check_files(
    paths: Sequence[str | PathLike[str]],
    *,
    text: bytes | None = None,
    schema: str | PathLike[str] | None = None,
    definitions: Sequence[str | PathLike[str]] | None = None,
    scalars: str = "core",
) -> list[tuple[Any, ...]]:
    """Checks files and folders; see ``code_ops.config_check`` for what the rows hold.

    Raises ConfigError for a schema or definitions that cannot be used.
    """

def lint_files(
    paths: Sequence[str | PathLike[str]],
    *,
    text: bytes | None = None,
    configuration: tuple[str, str | PathLike[str]] | None = None,
    two_readers: bool = False,
) -> list[tuple[Any, ...]]:
    """Lints files and folders; see ``code_ops.config_lint`` for what the rows hold.

    Raises ConfigError for a configuration that cannot be used.
    """

def fix_text(
    text: bytes,
    path: str,
    *,
    configuration: tuple[str, str | PathLike[str]] | None = None,
    two_readers: bool = False,
) -> bytes:
    """The text with what can be mended safely. Raises as ``lint_files`` does."""

def config_get(
    source: str | bytes | PathLike[str],
    paths: Sequence[str],
    *,
    name: str = "",
    json: bool = False,
    form: str = "raw",
    document: int | None = None,
    merge_keys: str = "keep",
) -> list[tuple[str, int, int, int] | ConfigMissingError]:
    """For each path the text, document, line and column of its value, or why there is none.

    ``source`` is bytes, or the path of a file.
    """

def config_query(
    source: str | bytes | PathLike[str],
    expression: str,
    *,
    name: str = "",
    json: bool = False,
    document: int | None = None,
    merge_keys: str = "keep",
) -> list[tuple[int, str, str, str | None, int, int]]:
    """Document, normalized path, JSON, text, line and column of each value selected."""

def config_set(
    source: str | bytes | PathLike[str],
    path: str,
    value: str,
    *,
    name: str = "",
    json: bool = False,
    value_type: str = "auto",
    create: bool = False,
    delete: bool = False,
    document: int | None = None,
    keep: str = "write",
) -> tuple[str, int, int, bytes | None]:
    """Changes or deletes one value: the difference, document, line, and the text when wanted.

    ``keep`` is what becomes of the text: ``write`` replaces the file, ``return`` returns it,
    ``drop`` does neither.
    """

def format_text(
    text: bytes,
    *,
    name: str = "",
    json: bool = False,
    indent: int = 2,
    sequences: str = "indent",
) -> bytes:
    """The text in one style; see ``code_ops.config_format``."""

def format_files(
    paths: Sequence[str | PathLike[str]],
    *,
    write: bool = True,
    indent: int = 2,
    sequences: str = "indent",
) -> list[tuple[PathLike[str], bool, tuple[str, int, int] | None]]:
    """Writes files in one style: each with whether it changed, and why it could not be read."""

def config_merge(
    sources: Sequence[tuple[str | bytes | PathLike[str], str, bool]],
    *,
    lists: str = "replace",
    nulls: str = "keep",
    indent: int = 2,
    sequences: str = "indent",
) -> bytes:
    """Merges sources, each with its name and whether it is JSON; see ``code_ops.config_merge``."""

def config_diff(
    old: tuple[str | bytes | PathLike[str], str, bool],
    new: tuple[str | bytes | PathLike[str], str, bool],
    *,
    ignore_order: bool = False,
    ignore: Sequence[str] | None = None,
    document: int | None = None,
    merge_keys: str = "keep",
) -> list[tuple[Any, ...]]:
    """Kind, document, path, new path and both sides of each difference.

    A source comes with its name and whether it is JSON; see ``code_ops.config_diff``.
    """

def config_patch(
    old: tuple[str | bytes | PathLike[str], str, bool],
    new: tuple[str | bytes | PathLike[str], str, bool],
    *,
    document: int | None = None,
    merge_keys: str = "keep",
) -> str:
    """A JSON Patch (RFC 6902) from one text's value to the other's."""

def config_convert(
    sources: Sequence[tuple[str | bytes | PathLike[str], str, str]],
    output_format: str,
    *,
    indent: int = 2,
    document: int | None = None,
    array: bool = False,
    merge_keys: str = "keep",
    special_floats: str = "error",
    drop_nulls: bool = False,
) -> bytes:
    """The documents of sources, each with its name and format, in one text of another format."""

@final
class LogAnalyzer:
    """Finds out what logs say. ``offset_seconds`` is what clocks without a zone are ahead of UTC at
    first, and ``offset_changes`` from which times on the wall they are how much ahead.

    Raises ValueError for a number of threads out of range and an encoding that is not known.
    """

    def __new__(
        cls,
        *,
        threads: int | None = None,
        offset_seconds: int = 0,
        offset_changes: list[tuple[int, int]] = ...,
        encoding: str = "auto",
        levels_from_status: bool = False,
        patterns: list[str] = ...,
    ) -> LogAnalyzer: ...
    def analyze_logs(self, content: str | bytes) -> dict[str, Any]:
        """The report on a text, which is not copied."""

    def summarize(self, content: str | bytes, matching: LogFilter | None = None) -> LogSummary:
        """The summary of a text's events that pass the filter."""

    def summarize_file(
        self, path: str | PathLike[str], matching: LogFilter | None = None
    ) -> LogSummary:
        """The summary of a file's events; raises OSError when it cannot be read."""

    def detect(self, source: str | bytes | PathLike[str]) -> dict[str, Any]:
        """Which formats a text (bytes) or a file has, and why."""

    def ask(
        self,
        source: str | bytes | PathLike[str],
        kind: str,
        matching: LogFilter,
        *,
        field: str | None = None,
        by: list[str] = ...,
        most: int = 0,
        every_seconds: int | None = None,
    ) -> LogAnswer:
        """What the events of a text (bytes) or a file answer: ``top``, ``stats``, ``histogram``."""

    def follow(
        self,
        sources: list[tuple[str | PathLike[str], str | None]],
        form: str,
        matching: LogFilter,
        *,
        columns: list[str] = ...,
        last: int = 10,
    ) -> LogFollower:
        """Follows files, each with its name if it is to be told."""

    def show(
        self,
        sources: list[tuple[str | bytes | PathLike[str], str | None]],
        form: str,
        matching: LogFilter,
        *,
        columns: list[str] = ...,
        is_merged: bool = False,
        first: int | None = None,
        last: int | None = None,
    ) -> LogChunks:
        """The events of sources, each with its name if it is to be told, written in a form."""

    def interrupted(self) -> LogSummary | None:
        """What was read of an input before Ctrl-C ended its analysis; once."""

    def interrupted_answer(self) -> LogAnswer | None:
        """What an input answered before Ctrl-C ended its reading; once."""

    def count_words(self, content: str | bytes, words: list[str]) -> list[int]:
        """How often each word stands in a text, without overlaps; raises ValueError for ""."""

@final
class LogFilter:
    """Which events are wanted. Raises ValueError for levels and patterns that cannot be read."""

    def __new__(
        cls,
        *,
        levels: str | None = None,
        since: int | None = None,
        until: int | None = None,
        found: list[str] = ...,
        not_found: list[str] = ...,
        conditions: list[str] = ...,
        offset_seconds: int = 0,
        offset_changes: list[tuple[int, int]] = ...,
        is_literal: bool = False,
        ignores_case: bool = False,
    ) -> LogFilter: ...

@final
class LogAnswer:
    """An answer; those of parts merge to that of the whole."""

    @property
    def problem(self) -> str | None:
        """Why the input was not read to its end, or None."""

    @property
    def is_full(self) -> bool:
        """Whether there were too many groups, so that it is of a part of the events."""

    def merge(self, other: LogAnswer) -> None:
        """Takes in another answer to the same question, which stays as it is."""

    def report(self) -> dict[str, Any]:
        """The counts and rows."""

@final
class LogChunks:
    """The events of inputs, written in a form: an iterator of bytes."""

    def stop(self) -> None:
        """Reads nothing more; what was read can still be taken."""

    @property
    def header(self) -> bytes:
        """The first line of CSV."""

    @property
    def events(self) -> int:
        """Events that were given so far."""

    @property
    def filtered(self) -> int:
        """Events so far that did not pass the filter."""

    @property
    def dropped(self) -> int:
        """Bytes of overlong lines so far that were left out."""

    @property
    def problems(self) -> list[tuple[int, str]]:
        """Inputs by their number that were not read to their end so far, and why."""

    def __iter__(self) -> LogChunks: ...
    def __next__(self) -> bytes: ...

@final
class LogFollower:
    """Files that are followed through rotation, truncation and deletion."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more can come: all are pipes that ended."""

    def poll(self, timeout_ms: int, counts: bool) -> tuple[bytes, int, list[tuple[int, str]]]:
        """Events that came, as they are written, their number, and what happened to files by their
        number. With ``counts`` events go to the summary and are not written."""

    def summary(self) -> LogSummary:
        """What was counted so far."""

@final
class LogSummary:
    """What many events come to; those of parts merge to that of the whole."""

    @property
    def problem(self) -> str | None:
        """Why the input was not read to its end, or None."""

    def merge(self, other: LogSummary) -> None:
        """Takes in another summary, which stays as it is."""

    def to_bytes(self) -> bytes:
        """The summary as bytes; equal ones have equal bytes."""

    @staticmethod
    def from_bytes(data: bytes) -> LogSummary:
        """The summary that the bytes are of; raises ValueError for others."""

    def compare(self, after: LogSummary) -> dict[str, Any]:
        """What has changed from this summary to another one: see ``code_ops.logs``."""

    def report(self) -> dict[str, Any]:
        """The report: see ``code_ops.logs``."""
