"""The probability of liquidation: exact for lines, simulated for books."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.risk.test_solvency import coin_market
from tests.strategies import EXPIRIES

import hedgerow as hr

DAY = 1 / 365


def exact(distance: float, volatility: float, time: float, drift: float) -> float:
    """The reflection formula with 50 digits."""
    with mpmath.workdps(50):
        a, v, t, m = map(mpmath.mpf, (distance, volatility, time, drift))
        s = v * mpmath.sqrt(t)
        below = mpmath.ncdf(-(a + m * t) / s)
        return float(below + mpmath.exp(-2 * m * a / v**2) * mpmath.ncdf((m * t - a) / s))


def test_the_reference_of_a_linear_book() -> None:
    """(Equity - margin) / q = 3000 at 60,000, 60 % a year, a day: .11137."""
    found = hr.hitting_probability(3_000.0, 0.6 * 60_000, DAY)
    assert found == pytest.approx(0.11137, abs=5e-6)
    assert found == pytest.approx(2 * hr.normal.cdf(-3_000 / (36_000 * math.sqrt(DAY))), rel=1e-14)


@given(
    st.floats(1e-3, 20.0),
    st.floats(0.03, 5.0),
    st.floats(1e-4, 10.0),
    st.floats(-4.0, 4.0),
)
@settings(max_examples=1_000)
def test_it_errs_as_stated(distance: float, volatility: float, time: float, drift: float) -> None:
    expected = exact(distance, volatility, time, drift)
    found = hr.hitting_probability(distance, volatility, time, drift=drift)
    assert 0 <= found <= 1
    deviation = volatility * math.sqrt(time)
    y, z = abs(distance + drift * time) / deviation, (distance + abs(drift) * time) / deviation
    if expected > 1e-290:
        assert abs(found - expected) <= 5e-16 * (1 + y * z) * expected
    else:
        assert found < 1.01e-290


def test_its_limits() -> None:
    hit = hr.hitting_probability
    assert hit(0.0, 1.0, 1.0) == 1.0
    assert hit(-1.0, 1.0, 1.0) == 1.0
    assert hit(1.0, 0.0, 2.0, drift=-0.5) == 1.0
    assert hit(1.0, 0.0, 1.0, drift=-0.5) == 0.0
    assert hit(1.0, 1.0, 0.0) == 0.0
    assert hit(1.0, 1.0, 1e12) == pytest.approx(1.0, abs=1e-5)
    assert hit(1.0, 1.0, 1e12, drift=1.0) == pytest.approx(math.exp(-2), rel=1e-13)
    assert hit(math.inf, 1.0, 1.0) == 0.0
    for broken in ((math.nan, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, -1.0), (1.0, 1.0, math.nan)):
        assert math.isnan(hit(*broken))
    assert math.isnan(hit(1.0, 1.0, 1.0, drift=math.nan))


def linear_account(available: float = 3_000.0) -> hr.Account:
    """A coin, and so much of its price more than the margin of 1,000."""
    book = hr.Book.from_columns([hr.Spot("BTC", "USD")], [1.0])
    return hr.Account(book, {"USD": available + 1_000 - 60_000})


@pytest.mark.parametrize("steps", [1, 4, 16])
def test_simulation_of_a_linear_book_agrees_with_reflection(steps: int) -> None:
    found = hr.liquidation_probability(
        linear_account(), coin_market(), 1_000.0, hr.Diffusion(["BTC"], 0.6), DAY,
        seed=7, paths=20_000, steps=steps,
    )  # fmt: skip
    log_distance = math.log(60_000 / 57_000)
    expected = hr.hitting_probability(log_distance, 0.6, DAY, drift=-0.18)
    assert abs(found.probability - expected) < 4 * found.standard_error
    assert 0 < found.standard_error < 0.0025
    assert found.excluded == 0


def test_without_the_bridge_it_would_be_too_low() -> None:
    """Four steps seen at their ends alone miss a third: the bridge is what corrects it."""
    random = np.random.default_rng(1)
    walks = np.cumsum(random.normal(0, 0.6 * math.sqrt(DAY / 4), (100_000, 4)), axis=1)
    at_ends = (walks.min(axis=1) <= math.log(57 / 60)).mean()
    expected = hr.hitting_probability(math.log(60 / 57), 0.6, DAY)
    assert at_ends < 0.75 * expected


def test_a_book_of_options_agrees_with_fine_steps() -> None:
    options = [hr.Option("BTC", EXPIRIES[2], 60e3, right) for right in ("call", "put")]
    book = hr.Book.from_columns(options, [-2.0, -2.0])
    snapshot = coin_market()
    bare = hr.solvency(hr.Account(book), snapshot, 0.0, []).equity
    account = hr.Account(book, {"USD": 4_000 - bare})
    diffusion = hr.Diffusion(["BTC"], 0.6, 0.8, correlation=[[1.0, -0.5], [-0.5, 1.0]])
    coarse, fine = (
        hr.liquidation_probability(
            account, snapshot, 1_000.0, diffusion, 5 * DAY, seed=seed, paths=4_000, steps=steps
        )
        for seed, steps in ((1, 8), (2, 128))
    )
    error = math.hypot(coarse.standard_error, fine.standard_error)
    assert 0.1 < fine.probability < 0.9
    assert abs(coarse.probability - fine.probability) < 4 * error + 0.01


def test_the_same_seed_gives_the_same_number() -> None:
    def run(seed: int) -> hr.LiquidationProbability:
        return hr.liquidation_probability(
            linear_account(), coin_market(), 1_000.0, hr.Diffusion(["BTC"], 0.6), DAY, seed=seed,
            paths=500, steps=3,
        )  # fmt: skip

    assert run(5) == run(5)
    assert run(5).probability != run(6).probability


def test_certain_ends() -> None:
    diffusion = hr.Diffusion(["BTC"], 0.6)
    gone = hr.liquidation_probability(
        linear_account(-1.0), coin_market(), 1_000.0, diffusion, DAY, seed=1
    )
    assert gone.probability == 1.0
    safe = hr.Account(hr.Book(), {"USD": 2_000.0})
    still = hr.liquidation_probability(safe, coin_market(), 1_000.0, diffusion, DAY, seed=1)
    assert (still.probability, still.standard_error) == (0.0, 0.0)
    flat = hr.Diffusion(["BTC"], 0.0)
    still = hr.liquidation_probability(linear_account(), coin_market(), 1e3, flat, DAY, seed=1)
    assert still.probability == 0.0
    lost = hr.liquidation_probability(
        linear_account(), coin_market(), lambda s: np.full(len(s), np.nan), diffusion, DAY, seed=1
    )
    assert math.isnan(lost.probability)


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(hr.InvalidInput, match="underlyings"):
        hr.Diffusion([], 0.6)
    with pytest.raises(hr.InvalidInput, match="volatility"):
        hr.Diffusion(["BTC"], [0.6, 0.5])
    with pytest.raises(hr.InvalidInput, match="volatility"):
        hr.Diffusion(["BTC"], -0.1)
    for matrix in (np.eye(3), [[1.0, 2.0], [2.0, 1.0]], [[1.0, 0.5], [0.4, 1.0]]):
        with pytest.raises(hr.InvalidInput, match="correlation"):
            hr.Diffusion(["BTC"], 0.6, correlation=matrix)
    given = (linear_account(), coin_market(), 1_000.0)
    good = hr.Diffusion(["BTC"], 0.6)
    with pytest.raises(hr.InvalidInput, match="horizon"):
        hr.liquidation_probability(*given, good, 0.0, seed=1)
    with pytest.raises(hr.InvalidInput, match="paths"):
        hr.liquidation_probability(*given, good, DAY, seed=1, paths=1)
    with pytest.raises(hr.InvalidInput, match="DOGE"):
        hr.liquidation_probability(*given, hr.Diffusion(["DOGE"], 0.6), DAY, seed=1)
    with pytest.raises(hr.InvalidInput, match="margin"):
        hr.liquidation_probability(
            linear_account(), coin_market(), lambda s: [1.0, 2.0], good, DAY, seed=1
        )
