"""Exponential and logarithm against mpmath, within the errors that their docstrings state."""

from __future__ import annotations

import re

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from hedgerow import kernels

from .test_normal import spread, ulp_errors

RNG = np.random.default_rng(1971)
ARGUMENTS = {
    "exp": np.concatenate(
        [
            RNG.uniform(-708.3, 709.7, 2000),
            RNG.uniform(-1, 1, 500),
            spread(1e-300, 700, 200),
            np.arange(-60, 60) * np.log(2) / 2,  # where the reduced argument is largest
        ]
    ),
    "log": np.concatenate(
        [
            np.geomspace(5e-324, 1.79e308, 1500),
            1 + np.geomspace(2.0**-52, 1, 500),
            1 - np.geomspace(2.0**-53, 0.9, 500),
            RNG.uniform(0.6, 1.5, 1000),
        ]
    ),
}
EXACT = {"exp": mpmath.exp, "log": mpmath.log}


def stated_bound(name: str) -> float:
    found = re.search(r"error below ([\d.]+) ulp", getattr(kernels, name).__doc__)
    assert found
    return float(found[1])


@pytest.mark.parametrize("name", ["exp", "log"])
def test_against_mpmath(isa: str, name: str) -> None:
    x = ARGUMENTS[name]
    with mpmath.workdps(40):
        exact = [EXACT[name](mpf(float(value))) for value in x]
    (computed,) = kernels.evaluate(isa, name, x)
    assert ulp_errors(computed, exact).max() <= stated_bound(name)


def test_limits(isa: str) -> None:
    x = np.array([-np.inf, -746.0, -708.4, 0.0, -0.0, 709.8, np.inf, np.nan])
    (computed,) = kernels.evaluate(isa, "exp", x)
    np.testing.assert_array_equal(computed, [0, 0, 0, 1, 1, np.inf, np.inf, np.nan])
    x = np.array([-np.inf, -1.0, -5e-324, -0.0, 0.0, 1.0, np.inf, np.nan])
    (computed,) = kernels.evaluate(isa, "log", x)
    nan = np.nan
    np.testing.assert_array_equal(computed, [nan, nan, nan, -np.inf, -np.inf, 0, np.inf, nan])


@pytest.mark.parametrize("name", ["exp", "log"])
def test_scalar_and_column_agree_in_every_bit(isa: str, name: str) -> None:
    x = ARGUMENTS[name][::7]
    one = [kernels.evaluate(isa, name, float(value))[0] for value in x]
    np.testing.assert_array_equal(kernels.evaluate(isa, name, x)[0], one)
