"""Paths by QE-M: moments, the martingale, prices against Fourier's and printed ones, and bits.

Seeds are fixed: a bound of 4 standard errors either always holds or never.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import hedgerow as hr
from hedgerow import _core, bates, black, build_config, heston
from hedgerow.simulate import PathPayoff, Simulation

REFERENCE = Path(__file__).parents[1] / "reference" / "asian_heston.csv"
MILD = heston.Parameters(0.04, 1.5, 0.05, 0.4, -0.7)
UPWARD = heston.Parameters(0.04, 1.0, 0.04, 0.8, 0.6)
# Andersen 2008, cases I to III, with their years.
CASES = {
    "I": (heston.Parameters(0.04, 0.5, 0.04, 1.0, -0.9), 10.0),
    "II": (heston.Parameters(0.04, 0.3, 0.04, 0.9, -0.5), 15.0),
    "III": (heston.Parameters(0.09, 1.0, 0.09, 1.0, -0.3), 5.0),
}
JUMPS = bates.Parameters(*MILD, 0.8, -0.1, 0.15)
STRIKES = np.array([70.0, 100.0, 140.0])


def mean_and_error(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return samples.mean(axis=0), samples.std(axis=0) / np.sqrt(len(samples))


@pytest.mark.parametrize("model", [MILD, UPWARD, *(case[0] for case in CASES.values())])
@pytest.mark.parametrize("step", [1 / 32, 0.5])
def test_the_variance_has_its_exact_mean_and_variance(
    model: heston.Parameters, step: float
) -> None:
    times = np.array([0.5, 1.0, 3.0])
    v = Simulation(model, paths=40_000, seed=11, step=step).draw(times).variance
    gone = -np.expm1(-model.kappa * times)
    mean = model.v0 * (1 - gone) + model.theta * gone
    spread = model.sigma**2 * gone / model.kappa
    variance = model.v0 * spread * (1 - gone) + 0.5 * model.theta * spread * gone
    found, error = mean_and_error(v)
    assert np.all(np.abs(found - mean) < 4 * error)
    found, error = mean_and_error((v - mean) ** 2)
    assert np.all(np.abs(found - variance) < 4 * error)
    assert v.min() >= 0


@pytest.mark.parametrize("model", [MILD, UPWARD, JUMPS, *(case[0] for case in CASES.values())])
@pytest.mark.parametrize("antithetic", [False, True])
def test_the_forward_is_a_martingale(
    model: heston.Parameters | bates.Parameters, antithetic: bool
) -> None:
    draws = Simulation(model, paths=40_000, seed=5, step=0.25, antithetic=antithetic)
    paths = draws.draw([0.0, 0.25, 1.0, 2.0])
    assert (paths.forward_ratio[:, 0] == 1).all()
    assert (paths.variance[:, 0] == model.v0).all()
    pairs = paths.forward_ratio.reshape(-1, 2, 4).mean(axis=1)
    found, error = mean_and_error(pairs if antithetic else paths.forward_ratio)
    assert np.all(np.abs(found - 1) <= 4 * error)


@pytest.mark.parametrize("case", CASES)
def test_european_strips_are_fourier_prices(case: str) -> None:
    model, years = CASES[case]
    exact = heston.price(1, 100.0, STRIKES, years, 1.0, **model._asdict())
    draws = Simulation(model, paths=40_000, seed=2008, step=1 / 8)
    price, error = draws.european(1, 100.0, STRIKES, years, 1.0)
    assert np.all(np.abs(price - exact) < 4 * error)
    assert error.max() < 0.2


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_the_bias_falls_with_the_step(case: str) -> None:
    """No more than the table of docs/simulation.md, which four million paths made."""
    model, years = CASES[case]
    exact = heston.price(1, 100.0, STRIKES, years, 1.0, **model._asdict())
    for step, bound in ((1.0, 0.5), (1 / 2, 0.15), (1 / 4, 0.04), (1 / 8, 0.025), (1 / 32, 0.01)):
        draws = Simulation(model, paths=150_000, seed=2009, step=step)
        price, error = draws.european(1, 100.0, STRIKES, years, 1.0)
        assert np.all(np.abs(price - exact) < bound + 4 * error)


def test_jumps_are_bates() -> None:
    for model in (JUMPS, JUMPS._replace(intensity=60.0, jump_mean=0.01, jump_deviation=0.03)):
        exact = bates.price(1, 100.0, STRIKES, 1.0, 0.9, **model._asdict())
        draws = Simulation(model, paths=60_000, seed=1996, step=1 / 16, antithetic=True)
        price, error = draws.european(1, 100.0, STRIKES, 1.0, 0.9)
        assert np.all(np.abs(price - exact) < 4 * error)
    none = Simulation(bates.Parameters(*MILD, 0.0, -0.1, 0.1), paths=100, seed=3).draw(1.0)
    assert (none.forward_ratio == Simulation(MILD, paths=100, seed=3).draw(1.0).forward_ratio).all()


def reference() -> list[dict[str, str]]:
    with REFERENCE.open() as file:
        return [row for row in csv.DictReader(file) if row["status"] == "pass"]


@pytest.mark.parametrize("row", reference(), ids=lambda row: row["id"])
def test_printed_asian_prices(row: dict[str, str]) -> None:
    names = ("spot", "r", "q", "strike", "t", "fixings", "expected", "tol")
    spot, r, q, strike, time, fixings, expected, tolerance = (float(row[name]) for name in names)
    model = heston.Parameters(*(float(row[name]) for name in heston.Parameters._fields))
    draws = Simulation(model, paths=65_536, seed=2016, step=1 / 24, antithetic=True)
    times = np.linspace(0, time, int(fixings) + 1)[1:]
    option = (hr.Right.CALL, spot * np.exp((r - q) * times), strike, times, np.exp(-r * time))
    is_geometric = row["instrument"].startswith("discrete_geometric")
    price, error = draws.geometric_asian(*option) if is_geometric else draws.asian(*option)
    assert abs(price - expected) < tolerance + 4 * error
    assert error < 0.05


def test_streamed_prices_are_those_of_whole_paths() -> None:
    """Every payoff and its regression on the controls, again in NumPy on stored paths."""
    times, forward = np.array([0.25, 0.5, 0.75, 1.0]), np.array([100.0, 101.0, 102.0, 103.0])
    discount, barriers = 0.97, {"UP": 120.0, "DOWN": 85.0}
    right, strike = (np.ravel(x) for x in np.meshgrid([1.0, -1.0], [90.0, 105.0]))
    for antithetic in (False, True):
        draws = Simulation(JUMPS, paths=3000, seed=77, step=1 / 8, antithetic=antithetic)
        spot = draws.draw(times).forward_ratio * forward
        last = spot[:, -1]
        vanilla = bates.price(right, 103.0, strike, 1.0, 1.0, **JUMPS._asdict())
        for payoff in PathPayoff:
            side = payoff.name.partition("_")[0]
            barrier = barriers.get(side, 1.0)
            found = draws.price(payoff, right, forward, strike, times, discount, barrier)
            high, low = spot.max(axis=1), spot.min(axis=1)
            hit = {"UP": high >= barrier, "DOWN": low <= barrier}.get(side, high > 0)
            hit = hit if payoff.name.endswith("_IN") else ~hit
            for i, (r, k) in enumerate(zip(right, strike, strict=True)):
                seen = {
                    PathPayoff.ASIAN: spot.mean(axis=1),
                    PathPayoff.GEOMETRIC_ASIAN: np.exp(np.log(spot).mean(axis=1)),
                    PathPayoff.LOOKBACK: high if r > 0 else low,
                }.get(payoff, last)
                paid = np.maximum(r * (seen - k), 0.0)
                mean = payoff in (PathPayoff.ASIAN, PathPayoff.GEOMETRIC_ASIAN)
                forwards = spot.mean(axis=1) - forward.mean() if mean else last - 103.0
                controls = [np.ones(3000), forwards]
                if payoff == PathPayoff.FLOATING_LOOKBACK:
                    paid = r * (last - (low if r > 0 else high))
                elif payoff != PathPayoff.EUROPEAN:
                    controls.append(np.maximum(r * (last - k), 0.0) - vanilla[i])
                if side in barriers:
                    paid = np.where(hit, paid, 0.0)
                columns = np.array([paid, *controls])
                if antithetic:
                    columns = columns.reshape(len(columns), -1, 2).mean(axis=2)
                n = columns.shape[1]
                weights, *_ = np.linalg.lstsq(columns[1:].T, columns[0], rcond=None)
                residual = columns[0] - weights @ columns[1:]
                error = np.sqrt(residual @ residual / ((n - 3) * n))
                assert found.price[i] == pytest.approx(discount * weights[0], abs=1e-9)
                assert found.standard_error[i] == pytest.approx(discount * error, abs=1e-7)


def test_knocked_in_and_out_are_the_european_option() -> None:
    times = np.linspace(0, 1, 13)[1:]
    draws = Simulation(MILD, paths=5000, seed=4)
    option = (1, 100.0, [80.0, 100.0, 120.0])
    exact = heston.price(*option, 1.0, 0.95, **MILD._asdict())
    for side, level in (("UP", 130.0), ("DOWN", 90.0)):
        kinds = [PathPayoff[f"{side}_AND_{way}"] for way in ("IN", "OUT")]
        both = [draws.barrier(kind, *option, level, times, 0.95).price for kind in kinds]
        np.testing.assert_allclose(sum(both), exact, atol=1e-9)


def test_still_variance_is_black() -> None:
    """Without volatility of the variance the logarithm of the geometric mean is normal."""
    model = heston.Parameters(0.09, 1.0, 0.09, 1e-5, -0.5)
    times = np.linspace(0, 1, 13)[1:]
    draws = Simulation(model, paths=40_000, seed=6, step=1.0)
    covariance = 0.09 * np.minimum.outer(times, times).mean()
    forward = 100.0 * np.exp(0.5 * covariance - 0.045 * times.mean())
    exact = black.price(1, forward, STRIKES, 1.0, np.sqrt(covariance), 1.0)
    price, error = draws.geometric_asian(1, 100.0, STRIKES, times, 1.0)
    assert np.all(np.abs(price - exact) < 4 * error)
    price, error = draws.european(1, 100.0, STRIKES, 1.0, 1.0)
    assert np.all(np.abs(price - black.price(1, 100.0, STRIKES, 1.0, 0.3, 1.0)) < 4 * error)


def test_bits_do_not_depend_on_threads_or_on_the_number_of_paths() -> None:
    times = [0.1, 1.0]
    draws = Simulation(JUMPS, paths=6000, seed=99, antithetic=True)
    option = (PathPayoff.ASIAN, 1, 100.0, STRIKES, times, 1.0)
    threads = hr.get_num_threads()
    results = []
    try:
        for number in (1, 2, 3):
            hr.set_num_threads(number)
            results.append((draws.draw(times), draws.price(*option)))
    finally:
        hr.set_num_threads(threads)
    for paths, estimate in results[1:]:
        for one, other in zip(paths, results[0][0], strict=True):
            assert (one == other).all()
        for one, other in zip(estimate, results[0][1], strict=True):
            assert (one == other).all()
    few = Simulation(JUMPS, paths=700, seed=99, antithetic=True).draw(times)
    assert (few.forward_ratio == results[0][0].forward_ratio[:700]).all()
    assert (few.variance == results[0][0].variance[:700]).all()


def test_seeds_are_independent() -> None:
    n = 40_000
    ends = [Simulation(MILD, paths=n, seed=seed).draw(0.5).forward_ratio for seed in range(4)]
    ends += [Simulation(MILD, paths=n, seed=2**64 - 1).draw(0.5).forward_ratio]
    logs = np.log(np.hstack(ends))
    correlation = np.corrcoef(logs.T) - np.eye(5)
    assert np.abs(correlation).max() < 4 / np.sqrt(n)


def test_instruction_sets_agree(isa: str) -> None:
    parameters = [float(p) for p in JUMPS]
    plan = (_core.FourierModel.BATES, parameters, [0.5, 1.0], 1 / 16, 8, 2000, False)
    found = _core.simulate_paths_on(isa, *plan)
    best = _core.simulate_paths_on(build_config()["supported_isas"][0], *plan)
    assert found is not None
    assert best is not None
    for one, other in zip(found, best, strict=True):
        if isa == "baseline":  # no fused multiply-add
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)
        else:
            assert (one == other).all()


def test_corners_stay_finite() -> None:
    absorbed = heston.Parameters(0.04, 0.5, 0.0, 1.0, -0.9)
    from_zero = heston.Parameters(0.0, 0.5, 0.04, 1.0, 0.0)
    for model in (absorbed, from_zero, MILD._replace(sigma=1e-8), MILD._replace(rho=-0.999999)):
        paths = Simulation(model, paths=2000, seed=1, step=0.5).draw([0.5, 5.0, 20.0])
        assert np.isfinite(paths.forward_ratio).all()
        assert np.isfinite(paths.variance).all()
        assert paths.variance.min() >= 0
        found, error = mean_and_error(paths.forward_ratio)
        assert np.all(np.abs(found - 1) < 4 * error)


def test_a_row_outside_the_domain_is_nan_in_its_own_cell() -> None:
    draws = Simulation(MILD, paths=500, seed=1)
    strike = np.array([100.0, -1.0, np.nan, np.inf, 100.0])
    right = np.array([1.0, 1.0, 1.0, 1.0, 0.5])
    for estimate in (
        draws.european(right, 100.0, strike, 1.0, 1.0),
        draws.asian(right, 100.0, strike, [0.5, 1.0], 1.0),
    ):
        for column in estimate:
            assert np.isnan(column).tolist() == [False, True, True, True, True]
    barrier = np.array([np.nan, 0.0, 120.0])
    found = draws.barrier(PathPayoff.UP_AND_OUT, 1, 100.0, 100.0, barrier, [1.0], 1.0)
    assert np.isnan(found.price).tolist() == [True, True, False]


def test_shapes() -> None:
    draws = Simulation(MILD, paths=500, seed=1)
    one = draws.european(1, 100.0, 100.0, 1.0, 1.0)
    assert isinstance(one.price, np.float64)
    assert draws.asian([[1], [-1]], 100.0, STRIKES, [0.5, 1.0], 1.0).price.shape == (2, 3)
    assert draws.european(1, 100.0, [], 1.0, 1.0).price.shape == (0,)
    paths = draws.draw([0.5, 1.0])
    assert paths.forward_ratio.shape == paths.variance.shape == (500, 2)
    # Calls and puts on a floating strike: all of the range, up or down.
    up = draws.floating_lookback([1, -1], 100.0, [0.5, 1.0], 1.0)
    assert np.all(up.price > 0)
    assert np.all(draws.lookback([1, -1], 100.0, 100.0, [0.5, 1.0], 1.0).price > 0)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("paths", 0),
        ("paths", 10.5),
        ("seed", -1),
        ("seed", 2**64),
        ("step", 0.0),
        ("step", np.nan),
        ("model", (0.04, 1.0, 0.04, 0.5, -0.5)),
    ],
)
def test_a_bad_simulation_is_refused_by_name(argument: str, value: object) -> None:
    good = {"model": MILD, "paths": 100, "seed": 1, "step": 0.1}
    with pytest.raises(hr.InvalidInput) as refused:
        Simulation(**(good | {argument: value}))  # type: ignore[arg-type]
    assert refused.value.argument == argument


@pytest.mark.parametrize("times", [[], [1.0, 1.0], [-1.0, 1.0], [0.0, np.nan], [np.inf], [0.0]])
def test_bad_times_are_refused_by_name(times: list[float]) -> None:
    with pytest.raises(hr.InvalidInput) as refused:
        Simulation(MILD, paths=100, seed=1).draw(times)
    assert refused.value.argument == "times"


def test_other_bad_input_is_refused_by_name() -> None:
    draws = Simulation(MILD, paths=100, seed=1)
    for argument, call in {
        "rho": lambda: Simulation(MILD._replace(rho=1.0), paths=9, seed=1).draw(1.0),
        "intensity": lambda: Simulation(JUMPS._replace(intensity=-1.0), paths=9, seed=1).draw(1.0),
        "step": lambda: Simulation(UPWARD, paths=9, seed=1, step=5.0).draw(10.0),
        "paths": lambda: Simulation(MILD, paths=15, seed=1).european(1, 100.0, 100.0, 1.0, 1.0),
        "forward": lambda: draws.european(1, -1.0, 100.0, 1.0, 1.0),
        "discount": lambda: draws.european(1, 100.0, 100.0, 1.0, 0.0),
        "payoff": lambda: draws.barrier(PathPayoff.ASIAN, 1, 100.0, 100.0, 90.0, 1.0, 1.0),
    }.items():
        with pytest.raises(hr.InvalidInput) as refused:
            call()
        assert refused.value.argument == argument
    with pytest.raises(hr.InvalidInput, match="one per time"):
        draws.asian(1, [100.0, 101.0, 102.0], 100.0, [0.5, 1.0], 1.0)
    with pytest.raises(hr.InvalidInput, match="even"):  # not even to draw: one would have no pair
        Simulation(MILD, paths=101, seed=1, antithetic=True)
