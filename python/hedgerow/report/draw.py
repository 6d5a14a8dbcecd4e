"""Draws the report's plots as inline SVG that takes its colors and its width from the page."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hedgerow.errors import MissingExtra
from hedgerow.report import table as t
from hedgerow.report.data import Slice, SmileQuotes
from hedgerow.risk.ladder import Ladder

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 380, 220  # pixels of a panel at its natural size
_MOST_LABELS = 24  # named below bars

# Colors are the page's to choose, light or dark: each stands for one of its variables.
INK, MUTED, GRID, GAIN, LOSS, LINE, SECOND, THIRD = (f"#0{i}0{i}0{i}" for i in range(1, 9))
_VARIABLES = {
    INK: "ink",
    MUTED: "muted",
    GRID: "grid",
    GAIN: "gain",
    LOSS: "loss",
    LINE: "line",
    SECOND: "second",
    THIRD: "third",
}
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "hedgerow",
    "font.family": ["DejaVu Sans"],
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
}


def bars(axes: Axes, labels: Sequence[str], values: Any) -> None:
    """Bars by expiry, colored by sign."""
    colors = [GAIN if value >= 0 else LOSS for value in values]
    places = np.arange(len(values))
    axes.bar(places, values, color=colors, width=0.66)
    axes.axhline(0, color=MUTED, linewidth=0.8)
    step = -(-len(labels) // _MOST_LABELS)
    axes.set_xticks(places[::step], labels[::step])
    axes.set_xlim(-0.6, max(len(values), 4) - 0.4)
    if len(labels) > 4:
        axes.tick_params(axis="x", rotation=90, labelsize=9)
    plain_numbers(axes.yaxis)


def heatmap(axes: Axes, found: Ladder, pnl: Any) -> None:
    """P&L in cells, colored by sign and size."""
    from matplotlib.patches import Rectangle

    largest = float(np.nanmax(np.abs(pnl), initial=0.0)) or 1.0
    texts = t.fixed(pnl.ravel())
    size = min(10.5, 52.0 / max(len(found.volatilities), 1))
    for place, value in enumerate(pnl.ravel()):
        i, j = divmod(place, len(found.volatilities))
        # The root keeps small moves visible beside crashes.
        depth = 0.75 * float(np.sqrt(abs(np.nan_to_num(value)) / largest))
        color = GAIN if value >= 0 else LOSS
        axes.add_patch(Rectangle((j - 0.48, i - 0.46), 0.96, 0.92, facecolor=color, alpha=depth))
        axes.text(j, i, t.minus(texts[place]), ha="center", va="center", fontsize=size)
    shifts = [t.minus(f"{100 * shift:+.0f}") for shift in found.volatilities]
    axes.set_xticks(range(len(shifts)), shifts)
    axes.set_yticks(range(len(found.spots)), [t.minus(f"{move:+.0%}") for move in found.spots])
    axes.set_xlim(-0.5, len(shifts) - 0.5)
    axes.set_ylim(len(found.spots) - 0.5, -0.5)
    axes.set_xlabel("implied volatility, points")
    axes.set_ylabel("spot")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def smile(axes: Axes, smile: SmileQuotes) -> None:
    """Bid to ask, and the smile through it, about the forward."""
    shown = (smile.strikes >= smile.low) & (smile.strikes <= smile.high)
    shown = shown if shown.any() else np.ones(len(smile.strikes), dtype=bool)
    strikes = smile.strikes[shown]
    bid, ask = 100 * smile.bid_volatilities[shown], 100 * smile.ask_volatilities[shown]
    two = np.isfinite(bid) & np.isfinite(ask)
    axes.vlines(strikes[two], bid[two], ask[two], color=LINE, alpha=0.45, linewidth=2.5)
    line = (smile.curve_strikes, smile.curve_volatilities)
    if not smile.model:
        line = (strikes, smile.volatilities[shown])
    axes.plot(line[0], 100 * line[1], color=INK, linewidth=1.0)
    axes.plot(strikes, 100 * smile.volatilities[shown], ".", color=INK, markersize=3.5)
    axes.axvline(smile.forward, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
    axes.margins(x=0.04, y=0.1)
    plain_numbers(axes.yaxis)
    _strike_axis(axes)


def variances(axes: Axes, smiles: Sequence[SmileQuotes]) -> None:
    """Total variance by ln(strike/forward), a line per expiry: lines that cross are arbitrage."""
    ends = []
    for place, smile in enumerate(smiles):
        moneyness = np.log(smile.curve_strikes / smile.forward)
        variance = smile.curve_volatilities**2 * smile.time
        depth = 0.35 + 0.65 * (place + 1) / len(smiles)
        axes.plot(moneyness, variance, color=LINE, alpha=depth, linewidth=1.2)
        ends.append((variance[-1], moneyness[-1], t.day(smile.expiry)))
    low, high = axes.get_ylim()
    least = low
    for height, right, day in sorted(ends):
        least = max(height, least + 0.05 * (high - low))  # above the name below
        axes.text(right, least, f" {day}", fontsize=8, color=MUTED, va="center")
    axes.axvline(0, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
    axes.set_xlabel("ln(strike / forward)")
    axes.margins(x=0.08, y=0.06)


def payoff(axes: Axes, part: Slice, divisor: float) -> None:
    """A payoff with its worst case marked."""
    values = part.payoff / divisor
    axes.fill_between(part.fixings, values, 0, where=values >= 0, color=GAIN, alpha=0.18, lw=0)
    axes.fill_between(part.fixings, values, 0, where=values <= 0, color=LOSS, alpha=0.18, lw=0)
    axes.plot(part.fixings, values, color=INK, linewidth=1.4)
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.axvline(part.forward, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
    worst = part.worst_within / divisor
    axes.plot([part.worst_within_at], [worst], "o", color=LOSS, markersize=7, clip_on=False)
    axes.margins(x=0.02, y=0.08)
    plain_numbers(axes.yaxis)
    _strike_axis(axes)


def inventory(axes: Axes, parts: Sequence[Slice]) -> None:
    """Inventory by strike and expiry: bubbles colored by sign, as large as it."""
    largest = max(float(np.max(np.abs(p.call_equivalents), initial=0.0)) for p in parts) or 1.0
    for place, part in enumerate(parts):
        calls = part.call_equivalents
        held = calls != 0
        colors = [GAIN if call > 0 else LOSS for call in calls[held]]
        area = 4 + 420 * np.abs(calls[held]) / largest
        axes.scatter(
            part.strikes[held], np.full(held.sum(), place), s=area, c=colors, alpha=0.6, lw=0
        )
        axes.plot([part.forward], [place], "|", color=INK, markersize=12, markeredgewidth=1.3)
    axes.set_yticks(range(len(parts)), [t.day(part.expiry) for part in parts])
    axes.set_ylim(len(parts) - 0.4, -0.6)
    strikes = np.concatenate([part.strikes[part.call_equivalents != 0] for part in parts])
    if strikes.max() > 3 * max(strikes.min(), 1e-300):
        axes.set_xscale("log")
    axes.margins(x=0.06)
    axes.grid(visible=True, axis="both")
    _strike_axis(axes, most=8)


def _strike_axis(axes: Axes, most: int = 5) -> None:
    from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

    if axes.get_xscale() == "log":
        low, high = axes.get_xlim()
        mantissas = (1, 1.5, 2, 3, 5, 7) if high < 6 * low else (1, 2, 5)
        steps = [m * 10.0**e for e in range(-8, 12) for m in mantissas]
        axes.xaxis.set_major_locator(FixedLocator([x for x in steps if low <= x <= high]))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(most))
    plain_numbers(axes.xaxis)


def plain_numbers(axis: Any) -> None:
    """Numbers of an axis as people write them."""

    def shown(value: float, _: object) -> str:
        return t.minus(f"{value:,.6g}")

    axis.set_major_formatter(shown)


def figure(paint: Callable[[Any], None], width: int = WIDTH, height: int = HEIGHT) -> str:
    """What `paint` puts on axes, as an SVG element as wide as its box, in the page's colors."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra("the plots of the page", "report", "matplotlib") from None
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
        figure.patch.set_visible(False)
        axes = figure.add_subplot()
        axes.patch.set_visible(False)
        paint(axes)
        stream = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(stream, format="svg", metadata=nothing)
    return _inline(stream.getvalue())


def _inline(svg: str) -> str:
    """What HTML wants of an SVG: the element alone, no namespaces, sizes by the page."""
    tag, rest = svg[svg.index("<svg") :].split(">", 1)
    tag = re.sub(r'\s(xmlns(:\w+)?|width|height|version)="[^"]*"', "", tag)
    rest = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->\s*", "", rest, flags=re.DOTALL)
    # Only what is referred to keeps its name: a digest, so that equal names are equal things.
    used = set(re.findall(r"#([\w-]+)", rest))
    rest = re.sub(r'\sid="([^"]*)"', lambda m: m[0] if m[1] in used else "", rest)
    svg = f"{tag}>{rest}"
    # A hundredth of a pixel is enough; what is written on the axes keeps its digits.
    svg = re.sub(r"<[^>]*>", lambda part: re.sub(r"(\.\d\d)\d+", r"\1", part[0]), svg)
    for color, variable in _VARIABLES.items():
        svg = svg.replace(color, f"var(--{variable})")
    return svg.strip()
