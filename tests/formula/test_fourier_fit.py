"""Fits of the models with jumps: round trips, noise, domains. Heston's: test_heston_fit.py."""

from __future__ import annotations

import numpy as np
import pytest

import hedgerow as hr
from hedgerow import bates, black, kou, merton, normal_inverse_gaussian, variance_gamma
from hedgerow.fourier import LeastSquaresOutcome

TRUTHS = [
    (bates, (0.04, 1.5, 0.05, 0.4, -0.7, 0.3, -0.1, 0.15)),
    (bates, (0.3, 3.0, 0.4, 1.2, -0.2, 1.0, -0.2, 0.25)),
    (merton, (0.15, 0.5, -0.1, 0.15)),
    (merton, (0.5, 2.0, 0.05, 0.3)),
    (kou, (0.16, 1.0, 0.4, 10.0, 5.0)),
    (kou, (0.4, 3.0, 0.3, 6.0, 4.0)),
    (variance_gamma, (0.12, 0.17, -0.14)),
    (variance_gamma, (0.5, 0.3, -0.2)),
    (normal_inverse_gaussian, (15.0, -5.0, 0.5)),
    (normal_inverse_gaussian, (5.0, 0.5, 1.2)),
]


def chain(module, truth: tuple[float, ...]) -> list[np.ndarray]:
    """136 quotes: 8 expiries x 17 strikes, out of the money, with rates and carry."""
    named = module.Parameters(*truth)._asdict()
    times = np.array([0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0])[:, None]
    forwards = 100 * np.exp(0.02 * times)
    at_money = module.price(1, 100.0, 100.0, 1.0, 1.0, **named)
    level = black.implied_volatility(1, at_money, 100.0, 100.0, 1.0, 1.0)
    strikes = forwards * np.exp(np.linspace(-2.0, 1.5, 17) * level * np.sqrt(times))
    strikes, forwards, times = np.broadcast_arrays(strikes, forwards, times)
    right = np.where(strikes >= forwards, 1.0, -1.0)
    discounts = np.exp(-0.03 * times)
    prices = module.price(right, forwards, strikes, times, discounts, **named)
    return [np.ravel(x) for x in (right, forwards, strikes, times, discounts, prices)]


@pytest.mark.parametrize(
    ("module", "truth"), TRUTHS, ids=[f"{m.__name__}-{t[0]}" for m, t in TRUTHS]
)
def test_a_round_trip_finds_the_parameters_again(module, truth) -> None:
    columns = chain(module, truth)
    fit = module.fit(*columns)
    assert fit.outcome == LeastSquaresOutcome.CONVERGED
    assert np.max(np.abs(np.subtract(fit.parameters, truth))) <= 1e-6
    assert fit.parameters._fields == module.Parameters._fields
    assert fit.iterations <= 100
    warm = module.fit(*columns, start=fit.parameters)
    assert warm == module.fit(*columns, start=fit.parameters._asdict())
    assert warm.iterations <= 2


@pytest.mark.parametrize(("module", "truth"), TRUTHS[::2], ids=lambda x: getattr(x, "__name__", ""))
def test_noise_leaves_the_parameters_within_their_standard_errors(module, truth) -> None:
    noise = 1e-4  # a hundredth of a volatility point
    right, forward, strike, time, discount, price = chain(module, truth)
    columns = (right, forward, strike, time)
    volatility = black.implied_volatility(right, price, *columns[1:], discount)
    vega = black.vega(*columns, volatility, discount)
    scores = []
    rng = np.random.default_rng(2017)
    start = module.Parameters(*truth)._asdict()
    for _ in range(20):
        noisy = price + noise * vega * rng.standard_normal(len(price))
        fit = module.fit(*columns, discount, noisy, weight=1 / (noise * vega), start=start)
        assert fit.outcome == LeastSquaresOutcome.CONVERGED
        assert fit.cost == pytest.approx(136 - len(truth), rel=0.45)
        scores.append(np.subtract(fit.parameters, truth) / fit.standard_errors)
    assert np.std(scores, axis=0) == pytest.approx(1.0, abs=0.5)
    assert np.abs(np.mean(scores, axis=0)).max() < 0.8


def test_starts_and_bounds_out_of_the_domain_are_named() -> None:
    columns = chain(merton, TRUTHS[2][1])
    start = merton.Parameters(0.2, 1.0, 0.0, 0.1)._asdict()
    with pytest.raises(hr.InvalidInput, match="volatility"):
        merton.fit(*columns, start=start | {"volatility": -1.0})
    with pytest.raises(hr.InvalidInput, match="jump_deviation"):
        merton.fit(*columns, start=start, low={"jump_deviation": -0.1})
    with pytest.raises(hr.InvalidInput, match="intensity"):
        merton.fit(*columns, start=start, low={"intensity": 2.0}, high={"intensity": 1.0})
    columns = chain(variance_gamma, TRUTHS[6][1])
    with pytest.raises(hr.InvalidInput, match="theta"):
        variance_gamma.fit(*columns, start={"sigma": 0.2, "nu": 1.0, "theta": 2.0})
    with pytest.raises(TypeError):
        variance_gamma.fit(*columns, start={"sigma": 0.2})


def test_bounds_hold() -> None:
    columns = chain(kou, TRUTHS[4][1])
    fit = kou.fit(*columns, high={"down": 4.0})
    assert fit.outcome == LeastSquaresOutcome.CONVERGED
    assert fit.parameters.down == 4.0
    assert fit.standard_errors.down == 0.0
