"""A netted book whose spots move: the numbers of a whole new valuation, and nothing forgotten."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import AS_OF, CONTRACTS, EXPIRIES, books, market

import hedgerow as hr
from hedgerow.portfolio.valuation import ADDITIVE

MOVES = st.lists(
    st.tuples(st.sampled_from(["BTC", "SPX"]), st.floats(0.3, 3.0)), min_size=1, max_size=3
)
KEYS = st.sampled_from([(), ("underlying", "expiry"), ("account",), ("instrument",), ("kind",)])
COUNTS = ("positions", "excluded", "unknown_cost")


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


def sizes(book: hr.Book, snapshot: hr.Snapshot, keys: tuple[str, ...]) -> dict[str, Any]:
    """Per measure and group, the sum of the sizes of what is added, and of what that is made of."""
    gross = {name: np.abs(column(book, snapshot, name)) for name in ADDITIVE}
    cost = np.abs(np.nan_to_num(book.cost)) * np.array(
        [hr._core.Book.contract_columns.fget(book._core)["multiplier"][c] for c in book.contract]
    )  # fmt: skip
    parts = gross["value"] + gross["pnl"] + cost
    return {"gross": gross, "parts": parts}


def column(book: hr.Book, snapshot: hr.Snapshot, name: str) -> Any:
    return np.nan_to_num(getattr(hr.value(book, snapshot), name))


def assert_same(exposures: hr.Exposures, book: hr.Book, snapshot: hr.Snapshot, *keys: str) -> None:
    """The bound of the header: relative to the sizes of what is added, the measures' own and those
    of value, delta and gamma in the same unit."""
    wanted = hr.value(book, snapshot).net(*keys, measures=exposures.measures)
    found = exposures.net()
    assert list(found) == list(wanted)
    for name in (*keys, *COUNTS):
        np.testing.assert_array_equal(found[name], wanted[name], err_msg=name)
    if len(book) == 0:
        return
    for name in exposures.measures:
        size = np.nansum(np.abs(column(book, snapshot, name)))
        size += unit_sizes(book, snapshot, name)
        np.testing.assert_allclose(found[name], wanted[name], rtol=0, atol=1e-11 * size + 1e-300)


def unit_sizes(book: hr.Book, snapshot: hr.Snapshot, name: str) -> float:
    """What a measure is the small difference of, in its own unit."""
    values = hr.value(book, snapshot)
    spots = {m.underlying: m.spot for m in snapshot.markets}
    on = hr.portfolio.valuation.contract_frame(book)["underlying"][book.contract]
    spot = np.array([spots.get(u, 1.0) for u in on])
    value, pnl = np.abs(np.nan_to_num(values.value)), np.abs(np.nan_to_num(values.pnl))
    delta = np.abs(np.nan_to_num(values.delta))
    money = value + 2 * pnl + delta * spot
    if name in ("value", "pnl", "dollar_delta"):
        return float(money.sum())
    if name in ("delta", "premium_adjusted_delta"):
        return float((money / spot).sum())
    return 0.0


@given(books(CONTRACTS + ETHER), st.sampled_from(MARKETS), MOVES, KEYS)
def test_moves_give_what_a_new_valuation_gives(
    book: hr.Book, snapshot: hr.Snapshot, moves: list[tuple[str, float]], keys: tuple[str, ...]
) -> None:
    measures = [name for name in ADDITIVE if not name.startswith("coin")]
    exposures = hr.Exposures(book, snapshot, *keys, measures=measures)
    assert_same(exposures, book, snapshot, *keys)
    moved = snapshot
    for underlying, factor in moves:
        moved = moved.shocked(
            spot_factor=factor, underlying=underlying, dynamics=hr.SmileDynamics.STICKY_STRIKE
        )
        exposures.move(underlying, moved.market(underlying).spot)
        assert exposures.spot(underlying) == moved.market(underlying).spot
        assert_same(exposures, book, moved, *keys)
