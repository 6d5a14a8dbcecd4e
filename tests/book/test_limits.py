"""Limits, orders that are checked against them, and market maker protection."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.book.inventories import (
    BETAS,
    CALL,
    FUTURE,
    INDEX_CALL,
    INDEX_FUTURE,
    INDEX_SPOT,
    LOTS,
    PERPETUAL,
    PUT,
    TRADED,
    after,
    as_rows,
    fill,
    inventory,
    market_at,
    order,
    state,
    typical_price,
)
from tests.strategies import AS_OF

import hedgerow as hr
from hedgerow import live
from hedgerow.live.inventory import MEASURES


def test_orders_live_until_they_are_filled_or_cancelled() -> None:
    inv = inventory()
    inv.apply(order(CALL, 5.0, 1))
    inv.apply(order(PUT, -4.0, 2))
    inv.apply(order(FUTURE, 10, 3))
    inv.apply(fill(CALL, 2.0, 0.05, order_id="O1"))
    assert inv.live_orders == 3
    inv.apply(fill(CALL, 3.0, 0.05, order_id="O1"))
    assert inv.live_orders == 2
    amended = live.OrderAmended(time=AS_OF, venue="x", order_id="O2", quantity=-1.0, price=0.04)
    inv.apply(amended)
    inv.apply(fill(PUT, -1.0, 0.05, order_id="O2"))
    assert inv.live_orders == 1
    inv.apply(live.OrderCancelled(time=AS_OF, venue="x", order_id="O3"))
    assert inv.live_orders == 0
    with pytest.raises(hr.InvalidInput, match="must be live"):
        inv.apply(live.OrderCancelled(time=AS_OF, venue="x", order_id="O7"))


def test_orders_are_counted_once() -> None:
    inv = inventory()
    placed = order(CALL, 5.0, 1)
    first = live.OrderAmended(time=after(1), venue="x", order_id="O1", quantity=3.0, price=0.04)
    second = live.OrderAmended(time=after(2), venue="x", order_id="O1", quantity=6.0, price=0.04)
    cancelled = live.OrderCancelled(time=after(3), venue="x", order_id="O1")
    for event in (placed, first, second):
        assert inv.apply(event)
    before = state(inv)
    for event in (placed, first, second):
        assert not inv.accepts(event)
        assert not inv.apply(event)
    with pytest.raises(hr.InvalidInput, match="must not be of another"):
        inv.apply(order(CALL, 4.0, 1, 2))
    assert state(inv) == before
    assert inv.apply(cancelled)
    for event in (cancelled, placed, second):
        assert not inv.apply(event)
    assert inv.live_orders == 0


# Not those that are given, and gross, of which orders add no fixed part.
SEPARABLE = [name for name in MEASURES if name not in ("gross", "fees", "scenario_loss", "margin")]
PLACE = {name: j for j, name in enumerate(MEASURES)}


def lines(inv: live.Inventory) -> dict[tuple[Any, ...], dict[str, float]]:
    """All measures of every node, by dimension and labels."""
    return {
        (keys, labels): row
        for keys in inv.dimensions
        for labels, row in as_rows(inv.net(*keys), keys).items()
    }


def reached(inv: live.Inventory) -> dict[tuple[Any, ...], list[list[float]]]:
    """What orders could add to every node, and take."""
    nodes = {}
    for number, keys in enumerate(inv.dimensions):
        numbers, labels = inv._core.nodes(number)[:2]
        for node, label in zip(numbers.tolist(), labels, strict=True):
            nodes[keys, tuple(label)] = inv._core.reach(node)
    return nodes


def begun(**more: Any) -> live.Inventory:
    """A position, and a spot that has moved."""
    inv = inventory(betas=BETAS, **more)
    inv.apply(fill(CALL, 1.0, 0.05))
    inv.apply(live.Tick(time=AS_OF, underlying="BTC", spot=80_000.0))
    return inv


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(TRADED), st.integers(-9, 9).filter(bool), st.floats(0.7, 1.4)),
        max_size=8,
    )
)
def test_orders_reach_as_far_as_those_that_go_one_way(rows: list[Any]) -> None:
    inv, up, down = begun(), Counter[Any](), Counter[Any]()
    for number, (name, lots, factor) in enumerate(rows):
        terms = name, lots * LOTS.get(name, 1.0)
        price = typical_price(name) * factor
        inv.apply(order(*terms, number, price=price))
        alone = begun()
        before = lines(alone)
        alone.apply(fill(*terms, price))
        for node, row in lines(alone).items():
            for measure in SEPARABLE:
                effect = row[measure] - before.get(node, {}).get(measure, 0.0)
                (up if effect > 0 else down)[node, measure] += effect
    sizes = dict.fromkeys(SEPARABLE, 1.0)
    for (_, measure), effect in [*up.items(), *down.items()]:
        sizes[measure] = max(sizes[measure], abs(effect))
    for node, (added, taken) in reached(inv).items():
        for measure in SEPARABLE:
            close = {"rel": 1e-12, "abs": 1e-12 * sizes[measure]}
            assert added[PLACE[measure]] == pytest.approx(up[node, measure], **close), measure
            assert taken[PLACE[measure]] == pytest.approx(down[node, measure], **close), measure


@pytest.mark.parametrize("name", [CALL, FUTURE, PERPETUAL, INDEX_CALL, INDEX_FUTURE, INDEX_SPOT])
@pytest.mark.parametrize("sign", [1, -1])
def test_all_bids_filled_are_what_they_could_add(name: str, sign: int) -> None:
    inv = begun()
    lot, price = sign * LOTS.get(name, 1.0), typical_price(name)
    orders = [((n + 1) * lot, price * (1 - 0.1 * n)) for n in range(3)]
    for number, (quantity, price) in enumerate(orders):
        inv.apply(order(name, quantity, number, price=price))
    before, reach = lines(inv), reached(inv)
    for number, (quantity, price) in enumerate(orders):
        inv.apply(fill(name, quantity, price, order_id=f"O{number}"))
    for node, row in lines(inv).items():
        added, taken = reach[node]
        for measure in SEPARABLE:
            change = added[PLACE[measure]] + taken[PLACE[measure]]
            expected = before[node][measure] + change
            assert row[measure] == pytest.approx(expected, rel=1e-12, abs=1e-9), (node, measure)
    assert reached(inv) == {node: ([0.0] * 16, [0.0] * 16) for node in reached(inv)}


def test_the_premium_of_a_coin_settled_option_is_delta() -> None:
    inv = inventory()
    inv.apply(fill(CALL, 1.0, 0.05))
    node = inv.node(underlying="BTC")
    unit = inv._core.unit(inv._core.instrument(CALL))[PLACE["delta"]] / LOTS[CALL]
    most = node.delta + 10 * (unit - 0.05)
    inv.set_limit("delta", ("underlying",), ["BTC"], hard=most)
    assert inv.check_order(order(CALL, 10.0, 1, price=0.0501))
    refused = inv.check_order(order(CALL, 10.0, 1, price=0.0499))
    assert refused.measure == "delta"
    assert refused.value == pytest.approx(node.delta + 10 * (unit - 0.0499), rel=1e-12)
    # And at a node of money alone, where the option is not.
    inv.set_limit("delta", ("underlying", "expiry"), ["BTC", ""], hard=0.5)
    assert inv.check_order(order(CALL, 8.9, 2, price=0.05))
    refused = inv.check_order(order(CALL, 9.1, 2, price=0.05))
    assert (refused.node, refused.measure) == (("BTC", ""), "delta")
    assert refused.value == pytest.approx(-0.505, rel=1e-12)


def test_an_order_is_checked_with_all_others_filled() -> None:
    inv = inventory()
    inv.set_limit("options", ("underlying",), ["BTC"], hard=10.0)
    inv.apply(fill(CALL, 4.0, 0.05))
    inv.apply(order(CALL, 3.0, 1))
    inv.apply(order(PUT, -5.0, 2))
    assert inv.check_order(order(CALL, 3.0, 3))
    refused = inv.check_order(order(PUT, 4.0, 3))
    assert not refused
    assert refused.outcome == "limit"
    assert (refused.dimension, refused.node) == (("underlying",), ("BTC",))
    assert (refused.measure, refused.value) == ("options", 11.0)
    assert inv.check_order(order(CALL, -9.0, 3))
    assert inv.check_order(order(CALL, -9.5, 3)).value == -10.5
    assert inv.check_order(order(CALL, 6.0, 1))  # in place of the first
    assert not inv.check_order(order(CALL, 6.5, 1))
    assert inv.check_order(order(INDEX_CALL, 500.0, 3))  # another node


@pytest.mark.parametrize("measure", ["options", "delta", "vega", "notional", "gross"])
def test_an_order_that_brings_a_measure_back_is_allowed(measure: str) -> None:
    inv = inventory()
    inv.apply(fill(CALL, 20.0, 0.05))
    have = inv.node(underlying="BTC").to_dict()[measure]
    inv.set_limit(measure, ("underlying",), ["BTC"], hard=have / 2)
    assert inv.limits()["level"][0] == "hard"
    assert inv.check_order(order(CALL, -15.0, 1))
    assert not inv.check_order(order(CALL, 0.1, 1))
    if measure != "gross":
        assert not inv.check_order(order(CALL, -35.0, 1))
    assert not inv.check_order(order(CALL, -41.0, 1))
    assert inv._core.reach(inv.node(underlying="BTC").number)[0] == [0.0] * len(MEASURES)


# ---- limits ----


def test_a_breach_is_a_state() -> None:
    inv = inventory()
    inv.set_limit("options", ("underlying",), ["BTC"], soft=5.0, hard=10.0, hysteresis=2.0)
    inv.apply(fill(CALL, 4.0, 0.05, 1))
    story = [
        (1.0, "kept"), (0.1, "soft"), (4.9, "soft"), (0.1, "hard"), (3.0, "hard"),
        (-4.0, "hard"), (-1.1, "soft"), (-5.1, "kept"), (-8.0, "soft"), (-6.0, "hard"),
        (20.0, "hard"), (-7.0, "kept"),
    ]  # fmt: skip
    total, levels, peak = 4.0, ["kept"], {}
    for number, (quantity, level) in enumerate(story, 2):
        inv.apply(fill(CALL, quantity, 0.05, number))
        total = round(total + quantity, 9)
        row = {name: column[0] for name, column in inv.limits().to_dict().items()}
        assert row["level"] == level, (number, total)
        assert row["value"] == pytest.approx(total, abs=1e-12)
        if level != levels[-1]:
            assert row["since"] == after(number)
        peak[number] = row["peak"]
        levels.append(level)
    assert peak[7] == pytest.approx(13.1, abs=1e-12)
    assert peak[8] == pytest.approx(13.1, abs=1e-12)
    changes = inv.take_limit_changes().to_dict()
    want = [(a, b) for a, b in pairwise(levels) if a != b]
    assert list(zip(changes["before"], changes["after"], strict=True)) == want
    assert len(inv.take_limit_changes()) == 0


def test_a_limit_holds_at_every_node_of_its_dimension() -> None:
    inv = inventory()
    inv.apply(fill(INDEX_CALL, 2.0, 100.0))
    inv.set_limit("vega", ("underlying", "expiry"), soft=1e9, hard=2e9)
    inv.set_limit("options", ("underlying",), hard=(-50.0, 300.0))
    inv.apply(fill(CALL, -60.0, 0.05, 1))
    inv.apply(fill(INDEX_CALL, 2.0, 100.0, 2))
    rows = as_rows(inv.limits(), ["node", "measure"])
    assert rows["BTC", "options"]["level"] == "hard"
    assert rows["SPX", "options"]["level"] == "hard"
    assert rows["SPX/2026-01-30T08:00:00Z", "vega"]["level"] == "kept"
    changes = inv.take_limit_changes().to_dict()
    assert list(changes["node"]) == ["BTC", "SPX"]
    assert list(changes["time"]) == [after(1), after(2)]


def test_limits_see_ticks_and_updates() -> None:
    inv = inventory()
    inv.apply(fill(CALL, 10.0, 0.05))
    node = inv.node(underlying="BTC")
    high = node.delta * 1.2
    inv.set_limit("delta", ("underlying",), ["BTC"], hard=high)
    inv.apply(live.Tick(time=after(1), underlying="BTC", spot=120_000.0))
    assert inv.limits()["level"][0] == "hard"
    peak = inv.limits()["peak"][0]
    assert peak == node.delta > high
    inv.apply(live.MarketUpdate(time=after(2), market=market_at(2)))
    assert inv.limits()["level"][0] == "kept"
    assert list(inv.take_limit_changes()["time"]) == [after(1), after(2)]


@pytest.mark.parametrize(
    ("terms", "rule"),
    [
        ({"measure": "sum"}, "node_measures"),
        ({"hard": -1.0}, "must be ordered"),
        ({"hard": (1.0, 0.0)}, "must be ordered"),
        ({"soft": 2.0, "hard": 1.0}, "must be ordered"),
        ({"hard": float("nan")}, "must be ordered"),
        ({"hysteresis": -1.0}, "must not be negative"),
        ({"keys": ("nothing",)}, "must be one of"),
        ({"keys": ("underlying",), "labels": ["a", "b"]}, "must be as many"),
        ({"measure": "delta"}, "without betas"),
    ],
)
def test_bad_limits_are_refused(terms: dict[str, Any], rule: str) -> None:
    inv = inventory()
    with pytest.raises(hr.InvalidInput, match=rule):
        inv.set_limit(**{"measure": "vega", "hard": 1.0} | terms)
    assert len(inv.limits()) == 0


# ---- protection ----


def frozen(inv: live.Inventory, seconds: float) -> bool:
    inv.apply(live.Clock(time=after(seconds)))
    return inv.check_order(order(CALL, 1.0, 1)).outcome == "frozen"


def test_fills_within_a_window_freeze_a_node() -> None:
    inv = inventory()
    inv.set_protection(("underlying",), ["BTC"], window=5.0, freeze=0.1, quantity=10.0)
    inv.apply(fill(CALL, 6.0, 0.05, 0))
    inv.apply(fill(PUT, -4.0, 0.05, 5))  # the moment five seconds ago is of the window: 10
    assert not frozen(inv, 5)
    inv.apply(fill(INDEX_CALL, 50.0, 100.0, 5))  # of another node
    assert not frozen(inv, 5)
    inv.apply(fill(CALL, 6.0, 0.05, 5 + 1e-9))  # the first has left: 10
    assert not frozen(inv, 5 + 1e-9)
    inv.apply(fill(CALL, 0.1, 0.05, 6))
    assert frozen(inv, 6)
    assert inv.check_order(order(INDEX_CALL, 1.0, 1))
    assert frozen(inv, 6.1 - 1e-9)
    assert not frozen(inv, 6.1)
    inv.apply(fill(CALL, 10.0, 0.05, 6.2))  # what froze it counts no more
    assert not frozen(inv, 6.2)
    inv.apply(fill(CALL, -0.1, 0.05, 6.3))
    assert frozen(inv, 6.3)


@pytest.mark.parametrize("measure", ["delta", "vega"])
def test_protection_of_the_fills_together(measure: str) -> None:
    inv = inventory()
    unit = inv._core.unit(inv._core.instrument(CALL))[MEASURES.index(measure)]
    inv.set_protection(("underlying",), window=5.0, **{measure: abs(unit) * 30})
    for number in range(6):
        inv.apply(fill(CALL, 2.0 * (-1) ** number, 0.05, number / 10))
    assert not frozen(inv, 1)
    inv.apply(fill(CALL, -2.0, 0.05, 1))
    assert not frozen(inv, 1)
    inv.apply(fill(CALL, -1.1, 0.05, 1))
    assert frozen(inv, 1)
    assert frozen(inv, 10_000)  # until somebody ends it
    inv.unfreeze(inv.node(underlying="BTC"))
    assert not frozen(inv, 10_000)


@pytest.mark.parametrize(
    "terms", [{"window": 0.0}, {"window": 1.0, "freeze": -1.0}, {"window": 1.0, "quantity": -1.0}]
)
def test_bad_protections_are_refused(terms: dict[str, float]) -> None:
    with pytest.raises(hr.InvalidInput):
        inventory().set_protection(**terms)
