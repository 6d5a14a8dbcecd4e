"""The normal distribution against 20-digit tables and mpmath, within the errors of its header."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

from hedgerow import kernels

Array = np.ndarray
ROOT = Path(__file__).parents[2]
NAMES = [
    "normal_pdf",
    "normal_cdf",
    "normal_inverse_cdf",
    "log_normal_cdf",
    "erfcx",
    "mills_ratio",
]
TABLE = {  # function in the table -> kernel
    "pdf": "normal_pdf",
    "cdf": "normal_cdf",
    "inverse_cdf": "normal_inverse_cdf",
    "log_cdf": "log_normal_cdf",
    "mills_upper_tail_over_pdf": "mills_ratio",
}


def stated_bounds() -> dict[str, float]:
    """The errors in ulp that the header promises."""
    text = (ROOT / "cpp" / "include" / "hedgerow" / "math" / "normal.hpp").read_text()
    declarations = re.findall(
        r"Error below ([\d.]+) ulp(?:(?!Error).)*?double (\w+)\(", text, re.DOTALL
    )
    return {name: float(bound) for bound, name in declarations}


BOUNDS = stated_bounds()


def test_every_function_states_its_error() -> None:
    assert set(BOUNDS) == set(NAMES)


def ulp_errors(values: Array, exact: Sequence[mpf]) -> Array:
    """|value - exact| in units in the last place of the exact result; overflow must be inf."""
    errors = []
    for value, expected in zip(values, exact, strict=True):
        size = abs(float(expected))
        if np.isinf(size):
            errors.append(0.0 if value == float(expected) else np.inf)
        else:
            unit = mpf(float(np.spacing(size)))
            errors.append(
                float(abs(mpf(float(value)) - expected) / unit) if np.isfinite(value) else np.inf
            )
    return np.array(errors)


def run(isa: str, name: str, x: Array) -> Array:
    results = kernels.evaluate(isa, name, x)
    assert results is not None
    return results[0]


@pytest.fixture(scope="module")
def table(reference: Path) -> dict[str, tuple[Array, list[mpf]]]:
    columns: dict[str, tuple[list[float], list[mpf]]] = {}
    with (reference / "highprec_normal.csv").open() as file, mpmath.workdps(25):
        for row in csv.DictReader(file):
            x, value = columns.setdefault(TABLE[row["function"]], ([], []))
            x.append(float(row["x"]))
            value.append(mpf(row["value"]))
    return {name: (np.array(x), value) for name, (x, value) in columns.items()}


@pytest.mark.parametrize("name", sorted(TABLE.values()))
def test_against_the_table(isa: str, name: str, table: dict[str, tuple[Array, list[mpf]]]) -> None:
    x, exact = table[name]
    assert x.size >= 500
    assert ulp_errors(run(isa, name, x), exact).max() <= BOUNDS[name]


def exact_erfcx(x: float) -> mpf:
    return exact_erfcx_of(mpf(x))


def exact_mills(x: float) -> mpf:
    return mpmath.sqrt(mpmath.pi / 2) * exact_erfcx_of(mpf(x) / mpmath.sqrt(2))


def exact_erfcx_of(z: mpf) -> mpf:
    if z > 1e6:
        w = 1 / (2 * z * z)
        return (1 - w + 3 * w * w) / (z * mpmath.sqrt(mpmath.pi))
    return mpmath.exp(z * z) * mpmath.erfc(z)


def exact_log_cdf(x: float) -> mpf:
    z = mpf(x)
    if z < -1e6:
        return -z * z / 2 + mpmath.log(exact_mills(-x) / mpmath.sqrt(2 * mpmath.pi))
    if z > 0:
        return mpmath.log1p(-mpmath.erfc(z / mpmath.sqrt(2)) / 2)
    return mpmath.log(mpmath.erfc(-z / mpmath.sqrt(2)) / 2)


def spread(low: float, high: float, n: int) -> Array:
    """Both signs, magnitudes even in the logarithm and even in value."""
    magnitudes = np.concatenate([np.geomspace(low, high, n), np.linspace(low, min(high, 40), n)])
    return np.concatenate([-magnitudes, magnitudes])


@pytest.mark.parametrize(
    ("name", "exact", "x"),
    [
        ("erfcx", exact_erfcx, spread(1e-300, 1e300, 400)),
        ("mills_ratio", exact_mills, spread(1e-300, 1e300, 400)),
        ("log_normal_cdf", exact_log_cdf, spread(1e-300, 1e150, 400)),
    ],
)
def test_against_mpmath(isa: str, name: str, exact: Callable[[float], mpf], x: Array) -> None:
    with mpmath.workdps(50):
        expected = [exact(value) for value in x]
    assert ulp_errors(run(isa, name, x), expected).max() <= BOUNDS[name]


@pytest.fixture(scope="module")
def quantiles() -> tuple[Array, list[mpf]]:
    """Probabilities from the smallest double to 1, and their quantiles by Newton's method."""
    rng = np.random.default_rng(7)
    p = np.concatenate(
        [
            [5e-324, 1e-323, 2.2e-308, 1e-309, 0.14644, 0.14645, 0.1465, 0.8535, 0.85356],
            10.0 ** rng.uniform(-323, -0.3, 400),
            rng.uniform(0.0, 1.0, 400),
            0.5 + np.geomspace(1e-16, 0.4, 50),
            0.5 - np.geomspace(1e-16, 0.4, 50),
        ]
    )
    exact = []
    with mpmath.workdps(50):
        for value, start in zip(p, kernels.normal_inverse_cdf(p), strict=True):
            q, z = mpf(value), mpf(float(start))
            for _ in range(4):
                z -= (mpmath.ncdf(z) - q) / mpmath.npdf(z)
            assert abs(mpmath.ncdf(z) / q - 1) < mpf(10) ** -30
            exact.append(z)
    return p, exact


