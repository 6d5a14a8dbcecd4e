"""The report of a recorded day: its sections, as text and as one page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hedgerow import desk
from hedgerow.live.session import Session
from hedgerow.report import day_plots, html, text
from hedgerow.report import groups as g
from hedgerow.report import table as t
from hedgerow.report.table import Section, Table

_STEPS = (1, 5, 10, 15, 30, 60, 120, 240, 1440)  # minutes that a row of a table spans
_ROWS = 14  # of times, in a table
_TERMS = ("delta", "gamma", "vega", "theta")


def to_text(session: Session, *, notes: Sequence[str] = (), rows: int = 12) -> str:
    """A recorded day in lines of at most 80 columns; tables have about `rows` rows.

    `notes` say what a reader should know of how the day came about.
    """
    found = sections(session, notes, rows)
    return text.render("hedgerow replay", _span(session), _warning(session), found)


def to_html(session: Session, *, notes: Sequence[str] = (), rows: int = 25) -> str:
    """The same as one HTML file; see `hedgerow.report.to_html`."""
    contracts = float(np.abs(session.fills["quantity"]).sum()) if len(session.fills) else 0.0
    dot = "\N{MIDDLE DOT}"
    return html.render(
        title=f"hedgerow replay, {_span(session)}",
        heading="A day of an inventory",
        quiet=f"{_span(session)} {dot} {len(session.fills):,} fills of {contracts:,.0f} contracts",
        warning=_warning(session),
        figures=_figures(session),
        sections=sections(session, notes, rows),
        plots=day_plots.plots(session),
    )


def sections(session: Session, notes: Sequence[str], rows: int) -> tuple[Section, ...]:
    """What the day earned, held, was exposed to and tied up, and why."""
    return (
        _result(session, rows),
        _holdings(session, rows),
        _exposures(session, rows),
        _explained(session),
        _margin(session),
        _limits(session, rows),
        _fills(session, rows),
        Section("rule", "How it was replayed", tuple(notes)),
    )


def _warning(session: Session) -> str:
    """That not everything could be valued at all times, where it is so."""
    path = session.path
    bad = np.flatnonzero(path["excluded"] > 0)
    if not len(bad):
        return ""
    most = int(path["excluded"][bad].max())
    return (
        f"Up to {g.many(most, 'position')} could not be valued, first at "
        f"{_clock(path['time'][bad[0]])}: they are in no number while that lasts."
    )


def _span(session: Session) -> str:
    first, last = session.path["time"][[0, -1]]
    day, since = t.instant(first).split()
    until = t.instant(last).removeprefix(f"{day} ")
    return f"{day} {since} to {until} UTC, in {session.currency}"


def _figures(session: Session) -> list[tuple[str, str, str]]:
    path, currency = session.path, session.currency
    low = int(np.argmin(path["pnl"]))
    figures = [
        ("P&L", t.amount(path["pnl"][-1], currency), "fees paid"),
        ("spread capture", t.amount(path["capture"][-1], currency), "at the fills' moments"),
        ("inventory", t.amount(path["inventory"][-1], currency), "after the fills"),
        ("fees", t.amount(-path["fees"][-1], currency), "paid to venues"),
        ("lowest P&L", t.amount(path["pnl"][low], currency), f"at {_clock(path['time'][low])}"),
    ]
    if session.rules is not None:
        most = int(np.nanargmax(path["initial"]))
        figures += [
            (
                "most margin",
                t.amount(path["initial"][most], currency),
                f"at {_clock(path['time'][most])}",
            ),
            ("capital it took", t.amount(session.capital, currency), "to back it at all times"),
        ]
    return figures


def _clock(time: np.datetime64) -> str:
    return f"{t.instant(time).split()[1]} UTC"


# --- what it earned ------------------------------------------------------------------------------


def _result(session: Session, rows: int) -> Section:
    path, currency = session.path, session.currency
    low, high = int(np.argmin(path["pnl"])), int(np.argmax(path["pnl"]))
    lines = [
        f"P&L {t.amount(path['pnl'][-1], currency)}: spread capture "
        f"{t.amount(path['capture'][-1])}, inventory {t.amount(path['inventory'][-1])}, "
        f"fees {t.amount(-path['fees'][-1])}.",
        f"Lowest {t.amount(path['pnl'][low], currency)} at {_clock(path['time'][low])}, "
        f"highest {t.amount(path['pnl'][high], currency)} at {_clock(path['time'][high])}.",
    ]
    lines += [
        f"{name} {t.instant(expiry)} settled at {price:,.10g}: "
        f"{t.amount(pnl, currency)} against the value just before."
        for _, name, expiry, price, pnl in zip(*session.settlements.values(), strict=True)
    ]
    return Section("result", "What did it earn", tuple(lines), (_by_time(session), _worth(session)))


def _bins(times: Any, rows: int = _ROWS) -> tuple[Any, int]:
    """The part of the day that each time is in, and how many minutes it spans."""
    minutes = times.astype("datetime64[m]").astype(np.int64)
    span = int(minutes[-1] - minutes[0]) if len(minutes) else 0
    step = next((s for s in _STEPS if span / s <= rows), _STEPS[-1])
    return minutes // step * step, step


def _labels(starts: Any) -> list[str]:
    """Times of bins: the time of day alone where there is one day."""
    told = [t.instant(start) for start in starts.astype("datetime64[m]")]
    one = len({label.split()[0] for label in told}) == 1
    return [label.split()[1] if one else label for label in told]


def _by_time(session: Session) -> Table:
    told, path = session.explained, session.path
    bins, _ = _bins(told["until"])
    starts, place = np.unique(bins, return_inverse=True)

    def summed(values: Any) -> Any:
        return np.bincount(place, values, minlength=len(starts))

    last = np.searchsorted(bins, starts, side="right")  # rows of path are one ahead
    inventory = summed(told["held"] + told["settled"] + told["dealt"])
    fills = path["fills"][last] - path["fills"][np.searchsorted(bins, starts)]
    names = sorted({*session.spots["underlying"]})
    spots = _last_spots(session, path["time"][last])
    spot = [t.exact(names[0], spots, 7)] if len(names) == 1 else []
    return Table(
        "P&L through the day",
        (
            t.text("from", _labels(starts)),
            *spot,
            t.count("fills", fills),
            t.money("capture", summed(told["capture"]), session.currency),
            t.money("inventory", inventory, session.currency),
            t.money("fees", -summed(told["fees"]), session.currency),
            t.money("P&L", summed(told["pnl"]), session.currency),
            t.money("so far", path["pnl"][last], session.currency),
        ),
    )


def _last_spots(session: Session, times: Any) -> Any:
    spots = session.spots
    places = np.searchsorted(spots["time"], times, side="right") - 1
    return spots["spot"][np.maximum(places, 0)]


def _worth(session: Session) -> Table:
    final = session.by_contract
    expiries, place = np.unique(final["expiry"].astype(str), return_inverse=True)
    sums = {
        name: np.bincount(place, final[name], minlength=len(expiries))
        for name in ("value", "pnl", "capture", "fees")
    }
    inventory = sums["pnl"] - sums["capture"]
    labels = [t.instant(np.datetime64(expiry.removesuffix("Z"))) for expiry in expiries]

    def whole(values: Any) -> Any:
        return [*values, values.sum()]

    return Table(
        "P&L by expiry, before fees",
        (
            t.text("expiry", [*labels, "total"]),
            t.money("value left", whole(sums["value"]), session.currency),
            t.money("capture", whole(sums["capture"]), session.currency),
            t.money("inventory", whole(inventory), session.currency),
            t.money("P&L", whole(sums["pnl"]), session.currency),
        ),
        total=True,
    )


# --- what it held, and was exposed to ------------------------------------------------------------


def _holdings(session: Session, rows: int) -> Section:
    final = session.by_contract
    order = np.lexsort((final["right"].astype(str), final["strike"].astype(str), final["expiry"]))
    final = final.take(order)
    kept = final.take(np.array(g.largest(np.abs(final["pnl"]), 4 * rows), dtype=np.intp))
    expiries = [t.day(np.datetime64(expiry.removesuffix("Z"))) for expiry in kept["expiry"]]
    contracts = Table(
        "What every contract brought, and what is left of it at the end",
        (
            t.text("expiry", expiries),
            t.text("strike", kept["strike"]),
            t.text("right", kept["right"]),
            t.number("left", kept["options"], "units"),
            t.money("value", kept["value"], session.currency),
            t.money("capture", kept["capture"], session.currency),
            t.money("P&L", kept["pnl"], session.currency),
        ),
        note=g.not_shown(len(final) - len(kept), "contracts with less P&L"),
    )
    return Section("held", "What did it hold", (), (contracts, _volumes(session, rows)))


def _volumes(session: Session, rows: int) -> Table:
    fills = session.fills
    names, place = np.unique(fills["instrument"].astype(str), return_inverse=True)
    quantity = fills["quantity"].astype(float)

    def summed(values: Any) -> Any:
        return np.bincount(place, values, minlength=len(names))

    volume = summed(np.abs(quantity))
    order = np.argsort(-volume, kind="stable")[:rows]
    return Table(
        "Most dealt in",
        (
            t.text("instrument", names[order]),
            t.count("fills", summed(np.ones(len(place)))[order]),
            t.number("bought", summed(np.maximum(quantity, 0))[order]),
            t.number("sold", summed(np.maximum(-quantity, 0))[order]),
            t.number("net", summed(quantity)[order]),
            t.money("capture", summed(fills["capture"].astype(float))[order], session.currency),
        ),
        note=g.not_shown(len(names) - len(order), "instruments"),
    )


def _exposures(session: Session, rows: int) -> Section:
    path, currency = session.path, session.currency
    lines = []
    for name, measure, read, per in day_plots.GREEKS:
        values = read(path[measure])
        place = int(np.nanargmax(np.abs(values)))
        lines.append(
            f"Largest {name}: {t.amount(values[place], currency)}{per} "
            f"at {_clock(path['time'][place])}."
        )
    low = path["time"][int(np.argmin(path["pnl"]))]
    tables = [
        _greeks(session, low, "Greeks by expiry when P&L was lowest"),
        _greeks(session, path["time"][-1], "Greeks by expiry at the end"),
    ]
    return Section("exposures", "What was it exposed to", tuple(lines), tuple(tables))


def _greeks(session: Session, time: np.datetime64, title: str) -> Table:
    net = session.by_expiry
    now = net.take(np.flatnonzero((net["time"] == time) & (net["positions"] > 0)))
    known = session.spots.take(np.flatnonzero(session.spots["time"] == time))
    spots = dict(zip(known["underlying"], known["spot"], strict=True))
    spot = np.array([spots.get(name, np.nan) for name in now["underlying"]], dtype=float)
    currency = session.currency
    expiries = [t.instant(np.datetime64(x.removesuffix("Z"))) for x in now["expiry"]]
    return Table(
        f"{title}, {_clock(time)}",
        (
            t.text("underlying", now["underlying"]),
            t.text("expiry", expiries),
            t.number("delta", now["delta"], "units"),
            t.money("delta", spot * now["delta"], currency),
            t.money("gamma", spot * spot * now["gamma"] / 100, currency, "/1%"),
            t.money("vega", desk.vega_per_point(now["vega"]), currency, "/pt"),
            t.money("theta", desk.theta_per_day(now["theta"]), currency, "/day"),
        ),
    )


# --- why -----------------------------------------------------------------------------------------


def _explained(session: Session) -> Section:
    told, currency = session.explained, session.currency
    bins, _ = _bins(told["until"])
    starts, place = np.unique(bins, return_inverse=True)
    rest = told["held"] - sum(told[name] for name in (*_TERMS, "unexplained"))
    columns = {
        "P&L": told["pnl"],
        **{name: told[name] for name in _TERMS},
        "rest": rest + told["dealt"],
        "residual": told["unexplained"],
        "settled": told["settled"],
        "capture": told["capture"] - told["fees"],
    }
    sums = {name: np.bincount(place, x, minlength=len(starts)) for name, x in columns.items()}
    divisor, sign = t.scale([x for values in sums.values() for x in values])
    lines = (
        f"{len(told):,} intervals, each with the Greeks at its beginning: of "
        f"{t.amount(float(told['held'].sum()), currency)} that the inventory gained "
        f"{t.amount(float(told['unexplained'].sum()))} stay unexplained "
        f"({t.amount(float(np.abs(told['unexplained']).sum()))} without signs).",
    )
    table = Table(
        f"Where P&L came from, {currency} {sign}".strip(),
        (
            t.text("from", [*_labels(starts), "all"]),
            *(
                t.Column(name, "", t.fixed(np.array([*x, x.sum()]) / divisor))
                for name, x in sums.items()
            ),
        ),
        total=True,
        note="rest: rates, yields, second order beside gamma, what expired, new positions; "
        "residual: unexplained; capture: less fees.",
    )
    return Section("explain", "Why", lines, (table,))


def _margin(session: Session) -> Section:
    path, currency = session.path, session.currency
    if session.rules is None:
        return Section("margin", "What did it tie up", ("No margin rules were given.",))
    most = int(np.nanargmax(path["initial"]))
    lines = (
        f"Margin by {session.rules.name} ({session.rules.date}): most at "
        f"{_clock(path['time'][most])}, {t.amount(path['initial'][most], currency)}; at the end "
        f"{t.amount(path['initial'][-1], currency)}.",
        f"It took {t.amount(session.capital, currency)} of capital to exceed maintenance margin at "
        "every sample.",
    )
    return Section("margin", "What did it tie up", lines)


def _nearest_bound(session: Session, change: dict[str, Any]) -> float:
    """The hard bound on the side of a value."""
    low, high = session.bounds[int(change["limit"])].hard_bounds
    return low if abs(change["value"] - low) < abs(change["value"] - high) else high


def _limits(session: Session, rows: int) -> Section:
    if not session.bounds:
        return Section("limits", "Which limits broke", ("No limits were set.",))
    changes = session.limits
    hard = changes["after"].astype(str) == "hard"
    lines = (
        f"{g.many(len(session.bounds), 'limit')}: a hard bound broke "
        f"{g.many(int(hard.sum()), 'time')}, the level changed {g.many(len(changes), 'time')}.",
    )
    kept = g.first(changes, 3 * rows)
    table = Table(
        "Changes of level",
        (
            t.instants("time", kept["time"]),
            t.text("measure", kept["measure"]),
            t.text("of", [_node(name) for name in kept["node"]]),
            t.text("before", kept["before"]),
            t.text("after", kept["after"]),
            t.exact("value", kept["value"], 5),
            t.exact("hard bound", [_nearest_bound(session, row) for row in kept.rows()], 5),
        ),
        note=g.not_shown(len(changes) - len(kept), "changes"),
    )
    return Section("limits", "Which limits broke", lines, (table,))


def _node(name: str) -> str:
    """A node's name with its expiry as people say it."""
    parts = []
    for part in str(name).split("/"):
        is_time = part.endswith("Z") and part[:4].isdigit()
        parts.append(t.day(np.datetime64(part.removesuffix("Z"))) if is_time else part)
    return " ".join(parts)


