"""Prints the coefficients of the Mills ratio and of the Bachelier kernels, with their errors.

Every fit is a rational P(x)/Q(x), Q(0) = 1, that minimizes the largest relative error on a set of
points: linearized least squares, reweighted by the last denominator (Sanathanan and Koerner 1963)
and by the last errors (Lawson 1961). The error printed is that of the coefficients rounded to
doubles, on a grid of its own. Run with mpmath installed: `python coefficients_bachelier.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mpmath import cos, erfc, exp, log, lu_solve, matrix, mp, mpf, nstr, pi, sqrt

mp.dps = 60
Function = Callable[[mpf], mpf]


def scaled_normal(a: mpf) -> mpf:
    """N(-a) exp(a^2/2): Mills ratio over sqrt(2 pi)."""
    return exp(a * a / 2) * erfc(a / sqrt(mpf(2))) / 2


def tail(a: mpf) -> mpf:
    """H(a) = (n(a) - a N(-a)) exp(a^2/2): the price at moneyness a without its density."""
    with mp.extradps(20):
        return 1 / sqrt(2 * pi) - a * scaled_normal(a)


def moneyness(u: mpf) -> mpf:
    """The a > 0 that solves u = a / (n(a) - a N(-a)): the inverse of the price."""
    a = u * mpf("0.4") / (1 + u / 6) if u < 20 else sqrt(2 * log(u)) * mpf("0.9")
    for _ in range(60):
        mills, price = scaled_normal(a), tail(a)
        newton = log(price * u / a) - a * a / 2
        step = newton / (mills / price + 1 / a)
        a += max(min(step, a), -a / 2)
        if abs(step) < a * mpf("1e-40"):
            return a
    raise ArithmeticError(f"no moneyness found for {u}")


def nodes(low: mpf, high: mpf, count: int, center: mpf) -> list[mpf]:
    """Chebyshev points of t on [low, high], x = low + center (1 + t)/(1 - t): dense near low."""
    top = (high - low - center) / (high - low + center)
    inner = [
        (top - 1) / 2 - (top + 1) / 2 * cos(pi * (2 * k + 1) / (2 * count)) for k in range(count)
    ]
    return [low, *(low + center * (1 + t) / (1 - t) for t in inner), high]


def evaluate(coefficients: Sequence[mpf], x: mpf) -> mpf:
    """Horner's rule; coefficients from the constant term up."""
    total = mpf(0)
    for c in reversed(coefficients):
        total = total * x + c
    return total


def fit(f: Function, points: list[mpf], numerator: int, denominator: int) -> tuple[list, list]:
    """Coefficients of P and Q, of the given degrees, from the constant term up."""
    values = [f(x) for x in points]
    lawson, last_q = [mpf(1)] * len(points), [mpf(1)] * len(points)
    best: tuple[mpf, list, list] | None = None
    size = numerator + denominator + 1
    for step in range(50):
        normal, right = matrix(size, size), matrix(size, 1)
        for x, y, weight, q in zip(points, values, lawson, last_q, strict=True):
            scale = weight / (y * q) ** 2
            row = [x**j for j in range(numerator + 1)]
            row += [-y * x**j for j in range(1, denominator + 1)]
            for i in range(size):
                right[i] += scale * row[i] * y
                for j in range(i, size):
                    normal[i, j] += scale * row[i] * row[j]
        for i in range(size):
            for j in range(i):
                normal[i, j] = normal[j, i]
        solution = lu_solve(normal, right)
        p = [solution[j] for j in range(numerator + 1)]
        q_coefficients = [mpf(1), *(solution[numerator + j] for j in range(1, denominator + 1))]
        last_q = [evaluate(q_coefficients, x) for x in points]
        errors = [
            abs(evaluate(p, x) / q / y - 1) for x, y, q in zip(points, values, last_q, strict=True)
        ]
        if best is None or max(errors) < best[0]:
            best = (max(errors), p, q_coefficients)
        if step >= 8:
            total = sum(w * e for w, e in zip(lawson, errors, strict=True)) / len(points)
            lawson = [max(w * e / total, mpf("1e-30")) for w, e in zip(lawson, errors, strict=True)]
    assert best is not None
    return best[1], best[2]


def show(name: str, f: Function, interval: tuple[str, str, str], degrees: tuple[int, int]) -> None:
    """Fits, rounds to doubles and prints: coefficients, largest relative error, smallest sign."""
    low, high, center = map(mpf, interval)
    p, q = fit(f, nodes(low, high, 110, center), *degrees)
    p, q = [mpf(float(c)) for c in p], [mpf(float(c)) for c in q]
    error = max(
        abs(evaluate(p, x) / evaluate(q, x) / f(x) - 1) for x in nodes(low, high, 400, center)
    )
    positive = all(c > 0 for c in [*p, *q])
    print(f"{name} {degrees}: relative error {nstr(error, 3)}, all positive: {positive}")
    print("  numerator  ", ", ".join(float(c).hex() for c in p))
    print("  denominator", ", ".join(float(c).hex() for c in q), flush=True)


def main() -> None:
    """Prints every fit."""
    zero_moneyness = 1 / sqrt(2 * pi)
    show("mills", scaled_normal, ("-0.25", "39", "2"), (10, 11))
    show("bachelier_tail", tail, ("0", "54", "2"), (10, 12))
    show("near", lambda u: moneyness(u) / u if u else zero_moneyness, ("0", "30", "3"), (3, 3))
    show("far", lambda h: moneyness(exp(h * h)), ("1.7", "38.2", "2"), (4, 3))


if __name__ == "__main__":
    main()
