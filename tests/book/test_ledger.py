"""Fills are counted exactly: netting by either cost method, in any order, once."""

from __future__ import annotations

from itertools import permutations
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.book.inventories import after, as_rows, fill, inventory, state
from tests.strategies import AS_OF, EXPIRIES

import hedgerow as hr
from hedgerow import live

COIN = hr.Option("BTC", EXPIRIES[2], 65_000, "call", settlement="inverse", multiplier=0.01)
WORLD: dict[str, hr.Contract] = {
    "S": hr.Spot("SPX", "USD"),
    "C": hr.Option("SPX", EXPIRIES[1], 3_800.0, "call", multiplier=100),
    "F": hr.Future("SPX", EXPIRIES[1], multiplier=50),
    "coin": COIN,
    "P": hr.Perpetual("BTC", settlement="inverse", multiplier=10),
}


def ledger(**more: Any) -> live.Inventory:
    """An inventory of WORLD."""
    return inventory(names=WORLD, **more)


def row(inv: live.Inventory, instrument: str, account: str = "a") -> dict[str, float]:
    """A position of account `a` at venue x."""
    return as_rows(inv.positions(), [*inv.labels, "instrument"])[account, "x", "", instrument]


def money(inv: live.Inventory, currency: str = "USD", account: str = "a") -> dict[str, float]:
    return as_rows(inv.balances(), [*inv.labels, "currency"])[account, "x", "", currency]


# ---- numbers ----

TRADES = [(10.0, 5.00), (5.0, 5.20), (-8.0, 5.50), (-12.0, 5.10), (7.0, 4.90)]
FEES = [0.02, 0.01, 0.016, 0.024, 0.021]


def test_average_and_first_in_first_out_of_the_same_fills() -> None:
    inv = ledger()
    for (quantity, price), fee in zip(TRADES[:3], FEES, strict=False):
        inv.apply(fill("S", quantity, price, fee=fee))
    its = row(inv, "S")
    assert its["realized"] == pytest.approx(3.4666667, abs=5e-8)
    assert its["realized_fifo"] == pytest.approx(4.0, rel=1e-15)
    profit = its["traded"] + 7 * 5.05
    assert profit == pytest.approx(3.35, rel=1e-14)
    assert profit - its["realized"] == pytest.approx(-0.1166667, abs=5e-8)
    assert profit - its["realized_fifo"] == pytest.approx(-0.65, rel=1e-13)
    assert 7 * (5.05 - its["average_price"]) == pytest.approx(-0.1166667, abs=5e-8)
    assert inv.open_lots("S", account="a", venue="x") == [(2.0, 5.0), (5.0, pytest.approx(5.2))]
    for (quantity, price), fee in zip(TRADES[3:], FEES[3:], strict=True):
        inv.apply(fill("S", quantity, price, fee=fee))
    its = row(inv, "S")
    assert its["quantity"] == 2
    assert its["traded"] + 2 * 5.05 == pytest.approx(5.0, rel=1e-14)
    assert money(inv)["fees"] == pytest.approx(0.091, rel=1e-15)
    assert money(inv)["cash"] == pytest.approx(its["traded"] - 0.091, rel=1e-15)


def test_a_coin_settled_premium_is_coin() -> None:
    inv = ledger()
    inv.apply(fill("coin", 1, 0.0200))
    assert money(inv, "BTC")["cash"] == pytest.approx(-0.0002, rel=1e-15)
    inv.apply(fill("coin", -1, 0.0300))
    assert money(inv, "BTC")["cash"] == pytest.approx(0.0001, rel=1e-15)
    its = row(inv, "coin")
    assert its["traded"] == its["realized"] == its["realized_fifo"] == money(inv, "BTC")["cash"]


