"""What the fields of an event may hold: one reader per kind of field, which checks and converts.

A reader takes the name of the argument and what was given, and returns what the event keeps; it
raises InvalidInput naming the argument, the value and the rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NoReturn, TypeVar, get_args

import numpy as np

from hedgerow import _core
from hedgerow.errors import InvalidInput

Reader = Callable[[str, Any], Any]
Choice = TypeVar("Choice", bound=Enum)

_NANOSECONDS = np.dtype("datetime64[ns]")
_CONTRACTS = get_args(_core.Contract)


class Tags(dict[str, str]):
    """Names and values that mark a position, as strategy and trader: a dict that never changes."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        """Raise TypeError: tags of an event never change."""
        raise TypeError("tags of an event can't change")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return Tags, (dict(self),)


NO_TAGS = Tags()


def read_instant(argument: str, value: Any) -> np.datetime64:
    """An instant: numpy.datetime64 or ISO 8601 text (UTC without a zone), or an aware datetime."""
    if type(value) is np.datetime64 and value.dtype == _NANOSECONDS and value.item() is not None:
        return value
    try:
        # The core reads instants in one place; the expiry of a future is a door to it.
        return _core.Future("instant", value).expiry
    except InvalidInput as error:
        raise InvalidInput(argument, value, error.rule) from None
    except TypeError:
        raise InvalidInput(argument, value, "must be an instant") from None


def read_number(argument: str, value: Any) -> float:
    """A finite number."""
    if type(value) is not float:
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise InvalidInput(argument, value, "must be a number")
        try:
            value = float(value)
        except OverflowError:
            value = math.inf
    if not math.isfinite(value):
        raise InvalidInput(argument, value, "must be finite")
    return value  # type: ignore[no-any-return]


def read_nonzero(argument: str, value: Any) -> float:
    """A finite number other than zero."""
    number = read_number(argument, value)
    if number == 0.0:
        raise InvalidInput(argument, value, "must not be zero")
    return number


def read_positive(argument: str, value: Any) -> float:
    """A finite number above zero."""
    number = read_number(argument, value)
    if not number > 0.0:
        raise InvalidInput(argument, value, "must be positive")
    return number


def read_label(argument: str, value: Any) -> str:
    """Printable text, which may be empty."""
    if type(value) is not str:
        if not isinstance(value, str):
            raise InvalidInput(argument, value, "must be text")
        value = str(value)
    text: str = value
    if not text.isprintable():
        raise InvalidInput(argument, ascii(text), "must be printable")
    return text


def read_name(argument: str, value: Any) -> str:
    """Printable text that is not empty."""
    text = read_label(argument, value)
    if not text:
        raise InvalidInput(argument, '""', "must not be empty")
    return text


def read_tags(argument: str, value: Any) -> Tags:
    """Names and values, both printable and not empty."""
    if type(value) is Tags:
        return value
    if not isinstance(value, Mapping):
        raise InvalidInput(argument, value, "must map names to values")
    if not value:
        return NO_TAGS
    return Tags(
        sorted((read_name(argument, k), read_name(f"{argument}[{k}]", v)) for k, v in value.items())
    )


def read_flag(argument: str, value: Any) -> bool:
    """True or False, nothing that is merely like them."""
    if not isinstance(value, bool | np.bool_):
        raise InvalidInput(argument, value, "must be True or False")
    return bool(value)


def read_contract(argument: str, value: Any) -> _core.Contract:
    """A contract."""
    if not isinstance(value, _CONTRACTS):
        raise InvalidInput(argument, value, "must be a contract")
    return value  # type: ignore[no-any-return]


def read_snapshot(argument: str, value: Any) -> _core.Snapshot:
    """A market."""
    if not isinstance(value, _core.Snapshot):
        raise InvalidInput(argument, value, "must be a Snapshot")
    return value


def read_choice(choices: type[Choice]) -> Callable[[str, Any], Choice]:
    """The reader of a member of an enum, or of its value."""

    def read(argument: str, value: Any) -> Choice:
        try:
            return choices(value)
        except ValueError:
            rule = f"must be one of {', '.join(str(choice.value) for choice in choices)}"
            raise InvalidInput(argument, value, rule) from None

    return read
