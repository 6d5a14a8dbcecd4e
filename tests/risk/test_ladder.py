"""Ladders are full revaluations."""

from __future__ import annotations

import numpy as np
import pytest
from tests.risk.oracle import revalued
from tests.strategies import AS_OF, CONTRACTS, EXPIRIES, market

import hedgerow as hr

BOOK = hr.Book.from_columns(CONTRACTS, np.linspace(-5, 5, len(CONTRACTS)), np.ones(len(CONTRACTS)))


def test_the_middle_is_zero_and_cells_are_revaluations() -> None:
    ladder = hr.ladder(BOOK, market(), [-0.1, 0.0, 0.1], [-0.05, 0.0, 0.05])
    assert ladder.pnl[1, 1] == 0.0
    moved = market().shocked(
        spot_factor=0.9, volatility_shift=0.05, dynamics=hr.SmileDynamics.STICKY_STRIKE
    )
    expected = hr.value(BOOK, moved).total()["value"] - hr.value(BOOK, market()).total()["value"]
    assert ladder.pnl[0, 2] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("dynamics", list(hr.SmileDynamics))
def test_every_cell_is_a_moved_snapshot(dynamics: hr.SmileDynamics) -> None:
    ladder = hr.ladder(BOOK, market(), dynamics=dynamics)
    spots, shifts = np.meshgrid(ladder.spots, ladder.volatilities, indexing="ij")
    scenarios = hr.Scenarios(spot_factor=1 + spots.ravel(), volatility_shift=shifts.ravel())
    expected, _ = revalued(BOOK, market(), scenarios, dynamics=dynamics)
    np.testing.assert_allclose(ladder.pnl.ravel(), expected[0], rtol=1e-12, atol=1e-7)


def test_small_moves_agree_with_the_greeks() -> None:
    total = hr.value(BOOK, market()).total()
    h = 1e-5
    ladder = hr.ladder(BOOK, market(), [-h, h], [0.0])
    slope = (ladder.pnl[1, 0] - ladder.pnl[0, 0]) / (2 * h)
    assert slope == pytest.approx(total["dollar_delta"], rel=1e-5)
    ladder = hr.ladder(BOOK, market(), [0.0], [-h, h])
    assert (ladder.pnl[0, 1] - ladder.pnl[0, 0]) / (2 * h) == pytest.approx(total["vega"], rel=1e-6)


def test_the_worst_cell_is_named() -> None:
    ladder = hr.ladder(BOOK, market(), [-0.1, 0.1], [0.0, 0.1])
    worst, spot, volatility = ladder.worst
    assert worst == ladder.pnl.min()
    assert spot in ladder.spots
    assert volatility in ladder.volatilities
    assert all(len(line) <= 80 for line in repr(ladder).splitlines())


def test_sticky_moneyness_moves_the_smile() -> None:
    strike = hr.ladder(BOOK, market(), [0.1], [0.0])
    moneyness = hr.ladder(BOOK, market(), [0.1], [0.0], dynamics=hr.SmileDynamics.STICKY_MONEYNESS)
    assert strike.pnl[0, 0] != moneyness.pnl[0, 0]


def test_positions_that_can_not_be_valued_are_counted() -> None:
    lost = hr.Book.from_columns(["option:DOGE/USD:2026-03-27T08:00:00Z:1:C"], [1.0])
    ladder = hr.ladder(BOOK + lost, market(), [0.1], [0.0])
    assert ladder.excluded == 1
    assert np.isfinite(ladder.pnl).all()


def test_a_row_that_one_scenario_can_not_value_is_in_no_cell() -> None:
    """At zero volatility gamma is infinite at the forward; its value must not look like a loss."""
    snapshot, expiry = market(), EXPIRIES[1]
    flat = hr.UnderlyingMarket(
        underlying="X",
        quote_currency="USD",
        forwards=hr.ForwardCurve(as_of=AS_OF, spot=100.0),
        smiles=[hr.Smile(expiry=expiry, strikes=[100.0], volatilities=[0.1])],
    )
    both = hr.Snapshot(as_of=AS_OF, markets=[*snapshot.markets, flat], rates=snapshot.rates)
    book = BOOK + hr.Book.from_columns([hr.Option("X", expiry, 100.0, "call")], [1000.0])
    moves = ([-0.1, 0.0, 0.1], [-0.1, 0.0, 0.1])
    ladder = hr.ladder(book, both, *moves)
    assert ladder.excluded == 1
    assert ladder.pnl == pytest.approx(hr.ladder(BOOK, snapshot, *moves).pnl, rel=1e-12)
    assert ladder.pnl[1, 1] == 0.0


def test_a_row_that_only_a_scenario_can_value_is_in_no_cell() -> None:
    expiry = EXPIRIES[1]
    still = hr.UnderlyingMarket(
        underlying="X",
        quote_currency="USD",
        forwards=hr.ForwardCurve(as_of=AS_OF, spot=100.0),
        smiles=[hr.Smile(expiry=expiry, strikes=[100.0], volatilities=[0.0])],
    )
    snapshot = hr.Snapshot(as_of=AS_OF, markets=[still], rates=hr.ExchangeRates("USD", {}))
    book = hr.Book.from_columns([hr.Option("X", expiry, 100.0, "call")], [1.0])
    ladder = hr.ladder(book, snapshot, [0.0], [0.0, 0.1])
    assert ladder.excluded == 1
    assert (ladder.pnl == 0.0).all()
