"""Fits of Heston's parameters: round trips, noise, bounds, and what can't be fitted."""

from __future__ import annotations

import numpy as np
import pytest

import hedgerow as hr
from hedgerow import black, heston
from hedgerow.heston import Fit, LeastSquaresOutcome, Parameters

TRUTHS = [
    Parameters(0.04, 1.5, 0.05, 0.4, -0.7),
    Parameters(0.09, 1.0, 0.09, 1.0, -0.9),
    Parameters(0.02, 4.0, 0.06, 0.8, -0.3),
    Parameters(0.5, 3.0, 0.6, 1.2, 0.2),
]
START = Parameters(0.1, 2.0, 0.1, 0.5, -0.4)


def chain(truth: Parameters) -> list[np.ndarray]:
    """136 quotes: 8 expiries x 17 strikes, out of the money, with rates and carry."""
    times = np.array([0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0])[:, None]
    forwards = 100 * np.exp(0.02 * times)
    spread = np.linspace(-2.0, 1.5, 17) * np.sqrt(max(truth.v0, truth.theta) * times)
    strikes, forwards = np.broadcast_arrays(forwards * np.exp(spread), forwards)
    right = np.where(strikes >= forwards, 1.0, -1.0)
    discounts = np.exp(-0.03 * times)
    prices = heston.price(right, forwards, strikes, times, discounts, **truth._asdict())
    columns = (right, forwards, strikes, times, discounts, prices)
    return [np.ravel(column) for column in np.broadcast_arrays(*columns)]


def distance(fit: Fit, truth: Parameters) -> float:
    return float(np.max(np.abs(np.subtract(fit.parameters, truth))))


@pytest.mark.parametrize("truth", TRUTHS)
def test_a_round_trip_finds_the_parameters_again(truth: Parameters) -> None:
    columns = chain(truth)
    for start in (None, START._asdict(), truth._asdict()):
        fit = heston.fit(*columns, start=start)
        assert fit.outcome == LeastSquaresOutcome.CONVERGED
        assert distance(fit, truth) <= 1e-6
        assert fit.iterations <= 60
        assert fit.cost <= 1e-14 * len(columns[0])


def test_the_order_of_the_rows_does_not_matter() -> None:
    truth = TRUTHS[0]
    columns = chain(truth)
    order = np.random.default_rng(1993).permutation(len(columns[0]))
    fit = heston.fit(*(column[order] for column in columns))
    assert distance(fit, truth) <= 1e-6


def test_noise_leaves_the_parameters_within_their_standard_errors() -> None:
    truth, noise = TRUTHS[0], 1e-3  # a tenth of a volatility point
    right, forward, strike, time, discount, price = chain(truth)
    vega = black.vega(
        right,
        forward,
        strike,
        time,
        black.implied_volatility(right, price, forward, strike, time, discount),
        discount,
    )
    scores = []
    rng = np.random.default_rng(2017)
    for _ in range(60):
        noisy = price + noise * vega * rng.standard_normal(len(price))
        fit = heston.fit(right, forward, strike, time, discount, noisy, weight=1 / (noise * vega))
        assert fit.outcome == LeastSquaresOutcome.CONVERGED
        assert fit.cost == pytest.approx(131, rel=0.4)  # chi squared of 136 - 5
        scores.append(np.subtract(fit.parameters, truth) / fit.standard_errors)
    assert np.std(scores, axis=0) == pytest.approx(1.0, abs=0.3)
    assert np.abs(np.mean(scores, axis=0)).max() < 0.5


def test_bounds_hold_and_have_no_standard_error() -> None:
    columns = chain(TRUTHS[0])
    fit = heston.fit(*columns, low={"sigma": 0.6}, high={"kappa": 1.0})
    assert fit.outcome == LeastSquaresOutcome.CONVERGED
    assert fit.parameters.sigma >= 0.6
    assert fit.parameters.kappa <= 1.0
    on_bound = fit.parameters.sigma == 0.6 or fit.parameters.kappa == 1.0
    assert on_bound
    for name, bound in (("sigma", 0.6), ("kappa", 1.0)):
        if getattr(fit.parameters, name) == bound:
            assert getattr(fit.standard_errors, name) == 0


def test_what_can_t_be_fitted_says_so() -> None:
    columns = chain(TRUTHS[0])
    for row, value in ((5, np.nan), (2, -1.0), (3, np.nan), (3, -1.0)):
        broken = [column.copy() for column in columns]
        broken[row][3] = value
        fit = heston.fit(*broken, weight=1.0, start=START._asdict())
        assert fit.outcome == LeastSquaresOutcome.NOT_FINITE
        assert fit.parameters == START
    with pytest.raises(hr.InvalidInput, match="rho"):
        heston.fit(*columns, start=START._replace(rho=2.0)._asdict())
    with pytest.raises(hr.InvalidInput, match="sigma"):
        heston.fit(*columns, low={"sigma": 0.0})


def test_one_expiry_does_not_determine_all_five() -> None:
    columns = [column[:17] for column in chain(TRUTHS[0])]
    fit = heston.fit(*columns)
    prices = heston.price(*columns[:5], **fit.parameters._asdict())
    np.testing.assert_allclose(prices, columns[5], atol=1e-4)
    errors = np.array(fit.standard_errors)
    assert np.any(np.isnan(errors) | (errors == 0) | (errors > 1))
