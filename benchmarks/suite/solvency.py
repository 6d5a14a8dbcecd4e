"""Distance to liquidation in six directions, and the probability of it, one thread.

Peers: what one writes by hand, a bracket from as many points as ours along every direction and
then scipy.optimize.brentq, on prices by a numba loop or in NumPy over columns in which the market
stands. The probability: the same paths and steps, seen at their ends alone (no bridge).
"""

from functools import partial
from time import process_time

import numpy as np
from scipy import optimize

import hedgerow as hr

from . import inputs, peers

POINTS = 128
DIRECTIONS = hr.stress_directions()
SHARE = 0.05  # of the book's gross value: maintenance margin, and available beyond it
PATHS, STEPS, VOLATILITY, HORIZON = 512, 8, 0.6, 1 / 365


def gross(positions):
    """The sizes of the values of all positions, in dollars."""
    return float(np.abs(hr.value(inputs.distinct_book(positions), inputs.snapshot()).value).sum())


def account(positions):
    """The book with coins beside it, and its maintenance margin."""
    book, market = inputs.distinct_book(positions), inputs.snapshot()
    margin = SHARE * gross(positions)
    worth = hr.value(book, market).total()["value"]
    coins = (2 * margin - worth) / market.market("BTC").spot
    return hr.Account(book, {"BTC": coins}), market, margin


def available_by(price, positions):
    """Equity less margin at a spot factor and a shift of volatilities, from columns."""
    flat = inputs.flat_book("distinct", positions)
    right, spot, strike, time, volatility, rate, carry = flat.options
    growth, discount = np.exp(carry * time), np.exp(-rate * time)
    held, _, margin = account(positions)
    coins = held.balances["BTC"] * spot[0]

    def available(factor, shift):
        shifted = np.maximum(volatility + shift, 1e-12)
        forward = factor * spot * growth
        worth = price(right, forward, strike, time, shifted, discount) @ flat.quantity
        return worth + factor * coins - margin

    return available


def search_by(price, positions):
    """The nearest size in every direction, or NaN."""
    available = available_by(price, positions)

    def nearest(direction):
        def along(size):
            return available(np.exp(size * direction.spot), size * direction.volatility)

        sizes = np.arange(1, POINTS + 1) / POINTS
        gone = np.flatnonzero(np.array([along(size) for size in sizes]) <= 0)
        if not len(gone):
            return np.nan
        right = sizes[gone[0]]
        return optimize.brentq(along, right - 1 / POINTS, right, xtol=1e-14)

    return lambda: np.array([nearest(direction) for direction in DIRECTIONS])


def simulation_by(price, positions):
    """How many paths were below at the end of some step."""
    available = available_by(price, positions)

    def run():
        deviation = VOLATILITY * np.sqrt(HORIZON / STEPS)
        draws = np.random.default_rng(7).normal(size=(PATHS, STEPS)) - 0.5 * deviation
        factors = np.exp(np.cumsum(deviation * draws, axis=1))
        return np.mean([any(available(f, 0.0) <= 0 for f in path) for path in factors])

    return run


def prices():
    """By library, its function of columns."""
    return {
        "numba": lambda: peers.in_numba().black_prices,
        "numpy": lambda: peers.in_numpy.black_price,
    }


class Distances:
    """hedgerow.solvency of an account with a book of distinct options, in six directions."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 1, 0
    param_names = ("library", "positions")
    params = (["hedgerow", "numba", "numpy"], [1_000, 10_000])

    def setup(self, library, positions):
        hr.set_num_threads(1)
        runs = {
            name: lambda price=price: search_by(price(), positions)
            for name, price in prices().items()
        }
        runs["hedgerow"] = lambda: partial(hr.solvency, *account(positions))
        self.run = peers.choose(runs, library)

    def time_distances(self, library, positions):
        self.run()


class Probability:
    """hedgerow.liquidation_probability of the same account: one factor, 512 paths of 8 steps."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 1, 0
    param_names = ("library", "positions")
    params = (["hedgerow", "numba", "numpy"], [1_000])

    def setup(self, library, positions):
        hr.set_num_threads(1)
        runs = {
            name: lambda price=price: simulation_by(price(), positions)
            for name, price in prices().items()
        }
        runs["hedgerow"] = lambda: partial(
            hr.liquidation_probability,
            *account(positions),
            hr.Diffusion(["BTC"], VOLATILITY),
            HORIZON,
            seed=7,
            paths=PATHS,
            steps=STEPS,
        )
        self.run = peers.choose(runs, library)

    def time_probability(self, library, positions):
        self.run()
