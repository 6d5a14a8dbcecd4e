"""An inventory and its journal: what is acknowledged is both applied and on the disk."""

from __future__ import annotations

import warnings
from os import PathLike
from typing import Any, Self

import numpy as np

from hedgerow._core import Snapshot
from hedgerow.errors import InvalidInput, JournalError
from hedgerow.live.events import Event
from hedgerow.live.inventory import Inventory
from hedgerow.live.journal import Journal
from hedgerow.live.recovery import Finder, recover

_ALWAYS = np.datetime64(-(2**63) + 1, "ns")  # before all events


class Engine:
    """Applies events to an inventory, each only once it is in the journal.

    An event is first looked at (Inventory.accepts), then committed, then applied: one that the
    inventory refuses never reaches the journal, one that the disk refuses never the inventory, and
    after a crash the journal gives back every event that was acknowledged: `Engine.open`.

    Parameters: an inventory as the events of the journal have left it, the journal, and after how
    many events to take a snapshot(), which the event that makes them so many waits for; None:
    only when told to.

    Attributes: `begun_with`, the sequence of the snapshot that the engine was opened with, None
    where it was all events; `passed_over`, sequences of snapshots that could not be used, and why;
    `snapshot_fault`, why the last snapshot could not be taken, or None.
    """

    def __init__(
        self, inventory: Inventory, journal: Journal, *, snapshot_every: int | None = None
    ) -> None:
        if snapshot_every is not None and snapshot_every < 1:
            raise InvalidInput("snapshot_every", snapshot_every, "must be positive")
        self.inventory = inventory
        self.journal = journal
        self.begun_with: int | None = None
        self.passed_over: list[tuple[int, str]] = []
        self.snapshot_fault: JournalError | None = None
        self._snapshot_every = snapshot_every
        self._finder: Finder | None = None
        self._sequence = self._looked_at = journal.last_sequence

    @classmethod
    def open(
        cls,
        journal: Journal,
        market: Snapshot | None = None,
        *,
        snapshot_every: int | None = None,
        **setup: Any,
    ) -> Self:
        """The engine of a journal: its newest snapshot, and the events after it replayed.

        `market` is the first one of a new journal, into which it is written; `setup` is that of
        Inventory. A snapshot that is damaged, or of another setup, is passed over with a
        RuntimeWarning, for the one before it or for all events, with those of the journals that
        this one continues. Limits and protections are no events: they are as in the snapshot, and
        setting them once more changes nothing.

        Raises InvalidInput where a journal begins without a market, and JournalError where it is
        damaged.
        """
        inventory, finder, snapshot, passed_over = recover(journal, market, setup)
        engine = cls(inventory, journal, snapshot_every=snapshot_every)
        engine._finder = finder
        engine.begun_with, engine.passed_over = snapshot, passed_over
        engine._looked_at = snapshot or journal.base
        return engine

    def apply(self, event: Event) -> bool:
        """Takes an event: True when it is new, and then it is durable and applied.

        Raises InvalidInput when the inventory refuses it and JournalError when the disk does; then
        it is neither. False, and nothing happens, when it was counted before.
        """
        if not self.inventory.accepts(event):
            return False
        self._sequence = self.journal.append(event)
        applied = self.inventory.apply(event)
        every = self._snapshot_every
        if every is not None and self._sequence - self._looked_at >= every:
            self._try_snapshot()
        return applied

    def _try_snapshot(self) -> None:
        """A snapshot that fails is no event that failed."""
        self._looked_at = self._sequence  # a disk that is full is asked again after as many events
        try:
            self.snapshot()
        except JournalError as error:
            self.snapshot_fault = error
            told = f"no snapshot of event {self._sequence}: {error}"
            warnings.warn(told, RuntimeWarning, stacklevel=3)

    def snapshot(self) -> int:
        """Keeps the state as it is now in the journal, for open(); the sequence of its last event.

        Raises JournalError when the disk refuses; the journal and the engine go on.
        """
        self.journal.save_snapshot(self._sequence, self.inventory.image())
        self._looked_at, self.snapshot_fault = self._sequence, None
        return self._sequence

    def roll(
        self, path: str | PathLike[str], *, forget_before: np.datetime64 | None = None
    ) -> Journal:
        """Ends a day: a new journal begins with the state, and this one is closed for good.

        Sequences go on, and so does the engine, with the new journal, which is returned too. The
        inventory is as if nothing had happened, and what was counted is not counted again. With
        `forget_before` the journal carries no ids of earlier events, which are refused from now on,
        as are their busts; the closed one has to stay where it is while others may be busted. After
        a crash on the way either journal is the one that takes events (see Journal.roll).

        Raises InvalidInput when the path is taken, and JournalError when the disk refuses.
        """
        if self.journal.last_sequence != self._sequence:
            rule = f"must end with event {self._sequence}, the last one of this engine"
            raise InvalidInput("journal", self.journal.last_sequence, rule)
        horizon = _ALWAYS if forget_before is None else forget_before
        following = self.journal.roll(path, self.inventory.image(), forget_before=horizon)
        if self._finder is not None:
            self._finder.journal = following
        self.journal, self._looked_at = following, self._sequence
        return following
