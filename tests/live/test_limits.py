"""Limits before an inventory holds them."""

from __future__ import annotations

from math import inf

import pytest
from tests.monitor.world import fill, market, prices

import hedgerow as hr
from hedgerow import live
from hedgerow.live.limits import accounts_of


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


def test_a_limit_that_would_never_be_broken_is_refused() -> None:
    with pytest.raises(hr.InvalidInput, match="speed"):
        live.Limit(measure="speed", hard=1.0)


ACCOUNTS = ("account", "venue")


def test_margin_is_known_of_everything_and_of_accounts_with_limits() -> None:
    rules = hr.margin_rules.deribit()
    limits = [
        live.Limit(measure="delta", keys=("underlying",), hard=1.0),
        live.Limit(measure="margin", keys=("account",), hard=1.0),
        live.Limit(measure="scenario_loss", keys=("account",), hard=1.0),
        live.Limit(measure="margin", hard=1.0),
    ]
    assert accounts_of(limits, rules, ACCOUNTS) == ((), ("account",))
    assert accounts_of(limits[:1], None, ACCOUNTS) == ((),)


@pytest.mark.parametrize(
    ("measure", "keys", "rules", "told"),
    [
        ("margin", (), None, "must have margin rules"),
        ("scenario_loss", (), None, "must have margin rules"),
        ("scenario_loss", (), hr.margin_rules.reg_t_index(), "is not a part of Reg T"),
        ("margin", ("underlying",), hr.margin_rules.deribit(), "must be of account, venue"),
    ],
)
def test_limits_on_margin_that_nobody_tells_are_refused(measure, keys, rules, told) -> None:  # type: ignore[no-untyped-def]
    limit = live.Limit(measure=measure, keys=keys, hard=1.0)
    with pytest.raises(hr.InvalidInput, match=told):
        accounts_of([limit], rules, ACCOUNTS)
