"""Paths under a local volatility: their moments, prices beside the surface, and what they need."""

import numpy as np
import pytest

from hedgerow import black, simulate, ssvi
from hedgerow.errors import InvalidInput
from hedgerow.local_volatility import SviSurface
from hedgerow.simulate import local_volatility_paths

LAW = ssvi.PowerLaw(rho=-0.6, eta=1.0, gamma=0.4)
TIMES = [0.1, 0.25, 0.5, 1.0]
SURFACE = SviSurface(TIMES, [LAW.slice(0.04 * time).raw() for time in TIMES])
SEEN = [0.05, 0.25, 1.0]


@pytest.fixture(scope="module")
def drawn():
    return local_volatility_paths(SURFACE, SEEN, paths=60_000, seed=5, step=1 / 128)


def within(sample, expected, bias=0.0):
    """Whether a mean is within four standard errors, and a bias that is stated."""
    error = sample.std(axis=0) / np.sqrt(len(sample))
    return np.all(np.abs(sample.mean(axis=0) - expected) <= 4 * error + bias)


def test_forwards_are_martingales(drawn):
    assert drawn.times.tolist() == SEEN
    assert drawn.forward_ratio.shape == drawn.variance.shape == (60_000, 3)
    assert within(drawn.forward_ratio, 1.0)


def test_prices_are_those_of_the_surface(drawn):
    """Dupire: the surface's European prices, up to the bias that docs/simulation.md states."""
    for time, ratio in zip(SEEN, drawn.forward_ratio.T, strict=True):
        k = np.array([-1.5, -0.5, 0.0, 0.5, 1.0]) * 0.2 * np.sqrt(time)
        right = np.where(k >= 0, 1.0, -1.0)
        payoffs = np.maximum(right * (ratio[:, None] - np.exp(k)), 0.0)
        exact = black.price(right, 1.0, np.exp(k), time, SURFACE.volatility(k, time), 1.0)
        assert within(payoffs, exact, bias=2e-4 * np.sqrt(time))


def test_the_variance_is_the_surface_s_at_the_end(drawn):
    x = np.log(drawn.forward_ratio[:100, 1])
    expected = SURFACE.local_volatility(x, SEEN[1]) ** 2
    np.testing.assert_allclose(drawn.variance[:100, 1], expected, rtol=1e-9)


def test_one_volatility_is_exact_in_any_step():
    paths = local_volatility_paths(0.3, [2.0], paths=40_000, seed=1, step=10.0)
    x = np.log(paths.forward_ratio[:, 0])
    assert within(x, -0.09)
    assert x.std() == pytest.approx(0.3 * np.sqrt(2.0), rel=0.02)
    assert np.all(paths.variance == 0.09)


def test_a_function_may_be_the_model():
    def variance(x, time):
        return 0.04 + 0.0 * x if time < 0.5 else 0.16 + 0.0 * x

    paths = local_volatility_paths(variance, [0.5, 1.0], paths=20_000, seed=2, step=0.25)
    halves = np.log(paths.forward_ratio)
    assert halves[:, 0].std() == pytest.approx(0.2 * np.sqrt(0.5), rel=0.03)
    rest = halves[:, 1] - halves[:, 0]
    assert rest.std() == pytest.approx(0.4 * np.sqrt(0.5), rel=0.03)
    assert abs(np.corrcoef(halves[:, 0], rest)[0, 1]) < 0.03


def test_paths_are_the_same_for_any_number_and_mirrored_where_asked():
    few = local_volatility_paths(SURFACE, [0.1, 0.3], paths=100, seed=9)
    many = local_volatility_paths(SURFACE, [0.1, 0.3], paths=simulate.TOGETHER + 3, seed=9)
    np.testing.assert_array_equal(few.forward_ratio, many.forward_ratio[:100])
    last = local_volatility_paths(SURFACE, [0.1, 0.3], paths=simulate.TOGETHER + 1, seed=9)
    np.testing.assert_array_equal(last.forward_ratio[-1], many.forward_ratio[-3])
    other = local_volatility_paths(SURFACE, [0.1, 0.3], paths=100, seed=10)
    assert abs(np.corrcoef(few.forward_ratio[:, 1], other.forward_ratio[:, 1])[0, 1]) < 0.5
    pairs = local_volatility_paths(0.2, [1.0], paths=10, seed=3, step=1.0, antithetic=True)
    x = np.log(pairs.forward_ratio[:, 0]) + 0.02
    np.testing.assert_allclose(x[0::2], -x[1::2], rtol=1e-12)


def test_arbitrage_in_the_surface_is_no_volatility():
    """A second expiry below the first: total variance falls, and no diffusion does that."""
    falling = SviSurface([0.1, 0.2], [LAW.slice(0.04).raw(), LAW.slice(0.02).raw()])
    paths = local_volatility_paths(falling, [0.05, 0.2], paths=10, seed=4)
    assert np.isfinite(paths.forward_ratio[:, 0]).all()
    assert np.isnan(paths.forward_ratio[:, 1]).all()


@pytest.mark.parametrize(
    ("argument", "more"),
    [
        ("paths", {"paths": 0}),
        ("paths", {"paths": 3, "antithetic": True}),
        ("seed", {"seed": -1}),
        ("step", {"step": 0.0}),
        ("times", {"times": [0.5, 0.5]}),
        ("times", {"times": [0.0]}),
        ("times", {"times": []}),
        ("model", {"model": -0.2}),
        ("model", {"model": "0.2"}),
    ],
)
def test_wrong_arguments_are_named(argument, more):
    given = {"model": 0.2, "times": [1.0], "paths": 2, "seed": 1} | more
    with pytest.raises(InvalidInput) as error:
        local_volatility_paths(given.pop("model"), given.pop("times"), **given)
    assert error.value.argument == argument
