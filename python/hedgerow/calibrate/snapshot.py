"""From quotes to the market that they imply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from hedgerow._core import (
    DiscountCurve,
    ExchangeRates,
    ForwardCurve,
    Snapshot,
    UnderlyingMarket,
)
from hedgerow.calibrate.american import american_parity
from hedgerow.calibrate.chain import Chain, Prices, chains_of, expired_rows, median
from hedgerow.calibrate.forwards import Parity, identifies_rate, parity, why_no_rate
from hedgerow.calibrate.quotes import Quotes
from hedgerow.calibrate.report import ExpiryReport, MarketReport, UnderlyingReport
from hedgerow.calibrate.rows import UnderlyingRows
from hedgerow.calibrate.smile import QuotedSmile, quoted_smiles
from hedgerow.errors import InvalidInput

Discounts = DiscountCurve | Mapping[str, DiscountCurve]


def market(
    quotes: Quotes,
    *,
    reporting: str = "USD",
    rates: Mapping[str, float] | None = None,
    discount: Discounts | None = None,
    widest: float = 1.0,
    max_age: np.timedelta64 | timedelta | None = None,
) -> tuple[Snapshot, MarketReport]:
    """The market that quotes imply, and a report of how each number came about.

    For every underlying:

    - **Spot**: the middle of its spot quote, else the median of the venue's index, else the nearest
      forward, else the perpetual. The report says which.
    - **Forward** of an expiry: the middle of the future's quote, else the median of the venue's
      forwards, else put-call parity of the two-sided quotes (of the marks where there are none),
      each strike weighted by its spreads, outliers set aside and named.
    - **Discount factor**: `discount` where given. Else fitted by parity beside the forward where
      that tells the rate to within a standard error of 0.01 a year (`LARGEST_RATE_ERROR`); else
      read off the curve through the other expiries, which keeps zero rates flat at both ends;
      else 1, and the report says so. Coin-settled options discount at 1 in coin.
    - **Smile** of an expiry: implied volatilities of the middles of out-of-the-money quotes (the
      call at and above the forward, the put below), else of the other side's where that alone is
      two-sided. A spread wider than `widest` times the time value is no quote. Where no quote is
      left the venue's out-of-the-money mark stands in; without one the strike is skipped.

    **American options** are read likewise, by volatilities of European options that differ in their
    exercise alone (`hedgerow.american`: Black, Scholes and Merton's model, with a constant rate and
    carry to each expiry):

    - Their forward is the one at which the calls and the puts near the money imply the same
      volatilities ("american"), found from European parity and with errors and outliers like it;
      quoted and venue's forwards come first here too.
    - What they are exercised into is the spot or, where only a future or venue's forward of their
      expiry is known, that; else the nearest forward of their own.
    - They don't tell the interest rate: without `discount` it is that of European expiries of the
      same underlying, else of the underlying in the same currency whose parity tells it for most
      expiries ("other chain"), else 0 and the report says so ("assumed").
    - Dividends are a continuous yield, that of the forward. A cash dividend is another model: calls
      are exercised just before it, and what that is worth stays in their volatilities.
    - An expiry has one exercise, that of most of its options, European where they are as many; the
      others are skipped by name, as are coin-settled American options.

    A future's or venue's mark stands in for a quote that is not two-sided. Bad quotes never raise:
    what has no answer is left out of the snapshot, and the report says why.

    :param reporting: the currency that values are reported in.
    :param rates: units of `reporting` per unit of other currencies. A coin's own rate is its spot;
        nothing else is assumed, not even that a stable coin is worth a dollar.
    :param discount: a curve for every quote currency, or curves by quote currency.
    :param widest: the widest usable spread, relative to the time value at its middle.
    :param max_age: quotes that are older than this at `quotes.as_of` (by `quotes.quoted_at`) are
        stale: no quotes, and named so. By default none is.
    :raises InvalidInput: for a wrong option, never for a quote.
    """
    if not widest > 0:
        raise InvalidInput("widest", widest, "must be positive")
    prices = Prices(quotes, max_age)
    markets: list[UnderlyingMarket] = []
    reports: list[UnderlyingReport] = []
    coins: list[UnderlyingMarket] = []
    made: dict[str, tuple[UnderlyingMarket | None, UnderlyingReport]] = {}
    # American options tell no rate: what the others tell has to be known before them.
    for listed in sorted(quotes.listed, key=lambda one: one.has_american):
        other = _best_known(made, listed) if listed.has_american else None
        made[listed.underlying] = _underlying_market(prices, listed, discount, other, widest)
    for listed in quotes.listed:
        found, report = made[listed.underlying]
        reports.append(report)
        if found is not None:
            markets.append(found)
            if listed.pays_coin:
                coins.append(found)
    exchange = _exchange_rates(reporting, rates or {}, coins)
    snapshot = Snapshot(as_of=quotes.as_of, markets=markets, rates=exchange)
    return snapshot, MarketReport(quotes.as_of, tuple(_with_rates(reports, exchange)))


def _best_known(
    made: Mapping[str, tuple[UnderlyingMarket | None, UnderlyingReport]], listed: UnderlyingRows
) -> UnderlyingMarket | None:
    """The market in the same currency whose parity tells the discount factors of most expiries."""
    best, most = None, 0
    for found, report in made.values():
        known = sum(expiry.discount_source == "parity" for expiry in report.expiries)
        if found is not None and found.quote_currency == listed.quote_currency and known > most:
            best, most = found, known
    return best


@np.errstate(all="ignore")  # quotes out of all proportion overflow, and then answer nothing
def _underlying_market(
    prices: Prices,
    listed: UnderlyingRows,
    given: Discounts | None,
    other: UnderlyingMarket | None,
    widest: float,
) -> tuple[UnderlyingMarket | None, UnderlyingReport]:
    currency, others = listed.quote_currency, listed.others
    notes = [f"{others} quotes set aside: cash, or not in {currency}"] if others else []
    expired = expired_rows(prices.as_of, listed.expiries)
    notes += [f"{expired} quotes set aside: expired"] if expired else []

    spot, spot_source = _shown_spot(prices, listed)
    found = chains_of(prices, listed, spot)
    curve = given.get(currency) if isinstance(given, Mapping) else given
    discounts, curve = _discounts(prices.as_of, found, curve, other)
    found = _all_with_spots(found, discounts)
    forwards = [_forward(chain, factor) for chain, factor in zip(found, discounts, strict=True)]
    expiries = _expiries(found, discounts, forwards, widest)
    priced = [report for report in expiries if not np.isnan(report.forward)]
    perpetual = prices.level(listed.perpetuals)
    if spot is None and priced:
        spot, spot_source = priced[0].forward, "nearest forward"
    elif spot is None:
        spot, spot_source = perpetual, "perpetual"
    report = UnderlyingReport(
        underlying=listed.underlying,
        quote_currency=currency,
        spot=np.nan if spot is None else spot,
        spot_source=spot_source,
        perpetual=np.nan if perpetual is None else perpetual,
        expiries=tuple(expiries),
        notes=tuple(notes),
        reason="" if spot else "no spot, index, forward or perpetual",
    )
    if spot is None:
        return None, report
    smiles = [r.smile.smile(r.expiry) for r in priced if r.smile is not None]
    return UnderlyingMarket(
        underlying=listed.underlying,
        quote_currency=currency,
        forwards=ForwardCurve(
            as_of=prices.as_of,
            spot=spot,
            pillars=[report.expiry for report in priced],
            forwards=[report.forward for report in priced],
        ),
        discount=curve,
        smiles=[smile for smile in smiles if smile is not None],
        perpetual=perpetual,
    ), report


@dataclass(frozen=True)
class _Discount:
    """A discount factor in the options' own currency; `fit` where it came with the forward."""

    factor: float
    source: str
    error: float
    reason: str = ""
    fit: Parity | None = None


