"""Quotes: what a venue shows of its contracts at one instant, before any model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import numpy as np
import numpy.typing as npt

from hedgerow._core import Contract, Contracts, DiscountCurve, Loss, Snapshot, symbol
from hedgerow.calibrate.rows import UnderlyingRows, rows_of
from hedgerow.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

    from hedgerow.calibrate.fit_report import FitReport
    from hedgerow.calibrate.model import Model
    from hedgerow.calibrate.report import MarketReport
    from hedgerow.rejected import Rejected

Numbers = npt.NDArray[np.float64]
Instants = npt.NDArray[np.datetime64]

_PRICES = ("bid", "ask", "mark", "forward", "index")
_PICKLE_VERSION = 2


class MarketOptions(TypedDict, total=False):
    """The options of `hedgerow.calibrate.market`, which says what they mean."""

    reporting: str
    rates: Mapping[str, float] | None
    discount: DiscountCurve | Mapping[str, DiscountCurve] | None
    widest: float
    max_age: np.timedelta64 | timedelta | None


class Quotes:
    """Two-sided quotes of distinct contracts at one instant, as immutable columns.

    `bid`, `ask` and `mark` are in each contract's own price currency: coin for inverse options,
    the quote currency for everything else. A side that is absent is NaN. `forward` and `index` are
    the venue's own numbers beside a row, in the quote currency, where it publishes any. `quoted_at`
    is when each row was last heard of, NaT where that is not known. A zero bid and a crossed quote
    are facts and are kept; `market` decides what is usable and says so.

    Raises InvalidInput when columns differ in length, a contract appears twice, or a number is
    negative or infinite.
    """

    __slots__ = ("_as_of", "_columns", "_contracts", "_listed", "_quoted_at", "_rejected", "_terms")

    def __init__(
        self,
        as_of: str | datetime | np.datetime64,
        contracts: Iterable[Contract] | Contracts,
        bid: npt.ArrayLike,
        ask: npt.ArrayLike,
        *,
        mark: npt.ArrayLike | None = None,
        forward: npt.ArrayLike | None = None,
        index: npt.ArrayLike | None = None,
        quoted_at: npt.ArrayLike | None = None,
        rejected: Rejected | None = None,
    ) -> None:
        self._terms = contracts if isinstance(contracts, Contracts) else _distinct(contracts)
        self._contracts: tuple[Contract, ...] | None = None
        self._listed: tuple[UnderlyingRows, ...] | None = None
        self._quote(as_of, (bid, ask, mark, forward, index), quoted_at)
        self._rejected = rejected

    def _quote(
        self,
        as_of: str | datetime | np.datetime64,
        given: Iterable[npt.ArrayLike | None],
        quoted_at: npt.ArrayLike | None,
    ) -> None:
        # The core reads instants; an empty snapshot has one.
        self._as_of = Snapshot(as_of=as_of, markets=[]).as_of
        self._columns = {
            name: None if values is None else _column(name, values, len(self))
            for name, values in zip(_PRICES, given, strict=True)
        }
        self._quoted_at = None if quoted_at is None else _instants(quoted_at, len(self))

    def at(
        self,
        as_of: str | datetime | np.datetime64,
        bid: npt.ArrayLike,
        ask: npt.ArrayLike,
        *,
        mark: npt.ArrayLike | None = None,
        forward: npt.ArrayLike | None = None,
        index: npt.ArrayLike | None = None,
        quoted_at: npt.ArrayLike | None = None,
    ) -> Quotes:
        """The same contracts, quoted anew: columns as in the constructor, rows in this order.

        What the contracts are is not looked at again, which is most of the work of a small fit.
        """
        made = Quotes.__new__(Quotes)
        made._terms, made._contracts, made._listed = self._terms, self._contracts, self.listed
        made._quote(as_of, (bid, ask, mark, forward, index), quoted_at)
        made._rejected = None
        return made

    @property
    def as_of(self) -> np.datetime64:
        """When the quotes stood, in UTC."""
        return self._as_of

    @property
    def contracts(self) -> tuple[Contract, ...]:
        """The quoted contracts, a row each."""
        if self._contracts is None:
            self._contracts = tuple(self._terms.tolist())
        return self._contracts

    @property
    def listed(self) -> tuple[UnderlyingRows, ...]:
        """Which rows belong to which underlying and expiry; by underlying, in order."""
        if self._listed is None:
            self._listed = rows_of(self._terms)
        return self._listed

    @property
    def bid(self) -> Numbers:
        """The best bids; NaN where there is none."""
        return self._column("bid")

    @property
    def ask(self) -> Numbers:
        """The best asks; NaN where there is none."""
        return self._column("ask")

    @property
    def mid(self) -> Numbers:
        """The middles of bid and ask; NaN where a side is absent."""
        return 0.5 * self.bid + 0.5 * self.ask

    @property
    def mark(self) -> Numbers:
        """The venue's fair prices; NaN where it publishes none."""
        return self._column("mark")

    @property
    def forward(self) -> Numbers:
        """The venue's forward prices for each row's expiry; NaN where it publishes none."""
        return self._column("forward")

    @property
    def index(self) -> Numbers:
        """The venue's spot prices of each row's underlying; NaN where it publishes none."""
        return self._column("index")

    @property
    def quoted_at(self) -> Instants:
        """When each row was last heard of, in UTC; NaT where that is not known."""
        if self._quoted_at is None:
            return _frozen_instants(np.full(len(self), "NaT", dtype="datetime64[ns]"))
        return self._quoted_at

    def older_than(self, age: np.timedelta64 | timedelta | None) -> npt.NDArray[np.bool_]:
        """Which rows are older than this at `as_of`; none for None, or of unknown age.

        Raises InvalidInput when the age is not positive, or no row's is known.
        """
        if age is None:
            return np.zeros(len(self), dtype=bool)
        if not isinstance(age, np.timedelta64 | timedelta):
            raise InvalidInput("max_age", age, "must be a timedelta: a number has no unit")
        limit = np.timedelta64(age).astype("timedelta64[ns]")
        if not limit > np.timedelta64(0, "ns"):
            raise InvalidInput("max_age", age, "must be positive")
        if self._quoted_at is None:
            raise InvalidInput("max_age", age, "needs quotes that tell their time: `quoted_at`")
        return np.asarray(self._as_of - self._quoted_at > limit)

    @property
    def rejected(self) -> Rejected | None:
        """The report of the rows of the file that did not become quotes, where a file was read."""
        return self._rejected

    @property
    def underlyings(self) -> tuple[str, ...]:
        """What is quoted, in alphabetical order."""
        return tuple(one.underlying for one in self.listed)

    def select(self, keep: npt.ArrayLike) -> Quotes:
        """The quotes where a mask is true, or at row numbers, in that order."""
        chosen = np.asarray(keep)
        rows = np.arange(len(self))[chosen if chosen.size else chosen.astype(np.intp)]
        columns: dict[str, Any] = {
            name: None if values is None else values[rows] for name, values in self._columns.items()
        }
        terms, places = self._terms.used_by(rows.astype(np.int32))
        _require_distinct(places, terms)
        quoted_at = None if self._quoted_at is None else self._quoted_at[rows]
        return Quotes(self._as_of, terms, rejected=self._rejected, quoted_at=quoted_at, **columns)

    def on(self, *underlyings: str) -> Quotes:
        """The quotes on these underlyings alone; InvalidInput when one is not quoted."""
        for wanted in underlyings:
            if wanted not in self.underlyings:
                raise InvalidInput("underlyings", wanted, "must be quoted")
        names, codes = self._terms.column("underlying")
        return self.select(np.isin(np.asarray(names)[codes], underlyings))

    def snapshot(self, **options: Unpack[MarketOptions]) -> Snapshot:
        """The market that these quotes imply: `hedgerow.calibrate.market` without its report."""
        return self.market(**options)[0]

    def market(self, **options: Unpack[MarketOptions]) -> tuple[Snapshot, MarketReport]:
        """The market that these quotes imply, and how: see `hedgerow.calibrate.market`."""
        from hedgerow.calibrate.snapshot import market

        return market(self, **options)

    def calibrate(
        self,
        *,
        model: Model | str = "svi",
        arbitrage_free: bool = True,
        loss: Loss = Loss.SQUARES,
        last: FitReport | None = None,
        **options: Unpack[MarketOptions],
    ) -> tuple[Snapshot, FitReport]:
        """The market with a model's smiles: see `hedgerow.calibrate.calibrate`."""
        from hedgerow.calibrate.calibration import calibrate

        return calibrate(
            self, model=model, arbitrage_free=arbitrage_free, loss=loss, last=last, **options
        )

    def __len__(self) -> int:
        return len(self._terms)

    def __repr__(self) -> str:
        bad = f", {len(self._rejected.lines):,} rows rejected" if self._rejected else ""
        lines = [f"Quotes(as_of {shown(self._as_of)}, {len(self):,} quotes{bad}"]
        for listed in self.listed:
            lines += _summary(listed)
        return "\n".join(lines) + ")"

    def __reduce__(self) -> tuple[Any, ...]:
        columns = {
            name: None if values is None else values.tobytes()
            for name, values in self._columns.items()
        }
        columns["quoted_at"] = None if self._quoted_at is None else self._quoted_at.tobytes()
        instant = int(self._as_of.astype(np.int64))
        return _restore, (_PICKLE_VERSION, instant, self.contracts, columns, self._rejected)

    def _column(self, name: str) -> Numbers:
        values = self._columns[name]
        return _frozen(np.full(len(self), np.nan)) if values is None else values