def test_an_inverse_perpetual_wins_coins_and_pays_none() -> None:
    # Long 100,000 dollars at 60,000: N (1/S0 - 1/S) coins, which are N (S/S0 - 1) dollars.
    inv = ledger()
    inv.apply(fill("P", 10_000, 60_000))
    inv.apply(fill("P", -10_000, 75_000))
    won = 1e5 / 6e4 - 1e5 / 7.5e4
    assert row(inv, "P")["traded"] == pytest.approx(won, rel=1e-15)
    assert row(inv, "P")["realized"] == row(inv, "P")["realized_fifo"] == row(inv, "P")["traded"]
    assert len(inv.balances()) == 0  # until it is settled
    assert inv.node(underlying="BTC").pnl == pytest.approx(won * inv.spot("BTC"), rel=1e-15)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_flip_closes_at_the_old_cost_and_opens_at_the_fill(sign: int) -> None:
    inv = ledger()
    inv.apply(fill("S", sign * 10, 5.0))
    inv.apply(fill("S", sign * -15, 6.0))
    its = row(inv, "S")
    assert its["realized"] == its["realized_fifo"] == sign * 10
    assert its["average_price"] == 6.0
    assert inv.open_lots("S", account="a", venue="x") == [(sign * -5.0, 6.0)]


def test_ten_thousand_fills_of_one_position() -> None:
    inv = ledger()
    chance = np.random.default_rng(1)
    quantities, ticks = chance.integers(-9, 10, 10_000), chance.integers(1, 1000, 10_000)
    quantities[quantities == 0] = 1
    for quantity, tick in zip(quantities.tolist(), ticks.tolist(), strict=True):
        inv.apply(fill("F", quantity, tick / 4))
    its = row(inv, "F")
    assert its["quantity"] == quantities.sum()
    assert its["traded"] == -(quantities * ticks / 4 * 50).sum()
    opened = inv.open_lots("F", account="a", venue="x")
    assert sum(quantity for quantity, _ in opened) == quantities.sum()
    cost = sum(quantity * price for quantity, price in opened) * 50
    assert its["realized_fifo"] == pytest.approx(its["traded"] + cost, rel=1e-12)


# ---- exactness ----

prices = st.floats(1e-9, 1e9)
trades = st.lists(
    st.tuples(st.sampled_from(sorted(WORLD)), st.integers(-(10**6), 10**6).filter(bool), prices),
    min_size=1,
    max_size=8,
)


def exact(inv: live.Inventory) -> dict[str, Any]:
    """What must not depend on the order of fills: all but costs."""
    positions = as_rows(inv.positions(), [*inv.labels, "instrument"])
    names = ("quantity", "traded")
    return {
        "positions": {key: {n: its[n] for n in names} for key, its in positions.items()},
        "balances": as_rows(inv.balances(), [*inv.labels, "currency"]),
    }


@given(trades, st.randoms())
def test_the_order_of_fills_shows_in_costs_alone(rows: list[Any], chance: Any) -> None:
    fills = [fill(name, q, price, fee=price / 7) for name, q, price in rows]
    first, second = ledger(), ledger()
    for each in fills:
        first.apply(each)
    chance.shuffle(fills)
    for each in fills:
        second.apply(each)
    assert exact(first) == exact(second)


def test_every_permutation_of_awkward_fills_has_the_same_bits() -> None:
    amounts = [(3.0, 1e15 + 0.1), (7.0, 1e-9 / 3), (-3.0, 1e15 / 7), (-7.0, 1 / 3), (1.0, 0.1)]
    fills = [fill("S", quantity, price, fee=price / 9) for quantity, price in amounts]
    seen = []
    for order in permutations(fills):
        inv = ledger()
        for each in order:
            inv.apply(each)
        seen.append(exact(inv))
    assert all(each == seen[0] for each in seen)


@given(trades, st.data())
def test_what_is_added_and_busted_leaves_no_trace(rows: list[Any], data: st.DataObject) -> None:
    """In quantities, money and profit; costs are those of a trade back at the fill's own price."""
    fills = [fill(name, q, price, fee=price / 7) for name, q, price in rows]
    kept = data.draw(st.sets(st.sampled_from(range(len(fills))), max_size=len(fills)))
    plain, busted = ledger(), ledger()
    for number, each in enumerate(fills):
        busted.apply(each)
        if number in kept:
            plain.apply(each)
    for number, each in enumerate(fills):
        if number not in kept:
            bust = live.Bust(time=AS_OF, venue="x", trade_id=each.trade_id)
            assert busted.apply(bust)
            assert not busted.apply(bust)
            assert not busted.apply(each)
    want, have = exact(plain), exact(busted)
    zero = {"quantity": 0.0, "traded": 0.0}
    assert have["positions"] == {key: want["positions"].get(key, zero) for key in have["positions"]}
    assert have["balances"] == want["balances"]
    for (*_, name), its in as_rows(busted.positions(), [*busted.labels, "instrument"]).items():
        opened = busted.open_lots(name, account="a", venue="x")
        assert sum(quantity for quantity, _ in opened) == its["quantity"]
        assert all(quantity * its["quantity"] > 0 for quantity, _ in opened)
        if not its["quantity"]:
            assert its["realized"] == its["realized_fifo"] == its["traded"]


