"""The exceptions of the library: all derive from HedgerowError."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class HedgerowError(Exception):
    """Base class of every exception that hedgerow raises on purpose."""


class InvalidInput(ValueError, HedgerowError):
    """An argument broke a rule; `argument`, `value` and `rule` say which, with what and how."""

    def __init__(self, argument: str, value: object, rule: str) -> None:
        super().__init__(argument, value, rule)
        self.argument = argument
        self.value = value
        self.rule = rule

    def __str__(self) -> str:
        return f"{self.argument} = {self.value}: {self.rule}"


class InvalidFile(InvalidInput):
    """A file can't be read at all: `argument` is its name, `value` the place, `rule` the fault."""

    def __str__(self) -> str:
        return f"{self.argument}: {self.value}: {self.rule}"


class MissingExtra(ImportError, HedgerowError):
    """A feature needs a library that is not installed; the message names the extra."""

    def __init__(self, feature: str, extra: str, module: str) -> None:
        super().__init__(f"{feature} needs {module}: pip install 'hedgerow[{extra}]'", name=module)
        self.feature, self.extra, self.module = feature, extra, module

    def __reduce__(self) -> tuple[Any, ...]:
        return MissingExtra, (self.feature, self.extra, self.module)


class JournalFault(StrEnum):
    """What is wrong with a journal."""

    NOT_A_JOURNAL = "is no journal"
    NEWER = "was written by a newer version"
    SECOND_WRITER = "has a writer already"
    DAMAGED = "is damaged"
    DISK_FULL = "can't grow"
    READ_ONLY = "is open for reading only"
    CLOSED = "is closed"
    FAILED = "can't be read or written"


class JournalError(HedgerowError):
    """A journal refused; `fault` says why, `path` where, `detail` in the system's own words.

    What was refused is not in the journal, and what is in the journal stays there.
    """

    def __init__(self, fault: JournalFault, path: str, detail: str) -> None:
        super().__init__(fault, path, detail)
        self.fault, self.path, self.detail = fault, path, detail

    def __str__(self) -> str:
        return f"{self.path} {self.fault.value}: {self.detail}"
