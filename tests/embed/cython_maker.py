"""The compiled loop of examples/embed/cython/maker.pyx beside the same events from Python."""

from __future__ import annotations

from typing import Any

import maker
import numpy as np

import hedgerow as hr
from hedgerow import live
from hedgerow.errors import InvalidInput

NOW = np.datetime64("2026-03-18T08:00", "ns")
NAME = "BTC-27MAR26-70000-C"
PRICE, SPOT = 0.0345, 74_100.0
LOTS = np.array([5, -3, 40, -7, 2], dtype=np.int64)  # the third is more than the limit allows


def inventory() -> tuple[live.Inventory, Any]:
    """An inventory with a limit, and its node of everything in BTC."""
    expiry = np.datetime64("2026-03-27T08:00", "ns")
    smile = hr.Smile(
        expiry=expiry, strikes=[60_000, 70_000, 80_000], volatilities=[0.6, 0.55, 0.58]
    )
    curve = hr.ForwardCurve(as_of=NOW, spot=73_500.0)
    of_btc = hr.UnderlyingMarket(
        underlying="BTC", quote_currency="USD", forwards=curve, smiles=[smile]
    )
    market = hr.Snapshot(as_of=NOW, markets=[of_btc])
    kept = live.Inventory(
        market,
        {NAME: hr.parse_deribit(NAME)},
        lots={NAME: 0.1},
        tags=("strategy",),
        dimensions=[(), ("underlying",), ("strategy",)],
    )
    kept.set_limit("options", ("underlying",), ["BTC"], hard=3.0)
    kept.apply(fill("first", 1))
    return kept, kept.node(underlying="BTC")


def fill(trade_id: str, lots: int) -> live.Fill:
    return live.Fill(
        time=NOW, venue="deribit", trade_id=trade_id, account="main", instrument=NAME,
        quantity=lots / 10, price=PRICE, fee=0.0003, tags={"strategy": "mm"},
    )  # fmt: skip


def order(order_id: str, lots: int) -> live.OrderPlaced:
    return live.OrderPlaced(
        time=NOW, venue="deribit", order_id=order_id, account="main", instrument=NAME,
        quantity=lots / 10, price=PRICE, tags={"strategy": "mm"},
    )  # fmt: skip


def refused(*arguments: Any) -> InvalidInput:
    """How the loop refuses."""
    try:
        maker.make(*arguments)
    except InvalidInput as error:
        return error
    raise AssertionError("nothing was refused")


def main() -> None:
    compiled, node = inventory()
    delta, filled = maker.make(compiled, NAME, node, LOTS, PRICE, SPOT)

    python, other = inventory()
    for i, lots in enumerate(LOTS.tolist()):
        if python.check_order(order(f"quote {i}", lots)):
            python.apply(fill(f"quote {i}", lots))
    python.apply(live.Tick(time=NOW, underlying="BTC", spot=SPOT))
    assert filled == 4
    assert delta == other.delta  # every bit
    assert node.to_dict() == other.to_dict()
    for name in ("positions", "balances"):
        ours, theirs = (getattr(i, name)().to_dict() for i in (compiled, python))
        assert all(list(ours[key]) == list(theirs[key]) for key in theirs)

    # One id, one event, whichever door it comes through.
    assert not compiled.apply(fill("quote 0", 5))
    assert maker.make(python, NAME, other, LOTS[:1], PRICE, SPOT) == (delta, 0)

    # Refused by name, and nothing has changed.
    before = node.to_dict()
    error = refused(compiled, NAME, node, LOTS[1:2], PRICE, SPOT)  # quote 0 was another fill
    assert error.argument == "id", error
    error = refused(compiled, NAME, node, LOTS[:0], PRICE, float("nan"))
    assert (error.argument, error.rule) == ("spot", "must be positive and finite"), error
    assert refused(object(), NAME, node, LOTS, PRICE, SPOT).argument == "inventory"
    assert refused(compiled, "no such", node, LOTS, PRICE, SPOT).argument == "instrument"
    assert node.to_dict() == before


if __name__ == "__main__":
    main()
