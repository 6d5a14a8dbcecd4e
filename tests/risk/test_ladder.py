"""Ladders are full revaluations."""

from __future__ import annotations

import numpy as np
import pytest
from tests.strategies import CONTRACTS, market

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


def test_small_moves_agree_with_the_greeks() -> None:
    total = hr.value(BOOK, market()).total()
    h = 1e-5
    ladder = hr.ladder(BOOK, market(), [-h, h], [0.0])
    slope = (ladder.pnl[1, 0] - ladder.pnl[0, 0]) / (2 * h)
    assert slope == pytest.approx(total["dollar_delta"], rel=1e-5)
    ladder = hr.ladder(BOOK, market(), [0.0], [-h, h])
    assert (ladder.pnl[0, 1] - ladder.pnl[0, 0]) / (2 * h) == pytest.approx(total["vega"], rel=1e-6)


def test_the_worst_cell_is_named_and_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    ladder = hr.ladder(BOOK, market(), [-0.1, 0.1], [0.0, 0.1], progress=lambda *x: told.append(x))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
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
