"""A spot x volatility ladder of 45 scenarios by full revaluation, one thread.

Peer: the same scenarios of prices by a numba loop over columns in which the market already stands.
"""

from functools import partial
from time import process_time

import numpy as np

import hedgerow as hr
from hedgerow.risk.ladder import SPOTS, VOLATILITIES

from . import inputs, peers


def in_numba(name, positions):
    """P&L per scenario."""
    flat = inputs.flat_book(name, positions)
    right, spot, strike, time, volatility, rate, carry = flat.options
    growth, discount = np.exp(carry * time), np.exp(-rate * time)
    price = peers.in_numba().black_prices

    def value(move, shift):
        shifted = np.maximum(volatility + shift, 1e-12)
        forward = (1.0 + move) * spot * growth
        return price(right, forward, strike, time, shifted, discount) @ flat.quantity

    def run():
        now = value(0.0, 0.0)
        return np.array([[value(m, v) - now for v in VOLATILITIES] for m in SPOTS])

    return run


class Ladder:
    """hedgerow.ladder on a book of distinct contracts."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 1, 0
    param_names = ("library", "positions")
    params = (["hedgerow", "numba"], [10_000, 100_000])

    def setup(self, library, positions):
        hr.set_num_threads(1)
        runs = {
            "hedgerow": lambda: partial(
                hr.ladder, inputs.distinct_book(positions), inputs.snapshot()
            ),
            "numba": lambda: in_numba("distinct", positions),
        }
        self.run = peers.choose(runs, library)

    def time_ladder(self, library, positions):
        self.run()
