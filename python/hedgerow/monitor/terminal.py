"""The picture in a terminal, drawn by rich."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from hedgerow.errors import MissingExtra
from hedgerow.monitor import tables
from hedgerow.monitor.follow import Follower
from hedgerow.monitor.picture import Picture
from hedgerow.report import table as t
from hedgerow.report.table import Column, Table

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_WIDE = 168  # columns from which on two tables stand side by side
_GAP = 3
_FIRST_TO_GO = (
    "held by",
    "average",
    "peak",
    "funding",
    "gamma",
    "capture",
    "theta",
    "mark",
    "spot",
)
_STATES = {"following": "green", "ended": "cyan", "failed": "bold red"}
_LEVELS = {"kept": "green", "soft": "yellow", "hard": "bold red"}
_BLOCKS = " ▁▂▃▄▅▆▇█"
_POSITIONS, _FILLS, _REFUSALS, _LIMITS = 20, 8, 4, 12


def console() -> Console:
    """Where the command line draws; raises MissingExtra without `rich`."""
    try:
        from rich.console import Console
    except ImportError:
        raise MissingExtra("the terminal's picture", "monitor", "rich") from None
    return Console()


def show(picture: Picture, to: Console) -> None:
    """Draws one picture, as long as it is; where `to` is no terminal as plain text."""
    to.print(draw(picture, max(to.width, 80)))


def run(follower: Follower, to: Console) -> None:
    """Draws every picture of a started follower until there are no more, and leaves the last one.

    A terminal that is slow misses pictures; the follower never waits for it. Returns when the
    follower is done or on KeyboardInterrupt; where `to` is no terminal, only the last is drawn.
    """
    from rich.live import Live

    picture = None
    try:
        with Live(console=to, screen=to.is_terminal, auto_refresh=False) as live:
            number = 0
            while (found := follower.wait(number, 1.0)) or not follower.done:
                if found is None:
                    continue
                picture, number = found, found.number
                if to.is_terminal:
                    live.update(draw(picture, to.width, to.height), refresh=True)
    finally:
        if picture is not None:
            show(picture, to)


def draw(picture: Picture, width: int, height: int | None = None) -> RenderableType:
    """A picture for so many columns, and lines where they are limited."""
    from rich.console import Group
    from rich.table import Table as Grid

    parts = [_title(picture), _headline(picture, width), _curve(picture, width)]
    wide = width >= _WIDE
    column = (width - 3) // 2 if wide else width
    left = [_table(tables.underlyings(picture), column), _table(tables.expiries(picture), column)]
    if len(picture.limits):
        left.append(_table(tables.limits(picture, _LIMITS), column))
    margin = tables.margin(picture)
    if margin is not None:
        left.append(_table(margin, column))
    below = [] if not len(picture.balances) else [_table(tables.balances(picture), column)]
    # What a screen has no room for is cut where it hurts least: at the smallest positions.
    spare = _POSITIONS
    if height is not None:
        rows = len(picture.underlyings) + len(picture.expiries) + min(len(picture.limits), _LIMITS)
        used = 10 + (_FILLS + 5) + (0 if wide else rows + 20)
        spare = max(3, height - used)
    right = [_table(tables.positions(picture, min(spare, 40)), column)]
    if len(picture.fills):
        right.append(_table(tables.fills(picture, _FILLS), column))
    if len(picture.refusals):
        right.insert(0, _table(tables.refusals(picture, _REFUSALS), column))
    if not wide:
        return Group(*parts, *left, *right, *below)
    grid = Grid.grid(expand=True, padding=(0, 1))
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    grid.add_row(Group(*left, *below), Group(*right))
    return Group(*parts, grid)


def _title(picture: Picture) -> RenderableType:
    from rich.rule import Rule
    from rich.text import Text

    stream = picture.stream
    time = str(np.datetime_as_string(picture.time, unit="s")).replace("T", " ")
    behind = f", {stream.behind:,} behind" if stream.behind else ""
    title = Text.assemble(
        ("hedgerow", "bold"),
        f" · {stream.name} · {time} UTC · ",
        (stream.state, _STATES[stream.state]),
        (f" · event {stream.sequence:,}{behind}", "dim"),
    )
    if stream.error:
        title.append(f" · {stream.error}", "red")
    return Rule(title, align="left", style="dim")


def _headline(picture: Picture, width: int) -> RenderableType:
    from rich.table import Table as Grid
    from rich.text import Text

    figures = tables.headline(picture)
    across = len(figures) if width >= 130 else 5 if width >= 90 else 3
    grid = Grid.grid(expand=True, padding=(0, 1))
    for _ in range(across):
        grid.add_column(ratio=1)
    cells = [
        Text.assemble(
            (f"{words}\n", "dim"), (t.minus(amount), _sign(amount, "bold")), (f"\n{unit}", "dim")
        )
        for words, amount, unit in figures
    ]
    for start in range(0, len(cells), across):
        grid.add_row(*cells[start : start + across])
    return grid


def _curve(picture: Picture, width: int) -> RenderableType:
    """P&L and capture over time, each as a line of blocks on a scale of their own."""
    from rich.text import Text

    lines = Text()
    times = picture.history["time"].astype(np.int64).astype(float) if len(picture.history) else None
    for name, words, color in (("pnl", "P&L", "cyan"), ("capture", "capture", "magenta")):
        if times is None or not times[-1] > times[0]:
            continue
        values = picture.history[name]
        low, high = float(np.min(values)), float(np.max(values))
        ends = f" {t.minus(t.amount(low))} to {t.minus(t.amount(high, picture.currency))}"
        lines.append(f"{words:8s}", "dim")
        lines.append(sparkline(times, values, width - 8 - len(ends) - 1), color)
        lines.append(f"{ends}\n", "dim")
    return lines


def sparkline(times: npt.NDArray[np.float64], values: npt.NDArray[np.float64], width: int) -> str:
    """A curve as blocks of eight heights, from the least to the largest, evenly in time."""
    shown = np.interp(np.linspace(times[0], times[-1], max(width, 1)), times, values)
    low, high = float(np.min(shown)), float(np.max(shown))
    if not high > low:
        return _BLOCKS[4] * len(shown)
    heights = 1 + np.round((shown - low) / (high - low) * 7)
    return "".join(_BLOCKS[int(height)] for height in heights)


def _table(table: Table, width: int) -> RenderableType:
    """A table of the columns that there is room for."""
    from rich import box
    from rich.padding import Padding
    from rich.table import Table as Drawn
    from rich.text import Text

    drawn = Drawn(
        title=table.title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        header_style="dim",
    )
    kept = _fitting(table, width)
    for column in kept:
        title = f"{column.title}\n{column.unit}" if column.unit else column.title
        drawn.add_column(
            title,
            justify="right" if column.number else "left",
            no_wrap=column.title != "reason",
        )
    for row in zip(*(column.cells for column in kept), strict=True):
        cells = [
            Text(t.minus(cell) if column.number else cell, _style(column.title, cell))
            for column, cell in zip(kept, row, strict=True)
        ]
        drawn.add_row(*cells)
    return Padding(drawn, (1, 0, 0, 0))


def _fitting(table: Table, width: int) -> list[Column]:
    """The columns of a table that fit; those that matter least go first."""
    kept = list(table.columns)
    for title in _FIRST_TO_GO:
        widths = [max(map(len, (c.title, c.unit, *c.cells))) for c in kept]
        if sum(widths) + _GAP * (len(kept) - 1) <= width:
            break
        kept = [column for column in kept if column.title != title]
    return kept


def _style(title: str, cell: str) -> str:
    return _LEVELS.get(cell, "") if title == "level" else _sign(cell)


def _sign(cell: str, style: str = "") -> str:
    return f"{style} red".strip() if cell.startswith("-") and len(cell) > 1 else style
