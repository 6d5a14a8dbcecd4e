"""The live inventory comes to what exact fractions come to, event by event.

It is compared with tests/live/oracle.py, which folds the same events slowly. Both take or refuse
the same events and hold the same quantities, money and profit. Deliberate differences, each of
which is tested here:

- Margined contracts pay when they are settled. The oracle moves their entry value through cash, so
  the money of what has not settled is taken off its wallets.
- A bust or a correction of what has settled is refused: the oracle plays the day again without it.
- Funding stays as it was paid, even on a fill that is busted later: the oracle pays it again, on
  what was held without the fill.
- Costs, and with them what is realized, are path-dependent: after a bust or a correction they are
  those of a trade back (ledger.hpp), not of a day without the fill. Everything else is linear.
- Time does not go back; the oracle has no clock. Events get the times in which they come.
- Two events of one identity that differ in their time alone are one: venues report a fill twice.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from tests.live.oracle import (
    Key,
    Ledger,
    Margined,
    Wallet,
    exact,
    key_of,
    multiplier,
    settlement_key,
    worth,
)
from tests.live.streams import EXPIRY, LISTINGS, OPEN, WORLD, days, settlement

import hedgerow as hr
from hedgerow import live

TAGS = ("strategy", "trader")
RATES = {"USD": 1.0, "USDC": 1.0, "FEE": 0.5, "BTC": 100.0}
ROUNDING = 1e-12  # of the sizes of all payments; every fill is rounded once


def market() -> hr.Snapshot:
    """A market of WORLD."""
    markets = []
    for name, quote, spot in (("SPX", "USD", 104.0), ("BTC", "USD", 100.0), ("ETH", "USDC", 2e3)):
        curve = hr.ForwardCurve(as_of=OPEN, spot=spot, pillars=[EXPIRY], forwards=[1.01 * spot])
        smile = hr.Smile(expiry=EXPIRY, strikes=[90.0, 130.0], volatilities=[0.5, 0.6])
        markets.append(
            hr.UnderlyingMarket(
                underlying=name, quote_currency=quote, forwards=curve, smiles=[smile],
                perpetual=spot * 1.001,
            )
        )  # fmt: skip
    rates = hr.ExchangeRates(reporting="USD", rates={"USDC": 1.0, "FEE": 0.5})
    return hr.Snapshot(as_of=OPEN, markets=markets, rates=rates)


def in_order(events: list[live.Event]) -> list[live.Event]:
    """The events at times in which they come; one that comes again keeps its first."""
    known: dict[Any, live.Event] = {}
    stream = []
    for number, event in enumerate(events):
        timed = replace(event, time=OPEN + np.timedelta64(number, "ms"))
        first = known.setdefault(live.identity(event), timed)
        again = live.identity(event) is not None and replace(first, time=timed.time) == timed
        stream.append(first if again else timed)
    return stream


class Pair:
    """An inventory and the oracle, and what of the day they see differently."""

    def __init__(self) -> None:
        self.inventory = live.Inventory(market(), tags=TAGS, dimensions=[(), ("underlying",)])
        self.oracle = Ledger()
        self.funding: dict[Wallet, Fraction] = defaultdict(Fraction)
        self.withdrawn: set[Key] = set()  # where a fill was busted or corrected
        self.size = 1.0
        for listing in LISTINGS:
            assert self.inventory.apply(replace(listing, time=OPEN))
            assert self.oracle.apply(listing)

    def take(self, event: live.Event) -> None:
        """Both take it, or refuse it, or know it."""
        outcomes = []
        if self.is_of_what_settled(event):
            with pytest.raises(hr.InvalidInput, match=r"must not be (settled|before)"):
                self.inventory.apply(event)
            return
        if isinstance(event, live.Funding):
            owed = self.funding_of(event)
        for take in (self.inventory.accepts, self.inventory.apply, self.oracle.apply):
            try:
                outcomes.append(take(event))
            except hr.InvalidInput:
                outcomes.append(None)
        assert len(set(outcomes)) == 1, (event, outcomes)
        if not outcomes[0]:
            return
        if isinstance(event, live.Funding):
            for wallet, amount in owed.items():
                self.funding[wallet] += amount
                self.size += abs(float(amount))
        if isinstance(event, live.Bust | live.Correction):
            fill = self.oracle.known["fill", event.venue, event.trade_id]
            assert isinstance(fill, live.Fill)
            self.withdrawn.add(key_of(fill))
        self.size += self.size_of(event)

    def is_of_what_settled(self, event: live.Event) -> bool:
        if not isinstance(event, live.Bust | live.Correction):
            return False
        fill = self.oracle.known.get(("fill", event.venue, event.trade_id))
        busted = ("bust", event.venue, event.trade_id) in self.oracle.known
        if not isinstance(fill, live.Fill) or busted:
            return False
        return settlement_key(WORLD[fill.instrument][0]) in self.oracle.state.settled

    def funding_of(self, event: live.Funding) -> dict[Wallet, Fraction]:
        paid: dict[Wallet, Fraction] = defaultdict(Fraction)
        for key, position in self.oracle.state.positions.items():
            if (key.venue, key.instrument) == (event.venue, event.instrument):
                wallet = Wallet(key.account, key.venue, position.contract.currency)
                paid[wallet] += position.quantity * exact(event.amount)
        return paid

    @staticmethod
    def size_of(event: live.Event) -> float:
        """What an event moves at most."""
        price = max(getattr(event, "price", 1.0), getattr(event, "settlement_price", 1.0), 64.0)
        quantity = abs(getattr(event, "quantity", getattr(event, "amount", 20.0)))
        return 20.0 * quantity * price * 100.0

    def cash(self) -> dict[Wallet, Fraction]:
        """The oracle's, by the conventions of the inventory."""
        state = self.oracle.state
        cash = defaultdict(Fraction, state.cash)
        for key, position in state.positions.items():
            wallet = Wallet(key.account, key.venue, position.contract.currency)
            cash[wallet] += position.funding
            settled = settlement_key(position.contract) in state.settled
            if isinstance(position.contract, Margined) and not settled:
                cash[wallet] -= position.cash
        for wallet, paid in self.funding.items():
            cash[wallet] -= paid
        return cash

    def compare(self) -> None:
        tolerance = ROUNDING * self.size
        rows = self.inventory.positions().to_dict()
        state = self.oracle.state
        seen = set()
        for j, instrument in enumerate(rows["instrument"]):
            tags = tuple((tag, rows[tag][j]) for tag in TAGS if rows[tag][j])
            key = Key(rows["account"][j], rows["venue"][j], tags, instrument)
            seen.add(key)
            lot = exact(WORLD[instrument][1])
            held = state.positions.get(key)
            quantity, traded = (held.quantity, held.cash) if held else (Fraction(0), Fraction(0))
            assert round(exact(rows["quantity"][j]) / lot) * lot == quantity
            assert abs(rows["traded"][j] - float(traded)) <= tolerance
            if held and key not in self.withdrawn:
                average, fifo = (float(held.realized(method)) for method in ("average", "fifo"))
                assert abs(rows["realized"][j] - average) <= tolerance
                assert abs(rows["realized_fifo"][j] - fifo) <= tolerance
        assert not any(p.quantity or p.cash for k, p in state.positions.items() if k not in seen)
        self.compare_money(tolerance)

    def compare_money(self, tolerance: float) -> None:
        balances, cash = self.inventory.balances().to_dict(), self.cash()
        have: dict[Wallet, float] = defaultdict(float)
        for j, amount in enumerate(balances["cash"]):
            wallet = Wallet(balances["account"][j], balances["venue"][j], balances["currency"][j])
            have[wallet] += amount
        for wallet in cash.keys() | have.keys():
            assert abs(have[wallet] - float(cash[wallet])) <= tolerance, wallet
        if len(self.inventory.net()) == 0:
            return
        # All profit: what contracts won, and what else money did but come and go.
        profit = sum(float(amount) * RATES[w.currency] for w, amount in self.earned().items())
        for key, position in self.oracle.state.positions.items():
            contract = position.contract
            won = position.cash + position.quantity * worth(contract, MARKS[key.instrument]) * (
                multiplier(contract)
            )
            profit += float(won) * RATES[contract.currency]
        node = self.inventory.node()
        assert abs(node.pnl - profit) <= 100 * tolerance
        self.inventory.rebuild()
        assert abs(node.pnl - profit) <= 100 * tolerance

    def earned(self) -> dict[Wallet, Fraction]:
        """Minus fees and funding, by wallet."""
        earned: dict[Wallet, Fraction] = defaultdict(Fraction)
        for key, position in self.oracle.state.positions.items():
            for currency, fee in position.fees.items():
                earned[Wallet(key.account, key.venue, currency)] -= fee
        for wallet, paid in self.funding.items():
            earned[wallet] -= paid
        for event in self.oracle.log:
            if isinstance(event, live.CashMovement) and event.reason is live.CashReason.FEE:
                wallet = Wallet(event.account, event.venue, event.currency)
                earned[wallet] += exact(event.amount)
        return earned


