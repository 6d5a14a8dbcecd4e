"""The end of contracts: settlement and exercise are atomic, and make and lose nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.book.inventories import (
    CALL,
    END,
    FUTURE,
    INDEX_CALL,
    INDEX_FUTURE,
    INDEX_PUT,
    INDEX_SPOT,
    LOTS,
    NAMES,
    PERPETUAL,
    PUT,
    after,
    as_rows,
    fill,
    inventory,
    market_at,
    order,
    settlement,
    state,
    typical_price,
)
from tests.strategies import AS_OF, EXPIRIES

import hedgerow as hr
from hedgerow import live


def test_profit_is_continuous_through_a_settlement() -> None:
    inv = inventory()
    legs = {CALL: 5.0, PUT: -3.0, FUTURE: 700, INDEX_CALL: 2.0, INDEX_PUT: 1.0, INDEX_FUTURE: -3}
    for name, quantity in legs.items():
        inv.apply(fill(name, quantity, typical_price(name)))
    sold = fill(PUT, -1.0, typical_price(PUT))
    for each in (sold, fill(PERPETUAL, 10, 9e4)):
        inv.apply(each)
    inv.apply(live.MarketUpdate(time=after(END), market=market_at(END, 97_000.0, 3_850.0)))
    node = inv.node(underlying="BTC")
    before = {name: inv.node(underlying=name).pnl for name in ("BTC", "SPX")}
    worth = inv.net(measures=["value"])["value"][0]
    assert inv.status(CALL) is hr.Status.EXPIRED
    assert inv.apply(settlement("BTC", 97_000.0, END))
    assert inv.apply(settlement("SPX", 3_850.0, END))
    for name, profit in before.items():
        assert inv.node(underlying=name).pnl == pytest.approx(profit, rel=1e-13)
    assert inv.net(measures=["value"])["value"][0] == pytest.approx(worth, rel=1e-13)
    rows = as_rows(inv.positions(), ["instrument"])
    assert {name for (name,), row in rows.items() if row["quantity"]} == {PERPETUAL}
    coins = as_rows(inv.balances(), ["currency"])["BTC",]["cash"]
    paid = -5 * 0.05 + 5 * 7e3 / 97e3 + 4 * 0.05 + 700 * 10 * (1 / 9e4 - 1 / 97e3)
    assert coins == pytest.approx(paid, rel=1e-13)
    assert not inv.apply(settlement("BTC", 97_000.0, END))
    for bad in (
        fill(CALL, 1.0, 0.05, END),
        fill(PUT, 1.0, 0.1, END),
        live.Bust(time=after(END), venue="x", trade_id=sold.trade_id),
        settlement("BTC", 97_000.0, END, number=2),
    ):
        before_all = state(inv)
        with pytest.raises(hr.InvalidInput, match="must not be settled"):
            inv.apply(bad)
        assert state(inv) == before_all
    assert node.pnl == pytest.approx(before["BTC"], rel=1e-13)


@pytest.mark.parametrize("quantity", [3.0, -3.0])
@pytest.mark.parametrize(
    ("name", "price"), [(INDEX_CALL, 3_850.0), (INDEX_PUT, 3_850.0), (INDEX_CALL, 3_790.0)]
)
def test_profit_is_continuous_through_physical_exercise(
    name: str, price: float, quantity: float
) -> None:
    """An option out of the money was exercised for less than nothing: that is a loss."""
    inv = inventory()
    inv.apply(fill(name, quantity, 100.0))
    inv.apply(live.MarketUpdate(time=after(END), market=market_at(END, index=price)))
    before, option = inv.node(underlying="SPX").pnl, NAMES[name]
    event = live.Exercise(
        time=after(END), venue="x", event_id="1", account="a", instrument=name,
        quantity=-quantity, settlement_price=price, physical=True,
    )  # fmt: skip
    assert inv.apply(event)
    assert not inv.apply(event)
    right = int(option.right)
    lost = min(right * (price - option.strike), 0.0) * quantity * 100
    assert inv.node(underlying="SPX").pnl == pytest.approx(before + lost, rel=1e-13)
    rows = as_rows(inv.positions(), ["instrument"])
    assert rows[name,]["quantity"] == 0
    assert rows[INDEX_SPOT,]["quantity"] == right * quantity * 100
    assert inv.node(underlying="SPX").delta == right * quantity * 100
    cash = as_rows(inv.balances(), ["currency"])["USD",]["cash"]
    paid = -quantity * 100 * 100 - right * quantity * 100 * option.strike
    assert cash == pytest.approx(paid, rel=1e-15)


def test_exercise_delivers_whole_lots_however_floats_round() -> None:
    names = {"C": hr.Option("SPX", EXPIRIES[1], 3_800.0, "call"), "S": hr.Spot("SPX", "USD")}
    inv = inventory(names=names, lots={"C": 0.1, "S": 0.001})
    inv.apply(fill("C", 0.3, 10.0))
    terms: dict[str, Any] = {"venue": "x", "account": "a", "settlement_price": 3_900.0}
    inv.apply(live.Exercise(
        time=AS_OF, event_id="1", instrument="C", quantity=-0.3, physical=True, **terms
    ))  # fmt: skip
    assert as_rows(inv.positions(), ["instrument"])["S",]["quantity"] == 0.3
    coarse = inventory(names=names, lots={"C": 0.1, "S": 0.25})
    coarse.apply(fill("C", 0.3, 10.0))
    with pytest.raises(hr.InvalidInput, match="whole lots of S"):
        coarse.apply(live.Exercise(
            time=AS_OF, event_id="1", instrument="C", quantity=-0.3, physical=True, **terms
        ))  # fmt: skip


def test_another_fixing_or_hour_does_not_settle() -> None:
    later = EXPIRIES[1] + np.timedelta64(1, "h")
    names = {
        "usual": hr.Future("SPX", EXPIRIES[1]),
        "other": hr.Future("SPX", EXPIRIES[1], fixing="AM"),
        "later": hr.Future("SPX", later),
        "call": hr.Option("SPX", EXPIRIES[1], 3_800.0, "call"),
        "put": hr.Option("SPX", EXPIRIES[1], 3_800.0, "put"),
    }
    inv = inventory(names=names)
    for name in names:
        inv.apply(fill(name, 2.0, 10.0))
    inv.apply(settlement("SPX", 3_850.0, END))
    held = {n for (n,), row in as_rows(inv.positions(), ["instrument"]).items() if row["quantity"]}
    assert held == {"other", "later"}
    cash = as_rows(inv.balances(), ["currency"])["USD",]["cash"]
    assert cash == 2 * 3_840 - 2 * 20 + 2 * 50  # futures, premiums, both legs from one price


def test_a_settlement_cancels_orders() -> None:
    inv = inventory()
    inv.apply(fill(CALL, 1.0, 0.05))
    for number, name in enumerate([CALL, PUT, PERPETUAL]):
        inv.apply(order(name, 2.0 * LOTS.get(name, 1.0) * 10, number))
    assert inv.live_orders == 3
    inv.apply(settlement("BTC", 97_000.0, END))
    assert inv.live_orders == 1
    for event in (
        live.OrderCancelled(time=after(END), venue="x", order_id="O0"),
        live.OrderAmended(time=after(END), venue="x", order_id="O0", quantity=1.0, price=0.1),
    ):
        with pytest.raises(hr.InvalidInput, match="must be live"):
            inv.apply(event)
    assert inv.check_order(order(CALL, 1.0, 9)).outcome == "closed"
    with pytest.raises(hr.InvalidInput, match="must not be settled"):
        inv.apply(order(CALL, 1.0, 9, END))