def _restore(
    version: int,
    as_of: int,
    contracts: tuple[Contract, ...],
    columns: dict[str, bytes | None],
    rejected: Rejected | None,
) -> Quotes:
    """Reads what any version so far has pickled; a new layout gets a new number here."""
    if not 1 <= version <= _PICKLE_VERSION:
        raise InvalidInput("version", version, "is newer than this version of hedgerow reads")
    quoted_at = columns.pop("quoted_at", None)  # absent in version 1
    numbers: dict[str, Any] = {
        name: None if values is None else np.frombuffer(values) for name, values in columns.items()
    }
    instants = None if quoted_at is None else np.frombuffer(quoted_at, dtype="datetime64[ns]")
    as_of_instant = np.datetime64(as_of, "ns")
    return Quotes(as_of_instant, contracts, rejected=rejected, quoted_at=instants, **numbers)


def _distinct(contracts: Iterable[Contract]) -> Contracts:
    terms, places = Contracts.of(contracts)
    _require_distinct(places, terms)
    return terms


def _require_distinct(places: npt.NDArray[Any], terms: Contracts) -> None:
    """InvalidInput for the first row whose contract stands in an earlier one."""
    if len(places) == len(terms):
        return
    row = int(np.argmax(places != np.arange(len(places))))
    rule = f"must be distinct: contracts[{places[row]}] is the same"
    raise InvalidInput(f"contracts[{row}]", symbol(terms[places[row]]), rule)


