"""P&L explain of a book between two markets, one thread, by underlying and expiry.

hedgerow is given the book and two Snapshots, and looks everything up itself; the peers are given
the columns of both markets (FlatBook). All compute the eight terms of second order, the total and
what is unexplained.

Peers: the textbook's Greeks and prices in NumPy, or by numba loops, then NumPy for the terms and
np.bincount for the sums; QuantLib's calculator at both markets in a Python loop (1,000 positions at
most).
"""

from functools import partial
from time import process_time

import numpy as np

import hedgerow as hr
from hedgerow.kernels import names

from . import inputs, peers

MOST_OBJECTS = 1_000
TERMS = hr.risk.SECOND_ORDER_TERMS


def by_textbook(greeks_of, price_of, book, positions):
    """Total, terms and unexplained by group; `price_of` takes a forward and a discount factor."""
    before = inputs.flat_book(book, positions)
    after = inputs.flat_book(book, positions, inputs.snapshot_later)

    def run():
        right, spot, strike, time, volatility, rate, carry = before.options
        _, spot2, _, time2, volatility2, rate2, carry2 = after.options
        greeks = dict(zip(names, greeks_of(*before.options), strict=False))
        discount = np.exp(-rate2 * time2)
        price2 = price_of(
            right, spot2 * np.exp(carry2 * time2), strike, time2, volatility2, discount
        )
        ds, dv, dr = spot2 - spot, volatility2 - volatility, rate2 - rate
        moves = (ds, 0.5 * ds * ds, dv, time - time2, dr, dr - (carry2 - carry), ds * dv)
        terms = [greeks[n] * move for n, move in zip(TERMS, (*moves, 0.5 * dv * dv), strict=True)]
        total = price2 - greeks["price"]
        columns = [total, *terms, total - np.sum(terms, axis=0)]
        return np.array(
            [np.bincount(before.group, before.quantity * c, before.groups) for c in columns]
        )

    return run


def in_quantlib(book, positions):
    """A calculator per option and market."""
    ql = peers.in_quantlib()

    def greeks(*options):
        return np.array(peers.each(ql.bsm_greeks, options)()).T

    def prices(*options):
        return np.array(peers.each(ql.black_price, options)())

    return by_textbook(greeks, prices, book, positions)


def ours(book, positions):
    """One call, as a user types it."""
    markets = inputs.snapshot(), inputs.snapshot_later()
    return partial(hr.explain, inputs.BOOKS[book](positions), *markets, "underlying", "expiry")


def runs(book, positions):
    """What each library runs on the named book."""
    numpy, arguments = peers.in_numpy, (book, positions)

    def numba():
        compiled = peers.in_numba()
        return by_textbook(compiled.bsm_greeks, compiled.black_prices, *arguments)

    return {
        "hedgerow": lambda: ours(*arguments),
        "numba": numba,
        "numpy": lambda: by_textbook(numpy.bsm_greeks, numpy.black_price, *arguments),
        "quantlib": lambda: in_quantlib(*arguments),
    }


class Explain:
    """hedgerow.explain of a book by underlying and expiry."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 1, 0
    param_names = ("library", "book", "positions")
    params = (
        ["hedgerow", "numba", "numpy", "quantlib"],
        ["real", "distinct"],
        [1_000, 100_000],
    )

    def setup(self, library, book, positions):
        if library == "quantlib":
            peers.at_most(MOST_OBJECTS, positions)
        hr.set_num_threads(1)
        self.run = peers.choose(runs(book, positions), library)

    def time_explain(self, library, book, positions):
        self.run()
