"""Limits as a desk writes them down."""

from __future__ import annotations

import json
from math import inf
from pathlib import Path

import pytest
from tests.monitor.world import market

import hedgerow as hr
from hedgerow import live
from hedgerow.monitor import read_limits

TOML = """
[[limit]]
measure = "delta"
keys = ["underlying"]
labels = ["BTC"]
soft = 8
hard = 10.5
hysteresis = 1

[[limit]]
measure = "pnl"
hard = [-50000, inf]

[[limit]]
measure = "vega"
soft = 1e6
"""
EXPECTED = (
    live.Limit(
        measure="delta",
        keys=("underlying",),
        labels=("BTC",),
        hard=10.5,
        soft=8.0,
        hysteresis=1.0,
    ),
    live.Limit(measure="pnl", hard=(-50_000.0, inf)),
    live.Limit(measure="vega", hard=inf, soft=1e6),
)


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    toml, plain = tmp_path / "limits.toml", tmp_path / "limits.json"
    toml.write_text(TOML)
    assert read_limits(toml) == EXPECTED
    rows = [
        {
            "measure": "delta",
            "keys": ["underlying"],
            "labels": ["BTC"],
            "soft": 8,
            "hard": 10.5,
            "hysteresis": 1,
        },
        {"measure": "pnl", "hard": [-50_000, inf]},
        {"measure": "vega", "soft": 1e6},
    ]
    plain.write_text(json.dumps({"limit": rows}))
    assert read_limits(plain) == EXPECTED


def test_what_was_read_can_be_set() -> None:
    inventory = live.Inventory(market())
    assert [limit.set(inventory) for limit in EXPECTED] == [0, 1, 2]
    with pytest.raises(hr.InvalidInput, match="measure"):
        live.Limit(measure="width", hard=(-1.0, 1.0)).set(inventory)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("limit = ", "as a whole"),
        ("other = 1", "a list named limit"),
        ("limit = 1", "a list named limit"),
        ("limit = [1]", "limit 1"),
        ('limit = [{measure = "delta", hard = 1}, {measure = 3, hard = 1}]', "limit 2: measure"),
        ('limit = [{measure = "delta"}]', "hard"),
        ('limit = [{measure = "width", hard = 1}]', "limit 1: measure = width"),
        ('limit = [{measure = "delta", hard = "1"}]', "must be a number"),
        ('limit = [{measure = "delta", hard = true}]', "must be a number"),
        ('limit = [{measure = "delta", hard = nan}]', "must be a number"),
        ('limit = [{measure = "delta", hard = [1]}]', "low, high"),
        ('limit = [{measure = "delta", hard = 1, keys = "underlying"}]', "list of names"),
        ('limit = [{measure = "delta", hard = 1, color = 2}]', "color"),
    ],
)
def test_what_makes_no_sense_is_named(text: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text(text)
    with pytest.raises(hr.InvalidFile, match=complaint):
        read_limits(path)