def _discounts(
    as_of: np.datetime64,
    found: Sequence[Chain],
    given: DiscountCurve | None,
    other: UnderlyingMarket | None,
) -> tuple[list[_Discount], DiscountCurve]:
    """A discount factor per chain, and the curve of the quote currency that they lie on."""
    fits: dict[np.datetime64, Parity] = {}
    if given is None:
        fits = {c.expiry: parity(c, None) for c in found if c.may_tell_rate}
    known = {
        chain.expiry: fits[chain.expiry]
        for chain in found
        if chain.expiry in fits and identifies_rate(chain, fits[chain.expiry])
    }
    curve = given or DiscountCurve()
    if known:
        factors = [fit.discount for fit in known.values()]
        curve = DiscountCurve(as_of=as_of, pillars=list(known), factors=factors)
    elif other is not None and given is None:
        curve = other.discount

    def discount(chain: Chain) -> _Discount:
        if chain.coin_settled:
            return _Discount(1.0, "coin-settled", 0.0)
        if given is not None:
            return _Discount(curve.factor(chain.expiry), "given", 0.0)
        if (fit := known.get(chain.expiry)) is not None:
            return _Discount(fit.discount, "parity", fit.discount_error, fit=fit)
        reason = why_no_rate(chain, fits.get(chain.expiry))
        source = "interpolated" if known else "assumed"
        if other is not None and not known:
            source, reason = "other chain", f"{reason}; of {other.underlying}"
        return _Discount(curve.factor(chain.expiry), source, np.nan, reason)

    return [discount(chain) for chain in found], curve


@dataclass(frozen=True)
class _Forward:
    """The forward of an expiry by the first source that has one; NaN without any."""

    price: float
    source: str
    error: float
    parity: Parity | None


