"""The oracle of ledgers is right: published numbers, identities, and what must not matter."""

from __future__ import annotations

import copy
from contextlib import suppress
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.live.oracle import Key, Ledger, State, Wallet, exact, replayed, totals
from tests.live.streams import (
    EXPIRY,
    LISTINGS,
    OPEN,
    WORLD,
    accounts,
    days,
    fills,
    prices,
    settlement,
)

import hedgerow as hr
from hedgerow import live

MARKS = dict(zip(WORLD, [7.25, 3.5, 101.0, 99.5, 0.0625, 0.125, 96.0, 128.0, 2000.5], strict=True))
METHODS = ("average", "fifo")
some = settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])


def fill(number: int, instrument: str, quantity: float, price: float, **more: Any) -> live.Fill:
    terms: dict[str, Any] = {"time": OPEN, "venue": "x", "account": "a", "trade_id": f"T{number}"}
    return live.Fill(**terms | more, instrument=instrument, quantity=quantity, price=price)


def listing(name: str, contract: hr.Contract, lot: float = 1.0) -> live.Listing:
    return live.Listing(time=OPEN, instrument=name, contract=contract, lot=lot)


def place(instrument: str, account: str = "a", venue: str = "x") -> Key:
    return Key(account, venue, (), instrument)


# ---- numbers ----

TRADES = [(10, 5.00), (5, 5.20), (-8, 5.50)]
FEES = [0.02, 0.01, 0.016, 0.024, 0.021]


def test_average_and_first_in_first_out_of_the_same_fills() -> None:
    ledger = Ledger([listing("S", hr.Spot("S", "USD"))])
    for number, (quantity, price) in enumerate(TRADES):
        ledger.apply(fill(number, "S", quantity, price, fee=FEES[number]))
    position = ledger.state.positions[place("S")]
    assert position.realized("average") == Fraction(52, 15)  # 3.4666667
    assert position.unrealized("average", 5.05) == Fraction(-7, 60)  # -0.1166667
    assert position.realized("fifo") == 4
    assert position.unrealized("fifo", 5.05) == Fraction("-0.65")
    assert position.total(5.05) == Fraction("3.35")
    for number, (quantity, price) in enumerate([(-12, 5.10), (7, 4.90)], 3):
        ledger.apply(fill(number, "S", quantity, price, fee=FEES[number]))
    assert position.quantity == 2
    assert position.total(5.05) == 5
    for method in METHODS:
        both = position.realized(method) + position.unrealized(method, 5.05)
        assert both == position.total(5.05)
    assert position.fees["USD"] == Fraction("0.091")
    cash = ledger.state.cash[Wallet("a", "x", "USD")]
    assert cash == position.cash - position.fees["USD"]


def test_a_coin_settled_premium_is_coin() -> None:
    # One contract of 0.01 BTC, bought at 0.0200 and sold at 0.0300 BTC.
    option = hr.Option("BTC", EXPIRY, 65_000, "call", settlement="inverse", multiplier=0.01)
    ledger = Ledger([listing("C", option), fill(1, "C", 1, 0.0200)])
    assert ledger.state.by_currency()["BTC"] == Fraction("-0.0002")
    ledger.apply(fill(2, "C", -1, 0.0300))
    assert ledger.state.by_currency()["BTC"] == Fraction("0.0001")
    position = ledger.state.positions[place("C")]
    assert {position.realized(method) for method in METHODS} == {position.cash}


def test_an_inverse_perpetual_wins_coins() -> None:
    # Long 100,000 dollars at 60,000: N (1/S0 - 1/S) coins, which are N (S/S0 - 1) dollars.
    perpetual = hr.Perpetual("BTC", settlement="inverse", multiplier=10)
    ledger = Ledger([listing("P", perpetual, 10.0), fill(1, "P", 10_000, 60_000)])
    position = ledger.state.positions[place("P")]
    assert position.total(60_000) == 0
    assert position.total(75_000) == Fraction(100_000, 60_000) - Fraction(100_000, 75_000)
    assert position.total(75_000) * 75_000 == 100_000 * (Fraction(75_000, 60_000) - 1)
    # Two coins of collateral and this: equity moves by 2 + N/S0 = 3.6667 dollars per dollar.
    equity = [(2 + position.total(s)) * s for s in (60_000, 60_001)]
    assert float(equity[1] - equity[0]) == pytest.approx(2 + 1e5 / 6e4, rel=1e-12)


