"""A file's columns, read as text, numbers or instants; faults are collected by row."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from hedgerow import _core
from hedgerow.errors import InvalidFile, InvalidInput
from hedgerow.rejected import BadRow, Rejected

T = TypeVar("T")
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]
Lines = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Instants = npt.NDArray[np.datetime64]


class Text(NamedTuple):
    """A dictionary-encoded column: `labels[codes[i]]` is the text of row i, "" where absent.

    Whatever is to be parsed is parsed once per label, not once per row. Labels may repeat: a column
    of many different texts is not worth looking them up.
    """

    labels: _core.Texts
    codes: Codes

    @classmethod
    def of(cls, labels: Iterable[str], codes: npt.ArrayLike) -> Text:
        """From strings."""
        return cls(_core.Texts.of(labels), np.asarray(codes, dtype=np.int32))


class Unreadable(NamedTuple):
    """A column of a type that holds neither text nor numbers nor instants."""

    type: str


Raw = Text | npt.NDArray[Any] | Unreadable


def read_number(text: str) -> float:
    """A decimal number; "" and "nan" mean absent, which is NaN."""
    try:
        if "_" in text:  # Python reads 1_000, a file of figures should not
            raise ValueError
        return float(text) if text else math.nan
    except ValueError:
        raise InvalidInput("number", text, "must be a number") from None


def instant_of(value: str | datetime | np.datetime64) -> np.datetime64:
    """An instant in UTC; text is ISO 8601, and UTC unless it has an offset."""
    # The core reads instants; an empty snapshot has one.
    return _core.Snapshot(as_of=value, markets=[]).as_of


def read_instant(text: str) -> np.datetime64:
    """An instant from text; "" means absent, which is NaT."""
    return instant_of(text) if text else np.datetime64("NaT", "ns")


def shortest(values: Floats) -> Floats:
    """Undoes single precision: the shortest decimals that read back as these numbers.

    A price of 564.1 that a file keeps in four bytes is 564.099976 in eight.
    """
    single = values.astype(np.float32)
    if not np.array_equal(single, values, equal_nan=True):
        return values
    return single.astype(np.str_).astype(np.float64)


class Table:
    """Named columns of equal length with the line of each row, and the faults found so far."""

    def __init__(
        self,
        source: str,
        columns: Mapping[str, Raw],
        lines: Lines,
        *,
        place: str = "line 1",
        comments: Mapping[str, str] | None = None,
        faults: Iterable[BadRow] = (),
    ) -> None:
        self.source = source
        self.columns = dict(columns)
        self.lines = lines
        self.comments = dict(comments or {})
        self.good: Mask = np.ones(len(lines), dtype=np.bool_)
        self.notes: list[str] = []
        self._place = place  # where the names of the columns stand
        self._faults = list(faults)
        self._used: set[str] = set()

    def __len__(self) -> int:
        return len(self.lines)

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def require(self, *names: str) -> None:
        """Raises InvalidFile unless the table has all these columns."""
        for name in names:
            if name not in self.columns:
                have = ", ".join(self.columns) or "none"
                raise self.invalid(self._place, f"has no column {name!r} (columns: {have})")

    def invalid(self, place: str, what: str) -> InvalidFile:
        """The error that this file can't be read at all."""
        return InvalidFile(self.source, place, what)

    def keep(self, rows: Mask) -> None:
        """Narrows the table to some of its rows: the others are none of the reader's business."""
        self.lines, self.good = self.lines[rows], self.good[rows]
        for name, raw in self.columns.items():
            if isinstance(raw, Text):
                self.columns[name] = Text(raw.labels, raw.codes[rows])
            elif isinstance(raw, np.ndarray):
                self.columns[name] = raw[rows]

    # --- columns ---------------------------------------------------------------------------------

    def text(self, name: str) -> Text:
        """The column as text without surrounding blanks; all "" where the file lacks it."""
        raw = self._raw(name)
        if raw is None:
            return Text.of([""], np.zeros(len(self)))
        if not isinstance(raw, Text):
            values, codes = np.unique(raw, return_inverse=True)
            return Text.of(map(_print, values), codes)
        if raw.labels.trimmed():
            return raw
        return Text.of((label.strip() for label in raw.labels.tolist()), raw.codes)

    def parse(
        self, name: str, read: Callable[[str], T], reason: Callable[[InvalidInput], str]
    ) -> tuple[list[T | None], Codes]:
        """What `read` makes of each distinct text, and its place per row.

        Rows whose text is refused are rejected; their place holds None.
        """
        labels, codes = self.text(name)
        values: list[T | None] = []
        refused: dict[int, tuple[str, str]] = {}
        for code, label in enumerate(labels.tolist()):
            try:
                values.append(read(label))
            except InvalidInput as error:
                values.append(None)
                refused[code] = name, reason(error)
        self.reject_codes(codes, refused)
        return values, codes

    def numbers(self, name: str, *, required: bool = False) -> Floats:
        """The column as finite numbers, NaN where absent, which `required` does not permit.

        May be the file's own memory, which is not to be written.
        """
        values, refused = self._numbers(name)
        self.reject(np.isinf(values), name, "must be finite")
        if required:
            absent = np.isnan(values) & ~refused
            self.reject(absent, name, "must be a finite number, is absent")
        return values

    def _numbers(self, name: str) -> tuple[Floats, Mask]:
        """The column as numbers, NaN where absent or refused, and which rows were refused."""
        raw = self._raw(name)
        nothing = np.zeros(len(self), dtype=np.bool_)
        if raw is None:
            return np.full(len(self), np.nan), nothing
        if isinstance(raw, np.ndarray):
            if raw.dtype.kind not in "iuf":
                raise self.invalid(f"column {name!r}", f"must hold numbers, holds {raw.dtype}")
            return raw.astype(np.float64, copy=False), nothing
        labels, codes = self.text(name)
        numbers, unread = labels.numbers()
        faults: dict[int, tuple[str, str]] = {}
        for code in unread.tolist():  # what isn't plain decimals may still be a number, as "+1"
            try:
                numbers[code] = read_number(labels[code])
            except InvalidInput as error:
                faults[code] = name, error.rule
        self.reject_codes(codes, faults)
        refused = np.zeros(len(labels), dtype=np.bool_)
        refused[list(faults)] = True
        return numbers[codes], refused[codes] if faults else nothing

    def instants(self, name: str) -> Instants:
        """The column as instants in UTC, NaT where absent."""
        raw = self._raw(name)
        if isinstance(raw, np.ndarray) and raw.dtype.kind == "M":
            return raw.astype("datetime64[ns]")
        values, codes = self.parse(name, read_instant, lambda error: f"instant {error.rule}")
        absent = np.datetime64("NaT", "ns")
        instants = [absent if value is None else value for value in values]
        return np.array(instants, dtype="datetime64[ns]")[codes]

    def _raw(self, name: str) -> Text | npt.NDArray[Any] | None:
        self._used.add(name)
        raw = self.columns.get(name)
        if isinstance(raw, Unreadable):
            raise self.invalid(f"column {name!r}", f"can't be read: holds {raw.type}")
        return raw

    # --- faults ----------------------------------------------------------------------------------

    def reject(
        self, rows: npt.ArrayLike, column: str, reason: str, values: Sequence[str] | None = None
    ) -> None:
        """Leaves out the rows that a mask selects; `values` says what to show for each."""
        places = np.flatnonzero(rows)
        if not len(places):
            return
        self.good[places] = False
        for i, place in enumerate(places.tolist()):
            value = self._cell(column, place) if values is None else values[i]
            self._faults.append(BadRow(int(self.lines[place]), column, value, reason))

    def reject_codes(self, codes: Codes, refused: Mapping[int, tuple[str, str]]) -> None:
        """Leaves out the rows of some codes, each code with its column and reason."""
        if not refused:
            return
        places = np.flatnonzero(np.isin(codes, np.fromiter(refused, dtype=np.int32)))
        self.good[places] = False
        for place in places.tolist():
            column, reason = refused[int(codes[place])]
            value = self._cell(column, place)
            self._faults.append(BadRow(int(self.lines[place]), column, value, reason))

    def _cell(self, column: str, row: int) -> str:
        raw = self.columns.get(column)
        if isinstance(raw, Text):
            return raw.labels[int(raw.codes[row])]
        return _print(raw[row]) if isinstance(raw, np.ndarray) else ""

    def ignore(self, names: Iterable[str], why: str) -> None:
        """Notes that these columns were not read, and why."""
        listed = list(names)
        if listed:
            word = "column" if len(listed) == 1 else "columns"
            self.notes.append(f"{word} not read ({why}): {', '.join(listed)}")
            self._used.update(listed)

    def report(self) -> Rejected:
        """All faults so far; columns that nothing has asked for become a note."""
        self.ignore([name for name in self.columns if name not in self._used], "not in the schema")
        return Rejected.of(self._faults, self.source, self.notes)


def _print(value: Any) -> str:
    """A number or an instant as a file would have it; "" when absent."""
    if isinstance(value, np.datetime64):
        return "" if np.isnat(value) else f"{value}Z"
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if math.isnan(number):
            return ""
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else str(value)
    return str(value)
