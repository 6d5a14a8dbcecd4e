"""The folded inventory of a book, with its payoff at expiry."""

from __future__ import annotations

import numpy as np

from hedgerow._core import FoldedSlice, Snapshot, year_fraction
from hedgerow.portfolio.book import Book
from hedgerow.report.data import Numbers, Slice

DEVIATIONS = 3.0  # how far from the forward, in standard deviations, a worst case is looked for
WITHOUT_SMILE = 0.30  # relative, where no smile says how wide a deviation is
_POINTS = 97  # of a payoff's grid, beside its kinks


def folded_slices(book: Book, snapshot: Snapshot) -> tuple[Slice, ...]:
    """The slices of a book that have not expired, by underlying and expiry."""
    return tuple(
        _slice(folded, snapshot) for folded in book.fold() if folded.expiry > snapshot.as_of
    )


def standard_deviation(snapshot: Snapshot, underlying: str, expiry: np.datetime64) -> float:
    """Of the log fixing, by the smile's volatility at the forward; NaN where there is none."""
    market = snapshot.market(underlying)
    smile = None if market is None else market.smile(expiry)
    if market is None or smile is None:
        return np.nan
    forward = market.forwards.forward(expiry)
    return smile.volatility(forward) * float(np.sqrt(year_fraction(snapshot.as_of, expiry)))


def _slice(folded: FoldedSlice, snapshot: Snapshot) -> Slice:
    market = snapshot.market(folded.underlying)
    forward = np.nan if market is None else market.forwards.forward(folded.expiry)
    rate = snapshot.rates.rate(folded.quote_currency)
    payoff = folded.payoff(forward)

    deviation = standard_deviation(snapshot, folded.underlying, folded.expiry)
    reach = np.log1p(WITHOUT_SMILE) if np.isnan(deviation) else DEVIATIONS * deviation
    low, high = forward * np.exp(-reach), forward * np.exp(reach)
    fixings, values = np.empty(0), np.empty(0)
    worst_within = worst_within_at = np.nan
    if np.isfinite(forward):
        kinks = folded.strikes[(folded.strikes > low) & (folded.strikes < high)]
        fixings = np.unique(np.concatenate([np.linspace(low, high, _POINTS), kinks]))
        values = payoff(fixings)
        if np.isfinite(values).all():
            place = int(np.argmin(values))
            worst_within, worst_within_at = float(values[place]), float(fixings[place])

    notional: Numbers = folded.calls * folded.strikes * (np.nan if rate is None else rate)
    return Slice(
        underlying=folded.underlying,
        expiry=folded.expiry,
        quote_currency=folded.quote_currency,
        currency=folded.currency,
        settlement=folded.settlement,
        fixing=folded.fixing,
        strikes=folded.strikes,
        calls=folded.long_calls,
        puts=folded.long_puts,
        call_equivalents=folded.calls,
        notional=notional,
        forwards=folded.forwards,
        futures=folded.futures,
        cash=folded.cash,
        forward=float(forward),
        worst=payoff.worst,
        worst_at=payoff.worst_at,
        low=float(low),
        high=float(high),
        worst_within=worst_within,
        worst_within_at=worst_within_at,
        fixings=fixings,
        payoff=values,
    )
