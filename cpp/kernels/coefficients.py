"""Derives and verifies the coefficients of the approximations in the kernels (cpp/kernels/*.inl).

    python cpp/kernels/coefficients.py            verifies what stands in the .inl files
    python cpp/kernels/coefficients.py NAME ...   fits NAME anew and prints its C++ arrays

Everything is computed with mpmath in 50 digits. Polynomials come from Remez's exchange algorithm;
rationals from the Sanathanan-Koerner iteration (each step a linear least-squares problem, weighted
by the last denominator) with Lawson's weights, which drive least squares towards minimax.
"""

import re
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mpmath import (
    atan,
    atanh,
    cos,
    erfc,
    erfinv,
    exp,
    inf,
    log,
    lu_solve,
    matrix,
    mp,
    mpf,
    nstr,
    pi,
    sin,
    sqrt,
    tan,
)

mp.dps = 50
KERNELS = Path(__file__).parent
Function = Callable[[mpf], mpf]


def mills(x: mpf) -> mpf:
    """N(-x) exp(x^2/2)."""
    return exp(x * x / 2) * erfc(x / sqrt(mpf(2))) / 2


def exp_remainder(r: mpf) -> mpf:
    """(exp(r) - 1 - r) / r^2."""
    small = abs(r) < mpf(10) ** -12
    return mpf(1) / 2 + r / 6 + r * r / 24 if small else (exp(r) - 1 - r) / r**2


def log_remainder(z: mpf) -> mpf:
    """(ln((1 + s)/(1 - s)) - 2 s) / s^3 at s = sqrt(z)."""
    s = sqrt(z)
    return mpf(2) / 3 + 2 * z / 5 if z < mpf(10) ** -20 else (2 * atanh(s) - 2 * s) / (s * z)


def sine_remainder(z: mpf) -> mpf:
    """(sin(x) - x) / x^3 at x = sqrt(z)."""
    x = sqrt(z)
    return -mpf(1) / 6 + z / 120 if z < mpf(10) ** -20 else (sin(x) - x) / (x * z)


def cosine_remainder(z: mpf) -> mpf:
    """(cos(x) - 1 + x^2/2) / x^4 at x = sqrt(z)."""
    small = z < mpf(10) ** -15
    return mpf(1) / 24 - z / 720 if small else (cos(sqrt(z)) - 1 + z / 2) / z**2


def arctangent_remainder(z: mpf) -> mpf:
    """(atan(s) - s) / s^3 at s = sqrt(z)."""
    s = sqrt(z)
    return -mpf(1) / 3 + z / 5 if z < mpf(10) ** -20 else (atan(s) - s) / (s * z)


def quantile_center(w: mpf) -> mpf:
    """Return x / u with N(x) = 1/2 + u at w = 1/8 - u^2: counted from the edge, nothing cancels."""
    u = sqrt(mpf(1) / 8 - w)
    return sqrt(2 * pi) if u < mpf(10) ** -15 else sqrt(mpf(2)) * erfinv(2 * u) / u


def quantile_tail(s: mpf) -> mpf:
    """Return x / s^2 with N(-x) = exp(-s^2/2) / 2."""
    if s < mpf(10) ** -12:
        return sqrt(2 * pi) / 4
    t = s * s
    x = sqrt(2 * pi) * t / 4 if t < 3 else sqrt(t - log(t) / 2)
    for _ in range(60):  # Newton on the logarithm
        m = mills(x)
        step = (log(m) - x * x / 2 + t / 2 + log(mpf(2))) * m * sqrt(2 * pi)
        x += step
        if abs(step) < mpf(10) ** -40 * x:
            return x / t
    raise ArithmeticError(f"no quantile at s = {nstr(s, 10)}")


def bachelier_tail(a: mpf) -> mpf:
    """(n(a) - a N(-a)) exp(a^2/2): Bachelier's price at moneyness a without its density."""
    with mp.extradps(20):
        return 1 / sqrt(2 * pi) - a * mills(a)


def bachelier_moneyness(u: mpf) -> mpf:
    """The a > 0 that solves u = a / (n(a) - a N(-a)): the inverse of Bachelier's price."""
    a = u * mpf("0.4") / (1 + u / 6) if u < 20 else sqrt(2 * log(u)) * mpf("0.9")
    for _ in range(60):
        price = bachelier_tail(a)
        step = (log(price * u / a) - a * a / 2) / (mills(a) / price + 1 / a)
        a += max(min(step, a), -a / 2)
        if abs(step) < a * mpf(10) ** -40:
            return a
    raise ArithmeticError(f"no moneyness at u = {nstr(u, 10)}")