@pytest.mark.parametrize("busted", [0, 1, 2])
def test_a_busted_lot_leaves_the_queue(busted: int) -> None:
    inv, kept = ledger(), ledger()
    fills = [fill("S", 5, price) for price in (5.0, 6.0, 7.0)]
    for number, each in enumerate(fills):
        inv.apply(each)
        if number != busted:
            kept.apply(each)
    inv.apply(live.Bust(time=AS_OF, venue="x", trade_id=fills[busted].trade_id))
    for each in (inv, kept):
        each.apply(fill("S", -7, 8.0))
    assert inv.open_lots("S", account="a", venue="x") == kept.open_lots("S", account="a", venue="x")
    for name in ("quantity", "traded", "realized_fifo"):
        assert row(inv, "S")[name] == row(kept, "S")[name]


@pytest.mark.parametrize("ids", [("7", "07"), ("a9", "a10"), ("x-18446744073709551616", "x-0")])
def test_ids_that_read_as_one_number_are_two(ids: tuple[str, str]) -> None:
    inv = ledger()
    for trade_id, price in zip(ids, (5.0, 9.0), strict=True):
        assert inv.apply(fill("S", 3, price, trade_id=trade_id))
    inv.apply(live.Bust(time=AS_OF, venue="x", trade_id=ids[1]))
    assert inv.open_lots("S", account="a", venue="x") == [(3.0, 5.0)]


def test_what_was_sold_of_a_busted_fill_is_bought_anew() -> None:
    inv = ledger()
    first = fill("S", 5, 5.0)
    for each in (first, fill("S", 5, 6.0), fill("S", -4, 8.0)):
        inv.apply(each)
    inv.apply(live.Bust(time=AS_OF, venue="x", trade_id=first.trade_id))
    # One of the lot was left and goes; the four sold are taken from the next lot, at 5.
    assert inv.open_lots("S", account="a", venue="x") == [(1.0, 6.0)]
    its = row(inv, "S")
    assert its["traded"] == -5 * 6.0 + 4 * 8.0
    assert its["realized_fifo"] == its["traded"] + 6.0


def test_lots_however_floats_round() -> None:
    inv = ledger(lots={"coin": 0.1})
    inv.apply(fill("coin", 0.1 + 0.2, 0.01))
    inv.apply(fill("coin", -0.3, 0.01))
    assert row(inv, "coin")["quantity"] == row(inv, "coin")["traded"] == 0
    large = fill("coin", 123_456_789.1, 0.01)
    assert inv.apply(large)
    assert row(inv, "coin")["quantity"] == pytest.approx(123_456_789.1, rel=2e-16)


# ---- what is counted once ----


def test_an_id_is_counted_once() -> None:
    inv = ledger()
    first = fill("S", 10, 5.0, 10, fee=0.1)
    assert inv.accepts(first)
    assert inv.apply(first)
    assert not inv.accepts(first)
    inv.apply(fill("S", -4, 5.5, 20))
    before = state(inv)
    again = fill("S", 10, 5.0, 10, fee=0.1, trade_id=first.trade_id)
    assert not inv.apply(again)  # older than what came since, and known
    later = fill("S", 10, 5.0, 30, fee=0.1, trade_id=first.trade_id)
    assert not inv.apply(later)  # venues report one twice at two times
    assert state(inv) == before
    other_venue = fill("S", 10, 5.0, 30, trade_id=first.trade_id, venue="y")
    assert inv.apply(other_venue)


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": 9.0}, {"price": 5.5}, {"fee": 0.2}, {"account": "b"}, {"instrument": "F"},
        {"fee_currency": "BTC"}, {"tags": {"strategy": "other"}},
    ],
    ids=str,
)  # fmt: skip
def test_another_fill_of_the_same_id_is_refused(change: dict[str, Any]) -> None:
    inv = ledger()
    terms = {"instrument": "S", "quantity": 10.0, "price": 5.0, "fee": 0.1, "trade_id": "same"}
    inv.apply(fill(**terms))
    before = state(inv)
    for check in (inv.accepts, inv.apply):
        with pytest.raises(hr.InvalidInput, match="must not be of another one"):
            check(fill(**terms | change))
    assert state(inv) == before


