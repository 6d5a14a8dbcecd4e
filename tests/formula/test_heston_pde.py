"""Heston on a grid: European prices beside exact ones, the limit of a constant volatility beside
closed forms and a tree, symmetries and identities with a stochastic one.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hedgerow as hr
from hedgerow import black, heston, normal
from hedgerow.heston import Barrier, Grid, Scheme

TABLE = Path(__file__).parents[1] / "reference" / "heston_american.csv"
CALL, PUT = hr.Right.CALL, hr.Right.PUT
NAMES = ("v0", "kappa", "theta", "sigma", "rho")
SPOTS = np.array([80.0, 90.0, 95.0, 100.0, 105.0, 110.0, 125.0])


def model(*values: float) -> dict[str, float]:
    return dict(zip(NAMES, values, strict=True))


# Parameters, then time, rate and carry.
SETS = {
    "skewed": (model(0.04, 1.5, 0.04, 0.3, -0.9), (1.0, 0.025, 0.025)),
    "calm": (model(0.12, 3.0, 0.12, 0.04, 0.6), (1.0, 0.01, -0.03)),
    "long": (model(0.0707, 0.6067, 0.0707, 0.2928, -0.7571), (3.0, 0.03, 0.03)),
    "round": (model(0.06, 2.5, 0.06, 0.5, -0.1), (0.25, 0.0, 0.0)),
    "week": (model(0.04, 2.0, 0.04, 0.4, -0.7), (7 / 365, 0.02, 0.02)),
    "low": (model(0.005, 3.0, 0.06, 0.8, -0.5), (0.5, 0.02, 0.02)),
}
HEAVY = (model(0.04, 0.5, 0.04, 1.0, -0.9), (5.0, 0.0, 0.0))
# Of the strike on the default grid; measured, rounded up.
ERROR = {Scheme.MODIFIED_CRAIG_SNEYD: 5e-6, Scheme.HUNDSDORFER_VERWER: 1.2e-5}
HEAVY_ERROR = 3e-4
AMERICAN_ERROR = 1e-5
BARRIER_ERROR = 3e-7
LOOKBACK_ERROR = 3e-5


def european(right: hr.Right, spot: object, market: tuple, parameters: dict[str, float]) -> object:
    time, rate, carry = market
    forward = np.asarray(spot) * np.exp(carry * time)
    return heston.price(right, forward, 100.0, time, np.exp(-rate * time), **parameters)


def error(name: str, right: hr.Right, grid: Grid) -> float:
    parameters, market = SETS[name]
    found = heston.european_on_grid(right, SPOTS, 100.0, *market, **parameters, grid=grid)
    return float(np.abs(found.price - european(right, SPOTS, market, parameters)).max())


@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize("right", [CALL, PUT])
@pytest.mark.parametrize("name", SETS)
def test_european_prices_are_the_exact_ones(name: str, right: hr.Right, scheme: Scheme) -> None:
    assert error(name, right, Grid(scheme=scheme)) <= 100 * ERROR[scheme]


def test_heavy_tails_cost_digits() -> None:
    parameters, market = HEAVY
    found = heston.european_on_grid(PUT, SPOTS, 100.0, *market, **parameters)
    exact = european(PUT, SPOTS, market, parameters)
    np.testing.assert_allclose(found.price, exact, atol=100 * HEAVY_ERROR)


@pytest.mark.parametrize("name", ["round", "week", "skewed"])
def test_the_error_falls_with_the_third_power_at_least(name: str) -> None:
    coarse, fine = (error(name, PUT, Grid(n, n // 2, n // 2)) for n in (64, 128))
    assert coarse >= 8 * fine


@pytest.mark.parametrize("name", SETS)
def test_derivatives_are_those_of_the_exact_prices(name: str) -> None:
    parameters, market = SETS[name]
    found = heston.european_on_grid(CALL, SPOTS, 100.0, *market, **parameters)
    h = 0.05
    low, mid, high = (european(CALL, SPOTS + k * h, market, parameters) for k in (-1, 0, 1))
    np.testing.assert_allclose(found.delta, (high - low) / (2 * h), atol=4e-4)
    np.testing.assert_allclose(found.gamma, (high - 2 * mid + low) / h**2, atol=1e-4)
    time, rate, carry = market
    forward, discount = SPOTS * np.exp(carry * time), np.exp(-rate * time)
    exact = heston.gradient(CALL, forward, 100.0, time, discount, **parameters).v0
    np.testing.assert_allclose(found.v0, exact, atol=0.06)


@pytest.mark.parametrize("scheme", list(Scheme))
def test_american_prices_are_the_printed_ones(scheme: Scheme) -> None:
    with TABLE.open() as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "pass"]
    assert len(rows) == 13
    for row in rows:
        rate, yielded = float(row["r"]), float(row["q"])
        found = heston.american(
            {"put": PUT, "call": CALL}[row["option_type"]],
            float(row["spot"]),
            float(row["strike"]),
            float(row["t"]),
            rate,
            rate - yielded,
            **{name: float(row[name]) for name in NAMES},
            grid=Grid(scheme=scheme),
        )
        printed = 0.5e-4 if row["tol"] == "1e-4" else 0.0  # to four digits
        error = abs(found.price - float(row["expected"]))
        assert error <= 10 * AMERICAN_ERROR + printed, row["id"]


# A variance that hardly moves: Black and Scholes at a volatility of 20 %.
FLAT = model(0.04, 1.0, 0.04, 1e-4, 0.0)
MARKET = (0.5, 0.06, 0.03)


def cumulative(x: object) -> object:
    return normal.cdf(x)


def tree(right: int, spot: float, strike: float, steps: int) -> float:
    """An American option on a binomial tree: J. Cox, S. Ross and M. Rubinstein 1979."""
    time, rate, carry = MARKET
    dt = time / steps
    up = np.exp(0.2 * np.sqrt(dt))
    p = (np.exp(carry * dt) - 1 / up) / (up - 1 / up)
    at = spot * up ** np.arange(-steps, steps + 1, 2.0)
    value = np.maximum(right * (at - strike), 0.0)
    for n in range(steps - 1, -1, -1):
        at = spot * up ** np.arange(-n, n + 1, 2.0)
        held = np.exp(-rate * dt) * (p * value[1:] + (1 - p) * value[:-1])
        value = np.maximum(held, right * (at - strike))
    return float(value[0])


@pytest.mark.parametrize("right", [CALL, PUT])
def test_american_options_without_stochastic_volatility_are_those_of_a_tree(
    right: hr.Right,
) -> None:
    spots = [90.0, 100.0, 110.0]
    found = heston.american(right, spots, 100.0, *MARKET, **FLAT)
    expected = [0.5 * (tree(right, s, 100.0, 2000) + tree(right, s, 100.0, 2001)) for s in spots]
    np.testing.assert_allclose(found.price, expected, atol=100 * AMERICAN_ERROR)


def out(right: int, up: bool, spot: np.ndarray, strike: float, level: float) -> np.ndarray:
    """By reflection: M. Rubinstein and E. Reiner 1991, "Breaking down the barriers"."""
    time, rate, carry = MARKET
    s = 0.2 * np.sqrt(time)
    discount = np.exp(-rate * time)

    def alive(at: np.ndarray) -> np.ndarray:
        """The payoff on the living side of the barrier alone, European."""

        def beyond(edge: float, side: int) -> np.ndarray:
            d = (np.log(at / edge) + carry * time) / s + s / 2
            carried = at * np.exp(carry * time)
            return discount * (carried * cumulative(side * d) - strike * cumulative(side * (d - s)))

        inner = min(strike, level) if up else max(strike, level)
        if right > 0:
            if up:
                return beyond(strike, 1) - beyond(level, 1) if strike < level else 0 * at
            return beyond(inner, 1)
        if up:
            return -beyond(inner, -1)
        return beyond(level, -1) - beyond(strike, -1) if strike > level else 0 * at

    exponent = 2 * carry / 0.04 - 1
    return alive(spot) - (level / spot) ** exponent * alive(level**2 / spot)


@pytest.mark.parametrize("right", [CALL, PUT])
@pytest.mark.parametrize("strike", [85.0, 100.0, 118.0])
@pytest.mark.parametrize(
    ("kind", "level"), [(Barrier.UP_AND_OUT, 115.0), (Barrier.DOWN_AND_OUT, 88.0)]
)
def test_barriers_without_stochastic_volatility_are_closed_forms(
    right: hr.Right, strike: float, kind: Barrier, level: float
) -> None:
    spots = np.array([89.0, 95.0, 100.0, 105.0, 112.0])
    terms = {"kind": kind, "level": level}
    found = heston.barrier(right, spots, strike, *MARKET, **terms, **FLAT)
    up = kind == Barrier.UP_AND_OUT
    expected = out(right, up, spots, strike, level)
    np.testing.assert_allclose(found.price, expected, atol=100 * BARRIER_ERROR)
    h = 1e-3
    slope = (
        out(right, up, spots + h, strike, level) - out(right, up, spots - h, strike, level)
    ) / (2 * h)
    np.testing.assert_allclose(found.delta, slope, atol=1e-4)


def floating(right: int, spot: np.ndarray, extreme: float) -> np.ndarray:
    """M. B. Goldman, H. B. Sosin and M. A. Gatto 1979, "Path dependent options"."""
    time, rate, carry = MARKET
    s, discount = 0.2 * np.sqrt(time), np.exp(-rate * time)
    a = (np.log(spot / extreme) + carry * time) / s + s / 2
    reflected = (spot / extreme) ** (-2 * carry / 0.04) * cumulative(
        right * (2 * carry * np.sqrt(time) / 0.2 - a)
    )
    moved = reflected - np.exp(carry * time) * cumulative(-right * a)
    carried = spot * np.exp(carry * time) * cumulative(right * a)
    held = carried - extreme * cumulative(right * (a - s)) + spot * 0.02 / carry * moved
    return right * discount * held if right < 0 else discount * held


@pytest.mark.parametrize(("right", "extreme"), [(CALL, 95.0), (PUT, 105.0)])
def test_lookbacks_without_stochastic_volatility_are_closed_forms(
    right: hr.Right, extreme: float
) -> None:
    spots = np.array([95.0, 97.0, 100.0, 103.0, 105.0])
    found = heston.floating_lookback(right, spots, extreme, *MARKET, **FLAT)
    h = 1e-3
    low, mid, high = (floating(right, spots + k * h, extreme) for k in (-1, 0, 1))
    np.testing.assert_allclose(found.price, mid, atol=2e-6)
    inner = spots != extreme
    np.testing.assert_allclose(found.delta[inner], ((high - low) / (2 * h))[inner], atol=1e-5)
    # A spot beyond the extreme is the extreme: values are linear in it.
    beyond = extreme * (0.9 if right == CALL else 1.1)
    moved = heston.floating_lookback(right, beyond, extreme, *MARKET, **FLAT)
    at = heston.floating_lookback(right, beyond, beyond, *MARKET, **FLAT)
    assert moved.price == pytest.approx(at.price, rel=1e-12)
    assert moved.gamma == 0


# Without carry and correlation, paths and mirror images are as likely: P. Carr and K. Ellis 1998.
MIRROR = model(0.05, 1.5, 0.06, 0.6, 0.0)


@pytest.mark.parametrize("strike", [95.0, 100.0, 120.0])
def test_a_knock_in_call_is_a_put_where_there_is_symmetry(strike: float) -> None:
    level, market = 90.0, (0.75, 0.04, 0.0)
    spots = np.array([92.0, 100.0, 115.0])
    terms = {"kind": Barrier.DOWN_AND_IN, "level": level}
    found = heston.barrier(CALL, spots, strike, *market, **terms, **MIRROR)
    discount = np.exp(-0.04 * 0.75)
    mirrored = heston.price(PUT, spots, level**2 / strike, 0.75, discount, **MIRROR)
    expected = strike / level * mirrored
    np.testing.assert_allclose(found.price, expected, atol=100 * BARRIER_ERROR)


def test_a_lookback_is_a_strip_of_calls_where_there_is_symmetry() -> None:
    # P(max > u) = 2 P(S > u) + E[(S - u)+] / u, integrated over u from the strike.
    strike, time, discount = 104.0, 0.75, np.exp(-0.03)
    found = heston.fixed_lookback(CALL, 100.0, strike, time, 0.04, 0.0, extreme=101.0, **MIRROR)
    nodes, weights = np.polynomial.legendre.leggauss(64)
    width = np.log(30.0)
    u = strike * np.exp(0.5 * width * (nodes + 1))
    calls = heston.price(CALL, 100.0, u, time, discount, **MIRROR)
    at_strike = heston.price(CALL, 100.0, strike, time, discount, **MIRROR)
    expected = 2 * at_strike + 0.5 * width * np.sum(weights * calls)
    assert found.price == pytest.approx(expected, abs=100 * 1e-6)


def test_a_lookback_is_a_strip_of_rebates() -> None:
    # Without a rate, a rebate of 1 at the barrier u is worth P(max > u).
    parameters = model(0.05, 1.5, 0.06, 0.6, -0.7)
    market = (0.75, 0.0, 0.02)
    found, fine = (
        heston.fixed_lookback(
            CALL, 100.0, 100.0, *market, extreme=100.0, **parameters, grid=Grid(100, variances, 50)
        )
        for variances in (50, 100)
    )
    nodes, weights = np.polynomial.legendre.leggauss(20)
    width = np.log(2.6)
    u = 100.0 * np.exp(0.5 * width * (nodes + 1))
    hits = [
        heston.barrier(
            CALL,
            100.0,
            2 * level,
            *market,
            kind=Barrier.UP_AND_OUT,
            level=level,
            rebate=1.0,
            **parameters,
            grid=Grid(100, 100, 50),
        ).price
        for level in u
    ]
    expected = 0.5 * width * np.sum(weights * u * hits)
    assert fine.price == pytest.approx(expected, abs=100 * LOOKBACK_ERROR / 3)
    assert found.price == pytest.approx(expected, abs=100 * LOOKBACK_ERROR)


@pytest.mark.parametrize("right", [CALL, PUT])
def test_in_and_out_are_the_whole(right: hr.Right) -> None:
    parameters, market = SETS["skewed"]
    whole = heston.european_on_grid(right, SPOTS, 100.0, *market, **parameters)
    for out_of, into, level in (
        (Barrier.UP_AND_OUT, Barrier.UP_AND_IN, 108.0),
        (Barrier.DOWN_AND_OUT, Barrier.DOWN_AND_IN, 92.0),
    ):
        parts = [
            heston.barrier(right, SPOTS, 100.0, *market, kind=kind, level=level, **parameters)
            for kind in (out_of, into)
        ]
        for a, b, c in zip(*parts, whole, strict=True):
            np.testing.assert_allclose(a + b, c, atol=1e-12, rtol=1e-12)
        beyond = SPOTS - level if out_of == Barrier.UP_AND_OUT else level - SPOTS
        assert np.all(parts[0].price[beyond >= 0] == 0)


def test_lookbacks_follow_from_each_other() -> None:
    parameters, market = SETS["skewed"]
    time, rate, carry = market
    arguments = (100.0, 100.0, *market)
    fixed = heston.fixed_lookback(CALL, *arguments, extreme=107.0, **parameters)
    put = heston.floating_lookback(PUT, 100.0, 107.0, *market, **parameters)
    forward = 100 * np.exp((carry - rate) * time) - 100 * np.exp(-rate * time)
    assert fixed.price == pytest.approx(put.price + forward, rel=1e-13)
    assert fixed.delta == pytest.approx(put.delta + np.exp((carry - rate) * time), rel=1e-13)


@settings(max_examples=15, deadline=None)
@given(
    v0=st.floats(0.01, 0.2),
    theta=st.floats(0.01, 0.2),
    kappa=st.floats(0.5, 4),
    sigma=st.floats(0.1, 0.8),
    rho=st.floats(-0.9, 0.5),
    time=st.floats(0.05, 2),
    rate=st.floats(0, 0.1),
    right=st.sampled_from([CALL, PUT]),
)
def test_prices_are_in_their_order(
    v0: float,
    theta: float,
    kappa: float,
    sigma: float,
    rho: float,
    time: float,
    rate: float,
    right: hr.Right,
) -> None:
    parameters = model(v0, kappa, theta, sigma, rho)
    market = (time, rate, 0.5 * rate)
    spots = np.linspace(80.0, 120.0, 9)
    slack = 0.01
    american = heston.american(right, spots, 100.0, *market, **parameters).price
    whole = european(right, spots, market, parameters)
    assert np.all(american >= whole - slack)
    assert np.all(american >= right * (spots - 100.0))
    assert np.all(right * np.diff(american) >= -slack)
    assert np.all(np.diff(american, 2) >= -slack)
    arguments = (right, spots, 100.0, *market)
    knocked = heston.barrier(*arguments, kind=Barrier.UP_AND_OUT, level=130.0, **parameters).price
    assert np.all(knocked >= -slack)
    assert np.all(knocked <= whole + slack)
    look = heston.fixed_lookback(*arguments, extreme=100.0, **parameters).price
    assert np.all(look >= whole - slack)


def test_an_american_option_is_never_worth_less_than_nothing() -> None:
    # Far out of the money what the mesh leaves is of either sign.
    parameters, market = model(0.04, 1.5, 0.04, 0.3, -0.5), (1.0, 0.05, 0.05)
    spots = [1e-3, 1.0, 100.0, 1e4, 1e8]
    for right in (CALL, PUT):
        assert np.all(heston.american(right, spots, 100.0, *market, **parameters).price >= 0)


def test_a_mesh_that_is_too_coarse_gives_nothing_rather_than_anything() -> None:
    # Seen from the spot the variance grows by exp(0.7 t): the default mesh said 1e7 for the put and
    # 1e8 for the call, paths 82 and 12.6.
    parameters, market = model(0.04, 0.5, 0.04, 1.5, 0.8), (5.0, 0.0, 0.0)
    for right in (CALL, PUT):
        found = heston.floating_lookback(right, [100.0, 120.0], 100.0, *market, **parameters)
        assert np.all(np.isnan(found.price))
        assert np.all(np.isnan(found.v0))


def test_shapes_and_bad_spots() -> None:
    parameters, market = SETS["round"]
    spots = np.array([[90.0, np.nan, 110.0], [-1.0, np.inf, 100.0]])
    found = heston.american(PUT, spots, 100.0, *market, **parameters)
    for column in found:
        assert column.shape == (2, 3)
        assert np.array_equal(np.isnan(column), [[False, True, False], [True, True, False]])
    one = heston.american(PUT, 100.0, 100.0, *market, **parameters)
    assert np.ndim(one.price) == 0


def test_bad_terms_are_named() -> None:
    parameters, market = SETS["round"]
    good = (PUT, 100.0, 100.0, *market)
    with pytest.raises(hr.InvalidInput, match="rho"):
        heston.american(*good, **parameters | {"rho": 1.5})
    with pytest.raises(hr.InvalidInput, match="strike"):
        heston.american(PUT, 100.0, -1.0, *market, **parameters)
    with pytest.raises(hr.InvalidInput, match="time"):
        heston.american(PUT, 100.0, 100.0, 0.0, 0.0, 0.0, **parameters)
    for bad in (Grid(spots=99), Grid(variances=4), Grid(times=-2)):
        with pytest.raises(hr.InvalidInput, match="even"):
            heston.american(*good, **parameters, grid=bad)
    with pytest.raises(hr.InvalidInput, match="level"):
        heston.barrier(*good, kind=Barrier.UP_AND_OUT, level=0.0, **parameters)
    with pytest.raises(hr.InvalidInput, match="rebate"):
        heston.barrier(*good, kind=Barrier.UP_AND_IN, level=120.0, rebate=1.0, **parameters)
    with pytest.raises(hr.InvalidInput, match="extreme"):
        heston.fixed_lookback(*good, extreme=np.nan, **parameters)


def test_today_s_variance_may_be_zero() -> None:
    parameters = model(0.0, 2.0, 0.05, 0.4, -0.5)
    market = (0.5, 0.02, 0.02)
    found = heston.european_on_grid(CALL, SPOTS, 100.0, *market, **parameters)
    exact = european(CALL, SPOTS, market, parameters)
    np.testing.assert_allclose(found.price, exact, atol=0.01)
    implied = black.implied_volatility(CALL, exact, SPOTS * np.exp(0.01), 100.0, 0.5, np.exp(-0.01))
    assert np.all(np.isfinite(implied[1:-1]))
