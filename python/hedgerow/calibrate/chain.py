"""The option quotes of one expiry, call and put of each strike side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from hedgerow._core import Exercise, Settlement, year_fraction
from hedgerow.calibrate.quotes import Numbers, Quotes
from hedgerow.calibrate.rows import ExpiryRows, Rows, UnderlyingRows

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Side:
    """The calls or the puts of a chain, a row per strike; NaN where nothing is quoted.

    What is `stale` counts as not quoted.
    """

    bid: Numbers
    ask: Numbers
    mark: Numbers
    stale: Mask

    @property
    def mid(self) -> Numbers:
        """The middle of a two-sided quote, NaN for any other."""
        return np.where(self.two_sided, 0.5 * (self.bid + self.ask), np.nan)

    @property
    def two_sided(self) -> Mask:
        """Whether there is a bid and an ask that is not below it. A zero bid is no bid."""
        return (self.bid > 0) & (self.ask >= self.bid)

    def part(self, rows: slice) -> Side:
        """Some of the strikes."""
        return Side(self.bid[rows], self.ask[rows], self.mark[rows], self.stale[rows])


@dataclass(frozen=True, eq=False)
class Chain:
    """All that is quoted of one expiry of one underlying.

    `call` and `put` are in the options' own currency; `future` and `venue_forward` in the quote
    currency, None where not quoted. `spot` is what American options are exercised into: the
    underlying or, where its price is not known, the future or forward to this expiry. `time` is in
    years. `skipped` are the options that cannot stand in the chain.
    """

    expiry: np.datetime64
    time: float
    coin_settled: bool
    exercise: Exercise
    strikes: Numbers
    call: Side
    put: Side
    future: float | None
    venue_forward: float | None
    spot: float | None
    skipped: tuple[tuple[float, str], ...]

    @property
    def is_american(self) -> bool:
        """Whether its options can be exercised at any time."""
        return self.exercise is Exercise.AMERICAN

    @property
    def may_tell_rate(self) -> bool:
        """Whether put-call parity holds of its prices, and with an interest rate in it."""
        return bool(self.strikes.size) and not (self.coin_settled or self.is_american)


class Prices:
    """The columns of quotes, with a row of NaN for the number -1 of what is not quoted."""

    def __init__(self, quotes: Quotes, max_age: np.timedelta64 | timedelta | None) -> None:
        def extended(values: Numbers) -> Numbers:
            return np.append(values, np.nan)

        self.as_of = quotes.as_of
        self.forward, self.index = extended(quotes.forward), extended(quotes.index)
        self._stale = np.append(quotes.older_than(max_age), False)
        self._bid, self._ask, self._mark = (
            np.where(self._stale, np.nan, extended(values))
            for values in (quotes.bid, quotes.ask, quotes.mark)
        )

    def side(self, rows: Rows) -> Side:
        """What is quoted of rows, where they are not -1."""
        return Side(self._bid[rows], self._ask[rows], self._mark[rows], self._stale[rows])

    def level(self, rows: Rows) -> float | None:
        """The price that rows of one thing agree on: the median of mids, else of marks."""
        if not rows.size:
            return None
        side = self.side(rows)
        mids = side.mid
        return median(mids if np.any(mids > 0) else side.mark)


def median(values: Numbers) -> float | None:
    """The median of the positive values, or None when there is none that is finite."""
    positive = values[values > 0]
    positive.sort()
    if not positive.size:
        return None
    middle = len(positive) // 2
    result = positive[middle]
    if len(positive) % 2 == 0:
        result = 0.5 * (positive[middle - 1] + result)
    return float(result) if np.isfinite(result) else None


def chains_of(prices: Prices, listed: UnderlyingRows, spot: float | None) -> list[Chain]:
    """The chains of an underlying's futures and options that have not expired, in order."""
    alive = [one for one in listed.expiries if one.expiry > prices.as_of]
    if not alive:
        return []
    calls = prices.side(np.concatenate([one.calls for one in alive]))
    puts = prices.side(np.concatenate([one.puts for one in alive]))
    ends = np.cumsum([len(one.strikes) for one in alive]).tolist()
    coin_settled = listed.settlement is Settlement.INVERSE
    chains = []
    for one, rows in zip(alive, _slices(ends), strict=True):
        future, venue_forward = prices.level(one.futures), median(prices.forward[one.rows])
        chains.append(
            Chain(
                expiry=one.expiry,
                time=year_fraction(prices.as_of, one.expiry),
                coin_settled=coin_settled,
                exercise=one.exercise,
                strikes=one.strikes,
                call=calls.part(rows),
                put=puts.part(rows),
                future=future,
                venue_forward=venue_forward,
                spot=spot or future or venue_forward,
                skipped=one.skipped,
            )
        )
    return chains


def expired_rows(as_of: np.datetime64, expiries: Sequence[ExpiryRows]) -> int:
    """How many quotes are of what has expired."""
    return sum(len(one.rows) for one in expiries if one.expiry <= as_of)


def _slices(ends: Sequence[int]) -> list[slice]:
    return [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
