"""A netted book whose spots move: the numbers of a whole new valuation, and nothing forgotten."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import AS_OF, CONTRACTS, EXPIRIES, books, market

import hedgerow as hr

MOVES = st.lists(
    st.tuples(st.sampled_from(["BTC", "SPX"]), st.floats(0.3, 3.0)), min_size=1, max_size=3
)
KEYS = st.sampled_from([(), ("underlying", "expiry"), ("account",), ("instrument",), ("kind",)])


def with_rates(reporting: str = "USD", **rates: float) -> hr.Snapshot:
    """The market of the strategies, and ETH quoted in BTC, in another reporting currency."""
    years = 0.25
    eth = hr.UnderlyingMarket(
        underlying="ETH", quote_currency="BTC",
        forwards=hr.ForwardCurve(
            as_of=AS_OF, spot=0.04, pillars=[EXPIRIES[2]], forwards=[0.04 * np.exp(0.02 * years)]
        ),
        smiles=[hr.Smile(expiry=EXPIRIES[2], strikes=[0.03, 0.05], volatilities=[0.7, 0.8])],
    )  # fmt: skip
    markets = [*market().markets, eth]
    return hr.Snapshot(
        as_of=AS_OF, markets=markets, rates=hr.ExchangeRates(reporting=reporting, rates=rates)
    )


ETHER: list[hr.Contract] = [
    hr.Option("ETH", EXPIRIES[2], 0.04, "call", quote_currency="BTC"),
    hr.Option("ETH", EXPIRIES[2], 0.035, "put", quote_currency="BTC", settlement="inverse"),
    hr.Perpetual("ETH", quote_currency="BTC", settlement="inverse"),
    hr.Future("ETH", EXPIRIES[2], quote_currency="BTC"),
    hr.Cash("ETH"),
    hr.Cash("EUR"),
]
MARKETS = [
    market(),
    with_rates("USD"),
    with_rates("USD", BTC=91_000.0, EUR=1.1),
    with_rates("EUR", USD=0.9, BTC=80_000.0),
    with_rates("BTC", USD=1 / 90_000.0, EUR=1.1 / 90_000.0),
    with_rates("ETH", USD=1 / 3_600.0, BTC=25.0),
]


def sizes(values: hr.Valuation, name: str) -> float:
    """What a measure's rounding is relative to: the sizes of what is added, of the rows and of what
    they are the difference of (value, cost and delta, in the measure's own unit)."""
    spots, rates = {}, {}
    for each in values.snapshot.markets:
        one = hr.Book.from_columns([hr.Spot(each.underlying, each.quote_currency)], [1.0])
        spots[each.underlying] = each.spot
        rates[each.underlying] = hr.value(one, values.snapshot).value[0] / each.spot
    on = hr.portfolio.valuation.contract_frame(values.book)["underlying"][values.book.contract]
    spot = np.array([spots.get(underlying, 1.0) for underlying in on])
    rate = np.array([rates.get(underlying, 1.0) for underlying in on])

    def size(measure: str) -> Any:
        return np.abs(np.nan_to_num(getattr(values, measure)))

    money = size("value") + 2 * size("pnl") + size("dollar_delta")
    made_of = {
        "delta": money / spot,
        "premium_adjusted_delta": money / spot,
        "coin_delta": money / (rate * spot**2),
        "coin_gamma": money / (rate * spot**3),
        **dict.fromkeys(("value", "pnl", "dollar_delta"), money),
    }
    return float((size(name) + made_of.get(name, 0.0)).sum())


def assert_same(exposures: hr.Exposures, values: hr.Valuation, *keys: str) -> None:
    """Keys and counts are the same, sums within the bound that the class states."""
    wanted, found = values.net(*keys, measures=exposures.measures), exposures.net()
    assert list(found) == list(wanted)
    for name in (*keys, "positions", "excluded", "unknown_cost"):
        np.testing.assert_array_equal(found[name], wanted[name], err_msg=name)
    if len(values) == 0:
        return
    for name in exposures.measures:
        bound = (1e-11 if name in ("theta", "charm") else 1e-12) * sizes(values, name) + 1e-300
        np.testing.assert_allclose(found[name], wanted[name], rtol=0, atol=bound, err_msg=name)


@given(books(CONTRACTS + ETHER), st.sampled_from(MARKETS), MOVES, KEYS)
def test_moves_give_what_a_new_valuation_gives(
    book: hr.Book, snapshot: hr.Snapshot, moves: list[tuple[str, float]], keys: tuple[str, ...]
) -> None:
    exposures = hr.Exposures(book, snapshot, *keys)
    assert_same(exposures, hr.value(book, snapshot), *keys)
    moved = snapshot
    for underlying, factor in moves:
        moved = moved.shocked(
            spot_factor=factor, underlying=underlying, dynamics=hr.SmileDynamics.STICKY_STRIKE
        )
        exposures.move(underlying, moved.market(underlying).spot)
        assert exposures.spot(underlying) == moved.market(underlying).spot
        assert_same(exposures, hr.value(book, moved), *keys)


def test_a_book_comes_back_with_its_spot() -> None:
    book = hr.Book.from_columns(CONTRACTS, np.arange(len(CONTRACTS)) - 20.0)
    exposures = hr.Exposures(book, market(), "underlying", measures=["value", "delta", "vega"])
    before, sums = exposures.net(), exposures.sums
    assert exposures.sums.shape == (3, 3) == (len(exposures.measures), len(exposures))
    exposures.move("BTC", 91_234.5)
    assert sums[0, 0] != before["value"][0], "the view follows"
    assert (sums[0, 1:] == before["value"][1:]).all()
    assert (exposures.delta == sums[1]).all()
    exposures.move("BTC", 90_000.0)
    for name in exposures.measures:
        assert (exposures.net()[name] == before[name]).all(), name
    with pytest.raises(ValueError, match="read-only"):
        sums[0, 0] = 0.0


def awkward_book() -> hr.Book:
    """Rows of every status, unknown and enormous costs, and a strike that a move makes infinite."""
    soon, past = EXPIRIES[0] + np.timedelta64(1, "h"), AS_OF - np.timedelta64(1, "s")
    coin = {"settlement": "inverse"}
    american = hr.Option("SPX", EXPIRIES[0], 3_800.0, "call", exercise="american")
    contracts: list[hr.Contract] = [
        *CONTRACTS,
        hr.Option("DOGE", EXPIRIES[0], 1.0, "call"),
        hr.Option("BTC", soon, 9e4, "call", **coin),
        hr.Option("BTC", past, 8e4, "call", **coin),
        hr.Option("BTC", past, 8e4, "put"),
        hr.Option("SPX", past, 1e250, "put"),
        hr.Future("BTC", past, **coin),
        hr.Future("SPX", past),
        american,
        hr.Cash("EUR"),
    ]
    n = len(contracts)
    quantity = np.linspace(-30.0, 40.0, n)
    price = np.where(np.arange(n) % 3, 0.25, np.nan)
    twice = hr.Book.from_columns(contracts * 2, [*quantity, *-2 * quantity], [*price, *price[::-1]])
    bad = hr.Book.from_columns(
        [CONTRACTS[1], CONTRACTS[2], CONTRACTS[-2], CONTRACTS[3]],
        [np.nan, np.inf, 1e95, 1.0],
        [1.0, 1.0, 1.0, 1e200],
    )
    return twice + bad


def kinked() -> hr.Snapshot:
    """No volatility in the first smile: gamma is infinite where a forward meets its strike."""
    spx = market().market("SPX")
    flat = hr.Smile(expiry=EXPIRIES[0], strikes=[3_800.0], volatilities=[0.0])
    forwards = hr.ForwardCurve(as_of=AS_OF, spot=3_800.0)
    still = hr.UnderlyingMarket(
        underlying="SPX", quote_currency="USD", forwards=forwards, smiles=[flat, *spx.smiles[1:]]
    )
    return hr.Snapshot(as_of=AS_OF, markets=[market().market("BTC"), still], rates=market().rates)


@pytest.mark.parametrize("keys", [(), ("underlying",), ("kind", "strike")])
def test_what_cannot_be_valued_is_counted_while_it_cannot(keys: tuple[str, ...]) -> None:
    book = awkward_book()
    exposures = hr.Exposures(book, kinked(), *keys)
    assert_same(exposures, hr.value(book, kinked()), *keys)
    at_the_kink = exposures.net()["excluded"].sum()
    moved = kinked().shocked(
        spot_factor=1.25, underlying="SPX", dynamics=hr.SmileDynamics.STICKY_STRIKE
    )
    exposures.move("SPX", moved.market("SPX").spot)
    assert_same(exposures, hr.value(book, moved), *keys)
    assert exposures.net()["excluded"].sum() < at_the_kink
    exposures.move("SPX", 3_800.0)
    assert_same(exposures, hr.value(book, kinked()), *keys)


def test_bad_arguments_are_named() -> None:
    book = hr.Book.from_columns(CONTRACTS, np.ones(len(CONTRACTS)))
    with pytest.raises(hr.InvalidInput, match="measure = happiness"):
        hr.Exposures(book, market(), measures=["happiness"])
    with pytest.raises(hr.InvalidInput, match="price: must be additive"):
        hr.Exposures(book, market(), measures=["price"])
    exposures = hr.Exposures(book, market(), measures=["delta"])
    for spot in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(hr.InvalidInput, match="spot"):
            exposures.move("BTC", spot)
    for act in (lambda: exposures.move("DOGE", 1.0), lambda: exposures.spot("DOGE")):
        with pytest.raises(hr.InvalidInput, match="underlying = DOGE: must be in the snapshot"):
            act()
    with pytest.raises(AttributeError, match="vega"):
        _ = exposures.vega
    assert "delta" in dir(exposures)
    assert repr(exposures).startswith("Exposures of 1 group")


def test_an_empty_book_has_no_exposures() -> None:
    exposures = hr.Exposures(hr.Book(), market(), "underlying")
    exposures.move("BTC", 1.0)
    assert len(exposures) == 0
