"""Black-76: accuracy in the tails and at small volatilities, arbitrage relations, edges."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow import kernels

from .tables import GREEKS, largest_error

MEASURED = 2e-13  # of any price above 1e-290; formula/black.hpp quotes it
MEASURED_ABOVE_1E_20 = 7e-15  # of prices above 1e-20 forwards

forwards = st.floats(1e-3, 1e6)
deviations = st.floats(1e-4, 3.0)
moneyness = st.floats(-6.0, 6.0)
times = st.floats(1e-4, 30.0)
discounts = st.floats(0.3, 1.05)
rights = st.sampled_from([1.0, -1.0])


@st.composite
def options(draw):
    """Right, forward, strike, time, volatility, discount within six standard deviations."""
    forward, s, time = draw(forwards), draw(deviations), draw(times)
    strike = forward * np.exp(draw(moneyness) * s)
    return draw(rights), forward, strike, time, s / np.sqrt(time), draw(discounts)


@pytest.fixture(scope="module")
def table(reference):
    return pd.read_csv(reference / "highprec_black.csv")


def inputs(table):
    return [table[name] for name in table.columns[:-1]]


def test_price_has_the_stated_accuracy(table, isa):
    (price,) = kernels.evaluate(isa, "black_price", *inputs(table))
    assert largest_error(price, table.price) < MEASURED
    shallow = (table.price > 1e-20 * table.forward).to_numpy()
    assert largest_error(price[shallow], table.price[shallow]) < MEASURED_ABOVE_1E_20
    np.testing.assert_array_equal(price, kernels.evaluate(isa, "black_greeks", *inputs(table))[0])


def test_published_values(reference):
    rows = pd.read_csv(reference / "black76_bachelier.csv")
    rows = rows[(rows.status == "pass") & (rows.model == "black76")]
    right = np.where(rows.option_type == "call", 1.0, -1.0)
    price = kernels.black_price(right, rows.forward, rows.strike, 1.0, rows.stddev, rows.discount)
    assert len(rows) == 5
    assert np.all(np.abs(price - rows.expected) <= rows.tol)


@pytest.mark.parametrize("kernel", ["black_price", "black_greeks"])
def test_one_row_has_the_bits_of_a_batch(table, isa, kernel):
    batch = kernels.evaluate(isa, kernel, *inputs(table))
    for i in range(0, len(table), 7):
        one = kernels.evaluate(isa, kernel, *(float(column[i]) for column in inputs(table)))
        assert one == tuple(output[i] for output in batch)


@given(options())
def test_put_call_parity_and_bounds(option):
    _, forward, strike, _, _, discount = option
    call = kernels.black_price(1.0, *option[1:])
    put = kernels.black_price(-1.0, *option[1:])
    scale = discount * max(forward, strike)
    assert abs(call - put - discount * (forward - strike)) <= 4e-16 * scale
    assert discount * max(forward - strike, 0) <= call <= discount * forward * (1 + 1e-15)
    assert discount * max(strike - forward, 0) <= put <= discount * strike * (1 + 1e-15)


@given(options(), st.floats(1e-6, 1e6))
def test_homogeneous_in_forward_and_strike(option, factor):
    right, forward, strike, time, volatility, discount = option
    price = kernels.black_price(*option)
    scaled = kernels.black_price(
        right, factor * forward, factor * strike, time, volatility, discount
    )
    s = volatility * np.sqrt(time)
    sensitivity = 40 + 20 / s  # forward and strike are rounded: d ln(price)/d ln(F) is below 8/s
    assert abs(scaled / factor - price) <= 2.3e-16 * sensitivity * price + 1e-300


@given(options(), st.floats(1.001, 2.0))
def test_monotone_in_volatility_and_convex_in_strike(option, more):
    right, forward, strike, time, volatility, discount = option
    low, high = kernels.black_price(
        right, forward, strike, time, np.array([volatility, more * volatility]), discount
    )
    assert high >= low
    strikes = strike * np.array([1 / more, 1.0, more])
    a, b, c = kernels.black_price(right, forward, strikes, time, volatility, discount)
    weight = (strikes[2] - strikes[1]) / (strikes[2] - strikes[0])
    assert b <= (weight * a + (1 - weight) * c) * (1 + 1e-12)
    assert kernels.black_gamma(*option) >= 0
    assert kernels.black_dual_gamma(*option) >= 0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, -1.0])
@pytest.mark.parametrize("column", range(1, 6))
def test_bad_input_is_nan_in_its_cell_only(isa, column, bad):
    columns = [np.full(37, x) for x in (1.0, 100.0, 95.0, 0.5, 0.2, 0.97)]
    columns[column][11] = bad
    for output in kernels.evaluate(isa, "black_greeks", *columns):
        np.testing.assert_array_equal(np.isnan(output), np.arange(37) == 11)


@pytest.mark.parametrize("right", [0.0, 2.0, np.nan])
def test_a_right_is_plus_or_minus_one(right):
    assert np.all(np.isnan(kernels.black_greeks(right, 100.0, 95.0, 0.5, 0.2, 0.97)))


def greeks(*option):
    return dict(zip(GREEKS, map(float, kernels.black_greeks(*option)), strict=True))


@pytest.mark.parametrize(("time", "volatility"), [(0.0, 0.2), (0.5, 0.0), (0.0, 0.0)])
@pytest.mark.parametrize("right", [1.0, -1.0])
@pytest.mark.parametrize("strike", [80.0, 120.0])
def test_no_time_or_no_volatility_leaves_intrinsic_value(right, strike, time, volatility):
    g = greeks(right, 100.0, strike, time, volatility, 0.9)
    in_the_money = right * (100 - strike) > 0
    assert g["price"] == pytest.approx(0.9 * max(right * (100 - strike), 0), rel=1e-15)
    assert g["delta"] == (0.9 * right if in_the_money else 0)
    assert g["dual_delta"] == (-0.9 * right if in_the_money else 0)
    rate = -np.log(0.9) / time if time else 0.0
    assert g["theta"] == pytest.approx(rate * g["price"], rel=1e-14)
    for name in ("gamma", "vega", "vanna", "volga", "veta", "speed", "zomma", "ultima", "color"):
        assert g[name] == 0


def test_the_kink():
    g = greeks(1.0, 100.0, 100.0, 0.25, 0.0, 0.9)
    assert g["price"] == 0
    assert g["delta"] == pytest.approx(0.45)
    assert g["dual_delta"] == pytest.approx(-0.45)
    assert g["gamma"] == g["dual_gamma"] == np.inf
    assert g["vega"] == pytest.approx(0.9 * 100 * 0.5 / np.sqrt(2 * np.pi))


def test_zero_strike_and_zero_forward():
    call = greeks(1.0, 100.0, 0.0, 0.25, 0.2, 0.9)
    assert (call["price"], call["delta"], call["dual_delta"]) == (90.0, 0.9, -0.9)
    put = greeks(-1.0, 0.0, 100.0, 0.25, 0.2, 0.9)
    assert (put["price"], put["delta"], put["dual_delta"]) == (90.0, -0.9, 0.9)
    assert greeks(1.0, 0.0, 100.0, 0.25, 0.2, 0.9)["price"] == 0
    assert greeks(-1.0, 100.0, 0.0, 0.25, 0.2, 0.9)["price"] == 0


@pytest.mark.parametrize("right", [1.0, -1.0])
def test_endless_volatility_gives_the_upper_bound(right):
    price = kernels.black_price(right, 100.0, 120.0, 1.0, np.array([80.0, 1e3, 1e9]), 0.9)
    np.testing.assert_allclose(price, 0.9 * (100 if right > 0 else 120), rtol=1e-15)
