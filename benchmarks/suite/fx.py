"""Foreign exchange: strikes of deltas over columns, and a smile from its quotes; one thread.

Peers: QuantLib's BlackDeltaCalculator, an object per strike, in a loop over 1,000 at most; a smile
solved for by SciPy's brentq on formulas in NumPy, as one writes it.
"""

from functools import partial
from time import process_time

import numpy as np
from scipy import optimize, special

from hedgerow import fx

from . import peers

EXPIRY = fx.FxExpiry(spot=1.3088, domestic_discount=0.9991, foreign_discount=0.9983, time=1 / 12)
LEVEL, RISK_REVERSAL, BUTTERFLY = 0.216215, -0.005, 0.007375
SIZES = [1, 1_000, 100_000]
MOST_OBJECTS = 1_000


def strikes(adjusted, count):
    """What finds the strikes of calls, by library."""
    convention = fx.FxDelta.SPOT_PREMIUM_ADJUSTED if adjusted else fx.FxDelta.SPOT
    deltas, volatilities = np.linspace(0.05, 0.45, count), np.linspace(0.08, 0.25, count)

    def loop():
        ql = peers.require("QuantLib")
        kind = ql.DeltaVolQuote.PaSpot if adjusted else ql.DeltaVolQuote.Spot
        market = EXPIRY.spot, EXPIRY.domestic_discount, EXPIRY.foreign_discount

        def strike(delta, deviation):
            calculator = ql.BlackDeltaCalculator(ql.Option.Call, kind, *market, deviation)
            return calculator.strikeFromDelta(delta)

        return peers.each(strike, (deltas, volatilities * np.sqrt(EXPIRY.time)))

    return {
        "hedgerow": lambda: partial(fx.strike, convention, 1, EXPIRY, deltas, volatilities),
        "quantlib": loop,
    }


class Strike:
    """Strikes of calls by their delta of spot, plain and premium-adjusted."""

    timer = staticmethod(process_time)
    param_names = ("library", "adjusted", "strikes")
    params = (["hedgerow", "quantlib"], [False, True], SIZES)

    def setup(self, library, adjusted, count):
        if library == "quantlib":
            peers.at_most(MOST_OBJECTS, count)
        self.run = peers.choose(strikes(adjusted, count), library)

    def time_strike(self, library, adjusted, count):
        self.run()


def solve():
    """The smile, with its strangle that of the market."""
    wing = fx.FxWing(delta=0.25, risk_reversal=RISK_REVERSAL, butterfly=BUTTERFLY)
    conventions = fx.FxConventions(
        delta=fx.FxDelta.SPOT,
        at_the_money=fx.FxAtTheMoney.DELTA_NEUTRAL,
        strangle=fx.FxStrangle.MARKET,
    )
    interpolation = fx.FxInterpolation.QUADRATIC_IN_DELTA
    return fx.smile(EXPIRY, LEVEL, [wing], conventions=conventions, interpolation=interpolation)


def smile_in_scipy():
    """The smile strangle that gives the market strangle its price, deltas of spot."""
    forward, root = EXPIRY.forward, np.sqrt(EXPIRY.time)

    def strikes_of(volatilities):
        s, quantile = volatilities * root, special.ndtri(0.25 / EXPIRY.foreign_discount)
        return forward * np.exp(np.array([1, -1]) * quantile * s + s * s / 2)

    def strangle(at, volatilities):
        s, sides = volatilities * root, np.array([-1, 1])
        d1 = np.log(forward / at) / s + s / 2
        legs = forward * special.ndtr(sides * d1) - at * special.ndtr(sides * (d1 - s))
        return np.sum(sides * legs)

    one = np.full(2, LEVEL + BUTTERFLY)
    market = strikes_of(one)
    price = strangle(market, one)
    middle = forward * np.exp(LEVEL**2 * EXPIRY.time / 2)

    def place(at):
        return special.ndtr(np.log(at / forward) / (LEVEL * root))

    def error(guess):
        wings = LEVEL + guess + np.array([-0.5, 0.5]) * RISK_REVERSAL
        put, call = strikes_of(wings)
        nodes = place(np.array([put, middle, call]))
        parabola = np.polyfit(nodes, np.log([wings[0], LEVEL, wings[1]]), 2)
        return strangle(market, np.exp(np.polyval(parabola, place(market)))) - price

    return optimize.brentq(error, 0.5 * BUTTERFLY, 2 * BUTTERFLY, xtol=1e-15)


class Smile:
    """A smile from the volatility at the money, a risk reversal and a market strangle."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "scipy"],)

    def setup(self, library):
        runs = {"hedgerow": lambda: solve, "scipy": lambda: smile_in_scipy}
        self.run = peers.choose(runs, library)

    def time_smile(self, library):
        self.run()
