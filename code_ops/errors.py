"""The exceptions of code-ops. The native engine raises these same classes.

    CodeOpsError
    ├── TargetError (ValueError)      a target or port list that cannot be read
    ├── ConfigError (ValueError)      a text that is no YAML or JSON, or goes past a limit
    │   ├── ConfigMissingError (LookupError)  a path that leads to no value
    │   ├── ConfigRequestError        a path, query or value that cannot be read
    │   └── ConfigChangeError         a change that was not made: its result is not as wanted
    ├── LogConditionError (ValueError)  a condition on logs that cannot be read
    ├── PasswordError (ValueError)    costs of a hash, or a budget, that cannot be met
    ├── PasswordInputError (ValueError)  columns of passwords that are not there
    ├── VaultError (ValueError)       what is no key or vault, or cannot be opened
    │   ├── VaultMissingError (LookupError)  a secret that is not there
    │   ├── VaultClosedError          a vault that nothing given opens
    │   ├── VaultChangedError         a vault or secret that is not as it was signed
    │   │   └── VaultOlderError       an old file that was put back
    │   ├── VaultRequestError         a name, label or value that no vault takes
    │   └── VaultTradeError           what another tool's file cannot carry, or no names
    ├── GitError (RuntimeError)       git is not there, or refuses
    ├── EngineError (RuntimeError)    the wanted engine is not there, or lacks the call
    ├── CheckpointError (ValueError)  a resume file that belongs to another scan or is damaged
    └── SettingsError (ValueError)    a code-ops.toml that cannot be read

    BatchInterrupted (KeyboardInterrupt)  Ctrl-C in a batch; what was done is in it

A closed port or a name that does not resolve is a result, never an exception, and so is a password
that does not match.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "BatchInterrupted",
    "CheckpointError",
    "CodeOpsError",
    "ConfigChangeError",
    "ConfigError",
    "ConfigMissingError",
    "ConfigRequestError",
    "EngineError",
    "GitError",
    "LogConditionError",
    "PasswordError",
    "PasswordInputError",
    "SettingsError",
    "TargetError",
    "VaultChangedError",
    "VaultClosedError",
    "VaultError",
    "VaultMissingError",
    "VaultOlderError",
    "VaultRequestError",
    "VaultTradeError",
]


class CodeOpsError(Exception):
    """Base of everything code-ops raises on purpose."""


class TargetError(CodeOpsError, ValueError):
    """A target or port list that cannot be read.

    ``source`` is the file's name or ``""``; ``line`` and ``column`` count from 1,
    columns in characters.
    """

    def __init__(self, message: str, source: str = "", line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}:{self.column}: " if self.source else ""
        return f"{place}{self.message}"


class ConfigError(CodeOpsError, ValueError):
    """A text that is no YAML or JSON, goes past a limit, or a value that has no such text.

    ``source`` is the file's name or ``""``; ``line`` and ``column`` count from 1, columns in
    characters, and are 0 where there is no text. ``excerpt`` is the line around the place,
    ``hint`` what would help, or None.
    """

    def __init__(
        self,
        message: str,
        source: str = "",
        line: int = 0,
        column: int = 0,
        excerpt: str = "",
        hint: str | None = None,
    ) -> None:
        # All of them, so that copies and pickles are whole.
        super().__init__(message, source, line, column, excerpt, hint)
        self.message = message
        self.source = source
        self.line = line
        self.column = column
        self.excerpt = excerpt
        self.hint = hint

    def __str__(self) -> str:
        source = f"{self.source}:" if self.source else ""
        place = f"{source}{self.line}:{self.column}: " if self.line else f"{source} ".lstrip()
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.message}{hint}"


class ConfigMissingError(ConfigError, LookupError):
    """A path that leads to no value; the place is that of the last value on it."""


class ConfigRequestError(ConfigError):
    """A path, a query or a new value that cannot be read; the message has the column."""


class ConfigChangeError(ConfigError):
    """A change that was not made: its result is not as wanted, or the file changed meanwhile."""


class LogConditionError(CodeOpsError, ValueError):
    """A condition on logs that cannot be read; ``column`` counts characters from 1."""

    def __init__(self, message: str, text: str = "", column: int = 1) -> None:
        super().__init__(message, text, column)
        self.message = message
        self.text = text
        self.column = column

    def __str__(self) -> str:
        return f"{self.message} at column {self.column} of `{self.text}`"


class PasswordError(CodeOpsError, ValueError):
    """What a hash shall cost is out of range, or goes beyond the budget of memory."""


class PasswordInputError(CodeOpsError, ValueError):
    """A header of passwords or hashes that cannot be read, or lacks a column."""


class VaultError(CodeOpsError, ValueError):
    """What is no key or no vault, what cannot be opened, or what is not as it was signed."""


class VaultMissingError(VaultError, LookupError):
    """A secret that is not there."""


class VaultClosedError(VaultError):
    """A vault that nothing given opens."""


class VaultChangedError(VaultError):
    """A vault or a secret that is not as it was signed."""


class VaultOlderError(VaultChangedError):
    """A vault of an older generation than one that was seen: an old file was put back."""


class VaultRequestError(VaultError):
    """A name, a label or a value that no vault takes."""


class VaultTradeError(VaultError):
    """Keys that are no names, or secrets that another tool's form cannot carry.

    ``problems`` has a line for each, ``hint`` what would help, or an empty text.
    """

    def __init__(self, problems: list[str], hint: str = "") -> None:
        super().__init__(problems, hint)
        self.problems = problems
        self.hint = hint

    def __str__(self) -> str:
        more = f"; and {len(self.problems) - 1:,} more" if len(self.problems) > 1 else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.problems[0]}{more}{hint}"


class BatchInterrupted(KeyboardInterrupt):
    """Ctrl-C in the middle of a batch.

    ``results`` has what was done at its place, and None where nothing was.
    """

    def __init__(self, results: list[Any]) -> None:
        super().__init__()
        self.results = results


class GitError(CodeOpsError, RuntimeError):
    """Git is not there, or does not do what is wanted; the message is its own."""


class EngineError(CodeOpsError, RuntimeError):
    """The wanted engine is not there, or does not offer this call."""


class CheckpointError(CodeOpsError, ValueError):
    """A resume file that belongs to another scan or is damaged."""


class SettingsError(CodeOpsError, ValueError):
    """A code-ops.toml that cannot be read, or an option in it that no command has."""