def marks() -> dict[str, float]:
    """What everything trades at in the market."""
    book = hr.Book.from_columns([contract for contract, _ in WORLD.values()], [1.0] * len(WORLD))
    prices = hr.value(book, market()).price
    return dict(zip(WORLD, map(float, prices), strict=True))


MARKS = marks()


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(days())
def test_every_day_comes_to_what_exact_fractions_come_to(events: list[live.Event]) -> None:
    pair = Pair()
    for event in in_order(events):
        pair.take(event)
    pair.compare()


@pytest.mark.slow
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(days(most=80))
def test_many_long_days_come_to_it(events: list[live.Event]) -> None:
    pair = Pair()
    for number, event in enumerate(in_order(events)):
        pair.take(event)
        if number % 20 == 19:
            pair.compare()
    pair.compare()


def fill(number: int, instrument: str, quantity: float, price: float) -> live.Fill:
    return live.Fill(
        time=OPEN, venue="x", trade_id=f"T{number}", account="a", instrument=instrument,
        quantity=quantity, price=price,
    )  # fmt: skip


def test_a_bust_of_what_has_settled_is_refused() -> None:
    pair = Pair()
    for event in (fill(1, "SPX-C", 2, 4.0), settlement("SPX", 104.0)):
        pair.take(event)
    pair.take(live.Bust(time=EXPIRY, venue="x", trade_id="T1"))
    pair.compare()


