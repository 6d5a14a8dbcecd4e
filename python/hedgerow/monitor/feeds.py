"""Where a monitor's events come from: a journal that grows, or a day at a speed of one's choice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import islice
from math import inf
from os import PathLike
from pathlib import Path
from typing import Protocol

import numpy as np

from hedgerow.errors import InvalidInput
from hedgerow.live import Event, Journal

Batch = list[tuple[int, Event]]


class Feed(Protocol):
    """Events with their sequences, as far as they are there."""

    @property
    def name(self) -> str:
        """What it is, for the viewer."""

    @property
    def last_sequence(self) -> int:
        """The sequence of the last event that is there."""

    @property
    def ended(self) -> bool:
        """Whether there will be no more events."""

    def take(self, most: int) -> Batch:
        """At most so many of the next events; none where none are there yet. Never waits."""

    def close(self) -> None:
        """Lets go of what it reads."""


class JournalFeed:
    """The events of a journal that somebody else writes, from the first one on.

    It reads alone: the writer neither waits for it nor knows of it. Of a journal that was rolled it
    reads the files before it first, and goes on in the file after it. Raises JournalError where a
    file can't be read.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.name = Path(path).name
        self.ended = False
        self._waiting: list[Path] = []  # the files after the one that is read, as far as known
        self._journal = Journal(path, read_only=True)
        self._sequence = 0
        while self._journal.predecessor is not None:
            self._waiting.insert(0, self._journal.path)
            self._open(self._journal.path.parent / self._journal.predecessor)

    @property
    def last_sequence(self) -> int:
        """That of the file that is read now."""
        return self._journal.last_sequence

    def take(self, most: int) -> Batch:
        """As Feed.take; raises JournalError where the file is damaged."""
        batch = list(islice(self._journal.events(after=self._sequence), most))
        if batch:
            self._sequence = batch[-1][0]
        elif (following := self._following()) is not None:
            self._open(following)
        return batch

    def _following(self) -> Path | None:
        successor = self._journal.successor
        # Events may have come before the roll that was seen: they are read first.
        if successor is None or self._journal.last_sequence > self._sequence:
            return None
        if self._waiting:
            return self._waiting.pop(0)
        return self._journal.path.parent / successor

    def _open(self, path: Path) -> None:
        following = Journal(path, read_only=True)
        self._journal.close()
        self._journal = following

    def close(self) -> None:
        """Closes the file."""
        self._journal.close()


class PacedFeed:
    """Any events at `speed` times the pace at which they happened; inf: as fast as they are taken.

    The clock starts with the first take(), at the time of the first event. Iterating itself should
    not wait long: it happens within take().
    """

    def __init__(
        self,
        name: str,
        events: Iterable[Event],
        speed: float = 1.0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not speed > 0.0:
            raise InvalidInput("speed", speed, "must be positive")
        self.name = name
        self.ended = False
        self.last_sequence = 0
        self._events = iter(events)
        self._speed, self._clock = speed, clock
        self._next: Event | None = None
        self._start: tuple[float, np.datetime64] | None = None

    def take(self, most: int) -> Batch:
        """As Feed.take: events whose time has come."""
        batch: Batch = []
        while len(batch) < most and self._due():
            assert self._next is not None
            self.last_sequence += 1
            batch.append((self.last_sequence, self._next))
            self._next = None
        return batch

    def _due(self) -> bool:
        if self._next is None:
            self._next = next(self._events, None)
        if self._next is None:
            self.ended = True
            return False
        if self._speed == inf:
            return True
        if self._start is None:
            self._start = self._clock(), self._next.time
        begun, first = self._start
        passed = float((self._next.time - first) / np.timedelta64(1, "s"))
        return passed <= (self._clock() - begun) * self._speed

    def close(self) -> None:
        """Forgets the events that are left."""
        self._events, self._next, self.ended = iter(()), None, True
