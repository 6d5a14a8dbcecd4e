"""Surfaces between expiries, Dupire's local volatility, and prices under it by both equations."""

from __future__ import annotations

import csv
import pickle
from pathlib import Path

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from hedgerow import Exercise, InvalidInput, Right, black, bsm, heston, local_volatility, ssvi, svi
from hedgerow.local_volatility import Barrier, SviSurface

REFERENCE = Path(__file__).parents[1] / "reference" / "diffusion_flat.csv"
TIMES = (0.02, 0.1, 0.25, 0.5, 1.0, 2.0)
VOGT = svi.Parameters(a=-0.0410, b=0.1331, rho=0.3060, m=0.3586, sigma=0.4153)


def power_law(times=TIMES, level=0.2, rho=-0.6):
    """A surface as an index has it: skewed, steeper for short expiries."""
    law = ssvi.PowerLaw(rho=rho, eta=1.0, gamma=0.4)
    thetas = [level**2 * time * (1 + 0.3 * np.exp(-time)) for time in times]
    return SviSurface(times, [law.slice(theta).raw() for theta in thetas])


def flat(volatility=0.25, times=TIMES):
    slices = [svi.Parameters(a=volatility**2 * t, b=0, rho=0, m=0, sigma=1) for t in times]
    return SviSurface(times, slices)


def grid(times=(0.01, 0.02, 0.06, 0.3, 1.0, 1.5, 2.0, 3.0), deviations=(-3, 2)):
    """Log-moneynesses and times, by deviations of 20 %."""
    time = np.array(times)[:, None]
    k = np.linspace(*deviations, 21) * 0.2 * np.sqrt(time)
    return np.ravel(k), np.ravel(np.broadcast_to(time, k.shape))


# --- the surface --------------------------------------------------------------------------------


def test_the_surface_is_linear_in_time_between_its_slices():
    surface = power_law()
    k = np.linspace(-1, 1, 41)
    for time, slice in zip(TIMES, surface.slices, strict=True):
        np.testing.assert_allclose(
            surface.total_variance(k, time), slice.total_variance(k), rtol=1e-15
        )
        np.testing.assert_allclose(surface.volatility(k, time), slice.volatility(k, time))
    for i, weight in ((0, 0.3), (3, 0.75)):
        early, late = surface.slices[i : i + 2]
        time = (1 - weight) * TIMES[i] + weight * TIMES[i + 1]
        for name in ("total_variance", "slope", "curvature"):
            mixed = (1 - weight) * getattr(early, name)(k) + weight * getattr(late, name)(k)
            np.testing.assert_allclose(getattr(surface, name)(k, time), mixed, rtol=1e-13)
        rate = (late.total_variance(k) - early.total_variance(k)) / (TIMES[i + 1] - TIMES[i])
        np.testing.assert_allclose(surface.time_slope(k, time), rate, rtol=1e-12)


def test_before_and_after_its_expiries_it_is_as_stated():
    surface = power_law()
    k = np.linspace(-0.5, 0.5, 11)
    first, last = surface.slices[0], surface.slices[-1]
    constant = first.volatility(k, TIMES[0])
    for time in (0.0, 1e-9, 0.01):
        np.testing.assert_allclose(surface.volatility(k, time), constant, rtol=1e-14)
    added = surface.total_variance(k, 3.0) - last.total_variance(k)
    np.testing.assert_allclose(added, last.total_variance(0.0) / TIMES[-1], rtol=1e-12)
    assert np.isnan(surface.total_variance(0.0, -1.0))
    assert np.isnan(surface.volatility(np.nan, 1.0))


def test_derivatives_are_those_of_differences():
    surface = power_law()
    k, time = grid(times=(0.01, 0.06, 0.3, 1.5, 3.0))
    h = 1e-5
    up, down = surface.total_variance(k + h, time), surface.total_variance(k - h, time)
    size = surface.total_variance(k, time)
    np.testing.assert_allclose(surface.slope(k, time), (up - down) / (2 * h), atol=1e-8)
    np.testing.assert_allclose(surface.curvature(k, time), (up - 2 * size + down) / h**2, atol=1e-4)
    later, sooner = surface.total_variance(k, time + h), surface.total_variance(k, time - h)
    np.testing.assert_allclose(surface.time_slope(k, time), (later - sooner) / (2 * h), atol=1e-9)


