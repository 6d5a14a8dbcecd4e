"""The coefficients in the kernels give the errors that the comments beside them state."""

from __future__ import annotations

import importlib.util
import sys
from fractions import Fraction
from math import factorial
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[2] / "cpp" / "kernels"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coefficients", FOLDER / "coefficients.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["coefficients"] = module  # where dataclasses look their module up
    spec.loader.exec_module(module)
    return module


coefficients = load()


@pytest.mark.parametrize("name", coefficients.APPROXIMATIONS)
def test_error_is_the_one_stated(name: str) -> None:
    approximation = coefficients.APPROXIMATIONS[name]
    arrays = coefficients.stated(approximation)
    assert [len(array) - 1 for array in arrays] == list(approximation.degrees)
    error = float(coefficients.error_of(approximation, arrays, 150))
    assert error <= approximation.error
    assert error >= 0.7 * approximation.error  # the statement is not a loose one either
    assert f"{approximation.error:.1e}".replace("e-0", "e-") in (
        (FOLDER / approximation.file).read_text()
    )


def test_every_array_has_a_generator() -> None:
    generated = {name for a in coefficients.APPROXIMATIONS.values() for name in a.arrays}
    written = {
        line.split("[]")[0].split()[-1]
        for file in FOLDER.glob("*.inl")
        for line in file.read_text().splitlines()
        if line.startswith(("constexpr double", "constexpr float")) and "[]" in line
    }
    assert written == generated | {"sinh_ratio_coefficients"}


def test_a_taylor_series_is_one_of_reciprocal_factorials() -> None:
    """sinh(y)/y in y^2, whose next term at y = 1 is the error that is stated."""
    text = (FOLDER / "sabr.inl").read_text()
    body = text.split("sinh_ratio_coefficients[] = {")[1].split("}")[0]
    terms = [[int(float(part)) for part in term.split("/")] for term in body.split(",")[:-1]]
    written = [float(Fraction(*term)) for term in terms]
    assert written == [1 / factorial(2 * n + 1) for n in range(len(written))]
    assert 1 / factorial(2 * len(written) + 1) < 2e-20


def test_fit_finds_the_polynomial_again() -> None:
    approximation = coefficients.APPROXIMATIONS["log"]
    (fitted,) = coefficients.fit(approximation)
    (stated,) = coefficients.stated(approximation)
    assert [float(c) for c in fitted] == pytest.approx([float(c) for c in stated], rel=1e-2)
    rounded = [[coefficients.mpf(float(c)) for c in fitted]]
    assert coefficients.error_of(approximation, rounded, 150) <= 1.01 * approximation.error
