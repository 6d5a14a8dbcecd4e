"""Black implied volatility against high precision, and the properties that it must have.

The error is judged against what the price determines: rounding the price to a double moves the
volatility by eps |dln vol / dln price|, rounding the volatility by eps.
"""

from __future__ import annotations

import csv
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

from hedgerow import kernels

Array = np.ndarray
EPS = 2.0**-52
OK, BELOW, ABOVE, INVALID = 0.0, 9.0, 10.0, 11.0
WORST, MEDIAN = 5.0, 0.3  # as the header states


def solve(isa: str, *columns: Array | float) -> Array:
    results = kernels.evaluate(isa, "black_implied_volatility", *np.broadcast_arrays(*columns))
    assert results is not None
    return results[0]


def solve_from(isa: str, *columns: Array | float) -> Array:
    name = "black_implied_volatility_from"
    results = kernels.evaluate(isa, name, *np.broadcast_arrays(*columns))
    assert results is not None
    return results[0]


def status(isa: str, *columns: Array | float) -> Array:
    name = "black_implied_volatility_status"
    results = kernels.evaluate(isa, name, *np.broadcast_arrays(*columns))
    assert results is not None
    return results[0]


def normalized_price(x: mpf, s: mpf) -> mpf:
    """The undiscounted price out of the money over min(F, K), at x = |ln(F/K)|."""
    h, t, root = x / s, s / 2, mpmath.sqrt(2)
    return (mpmath.erfc((h - t) / root) - mpmath.exp(x) * mpmath.erfc((h + t) / root)) / 2


def exact_deviation(row: Array, start: mpf) -> tuple[mpf, float]:
    """The total volatility of exactly these doubles, and |dln vol / dln price|."""
    right, price, forward, strike, _, discount = (mpf(float(value)) for value in row)
    bound = discount * min(forward, strike)
    p = (price - discount * max(right * (forward - strike), 0)) / bound
    x, s = abs(mpmath.log(forward / strike)), start
    if x == 0 and p < mpf(10) ** -20:
        return p * mpmath.sqrt(2 * mpmath.pi), 1.0
    for _ in range(3):
        vega = mpmath.npdf(x / s - s / 2)
        s += (p - normalized_price(x, s)) / vega
    return s, float(price / (bound * s * mpmath.npdf(x / s - s / 2)))


class Case:
    """Rows with their exact total volatilities."""

    def __init__(self, rows: list[list[float]], starts: list[mpf]) -> None:
        self.rows = np.array(rows)
        with mpmath.workdps(60):
            pairs = [exact_deviation(r, s) for r, s in zip(self.rows, starts, strict=True)]
        self.starts = starts
        self.exact = [s for s, _ in pairs]
        self.condition = np.array([c for _, c in pairs])

    def errors(self, isa: str) -> Array:
        """In units of what the price determines."""
        return self.errors_of(solve(isa, *self.rows.T))

    def guesses(self, factor: float) -> Array:
        """Times the exact volatilities."""
        exact = [
            float(s / mpmath.sqrt(mpf(float(t))))
            for s, t in zip(self.exact, self.rows[:, 4], strict=True)
        ]
        return factor * np.array(exact)

    def errors_of(self, found: Array) -> Array:
        """Of volatilities, in the same units."""
        with mpmath.workdps(60):
            relative = [
                float(mpf(float(v)) * mpmath.sqrt(mpf(float(t))) / s - 1)
                for v, t, s in zip(found, self.rows[:, 4], self.exact, strict=True)
            ]
        return np.abs(relative) / (EPS * (1 + self.condition))


@pytest.fixture(scope="module")
def table(reference: Path) -> Case:
    rows, starts = [], []
    with (reference / "highprec_implied_vol.csv").open() as file:
        for row in csv.DictReader(file):
            x = float(row["log_forward_over_strike"])
            forward, strike = np.exp(x / 2), np.exp(-x / 2)
            price = float(row["normalised_price_double"]) * np.sqrt(forward * strike)
            right = 1.0 if row["option_type"] == "call" else -1.0
            rows.append([right, price, forward, strike, 1.0, 1.0])
            starts.append(mpf(row["stddev_of_double_price"]))
    return Case(rows, starts)