def test_what_is_no_surface_is_refused():
    slice = svi.Parameters(a=0.01, b=0.1, rho=-0.3, m=0.05, sigma=0.2)
    for times, slices, argument in [
        ([], [], "times"),
        ([1.0], [slice, slice], "slices"),
        ([1.0, 1.0], [slice, slice], "times"),
        ([-1.0], [slice], "times"),
        ([np.nan], [slice], "times"),
    ]:
        with pytest.raises(InvalidInput) as caught:
            SviSurface(times, slices)
        assert caught.value.argument == argument


def test_surfaces_compare_and_nothing_is_lost_on_the_way():
    surface = power_law()
    assert pickle.loads(pickle.dumps(surface)) == surface
    assert surface != flat()
    assert surface.times == TIMES
    assert repr(surface) == "SviSurface(6 expiries to 2.0 years)"


# --- local volatility ---------------------------------------------------------------------------


def test_the_local_volatility_of_a_flat_surface_is_flat():
    k, time = grid()
    np.testing.assert_allclose(flat().local_volatility(k, time), 0.25, rtol=1e-12)
    assert flat().local_volatility(0.3, 0.0) == pytest.approx(0.25, rel=1e-12)


def test_without_skew_it_is_the_forward_volatility():
    slices = [svi.Parameters(a=a, b=0, rho=0, m=0, sigma=1) for a in (0.04, 0.13)]
    surface = SviSurface([1.0, 2.0], slices)
    assert surface.local_volatility([-0.5, 0.0, 0.5], 1.5) == pytest.approx(0.3, rel=1e-14)
    assert surface.local_volatility(0.1, 1.0) == pytest.approx(0.2, rel=1e-14)
    assert surface.local_volatility(0.1, 2.5) == pytest.approx(np.sqrt(0.065), rel=1e-14)


def exact_local_volatility(surface, k, time):
    """From Black's prices in 40 digits: sqrt(2 C_T / (K^2 C_KK)) with a forward of 1."""
    with mpmath.workdps(40):
        i = min(int(np.searchsorted(surface.times, time)), len(surface.times) - 1)

        def variance(slice, x):
            y = x - mpf(slice.m)
            root = mpmath.sqrt(y * y + mpf(slice.sigma) ** 2)
            return mpf(slice.a) + mpf(slice.b) * (mpf(slice.rho) * y + root)

        def total(x, t):
            late, end = surface.slices[i], mpf(surface.times[i])
            if i == 0:
                return variance(late, x) * t / end
            start = mpf(surface.times[i - 1])
            weight = (t - start) / (end - start)
            return (1 - weight) * variance(surface.slices[i - 1], x) + weight * variance(late, x)

        def call(strike, t):
            deviation = mpmath.sqrt(total(mpmath.log(strike), t))
            d1 = -mpmath.log(strike) / deviation + deviation / 2
            return mpmath.ncdf(d1) - strike * mpmath.ncdf(d1 - deviation)

        strike, t, h = mpmath.exp(mpf(k)), mpf(time), mpf(10) ** -10
        rate = (call(strike, t + h) - call(strike, t - h)) / (2 * h)
        bend = (call(strike + h, t) - 2 * call(strike, t) + call(strike - h, t)) / h**2
        return float(mpmath.sqrt(2 * rate / (strike**2 * bend)))


@pytest.mark.parametrize("time", [0.005, 0.06, 0.7])
def test_it_is_dupires_formula_on_the_prices(time):
    surface = power_law()
    for k in np.array([-2.5, -0.7, 0.0, 0.4, 1.8]) * 0.2 * np.sqrt(time):
        exact = exact_local_volatility(surface, k, time)
        assert surface.local_volatility(k, time) == pytest.approx(exact, rel=1e-12)


def test_calendar_arbitrage_is_reported_and_gives_no_number():
    early, late = power_law().slices[4], power_law().slices[3]
    surface = SviSurface([0.5, 1.0], [early, late])
    k, times = np.linspace(-0.4, 0.4, 9), [0.25, 0.75]
    check = surface.check(k, times)
    assert (check.nodes, check.calendar, check.bad, check.share) == (18, 9, 9, 0.5)
    assert np.isnan(surface.local_volatility(k, 0.75)).all()
    assert np.isfinite(surface.local_volatility(k, 0.25)).all()
    found = local_volatility.price(surface, 1, 100.0, 100.0, 1.0, rate=0.0, carry=0.0)
    assert found.undefined > 0
    assert np.isnan([found.price, found.delta, found.gamma]).all()
    assert np.isnan(local_volatility.strikes(surface, [0.0, 0.1], 1.0)).all()
    # Before the arbitrage there is a price.
    assert local_volatility.implied_volatility(surface, 0.1, 0.5) == pytest.approx(
        early.volatility(0.1, 0.5), abs=1e-4
    )


