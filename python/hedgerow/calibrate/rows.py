"""Which rows of quotes belong together: read off the contracts once, whatever their prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgerow._core import Contracts, Exercise, Settlement

Rows = npt.NDArray[np.intp]

_SETTLEMENTS = (Settlement.LINEAR, Settlement.INVERSE, Settlement.QUANTO)


@dataclass(frozen=True, eq=False)
class ExpiryRows:
    """The rows of one underlying and expiry, its options' strike by strike.

    `calls` and `puts` have a row number per strike, -1 where that side is not quoted. `exercise` is
    that of most options, European where they are as many. `skipped` are the options that cannot
    stand in the chain.
    """

    expiry: np.datetime64
    exercise: Exercise
    rows: Rows
    futures: Rows
    strikes: npt.NDArray[np.float64]
    calls: Rows
    puts: Rows
    skipped: tuple[tuple[float, str], ...]


@dataclass(frozen=True, eq=False)
class UnderlyingRows:
    """The rows of one underlying.

    Those in the quote currency of most of its options (of most rows, where there are none) are
    kept, `others` is the number of the rest and of cash. `settlement` is that of most options.
    """

    underlying: str
    quote_currency: str
    settlement: Settlement
    pays_coin: bool
    others: int
    rows: Rows
    spots: Rows
    perpetuals: Rows
    expiries: tuple[ExpiryRows, ...]

    @property
    def has_american(self) -> bool:
        """Whether a chain is of American options."""
        return any(one.exercise is Exercise.AMERICAN for one in self.expiries)


@dataclass(frozen=True, eq=False)
class _Columns:
    """The terms that rows are told apart by."""

    is_cash: npt.NDArray[np.bool_]
    is_spot: npt.NDArray[np.bool_]
    is_future: npt.NDArray[np.bool_]
    is_perpetual: npt.NDArray[np.bool_]
    is_option: npt.NDArray[np.bool_]
    currencies: list[str]
    quote_currency: npt.NDArray[np.uint32]
    settlement: npt.NDArray[np.uint32]
    is_american: npt.NDArray[np.bool_]
    expiries: npt.NDArray[np.datetime64]
    expiry: npt.NDArray[np.uint32]
    right: npt.NDArray[np.float64]
    strike: npt.NDArray[np.float64]


def rows_of(contracts: Contracts) -> tuple[UnderlyingRows, ...]:
    """The rows of every underlying, in alphabetical order; cash is its own underlying."""
    names, underlying = contracts.column("underlying")
    columns = _columns(contracts)
    order = np.argsort(underlying, kind="stable")
    ends = np.cumsum(np.bincount(underlying, minlength=len(names)))
    groups = np.split(order, ends[:-1]) if names else []
    found = sorted(zip(names, groups, strict=True), key=lambda item: item[0])
    return tuple(_underlying(name, rows, columns) for name, rows in found)


def _columns(contracts: Contracts) -> _Columns:
    kinds, kind = contracts.column("kind")
    currencies, quote_currency = contracts.column("quote_currency")
    _, settlement = contracts.column("settlement")
    exercises, exercise = contracts.column("exercise")
    expiries, expiry = contracts.column("expiry")

    def is_kind(name: str) -> npt.NDArray[np.bool_]:
        return np.asarray(kind == kinds.index(name))

    return _Columns(
        is_cash=is_kind("cash"),
        is_spot=is_kind("spot"),
        is_future=is_kind("future"),
        is_perpetual=is_kind("perpetual"),
        is_option=is_kind("option"),
        currencies=currencies,
        quote_currency=quote_currency,
        settlement=settlement,
        is_american=np.asarray(exercise == exercises.index("american")),
        expiries=expiries.view("datetime64[ns]"),
        expiry=expiry,
        right=contracts.column("right"),
        strike=contracts.column("strike"),
    )


def _underlying(name: str, rows: Rows, columns: _Columns) -> UnderlyingRows:
    options = rows[columns.is_option[rows]]
    among = columns.quote_currency[options if options.size else rows]
    counts = np.bincount(among)
    most = np.flatnonzero(counts == counts.max())
    # Of equally many the first that is quoted.
    currency = most[0] if len(most) == 1 else among[np.isin(among, most).argmax()]
    settled = columns.settlement[options[columns.quote_currency[options] == currency]]
    kinds = np.bincount(settled, minlength=len(_SETTLEMENTS))
    inverse = kinds[1] > kinds[0]
    settlement = Settlement.INVERSE if inverse else Settlement.LINEAR
    derivative = ~(columns.is_cash[rows] | columns.is_spot[rows])
    kept = rows[~columns.is_cash[rows] & (columns.quote_currency[rows] == currency)]
    dated = kept[columns.is_future[kept] | columns.is_option[kept]]
    codes = columns.expiry[dated]
    return UnderlyingRows(
        underlying=name,
        quote_currency=columns.currencies[currency],
        settlement=settlement,
        pays_coin=bool(np.any(derivative & (_settles(columns, rows, Settlement.INVERSE)))),
        others=len(rows) - len(kept),
        rows=kept,
        spots=kept[columns.is_spot[kept]],
        perpetuals=kept[columns.is_perpetual[kept]],
        expiries=tuple(
            _expiry(columns.expiries[code], dated[codes == code], columns, settlement)
            for code in np.unique(codes)  # increasing in time
        ),
    )


def _settles(columns: _Columns, rows: Rows, how: Settlement) -> npt.NDArray[np.bool_]:
    return np.asarray(columns.settlement[rows] == _SETTLEMENTS.index(how))


def _expiry(
    expiry: np.datetime64, rows: Rows, columns: _Columns, settlement: Settlement
) -> ExpiryRows:
    futures = rows[columns.is_future[rows]]
    options = rows[columns.is_option[rows]]
    settles = _settles(columns, options, settlement)
    american = columns.is_american[options]
    # No model here knows what the early exercise of a coin-settled option is worth.
    most = 2 * np.count_nonzero(american & settles) > np.count_nonzero(settles)
    is_american = most and settlement is Settlement.LINEAR
    stands = american == is_american
    usable = options[settles & stands]
    strikes, place = np.unique(columns.strike[usable], return_inverse=True)
    is_call = columns.right[usable] > 0
    calls, puts = (
        _first_rows(usable[side], place[side], len(strikes)) for side in (is_call, ~is_call)
    )
    twice = np.where(is_call, calls[place], puts[place]) != usable
    reasons = {int(row): "quoted twice" for row in usable[twice]}
    for row in options[~settles]:
        reasons[int(row)] = f"{_SETTLEMENTS[columns.settlement[row]].name.lower()} settlement"
    other = "european" if is_american else "american"
    reasons |= {int(row): other for row in options[~stands]}
    return ExpiryRows(
        expiry=expiry,
        exercise=Exercise.AMERICAN if is_american else Exercise.EUROPEAN,
        rows=rows,
        futures=futures,
        strikes=strikes,
        calls=calls,
        puts=puts,
        skipped=tuple((float(columns.strike[row]), reasons[row]) for row in sorted(reasons)),
    )


def _first_rows(rows: Rows, places: Rows, length: int) -> Rows:
    """The first row of every place, -1 where there is none."""
    first = np.full(length, -1, dtype=np.intp)
    first[places[::-1]] = rows[::-1]
    return first
