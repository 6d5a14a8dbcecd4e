"""P&L explain: what a book gained between markets, term by term, against full revaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgerow import _core
from hedgerow._core import Snapshot, Status
from hedgerow.errors import InvalidInput
from hedgerow.portfolio.book import Book
from hedgerow.portfolio.frame import Frame, format_table
from hedgerow.portfolio.valuation import Key, code_key

TAYLOR_TERMS: tuple[str, ...] = _core.taylor_terms
"""All terms that may be asked for."""
SECOND_ORDER_TERMS: tuple[str, ...] = _core.second_order_terms
"""The complete second order in spot and volatility, and the first in time and rates."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """What a book gained in one or several intervals, in the reporting currency.

    `cube[i, j, g]` is column j (a name of `columns`: total, the terms, unexplained) of group g,
    whose keys are row g of `keys`, in interval i, which leads from `as_of[i]` to `as_of[i + 1]`.
    Terms and unexplained add up to the total in every cell, up to rounding.

    Per position and over all intervals: `total` and `unexplained`, NaN where it is in none, and
    `status`, a Status code: the first reason why it is not in some interval, else OK or EXPIRED.
    """

    book: Book
    markets: tuple[Snapshot, ...]
    keys: Frame
    columns: tuple[str, ...]
    cube: npt.NDArray[np.float64]
    group: npt.NDArray[np.uint32]
    excluded: npt.NDArray[np.uint64]
    total: npt.NDArray[np.float64]
    unexplained: npt.NDArray[np.float64]
    status: npt.NDArray[np.uint8]

    @property
    def terms(self) -> tuple[str, ...]:
        """The columns between the total and the unexplained."""
        return self.columns[1:-1]

    @property
    def as_of(self) -> npt.NDArray[np.datetime64]:
        """The instants of the markets: one more than there are intervals."""
        return np.array([market.as_of for market in self.markets])

    @property
    def currency(self) -> str:
        """The reporting currency."""
        return self.markets[0].rates.reporting

    def sums(self) -> Mapping[str, float]:
        """Of the whole book and all intervals, by column."""
        return dict(zip(self.columns, self.cube.sum(axis=(0, 2)).tolist(), strict=True))

    def net(self) -> Frame:
        """A row per group: its keys, `positions`, `excluded` (those that some market could not
        value: they are not in the intervals beside it), and the columns, over all intervals.
        """  # noqa: D205
        groups = self.cube.shape[2]
        bad = (self.status != Status.OK) & (self.status != Status.EXPIRED)
        counts = {
            "positions": np.bincount(self.group, minlength=groups),
            "excluded": np.bincount(self.group[bad], minlength=groups),
        }
        found = dict(zip(self.columns, self.cube.sum(axis=0), strict=True))
        return Frame({**self.keys.to_dict(), **counts, **found})

    def by_interval(self) -> Frame:
        """A row per interval and group: `since`, `until`, the keys, `excluded`, the columns."""
        intervals, _, groups = self.cube.shape
        as_of = self.as_of
        keys = {name: np.tile(labels, intervals) for name, labels in self.keys.items()}
        found = {name: self.cube[:, j].ravel() for j, name in enumerate(self.columns)}
        return Frame(
            {
                "since": np.repeat(as_of[:-1], groups),
                "until": np.repeat(as_of[1:], groups),
                **keys,
                "excluded": self.excluded.ravel(),
                **found,
            }
        )

    def largest(self, number: int = 10) -> Frame:
        """The positions of which the Taylor terms tell least: the largest unexplained, in size,
        first. Each with its row in the book, its instrument, quantity, all columns, and its tags.
        """  # noqa: D205
        known = np.flatnonzero(~np.isnan(self.unexplained))
        order = np.argsort(-np.abs(self.unexplained[known]), kind="stable")
        rows = known[order[:number]]
        chosen = np.zeros(len(self.book), dtype=bool)
        chosen[rows] = True
        part = self.book.select(chosen)
        each = [(np.arange(len(part), dtype=np.uint32), len(part))]
        taylor = [term for term in self.terms if term in TAYLOR_TERMS]
        sums = _core.explain(part._core, self.markets, each, taylor)["sums"].sum(axis=0)
        place = np.searchsorted(np.flatnonzero(chosen), rows)
        found = dict(zip(self.columns, sums[:, place], strict=True))
        held = dict(part.to_frame().take(place))
        what = {"row": rows, "instrument": held.pop("instrument"), "quantity": held.pop("quantity")}
        told = {name: found.pop(name) for name in ("unexplained", "total")}
        return Frame({**what, **told, **found, **held})

    def __repr__(self) -> str:
        intervals, _, groups = self.cube.shape
        word = "interval" if intervals == 1 else "intervals"
        net = self.net()
        head = f"Explanation of {len(self.book):,} positions over {intervals:,} {word}"
        head += f", in {self.currency}; {int(net['excluded'].sum()):,} not in all of it"
        shown = [*self.keys.columns, "total", "unexplained", *self.terms]
        return f"{head}\n{format_table(net.select(shown).to_dict(), groups)}"


def explain(
    book: Book,
    before: Snapshot,
    after: Snapshot,
    *keys: Key,
    terms: Sequence[str] = SECOND_ORDER_TERMS,
) -> Explanation:
    """What a book that is held gained between two markets, by any keys (see Valuation.net).

    The total is full revaluation: value in the market after, less value in the one before. It is
    explained by Taylor terms with the Greeks of the first market:

    delta, gamma, speed in the move of the spot; vega, volga, ultima in that of the implied
    volatility at the option's own strike; vanna, zomma in both; theta, charm, veta, color in time
    elapsed; rho and phi in the zero rate and yield (rate less carry) to the expiry. SECOND_ORDER_
    TERMS leave over what is of third order in spot and volatility, if time and rates move as the
    square of these: halve the one and quarter the other, and an eighth stays unexplained.

    Always beside them, and exact: `fx` (the value afterwards, times the change of exchange
    rates), `basis` (of perpetuals: their mark against the spot), `expired` (all that was gained in
    the quote currency by what is expired in either market: no Greek tells of a payoff).

    A coin-settled contract is worth S times its coins: the coins of a premium, and those won or
    lost on margin, are in its delta. Futures and perpetuals of unknown cost count as entered at
    the mark before. Positions that a market can't value are in no sum and are counted; nothing
    raises for them. Raises InvalidInput for markets out of order or of two reporting currencies,
    and for unknown terms. Runs on all threads without the GIL; the same bits for any number.
    """
    return explain_path(book, [before, after], *keys, terms=terms)


def explain_path(
    book: Book,
    markets: Sequence[Snapshot],
    *keys: Key,
    terms: Sequence[str] = SECOND_ORDER_TERMS,
) -> Explanation:
    """The same through a list of markets: an interval from each to the next, Greeks struck anew.

    A position is in the intervals whose two markets both value it. Sums of the totals are the
    value in the last market less that in the first, where all are.
    """
    coded = [code_key(book, key) for key in keys]
    for term in terms:
        if term not in TAYLOR_TERMS:
            raise InvalidInput("terms", term, f"must be one of {', '.join(TAYLOR_TERMS)}")
    key_codes = [(codes, len(labels)) for _, labels, codes in coded]
    found = _core.explain(book._core, markets, key_codes, list(terms))
    first = found["first"]
    return Explanation(
        book,
        tuple(markets),
        Frame({name: labels[codes[first]] for name, labels, codes in coded}),
        ("total", *found["terms"], "unexplained"),
        found["sums"],
        found["group"],
        found["excluded"],
        found["total"],
        found["unexplained"],
        found["status"],
    )
