"""Smiles without a model: convex price splines, what they follow and what they cannot hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import trapezoid
from tests.calibrate.test_calibrate import AS_OF, EXPIRIES, SPOT, broken, quotes, smiles

from hedgerow import Quotes, Spot, black, svi
from hedgerow.calibrate import FitOutcome, InForce, Model, calibrate
from hedgerow.calibrate.observations import Observations
from hedgerow.calibrate.spline import Spline, _spline, fit_spline

VOGT = svi.Parameters(a=-0.0410, b=0.1331, rho=0.3060, m=0.3586, sigma=0.4153)


def seen(moneyness, volatilities, time, half_spread=0.005, forward=SPOT):
    """Quotes of one expiry, a half-spread about their middles."""
    volatilities = np.asarray(volatilities, dtype=float)
    return Observations(
        expiry=EXPIRIES[0],
        time=time,
        forward=forward,
        strikes=forward * np.asarray(moneyness),
        bid_volatilities=volatilities - half_spread,
        volatilities=volatilities,
        ask_volatilities=volatilities + half_spread,
        half_spreads=np.full(len(volatilities), half_spread),
    )


def places(spline, count=2001):
    k = np.log(spline.knots)
    return np.exp(np.linspace(k[1], k[-2], count))


def calls(spline, x):
    """The calls at all strikes, by parity where puts are out of the money."""
    return spline.price(x) + np.where(x < 1, 1 - x, 0.0)


@given(
    volatility=st.floats(0.05, 1.2),
    time=st.floats(0.003, 3.0),
    skew=st.floats(-0.3, 0.3),
    noise=st.floats(0.0, 0.2),
    count=st.integers(3, 40),
    seed=st.integers(0, 99),
)
def test_prices_are_convex_and_within_their_bounds(volatility, time, skew, noise, count, seed):
    """Whatever is quoted."""
    rng = np.random.default_rng(seed)
    k = np.sort(rng.uniform(-2.5, 2.5, count)) * volatility * np.sqrt(time)
    k += 1e-6 * np.arange(count)
    quoted = volatility * (1 + skew * np.linspace(-1, 1, count) + noise * rng.uniform(-1, 1, count))
    spline = _spline(seen(np.exp(k), quoted, time))
    widths = 0.5 * (spline.knots[2:] - spline.knots[:-2])
    middles = (spline.knots[2:] + spline.knots[1:-1] + spline.knots[:-2]) / 3
    assert spline.density.min() >= 0
    assert widths @ spline.density[1:-1] == pytest.approx(1, abs=1e-12)
    assert (widths * middles) @ spline.density[1:-1] == pytest.approx(1, abs=1e-12)
    x = places(spline, 401)
    prices = calls(spline, x)
    assert np.all(prices >= np.maximum(1 - x, 0) - 1e-12)
    assert np.all(prices <= 1)
    slopes = np.diff(prices) / np.diff(x)
    assert np.all(slopes <= 1e-9)
    assert np.all(slopes >= -1 - 1e-9)
    assert np.all(np.diff(slopes) >= -1e-8)


def test_prices_are_integrals_of_the_density():
    spline = _spline(seen([0.8, 0.9, 1.0, 1.1, 1.2], [0.34, 0.3, 0.27, 0.26, 0.265], 0.25))
    x = np.linspace(spline.knots[0], spline.knots[-1], 200_001)
    density = np.interp(x, spline.knots, spline.density)
    for moneyness in (0.7, 0.95, 1.0, 1.05, 1.4):
        side = np.maximum(x - moneyness, 0) if moneyness >= 1 else np.maximum(moneyness - x, 0)
        expected = trapezoid(side * density, x)
        assert spline.price(np.array([moneyness]))[0] == pytest.approx(expected, abs=1e-8)


def test_a_density_of_one_hat_by_hand():
    """A triangle on [0.5, 1.5]: its mean is 1, its variance 1/24, its call at 1 is 1/12."""
    spline = Spline(np.array([0.5, 1.0, 1.5]), np.array([0.0, 2.0, 0.0]))
    assert spline.price(np.array([1.0]))[0] == pytest.approx(1 / 12)
    # (3/2 - x)^3 * 2/3 above the middle; mirrored below it.
    assert spline.price(np.array([1.25]))[0] == pytest.approx(0.25**3 * 2 / 3)
    assert spline.price(np.array([0.75]))[0] == pytest.approx(0.25**3 * 2 / 3)
    assert spline.price(np.array([0.4, 1.6])).tolist() == [0.0, 0.0]


def test_smooth_quotes_are_followed():
    k = np.linspace(-0.6, 0.5, 23)
    smile = svi.Parameters(a=0.01, b=0.1, rho=-0.4, m=0.05, sigma=0.2)
    made = fit_spline(seen(np.exp(k), smile.volatility(k, 0.5), 0.5, half_spread=0.002))
    assert made.outcome is FitOutcome.CONVERGED
    assert made.problems == ()
    assert made.least_density > 0
    between = np.linspace(-0.55, 0.45, 201)
    error = made.smile.volatility(SPOT * np.exp(between)) - smile.volatility(between, 0.5)
    assert np.abs(error).max() < 0.002


def test_quotes_with_a_butterfly_arbitrage_are_not_followed_into_it():
    """The Vogt smile, whose density is negative about k = 0.9: Gatheral and Jacquier 2014."""
    k = np.linspace(-1.5, 1.5, 31)
    made = fit_spline(seen(np.exp(k), VOGT.volatility(k, 1.0), 1.0))
    assert svi.butterfly(VOGT).minimum < 0
    assert made.least_density > 0
    assert made.problems == ()
    error = made.smile.volatility(SPOT * np.exp(k)) - VOGT.volatility(k, 1.0)
    assert 0.001 < np.abs(error).max() < 0.05


def test_two_quotes_are_too_few():
    made = fit_spline(seen([0.9, 1.1], [0.3, 0.28], 0.25))
    assert made.outcome is FitOutcome.TOO_FEW_QUOTES
    assert made.smile is None


def test_where_a_fit_fails_and_nothing_was_before_the_spline_stands():
    chain = quotes(smiles(Model.SVI), half_spread=0.002, change=broken)
    snapshot, report = calibrate(chain, model="sabr")
    second = report["X"].slices[1]
    assert not second.trusted
    standing = {InForce.SPLINE: "spline", InForce.QUOTES: "quotes"}
    assert second.in_force in standing
    assert standing[second.in_force] in str(second)
    # Quotes within reach of a density that is none below zero: the spline is.
    mild = quotes(smiles(Model.SVI), half_spread=0.0005, change=waves)
    snapshot, report = calibrate(mild, model="sabr")
    second = report["X"].slices[1]
    assert second.in_force is InForce.SPLINE
    standing_smile = snapshot.market("X").smiles[1]
    assert standing_smile == second.standing
    assert standing_smile != second.smile
    seen_there = second.observations
    missed = standing_smile.volatility(seen_there.strikes) - seen_there.volatilities
    assert np.sqrt(np.mean((missed / seen_there.half_spreads) ** 2)) < 1.0


def waves(expiry, strike, volatility):
    """The second expiry with more bends than SABR has, none of them an arbitrage by much."""
    if expiry != EXPIRIES[1]:
        return volatility
    return volatility + 3.0 * abs(np.log(strike / SPOT)) ** 3


def test_a_chain_as_splines():
    snapshot, report = calibrate(quotes(smiles(Model.SVI), half_spread=0.005), model="spline")
    assert report.trusted, report
    assert report["X"].inside_share == 1.0
    for item in report["X"].slices:
        assert item.least_density > 0
        assert item.parameters == {}
    assert snapshot.market("X").smiles[0].expiry == EXPIRIES[0]


def test_a_few_strikes_far_apart():
    chain = quotes(smiles(Model.SVI)).select([0, 1, 2, 21, 22, 41, 42])
    _, report = calibrate(chain, model="spline")
    assert report["X"].slices[0].trusted, report
    only = Quotes(AS_OF, [Spot("X", "USD")], [SPOT], [SPOT])
    assert calibrate(only, model="spline")[1]["X"].slices == ()


def test_black_prices_come_back():
    """Of Black's own smile the density is the smooth one itself."""
    x = np.exp(np.linspace(-0.5, 0.5, 21))
    spline = _spline(seen(x, np.full(21, 0.25), 1.0))
    right = np.where(x >= 1, 1.0, -1.0)
    expected = black.price(right, 1.0, x, 1.0, 0.25, 1.0)
    assert np.abs(spline.price(x) - expected).max() < 2e-5
