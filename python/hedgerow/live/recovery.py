"""The inventory of a journal: its newest snapshot that can be used, and the events that follow."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

from hedgerow._core import Snapshot
from hedgerow.errors import InvalidInput, JournalError, JournalFault
from hedgerow.live.events import Fill, MarketUpdate
from hedgerow.live.inventory import Inventory, listing
from hedgerow.live.journal import Journal
from hedgerow.live.rows import apply_records

SETUP = {"instruments", "lots", "tags", "dimensions", "tenors", "betas", "find_fill"}


class Finder:
    """Looks up fills for busts in a journal, and in those that it continues."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def __call__(self, venue: str, trade_id: str) -> Fill | None:
        """The fill of an id, or None."""
        found = self.journal.find(("fill", venue, trade_id))
        return found if isinstance(found, Fill) else None


class Recovered(NamedTuple):
    """An inventory as the events of a journal have left it."""

    inventory: Inventory
    finder: Finder  # its find_fill, where none is set up
    snapshot: int | None  # the sequence of the snapshot that it began with; None: all events
    passed_over: list[tuple[int, str]]  # sequences of snapshots that can't be used, and why


def recover(journal: Journal, market: Snapshot | None, setup: Mapping[str, Any]) -> Recovered:
    """The inventory of a journal; where no snapshot can be used, of all events from the first on.

    `market` is the first of a new journal. Raises InvalidInput where the journal begins without
    one, and JournalError where it is damaged or one that it continues is not where it was.
    """
    if unknown := set(setup) - SETUP:
        raise TypeError(f"{min(unknown)} is not among the settings of an inventory")
    finder, passed_over = Finder(journal), list[tuple[int, str]]()
    settings = {"find_fill": finder, **setup}
    for sequence in journal.snapshots():
        try:
            inventory = _restored(journal, sequence, settings)
        except (InvalidInput, JournalError) as error:
            if isinstance(error, JournalError) and error.fault is not JournalFault.DAMAGED:
                raise
            passed_over.append((sequence, str(error)))
            told = f"snapshot {sequence} of {journal.path} is passed over: {error}"
            warnings.warn(told, RuntimeWarning, stacklevel=3)
        else:
            _follow(inventory, journal, sequence)
            return Recovered(inventory, finder, sequence, passed_over)
    if journal.base:
        with journal.earlier() as earlier:
            found = recover(earlier, None, setup)
        found.finder.journal = journal
        _follow(found.inventory, journal, journal.base)
        return found._replace(passed_over=[*passed_over, *found.passed_over])
    inventory = Inventory(_first_market(journal, market), **settings)
    _follow(inventory, journal, 1)
    return Recovered(inventory, finder, None, passed_over)


def _follow(inventory: Inventory, journal: Journal, after: int) -> None:
    """Applies the events of a journal after this one."""
    for batch in journal.records(after=after):
        apply_records(inventory, journal, batch)


def _first_market(journal: Journal, market: Snapshot | None) -> Snapshot:
    """The market that a journal begins with; a new one begins with that which is given."""
    first = next(journal.events(upto=1), None)
    if first is None:
        if market is None:
            raise InvalidInput("market", None, "must be given to a journal without events")
        journal.append(MarketUpdate(time=market.as_of, market=market))
        return market
    if not isinstance(first[1], MarketUpdate):
        raise InvalidInput("journal", type(first[1]).__name__, "must begin with a MarketUpdate")
    return first[1].market


def _restored(journal: Journal, sequence: int, settings: Mapping[str, Any]) -> Inventory:
    """The inventory of a snapshot, if it is one of these settings."""
    kept = journal.latest_snapshot(sequence)
    if kept is None or sequence > journal.last_sequence:
        raise InvalidInput("snapshot", sequence, "must be of an event that is in the journal")
    inventory = Inventory.restore(kept[1], find_fill=settings["find_fill"])
    _, _, tenors, betas = inventory._core.setup
    have = {
        "tags": inventory.tags,
        "dimensions": inventory.dimensions,
        "tenors": tuple(tenors),
        "betas": betas,
    }
    for name, value in have.items():
        if name in settings and _plain(settings[name]) != _plain(value):
            raise InvalidInput(name, settings[name], f"must be as in the snapshot, {value}")
    listed = listing(settings.get("instruments"), settings.get("lots"))
    inventory._core.add_instruments(listed, inventory.now)
    return inventory


def _plain(setting: Any) -> Any:
    """Settings that mean the same are equal."""
    if setting is None or isinstance(setting, Mapping):
        return dict(setting or {})
    return [list(item) if isinstance(item, list | tuple) else item for item in setting]