def test_butterfly_arbitrage_and_negative_variance_are_reported():
    surface = SviSurface([1.0], [VOGT])
    k = np.linspace(-1.5, 1.5, 301)
    negative = VOGT.density_factor(k) <= 0
    check = surface.check(k, [1.0])
    assert check.butterfly == check.bad == np.count_nonzero(negative) > 0
    np.testing.assert_array_equal(np.isnan(surface.local_volatility(k, 1.0)), negative)
    below = SviSurface([1.0], [svi.Parameters(a=-0.05, b=0.1, rho=0, m=0, sigma=0.1)])
    assert below.check([0.0, 2.0], [1.0]).negative_variance == 1
    assert below.check([np.nan], [1.0]).invalid == 1
    assert np.isnan(below.local_volatility(0.0, 1.0))


def test_free_slices_make_a_surface_without_bad_nodes():
    surface = power_law()
    assert all(svi.butterfly(s).verdict == svi.ArbitrageVerdict.FREE for s in surface.slices)
    check = surface.check(np.linspace(-2, 2, 101), np.geomspace(0.001, 4, 60))
    assert check.bad == 0


# --- prices -------------------------------------------------------------------------------------


def test_the_forward_equation_gives_the_surface_back():
    """The bounds that docs/local-volatility.md states: from four days on, and from three weeks."""
    surface = power_law()
    k, time = grid()
    error = np.abs(
        local_volatility.implied_volatility(surface, k, time) - surface.volatility(k, time)
    )
    assert error.max() <= 1.1e-4
    assert error[time >= 0.06].max() <= 5e-5


@pytest.mark.parametrize("time", [0.1, 2.0])
def test_the_backward_equation_gives_the_surface_back(time):
    surface = power_law()
    k = np.array([-2.5, -1.0, 0.0, 1.0, 1.5]) * 0.2 * np.sqrt(time)
    spot, rate, carry = 100.0, 0.03, 0.02
    forward, discount = spot * np.exp(carry * time), np.exp(-rate * time)
    right = np.where(k < 0, -1.0, 1.0)
    strike = forward * np.exp(k)
    found = local_volatility.price(surface, right, spot, strike, time, rate=rate, carry=carry)
    volatility = black.implied_volatility(right, found.price, forward, strike, time, discount)
    np.testing.assert_allclose(volatility, surface.volatility(k, time), rtol=0, atol=1e-4)
    assert np.all(found.undefined == 0)


def test_both_errors_fall_with_the_square_of_the_mesh():
    surface, k = power_law(), np.linspace(-0.3, 0.2, 6)
    exact = surface.volatility(k, 1.0)
    errors = []
    for nodes, steps in ((200, 100), (400, 200), (800, 400)):
        found = local_volatility.implied_volatility(surface, k, 1.0, nodes=nodes, steps=steps)
        errors.append(np.abs(found - exact).max())
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.25)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.25)


@pytest.mark.parametrize("volatility", [0.05, 0.25, 1.0])
@pytest.mark.parametrize("right", [Right.CALL, Right.PUT])
def test_a_constant_volatility_is_blacks(volatility, right):
    spot, time, rate, carry = 100.0, 0.8, 0.04, -0.02
    strike = spot * np.exp(volatility * np.sqrt(time) * np.linspace(-2, 2, 5))
    found = local_volatility.price(volatility, right, spot, strike, time, rate=rate, carry=carry)
    exact = bsm.greeks(float(right), spot, strike, time, volatility, rate, carry)
    np.testing.assert_allclose(found.price, exact.price, rtol=0, atol=3e-5 * spot)
    np.testing.assert_allclose(found.delta, exact.delta, rtol=0, atol=1e-4)
    np.testing.assert_allclose(found.gamma, exact.gamma, rtol=0, atol=2e-4 * exact.gamma.max())


