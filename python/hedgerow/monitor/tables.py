"""A picture as tables of finished text: what stands in them, not how they are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgerow.monitor.picture import Picture
from hedgerow.portfolio import Frame
from hedgerow.report import table as t
from hedgerow.report.table import Column, Table

HEADLINE = (
    ("value", "value", ""),
    ("pnl", "P&L", "in all"),
    ("capture", "spread capture", "of fills"),
    ("holding", "holding", "of inventory"),
    ("fees", "fees", "paid"),
    ("dollar_delta", "delta", ""),
    ("dollar_gamma", "gamma", "per 1 %"),
    ("vega_per_point", "vega", "per point"),
    ("theta_per_day", "theta", "per day"),
)
"""Names in Picture.headline, in the order in which they are shown; words; unit."""


def headline(picture: Picture) -> list[tuple[str, str, str]]:
    """What stands at the top: words, amount, unit."""
    return [
        (words, t.amount(picture.headline[name], picture.currency), unit)
        for name, words, unit in HEADLINE
    ]


def underlyings(picture: Picture) -> Table:
    """A row per underlying."""
    frame = picture.underlyings
    keys = (t.text("", frame["underlying"]), t.exact("spot", frame["spot"], 7))
    return Table("By underlying", (*keys, *_sums(picture, frame)))


def expiries(picture: Picture) -> Table:
    """A row per underlying and expiry that has open positions."""
    frame = picture.expiries
    keys = (t.text("", frame["underlying"]), t.text("expiry", map(expiry, frame["expiry"])))
    return Table("By expiry", (*keys, *_sums(picture, frame)))


def _sums(picture: Picture, frame: Frame) -> tuple[Column, ...]:
    currency = picture.currency
    return (
        t.money("value", frame["value"], currency),
        t.money("P&L", frame["pnl"], currency),
        t.money("capture", frame["capture"], currency),
        t.number("delta", frame["delta"]),
        t.money("gamma", frame["dollar_gamma"], currency, "/1 %"),
        t.money("vega", frame["vega_per_point"], currency, "/pt"),
        t.money("theta", frame["theta_per_day"], currency, "/day"),
    )


def positions(picture: Picture, most: int) -> Table:
    """The largest positions; those that can't be valued say why."""
    frame = _first(picture.positions, most)
    held = int(picture.headline["positions"])
    shown = f"the largest {len(frame)} of {held:,}" if len(frame) < held else f"{held:,}"
    fixed = {"instrument", "quantity", "average_price", "status", "price", "value", "pnl"}
    fixed |= {"delta", "dollar_delta", "dollar_gamma", "vega_per_point", "theta_per_day"}
    owners = [name for name in frame.columns if name not in fixed]
    states = [] if all(frame["status"] == "ok") else [t.text("status", frame["status"])]
    columns = (
        t.text("instrument", (" ".join(str(name).split()) for name in frame["instrument"])),
        t.text("held by", _joined(frame, owners)),
        t.exact("quantity", frame["quantity"]),
        t.exact("average", frame["average_price"], 6),
        t.exact("mark", frame["price"], 6),
        t.money("value", frame["value"], picture.currency),
        t.money("P&L", frame["pnl"], picture.currency),
        t.number("delta", frame["delta"]),
        t.money("vega", frame["vega_per_point"], picture.currency, "/pt"),
        *states,
    )
    return Table(f"Positions: {shown}", columns)


def balances(picture: Picture) -> Table:
    """Money by owner and currency."""
    frame = picture.balances
    fixed = ("currency", "cash", "invested", "fees", "funding")
    owners = [name for name in frame.columns if name not in fixed]
    amounts = (t.number(name, frame[name]) for name in fixed[1:])
    columns = (t.text("held by", _joined(frame, owners)), t.text("", frame["currency"]), *amounts)
    return Table("Balances", columns)


