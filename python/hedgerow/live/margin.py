"""The margin of the accounts of a live inventory, event by event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hedgerow import _core
from hedgerow._core import MarginRules
from hedgerow.errors import InvalidInput
from hedgerow.live import events
from hedgerow.live.events import Event
from hedgerow.live.inventory import Inventory
from hedgerow.portfolio.book import Book
from hedgerow.risk import Margin, MarginAccount

# What moves no position, no money and no market.
_IDLE = (events.OrderPlaced, events.OrderAmended, events.OrderCancelled)


class MarginWatch:
    """Margin by account, kept beside an inventory and given to its nodes.

    An account is what a dimension of the inventory tells apart by labels of owners alone, as
    ("account",) or ("account", "venue"). Each has a MarginAccount: a fill is one sum over
    scenarios, a tick values the account's instruments anew, anything else adds the account up
    again. After every event the nodes of these accounts have the initial margin as their measure
    `margin` and the loss in the worst scenario, before add-ons, as `scenario_loss`: limits on both
    work like all others. From now on events go through `apply` here, not to the inventory.

    Raises InvalidInput when the inventory has no such dimension, or one with other keys.
    """

    def __init__(
        self, inventory: Inventory, rules: MarginRules, keys: Sequence[str] = ("account",)
    ) -> None:
        if tuple(keys) not in inventory.dimensions or not set(keys) <= set(inventory.labels):
            raise InvalidInput("keys", tuple(keys), "must be a dimension of owners' labels alone")
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
        rows = list(zip(*(book.tags[key] for key in self.keys), strict=True))
        for key in dict.fromkeys(rows):
            mine: Book = book.select(np.array([row == key for row in rows]))
            self._accounts[key] = MarginAccount(mine, market, self.rules)
            self._give(key)

    def _give(self, key: tuple[str, ...]) -> None:
        core, account = self.inventory._core, self._accounts[key]
        node = core.node(self.inventory.dimensions.index(self.keys), list(key))
        if node is None:
            return
        core.give(node.number, "margin", account.initial)
        core.give(node.number, "scenario_loss", account.scan_loss)

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
