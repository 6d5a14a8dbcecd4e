"""Writers that are killed: starting them, hearing what they acknowledge, checking what is left."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from signal import SIGKILL
from time import sleep
from typing import IO

from tests.conftest import ROOT
from tests.live import writer

import hedgerow
from hedgerow import live


class Nursery:
    """A process that forks writers."""

    def __init__(self, told: IO[str], said: IO[str]) -> None:
        self._told, self._said = told, said

    def start(self, path: Path, durability: str) -> int:
        """A writer; its pid."""
        self._told.write(f"{path} {durability}\n")
        self._told.flush()
        return int(self._said.readline())

    def first(self) -> int:
        """The first sequence that a writer acknowledges."""
        return int(self._said.readline())

    def rest(self) -> list[int]:
        """All that it acknowledged until it was gone."""
        return [int(line) for line in iter(self._said.readline, "gone\n")]

    def kill_one(self, path: Path, durability: str, chance: Random) -> list[int]:
        """Lets a writer live for a random while; what it acknowledged."""
        pid = self.start(path, durability)
        # One in five while it opens the journal, the others in the middle of their work.
        sequences = [self.first()] if chance.random() < 0.8 else []
        sleep(chance.uniform(0.0, chance.choice([0.002, 0.01, 0.05])))
        os.kill(pid, SIGKILL)
        sequences += self.rest()
        assert sequences == sorted(sequences)
        return sequences


@contextmanager
def open_nursery(module: str = "tests.live.writer", **environment: str) -> Iterator[Nursery]:
    """Of the writers of a module, with more in its environment; it ends with the block."""
    package = str(Path(hedgerow.__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": package} | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        yield Nursery(process.stdin, process.stdout)
        process.stdin.close()


def check(path: Path, acknowledged: int) -> int:
    """Every acknowledged event is there, and at most one commit more; returns the last sequence."""
    with live.Journal(path) as journal:
        last = journal.last_sequence
        assert last in (acknowledged, writer.commit_after(acknowledged))
        events = [event for _, event in journal.events()]
        assert events == [writer.event(sequence) for sequence in range(1, last + 1)]
        prefix = [writer.event(sequence) for sequence in range(1, acknowledged + 1)]
        assert writer.fold(events[:acknowledged]) == writer.fold(prefix)
        # What was acknowledged is known when it comes again.
        known = [(i, e) for i, e in enumerate(prefix, 1) if isinstance(e, live.Fill)]
        assert journal.extend(event for _, event in known) == [sequence for sequence, _ in known]
        snapshot = journal.latest_snapshot()
        assert snapshot is None or snapshot[1] == str(snapshot[0]).encode()
    return last
