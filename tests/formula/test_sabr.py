"""SABR's expansion against the same in many digits, the printed tables, and its own limits."""

import os
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow import _core, bachelier, black, displaced, sabr
from hedgerow.errors import InvalidInput
from hedgerow.sabr import SabrParameters

FORMULAS = {
    "black": (sabr.volatility, sabr.derivatives, sabr.density),
    "normal": (sabr.normal_volatility, sabr.normal_derivatives, sabr.normal_density),
}


def each(function, table):
    """The function on every row's own parameters."""
    rows = []
    for row in table.itertuples():
        parameters = SabrParameters(
            alpha=row.alpha,
            beta=row.beta,
            rho=row.rho,
            nu=row.nu,
            shift=getattr(row, "shift", 0.0),
        )
        rows.append(function(parameters, row.forward, row.strike, row.time))
    return np.array(rows)


@pytest.fixture(scope="module", params=FORMULAS)
def table(request, reference):
    rows = pd.read_csv(reference / "highprec_sabr.csv")
    return request.param, rows[rows.quoted == request.param].reset_index(drop=True)


def test_volatilities_have_all_their_digits(table):
    quoted, rows = table
    computed = each(FORMULAS[quoted][0], rows)
    bound = 1e-15 if quoted == "black" else 2e-15
    np.testing.assert_allclose(computed, rows.volatility, rtol=bound)


def test_derivatives_have_all_their_digits(table):
    # Relative to the largest of their terms: the volatility per unit of the variable.
    quoted, rows = table
    computed = sabr.Derivatives._make(each(FORMULAS[quoted][1], rows).T)
    forward, strike = rows.forward + rows["shift"], rows.strike + rows["shift"]
    units = {
        "volatility": (0, 3e-15),
        "by_alpha": (rows.alpha, 3e-15),
        "by_rho": (1, 3e-15),
        "by_nu": (1, 3e-15),
        "by_forward": (forward.abs(), 3e-15),
        "by_strike": (strike.abs(), 3e-15),
        "by_strike_twice": (strike**2, 3e-14),
    }
    for name, (unit, bound) in units.items():
        scale = rows[name].abs() + (rows.volatility / unit if name != "volatility" else 0)
        error = np.abs(getattr(computed, name) - rows[name]) / scale
        assert error.max() < bound, name


def test_alpha_moves_with_the_forward_as_bartlett_has_it(table):
    quoted, rows = table
    computed = sabr.Derivatives._make(each(FORMULAS[quoted][1], rows).T)
    forward = np.where(rows.beta == 0, 1, rows.forward + rows["shift"])
    expected = rows.by_forward + rows.by_alpha * rows.rho * rows.nu / forward**rows.beta
    scale = rows.by_forward.abs() + rows.by_alpha.abs() * rows.nu / forward**rows.beta
    scale += rows.volatility / np.abs(rows.forward + rows["shift"])
    assert (np.abs(computed.by_forward_and_alpha - expected) / scale).max() < 3e-15


def test_densities_have_their_digits(table):
    quoted, rows = table
    rows = rows[rows.density.notna()].reset_index(drop=True)
    computed = each(FORMULAS[quoted][2], rows)
    # The normal density of d rounds by d^2 units; its factor is a sum of terms of this size.
    strike = rows.strike + rows["shift"]
    s = rows.volatility * np.sqrt(rows.time)
    if quoted == "black":
        d = np.log((rows.forward + rows["shift"]) / strike) / s - s / 2
        steep = (strike * rows.by_strike / rows.volatility).abs()
        bend = s * (strike**2 * rows.by_strike_twice).abs() * np.sqrt(rows.time)
        size = (1 + np.abs(d + s / 2) * s * steep) ** 2 + (s * s * steep / 2) ** 2 + bend
        unit = np.exp(-d * d / 2) / (np.sqrt(2 * np.pi) * s * strike)
    else:
        d = (rows.forward - rows.strike) / s
        slope = (rows.by_strike * np.sqrt(rows.time)).abs()
        size = (1 + np.abs(d) * slope) ** 2 + s * (rows.by_strike_twice * np.sqrt(rows.time)).abs()
        unit = np.exp(-d * d / 2) / (np.sqrt(2 * np.pi) * s)
    error = np.abs(computed - rows.density) / (unit * size * (1 + d * d))
    assert error.max() < 2e-14


