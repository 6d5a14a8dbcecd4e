"""A small day of a maker in the market of the Bitcoin example, for a monitor to watch."""

from __future__ import annotations

import random
from functools import lru_cache
from pathlib import Path

import numpy as np

import hedgerow as hr
from hedgerow import live

DATA = Path(__file__).parents[2] / "examples" / "data"
OWNER = {"venue": "Deribit", "account": "maker"}


@lru_cache(1)
def market() -> hr.Snapshot:
    return hr.read_quotes(DATA / "btc_20260318_quotes.csv").snapshot()


def at(seconds: float) -> np.datetime64:
    return market().as_of + np.timedelta64(round(seconds * 1000), "ms")


@lru_cache(1)
def prices() -> dict[str, float]:
    """What options of the example book are worth by the market, in coins: those worth some."""
    book = hr.read_book(DATA / "btc_20260318_positions.csv")
    values = hr.value(book, market()).to_frame(["price"])
    named = zip(values["instrument"], values["price"], strict=True)
    told = {str(name): float(price) for name, price in named if str(name)[-1] in "CP"}
    return {name: price for name, price in told.items() if price > 0.015}


def opening() -> list[live.Event]:
    """The market, and what is listed in it."""
    listed: list[live.Event] = [
        live.Listing(time=at(0), instrument=name, contract=hr.parse_contract(name), lot=0.1)
        for name in list(prices())[:12]
    ]
    return [live.MarketUpdate(time=at(0), market=market()), *listed]


def fill(
    number: int, instrument: str, quantity: float, price: float, fee: float = 0.0
) -> live.Fill:
    return live.Fill(
        time=at(number),
        trade_id=f"T{number}",
        instrument=instrument,
        quantity=quantity,
        price=price,
        fee=fee,
        tags={"strategy": "mm" if number % 3 else "hedge"},
        **OWNER,
    )


def deposit(number: int, coins: float) -> live.CashMovement:
    return live.CashMovement(
        time=at(number),
        event_id=f"D{number}",
        currency="BTC",
        amount=coins,
        reason=live.CashReason.DEPOSIT,
        **OWNER,
    )


def day(trades: int = 60) -> list[live.Event]:
    """A deposit, then trades a little better than the market's price, and ticks between them."""
    chance = random.Random(11)
    names, spot = list(prices())[:12], market().market("BTC").forwards.spot
    events = [*opening(), deposit(1, 50.0)]
    for number in range(2, trades + 2):
        name = chance.choice(names)
        side = chance.choice([-1.0, 1.0])
        price = prices()[name] * (1.0 - 0.02 * side)
        events.append(fill(number, name, side * chance.randint(1, 40) / 10, price, 0.0003))
        spot *= 1.0 + chance.gauss(0.0, 0.0004)
        events.append(live.Tick(time=at(number + 0.5), underlying="BTC", spot=spot))
    return events


def fold(events: list[live.Event], **setup: object) -> live.Inventory:
    first, *others = events
    assert isinstance(first, live.MarketUpdate)
    inventory = live.Inventory(first.market, **setup)
    for event in others:
        inventory.apply(event)
    return inventory
