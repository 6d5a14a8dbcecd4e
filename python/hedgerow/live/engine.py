"""An inventory and its journal: what is acknowledged is both applied and on the disk."""

from __future__ import annotations

from typing import Any, Self

from hedgerow._core import Snapshot
from hedgerow.errors import InvalidInput
from hedgerow.live.events import Event, MarketUpdate
from hedgerow.live.inventory import Inventory
from hedgerow.live.journal import Journal


class Engine:
    """Applies events to an inventory, each only once it is in the journal.

    An event is first looked at (Inventory.accepts), then committed, then applied: one that the
    inventory refuses never reaches the journal, one that the disk refuses never the inventory, and
    after a crash the journal gives back every event that was acknowledged: `Engine.open`.

    Parameters: an inventory as the events of the journal have left it, and the journal.
    """

    def __init__(self, inventory: Inventory, journal: Journal) -> None:
        self.inventory = inventory
        self.journal = journal

    @classmethod
    def open(cls, journal: Journal, market: Snapshot | None = None, **setup: Any) -> Self:
        """The engine of a journal: all its events are replayed.

        `market` is the first one of a new journal, into which it is written; `setup` is that of
        Inventory. Raises InvalidInput where a journal begins without a market.
        """
        events = iter(journal.events())
        first = next((event for _, event in events), None)
        if first is None:
            if market is None:
                raise InvalidInput("market", None, "must be given to a journal without events")
            first = MarketUpdate(time=market.as_of, market=market)
            journal.append(first)
        if not isinstance(first, MarketUpdate):
            raise InvalidInput("journal", type(first).__name__, "must begin with a MarketUpdate")
        engine = cls(Inventory(first.market, **setup), journal)
        for _, event in events:
            engine.inventory.apply(event)
        return engine

    def apply(self, event: Event) -> bool:
        """Takes an event: True when it is new, and then it is durable and applied.

        Raises InvalidInput when the inventory refuses it and JournalError when the disk does; then
        it is neither. False, and nothing happens, when it was counted before.
        """
        if not self.inventory.accepts(event):
            return False
        self.journal.append(event)
        return self.inventory.apply(event)
