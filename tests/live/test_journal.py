"""The journal does what it says: order, identity, snapshots, followers, the end of a day."""

from __future__ import annotations

import json
import pickle
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import ROOT
from tests.live.streams import any_event
from tests.live.writer import event

import hedgerow as hr
from hedgerow import live
from hedgerow.live import Journal, JournalError, JournalFault

NOON = np.datetime64("2026-01-05T12:00:00", "ns")
HOUR = np.timedelta64(3600, "s")


def fill(number: int, **changes: Any) -> live.Fill:
    terms: dict[str, Any] = {"time": NOON, "venue": "deribit", "account": "main", "price": 0.05}
    terms |= {"instrument": "BTC-27MAR26-100000-C", "quantity": 1.0, "trade_id": f"T{number}"}
    return live.Fill(**terms | changes)


def tick(spot: float) -> live.Tick:
    return live.Tick(time=NOON, underlying="BTC", spot=spot)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "day.journal"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal(path) as opened:
        yield opened


def listed(journal: Journal, after: int | None = None, upto: int | None = None) -> list[live.Event]:
    return [event for _, event in journal.events(after, upto)]


def fault(action: Callable[[], Any]) -> JournalFault:
    with pytest.raises(JournalError) as caught:
        action()
    assert caught.value.path in str(caught.value)
    assert caught.value.fault.value in str(caught.value)
    return caught.value.fault


@pytest.mark.parametrize("durability", ["process", live.Durability.POWER])
def test_what_is_appended_is_there_when_it_is_opened_again(path: Path, durability: str) -> None:
    events = [fill(1), tick(9e4), fill(2), tick(9e4), live.Clock(time=NOON)]
    with Journal(path, durability) as journal:
        assert [journal.append(event) for event in events] == [1, 2, 3, 4, 5]
        assert listed(journal) == events
        assert journal.durability == durability
        assert not journal.read_only
    assert sorted(p.name for p in path.parent.iterdir()) == ["day.journal", "day.journal.lock"]
    with Journal(path) as journal:
        assert len(journal) == journal.last_sequence == 5
        assert list(journal.events(1, 3)) == [(2, events[1]), (3, events[2])]
        assert listed(journal, 5) == listed(journal, 99) == []
        assert journal.append(fill(3)) == 6
        journal.verify()


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.lists(any_event, max_size=12, unique_by=lambda e: live.identity(e) or id(e)))
def test_every_kind_of_event_is_kept(tmp_path: Path, events: list[live.Event]) -> None:
    with Journal(tmp_path / "any") as journal:
        before = journal.last_sequence
        fresh = [e for e in events if not known(journal, e)]
        assert journal.extend(fresh) == list(range(before + 1, before + 1 + len(fresh)))
        assert listed(journal, before) == fresh


def known(journal: Journal, event: live.Event) -> bool:
    """Whether an earlier example used this identity."""
    name = live.identity(event)
    return name is not None and any(live.identity(e) == name for e in listed(journal))


def test_the_same_again_changes_nothing(journal: Journal) -> None:
    day = [fill(1), fill(2), live.Bust(time=NOON, venue="deribit", trade_id="T1"), fill(3)]
    first = journal.extend(day)
    assert journal.extend(day) == first
    assert [journal.append(event) for event in reversed(day)] == first[::-1]
    assert journal.extend([fill(4), fill(1), fill(4)]) == [5, 1, 5]
    assert listed(journal) == [*day, fill(4)]
    # What has no identity is there as often as it is said.
    assert journal.extend([tick(1.0), tick(1.0)]) == [6, 7]


def test_a_trade_of_another_venue_is_another_trade(journal: Journal) -> None:
    assert journal.append(fill(1)) != journal.append(fill(1, venue="okx"))


def test_other_content_under_an_id_is_refused(journal: Journal) -> None:
    journal.append(fill(1))
    with pytest.raises(hr.InvalidInput, match="fill of deribit = T1: must be what it is"):
        journal.append(fill(1, price=0.06))
    with pytest.raises(hr.InvalidInput, match="T1"):
        journal.extend([fill(2), fill(1, quantity=2.0), fill(3)])
    with pytest.raises(hr.InvalidInput, match="T9"):
        journal.extend([fill(9), fill(9, price=1.0)])
    assert listed(journal) == [fill(1)]
    assert journal.append(fill(2)) == 2
    journal.verify()


