"""Tables of finished text, with one way to write numbers for terminal and page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ABSENT = "-"
_SCALES = ((1e11, 1e9, "bn"), (1e8, 1e6, "m"), (1e5, 1e3, "k"))


@dataclass(frozen=True)
class Column:
    """A title, the unit of its numbers, and a text per row; numbers stand at the right."""

    title: str
    unit: str
    cells: tuple[str, ...]
    number: bool = True
    wraps: bool = False


@dataclass(frozen=True)
class Table:
    """Columns of one length; the last row is a sum where `total`. `note` says what is not shown."""

    title: str
    columns: tuple[Column, ...]
    total: bool = False
    note: str = ""

    def __len__(self) -> int:
        return len(self.columns[0].cells) if self.columns else 0


@dataclass(frozen=True)
class Section:
    """What answers one of the reader's questions: sentences, then tables."""

    name: str
    title: str
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


def scale(values: npt.ArrayLike) -> tuple[float, str]:
    """A divisor that leaves at most five figures before the point, and its sign: k, m or bn."""
    largest = _largest(values)
    for threshold, divisor, sign in _SCALES:
        if largest >= threshold:
            return divisor, sign
    return 1.0, ""


def fixed(values: npt.ArrayLike) -> tuple[str, ...]:
    """Numbers with the same decimals, about four figures for the largest of them."""
    numbers = np.atleast_1d(np.asarray(values, dtype=float))
    largest = _largest(numbers)
    whole = bool(np.all(np.isnan(numbers) | np.isinf(numbers) | (numbers == np.round(numbers))))
    places = 0
    if not whole:
        steps = ((1000.0, 0), (100.0, 1), (1.0, 2), (0.01, 4))
        places = next((count for least, count in steps if largest >= least), 6)
    return tuple(_number(number, places) for number in numbers.tolist())


def money(title: str, values: npt.ArrayLike, currency: str, per: str = "") -> Column:
    """A column of amounts, scaled; `per` completes the unit, as in USD k/day."""
    divisor, sign = scale(values)
    unit = f"{currency} {sign}".strip() + per
    return Column(title, unit, fixed(np.asarray(values, dtype=float) / divisor))


def number(title: str, values: npt.ArrayLike, unit: str = "") -> Column:
    """A column of numbers, scaled."""
    divisor, sign = scale(values)
    cells = fixed(np.asarray(values, dtype=float) / divisor)
    return Column(title, f"{sign} {unit}".strip(), cells)


def exact(title: str, values: npt.ArrayLike, figures: int = 8) -> Column:
    """A column of numbers as they are, such as strikes and prices, each to so many figures."""
    numbers = [float(f"{x:.{figures}g}") for x in np.asarray(values, dtype=float).tolist()]
    return Column(title, "", tuple(f"{x:,.10g}" if x == x else ABSENT for x in numbers))


def count(title: str, values: npt.ArrayLike) -> Column:
    """A column of whole numbers."""
    return Column(title, "", tuple(f"{value:,.0f}" for value in np.asarray(values).tolist()))


def text(title: str, values: Iterable[object]) -> Column:
    """A column of words."""
    cells = tuple(str(value) or ABSENT for value in values)
    return Column(title, "", cells, number=False, wraps=True)


def instants(title: str, values: npt.ArrayLike) -> Column:
    """A column of instants, to the minute."""
    cells = [instant(value) for value in np.asarray(values, dtype="datetime64[ns]")]
    return Column(title, "", tuple(cells), number=False)


def instant(value: np.datetime64) -> str:
    """An instant in UTC, to the minute."""
    if np.isnat(value):
        return ABSENT
    return str(value.astype("datetime64[m]")).replace("T", " ")


def day(expiry: np.datetime64) -> str:
    """As 15 Jan 21, the way expiries are spoken of."""
    return (
        "no expiry"
        if np.isnat(expiry)
        else expiry.astype("datetime64[s]").item().strftime("%d %b %y")
    )


def minus(text: str) -> str:
    """With typographic minus signs before numbers, and a dash for what is absent."""
    if text == ABSENT:
        return "\N{EN DASH}"
    return re.sub(r"(?<![\w)\]-])-(?=\d)", "\N{MINUS SIGN}", text)


def amount(value: float, currency: str = "") -> str:
    """One amount in a sentence, as 1.23 m USD."""
    steps = ((1e9, "bn"), (1e6, "m"), (1e4, "k"))
    divisor, sign = next(
        ((1e3 if sign == "k" else least, sign) for least, sign in steps if abs(value) >= least),
        (1.0, ""),
    )
    if not np.isfinite(value):
        return _number(value, 0)
    return " ".join(part for part in (fixed(value / divisor)[0], sign, currency) if part)


def _number(value: float, places: int) -> str:
    if value != value:
        return ABSENT
    if np.isinf(value):
        return "unbounded"
    shown = f"{value:,.{places}f}"
    return shown.removeprefix("-") if not shown.strip("-0.,") else shown


def _largest(values: npt.ArrayLike) -> float:
    numbers = np.abs(np.asarray(values, dtype=float))
    return float(np.max(numbers, where=np.isfinite(numbers), initial=0.0))