def test_a_flip_closes_at_the_old_cost_and_opens_at_the_fill() -> None:
    ledger = Ledger(
        [listing("S", hr.Spot("S", "USD")), fill(1, "S", 10, 5.0), fill(2, "S", -15, 6.0)]
    )
    position = ledger.state.positions[place("S")]
    for method in METHODS:
        assert position.realized(method) == 10
        assert position.unrealized(method, 4.0) == 10  # short 5 at 6
    assert position.fifo.lots == [(Fraction(-5), Fraction(6))]


def test_expiry_settles_all_legs_from_one_price() -> None:
    legs = [("SPX-C", 2), ("SPX-P", -3), ("SPX-F", 1), ("BTC-C", 0.5), ("BTC-P", -0.2)]
    ledger = Ledger(LISTINGS)
    for number, (name, quantity) in enumerate(legs):
        ledger.apply(fill(number, name, quantity, 4.0))
    before = {key: p.cash for key, p in ledger.state.positions.items()}
    ledger.apply(settlement("SPX", 104.0))
    paid = {key.instrument: p.cash - before[key] for key, p in ledger.state.positions.items()}
    assert paid["SPX-C"] == 2 * 4 * 100
    assert paid["SPX-P"] == -3 * 6 * 100
    assert paid["SPX-F"] == 104 * 50
    assert paid["BTC-C"] == paid["BTC-P"] == 0
    ledger.apply(settlement("BTC", 100.0))
    coins = {key.instrument: p.cash - before[key] for key, p in ledger.state.positions.items()}
    assert coins["BTC-C"] == Fraction("0.5") * Fraction(4, 100)
    assert coins["BTC-P"] == Fraction("-0.2") * Fraction(28, 100)
    assert ledger.state.holdings() == {}
    with pytest.raises(hr.InvalidInput, match="must not be settled"):
        ledger.apply(fill(99, "SPX-C", 1, 1.0))


def test_another_fixing_or_hour_does_not_settle() -> None:
    later = EXPIRY + np.timedelta64(1, "h")
    contracts = {
        "usual": hr.Future("X", EXPIRY),
        "other": hr.Future("X", EXPIRY, fixing="AM"),
        "later": hr.Future("X", later),
    }
    ledger = Ledger([listing(name, contract) for name, contract in contracts.items()])
    for number, name in enumerate(contracts):
        ledger.apply(fill(number, name, 1, 10.0))
    ledger.apply(settlement("X", 11.0))
    assert {key.instrument for key in ledger.state.holdings()} == {"other", "later"}


@pytest.mark.parametrize("quantity", [3, -3])
@pytest.mark.parametrize(("name", "price"), [("SPX-C", 112.0), ("SPX-P", 95.0), ("SPX-C", 90.0)])
def test_physical_exercise_pays_the_strike_and_keeps_the_profit(
    name: str, price: float, quantity: float
) -> None:
    option = WORLD[name][0]
    assert isinstance(option, hr.Option)
    ledger = Ledger([*LISTINGS, fill(1, name, quantity, 4.0)])
    state = ledger.state
    intrinsic = int(option.right) * (exact(price) - exact(option.strike))
    before = state.positions[place(name)].total(intrinsic)
    cash = state.by_currency()["USD"]
    ledger.apply(
        live.Exercise(
            time=EXPIRY, venue="x", event_id="1", account="a", instrument=name,
            quantity=-quantity, settlement_price=price, physical=True,
        )
    )  # fmt: skip
    delivered = int(option.right) * quantity * 100
    assert state.holdings() == {place("SPX"): delivered}
    assert state.by_currency()["USD"] - cash == -delivered * exact(option.strike)
    assert totals(state, {name: 0.0, "SPX": price})["USD"] == before


