"""Engines begin with snapshots and go on in the next journal: as if they had never stopped."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.book.images import parts
from tests.book.inventories import state
from tests.live import engine_writer as writer
from tests.live import rolling_writer
from tests.live.streams import LISTINGS, days
from tests.live.test_engine import DAY, ROUNDS, as_applied, rebuilt
from tests.live.test_inventory import in_order
from tests.live.test_inventory import market as world
from tests.live.victims import Nursery, open_nursery
from tests.strategies import AS_OF

import hedgerow as hr
from hedgerow import live
from hedgerow.live import Engine, Journal, JournalError, JournalFault

pytest.importorskip("resource", reason="forks and signals are of POSIX")


def opened(path: Path, **more: Any) -> Engine:
    return Engine.open(Journal(path), writer.first_market(), **writer.SETUP | more)


def write(engine: Engine, upto: int) -> None:
    """Applies the events of the writers until this one."""
    for sequence in range(engine.journal.last_sequence + 1, upto + 1):
        assert engine.apply(writer.event(sequence))


def same(engine: Engine, last: int) -> None:
    """It is what the first events make of an inventory."""
    assert rebuilt(engine.inventory) == rebuilt(as_applied(last))
    assert engine.journal.last_sequence == last


def spoil(path: Path, sql: str) -> None:
    """Changes a journal that is closed behind its back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(sql).rowcount


# ---- snapshots ----


def test_an_engine_begins_with_its_last_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    engine = opened(path)
    assert engine.begun_with is None
    for upto, after in ((40, 40), (90, 90), (120, None)):
        write(engine, upto)
        if after:
            assert engine.snapshot() == after
    engine.journal.close()
    again = opened(path)
    assert (again.begun_with, again.passed_over) == (90, [])
    assert again.journal.snapshots() == [90, 40]
    same(again, 120)
    write(again, 150)
    again.journal.verify()
    same(again, 150)
    known = [writer.event(sequence) for sequence in range(2, 151)]
    known = [event for event in known if live.identity(event) is not None]
    assert not any(again.apply(event) for event in known)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(days(most=25), st.data())
def test_any_day_goes_on_from_any_snapshot_and_roll(
    tmp_path_factory: pytest.TempPathFactory, events: list[live.Event], data: Any
) -> None:
    folder = tmp_path_factory.mktemp("day")
    alone = live.Inventory(world(), **DAY)
    engine = Engine.open(Journal(folder / "0"), world(), **DAY)
    for number, event in enumerate([*LISTINGS, *in_order(events)]):
        answers: list[Any] = []
        for apply in (alone.apply, engine.apply):
            try:
                answers.append(apply(event))
            except hr.InvalidInput as refused:
                answers.append(str(refused))
        assert answers[0] == answers[1]
        match data.draw(st.sampled_from(["", "", "", "snapshot", "open", "roll"])):
            case "snapshot":
                engine.snapshot()
            case "roll":
                assert engine.roll(folder / f"{number + 1}") is engine.journal
            case "open":
                journal = engine.journal
                journal.close()
                engine = Engine.open(Journal(journal.path), world(), **DAY)
                alone.rebuild()
    assert rebuilt(engine.inventory) == rebuilt(alone)
    engine.journal.close()


@pytest.mark.parametrize("snapshot_every", [1, 7, 1000])
def test_snapshots_are_taken_as_events_go_by(tmp_path: Path, snapshot_every: int) -> None:
    path = tmp_path / "journal"
    engine = opened(path, snapshot_every=snapshot_every)
    write(engine, 60)
    taken = engine.journal.snapshots()
    assert taken == {1: [60, 59], 7: [56, 49], 1000: []}[snapshot_every]
    engine.journal.close()
    again = opened(path, snapshot_every=snapshot_every)
    write(again, 65)
    assert again.journal.snapshots()[:1] == {1: [65], 7: [63], 1000: []}[snapshot_every]
    same(again, 65)


