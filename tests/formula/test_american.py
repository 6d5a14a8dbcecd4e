"""American options against a table of many digits, on every instruction set."""

import numpy as np
import pandas as pd
import pytest

import hedgerow as hr
from hedgerow import american, bsm, kernels

# The largest errors over american.csv, rounded up; formula/american.hpp and docs/american.md quote
# them. Those of the Greeks are on the boundary's heels, in the units of greek_errors.
PRICE, PRICE_RMS = 9.1e-7, 1.4e-7  # of the strike
BOUNDARY = 1e-4  # relative
GREEKS = {"delta": 7e-5, "gamma": 2e-3, "vega": 2.1e-3, "theta": 1e-3, "rho": 3.4e-4, "phi": 4e-4}
GREEKS_RMS = 1.5e-4


def read(reference):
    """The table, with the arguments of the functions."""
    rows = pd.read_csv(reference / "american.csv")
    rows["time"] = rows.days / 365
    rows["carry"] = rows.rate - rows.dividend
    return rows


@pytest.fixture(scope="module")
def table(reference):
    return read(reference)


TERMS = ["right", "spot", "strike", "time", "volatility", "rate", "carry"]


def columns(table, names=TERMS):
    return [table[name].to_numpy(float) for name in names]


def test_the_table_agrees_with_quantlib(table):
    assert (abs(table.price - table.quantlib) / table.strike).max() < 2e-8


def test_price_has_the_stated_accuracy(table, isa):
    (price,) = kernels.evaluate(isa, "american_price", *columns(table))
    error = (price - table.price) / table.strike
    assert np.sqrt(np.mean(error**2)) < PRICE_RMS
    assert abs(error).max() < PRICE


def greek_errors(computed, table):
    """Errors of the Greeks by name, in units of strike, of the spot's deviations and of time."""
    root = np.sqrt(table.time)
    scale = {
        "delta": 1.0,
        "gamma": 1 / (table.spot * table.volatility * root),
        "vega": table.strike * root,
        "theta": table.strike * table.volatility / root,
        "rho": table.strike * table.time,
        "phi": table.strike * table.time,
    }
    columns = zip(scale, computed, strict=True)
    return {name: abs(value - table[name]) / scale[name] for name, value in columns}


def implied_errors(isa, table):
    """Errors of the implied volatilities of the table's prices, as prices per strike."""
    prices = columns(table, ["right", "price", "spot", "strike", "time", "rate", "carry"])
    (found,) = kernels.evaluate(isa, "american_implied_volatility", *prices)
    exercised = np.maximum(table.right * (table.spot - table.strike), 0)
    told = (table.price - exercised) / table.strike > 1e-5
    return (abs(found - table.volatility) * table.vega / table.strike)[told]


def test_greeks_have_the_stated_accuracy(table, isa):
    price, *greeks = kernels.evaluate(isa, "american_greeks", *columns(table))
    errors = greek_errors(greeks, table)
    assert {name: e.max() for name, e in errors.items() if not e.max() < GREEKS[name]} == {}
    assert max(np.sqrt(np.mean(e**2)) for e in errors.values()) < GREEKS_RMS
    (alone,) = kernels.evaluate(isa, "american_price", *columns(table))
    np.testing.assert_array_equal(price, alone)


def test_boundary_has_the_stated_accuracy(table, isa):
    names = ["right", "strike", "time", "volatility", "rate", "carry"]
    (boundary,) = kernels.evaluate(isa, "american_exercise_boundary", *columns(table, names))
    assert abs(boundary / table.boundary - 1).max() < BOUNDARY


def test_implied_volatility_returns(table, isa):
    right, spot, strike, time, volatility, rate, carry = columns(table)
    (price,) = kernels.evaluate(isa, "american_price", *columns(table))
    prices = right, price, spot, strike, time, rate, carry
    (found,) = kernels.evaluate(isa, "american_implied_volatility", *prices)
    (status,) = kernels.evaluate(isa, "american_implied_volatility_status", *prices)
    np.testing.assert_array_equal(status, 0)
    exercised = np.maximum(right * (spot - strike), 0)
    held = price - exercised > 1e-6 * strike
    assert held.sum() > 200
    np.testing.assert_allclose(found[held], volatility[held], rtol=1e-12)
    again = american.price(right, spot, strike, time, found, rate, carry)
    np.testing.assert_allclose(again, price, rtol=1e-13, atol=1e-13 * 100)
    assert implied_errors(isa, table).max() < PRICE


