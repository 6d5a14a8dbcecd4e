"""The plots of a report: what each shows, of what, and in which unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from hedgerow.calibrate.model import Model
from hedgerow.report import draw
from hedgerow.report import table as t
from hedgerow.report.data import Report, SmileQuotes

PANELS = 12  # small multiples shown of one kind: those that matter most
_UNDERLYINGS = 6


@dataclass(frozen=True)
class Plot:
    """One picture: what it shows, in which unit, what to note, and the SVG.

    One with a `narrow` version takes the whole width of a screen, and that of a phone.
    """

    title: str
    unit: str
    note: str
    svg: str
    narrow: str = ""


def greeks(report: Report) -> Iterator[Plot]:
    """Dollar delta, dollar gamma, vega and theta by expiry, for each underlying."""
    net, currency = report.exposures, report.header.currency
    size = np.nan_to_num(np.abs(net["dollar_delta"])) + np.nan_to_num(np.abs(net["dollar_gamma"]))
    for name in _largest_names(net["underlying"], size):
        rows = (net["underlying"] == name) & (net["excluded"] < net["positions"])
        expiries = [t.day(expiry) for expiry in net["expiry"][rows]]
        for measure, title, per in (
            ("dollar_delta", "delta", ""),
            ("dollar_gamma", "gamma", " per 1 % of spot"),
            ("vega_per_point", "vega", " per vol point"),
            ("theta_per_day", "theta", " per day"),
        ):
            values = net[measure][rows]
            if not np.any(np.nan_to_num(values)):
                continue
            divisor, sign = t.scale(values)
            unit = f"{currency} {sign}".strip() + per
            svg = draw.figure(
                partial(draw.bars, labels=expiries, values=values / divisor),
                width=290,
                height=200,
            )
            yield Plot(f"{name} {title} by expiry", unit, "", svg)


def ladder(report: Report) -> Plot:
    """P&L by spot and volatility move, colored by sign and size."""
    found = report.ladder
    divisor, sign = t.scale(found.pnl)
    unit = f"{found.currency} {sign}".strip()
    height = 60 + 27 * len(found.spots)
    svg = draw.figure(partial(draw.heatmap, found=found, pnl=found.pnl / divisor), height=height)
    return Plot("P&L by spot and volatility move", unit, "Full revaluation at each move.", svg)


def smiles(report: Report) -> Iterator[Plot]:
    """Implied volatilities by strike with their quotes, of the expiries with the largest vega."""
    net = report.exposures
    vega = {
        (name, expiry): abs(size)
        for name, expiry, size in zip(
            net["underlying"], net["expiry"].tolist(), net["vega_per_point"], strict=True
        )
    }
    size = [vega.get((s.underlying, s.expiry.astype("int64").item()), 0.0) for s in report.smiles]
    for smile in most(report.smiles, size):
        quoted = np.isfinite(smile.bid_volatilities) | np.isfinite(smile.ask_volatilities)
        note = "Bars: bid to ask. " if quoted.any() else ""
        note += f"Line: {_line(smile)}. " if smile.model else ""
        yield Plot(
            f"{smile.underlying} {t.day(smile.expiry)} implied volatility",
            "% by strike",
            f"{note}Dashed: forward {smile.forward:,.6g}.",
            draw.figure(partial(draw.smile, smile=smile)),
        )


def variances(report: Report) -> Iterator[Plot]:
    """Total variance by log-moneyness, of the underlyings whose smiles are of a model."""
    modelled = [smile for smile in report.smiles if smile.model]
    for name in dict.fromkeys(smile.underlying for smile in modelled):
        smiles = [smile for smile in modelled if smile.underlying == name]
        yield Plot(
            f"{name} total variance by expiry",
            "volatility squared times years",
            "Between the outermost quotes of each expiry; lines that cross would be arbitrage.",
            draw.figure(partial(draw.variances, smiles=smiles), width=430, height=280),
        )


def payoffs(report: Report) -> Iterator[Plot]:
    """The value at expiry by fixing, with its worst case, of the expiries with most to lose."""
    drawn = [part for part in report.slices if len(part.fixings) and np.isfinite(part.payoff).all()]
    for part in most(drawn, [-part.worst_within for part in drawn]):
        divisor, sign = t.scale(part.payoff)
        anywhere = f"{t.amount(part.worst)} at {part.worst_at:,.6g}"
        if np.isinf(part.worst):
            anywhere = "unbounded upwards"
        yield Plot(
            f"{part.underlying} {t.day(part.expiry)} value at expiry",
            f"{part.quote_currency} {sign}".strip() + " by fixing",
            f"Worst within 3 sd {t.amount(part.worst_within)} at {part.worst_within_at:,.6g}; "
            f"anywhere {anywhere}. Dashed: forward {part.forward:,.6g}.",
            draw.figure(partial(draw.payoff, part=part, divisor=divisor)),
        )


def inventory(report: Report) -> Iterator[Plot]:
    """Folded inventory by strike and expiry, a map for each underlying."""
    names = [part.underlying for part in report.slices]
    size = [float(np.nansum(np.abs(part.notional))) for part in report.slices]
    for name in _largest_names(names, size):
        parts = [part for part in report.slices if part.underlying == name]
        calls = np.concatenate([part.call_equivalents for part in parts])
        if not np.any(calls):
            continue
        strikes = np.concatenate([part.strikes for part in parts])
        place = int(np.argmax(np.abs(calls)))
        yield Plot(
            f"{name} folded inventory by strike and expiry",
            "units of call-equivalents",
            f"Blue long, red short, area is size; ticks are forwards. The largest is "
            f"{t.amount(float(calls[place]), 'units')} "
            f"at {strikes[place]:,.8g}.",
            draw.figure(
                partial(draw.inventory, parts=parts),
                width=430,
                height=60 + 26 * max(len(parts), 4),
            ),
        )


def _line(smile: SmileQuotes) -> str:
    """What a curve is of, and of when where that is not now."""
    label = Model.of(smile.model).label
    return label if np.isnat(smile.since) else f"{label}, stale: of {t.instant(smile.since)}"


# --- choosing ------------------------------------------------------------------------------------


def most(items: Sequence[Any], size: Sequence[float]) -> list[Any]:
    """The PANELS items of the largest size, in their own order."""
    order = np.argsort(-np.asarray(size, dtype=float), kind="stable")[:PANELS]
    return [items[i] for i in sorted(order.tolist())]


def _largest_names(names: Iterable[str], size: Sequence[float]) -> list[str]:
    """The names of the largest total size, largest first; none without any."""
    totals: dict[str, float] = {}
    for name, part in zip(names, size, strict=True):
        totals[name] = totals.get(name, 0.0) + float(part)
    held = [name for name in sorted(totals, key=lambda name: -totals[name]) if totals[name] > 0]
    return held[:_UNDERLYINGS]
