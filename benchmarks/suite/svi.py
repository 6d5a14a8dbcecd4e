"""Fits of SVI: a slice of 20 quotes with its certificate, and surfaces of ten expiries.

Frozen quotes: slices such as index options show, with errors of a fifth of a volatility point. A
row is a fit. Peer: QuantLib's SviInterpolatedSmileSection on the same quotes, unweighted, all five
parameters free, from its own guess; it says nothing of arbitrage. Its residual is held to ours in
tests/house/test_benchmarks.py.
"""

import math
from functools import partial
from time import process_time

import numpy as np

from hedgerow import ssvi, svi

from . import peers

QUOTES = 20
DAYS = 91
TIME = DAYS / 365
SLICE = svi.Parameters(a=0.002, b=0.055, rho=-0.45, m=-0.01, sigma=0.09)


def slice_quotes():
    """Log-moneynesses and volatilities of one expiry."""
    k = np.linspace(-0.35, 0.2, QUOTES)
    error = 0.002 * np.random.default_rng(1).standard_normal(QUOTES)
    return k, SLICE.volatility(k, TIME) + error


def surface_quotes():
    """Ten expiries, from a week to two years."""
    rng = np.random.default_rng(2)
    law = ssvi.PowerLaw(rho=-0.5, eta=1.1, gamma=0.4)
    made = []
    for time in np.geomspace(0.02, 2.0, 10):
        slice = law.slice(0.04 * time)
        k = math.sqrt(slice.theta) * np.linspace(-2.5, 1.8, QUOTES)
        volatility = slice.volatility(k, time) + 0.002 * rng.standard_normal(QUOTES)
        made.append(ssvi.SmileQuotes(log_moneyness=k, volatility=volatility, time=time))
    return made


def in_quantlib():
    """Fits and returns the volatilities at the quotes."""
    ql = peers.require("QuantLib")
    today = ql.Date(5, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    k, volatility = slice_quotes()
    forward, no_guess = 100.0, ql.nullDouble()
    strikes = (forward * np.exp(k)).tolist()
    at_money = float(np.interp(0.0, k, volatility))
    terms = (today + DAYS, forward, strikes, False, at_money, volatility.tolist())
    guesses, fixed, vega_weighted = (no_guess,) * 5, (False,) * 5, False

    def run():
        section = ql.SviInterpolatedSmileSection(*terms, *guesses, *fixed, vega_weighted)
        section.volatility(forward)  # it fits when it is first asked
        return section

    return run


class Slice:
    """One expiry; "warm" begins at the last fit, "enforced" must be free of arbitrage."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "quantlib", "warm", "enforced", "tukey"],)

    def setup(self, library):
        k, volatility = slice_quotes()
        start = svi.fit(k, volatility, TIME).parameters
        again = 1.002 * volatility
        runs = {
            "hedgerow": lambda: partial(svi.fit, k, volatility, TIME),
            "quantlib": in_quantlib,
            "warm": lambda: partial(svi.fit, k, again, TIME, start=start),
            "enforced": lambda: partial(
                svi.fit, k, volatility, TIME, constraint=svi.Constraint.BUTTERFLY
            ),
            "tukey": lambda: partial(svi.fit, k, volatility, TIME, loss=svi.Loss.TUKEY),
        }
        self.run = peers.choose(runs, library)

    def time_fit(self, library):
        self.run()


class Certificate:
    """A certificate beside a look at 1,000 points of a grid, which proves nothing."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "grid"],)

    def setup(self, library):
        grid = np.linspace(-3, 3, 1_000)
        runs = {
            "hedgerow": lambda: partial(svi.butterfly, SLICE),
            "grid": lambda: lambda: SLICE.density_factor(grid).min(),
        }
        self.run = peers.choose(runs, library)

    def time_certify(self, library):
        self.run()


class Surface:
    """Ten expiries at once: eSSVI expiry by expiry, SSVI as a whole, and SVI slices one by one."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "power law", "heston", "slices"],)

    def setup(self, library):
        made = surface_quotes()
        columns = [(each.log_moneyness, each.volatility, each.time) for each in made]
        runs = {
            "hedgerow": lambda: partial(ssvi.fit_extended, made),
            "power law": lambda: partial(ssvi.fit_power_law, made),
            "heston": lambda: partial(ssvi.fit_heston, made),
            "slices": lambda: lambda: [svi.fit(*each) for each in columns],
        }
        self.run = peers.choose(runs, library)

    def time_fit(self, library):
        self.run()