def test_one_row_and_columns_have_the_same_bits(table, isa):
    every = columns(table)
    (price,) = kernels.evaluate(isa, "american_price", *every)
    greeks = kernels.evaluate(isa, "american_greeks", *every)
    prices = [every[0], price, *every[1:4], *every[5:]]
    (found,) = kernels.evaluate(isa, "american_implied_volatility", *prices)
    for i in range(0, len(table), 7):
        one = [float(column[i]) for column in every]
        assert kernels.evaluate(isa, "american_price", *one) == (price[i],)
        assert kernels.evaluate(isa, "american_greeks", *one) == tuple(g[i] for g in greeks)
        one = [float(column[i]) for column in prices]
        assert kernels.evaluate(isa, "american_implied_volatility", *one) == (found[i],)
    # A row's bits do not depend on its place among the others.
    some = [column[3:20] for column in every]
    np.testing.assert_array_equal(kernels.evaluate(isa, "american_price", *some)[0], price[3:20])


def test_results_may_take_the_place_of_arguments(table):
    every = columns(table)
    expected = american.price(*every)
    spot = every[1].copy()
    np.testing.assert_array_equal(american.price(every[0], spot, *every[2:], out=spot), expected)


@pytest.mark.parametrize(
    ("right", "rate", "dividend"),
    [(-1, 0.0, 0.0), (-1, -0.02, -0.02), (-1, -0.02, 0.03), (1, 0.05, 0.0), (1, -0.02, -0.02)],
)
def test_an_exercise_that_is_never_best_leaves_the_european_price(right, rate, dividend):
    spot = np.linspace(20, 300, 57)
    carry = rate - dividend
    price = american.price(right, spot, 100.0, 1.5, 0.3, rate, carry)
    np.testing.assert_array_equal(price, bsm.price(right, spot, 100.0, 1.5, 0.3, rate, carry))
    boundary = american.exercise_boundary(right, 100.0, 1.5, 0.3, rate, carry)
    assert boundary == (0.0 if right < 0 else np.inf)
    found = american.implied_volatility(right, price, spot, 100.0, 1.5, rate, carry)
    ok = price > 1e-3
    np.testing.assert_allclose(found[ok], 0.3, rtol=1e-6)


@pytest.mark.parametrize(("right", "rate", "dividend"), [(-1, -0.01, -0.02), (1, -0.02, -0.01)])
def test_two_boundaries_are_off_the_domain(right, rate, dividend):
    carry = rate - dividend
    assert np.isnan(american.price(right, 90.0, 100.0, 1.0, 0.2, rate, carry))
    assert np.isnan(american.exercise_boundary(right, 100.0, 1.0, 0.2, rate, carry))
    status = american.implied_volatility_status(right, 12.0, 90.0, 100.0, 1.0, rate, carry)
    assert status == hr.Status.INVALID_INPUT


def test_a_call_is_the_put_with_spot_and_strike_exchanged(table):
    right, spot, strike, time, volatility, rate, carry = columns(table)
    other = american.price(-right, strike, spot, time, volatility, rate - carry, -carry)
    np.testing.assert_allclose(american.price(*columns(table)), other, rtol=1e-9)


def test_arbitrage_bounds():
    random = np.random.default_rng(5)
    n = 4000
    right = random.choice([-1.0, 1.0], n)
    spot, strike = 100 * np.exp(random.normal(0, 0.5, n)), np.full(n, 100.0)
    time, volatility = np.exp(random.uniform(-6, 2, n)), np.exp(random.uniform(-3.5, 0.3, n))
    rate, carry = random.uniform(0, 0.15, n), random.uniform(-0.1, 0.15, n)
    price = american.price(right, spot, strike, time, volatility, rate, carry)
    known = ~np.isnan(price)
    assert known.mean() > 0.9
    european = bsm.price(right, spot, strike, time, volatility, rate, carry)
    # A spot of negative yield grows: whoever waits gets more of it.
    upper = np.where(right > 0, spot * np.exp(np.maximum((carry - rate) * time, 0)), strike)
    assert np.all(price[known] >= (right * (spot - strike))[known])
    assert np.all(price[known] >= european[known])
    assert np.all(price[known] <= upper[known] * (1 + 1e-7))


