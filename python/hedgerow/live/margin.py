"""The margin of the accounts of a live inventory, event by event or now and then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np

from hedgerow import _core
from hedgerow._core import MarginRules, StrategyRules
from hedgerow.errors import InvalidInput
from hedgerow.live import events
from hedgerow.live.events import Event
from hedgerow.live.inventory import Inventory
from hedgerow.portfolio.book import Book
from hedgerow.risk import Margin, MarginAccount, StrategyMargin, margin

# What moves no position, no money and no market.
_IDLE = (events.OrderPlaced, events.OrderAmended, events.OrderCancelled)


def _require_owners(inventory: Inventory, keys: tuple[str, ...]) -> None:
    if keys not in inventory.dimensions or not set(keys) <= set(inventory.labels):
        raise InvalidInput("keys", keys, "must be a dimension of owners' labels alone")


def _give(
    inventory: Inventory, keys: tuple[str, ...], labels: tuple[str, ...], margin: float, loss: float
) -> None:
    core = inventory._core
    node = core.node(inventory.dimensions.index(keys), list(labels))
    if node is not None:
        core.give(node.number, "margin", margin)
        if not isnan(loss):
            core.give(node.number, "scenario_loss", loss)


@dataclass(frozen=True, slots=True, eq=False)
class AccountMargin:
    """What an account is asked for; `loss` in the worst scenario is NaN where rules have none."""

    labels: tuple[str, ...]
    found: Margin | StrategyMargin

    @property
    def loss(self) -> float:
        """In the worst scenario, before add-ons."""
        return float(self.found.units["scan"].sum()) if isinstance(self.found, Margin) else nan


def measure_margin(
    inventory: Inventory, rules: MarginRules | StrategyRules, keys: Sequence[str] = ("account",)
) -> tuple[AccountMargin, ...]:
    """The margin of each account now, from nothing but the book, and its nodes are given it.

    For those who need it now and then: it costs a `hr.margin` per account, and follows no event.
    Accounts are as in MarginWatch; without keys everything is one. Raises InvalidInput as it does.
    """
    keys = tuple(keys)
    _require_owners(inventory, keys)
    book, market = inventory.book(), inventory.market()
    found = []
    for labels, mine in _accounts(book, keys):
        account = AccountMargin(labels, margin(mine, market, rules))
        _give(inventory, keys, labels, account.found.initial, account.loss)
        found.append(account)
    return tuple(found)


def _accounts(book: Book, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Book]]:
    """The part of a book that each account has."""
    if not keys:
        yield (), book
        return
    rows = list(zip(*(book.tags[key] for key in keys), strict=True))
    for labels in dict.fromkeys(rows):
        yield labels, book.select(np.array([row == labels for row in rows]))


class MarginWatch:
    """Margin by account, kept beside an inventory and given to its nodes.

    An account is what a dimension of the inventory tells apart by labels of owners alone, as
    ("account",) or ("account", "venue"); () is everything together. Each has a MarginAccount: a
    fill is one sum over scenarios, a tick values the account's instruments anew, anything else adds
    the account up again. After every event the nodes of these accounts have the initial margin as
    their measure `margin` and the loss in the worst scenario, before add-ons, as `scenario_loss`:
    limits on both work like all others. From now on events go through `apply` here, not to the
    inventory.

    Raises InvalidInput when the inventory has no such dimension, or one with other keys.
    """

    def __init__(
        self, inventory: Inventory, rules: MarginRules, keys: Sequence[str] = ("account",)
    ) -> None:
        _require_owners(inventory, tuple(keys))
        self.inventory, self.rules, self.keys = inventory, rules, tuple(keys)
        self._accounts: dict[tuple[str, ...], MarginAccount] = {}
        self._rebuild()

    def apply(self, event: Event) -> bool:
        """Inventory.apply, and the margins follow. True when the event is new."""
        if not self.inventory.apply(event):
            return False
        if isinstance(event, events.Fill) and self._fill(event):
            return True
        if isinstance(event, events.Tick):
            for key, account in self._accounts.items():
                account.move(event.underlying, event.spot)
                self._give(key)
        elif not isinstance(event, _IDLE):
            self._rebuild()
        return True

    def _key(self, account: str, venue: str, tags: Mapping[str, str]) -> tuple[str, ...]:
        labels = {"account": account, "venue": venue}
        return tuple(labels.get(key, tags.get(key, "")) for key in self.keys)

    def _fill(self, event: events.Fill) -> bool:
        """A fill in an account that is watched, in an instrument and currency that it knows."""
        key = self._key(event.account, event.venue, event.tags)
        number = self.inventory._core.instrument(event.instrument)
        account = self._accounts.get(key)
        contract = self._contracts[number]
        currency = event.fee_currency or contract.currency
        cash = [self._cash.get(c) for c in (contract.currency, currency)]
        if account is None or None in cash:
            return False
        cost = float(Book.from_columns([contract], [event.quantity], [event.price]).cost[0])
        account.add(number, event.quantity, cost)
        if not isinstance(contract, _core.Future | _core.Perpetual):  # paid up front
            size = getattr(contract, "multiplier", 1.0)
            account.add(self._cash[contract.currency], -cost * size, np.nan)
        if event.fee:
            account.add(self._cash[currency], -event.fee, np.nan)
        self._give(key)
        return True

    def _rebuild(self) -> None:
        """All accounts as the inventory has them."""
        book, market = self.inventory.book(), self.inventory.market()
        self._contracts = book.contracts  # numbered as the instruments, currencies after them
        money = enumerate(self._contracts)
        self._cash = {c.currency: i for i, c in money if isinstance(c, _core.Cash)}
        for labels, mine in _accounts(book, self.keys):
            self._accounts[labels] = MarginAccount(mine, market, self.rules)
            self._give(labels)

    def _give(self, labels: tuple[str, ...]) -> None:
        account = self._accounts[labels]
        _give(self.inventory, self.keys, labels, account.initial, account.scan_loss)

    @property
    def accounts(self) -> dict[tuple[str, ...], MarginAccount]:
        """The accounts by their labels: initial, maintenance, marginal(...), margin()."""
        return dict(self._accounts)

    def margin(self, *labels: str) -> Margin:
        """Everything about the margin of one account."""
        if labels not in self._accounts:
            raise InvalidInput("labels", labels, "must be of an account with positions")
        return self._accounts[labels].margin()

    def marginal(self, order: events.OrderPlaced) -> tuple[float, float]:
        """Initial and maintenance margin that an order would add when it is filled; premium aside.

        Raises InvalidInput for an account without positions or an unknown instrument.
        """
        key = self._key(order.account, order.venue, order.tags)
        if key not in self._accounts:
            raise InvalidInput("account", key, "must have positions")
        number = self.inventory._core.instrument(order.instrument)
        return self._accounts[key].marginal(number, order.quantity)
