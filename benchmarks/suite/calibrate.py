"""A whole chain of coin-settled options, from raw quotes to a surface with its report.

The chain is that of the examples: 472 quotes of BTC in seven expiries, read once; a row is a
calibration of all of it. "cold" makes the quotes from their contracts, "warm" quotes the same
contracts anew and starts at the last fit. Peer: QuantLib's SviInterpolatedSmileSection on the
implied volatilities that ours found, expiry by expiry: forwards, implied volatilities, weights,
certificates and the report are spared it.
"""

from pathlib import Path
from time import process_time

import numpy as np

import hedgerow as hr

from . import peers

CHAIN = Path(__file__).parents[2] / "examples" / "data" / "btc_20260318_quotes.csv"
MODELS = ["svi", "ssvi", "essvi", "sabr", "heston", "spline"]


def columns(quotes):
    """Its prices, as a venue sends them again."""
    return {"mark": quotes.mark, "forward": quotes.forward, "index": quotes.index}


def in_quantlib():
    """SVI through every expiry that has five volatilities."""
    ql = peers.require("QuantLib")
    today = ql.Date(18, 3, 2026)
    ql.Settings.instance().evaluationDate = today
    _, report = hr.read_quotes(CHAIN).calibrate(model="svi")
    seen = [item.observations for item in report["BTC"].slices if len(item) >= 5]
    no_guess, fixed = (ql.nullDouble(),) * 5, (False,) * 5
    terms = []
    for one in seen:
        at_money = float(np.interp(one.forward, one.strikes, one.volatilities))
        days = max(round(365 * one.time), 1)
        smile = one.strikes.tolist(), False, at_money, one.volatilities.tolist()
        terms.append((today + days, one.forward, *smile, *no_guess, *fixed, False))

    def run():
        sections = [ql.SviInterpolatedSmileSection(*each) for each in terms]
        return [s.volatility(each[1]) for s, each in zip(sections, terms, strict=True)]

    return run


class Chain:
    """All expiries of a chain; "cold" is that of hedgerow, with the contracts looked at anew."""

    timer = staticmethod(process_time)
    param_names = ("library", "model")
    params = (["hedgerow", "warm", "quantlib"], MODELS)

    def setup(self, library, model):
        quotes = hr.read_quotes(CHAIN)
        contracts, prices = quotes.contracts, (quotes.bid, quotes.ask)
        _, last = quotes.calibrate(model=model)
        more = columns(quotes)

        def cold():
            made = hr.Quotes(quotes.as_of, contracts, *prices, **more)
            return made.calibrate(model=model)

        def warm():
            return quotes.at(quotes.as_of, *prices, **more).calibrate(model=model, last=last)

        runs = {"hedgerow": lambda: cold, "warm": lambda: warm}
        if model == "svi":
            runs["quantlib"] = in_quantlib
        self.run = peers.choose(runs, library)

    def time_calibrate(self, library, model):
        self.run()
