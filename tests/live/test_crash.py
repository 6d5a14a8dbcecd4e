"""Nothing acknowledged is lost: writers killed at random, torn and damaged tails, full disks."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest
from tests.live import writer
from tests.live.victims import Nursery, check, open_nursery

from hedgerow import live
from hedgerow.live import Journal, JournalError, JournalFault

resource = pytest.importorskip("resource", reason="limits, forks and signals are of POSIX")

ROUNDS = 10  # kills of writers of one journal, each of which goes on where the last one ended


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with open_nursery() as opened:
        yield opened


def is_fill(event: live.Event) -> bool:
    return isinstance(event, live.Fill)


def kill_and_check(nursery: Nursery, path: Path, durability: str, chance: random.Random) -> None:
    acknowledged = 0
    for _ in range(ROUNDS):
        sequences = nursery.kill_one(path, durability, chance)
        acknowledged = check(path, max([acknowledged, *sequences]))
    with Journal(path, read_only=True) as journal:
        journal.verify()


@pytest.mark.parametrize("durability", ["process", "power"])
@pytest.mark.parametrize("seed", range(4))
def test_killed_writers_lose_nothing_acknowledged(
    nursery: Nursery, tmp_path: Path, durability: str, seed: int
) -> None:
    kill_and_check(nursery, tmp_path / "journal", durability, random.Random(seed))


@pytest.mark.slow
@pytest.mark.parametrize("durability", ["process", "power"])
@pytest.mark.parametrize("seed", range(100, 125))
def test_hundreds_of_killed_writers_lose_nothing_acknowledged(
    nursery: Nursery, tmp_path: Path, durability: str, seed: int
) -> None:
    kill_and_check(nursery, tmp_path / "journal", durability, random.Random(seed))


def test_followers_of_a_writer_that_is_killed(nursery: Nursery, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    Journal(path).close()
    pid = nursery.start(path, "process")
    with Journal(path, read_only=True) as follower:
        seen: list[live.Event] = []
        for _ in count():
            batch = [event for _, event in follower.events(after=len(seen))]
            assert batch == [writer.event(len(seen) + 1 + i) for i in range(len(batch))]
            seen += batch
            if len(seen) > 300:
                break
        os.kill(pid, signal.SIGKILL)
        acked = nursery.rest()[-1]
        with Journal(path) as heir:  # the lock went with the writer
            last = heir.last_sequence
            assert last in (acked, writer.commit_after(acked))
            assert writer.write(heir) == writer.commit_after(last)
        seen += [event for _, event in follower.events(after=len(seen))]
        assert seen == [writer.event(i) for i in range(1, writer.commit_after(last) + 1)]


# ---- torn and damaged tails ----


class Torn:
    """A journal as it stands in the middle of the day, and how long its WAL was at each commit."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal"
        self.commits = [(0, 0)]  # bytes of the WAL, last sequence
        with Journal(self.path) as journal:
            for _ in range(120):
                sequence = writer.write(journal)
                self.commits.append((self.wal.stat().st_size, sequence))
            self.files = {p.name: p.read_bytes() for p in (self.path, self.wal)}

    @property
    def wal(self) -> Path:
        return self.path.with_name("journal-wal")

    def damaged(self, folder: Path, wal: bytes) -> Path:
        """A copy with another WAL."""
        (folder / "journal").write_bytes(self.files["journal"])
        (folder / "journal-wal").write_bytes(wal)
        return folder / "journal"

    def whole_at(self, offset: int) -> int:
        """The last sequence of what was written before this offset."""
        return max(sequence for size, sequence in self.commits if size <= offset)


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> Torn:
    made = Torn(tmp_path_factory.mktemp("torn"))
    sizes = [size for size, _ in made.commits]
    assert sizes == sorted(set(sizes)), "a checkpoint began the WAL anew"
    return made


def check_prefix(torn: Torn, folder: Path, wal: bytes, offset: int, *, write: bool) -> None:
    """What is recovered is a prefix, by whole commits, with all that precedes the damage."""
    folder.mkdir()
    path = torn.damaged(folder, wal)
    with Journal(path, read_only=not write) as journal:
        last = journal.last_sequence
        assert torn.whole_at(offset) <= last
        assert last in {sequence for _, sequence in torn.commits}
        events = [event for _, event in journal.events()]
        assert events == [writer.event(sequence) for sequence in range(1, last + 1)]
        journal.verify()
        if write:
            assert writer.write(journal) == writer.commit_after(last)
            journal.verify()
    shutil.rmtree(folder)


@pytest.mark.parametrize("part", range(10))
def test_a_torn_tail_leaves_a_prefix(torn: Torn, tmp_path: Path, part: int) -> None:
    chance = random.Random(part)
    wal = torn.files["journal-wal"]
    for turn in range(40):
        offset = chance.randrange(len(wal))
        check_prefix(torn, tmp_path / "copy", wal[:offset], offset, write=turn % 8 == 0)


