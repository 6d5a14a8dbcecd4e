"""Books of positions."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from hedgerow import _core
from hedgerow.errors import InvalidInput
from hedgerow.portfolio.fold import Fold
from hedgerow.portfolio.frame import Frame, format_table

if TYPE_CHECKING:
    from hedgerow._core import Contract
    from hedgerow.rejected import Rejected

_PICKLE_VERSION = 1
_KINDS = {_core.Cash, _core.Spot, _core.Future, _core.Perpetual, _core.Option}


@dataclass(frozen=True)
class Position:
    """One row of a book: so many of a contract, entered at an average price, with its tags."""

    contract: Contract
    quantity: float
    average_price: float = float("nan")
    tags: Mapping[str, str] = field(default_factory=dict)


def intern(values: Iterable[Any]) -> tuple[list[Any], npt.NDArray[np.uint32]]:
    """Distinct values in the order of their first appearance, and a code per value."""
    numbers: dict[Any, int] = {}
    codes = [numbers.setdefault(value, len(numbers)) for value in values]
    return list(numbers), np.array(codes, dtype=np.uint32)


def price_currency(book: Book) -> npt.NDArray[np.object_]:
    """Per contract, what its price is quoted in: coin for inverse options, else quote currency."""
    column = book._core.contract_column
    (kinds, kind), (settlements, settlement) = column("kind"), column("settlement")
    labels, currency = column("currency")
    coin = (kind == kinds.index("option")) & (settlement == settlements.index("inverse"))
    codes: npt.NDArray[np.uint32] = np.where(coin, currency, column("quote_currency")[1])
    names: npt.NDArray[np.object_] = np.array([*labels, ""], dtype=object)[codes]
    return names


def _numbers(name: str, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(name, _brief(values), f"must be numbers: {error}") from None


def _contract(item: object) -> Contract:
    if isinstance(item, str):
        return _core.parse_contract(item)
    if not isinstance(item, _core.Contract):
        raise InvalidInput("instrument", repr(item), "must be a contract or its symbol")
    return item


def _contracts(items: Sequence[str | Contract]) -> tuple[_core.Contracts, npt.NDArray[np.int32]]:
    """The distinct contracts, and the place of each item's; symbols are parsed once each."""
    kinds = set(map(type, items))
    if kinds.isdisjoint((str, np.str_)):
        objects = cast("Sequence[Contract]", items) if kinds <= _KINDS else map(_contract, items)
        return _core.Contracts.of(objects)
    names, codes = intern(items)
    if kinds == {str}:
        contracts, places, refused = _core.Contracts.parse(_core.Texts.of(names))
        for place in refused:
            _contract(names[place])  # raises what is wrong with it
    else:
        contracts, places = _core.Contracts.of(map(_contract, names))
    return contracts, places[codes]


def _labels(values: Sequence[Any]) -> tuple[list[Any], npt.NDArray[np.uint32]]:
    """The distinct labels, and a code per value."""
    if set(map(type, values)) <= {str}:
        return intern(values)
    return intern(map(_label, values))


def _label(value: object) -> str:
    """A tag as text; what data frames have for an absent one (None, NaN, NA) is no text."""
    if isinstance(value, str):
        return value
    absent = value is None or type(value).__name__ in ("NAType", "NaTType") or value != value
    return "" if absent else str(value)


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