def _column(name: str, values: npt.ArrayLike, length: int) -> Numbers:
    column = np.array(values, dtype=np.float64)
    if column.shape != (length,):
        rule = f"must be one-dimensional, a number per contract ({length})"
        raise InvalidInput(name, f"shape {column.shape}", rule)
    wrong = np.flatnonzero((column < 0) | np.isinf(column))
    if wrong.size:
        rule = "must be finite and not negative, or NaN where absent"
        raise InvalidInput(f"{name}[{wrong[0]}]", column[wrong[0]], rule)
    return _frozen(column)


def _instants(values: npt.ArrayLike, length: int) -> Instants:
    column = np.array(values, dtype="datetime64[ns]")
    if column.shape != (length,):
        rule = f"must be one-dimensional, an instant per contract ({length})"
        raise InvalidInput("quoted_at", f"shape {column.shape}", rule)
    return _frozen_instants(column)


def _frozen_instants(column: Instants) -> Instants:
    column.setflags(write=False)
    return column


def _frozen(column: Numbers) -> Numbers:
    column.setflags(write=False)
    return column


def shown(instant: np.datetime64) -> str:
    """To the minute, or to the second where that says more."""
    return str(instant.astype("datetime64[s]")).removesuffix(":00") + "Z"


def _summary(listed: UnderlyingRows) -> list[str]:
    """The quotes of one underlying by expiry, in lines of at most 80 columns."""
    expiries = {one.expiry: len(one.rows) for one in listed.expiries}
    without = len(listed.rows) + listed.others - sum(expiries.values())
    noun = "expiry" if len(expiries) == 1 else "expiries"
    rest = f", {without} without" if without else ""
    lines = [f"  {listed.underlying}: {len(expiries)} {noun}{rest}"]
    cells = [f"{shown(expiry)} {count:5d}" for expiry, count in expiries.items()]
    lines += ["    " + "   ".join(cells[i : i + 3]) for i in range(0, len(cells), 3)]
    return lines
