"""The account that follows: whatever came, it says what a computation from scratch says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.risk.margins import PRESETS, book_of, flat_market, grid_rules, option
from tests.risk.test_margin import ADD_ONS, MINIMUMS
from tests.strategies import CONTRACTS, market

import hedgerow as hr

EVERYTHING = grid_rules(
    add_ons=(*ADD_ONS, *MINIMUMS, hr.BasisContingency(spot_move=0.03, fixed=0.5, per_year=2)),
    initial=1.1,
    maintenance=0.8,
)
RULES = {**PRESETS, "everything": EVERYTHING}
EMPTY = hr.Book.from_columns(CONTRACTS, np.zeros(len(CONTRACTS)))
ORDERS = st.lists(
    st.tuples(st.integers(0, len(CONTRACTS) - 1), st.integers(-20, 20)), min_size=1, max_size=12
)


def afresh(
    quantity: np.ndarray, snapshot: hr.Snapshot, rules: hr.MarginRules
) -> tuple[float, float]:
    """Margin of quantities entered at the mark."""
    found = hr.margin(hr.Book.from_columns(CONTRACTS, quantity), snapshot, rules)
    return found.initial, found.maintenance


@pytest.mark.parametrize("name", RULES)
@given(ORDERS)
@settings(max_examples=12)
def test_marginal_is_the_difference_of_two_computations(
    name: str, orders: list[tuple[int, int]]
) -> None:
    rules, snapshot = RULES[name], market()
    account = hr.MarginAccount(EMPTY, snapshot, rules)
    quantity = np.zeros(len(CONTRACTS))
    before, size = (0.0, 0.0), 1e5
    for instrument, by in orders:
        marginal = account.marginal(instrument, by)
        many = account.marginals([instrument, 0], [by, 0.0])
        assert many[0].tolist() == list(marginal)
        quantity[instrument] += by
        after = afresh(quantity, snapshot, rules)
        size = max(size, *after)
        assert np.subtract(after, before) == pytest.approx(marginal, abs=1e-11 * size)
        account.add(instrument, by)
        assert (account.initial, account.maintenance) == pytest.approx(after, abs=1e-11 * size)
        before = after
    np.testing.assert_array_equal(account.quantity, quantity)


@pytest.mark.parametrize("name", RULES)
def test_moves_are_rescans_of_moved_markets(name: str) -> None:
    rules = RULES[name]
    rng = np.random.default_rng(3)
    quantity = rng.integers(-5, 6, len(CONTRACTS)).astype(float)
    cost = np.where(rng.random(len(CONTRACTS)) < 0.5, np.nan, 3_900.0)
    book = hr.Book.from_columns(CONTRACTS, quantity, cost)
    account = hr.MarginAccount(book, market(), rules)
    for spot in (91_000.0, 60_000.0, 90_500.0):
        account.move("BTC", spot)
    account.move("SPX", 3_700.0)
    there = market(90_500.0, 3_700.0)
    anew = hr.MarginAccount(book, market(), rules)
    anew.rescan(there)
    assert account.initial == pytest.approx(anew.initial, rel=1e-11)
    assert account.maintenance == pytest.approx(anew.maintenance, rel=1e-11)
    np.testing.assert_allclose(account.margin().pnl, anew.margin().pnl, rtol=1e-9, atol=1e-5)
    account.rescan(market())
    fresh = hr.MarginAccount(book, market(), rules)
    assert (account.initial, account.maintenance) == (fresh.initial, fresh.maintenance)


@pytest.mark.parametrize("reporting", ["EUR", "BTC"])
def test_moves_in_other_reporting_currencies(reporting: str) -> None:
    def there(spot: float) -> hr.Snapshot:
        rates = {"EUR": {"USD": 0.9}, "BTC": {"USD": 1 / spot}}[reporting]
        given_rates = hr.ExchangeRates(reporting=reporting, rates=rates)
        return hr.Snapshot(
            as_of=market().as_of, markets=[market(spot).market("BTC")], rates=given_rates
        )

    of_btc = [c for c in CONTRACTS if "BTC" in hr.symbol(c)] + [hr.Cash("USD")]
    book = hr.Book.from_columns(of_btc, np.linspace(-4, 3, len(of_btc)))
    account = hr.MarginAccount(book, there(90_000.0), EVERYTHING)
    account.move("BTC", 95_000.0)
    again = hr.MarginAccount(book, there(90_000.0), EVERYTHING)
    again.rescan(there(95_000.0))
    assert account.initial == pytest.approx(again.initial, rel=1e-10)


def test_costs_of_fills_are_gains_not_yet_paid() -> None:
    perpetual = hr.Perpetual("BTC", settlement="inverse")
    book = hr.Book.from_columns([perpetual], [100_000.0], [80_000.0])
    known = hr.MarginAccount(book, flat_market(), EVERYTHING)
    account = hr.MarginAccount(book_of((perpetual, 0)), flat_market(), EVERYTHING)
    account.add(0, 100_000.0, cost=-100_000.0 / 80_000.0)
    assert account.initial == pytest.approx(known.initial, rel=1e-12)
    # Sold again where it was bought: nothing is left but rounding.
    account.add(0, -100_000.0, cost=100_000.0 / 80_000.0)
    assert account.initial == pytest.approx(0, abs=1e-9)


def test_a_market_that_comes_later() -> None:
    call, future = option(30, 100_000, "call"), hr.Perpetual("BTC", settlement="inverse")
    book = book_of((call, -1), (future, 50_000))
    empty = hr.Snapshot(as_of=flat_market().as_of, markets=[])
    account = hr.MarginAccount(book, empty, EVERYTHING)
    assert (account.initial, account.not_margined) == (0.0, 2)
    assert account.marginal(0, 1) == (0.0, 0.0)
    account.rescan(flat_market())
    fresh = hr.MarginAccount(book, flat_market(), EVERYTHING)
    assert account.initial == pytest.approx(fresh.initial, rel=1e-13)
    assert account.not_margined == 0
    account.rescan(empty)
    assert (account.initial, account.not_margined) == (0.0, 2)


def test_many_changes_drift_by_rounding_alone() -> None:
    rng = np.random.default_rng(11)
    account = hr.MarginAccount(EMPTY, market(), EVERYTHING)
    for instrument, by in zip(
        rng.integers(0, len(CONTRACTS), 20_000), rng.integers(-9, 10, 20_000), strict=True
    ):
        account.add(int(instrument), float(by))
    drifted = account.initial
    account.rescan(market())
    assert drifted == pytest.approx(account.initial, rel=1e-10)


def test_what_is_refused_changes_nothing() -> None:
    account = hr.MarginAccount(EMPTY, market(), EVERYTHING)
    account.add(0, 3)
    before = account.initial
    for instrument, quantity, message in (
        (len(CONTRACTS), 1.0, "instrument"),
        (0, np.nan, "quantity"),
        (0, np.inf, "quantity"),
        (0, 1e91, "quantity"),
    ):
        with pytest.raises(hr.InvalidInput, match=message):
            account.add(instrument, quantity)
    with pytest.raises(hr.InvalidInput, match="cost"):
        account.add(0, 1.0, cost=np.inf)
    with pytest.raises(hr.InvalidInput, match="spot = 0"):
        account.move("BTC", 0.0)
    with pytest.raises(hr.InvalidInput, match="DOGE"):
        account.move("DOGE", 1.0)
    with pytest.raises(hr.InvalidInput, match="instrument"):
        account.marginal(len(CONTRACTS), 1.0)
    with pytest.raises(hr.InvalidInput, match="one per instrument"):
        account.marginals([0, 1], [1.0])
    with pytest.raises(hr.InvalidInput, match="symbol"):
        account.instrument("no such thing")
    assert account.initial == before
    with pytest.raises(ValueError, match="read-only"):
        account.quantity[0] = 1.0
    assert "MarginAccount of" in repr(account)
