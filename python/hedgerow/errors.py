"""The exceptions of the library: all derive from HedgerowError."""

from __future__ import annotations

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
