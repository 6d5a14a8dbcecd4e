"""Quotes: what a venue shows of its contracts at one instant, before any model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import numpy as np
import numpy.typing as npt

from hedgerow._core import Cash, Contract, DiscountCurve, Future, Loss, Option, Snapshot, symbol
from hedgerow.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

    from hedgerow.calibrate.fit_report import FitReport
    from hedgerow.calibrate.model import Model
    from hedgerow.calibrate.report import MarketReport
    from hedgerow.rejected import Rejected

Numbers = npt.NDArray[np.float64]

_PICKLE_VERSION = 1


class MarketOptions(TypedDict, total=False):
    """The options of `hedgerow.calibrate.market`, which says what they mean."""

    reporting: str
    rates: Mapping[str, float] | None
    discount: DiscountCurve | Mapping[str, DiscountCurve] | None
    widest: float


class Quotes:
    """Two-sided quotes of distinct contracts at one instant, as immutable columns.

    `bid`, `ask` and `mark` are in each contract's own price currency: coin for inverse options,
    the quote currency for everything else. A side that is absent is NaN. `forward` and `index` are
    the venue's own numbers beside a row, in the quote currency, where it publishes any. A zero bid
    and a crossed quote are facts and are kept; `market` decides what is usable and says so.

    Raises InvalidInput when columns differ in length, a contract appears twice, or a number is
    negative or infinite.
    """

    __slots__ = ("_as_of", "_columns", "_contracts", "_rejected")

    def __init__(
        self,
        as_of: str | datetime | np.datetime64,
        contracts: Iterable[Contract],
        bid: npt.ArrayLike,
        ask: npt.ArrayLike,
        *,
        mark: npt.ArrayLike | None = None,
        forward: npt.ArrayLike | None = None,
        index: npt.ArrayLike | None = None,
        rejected: Rejected | None = None,
    ) -> None:
        # The core reads instants; an empty snapshot has one.
        self._as_of = Snapshot(as_of=as_of, markets=[]).as_of
        self._contracts = tuple(contracts)
        _require_distinct(self._contracts)
        given = {"bid": bid, "ask": ask, "mark": mark, "forward": forward, "index": index}
        self._columns = {
            name: None if values is None else _column(name, values, len(self._contracts))
            for name, values in given.items()
        }
        self._rejected = rejected

    @property
    def as_of(self) -> np.datetime64:
        """When the quotes stood, in UTC."""
        return self._as_of

    @property
    def contracts(self) -> tuple[Contract, ...]:
        """The quoted contracts, a row each."""
        return self._contracts

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
    def rejected(self) -> Rejected | None:
        """The report of the rows of the file that did not become quotes, where a file was read."""
        return self._rejected

    @property
    def underlyings(self) -> tuple[str, ...]:
        """What is quoted, in alphabetical order."""
        return tuple(sorted({underlying(contract) for contract in self._contracts}))

    def select(self, keep: npt.ArrayLike) -> Quotes:
        """The quotes where a mask is true, or at row numbers, in that order."""
        chosen = np.asarray(keep)
        rows = np.arange(len(self))[chosen if chosen.size else chosen.astype(np.intp)]
        columns: dict[str, Any] = {
            name: None if values is None else values[rows] for name, values in self._columns.items()
        }
        contracts = [self._contracts[row] for row in rows]
        return Quotes(self._as_of, contracts, rejected=self._rejected, **columns)

    def on(self, *underlyings: str) -> Quotes:
        """The quotes on these underlyings alone; InvalidInput when one is not quoted."""
        names = [underlying(contract) for contract in self._contracts]
        for wanted in underlyings:
            if wanted not in names:
                raise InvalidInput("underlyings", wanted, "must be quoted")
        return self.select([row for row, name in enumerate(names) if name in underlyings])

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
        return len(self._contracts)

    def __repr__(self) -> str:
        bad = f", {len(self._rejected.lines):,} rows rejected" if self._rejected else ""
        lines = [f"Quotes(as_of {shown(self._as_of)}, {len(self):,} quotes{bad}"]
        for name in self.underlyings:
            lines += _summary(name, [c for c in self._contracts if underlying(c) == name])
        return "\n".join(lines) + ")"

    def __reduce__(self) -> tuple[Any, ...]:
        columns = {
            name: None if values is None else values.tobytes()
            for name, values in self._columns.items()
        }
        instant = int(self._as_of.astype(np.int64))
        return _restore, (_PICKLE_VERSION, instant, self._contracts, columns, self._rejected)

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
    if version != _PICKLE_VERSION:
        raise InvalidInput("version", version, "is newer than this version of hedgerow reads")
    numbers: dict[str, Any] = {
        name: None if values is None else np.frombuffer(values) for name, values in columns.items()
    }
    return Quotes(np.datetime64(as_of, "ns"), contracts, rejected=rejected, **numbers)


def underlying(contract: Contract) -> str:
    """The underlying's name; for cash the currency itself."""
    return contract.currency if isinstance(contract, Cash) else contract.underlying


def _require_distinct(contracts: tuple[Contract, ...]) -> None:
    first: dict[Contract, int] = {}
    for row, contract in enumerate(contracts):
        if first.setdefault(contract, row) != row:
            rule = f"must be distinct: contracts[{first[contract]}] is the same"
            raise InvalidInput(f"contracts[{row}]", symbol(contract), rule)


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


def _frozen(column: Numbers) -> Numbers:
    column.setflags(write=False)
    return column


def shown(instant: np.datetime64) -> str:
    """To the minute, or to the second where that says more."""
    return str(instant.astype("datetime64[s]")).removesuffix(":00") + "Z"


def _summary(name: str, contracts: list[Contract]) -> list[str]:
    """The quotes of one underlying by expiry, in lines of at most 80 columns."""
    expiries = Counter(c.expiry for c in contracts if isinstance(c, Future | Option))
    without = len(contracts) - expiries.total()
    noun = "expiry" if len(expiries) == 1 else "expiries"
    rest = f", {without} without" if without else ""
    lines = [f"  {name}: {len(expiries)} {noun}{rest}"]
    cells = [f"{shown(expiry)} {expiries[expiry]:5d}" for expiry in sorted(expiries)]
    lines += ["    " + "   ".join(cells[i : i + 3]) for i in range(0, len(cells), 3)]
    return lines