def limits(picture: Picture, most: int) -> Table:
    """Limits, those nearest to their bounds first; the bar is the part of the hard one in use."""
    frame = picture.limits
    order = np.argsort(-np.nan_to_num(frame["used"]), kind="stable")
    frame = _first(frame.take(order), most)
    columns = (
        t.text("limit", frame["measure"]),
        t.text("at", frame["node"]),
        t.text("level", frame["level"]),
        _each("now", frame["value"]),
        _each("peak", np.where(frame["level"] == "kept", np.nan, frame["peak"])),
        Column("bounds", "", tuple(map(_bounds, frame["low"], frame["high"]))),
        Column("used", "", tuple(f"{bar(used)} {percent(used):>6s}" for used in frame["used"])),
    )
    return Table("Limits", columns)


def margin(picture: Picture) -> Table:
    """The requirement against the equity; without rows where no margin was asked for."""
    found = picture.margin
    if found is None:
        return Table("Margin", ())
    names = ("initial", "maintenance")
    equity = found["equity"]
    columns = (
        t.text("", names),
        t.money("required", [found[name] for name in names], picture.currency),
        t.money("excess", [equity - found[name] for name in names], picture.currency),
        Column("of equity", "", tuple(percent(usage(found, name)) for name in names)),
        t.money("most so far", [found[f"most_{name}"] for name in names], picture.currency),
    )
    left_out = f"; {found['not_margined']:,} not margined" if found["not_margined"] else ""
    return Table(f"Margin: {found['rules']}, {found['date']}{left_out}", columns)


def usage(found: Mapping[str, Any], name: str) -> float:
    """The part of the equity that a requirement takes; NaN where there is no equity."""
    return float(found[name] / found["equity"]) if found["equity"] > 0 else float("nan")


def fills(picture: Picture, most: int) -> Table:
    """The last fills, newest first."""
    frame = _first(picture.fills, most)
    columns = (
        t.text("time", (clock(time) for time in frame["time"])),
        t.text("instrument", (" ".join(str(name).split()) for name in frame["instrument"])),
        t.exact("quantity", frame["quantity"]),
        t.exact("price", frame["price"], 6),
        t.money("capture", frame["capture"], picture.currency),
    )
    return Table("Last fills", columns)


def refusals(picture: Picture, most: int) -> Table:
    """The last events that were refused, newest first."""
    frame = _first(picture.refusals, most)
    columns = (
        t.text("time", (clock(time) for time in frame["time"])),
        t.text("event", frame["event"]),
        t.text("reason", frame["reason"]),
    )
    return Table("Refused", columns)


def expiry(label: str) -> str:
    """As 27 Mar 26 08:00; what never expires says so."""
    if not label:
        return "perpetual"
    when = np.datetime64(label.removesuffix("Z"), "s").item()
    return str(when.strftime("%d %b %y %H:%M"))


def clock(time: np.datetime64) -> str:
    """The time of day, to the second."""
    return str(np.datetime_as_string(time, unit="s")).partition("T")[2]


def bar(part: float, width: int = 8) -> str:
    """A part of one as a bar of characters; what is more than one fills it."""
    full = 0 if not part >= 0.005 else int(np.ceil(min(part, 1.0) * width))  # 0 % has none
    return "\N{FULL BLOCK}" * full + "\N{LIGHT SHADE}" * (width - full)


def percent(part: float) -> str:
    """As 84 %."""
    return t.ABSENT if not np.isfinite(part) else f"{part:,.0%}".replace("%", " %")


def _bounds(low: float, high: float) -> str:
    if low == -high:
        return f"\N{PLUS-MINUS SIGN}{t.amount(high)}"
    if np.isinf(high):
        return f"from {t.minus(t.amount(low))}"
    if np.isinf(low):
        return f"to {t.minus(t.amount(high))}"
    return t.minus(f"{t.amount(low)} to {t.amount(high)}")


def _each(title: str, values: npt.NDArray[np.float64]) -> Column:
    """Numbers of different units, each in its own scale."""
    return Column(title, "", tuple(t.amount(float(value)) for value in values))


def _joined(frame: Frame, names: Iterable[str]) -> list[str]:
    rows = zip(*(frame[name] for name in names), strict=True)
    return ["/".join(str(cell) for cell in row if cell) for row in rows]


def _first(frame: Frame, most: int) -> Frame:
    return frame.take(np.arange(min(most, len(frame))))