@pytest.fixture(scope="module")
def wide() -> Case:
    """ln(F/K) from 1e-12 to 1400, prices down to 1e-300, total volatilities to 60."""
    rng = np.random.default_rng(5)
    rows, starts = [], []
    with mpmath.workdps(60):
        while len(rows) < 1500:
            x = 10 ** rng.uniform(-12, 3.14)
            near = np.sqrt(2 * x) * 10 ** rng.uniform(-1, 1)
            s = mpf(float(near if rng.random() < 0.5 else 10 ** rng.uniform(-5, 1.78)))
            scale = 100.0 if x < 600 else 1.0
            forward, strike = float(scale * np.exp(-x / 2)), float(scale * np.exp(x / 2))
            discount, time = rng.uniform(0.3, 1.1), 10 ** rng.uniform(-9, 3)
            p = normalized_price(abs(mpmath.log(mpf(forward) / mpf(strike))), s)
            price = float(p * forward * mpf(discount))
            if price < 1e-300 or 1 - p < 1e-14:
                continue
            row = [1.0, price, forward, strike, time, discount]
            if rng.random() < 0.5:
                row = [-1.0, price, strike, forward, time, discount]
            rows.append(row)
            starts.append(s)
    return Case(rows, starts)


@pytest.fixture(scope="module")
def in_the_money() -> Case:
    rng = np.random.default_rng(6)
    rows, starts = [], []
    with mpmath.workdps(60):
        while len(rows) < 500:
            forward, discount = 100.0, 0.97
            strike = float(100 * np.exp(-(10 ** rng.uniform(-4, 0.3))))
            s = mpf(float(10 ** rng.uniform(-2, 0.7)))
            p = normalized_price(mpmath.log(mpf(forward) / mpf(strike)), s)
            if p < 1e-10:
                continue
            intrinsic = mpf(discount) * (mpf(forward) - mpf(strike))
            price = float(p * strike * mpf(discount) + intrinsic)
            rows.append([1.0, price, forward, strike, 0.5, discount])
            starts.append(s)
    return Case(rows, starts)


@pytest.fixture(scope="module")
def at_the_money() -> Case:
    """F = K down to prices of 1e-300, and strikes a few ulp away."""
    rng = np.random.default_rng(8)
    rows = [[1.0, p, 100.0, 100.0, 1.0, 1.0] for p in np.geomspace(1e-290, 90, 200)]
    with mpmath.workdps(60):
        starts = [2 * mpmath.sqrt(2) * mpmath.erfinv(mpf(r[1]) / 100) for r in rows]
        while len(rows) < 500:
            strike = 1 + 2.0**-52 * int(10 ** rng.uniform(0, 6))
            x = mpmath.log(mpf(strike))
            s = x / mpf(float(10 ** rng.uniform(-3, 1.5)))
            rows.append([1.0, float(normalized_price(x, s)), 1.0, strike, 1.0, 1.0])
            starts.append(s)
    return Case(rows, starts)


@pytest.mark.parametrize("name", ["table", "wide", "in_the_money", "at_the_money"])
def test_error_is_near_what_the_price_determines(
    isa: str, name: str, request: pytest.FixtureRequest
) -> None:
    case: Case = request.getfixturevalue(name)
    errors = case.errors(isa)
    assert np.isfinite(errors).all()
    assert errors.max() < WORST
    assert np.median(errors) < MEDIAN
    assert (status(isa, *case.rows.T) == OK).all()


GUESSES = [1.0, 1.01, 0.99, 1.2, 0.8, 10.0, 0.1, 1e300, 1e-300, 0.0, -1.0, np.inf, np.nan]


@pytest.mark.parametrize("factor", GUESSES)
@pytest.mark.parametrize("name", ["table", "wide", "in_the_money", "at_the_money"])
def test_no_guess_costs_accuracy(
    isa: str, name: str, factor: float, request: pytest.FixtureRequest
) -> None:
    case: Case = request.getfixturevalue(name)
    errors = case.errors_of(solve_from(isa, *case.rows.T, case.guesses(factor)))
    assert np.isfinite(errors).all()
    assert errors.max() < WORST
    assert np.median(errors) < MEDIAN