class Book:
    """Positions as columns: contract, signed quantity, average price and tags. Immutable.

    Books are an algebra: `a + b`, `a - b`, `-a`, `2 * a`, `sum(books)`; the empty book is zero, and
    equality compares what is netted, so that neither the order nor the splitting of rows matters.
    `rejected` names the rows of the file that did not make it into the book.
    """

    __slots__ = ("_core", "rejected")
    __array_ufunc__ = None  # NumPy's numbers scale a book as Python's do

    def __init__(self, core: _core.Book | None = None, rejected: Rejected | None = None) -> None:
        self._core = _core.Book() if core is None else core
        self.rejected = rejected

    @classmethod
    def from_columns(
        cls,
        instrument: Sequence[str | Contract],
        quantity: npt.ArrayLike,
        average_price: npt.ArrayLike | None = None,
        *,
        tags: Mapping[str, Sequence[str]] | None = None,
        rejected: Rejected | None = None,
    ) -> Book:
        """A book from columns of one length; symbols are parsed once each (see parse_contract).

        Without an average price the cost is unknown: positions have a value but no P&L. Raises
        InvalidInput for columns of different lengths, unreadable symbols and prices that are
        infinite, or zero where an inverse future is worth -1/price. A quantity that is not finite
        is kept, and named by its status when the book is valued.
        """
        contracts, places = _contracts(instrument)
        amounts = _numbers("quantity", quantity)
        prices = (
            np.full(amounts.shape, np.nan)
            if average_price is None
            else _numbers("average_price", average_price)
        )
        labels = [(name, *_labels(values)) for name, values in (tags or {}).items()]
        core = _core.Book.from_prices(contracts, places, amounts, prices, labels)
        return cls(core, rejected)

    @classmethod
    def from_positions(cls, positions: Iterable[Position]) -> Book:
        """A book from Position rows; a tag that some rows lack is the empty string there."""
        rows = list(positions)
        names = list(dict.fromkeys(name for row in rows for name in row.tags))
        return cls.from_columns(
            [row.contract for row in rows],
            [row.quantity for row in rows],
            [row.average_price for row in rows],
            tags={name: [row.tags.get(name, "") for row in rows] for name in names},
        )

    @classmethod
    def from_frame(cls, frame: Any) -> Book:
        """A book from any data frame with the columns instrument, quantity and, where known,
        average_price; every other column is a tag, as text, "" where it is absent.
        """  # noqa: D205
        table = Frame.from_any(frame)
        for name in ("instrument", "quantity"):
            if name not in table:
                raise InvalidInput("frame", table.columns, f"must have a column {name!r}")
        known = {"instrument", "quantity", "average_price"}
        return cls.from_columns(
            table["instrument"].tolist(),
            table["quantity"],
            table.get("average_price"),
            tags={name: table[name].tolist() for name in table if name not in known},
        )

    # --- columns -----------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._core)

    @property
    def quantity(self) -> npt.NDArray[np.float64]:
        """Signed number of contracts per position."""
        return self._core.quantity

    @property
    def average_price(self) -> npt.NDArray[np.float64]:
        """Average entry price per position, as the contract is quoted; NaN where unknown."""
        return self._core.average_price

    @property
    def cost(self) -> npt.NDArray[np.float64]:
        """What adds up: quantity times the worth of one unit at entry (see the C++ Book)."""
        return self._core.cost

    @property
    def contracts(self) -> list[Contract]:
        """The distinct contracts."""
        return self._core.contracts

    @property
    def contract(self) -> npt.NDArray[np.uint32]:
        """Per position, the index into `contracts`."""
        return self._core.contract

    @property
    def instrument(self) -> npt.NDArray[np.object_]:
        """Per position, the contract's symbol."""
        return np.array(self._core.symbols, dtype=object)[self.contract]

    @property
    def tags(self) -> dict[str, npt.NDArray[np.object_]]:
        """Per tag, its label for every position."""
        return {
            name: np.array(labels, dtype=object)[codes] for name, labels, codes in self._core.tags
        }

    def __iter__(self) -> Iterator[Position]:
        contracts, tags = self._core.contracts, self._core.tags  # made anew whenever asked for
        rows = zip(self.contract, self.quantity, self.average_price, strict=True)
        for i, (contract, quantity, price) in enumerate(rows):
            labels = {name: names[codes[i]] for name, names, codes in tags}
            yield Position(contracts[contract], float(quantity), float(price), labels)

    def __getitem__(self, row: int) -> Position:
        row = operator.index(row)
        if not -len(self) <= row < len(self):
            raise IndexError(row)
        return Position(
            self._core.contracts[self._core.contract[row]],
            float(self._core.quantity[row]),
            float(self._core.average_price[row]),
            {name: labels[codes[row]] for name, labels, codes in self._core.tags},
        )

    # --- algebra -----------------------------------------------------------------------------

    def __add__(self, other: Book) -> Book:
        if not isinstance(other, Book):
            return NotImplemented
        return Book(self._core.add(other._core))

    def __radd__(self, other: object) -> Book:
        return self if other == 0 else NotImplemented  # sum() begins with 0

    def __sub__(self, other: Book) -> Book:
        return self + -other

    def __neg__(self) -> Book:
        return self * -1.0

    def __mul__(self, factor: float) -> Book:
        if not isinstance(factor, Real):
            return NotImplemented
        return Book(self._core.scaled(float(factor)))

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return self._core.equals(other._core) if isinstance(other, Book) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    # --- netting -----------------------------------------------------------------------------

    def net(self, *tags: str) -> Book:
        """Merges positions of one contract and the same values of the named tags; drops others."""
        return Book(self._core.net(list(tags)))

    def legal(self) -> Book:
        """The legal net: what closes what at a venue, in an account."""
        return self.net("venue", "account")

    def economic(self) -> Book:
        """The economic net: one position per economic contract, across venues and accounts."""
        return self.net()

    def select(self, keep: npt.ArrayLike) -> Book:
        """The positions where `keep` is true."""
        return Book(self._core.select(np.asarray(keep, dtype=bool)))

    def fold(self) -> Fold:
        """European options as call-equivalents, forwards and cash, per underlying and expiry."""
        slices, left_out = self._core.fold()
        return Fold(tuple(slices), left_out)

    def payoff(self, underlying: str, expiry: Any, **kwargs: Any) -> _core.Payoff:
        """The value at expiry as a function of the fixing; see Fold.payoff."""
        return self.fold().payoff(underlying, expiry, **kwargs)

    # --- exchange ----------------------------------------------------------------------------

    def to_frame(self) -> Frame:
        """The columns instrument, quantity, average_price and one per tag."""
        return Frame(
            {
                "instrument": self.instrument,
                "quantity": self.quantity,
                "average_price": self.average_price,
                **self.tags,
            }
        )

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
        tags = [(name, labels, codes.tobytes()) for name, labels, codes in self._core.tags]
        columns = [self.contract.tobytes(), self.quantity.tobytes(), self.cost.tobytes()]
        return _restore, (_PICKLE_VERSION, self._core.symbols, *columns, tags, self.rejected)

    def __repr__(self) -> str:
        head = f"Book of {len(self):,} positions in {len(self._core.symbols):,} contracts"
        net = self.economic()
        contract = net.contract
        table = {
            "instrument": np.array(net._core.symbols, dtype=object)[contract],
            "quantity": net.quantity,
            "average_price": net.average_price,
            "in": price_currency(net)[contract],
        }
        bad = ""
        if self.rejected:
            count = len(self.rejected.lines)
            bad = f"\n{count:,} {'row' if count == 1 else 'rows'} of the file rejected"
        if not len(self):
            return head + bad
        return f"{head}; net:\n{format_table(table, len(net))}{bad}"


def _restore(
    version: int,
    symbols: list[str],
    contract: bytes,
    quantity: bytes,
    cost: bytes,
    tags: list[tuple[str, list[str], bytes]],
    rejected: Rejected | None,
) -> Book:
    """Reads what any version so far has pickled; a new layout gets a new number here."""
    if version != _PICKLE_VERSION:
        raise InvalidInput("version", version, "is newer than this version of hedgerow reads")
    core = _core.Book(
        [_core.parse_contract(name) for name in symbols],
        np.frombuffer(contract, dtype=np.uint32),
        np.frombuffer(quantity, dtype=np.float64),
        np.frombuffer(cost, dtype=np.float64),
        [(name, labels, np.frombuffer(codes, dtype=np.uint32)) for name, labels, codes in tags],
    )
    return Book(core, rejected)
