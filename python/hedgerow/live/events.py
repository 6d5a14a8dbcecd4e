"""What happens to a live inventory: immutable events, checked where they are made.

Every event has the `time` at which it happened at its venue: numpy.datetime64[ns], UTC; the
constructors take ISO 8601 text and aware datetimes too. Quantities are in contracts, signed: + is
bought. Prices are as the contract's venue quotes them. Arguments are given by name; a bad one
raises InvalidInput naming the argument, the value and the rule.

Events that a venue numbers are idempotent: `identity` says what makes two of them the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter
from typing import Annotated, Any, ClassVar, TypeAlias, get_args, get_type_hints

import numpy as np

from hedgerow import _core
from hedgerow.errors import InvalidInput
from hedgerow.live import fields as read


class CashReason(StrEnum):
    """Why an account's cash changed without a trade."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    FEE = "fee"
    REBATE = "rebate"
    INTEREST = "interest"
    ADJUSTMENT = "adjustment"


Instant: TypeAlias = Annotated[np.datetime64, read.read_instant]
Number: TypeAlias = Annotated[float, read.read_number]
NonZero: TypeAlias = Annotated[float, read.read_nonzero]
Positive: TypeAlias = Annotated[float, read.read_positive]
Name: TypeAlias = Annotated[str, read.read_name]
Label: TypeAlias = Annotated[str, read.read_label]
Tags: TypeAlias = Annotated[Mapping[str, str], read.read_tags]
Flag: TypeAlias = Annotated[bool, read.read_flag]
Terms: TypeAlias = Annotated[_core.Contract, read.read_contract]
Market: TypeAlias = Annotated[_core.Snapshot, read.read_snapshot]
Reason: TypeAlias = Annotated[CashReason, read.read_choice(CashReason)]

