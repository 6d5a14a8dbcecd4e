"""Local volatility: its values, prices under it by finite differences, and Andreasen-Huge fits.

The surface has six SVI slices from a week to two years, as an index has them. QuantLib's peers: its
LocalVolSurface, which knows the surface by total variances on a fine grid (BlackVarianceSurface);
FdBlackScholesVanillaEngine, on a mesh of the same size, with our local volatilities in a table; and
AndreasenHugeVolatilityInterpl on the same quotes, those of the paper, piecewise constant. That all
agree is held in tests/house/test_benchmarks.py.
"""

import csv
from functools import partial
from pathlib import Path
from time import process_time

import numpy as np

from hedgerow import Exercise, local_volatility, ssvi

from . import peers

DAYS = (7, 37, 91, 182, 365, 730)
POINTS = 1_000
NODES, STEPS = 400, 200
SPOT = 100.0
EXPIRY = 365
STRIKES = SPOT * np.exp(np.linspace(-0.4, 0.3, 15))
TERMS = {"right": -1, "spot": SPOT, "strike": 105.0, "time": EXPIRY / 365}
RATES = {"rate": 0.04, "carry": 0.02}
QUOTES = Path(__file__).parents[2] / "tests" / "reference" / "sx5e_20100301.csv"


def surface():
    """SVI slices of an SSVI surface without arbitrage."""
    law = ssvi.PowerLaw(rho=-0.6, eta=1.0, gamma=0.4)
    times = [days / 365 for days in DAYS]
    return local_volatility.SviSurface(times, [law.slice(0.04 * time).raw() for time in times])


def places():
    """Log-moneynesses and times, within two deviations."""
    rng = np.random.default_rng(1994)
    time = rng.uniform(0.02, 2.0, POINTS)
    return 0.4 * np.sqrt(time) * rng.uniform(-1, 1, POINTS), time


def quotes():
    """Moneyness, time and volatility of the paper's example."""
    with QUOTES.open() as file:
        rows = [
            (float(r["moneyness"]), float(r["t"]), float(r["vol"])) for r in csv.DictReader(file)
        ]
    return np.transpose(rows)


