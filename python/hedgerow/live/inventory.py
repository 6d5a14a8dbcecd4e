"""A market maker's inventory, live: events in, and all that is netted is right a moment later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from hedgerow import _core
from hedgerow._core import Contract, InventoryNode, Snapshot, Status
from hedgerow.errors import InvalidInput
from hedgerow.live import events
from hedgerow.live.events import CashReason, Event
from hedgerow.live.image import pack, unpack
from hedgerow.portfolio.book import Book
from hedgerow.portfolio.frame import Frame, format_table

MEASURES: tuple[str, ...] = _core.node_measures
Keys: TypeAlias = Sequence[str]
Tags: TypeAlias = Mapping[str, str]
FindFill: TypeAlias = Callable[[str, str], events.Fill | None]

_PAYMENTS = {
    CashReason.DEPOSIT: "invested",
    CashReason.WITHDRAWAL: "invested",
    CashReason.FEE: "fee",
    CashReason.REBATE: "fee",
    CashReason.INTEREST: "other",
    CashReason.ADJUSTMENT: "other",
}


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """Whether an order may be placed, and if not, which bound of which node it would break."""

    outcome: str  # allowed, limit, frozen, closed
    node: tuple[str, ...] = ()
    dimension: tuple[str, ...] = ()
    measure: str = ""
    value: float = float("nan")

    def __bool__(self) -> bool:
        return self.outcome == "allowed"


def listing(
    instruments: Mapping[str, Contract] | None, lots: Mapping[str, float] | None
) -> list[tuple[str, Contract, float]]:
    """Instruments as the core takes them."""
    sizes = lots or {}
    if unknown := sorted(set(sizes) - set(instruments or {})):
        raise InvalidInput("lots", unknown[0], "must be of an instrument that is given")
    return [(name, c, float(sizes.get(name, 1.0))) for name, c in (instruments or {}).items()]


def _restored(kind: type[Inventory], image: bytes, find_fill: FindFill | None) -> Inventory:
    """What pickle makes of an inventory."""
    return kind.restore(image, find_fill=find_fill)


_MEASURE_NUMBER = {name: j for j, name in enumerate(MEASURES)}


class Inventory:
    """Positions, money, exposures and limits of a market maker, kept right event by event.

    `apply` takes an event of `hedgerow.live.events`: True when it is new, False when it was counted
    before; a bad one raises InvalidInput and changes nothing. Fills are counted exactly: quantities
    are whole lots, money is fixed-point, so their order never shows in quantities, cash or profit.

    Positions are added up at nodes, one for every combination of the keys of a dimension:
    "underlying", "expiry", "tenor", "strike", "right", "kind", "currency" and the labels of owners,
    which are "account", "venue" and the tags named in `tags`. `net(*keys)` is the netting by a
    dimension, `node(...)` one node of it; both are those of `hr.value(book(), market())` up to
    rounding. Money is in the market's reporting currency, Greeks are raw derivatives
    (docs/conventions.md). Money an owner has counts as a position: coins held are delta.

    Parameters
    ----------
        market: the market at the beginning; its as_of is the time of the inventory.
        instruments: contracts by name; Listing events add more.
        lots: contracts per lot, by name; 1 where not given.
        tags: names of the tags of events that tell owners apart; others are not kept.
        dimensions: at most eight tuples of keys; () is everything together.
        tenors: days to expiry that end each tenor but the last.
        betas: by underlying, for dimensions without "underlying": their delta, gamma and vanna are
            then beta-weighted dollar measures, and NaN without betas where underlyings mix.
        find_fill: (venue, trade id) -> the fill, for busts and corrections. Without it the
            inventory keeps every fill that it applied.

    Raises InvalidInput on anything that does not fit.

    """

    def __init__(
        self,
        market: Snapshot,
        instruments: Mapping[str, Contract] | None = None,
        *,
        lots: Mapping[str, float] | None = None,
        tags: Sequence[str] = (),
        dimensions: Sequence[Keys] = ((), ("underlying",), ("underlying", "expiry")),
        tenors: Sequence[float] = (1, 7, 30, 90, 180, 365),
        betas: Mapping[str, float] | None = None,
        find_fill: FindFill | None = None,
    ) -> None:
        core = _core.Inventory(
            market,
            listing(instruments, lots),
            ["account", "venue", *tags],
            [list(keys) for keys in dimensions],
            [float(days) for days in tenors],
            dict(betas or {}),
        )
        self._begin(core, find_fill, {}, {})

    def _begin(
        self,
        core: _core.Inventory,
        find_fill: FindFill | None,
        fills: dict[tuple[str, str], events.Fill],
        corrected: dict[tuple[str, str], tuple[str, events.Fill]],
    ) -> None:
        labels, dimensions, _, _ = core.setup
        self._core = core
        self.labels = tuple(labels)
        self.tags = self.labels[2:]
        self.dimensions = tuple(tuple(keys) for keys in dimensions)
        self._limits = core.limits
        self._find_fill = find_fill
        self._fills = fills
        self._corrected = corrected
        self._apply: dict[type, Callable[[Any, bool], bool]] = {
            events.Listing: self._listing,
            events.Fill: self._fill,
            events.Bust: self._bust,
            events.Correction: self._correction,
            events.OrderPlaced: self._order_placed,
            events.OrderAmended: self._order_amended,
            events.OrderCancelled: self._order_cancelled,
            events.Tick: self._tick,
            events.MarketUpdate: self._market_update,
            events.Funding: self._funding,
            events.CashMovement: self._cash_movement,
            events.Transfer: self._transfer,
            events.Exercise: self._exercise,
            events.Settlement: self._settlement,
            events.Clock: self._clock,
        }

    # ---- its state ----

    def image(self) -> bytes:
        """All of its state as bytes, for restore(): versioned, and known where they are damaged.

        That is the ledger to the bit, ids of events counted, live orders, limits with their levels,
        protections with their windows, what nodes were given, the market, the time, and the fills
        that it keeps for busts (none with `find_fill`). 24 bytes an event counted, 100 a position.
        """
        fills = self._fills.values() if self.keeps_fills else None
        return pack(self._core, fills, self._corrected)

    @classmethod
    def restore(cls, image: bytes, *, find_fill: FindFill | None = None) -> Self:
        """The inventory of an image: what follows goes as if it had never stopped.

        Its nodes are added up anew, as by rebuild(): they lose the rounding that the original has
        gathered. Raises InvalidInput where the image is damaged or another version's, or where
        `find_fill` is missing and the original had one.
        """
        core, fills, corrected = unpack(image)
        if fills is None and find_fill is None:
            raise InvalidInput("find_fill", None, "must be given, as to the original")
        inventory = cls.__new__(cls)
        inventory._begin(core, find_fill, {} if find_fill else fills or {}, corrected)
        return inventory

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.image(), self._find_fill)

    @property
    def keeps_fills(self) -> bool:
        """Whether it keeps every fill for busts to come, having no `find_fill`."""
        return self._find_fill is None

    # ---- events ----

    def apply(self, event: Event) -> bool:
        """Takes an event. True when it is new; raises InvalidInput when it can't be."""
        known = self._core.known_names
        try:
            return self._apply[type(event)](event, False)
        except InvalidInput:
            self._core.forget_names(*known)  # the event's account or currency may have been new
            raise

    def accepts(self, event: Event) -> bool:
        """What apply() would return or raise; nothing changes."""
        known = self._core.known_names
        try:
            return self._apply[type(event)](event, True)
        finally:
            self._core.forget_names(*known)

    def _owner(self, account: str, venue: str, tags: Tags) -> int:
        return self._core.owner([account, venue, *(tags.get(name, "") for name in self.tags)])

    def _listing(self, event: events.Listing, check: bool) -> bool:
        listed = [(event.instrument, event.contract, event.lot)]
        return self._core.add_instruments(listed, event.time, check=check)

    def _count(self, fill: events.Fill, trade_id: str, check: bool) -> bool:
        """A fill enters the ledger under an id."""
        return self._core.fill(
            fill.venue,
            trade_id,
            fill.time,
            self._owner(fill.account, fill.venue, fill.tags),
            self._core.instrument(fill.instrument),
            fill.quantity,
            fill.price,
            fill.fee,
            self._core.currency(fill.fee_currency) if fill.fee_currency else None,
            fill.order_id or None,
            check=check,
        )

    def _withdraw(self, fill: events.Fill, trade_id: str, time: np.datetime64, check: bool) -> bool:
        """A fill leaves the ledger."""
        return self._core.bust(
            fill.venue,
            trade_id,
            time,
            self._owner(fill.account, fill.venue, fill.tags),
            self._core.instrument(fill.instrument),
            fill.quantity,
            fill.price,
            fill.fee,
            self._core.currency(fill.fee_currency) if fill.fee_currency else None,
            check=check,
        )

    def _fill(self, event: events.Fill, check: bool) -> bool:
        new = self._count(event, event.trade_id, check)
        if new and not check and self.keeps_fills:
            self._fills[event.venue, event.trade_id] = event
        return new

    def _as_counted(self, venue: str, trade_id: str) -> tuple[str, events.Fill]:
        """The id and the terms that a fill has in the ledger now."""
        if (venue, trade_id) in self._corrected:
            return self._corrected[venue, trade_id]
        find = self._find_fill or (lambda venue, trade_id: self._fills.get((venue, trade_id)))
        fill = find(venue, trade_id)
        if fill is None:
            raise InvalidInput("trade_id", trade_id, f"must be of a fill at {venue}")
        return trade_id, fill

    def _bust(self, event: events.Bust, check: bool) -> bool:
        trade_id, fill = self._as_counted(event.venue, event.trade_id)
        return self._withdraw(fill, trade_id, event.time, check)

    def _correction(self, event: events.Correction, check: bool) -> bool:
        trade_id, fill = self._as_counted(event.venue, event.trade_id)
        new_id = " ".join(events.identity(event) or ())
        corrected = replace(
            fill,
            time=event.time,
            quantity=event.quantity,
            price=event.price,
            fee=event.fee,
            order_id="",
        )
        if not self._count(corrected, new_id, True):
            return False
        if not self._withdraw(fill, trade_id, event.time, True):
            raise InvalidInput("trade_id", event.trade_id, "must not be of a busted fill")
        if not check:
            self._withdraw(fill, trade_id, event.time, False)
            self._count(corrected, new_id, False)
            self._corrected[event.venue, event.trade_id] = new_id, corrected
        return True

    def _order_placed(self, event: events.OrderPlaced, check: bool) -> bool:
        return self._core.place(
            event.venue,
            event.order_id,
            event.time,
            self._owner(event.account, event.venue, event.tags),
            self._core.instrument(event.instrument),
            event.quantity,
            event.price,
            check=check,
        )

    def _order_amended(self, event: events.OrderAmended, check: bool) -> bool:
        at = (event.venue, event.order_id, event.time, event.quantity, event.price)
        return self._core.amend(*at, check=check)

    def _order_cancelled(self, event: events.OrderCancelled, check: bool) -> bool:
        return self._core.cancel(event.venue, event.order_id, event.time, check=check)

    def _tick(self, event: events.Tick, check: bool) -> bool:
        self._core.move(event.underlying, event.spot, event.time, check=check)
        return True

    def _market_update(self, event: events.MarketUpdate, check: bool) -> bool:
        self._core.update(event.market, event.time, check=check)
        return True

    def _funding(self, event: events.Funding, check: bool) -> bool:
        owners = [o for o, labels in enumerate(self._core.owners) if labels[1] == event.venue]
        instrument = self._core.instrument(event.instrument)
        return self._core.fund(
            event.venue, event.event_id, event.time, owners, instrument, event.amount, check=check
        )

    def _cash_movement(self, event: events.CashMovement, check: bool) -> bool:
        owner = self._owner(event.account, event.venue, {})
        return self._core.pay(
            event.venue,
            event.event_id,
            event.time,
            owner,
            event.currency,
            event.amount,
            _PAYMENTS[event.reason],
            check=check,
        )

    def _transfer(self, event: events.Transfer, check: bool) -> bool:
        return self._core.transfer(
            event.event_id,
            event.time,
            self._owner(event.from_account, event.from_venue, event.from_tags),
            self._owner(event.to_account, event.to_venue, event.to_tags),
            self._core.instrument(event.instrument),
            event.quantity,
            event.price,
            check=check,
        )

    def _exercise(self, event: events.Exercise, check: bool) -> bool:
        instrument = self._core.instrument(event.instrument)
        delivered = None
        if event.physical:
            option = self._core.instruments[instrument][1]
            if not isinstance(option, _core.Option):
                raise InvalidInput("instrument", event.instrument, "must be an option")
            spot = _core.Spot(option.underlying, option.quote_currency)
            numbers = [i for i, (_, c, _) in enumerate(self._core.instruments) if c == spot]
            if not numbers:
                raise InvalidInput("physical", True, "must be False: no underlying is listed")
            delivered = numbers[0]
        return self._core.exercise(
            event.venue,
            event.event_id,
            event.time,
            self._owner(event.account, event.venue, event.tags),
            instrument,
            event.quantity,
            event.settlement_price,
            delivered,
            check=check,
        )

    def _settlement(self, event: events.Settlement, check: bool) -> bool:
        at = (event.event_id, event.time, event.underlying, event.expiry, event.fixing, event.price)
        return self._core.settle(*at, check=check)

    def _clock(self, event: events.Clock, check: bool) -> bool:
        self._core.advance(event.time, check=check)
        return True

    # ---- what is netted ----

    @property
    def now(self) -> np.datetime64:
        """The time of the last event."""
        return self._core.now

    def _dimension(self, keys: Keys) -> int:
        if tuple(keys) not in self.dimensions:
            raise InvalidInput("keys", tuple(keys), f"must be one of {self.dimensions}")
        return self.dimensions.index(tuple(keys))

    def net(self, *keys: str, measures: Sequence[str] = MEASURES) -> Frame:
        """The nodes of a dimension: its keys, counts of positions, and measures as columns.

        `positions` are open ones and owners' money, `excluded` those that can't be valued.
        """
        if unknown := [name for name in measures if name not in MEASURES]:
            raise InvalidInput("measures", unknown[0], f"must be of {', '.join(MEASURES)}")
        _, labels, open_, excluded, lines = self._core.nodes(self._dimension(keys))
        columns: dict[str, Any] = {
            key: np.array([row[j] for row in labels], dtype=object) for j, key in enumerate(keys)
        }
        columns |= {"positions": open_, "excluded": excluded}
        columns |= {name: lines[:, _MEASURE_NUMBER[name]] for name in measures}
        return Frame(columns)

    def node(self, **labels: str) -> InventoryNode:
        """The node of these labels, as underlying="BTC"; without any it is everything together.

        Its measures are attributes, and always those of now: a read costs one call. Raises
        InvalidInput where there is no such dimension or no position has been.
        """
        for number, keys in enumerate(self.dimensions):
            if set(keys) == set(labels):
                values = [labels[key] for key in keys]
                node = self._core.node(number, values)
                if node is None:
                    raise InvalidInput("labels", values, "must be of a node with positions")
                return node
        raise InvalidInput("keys", tuple(labels), f"must be one of {self.dimensions}")

    def _owned(self, owners: npt.NDArray[np.uint32]) -> dict[str, Any]:
        labels = self._core.owners
        return {
            name: np.array([labels[o][j] for o in owners], dtype=object)
            for j, name in enumerate(self.labels)
        }

    def positions(self) -> Frame:
        """Every position that was ever held, in contracts and in the contract's currency.

        `traded` is minus the worth of all that was bought: with the value of what is held it is the
        whole profit. `realized` is by average cost, `realized_fifo` first in, first out.
        """
        columns = self._core.positions()
        names = [name for name, _, _ in self._core.instruments]
        instruments = np.array([names[i] for i in columns.pop("instrument")], dtype=object)
        owned = self._owned(columns.pop("owner"))
        return Frame({**owned, "instrument": instruments, **columns})

    def balances(self) -> Frame:
        """Money by owner and currency: cash, of it invested; fees and funding paid."""
        columns = self._core.balances()
        return Frame({**self._owned(columns.pop("owner")), **columns})

    def open_lots(
        self, instrument: str, *, account: str, venue: str, tags: Tags | None = None
    ) -> list[tuple[float, float]]:
        """(quantity, price) of the open lots of a position, oldest first."""
        owner = self._owner(account, venue, tags or {})
        return self._core.open_lots(owner, self._core.instrument(instrument))

    def status(self, instrument: str) -> Status:
        """Why an instrument is left out of the nodes; OK or EXPIRED where it is not."""
        return Status(self._core.status(self._core.instrument(instrument)))

    def spot(self, underlying: str) -> float:
        """The spot of an underlying now."""
        return self._core.spot(underlying)

    def book(self) -> Book:
        """All positions and money as a Book, tagged by owner."""
        return Book(self._core.book())

    def market(self) -> Snapshot:
        """The market of the last update or clock at the spots of the last ticks."""
        return self._core.market()

    def rebuild(self) -> None:
        """Adds everything up again: sums that were kept event by event lose their rounding."""
        self._core.rebuild()

    # ---- limits and orders ----

    def set_limit(
        self,
        measure: str,
        keys: Keys = (),
        labels: Sequence[str] | None = None,
        *,
        hard: float | tuple[float, float] = inf,
        soft: float | tuple[float, float] | None = None,
        hysteresis: float = 0.0,
    ) -> int:
        """Bounds a measure at one node of a dimension, or at all of them where `labels` is None.

        A number bounds both sides, (low, high) each on its own; `soft` is `hard` where not given. A
        breach ends when the measure is back inside by `hysteresis`, in its own unit. A limit that
        is set already stays as it is. Returns the limit's number.
        """
        hard_low, hard_high = hard if isinstance(hard, tuple) else (-hard, hard)
        inner = hard if soft is None else soft
        soft_low, soft_high = inner if isinstance(inner, tuple) else (-inner, inner)
        bounds = [hard_low, soft_low, soft_high, hard_high]
        dimension = self._dimension(keys)
        number = self._core.set_limit(dimension, list(labels or ()), measure, bounds, hysteresis)
        self._limits = self._core.limits
        return number

    def set_protection(
        self,
        keys: Keys = (),
        labels: Sequence[str] | None = None,
        *,
        window: float,
        freeze: float = 0.0,
        quantity: float = inf,
        delta: float = inf,
        vega: float = inf,
    ) -> int:
        """Market maker protection: more fills than this within `window` seconds freeze a node.

        `quantity` is of options, in units of the underlying, unsigned; delta and vega are of the
        fills together. A freeze lasts `freeze` seconds, or until unfreeze() where 0.
        """
        seconds = 1_000_000_000
        return self._core.set_protection(
            self._dimension(keys),
            list(labels or ()),
            round(window * seconds),
            round(freeze * seconds),
            quantity,
            delta,
            vega,
        )

    def _limited(self, rows: Iterable[tuple[Any, ...]], names: Sequence[str]) -> Frame:
        columns: dict[str, list[Any]] = {name: [] for name in ("limit", "node", "measure", *names)}
        for limit, node, *rest in rows:
            _, labels = self._core.node_name(node)
            values = (limit, "/".join(labels) or "all", self._limits[limit][1], *rest)
            for name, value in zip(columns, values, strict=True):
                columns[name].append(value)
        return Frame({name: np.array(values) for name, values in columns.items()})

    def limits(self) -> Frame:
        """Every limit at every node that it bounds: level, since when, value, peak of a breach."""
        names = ("level", "since", "value", "peak")
        return self._limited(self._core.limit_states, names)

    def take_limit_changes(self) -> Frame:
        """Levels that changed since this was asked last, oldest first."""
        return self._limited(self._core.take_changes(), ("before", "after", "value", "time"))

    def check_order(self, order: events.OrderPlaced) -> OrderCheck:
        """Whether an order may be placed: with all live orders filled that move a measure its way.

        Each at its price, fees aside: what would be paid counts, at the nodes of the money too.
        An order that brings a measure back inside its bound is never refused for that measure.
        """
        outcome, node, limit, value = self._core.check_order(
            order.venue,
            order.order_id,
            self._owner(order.account, order.venue, order.tags),
            self._core.instrument(order.instrument),
            order.quantity,
            order.price,
        )
        if outcome in ("allowed", "closed"):
            return OrderCheck(outcome)
        dimension, labels = self._core.node_name(node)
        keys = self.dimensions[dimension]
        if outcome == "frozen":
            return OrderCheck(outcome, tuple(labels), keys)
        return OrderCheck(outcome, tuple(labels), keys, self._limits[limit][1], value)

    @property
    def live_orders(self) -> int:
        """How many orders are live."""
        return self._core.live_orders

    def unfreeze(self, node: InventoryNode) -> None:
        """Ends a freeze of market maker protection."""
        self._core.unfreeze(node.number)

    def __repr__(self) -> str:
        keys = self.dimensions[min(1, len(self.dimensions) - 1)]
        frame = self.net(*keys, measures=("value", "delta", "vega", "pnl"))
        return f"Inventory at {self.now}\n{format_table(frame.to_dict(), len(frame))}"
