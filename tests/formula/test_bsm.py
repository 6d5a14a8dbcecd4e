"""Black-Scholes-Merton against tables of many digits, on every instruction set."""

import numpy as np
import pandas as pd
import pytest

from hedgerow import kernels

from .tables import GREEKS, largest_error, right_of

# The largest relative errors measured, rounded up; formula/bsm.hpp quotes them. Theta changes sign:
# its error is relative to the sum of its terms.
MEASURED = dict.fromkeys(GREEKS, 5e-13) | {"price": 4e-13, "delta": 4e-13, "dual_delta": 4e-13}


@pytest.fixture(scope="module")
def table(reference):
    return pd.read_csv(reference / "highprec_bs_greeks.csv.gz")


def columns(table):
    right = right_of(table.option_type)
    return right, table.spot, table.strike, table.t, table.vol, table.r, table.r - table.q


def test_greeks_have_the_stated_accuracy(table, isa):
    computed = dict(zip(GREEKS, kernels.evaluate(isa, "bsm_greeks", *columns(table)), strict=True))
    leg1, leg2 = -table.phi / table.t, table.rho / table.t
    decay = table.vega * table.vol / (2 * table.t)
    scales = {"theta": np.abs(table.q * leg1) + np.abs(table.r * leg2) + decay}
    errors = {name: largest_error(computed[name], table[name], scales.get(name)) for name in GREEKS}
    assert {name: error for name, error in errors.items() if error > MEASURED[name]} == {}


def test_price_is_the_price_of_the_greeks(table, isa):
    (price,) = kernels.evaluate(isa, "bsm_price", *columns(table))
    np.testing.assert_array_equal(price, kernels.evaluate(isa, "bsm_greeks", *columns(table))[0])


QUANTITIES = {"dividend_rho": "phi"}


@pytest.mark.parametrize("name", ["bs_european.csv", "bs_pyvollib.csv"])
def test_published_values(reference, name):
    rows = pd.read_csv(reference / name)
    rows = rows[(rows.status == "pass") & (rows.model == "bsm")]
    assert len(rows) > 30
    greeks = kernels.bsm_greeks(
        right_of(rows.option_type),
        rows.spot,
        rows.strike,
        rows.t,
        rows.vol,
        rows.r,
        rows.r - rows.q,
    )
    computed = pd.DataFrame(dict(zip(GREEKS, map(np.asarray, greeks), strict=True)))
    computed["theta_per_day"] = computed.theta / 365
    for i, row in enumerate(rows.itertuples()):
        value = computed[QUANTITIES.get(row.quantity, row.quantity)][i]
        assert abs(value - row.expected) <= row.tol, row.id


def test_spot_form_is_the_forward_form():
    rate, carry, time = 0.03, -0.01, 0.7
    bsm = kernels.bsm_price([1.0, -1.0], 100.0, 90.0, time, 0.3, rate, carry)
    forward, discount = 100 * np.exp(carry * time), np.exp(-rate * time)
    black = kernels.black_price([1.0, -1.0], forward, 90.0, time, 0.3, discount)
    np.testing.assert_allclose(bsm, black, rtol=1e-14)


def test_rates_off_the_domain_are_nan_in_their_cell_only():
    rate = np.array([0.05, np.nan, np.inf, 0.05])
    carry = np.array([0.05, 0.0, 0.0, -np.inf])
    greeks = kernels.bsm_greeks(1.0, 100.0, 100.0, 1.0, 0.2, rate, carry)
    for values in greeks:
        np.testing.assert_array_equal(np.isnan(values), [False, True, True, True])
