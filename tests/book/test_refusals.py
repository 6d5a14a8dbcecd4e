"""What an inventory refuses by name, and that nothing of it is left behind."""

from __future__ import annotations

from typing import Any

import pytest
from tests.book.inventories import (
    BETAS,
    CALL,
    INDEX_CALL,
    NAMES,
    PUT,
    after,
    fill,
    inventory,
    market_at,
    order,
    state,
)
from tests.strategies import AS_OF

import hedgerow as hr
from hedgerow import live


@pytest.mark.parametrize("event", [
    live.CashMovement(
        time=AS_OF, venue="x", event_id="1", account="a", currency="BTC", amount=1.0,
        reason="deposit",
    ),
    fill(INDEX_CALL, 2.0, 100.0, fee=0.01, fee_currency="BTC"),
    live.Listing(time=AS_OF, instrument="n", contract=hr.Cash("BTC"), lot=1.0),
], ids=lambda event: type(event).__name__)  # fmt: skip
def test_a_coin_without_a_beta_is_refused_by_name(event: live.Event) -> None:
    only = {INDEX_CALL: NAMES[INDEX_CALL]}
    inv = inventory(names=only, betas={"SPX": 1.0})
    dollars = {"time": AS_OF, "venue": "x", "account": "a", "reason": live.CashReason.DEPOSIT}
    assert inv.apply(live.CashMovement(**dollars, event_id="E", currency="EUR", amount=5.0))
    before = state(inv)
    for take in (inv.accepts, inv.apply):
        with pytest.raises(hr.InvalidInput, match="betas = BTC: must have a finite beta"):
            take(event)
    assert state(inv) == before
    assert inventory(names=only, betas=BETAS).apply(event)


def test_a_market_that_makes_a_coin_of_money_without_a_beta_is_refused() -> None:
    whole = market_at()
    index = hr.Snapshot(as_of=whole.as_of, markets=whole.markets[1:], rates=whole.rates)
    inv = inventory(index, {INDEX_CALL: NAMES[INDEX_CALL]}, betas={"SPX": 1.0})
    paid = {"time": AS_OF, "venue": "x", "event_id": "1", "account": "a", "amount": 1.0}
    assert inv.apply(live.CashMovement(**paid, currency="BTC", reason=live.CashReason.DEPOSIT))
    before = state(inv)
    for take in (inv.accepts, inv.apply):
        with pytest.raises(hr.InvalidInput, match="betas = BTC"):
            take(live.MarketUpdate(time=whole.as_of, market=whole))
    assert state(inv) == before


@pytest.mark.parametrize("event", [
    fill("none", 1.0, 0.05, account="new"),
    fill(CALL, 1.0, -0.05, account="new", fee=0.1, fee_currency="NEW"),
    fill(CALL, 0.05, 0.05, venue="new"),
    order(CALL, 1.0, 1, -1.0, account="new"),
    live.Exercise(
        time=AS_OF, venue="x", event_id="1", account="new", instrument=CALL, quantity=-1.0,
        settlement_price=1e5, physical=False,
    ),
    live.Transfer(
        time=AS_OF, event_id="1", instrument=CALL, quantity=0.05, price=0.1, from_venue="x",
        from_account="a", to_venue="x", to_account="new",
    ),
], ids=lambda event: type(event).__name__)  # fmt: skip
def test_a_refused_event_leaves_no_name_behind(event: live.Event) -> None:
    inv = inventory()
    inv.apply(fill(CALL, 1.0, 0.05))
    before, known = state(inv), (inv._core.owners, inv._core.known_names)
    for take in (inv.accepts, inv.apply):
        with pytest.raises(hr.InvalidInput):
            take(event)
        assert (inv._core.owners, inv._core.known_names) == known
    assert state(inv) == before
    # Those who come next are told apart as ever, and keep what they have.
    assert inv.accepts(fill(PUT, 2.0, 0.03, account="b"))
    assert inv._core.known_names == known[1]
    inv.apply(fill(PUT, 2.0, 0.03, account="b", fee=1.0, fee_currency="NEWER"))
    inv.apply(fill(CALL, 3.0, 0.05))
    held = dict(zip(inv.positions()["account"], inv.positions()["quantity"], strict=True))
    assert held == {"a": 4.0, "b": 2.0}
    assert {row["currency"] for row in inv.balances().rows()} == {"BTC", "NEWER"}


@pytest.mark.parametrize("terms", [
    {"dimensions": [("nothing",)]},
    {"dimensions": [("underlying", "underlying")]},
    {"dimensions": [()] * 9},
    {"tenors": (7.0, 1.0)},
    {"tenors": (0.0,)},
    {"betas": {"BTC": 1.0}},
    {"betas": {"BTC": 1.0, "SPX": float("nan")}},
    {"tags": ("account",)},
    {"lots": {"none": 1.0}},
    {"lots": {CALL: 0.0}},
])  # fmt: skip
def test_bad_setups_are_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(hr.InvalidInput):
        inventory(**terms)


def test_what_comes_too_late_is_told() -> None:
    inv = inventory()
    inv.apply(live.Clock(time=after(60.0)))
    late = live.MarketUpdate(time=after(30.0), market=market_at(30.0))
    with pytest.raises(
        hr.InvalidInput, match=r"^time = .*:30Z: must not be before the last event, "
    ):
        inv.apply(late)
    early = live.MarketUpdate(time=after(90.0), market=market_at(120.0))
    with pytest.raises(hr.InvalidInput, match=r"^time = .*:30Z: must not be before the market's "):
        inv.apply(early)
