"""A book against a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgerow import _core, desk
from hedgerow._core import Snapshot, Status
from hedgerow.errors import InvalidInput
from hedgerow.portfolio.book import Book, intern
from hedgerow.portfolio.frame import Frame, format_table

MEASURES: tuple[str, ...] = _core.measures
ADDITIVE: tuple[str, ...] = MEASURES[MEASURES.index("value") :]
"""The measures that may be summed over positions of any currency."""

Key = str | Callable[[Frame], Sequence[Any]]
"""What to net by: a name, or a function from the frame of contracts to a label for each."""


def value(book: Book, snapshot: Snapshot) -> Valuation:
    """Values every position of a book: price, value, Greeks and a status per row.

    What is asked of the Valuation is computed then: columns and statuses from the values of all
    contracts, which are kept; sums by key without them, block by block, in the memory of the sums.
    Runs on all threads (set_num_threads) without the GIL; the result has the same bits for any
    number of them. Rows that can't be valued say why in `status` and are in no sum; nothing raises.
    Valuation says the units, hedgerow.black the formulas and their sources.
    """
    return Valuation(book, snapshot)


class Valuation:
    """The values of a book's positions; columns are NumPy arrays, made when asked for.

    `price` is as the contract is quoted, `native_value` and `native_pnl` are in the contract's
    currency, everything else in the snapshot's reporting currency. Greeks are raw derivatives of
    the position's value, times signed quantity and multiplier; hedgerow.desk has the desk's units.
    NaN where a row's `status` is neither OK nor EXPIRED.
    """

    def __init__(self, book: Book, snapshot: Snapshot) -> None:
        self.book = book
        self.snapshot = snapshot
        self._core = _core.Valuation(book._core, snapshot)

    def __len__(self) -> int:
        return len(self._core)

    def __getattr__(self, name: str) -> npt.NDArray[np.float64]:
        if name in MEASURES:
            return self._core.column(name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *MEASURES]

    @property
    def currency(self) -> str:
        """The reporting currency."""
        return self._core.currency

    @property
    def as_of(self) -> np.datetime64:
        """The snapshot's instant."""
        return self._core.as_of

    @property
    def status(self) -> npt.NDArray[np.uint8]:
        """Per position, a Status code."""
        return self._core.status

    def status_counts(self) -> dict[Status, int]:
        """How many positions have each status that occurs."""
        codes, counts = np.unique(self.status, return_counts=True)
        return {Status(int(code)): int(n) for code, n in zip(codes, counts, strict=True)}

    def net(self, *keys: Key, measures: Sequence[str] = ADDITIVE) -> Frame:
        """Sums by any tuple of keys; without keys, the total.

        Keys: underlying, expiry, strike, right, kind, currency, quote_currency, settlement,
        instrument; any tag of the book (strategy, account, venue, ...); or a bucket function
        that takes the frame of distinct contracts and returns one label for each.

        Returns a row per group, ordered by key: the keys, `positions`, `excluded` (not valued: in
        no sum), `unknown_cost` (in no P&L), and a column per measure.
        """
        require_measures(measures)
        coded = [code_key(self.book, key) for key in keys]
        sums = self._core.net([(codes, len(labels)) for _, labels, codes in coded], list(measures))
        first = sums.pop("first")
        columns = {name: labels[codes[first]] for name, labels, codes in coded}
        return Frame({**columns, **sums})

    def total(self) -> Mapping[str, float]:
        """The sum of everything, by measure."""
        net = self.net()
        if len(net) == 0:
            return dict.fromkeys([*net.columns], 0.0)
        return {name: float(net[name][0]) for name in net}

    def not_valued(self) -> Frame:
        """The rows of a status other than OK, with its name."""
        rows = np.flatnonzero(self.status != Status.OK)
        names = [Status(int(code)).name.lower() for code in self.status[rows]]
        frame = self.book.to_frame().take(rows)
        return Frame({"row": rows, "status": np.array(names, dtype=object), **frame.to_dict()})

    def worst(self, number: int = 10, by: str = "pnl") -> Frame:
        """The rows with the lowest `by`; rows without it are left out."""
        if by not in MEASURES:
            raise InvalidInput("measure", by, f"must be one of {', '.join(MEASURES)}")
        values = self._core.column(by)
        known = np.flatnonzero(~np.isnan(values))
        return self.to_frame().take(known[np.argsort(values[known], kind="stable")[:number]])

    def to_frame(self, measures: Sequence[str] = MEASURES) -> Frame:
        """The book's columns, the status by name, and a column per measure."""
        names = np.array([Status(code).name.lower() for code in range(len(Status))], dtype=object)
        columns = {name: self._core.column(name) for name in measures}
        return Frame({**self.book.to_frame().to_dict(), "status": names[self.status], **columns})

    def to_pandas(self) -> Any:
        """As a pandas.DataFrame."""
        return self.to_frame().to_pandas()

    def to_polars(self) -> Any:
        """As a polars.DataFrame."""
        return self.to_frame().to_polars()

    def to_arrow(self) -> Any:
        """As a pyarrow.Table."""
        return self.to_frame().to_arrow()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow PyCapsule interface."""
        return self.to_frame().__arrow_c_stream__(requested_schema)

    def __reduce__(self) -> tuple[Any, ...]:
        return Valuation, (self.book, self.snapshot)

    def __repr__(self) -> str:
        shown = ("value", "pnl", "delta", "gamma", "vega", "theta")
        net = self.net("underlying", "expiry", measures=shown)
        counts = {k.name.lower(): n for k, n in self.status_counts().items() if k != Status.OK}
        bad = "; ".join(f"{n:,} {name}" for name, n in counts.items()) or "all rows ok"
        columns = {
            "underlying": net["underlying"],
            "expiry": net["expiry"],
            "value": net["value"],
            "pnl": net["pnl"],
            "delta": net["delta"],
            "gamma": net["gamma"],
            "vega/pt": desk.vega_per_point(net["vega"]),
            "theta/d": desk.theta_per_day(net["theta"]),
        }
        as_of = f"{self.as_of.astype('datetime64[s]')}Z"
        head = f"Valuation of {len(self):,} positions as of {as_of} in {self.currency}"
        return f"{head}\n{bad}\n{format_table(columns, len(net))}"


def require_measures(names: Sequence[str]) -> None:
    """Raises InvalidInput for a name that is no measure's."""
    for name in names:
        if name not in MEASURES:
            raise InvalidInput("measure", name, f"must be one of {', '.join(MEASURES)}")


