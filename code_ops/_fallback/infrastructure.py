"""The fallback's ``infrastructure``: the names that the native module offers."""

from __future__ import annotations

from code_ops._fallback.config import ConfigParser
from code_ops._fallback.logs import LogAnalyzer, LogSummary
from code_ops._fallback.ports import parse_ports
from code_ops._fallback.scan import Scan, ServiceScanner
from code_ops._fallback.targets import Targets

__all__ = [
    "ConfigParser",
    "LogAnalyzer",
    "LogSummary",
    "Scan",
    "ServiceScanner",
    "Targets",
    "parse_ports",
]
