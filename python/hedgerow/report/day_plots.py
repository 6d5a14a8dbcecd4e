"""The plots of a recorded day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from hedgerow import desk
from hedgerow._core import Contract, Option, parse_osi, symbol
from hedgerow.live import Limit
from hedgerow.live.limits import OF_MARGIN
from hedgerow.live.session import EXPIRIES, Session
from hedgerow.report import draw, draw_day
from hedgerow.report import table as t
from hedgerow.report.draw import INK, LINE, MUTED, SECOND, THIRD
from hedgerow.report.draw_day import Line
from hedgerow.report.inventory import folded_slices
from hedgerow.report.plots import Plot, most

_CONTRACTS = 16  # rows of the picture of positions


def _same(values: Any) -> Any:
    return values


GREEKS: tuple[tuple[str, str, Callable[[Any], Any], str], ...] = (
    ("delta", "dollar_delta", _same, ""),
    ("gamma", "dollar_gamma", _same, " per 1 % of spot"),
    ("vega", "vega", desk.vega_per_point, " per vol point"),
    ("theta", "theta", desk.theta_per_day, " per day"),
)
_UNSIGNED = ("gross", *OF_MARGIN)
_UNITS = {"delta": "units", "gamma": "units per point", "vega": "per 1.00", "theta": "per year"}


def plots(session: Session) -> dict[str, list[Plot]]:
    """Per section, its plots."""
    if len(session.path) < 2:
        return {}
    return {
        "result": [_result(session), *_spots(session)],
        "held": [*_positions(session), *_inventory(session)],
        "exposures": list(_greeks(session)),
        "explain": [*_waterfall(session), _terms(session)],
        "margin": list(_margin(session)),
        "limits": list(_limits(session)),
        "fills": list(_volume(session)),
    }


def _across(paint: Callable[[Any], None], height: int = 300) -> dict[str, str]:
    """The picture for a screen and the one for a phone."""
    return {
        "svg": draw.figure(paint, width=1000, height=height),
        "narrow": draw.figure(paint, width=330, height=height * 4 // 5),
    }


def _unit(session: Session, *values: Any) -> tuple[float, str]:
    divisor, sign = t.scale(np.concatenate([np.asarray(part, dtype=float) for part in values]))
    return divisor, f"{session.currency} {sign}".strip()


def _marks(session: Session) -> list[Any]:
    return list(session.settlements["time"])


def _settled(session: Session) -> str:
    told = [f"settlement at {row['price']:,.10g}" for row in session.settlements.rows()]
    return f"Dashed: {', '.join(told)}." if told else ""


def _result(session: Session) -> Plot:
    path = session.path
    divisor, unit = _unit(session, path["pnl"], path["capture"], path["inventory"])
    drawn = [
        Line("spread capture", path["capture"] / divisor, LINE),
        Line("inventory", path["inventory"] / divisor, SECOND),
        Line("P&L after fees", path["pnl"] / divisor, INK, 2.2),
    ]
    paint = partial(draw_day.lines, times=path["time"], drawn=drawn, marks=_marks(session))
    return Plot("P&L over the day", f"{unit}, UTC", _settled(session), **_across(paint))


def _spots(session: Session) -> Iterator[Plot]:
    for name in dict.fromkeys(session.spots["underlying"]):
        rows = session.spots["underlying"] == name
        paint = partial(
            draw_day.lines,
            times=session.spots["time"][rows],
            drawn=[Line(name, session.spots["spot"][rows], INK)],
            marks=_marks(session),
            zero=False,
        )
        yield Plot(f"{name} over the day", "spot", "", draw.figure(paint))
    path = session.path
    for title, measure in (("Spread capture", "capture"), ("Inventory P&L", "inventory")):
        divisor, unit = _unit(session, path[measure])
        paint = partial(
            draw_day.filled,
            times=path["time"],
            values=path[measure] / divisor,
            marks=_marks(session),
        )
        yield Plot(title, unit, "", draw.figure(paint))


def _positions(session: Session) -> Iterator[Plot]:
    times, held = session.path["time"], session.positions
    if not len(held):
        return
    quantities: dict[str, Any] = {}
    rows = np.searchsorted(times, held["time"])
    for name in dict.fromkeys(held["instrument"]):
        of = held["instrument"] == name
        values = np.zeros(len(times))
        np.add.at(values, rows[of], held["quantity"][of])
        quantities[name] = values
    largest = sorted(quantities, key=lambda name: -np.abs(quantities[name]).max())[:_CONTRACTS]
    shown = {_name(name): quantities[name] for name in sorted(largest, key=_order)}
    paint = partial(draw_day.positions, times=times, held=shown, marks=_marks(session))
    height = 60 + 24 * max(len(shown), 4)
    yield Plot(
        "Positions over the day",
        "contracts, UTC",
        "Blue long, red short, each on its own scale: its largest position stands at the right.",
        svg=draw.figure(paint, width=1000, height=height),
        narrow=draw.figure(paint, width=330, height=height),
    )


def _contract(name: str) -> Contract | None:
    try:
        return parse_osi(name)
    except ValueError:
        return None


def _order(name: str) -> Any:
    """By expiry, strike and right where the name tells."""
    contract = _contract(name)
    if not isinstance(contract, Option):
        return np.datetime64("9999"), 0.0, name
    return contract.expiry, contract.strike, name


def _name(name: str) -> str:
    contract = _contract(name)
    if not isinstance(contract, Option):
        return name
    return f"{t.day(contract.expiry)[:6]} {contract.strike:,.10g} {symbol(contract)[-9]}"


def _inventory(session: Session) -> Iterator[Plot]:
    slices = [part for part in folded_slices(session.book, session.market) if len(part.strikes)]
    for name in dict.fromkeys(part.underlying for part in slices):
        parts = [part for part in slices if part.underlying == name]
        if not any(np.any(part.call_equivalents) for part in parts):
            continue
        paint = partial(draw.inventory, parts=parts)
        yield Plot(
            f"{name} inventory by strike at the end",
            "folded, units of call-equivalents",
            "Blue long, red short, area is size; ticks are forwards.",
            draw.figure(paint, height=60 + 26 * max(len(parts), 5)),
        )
    drawn = [part for part in slices if len(part.fixings) and np.isfinite(part.payoff).all()]
    for part in most(drawn, [float(np.abs(part.payoff).max()) for part in drawn]):
        divisor, sign = t.scale(part.payoff)
        yield Plot(
            f"{part.underlying} {t.day(part.expiry)} value at expiry",
            f"{part.quote_currency} {sign}".strip() + " by fixing",
            f"Worst within 3 sd {t.amount(part.worst_within)} at {part.worst_within_at:,.6g}. "
            f"Dashed: forward {part.forward:,.6g}.",
            draw.figure(partial(draw.payoff, part=part, divisor=divisor)),
        )


def _greeks(session: Session) -> Iterator[Plot]:
    path = session.path
    for name, measure, read, per in GREEKS:
        values = read(path[measure])
        divisor, unit = _unit(session, values)
        paint = partial(
            draw_day.filled, times=path["time"], values=values / divisor, marks=_marks(session)
        )
        yield Plot(f"{name} over the day", unit + per, "", draw.figure(paint, width=330))


def _waterfall(session: Session) -> Iterator[Plot]:
    told = session.explained
    parts = {
        "capture": told["capture"],
        "fees": -told["fees"],
        "delta": told["delta"],
        "gamma": told["gamma"],
        "vega": told["vega"],
        "theta": told["theta"],
        "vanna, volga": told["vanna"] + told["volga"],
        "rates, yields": told["rho"] + told["phi"],
        "basis, fx": told["basis"] + told["fx"],
        "expired": told["expired"],
        "settled": told["settled"],
        "new positions": told["dealt"],
        "unexplained": told["unexplained"],
    }
    sums = {name: float(values.sum()) for name, values in parts.items()}
    least = 1e-6 * max(map(abs, sums.values()))
    sums = {name: value for name, value in sums.items() if abs(value) > least}
    if not sums:
        return
    divisor, unit = _unit(session, list(sums.values()))
    paint = partial(
        draw_day.waterfall, names=list(sums), values=np.array(list(sums.values())) / divisor
    )
    height = 40 + 24 * (len(sums) + 1)
    yield Plot("From spread capture to P&L", unit, "", draw.figure(paint, height=height))


def _terms(session: Session) -> Plot:
    told = session.explained
    names = ("delta", "gamma", "vega", "theta", "unexplained")
    sums = [np.cumsum(told[name]) for name in names]
    divisor, unit = _unit(session, *sums)
    colors = (LINE, draw.LOSS, SECOND, THIRD, MUTED)
    drawn = [
        Line(name, values / divisor, color, dashed=name == "unexplained")
        for name, values, color in zip(names, sums, colors, strict=True)
    ]
    paint = partial(draw_day.lines, times=told["until"], drawn=drawn, marks=_marks(session))
    return Plot(
        "What moved the inventory, added up", unit, "", draw.figure(paint, height=40 + 24 * 12)
    )


def _margin(session: Session) -> Iterator[Plot]:
    path = session.path
    if session.rules is None:
        return
    needed = np.maximum(path["maintenance"] - path["value"], 0.0)
    divisor, unit = _unit(session, path["initial"], needed)
    drawn = [
        Line("initial margin", path["initial"] / divisor, LINE, 2.0),
        Line("capital needed", needed / divisor, SECOND, dashed=True),
    ]
    paint = partial(draw_day.lines, times=path["time"], drawn=drawn, marks=_marks(session))
    note = "Capital needed: maintenance margin less the value of everything."
    yield Plot("Margin over the day", f"{unit}, UTC", note, **_across(paint, 240))


def _limits(session: Session) -> Iterator[Plot]:
    for limit in session.bounds:
        soft, hard = (np.array(b, dtype=float) for b in (limit.soft_bounds, limit.hard_bounds))
        for label, times, values in _limited(session, limit):
            if not np.isfinite(values).all() or _within(values, soft):
                continue
            measure = limit.measure
            divisor, sign = t.scale([*values, *hard])
            if measure in _UNSIGNED:  # a number for both sides bounds one
                soft[0] = hard[0] = -np.inf
            paint = partial(
                draw_day.bounded,
                times=times,
                values=values / divisor,
                soft=soft / divisor,
                hard=hard / divisor,
                color=INK,
            )
            yield Plot(
                f"{measure} of {label} against its limit",
                f"{sign} {_UNITS.get(measure, session.currency)}".strip() + ", UTC",
                "Red: the hard bound; dashed the soft one.",
                **_across(paint, 220),
            )


def _within(values: Any, bounds: Any) -> bool:
    return bool(values.min() >= bounds[0] and values.max() <= bounds[1])


def _limited(session: Session, limit: Limit) -> Iterator[tuple[str, Any, Any]]:
    """The measure at each node of a limit, where samples have it."""
    measure, keys = limit.measure, limit.keys
    if measure in OF_MARGIN:
        measure = measure.replace("margin", "initial")
        if keys:
            of = session.margins
            wanted = "/".join(limit.labels)
            for node in dict.fromkeys(of["node"]):
                if not limit.labels or node == wanted:
                    rows = of["node"] == node
                    yield node, of["time"][rows], of[measure][rows]
            return
    if not keys and measure in session.path:
        yield "everything", session.path["time"], session.path[measure]
    elif keys == EXPIRIES and measure in session.by_expiry:
        net = session.by_expiry
        pairs = dict.fromkeys(zip(net["underlying"], net["expiry"], strict=True))
        for underlying, expiry in pairs:
            if limit.labels and limit.labels != (underlying, expiry):
                continue
            rows = (net["underlying"] == underlying) & (net["expiry"] == expiry)
            label = f"{underlying} {t.day(np.datetime64(expiry.removesuffix('Z')))}"
            yield label, net["time"][rows], net[measure][rows]


def _volume(session: Session) -> Iterator[Plot]:
    fills = session.fills
    if not len(fills):
        return
    minutes = fills["time"].astype("datetime64[m]").astype(np.int64) // 15 * 15
    starts, place = np.unique(minutes, return_inverse=True)
    quantity = fills["quantity"].astype(float)
    bought = np.bincount(place, np.maximum(quantity, 0), minlength=len(starts))
    sold = np.bincount(place, np.maximum(-quantity, 0), minlength=len(starts))
    paint = partial(
        draw_day.two_sided,
        times=starts.astype("datetime64[m]").astype("datetime64[ns]"),
        above=bought,
        below=sold,
        width=0.25,
    )
    yield Plot(
        "Contracts dealt each quarter of an hour",
        "contracts, UTC",
        "Blue bought, red sold.",
        **_across(paint, 220),
    )
