"""Engines to kill while they save their state and roll their journals: as engine_writer.py."""

from __future__ import annotations

import os
import random
from pathlib import Path

from tests.live import engine_writer, writer

from hedgerow import live

SNAPSHOT = 0.2  # of the events are followed by a snapshot,
ROLL = 0.1  # or by the end of a day


def newest(path: Path) -> Path:
    """The file that takes events now, of those that continue this one."""
    while True:
        try:
            with live.Journal(path, read_only=True) as journal:
                successor = journal.successor
        except live.JournalError:  # it is not there, or not yet whole: who writes to it will tell
            return path
        if successor is None:
            return path
        path = path.parent / successor


def opened(path: Path, durability: str = "process") -> live.Engine:
    """The engine of the newest file."""
    journal = live.Journal(newest(path), durability)
    return live.Engine.open(journal, engine_writer.first_market(), **engine_writer.SETUP)


def run(path: str, durability: str) -> None:
    """Applies events, saves and rolls until it is killed."""
    os.write(1, f"{os.getpid()}\n".encode())
    engine = opened(Path(path), durability)
    chance = random.Random(os.getpid())
    while True:
        sequence = engine.journal.last_sequence + 1
        assert engine.apply(engine_writer.event(sequence))
        os.write(1, f"{sequence}\n".encode())
        what = chance.random()
        if what < SNAPSHOT:
            engine.snapshot()
        elif what < SNAPSHOT + ROLL:
            engine.roll(f"{path}.{sequence}")


if __name__ == "__main__":
    writer.serve(run)
