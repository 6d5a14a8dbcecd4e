"""An engine's inventory is what its journal says: by replay, on full disks, and after kills."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from tests.book.inventories import state
from tests.live import engine_writer as writer
from tests.live.streams import LISTINGS, days
from tests.live.test_inventory import in_order
from tests.live.test_inventory import market as world
from tests.live.victims import Nursery, open_nursery
from tests.strategies import AS_OF

import hedgerow as hr
from hedgerow import live
from hedgerow.live import Engine, Journal, JournalError

pytest.importorskip("resource", reason="forks and signals are of POSIX")

ROUNDS = 8  # kills of engines of one journal, each of which goes on where the last one ended
DAY: dict[str, Any] = {
    "tags": ("strategy",), "dimensions": ((), ("underlying", "expiry"), ("account", "venue"))
}  # fmt: skip


def rebuilt(inventory: live.Inventory) -> dict[str, Any]:
    """Its state with no rounding but that of the sums themselves."""
    inventory.rebuild()
    return state(inventory)


def as_applied(last: int) -> live.Inventory:
    """An inventory without a journal to which the first events of the writers were applied."""
    inventory = live.Inventory(writer.first_market(), **writer.SETUP)
    for sequence in range(2, last + 1):
        assert inventory.apply(writer.event(sequence))
    return inventory


def opened(path: Path) -> Engine:
    return Engine.open(Journal(path), writer.first_market(), **writer.SETUP)


# ---- replay ----


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(days(most=25))
def test_a_replay_gives_the_same_state_in_every_bit(
    tmp_path_factory: pytest.TempPathFactory, events: list[live.Event]
) -> None:
    path = tmp_path_factory.mktemp("day") / "journal"
    taken = 0
    with Journal(path, "process") as journal:
        engine = Engine.open(journal, world(), **DAY)
        for event in [*LISTINGS, *in_order(events)]:
            before, last = state(engine.inventory), journal.last_sequence
            try:
                new = engine.apply(event)
            except hr.InvalidInput:
                new = False
            if not new:
                assert journal.last_sequence == last
                assert state(engine.inventory) == before
            taken += new
            assert journal.last_sequence == 1 + taken
            spot = live.Tick(time=engine.inventory.now, underlying="BTC", spot=100.0 + taken / 7)
            taken += engine.apply(spot)
        as_rebuilt = rebuilt(engine.inventory)
    with Journal(path) as journal:
        again = Engine.open(journal, **DAY)
        assert rebuilt(again.inventory) == as_rebuilt


def test_a_new_journal_begins_with_the_market(tmp_path: Path) -> None:
    with pytest.raises(hr.InvalidInput, match="must be given to a journal without events"):
        Engine.open(Journal(tmp_path / "one"), **writer.SETUP)
    with Journal(tmp_path / "two") as journal:
        Engine.open(journal, writer.first_market(), **writer.SETUP)
        assert [event for _, event in journal.events()] == [writer.event(1)]
    with Journal(tmp_path / "three") as journal:
        journal.append(live.Clock(time=AS_OF))
        with pytest.raises(hr.InvalidInput, match="must begin with a MarketUpdate"):
            Engine.open(journal, writer.first_market(), **writer.SETUP)


def test_what_comes_again_reaches_neither(tmp_path: Path) -> None:
    engine = opened(tmp_path / "journal")
    events = [writer.event(sequence) for sequence in range(2, 200)]
    assert all(engine.apply(event) for event in events)
    before, last = state(engine.inventory), engine.journal.last_sequence
    known = [event for event in events if live.identity(event) is not None]
    assert not any(engine.apply(event) for event in known)
    assert (state(engine.inventory), engine.journal.last_sequence) == (before, last)


BAD: dict[str, live.Event] = {
    "unknown instrument": live.Fill(
        time=AS_OF, venue="x", trade_id="1", account="a", instrument="none", quantity=1.0, price=1.0
    ),
    "wrong lot": live.Fill(
        time=AS_OF, venue="x", trade_id="1", account="a", instrument="call", quantity=0.05,
        price=1.0, fee_currency="NEW",
    ),
    "unknown underlying": live.Tick(time=AS_OF, underlying="DOGE", spot=1.0),
    "time backwards": live.Clock(time=AS_OF - np.timedelta64(1, "ns")),
    "other terms": live.Listing(time=AS_OF, instrument="call", contract=writer.CALL, lot=1.0),
    "no fill": live.Bust(time=AS_OF, venue="x", trade_id="1"),
    "no order": live.OrderCancelled(time=AS_OF, venue="x", order_id="1"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_refused_events_never_reach_the_journal(tmp_path: Path, case: str) -> None:
    engine = opened(tmp_path / "journal")
    engine.apply(live.Tick(time=AS_OF, underlying="BTC", spot=91_234.5))
    before = state(engine.inventory)
    with pytest.raises(hr.InvalidInput):
        engine.apply(BAD[case])
    assert state(engine.inventory) == before
    assert engine.journal.last_sequence == 2


def test_a_beta_that_is_missing_never_reaches_the_journal(tmp_path: Path) -> None:
    setup = writer.SETUP | {"betas": {"BTC": 1.5, "SPX": 1.0}}
    path = tmp_path / "journal"
    listing = live.Listing(time=AS_OF, instrument="e", contract=hr.Spot("ETH", "USD"), lot=1.0)
    with Journal(path) as journal:
        engine = Engine.open(journal, writer.first_market(), **setup)
        with pytest.raises(hr.InvalidInput, match="beta"):
            engine.apply(listing)
        assert engine.apply(writer.event(2))
    with Journal(path) as journal:
        assert Engine.open(journal, **setup).journal.last_sequence == 2


# ---- disks ----


def test_what_the_disk_refuses_leaves_the_inventory_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    engine = opened(path)
    assert engine.journal._connection is not None
    engine.journal._connection.execute("PRAGMA max_page_count = 40").fetchone()
    for sequence in range(2, 100_000):
        before = state(engine.inventory) if sequence % 50 == 0 else None
        try:
            engine.apply(writer.event(sequence))
        except JournalError:
            break
        assert before is None or state(engine.inventory) != before
    last = engine.journal.last_sequence
    assert 10 < last == sequence - 1
    full = state(engine.inventory)
    for _ in range(3):
        with pytest.raises(JournalError):
            engine.apply(writer.event(sequence))
        assert state(engine.inventory) == full
    assert rebuilt(engine.inventory) == rebuilt(as_applied(last))
    engine.journal._connection.execute("PRAGMA max_page_count = 1000000").fetchone()
    assert engine.apply(writer.event(sequence))
    engine.journal.close()
    with Journal(path) as journal:
        again = Engine.open(journal, **writer.SETUP)
        assert rebuilt(again.inventory) == rebuilt(as_applied(sequence))


def test_a_closed_journal_leaves_the_inventory_alone(tmp_path: Path) -> None:
    engine = opened(tmp_path / "journal")
    engine.journal.close()
    before = state(engine.inventory)
    with pytest.raises(JournalError):
        engine.apply(writer.event(2))
    assert state(engine.inventory) == before


# ---- kills ----


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with open_nursery("tests.live.engine_writer") as opened:
        yield opened


def kill_and_check(nursery: Nursery, path: Path, durability: str, chance: random.Random) -> None:
    """Every acknowledged event is applied, and at most one more, whose answer was on its way."""
    acknowledged = 1
    for _ in range(ROUNDS):
        sequences = nursery.kill_one(path, durability, chance)
        acknowledged = max([acknowledged, *sequences])
        with Journal(path) as journal:
            engine = Engine.open(journal, writer.first_market(), **writer.SETUP)
            last = journal.last_sequence
            assert last in (acknowledged, acknowledged + 1)
            events = [event for _, event in journal.events()]
            assert events == [writer.event(sequence) for sequence in range(1, last + 1)]
            assert state(engine.inventory) == state(as_applied(last))
        acknowledged = last


@pytest.mark.parametrize("durability", ["process", "power"])
@pytest.mark.parametrize("seed", range(2))
def test_killed_engines_lose_nothing_acknowledged(
    nursery: Nursery, tmp_path: Path, durability: str, seed: int
) -> None:
    kill_and_check(nursery, tmp_path / "journal", durability, random.Random(seed))


@pytest.mark.slow
@pytest.mark.parametrize("durability", ["process", "power"])
@pytest.mark.parametrize("seed", range(100, 125))
def test_hundreds_of_killed_engines_lose_nothing_acknowledged(
    nursery: Nursery, tmp_path: Path, durability: str, seed: int
) -> None:
    kill_and_check(nursery, tmp_path / "journal", durability, random.Random(seed))
