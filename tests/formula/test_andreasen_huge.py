"""Andreasen and Huge's interpolation: fits, the paper's example, no arbitrage whatever comes."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow import InvalidInput, black, local_volatility, ssvi
from hedgerow.local_volatility import AndreasenHuge, LeastSquaresOutcome, SviSurface

SX5E = Path(__file__).parents[1] / "reference" / "sx5e_20100301.csv"
CONVERGED = LeastSquaresOutcome.CONVERGED


def sx5e():
    """Log-moneyness, time and volatility of the paper's quotes; it has no rates."""
    with SX5E.open() as file:
        rows = [
            (float(r["moneyness"]), float(r["t"]), float(r["vol"])) for r in csv.DictReader(file)
        ]
    moneyness, time, volatility = np.transpose(rows)
    return np.log(moneyness), time, volatility


def index(times=(0.25, 0.5, 1.0, 2.0), count=11):
    """A surface without arbitrage and quotes from it."""
    law = ssvi.PowerLaw(rho=-0.6, eta=1.0, gamma=0.4)
    surface = SviSurface(times, [law.slice(0.04 * time).raw() for time in times])
    time = np.array(times)[:, None]
    k = np.linspace(-2.5, 1.5, count) * 0.2 * np.sqrt(time)
    time = np.broadcast_to(time, k.shape)
    return surface, k.ravel(), time.ravel(), surface.volatility(k, time).ravel()


def assert_free_of_arbitrage(surface, strikes, times):
    """Calls fall and are convex in strike, and rise in time at the same moneyness.

    Bounds are the rounding of prices between 0 and 1.
    """
    k = np.log(strikes)
    before = np.maximum(1 - strikes, 0.0)
    for time in times:
        price = surface.price(k, time)
        calls = np.where(k < 0, price + 1 - strikes, price)
        assert np.all(price >= 0)
        assert np.all(np.diff(calls) <= 1e-14)
        slopes = np.diff(calls) / np.diff(strikes)
        assert np.all(np.diff(slopes) >= -1e-14 / np.diff(strikes).min())
        assert np.all(calls >= before - 1e-14)
        before = calls


def test_the_papers_example():
    k, time, volatility = sx5e()
    surface = AndreasenHuge(k, time, volatility)
    assert surface.outcome == CONVERGED
    assert len(surface.times) == 12
    # The bounds that QuantLib's tests state for it: 15 and 3.5 basis points.
    assert surface.largest_residual <= 0.0015
    assert np.abs(surface.residuals).mean() <= 0.00005
    # What is left is arbitrage in the quotes of two expiries: all others are met.
    met = ~np.isin(time, (3.781, 4.778))
    assert np.abs(surface.residuals[met]).max() <= 1e-9
    np.testing.assert_allclose(
        surface.volatility(k, time), volatility + surface.residuals, rtol=1e-12
    )
    assert surface.residual == pytest.approx(np.sqrt(np.mean(surface.residuals**2)), rel=1e-12)


def test_the_quotes_of_the_papers_example_that_it_misses_have_arbitrage():
    k, time, volatility = sx5e()
    at = time == 4.778
    strikes, t = np.exp(k[at]), time[at]
    calls = black.price(1.0, 1.0, strikes, t, volatility[at], 1.0)
    assert np.diff(np.diff(calls) / np.diff(strikes)).min() < -1e-3


def test_the_papers_example_is_free_of_arbitrage_between_quotes():
    surface = AndreasenHuge(*sx5e())
    strikes = np.linspace(0.3, 2.2, 2000)
    assert_free_of_arbitrage(surface, strikes, [1e-3, *np.linspace(0.01, 7, 60)])


def test_quotes_without_arbitrage_are_met():
    surface, k, time, volatility = index()
    found = AndreasenHuge(k, time, volatility)
    assert found.outcome == CONVERGED
    assert found.largest_residual <= 1e-10
    # Between quoted strikes and expiries it is near the surface that they are from.
    for t in (0.25, 0.4, 0.8, 1.5):
        x = np.linspace(-2.2, 1.3, 50) * 0.2 * np.sqrt(t)
        np.testing.assert_allclose(found.volatility(x, t), surface.volatility(x, t), atol=5e-3)


def test_the_order_of_quotes_does_not_matter():
    _, *columns = index()
    order = np.random.default_rng(7).permutation(len(columns[0]))
    first, second = AndreasenHuge(*columns), AndreasenHuge(*(c[order] for c in columns))
    np.testing.assert_array_equal(first.residuals[order], second.residuals)
    x = np.linspace(-0.3, 0.3, 7)
    np.testing.assert_array_equal(first.volatility(x, 0.7), second.volatility(x, 0.7))


@pytest.mark.parametrize("k", [-0.2, 0.0, 0.15])
def test_one_quote_is_met(k):
    found = AndreasenHuge([k], [1.0], [0.3])
    assert found.volatility(k, 1.0) == pytest.approx(0.3, abs=1e-10)


