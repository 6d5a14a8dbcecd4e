"""Full revaluation under scenarios, one thread: a spot x volatility ladder, and sweeps.

Peers: the same scenarios of prices by a numba loop or in NumPy over columns in which the market
already stands; in double precision, whatever ours runs in.
"""

from functools import partial
from time import process_time

import numpy as np

import hedgerow as hr
from hedgerow.risk.ladder import SPOTS, VOLATILITIES

from . import inputs, peers


def over_columns(price, name, positions, factors, shifts):
    """P&L per scenario by a function that prices columns."""
    flat = inputs.flat_book(name, positions)
    right, spot, strike, time, volatility, rate, carry = flat.options
    growth, discount = np.exp(carry * time), np.exp(-rate * time)

    def value(factor, shift):
        shifted = np.maximum(volatility + shift, 1e-12)
        forward = factor * spot * growth
        return price(right, forward, strike, time, shifted, discount) @ flat.quantity

    def run():
        now = value(1.0, 0.0)
        return np.array([value(f, v) - now for f, v in zip(factors, shifts, strict=True)])

    return run


def grid():
    """The factors and shifts of the ladder, a scenario per cell."""
    moves = [(1.0 + move, shift) for move in SPOTS for shift in VOLATILITIES]
    return np.array(moves).T


class Ladder:
    """hedgerow.ladder on a book of distinct contracts."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 1, 0
    param_names = ("library", "positions")
    params = (["hedgerow", "numba", "numpy"], [10_000, 100_000])

    def setup(self, library, positions):
        hr.set_num_threads(1)
        runs = {
            "hedgerow": lambda: partial(
                hr.ladder, inputs.distinct_book(positions), inputs.snapshot()
            ),
            "numba": lambda: over_columns(
                peers.in_numba().black_prices, "distinct", positions, *grid()
            ),
            "numpy": lambda: over_columns(
                peers.in_numpy.black_price, "distinct", positions, *grid()
            ),
        }
        self.run = peers.choose(runs, library)

    def time_ladder(self, library, positions):
        self.run()


class Sweep:
    """hedgerow.revalue of as many options under a thousand scenarios."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 1, 0
    precision = hr.Precision.FLOAT64
    dynamics = hr.SmileDynamics.STICKY_STRIKE
    scenarios = 1_000
    param_names = ("library", "positions")
    params = (["hedgerow", "numba", "numpy"], [10_000])

    def setup(self, library, positions):
        hr.set_num_threads(1)
        random = np.random.default_rng(1987)
        factors = np.exp(random.normal(0, 0.05, self.scenarios))
        shifts = random.normal(0, 0.02, self.scenarios)
        moves = hr.Scenarios(spot_factor=factors, volatility_shift=shifts)
        runs = {
            "hedgerow": lambda: partial(
                hr.revalue,
                inputs.distinct_book(positions),
                inputs.snapshot(),
                moves,
                dynamics=self.dynamics,
                precision=self.precision,
            ),
            "numba": lambda: over_columns(
                peers.in_numba().black_prices, "distinct", positions, factors, shifts
            ),
            "numpy": lambda: over_columns(
                peers.in_numpy.black_price, "distinct", positions, factors, shifts
            ),
        }
        self.run = peers.choose(runs, library)

    def time_sweep(self, library, positions):
        self.run()


class SweepInSingle(Sweep):
    """The same in single precision."""

    precision = hr.Precision.FLOAT32


class SweepOfSmiles(Sweep):
    """The same with smiles that move along with the spot; the peers' volatilities do not."""

    dynamics = hr.SmileDynamics.STICKY_MONEYNESS
