"""From foreign exchange quotes, by delta, to the market of a pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hedgerow import fx
from hedgerow._core import (
    DiscountCurve,
    ForwardCurve,
    FxConventions,
    FxExpiry,
    FxInterpolation,
    FxSmile,
    FxSmileOutcome,
    FxWing,
    Smile,
    UnderlyingMarket,
    year_fraction,
)
from hedgerow.calibrate.quotes import Numbers, shown
from hedgerow.errors import InvalidInput

#: Nodes of the spline that stands for the smile,
NODES = 61
#: which goes so many deviations to either side of the forward.
REACH = 4.0
#: Where total variances are compared with those of the expiry before, in deviations of the earlier.
_CALENDAR_REACH, _CALENDAR_POINTS = 2.5, 41


@dataclass(frozen=True)
class FxQuote:
    """The volatility quotes of one expiry: at the money, and wings with the larger delta first."""

    expiry: np.datetime64
    at_the_money: float
    wings: tuple[FxWing, ...]


@dataclass(frozen=True, eq=False)
class FxExpiryReport:
    """What became of one expiry.

    `strikes` and `volatilities` are those that the quotes determine, from the lowest strike.
    `strangle_error` is by how much each market strangle's price is missed, in domestic currency per
    unit of foreign. `least_density` is the least value of the density factor g between the nodes
    (Gatheral and Jacquier 2014, equation 2.1), `calendar` the least rise of total variance since
    the expiry before: below 0 either is an arbitrage of the quotes, named in `problems`. Without a
    smile `outcome` says why.
    """

    expiry: np.datetime64
    time: float
    forward: float
    outcome: FxSmileOutcome
    strikes: Numbers
    volatilities: Numbers
    strangle_error: Numbers
    least_density: float
    calendar: float
    problems: tuple[str, ...]

    @property
    def trusted(self) -> bool:
        """Whether the smile stands for the quotes and allows no arbitrage."""
        return self.outcome is FxSmileOutcome.SOLVED and not self.problems


@dataclass(frozen=True, eq=False, repr=False)
class FxReport:
    """How the market of a pair came about, expiry by expiry."""

    underlying: str
    quote_currency: str
    expiries: tuple[FxExpiryReport, ...]

    @property
    def trusted(self) -> bool:
        """Whether every expiry's smile may be relied on."""
        return all(one.trusted for one in self.expiries)

    def __repr__(self) -> str:
        lines = [f"{self.underlying}/{self.quote_currency}: {len(self.expiries)} expiries"]
        for one in self.expiries:
            word = one.outcome.name.lower().replace("_", " ")
            lines.append(f"  {shown(one.expiry):18s} forward {one.forward:<10.6g} {word}")
            lines += [f"    not trusted: {problem}" for problem in one.problems]
        return "\n".join(lines)


