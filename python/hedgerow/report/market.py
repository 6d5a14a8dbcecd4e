"""The market of a report: implied forwards and discount factors, smiles beside their quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hedgerow._core import Snapshot, UnderlyingMarket
from hedgerow.portfolio.frame import Frame
from hedgerow.report.data import SmileQuotes
from hedgerow.report.inventory import standard_deviation

if TYPE_CHECKING:
    from hedgerow.calibrate.report import ExpiryReport, MarketReport
    from hedgerow.calibrate.smile import QuotedSmile

DEVIATIONS = 5.0  # how far from the forward, in standard deviations, a smile is drawn

_COLUMNS: dict[str, Any] = {
    "underlying": object,
    "expiry": "datetime64[ns]",
    "forward": float,
    "forward_error": float,
    "forward_source": object,
    "discount": float,
    "discount_source": object,
    "strikes": np.int64,
    "outliers": object,
    "skipped": np.int64,
    "note": object,
}


def forwards_frame(snapshot: Snapshot, report: MarketReport | None) -> Frame:
    """A row per expiry: forward, discount factor, where they came from, and what was set aside."""
    rows: list[tuple[Any, ...]] = []
    if report is None:
        for market in snapshot.markets:
            rows += _given(market)
    else:
        for underlying in report.underlyings:
            rows += [_implied(underlying.underlying, expiry) for expiry in underlying.expiries]
    return Frame(
        {
            name: np.array([row[j] for row in rows], dtype=kind)
            for j, (name, kind) in enumerate(_COLUMNS.items())
        }
    )


def _given(market: UnderlyingMarket) -> list[tuple[Any, ...]]:
    smiles = {smile.expiry: len(smile.strikes) for smile in market.smiles}
    expiries = sorted({*smiles, *market.forwards.pillars})
    rows: list[tuple[Any, ...]] = []
    for expiry in expiries:
        numbers = (market.forwards.forward(expiry), np.nan, "given")
        discount = (market.discount.factor(expiry), "given")
        rows.append(
            (market.underlying, expiry, *numbers, *discount, smiles.get(expiry, 0), "", 0, "")
        )
    return rows


def _implied(underlying: str, expiry: ExpiryReport) -> tuple[Any, ...]:
    outliers = ", ".join(f"{strike:.8g}" for strike in expiry.outlier_strikes)
    rate = expiry.discount_reason
    if rate and rate not in expiry.reason:
        rate = f"discount factor {expiry.discount_source}: {rate}"
    reasons = f"{expiry.reason}; {rate}".split("; ")
    note = "; ".join(dict.fromkeys(reason for reason in reasons if reason))
    strikes = 0 if expiry.smile is None else len(expiry.smile.strikes)
    return (
        underlying,
        expiry.expiry,
        expiry.forward,
        expiry.forward_error,
        expiry.forward_source,
        expiry.discount,
        expiry.discount_source,
        strikes,
        outliers,
        len(expiry.skipped),
        note,
    )


def market_notes(report: MarketReport | None) -> tuple[str, ...]:
    """What else was set aside or missed on the way to the market."""
    underlyings = () if report is None else report.underlyings
    return tuple(
        f"{found.underlying}: {note}"
        for found in underlyings
        for note in (*found.notes, *([f"left out: {found.reason}"] if found.reason else []))
    )


def smile_quotes(snapshot: Snapshot, report: MarketReport | None) -> tuple[SmileQuotes, ...]:
    """The smiles of a market, with the quotes they came from where a report has them."""
    found = []
    for market in snapshot.markets:
        for smile in market.smiles:
            forward = market.forwards.forward(smile.expiry)
            deviation = standard_deviation(snapshot, market.underlying, smile.expiry)
            strikes, volatilities = smile.strikes, smile.volatilities
            bid = ask = np.full(strikes.shape, np.nan)
            quoted = _quoted(report, market.underlying, smile.expiry)
            if quoted is not None:
                strikes, volatilities = quoted.strikes, quoted.volatilities
                bid, ask = quoted.bid_volatilities, quoted.ask_volatilities
            reach = float(np.exp(DEVIATIONS * deviation))
            found.append(
                SmileQuotes(
                    underlying=market.underlying,
                    expiry=smile.expiry,
                    forward=forward,
                    low=forward / reach,
                    high=forward * reach,
                    strikes=strikes,
                    bid_volatilities=bid,
                    volatilities=volatilities,
                    ask_volatilities=ask,
                )
            )
    return tuple(found)


def _quoted(
    report: MarketReport | None, underlying: str, expiry: np.datetime64
) -> QuotedSmile | None:
    """The quotes of a smile; None where the report, maybe of another market, has none."""
    try:
        return None if report is None else report[underlying].expiry(expiry).smile
    except KeyError:
        return None