def test_funding_of_a_busted_fill_was_paid() -> None:
    pair = Pair()
    pair.take(fill(1, "ETH-PERP", 2.5, 2000.0))
    pair.take(live.Funding(time=OPEN, venue="x", event_id="1", instrument="ETH-PERP", amount=0.5))
    pair.take(live.Bust(time=OPEN, venue="x", trade_id="T1"))
    pair.compare()
    balances = pair.inventory.balances().to_dict()
    assert (list(balances["cash"]), list(balances["funding"])) == ([-1.25], [1.25])


def test_a_bust_costs_what_a_trade_back_does() -> None:
    pair = Pair()
    for event in (fill(1, "SPX", 5, 1.0), fill(2, "SPX", 5, 3.0)):
        pair.take(event)
    pair.take(live.Bust(time=OPEN, venue="x", trade_id="T2"))
    pair.compare()
    rows = pair.inventory.positions().to_dict()
    # First in, first out knows the lot. At the average of 2 the five are sold back at 3.
    assert (rows["realized_fifo"][0], rows["realized"][0]) == (0.0, 5.0)


def test_margin_is_paid_at_settlement() -> None:
    pair = Pair()
    pair.take(fill(1, "SPX-F", 2, 100.0))
    pair.take(fill(2, "SPX-F", -1, 103.0))
    pair.compare()
    assert len(pair.inventory.balances()) == 0
    assert pair.inventory.node().pnl == pytest.approx((3.0 + 0.01 * 104 + 4) * 50, rel=1e-13)
    pair.take(settlement("SPX", 110.0))
    cash = pair.inventory.balances()["cash"]
    assert cash[0] == (3.0 + 10.0) * 50
