"""Limits before an inventory holds them."""

from __future__ import annotations

from math import inf

import pytest
from tests.monitor.world import fill, market, prices

import hedgerow as hr
from hedgerow import live


@pytest.mark.parametrize(
    ("given", "soft", "hard"),
    [
        ({"hard": 2.0}, (-2.0, 2.0), (-2.0, 2.0)),
        ({"hard": 2.0, "soft": 1.0}, (-1.0, 1.0), (-2.0, 2.0)),
        ({"hard": (-5.0, inf), "soft": (-3.0, 9.0)}, (-3.0, 9.0), (-5.0, inf)),
    ],
)
def test_bounds_are_of_both_sides_or_of_each(given, soft, hard) -> None:  # type: ignore[no-untyped-def]
    limit = live.Limit(measure="delta", **given)
    assert (limit.soft_bounds, limit.hard_bounds) == (soft, hard)


def test_an_inventory_holds_it_at_a_node_or_at_all() -> None:
    name = next(iter(prices()))
    inventory = live.Inventory(market(), {name: hr.parse_contract(name)})
    limits = [
        live.Limit(measure="gross", keys=("underlying",), labels=("BTC",), hard=1.0),
        live.Limit(measure="gross", keys=("underlying", "expiry"), hard=inf),
        live.Limit(measure="pnl", hard=(-inf, 1e9)),
    ]
    assert [limit.set(inventory) for limit in limits] == [0, 1, 2]
    inventory.apply(fill(1, name, 1.0, prices()[name]))
    states = list(inventory.limits().rows())
    assert [(row["node"], row["level"]) for row in states if row["limit"] == 0] == [("BTC", "hard")]
    assert {row["level"] for row in states if row["limit"] > 0} == {"kept"}


@pytest.mark.parametrize("measure", ["speed", "margin", "scenario_loss"])
def test_a_limit_that_would_never_be_broken_is_refused(measure: str) -> None:
    with pytest.raises(hr.InvalidInput, match=measure):
        live.Limit(measure=measure, hard=1.0)