def test_funding_is_paid_by_whoever_is_long_at_that_venue() -> None:
    ledger = Ledger(LISTINGS)
    ledger.apply(fill(1, "ETH-PERP", 2.5, 3000.0))
    ledger.apply(fill(2, "ETH-PERP", -1.5, 3000.0, account="b"))
    ledger.apply(fill(3, "ETH-PERP", 7.0, 3000.0, venue="y"))
    before = dict(ledger.state.cash)
    funding = {"time": OPEN, "venue": "x", "event_id": "1", "instrument": "ETH-PERP"}
    ledger.apply(live.Funding(**funding, amount=0.5))  # type: ignore[arg-type]
    paid = {w: before[w] - cash for w, cash in ledger.state.cash.items()}
    assert paid == {
        Wallet("a", "x", "USDC"): Fraction(5, 4),
        Wallet("b", "x", "USDC"): Fraction(-3, 4),
        Wallet("a", "y", "USDC"): 0,
    }


def test_quantities_are_whole_lots_however_floats_round() -> None:
    ledger = Ledger([listing("O", WORLD["BTC-C"][0], 0.1)])
    ledger.apply(fill(1, "O", 0.1 + 0.2, 1.0))
    ledger.apply(fill(2, "O", -0.3, 1.0))
    assert ledger.state.holdings() == {}
    for quantity in (0.05, 0.3000001, 1e-9):
        with pytest.raises(hr.InvalidInput, match="must be whole lots"):
            ledger.apply(fill(3, "O", quantity, 1.0))


# ---- what is refused ----


def exercise(**changes: Any) -> live.Exercise:
    terms: dict[str, Any] = {"time": OPEN, "venue": "x", "event_id": "E", "account": "a"}
    terms |= {"instrument": "SPX-C", "quantity": -1, "settlement_price": 104.0, "physical": False}
    return live.Exercise(**terms | changes)


BAD: dict[str, live.Event] = {
    "must be listed": fill(9, "nothing", 1, 1.0),
    "price = -1.0: must be positive": fill(9, "BTC-PERP", 10, -1.0),
    "must be whole lots": fill(9, "BTC-PERP", 5, 1.0),
    "must be a fill's": live.Bust(time=OPEN, venue="y", trade_id="T1"),
    "must not be of a busted": live.Correction(
        time=OPEN, venue="x", trade_id="T2", quantity=1, price=1, fee=0
    ),
    "must be what it was": fill(1, "SPX-C", 1, 5.0),
    "must reduce": exercise(quantity=-2),
    "-1.0: must reduce": exercise(account="b"),
    "must be an option": exercise(instrument="SPX-F"),
    "pays in coin": exercise(instrument="BTC-C", quantity=-0.1, physical=True),
    "must be the first": live.Settlement(
        time=EXPIRY, event_id="twice", underlying="SPX", expiry=EXPIRY, fixing="", price=1.0
    ),
    "must have a listed contract": settlement("DOGE", 1.0),
}


@pytest.mark.parametrize("rule", BAD)
def test_bad_events_are_refused_and_change_nothing(rule: str) -> None:
    ledger = Ledger([*LISTINGS, fill(1, "SPX-C", 1, 4.0), fill(2, "SPX-C", 1, 4.0)])
    ledger.apply(live.Bust(time=OPEN, venue="x", trade_id="T2"))
    ledger.apply(fill(3, "BTC-C", 0.1, 0.05))
    if "first" in rule:
        ledger.apply(settlement("SPX", 104.0))
    before = copy.deepcopy((ledger.state, ledger.log))
    with pytest.raises(hr.InvalidInput, match=rule):
        ledger.apply(BAD[rule])
    assert (ledger.state, ledger.log) == before


# ---- what must hold of every day ----


def taken(events: list[live.Event]) -> Ledger:
    """A ledger of WORLD after all of these that it takes."""
    ledger = Ledger(LISTINGS)
    for event in events:
        with suppress(hr.InvalidInput):
            ledger.apply(event)
    return ledger


@some
@given(days())
def test_identities_of_every_ledger(events: list[live.Event]) -> None:
    ledger = taken(events)
    state = ledger.state
    for key, position in state.positions.items():
        mark = MARKS[key.instrument]
        for method in METHODS:
            both = position.realized(method) + position.unrealized(method, mark)
            assert both == position.total(mark) == position.cash + position.value(mark)
        assert position.average.quantity == position.fifo.quantity == position.quantity
        assert not position.quantity or position.quantity * position.fifo.lots[0][0] > 0
    for wallet, cash in state.cash.items():
        assert cash == sum(flows(state, wallet)) + sum(movements(ledger, wallet))


