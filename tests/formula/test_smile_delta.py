"""Deltas on smiles: of models whose prices are homogeneous, and of SABR by differences."""

from __future__ import annotations

import numpy as np
import pytest

import hedgerow as hr
from hedgerow import black, displaced, heston, sabr, smile_delta

EXPIRY = np.datetime64("2027-01-01T08:00")
STRIKES = np.linspace(80.0, 125.0, 19)
MODEL = {"v0": 0.04, "kappa": 1.5, "theta": 0.05, "sigma": 0.4, "rho": -0.7}


@pytest.mark.parametrize("right", [1, -1])
def test_a_homogeneous_model_is_sticky_in_moneyness(right: int) -> None:
    # Heston's smile is one of K/F: its delta is that of a smile that moves with the forward.
    nodes = 100 * np.exp(np.linspace(-0.5, 0.5, 401))
    prices = heston.price(1, 100.0, nodes, 0.7, 1.0, **MODEL)
    volatility = black.implied_volatility(1, prices, 100.0, nodes, 0.7, 1.0)
    smile = hr.Smile.spline(expiry=EXPIRY, strikes=nodes, volatilities=volatility)
    columns = (right, 100.0, STRIKES, 0.7, 0.9)
    expected = heston.greeks(*columns, **MODEL).delta
    assert np.max(np.abs(smile_delta.sticky_moneyness(smile, *columns) - expected)) <= 1e-6 * 0.9
    here = smile.volatility(STRIKES)
    np.testing.assert_array_equal(
        smile_delta.sticky_strike(smile, *columns),
        black.delta(right, 100.0, STRIKES, 0.7, here, 0.9),
    )
    # A skew that falls with the strike: the call gains more where its volatility rises too.
    assert np.all(smile_delta.sticky_moneyness(smile, *columns)[:9] > expected[:9] - 1e-6)


def test_quotes_have_the_mean_of_both_sides_at_their_kinks() -> None:
    smile = hr.Smile(expiry=EXPIRY, strikes=[90.0, 100.0, 110.0], volatilities=[0.3, 0.2, 0.25])
    found = smile_delta.sticky_moneyness(smile, 1, 100.0, 100.0, 0.5, 1.0)
    slopes = np.array([-0.1 / np.log(100 / 90), 0.05 / np.log(1.1)])
    expected = black.delta(1, 100.0, 100.0, 0.5, 0.2, 1.0)
    expected -= black.vega(1, 100.0, 100.0, 0.5, 0.2, 1.0) * slopes.mean() / 100
    assert found == pytest.approx(expected, abs=1e-4)
    assert smile_delta.sticky_strike(smile, [1, -1], 100.0, [[90.0], [95.0]], 0.5, 1.0).shape == (
        2,
        2,
    )
    flat = smile_delta.sticky_moneyness(smile, 1, 100.0, 80.0, 0.5, 1.0)
    assert flat == smile_delta.sticky_strike(smile, 1, 100.0, 80.0, 0.5, 1.0)


@pytest.mark.parametrize("shift", [0.0, 5.0])
def test_sabr_deltas_are_slopes_along_its_moves(shift: float) -> None:
    def at(alpha: float) -> sabr.SabrParameters:
        return sabr.SabrParameters(alpha=alpha, beta=0.7, rho=-0.4, nu=0.6, shift=shift)

    def price(forward: float, alpha: float) -> np.ndarray:
        volatility = sabr.volatility(at(alpha), forward, STRIKES, 0.7)
        return displaced.price(-1, forward, STRIKES, 0.7, volatility, 0.9, shift)

    alpha, forward, h = 0.8, 100.0, 1e-3
    columns = (-1, forward, STRIKES, 0.7, 0.9)
    held = (price(forward + h, alpha) - price(forward - h, alpha)) / (2 * h)
    np.testing.assert_allclose(sabr.delta(at(alpha), *columns), held, atol=1e-9)
    move = -0.4 * 0.6 / (forward + shift) ** 0.7 * h
    moved = (price(forward + h, alpha + move) - price(forward - h, alpha - move)) / (2 * h)
    np.testing.assert_allclose(sabr.bartlett_delta(at(alpha), *columns), moved, atol=1e-9)
    assert np.all(sabr.bartlett_delta(at(alpha), *columns) < sabr.delta(at(alpha), *columns))
