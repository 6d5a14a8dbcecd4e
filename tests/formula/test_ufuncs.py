"""The ufuncs behave as NumPy's own do, and every door gives the same bits."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hedgerow as hr
from hedgerow import kernels

FAMILIES = {
    "black": (1.0, 100.0, 95.0, 0.7, 0.25, 0.97),
    "bsm": (-1.0, 100.0, 95.0, 0.7, 0.25, 0.03, 0.01),
    "displaced": (1.0, 10.0, 9.5, 0.7, 0.25, 0.97, 90.0),
    "bachelier": (-1.0, 100.0, 95.0, 0.7, 20.0, 0.97),
}
SINGLES = [
    (family, output, name)
    for family in FAMILIES
    for output, name in enumerate(kernels.names)
    if f"{family}_{name}" in kernels.ufunc_names
]


def columns(family: str, n: int) -> list[np.ndarray]:
    rng = np.random.default_rng(n)
    rest = FAMILIES[family][1:]
    return [
        rng.choice([-1.0, 1.0], n),
        *(value * rng.uniform(0.8, 1.2, n) for value in rest),
    ]


@pytest.mark.parametrize(("family", "output", "name"), SINGLES)
def test_single_outputs_are_those_of_the_joint_function(
    family: str, output: int, name: str
) -> None:
    inputs = columns(family, 300)
    joint = getattr(kernels, f"{family}_greeks")(*inputs)
    np.testing.assert_array_equal(getattr(kernels, f"{family}_{name}")(*inputs), joint[output])


@pytest.mark.parametrize("family", FAMILIES)
def test_scalar_doors_give_the_bits_of_the_ufunc(family: str) -> None:
    inputs = columns(family, 50)
    price = getattr(kernels, f"{family}_price")(*inputs)
    greeks = getattr(kernels, f"{family}_greeks")(*inputs)
    for i in range(50):
        row = [float(column[i]) for column in inputs]
        assert getattr(kernels, f"{family}_price_one")(*row) == price[i]
        one = getattr(kernels, f"{family}_greeks_one")(*row)
        assert list(one) == [g[i] for g in greeks]
        assert [getattr(one, name) for name in kernels.names] == list(one)


@pytest.mark.parametrize("family", ["black", "bachelier"])
def test_scalar_implied_volatility(family: str) -> None:
    right, forward, strike, time, volatility, discount = FAMILIES[family]
    price = getattr(kernels, f"{family}_price_one")(*FAMILIES[family])
    found = getattr(kernels, f"{family}_implied_volatility_one")(
        right, price, forward, strike, time, discount
    )
    assert found == pytest.approx(volatility, rel=1e-13)
    if family == "black":
        found = kernels.black_implied_volatility_from_one(
            right, price, forward, strike, time, discount, 1.1 * volatility
        )
        assert found == pytest.approx(volatility, rel=1e-13)
    module = getattr(hr, family)
    codes = module.implied_volatility_status(
        right, [price, 1e9, -1.0], forward, strike, time, discount
    )
    beyond = hr.Status.ABOVE_MAXIMUM if family == "black" else hr.Status.OK  # no bound above
    expected = [hr.Status.OK, beyond, hr.Status.BELOW_INTRINSIC]
    assert codes.tolist() == expected


@given(
    st.integers(1, 700),
    st.integers(1, 4),
    st.booleans(),
    st.sampled_from(["black_greeks", "black_delta", "black_price"]),
)
def test_strides_do_not_change_a_bit(n: int, step: int, backwards: bool, name: str) -> None:
    dense = columns("black", n)
    spread = [np.repeat(column, step)[:: -step if backwards else step] for column in dense]
    if backwards:
        dense = [column[::-1].copy() for column in dense]
    wanted, got = getattr(kernels, name)(*dense), getattr(kernels, name)(*spread)
    np.testing.assert_array_equal(wanted, got)


def test_broadcasting_out_and_where() -> None:
    right, forward, _, time, volatility, discount = FAMILIES["black"]
    strikes = np.linspace(60, 140, 9)
    vols = np.array([[0.1], [0.2], [0.4]])
    grid = hr.black.price(right, forward, strikes, time, vols, discount)
    assert grid.shape == (3, 9)
    for i, j in itertools.product(range(3), range(9)):
        assert grid[i, j] == hr.black.price_one(
            right, forward, strikes[j], time, vols[i, 0], discount
        )
    out = np.full(18, 7.0)[::2]
    hr.black.delta(right, forward, strikes, time, volatility, discount, out=out, where=strikes > 90)
    assert (out[strikes <= 90] == 7.0).all()
    assert (out[strikes > 90] < 1.0).all()
    same = strikes.copy()
    hr.black.price(right, forward, same, time, volatility, discount, out=same)  # in place
    np.testing.assert_array_equal(
        same, hr.black.price(right, forward, strikes, time, 0.25, discount)
    )
    assert hr.black.price(right, forward, np.empty(0), time, volatility, discount).shape == (0,)


def test_the_joint_function_is_named() -> None:
    greeks = hr.black.greeks(*FAMILIES["black"])
    assert greeks._fields == kernels.names
    assert greeks.delta == hr.black.delta(*FAMILIES["black"])
    by_name = hr.bsm.greeks(
        right=hr.Right.PUT,
        spot=100.0,
        strike=95.0,
        time=0.7,
        volatility=0.25,
        rate=0.03,
        carry=0.01,
    )
    assert by_name == hr.bsm.greeks(*FAMILIES["bsm"])


def test_bad_cells_are_nan_alone_and_silent() -> None:
    base = FAMILIES["black"]
    rows = [list(base)]
    for place, bad in itertools.product(range(6), [np.nan, np.inf, -np.inf, -1.5]):
        row = list(base)
        row[place] = bad
        rows.append(row)
    rows.append(list(base))
    inputs = np.array(rows).T
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        outputs = kernels.black_greeks(*inputs)
    for output, good in zip(outputs, kernels.black_greeks(*base), strict=True):
        assert output[0] == output[-1] == good
        assert np.isnan(output[1:-1]).all()


def test_single_precision_and_integers_are_widened() -> None:
    single = hr.black.price(1, np.float32(100), 100, 1, 0.25, 1)
    assert single.dtype == np.float64
    assert single == hr.black.price_one(1.0, 100.0, 100.0, 1.0, 0.25, 1.0)


def test_series_of_other_libraries_pass_through() -> None:
    strikes = [90.0, 100.0, 110.0]
    expected = hr.black.price(1, 100.0, np.array(strikes), 1.0, 0.2, 1.0).tolist()
    series = hr.black.price(1, 100.0, pd.Series(strikes, index=[5, 6, 7]), 1.0, 0.2, 1.0)
    assert isinstance(series, pd.Series)
    assert series.index.tolist() == [5, 6, 7]
    assert series.tolist() == expected
    polars = hr.black.price(1, 100.0, pl.Series(strikes), 1.0, 0.2, 1.0)
    assert isinstance(polars, pl.Series)
    assert polars.to_list() == expected


def test_unknown_kernels_and_sets_are_told() -> None:
    with pytest.raises(KeyError):
        kernels.evaluate("baseline", "black_magic", 1.0)
    with pytest.raises(TypeError, match="6 columns"):
        kernels.evaluate("baseline", "black_price", 1.0)
    assert kernels.evaluate("sparc", "black_price", *FAMILIES["black"]) is None


@pytest.mark.parametrize("name", kernels.ufunc_names)
def test_every_ufunc_says_what_it_is(name: str) -> None:
    doc = getattr(kernels, name).__doc__
    assert f"{name}(" in doc
    assert "NaN" in doc
