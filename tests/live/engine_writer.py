"""Engines to kill: writers as in writer.py whose events are applied to an inventory too."""

from __future__ import annotations

import os
import random
from functools import cache

import numpy as np
from tests.live import writer
from tests.strategies import AS_OF, EXPIRIES, market

import hedgerow as hr
from hedgerow import live

CALL = hr.Option("BTC", EXPIRIES[1], 90_000.0, "call", settlement="inverse")
SETUP = {
    "instruments": {
        "call": CALL,
        "put": hr.Option("SPX", EXPIRIES[2], 3_800.0, "put", multiplier=100),
        "perpetual": hr.Perpetual("BTC", settlement="inverse", multiplier=10),
        "future": hr.Future("SPX", EXPIRIES[2], multiplier=50),
    },
    "lots": {"call": 0.1},
    "tags": ("strategy",),
    "dimensions": ((), ("underlying",), ("underlying", "expiry"), ("account", "venue")),
}
PRICES = {"call": 0.05, "put": 90.0, "perpetual": 9e4, "future": 3_800.0}


@cache
def first_market() -> hr.Snapshot:
    return market()


def event(sequence: int) -> live.Event:
    """The event of this number: one that any engine takes after those before it."""
    if sequence == 1:
        return live.MarketUpdate(time=AS_OF, market=first_market())
    chance = random.Random(sequence)
    time = AS_OF + np.timedelta64(sequence, "us")
    kind, venue = chance.random(), chance.choice(["deribit", "okx"])
    name = chance.choice(sorted(PRICES))
    if kind < 0.25:
        underlying, spot = chance.choice([("BTC", 9e4), ("SPX", 3.8e3)])
        return live.Tick(time=time, underlying=underlying, spot=spot * chance.uniform(0.9, 1.1))
    if kind < 0.3:
        return live.CashMovement(
            time=time, venue=venue, event_id=f"{sequence}", account="main", amount=-0.125,
            currency=chance.choice(["USD", "BTC", "EUR"]), reason=live.CashReason.FEE,
        )  # fmt: skip
    if kind < 0.4:
        return live.OrderPlaced(
            time=time, venue=venue, order_id=f"{sequence}", account="main", instrument=name,
            quantity=chance.choice([-2.0, 3.0]), price=PRICES[name],
        )  # fmt: skip
    return live.Fill(
        time=time, venue=venue, trade_id=f"{sequence}", account=chance.choice(["main", "other"]),
        instrument=name, quantity=chance.choice([-2.0, -1.0, 1.0, 3.0]),
        price=PRICES[name] * chance.uniform(0.9, 1.1), fee=chance.uniform(-0.1, 0.3),
        order_id=f"{chance.randrange(2, sequence + 1)}",
        tags={"strategy": chance.choice(["mm", "hedge"])},
    )  # fmt: skip


def run(path: str, durability: str) -> None:
    """Applies events until it is killed."""
    os.write(1, f"{os.getpid()}\n".encode())
    engine = live.Engine.open(live.Journal(path, durability), first_market(), **SETUP)
    while True:
        sequence = engine.journal.last_sequence + 1
        assert engine.apply(event(sequence))
        os.write(1, f"{sequence}\n".encode())


if __name__ == "__main__":
    writer.serve(run)
