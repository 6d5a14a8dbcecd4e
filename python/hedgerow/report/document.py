"""A report's sections, in the order in which a risk quant reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

import numpy as np

from hedgerow.calibrate.model import Model
from hedgerow.portfolio.frame import Frame
from hedgerow.report import groups as g
from hedgerow.report import table as t
from hedgerow.report.data import Report, Slice
from hedgerow.report.table import Section, Table

GREEKS = ("dollar_delta", "dollar_gamma", "vega_per_point", "theta_per_day")
_STRIKES = 20  # of the biggest strikes and structures named, however long the tables are


def missing(report: Report) -> str:
    """What of the book is not in the numbers, in words; empty where all of it is."""
    header = report.header
    parts = [
        f"{g.many(header.not_valued, 'position')} not valued" if header.not_valued else "",
        f"{g.many(header.rejected_rows, 'row')} of the files left out"
        if header.rejected_rows
        else "",
    ]
    return " and ".join(filter(None, parts))


def sections(report: Report, *, rows: int) -> tuple[Section, ...]:
    """What I hold, what it is worth, what I am exposed to, can lose, and what needs attention.

    Tables have at most about `rows` rows: the largest are kept, the rest is summed or counted.
    """
    return (
        _holdings(report, rows),
        _worth(report, rows),
        _exposures(report, rows),
        _losses(report, rows),
        _attention(report, rows),
        _market(report, rows),
    )


def _holdings(report: Report, rows: int) -> Section:
    h, held = report.header, report.holdings
    lines = [
        f"{g.many(h.positions, 'position')} in {g.many(h.contracts, 'contract')}: "
        f"{h.legal:,} open after legal netting (within venue and account), "
        f"{h.economic:,} after economic netting (one per contract).",
    ]
    tables = [
        Table(
            "Positions by kind",
            (
                t.text("kind", held["kind"]),
                t.count("positions", held["positions"]),
                t.count("contracts", held["contracts"]),
                t.exact("long", held["long"], 9),
                t.exact("short", held["short"], 9),
            ),
        )
    ]
    if report.slices:
        tables += [_folded(report.slices, rows), _strikes(report, min(rows, _STRIKES))]
    if len(report.structures):
        tables.append(_structures(report.structures, min(rows, _STRIKES)))
    return Section("holdings", "What do I hold", tuple(lines), tuple(tables))


def _folded(slices: Sequence[Slice], rows: int) -> Table:
    size = [float(np.nansum(np.abs(part.notional))) for part in slices]
    kept = [slices[i] for i in g.largest(size, rows)]
    return Table(
        "Folded inventory by expiry: puts as calls, forwards and cash",
        (
            t.text("underlying", [part.underlying for part in kept]),
            t.instants("expiry", [part.expiry for part in kept]),
            t.count("strikes", [len(part.strikes) for part in kept]),
            t.number("calls", [part.call_equivalents.sum() for part in kept], "units"),
            t.number("forwards", [part.forwards for part in kept], "units"),
            t.text("in", [part.quote_currency for part in kept]),
            t.number("cash", [part.cash for part in kept]),
            t.number("futures", [part.futures for part in kept]),
        ),
        note=g.not_shown(len(slices) - len(kept), "expiries with smaller notionals")
        + "Linear futures in units, inverse ones in the quote currency.",
    )


def _strikes(report: Report, rows: int) -> Table:
    found = [
        (part.underlying, part.expiry, *numbers)
        for part in report.slices
        for numbers in zip(
            part.strikes, part.calls, part.puts, part.call_equivalents, part.notional, strict=True
        )
    ]
    size = np.array([abs(row[-1]) for row in found])
    order = np.argsort(-np.nan_to_num(size, nan=-1.0), kind="stable")[:rows]
    kept = [found[i] for i in order]
    columns: list[Any] = [list(column) for column in zip(*kept, strict=True)] or [[]] * 7
    return Table(
        "Biggest strikes, folded",
        (
            t.text("underlying", columns[0]),
            t.instants("expiry", columns[1]),
            t.exact("strike", columns[2]),
            t.number("calls", columns[3], "units"),
            t.number("puts", columns[4], "units"),
            t.number("folded", columns[5], "units"),
            t.money("notional", columns[6], report.header.currency),
        ),
        note=g.not_shown(len(found) - len(kept), "strikes with smaller notionals"),
    )


def _structures(found: Frame, rows: int) -> Table:
    size = np.abs(found["quantity"])
    kept = found.take(np.argsort(-size, kind="stable")[:rows])
    return Table(
        "Named structures in it",
        (
            t.text("underlying", kept["underlying"]),
            t.instants("expiry", kept["expiry"]),
            t.text("structure", kept["structure"]),
            t.number("quantity", kept["quantity"], "units"),
            t.exact("strike", kept["strike"]),
            t.exact("high strike", kept["high_strike"]),
        ),
        note=g.not_shown(len(found) - len(kept), "smaller structures"),
    )


def _worth(report: Report, rows: int) -> Section:
    h, total = report.header, report.totals
    lines = [
        f"Value {t.amount(total['value'], h.currency)}, "
        f"P&L {t.amount(total['pnl'], h.currency)} since entry."
    ]
    if h.unknown_cost:
        lines.append(f"{g.many(h.unknown_cost, 'position')} of unknown cost: in no P&L.")
    keys = list(h.by)
    net, hidden = g.lumped(g.blank(report.worth, ("value", "pnl")), keys, ("value", "pnl"), rows)
    by = Table(
        f"Value and P&L by {' and '.join(keys)}" if keys else "Value and P&L",
        (
            *g.keys(net, keys),
            t.count("positions", net["positions"]),
            t.count("not valued", net["excluded"]),
            t.money("value", net["value"], h.currency),
            t.money("P&L", net["pnl"], h.currency),
        ),
        total=bool(keys),
        note=g.summed(hidden),
    )
    return Section("worth", "What is it worth", tuple(lines), (by, _worst(report)))


def _worst(report: Report) -> Table:
    worst = report.worst
    return Table(
        "Worst positions by P&L",
        (
            t.text("instrument", worst["instrument"]),
            t.exact("quantity", worst["quantity"], 6),
            t.text("in", worst["currency"]),
            t.exact("paid", worst["average_price"], 6),
            t.exact("price", worst["price"], 6),
            t.money("P&L", worst["pnl"], report.header.currency),
        ),
    )


def _exposures(report: Report, rows: int) -> Section:
    h, total = report.header, report.totals
    measures = ("delta", *GREEKS)
    net, hidden = g.lumped(
        g.blank(report.exposures, measures), ["underlying", "expiry"], measures, rows
    )
    delta = net["delta"].copy()
    if len({*report.exposures["underlying"]}) > 1:
        delta[-1] = np.nan  # units of different underlyings do not add
        if hidden:
            delta[-2] = np.nan
    lines = (
        f"Delta {t.amount(total['dollar_delta'], h.currency)}; "
        f"gamma {t.amount(total['dollar_gamma'], h.currency)} of delta for 1 % of spot; "
        f"vega {t.amount(total['vega_per_point'], h.currency)} a point; "
        f"theta {t.amount(total['theta_per_day'], h.currency)} a day; "
        f"rho {t.amount(total['rho_per_basis_point'], h.currency)} a basis point.",
    )
    table = Table(
        "Net Greeks by underlying and expiry",
        (
            *g.keys(net, ["underlying", "expiry"]),
            t.number("delta", delta, "units"),
            t.money("delta", net["dollar_delta"], h.currency),
            t.money("gamma", net["dollar_gamma"], h.currency, "/1%"),
            t.money("vega", net["vega_per_point"], h.currency, "/pt"),
            t.money("theta", net["theta_per_day"], h.currency, "/day"),
        ),
        total=True,
        note=g.summed(hidden),
    )
    return Section("exposures", "What am I exposed to", lines, (table,))


def _losses(report: Report, rows: int) -> Section:
    h, ladder = report.header, report.ladder
    lines = []
    if ladder.pnl.size:
        loss, spot, shift = ladder.worst
        lines.append(
            f"Worst of the ladder: {t.amount(loss, h.currency)} at spot {spot:+.0%}, "
            f"volatility {100 * shift:+.0f} points."
        )
    if ladder.excluded:
        lines.append(f"{g.many(ladder.excluded, 'position')} not in it: not valued.")
    divisor, sign = t.scale(ladder.pnl)
    cells = t.fixed(ladder.pnl.ravel() / divisor)
    width = len(ladder.volatilities)
    unit = f"{h.currency} {sign}".strip()
    table = Table(
        f"P&L by spot and volatility move, full revaluation, {unit}",
        (
            t.Column("spot", "", tuple(f"{move:+.0%}" for move in ladder.spots), number=False),
            *(
                t.Column(f"vol {100 * shift:+.0f} pt", "", cells[j::width])
                for j, shift in enumerate(ladder.volatilities)
            ),
        ),
    )
    tables = (table, _payoffs(report.slices, rows)) if report.slices else (table,)
    return Section("losses", "What can I lose", tuple(lines), tables)


def _payoffs(slices: Sequence[Slice], rows: int) -> Table:
    size = [-part.worst_within if np.isfinite(part.worst_within) else -np.inf for part in slices]
    kept = [slices[i] for i in g.largest(size, rows)]
    return Table(
        "Worst value at expiry, premiums not included",
        (
            t.text("underlying", [part.underlying for part in kept]),
            t.instants("expiry", [part.expiry for part in kept]),
            t.text("in", [part.quote_currency for part in kept]),
            t.number("within 3 sd", [part.worst_within for part in kept]),
            t.exact("at", [part.worst_within_at for part in kept], 6),
            t.number("anywhere", [part.worst for part in kept]),
            t.Column("at", "", tuple(_place(part.worst_at) for part in kept)),
        ),
        note=g.not_shown(len(slices) - len(kept), "expiries with smaller losses")
        + "3 sd: three standard deviations either side of the forward.",
    )


def _place(fixing: float) -> str:
    return "upwards" if np.isinf(fixing) else f"{fixing:,.6g}"


def _attention(report: Report, rows: int) -> Section:
    h, not_ok, rejected = report.header, report.not_ok, report.rejected
    lines, tables = [], []
    if not report.needs_attention:
        lines.append("Every row was read, and every position is valued.")
    if len(not_ok):
        bad = [
            (h.not_valued, "could not be valued: in no total."),
            (h.expired, "expired: counted at intrinsic value."),
        ]
        lines.append(
            " ".join(f"{g.many(count, 'position')} {what}" for count, what in bad if count)
        )
        kept = g.first(not_ok, rows)
        tables.append(
            Table(
                "Positions that are not ok",
                (
                    t.count("row", kept["row"]),
                    t.text("instrument", kept["instrument"]),
                    t.exact("quantity", kept["quantity"], 6),
                    t.text("status and reason", kept["reason"]),
                ),
                note=g.not_shown(len(not_ok) - len(kept), "positions"),
            )
        )
    if len(rejected):
        lines.append(f"{g.many(h.rejected_rows, 'row')} of the files left out.")
        tables += [
            _left_out(rejected, source, rows) for source in dict.fromkeys(rejected["source"])
        ]
    lines += [*_untrusted(report.fits), *report.notes]
    return Section("attention", "What needs attention", tuple(lines), tuple(tables))


def _untrusted(fits: Frame) -> list[str]:
    """How many fits do not stand in the market, and what does instead."""
    in_force = fits["in_force"].tolist()
    instead = {
        "last": "earlier fits, stale",
        "spline": "splines",
        "quotes": "the quotes themselves",
        "nothing": "nothing",
    }
    counts = [(in_force.count(name), words) for name, words in instead.items()]
    bad = sum(count for count, _ in counts)
    if not bad:
        return []
    what = ", ".join(f"{words} for {count:,}" for count, words in counts if count)
    return [f"{bad:,} of {g.many(len(in_force), 'fit')} not trusted; in force instead: {what}."]


def _left_out(rejected: Frame, source: str, rows: int) -> Table:
    found = rejected.take(rejected["source"] == source)
    kept = g.first(found, rows)
    return Table(
        f"Rows left out of {PurePath(source).name or 'the data'}",
        (
            t.count("line", kept["line"]),
            t.text("column", kept["column"]),
            t.text("value", kept["value"]),
            t.text("reason", kept["reason"]),
        ),
        note=g.not_shown(len(found) - len(kept), "faults"),
    )


def _market(report: Report, rows: int) -> Section:
    found = report.forwards
    kept = g.first(found, 4 * rows)
    error = kept["forward_error"]
    table = Table(
        "Forwards and discount factors",
        (
            t.text("underlying", kept["underlying"]),
            t.instants("expiry", kept["expiry"]),
            t.exact("forward", kept["forward"], 7),
            *([] if np.isnan(error).all() else [t.exact("+/-", np.round(error, 4), 2)]),
            t.text("from", kept["forward_source"]),
            t.Column("discount", "", tuple(_factor(x) for x in kept["discount"])),
            t.text("from", [name.removesuffix("-settled") for name in kept["discount_source"]]),
            t.count("smile", kept["strikes"]),
        ),
        note=g.not_shown(len(found) - len(kept), "later expiries") + "smile: strikes in it.",
    )
    tables = [table]
    if len(report.fits):
        tables.append(_fits(report, rows))
        if np.any(report.fits["in_force"] != "fit"):
            tables.append(_not_trusted(report.fits, rows))
    remarks = [_remark(row["outliers"], row["note"]) for row in found.rows()]
    odd = [row for row, remark in enumerate(remarks) if remark]
    if odd:
        tables.append(
            Table(
                "Outliers and gaps of the market",
                (
                    t.text("underlying", found["underlying"][odd]),
                    t.instants("expiry", found["expiry"][odd]),
                    t.text("remark", [remarks[row] for row in odd]),
                ),
            )
        )
    return Section("market", "In which market", (), tuple(tables))


def _fits(report: Report, rows: int) -> Table:
    found = report.fits
    kept = g.first(found, 4 * rows)
    points, spreads = np.round(100 * kept["rms"], 4), np.round(kept["rms_in_half_spreads"], 4)
    return Table(
        f"How well {Model.of(found['model'][0]).label} stands for the quotes",
        (
            t.text("underlying", kept["underlying"]),
            t.instants("expiry", kept["expiry"]),
            t.count("quotes", kept["quotes"]),
            t.Column("inside", "%", tuple(_share(x) for x in kept["inside_share"])),
            replace(t.exact("rms", points, 3), unit="points"),
            replace(t.exact("rms", spreads, 3), unit="half-spreads"),
            t.text("in force", kept["in_force"]),
        ),
        note=g.not_shown(len(found) - len(kept), "later expiries")
        + "inside: the share of quotes whose bid and ask hold the model; rms: of the residuals, in "
        "vol points and in half the bid-ask spread.",
    )


def _not_trusted(fits: Frame, rows: int) -> Table:
    found = fits.take(fits["in_force"] != "fit")
    kept = g.first(found, 4 * rows)
    return Table(
        "Fits that are not trusted",
        (
            t.text("underlying", kept["underlying"]),
            t.instants("expiry", kept["expiry"]),
            t.text("in force", kept["in_force"]),
            t.text("reason", kept["problems"]),
        ),
        note=g.not_shown(len(found) - len(kept), "later expiries"),
    )


def _share(share: float) -> str:
    return f"{100 * share:.0f}" if share == share else t.ABSENT


def _remark(outliers: str, note: str) -> str:
    named = f"outliers of parity: {outliers}" if outliers else ""
    return "; ".join(part for part in (named, note) if part)


def _factor(discount: float) -> str:
    return f"{discount:.5f}" if discount == discount else t.ABSENT