Identity: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """What all events share: the time, and that their fields are read when they are made."""

    wire: ClassVar[str]  # the name in a journal: never changes
    version: ClassVar[int] = 1  # of the fields in a journal
    time: Instant

    def __post_init__(self) -> None:
        names, values, readers = _READERS[type(self)]
        for name, value, reader in zip(names, values(self), readers, strict=True):
            known = reader(name, value)
            if known is not value:
                object.__setattr__(self, name, known)

    def _identity(self) -> Identity | None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(_Event):
    """An instrument becomes known: quantities of it are whole multiples of `lot` contracts."""

    wire = "listing"
    instrument: Name
    contract: Terms
    lot: Positive

    def _identity(self) -> Identity:
        return "listing", "", self.instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill(_Event):
    """A trade of ours. A fee paid is positive, a rebate negative; "" is the contract's currency."""

    wire = "fill"
    venue: Name
    trade_id: Name
    account: Name
    instrument: Name
    quantity: NonZero
    price: Number
    fee: Number = 0.0
    fee_currency: Label = ""
    order_id: Label = ""
    tags: Tags = read.NO_TAGS

    def _identity(self) -> Identity:
        return "fill", self.venue, self.trade_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Bust(_Event):
    """The venue cancels a fill: it has never been."""

    wire = "bust"
    venue: Name
    trade_id: Name

    def _identity(self) -> Identity:
        return "bust", self.venue, self.trade_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction(_Event):
    """The venue replaces the terms of a fill: it has always been so."""

    wire = "correction"
    venue: Name
    trade_id: Name
    quantity: NonZero
    price: Number
    fee: Number

    def _identity(self) -> Identity:
        terms = f"{self.time.item()} {self.quantity!r} {self.price!r} {self.fee!r}"
        return "correction", self.venue, f"{self.trade_id} {terms}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(_Event):
    """An order of ours rests in the market; the quantity is signed, and what remains of it."""

    wire = "order_placed"
    venue: Name
    order_id: Name
    account: Name
    instrument: Name
    quantity: NonZero
    price: Number
    tags: Tags = read.NO_TAGS

    def _identity(self) -> Identity:
        return "order_placed", self.venue, self.order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAmended(_Event):
    """An order of ours has another quantity, signed and remaining, or another price."""

    wire = "order_amended"
    venue: Name
    order_id: Name
    quantity: NonZero
    price: Number

    def _identity(self) -> Identity:
        terms = f"{self.time.item()} {self.quantity!r} {self.price!r}"
        return "order_amended", self.venue, f"{self.order_id} {terms}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(_Event):
    """An order of ours rests no more."""

    wire = "order_cancelled"
    venue: Name
    order_id: Name

    def _identity(self) -> Identity:
        return "order_cancelled", self.venue, self.order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(_Event):
    """The spot of an underlying moved."""

    wire = "tick"
    underlying: Name
    spot: Positive


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketUpdate(_Event):
    """The whole new market: forwards, smiles, rates."""

    wire = "market_update"
    market: Market


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding(_Event):
    """What one contract held long paid, in the contract's currency; negative: received."""

    wire = "funding"
    venue: Name
    event_id: Name
    instrument: Name
    amount: Number

    def _identity(self) -> Identity:
        return "funding", self.venue, self.event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMovement(_Event):
    """An account's cash changed by `amount`: + came in. Fees paid are negative here."""

    wire = "cash_movement"
    venue: Name
    event_id: Name
    account: Name
    currency: Name
    amount: NonZero
    reason: Reason

    def __post_init__(self) -> None:
        _Event.__post_init__(self)  # slots: super() would name a class that is replaced
        sign = {CashReason.DEPOSIT: 1.0, CashReason.WITHDRAWAL: -1.0}.get(self.reason, 0.0)
        if self.amount * sign < 0.0:
            rule = f"must be {'positive' if sign > 0 else 'negative'} in a {self.reason}"
            raise InvalidInput("amount", self.amount, rule)

    def _identity(self) -> Identity:
        return "cash_movement", self.venue, self.event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(_Event):
    """A position of ours moves at a stated price; the totals of the firm stay as they are.

    `quantity` is what arrives, signed, and leaves the place that it comes from.
    """

    wire = "transfer"
    event_id: Name
    instrument: Name
    quantity: NonZero
    price: Number
    from_venue: Name
    from_account: Name
    from_tags: Tags = read.NO_TAGS
    to_venue: Name
    to_account: Name
    to_tags: Tags = read.NO_TAGS

    def __post_init__(self) -> None:
        _Event.__post_init__(self)
        origin = (self.from_venue, self.from_account, self.from_tags)
        if origin == (self.to_venue, self.to_account, self.to_tags):
            raise InvalidInput("to_account", self.to_account, "must differ in place or tags")

    def _identity(self) -> Identity:
        return "transfer", "", self.event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise(_Event):
    """Options closed by exercise of a long or assignment of a short.

    `quantity` is the change of the option position, as in a fill: negative for an exercise,
    positive for an assignment. `settlement_price` is the underlying's; `physical`: the underlying
    is delivered at the strike.
    """

    wire = "exercise"
    venue: Name
    event_id: Name
    account: Name
    instrument: Name
    quantity: NonZero
    settlement_price: Positive
    physical: Flag
    tags: Tags = read.NO_TAGS

    def _identity(self) -> Identity:
        return "exercise", self.venue, self.event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement(_Event):
    """All that expires on (underlying, expiry, fixing) settles from one price, at once."""

    wire = "settlement"
    event_id: Name
    underlying: Name
    expiry: Instant
    fixing: Label
    price: Positive

    def _identity(self) -> Identity:
        return "settlement", "", self.event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(_Event):
    """Time went on, and nothing else happened: what decays has decayed."""

    wire = "clock"


Event: TypeAlias = (
    Listing
    | Fill
    | Bust
    | Correction
    | OrderPlaced
    | OrderAmended
    | OrderCancelled
    | Tick
    | MarketUpdate
    | Funding
    | CashMovement
    | Transfer
    | Exercise
    | Settlement
    | Clock
)


def identity(event: Event) -> Identity | None:
    """What makes two events the same one: (kind, venue, id); None for what is no one's double.

    A listing is known by its instrument, a fill, a bust and an order by the venue's id, other
    events by their event_id. A trade can be corrected and an order amended again and again: these
    are known by their time and terms too. Transfers and settlements are of no venue. Ticks, clocks
    and market updates have no identity: the same again changes nothing.
    """
    return event._identity()


_Readers: TypeAlias = tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]], list[read.Reader]]


def _readers(kind: type[_Event]) -> _Readers:
    names = tuple(field.name for field in fields(kind))
    hints = get_type_hints(kind, include_extras=True)
    # attrgetter of one name gives no tuple: it is asked for twice, and zip would not be content.
    values = attrgetter(*names) if len(names) > 1 else lambda event: (event.time,)
    return names, values, [hints[name].__metadata__[0] for name in names]


_READERS: dict[type[_Event], _Readers] = {kind: _readers(kind) for kind in get_args(Event)}
