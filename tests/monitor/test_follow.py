"""Followers: of a journal that another process writes, and of a day at its own pace."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from math import inf
from pathlib import Path

import numpy as np
import pytest
from tests.monitor.world import at, day, fill, fold, prices

import hedgerow as hr
from hedgerow import live
from hedgerow.monitor import Follower, JournalFeed, PacedFeed, take
from hedgerow.monitor.follow import HISTORY

ROOT = Path(__file__).parents[2]
NAME = next(iter(prices()))
WRITER = """
import sys, time
from hedgerow import live
from tests.monitor.world import day
with live.Journal(sys.argv[1]) as journal:
    for event in day(int(sys.argv[2])):
        journal.append(event)
        time.sleep(float(sys.argv[3]))
    print(journal.last_sequence)
"""


def same(picture: object, inventory: live.Inventory) -> None:
    """The numbers of a picture are those of an inventory."""
    expected = take(inventory, picture.stream)  # type: ignore[attr-defined]
    for name, number in expected.headline.items():
        assert picture.headline[name] == pytest.approx(number, rel=1e-9, abs=1e-6), name  # type: ignore[attr-defined]


def test_it_sees_what_another_process_writes_while_it_writes(tmp_path: Path) -> None:
    path = tmp_path / "day.journal"
    live.Journal(path).close()
    command = [sys.executable, "-c", WRITER, str(path), "100", "0.005"]
    with (
        Follower(JournalFeed(path), every=0.02) as follower,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer,
    ):
        seen = []
        while picture := follower.wait(seen[-1].number if seen else 0, 30.0):
            seen.append(picture)
            if picture.stream.sequence == len(day(100)):
                break
        written, _ = writer.communicate(timeout=30.0)
    assert int(written) == len(day(100))
    assert len(seen) > 3  # it saw the day on its way, not only its end
    assert all(a.stream.sequence <= b.stream.sequence for a, b in pairwise(seen))
    assert all(a.number < b.number for a, b in pairwise(seen))
    same(seen[-1], fold(day(100)))
    assert seen[-1].stream.name == "day.journal"
    assert seen[-1].stream.behind == 0


def test_a_reader_in_the_middle_never_keeps_the_writer_waiting(tmp_path: Path) -> None:
    path, events = tmp_path / "day.journal", day()
    with live.Journal(path) as journal:
        journal.extend(events[:50])
        feed = JournalFeed(path)
        assert [sequence for sequence, _ in feed.take(3)] == [1, 2, 3]
        journal.extend(events[50:])  # would be refused, as the file is in use, if it had to wait
        assert feed.last_sequence == len(events)
        assert len(feed.take(len(events))) == len(events) - 3
        assert feed.take(10) == []
        feed.close()


def test_files_before_and_after_a_roll_are_read(tmp_path: Path) -> None:
    events = day()
    first, second, third = (tmp_path / f"{k}.journal" for k in range(3))
    journal = live.Journal(first)
    journal.extend(events[:40])
    journal = journal.roll(second, b"", forget_before=at(-100))
    journal.extend(events[40:60])
    feed = JournalFeed(second)  # the one in the middle
    journal = journal.roll(third, b"", forget_before=at(-100))
    journal.extend(events[60:])
    taken = []
    for _ in range(20):
        taken += feed.take(7 if len(taken) < 30 else 1000)
    assert [sequence for sequence, _ in taken] == list(range(1, len(events) + 1))
    assert [event for _, event in taken][13:] == events[13:]
    feed.close()
    journal.close()


def test_a_file_that_is_no_journal_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(live.JournalError, match="no such file"):
        JournalFeed(tmp_path / "nothing")


class Watch:
    """A clock that is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_events_come_at_their_pace() -> None:
    clock = Watch()
    ticks = [live.Tick(time=at(s), underlying="BTC", spot=1.0) for s in (0, 1, 1, 5, 600)]
    feed = PacedFeed("ticks", ticks, 8.0, clock=clock)
    taken = []
    for clock.now in (0.0, 0.0625, 0.125, 0.5, 0.625, 74.5, 75.0):
        taken.append(len(feed.take(99)))
        assert feed.ended == (clock.now == 75.0)
    assert taken == [1, 0, 2, 0, 1, 0, 1]
    assert feed.last_sequence == 5


