"""The ledger, slow and obvious: what a live engine must come to, in exact fractions.

Every price, lot and fee is the decimal that its float prints as, which is what its venue said.
Events are refused or taken one by one; a bust or a correction replays all events, without the fill
or with its new terms, as if it had never been otherwise.

The worth of one unit that trades at a price is the price; for inverse futures and perpetuals it is
-1/price coins (hedgerow/book/book.hpp). A trade of q contracts moves cash by -q * worth *
multiplier, whatever the contract: cash does not depend on the order of fills, and

    total P&L = cash + q * worth(mark) * multiplier = realized + unrealized,  net = total - fees
    - funding

by either cost method. For margined contracts this cash is their entry value and no money: only with
the position's value at the mark it is an amount that somebody owes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from typing import NamedTuple, TypeAlias

import hedgerow as hr
from hedgerow import live

Option, Margined = hr.Option, hr.Future | hr.Perpetual
ZERO = Fraction(0)
ROUNDING = Fraction(8, 2**52)  # of a quantity that is a whole number of lots, in floats


class Key(NamedTuple):
    """Where a position is."""

    account: str
    venue: str
    tags: tuple[tuple[str, str], ...]
    instrument: str


class Wallet(NamedTuple):
    """Whose cash it is."""

    account: str
    venue: str
    currency: str


def key_of(event: live.Fill | live.Exercise) -> Key:
    return Key(event.account, event.venue, tuple(sorted(event.tags.items())), event.instrument)


@cache
def exact(number: float | Fraction) -> Fraction:
    """The decimal that a float prints as."""
    return number if isinstance(number, Fraction) else Fraction(repr(float(number)))


# ---- contracts ----


def is_inverse(contract: hr.Contract) -> bool:
    """Whether a contract pays coins: its worth is -1/price, or its payoff is in coins."""
    return getattr(contract, "settlement", None) is hr.Settlement.INVERSE


def multiplier(contract: hr.Contract) -> Fraction:
    return exact(getattr(contract, "multiplier", 1.0))


def worth(contract: hr.Contract, price: float | Fraction) -> Fraction:
    """What one unit that trades at this price is worth, in the contract's currency."""
    if is_inverse(contract) and isinstance(contract, Margined):
        return -1 / exact(price)
    return exact(price)


def moneyness(option: hr.Option, price: Fraction) -> Fraction:
    """What exercise of one unit gains at this price of the underlying, negative where it loses."""
    return int(option.right) * (price - exact(option.strike))


def settled_worth(contract: hr.Contract, price: Fraction) -> Fraction:
    """What one unit is worth when the underlying settles at this price."""
    if not isinstance(contract, Option):
        return worth(contract, price)
    intrinsic = max(moneyness(contract, price), ZERO)
    return intrinsic / price if is_inverse(contract) else intrinsic


# ---- positions ----


@dataclass
class Average:
    """Cost of what is open, by the average; worth per unit, without the multiplier."""

    quantity: Fraction = ZERO
    cost: Fraction = ZERO
    realized: Fraction = ZERO

    def trade(self, quantity: Fraction, at: Fraction) -> None:
        """Closes at the average cost what is against the position, opens the rest."""
        if self.quantity * quantity < 0:
            closed = min(abs(quantity), abs(self.quantity)) * sign(self.quantity)
            paid = self.cost / self.quantity * closed
            self.realized += closed * at - paid
            self.quantity -= closed
            self.cost -= paid
            quantity += closed
        self.quantity += quantity
        self.cost += quantity * at


@dataclass
class Fifo:
    """Cost of what is open, lot by lot, the oldest closed first."""

    lots: list[tuple[Fraction, Fraction]] = field(default_factory=list)  # quantity, worth
    realized: Fraction = ZERO

    def trade(self, quantity: Fraction, at: Fraction) -> None:
        """Closes the oldest lots that are against the trade, opens a lot of the rest."""
        while self.lots and quantity * self.lots[0][0] < 0:
            held, paid = self.lots.pop(0)
            closed = min(abs(quantity), abs(held)) * sign(held)
            self.realized += closed * (at - paid)
            quantity += closed
            if held != closed:
                self.lots.insert(0, (held - closed, paid))
        if quantity:
            self.lots.append((quantity, at))

    @property
    def quantity(self) -> Fraction:
        return sum((quantity for quantity, _ in self.lots), ZERO)

    @property
    def cost(self) -> Fraction:
        return sum((quantity * paid for quantity, paid in self.lots), ZERO)