def black_surface(ql):
    """QuantLib's surface of our volatilities, without rates."""
    today = ql.Date(1, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    ours = surface()
    days = np.unique(np.concatenate([np.geomspace(3, 760, 60).astype(int), DAYS]))
    strikes = SPOT * np.exp(np.linspace(-1.5, 1.0, 120))
    matrix = ql.Matrix(len(strikes), len(days))
    for j, each in enumerate(days):
        time = each / 365
        volatilities = ours.volatility(np.log(strikes / SPOT), time)
        for i, volatility in enumerate(volatilities):
            matrix[i][j] = float(volatility)
    dates = [today + int(each) for each in days]
    found = ql.BlackVarianceSurface(
        today, ql.NullCalendar(), dates, strikes.tolist(), matrix, ql.Actual365Fixed()
    )
    found.setInterpolation("bicubic")
    found.enableExtrapolation()
    return today, ql.BlackVolTermStructureHandle(found)


def curve(ql, today, rate):
    """A flat one."""
    return ql.YieldTermStructureHandle(ql.FlatForward(today, rate, ql.Actual365Fixed()))


def local_in_quantlib():
    """Local volatilities, point by point."""
    ql = peers.require("QuantLib")
    today, volatility = black_surface(ql)
    flat = curve(ql, today, 0.0)
    local = ql.LocalVolSurface(volatility, flat, flat, ql.QuoteHandle(ql.SimpleQuote(SPOT)))
    k, time = places()
    rows = list(zip(time.tolist(), (SPOT * np.exp(k)).tolist(), strict=True))
    return lambda: np.array([local.localVol(t, strike, True) for t, strike in rows])


def tabulated(ql, today):
    """Our local volatilities in QuantLib's table: it then derives none, which takes it seconds."""
    times = np.unique(np.concatenate([np.geomspace(0.002, 1.0, 100), np.array(DAYS) / 365]))
    times = [0.0, *times[times <= 1.0].tolist()]
    y = np.linspace(-3.0, 2.4, 600)
    ours = surface()
    matrix = ql.Matrix(len(y), len(times))
    for j, time in enumerate(times):
        for i, each in enumerate(ours.local_volatility(y - RATES["carry"] * time, time)):
            matrix[i][j] = float(each)
    strikes = (SPOT * np.exp(y)).tolist()
    return ql.LocalVolTermStructureHandle(
        ql.FixedLocalVolSurface(today, times, strikes, matrix, ql.Actual365Fixed())
    )


def price_in_quantlib(american):
    """One option, the equation solved anew."""
    ql = peers.require("QuantLib")
    carry, rate = RATES["carry"], RATES["rate"]
    today = ql.Date(1, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    # Nothing but the width of their mesh comes from it: with 0.2 the steep left wing is cut off.
    width = ql.BlackConstantVol(today, ql.NullCalendar(), 0.4, ql.Actual365Fixed())
    process = ql.GeneralizedBlackScholesProcess(
        ql.QuoteHandle(ql.SimpleQuote(SPOT)),
        curve(ql, today, rate - carry),
        curve(ql, today, rate),
        ql.BlackVolTermStructureHandle(width),
        tabulated(ql, today),
    )
    expiry = today + EXPIRY
    exercise = ql.AmericanExercise(today, expiry) if american else ql.EuropeanExercise(expiry)
    option = ql.VanillaOption(ql.PlainVanillaPayoff(ql.Option.Put, TERMS["strike"]), exercise)
    scheme = ql.FdmSchemeDesc.CrankNicolson()
    option.setPricingEngine(ql.FdBlackScholesVanillaEngine(process, STEPS, NODES, 2, scheme, True))

    def run():
        option.recalculate()
        return option.NPV()

    return run


def fit_in_quantlib():
    """A fit to all quotes; the largest and the mean error in volatility."""
    ql = peers.require("QuantLib")
    today = ql.Date(1, 3, 2010)
    ql.Settings.instance().evaluationDate = today
    flat = curve(ql, today, 0.0)
    spot = ql.QuoteHandle(ql.SimpleQuote(SPOT))
    kept = ql.CalibrationSet()
    for moneyness, time, volatility in np.transpose(quotes()):
        kind = ql.Option.Put if moneyness < 1 else ql.Option.Call
        payoff = ql.PlainVanillaPayoff(kind, SPOT * float(moneyness))
        option = ql.VanillaOption(payoff, ql.EuropeanExercise(today + int(365 * time)))
        kept.append(ql.CalibrationPair(option, ql.SimpleQuote(float(volatility))))
    interpolation = ql.AndreasenHugeVolatilityInterpl
    kinds = (interpolation.PiecewiseConstant, interpolation.CallPut)

    def run():
        fit = interpolation(kept, spot, flat, flat, *kinds, NODES)
        errors = fit.calibrationError()
        return errors.second(), errors.third()

    return run


class Local:
    """Local volatilities of a surface at 1,000 places; per place."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "quantlib"],)

    def setup(self, library):
        runs = {
            "hedgerow": lambda: partial(surface().local_volatility, *places()),
            "quantlib": local_in_quantlib,
        }
        self.run = peers.choose(runs, library)

    def time_local(self, library):
        self.run()


def price(exercise):
    """Ours."""
    mesh = {"nodes": NODES, "steps": STEPS}
    return partial(local_volatility.price, surface(), **TERMS, **RATES, exercise=exercise, **mesh)


class Price:
    """A put, its delta and gamma by the backward equation, 400 nodes x 200 steps."""

    timer = staticmethod(process_time)
    param_names = ("library", "exercise")
    params = (["hedgerow", "quantlib"], ["european", "american"])

    def setup(self, library, exercise):
        american = exercise == "american"
        runs = {
            "hedgerow": lambda: price(Exercise.AMERICAN if american else Exercise.EUROPEAN),
            "quantlib": lambda: price_in_quantlib(american),
        }
        self.run = peers.choose(runs, library)

    def time_price(self, library, exercise):
        self.run()


class Strikes:
    """Volatilities of 15 strikes and 4 expiries by one forward equation, or a put at a time."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "one by one"],)

    def setup(self, library):
        k = np.log(STRIKES / SPOT)
        times = np.array([0.25, 0.5, 1.0, 2.0])[:, None]
        terms = {"rate": 0.0, "carry": 0.0}
        runs = {
            "hedgerow": lambda: partial(local_volatility.implied_volatility, surface(), k, times),
            "one by one": lambda: partial(
                local_volatility.price, surface(), -1, SPOT, STRIKES, times, **terms
            ),
        }
        self.run = peers.choose(runs, library)

    def time_strikes(self, library):
        self.run()


class AndreasenHuge:
    """The fit to the paper's 155 quotes of 12 expiries, 400 nodes."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "quantlib"],)

    def setup(self, library):
        moneyness, time, volatility = quotes()
        columns = (np.log(moneyness), time, volatility)
        runs = {
            "hedgerow": lambda: partial(local_volatility.AndreasenHuge, *columns, nodes=NODES),
            "quantlib": fit_in_quantlib,
        }
        self.run = peers.choose(runs, library)

    def time_fit(self, library):
        self.run()
