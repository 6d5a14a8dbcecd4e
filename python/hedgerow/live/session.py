"""A day of a live inventory, recorded: what it held, earned, risked and was asked to back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from math import nan
from os import PathLike
from typing import Any

import numpy as np

from hedgerow._core import MarginRules, Snapshot, StrategyRules
from hedgerow.errors import InvalidInput
from hedgerow.live.engine import Engine
from hedgerow.live.events import Event, Fill, MarketUpdate, Settlement
from hedgerow.live.inventory import Inventory
from hedgerow.live.journal import Journal
from hedgerow.live.limits import Limit, accounts_of
from hedgerow.live.margin import measure_margin
from hedgerow.portfolio.book import Book
from hedgerow.portfolio.frame import Frame
from hedgerow.risk.explain import SECOND_ORDER_TERMS, explain

EXPIRIES = ("underlying", "expiry")
CONTRACTS = ("underlying", "expiry", "strike", "right")
_GREEKS = ("delta", "gamma", "vega", "theta")
_MONEY = ("value", "pnl", "capture", "fees")


@dataclass(frozen=True, eq=False, repr=False)
class Session:
    """What `run_session` recorded. Money is in `currency`, Greeks are raw derivatives.

    - `path`: a row per sample: `time`, `value`, `pnl`, and what it is made of: `capture` (what
      fills were better than the value at their moment), `inventory` (what happened to what was
      held), less `fees`; `dollar_delta`, `dollar_gamma` (per 1 % of the spot); `delta`, `gamma`
      (NaN over several underlyings), `vega`, `theta`;
      `initial` and `maintenance` margin and `scenario_loss`, the loss in the worst scenario before
      add-ons (NaN without rules, or where these have no scenarios); `positions`, and `excluded`
      ones that can't be valued; `fills` since the beginning.
    - `spots`: `time`, `underlying`, `spot`.
    - `by_expiry`: `time`, `underlying`, `expiry`, `positions`, money and Greeks.
    - `by_contract`: at the end, of all that was ever held: `underlying`, `expiry`, `strike`,
      `right`, money, and `options`, the signed number of units that is left.
    - `positions`: `time`, `instrument`, `quantity` of what was open at each sample.
    - `explained`: a row per interval between samples: `since`, `until`, `pnl`; `held`, what the
      inventory at `since` gained by full revaluation, and the terms of `hr.explain` that tell why;
      `settled`, what settlements paid against the value just before; `capture`, `fees`; `dealt`,
      what new positions gained until the end of the interval. pnl = held + settled + capture -
      fees + dealt, and held = terms + unexplained.
    - `fills`: every one: `time`, `trade_id`, `instrument`, `quantity`, `price`, `fee`, `capture`.
    - `settlements`: `time`, `underlying`, `expiry`, `price`, `pnl`, as `settled` above.
    - `limits`: changes of levels: `time`, `limit`, `node`, `measure`, `before`, `after`, `value`.
      The number of a limit is its place in `bounds`. Margin is looked at when a sample is taken.
    - `margins`: at each sample, of accounts whose margin has a limit: `time`, `node`, `initial`,
      `maintenance`, `scenario_loss`.
    """

    currency: str
    book: Book
    market: Snapshot
    events: dict[str, int]
    bounds: tuple[Limit, ...]
    rules: MarginRules | StrategyRules | None
    path: Frame
    spots: Frame
    by_expiry: Frame
    by_contract: Frame
    positions: Frame
    explained: Frame
    fills: Frame
    settlements: Frame
    limits: Frame
    margins: Frame

    def __repr__(self) -> str:
        first, last = self.path["time"][0], self.path["time"][-1]
        return (
            f"<Session from {first.astype('datetime64[s]')}Z to {last.astype('datetime64[s]')}Z: "
            f"{len(self.fills):,} fills, P&L {self.path['pnl'][-1]:,.0f} {self.currency}>"
        )

    @property
    def capital(self) -> float:
        """What had to be put in for the value to exceed the maintenance margin at every sample."""
        needed = self.path["maintenance"] - self.path["value"]
        return float(np.max(needed, initial=0.0))


def run_session(
    events: Iterable[Event],
    *,
    journal: str | PathLike[str] | None = None,
    rules: MarginRules | StrategyRules | None = None,
    limits: Sequence[Limit] = (),
    every: float = 60.0,
    tags: Sequence[str] = (),
) -> Session:
    """Runs events through an inventory and records the day.

    The first event must be a MarketUpdate. A sample is taken once all events of a time are applied,
    when `every` seconds have gone by since the last one, and at the end. With `journal`, a path to
    a file that is not there yet, every event is in it before it is applied. `rules` are those of
    `hr.margin`: with them margin is known at every sample, of everything together and of accounts
    by the keys of limits on `margin` and `scenario_loss`. Raises InvalidInput for an event that the
    inventory refuses, and for limits on what is not known.
    """
    stream = iter(events)
    first = next(stream, None)
    if not isinstance(first, MarketUpdate):
        raise InvalidInput("events", type(first).__name__, "must begin with a MarketUpdate")
    accounts = accounts_of(limits, rules, ("account", "venue", *tags))
    dimensions: list[tuple[str, ...]] = [(), ("underlying",), EXPIRIES, CONTRACTS]
    dimensions += dict.fromkeys(limit.keys for limit in limits if limit.keys not in dimensions)
    setup: dict[str, Any] = {"dimensions": dimensions, "tags": tags}
    if journal is None:
        recorder = _Recorder(Inventory(first.market, **setup), rules, accounts)
        return _record(recorder, None, stream, limits, every)
    with closing(Journal(journal)) as opened:
        if opened.last_sequence:
            raise InvalidInput("journal", str(journal), "must be new: there are events in it")
        engine = Engine.open(opened, first.market, **setup)
        recorder = _Recorder(engine.inventory, rules, accounts)
        return _record(recorder, engine, stream, limits, every)


def _record(
    recorder: _Recorder,
    engine: Engine | None,
    stream: Iterator[Event],
    limits: Sequence[Limit],
    every: float,
) -> Session:
    inventory = recorder.inventory
    for limit in limits:
        limit.set(inventory)
    apply = inventory.apply if engine is None else engine.apply
    pause = np.timedelta64(round(1e9 * every), "ns")
    sampled = None
    for time, group in groupby(stream, lambda event: event.time):
        for event in group:
            before = recorder.money()
            if apply(event):
                recorder.note(event, before)
        if sampled is None or time >= sampled + pause:
            recorder.sample()
            sampled = time
    if sampled is None or sampled < inventory.now:
        recorder.sample()
    return recorder.session(tuple(limits))


def _column(values: list[Any]) -> np.ndarray[Any, Any]:
    """Texts as objects, the rest as NumPy has it."""
    kind = object if values and isinstance(values[0], str) else None
    return np.array(values, dtype=kind)


@dataclass(slots=True)
class _Rows:
    """Rows of a frame to be."""

    names: tuple[str, ...]
    rows: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, *row: Any) -> None:
        self.rows.append(row)

    def frame(self) -> Frame:
        columns = zip(*self.rows, strict=True) if self.rows else ([] for _ in self.names)
        return Frame({n: _column(list(c)) for n, c in zip(self.names, columns, strict=True)})


class _Recorder:
    """What is known of a session so far."""

    def __init__(
        self,
        inventory: Inventory,
        rules: MarginRules | StrategyRules | None,
        accounts: tuple[tuple[str, ...], ...],
    ) -> None:
        self.inventory, self._rules, self._accounts = inventory, rules, accounts
        self._node: Any = None
        self._events: dict[str, int] = {"MarketUpdate": 1}
        self._symbols: dict[tuple[str, ...], str] = {}
        self._held: tuple[Book, Snapshot, dict[str, float]] | None = None
        self._settled = self._settled_before = 0.0
        self._path = _Rows(
            (
                *("time", *_MONEY, "inventory", "dollar_delta", "dollar_gamma", *_GREEKS),
                *("initial", "maintenance", "scenario_loss", "positions", "excluded", "fills"),
            )
        )
        self._spots = _Rows(("time", "underlying", "spot"))
        self._by_expiry = _Rows(("time", *EXPIRIES, "positions", *_MONEY, *_GREEKS))
        self._positions = _Rows(("time", "instrument", "quantity"))
        told = ("held", *SECOND_ORDER_TERMS, "basis", "fx", "expired", "unexplained")
        self._explained = _Rows(
            ("since", "until", "pnl", *told, "settled", "capture", "fees", "dealt")
        )
        self._fills = _Rows(
            ("time", "trade_id", "instrument", "quantity", "price", "fee", "capture")
        )
        self._settlements = _Rows(("time", "underlying", "expiry", "price", "pnl"))
        self._margins = _Rows(("time", "node", "initial", "maintenance", "scenario_loss"))
        self._limits = _Rows(("time", "limit", "node", "measure", "before", "after", "value"))

    def money(self) -> dict[str, float]:
        """Value, P&L, capture and fees of everything now."""
        if self._node is None:
            if not len(self.inventory.net(measures=())):
                return dict.fromkeys(_MONEY, 0.0)
            self._node = self.inventory.node()
        return {name: getattr(self._node, name) for name in _MONEY}

    def note(self, event: Event, before: dict[str, float]) -> None:
        """An event that was applied, and the money before it."""
        kind = type(event).__name__
        self._events[kind] = self._events.get(kind, 0) + 1
        if isinstance(event, Fill):
            self._fills.add(
                *(event.time, event.trade_id, event.instrument, event.quantity, event.price),
                *(event.fee, self.money()["capture"] - before["capture"]),
            )
        elif isinstance(event, Settlement):
            gain = self.money()["pnl"] - before["pnl"]
            self._settled += gain
            self._settlements.add(event.time, event.underlying, event.expiry, event.price, gain)

    def sample(self) -> None:
        """What everything is now."""
        inventory, money = self.inventory, self.money()
        time, book, market = inventory.now, inventory.book(), inventory.market()
        asked = self._ask(time)
        total = inventory.net(measures=_GREEKS)
        greeks = [float(total[name].sum()) for name in _GREEKS]
        dollars = self._sample_underlyings(time, market)
        self._path.add(
            *(time, *money.values(), money["pnl"] - money["capture"] + money["fees"]),
            *(*dollars, *greeks),
            *asked,
            *(int(total["positions"].sum()), int(total["excluded"].sum()), len(self._fills.rows)),
        )
        for row in inventory.net(*EXPIRIES, measures=(*_MONEY, *_GREEKS)).rows():
            if row["expiry"]:
                names = (*EXPIRIES, "positions", *_MONEY, *_GREEKS)
                self._by_expiry.add(time, *(row[name] for name in names))
        held = inventory.positions()
        for name, quantity in zip(held["instrument"], held["quantity"], strict=True):
            if quantity:
                self._positions.add(time, name, quantity)
        self._explain(book, market, money, time)
        changes = inventory.take_limit_changes()
        times = changes["time"].astype("datetime64[ns]")
        for changed, row in zip(times, changes.rows(), strict=True):
            self._limits.add(changed, *(row[name] for name in self._limits.names[1:]))

    def _ask(self, time: np.datetime64) -> tuple[float, float, float]:
        """Margin now: of everything, and of accounts whose limits look at it."""
        if self._rules is None:
            return nan, nan, nan
        (whole,) = measure_margin(self.inventory, self._rules, ())
        for keys in self._accounts[1:]:
            for account in measure_margin(self.inventory, self._rules, keys):
                found = account.found.initial, account.found.maintenance, account.loss
                self._margins.add(time, "/".join(account.labels), *found)
        return whole.found.initial, whole.found.maintenance, whole.loss

    def _sample_underlyings(self, time: np.datetime64, market: Snapshot) -> list[float]:
        """Dollar delta and dollar gamma over all underlyings."""
        spots = {one.underlying: one.spot for one in market.markets}
        for name, spot in spots.items():
            self._spots.add(time, name, spot)
        sums = np.zeros(2)
        for row in self.inventory.net("underlying", measures=("delta", "gamma")).rows():
            spot = spots.get(row["underlying"], 0.0)  # money has none
            sums += [spot * row["delta"], spot * spot * row["gamma"] / 100]
        return sums.tolist()

    def _explain(
        self, book: Book, market: Snapshot, money: dict[str, float], time: np.datetime64
    ) -> None:
        if self._held is not None:
            old_book, old_market, old = self._held
            told = explain(old_book, old_market, market).sums()
            pnl = money["pnl"] - old["pnl"]
            settled = self._settled - self._settled_before
            capture, fees = (money[name] - old[name] for name in ("capture", "fees"))
            dealt = pnl - told["total"] - settled - capture + fees
            terms = [told[name] for name in ("total", *self._explained.names[4:-4])]
            since = self._path.rows[-2][0]
            self._explained.add(since, time, pnl, *terms, settled, capture, fees, dealt)
        self._held = book, market, money
        self._settled_before = self._settled

    def session(self, bounds: tuple[Limit, ...]) -> Session:
        """All of it."""
        inventory = self.inventory
        market = inventory.market()
        found = inventory.net(*CONTRACTS, measures=(*_MONEY, "options"))
        return Session(
            currency=market.rates.reporting,
            book=inventory.book(),
            market=market,
            events=self._events,
            bounds=bounds,
            rules=self._rules,
            path=self._path.frame(),
            spots=self._spots.frame(),
            by_expiry=self._by_expiry.frame(),
            by_contract=found.take(np.flatnonzero(found["expiry"] != "")),
            positions=self._positions.frame(),
            explained=self._explained.frame(),
            fills=self._fills.frame(),
            settlements=self._settlements.frame(),
            limits=self._limits.frame(),
            margins=self._margins.frame(),
        )