def test_limits_come_back_with_their_levels(tmp_path: Path) -> None:
    path = tmp_path / "journal"

    def limit(engine: Engine) -> None:
        engine.inventory.set_limit("gross", (), hard=1e6, soft=1e5, hysteresis=9e4)
        engine.inventory.set_protection((), window=1.0, quantity=1.0)

    engine = opened(path)
    limit(engine)
    write(engine, 60)
    before = engine.inventory.limits().to_dict()
    assert before["level"].tolist() != ["kept"]
    engine.snapshot()
    engine.journal.close()
    again = opened(path)
    limit(again)
    after = again.inventory.limits().to_dict()
    for name in ("limit", "node", "measure", "level", "since"):
        assert after[name].tolist() == before[name].tolist()
    assert again.inventory.node().frozen == engine.inventory.node().frozen


# ---- what can't be used ----


DAMAGE = {
    "state": "UPDATE snapshot SET state = substr(state, 1, 5000) WHERE sequence = 90",
    "checksum": "UPDATE snapshot SET checksum = 1 WHERE sequence = 90",
    "future": "UPDATE snapshot SET sequence = 9000 WHERE sequence = 90",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_snapshot_is_passed_over(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "journal"
    engine = opened(path)
    for upto in (40, 90):
        write(engine, upto)
        engine.snapshot()
    write(engine, 100)
    engine.journal.close()
    spoil(path, DAMAGE[damage])
    with pytest.warns(RuntimeWarning, match=r"snapshot (90|9000) of .*journal is passed over"):
        again = opened(path)
    assert again.begun_with == 40
    assert [sequence in (90, 9000) for sequence, _ in again.passed_over] == [True]
    same(again, 100)
    again.journal.close()
    spoil(path, "UPDATE snapshot SET state = x'00', checksum = 0")
    with pytest.warns(RuntimeWarning) as told:
        again = opened(path)
    assert (again.begun_with, len(again.passed_over), len(told)) == (None, 2, 2)
    same(again, 100)


def test_a_state_of_another_making_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    engine = opened(path)
    write(engine, 30)
    engine.journal.save_snapshot(30, b"my own state, of whatever I like to keep")
    engine.journal.close()
    with pytest.warns(RuntimeWarning, match="must be of a live inventory"):
        same(opened(path), 30)


def begun(path: Path, **more: Any) -> int | None:
    """What an engine begins with; None too where the setup takes none of the events."""
    with suppress(hr.InvalidInput):
        return opened(path, **more).begun_with
    return None


@pytest.mark.parametrize("changed", [
    {"dimensions": ((), ("account",))},
    {"tags": ()},
    {"tenors": (1.0, 10.0)},
    {"betas": {"BTC": 1.0, "SPX": 1.0}},
    {"lots": {}},
    {"instruments": {"call": hr.Spot("SPX", "USD")}},
], ids=str)  # fmt: skip
def test_a_snapshot_of_another_setup_is_passed_over(tmp_path: Path, changed: Any) -> None:
    path = tmp_path / "journal"
    engine = opened(path)
    write(engine, 30)
    engine.snapshot()
    engine.journal.close()
    with pytest.warns(RuntimeWarning, match="passed over"):
        begun_with = begun(path, **changed)
    assert begun_with is None


def test_an_engine_knows_its_setup(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    engine = opened(path)
    write(engine, 30)
    engine.snapshot()
    engine.journal.close()
    with Journal(path) as journal:
        again = Engine.open(journal)  # all of it is in the snapshot
        assert again.inventory.dimensions == writer.SETUP["dimensions"]
        same(again, 30)
    more = writer.SETUP["instruments"] | {"new": hr.Spot("SPX", "USD")}  # type: ignore[operator]
    again = opened(path, instruments=more)
    assert again.begun_with == 30
    bought = live.Fill(
        time=AS_OF + np.timedelta64(1, "s"), venue="x", trade_id="1", account="a",
        instrument="new", quantity=1.0, price=3_800.0,
    )  # fmt: skip
    assert again.apply(bought)
    with pytest.raises(TypeError, match="colour is not among the settings"):
        opened(tmp_path / "other", colour="red")
    with pytest.raises(hr.InvalidInput, match="snapshot_every = 0: must be positive"):
        opened(tmp_path / "another", snapshot_every=0)


def test_a_full_disk_takes_no_snapshot_and_stops_no_engine(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    engine = opened(path, snapshot_every=10)
    write(engine, 15)
    assert engine.journal._connection is not None
    assert engine.journal.snapshots() == [10]
    (pages,) = engine.journal._connection.execute("PRAGMA page_count").fetchone()
    engine.journal._connection.execute(f"PRAGMA max_page_count = {pages + 1}").fetchone()
    with pytest.warns(RuntimeWarning, match="no snapshot of event 20"):
        write(engine, 25)
    assert engine.snapshot_fault is not None
    assert engine.snapshot_fault.fault is JournalFault.DISK_FULL
    with pytest.raises(JournalError):
        engine.snapshot()
    engine.journal._connection.execute("PRAGMA max_page_count = 1000000").fetchone()
    write(engine, 40)
    assert engine.journal.snapshots() == [40, 30]
    assert engine.snapshot_fault is None
    engine.journal.close()
    same(opened(path), 40)


# ---- replay ----


def test_a_batch_is_applied_as_its_events_one_by_one(tmp_path: Path) -> None:
    events = [writer.event(sequence) for sequence in range(1, 700)]
    last = events[-1].time
    placed = next(event for event in events if isinstance(event, live.OrderPlaced))
    where: dict[str, Any] = {"venue": placed.venue, "order_id": "new"}
    order = {"account": "main", "instrument": "call", "price": 0.05}
    events += [
        live.OrderPlaced(time=last, **where, quantity=3.0, **order, tags={"strategy": "mm"}),
        live.OrderAmended(time=last, **where, quantity=2.0, price=0.04),
        live.OrderAmended(time=last, **where, quantity=1.0, price=0.04),
        live.OrderPlaced(time=last, **where | {"order_id": '\u00e9"\\'}, quantity=3.0, **order),
        live.OrderCancelled(time=last, **where),
        live.Clock(time=last),
    ]
    with Journal(tmp_path / "journal") as journal:
        journal.extend(events)
        alone = live.Inventory(writer.first_market(), **writer.SETUP)
        for event in events[1:]:
            alone.apply(event)
        found = lambda venue, trade_id: None  # noqa: E731
        for more in ({}, {"find_fill": found}, {"find_fill": None}):
            again = Engine.open(journal, **writer.SETUP | more)
            assert state(again.inventory) == state(alone)
            assert parts(again.inventory)[1:] == parts(alone)[1:]


def test_an_event_that_is_refused_is_named(tmp_path: Path) -> None:
    bad = live.Fill(
        time=AS_OF + np.timedelta64(1, "s"), venue="x", trade_id="1", account="a",
        instrument="call", quantity=0.05, price=1.0,
    )  # fmt: skip
    for number, event in enumerate([bad, live.Bust(time=bad.time, venue="x", trade_id="2")]):
        with Journal(tmp_path / f"{number}") as journal:
            journal.extend([writer.event(sequence) for sequence in range(1, 30)])
            journal.extend([event, live.Clock(time=bad.time)])
            with pytest.raises(hr.InvalidInput, match=r"^event 30: (quantity|trade_id) = "):
                Engine.open(journal, **writer.SETUP)


@pytest.mark.parametrize("body", [
    '{"kind":"tick","spot":1.0,"time":1,"underlying":"BTC","version":2}',
    '{"kind":"tick","spot":1.0,"time":1,"version":1}',
    '{"kind":"tick","spot":1.0,"time":1,"underlying":"BTC","version":1},{}',
    '{"kind":["tick"]}', "[]", "{", "",
])  # fmt: skip
def test_an_event_of_tomorrow_is_told(tmp_path: Path, body: str) -> None:
    from zlib import crc32

    path = tmp_path / "journal"
    with Journal(path) as journal:
        journal.extend([writer.event(sequence) for sequence in range(1, 30)])
        chain = journal._chain
    spoil(path, f"INSERT INTO event VALUES (30, {crc32(body.encode(), chain)}, '{body}')")
    with Journal(path) as journal:
        with pytest.raises(JournalError, match="event 30") as caught:
            Engine.open(journal, **writer.SETUP)
        assert caught.value.fault is JournalFault.NEWER
        seen = []
        with pytest.raises(JournalError, match="event 30"):
            seen.extend(event for _, event in journal.events())


# ---- the end of a day ----


def test_a_day_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    engine = opened(tmp_path / "monday")
    write(engine, 100)
    monday = engine.journal
    tuesday = engine.roll(tmp_path / "tuesday")
    assert (tuesday.base, tuesday.predecessor, monday.path.name) == (100, "monday", "monday")
    assert engine.journal is tuesday
    known = [writer.event(sequence) for sequence in range(2, 101)]
    known = [event for event in known if live.identity(event) is not None]
    assert not any(engine.apply(event) for event in known)
    write(engine, 150)
    engine.snapshot()
    write(engine, 200)
    engine.roll(tmp_path / "wednesday")
    write(engine, 220)
    same(engine, 220)
    engine.journal.close()
    with pytest.raises(JournalError, match="it was rolled, tuesday continues it"):
        Journal(tmp_path / "monday")
    again = opened(tmp_path / "wednesday")
    assert again.begun_with == 200
    same(again, 220)
    for upto in (230, 240, 250):  # that which the file begins with stays
        write(again, upto)
        again.snapshot()
    assert again.journal.snapshots() == [250, 240, 200]
    again.journal.verify()


def test_fills_of_earlier_days_are_busted(tmp_path: Path) -> None:
    engine = opened(tmp_path / "0")
    terms: dict[str, Any] = {"account": "a", "instrument": "call", "price": 0.05, "venue": "x"}
    time = AS_OF + np.timedelta64(1, "s")
    for day in range(4):
        fill = live.Fill(time=time, trade_id=f"{day}", quantity=1.0 + day, **terms)
        assert engine.apply(fill)
        engine.roll(tmp_path / f"{day + 1}")
    corrected = live.Correction(
        time=time, venue="x", trade_id="1", quantity=7.0, price=0.05, fee=0.0
    )
    assert engine.apply(corrected)
    engine.roll(tmp_path / "5")
    assert engine.apply(live.Bust(time=time, venue="x", trade_id="0"))
    engine.journal.close()
    engine = opened(tmp_path / "5")
    assert not engine.apply(corrected)
    assert engine.apply(live.Bust(time=time, venue="x", trade_id="1"))
    assert engine.inventory.positions().to_dict()["quantity"].tolist() == [3.0 + 4.0]
    with pytest.raises(hr.InvalidInput, match="must be of a fill at x"):
        engine.apply(live.Bust(time=time, venue="x", trade_id="9"))
    (tmp_path / "3").rename(tmp_path / "archived")
    with pytest.raises(JournalError, match="there is no such file"):
        engine.apply(live.Bust(time=time, venue="x", trade_id="2"))
    shutil.copy(tmp_path / "0", tmp_path / "3")
    with pytest.raises(JournalError, match="3 is not what it continues"):
        engine.apply(live.Bust(time=time, venue="x", trade_id="2"))
    (tmp_path / "archived").replace(tmp_path / "3")
    assert engine.apply(live.Bust(time=time, venue="x", trade_id="2"))


def test_what_is_forgotten_is_refused(tmp_path: Path) -> None:
    engine = opened(tmp_path / "0")
    write(engine, 50)
    horizon = writer.event(40).time
    engine.roll(tmp_path / "1", forget_before=horizon)
    old = next(e for e in map(writer.event, range(2, 40)) if isinstance(e, live.Fill))
    assert not engine.apply(old)  # the inventory has not forgotten
    with pytest.raises(hr.InvalidInput, match="must be of a fill"):
        engine.apply(live.Bust(time=engine.inventory.now, venue=old.venue, trade_id=old.trade_id))
    write(engine, 60)
    same(engine, 60)


def test_without_a_snapshot_all_days_are_replayed(tmp_path: Path) -> None:
    engine = opened(tmp_path / "0")
    for day in (1, 2, 3):
        write(engine, 40 * day)
        engine.roll(tmp_path / f"{day}")
    write(engine, 150)
    engine.journal.close()
    for day in (3, 2):
        spoil(tmp_path / f"{day}", "UPDATE snapshot SET state = x'00'")
    with pytest.warns(RuntimeWarning, match="passed over"):
        again = opened(tmp_path / "3")
    assert (again.begun_with, [s for s, _ in again.passed_over]) == (40, [120, 80])
    same(again, 150)
    busted = next(e for e in map(writer.event, range(2, 40)) if isinstance(e, live.Fill))
    bust = live.Bust(time=again.inventory.now, venue=busted.venue, trade_id=busted.trade_id)
    assert again.apply(bust)
    again.journal.close()
    (tmp_path / "1").unlink()
    with pytest.warns(RuntimeWarning), pytest.raises(JournalError, match="there is no such file"):
        opened(tmp_path / "3")


def test_a_roll_that_is_refused_changes_nothing(tmp_path: Path) -> None:
    engine = opened(tmp_path / "0")
    write(engine, 30)
    with closing(Journal(tmp_path / "taken")) as other:
        other.append(live.Clock(time=AS_OF))
    with pytest.raises(hr.InvalidInput, match="must not exist"):
        engine.roll(tmp_path / "taken")
    assert engine.journal.path.name == "0"
    write(engine, 40)
    engine.journal.append(live.Clock(time=engine.inventory.now))
    with pytest.raises(hr.InvalidInput, match="must end with event 40"):
        engine.roll(tmp_path / "1")


# ---- kills ----


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with open_nursery("tests.live.rolling_writer") as running:
        yield running


def kill_and_check(nursery: Nursery, path: Path, durability: str, chance: random.Random) -> None:
    """Every acknowledged event is applied, at most one more, in whichever file: nothing twice."""
    acknowledged = 1
    for _ in range(ROUNDS):
        sequences = nursery.kill_one(path, durability, chance)
        acknowledged = max([acknowledged, *sequences])
        engine = rolling_writer.opened(path)
        with engine.journal as journal:
            last = journal.last_sequence
            assert last in (acknowledged, acknowledged + 1)
            assert engine.passed_over == []
            assert rebuilt(engine.inventory) == rebuilt(as_applied(last))
            journal.verify()
        assert in_all(path) == [writer.event(sequence) for sequence in range(1, last + 1)]
        acknowledged = last


def in_all(path: Path) -> list[live.Event]:
    """The events of a journal and those that continue it."""
    with Journal(path, read_only=True) as journal:
        events = [event for _, event in journal.events()]
        successor = journal.successor
    return events + (in_all(path.parent / successor) if successor else [])


@pytest.mark.parametrize("durability", ["process", "power"])
@pytest.mark.parametrize("seed", range(2))
def test_engines_killed_while_they_save_and_roll_lose_nothing(
    nursery: Nursery, tmp_path: Path, durability: str, seed: int
) -> None:
    kill_and_check(nursery, tmp_path / "journal", durability, random.Random(seed))


@pytest.mark.slow
@pytest.mark.parametrize("durability", ["process", "power"])
@pytest.mark.parametrize("seed", range(100, 125))
def test_hundreds_of_engines_killed_while_they_save_and_roll_lose_nothing(
    nursery: Nursery, tmp_path: Path, durability: str, seed: int
) -> None:
    kill_and_check(nursery, tmp_path / "journal", durability, random.Random(seed))
