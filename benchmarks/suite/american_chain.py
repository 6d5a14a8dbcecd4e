"""A whole chain of American options, from raw quotes to a market without early exercise.

The chain is that of the examples: 476 quotes of AAPL in three expiries, read once. Ours makes the
quotes from their contracts, finds the forwards at which calls and puts agree, and reads the
volatilities of middles, bids and asks. Peer: QuantLib's QdFpAmericanEngine with the `fast` scheme,
inverted by SciPy's brentq, on the middles that ours read and at the forwards that ours found: a
third of the volatilities, and no forwards.
"""

from pathlib import Path
from time import process_time

import numpy as np

import hedgerow as hr

from . import peers

CHAIN = Path(__file__).parents[2] / "examples" / "data" / "aapl_20140609_quotes.csv"
RATE = 0.001


def flat(as_of):
    """A discount curve of one rate."""
    year = as_of + np.timedelta64(365, "D")
    return hr.DiscountCurve(as_of=as_of, pillars=[year], factors=[np.exp(-RATE)])


def in_hedgerow(quotes):
    """The market of the quotes."""
    contracts, prices, curve = quotes.contracts, (quotes.bid, quotes.ask), flat(quotes.as_of)

    def run():
        made = hr.Quotes(quotes.as_of, contracts, *prices)
        return made.market(discount=curve)

    return run


def in_quantlib(quotes):
    """The volatilities of the middles, one after the other."""
    ql = peers.require("QuantLib")
    brentq = peers.require("scipy.optimize").brentq
    _, report = quotes.market(discount=flat(quotes.as_of))
    found = report["AAPL"]
    middles = dict(zip(map(terms, quotes.contracts[1:]), quotes.mid[1:], strict=True))
    asked = []
    for expiry in found.expiries:
        carry = np.log(expiry.forward / found.spot) / expiry.time
        for strike, right in zip(expiry.smile.strikes, expiry.smile.rights, strict=True):
            price = middles[expiry.expiry, strike, right]
            asked.append((price, right, strike, expiry.time, carry))

    today = ql.Date(9, 6, 2014)
    ql.Settings.instance().evaluationDate = today
    count = ql.Actual365Fixed()
    spot = ql.QuoteHandle(ql.SimpleQuote(found.spot))
    rate = ql.YieldTermStructureHandle(ql.FlatForward(today, RATE, count))
    scheme = ql.QdFpAmericanEngine.fastScheme()

    def volatility(price, right, strike, time, carry):
        level = ql.SimpleQuote(0.3)
        flat_vol = ql.BlackConstantVol(today, ql.NullCalendar(), ql.QuoteHandle(level), count)
        process = ql.BlackScholesMertonProcess(
            spot,
            ql.YieldTermStructureHandle(ql.FlatForward(today, RATE - carry, count)),
            rate,
            ql.BlackVolTermStructureHandle(flat_vol),
        )
        payoff = ql.PlainVanillaPayoff(ql.Option.Call if right > 0 else ql.Option.Put, strike)
        expiry = today + max(round(365 * time), 1)
        option = ql.VanillaOption(payoff, ql.AmericanExercise(today, expiry))
        option.setPricingEngine(ql.QdFpAmericanEngine(process, scheme))

        def above(guess):
            level.setValue(guess)
            return option.NPV() - price

        return brentq(above, 0.01, 4.0, xtol=1e-8)

    return lambda: np.array([volatility(*row) for row in asked])


def terms(option):
    """What tells a contract of the chain from the others."""
    return option.expiry, option.strike, int(option.right)


class AmericanChain:
    """All expiries of a chain, early exercise taken out."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "quantlib"],)

    def setup(self, library):
        quotes = hr.read_quotes(CHAIN)
        runs = {"hedgerow": lambda: in_hedgerow(quotes), "quantlib": lambda: in_quantlib(quotes)}
        self.run = peers.choose(runs, library)

    def time_read(self, library):
        self.run()