@given(
    moneyness=st.floats(-3, 3),
    deviation=st.floats(1e-3, 8),
    time=st.floats(1e-4, 50),
    guess=st.floats(allow_nan=True, allow_infinity=True, allow_subnormal=True),
    near=st.booleans(),
)
def test_from_any_guess_to_the_same_volatility(
    moneyness: float, deviation: float, time: float, guess: float, near: bool
) -> None:
    forward, strike, volatility = 100.0, 100.0 * np.exp(moneyness), deviation / np.sqrt(time)
    right = 1.0 if strike > forward else -1.0
    price = kernels.black_price(right, forward, strike, time, volatility, 0.9)
    option = (right, price, forward, strike, time, 0.9)
    if near and np.isfinite(guess):
        guess = volatility * (1.0 + 0.3 * np.sin(guess))
    cold = kernels.black_implied_volatility(*option)
    warm = kernels.black_implied_volatility_from(*option, guess)
    assert np.isnan(cold) == np.isnan(warm)
    if cold > 0:
        vega = kernels.black_vega(right, forward, strike, time, cold, 0.9)
        condition = price / (cold * vega) if vega > 0 else np.inf
        assert abs(warm / cold - 1) <= 2 * WORST * EPS * (1 + condition)
    else:
        assert warm == cold or np.isnan(warm)


def test_a_row_does_not_depend_on_its_neighbors_guesses(isa: str) -> None:
    rows = market_like(1000)
    columns = prices(isa, rows)
    guess = rows[4] * 1.1
    alone = solve_from(isa, *columns, guess)
    rng = np.random.default_rng(12)
    bad = rng.random(1000) < 0.3
    mixed = np.where(bad, rng.choice([np.nan, 0.0, 1e9, -1.0], 1000), guess)
    found = solve_from(isa, *columns, mixed)
    np.testing.assert_array_equal(found[~bad], alone[~bad])
    np.testing.assert_allclose(found[bad], rows[4][bad], rtol=1e-13)
    one = [
        kernels.evaluate(isa, "black_implied_volatility_from", *map(float, row))[0]
        for row in zip(*columns, mixed, strict=True)
    ]
    np.testing.assert_array_equal(found, one)


NO_VOLATILITY = [
    (1.0, 100.0, 100.0, 120.0, 1.0, 1.0),
    (1.0, -1.0, 100.0, 120.0, 1.0, 1.0),
    (0.5, 5.0, 100.0, 120.0, 1.0, 1.0),
    (1.0, 5.0, 100.0, 120.0, np.nan, 1.0),
]


@pytest.mark.parametrize("guess", [0.2, np.nan, 0.0, np.inf])
def test_no_guess_makes_a_volatility_where_there_is_none(isa: str, guess: float) -> None:
    assert solve_from(isa, 1.0, 0.0, 100.0, 120.0, 1.0, 1.0, guess) == 0
    assert all(np.isnan(solve_from(isa, *option, guess)) for option in NO_VOLATILITY)


def test_table_agrees_with_the_equation_solved_here(table: Case) -> None:
    # The table's inputs are ln(F/K) and price / sqrt(F K), here they are rounded once more.
    for exact, stated, condition, row in zip(
        table.exact, table.starts, table.condition, table.rows, strict=True
    ):
        x = abs(np.log(row[2] / row[3]))
        moved = 4 * EPS * (2 + condition + (0 if x == 0 else (1 + 1 / x)))
        assert abs(float(exact / stated - 1)) < moved


def market_like(n: int = 500) -> Array:
    """Rows of right, forward, strike, time, volatility, discount as quoted on an exchange."""
    rng = np.random.default_rng(11)
    forward = rng.uniform(20, 6000, n)
    time, volatility = rng.uniform(0.003, 3, n), rng.uniform(0.05, 1.5, n)
    strike = forward * np.exp(volatility * np.sqrt(time) * rng.normal(0, 1.5, n))
    right = np.where(strike > forward, 1.0, -1.0)
    return np.array([right, forward, strike, time, volatility, np.exp(-0.04 * time)])