Coded = tuple[str, npt.NDArray[Any], npt.NDArray[np.uint32]]


def code_key(book: Book, key: Key) -> Coded:
    """A key as its name, its labels in their order, and a code per position."""
    if callable(key):
        name = getattr(key, "__name__", "bucket")
        labels, codes = _sorted(key(contract_frame(book)))
        if len(codes) != len(book.contracts):
            rule = f"must return a label per contract, {len(book.contracts)}"
            raise InvalidInput(name, f"{len(codes)} labels", rule)
        return name, labels, codes[book.contract]
    if key in CONTRACT_KEYS:
        column = book._core.contract_column(key)
        if key == "expiry":  # coded and in order, with none at the end
            return key, column[0].view("datetime64[ns]"), column[1][book.contract]
        if isinstance(column, tuple):  # already coded
            labels, places = _sorted(column[0])
            return key, labels, places[column[1]][book.contract]
        labels, codes = _sorted(_readable(key, column))
        return key, labels, codes[book.contract]
    if key == "instrument":
        labels, codes = _sorted(book._core.symbols)
        return key, labels, codes[book.contract]
    for name, names, tag_codes in book._core.tags:
        if name == key:
            labels, codes = _sorted(names)
            return key, labels, codes[tag_codes]
    known = ["instrument", *CONTRACT_KEYS, *(name for name, _, _ in book._core.tags)]
    raise InvalidInput("key", key, f"must be one of {', '.join(known)}, or a function")


def _sorted(values: Any) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint32]]:
    array = np.asarray(values)
    if array.dtype.kind in "US":
        array = array.astype(object)
    if array.dtype == object:  # np.unique sorts objects, but slowly and not None
        names, codes = intern(array.tolist())
        order = sorted(range(len(names)), key=lambda i: str(names[i]))
        ranks = np.empty(len(names), dtype=np.uint32)
        ranks[order] = np.arange(len(names), dtype=np.uint32)
        return np.array([names[i] for i in order], dtype=object), ranks[codes]
    labels, inverse = np.unique(array, return_inverse=True)
    return labels, inverse.astype(np.uint32)


CONTRACT_KEYS = (
    "kind",
    "underlying",
    "expiry",
    "strike",
    "right",
    "currency",
    "quote_currency",
    "settlement",
    "exercise",
    "multiplier",
)


def contract_frame(book: Book) -> Frame:
    """The distinct contracts of a book as a table: what bucket functions are given."""
    column = book._core.contract_column
    return Frame({key: _readable(key, column(key)) for key in CONTRACT_KEYS})


def _readable(key: str, column: Any) -> npt.NDArray[Any]:
    """A column of contracts with labels for codes, instants for integers, words for rights."""
    if key == "expiry":
        return np.asarray(column[0].view("datetime64[ns]")[column[1]])
    if isinstance(column, tuple):
        labels, codes = column
        return np.asarray(np.array([*labels, ""], dtype=object)[codes])
    if key == "right":
        words = np.array(["put", "", "call"], dtype=object)
        return np.asarray(words[(column + 1).astype(int)])
    return np.asarray(column)