@pytest.mark.parametrize("part", range(10))
def test_a_flipped_bit_leaves_a_prefix(torn: Torn, tmp_path: Path, part: int) -> None:
    chance = random.Random(1000 + part)
    for turn in range(40):
        wal = bytearray(torn.files["journal-wal"])
        offset = chance.randrange(32 if turn % 10 == 9 else len(wal))
        wal[offset] ^= 1 << chance.randrange(8)
        check_prefix(torn, tmp_path / "copy", bytes(wal), offset, write=turn % 8 == 0)


def test_damage_of_the_database_is_a_refusal_or_harmless(torn: Torn, tmp_path: Path) -> None:
    # A closed journal is one file without checksums of its pages: the chain is what tells.
    source = tmp_path / "whole"
    shutil.copytree(torn.path.parent, source)
    Journal(source / "journal").close()
    whole = (source / "journal").read_bytes()
    expected = [writer.event(i) for i in range(1, torn.commits[-1][1] + 1)]
    chance = random.Random(7)
    refused = 0
    for turn in range(200):
        data = bytearray(whole)
        offset = chance.randrange(len(data))
        data[offset] ^= 1 << chance.randrange(8)
        copy = tmp_path / f"copy{turn}"
        copy.write_bytes(data)
        seen: list[live.Event] = []
        try:
            with Journal(copy, read_only=True) as journal:
                seen.extend(event for _, event in journal.events())
        except JournalError:
            refused += 1
        else:
            assert seen == expected
        assert seen == expected[: len(seen)]
        copy.unlink()
    assert 50 < refused < 200  # ids and free space are no part of the events


# ---- full disks ----


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """The system lets no file of this process grow beyond this many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write_until_refused(journal: Journal) -> int:
    """Returns the sequence of the last commit that was taken."""
    for _ in range(100_000):
        last = journal.last_sequence
        with suppress(JournalError):
            writer.write(journal)
            continue
        assert journal.last_sequence == last
        return last
    raise AssertionError("it never got full")


def refusing(journal: Journal) -> None:
    """Full is full: more is refused, and what is there can be read."""
    last = journal.last_sequence
    for _ in range(3):
        with pytest.raises(JournalError) as caught:
            journal.extend(writer.event(i) for i in range(last + 1, last + 200))
        assert caught.value.fault is JournalFault.DISK_FULL
    assert journal.append(next(e for _, e in journal.events() if is_fill(e))) <= last
    events = [event for _, event in journal.events()]
    assert events == [writer.event(i) for i in range(1, last + 1)]
    with Journal(journal.path, read_only=True) as follower:
        assert follower.last_sequence == last


def going_on(path: Path, journal: Journal) -> None:
    """With space again the journal goes on where it was, and is whole."""
    for _ in range(50):
        last = journal.last_sequence
        assert writer.write(journal) == writer.commit_after(last)
    journal.verify()
    journal.close()
    with Journal(path) as again:
        again.verify()
        assert [event for _, event in again.events()] == [
            writer.event(i) for i in range(1, len(again) + 1)
        ]


@pytest.mark.parametrize("durability", ["process", "power"])
@pytest.mark.parametrize("size", [60_000, 123_456, 400_000])
def test_a_limit_of_the_file_size_is_a_refusal(tmp_path: Path, durability: str, size: int) -> None:
    path = tmp_path / "journal"
    journal = Journal(path, durability)
    with largest_file(size):
        write_until_refused(journal)
        refusing(journal)
    going_on(path, journal)


def test_a_full_database_is_a_refusal(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path)
    assert journal._connection is not None
    journal._connection.execute("PRAGMA max_page_count = 40").fetchone()
    write_until_refused(journal)
    refusing(journal)
    journal._connection.execute("PRAGMA max_page_count = 1000000").fetchone()
    going_on(path, journal)


def test_a_crash_of_a_full_journal_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with Journal(path) as journal, largest_file(150_000):
        last = write_until_refused(journal)
        shutil.copytree(tmp_path, tmp_path.with_name("crashed"))
    with Journal(tmp_path.with_name("crashed") / "journal") as again:
        assert again.last_sequence == last
        again.verify()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB, where one may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("ballast", range(2_100_000, 2_900_000, 100_000))
def test_a_full_disk_is_a_refusal(small_disk: Path, ballast: int) -> None:
    path = small_disk / "journal"
    journal = Journal(path)
    filler = small_disk / "filler"
    filler.write_bytes(bytes(ballast))
    write_until_refused(journal)
    refusing(journal)
    filler.unlink()
    going_on(path, journal)