def prices(isa: str, rows: Array) -> tuple[Array, ...]:
    right, forward, strike, time, _, discount = rows
    results = kernels.evaluate(isa, "black_price", *rows)
    assert results is not None
    return right, results[0], forward, strike, time, discount


def test_market_like_round_trip(isa: str) -> None:
    rows = market_like()
    np.testing.assert_allclose(solve(isa, *prices(isa, rows)), rows[4], rtol=1e-13)


@given(
    moneyness=st.floats(-2, 2),
    deviation=st.floats(0.05, 4),
    time=st.floats(1e-4, 50),
    right=st.sampled_from([-1.0, 1.0]),
)
def test_price_of_the_volatility_is_the_price(
    moneyness: float, deviation: float, time: float, right: float
) -> None:
    forward, strike, discount = 100.0, 100.0 * np.exp(moneyness), 0.9
    terms = (forward, strike, time)
    price = kernels.black_price(right, *terms, deviation / np.sqrt(time), discount)
    volatility = kernels.black_implied_volatility(right, price, *terms, discount)
    if np.isfinite(volatility):
        again = kernels.black_price(right, *terms, volatility, discount)
        assert again == pytest.approx(price, rel=1e-12 * (1 + (moneyness / deviation) ** 2))
    else:  # the price was rounded past a bound
        intrinsic = discount * max(right * (forward - strike), 0.0)
        bound = discount * (forward if right > 0 else strike)
        assert price <= intrinsic or price >= bound * (1 - EPS)


def test_increases_with_the_price(isa: str) -> None:
    for forward, strike in [(100.0, 100.0), (100.0, 100.1), (100.0, 140.0), (90.0, 1e-3)]:
        intrinsic = max(forward - strike, 0.0)
        steps = np.concatenate([np.geomspace(1e-12, 0.5, 4000), 1 - np.geomspace(0.5, 1e-9, 4000)])
        price = np.unique(intrinsic + (forward - intrinsic) * steps)
        volatility = solve(isa, 1.0, price, forward, strike, 1.0, 1.0)
        volatility = volatility[np.isfinite(volatility)]
        assert volatility.size > 4000
        assert (np.diff(volatility) >= -8 * EPS * volatility[1:]).all()
        assert (np.diff(volatility[::50]) > 0).all()


def test_bounds_and_status(isa: str) -> None:
    nan, inf = np.nan, np.inf
    #      right  price  forward strike time discount   volatility  status
    rows = [
        (1.0, 20.0 * 0.9, 120.0, 100.0, 1.0, 0.9, 0.0, OK),
        (1.0, np.nextafter(10.0, 0), 120.0, 100.0, 1.0, 0.5, 0.0, OK),
        (1.0, 18.0 * (1 - 8 * EPS), 120.0, 100.0, 1.0, 0.9, nan, BELOW),
        (1.0, 0.0, 100.0, 100.0, 1.0, 1.0, 0.0, OK),
        (-1.0, 0.0, 120.0, 100.0, 1.0, 0.9, 0.0, OK),
        (-1.0, -1e-300, 120.0, 100.0, 1.0, 0.9, nan, BELOW),
        (1.0, -5.0, 100.0, 120.0, 1.0, 1.0, nan, BELOW),
        (1.0, 100.0, 100.0, 120.0, 1.0, 1.0, nan, ABOVE),
        (1.0, 108.1, 120.0, 100.0, 1.0, 0.9, nan, ABOVE),
        (-1.0, 90.0, 120.0, 100.0, 1.0, 0.9, nan, ABOVE),
        (-1.0, 1e9, 120.0, 100.0, 1.0, 0.9, nan, ABOVE),
        (0.0, 5.0, 100.0, 100.0, 1.0, 1.0, nan, INVALID),
        (1.0, nan, 100.0, 100.0, 1.0, 1.0, nan, INVALID),
        (1.0, inf, 100.0, 100.0, 1.0, 1.0, nan, INVALID),
        (1.0, 5.0, nan, 100.0, 1.0, 1.0, nan, INVALID),
        (1.0, 5.0, 0.0, 100.0, 1.0, 1.0, nan, INVALID),
        (1.0, 5.0, 100.0, -1.0, 1.0, 1.0, nan, INVALID),
        (1.0, 5.0, 100.0, inf, 1.0, 1.0, nan, INVALID),
        (1.0, 5.0, 100.0, 100.0, 0.0, 1.0, nan, INVALID),
        (1.0, 5.0, 100.0, 100.0, nan, 1.0, nan, INVALID),
        (1.0, 5.0, 100.0, 100.0, 1.0, 0.0, nan, INVALID),
        (1.0, 5.0, 100.0, 100.0, 1.0, nan, nan, INVALID),
    ]
    columns = np.array(rows).T
    np.testing.assert_array_equal(solve(isa, *columns[:6]), columns[6])
    np.testing.assert_array_equal(status(isa, *columns[:6]), columns[7])