def test_on_and_beyond_the_boundary_the_option_is_worth_its_exercise():
    terms = (1.0, 0.25, 0.06, 0.03)
    put = american.exercise_boundary(-1.0, 100.0, *terms)
    call = american.exercise_boundary(1.0, 100.0, *terms)
    assert put < 100 < call
    spot = put * np.array([0.5, 0.999])
    np.testing.assert_array_equal(american.price(-1.0, spot, 100.0, *terms), 100 - spot)
    spot = call * np.array([1.001, 2.0])
    np.testing.assert_array_equal(american.price(1.0, spot, 100.0, *terms), spot - 100)


def test_without_time_or_volatility_the_best_sure_exercise_is_paid():
    spot = np.array([80.0, 100.0, 120.0])
    np.testing.assert_array_equal(american.price(-1, spot, 100.0, 0.0, 0.2, 0.05, 0.05), [20, 0, 0])
    np.testing.assert_array_equal(american.price(-1, spot, 100.0, 1.0, 0.0, 0.05, 0.05), [20, 0, 0])
    # A spot that falls by its yield: the put is best exercised at the end.
    last = 100 * np.exp(-0.02) - 80 * np.exp(-0.2)
    assert american.price(-1, 80.0, 100.0, 1.0, 0.0, 0.02, -0.18) == pytest.approx(last, rel=1e-14)
    assert american.price(1, 0.0, 100.0, 1.0, 0.2, 0.05, 0.0) == 0
    assert american.price(-1, 0.0, 100.0, 1.0, 0.2, 0.05, 0.0) == 100
    nearly = american.price(-1, spot, 100.0, 1.0, 1e-3, 0.05, 0.02)
    np.testing.assert_allclose(nearly, [20, 0, 0], atol=1e-7)


def test_greeks_beyond_the_boundary_are_those_of_the_exercise():
    for right, spot in ((-1.0, 40.0), (1.0, 400.0)):
        greeks = american.greeks(right, spot, 100.0, 1.0, 0.25, 0.06, 0.03)
        assert greeks == (abs(spot - 100), right, 0, 0, 0, 0, 0)


def test_greeks_without_early_exercise_are_european():
    spot = np.linspace(60, 150, 19)
    terms = (100.0, 1.5, 0.3, 0.05, 0.05)
    european = bsm.greeks(1.0, spot, *terms)
    for ours, theirs in zip(american.greeks(1.0, spot, *terms), european[:7], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_greeks_without_volatility_are_those_of_the_sure_exercise():
    # Now: nothing is left to decay. At the end: the payoff is discounted, and so is the strike.
    assert american.greeks(-1.0, 80.0, 100.0, 1.0, 0.0, 0.05, 0.05) == (20, -1, 0, 0, 0, 0, 0)
    paid, lost = 100 * np.exp(-0.02), 80 * np.exp(-0.2)
    greeks = american.greeks(-1.0, 80.0, 100.0, 1.0, 0.0, 0.02, -0.18)
    expected = [paid - lost, -lost / 80, 0, 0, 0.02 * paid - 0.2 * lost, -paid, lost]
    np.testing.assert_allclose(greeks, expected, rtol=1e-14)
    assert american.delta(-1.0, 120.0, 100.0, 0.0, 0.2, 0.05, 0.05) == 0


def test_prices_off_the_bounds_have_a_status():
    price = np.array([19.9, 20.0, 25.0, 100.0, np.nan])
    terms = (80.0, 100.0, 1.0, 0.05, 0.02)
    status = american.implied_volatility_status(-1, price, *terms)
    expected = ["BELOW_INTRINSIC", "OK", "OK", "ABOVE_MAXIMUM", "INVALID_INPUT"]
    assert [hr.Status(code).name for code in status] == expected
    found = american.implied_volatility(-1, price, *terms)
    np.testing.assert_array_equal(np.isnan(found), [True, False, False, True, True])
    assert found[1] == 0
    assert np.isnan(american.implied_volatility(-1, 25.0, 80.0, 100.0, 0.0, 0.05, 0.02))


def test_nan_stays_in_its_cell():
    good = [-1.0, 95.0, 100.0, 1.0, 0.2, 0.05, 0.02]
    expected = american.price(*good)
    for j in range(len(good)):
        for bad in (np.nan, np.inf, -np.inf):
            rows = [np.full(11, x) for x in good]
            rows[j][4] = bad
            price = american.price(*rows)
            assert np.isnan(price[4])
            np.testing.assert_array_equal(np.delete(price, 4), expected)
