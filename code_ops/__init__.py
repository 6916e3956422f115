"""Infrastructure operations: services that answer, configuration files, logs, passwords, secrets.

The command line is ``code-ops``; the library is this package. Import what you need from
the module of its noun, as in ``from code_ops.scan import ServiceScanner``, or from here.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from code_ops.config import ConfigParser
    from code_ops.errors import CodeOpsError, ConfigError, EngineError, TargetError, VaultError
    from code_ops.log_events import LogEvent, LogFilter, LogQuestion
    from code_ops.logs import LogAnalyzer, LogSummary
    from code_ops.passwords import (
        Params,
        hash_password,
        hash_passwords_batch,
        verify_batch,
        verify_password,
    )
    from code_ops.scan import ScanResult, ServiceScanner, Targets
    from code_ops.vault import SecureVault

__version__ = "0.1.0"

__all__ = [
    "CodeOpsError",
    "ConfigError",
    "ConfigParser",
    "EngineError",
    "LogAnalyzer",
    "LogEvent",
    "LogFilter",
    "LogQuestion",
    "LogSummary",
    "Params",
    "ScanResult",
    "SecureVault",
    "ServiceScanner",
    "TargetError",
    "Targets",
    "VaultError",
    "__version__",
    "hash_password",
    "hash_passwords_batch",
    "verify_batch",
    "verify_password",
]

_HOME = {
    "CodeOpsError": "code_ops.errors",
    "ConfigError": "code_ops.errors",
    "ConfigParser": "code_ops.config",
    "EngineError": "code_ops.errors",
    "LogAnalyzer": "code_ops.logs",
    "LogEvent": "code_ops.log_events",
    "LogFilter": "code_ops.log_events",
    "LogQuestion": "code_ops.log_events",
    "LogSummary": "code_ops.logs",
    "Params": "code_ops.passwords",
    "TargetError": "code_ops.errors",
    "ScanResult": "code_ops.scan",
    "SecureVault": "code_ops.vault",
    "ServiceScanner": "code_ops.scan",
    "Targets": "code_ops.scan",
    "VaultError": "code_ops.errors",
    "hash_password": "code_ops.passwords",
    "hash_passwords_batch": "code_ops.passwords",
    "verify_batch": "code_ops.passwords",
    "verify_password": "code_ops.passwords",
}


def __getattr__(name: str) -> Any:
    # Names load their module when first used, so that `code-ops --version` loads none.
    if name in _HOME:
        import importlib

        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