def test_every_instruction_set_has_all_digits(isa, reference):
    # The choice is made once per process.
    program = (
        "import pandas as pd\n"
        "from tests.formula.test_sabr import each, sabr\n"
        f"rows = pd.read_csv({str(reference / 'highprec_sabr.csv')!r})\n"
        "rows = rows[rows.quoted == 'black']\n"
        "print((abs(each(sabr.volatility, rows) / rows.volatility - 1)).max())"
    )
    environment = {**os.environ, "HEDGEROW_ISA": isa, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert float(done.stdout) < 1e-15


@given(st.integers(1, 300))
def test_columns_have_the_bits_of_single_strikes(count):
    model = SabrParameters(alpha=0.3, beta=0.6, rho=-0.4, nu=0.8, shift=0.1)
    strikes = np.geomspace(1e-3, 1e3, count)
    together = sabr.volatility(model, 1.0, strikes, 0.5)
    for i in {0, count // 2, count - 1}:
        assert together[i] == sabr.volatility(model, 1.0, strikes[i], 0.5)
    broadcast = sabr.volatility(model, np.ones(1), strikes, 0.5)
    np.testing.assert_array_equal(broadcast, together)
    square = sabr.volatility(model, 1.0, np.stack([strikes, strikes]), 0.5)
    np.testing.assert_array_equal(square, [together, together])


def hagan_2002(row):
    """The formula as the paper of 2002 prints it (equation 2.17), which Obloj corrects."""
    b, f, k = 1 - row.beta, row.forward, row.strike
    log, mean = np.log(f / k), (f * k) ** (b / 2)
    z = row.nu / row.alpha * mean * log
    x = np.log((np.sqrt(1 - 2 * row.rho * z + z * z) + z - row.rho) / (1 - row.rho))
    ratio = 1.0 if z == 0 else z / x
    growth = (
        b * b / 24 * row.alpha**2 / mean**2 + row.rho * row.beta * row.nu * row.alpha / mean / 4
    )
    growth += (2 - 3 * row.rho**2) / 24 * row.nu**2
    series = 1 + b**2 / 24 * log**2 + b**4 / 1920 * log**4
    return row.alpha / (mean * series) * ratio * (1 + growth * row.time)


@pytest.fixture(scope="module")
def printed(reference):
    rows = pd.read_csv(reference / "sabr_antonov_spector.csv").rename(columns={"t": "time"})
    return rows[rows.status == "pass"].assign(ours=lambda rows: each(sabr.volatility, rows))


def test_printed_values_of_the_formula_of_2002(printed):
    rows = printed[printed.method == "hagan"]
    paper = np.array([hagan_2002(row) for row in rows.itertuples()])
    np.testing.assert_allclose(paper, rows.expected, rtol=0, atol=2e-4)
    # Obloj's leading term differs by what is of higher order in (1 - beta) ln(F/K).
    order = np.abs((1 - rows.beta) * np.log(rows.forward / rows.strike))
    near = order < 0.2
    assert near.sum() > 150
    np.testing.assert_allclose(rows.ours[near], rows.expected[near], rtol=0, atol=2e-4)
    assert np.all(np.abs(rows.ours - paper) <= 0.01 * order**2 + 1e-15)


def test_the_error_of_the_expansion_is_as_stated(printed):
    # Monte Carlo values of ten and twenty years, where the expansion is at its worst.
    rows = printed[printed.method == "mc"]
    error = np.abs(rows.ours - rows.expected)
    assert set(rows.time) == {10.0, 20.0}
    assert error.max() < 0.26
    assert error[(rows.time == 10) & (rows.strike > 0.6 * rows.forward)].max() < 0.03


def test_the_error_of_the_expansion_in_prices(reference):
    # Exact prices with absorption at zero: volatilities of the forward of 70 and 150 %.
    rows = pd.read_csv(reference / "sabr_exact.csv").rename(columns={"t": "time"})
    volatility = each(sabr.volatility, rows)
    price = black.price(1.0, rows.forward, rows.strike, rows.time, volatility, 1.0)
    error = np.abs(price - rows.expected) / rows.forward
    assert (rows.status == "pass").all()
    assert error[rows.time == 2].max() < 0.009
    assert error[rows.time == 10].max() < 0.21


def test_without_volatility_of_volatility_it_is_that_of_a_constant_elasticity():
    # Hagan and Woodward 1999, "Equivalent Black volatilities", equation 1.4c, to the same order.
    parameters = SabrParameters(alpha=0.5, beta=0.5, rho=0.4, nu=0.0)
    forward, strike, time = 4.0, 4.4, 0.5
    mean, b = (forward + strike) / 2, 0.5
    series = 1 + b * (3 - b) / 24 * ((forward - strike) / mean) ** 2
    series += b * b / 24 * 0.5**2 * time / mean ** (2 * b)
    expected = 0.5 / mean**b * series
    assert sabr.volatility(parameters, forward, strike, time) == pytest.approx(expected, rel=2e-6)
    tiny = SabrParameters(alpha=0.5, beta=0.5, rho=0.4, nu=1e-9)
    limit = sabr.derivatives(parameters, forward, strike, time)
    for near, far in zip(sabr.derivatives(tiny, forward, strike, time), limit, strict=True):
        assert near == pytest.approx(far, rel=1e-7, abs=1e-9)


def test_lognormal_and_normal_models_have_no_smile_of_their_own():
    strikes = np.array([1e-3, 0.5, 1.0, 7.0, 1e4])
    lognormal = SabrParameters(alpha=0.3, beta=1.0, rho=-0.2, nu=0.0)
    np.testing.assert_array_equal(sabr.volatility(lognormal, 1.0, strikes, 2.0), 0.3)
    normal = SabrParameters(alpha=0.3, beta=0.0, rho=-0.2, nu=0.0)
    np.testing.assert_array_equal(sabr.normal_volatility(normal, 0.1, strikes - 3, 2.0), 0.3)


positive = st.floats(0.05, 20.0)
models = st.builds(
    SabrParameters,
    alpha=st.floats(0.01, 2),
    beta=st.floats(0, 1),
    rho=st.floats(-0.95, 0.95),
    nu=st.floats(0, 2),
)


@given(models, positive, positive, st.floats(0, 5))
def test_forward_and_strike_change_places_with_the_sign_of_the_correlation_in_leading_order(
    model, forward, strike, time
):
    mirrored = SabrParameters(alpha=model.alpha, beta=model.beta, rho=-model.rho, nu=model.nu)
    here = sabr.volatility(model, forward, strike, 0.0)
    there = sabr.volatility(mirrored, strike, forward, 0.0)
    assert here == pytest.approx(there, rel=1e-13)


@given(models, positive, positive, st.floats(0, 5), st.floats(0.01, 100))
def test_units_of_money_do_not_matter(model, forward, strike, time, unit):
    scaled = SabrParameters(
        alpha=model.alpha * unit ** (1 - model.beta), beta=model.beta, rho=model.rho, nu=model.nu
    )
    here = sabr.volatility(model, forward, strike, time)
    there = sabr.volatility(scaled, forward * unit, strike * unit, time)
    assert here == pytest.approx(there, rel=1e-12, nan_ok=True)


@given(models, positive, st.floats(0.05, 20), st.floats(0.01, 3))
def test_a_shift_is_a_shift(model, forward, strike, time):
    shifted = SabrParameters(
        alpha=model.alpha, beta=model.beta, rho=model.rho, nu=model.nu, shift=0.5
    )
    # Halves are exact here: the sums round nothing that matters.
    forward, strike = round(forward * 1024) / 1024, round(strike * 1024) / 1024
    for function in (sabr.volatility, sabr.normal_volatility, sabr.density):
        np.testing.assert_array_equal(
            function(shifted, forward - 0.5, strike - 0.5, time),
            function(model, forward, strike, time),
        )


def test_both_volatilities_price_alike_over_a_short_time():
    model = SabrParameters(alpha=0.04, beta=0.5, rho=-0.3, nu=0.5, shift=0.02)
    forward, strikes, time = 0.015, np.linspace(0.005, 0.03, 9), 0.05
    out = np.where(strikes >= forward, 1.0, -1.0)
    lognormal = sabr.volatility(model, forward, strikes, time)
    one = displaced.price(out, forward, strikes, time, lognormal, 1.0, 0.02)
    normal = sabr.normal_volatility(model, forward, strikes, time)
    other = bachelier.price(out, forward, strikes, time, normal, 1.0)
    np.testing.assert_allclose(one, other, rtol=2e-3)


def test_the_density_is_the_second_difference_of_calls_and_sums_to_what_lies_within():
    model = SabrParameters(alpha=2.0, beta=0.5, rho=-0.4, nu=0.6)
    forward, time = 100.0, 0.7
    strikes = np.linspace(20, 300, 2801)
    density = sabr.density(model, forward, strikes, time)
    calls = black.price(
        1.0, forward, strikes, time, sabr.volatility(model, forward, strikes, time), 1.0
    )
    second = np.diff(calls, 2) / 0.1**2
    np.testing.assert_allclose(second, density[1:-1], rtol=0, atol=2e-6)
    derivatives = sabr.derivatives(model, forward, strikes, time)
    slope = black.dual_delta(1.0, forward, strikes, time, derivatives.volatility, 1.0)
    slope += derivatives.by_strike * black.vega(
        1.0, forward, strikes, time, derivatives.volatility, 1.0
    )
    assert np.trapezoid(density, strikes) == pytest.approx(slope[-1] - slope[0], rel=1e-6)
    factor = sabr.density_factor(model, forward, strikes, time)
    np.testing.assert_array_equal(np.sign(factor), np.sign(density))


# Hagan, Kumar, Lesniewski and Woodward 2014, "Arbitrage-free SABR", whose smile has a negative
# density at low strikes.
NEGATIVE = SabrParameters(alpha=0.35, beta=0.25, rho=-0.1, nu=1.0)
# P. Doust 2012, "No-arbitrage SABR": the longer the expiry, the higher the strike from which on.
DOUST = SabrParameters(alpha=0.026, beta=0.5, rho=-0.1, nu=0.4)
# C. Tan 2010, "Market Practice in Financial Modelling", chapter 6: between strikes of 1 and 2 %.
TAN = SabrParameters(alpha=0.005, beta=0.0, rho=-0.25, nu=0.3)


def test_the_negative_densities_of_the_literature_are_found():
    found = sabr.butterfly(NEGATIVE, 1.0, 1.0, low=0.01, high=10.0)
    assert not found.is_free
    assert found.low == pytest.approx(0.13750929590, rel=1e-9)
    assert found.high == 10.0
    assert sabr.density(NEGATIVE, 1.0, found.low * 0.999, 1.0) < 0
    assert sabr.density(NEGATIVE, 1.0, found.low * 1.001, 1.0) > 0
    starts = []
    for time in (1.0, 5.0, 10.0, 20.0):
        starts.append(sabr.butterfly(DOUST, 0.0488, time, low=0.0005, high=1.0).low)
    assert starts[0] == 0.0005
    assert np.all(np.diff(starts) > 0)
    assert 0.01 < sabr.butterfly(TAN, 0.04, 20.0, low=0.0005, high=1.0).low < 0.02


@pytest.mark.parametrize("model", [NEGATIVE, DOUST, TAN])
def test_the_free_range_is_where_a_fine_grid_has_no_negative_density(model):
    forward = 1.0 if model is NEGATIVE else 0.04
    low, high, time = forward / 100, forward * 100, 2.0
    found = sabr.butterfly(model, forward, time, low=low, high=high)
    strikes = np.geomspace(low, high, 100_001)
    factor = sabr.density_factor(model, forward, strikes, time)
    inside = (strikes > found.low) & (strikes < found.high)
    assert factor[inside].min() >= 0
    assert found.least_factor <= factor.min() + 1e-9 * abs(factor.min())
    outside = strikes[~inside]
    assert found.is_free == (len(outside[(outside != low) & (outside != high)]) == 0)


def test_a_smile_that_is_nearly_flat_is_free_of_arbitrage():
    model = SabrParameters(alpha=0.2, beta=1.0, rho=-0.3, nu=0.2)
    found = sabr.butterfly(model, 100.0, 0.5, low=40.0, high=250.0)
    assert found.is_free
    assert (found.low, found.high) == (40.0, 250.0)
    assert "free" in repr(found)


def test_what_has_no_volatility_is_not_called_free():
    # With |rho| > 0.82 the expansion turns negative at long expiries.
    model = SabrParameters(alpha=0.2, beta=1.0, rho=-0.99, nu=2.0)
    assert np.isnan(sabr.volatility(model, 1.0, 1.0, 30.0))
    found = sabr.butterfly(model, 1.0, 30.0, low=0.5, high=2.0)
    assert not found.is_free
    assert found.low == found.high == 1.0


def test_nan_in_nan_out_in_its_own_cell():
    model = SabrParameters(alpha=0.2, beta=0.5, rho=-0.3, nu=0.5)
    strikes = np.array([[0.9, np.nan], [0.0, -1.0], [np.inf, 1.1]])
    functions = (sabr.volatility, sabr.normal_volatility, sabr.density, sabr.normal_density)
    for function in (*functions, sabr.density_factor):
        assert np.isfinite(function(model, 1.0, strikes, 1.0)).tolist() == [
            [True, False],
            [False, False],
            [False, True],
        ]
        assert np.isnan(function(model, np.nan, 1.0, 1.0))
        assert np.isnan(function(model, 1.0, 1.0, -1.0))
    for function in (sabr.derivatives, sabr.normal_derivatives):
        for values in function(model, 1.0, strikes, 1.0):
            assert np.isnan(values).sum() == 4
    one = sabr.derivatives(model, 1.0, 0.9, 1.0)
    assert all(isinstance(value, float) for value in one)
    assert one.volatility == pytest.approx(sabr.volatility(model, 1.0, 0.9, 1.0), rel=2e-15)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("alpha", 0.0),
        ("alpha", np.inf),
        ("beta", -0.1),
        ("beta", 1.1),
        ("rho", 1.0),
        ("rho", -1.0),
        ("nu", -1e-9),
        ("nu", np.nan),
        ("shift", np.inf),
    ],
)
def test_parameters_out_of_range_are_named(name, value):
    good = {"alpha": 0.2, "beta": 0.5, "rho": 0.1, "nu": 0.4, "shift": 0.0}
    with pytest.raises(InvalidInput) as caught:
        SabrParameters(**{**good, name: value})
    assert caught.value.argument == name


