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
_LOW = 32  # lines from which on there is room for units under the headline
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
_FEWEST = 4  # positions, before another table has to go
_FIRST_TO_MAKE_ROOM = ("balances", "fills", "underlyings", "margin", "refusals", "expiries")


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
    from rich.console import Console, Group
    from rich.table import Table as Grid

    top = Group(_title(picture), _headline(picture, width, height), _curve(picture, width))
    left = {
        "underlyings": tables.underlyings(picture),
        "expiries": tables.expiries(picture),
        "limits": tables.limits(picture, _LIMITS),
        "margin": tables.margin(picture),
    }
    right = {
        "refusals": tables.refusals(picture, _REFUSALS),
        "positions": tables.positions(picture, _POSITIONS),
        "fills": tables.fills(picture, _FILLS),
    }
    last = {"balances": tables.balances(picture)}
    wide = width >= _WIDE
    sides = [{**left, **last}, right] if wide else [{**left, **right, **last}]
    room = None
    if height is not None:
        room = height - len(Console(width=width).render_lines(top))
    column = (width - 3) // 2 if wide else width
    drawn = [
        Group(*(_table(table, column) for table in _within(side, room, picture))) for side in sides
    ]
    if not wide:
        return Group(top, *drawn)
    grid = Grid.grid(expand=True, padding=(0, 1))
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    grid.add_row(*drawn)
    return Group(top, grid)


def _within(side: dict[str, Table], room: int | None, picture: Picture) -> list[Table]:
    """The tables that have rows; of those, what so many lines have room for."""
    kept = {name: table for name, table in side.items() if len(table)}
    if room is None:
        return list(kept.values())
    positions = len(side.get("positions", ()))
    for name in ("", *_FIRST_TO_MAKE_ROOM):
        kept.pop(name, None)
        spare = room - sum(map(_lines, kept.values())) + positions
        if spare >= min(positions, _FEWEST):
            break
    if positions:
        kept["positions"] = tables.positions(picture, max(spare, 1))
    return list(kept.values())


def _lines(table: Table) -> int:
    """How many a table is drawn in: a space, title, head, rule, rows."""
    return 3 + (2 if any(column.unit for column in table.columns) else 1) + len(table)


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


def _headline(picture: Picture, width: int, height: int | None) -> RenderableType:
    from rich.table import Table as Grid
    from rich.text import Text

    figures = tables.headline(picture)
    across = len(figures) if width >= 130 else 5 if width >= 90 else 3
    grid = Grid.grid(expand=True, padding=(0, 1))
    for _ in range(across):
        grid.add_column(ratio=1)
    low = height is not None and height < _LOW
    cells = [
        Text.assemble(
            (f"{words}\n", "dim"),
            (t.minus(amount), _sign(amount, "bold")),
            ("" if low else f"\n{unit}", "dim"),
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
        lines.append(f"\n{words:8s}" if lines else f"{words:8s}", "dim")
        lines.append(sparkline(times, values, width - 8 - len(ends) - 1), color)
        lines.append(ends, "dim")
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
        title=Text(table.title),
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
        level = next((_LEVELS[cell] for cell in row if cell in _LEVELS), "")
        cells = [
            Text(
                t.minus(cell) if column.number else cell,
                level if column.title in ("level", "used") else _sign(cell),
            )
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


def _sign(cell: str, style: str = "") -> str:
    return f"{style} red".strip() if cell.startswith("-") and len(cell) > 1 else style