def sign(number: Fraction) -> int:
    return (number > 0) - (number < 0)


@dataclass
class Position:
    """One instrument at one place. Money is in the contract's currency, multiplier applied."""

    contract: hr.Contract
    quantity: Fraction = ZERO  # contracts
    cash: Fraction = ZERO  # of trades alone
    funding: Fraction = ZERO  # paid > 0
    fees: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))  # paid > 0
    average: Average = field(default_factory=Average)
    fifo: Fifo = field(default_factory=Fifo)

    def trade(self, quantity: Fraction, at: Fraction) -> Fraction:
        """Trades contracts at a worth; returns what the cash changed by."""
        self.quantity += quantity
        self.average.trade(quantity, at)
        self.fifo.trade(quantity, at)
        change = -quantity * at * multiplier(self.contract)
        self.cash += change
        return change

    def value(self, mark: float | Fraction) -> Fraction:
        """Of what is held, before what was paid for it."""
        return self.quantity * worth(self.contract, mark) * multiplier(self.contract)

    def total(self, mark: float | Fraction) -> Fraction:
        """Profit since the first trade, before fees and funding."""
        return self.cash + self.value(mark)

    def realized(self, method: str) -> Fraction:
        """Profit of what was closed; method: average or fifo."""
        cost: Average | Fifo = getattr(self, method)
        return cost.realized * multiplier(self.contract)

    def unrealized(self, method: str, mark: float | Fraction) -> Fraction:
        """Profit of what is open."""
        cost: Average | Fifo = getattr(self, method)
        return self.value(mark) - cost.cost * multiplier(self.contract)


# ---- the state ----

SettlementKey: TypeAlias = tuple[str, int, str]


def settlement_key(contract: hr.Contract) -> SettlementKey | None:
    """What a contract settles with, or None if it never does."""
    if isinstance(contract, hr.Option | hr.Future):
        return contract.underlying, contract.expiry.item(), contract.fixing
    return None


