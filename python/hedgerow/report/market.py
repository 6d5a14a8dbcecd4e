"""The market of a report: forwards, discount factors, smiles and fits beside their quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hedgerow._core import Smile, SmileKind, Snapshot, UnderlyingMarket, year_fraction
from hedgerow.portfolio.frame import Frame
from hedgerow.report.data import SmileQuotes
from hedgerow.report.inventory import standard_deviation

if TYPE_CHECKING:
    from hedgerow.calibrate.fit_report import FitReport, SliceFit
    from hedgerow.calibrate.report import ExpiryReport, MarketReport
    from hedgerow.calibrate.smile import QuotedSmile

DEVIATIONS = 5.0  # how far from the forward, in standard deviations, a smile is drawn
CURVE = 121  # points of a model's curve
NEVER = np.datetime64("NaT", "ns")

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
    worth = expiry.largest_early_exercise
    early = f"early exercise taken out, worth up to {worth:.3g}" if worth > 0 else ""
    reasons = f"{expiry.reason}; {rate}; {early}".split("; ")
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


def smile_quotes(
    snapshot: Snapshot, report: MarketReport | None, fits: FitReport | None = None
) -> tuple[SmileQuotes, ...]:
    """The smiles of a market, with the quotes and the model they came from where reports say."""
    standing = {
        (fit.underlying, item.expiry): item
        for fit in (() if fits is None else fits.underlyings)
        for item in fit.slices
    }
    found = []
    for market in snapshot.markets:
        for smile in market.smiles:
            forward = market.forwards.forward(smile.expiry)
            deviation = standard_deviation(snapshot, market.underlying, smile.expiry)
            kept = smile.kind is SmileKind.QUOTED
            strikes = smile.strikes if kept else np.empty(0)
            volatilities = smile.volatilities if kept else np.empty(0)
            bid = ask = np.full(strikes.shape, np.nan)
            quoted = _quoted(report, market.underlying, smile.expiry)
            if quoted is not None:
                strikes, volatilities = quoted.strikes, quoted.volatilities
                bid, ask = quoted.bid_volatilities, quoted.ask_volatilities
            reach = float(np.exp(DEVIATIONS * deviation))
            low, high = forward / reach, forward * reach
            curve = np.empty(0) if kept else _curve_strikes(strikes, low, high)
            fit = standing.get((market.underlying, smile.expiry))
            found.append(
                SmileQuotes(
                    underlying=market.underlying,
                    expiry=smile.expiry,
                    time=year_fraction(snapshot.as_of, smile.expiry),
                    forward=forward,
                    low=low,
                    high=high,
                    strikes=strikes,
                    bid_volatilities=bid,
                    volatilities=volatilities,
                    ask_volatilities=ask,
                    model="" if kept else _model(smile, fits, fit),
                    since=_since(fit),
                    curve_strikes=curve,
                    curve_volatilities=smile.volatility(curve),
                )
            )
    return tuple(found)


def _model(smile: Smile, fits: FitReport | None, fit: SliceFit | None) -> str:
    """What a smile is of: the model where its fit is in force, a spline where that failed."""
    if fits is None or fit is None or fit.in_force == "spline":
        return smile.kind.name.lower()
    return fits.model.value


def _since(fit: SliceFit | None) -> np.datetime64:
    """When an earlier fit that stays in force was made."""
    if fit is None or not fit.stale or fit.since is None:
        return NEVER
    return fit.since


def _curve_strikes(strikes: Any, low: float, high: float) -> Any:
    """Where to draw a model: from the lowest to the highest quote shown, else all that is."""
    shown = strikes[(strikes >= low) & (strikes <= high)]
    if len(shown) > 1:
        low, high = float(shown[0]), float(shown[-1])
    return np.geomspace(low, high, CURVE)


_FIT_COLUMNS: dict[str, Any] = {
    "underlying": object,
    "expiry": "datetime64[ns]",
    "model": object,
    "in_force": object,
    "quotes": np.int64,
    "rejected": np.int64,
    "inside_share": float,
    "rms": float,
    "rms_in_half_spreads": float,
    "least_density": float,
    "calendar": float,
    "iterations": np.int64,
    "problems": object,
    "parameters": object,
}


def fits_frame(report: FitReport | None) -> Frame:
    """A row per expiry: how well the model stands for the quotes; none without a report."""
    rows = [] if report is None else report.rows()
    columns = {
        name: np.array([row[name] for row in rows], dtype=kind)
        for name, kind in _FIT_COLUMNS.items()
        if name not in ("problems", "parameters")
    }
    fits = [] if report is None else [item for fit in report.underlyings for item in fit.slices]
    words = {
        "problems": ["; ".join(_words(item.outcome.value, item.problems)) for item in fits],
        "parameters": [
            ", ".join(f"{name} {value:.6g}" for name, value in item.parameters.items())
            for item in fits
        ],
    }
    return Frame({**columns, **{name: np.array(w, dtype=object) for name, w in words.items()}})


def _words(outcome: str, problems: tuple[str, ...]) -> tuple[str, ...]:
    return problems if outcome == "converged" else (outcome, *problems)


def _quoted(
    report: MarketReport | None, underlying: str, expiry: np.datetime64
) -> QuotedSmile | None:
    """The quotes of a smile; None where the report, maybe of another market, has none."""
    try:
        return None if report is None else report[underlying].expiry(expiry).smile
    except KeyError:
        return None