def test_a_second_writer_is_refused(journal: Journal, path: Path) -> None:
    assert fault(lambda: Journal(path)) is JournalFault.SECOND_WRITER
    link = path.with_name("other-name")
    link.symlink_to(path)
    assert fault(lambda: Journal(link)) is JournalFault.SECOND_WRITER
    journal.close()
    with Journal(link) as again:
        assert again.append(fill(1)) == 1


def test_followers_see_what_is_new_and_write_nothing(journal: Journal, path: Path) -> None:
    journal.append(fill(1))
    with Journal(path, read_only=True) as follower, Journal(path, read_only=True) as other:
        assert listed(follower) == listed(other) == [fill(1)]
        assert follower.read_only
        journal.extend([fill(2), fill(3)])
        assert follower.last_sequence == len(other) == 3
        assert listed(follower, 1) == [fill(2), fill(3)]
        assert fault(lambda: follower.append(fill(4))) is JournalFault.READ_ONLY
        assert fault(lambda: follower.extend([fill(4)])) is JournalFault.READ_ONLY
        assert fault(lambda: follower.save_snapshot(1, b"")) is JournalFault.READ_ONLY
        follower.verify()
        journal.close()
        assert len(follower) == 3


def test_a_reader_in_the_middle_stops_nobody(journal: Journal, path: Path) -> None:
    journal.extend([tick(float(i)) for i in range(1, 2001)])
    with Journal(path, read_only=True) as follower:
        reading = follower.events()
        assert next(reading) == (1, tick(1.0))
        journal.extend([tick(float(i)) for i in range(2001, 4001)])
        with sqlite3.connect(path) as other:  # a checkpoint that no reader keeps from its end
            busy, frames, moved = other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        other.close()
        assert (busy, frames) == (0, moved)
        assert [sequence for sequence, _ in reading] == list(range(2, 2001))