def test_parameters_are_immutable_values():
    model = SabrParameters(alpha=0.2, beta=0.5, rho=-0.3, nu=0.4, shift=0.01)
    assert pickle.loads(pickle.dumps(model)) == model
    assert hash(model) == hash(SabrParameters(alpha=0.2, beta=0.5, rho=-0.3, nu=0.4, shift=0.01))
    assert model != SabrParameters(alpha=0.2, beta=0.5, rho=-0.3, nu=0.4)
    assert repr(model) == "SabrParameters(alpha=0.2, beta=0.5, rho=-0.3, nu=0.4, shift=0.01)"
    with pytest.raises(AttributeError):
        model.alpha = 0.3


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"low": 1.0}, "low"),
        ({"low": 0.0}, "low"),
        ({"high": 1.0}, "high"),
        ({"high": np.inf}, "high"),
        ({"time": 0.0}, "time"),
        ({"forward": -1.0}, "forward + shift"),
    ],
)
def test_a_search_names_what_is_wrong(change, argument):
    model = SabrParameters(alpha=0.2, beta=0.5, rho=-0.3, nu=0.4)
    given = {"forward": 1.0, "time": 1.0, "low": 0.5, "high": 2.0, **change}
    with pytest.raises(InvalidInput) as caught:
        sabr.butterfly(model, **given)
    assert caught.value.argument == argument


def test_columns_of_different_lengths_are_refused():
    model = SabrParameters(alpha=0.2, beta=0.5, rho=-0.3, nu=0.4)
    with pytest.raises(InvalidInput, match="strike"):
        _core.sabr_derivatives(model, [1.0, 1.0], [1.0], [1.0, 1.0])
