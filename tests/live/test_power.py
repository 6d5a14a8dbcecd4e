"""With durability "power" an acknowledged event survives what a disk may do when power fails.

A library between SQLite and the system keeps a copy of every file as it was when it was last
synced. After a kill each file is put together again from sectors of that copy and of what was
written since, at random: a disk keeps what it has synced, and of the rest what it likes.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.victims import Nursery, check, open_nursery

from hedgerow.live import Journal

SECTOR = 512
ROUNDS = 8

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("cc"), reason="needs Linux and a C compiler"
)


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    library = tmp_path_factory.mktemp("power") / "power.so"
    source = Path(__file__).with_name("power.c")
    command = ["cc", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, source]
    subprocess.run(command, check=True)
    with open_nursery(LD_PRELOAD=str(library)) as opened:
        yield opened


def lose_power(path: Path, chance: random.Random) -> None:
    """Leaves of the journal's files what a disk might have kept."""
    share = chance.choice([0.0, 0.5, 0.9, 1.0])  # of the sectors that were never synced
    for name in (path.name, f"{path.name}-wal"):
        file, durable = path.with_name(name), path.with_name(f"{name}.durable")
        if not durable.exists():
            file.unlink(missing_ok=True)
            continue
        old, new = durable.read_bytes(), file.read_bytes() if file.exists() else b""
        file.write_bytes(mixed(old, new, share, chance))
        shutil.copyfile(file, durable)
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)


def mixed(old: bytes, new: bytes, share: float, chance: random.Random) -> bytes:
    """Sectors of one and of the other."""
    length = len(new) if len(new) > len(old) and chance.random() < share else len(old)
    result = bytearray(old.ljust(length, b"\0")[:length])
    for at in range(0, min(length, len(new)), SECTOR):
        if chance.random() < share:
            sector = new[at : at + SECTOR]
            result[at : at + len(sector)] = sector
    return bytes(result[:length])


def lose_and_check(nursery: Nursery, folder: Path, chance: random.Random) -> None:
    path = folder / "journal"
    acknowledged = 0
    for _ in range(ROUNDS):
        # check() opens it without the library: what it writes counts as synced, and is.
        sequences = nursery.kill_one(path, "power", chance)
        lose_power(path, chance)
        acknowledged = check(path, max([acknowledged, *sequences]))
        for name in ("journal", "journal-wal"):
            (folder / f"{name}.durable").unlink(missing_ok=True)
        if path.exists():
            shutil.copyfile(path, folder / "journal.durable")
    assert acknowledged > 0
    with Journal(path, read_only=True) as journal:
        journal.verify()


@pytest.mark.parametrize("seed", range(5))
def test_a_loss_of_power_loses_nothing_acknowledged(
    nursery: Nursery, tmp_path: Path, seed: int
) -> None:
    lose_and_check(nursery, tmp_path, random.Random(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_losses_of_power_lose_nothing_acknowledged(
    nursery: Nursery, tmp_path: Path, seed: int
) -> None:
    lose_and_check(nursery, tmp_path, random.Random(seed))


def test_the_durability_of_processes_may_lose_its_tail_and_nothing_else(
    nursery: Nursery, tmp_path: Path
) -> None:
    # What tells that the disk above does forget.
    path = tmp_path / "journal"
    lost = 0
    for seed in range(10):
        chance = random.Random(seed)
        sequences = nursery.kill_one(path, "process", chance)
        lose_power(path, chance)
        with Journal(path) as journal:
            journal.verify()
            lost += max([0, *sequences]) - min(journal.last_sequence, max([0, *sequences]))
        for file in tmp_path.iterdir():
            file.unlink()
    assert lost > 0