def test_without_pace_they_come_as_they_are_taken() -> None:
    feed = PacedFeed("day", iter(day()), inf)
    assert [sequence for sequence, _ in feed.take(3)] == [1, 2, 3]
    assert len(feed.take(10_000)) == len(day()) - 3
    assert feed.ended
    feed.close()
    assert feed.take(1) == []
    with pytest.raises(hr.InvalidInput, match="speed"):
        PacedFeed("day", [], 0.0)


def test_a_day_at_once() -> None:
    follower = Follower(PacedFeed("day", day(), inf), rules=hr.margin_rules.deribit())
    picture = follower.catch_up()
    assert picture is not None
    inventory = fold(day())
    same(picture, inventory)
    assert picture.stream.state == "ended"
    assert picture.margin is not None
    assert picture.margin["initial"] == pytest.approx(
        hr.margin(inventory.book(), inventory.market(), hr.margin_rules.deribit()).initial
    )
    fills = [event for event in day() if isinstance(event, live.Fill)]
    assert list(picture.fills["instrument"]) == [f.instrument for f in fills[:-21:-1]]


def test_margin_has_limits_of_everything_and_of_accounts() -> None:
    limits = [
        live.Limit(measure="margin", hard=1.0),
        live.Limit(measure="scenario_loss", keys=("account",), hard=1e12),
    ]
    rules = hr.margin_rules.deribit()
    picture = Follower(PacedFeed("day", day(), inf), limits=limits, rules=rules).catch_up()
    assert picture is not None
    assert picture.margin is not None
    rows = {row["measure"]: row for row in picture.limits.rows()}
    assert rows["margin"]["value"] == picture.margin["initial"]
    assert (rows["margin"]["node"], rows["margin"]["level"]) == ("all", "hard")
    loss = rows["scenario_loss"]
    assert (loss["node"], loss["level"]) == ("maker", "kept")
    assert 0 < loss["value"] == pytest.approx(scan_loss(rules), rel=1e-12)
    with pytest.raises(hr.InvalidInput, match="must have margin rules"):
        Follower(PacedFeed("day", day(), inf), limits=limits)


def test_margin_is_of_the_end_of_a_journal(tmp_path: Path) -> None:
    with live.Journal(tmp_path / "day.journal") as journal:
        journal.extend(day())
    feed = JournalFeed(tmp_path / "day.journal")
    picture = Follower(feed, rules=hr.margin_rules.deribit()).catch_up()
    assert picture is not None
    assert picture.margin is not None
    assert picture.margin["time"] == picture.time
    assert picture.margin["equity"] == picture.headline["value"]


def scan_loss(rules: hr.MarginRules) -> float:
    """The loss in the worst scenario of all that is held at the end."""
    inventory = fold(day())
    found = hr.margin(inventory.book(), inventory.market(), rules)
    return float(found.units["scan"].sum())


def test_the_most_that_was_asked_for_is_kept() -> None:
    clock = [0.0]
    feed = PacedFeed("day", day(), 1.0, clock=lambda: clock[0])
    follower = Follower(feed, rules=hr.margin_rules.deribit(), margin_every=0.0)
    seen, most = [], []
    for clock[0] in (*np.arange(5.0, 60.0, 5.0), 1e9):
        while follower._step():
            pass
        follower._publish()
        assert follower.picture is not None
        assert follower.picture.margin is not None
        seen.append(follower.picture.margin["initial"])
        most.append(follower.picture.margin["most_initial"])
        assert most[-1] >= max(seen)  # it is computed between pictures too
    assert most == sorted(most)


def test_captures_of_fills_add_up() -> None:
    picture = Follower(PacedFeed("day", day(15), inf)).catch_up()
    assert picture is not None
    assert len(picture.fills) == 15
    assert picture.fills["capture"].sum() == pytest.approx(picture.headline["capture"], rel=1e-9)