def test_status_is_ok_where_the_volatility_is_a_number(isa: str) -> None:
    rng = np.random.default_rng(3)
    values = np.array([-np.inf, -1, 0, 5e-324, 1e-300, 0.5, 1, 1.5, 100, 1e280, np.inf, np.nan])
    columns = [rng.choice([1.0, -1.0, 0.0, np.nan], 20000, p=[0.48, 0.48, 0.02, 0.02])]
    columns += [rng.choice(values, 20000) for _ in range(5)]
    volatility, codes = solve(isa, *columns), status(isa, *columns)
    np.testing.assert_array_equal(np.isfinite(volatility), codes == OK)
    assert set(codes) == {OK, BELOW, ABOVE, INVALID}
    assert (volatility[codes == OK] >= 0).all()


def test_scale_free_and_symmetric_in_every_bit(isa: str) -> None:
    right, price, forward, strike, time, discount = prices(isa, market_like())
    volatility = solve(isa, right, price, forward, strike, time, discount)
    for scale in (2.0**-40, 2.0**60):
        scaled = solve(isa, right, price * scale, forward * scale, strike * scale, time, discount)
        np.testing.assert_array_equal(scaled, volatility)
    mirrored = solve(isa, -right, price, strike, forward, time, discount)
    np.testing.assert_array_equal(mirrored, volatility)


def test_bad_rows_do_not_touch_their_neighbors(isa: str) -> None:
    columns = np.array(prices(isa, market_like(1000)))
    good = solve(isa, *columns)
    rng = np.random.default_rng(4)
    bad = rng.random(1000) < 0.2
    spoiled = columns.copy()
    spoiled[rng.integers(0, 6, bad.sum()), np.nonzero(bad)[0]] = rng.choice(
        [np.nan, np.inf, -np.inf, 0.0, -1.0], bad.sum()
    )
    spoiled[1, bad] = np.nan
    found = solve(isa, *spoiled)
    assert np.isnan(found[bad]).all()
    np.testing.assert_array_equal(found[~bad], good[~bad])


@pytest.mark.parametrize("n", [1, 7, 63, 64, 65, 130])
def test_scalar_and_column_agree_in_every_bit(isa: str, n: int) -> None:
    columns = np.array(prices(isa, market_like(130)))[:, :n]
    columns[1, :: max(n // 3, 1)] *= 1e-200
    one = [
        kernels.evaluate(isa, "black_implied_volatility", *map(float, row))[0] for row in columns.T
    ]
    np.testing.assert_array_equal(solve(isa, *columns), one)


def test_ufunc_broadcasts() -> None:
    strikes = np.array([80.0, 100.0, 125.0])
    price = kernels.black_price(1.0, 100.0, strikes, 0.5, 0.3, 0.98)
    found = kernels.black_implied_volatility(1.0, price, 100.0, strikes, 0.5, 0.98)
    np.testing.assert_allclose(found, 0.3, rtol=1e-13)
    assert (
        kernels.black_implied_volatility_status(1.0, price, 100.0, strikes, 0.5, 0.98) == OK
    ).all()
