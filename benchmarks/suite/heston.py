"""Heston strips of 50 strikes and a fit to 136 quotes, one thread, beside QuantLib."""

from functools import partial
from time import process_time

import numpy as np

from hedgerow import black, heston

from . import peers

# days, then v0, kappa, theta, sigma, rho
SETS = {
    "mild": (182, 0.04, 1.5, 0.04, 0.3, -0.7),
    "short": (7, 0.04, 2.0, 0.04, 0.4, -0.7),
    "heavy tails": (1825, 0.04, 0.5, 0.04, 1.0, -0.9),
}
NAMES = ("v0", "kappa", "theta", "sigma", "rho")
STRIKES = 50
SPOT = 100.0


def strikes(days):
    """Some three deviations down and two up, for volatilities about 20 %."""
    return SPOT * np.exp(np.linspace(-0.6, 0.4, STRIKES) * min(np.sqrt(days / 365), 1.0))


def engines(ql, model):
    """QuantLib's engines: on the Andersen-Lake contour, its fastest one, and its COS."""
    engine, integration = ql.AnalyticHestonEngine, ql.FourierIntegration
    return {
        "quantlib contour": lambda: engine(
            model, engine.AngledContour, integration.expSinh(1e-10), 1e-12
        ),
        "quantlib fitting": lambda: ql.ExponentialFittingHestonEngine(model),
        "quantlib COS": lambda: ql.COSHestonEngine(model),
    }


def quantlib(engine, name):
    """A run that prices the strip on instruments that exist already, after a tick of the rate."""
    ql = peers.require("QuantLib")
    length, *parameters = SETS[name]
    today = ql.Date(1, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    days = ql.Actual365Fixed()
    rate = ql.SimpleQuote(0.0)
    curve = ql.YieldTermStructureHandle(ql.FlatForward(today, ql.QuoteHandle(rate), days))
    spot = ql.QuoteHandle(ql.SimpleQuote(SPOT))
    process = ql.HestonProcess(curve, curve, spot, *parameters)
    kept = engines(ql, ql.HestonModel(process))[engine]()
    expiry = ql.EuropeanExercise(today + length)
    options = []
    for strike in strikes(length):
        kind = ql.Option.Call if strike >= SPOT else ql.Option.Put
        option = ql.VanillaOption(ql.PlainVanillaPayoff(kind, float(strike)), expiry)
        option.setPricingEngine(kept)
        options.append(option)

    def run():
        for option in options:
            option.recalculate()
        return np.array([option.NPV() for option in options])

    return run


def columns(name):
    """Right, forward, strike, time and discount, and the parameters by name."""
    length, *parameters = SETS[name]
    strike = strikes(length)
    right = np.where(strike >= SPOT, 1.0, -1.0)
    arrays = (right, np.full(STRIKES, SPOT), strike)
    named = dict(zip(NAMES, parameters, strict=True))
    return (*arrays, np.full(STRIKES, length / 365), np.ones(STRIKES)), named


class Strip:
    """Prices of the strip; per option."""

    timer = staticmethod(process_time)
    param_names = ("library", "parameters")
    params = (["hedgerow", "quantlib contour", "quantlib fitting", "quantlib COS"], list(SETS))

    def setup(self, library, name):
        if library == "hedgerow":
            arrays, named = columns(name)
            self.run = partial(heston.price, *arrays, **named)
        else:
            self.run = quantlib(library, name)

    def time_strip(self, library, name):
        self.run()


class Gradient:
    """Prices and their derivatives in the five parameters, beside QuantLib's prices alone."""

    timer = staticmethod(process_time)
    param_names = ("library", "parameters")
    params = (["hedgerow", "quantlib fitting"], list(SETS))

    def setup(self, library, name):
        if library == "hedgerow":
            arrays, named = columns(name)
            self.run = partial(heston.gradient, *arrays, **named)
        else:
            self.run = quantlib(library, name)

    def time_gradient(self, library, name):
        self.run()


TRUTH = {"v0": 0.04, "kappa": 1.5, "theta": 0.05, "sigma": 0.4, "rho": -0.7}
START = {"v0": 0.1, "kappa": 2.0, "theta": 0.1, "sigma": 0.5, "rho": -0.4}
EXPIRIES = (18, 37, 91, 182, 274, 365, 548, 730)  # days
PER_EXPIRY = 17
QUOTES = PER_EXPIRY * len(EXPIRIES)


def quotes():
    """136 quotes without noise: right, forward, strike, days, discount, price."""
    days = np.repeat(EXPIRIES, PER_EXPIRY)
    spread = np.tile(np.linspace(-0.4, 0.3, PER_EXPIRY), len(EXPIRIES))
    strike = SPOT * np.exp(spread * np.sqrt(days / 365))
    right = np.where(strike >= SPOT, 1.0, -1.0)
    price = heston.price(right, SPOT, strike, days / 365, 1.0, **TRUTH)
    return right, np.full(QUOTES, SPOT), strike, days, np.ones(QUOTES), price


def quantlib_calibration(quotes, new_model):
    """QuantLib's Levenberg-Marquardt on the volatilities of quotes; returns its parameters.

    `new_model(ql, curve)` makes a model at its start, and its engine.
    """
    ql = peers.require("QuantLib")
    right, forward, strike, days, discount, price = quotes
    volatility = black.implied_volatility(right, price, forward, strike, days / 365, discount)
    today = ql.Date(1, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    flat = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, ql.Actual365Fixed()))
    calendar = ql.NullCalendar()

    def run():
        model, engine = new_model(ql, flat)
        helpers = []
        for length, k, v in zip(days, strike, volatility, strict=True):
            quote = ql.QuoteHandle(ql.SimpleQuote(float(v)))
            period = ql.Period(int(length), ql.Days)
            helper = ql.HestonModelHelper(period, calendar, SPOT, float(k), quote, flat, flat)
            helper.setPricingEngine(engine)
            helpers.append(helper)
        method = ql.LevenbergMarquardt(1e-8, 1e-8, 1e-8)
        model.calibrate(helpers, method, ql.EndCriteria(400, 40, 1e-8, 1e-8, 1e-8))
        return np.array(list(model.params()))

    return run


def quantlib_fit():
    """QuantLib's fit by its fastest engine: v0, kappa, theta, sigma, rho."""

    def new_model(ql, flat):
        spot = ql.QuoteHandle(ql.SimpleQuote(SPOT))
        model = ql.HestonModel(ql.HestonProcess(flat, flat, spot, *START.values()))
        return model, ql.ExponentialFittingHestonEngine(model)

    calibrated = quantlib_calibration(quotes(), new_model)

    def run():
        theta, kappa, sigma, rho, v0 = calibrated()
        return np.array([v0, kappa, theta, sigma, rho])

    return run


class Fit:
    """The five parameters from 136 quotes of 8 expiries, from a start far off."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "quantlib"],)

    def setup(self, library):
        if library == "hedgerow":
            right, forward, strike, days, discount, price = quotes()
            columns = (right, forward, strike, days / 365, discount, price)
            self.run = partial(heston.fit, *columns, start=START)
        else:
            self.run = quantlib_fit()

    def time_fit(self, library):
        self.run()