def flows(state: State, wallet: Wallet) -> list[Fraction]:
    """What the positions of a wallet did to it."""
    amounts = []
    for key, position in state.positions.items():
        if (key.account, key.venue) == (wallet.account, wallet.venue):
            amounts.append(-position.fees[wallet.currency])
            if position.contract.currency == wallet.currency:
                amounts.append(position.cash - position.funding)
    return amounts


def movements(ledger: Ledger, wallet: Wallet) -> list[Fraction]:
    return [
        exact(e.amount)
        for e in ledger.log
        if isinstance(e, live.CashMovement) and (e.account, e.venue, e.currency) == wallet
    ]


@some
@given(days())
def test_taking_events_one_by_one_is_replaying_them(events: list[live.Event]) -> None:
    ledger = taken(events)
    again = replayed(ledger.log)
    assert ledger.state.positions == again.positions
    assert ledger.state.cash == again.cash


@some
@given(days())
def test_everything_twice_is_everything_once(events: list[live.Event]) -> None:
    ledger = taken(events)
    before = copy.deepcopy(ledger.state)
    named = [event for event in ledger.log if live.identity(event) is not None]
    assert [ledger.apply(event) for event in named] == [False] * len(named)
    assert ledger.state == before


@some
@given(days(), st.data())
def test_a_busted_fill_has_never_been(events: list[live.Event], data: st.DataObject) -> None:
    trades = [e for e in events if isinstance(e, live.Fill)]
    first = taken([e for e in events if not isinstance(e, live.Bust | live.Exercise)])
    done = [e for e in first.log if isinstance(e, live.Fill)]
    if not trades or not done:
        return
    gone = data.draw(st.sampled_from(done))
    about_it = ("fill", gone.venue, gone.trade_id)
    without = Ledger(
        e for e in first.log
        if live.identity(e) != about_it and not names(e, gone)
    )  # fmt: skip
    first.apply(live.Bust(time=OPEN, venue=gone.venue, trade_id=gone.trade_id))
    assert first.state.positions == without.state.positions
    assert first.state.cash == without.state.cash


def names(event: live.Event, fill: live.Fill) -> bool:
    about = (fill.venue, fill.trade_id)
    return isinstance(event, live.Correction) and (event.venue, event.trade_id) == about


@st.composite
def orders_of_fills(draw: st.DrawFn) -> tuple[list[live.Fill], list[live.Fill]]:
    """The same fills in two orders."""
    first = [draw(fills(number)) for number in range(draw(st.integers(0, 12)))]
    return first, draw(st.permutations(first))


@some
@given(orders_of_fills())
def test_the_order_of_fills_changes_no_quantity_no_cash_and_no_total(
    orders: tuple[list[live.Fill], list[live.Fill]],
) -> None:
    one, two = (Ledger([*LISTINGS, *order]).state for order in orders)
    assert one.holdings() == two.holdings()
    assert one.cash == two.cash
    assert totals(one, MARKS) == totals(two, MARKS)


@some
@given(days(), accounts, prices)
def test_a_transfer_changes_no_total_of_the_firm(
    events: list[live.Event], account: str, price: float
) -> None:
    ledger = taken([e for e in events if not isinstance(e, live.Settlement)])
    before = copy.deepcopy(ledger.state)
    for number, instrument in enumerate(WORLD):
        ledger.apply(
            live.Transfer(
                time=OPEN, event_id=f"M{number}", instrument=instrument, quantity=30, price=price,
                from_venue="x", from_account=account, to_venue="vault", to_account="z",
            )
        )  # fmt: skip
    after = ledger.state
    assert nonzero(after.by_instrument()) == nonzero(before.by_instrument())
    assert nonzero(after.by_currency()) == nonzero(before.by_currency())
    assert nonzero(totals(after, MARKS)) == nonzero(totals(before, MARKS))


def nonzero(sums: dict[str, Fraction]) -> dict[str, Fraction]:
    return {name: amount for name, amount in sums.items() if amount}


@some
@given(days())
def test_a_day_survives_the_journal(events: list[live.Event]) -> None:
    ledger = taken(events)
    again = Ledger(live.decode(live.encode(event)) for event in ledger.log)
    assert again.state == ledger.state
