"""American options, one thread: prices, Greeks, implied volatilities.

Peers are QuantLib's objects in a Python loop over 1,000 options at most, made beforehand: its QdFp
engine with the fast scheme, which errs by some 6e-7 of the strike, and with the accurate one, 4e-8
(hedgerow: docs/american.md). Its Greeks are the price at five other points, one side each. Implied
volatilities: SciPy's brentq on that engine, to 1e-8.
"""

from functools import lru_cache, partial
from time import process_time

import numpy as np
from scipy import optimize

from hedgerow import kernels

from . import inputs, peers

SIZES = [1, 1_000, 100_000]
MOST_OBJECTS = 1_000


@lru_cache
def options(length):
    """Calls and puts with whole days to expiry, a week to three years, within two deviations."""
    random = np.random.default_rng(inputs.SEED + 11)
    right = random.choice([-1.0, 1.0], length)
    time = np.floor(np.exp(random.uniform(np.log(7), np.log(1095), length))) / 365
    volatility = np.exp(random.uniform(np.log(0.1), np.log(0.8), length))
    spot = 100 * np.exp(np.clip(random.normal(0, 1, length), -2, 2) * volatility * np.sqrt(time))
    rate, dividend = random.uniform(0.005, 0.08, (2, length))
    columns = right, spot, 100 * np.ones(length), time, volatility, rate, rate - dividend
    return inputs.SpotOptions(*columns)


@lru_cache
def priced(length):
    """The same out of the money, prices in place of volatilities."""
    o = options(length)
    o = o._replace(right=np.where(o.spot > o.strike, -1.0, 1.0))
    price = kernels.american_price(*o)
    return o.right, price, o.spot, o.strike, o.time, o.rate, o.carry


class QuantLibOption:
    """A QuantLib option whose terms can be moved."""

    def __init__(self, scheme, right, spot, strike, time, volatility, rate, carry):
        ql = peers.require("QuantLib")
        today, count = ql.Date(1, 1, 2025), ql.Actual365Fixed()
        ql.Settings.instance().evaluationDate = today
        self.terms = [ql.SimpleQuote(x) for x in (spot, volatility, rate, rate - carry)]
        handle = [ql.QuoteHandle(quote) for quote in self.terms]
        flat = [ql.YieldTermStructureHandle(ql.FlatForward(today, h, count)) for h in handle[2:]]
        black = ql.BlackConstantVol(today, ql.NullCalendar(), handle[1], count)
        process = ql.BlackScholesMertonProcess(
            handle[0], flat[1], flat[0], ql.BlackVolTermStructureHandle(black)
        )
        kind = ql.Option.Call if right > 0 else ql.Option.Put
        exercise = ql.AmericanExercise(today, today + round(time * 365))
        self.option = ql.VanillaOption(ql.PlainVanillaPayoff(kind, strike), exercise)
        self.option.setPricingEngine(
            ql.QdFpAmericanEngine(process, getattr(ql.QdFpAmericanEngine, f"{scheme}Scheme")())
        )

    def price(self):
        """The price, computed anew."""
        self.option.recalculate()
        return self.option.NPV()

    def at(self, term, value):
        """The price with one of spot, volatility, rate and dividend yield moved."""
        quote = self.terms[term]
        before = quote.value()
        quote.setValue(value)
        price = self.option.NPV()
        quote.setValue(before)
        return price

    def greeks(self):
        """Price, delta, gamma, vega, rho and phi."""
        spot, h = self.terms[0].value(), 1e-3
        price = self.price()
        up, down = self.at(0, spot * (1 + h)), self.at(0, spot * (1 - h))
        step = h * spot
        slopes = [(self.at(j, self.terms[j].value() + 1e-5) - price) / 1e-5 for j in (1, 2, 3)]
        return price, (up - down) / (2 * step), (up - 2 * price + down) / step**2, *slopes

    def implied_volatility(self, price):
        """The volatility that gives a price."""
        return optimize.brentq(lambda v: self.at(1, v) - price, 0.01, 4.0, xtol=1e-8)


class American:
    """What the classes below share."""

    timer = staticmethod(process_time)
    param_names = ("library", "options")
    params = (["hedgerow", "quantlib", "quantlib accurate"], SIZES)

    def setup(self, library, length):
        if library.startswith("quantlib"):
            peers.at_most(MOST_OBJECTS, length)
        self.run = peers.choose(self.runs(length), library)

    def objects(self, length, scheme):
        return [QuantLibOption(scheme, *row) for row in zip(*options(length), strict=True)]

    def loops(self, length, method):
        def loop(scheme):
            made = self.objects(length, scheme)
            return lambda: [getattr(option, method)() for option in made]

        return {
            "quantlib": lambda: loop("fast"),
            "quantlib accurate": lambda: loop("accurate"),
        }


class Price(American):
    """Prices."""

    def runs(self, length):
        ours = {"hedgerow": lambda: partial(kernels.american_price, *options(length))}
        return ours | self.loops(length, "price")

    def time_price(self, library, length):
        self.run()


class Greeks(American):
    """Price, delta, gamma, vega, theta, rho and phi; QuantLib without theta."""

    def runs(self, length):
        ours = {"hedgerow": lambda: partial(kernels.american_greeks, *options(length))}
        return ours | self.loops(length, "greeks")

    def time_greeks(self, library, length):
        self.run()


class Boundary(American):
    """Exercise boundaries, which QuantLib does not give."""

    params = (["hedgerow"], SIZES)

    def runs(self, length):
        o = options(length)
        terms = o.right, o.strike, o.time, o.volatility, o.rate, o.carry
        return {"hedgerow": lambda: partial(kernels.american_exercise_boundary, *terms)}

    def time_boundary(self, library, length):
        self.run()


class ImpliedVolatility(American):
    """Implied volatilities, out of the money."""

    params = (["hedgerow", "quantlib"], SIZES)

    def runs(self, length):
        o = priced(length)

        def loop():
            right, price, *rest = o
            spot, strike, time, rate, carry = rest
            terms = right, spot, strike, time, np.full(length, 0.2), rate, carry
            made = [QuantLibOption("fast", *row) for row in zip(*terms, strict=True)]
            return lambda: [
                option.implied_volatility(p) for option, p in zip(made, price, strict=True)
            ]

        return {
            "hedgerow": lambda: partial(kernels.american_implied_volatility, *o),
            "quantlib": lambda: loop,
        }

    def time_implied_volatility(self, library, length):
        self.run()