def references(exercise):
    with REFERENCE.open() as file:
        return [row for row in csv.DictReader(file) if row["exercise"] == exercise]


def value(row):
    barrier = row["barrier"].replace("_", "_and_").upper()
    numbers = [float(row[name]) for name in ("spot", "strike", "time")]
    return local_volatility.price(
        float(row["volatility"]),
        Right[row["right"].upper()],
        *numbers,
        rate=float(row["rate"]),
        carry=float(row["carry"]),
        exercise=Exercise[row["exercise"].upper()],
        barrier=None if barrier == "NONE" else Barrier[barrier],
        level=float(row["level"]) if row["level"] else None,
    )


def test_american_options_are_those_of_the_references():
    rows = references("american")
    assert len(rows) == 8
    for row in rows:
        assert value(row).price == pytest.approx(float(row["price"]), abs=2e-5 * float(row["spot"]))


def test_early_exercise_is_worth_something_and_never_costs():
    k = np.linspace(60, 140, 9)
    surface, terms = power_law(), {"rate": 0.06, "carry": 0.06}
    european = local_volatility.price(surface, -1, 100.0, k, 1.0, **terms)
    american = local_volatility.price(
        surface, -1, 100.0, k, 1.0, exercise=Exercise.AMERICAN, **terms
    )
    assert np.all(american.price >= european.price)
    assert np.all(american.price >= np.maximum(k - 100, 0) - 1e-9)
    assert american.price[-1] == pytest.approx(40.0, abs=1e-9)
    assert american.delta[-1] == pytest.approx(-1.0, abs=1e-9)
    calls = [
        local_volatility.price(surface, 1, 100.0, k, 1.0, exercise=each, **terms).price
        for each in Exercise
    ]
    np.testing.assert_allclose(*calls, rtol=1e-9)


def test_barriers_are_those_of_the_references():
    rows = [row for row in references("european") if row["barrier"] != "none"]
    assert len(rows) == 5
    for row in rows:
        error = 1e-5 * float(row["spot"])
        assert value(row).price == pytest.approx(float(row["price"]), abs=error)


@pytest.mark.parametrize("barrier", [99.9, 97.0, 85.0])
def test_a_down_and_out_call_is_that_of_the_reflection(barrier):
    spot, strike, time, volatility, rate, carry = 100.0, 103.0, 0.7, 0.3, 0.04, 0.01
    found = local_volatility.price(
        volatility, 1, spot, strike, time, rate=rate, carry=carry,
        barrier=Barrier.DOWN_AND_OUT, level=barrier,
    )  # fmt: skip
    power = 1 - 2 * carry / volatility**2
    here, there = (
        bsm.greeks(1.0, s, strike, time, volatility, rate, carry) for s in (spot, barrier**2 / spot)
    )
    scale = (spot / barrier) ** power
    exact = here.price - scale * there.price
    slope = power * scale * there.price / spot - scale * there.delta * (barrier / spot) ** 2
    assert found.price == pytest.approx(exact, abs=1e-5 * spot)
    assert found.delta == pytest.approx(here.delta - slope, abs=1e-4)


def test_barriers_under_a_surface_add_up():
    surface = power_law()
    terms = {"rate": 0.02, "carry": 0.01}
    for kinds, level in (
        ((Barrier.DOWN_AND_OUT, Barrier.DOWN_AND_IN), 85.0),
        ((Barrier.UP_AND_OUT, Barrier.UP_AND_IN), 125.0),
    ):
        parts = [
            local_volatility.price(surface, 1, 100.0, 95.0, 1.0, barrier=kind, level=level, **terms)
            for kind in kinds
        ]
        whole = local_volatility.price(surface, 1, 100.0, 95.0, 1.0, **terms)
        for name in ("price", "delta", "gamma"):
            total = sum(getattr(part, name) for part in parts)
            assert total == pytest.approx(getattr(whole, name), rel=1e-12)
        assert 0 < parts[0].price < whole.price
    out = local_volatility.price(
        surface, 1, 84.0, 95.0, 1.0, barrier=Barrier.DOWN_AND_OUT, level=85.0, **terms
    )
    assert (out.price, out.delta, out.gamma) == (0, 0, 0)


