"""Records of a journal applied to an inventory: what is frequent in rows, without an event each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from operator import itemgetter
from typing import Any, NamedTuple

from hedgerow._core import Inventory as Core
from hedgerow.errors import InvalidInput
from hedgerow.live import events
from hedgerow.live.inventory import Inventory
from hedgerow.live.journal import Journal


class _Row(NamedTuple):
    """How the core takes a kind of event: which fields in which order."""

    members: int
    version: int
    read: Callable[[Any], tuple[Any, ...]]


def _row(kind: type[events.Event], *names: str) -> tuple[str, _Row]:
    members = len(fields(kind)) + 2  # the kind and the version
    return kind.wire, _Row(members, kind.version, itemgetter("kind", "time", *names))


_OF_OWNER = ("account", "tags", "instrument", "quantity", "price")
_ROWS = dict(
    [
        _row(events.Fill, "venue", "trade_id", *_OF_OWNER, "fee", "fee_currency", "order_id"),
        _row(events.Tick, "underlying", "spot"),
        _row(events.OrderPlaced, "venue", "order_id", *_OF_OWNER),
        _row(events.OrderAmended, "venue", "order_id", "quantity", "price"),
        _row(events.OrderCancelled, "venue", "order_id"),
    ]
)


def apply_records(inventory: Inventory, journal: Journal, batch: Sequence[tuple[int, Any]]) -> None:
    """Applies a batch of a journal's records, one after the other as Inventory.apply would.

    Raises InvalidInput, naming the sequence, for an event that is refused, and JournalError for a
    record that is none; those before it are applied.
    """
    known = _ROWS
    if inventory.keeps_fills:  # for busts to come: then there has to be an event
        known = {kind: row for kind, row in _ROWS.items() if kind != events.Fill.wire}
    rows: list[tuple[Any, ...]] = []
    sequence = 0
    for sequence, record in batch:
        try:
            row = known.get(record["kind"])
            if row and len(record) == row.members and record["version"] == row.version:
                rows.append(row.read(record))
                continue
        except (TypeError, KeyError):  # no record of an event: below it is told why
            pass
        _apply_rows(inventory._core, rows, sequence)
        rows = []
        event = journal.as_event(sequence, record)
        try:
            inventory.apply(event)
        except InvalidInput as error:
            raise _at(sequence, error.argument, error) from error
    _apply_rows(inventory._core, rows, sequence + 1)


def _apply_rows(core: Core, rows: list[tuple[Any, ...]], end: int) -> None:
    """Applies rows that end before this sequence."""
    try:
        core.apply_rows(rows)
    except InvalidInput as error:
        number, _, argument = error.argument.partition(": ")
        raise _at(end - len(rows) + int(number.removeprefix("row ")), argument, error) from error


def _at(sequence: int, argument: str, error: InvalidInput) -> InvalidInput:
    return InvalidInput(f"event {sequence}: {argument}", error.value, error.rule)