def moneyness_near(u: mpf) -> mpf:
    """Return a / u, from its limit 1/sqrt(2 pi) on."""
    return bachelier_moneyness(u) / u if u else 1 / sqrt(2 * pi)


def moneyness_far(h: mpf) -> mpf:
    """Return a at h = sqrt(ln u)."""
    return bachelier_moneyness(exp(h * h))


def mills_excess(x: mpf) -> mpf:
    """Return (1/(2 M(x)) - 1) / x, M the Mills ratio."""
    return sqrt(2 / pi) if x < mpf(10) ** -25 else (1 / (2 * mills(x)) - 1) / x


@dataclass(frozen=True)
class Approximation:
    """A function, the interval and the arrays that approximate it there."""

    file: str
    function: Function
    interval: tuple[mpf, mpf]
    error: float  # stated beside the arrays: max of weight |function - approximation|, rounded up
    arrays: tuple[str, ...]  # of a polynomial, or of numerator and denominator
    degrees: tuple[int, ...]
    weight: Function
    middle: mpf | None = field(default=None)  # half of the fitting points lie below it
    single: bool = False  # whether the arrays are floats, not doubles


def relative(function: Function) -> Function:
    """The weight that makes an error relative to the function."""
    return lambda x: 1 / function(x)


def of_tail(a: mpf) -> mpf:
    """The weight that makes an error of the Mills ratio one of N(-a), absolute."""
    return exp(-a * a / 2)


def of_exp(r: mpf) -> mpf:
    """The weight that makes an error of exp_remainder one of exp, relative."""
    return (r * r + mpf(10) ** -40) / exp(r)


half_ln2 = log(mpf(2)) / 2 * mpf("1.0001")
largest_s = mpf("0.2001")
eighth_turn = pi / 4 * mpf("1.0001")
APPROXIMATIONS = {
    "exp": Approximation(
        file="elementary.inl",
        function=exp_remainder,
        interval=(-half_ln2, half_ln2),
        error=1.2e-17,
        arrays=("exp_coefficients",),
        degrees=(9,),
        weight=of_exp,
    ),
    "log": Approximation(
        file="elementary.inl",
        function=log_remainder,
        interval=(mpf(0), largest_s**2),
        error=1.6e-17,
        arrays=("log_coefficients",),
        degrees=(6,),
        weight=lambda z: (z + mpf(10) ** -30) / 2,
    ),
    "sine": Approximation(
        file="complex.inl",
        function=sine_remainder,
        interval=(mpf(0), eighth_turn**2),
        error=5.5e-18,
        arrays=("sine_coefficients",),
        degrees=(5,),
        weight=lambda z: z + mpf(10) ** -30,
    ),
    "cosine": Approximation(
        file="complex.inl",
        function=cosine_remainder,
        interval=(mpf(0), eighth_turn**2),
        error=9.1e-19,
        arrays=("cosine_coefficients",),
        degrees=(5,),
        weight=lambda z: z * z + mpf(10) ** -30,
    ),
    "arctangent": Approximation(
        file="complex.inl",
        function=arctangent_remainder,
        interval=(mpf(0), tan(pi / 8) ** 2 * mpf("1.0001")),
        error=3.9e-17,
        arrays=("arctangent_coefficients",),
        degrees=(9,),
        weight=lambda z: z + mpf(10) ** -30,
    ),
    "mills": Approximation(
        file="normal.inl",
        function=mills,
        interval=(mpf("-0.25"), mpf(39)),
        error=7.7e-17,
        arrays=("mills_numerator", "mills_denominator"),
        degrees=(10, 11),
        weight=relative(mills),
        middle=mpf(2),
    ),
    "rough_mills": Approximation(
        file="implied_terms.inl",
        function=mills_excess,
        interval=(mpf(0), mpf(130)),
        error=3.4e-6,
        arrays=("rough_mills_excess", "rough_mills_numerator"),
        degrees=(3, 3),
        weight=relative(mills_excess),
        middle=mpf(3),
    ),
    "quantile_center": Approximation(
        file="normal.inl",
        function=quantile_center,
        interval=(mpf(0), mpf(1) / 8),
        error=4.5e-17,
        arrays=("quantile_center_numerator", "quantile_center_denominator"),
        degrees=(6, 6),
        weight=relative(quantile_center),
    ),
    "quantile_tail": Approximation(
        file="normal.inl",
        function=quantile_tail,
        interval=(mpf("0.5"), mpf("38.7")),
        error=8.2e-6,
        arrays=("quantile_tail_numerator", "quantile_tail_denominator"),
        degrees=(3, 4),
        weight=relative(quantile_tail),
        middle=mpf(3),
    ),
    "deviate": Approximation(
        file="random.inl",
        function=quantile_tail,
        interval=(mpf(0), mpf("8.6")),
        error=4.5e-12,
        arrays=("deviate_numerator", "deviate_denominator"),
        degrees=(8, 9),
        weight=relative(quantile_tail),
        middle=mpf(3),
    ),
    "bachelier_tail": Approximation(
        file="bachelier.inl",
        function=bachelier_tail,
        interval=(mpf(0), mpf(54)),
        error=6.4e-17,
        arrays=("bachelier_tail_numerator", "bachelier_tail_denominator"),
        degrees=(10, 12),
        weight=relative(bachelier_tail),
        middle=mpf(2),
    ),
    "moneyness_near": Approximation(
        file="bachelier_implied_volatility.inl",
        function=moneyness_near,
        interval=(mpf(0), mpf(30)),
        error=4.2e-5,
        arrays=("near_numerator", "near_denominator"),
        degrees=(3, 3),
        weight=relative(moneyness_near),
        middle=mpf(3),
    ),
    "moneyness_far": Approximation(
        file="bachelier_implied_volatility.inl",
        function=moneyness_far,
        interval=(mpf("1.7"), mpf("38.2")),
        error=5.0e-6,
        arrays=("far_numerator", "far_denominator"),
        degrees=(4, 3),
        weight=relative(moneyness_far),
        middle=mpf("3.7"),
    ),
    "tail": Approximation(
        file="revaluation.inl",
        function=mills,
        interval=(mpf(0), mpf(9)),
        error=4.5e-17,
        arrays=("tail_numerator", "tail_denominator"),
        degrees=(6, 7),
        weight=of_tail,
        middle=mpf(2),
    ),
    "tail_single": Approximation(
        file="revaluation.inl",
        function=mills,
        interval=(mpf(0), mpf(6)),
        error=1.6e-9,
        arrays=("tail_numerator_single", "tail_denominator_single"),
        degrees=(3, 4),
        weight=of_tail,
        middle=mpf(2),
        single=True,
    ),
    "exp_single": Approximation(
        file="revaluation.inl",
        function=exp_remainder,
        interval=(-half_ln2, half_ln2),
        error=3.8e-9,
        arrays=("exp_coefficients_single",),
        degrees=(4,),
        weight=of_exp,
        single=True,
    ),
}


