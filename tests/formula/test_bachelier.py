"""Bachelier: prices, Greeks and implied volatilities against tables of many digits."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow import Status, kernels

from .tables import GREEKS, largest_error

MEASURED = 2.5e-13  # of the price and every Greek; formula/bachelier.hpp quotes it
MEASURED_ABOVE = {1e-100: 5e-14, 1e-8: 7e-15}  # of prices above so many standard deviations
MEASURED_ROUNDING_UNITS = 3.0  # of the implied volatility, per unit of its condition number
EPSILON = np.finfo(float).eps

numbers = st.floats(-1e4, 1e4)
volatilities = st.floats(1e-2, 1e3)
times = st.floats(1e-3, 30.0)
discounts = st.floats(0.3, 1.05)
rights = st.sampled_from([1.0, -1.0])


@st.composite
def options(draw):
    """Right, forward, strike, time, volatility, discount within six standard deviations."""
    forward, volatility, time = draw(numbers), draw(volatilities), draw(times)
    strike = forward + draw(st.floats(-6, 6)) * volatility * np.sqrt(time)
    return draw(rights), forward, strike, time, volatility, draw(discounts)


@pytest.fixture(scope="module")
def table(reference):
    return pd.read_csv(reference / "highprec_bachelier.csv")


@pytest.fixture(scope="module")
def volatility_table(reference):
    return pd.read_csv(reference / "highprec_bachelier_implied_volatility.csv")


def inputs(table):
    return [table[name] for name in table.columns[:6]]


def scales(t):
    """The sums of the absolute terms of the Greeks that change sign."""
    d = (t.forward - t.strike) / (t.volatility * np.sqrt(t.time))
    rate = np.abs(np.log(t.discount)) / t.time
    return {
        "theta": rate * t.price + t.vega * t.volatility / (2 * t.time),
        "charm": rate * np.abs(t.delta) + np.abs(t.vanna) * t.volatility / (2 * t.time),
        "veta": t.vega * (rate + (1 + d**2) / (2 * t.time)),
        "zomma": t.gamma * (1 + d**2) / t.volatility,
        "color": t.gamma * (rate + (1 + d**2) / (2 * t.time)),
        "ultima": t.volga / t.volatility * (3 + d**2),
    }


def test_greeks_have_the_stated_accuracy(table, isa):
    outputs = kernels.evaluate(isa, "bachelier_greeks", *inputs(table))
    terms = scales(table)
    errors = {
        name: largest_error(output, table[name], terms.get(name))
        for name, output in zip(GREEKS, outputs, strict=True)
    }
    assert {name: error for name, error in errors.items() if error > MEASURED} == {}
    (price,) = kernels.evaluate(isa, "bachelier_price", *inputs(table))
    np.testing.assert_array_equal(price, outputs[0])


@pytest.mark.parametrize(("level", "bound"), MEASURED_ABOVE.items())
def test_price_is_better_nearer_the_money(table, isa, level, bound):
    deviation = table.volatility * np.sqrt(table.time)
    near = table[table.price > level * deviation]
    (price,) = kernels.evaluate(isa, "bachelier_price", *inputs(near))
    assert largest_error(price, near.price) < bound


def test_implied_volatility_to_rounding(volatility_table, isa):
    t = volatility_table
    (volatility,) = kernels.evaluate(isa, "bachelier_implied_volatility", *inputs(t))
    (status,) = kernels.evaluate(isa, "bachelier_implied_volatility_status", *inputs(t))
    assert np.all(status == Status.OK)
    scale = t.volatility * np.maximum(1, t.condition)
    assert largest_error(volatility, t.volatility, scale) < MEASURED_ROUNDING_UNITS * EPSILON


def test_published_values(reference):
    rows = pd.read_csv(reference / "black76_bachelier.csv")
    rows = rows[(rows.status == "pass") & (rows.model == "bachelier")]
    right = np.where(rows.option_type == "call", 1.0, -1.0)
    price = kernels.bachelier_price(
        right, rows.forward, rows.strike, 1.0, rows.stddev, rows.discount
    )
    assert len(rows) == 6
    assert np.all(np.abs(price - rows.expected) <= rows.tol)


KERNELS = ["bachelier_price", "bachelier_greeks"]
KERNELS += ["bachelier_implied_volatility", "bachelier_implied_volatility_status"]


@pytest.mark.parametrize("kernel", KERNELS)
def test_one_row_has_the_bits_of_a_batch(table, volatility_table, isa, kernel):
    columns = inputs(volatility_table if "implied" in kernel else table)
    batch = kernels.evaluate(isa, kernel, *columns)
    for i in range(0, len(columns[0]), 7):
        one = kernels.evaluate(isa, kernel, *(float(column[i]) for column in columns))
        assert one == tuple(output[i] for output in batch)


@given(options())
def test_put_call_parity_and_bounds(option):
    _, forward, strike, time, volatility, discount = option
    call = kernels.bachelier_price(1.0, *option[1:])
    put = kernels.bachelier_price(-1.0, *option[1:])
    scale = discount * (abs(forward - strike) + volatility * np.sqrt(time))
    assert abs(call - put - discount * (forward - strike)) <= 4e-16 * scale
    assert call >= discount * max(forward - strike, 0)
    assert put >= discount * max(strike - forward, 0)


@given(options(), st.floats(1.001, 2.0))
def test_monotone_in_volatility_and_convex_in_strike(option, more):
    right, forward, strike, time, volatility, discount = option
    low, high = kernels.bachelier_price(
        right, forward, strike, time, np.array([volatility, more * volatility]), discount
    )
    assert high >= low
    step = more * volatility * np.sqrt(time)
    strikes = strike + np.array([-step, 0.0, step])
    a, b, c = kernels.bachelier_price(right, forward, strikes, time, volatility, discount)
    assert b <= 0.5 * (a + c) + 1e-12 * step


@given(options(), numbers)
def test_only_the_distance_of_forward_and_strike_counts(option, shift):
    right, forward, strike, *rest = option
    moved = (right, forward + shift, strike + shift, *rest)
    distance = (moved[1] - moved[2]) - (forward - strike)  # what rounding the sums has changed
    difference = kernels.bachelier_price(*moved) - kernels.bachelier_price(*option)
    assert abs(difference) <= abs(distance) * 1.06 + 1e-12 * kernels.bachelier_price(*option)


@given(options())
def test_the_implied_volatility_is_the_volatility(option):
    right, forward, strike, time, volatility, discount = option
    price = kernels.bachelier_price(*option)
    implied = kernels.bachelier_implied_volatility(right, price, forward, strike, time, discount)
    condition = price / (volatility * kernels.bachelier_vega(*option))
    d = (forward - strike) / (volatility * np.sqrt(time))
    # Price and inverse each round; the distance to the strike, common to both, does not.
    assert abs(implied / volatility - 1) <= 8 * EPSILON * (1 + condition * (1 + d * d))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("column", range(1, 6))
@pytest.mark.parametrize("kernel", ["bachelier_greeks", "bachelier_implied_volatility"])
def test_bad_input_is_nan_in_its_cell_only(isa, kernel, column, bad):
    values = (1.0, 0.3, -0.1, 0.5, 0.8, 0.97) if "greeks" in kernel else (1, 0.5, 0.3, 0.2, 0.5, 1)
    columns = [np.full(37, float(x)) for x in values]
    columns[column][11] = bad
    for output in kernels.evaluate(isa, kernel, *columns):
        np.testing.assert_array_equal(np.isnan(output), np.arange(37) == 11)


INVERSIONS = [
    # right, price, forward, strike, time, discount, volatility, status
    (1.0, 9.0, 100.0, 90.0, 1.0, 0.9, 0.0, Status.OK),
    (1.0, 0.0, 100.0, 110.0, 1.0, 0.9, 0.0, Status.OK),
    (1.0, 0.0, 100.0, 110.0, 0.0, 0.9, 0.0, Status.OK),
    (1.0, 8.9, 100.0, 90.0, 1.0, 0.9, np.nan, Status.BELOW_INTRINSIC),
    (-1.0, -1e-9, 100.0, 90.0, 1.0, 0.9, np.nan, Status.BELOW_INTRINSIC),
    (1.0, 9.1, 100.0, 90.0, 0.0, 0.9, np.nan, Status.ABOVE_MAXIMUM),
    (1.0, 9.1, 100.0, 90.0, -1.0, 0.9, np.nan, Status.INVALID_INPUT),
    (1.0, 9.1, 100.0, 90.0, 1.0, 0.0, np.nan, Status.INVALID_INPUT),
    (0.5, 9.1, 100.0, 90.0, 1.0, 0.9, np.nan, Status.INVALID_INPUT),
    (1.0, np.nan, 100.0, 90.0, 1.0, 0.9, np.nan, Status.INVALID_INPUT),
    (1.0, np.inf, 100.0, 90.0, 1.0, 0.9, np.nan, Status.INVALID_INPUT),
]


def test_the_bounds_of_inversion_are_named(isa):
    *columns, volatility, status = map(np.array, zip(*INVERSIONS, strict=True))
    (implied,) = kernels.evaluate(isa, "bachelier_implied_volatility", *columns)
    (code,) = kernels.evaluate(isa, "bachelier_implied_volatility_status", *columns)
    np.testing.assert_array_equal(implied, volatility)
    np.testing.assert_array_equal(code, status)


def greeks(*option):
    return dict(zip(GREEKS, map(float, kernels.bachelier_greeks(*option)), strict=True))


@pytest.mark.parametrize(("time", "volatility"), [(0.0, 20.0), (0.5, 0.0), (0.0, 0.0)])
@pytest.mark.parametrize("right", [1.0, -1.0])
@pytest.mark.parametrize("strike", [-20.0, 20.0])
def test_no_time_or_no_volatility_leaves_intrinsic_value(right, strike, time, volatility):
    g = greeks(right, 0.0, strike, time, volatility, 0.9)
    in_the_money = right * (0 - strike) > 0
    assert g["price"] == pytest.approx(0.9 * max(right * (0 - strike), 0), rel=1e-15)
    assert g["delta"] == (0.9 * right if in_the_money else 0)
    assert g["dual_delta"] == -g["delta"]
    for name in ("gamma", "vega", "vanna", "volga", "veta", "speed", "zomma", "ultima", "color"):
        assert g[name] == 0


def test_the_kink():
    g = greeks(-1.0, -3.0, -3.0, 0.25, 0.0, 0.9)
    assert g["price"] == 0
    assert g["delta"] == pytest.approx(-0.45)
    assert g["gamma"] == g["dual_gamma"] == np.inf
    assert g["vega"] == pytest.approx(0.9 * 0.5 / np.sqrt(2 * np.pi))