def test_a_full_position_knows_its_fills() -> None:
    inv = ledger()
    first, second = fill("S", 2.0**52, 1.0), fill("S", 2.0**52, 1.0)
    assert inv.apply(first)
    assert inv.apply(second)
    with pytest.raises(hr.InvalidInput, match="at most 2\\^53"):
        inv.apply(fill("S", 1.0, 1.0))
    assert not inv.apply(second)
    assert not inv.accepts(first)
    assert row(inv, "S")["quantity"] == 2.0**53


# ---- what is refused ----

REFUSED: dict[str, dict[str, Any]] = {
    "must be listed": {"instrument": "nothing"},
    "must be a multiple of the lot": {"quantity": 1.5},
    "-nearly": {"quantity": 1e9 + 0.25},
    "at most 2\\^53 of them": {"quantity": 1e17},
    "must not be negative": {"instrument": "C", "price": -1.0},
    "-spot": {"instrument": "S", "price": -1.0},
    "-coin": {"instrument": "coin", "price": -0.01},
    "must be positive": {"instrument": "P", "price": 0.0},
    "must be positive where": {"instrument": "P", "price": -5e4},
    "must be at most 2\\^62": {"price": 1e19},
    "-fee": {"fee": 1e19},
    "must not be before": {"time": after(5)},
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_fill_changes_nothing(case: str) -> None:
    inv = ledger()
    inv.apply(fill("S", 10, 5.0, 10))
    inv.apply(fill("P", 10, 6e4, 10))
    before = state(inv)
    bad = fill(**{"instrument": "S", "quantity": 1.0, "price": 5.0, "seconds": 10} | REFUSED[case])
    rule = case if not case.startswith("-") else None
    for take in (inv.accepts, inv.apply):
        with pytest.raises(hr.InvalidInput, match=rule):
            take(bad)
    assert state(inv) == before


NUMBERS = {"quantity": 1.0, "price": 5.0, "fee": 0.0}


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_what_is_no_number_is_refused_below_python_too(name: str, value: float) -> None:
    inv = ledger()
    core = inv._core
    owner = core.owner(["a", "x", ""])
    inv.apply(fill("S", 10, 5.0))
    before = state(inv)
    terms = {"owner": owner, "instrument": core.instrument("S"), "time": AS_OF} | NUMBERS
    for check in (True, False):
        with pytest.raises(hr.InvalidInput):
            core.fill("x", "bad", **terms | {name: value}, check=check)
    for owner_number, number in ((owner + 7, core.instrument("S")), (owner, 99)):
        wrong = terms | {"owner": owner_number, "instrument": number}
        with pytest.raises(hr.InvalidInput):
            core.fill("x", "bad", **wrong)
    with pytest.raises(hr.InvalidInput, match="fee_currency"):
        core.fill("x", "bad", **terms, fee_currency=55)
    assert state(inv) == before


def test_sums_of_money_keep_their_bounds() -> None:
    inv = ledger()
    most = 2.0**62
    paid = {"time": AS_OF, "venue": "x", "account": "a", "currency": "USD"}

    def pay(number: int, amount: float) -> live.CashMovement:
        reason = live.CashReason.ADJUSTMENT
        return live.CashMovement(**paid, event_id=f"{number}", amount=amount, reason=reason)

    assert inv.apply(pay(1, most * 0.75))
    before = state(inv)
    for event in (
        pay(2, most * 0.75),
        pay(3, most * 1.5),
        fill("S", -1, most * 0.75),
        fill("S", 1, 1.0, fee=-most * 0.75),
        fill("coin", 1, 1.0, fee=-most * 0.75, fee_currency="USD"),
    ):
        for take in (inv.accepts, inv.apply):
            with pytest.raises(hr.InvalidInput, match="2\\^62"):
                take(event)
    assert state(inv) == before
    inv.apply(fill("P", 1e6, 6e4))
    funding = live.Funding(time=AS_OF, venue="x", event_id="f", instrument="P", amount=1e15)
    before = state(inv)
    for take in (inv.accepts, inv.apply):
        with pytest.raises(hr.InvalidInput, match="2\\^62"):
            take(funding)
    assert state(inv) == before


# ---- money ----


def test_fees_in_another_currency() -> None:
    inv = ledger()
    inv.apply(fill("S", 10, 5.0, fee=0.002, fee_currency="BTC"))
    assert money(inv)["fees"] == 0
    assert money(inv, "BTC") == {"cash": -0.002, "invested": 0, "fees": 0.002, "funding": 0}
    node = inv.node()
    assert node.fees == pytest.approx(0.002 * inv.spot("BTC"), rel=1e-15)
    # The coins are owed: a delta of their own.
    assert inv.node(underlying="BTC").delta == -0.002
    inv.apply(fill("S", -10, 5.0, fee=-0.002, fee_currency="BTC"))
    assert node.fees == pytest.approx(0.0, abs=1e-12)


def test_money_that_came_in_is_no_profit_and_what_it_earned_is() -> None:
    inv = ledger()
    reasons = {"deposit": 1000.0, "withdrawal": -400.0, "fee": -3.0, "rebate": 1.0}
    reasons |= {"interest": 5.0, "adjustment": -0.5}
    for name, amount in reasons.items():
        event = live.CashMovement(
            time=AS_OF, venue="x", event_id=name, account="a", currency="USD", amount=amount,
            reason=live.CashReason(name),
        )  # fmt: skip
        assert inv.apply(event)
        assert not inv.apply(event)
    assert money(inv) == {"cash": 602.5, "invested": 600.0, "fees": 2.0, "funding": 0.0}
    assert inv.node().value == 602.5
    assert inv.node().pnl == 2.5


def test_funding_is_paid_by_whoever_is_long_at_that_venue() -> None:
    inv = ledger()
    inv.apply(fill("P", 25, 6e4))
    inv.apply(fill("P", -15, 6e4, account="b"))
    inv.apply(fill("P", 7, 6e4, venue="y"))
    funding = live.Funding(time=AS_OF, venue="x", event_id="1", instrument="P", amount=0.5)
    assert inv.apply(funding)
    assert not inv.apply(funding)
    assert money(inv, "BTC")["funding"] == 12.5
    assert money(inv, "BTC", "b") == {"cash": 7.5, "invested": 0, "fees": 0, "funding": -7.5}
    assert len(inv.balances()) == 2
    assert inv.node().pnl == pytest.approx(row_pnl(inv) - 5.0 * inv.spot("BTC"), rel=1e-14)


def row_pnl(inv: live.Inventory) -> float:
    """Profit of contracts."""
    return float(np.nansum(hr.value(inv.book(), inv.market()).pnl))


# ---- corrections ----


def correction(of: live.Fill, quantity: float, price: float, seconds: float) -> live.Correction:
    return live.Correction(
        time=after(seconds),
        venue="x",
        trade_id=of.trade_id,
        quantity=quantity,
        price=price,
        fee=0.3,
    )


@settings(max_examples=30)
@given(trades.filter(lambda rows: len(rows) > 1))
def test_a_corrected_fill_has_always_been_so(rows: list[Any]) -> None:
    fills = [fill(name, q, price, fee=price / 7) for name, q, price in rows]
    inv, plain = ledger(), ledger()
    for each in fills:
        inv.apply(each)
    new = correction(fills[0], -3.0, 12.5, 1)
    assert inv.apply(new)
    assert not inv.apply(new)
    plain.apply(fill(fills[0].instrument, -3.0, 12.5, fee=0.3))
    for each in fills[1:]:
        plain.apply(each)
    assert exact(inv) == exact(plain)
    assert inv.apply(live.Bust(time=after(2), venue="x", trade_id=fills[0].trade_id))
    with pytest.raises(hr.InvalidInput, match="busted"):
        inv.apply(correction(fills[0], 1.0, 1.0, 3))


@pytest.mark.parametrize("seconds", [1, 2])
def test_an_old_correction_that_comes_again_changes_nothing(seconds: float) -> None:
    inv = ledger()
    first = fill("S", 10, 5.0)
    inv.apply(first)
    old, new = correction(first, 4.0, 5.5, 1), correction(first, 6.0, 5.25, seconds)
    assert inv.apply(old)
    assert inv.apply(new)
    before = state(inv)
    assert not inv.accepts(old)
    assert not inv.apply(old)
    assert not inv.apply(first)
    assert state(inv) == before
    assert row(inv, "S")["quantity"] == 6.0