def test_weights_decide_where_quotes_contradict_each_other():
    """The same strike at a falling total variance: no prices without arbitrage meet both."""
    k, time, volatility = [0.0, 0.0], [0.25, 0.5], [0.35, 0.05]
    found = AndreasenHuge(k, time, volatility)
    assert abs(found.residuals[0]) <= 1e-10  # the earlier expiry is fitted first
    least = 0.35 * np.sqrt(0.25 / 0.5)
    assert found.residuals[1] == pytest.approx(least - 0.05, abs=1e-3)
    assert_free_of_arbitrage(found, np.linspace(0.5, 2, 400), np.linspace(0.05, 1, 20))
    k, time, volatility = sx5e()
    heavy = AndreasenHuge(k, time, volatility, weight=np.where(k < -0.4, 1.0, 1e-2))
    light = AndreasenHuge(k, time, volatility)
    at = (time == 4.778) & (k < -0.4)
    assert np.abs(heavy.residuals[at]).sum() < np.abs(light.residuals[at]).sum()


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    expiries=st.integers(1, 4),
    count=st.integers(1, 9),
    level=st.floats(0.08, 0.8),
    noise=st.sampled_from([0.0, 0.01, 0.05]),
)
def test_whatever_the_quotes_prices_are_free_of_arbitrage(seed, expiries, count, level, noise):
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(0.02, 3, expiries))
    time = np.repeat(times, count)
    spread = np.tile(np.sort(rng.uniform(-2.5, 2.5, count)), expiries)
    k = level * np.sqrt(time) * spread
    smile = level * (1 - 0.1 * spread + 0.05 * spread**2)
    volatility = smile * (1 + noise * rng.standard_normal(len(k)))
    found = AndreasenHuge(k, time, volatility, nodes=150)
    strikes = np.exp(level * np.sqrt(times[-1]) * np.linspace(-3, 3, 301))
    assert_free_of_arbitrage(found, strikes, np.linspace(0.02, 1.2 * times[-1], 9))
    implied = found.volatility(0.0, times)
    assert np.all(np.diff(implied**2 * times) >= -1e-12)
    at = np.linspace(-2, 2, 9) * level
    assert np.all(found.local_volatility(at[:, None], np.linspace(0, 4, 9)) > 0)


def test_its_local_volatility_gives_its_prices():
    """By the forward equation, of which the jumps at expiries and the start take first order."""
    _, *columns = index()
    found = AndreasenHuge(*columns, nodes=800)
    k, time, _ = columns
    again = local_volatility.implied_volatility(found, k, time, nodes=800, steps=1600)
    np.testing.assert_allclose(again, found.volatility(k, time), atol=1e-3)


def test_edges_give_nan_in_their_own_cell():
    found = AndreasenHuge(*index()[1:])
    assert found.price([-0.1, 0.0, 0.1], 0.0) == pytest.approx([0, 0, 0], abs=1e-15)
    assert np.isnan(found.volatility(0.0, 0.0))
    prices = found.price([0.0, np.nan, 50.0, 0.1], [1.0, 1.0, 1.0, np.nan])
    assert np.isnan(prices).tolist() == [False, True, True, True]
    assert np.isnan(found.local_volatility(0.0, -1.0))
    assert np.isnan(found.local_volatility(np.nan, 1.0))
    assert found.local_volatility(50.0, 1.0) > 0
    assert isinstance(found.price(0.0, 1.0), float)
    assert found.price(np.zeros((3, 1)), np.ones(2)).shape == (3, 2)
    assert repr(found).startswith("AndreasenHuge(4 expiries, 44 quotes, residual ")


@pytest.mark.parametrize(
    ("k", "time", "volatility", "options", "argument"),
    [
        ([], [], [], {}, "log_moneyness"),
        ([np.nan], [1.0], [0.2], {}, "log_moneyness"),
        ([0.0, 0.0], [1.0, 1.0], [0.2, 0.2], {}, "log_moneyness"),
        ([9.0], [0.01], [0.2], {}, "log_moneyness"),
        ([-101.0], [1.0], [9.0], {}, "log_moneyness"),
        ([0.0], [9.0], [9.0], {}, "volatility"),
        ([0.0], [0.0], [0.2], {}, "time"),
        ([0.0], [1.0, 2.0], [0.2], {}, "time"),
        ([0.0], [1.0], [-0.2], {}, "volatility"),
        ([0.0], [1.0], [0.2], {"weight": [0.0]}, "weight"),
        ([0.0], [1.0], [0.2], {"nodes": 3}, "nodes"),
        ([0.0], [1.0], [0.2], {"most_iterations": 0}, "most_iterations"),
    ],
)
def test_bad_input_names_the_argument(k, time, volatility, options, argument):
    with pytest.raises(InvalidInput) as caught:
        AndreasenHuge(k, time, volatility, **options)
    assert caught.value.argument == argument