def _forward(chain: Chain, discount: _Discount) -> _Forward:
    fit = discount.fit
    if fit is None and chain.strikes.size:
        fit = _parity(chain, discount.factor)
    if chain.future is not None:
        return _Forward(chain.future, "future", np.nan, fit)
    if chain.venue_forward is not None:
        return _Forward(chain.venue_forward, "venue", np.nan, fit)
    if fit is not None and fit.converged:
        source = "marks" if fit.from_marks else "american" if chain.is_american else "parity"
        return _Forward(fit.forward, source, fit.forward_error, fit)
    return _Forward(np.nan, "", np.nan, fit)


def _all_with_spots(found: Sequence[Chain], discounts: Sequence[_Discount]) -> list[Chain]:
    """Where no spot is known, the nearest forward stands for it in American options too."""
    missing = [chain.is_american and chain.spot is None for chain in found]
    if not any(missing):
        return list(found)
    spot: float | None = None
    for chain, discount, wanted in zip(found, discounts, missing, strict=True):
        if wanted and chain.strikes.size:
            fit = american_parity(chain, None, discount.factor)
            if fit.converged:
                spot = fit.forward
                break
    return [
        replace(chain, spot=spot) if wanted else chain
        for chain, wanted in zip(found, missing, strict=True)
    ]


def _parity(chain: Chain, factor: float) -> Parity | None:
    if not chain.is_american:
        return parity(chain, factor)
    return None if chain.spot is None else american_parity(chain, chain.spot, factor)


def _expiries(
    found: Sequence[Chain],
    discounts: Sequence[_Discount],
    forwards: Sequence[_Forward],
    widest: float,
) -> list[ExpiryReport]:
    """The smiles of all expiries that have a forward, and the account of each."""
    rows = list(zip(found, discounts, forwards, strict=True))
    readable = [row for row in rows if row[0].strikes.size and not np.isnan(row[2].price)]
    smiles = quoted_smiles(
        [chain for chain, _, _ in readable],
        [forward.price for _, _, forward in readable],
        [discount.factor for _, discount, _ in readable],
        widest,
    )
    by_expiry = {row[0].expiry: smile for row, smile in zip(readable, smiles, strict=True)}
    return [
        _account(chain, discount, forward, by_expiry.get(chain.expiry))
        for chain, discount, forward in rows
    ]


def _account(
    chain: Chain, discount: _Discount, forward: _Forward, smile: QuotedSmile | None
) -> ExpiryReport:
    reason = ""
    if np.isnan(forward.price):
        fit = forward.parity
        outcome = "no usable option" if fit is None else fit.outcome.name.lower().replace("_", " ")
        reason = f"no quoted forward; parity: {outcome}"
        if chain.is_american and chain.spot is None:
            reason = "american options, and no spot, index or quoted forward"
    elif smile is not None and not smile.strikes.size:
        reason = "no strike has a usable quote"
    return ExpiryReport(
        expiry=chain.expiry,
        time=chain.time,
        exercise=chain.exercise,
        forward=forward.price,
        forward_source=forward.source,
        forward_error=forward.error,
        discount=discount.factor,
        discount_source=discount.source,
        discount_error=discount.error,
        discount_reason=discount.reason,
        parity=forward.parity,
        smile=smile,
        skipped=chain.skipped + (() if smile is None else smile.skipped),
        reason=reason,
    )


def _shown_spot(prices: Prices, listed: UnderlyingRows) -> tuple[float | None, str]:
    if (quoted := prices.level(listed.spots)) is not None:
        return quoted, "quoted"
    return median(prices.index[listed.rows]), "index"


def _exchange_rates(
    reporting: str, given: Mapping[str, float], coins: Sequence[UnderlyingMarket]
) -> ExchangeRates:
    """The given rates, and every coin's own: its spot, from the quote currency's rate."""
    rates = {reporting: 1.0, **given}
    for coin in coins:  # seen from a coin, its quote currency is worth the reciprocal
        if coin.underlying == reporting:
            rates.setdefault(coin.quote_currency, 1 / coin.spot)
    for coin in coins:
        if coin.quote_currency in rates:
            rates.setdefault(coin.underlying, coin.spot * rates[coin.quote_currency])
    usable = {name: rate for name, rate in rates.items() if name in given or 0 < rate < np.inf}
    return ExchangeRates(reporting, usable)


def _with_rates(
    reports: Iterable[UnderlyingReport], exchange: ExchangeRates
) -> Iterable[UnderlyingReport]:
    """Notes where a value would have no way into the reporting currency."""
    for report in reports:
        currency = report.quote_currency
        if exchange.rate(currency) is None:
            note = f"no rate from {currency} to {exchange.reporting}: give one"
            report = replace(report, notes=(*report.notes, note))
        yield report