@dataclass
class State:
    """What events fold to. Nothing is checked here: see Ledger."""

    listings: dict[str, live.Listing] = field(default_factory=dict)
    positions: dict[Key, Position] = field(default_factory=dict)
    cash: dict[Wallet, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    settled: dict[SettlementKey, Fraction] = field(default_factory=dict)

    def contract(self, instrument: str) -> hr.Contract:
        return self.listings[instrument].contract

    def lots(self, instrument: str, quantity: float) -> Fraction:
        """The whole number of lots that a quantity means, in contracts."""
        lot = exact(self.listings[instrument].lot)
        return round(exact(quantity) / lot) * lot

    def position(self, key: Key) -> Position:
        if key not in self.positions:
            self.positions[key] = Position(self.contract(key.instrument))
        return self.positions[key]

    def pay(self, key: Key, currency: str, amount: Fraction) -> None:
        self.cash[Wallet(key.account, key.venue, currency)] += amount

    def trade(self, key: Key, quantity: Fraction, at: Fraction) -> None:
        """A position and its wallet change together."""
        position = self.position(key)
        self.pay(key, position.contract.currency, position.trade(quantity, at))

    def fold(self, event: live.Event) -> State:
        """Takes one event; returns itself."""
        match event:
            case live.Listing():
                self.listings[event.instrument] = event
            case live.Fill():
                self.fill(event)
            case live.Funding():
                self.fund(event)
            case live.CashMovement():
                wallet = Wallet(event.account, event.venue, event.currency)
                self.cash[wallet] += exact(event.amount)
            case live.Transfer():
                self.transfer(event)
            case live.Exercise():
                self.exercise(event)
            case live.Settlement():
                self.settle(event)
        return self  # the others are no affair of a ledger

    def fill(self, event: live.Fill) -> None:
        key, contract = key_of(event), self.contract(event.instrument)
        quantity = self.lots(event.instrument, event.quantity)
        self.trade(key, quantity, worth(contract, event.price))
        currency, fee = event.fee_currency or contract.currency, exact(event.fee)
        self.position(key).fees[currency] += fee
        self.pay(key, currency, -fee)

    def fund(self, event: live.Funding) -> None:
        for key, position in self.positions.items():
            if (key.venue, key.instrument) == (event.venue, event.instrument):
                paid = position.quantity * exact(event.amount)
                position.funding += paid
                self.pay(key, position.contract.currency, -paid)

    def transfer(self, event: live.Transfer) -> None:
        quantity = self.lots(event.instrument, event.quantity)
        at = worth(self.contract(event.instrument), event.price)
        ends = (
            (event.from_account, event.from_venue, event.from_tags, -quantity),
            (event.to_account, event.to_venue, event.to_tags, quantity),
        )
        for account, venue, tags, change in ends:
            key = Key(account, venue, tuple(sorted(tags.items())), event.instrument)
            self.trade(key, change, at)

    def exercise(self, event: live.Exercise) -> None:
        """The option closes at what it is worth exercised, the underlying opens at its price.

        Together they pay the strike, so the total profit is the same the moment before and after.
        """
        key, option = key_of(event), self.contract(event.instrument)
        assert isinstance(option, Option)
        price = exact(event.settlement_price)
        quantity = self.lots(event.instrument, event.quantity)
        if not event.physical:
            self.trade(key, quantity, settled_worth(option, price))
            return
        self.trade(key, quantity, moneyness(option, price))
        delivered = -quantity * int(option.right) * multiplier(option)
        self.trade(key._replace(instrument=self.delivers(option)), delivered, price)

    def delivers(self, option: hr.Option) -> str:
        """The instrument that is the underlying itself, "" if none is listed."""
        spot = hr.Spot(option.underlying, option.quote_currency)
        names = [name for name, listing in self.listings.items() if listing.contract == spot]
        return names[0] if names else ""

    def settle(self, event: live.Settlement) -> None:
        price = exact(event.price)
        settled = (event.underlying, event.expiry.item(), event.fixing)
        for key, position in self.positions.items():
            if settlement_key(position.contract) == settled:
                self.trade(key, -position.quantity, settled_worth(position.contract, price))
        self.settled[settled] = price

    # ---- what is asked of it ----

    def holdings(self) -> dict[Key, Fraction]:
        """Quantities that are not zero."""
        return {key: p.quantity for key, p in self.positions.items() if p.quantity}

    def by_instrument(self) -> dict[str, Fraction]:
        """The firm's quantities, zeros too."""
        held: dict[str, Fraction] = defaultdict(Fraction)
        for key, position in self.positions.items():
            held[key.instrument] += position.quantity
        return held

    def by_currency(self) -> dict[str, Fraction]:
        """The firm's cash."""
        cash: dict[str, Fraction] = defaultdict(Fraction)
        for wallet, amount in self.cash.items():
            cash[wallet.currency] += amount
        return cash


# ---- the judge ----


class Ledger:
    """Takes events or refuses them with InvalidInput, which leaves everything as it was."""

    def __init__(self, events: Iterable[live.Event] = ()) -> None:
        self.log: list[live.Event] = []
        self.known: dict[live.Identity, live.Event] = {}
        self.state = State()
        for event in events:
            self.apply(event)

    def apply(self, event: live.Event) -> bool:
        """Whether the event was new."""
        name = live.identity(event)
        if name is not None and name in self.known:
            if self.known[name] != event:
                raise hr.InvalidInput(name[0], name[2], "must be what it was")
            return False
        self.check(event)
        self.log.append(event)
        if name is not None:
            self.known[name] = event
        if isinstance(event, live.Bust | live.Correction):
            self.state = replayed(self.log)
        else:
            self.state.fold(event)
        return True

    def check(self, event: live.Event) -> None:
        """Raises InvalidInput for what the ledger can't take."""
        match event:
            case live.Fill() | live.Transfer():
                self.check_open(event.instrument)
                self.check_terms(event.instrument, event.quantity, event.price)
            case live.Bust() | live.Correction():
                self.check_trade(event)
            case live.Funding():
                self.check_open(event.instrument)
            case live.Exercise():
                self.check_open(event.instrument)
                self.check_terms(event.instrument, event.quantity, 1.0)
                self.check_exercise(event)
            case live.Settlement():
                self.check_settlement(event)

    def check_open(self, instrument: str) -> None:
        if instrument not in self.state.listings:
            raise hr.InvalidInput("instrument", instrument, "must be listed")
        if settlement_key(self.state.contract(instrument)) in self.state.settled:
            raise hr.InvalidInput("instrument", instrument, "must not be settled")

    def check_terms(self, instrument: str, quantity: float, price: float) -> None:
        lots = exact(quantity) / exact(self.state.listings[instrument].lot)
        if round(lots) == 0 or abs(lots - round(lots)) > ROUNDING * abs(lots):
            raise hr.InvalidInput("quantity", quantity, "must be whole lots")
        contract = self.state.contract(instrument)
        if is_inverse(contract) and isinstance(contract, Margined) and price <= 0.0:
            raise hr.InvalidInput("price", price, "must be positive")

    def check_trade(self, event: live.Bust | live.Correction) -> None:
        fill = self.known.get(("fill", event.venue, event.trade_id))
        if fill is None:
            raise hr.InvalidInput("trade_id", event.trade_id, "must be a fill's")
        if ("bust", event.venue, event.trade_id) in self.known:
            raise hr.InvalidInput("trade_id", event.trade_id, "must not be of a busted fill")
        if isinstance(event, live.Correction):
            assert isinstance(fill, live.Fill)
            self.check_terms(fill.instrument, event.quantity, event.price)

    def check_exercise(self, event: live.Exercise) -> None:
        option = self.state.contract(event.instrument)
        if not isinstance(option, Option):
            raise hr.InvalidInput("instrument", event.instrument, "must be an option")
        held = self.state.holdings().get(key_of(event), ZERO)
        change = self.state.lots(event.instrument, event.quantity)
        if held * change >= 0 or abs(change) > abs(held):
            raise hr.InvalidInput("quantity", event.quantity, "must reduce what is held")
        if event.physical:
            if option.settlement is not hr.Settlement.LINEAR:
                raise hr.InvalidInput("physical", True, "must be False: it pays in coin")
            spot = self.state.delivers(option)
            if not spot:
                raise hr.InvalidInput("physical", True, "must be False: no underlying is listed")
            self.check_terms(spot, float(change * multiplier(option)), 1.0)

    def check_settlement(self, event: live.Settlement) -> None:
        key = (event.underlying, event.expiry.item(), event.fixing)
        if key in self.state.settled:
            raise hr.InvalidInput("event_id", event.event_id, "must be the first settlement")
        listed = self.state.listings.values()
        if all(settlement_key(listing.contract) != key for listing in listed):
            raise hr.InvalidInput("underlying", event.underlying, "must have a listed contract")


def replayed(log: list[live.Event]) -> State:
    """What the events come to when every fill has been what it is now."""
    busted = {(e.venue, e.trade_id) for e in log if isinstance(e, live.Bust)}
    corrected = {(e.venue, e.trade_id): e for e in log if isinstance(e, live.Correction)}
    state = State()
    for event in log:
        if isinstance(event, live.Fill):
            trade = (event.venue, event.trade_id)
            if trade in busted:
                continue
            if new := corrected.get(trade):
                terms = {"quantity": new.quantity, "price": new.price, "fee": new.fee}
                state.fold(replace(event, **terms))
                continue
        state.fold(event)
    return state


def totals(state: State, marks: dict[str, float]) -> dict[str, Fraction]:
    """The firm's profit by currency, before fees and funding, at a mark per instrument."""
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for key, position in state.positions.items():
        sums[position.contract.currency] += position.total(marks[key.instrument])
    return sums