def test_threads_that_wait_share_a_commit(journal: Journal) -> None:
    statements: list[str] = []
    assert journal._connection is not None
    journal._connection.set_trace_callback(statements.append)
    results: dict[int, Any] = {}

    def append(number: int) -> None:
        try:
            results[number] = journal.append(fill(number % 7, price=float(number // 7 + 1)))
        except hr.InvalidInput as refused:
            results[number] = refused

    threads = [threading.Thread(target=append, args=(number,)) for number in range(8)]
    with journal._guard:
        for thread in threads:
            thread.start()
        while len(journal._pending) < 8:
            sleep(0.001)
    for thread in threads:
        thread.join()
    assert statements.count("COMMIT") == 1
    # Two of the eight have one id and other content: one of them is refused, and no other.
    refused = [number for number, result in results.items() if not isinstance(result, int)]
    assert refused in ([0], [7])
    assert sorted(x for x in results.values() if isinstance(x, int)) == list(range(1, 8))
    journal.verify()


def test_snapshots_are_kept_and_replaced(journal: Journal) -> None:
    assert journal.latest_snapshot() is None
    journal.extend([fill(i) for i in range(10)])
    for sequence in (0, 4, 8):
        journal.save_snapshot(sequence, b"state %d" % sequence)
    journal.save_snapshot(8, b"state 8, better")
    assert journal.latest_snapshot() == (8, b"state 8, better")
    assert journal.latest_snapshot(7) == (4, b"state 4")
    assert journal.latest_snapshot(3) is None  # two are kept
    for sequence in (-1, 11):
        with pytest.raises(hr.InvalidInput, match=r"sequence = .*: must be from 0 to 10"):
            journal.save_snapshot(sequence, b"")


def test_what_is_no_journal_is_left_alone(tmp_path: Path) -> None:
    text, foreign = tmp_path / "notes.txt", tmp_path / "other.sqlite"
    text.write_text("not a database, but long enough to be looked at as one" * 50)
    with sqlite3.connect(foreign) as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    for path in (text, foreign):
        before = path.read_bytes()
        for read_only in (False, True):
            opening = lambda p=path, r=read_only: Journal(p, read_only=r)  # noqa: E731
            assert fault(opening) is JournalFault.NOT_A_JOURNAL
        assert path.read_bytes() == before
    assert fault(lambda: Journal(tmp_path / "none", read_only=True)) is JournalFault.NOT_A_JOURNAL
    assert not (tmp_path / "none").exists()
    assert fault(lambda: Journal(tmp_path / "no" / "folder")) is JournalFault.FAILED
    (tmp_path / "empty").touch()
    assert fault(lambda: Journal(tmp_path / "empty", read_only=True)) is JournalFault.NOT_A_JOURNAL
    with Journal(tmp_path / "empty") as journal:  # what a crash at the very start leaves
        assert journal.append(fill(1)) == 1


def alter(path: Path, *statements: str) -> None:
    """Changes a journal behind its back."""
    with sqlite3.connect(path) as other:
        for statement in statements:
            other.execute(statement)
    other.close()


def test_newer_journals_and_events_are_refused(journal: Journal, path: Path) -> None:
    journal.extend([tick(1.0), fill(1)])
    journal.close()
    record = json.loads(live.encode(tick(2.0))) | {"version": 2}
    text = json.dumps(record, sort_keys=True, separators=(",", ":"))
    alter(path, "CREATE TABLE later (x)", "PRAGMA user_version = 2")
    assert fault(lambda: Journal(path)) is JournalFault.NEWER
    alter(path, "DROP TABLE later", "PRAGMA user_version = 1")
    with Journal(path) as again:
        again._commit_pending()
        entry = type("Newer", (), {"body": text, "identity": None, "event": None})()
        with again._transaction:
            again._insert(entry)  # type: ignore[arg-type]
        reading = again.events()
        assert [next(reading)[1] for _ in range(2)] == [tick(1.0), fill(1)]
        assert fault(lambda: next(reading)) is JournalFault.NEWER


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE event SET body = replace(body, '0.05', '0.06') WHERE sequence = 5",
        "UPDATE event SET chain = chain + 1 WHERE sequence = 5",
        "UPDATE event SET chain = 'x' WHERE sequence = 5",
        "UPDATE event SET body = x'ff00' WHERE sequence = 5",
        "DELETE FROM event WHERE sequence = 5",
        "DELETE FROM event WHERE sequence BETWEEN 5 AND 8",
    ],
)
def test_damage_is_told(journal: Journal, path: Path, damage: str) -> None:
    journal.extend([fill(i) for i in range(1, 10)])
    journal.close()
    alter(path, damage)
    with Journal(path, read_only=True) as damaged:
        seen: list[live.Event] = []
        assert fault(lambda: seen.extend(listed(damaged))) is JournalFault.DAMAGED
        assert listed(damaged, upto=4) == [fill(i) for i in range(1, 5)]
        assert fault(damaged.verify) is JournalFault.DAMAGED
        assert listed(damaged, 8) == [fill(9)] if "BETWEEN" not in damage else True


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM identity WHERE id = 'T5'",
        "UPDATE identity SET id = 'T50' WHERE id = 'T5'",
        "UPDATE identity SET sequence = 4 WHERE id = 'T5'",
        "INSERT INTO identity VALUES ('fill', 'deribit', 'T77', 7, NULL, NULL)",
        "UPDATE snapshot SET state = x'00'",
    ],
)
def test_verify_reads_everything(journal: Journal, path: Path, damage: str) -> None:
    journal.extend([fill(i) for i in range(1, 10)])
    journal.save_snapshot(9, b"state")
    journal.verify()
    journal.close()
    alter(path, damage)
    with Journal(path, read_only=True) as damaged:
        assert len(listed(damaged)) == 9
        assert fault(damaged.verify) is JournalFault.DAMAGED


def test_a_closed_journal_takes_nothing(journal: Journal) -> None:
    journal.append(fill(1))
    journal.close()
    journal.close()
    assert fault(lambda: journal.append(fill(2))) is JournalFault.CLOSED
    assert fault(lambda: listed(journal)) is JournalFault.CLOSED


def test_a_bad_durability_is_refused(path: Path) -> None:
    with pytest.raises(hr.InvalidInput, match="durability = fast: must be one of process, power"):
        Journal(path, "fast")
    assert not path.exists()


def test_events_of_earlier_files_are_not_asked_of_this_one(path: Path, journal: Journal) -> None:
    journal.extend([fill(1), fill(2)])
    with journal.roll(path.with_name("next"), b"two", forget_before=NOON) as after:
        with pytest.raises(hr.InvalidInput, match=r"after = 1: must be at least 2: .*day"):
            listed(after, 1)
        assert listed(after, 2) == listed(after) == []