def fx_market(
    underlying: str,
    quote_currency: str,
    as_of: np.datetime64,
    spot: float,
    quotes: Sequence[FxQuote],
    *,
    domestic: DiscountCurve,
    foreign: DiscountCurve,
    conventions: FxConventions,
    interpolation: FxInterpolation = FxInterpolation.SPLINE_IN_DELTA,
) -> tuple[UnderlyingMarket, FxReport]:
    """The market of a currency pair, and an account of every expiry.

    Forwards are covered interest parity's, spot foreign / domestic. Smiles are those of
    `hedgerow.fx.smile`, as splines that follow them to within 1e-5 of volatility
    (tests/calibrate/test_fx_market.py); an expiry whose quotes determine none has none, and the
    report says why. Arbitrage is looked for and named, not repaired: FX quotes are three or five
    numbers, and a smile that misses them is another market.

    :param underlying: the foreign currency, of which `spot` is the price.
    :param quote_currency: the domestic currency.
    :param quotes: one per expiry, in any order.
    :param domestic: discount factors of the quote currency.
    :param foreign: discount factors of the foreign currency.
    :param conventions: how deltas, the money and butterflies are quoted.
    :param interpolation: between the quotes.
    :raises InvalidInput: for numbers out of range, an expiry not after `as_of`, or one given twice.
    """
    ordered = sorted(quotes, key=lambda quote: quote.expiry)
    for earlier, later in pairwise(ordered):
        if earlier.expiry == later.expiry:
            raise InvalidInput("quotes", shown(later.expiry), "must have distinct expiries")
    reports: list[FxExpiryReport] = []
    smiles: list[Smile] = []
    before: tuple[FxSmile, float] | None = None
    for quote in ordered:
        time = year_fraction(as_of, quote.expiry)
        if not time > 0:
            raise InvalidInput("quotes", shown(quote.expiry), f"must expire after {shown(as_of)}")
        terms = FxExpiry(
            spot=spot,
            domestic_discount=domestic.factor(quote.expiry),
            foreign_discount=foreign.factor(quote.expiry),
            time=time,
        )
        fit = fx.smile(
            terms,
            quote.at_the_money,
            quote.wings,
            conventions=conventions,
            interpolation=interpolation,
        )
        reports.append(_report(quote.expiry, terms, fit, before))
        if fit.smile is not None:
            smiles.append(_spline(quote.expiry, fit.smile))
            before = fit.smile, time
    market = UnderlyingMarket(
        underlying=underlying,
        quote_currency=quote_currency,
        forwards=ForwardCurve(
            as_of=as_of,
            spot=spot,
            pillars=[one.expiry for one in reports],
            forwards=[one.forward for one in reports],
        ),
        discount=domestic,
        smiles=smiles,
    )
    return market, FxReport(underlying, quote_currency, tuple(reports))


def _deviation(smile: FxSmile) -> float:
    return float(smile.volatility(smile.forward) * np.sqrt(smile.time))


def _spline(expiry: np.datetime64, smile: FxSmile) -> Smile:
    """The smile as a natural cubic spline through many of its volatilities."""
    k = np.linspace(-REACH, REACH, NODES) * _deviation(smile)
    strikes = np.union1d(smile.forward * np.exp(k), smile.strikes)
    return Smile.spline(expiry=expiry, strikes=strikes, volatilities=smile.volatility(strikes))


def _report(
    expiry: np.datetime64,
    terms: FxExpiry,
    fit: fx.FxSmileFit,
    before: tuple[FxSmile, float] | None,
) -> FxExpiryReport:
    smile = fit.smile
    problems: tuple[str, ...] = ()
    least = calendar = np.nan
    if smile is not None:
        low, high = (float(np.log(strike / smile.forward)) for strike in smile.strikes[[0, -1]])
        strikes = smile.forward * np.exp(np.linspace(low, high, 8 * NODES))
        density = smile.density_factor(strikes)
        least = float(density.min())
        if least < 0:
            where = strikes[density.argmin()]
            problems += (f"butterfly: negative density at strike {where:.6g}",)
        if before is not None:
            earlier, time = before
            reach = _CALENDAR_REACH * _deviation(earlier)
            moneyness = np.exp(np.linspace(-reach, reach, _CALENDAR_POINTS))
            later = smile.volatility(smile.forward * moneyness) ** 2 * terms.time
            rise = later - earlier.volatility(earlier.forward * moneyness) ** 2 * time
            calendar = float(rise.min())
            if calendar < 0:
                where = smile.forward * moneyness[rise.argmin()]
                problems += (f"calendar: below the expiry before at strike {where:.6g}",)
    return FxExpiryReport(
        expiry=expiry,
        time=terms.time,
        forward=terms.forward,
        outcome=fit.outcome,
        strikes=np.empty(0) if smile is None else smile.strikes,
        volatilities=np.empty(0) if smile is None else smile.volatilities,
        strangle_error=fit.strangle_error,
        least_density=least,
        calendar=calendar,
        problems=problems,
    )
