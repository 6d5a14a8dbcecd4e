"""Implied volatility, one thread, to all digits that the price determines.

Peers, in a Python loop over 1,000 options at most: QuantLib's blackFormulaImpliedStdDev at
accuracy 1e-14 (on the wide set it often stops at a wrong number) and its
bachelierBlackFormulaImpliedVol; SciPy's brentq on the textbook formula (market-like set only: it
has no deep tails). Over columns: py_vollib_vectorized. Beside the start from a guess: our cold one.
"""

from functools import partial
from time import process_time

import numpy as np

from hedgerow import kernels

from . import inputs, peers

SIZES = [1, 1_000, 100_000]
MOST_OBJECTS = 1_000


class Black:
    """Black's implied volatility, on market-like options and on options as far as doubles go."""

    timer = staticmethod(process_time)
    param_names = ("library", "set", "options")
    params = (["hedgerow", "quantlib", "brentq", "py_vollib_vectorized"], ["market", "wide"], SIZES)

    def runs(self, name, options):
        o = inputs.priced_options(name, options)
        runs = {
            "hedgerow": lambda: partial(kernels.black_implied_volatility, *o),
            "quantlib": lambda: peers.each(peers.in_quantlib().implied_volatility, o),
            "py_vollib_vectorized": lambda: partial(
                peers.in_vollib().implied_volatility,
                o.price,
                o.forward,
                o.strike,
                -np.log(o.discount) / o.time,
                o.time,
                np.where(o.right > 0, "c", "p"),
            ),
        }
        if name == "market":
            runs["brentq"] = lambda: peers.each(peers.brentq_implied_volatility, o)
        return runs

    def setup(self, library, name, options):
        if library in ("quantlib", "brentq"):
            peers.at_most(MOST_OBJECTS, options)
        self.run = peers.choose(self.runs(name, options), library)

    def time_implied_volatility(self, library, name, options):
        self.run()


class BlackFrom:
    """Black's implied volatility from a guess that is off by so much, beside the cold start."""

    timer = staticmethod(process_time)
    param_names = ("library", "off", "options")
    params = (["hedgerow", "cold"], [0.0, 0.01, 0.1], SIZES)

    def runs(self, off, options):
        o = inputs.priced_options("market", options)
        guess = inputs.guesses(off, options)
        return {
            "hedgerow": lambda: partial(kernels.black_implied_volatility_from, *o, guess),
            "cold": lambda: partial(kernels.black_implied_volatility, *o),
        }

    def setup(self, library, off, options):
        self.run = peers.choose(self.runs(off, options), library)

    def time_implied_volatility(self, library, off, options):
        self.run()


class Bachelier:
    """Bachelier's implied volatility on market-like options."""

    timer = staticmethod(process_time)
    param_names = ("library", "options")
    params = (["hedgerow", "quantlib"], SIZES)

    def runs(self, options):
        o = inputs.priced_options("normal", options)
        return {
            "hedgerow": lambda: partial(kernels.bachelier_implied_volatility, *o),
            "quantlib": lambda: peers.each(peers.in_quantlib().bachelier_implied_volatility, o),
        }

    def setup(self, library, options):
        if library == "quantlib":
            peers.at_most(MOST_OBJECTS, options)
        self.run = peers.choose(self.runs(options), library)

    def time_implied_volatility(self, library, options):
        self.run()