def horner(coefficients: Sequence[mpf], x: mpf) -> mpf:
    """The polynomial at x, coefficients from the constant term up."""
    total = mpf(0)
    for c in reversed(coefficients):
        total = total * x + c
    return total


def points(approximation: Approximation, n: int) -> list[mpf]:
    """Chebyshev points with both ends; mapped so that half of them lie below `middle`."""
    low, high = approximation.interval
    unit = [-cos(pi * mpf(i) / (n - 1)) for i in range(n)]
    if approximation.middle is None:
        return [low + (high - low) * (1 + u) / 2 for u in unit]
    a, b = approximation.middle - low, high - low
    stretch = 1 - 2 * a / b  # the Moebius map that takes (-1, 0, 1) to (low, middle, high)
    return [low + a * (1 + u) / (1 - stretch * u) for u in unit]


def error_of(approximation: Approximation, arrays: Sequence[Sequence[mpf]], n: int) -> mpf:
    """The largest weighted error on n points."""
    largest = mpf(0)
    for x in points(approximation, n):
        value = horner(arrays[0], x)
        if len(arrays) == 2:
            value /= horner(arrays[1], x)
        largest = max(largest, abs(approximation.weight(x) * (approximation.function(x) - value)))
    return largest


def remez_polynomial(a: Approximation) -> list[list[mpf]]:
    """The minimax polynomial: equal errors of alternating sign in degree + 2 points."""
    n = a.degrees[0] + 2
    nodes = points(a, n)
    grid = points(a, 800)
    weights, values = [a.weight(x) for x in grid], [a.function(x) for x in grid]
    while True:
        system, right = matrix(n, n), matrix(n, 1)
        for i, x in enumerate(nodes):
            for j in range(n - 1):
                system[i, j] = x**j
            system[i, n - 1] = (-1) ** i / a.weight(x)
            right[i] = a.function(x)
        solution = lu_solve(system, right)
        coefficients = [solution[j] for j in range(n - 1)]
        errors = [
            w * (v - horner(coefficients, x)) for x, w, v in zip(grid, weights, values, strict=True)
        ]
        extrema: list[int] = []
        for i, e in enumerate(errors):  # the largest error of each run of one sign
            if not extrema or (e > 0) != (errors[extrema[-1]] > 0):
                extrema.append(i)
            elif abs(e) > abs(errors[extrema[-1]]):
                extrema[-1] = i
        while len(extrema) > n:
            extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
        converged = max(map(abs, errors)) < mpf("1.02") * abs(solution[n - 1])
        if converged or len(extrema) < n:
            return [coefficients]
        nodes = [grid[i] for i in extrema]


