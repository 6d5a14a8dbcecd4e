"""Fills in columns do what the same fills do one by one, up to the first that is refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tests.book.inventories import NAMES, inventory

import hedgerow as hr
from hedgerow import live

ROWS = 700  # several blocks of columns
OPTIONS = [i for i, c in enumerate(NAMES.values()) if isinstance(c, hr.Option)]

Columns = dict[str, np.ndarray]


def columns() -> Columns:
    """Fills of three owners, some of them twice."""
    random = np.random.default_rng(5)
    ids = np.arange(ROWS)
    rows = {
        "trade_ids": ids,
        "owner": random.integers(0, 3, ROWS),
        "instrument": random.choice(OPTIONS, ROWS),
        "quantity": 0.1 * random.choice([-3, -2, -1, 1, 2, 3], ROWS),
        "price": 0.0005 * random.integers(1, 100, ROWS),
        "fee": 0.0003 * random.integers(-1, 2, ROWS),
    }
    for again in range(20, ROWS, 50):
        for column in rows.values():
            column[again] = column[again - 7]
    return rows


def empty() -> live.Inventory:
    """An inventory of three owners."""
    made = inventory()
    for o in range(3):
        made._owner("main", "deribit", {"strategy": str(o)})
    return made


def count(made: live.Inventory, rows: Columns) -> np.ndarray:
    """Counts all rows at once."""
    ids, *others = rows.values()
    return made._core.fills("deribit", ids, np.full(ROWS, made.now.astype("int64")), *others)


def count_singly(made: live.Inventory, rows: Columns, end: int = ROWS) -> list[bool]:
    """Counts the first rows, one by one."""
    trade_ids, *others = (column[:end].tolist() for column in rows.values())
    return [
        made._core.fill("deribit", str(trade_id), made.now, *row)
        for trade_id, *row in zip(trade_ids, *others, strict=True)
    ]


def state(made: live.Inventory) -> list[object]:
    """All that is counted and netted, in every bit."""
    nodes = [made._core.nodes(d)[4].tobytes() for d in range(len(made.dimensions))]
    positions = {name: column.tobytes() for name, column in made._core.positions().items()}
    return [nodes, positions, made._core.known_events]


def test_columns_are_their_fills() -> None:
    rows, together, singly = columns(), empty(), empty()
    applied = count(together, rows)
    assert applied.tolist() == count_singly(singly, rows)
    assert not applied[20::50].any()
    assert applied.sum() == ROWS - len(applied[20::50])
    assert state(together) == state(singly)


def spoil_quantity(rows: Columns) -> None:
    rows["quantity"][300] = 0.05


def spoil_price(rows: Columns) -> None:
    rows["price"][300] = -1.0


def spoil_terms(rows: Columns) -> None:
    rows["trade_ids"][300] = rows["trade_ids"][299]
    rows["price"][300] = rows["price"][299] + 1.0


@pytest.mark.parametrize(
    ("spoil", "argument"),
    [(spoil_quantity, "quantity"), (spoil_price, "price"), (spoil_terms, "id")],
)
def test_rows_before_one_that_is_refused_are_counted(
    spoil: Callable[[Columns], None], argument: str
) -> None:
    rows, together, singly = columns(), empty(), empty()
    spoil(rows)
    rows["quantity"][301] = np.nan  # what comes after is never looked at
    with pytest.raises(hr.InvalidInput, match=f"row 300: {argument}"):
        count(together, rows)
    count_singly(singly, rows, 300)
    assert state(together) == state(singly)
