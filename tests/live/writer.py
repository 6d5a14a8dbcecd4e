"""Writers to kill: a process that forks them, and what they write, which depends on numbers alone.

The process reads lines `journal durability` and forks a writer for each, which prints its pid, then
the last sequence after every commit. Once it is gone the process prints "gone".
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable

import numpy as np

from hedgerow import live

START = np.datetime64("2026-01-05T12:00:00", "ns")
INSTRUMENTS = ["BTC-PERPETUAL", "BTC-27MAR26-100000-C", "BTC-27MAR26-100000-P"]
MOST = 6  # events in one commit
SNAPSHOT_EVERY = 25


def event(sequence: int) -> live.Event:
    """The event of this number."""
    chance = random.Random(sequence)
    time = START + np.timedelta64(sequence, "us")
    if chance.random() < 0.3:
        return live.Tick(time=time, underlying="BTC", spot=chance.uniform(8e4, 1e5))
    return live.Fill(
        time=time,
        venue=chance.choice(["deribit", "okx"]),
        trade_id=f"{chance.getrandbits(40)}-{sequence}",
        account="main",
        instrument=chance.choice(INSTRUMENTS),
        quantity=chance.choice([-2.0, -1.0, 1.0, 3.0]),
        price=chance.uniform(0.01, 1.0),
    )


def commit_after(sequence: int) -> int:
    """Where the commit that begins after this sequence ends."""
    chance = random.Random(-sequence)
    return sequence + (1 if chance.random() < 0.7 else chance.randint(2, MOST))


def fold(events: list[live.Event]) -> dict[str, float]:
    """What is held, the simplest state there is."""
    held = dict.fromkeys(INSTRUMENTS, 0.0)
    for fill in events:
        if isinstance(fill, live.Fill):
            held[fill.instrument] += fill.quantity
    return held


def write(journal: live.Journal) -> int:
    """One commit, by append() where it is one event; returns the last sequence."""
    last = journal.last_sequence
    numbers = range(last + 1, commit_after(last) + 1)
    if len(numbers) == 1:
        return journal.append(event(numbers[0]))
    return journal.extend(event(number) for number in numbers)[-1]


def run(path: str, durability: str) -> None:
    """Writes until it is killed."""
    os.write(1, f"{os.getpid()}\n".encode())
    journal = live.Journal(path, durability)
    if os.getpid() % 2:  # every other one moves its WAL into the database all the time
        assert journal._connection is not None
        journal._connection.execute("PRAGMA wal_autocheckpoint = 15")
    commits = 0
    while True:
        sequence = write(journal)
        os.write(1, f"{sequence}\n".encode())
        commits += 1
        if commits % SNAPSHOT_EVERY == 0:
            journal.save_snapshot(sequence, str(sequence).encode())


def serve(work: Callable[[str, str], None]) -> None:
    """Forks a writer for every line."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            path, durability = line.split()
            work(path, durability)
        os.waitpid(child, 0)
        os.write(1, b"gone\n")


if __name__ == "__main__":
    serve(run)
