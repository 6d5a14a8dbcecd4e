"""Draws what went on over a day: lines by time, positions by time, and what explains a gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hedgerow.report import table as t
from hedgerow.report.draw import GAIN, LOSS, MUTED, plain_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HOUR = np.timedelta64(1, "h") / np.timedelta64(1, "ns")
_STEPS = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 120)  # hours between the labels of times
_LABELS = 7  # of times, half as many on what is narrower than this
_NARROW = 350  # pixels
_ROW = 0.44  # half of the height of a contract's row


@dataclass(frozen=True)
class Line:
    """One line of several: a value per time, in a color."""

    name: str
    values: Any
    color: str
    width: float = 1.5
    dashed: bool = False


def lines(
    axes: Axes, times: Any, drawn: Sequence[Line], marks: Sequence[Any] = (), zero: bool = True
) -> None:
    """Lines by time, dashed upright ones at some times, and a legend where there are several."""
    hours = _hours(axes, times)
    for line in drawn:
        axes.plot(
            hours,
            line.values,
            color=line.color,
            linewidth=line.width,
            label=line.name,
            linestyle=(0, (4, 3)) if line.dashed else "-",
        )
    if zero:
        axes.axhline(0, color=MUTED, linewidth=0.8)
    _marks(axes, times, marks)
    if len(drawn) > 1:
        _legend(axes, len(drawn))
    axes.margins(y=0.08)
    plain_numbers(axes.yaxis)


def filled(axes: Axes, times: Any, values: Any, marks: Sequence[Any] = ()) -> None:
    """One line over its area, colored by sign."""
    hours = _hours(axes, times)
    axes.fill_between(hours, values, 0, where=values >= 0, color=GAIN, alpha=0.25, lw=0)
    axes.fill_between(hours, values, 0, where=values <= 0, color=LOSS, alpha=0.25, lw=0)
    axes.plot(hours, values, color=MUTED, linewidth=1.2)
    axes.axhline(0, color=MUTED, linewidth=0.8)
    _marks(axes, times, marks)
    axes.margins(y=0.08)
    plain_numbers(axes.yaxis)


def bounded(axes: Axes, times: Any, values: Any, soft: Any, hard: Any, color: str) -> None:
    """A measure between its bounds, low and high; what is beyond the soft ones stands out."""
    hours = _hours(axes, times)
    axes.plot(hours, values, color=color, linewidth=1.5)
    for sign, inner, outer in zip((-1, 1), soft, hard, strict=True):
        if np.isfinite(outer):
            axes.axhline(outer, color=LOSS, linewidth=1.2)
        if np.isfinite(inner):
            axes.axhline(inner, color=LOSS, linewidth=0.9, linestyle=(0, (4, 3)))
            over = sign * values > sign * inner
            axes.fill_between(hours, values, inner, where=over, color=LOSS, alpha=0.35, lw=0)
    axes.margins(y=0.12)
    plain_numbers(axes.yaxis)


def positions(axes: Axes, times: Any, held: Mapping[str, Any], marks: Sequence[Any] = ()) -> None:
    """A row per contract: how much of it was held, blue above its line and red below.

    Each row has its own scale; its largest position stands at the right.
    """
    hours = _hours(axes, times)
    for row, values in enumerate(held.values()):
        largest = float(values[np.argmax(np.abs(values))])
        height = -_ROW * values / (abs(largest) or 1.0)  # the axis points downwards
        axes.fill_between(hours, row, row + height, where=values > 0, step="post", color=GAIN, lw=0)
        axes.fill_between(hours, row, row + height, where=values < 0, step="post", color=LOSS, lw=0)
        axes.axhline(row, color=MUTED, linewidth=0.6)
        axes.annotate(
            t.minus(f"{largest:,.6g}"),
            (1.0, row),
            (5, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
        )
    _marks(axes, times, marks)
    axes.set_yticks(range(len(held)), list(held))
    axes.tick_params(axis="y", length=0, labelsize=9.5)
    axes.set_ylim(len(held) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")


def two_sided(axes: Axes, times: Any, above: Any, below: Any, width: float) -> None:
    """Bars up and down at times, each as wide as `width` hours."""
    hours = _hours(axes, times)
    axes.bar(hours, above, width=0.8 * width, align="edge", color=GAIN)
    axes.bar(hours, -below, width=0.8 * width, align="edge", color=LOSS)
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.set_xlim(hours[0] - 0.1 * width, hours[-1] + width)
    plain_numbers(axes.yaxis)


def waterfall(axes: Axes, names: Sequence[str], values: Any) -> None:
    """Parts of a sum one after another, and the sum at the bottom; each says how much it is."""
    ends = np.cumsum(values)
    starts = ends - values
    total = float(ends[-1])
    low, high = min(0.0, float(ends.min())), max(0.0, float(ends.max()))
    rows = [*zip(starts, values, strict=True), (0.0, total)]
    texts = t.fixed([*values, total])
    for row, ((start, value), text) in enumerate(zip(rows, texts, strict=True)):
        color = GAIN if value >= 0 else LOSS
        alpha = 1.0 if row == len(values) else 0.7
        axes.barh(row, value, left=start, height=0.64, color=color, alpha=alpha)
        if row < len(values):
            axes.plot([start + value] * 2, [row, row + 1], color=MUTED, linewidth=0.8)
        place = max(start, start + value)
        axes.annotate(
            t.minus(text), (place, row), (4, 0), textcoords="offset points", va="center", fontsize=9
        )
    axes.axvline(0, color=MUTED, linewidth=0.8)
    axes.set_yticks(range(len(rows)), [*names, "P&L"])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    reach = (high - low) or 1.0
    axes.set_xlim(low - 0.03 * reach, high + 0.2 * reach)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)


def _hours(axes: Axes, times: Any) -> Any:
    """Times as hours since the first midnight, labeled as times of day in UTC."""
    from matplotlib.ticker import FixedLocator

    midnight = times[0].astype("datetime64[D]")
    hours = (times - midnight).astype("timedelta64[ns]").astype(float) / _HOUR
    first, last = float(hours[0]), float(hours[-1])
    figure: Any = axes.figure
    most = _LABELS if 72 * figure.get_figwidth() > _NARROW else _LABELS // 2
    step = next((s for s in _STEPS if (last - first) / s <= most), _STEPS[-1])
    places = np.arange(np.ceil(first / step), np.floor(last / step) + 1) * step
    axes.xaxis.set_major_locator(FixedLocator(places.tolist()))

    def shown(value: float, _: object) -> str:
        if step >= 24:
            return t.day(midnight + np.timedelta64(round(value), "h"))
        return f"{int(value) % 24:02d}:{round(60 * (value % 1)):02d}"

    axes.xaxis.set_major_formatter(shown)
    axes.set_xlim(first, max(last, first + 0.1))
    return hours


def _marks(axes: Axes, times: Any, marks: Sequence[Any]) -> None:
    midnight = times[0].astype("datetime64[D]")
    for mark in marks:
        place = (mark - midnight).astype("timedelta64[ns]").astype(float) / _HOUR
        axes.axvline(place, color=MUTED, linewidth=0.9, linestyle=(0, (2, 2)))


def _legend(axes: Axes, number: int) -> None:
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(-0.02, 1.0),
        ncols=min(number, 5),
        frameon=False,
        fontsize=9.5,
        handlelength=1.3,
        columnspacing=1.0,
        handletextpad=0.4,
        borderaxespad=0.1,
    )