def test_next_to_a_barrier_the_value_is_its_slope_times_the_way():
    terms = {"rate": 0.02, "carry": 0.0, "barrier": Barrier.DOWN_AND_OUT, "level": 90.0}
    near = [
        local_volatility.price(0.3, 1, 90.0 * (1 + d), 100.0, 1.0, **terms) for d in (1e-8, 1e-4)
    ]
    assert near[0].price == pytest.approx(near[1].price * 1e-4, rel=1e-3)
    assert near[0].delta == pytest.approx(near[1].delta, rel=1e-3)
    assert local_volatility.price(0.3, 1, 90.0 * (1 + 1e-12), 100.0, 1.0, **terms).price == 0


def test_where_nothing_moves_options_are_worth_what_they_will_be():
    def still(k, time):
        return np.zeros_like(k)

    strikes, terms = np.array([95.0, 100.0, 108.0]), {"rate": 0.03, "carry": 0.05}
    found = local_volatility.price(still, 1, 100.0, strikes, 1.0, **terms)
    exact = np.exp(-0.03) * np.maximum(100 * np.exp(0.05) - strikes, 0)
    np.testing.assert_allclose(found.price, exact, atol=1e-2)
    assert local_volatility.strikes(still, [-0.0, 1e-7], 1.0).tolist() == [0, 0]


def test_a_function_is_a_model_too():
    surface = power_law()

    def variance(k, time):
        return surface.local_volatility(k, time) ** 2

    k = np.linspace(-0.2, 0.2, 5)
    # Its jumps at expiries are not known, so that steps go across them.
    np.testing.assert_allclose(
        local_volatility.strikes(variance, k, 0.02, nodes=100, steps=20),
        local_volatility.strikes(surface, k, 0.02, nodes=100, steps=20),
        rtol=1e-9,
    )
    for wrong in (lambda k, time: [1.0], lambda k, time: 1 / 0):
        with pytest.raises((InvalidInput, ZeroDivisionError)):
            local_volatility.strikes(wrong, k, 0.02)


def test_bad_input_names_the_argument():
    good = {"right": 1, "spot": 100.0, "strike": 100.0, "time": 1.0, "rate": 0.0, "carry": 0.0}
    for argument, value in [
        ("spot", 0.0), ("strike", -1.0), ("time", 0.0), ("rate", np.nan), ("carry", np.inf),
        ("nodes", 3), ("steps", 0),
    ]:  # fmt: skip
        with pytest.raises(InvalidInput) as caught:
            local_volatility.price(0.2, **(good | {argument: value}))
        assert caught.value.argument == argument
    with pytest.raises(InvalidInput, match="strike"):
        local_volatility.price(0.2, **(good | {"carry": 800.0}))
    with pytest.raises(InvalidInput, match="volatility"):
        local_volatility.price(-0.2, **good)
    with pytest.raises(InvalidInput, match="barrier"):
        local_volatility.price(
            0.2, **good, barrier=Barrier.DOWN_AND_IN, level=90.0, exercise=Exercise.AMERICAN
        )
    with pytest.raises(InvalidInput, match="level"):
        local_volatility.price(0.2, **good, barrier=Barrier.DOWN_AND_OUT, level=0.0)
    with pytest.raises(InvalidInput, match="level"):  # no barrier by default
        local_volatility.price(0.2, **good, barrier=Barrier.DOWN_AND_OUT)
    with pytest.raises(InvalidInput, match="level"):
        local_volatility.price(0.2, **good, level=90.0)
    with pytest.raises(ValueError, match="american"):
        local_volatility.price(0.2, **good, exercise="american")
    for model in ("0.2", None, [0.2]):
        with pytest.raises(InvalidInput, match="model"):
            local_volatility.price(model, **good)
    for right in (0, np.nan, 2):
        with pytest.raises(InvalidInput, match="right"):
            local_volatility.price(0.2, **(good | {"right": right}))
    assert Barrier is heston.Barrier
    with pytest.raises(InvalidInput, match="time"):
        local_volatility.strikes(0.2, 0.0, -1.0)
    with pytest.raises(InvalidInput, match="log_moneyness"):
        local_volatility.strikes(0.2, np.nan, 1.0)


def test_options_that_expire_now_are_worth_nothing_more():
    assert local_volatility.strikes(0.2, [-0.1, 0.0, 0.1], 0.0).tolist() == [0, 0, 0]
    assert np.isnan(local_volatility.strikes(0.2, 10.0, 1.0))
