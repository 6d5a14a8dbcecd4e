"""Greeks of Heston, and Bates: strips of 50 strikes and a fit to 136 quotes, beside QuantLib."""

from functools import partial
from time import process_time

import numpy as np

from hedgerow import bates, heston

from . import heston as heston_suite
from . import peers

STRIKES, SPOT, DAYS = heston_suite.STRIKES, heston_suite.SPOT, 182
HESTON = {"v0": 0.04, "kappa": 1.5, "theta": 0.05, "sigma": 0.4, "rho": -0.7}
BATES = HESTON | {"intensity": 0.3, "jump_mean": -0.1, "jump_deviation": 0.15}


def quantlib_strip(model_of, engine_of, bump=False):
    """A run over instruments that exist already: prices and, by differences, delta, gamma, theta.

    That takes three spots and the next day: four strips.
    """
    ql = peers.require("QuantLib")
    today = ql.Date(1, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    flat = ql.FlatForward(0, ql.NullCalendar(), 0.0, ql.Actual365Fixed())
    curve = ql.YieldTermStructureHandle(flat)
    spot = ql.SimpleQuote(SPOT)
    engine = engine_of(ql, model_of(ql, curve, ql.QuoteHandle(spot)))
    expiry = ql.EuropeanExercise(today + DAYS)
    options = []
    for strike in heston_suite.strikes(DAYS):
        kind = ql.Option.Call if strike >= SPOT else ql.Option.Put
        option = ql.VanillaOption(ql.PlainVanillaPayoff(kind, float(strike)), expiry)
        option.setPricingEngine(engine)
        options.append(option)

    def strip():
        for option in options:
            option.recalculate()
        return np.array([option.NPV() for option in options])

    def greeks():
        h = 1e-3 * SPOT
        here = strip()
        spot.setValue(SPOT + h)
        up = strip()
        spot.setValue(SPOT - h)
        down = strip()
        spot.setValue(SPOT)
        ql.Settings.instance().evaluationDate = today + 1
        later = strip()
        ql.Settings.instance().evaluationDate = today
        delta, gamma = (up - down) / (2 * h), (up - 2 * here + down) / h**2
        return here, delta, gamma, 365 * (later - here)

    return greeks if bump else strip


def heston_model(ql, curve, spot):
    """QuantLib's."""
    return ql.HestonModel(ql.HestonProcess(curve, curve, spot, *HESTON.values()))


def bates_model(ql, curve, spot):
    """Likewise, with lognormal jumps."""
    return ql.BatesModel(ql.BatesProcess(curve, curve, spot, *BATES.values()))


def columns():
    """Right, forward, strike, time and discount."""
    strike = heston_suite.strikes(DAYS)
    right = np.where(strike >= SPOT, 1.0, -1.0)
    return right, np.full(STRIKES, SPOT), strike, np.full(STRIKES, DAYS / 365), np.ones(STRIKES)


class Greeks:
    """Six Greeks and the price in one pass; QuantLib's delta, gamma and theta by differences."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "price alone", "quantlib fitting"],)

    def setup(self, library):
        if library == "quantlib fitting":
            engine = lambda ql, model: ql.ExponentialFittingHestonEngine(model)  # noqa: E731
            self.run = quantlib_strip(heston_model, engine, bump=True)
        else:
            function = heston.greeks if library == "hedgerow" else heston.price
            self.run = partial(function, *columns(), **HESTON)

    def time_greeks(self, library):
        self.run()


class BatesStrip:
    """Prices of the strip; QuantLib's engine for Bates, of 144 nodes per option."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "quantlib"],)

    def setup(self, library):
        if library == "hedgerow":
            self.run = partial(bates.price, *columns(), **BATES)
        else:
            self.run = quantlib_strip(bates_model, lambda ql, model: ql.BatesEngine(model))

    def time_strip(self, library):
        self.run()


START = heston_suite.START | {"intensity": 0.5, "jump_mean": -0.05, "jump_deviation": 0.1}


def quotes():
    """136 quotes of Bates without noise: right, forward, strike, days, discount, price."""
    right, forward, strike, days, discount, _ = heston_suite.quotes()
    return (
        right,
        forward,
        strike,
        days,
        discount,
        bates.price(right, forward, strike, days / 365, discount, **BATES),
    )


def quantlib_fit():
    """QuantLib's Levenberg-Marquardt on the same volatilities; it ends far from the truth."""

    def new_model(ql, flat):
        spot = ql.QuoteHandle(ql.SimpleQuote(SPOT))
        model = ql.BatesModel(ql.BatesProcess(flat, flat, spot, *START.values()))
        return model, ql.BatesEngine(model)

    return heston_suite.quantlib_calibration(quotes(), new_model)


class BatesFit:
    """Eight parameters from 136 quotes of 8 expiries, from a start far off."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "quantlib"],)

    def setup(self, library):
        if library == "hedgerow":
            right, forward, strike, days, discount, price = quotes()
            arrays = (right, forward, strike, days / 365, discount, price)
            self.run = partial(bates.fit, *arrays, start=START)
        else:
            self.run = quantlib_fit()

    def time_fit(self, library):
        self.run()
