"""The picture in a terminal, and where there is none."""

from __future__ import annotations

import builtins
import io
from math import inf
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from tests.monitor.test_picture import full
from tests.monitor.world import day

import hedgerow as hr
from hedgerow import live
from hedgerow.monitor import Follower, PacedFeed, Picture, tables, terminal


def a_day() -> Picture:
    limits = [
        live.Limit(measure="delta", keys=("underlying",), hard=(-1.0, 1.0)),
        live.Limit(measure="vega", hard=(-1e12, 1e12)),
    ]
    feed = PacedFeed("a day", day(), inf)
    picture = Follower(feed, limits=limits, rules=hr.margin_rules.deribit()).catch_up()
    assert picture is not None
    return picture


def text(picture: Picture, width: int, height: int | None = None) -> str:
    console = Console(record=True, width=width, file=io.StringIO())
    console.print(terminal.draw(picture, width, height))
    return console.export_text()


@pytest.mark.parametrize("width", [80, 120, 200])
def test_everything_is_there_and_fits(width: int) -> None:
    picture = a_day()
    shown = text(picture, width)
    assert max(map(len, shown.splitlines())) <= width
    for title in ("By underlying", "By expiry", "Limits", "Margin: Deribit X:PM", "Positions: 12"):
        assert title in shown
    assert "Last fills" in shown
    assert "a day · 2026-03-18" in shown
    assert "Refused" not in shown
    for words, amount, _ in tables.headline(picture):
        assert words in shown
        assert amount.removeprefix("-") in shown
    for name in picture.positions["instrument"]:
        assert name in shown


@pytest.mark.parametrize("size", [(200, 40), (170, 30), (120, 50), (100, 30), (80, 24)])
def test_a_screen_is_not_overfilled(size: tuple[int, int]) -> None:
    width, height = size
    shown = text(a_day(), width, height)
    assert len(shown.splitlines()) <= height
    assert "Positions" in shown
    assert "Limits" in shown or height < 30


def test_a_failure_and_refusals_are_shown() -> None:
    picture = full()
    shown = text(picture, 200)
    assert "Refused" in shown
    assert '<b>"T9"</b>' in shown  # as it is: nothing in a name is markup


def test_names_are_no_markup() -> None:
    picture = full()
    names = np.array(["[red]A[/red]"] * len(picture.positions), dtype=object)
    columns = {**picture.positions.to_dict(), "instrument": names}
    told = {**vars_of(picture), "positions": hr.Frame(columns)}
    assert "[red]A[/red]" in text(Picture(**told), 200)


def vars_of(picture: Picture) -> dict[str, Any]:
    return {name: getattr(picture, name) for name in Picture.__dataclass_fields__}


def test_without_a_terminal_the_last_picture_is_printed_once() -> None:
    out = io.StringIO()
    console = Console(file=out, width=120)
    with Follower(PacedFeed("a day", day(), 36_000.0), every=0.01) as follower:
        terminal.run(follower, console)
    assert follower.picture is not None
    assert follower.picture.number > 1
    assert out.getvalue().count("By underlying") == 1
    assert "ended" in out.getvalue()
    assert "\x1b" not in out.getvalue()


def test_a_terminal_is_drawn_again_and_again() -> None:
    out = io.StringIO()
    console = Console(file=out, width=120, height=50, force_terminal=True)
    with Follower(PacedFeed("a day", day(), 360.0), every=0.01) as follower:
        terminal.run(follower, console)
    assert out.getvalue().count("By underlying") > 2


def test_sparklines() -> None:
    times = np.array([0.0, 1.0, 2.0])
    assert terminal.sparkline(times, np.array([0.0, 7.0, 0.0]), 3) == "▁█▁"
    assert terminal.sparkline(times, np.ones(3), 4) == "▄▄▄▄"


@pytest.mark.parametrize(
    ("part", "shown"),
    [(0.0, "░░░░"), (0.01, "█░░░"), (0.5, "██░░"), (9.0, "████"), (np.nan, "░░░░"), (-1.0, "░░░░")],
)
def test_bars(part: float, shown: str) -> None:
    assert tables.bar(part, 4) == shown


def test_without_rich_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def blocked(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "rich":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", blocked)
    with pytest.raises(hr.MissingExtra, match=r"hedgerow\[monitor\]"):
        terminal.console()
