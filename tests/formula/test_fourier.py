"""Strips in Heston and in models with jumps: tables, two methods, bounds, limits."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

import hedgerow as hr
from hedgerow import _core, bates, black, heston, kou, merton, variance_gamma
from hedgerow._core import FourierModel

# The errors that the header states, in units of D max(F, sqrt(F K)).
PRICE, DERIVATIVE = 1e-10, 2e-8
Array = npt.NDArray[np.float64]
PARAMETERS = {
    FourierModel.HESTON: (0.04, 1.5, 0.05, 0.4, -0.7),
    FourierModel.BATES: (0.04, 1.5, 0.05, 0.4, -0.7, 0.3, -0.1, 0.15),
    FourierModel.MERTON: (0.15, 0.5, -0.1, 0.15),
    FourierModel.KOU: (0.16, 1.0, 0.4, 10.0, 5.0),
    FourierModel.VARIANCE_GAMMA: (0.12, 0.17, -0.14),
    FourierModel.NORMAL_INVERSE_GAUSSIAN: (15.0, -5.0, 0.5),
}
HEAVY = (0.09, 1.0, 0.09, 1.0, -0.9)  # Feller's condition violated, skewed: the curved path


def strip(
    isa: str,
    model: FourierModel,
    parameters: tuple[float, ...],
    forward: float,
    strikes: Array,
    time: float,
    gradient: bool = False,
) -> tuple[Array, Array]:
    """Undiscounted out-of-the-money prices (and derivatives) and their units."""
    n = len(strikes)
    right = np.where(strikes >= forward, 1.0, -1.0)
    forwards, discounts = np.full(n, forward), np.ones(n)
    found = _core.fourier_strip_on(
        isa, model, parameters, right, forwards, strikes, time, discounts, gradient
    )
    assert found is not None
    return found, np.maximum(forward, np.sqrt(forward * strikes))


def groups(table: pd.DataFrame, *keys: str) -> list[tuple[tuple, pd.DataFrame]]:
    return list(table.groupby(list(keys), dropna=False, sort=False))


def test_highprec_fourier(isa: str, reference: Path) -> None:
    table = pd.read_csv(reference / "highprec_fourier.csv")
    worst = worst_slope = 0.0
    for (name, *parameters, time), rows in groups(
        table, "model", *(f"p{i}" for i in range(8)), "time"
    ):
        model = FourierModel[name.upper()]
        p = tuple(x for x in parameters if not math.isnan(x))
        strikes = rows.strike.to_numpy(float)
        found, unit = strip(isa, model, p, rows.forward.iloc[0], strikes, time, True)
        worst = max(worst, float(np.max(np.abs(found[0] - rows.price) / unit)))
        expected = rows[[f"d{i}" for i in range(len(p))]].to_numpy(float).T
        worst_slope = max(worst_slope, float(np.max(np.abs(found[1:] - expected) / unit)))
        alone, _ = strip(isa, model, p, rows.forward.iloc[0], strikes, time)
        worst = max(worst, float(np.max(np.abs(alone[0] - rows.price) / unit)))
    assert 0.1 * PRICE < worst <= PRICE
    assert 0.005 * DERIVATIVE < worst_slope <= DERIVATIVE


def test_highprec_heston(isa: str, reference: Path) -> None:
    # From a week on, computed elsewhere along two contours in 30 digits.
    table = pd.read_csv(reference / "highprec_heston.csv")
    names = ["v0", "kappa", "theta", "sigma", "rho"]
    for (*parameters, time), rows in groups(table, *names, "t"):
        forward = rows.spot * np.exp((rows.r - rows.q) * time)
        discount = np.exp(-rows.r * time)
        right = np.where(rows.option_type == "call", 1.0, -1.0)
        found = _core.fourier_strip_on(
            isa,
            FourierModel.HESTON,
            parameters,
            right,
            forward,
            rows.strike,
            time,
            discount,
            False,
        )
        assert found is not None
        unit = discount * np.maximum(forward, np.sqrt(forward * rows.strike))
        assert np.max(np.abs(found[0] - rows.price) / unit) <= PRICE


@pytest.mark.parametrize("name", ["heston", "merton", "variance_gamma"])
def test_published_values(name: str, reference: Path) -> None:
    # QuantLib's strips of default COS err here by up to 0.1 of 100, PyFENG's by up to 147.
    table = pd.read_csv(reference / f"{name}.csv")
    assert set(table.status) == {"pass"}
    if name == "merton":
        deviation = np.sqrt(table.gamma * table.vol_total**2 / table["lambda"])
        table["volatility"] = np.sqrt(table.vol_total**2 * (1 - table.gamma))
        table["intensity"], table["jump_deviation"] = table["lambda"], deviation
        table["jump_mean"] = -0.5 * deviation**2
    model = {"heston": heston, "merton": merton, "variance_gamma": variance_gamma}[name]
    parameters = {
        "heston": ["v0", "kappa", "theta", "sigma", "rho"],
        "merton": ["volatility", "intensity", "jump_mean", "jump_deviation"],
        "variance_gamma": ["sigma", "nu", "theta"],
    }[name]
    for values, rows in groups(table, *parameters):
        forward = rows.spot * np.exp((rows.r - rows.q) * rows.t)
        right = np.where(rows.option_type == "call", 1.0, -1.0)
        discount = np.exp(-rows.r * rows.t)
        named = dict(zip(parameters, values, strict=True))
        found = model.price(right, forward, rows.strike, rows.t, discount, **named)
        bound = np.maximum(rows.tol, PRICE * discount * np.maximum(forward, rows.strike))
        assert np.all(np.abs(found - rows.expected) <= bound)


# The second has jumps of one size: its characteristic function does not fall, it comes round.
@pytest.mark.parametrize("parameters", [(0.15, 0.5, -0.1, 0.15), (0.037, 2.7, -0.336, 0.0)])
def test_merton_is_a_series_of_black_prices(
    isa: str, parameters: tuple[float, float, float, float]
) -> None:
    volatility, intensity, mean, deviation = parameters
    strikes = np.exp(np.linspace(-1.5, 1.5, 61))
    for time in (0.002, 0.1, 1.0, 10.0):
        found, unit = strip(isa, FourierModel.MERTON, parameters, 1.0, strikes, time)
        growth = math.expm1(mean + 0.5 * deviation**2)
        right = np.where(strikes >= 1, 1.0, -1.0)
        series = np.zeros(len(strikes))
        for n in range(80):
            weight = math.exp(
                n * math.log(intensity * time) - intensity * time - math.lgamma(n + 1)
            )
            forward = math.exp(n * (mean + 0.5 * deviation**2) - intensity * growth * time)
            total = math.sqrt(volatility**2 * time + n * deviation**2)
            series += weight * black.price(right, forward, strikes, 1.0, total, 1.0)
        assert np.max(np.abs(found[0] - series) / unit) <= PRICE


@pytest.mark.parametrize("model", FourierModel)
@pytest.mark.parametrize("time", [0.01, 0.5, 3.0])
def test_prices_do_not_depend_on_the_path(isa: str, model: FourierModel, time: float) -> None:
    # One strike alone is cheaper on the curved path much sooner than a thousand of them.
    strikes = 100 * np.exp(np.linspace(-0.5, 0.4, 40) * math.sqrt(time))
    parameter_sets = [PARAMETERS[model], *([HEAVY] if model == FourierModel.HESTON else [])]
    for parameters in parameter_sets:
        together, unit = strip(isa, model, parameters, 100.0, np.tile(strikes, 25), time)
        alone = [strip(isa, model, parameters, 100.0, k, time)[0] for k in strikes[:, None]]
        error = np.abs(together[0, :40] - np.ravel(alone)) / unit[:40]
        assert np.max(error) <= 2 * PRICE


@pytest.mark.parametrize("model", FourierModel)
def test_prices_keep_their_bounds(isa: str, model: FourierModel) -> None:
    strikes = 100 * np.exp(np.linspace(-6, 6, 401))
    n = len(strikes)
    for time in (1e-3, 0.1, 1.0, 10.0):
        prices = {}
        for right in (1.0, -1.0):
            found = _core.fourier_strip_on(
                isa,
                model,
                PARAMETERS[model],
                np.full(n, right),
                np.full(n, 100.0),
                strikes,
                time,
                np.full(n, 0.9),
                False,
            )
            assert found is not None
            prices[right] = found[0] / 0.9
            assert np.all(prices[right] >= np.maximum(right * (100 - strikes), 0) * (1 - 1e-15))
            assert np.all(prices[right] <= (100.0 if right > 0 else strikes) * (1 + 1e-15))
        unit = np.maximum(100, np.sqrt(100 * strikes))
        parity = prices[1.0] - prices[-1.0] - (100 - strikes)
        assert np.max(np.abs(parity) / unit) <= 2 * PRICE
        slope = np.diff(prices[-1.0]) / np.diff(strikes)
        noise = 4 * PRICE * unit[1:] / np.diff(strikes)
        assert np.all((slope >= -noise) & (slope <= 1 + noise))


def test_a_small_volatility_of_variance_is_black(isa: str) -> None:
    strikes = np.linspace(60, 150, 31)
    for sigma in (1e-3, 1e-5, 1e-7):
        p = (0.04, 1.5, 0.04, sigma, 0.0)
        found, unit = strip(isa, FourierModel.HESTON, p, 100.0, strikes, 1.0)
        right = np.where(strikes >= 100, 1.0, -1.0)
        expected = black.price(right, 100.0, strikes, 1.0, 0.2, 1.0)
        # The difference is of the order sigma^2.
        assert np.max(np.abs(found[0] - expected) / unit) <= PRICE + sigma**2


def test_heavy_and_light_tails(isa: str) -> None:
    # Wherever one path is chosen, gradients agree with differences of prices.
    for parameters in (PARAMETERS[FourierModel.HESTON], HEAVY, (0.01, 0.3, 0.02, 2.0, 0.5)):
        strikes = np.linspace(50, 180, 50)
        for time in (0.02, 1.0, 4.0):
            found, unit = strip(
                isa, FourierModel.HESTON, parameters, 100.0, strikes, time, gradient=True
            )
            for j in range(5):
                h = 1e-4 * max(abs(parameters[j]), 0.1)
                ends = []
                for sign in (1, -1, 2, -2):
                    moved = tuple(x + sign * h * (i == j) for i, x in enumerate(parameters))
                    ends.append(strip(isa, FourierModel.HESTON, moved, 100.0, strikes, time)[0][0])
                slope = (8 * (ends[0] - ends[1]) - (ends[2] - ends[3])) / (12 * h)
                assert np.max(np.abs(found[1 + j] - slope) / unit) <= 2 * PRICE / h + DERIVATIVE


def test_fused_instruction_sets_agree_in_every_bit() -> None:
    fused = [isa for isa in hr.build_config()["supported_isas"] if isa != "baseline"]
    if len(fused) < 2:
        pytest.skip("one fused instruction set on this machine")
    strikes = np.linspace(50, 180, 50)
    for model, parameters in PARAMETERS.items():
        first, *others = [
            strip(isa, model, parameters, 100.0, strikes, 1.0, True)[0] for isa in fused
        ]
        for other in others:
            np.testing.assert_array_equal(other, first)


def test_rows_outside_the_domain_are_nan_alone(isa: str) -> None:
    columns = np.tile([[1.0], [100.0], [90.0], [0.9]], 12)
    columns[0, 1], columns[1, 2], columns[1, 3], columns[2, 4] = 0.0, -1.0, np.inf, 0.0
    columns[2, 5], columns[3, 6], columns[3, 7], columns[1, 8] = np.nan, 0.0, np.inf, np.nan
    for model, parameters in PARAMETERS.items():
        right, forward, strike, discount = columns
        found = _core.fourier_strip_on(
            isa, model, parameters, right, forward, strike, 0.5, discount, True
        )
        assert found is not None
        good = [0, 9, 10, 11]
        assert np.isnan(np.delete(found, good, axis=1)).all()
        assert np.isfinite(found[:, good]).all()


SETS = {
    heston: {"v0": 0.04, "kappa": 1.5, "theta": 0.05, "sigma": 0.4, "rho": -0.7},
    kou: {"volatility": 0.2, "intensity": 1.0, "probability": 0.4, "up": 10.0, "down": 5.0},
    merton: {"volatility": 0.2, "intensity": 1.0, "jump_mean": -0.1, "jump_deviation": 0.1},
    variance_gamma: {"sigma": 0.12, "nu": 0.17, "theta": -0.14},
    hr.normal_inverse_gaussian: {"alpha": 15.0, "beta": -5.0, "delta": 0.5},
}
SETS[bates] = SETS[heston] | {"intensity": 0.3, "jump_mean": -0.1, "jump_deviation": 0.15}
WRONG = {
    heston: [("kappa", 0.0), ("sigma", -1.0), ("rho", 1.0), ("v0", math.nan), ("theta", -0.1)],
    bates: [("intensity", -1.0), ("jump_deviation", -0.1), ("jump_mean", math.inf)],
    merton: [("volatility", 0.0), ("intensity", -1.0)],
    kou: [("up", 1.0), ("probability", 1.1), ("down", 0.0), ("volatility", 0.0)],
    variance_gamma: [("sigma", 0.0), ("nu", -1.0), ("theta", 6.0)],
    hr.normal_inverse_gaussian: [("alpha", -1.0), ("beta", 14.5), ("delta", 0.0)],
}


@pytest.mark.parametrize("model", SETS, ids=lambda model: model.__name__)
def test_the_python_door_groups_by_time_and_broadcasts(model) -> None:
    strikes, times = np.linspace(70, 140, 8), np.array([[0.1], [2.0], [0.5]])
    table = model.price(hr.Right.PUT, 100.0, strikes, times, 0.9, **SETS[model])
    assert table.shape == (3, 8)
    for time, row in zip(times[:, 0], table, strict=True):
        alone = model.price(-1, 100.0, strikes, time, 0.9, **SETS[model])
        np.testing.assert_array_equal(row, alone)
    one = model.price(-1, 100.0, 90.0, 0.5, 0.9, **SETS[model])
    assert isinstance(one, np.float64)
    expired = model.price([1, -1], [100.0, 90.0], 95.0, 0.0, 0.9, **SETS[model])
    np.testing.assert_allclose(expired, [4.5, 4.5], rtol=1e-15)
    times = [0.5, math.nan, -1.0, math.inf]
    assert np.isnan(model.price(1, 100.0, 90.0, times, 0.9, **SETS[model])).tolist() == [
        False,
        True,
        True,
        True,
    ]
    assert model.price([], 100.0, [], 1.0, 0.9, **SETS[model]).shape == (0,)


@pytest.mark.parametrize("model", WRONG, ids=lambda model: model.__name__)
def test_parameters_outside_the_domain_are_named(model) -> None:
    for name, value in WRONG[model]:
        with pytest.raises(hr.InvalidInput) as error:
            model.price(1, 100.0, 90.0, 0.5, 0.9, **SETS[model] | {name: value})
        assert error.value.argument == name


@pytest.mark.parametrize("model", SETS, ids=lambda model: model.__name__)
def test_gradients_come_by_name(model) -> None:
    strikes, times = np.linspace(70, 140, 8), np.array([[0.1], [2.0]])
    gradient = model.gradient(1, 100.0, strikes, times, 0.9, **SETS[model])
    assert gradient._fields == ("price", *SETS[model])
    price = model.price(1, 100.0, strikes, times, 0.9, **SETS[model])
    np.testing.assert_allclose(gradient.price, price, atol=2e-8 * 1e-2)
    for name, value in SETS[model].items():
        h = 1e-4 * max(abs(value), 0.1)
        up, down = (
            model.price(1, 100.0, strikes, times, 0.9, **SETS[model] | {name: value + s * h})
            for s in (1, -1)
        )
        np.testing.assert_allclose(getattr(gradient, name), (up - down) / (2 * h), atol=2e-3)