def test_curves_are_bounded_and_end_now() -> None:
    picture = Follower(PacedFeed("day", day(6000), inf)).catch_up()
    assert picture is not None
    history = picture.history
    assert HISTORY / 3 < len(history) <= HISTORY + 1
    assert history["time"][-1] == picture.time
    assert history["pnl"][-1] == picture.headline["pnl"]
    assert (np.diff(history["time"].astype(np.int64)) > 0).all()
    steps = np.diff(history["time"].astype(np.int64))[1:-1]
    assert steps.max() <= 2.1 * steps.min()  # evenly, whatever was left out


def test_owners_are_told_apart_by_tags() -> None:
    picture = Follower(PacedFeed("day", day(), inf), tags=["strategy"]).catch_up()
    assert picture is not None
    assert set(picture.positions["strategy"]) == {"mm", "hedge"}


def test_what_the_inventory_refuses_is_shown_and_changes_nothing() -> None:
    bad = [
        live.Bust(time=at(500), venue="Deribit", trade_id="nowhere"),
        fill(501, "BTC-NOTHING", 1.0, 0.1),
        fill(502, NAME, 0.05, 0.1),  # half a lot
    ]
    picture = Follower(PacedFeed("day", [*day(), *bad], inf)).catch_up()
    assert picture is not None
    assert list(picture.refusals["event"]) == ["Fill", "Fill", "Bust"]
    assert "must be a multiple of the lot" in picture.refusals["reason"][0]
    same(picture, fold(day()))


def test_limits_are_watched() -> None:
    limits = [
        live.Limit(measure="delta", keys=("underlying",), hard=(-1.0, 1.0)),
        live.Limit(measure="gross", keys=("venue",), hard=(0.0, 1e12)),
    ]
    picture = Follower(PacedFeed("day", day(), inf), limits=limits).catch_up()
    assert picture is not None
    assert dict(zip(picture.limits["measure"], picture.limits["level"], strict=True)) == {
        "delta": "hard",
        "gross": "kept",
    }


@pytest.mark.parametrize(
    ("events", "limits", "complaint"),
    [
        (day()[1:], [], "begin with a MarketUpdate"),
        (day(), [live.Limit(measure="pnl", hard=(1.0, -1.0))], "limit 1: bounds"),
    ],
)
def test_what_can_not_be_followed_says_why(events, limits, complaint) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(hr.InvalidInput, match=complaint):
        Follower(PacedFeed("day", events, inf), limits=limits).catch_up()
    with Follower(PacedFeed("day", events, inf), limits=limits) as follower:
        assert follower.wait(0, 30.0) is None
    assert complaint in str(follower.error)
    assert follower.done


@pytest.mark.parametrize(
    "error", [hr.InvalidInput("quotes", "of noon", "must imply a market"), ZeroDivisionError("x")]
)
def test_a_failure_on_the_way_is_in_the_last_picture(error: Exception) -> None:
    def broken():  # type: ignore[no-untyped-def]
        yield from day()
        raise error

    with Follower(PacedFeed("day", broken(), 60.0 * 60.0), every=0.01) as follower:
        picture = None
        while found := follower.wait(0 if picture is None else picture.number, 30.0):
            picture = found
    assert picture is not None
    assert picture.stream.state == "failed"
    assert picture.stream.error == str(error)
    assert follower.error is error


def test_a_follower_of_nothing_can_be_stopped(tmp_path: Path) -> None:
    live.Journal(tmp_path / "empty.journal").close()
    with Follower(JournalFeed(tmp_path / "empty.journal")) as follower:
        assert follower.wait(0, 0.1) is None
        assert not follower.done
    assert follower.done
    assert follower.picture is None
    assert follower.error is None


def test_pictures_stay_as_they_were_taken() -> None:
    feed = PacedFeed("day", day(), 60.0 * 60.0)
    with Follower(feed, every=0.01) as follower:
        first = follower.wait(0, 30.0)
        assert first is not None
        told = first.to_json()
        while follower.wait(follower.picture.number, 30.0):  # type: ignore[union-attr]
            pass
    assert first.to_json() == told
    assert follower.picture is not first
