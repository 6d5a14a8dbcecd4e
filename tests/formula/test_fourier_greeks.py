"""Greeks of the Fourier models: tables, differences of prices, homogeneity, limits, hedges."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from tests.formula.test_fourier import HEAVY, PARAMETERS, SETS, groups

from hedgerow import _core, bates, black, heston
from hedgerow._core import FourierModel

# The errors that hedgerow.fourier states: delta and dual delta in units of D max(1, sqrt(K/F)) and
# D max(1, sqrt(F/K)), gammas in units of D sqrt(F K)/F^2 and /K^2, theta in units of
# D max(F, sqrt(F K))/T.
SETS_OF = {module: FourierModel[module.__name__.split(".")[1].upper()] for module in SETS}
DELTA, GAMMA, THETA, VARIANCE = 1e-10, 2e-9, 1e-10, 2e-8
NAMES = ("price", "delta", "gamma", "theta", "dual_delta", "dual_gamma", "v0")
Array = npt.NDArray[np.float64]


def strip(
    isa: str,
    model: FourierModel,
    parameters: tuple[float, ...],
    right: Array,
    strikes: Array,
    time: float,
    discount: float = 1.0,
    forward: float = 100.0,
) -> dict[str, Array]:
    """Greeks by name."""
    alike = np.ones(len(strikes))
    found = _core.fourier_greeks_on(
        isa, model, parameters, right, forward * alike, strikes, time, discount * alike
    )
    assert found is not None
    return dict(zip(NAMES, found, strict=False))


def units(strikes: Array, time: float, forward: float = 100.0) -> dict[str, Array]:
    """What errors count in."""
    mean = np.sqrt(forward * strikes)
    return {
        "price": np.maximum(forward, mean),
        "delta": np.maximum(1, mean / forward),
        "gamma": mean / forward**2,
        "theta": np.maximum(forward, mean) / time,
        "dual_delta": np.maximum(1, mean / strikes),
        "dual_gamma": mean / strikes**2,
        "v0": np.maximum(forward, mean),
    }


BOUNDS = dict(zip(NAMES, (1e-10, DELTA, GAMMA, THETA, DELTA, GAMMA, VARIANCE), strict=True))


def test_highprec_greeks(isa: str, reference: Path) -> None:
    table = pd.read_csv(reference / "highprec_fourier.csv").rename(columns={"d0": "v0"})
    worst = dict.fromkeys(NAMES, 0.0)
    keys = ("model", *(f"p{i}" for i in range(8)), "time")
    for (name, *parameters, time), rows in groups(table, *keys):
        model = FourierModel[name.upper()]
        p = tuple(x for x in parameters if not math.isnan(x))
        strikes = rows.strike.to_numpy(float)
        found = strip(isa, model, p, np.where(strikes >= 100, 1.0, -1.0), strikes, time)
        for greek, values in found.items():
            error = np.abs(values - rows[greek].to_numpy()) / units(strikes, time)[greek]
            worst[greek] = max(worst[greek], float(error.max()))
    for greek, bound in BOUNDS.items():
        assert worst[greek] <= bound, (greek, worst[greek])
        assert worst[greek] > 0.1 * bound or greek == "v0", (greek, worst[greek])


@pytest.mark.parametrize("parameters", [(0.15, 0.5, -0.1, 0.15), (0.5, 2.0, 0.05, 0.3)])
@pytest.mark.parametrize("time", [5e-4, 2e-3, 0.02, 0.1, 1.0])
def test_merton_is_a_series_of_black_greeks(
    isa: str, parameters: tuple[float, ...], time: float
) -> None:
    volatility, intensity, mean, deviation = parameters
    strikes = 100 * np.exp(np.linspace(-1.5, 1.5, 61) * max(math.sqrt(time), 0.1))
    found = strip(isa, FourierModel.MERTON, parameters, sides(strikes), strikes, time)
    growth = math.expm1(mean + 0.5 * deviation**2)
    series = {greek: np.zeros(61) for greek in ("delta", "gamma", "dual_delta", "dual_gamma")}
    for n in range(60):
        weight = math.exp(n * math.log(intensity * time) - intensity * time - math.lgamma(n + 1))
        drift = math.exp(n * (mean + 0.5 * deviation**2) - intensity * growth * time)
        total = math.sqrt(volatility**2 * time + n * deviation**2)
        part = black.greeks(sides(strikes), 100 * drift, strikes, 1.0, total, 1.0)
        series["delta"] += weight * drift * part.delta
        series["gamma"] += weight * drift**2 * part.gamma
        series["dual_delta"] += weight * part.dual_delta
        series["dual_gamma"] += weight * part.dual_gamma
    unit = units(strikes, time)
    for greek, expected in series.items():
        assert np.max(np.abs(found[greek] - expected) / unit[greek]) <= BOUNDS[greek], greek


def sides(strikes: Array) -> Array:
    """Out of the money."""
    return np.where(strikes >= 100, 1.0, -1.0)


@pytest.mark.parametrize("model", FourierModel)
@pytest.mark.parametrize("time", [0.01, 0.5, 3.0])
def test_put_and_call_differ_by_a_forward(isa: str, model: FourierModel, time: float) -> None:
    strikes, discount = 100 * np.exp(np.linspace(-0.5, 0.4, 20) * math.sqrt(time)), 0.9
    alike = np.ones(20)
    call = strip(isa, model, PARAMETERS[model], alike, strikes, time, discount)
    put = strip(isa, model, PARAMETERS[model], -alike, strikes, time, discount)
    rate = -math.log(discount) / time
    expected = {
        "price": discount * (100 - strikes),
        "delta": discount,
        "gamma": 0.0,
        "theta": rate * discount * (100 - strikes),
        "dual_delta": -discount,
        "dual_gamma": 0.0,
        "v0": 0.0,
    }
    for greek, unit in units(strikes, time).items():
        if greek in call:
            gap = np.abs(call[greek] - put[greek] - expected[greek])
            assert np.max(gap / unit) <= 2 * BOUNDS[greek], greek


@pytest.mark.parametrize("model", FourierModel)
def test_greeks_keep_their_bounds_and_are_homogeneous(isa: str, model: FourierModel) -> None:
    strikes = 100 * np.exp(np.linspace(-3, 3, 101))
    for time in (0.01, 1.0, 5.0):
        for right in (1.0, -1.0):
            side = np.full(101, right)
            found = strip(isa, model, PARAMETERS[model], side, strikes, time)
            assert np.all((right * found["delta"] >= 0) & (right * found["delta"] <= 1))
            assert np.all((right * found["dual_delta"] <= 0) & (right * found["dual_delta"] >= -1))
            assert np.all((found["gamma"] >= 0) & (found["dual_gamma"] >= 0))
            sums = 100 * found["delta"] + strikes * found["dual_delta"]
            unit = np.maximum(100, strikes)
            assert np.max(np.abs(sums - found["price"]) / unit) <= 3 * DELTA
            np.testing.assert_allclose(
                found["gamma"] * 100**2, found["dual_gamma"] * strikes**2, rtol=1e-14
            )


@pytest.mark.parametrize("model", FourierModel)
def test_greeks_are_the_slopes_of_prices(model: FourierModel) -> None:
    # On whichever path, for one strike alone and for many.
    module = {SETS_OF[name]: name for name in SETS_OF}[model]
    named = SETS[module]
    for count in (1, 40):
        strikes = np.linspace(80, 125, count) if count > 1 else np.array([93.0])
        for time in (0.5, 2.0):
            columns = (strikes, time, 0.9)
            found = module.greeks(1, 100.0, *columns, **named)

            def of(f: float, t: float, strikes=strikes, time=time) -> Array:
                discount = 0.9 ** (t / time)  # at one rate
                return module.price(1, f, strikes, t, discount, **named)

            h = 0.05
            ends = [of(100 + s * h, time) for s in (1, -1, 2, -2)]
            slope = (8 * (ends[0] - ends[1]) - (ends[2] - ends[3])) / (12 * h)
            assert np.max(np.abs(found.delta - slope)) <= 1e-6
            bend = (ends[0] - 2 * of(100.0, time) + ends[1]) / h**2
            assert np.max(np.abs(found.gamma - bend)) <= 1e-4 * np.max(found.gamma) + 2e-5
            h = 1e-3 * time
            ends = [of(100.0, time + s * h) for s in (1, -1, 2, -2)]
            slope = (8 * (ends[0] - ends[1]) - (ends[2] - ends[3])) / (12 * h)
            assert np.max(np.abs(found.theta + slope)) <= 1e-4


def test_without_randomness_of_the_variance_they_are_those_of_black(isa: str) -> None:
    strikes = np.linspace(60, 150, 31)
    side = sides(strikes)
    found = strip(isa, FourierModel.HESTON, (0.04, 1.5, 0.04, 1e-7, 0.0), side, strikes, 1.0, 0.9)
    expected = black.greeks(side, 100.0, strikes, 1.0, 0.2, 0.9)
    for greek, unit in units(strikes, 1.0).items():
        if greek != "v0":
            error = np.abs(found[greek] - getattr(expected, greek)) / unit
            assert np.max(error) <= BOUNDS[greek], greek
    # Today's variance counts for (1 - exp(-kappa T))/(kappa T) of the whole.
    part = -math.expm1(-1.5) / 1.5
    assert np.max(np.abs(found["v0"] - expected.vega / 0.4 * part)) <= 100 * VARIANCE


@pytest.mark.parametrize("module", SETS, ids=lambda module: module.__name__)
def test_at_expiry_they_are_those_of_black(module) -> None:
    right, strikes = [1, -1, 1, -1, 1], [90.0, 90.0, 100.0, 100.0, 110.0]
    found = module.greeks(right, 100.0, strikes, 0.0, 0.9, **SETS[module])
    expected = black.greeks(right, 100.0, strikes, 0.0, 0.2, 0.9)
    for greek in NAMES[:6]:
        np.testing.assert_array_equal(getattr(found, greek), getattr(expected, greek))
    times = [0.5, math.nan, -1.0, math.inf]
    for column in module.greeks(1, 100.0, 90.0, times, 0.9, **SETS[module]):
        assert np.isnan(column).tolist() == [False, True, True, True]
    one = module.greeks(-1, 100.0, 90.0, 0.5, 0.9, **SETS[module])
    assert isinstance(one.delta, np.float64)
    assert module.greeks(1, 100.0, [[90.0], [95.0]], [0.1, 0.2], 0.9, **SETS[module])[1].shape == (
        2,
        2,
    )


def test_rows_outside_the_domain_are_nan_alone(isa: str) -> None:
    strikes = np.array([90.0, -1.0, math.nan, 100.0, math.inf, 110.0])
    for model, parameters in PARAMETERS.items():
        for time in (0.5, 4.0):
            for values in strip(isa, model, parameters, np.ones(6), strikes, time).values():
                assert np.isnan(values).tolist() == [False, True, True, False, True, False]


@pytest.mark.parametrize("module", [heston, bates], ids=lambda module: module.__name__)
def test_the_minimum_variance_delta_moves_the_variance_along(module) -> None:
    strikes, named = np.linspace(80, 125, 10), SETS[module]
    found = module.minimum_variance_delta(1, 100.0, strikes, 0.5, 0.9, **named)
    h = 0.01
    ends = []
    for move in (h, -h):
        v0 = named["v0"] + named["rho"] * named["sigma"] * move / 100
        ends.append(module.price(1, 100.0 + move, strikes, 0.5, 0.9, **named | {"v0": v0}))
    np.testing.assert_allclose(found, (ends[0] - ends[1]) / (2 * h), atol=2e-6)
    model = module.greeks(1, 100.0, strikes, 0.5, 0.9, **named).delta
    assert np.all(found < model)  # the variance rises as the price falls


def test_heavy_tails_have_greeks_on_the_curved_path(isa: str) -> None:
    strikes = np.linspace(50, 180, 20)
    for time in (0.5, 5.0):
        parts = (FourierModel.HESTON, HEAVY, sides(strikes))
        together = strip(isa, *parts, strikes, time)
        many = strip(isa, *parts[:2], sides(np.tile(strikes, 40)), np.tile(strikes, 40), time)
        for greek, unit in units(strikes, time).items():
            gap = np.abs(many[greek][:20] - together[greek]) / unit
            assert np.max(gap) <= 2 * BOUNDS[greek], greek
