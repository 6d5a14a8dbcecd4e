"""The report as one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files

from hedgerow.errors import MissingExtra
from hedgerow.report import plots
from hedgerow.report import table as t
from hedgerow.report.data import Report
from hedgerow.report.document import missing, sections
from hedgerow.report.plots import Plot


def to_html(report: Report, *, rows: int = 40) -> str:
    """One HTML file with everything in it: styles, tables and plots; it needs no script or network.

    Follows the reader's light or dark mode, and fits a screen as well as a phone. Tables have
    about `rows` rows. Raises MissingExtra without `jinja2` and `matplotlib`.
    """
    header = report.header
    as_of = t.instant(header.as_of)
    return render(
        title=f"hedgerow report as of {as_of} UTC",
        heading="Option book report",
        quiet=f"as of {as_of} UTC \N{MIDDLE DOT} in {header.currency} \N{MIDDLE DOT} "
        f"{header.positions:,} positions in {header.contracts:,} contracts",
        warning=missing(report),
        warning_at="attention",
        figures=_figures(report),
        sections=sections(report, rows=rows),
        plots=_plots(report),
    )


def render(
    *,
    title: str,
    heading: str,
    quiet: str,
    warning: str,
    figures: Sequence[tuple[str, str, str]],
    sections: Sequence[t.Section],
    plots: Mapping[str, Sequence[Plot]],
    warning_at: str = "",
) -> str:
    """The page of some sections, with the plots of each by its name.

    `figures` stand at the top: name, amount, unit. `warning_at` names the section that says more of
    the warning. Raises MissingExtra without `jinja2`.
    """
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError:
        raise MissingExtra("the page", "report", "jinja2") from None
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters["minus"] = t.minus
    template = environment.from_string(
        files("hedgerow.report").joinpath("page.html").read_text(encoding="utf-8")
    )
    return template.render(
        title=title,
        heading=heading,
        quiet=quiet,
        warning=warning,
        warning_at=warning_at,
        figures=figures,
        sections=sections,
        plots=plots,
    )


def _plots(report: Report) -> dict[str, list[Plot]]:
    """Per section, its plots."""
    return {
        "holdings": list(plots.inventory(report)),
        "exposures": list(plots.greeks(report)),
        "losses": [plots.ladder(report), *plots.payoffs(report)],
        "market": [*plots.smiles(report), *plots.variances(report)],
    }


def _figures(report: Report) -> list[tuple[str, str, str]]:
    """What stands at the top: name, amount, unit."""
    total, currency = report.totals, report.header.currency
    named = (
        ("value", total["value"], ""),
        ("P&L", total["pnl"], "since entry"),
        ("delta", total["dollar_delta"], ""),
        ("gamma", total["dollar_gamma"], "per 1 % of spot"),
        ("vega", total["vega_per_point"], "per vol point"),
        ("theta", total["theta_per_day"], "per day"),
    )
    figures = [(name, t.amount(value, currency), per) for name, value, per in named]
    if report.ladder.pnl.size:
        loss, spot, shift = report.ladder.worst
        where = f"spot {spot:+.0%}, vol {100 * shift:+.0f} pt"
        figures.append(("worst of the ladder", t.amount(loss, currency), where))
    return figures
