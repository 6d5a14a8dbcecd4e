"""The option quotes of one expiry, call and put of each strike side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgerow._core import Exercise, Future, Option, Settlement, year_fraction
from hedgerow.calibrate.quotes import Numbers, Quotes

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Side:
    """The calls or the puts of a chain, a row per strike; NaN where nothing is quoted."""

    bid: Numbers
    ask: Numbers
    mark: Numbers

    @property
    def mid(self) -> Numbers:
        """The middle of a two-sided quote, NaN for any other."""
        return np.where(self.two_sided, 0.5 * (self.bid + self.ask), np.nan)

    @property
    def two_sided(self) -> npt.NDArray[np.bool_]:
        """Whether there is a bid and an ask that is not below it. A zero bid is no bid."""
        return (self.bid > 0) & (self.ask >= self.bid)


@dataclass(frozen=True)
class Chain:
    """All that is quoted of one expiry of one underlying.

    `call` and `put` are in the options' own currency; `future` and `venue_forward` in the quote
    currency, None where not quoted. `skipped` are the options that cannot stand in the chain.
    """

    as_of: np.datetime64
    expiry: np.datetime64
    coin_settled: bool
    strikes: Numbers
    call: Side
    put: Side
    future: float | None
    venue_forward: float | None
    skipped: tuple[tuple[float, str], ...]

    @property
    def time(self) -> float:
        """Years to expiry."""
        return year_fraction(self.as_of, self.expiry)


def price_level(quotes: Quotes, rows: Sequence[int]) -> float | None:
    """The price that rows of one thing agree on: the median of mids, else of marks, else None."""
    side = Side(quotes.bid[rows], quotes.ask[rows], quotes.mark[rows])
    mids = side.mid
    return median(mids if np.any(mids > 0) else side.mark)


def median(values: Numbers) -> float | None:
    """The median of the positive values, or None when there is none that is finite."""
    positive = values[values > 0]
    result = np.median(positive) if positive.size else np.nan
    return float(result) if np.isfinite(result) else None


def rows_by_expiry(quotes: Quotes, rows: Sequence[int]) -> dict[np.datetime64, list[int]]:
    """The rows of futures and options, by expiry in order of time."""
    grouped: dict[np.datetime64, list[int]] = {}
    for row in rows:
        contract = quotes.contracts[row]
        if isinstance(contract, Future | Option):
            grouped.setdefault(contract.expiry, []).append(row)
    return dict(sorted(grouped.items()))


def chain_of(
    quotes: Quotes, expiry: np.datetime64, rows: Sequence[int], settlement: Settlement
) -> Chain:
    """The chain of one underlying's futures and options of one expiry.

    :param settlement: what the options must settle in; others are skipped, with the reason.
    """
    places: dict[tuple[float, int], int] = {}
    futures: list[int] = []
    skipped: list[tuple[float, str]] = []
    for row in rows:
        contract = quotes.contracts[row]
        if isinstance(contract, Future):
            futures.append(row)
            continue
        assert isinstance(contract, Option)
        if contract.exercise is not Exercise.EUROPEAN:
            skipped.append((contract.strike, "american"))
        elif contract.settlement is not settlement:
            skipped.append((contract.strike, f"{contract.settlement.name.lower()} settlement"))
        elif places.setdefault((contract.strike, int(contract.right)), row) != row:
            skipped.append((contract.strike, "quoted twice"))
    strikes = np.array(sorted({strike for strike, _ in places}))
    return Chain(
        as_of=quotes.as_of,
        expiry=expiry,
        coin_settled=settlement is Settlement.INVERSE,
        strikes=strikes,
        call=_side(quotes, [places.get((float(strike), 1)) for strike in strikes]),
        put=_side(quotes, [places.get((float(strike), -1)) for strike in strikes]),
        future=price_level(quotes, futures),
        venue_forward=median(quotes.forward[rows]),
        skipped=tuple(skipped),
    )


def _side(quotes: Quotes, places: list[int | None]) -> Side:
    listed = np.array([place is not None for place in places], dtype=bool)
    rows = np.array([place or 0 for place in places], dtype=np.intp)

    def column(values: Numbers) -> Numbers:
        return np.where(listed, values[rows], np.nan) if rows.size else np.empty(0)

    return Side(column(quotes.bid), column(quotes.ask), column(quotes.mark))