def lawson_rational(a: Approximation, linear: int = 8, lawson: int = 50) -> list[list[mpf]]:
    """A near-minimax rational P/Q with Q(0) = 1."""
    p, q = a.degrees
    grid = points(a, 6 * (p + q))
    values, weights = [a.function(x) for x in grid], [a.weight(x) for x in grid]
    denominators, emphasis = [mpf(1)] * len(grid), [mpf(1)] * len(grid)
    best: tuple[mpf, list[list[mpf]]] = (inf, [])
    size = p + 1 + q
    for step in range(linear + lawson):
        normal, right = matrix(size, size), matrix(size, 1)
        for x, f, w, d, e in zip(grid, values, weights, denominators, emphasis, strict=True):
            scale = sqrt(e) * w / d
            row = [scale * x**j for j in range(p + 1)]
            row += [-scale * f * x**j for j in range(1, q + 1)]
            for i in range(size):
                right[i] += row[i] * scale * f
                for j in range(size):
                    normal[i, j] += row[i] * row[j]
        solution = lu_solve(normal, right)
        arrays = [[solution[j] for j in range(p + 1)], [mpf(1), *list(solution)[p + 1 :]]]
        denominators = [abs(horner(arrays[1], x)) for x in grid]
        errors = [
            w * abs(f - horner(arrays[0], x) / horner(arrays[1], x))
            for x, f, w in zip(grid, values, weights, strict=True)
        ]
        if max(errors) < best[0]:
            best = (max(errors), arrays)
        if step >= linear:
            total = sum(e * weight for e, weight in zip(emphasis, errors, strict=True))
            emphasis = [
                max(e * weight / total * len(grid), mpf(10) ** -30)
                for e, weight in zip(emphasis, errors, strict=True)
            ]
    return best[1]


def fit(approximation: Approximation) -> list[list[mpf]]:
    """New arrays, not yet rounded to doubles."""
    rational = len(approximation.arrays) == 2
    return lawson_rational(approximation) if rational else remez_polynomial(approximation)


def stated(approximation: Approximation) -> list[list[mpf]]:
    """The arrays as they stand in the .inl file."""
    text = (KERNELS / approximation.file).read_text()
    arrays = []
    for name in approximation.arrays:
        body = re.search(rf"constexpr (?:double|float) {name}\[\] = {{([^}}]*)}}", text)
        if body is None:
            raise LookupError(f"{approximation.file} has no array {name}")
        arrays.append([mpf(float.fromhex(c.strip())) for c in body.group(1).split(",")])
    return arrays


def rounded(approximation: Approximation, array: Sequence[mpf]) -> list[mpf]:
    """The array as doubles or floats."""
    if approximation.single:
        return [mpf(struct.unpack("f", struct.pack("f", float(c)))[0]) for c in array]
    return [mpf(float(c)) for c in array]


def main() -> None:
    """Print the errors of the arrays that stand in the kernels, or new arrays."""
    for name in sys.argv[1:] or APPROXIMATIONS:
        approximation = APPROXIMATIONS[name]
        arrays = fit(approximation) if sys.argv[1:] else stated(approximation)
        arrays = [rounded(approximation, array) for array in arrays]
        error = error_of(approximation, arrays, 400)
        print(f"{name}: error {nstr(error, 3)}, stated {approximation.error}")
        number = "float" if approximation.single else "double"
        for array, label in zip(arrays, approximation.arrays, strict=True):
            digits = ", ".join(float(c).hex() for c in array)
            if sys.argv[1:]:
                print(f"constexpr {number} {label}[] = {{{digits}}};")


if __name__ == "__main__":
    main()
