"""Listings, one by one: instruments get their values when one of them is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.book.inventories import CALL, NAMES, after, fill, inventory, market_at, order, state
from tests.strategies import AS_OF, EXPIRIES

import hedgerow as hr
from hedgerow import live


def option(number: int) -> hr.Option:
    expiry = EXPIRIES[number % 3]
    return hr.Option("BTC", expiry, 5e4 + number, "call" if number % 2 else "put")


def test_listings_one_by_one_are_listings_at_once() -> None:
    """Also where they come between other events: units are made for all when one is needed."""
    names = {f"n{number}": option(number) for number in range(300)}
    at_once = inventory(names=NAMES | names)
    inv, early = inventory(), inventory()
    for name, contract in names.items():
        event = live.Listing(time=AS_OF, instrument=name, contract=contract, lot=1.0)
        assert inv.apply(event)
        assert early.apply(event)
        early.status(name)  # which wants its unit
    three = (at_once, inv, early)
    assert state(inv) == state(at_once) == state(early)
    for number in range(60):
        bought = fill(f"n{number * 5 % 300}", 2.0, 0.05, number, trade_id=f"{number}")
        placed = order(f"n{number * 7 % 300}", 2.0, number, number, price=0.05)
        tick = live.Tick(time=after(number), underlying="BTC", spot=9e4 + number)
        for each in three:
            assert all(each.apply(event) for event in (bought, placed, tick))
        assert state(inv) == state(at_once) == state(early)
    for each in three:
        each.rebuild()
    assert state(inv) == state(at_once) == state(early)
    asked = [order(f"n{number}", 1.0, 10**5 + number, 1e3, price=0.05) for number in (3, 299)]
    assert [inv.check_order(o) for o in asked] == [at_once.check_order(o) for o in asked]


@pytest.mark.parametrize("need", [
    lambda inv: inv.apply(fill("new", 1.0, 0.05, 9.0)),
    lambda inv: inv.apply(order("new", 1.0, 1, 9.0, price=0.05)),
    lambda inv: inv.check_order(order("new", 1.0, 1, 9.0, price=0.05)),
    lambda inv: inv.status("new"),
    lambda inv: inv._core.unit(inv._core.instrument("new")),
    lambda inv: inv.book(),
    lambda inv: inv.rebuild(),
    lambda inv: inv.apply(live.MarketUpdate(time=after(9.0), market=market_at(9.0))),
    lambda inv: inv.apply(fill(CALL, 1.0, 0.05, 9.0, fee=0.1, fee_currency="NEW")),
    lambda inv: inv.apply(live.Transfer(
        time=after(9.0), event_id="1", instrument="new", quantity=1.0, price=0.1,
        from_venue="x", from_account="a", to_venue="y", to_account="a",
    )),
], ids=[
    "fill", "order", "check", "status", "unit", "book", "rebuild", "market", "currency", "transfer",
])  # fmt: skip
def test_whatever_needs_a_listing_finds_it(need: Callable[[live.Inventory], Any]) -> None:
    pair = [inventory(), inventory(names=NAMES | {"new": option(1)})]
    listing = live.Listing(time=AS_OF, instrument="new", contract=option(1), lot=1.0)
    assert pair[0].apply(listing)
    for inv in pair:
        inv.apply(fill(CALL, 1.0, 0.05, trade_id="1"))
        inv.apply(live.Tick(time=after(1.0), underlying="BTC", spot=91_234.5))
        need(inv)
        inv.rebuild()
    assert state(pair[0]) == state(pair[1])
    assert np.array_equal(pair[0]._core.unit(len(NAMES)), pair[1]._core.unit(len(NAMES)))


@pytest.mark.slow
def test_ten_thousand_listings() -> None:
    names = {f"n{number}": option(number) for number in range(10_000)}
    inv = inventory()
    for name, contract in names.items():
        inv.apply(live.Listing(time=AS_OF, instrument=name, contract=contract, lot=1.0))
    at_once = inventory(names=NAMES | names)
    for each in (inv, at_once):
        each.apply(fill("n9999", 1.0, 0.05, trade_id="1"))
    assert state(inv) == state(at_once)