def test_inverse_against_mpmath(isa: str, quantiles: tuple[Array, list[mpf]]) -> None:
    p, exact = quantiles
    errors = ulp_errors(run(isa, "normal_inverse_cdf", p), exact)
    assert errors.max() <= BOUNDS["normal_inverse_cdf"]


def test_limits(isa: str) -> None:
    x = np.array([-np.inf, np.inf, np.nan, 0.0])
    expected = {
        "normal_pdf": [0, 0, np.nan, 0.3989422804014327],
        "normal_cdf": [0, 1, np.nan, 0.5],
        "log_normal_cdf": [-np.inf, 0, np.nan, -0.6931471805599453],
        "erfcx": [np.inf, 0, np.nan, 1],
        "mills_ratio": [np.inf, 0, np.nan, 1.2533141373155003],
    }
    for name, values in expected.items():
        np.testing.assert_array_max_ulp(
            np.nan_to_num(run(isa, name, x), nan=-7), np.nan_to_num(values, nan=-7), 1
        )
    p = np.array([0.0, 1.0, 0.5, -1e-300, 1.0000000000000002, np.nan, np.inf, -np.inf])
    np.testing.assert_array_equal(
        run(isa, "normal_inverse_cdf", p), [-np.inf, np.inf, 0, *[np.nan] * 5]
    )


@pytest.mark.parametrize("name", NAMES)
def test_scalar_and_column_agree_in_every_bit(isa: str, name: str) -> None:
    x = np.concatenate([np.linspace(-40, 40, 331), np.linspace(0, 1, 100), [np.nan, np.inf]])
    one = [kernels.evaluate(isa, name, float(value))[0] for value in x]
    np.testing.assert_array_equal(run(isa, name, x), one)


@given(st.floats(-37, 8))
def test_inverse_undoes_the_cdf(x: float) -> None:
    p = kernels.normal_cdf(x)
    # the rounding of p moves x by eps p / n(x)
    allowed = 10 * 2.0**-52 * (abs(x) + p / kernels.normal_pdf(x))
    assert abs(kernels.normal_inverse_cdf(p) - x) <= allowed


@given(st.floats(0, 1), st.floats(0, 1))
def test_inverse_is_increasing(p: float, q: float) -> None:
    low, high = sorted((p, q))
    x, y = kernels.normal_inverse_cdf(low), kernels.normal_inverse_cdf(high)
    assert x <= y or x - y <= 4 * 2.0**-52 * abs(y)


@given(st.floats(-30, 30))
def test_functions_fit_together(x: float) -> None:
    cdf, pdf = kernels.normal_cdf(-x), kernels.normal_pdf(x)
    assert kernels.mills_ratio(x) == pytest.approx(cdf / pdf, rel=1e-14)
    assert kernels.erfcx(x / np.sqrt(2)) == pytest.approx(
        np.sqrt(2 / np.pi) * kernels.mills_ratio(x), rel=1e-14 * (1 + x * x)
    )
    assert kernels.log_normal_cdf(-x) == pytest.approx(np.log(cdf), rel=1e-13, abs=1e-15)
