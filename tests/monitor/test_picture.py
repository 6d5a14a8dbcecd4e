"""The picture of an inventory that is known."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from tests.monitor.world import at, day, deposit, fill, fold, market, opening, prices

import hedgerow as hr
from hedgerow import live
from hedgerow.monitor import Picture, Stream, take
from hedgerow.monitor.picture import VERSION, margin_line

STREAM = Stream("test", sequence=7, last_sequence=9)
ONE, OTHER = list(prices())[:2]


def two_trades() -> live.Inventory:
    """Two options bought two hundredths of a coin under their value, each for a fee."""
    spot = market().market("BTC").forwards.spot
    bought = enumerate((ONE, OTHER), 2)
    trades = [fill(k, name, 2.0, prices()[name] - 0.01, 0.001) for k, name in bought]
    inventory = fold([*opening(), deposit(1, 10.0), *trades])
    assert inventory.spot("BTC") == spot
    return inventory


def test_the_headline_is_what_was_traded() -> None:
    picture = take(two_trades(), STREAM)
    coin = market().market("BTC").forwards.spot
    told = picture.headline
    # Both were bought 0.01 coins under their value, two of each.
    assert told["capture"] == pytest.approx(0.04 * coin, rel=1e-9)
    assert told["fees"] == pytest.approx(0.002 * coin, rel=1e-9)
    assert told["pnl"] == pytest.approx(0.038 * coin, rel=1e-9)
    assert told["holding"] == pytest.approx(0.0, abs=1e-6)
    assert told["value"] == pytest.approx(10.038 * coin, rel=1e-9)
    assert told["positions"] == 2
    assert told["excluded"] == told["orders"] == 0
    assert picture.time == at(3)
    assert picture.currency == "USD"
    assert picture.stream.behind == 2


def test_nodes_and_positions_are_those_of_a_valuation() -> None:
    inventory = fold(day())
    picture = take(inventory, STREAM)
    spot = inventory.spot("BTC")
    values = hr.value(inventory.book(), inventory.market())
    total = values.total()
    greeks = {
        "value": total["value"],
        "dollar_delta": total["delta"] * spot,
        "dollar_gamma": total["gamma"] * spot**2 / 100,
        "vega_per_point": total["vega"] / 100,
        "theta_per_day": total["theta"] / 365,
    }
    for name, expected in greeks.items():
        assert picture.headline[name] == pytest.approx(expected, rel=1e-9), name
        assert picture.underlyings[name].sum() == pytest.approx(expected, rel=1e-9), name
    assert list(picture.underlyings["underlying"]) == ["BTC"]
    assert picture.underlyings["spot"][0] == spot
    # Coins have no expiry and stand at the end.
    assert list(picture.expiries["expiry"]) == [*sorted(picture.expiries["expiry"])[1:], ""]
    assert picture.expiries["vega_per_point"].sum() == pytest.approx(total["vega"] / 100, rel=1e-9)

    held = inventory.positions()
    rows = {str(name): row for row, name in enumerate(held["instrument"])}
    deltas = values.to_frame(["delta"])
    by_name = dict(zip(deltas["instrument"], deltas["delta"], strict=True))
    for row, name in enumerate(picture.positions["instrument"]):
        assert picture.positions["delta"][row] == by_name[name]
        for column in ("quantity", "average_price"):
            assert picture.positions[column][row] == held[column][rows[name]]
    size = np.abs(picture.positions["dollar_delta"])
    assert (np.diff(size) <= 0).all()
    assert len(size) == picture.headline["positions"]
    assert not any(name.startswith("cash") for name in picture.positions["instrument"])
    assert len(take(inventory, STREAM, positions=3).positions) == 3


def test_underlyings_are_not_added_up_without_betas() -> None:
    expiry = np.datetime64("2026-04-24T08:00:00", "ns")
    markets = [
        hr.UnderlyingMarket(
            underlying=name,
            quote_currency="USD",
            forwards=hr.ForwardCurve(
                as_of=at(0), spot=spot, pillars=[expiry], forwards=[spot * 1.01]
            ),
        )
        for name, spot in (("BTC", 70_000.0), ("ETH", 2_000.0))
    ]
    both = hr.Snapshot(
        as_of=at(0), markets=markets, rates=hr.ExchangeRates(reporting="USD", rates={})
    )
    instruments = {name: hr.Perpetual(name) for name in ("BTC", "ETH")}
    for betas, expected in ((None, math.nan), ({"BTC": 1.0, "ETH": 1.5}, 70_000 + 1.5 * 4_000)):
        inventory = live.Inventory(both, instruments, betas=betas)
        inventory.apply(fill(1, "BTC", 1.0, 70_000.0))
        inventory.apply(fill(2, "ETH", 2.0, 2_000.0))
        picture = take(inventory, STREAM)
        np.testing.assert_allclose(picture.headline["dollar_delta"], expected)
        known = picture.underlyings["underlying"] != "USD"
        assert list(picture.underlyings["dollar_delta"][known]) == [70_000.0, 4_000.0]
        assert Picture.from_json(picture.to_json()).to_dict() == picture.to_dict()


def test_limits_have_their_bounds_and_how_much_is_used() -> None:
    limits = (
        live.Limit(measure="vega", hard=(-1e9, 1e9)),
        live.Limit(measure="delta", keys=("underlying",), hard=(-5.0, 10.0), soft=(-5.0, 8.0)),
        live.Limit(measure="pnl", hard=(-1000.0, math.inf)),
    )
    inventory = two_trades()
    for limit in limits:
        limit.set(inventory)
    table = take(inventory, STREAM, limits=limits).limits
    by_measure = {str(name): row for row, name in enumerate(table["measure"])}
    assert set(by_measure) == {"vega", "delta", "pnl"}
    delta = by_measure["delta"]
    held = inventory.node(underlying="BTC").delta
    assert table["level"][delta] == ("hard" if held > 10 else "soft")
    assert table["used"][delta] == pytest.approx(held / 10.0)
    assert (table["low"][delta], table["high"][delta], table["keys"][delta]) == (
        -5,
        10,
        "underlying",
    )
    pnl = by_measure["pnl"]
    assert table["level"][pnl] == "kept"
    assert np.isnat(table["since"][pnl])
    assert table["used"][pnl] == 0.0  # a profit is no part of a loss
    for row, measure in enumerate(table["measure"]):  # of now, not of when it was looked at last
        labels = {"underlying": "BTC"} if table["keys"][row] else {}
        assert table["value"][row] == getattr(inventory.node(**labels), measure)


def test_margin_is_that_of_the_book() -> None:
    inventory = fold(day())
    found = hr.margin(inventory.book(), inventory.market(), hr.margin_rules.deribit())
    told = margin_line(found, inventory.now, inventory.node().value)
    picture = take(inventory, STREAM, margin=told)
    assert picture.margin is not None
    assert picture.margin["initial"] == found.initial > 0
    assert picture.margin["equity"] == picture.headline["value"]
    assert list(picture.margin["units"]["underlying"]) == ["BTC"]


def test_an_inventory_without_anything_has_a_picture() -> None:
    picture = take(fold(opening()), STREAM)
    assert picture.headline["value"] == picture.headline["pnl"] == 0.0
    assert len(picture.positions) == len(picture.underlyings) == len(picture.limits) == 0
    assert Picture.from_json(picture.to_json()).to_dict() == picture.to_dict()


def full() -> Picture:
    inventory = two_trades()
    limits = (live.Limit(measure="pnl", hard=(-math.inf, 10.0)),)
    limits[0].set(inventory)
    return take(
        inventory,
        STREAM,
        number=3,
        limits=limits,
        margin=margin_line(
            hr.margin(inventory.book(), inventory.market(), hr.margin_rules.deribit()), at(3), 1.0
        ),
        fills=[(fill(2, ONE, 2.0, 0.5), math.nan)],
        refusals=[(at(4), "Fill", 'trade_id = <b>"T9"</b>: must be new')],
        history=hr.Frame(
            {
                "time": np.array([at(1), at(2)]),
                "pnl": [1.0, math.nan],
                "capture": [0.5, 2.0],
                "fees": [0.0, 0.1],
            }
        ),
    )


def test_json_round_trip() -> None:
    picture = full()
    text = picture.to_json()
    told = json.loads(text)  # plain JSON: no NaN, no Infinity
    assert told["version"] == VERSION
    assert told["stream"]["sequence"] == 7
    assert told["time"] == "2026-03-18T16:13:12.000Z"
    assert told["history"]["pnl"] == [1.0, None]
    assert told["limits"]["low"] == [None]
    again = Picture.from_json(text)
    assert again.to_json() == text
    assert again.time == picture.time
    assert again.history["time"].dtype == picture.history["time"].dtype
    assert math.isnan(again.fills["capture"][0])
    assert again.stream == picture.stream
    for name in picture.positions:
        np.testing.assert_array_equal(again.positions[name], picture.positions[name])


@pytest.mark.parametrize("text", ["[]", "{}", '{"version": 2}'])
def test_another_version_is_refused(text: str) -> None:
    with pytest.raises(hr.InvalidInput, match="version"):
        Picture.from_json(text)


def test_the_nettings_must_be_kept() -> None:
    with pytest.raises(hr.InvalidInput, match="keys"):
        take(live.Inventory(market(), dimensions=[()]), STREAM)
