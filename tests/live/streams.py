"""Hypothesis strategies: events of every kind for a journal, streams of them for a ledger."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args, get_type_hints

import numpy as np
from hypothesis import strategies as st
from tests.strategies import CONTRACTS, market

import hedgerow as hr
from hedgerow import live

KINDS = get_args(live.Event)

instants = st.integers(-(2**63) + 1, 2**63 - 1).map(lambda ns: np.datetime64(ns, "ns"))
numbers = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(min_value=5e-324, allow_infinity=False)
nonzero = positive | positive.map(lambda x: -x)
printable = st.characters(exclude_categories=["C", "Z"], include_characters=" ")
labels = st.text(printable, max_size=8)
names = st.text(printable, min_size=1, max_size=8)
tags = st.dictionaries(names, names, max_size=3)

BY_RULE: dict[str, st.SearchStrategy[Any]] = {
    "read_instant": instants,
    "read_number": numbers,
    "read_nonzero": nonzero,
    "read_positive": positive,
    "read_name": names,
    "read_label": labels,
    "read_tags": tags,
    "read_flag": st.booleans(),
    "read_contract": st.sampled_from(CONTRACTS),
    "read_snapshot": st.builds(market, st.floats(1e3, 1e6), st.floats(100.0, 1e4)),
    "read": st.sampled_from(live.CashReason),
}


def arguments(kind: type[live.Event]) -> dict[str, st.SearchStrategy[Any]]:
    """What each argument of a constructor may be, from the rule that its field states."""
    hints = get_type_hints(kind, include_extras=True)
    rules = {field.name: hints[field.name].__metadata__[0].__name__ for field in fields(kind)}
    return {name: BY_RULE[rule] for name, rule in rules.items()}


def _sensible(given: dict[str, Any]) -> bool:
    """Whether the rules between fields hold."""
    if "to_tags" in given:
        places = [[given[f"{end}_{x}"] for x in ("venue", "account", "tags")] for end in END]
        return places[0] != places[1]
    sign = {"deposit": 1, "withdrawal": -1}.get(given.get("reason", ""), 0)
    return sign * given.get("amount", 0.0) >= 0.0


END = ("from", "to")


def events(kind: type[live.Event]) -> st.SearchStrategy[live.Event]:
    """Any event of a kind."""
    return st.fixed_dictionaries(arguments(kind)).filter(_sensible).map(lambda it: kind(**it))


any_event = st.one_of([events(kind) for kind in KINDS])


# ---- a small world for ledgers ----

OPEN = np.datetime64("2026-01-05T12:00:00", "ns")
EXPIRY = np.datetime64("2026-01-30T08:00:00", "ns")
WORLD: dict[str, tuple[hr.Contract, float]] = {  # contract, lot
    "SPX-C": (hr.Option("SPX", EXPIRY, 100.0, "call", multiplier=100), 1.0),
    "SPX-P": (hr.Option("SPX", EXPIRY, 110.0, "put", multiplier=100), 1.0),
    "SPX-F": (hr.Future("SPX", EXPIRY, multiplier=50), 1.0),
    "SPX": (hr.Spot("SPX", "USD"), 1.0),
    "BTC-C": (hr.Option("BTC", EXPIRY, 96.0, "call", settlement="inverse"), 0.1),
    "BTC-P": (hr.Option("BTC", EXPIRY, 128.0, "put", settlement="inverse"), 0.1),
    "BTC-F": (hr.Future("BTC", EXPIRY, settlement="inverse", multiplier=10), 1.0),
    "BTC-PERP": (hr.Perpetual("BTC", settlement="inverse", multiplier=10), 10.0),
    "ETH-PERP": (hr.Perpetual("ETH", quote_currency="USDC", currency="USDC"), 0.001),
}
LISTINGS: list[live.Event] = [
    live.Listing(time=OPEN, instrument=name, contract=contract, lot=lot)
    for name, (contract, lot) in WORLD.items()
]
PRICES = [0.25, 1.0, 3.3, 64.0, 100.0, 104.7]
venues, accounts = st.sampled_from(["x", "y"]), st.sampled_from(["a", "b"])
strategies = st.sampled_from([{}, {"strategy": "mm"}, {"strategy": "hedge", "trader": "t"}])
instruments = st.sampled_from(list(WORLD))
prices = st.sampled_from(PRICES)


@st.composite
def quantities(draw: st.DrawFn, instrument: str) -> float:
    """A whole number of lots, as a float that a venue would send."""
    return float(round(draw(st.integers(-20, 20).filter(bool)) * WORLD[instrument][1], 9))


@st.composite
def fills(draw: st.DrawFn, number: int) -> live.Fill:
    """A fill that a ledger of WORLD takes."""
    instrument = draw(instruments)
    return live.Fill(
        time=OPEN + np.timedelta64(number, "ms"),
        venue=draw(venues),
        trade_id=f"T{number}",
        account=draw(accounts),
        instrument=instrument,
        quantity=draw(quantities(instrument)),
        price=draw(prices),
        fee=draw(st.sampled_from([0.0, 0.02, -0.005])),
        fee_currency=draw(st.sampled_from(["", "USD", "FEE"])),
        tags=draw(strategies),
    )


@st.composite
def happenings(draw: st.DrawFn, number: int, trades: list[live.Fill]) -> live.Event:
    """Something that happens to a ledger after these trades; not all of it may be allowed."""
    time = OPEN + np.timedelta64(number, "ms")
    chosen = draw(st.sampled_from(["fill"] * 5 + ["funding", "cash", "transfer", "exercise"]))
    if trades and draw(st.integers(0, 5)) == 0:
        chosen = draw(st.sampled_from(["bust", "correction", "exercise", "again"]))
    trade = draw(st.sampled_from(trades)) if trades else draw(fills(number))
    named: dict[str, Any] = {"time": time, "venue": trade.venue}
    event_id = f"E{number}"
    match chosen:
        case "again":
            return trade
        case "bust":
            return live.Bust(**named, trade_id=trade.trade_id)
        case "correction":
            quantity = draw(quantities(trade.instrument))
            terms = {"quantity": quantity, "price": draw(prices), "fee": draw(prices)}
            return live.Correction(**named, trade_id=trade.trade_id, **terms)
        case "funding":
            amount = draw(st.sampled_from([0.001, -0.5]))
            where = {"instrument": trade.instrument, "amount": amount}
            return live.Funding(**named, event_id=event_id, **where)
        case "cash":
            where = {"account": trade.account, "currency": draw(st.sampled_from(["USD", "BTC"]))}
            amount, reason = draw(st.sampled_from([(5.0, "deposit"), (-2.5, "fee")]))
            return live.CashMovement(
                **named, event_id=event_id, **where, amount=amount, reason=live.CashReason(reason)
            )
        case "transfer":
            return live.Transfer(
                time=time,
                event_id=event_id,
                instrument=trade.instrument,
                quantity=draw(quantities(trade.instrument)),
                price=draw(prices),
                from_venue=trade.venue,
                from_account=trade.account,
                from_tags=trade.tags,
                to_venue=draw(venues),
                to_account="c",
                to_tags=draw(strategies),
            )
        case "exercise":
            return live.Exercise(
                **named,
                event_id=event_id,
                account=trade.account,
                instrument=trade.instrument,
                quantity=-trade.quantity,
                settlement_price=draw(prices),
                physical=draw(st.booleans()),
                tags=trade.tags,
            )
    return draw(fills(number))


def settlement(underlying: str, price: float) -> live.Settlement:
    """The end of all that WORLD has on this underlying and expires."""
    return live.Settlement(
        time=EXPIRY,
        event_id=f"S-{underlying}",
        underlying=underlying,
        expiry=EXPIRY,
        fixing="",
        price=price,
    )


@st.composite
def days(draw: st.DrawFn, most: int = 30) -> list[live.Event]:
    """What a ledger of WORLD may see; bad events are among it, for it to refuse."""
    stream: list[live.Event] = []
    trades: list[live.Fill] = []
    for number in range(draw(st.integers(0, most))):
        event = draw(happenings(number, trades))
        stream.append(event)
        if isinstance(event, live.Fill):
            trades.append(event)
    for underlying in draw(st.lists(st.sampled_from(["SPX", "BTC"]), max_size=2)):
        place = draw(st.integers(0, len(stream)))
        stream.insert(place, settlement(underlying, draw(st.sampled_from([100.0, 104.7]))))
    return stream