def _fills(session: Session, rows: int) -> Section:
    fills, currency = session.fills, session.currency
    size = np.abs(fills["capture"].astype(float))
    order = np.argsort(-size, kind="stable")[:rows]
    kept = fills.take(order)
    total = float(fills["capture"].sum())
    lines = (
        f"{len(fills):,} fills. The {len(kept)} with the most capture, won or lost, made "
        f"{t.amount(float(kept['capture'].sum()), currency)} of {t.amount(total)}.",
    )
    table = Table(
        "Fills with the most spread capture, won or lost",
        (
            t.text("time", [t.instant(x).split()[1] for x in kept["time"]]),
            t.text("instrument", kept["instrument"]),
            t.count("quantity", kept["quantity"]),
            t.exact("price", kept["price"], 7),
            t.money("capture", kept["capture"], currency),
        ),
    )
    biggest = np.argsort(-np.abs(fills["quantity"].astype(float)), kind="stable")[:rows]
    kept = fills.take(biggest)
    largest = Table(
        "Largest fills",
        (
            t.text("time", [t.instant(x).split()[1] for x in kept["time"]]),
            t.text("instrument", kept["instrument"]),
            t.count("quantity", kept["quantity"]),
            t.exact("price", kept["price"], 7),
            t.money("capture", kept["capture"], currency),
        ),
    )
    return Section("fills", "Which fills made it", lines, (table, largest))