def test_a_rolled_journal_goes_on_in_the_next_file(path: Path, journal: Journal) -> None:
    yesterday = [fill(i, time=NOON - HOUR) for i in range(3)]
    today = [fill(i) for i in range(3, 6)]
    journal.extend([*yesterday, tick(1.0), *today])
    with Journal(path, read_only=True) as follower:
        following = journal.roll(path.with_name("next"), b"folded", forget_before=NOON)
        assert follower.successor == "next"
        assert listed(follower) == [*yesterday, tick(1.0), *today]
    with following:
        assert (following.base, following.predecessor, len(following)) == (7, "day.journal", 0)
        assert following.latest_snapshot() == (7, b"folded")
        assert following.extend([*today, fill(6)]) == [5, 6, 7, 8]  # known by its name, not twice
        with pytest.raises(hr.InvalidInput, match="T3: must be what it is as event 5"):
            following.append(fill(3, price=7.0))
        with pytest.raises(hr.InvalidInput, match="must not be before 2026-01-05T12:00:00"):
            following.append(yesterday[0])
        assert list(following.events()) == [(8, fill(6))]
        following.verify()
        third = following.roll(path.with_name("third"), b"more", forget_before=NOON)
    with third:
        assert third.base == 8
        assert third.extend([fill(6), fill(4), fill(7)]) == [8, 6, 9]  # ids are carried on and on
        with pytest.raises(hr.InvalidInput, match="T4: must be what it is"):
            third.append(fill(4, price=7.0))
        third.verify()
    assert fault(lambda: Journal(path)) is JournalFault.CLOSED
    assert fault(lambda: journal.append(fill(8))) is JournalFault.CLOSED
    with Journal(path, read_only=True) as archived:
        archived.verify()


def test_what_is_forgotten_stays_forgotten(path: Path, journal: Journal) -> None:
    journal.append(fill(1))
    with journal.roll(path.with_name("b"), b"", forget_before=NOON) as second:
        third = second.roll(path.with_name("c"), b"", forget_before=NOON - HOUR)
    with third, pytest.raises(hr.InvalidInput, match="must not be before 2026-01-05T12"):
        third.append(fill(2, time=NOON - HOUR))


def test_a_roll_never_overwrites(path: Path, journal: Journal, tmp_path: Path) -> None:
    journal.append(fill(1))
    with Journal(tmp_path / "taken") as other:
        other.append(fill(2))
        roll = lambda: journal.roll(other.path, b"", forget_before=NOON)  # noqa: E731
        assert fault(roll) is JournalFault.SECOND_WRITER
    with pytest.raises(hr.InvalidInput, match="taken: must not exist"):
        roll()
    assert journal.append(fill(3)) == 2  # the journal that could not be rolled goes on
    with Journal(other.path) as other:
        assert listed(other) == [fill(2)]


@pytest.mark.parametrize("step", ["before", "after"])
def test_a_roll_that_dies_is_made_again(path: Path, monkeypatch: Any, step: str) -> None:
    target = path.with_name("next")
    with Journal(path) as journal:
        journal.append(fill(1))
        begin = journal._begin_successor

        def die(*arguments: Any) -> None:
            if step == "after":
                begin(*arguments)
            else:
                target.touch()
            raise KeyboardInterrupt

        monkeypatch.setattr(journal, "_begin_successor", die)
        with pytest.raises(KeyboardInterrupt):
            journal.roll(target, b"one", forget_before=NOON)
    with Journal(path) as journal:
        if step == "before":
            journal.append(fill(2))
        with journal.roll(target, b"all", forget_before=NOON) as following:
            assert following.latest_snapshot() == (journal_end(path), b"all")


def journal_end(path: Path) -> int:
    with Journal(path, read_only=True) as journal:
        return journal.last_sequence


def test_a_roll_begun_and_overtaken_is_made_again(path: Path, monkeypatch: Any) -> None:
    # The new file was complete, the old one not yet closed, and somebody appended to the old.
    target = path.with_name("next")
    with Journal(path) as journal:
        journal.append(fill(1))
        begin = journal._begin_successor
        monkeypatch.setattr(journal, "_begin_successor", lambda *a: (begin(*a), 1 / 0))
        with pytest.raises(ZeroDivisionError):
            journal.roll(target, b"one", forget_before=NOON)
        monkeypatch.undo()
        journal.append(fill(2))
        with journal.roll(target, b"two", forget_before=NOON) as following:
            assert following.latest_snapshot() == (2, b"two")


def test_the_example_of_the_documentation_runs(tmp_path: Path, monkeypatch: Any) -> None:
    text = (ROOT / "docs" / "journal.md").read_text()
    (block,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(block, "journal.md", "exec"), names)
    assert names["sequence"] == 1
    assert names["event"].price == 0.0525


def test_errors_travel_between_processes() -> None:
    error = JournalError(JournalFault.DISK_FULL, "day.journal", "no space")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "day.journal can't grow: no space"
    assert again.fault is JournalFault.DISK_FULL


def test_the_writers_events_are_what_they_are() -> None:
    assert event(1) == event(1) != event(2)  # what the crash tests lean on
