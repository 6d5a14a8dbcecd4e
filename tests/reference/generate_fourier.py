"""Writes highprec_fourier.csv beside this file: prices in models of hedgerow.fourier.

Inputs are doubles, taken as exact; outputs carry 20 significant digits of a computation with 40.
Undiscounted out-of-the-money prices are Lewis integrals, P or C = min(F, K) - sqrt(F K) I, by the
trapezoidal rule along a path bent away from the real axis, which converges exponentially. Each is
computed along two paths of different bend and step, which agree to 1e-22 of the forward.
Derivatives in the parameters and in time (theta, undiscounted: minus that) are central differences
at 40 digits, those in forward and strike integrals along the same path. Characteristic functions
are written as their authors have them, with the complex logarithm of mpmath.
Needs mpmath: `python generate_fourier.py`.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path

from mpmath import cosh, exp, log, mp, mpc, mpf, nstr, pi, sin, sinh, sqrt

mp.dps = 40
HERE = Path(__file__).parent
I = mpc(0, 1)  # noqa: E741
FORWARD = 100.0
MONEYNESS = [-1.0, -0.35, -0.1, 0.0, 0.08, 0.3, 0.8]  # ln(K/F) at one year, by sqrt(time)
Exponent = Callable[..., mpc]


def heston(z: mpc, t: mpf, v0: mpf, kappa: mpf, theta: mpf, sigma: mpf, rho: mpf) -> mpc:
    """Albrecher et al. 2007, the second form."""
    b = kappa - rho * sigma * I * z
    d = sqrt(b * b + sigma**2 * (z * z + I * z))
    g, e = (b - d) / (b + d), exp(-d * t)
    mean = (b - d) * t - 2 * log((1 - g * e) / (1 - g))
    return kappa * theta / sigma**2 * mean + v0 / sigma**2 * (b - d) * (1 - e) / (1 - g * e)


def diffusion(z: mpc, t: mpf, volatility: mpf) -> mpc:
    return -(volatility**2) * t / 2 * (z * z + I * z)


def lognormal_jumps(z: mpc, t: mpf, intensity: mpf, mean: mpf, deviation: mpf) -> mpc:
    growth = exp(mean + deviation**2 / 2) - 1
    return intensity * t * (exp(I * z * mean - deviation**2 * z * z / 2) - 1 - I * z * growth)


def bates(z: mpc, t: mpf, *p: mpf) -> mpc:
    return heston(z, t, *p[:5]) + lognormal_jumps(z, t, *p[5:])


def merton(z: mpc, t: mpf, volatility: mpf, *jumps: mpf) -> mpc:
    return diffusion(z, t, volatility) + lognormal_jumps(z, t, *jumps)


def kou(
    z: mpc, t: mpf, volatility: mpf, intensity: mpf, probability: mpf, up: mpf, down: mpf
) -> mpc:
    def size(u: mpc) -> mpc:
        return probability * up / (up - I * u) + (1 - probability) * down / (down + I * u) - 1

    return diffusion(z, t, volatility) + intensity * t * (size(z) - I * z * size(-I))


def variance_gamma(z: mpc, t: mpf, sigma: mpf, nu: mpf, theta: mpf) -> mpc:
    def rate(u: mpc) -> mpc:
        return -log(1 - I * theta * nu * u + sigma**2 * nu * u * u / 2) / nu

    return t * (rate(z) - I * z * rate(-I))


def normal_inverse_gaussian(z: mpc, t: mpf, alpha: mpf, beta: mpf, delta: mpf) -> mpc:
    def rate(u: mpc) -> mpc:
        return delta * (sqrt(alpha**2 - beta**2) - sqrt(alpha**2 - (beta + I * u) ** 2))

    return t * (rate(z) - I * z * rate(-I))


def center(model: str, t: mpf, p: list[mpf]) -> mpf:
    """The slope of the phase at large z, which decides on the bend."""
    if model == "heston":
        return -p[4] * (p[0] + p[1] * p[2] * t) / p[3]
    if model == "bates":
        growth = exp(p[6] + p[7] ** 2 / 2) - 1
        return center("heston", t, p[:5]) - p[5] * t * growth
    if model == "variance_gamma":
        return t / p[1] * log(1 - p[2] * p[1] - p[0] ** 2 * p[1] / 2)
    if model == "normal_inverse_gaussian":
        root, other = sqrt(p[0] ** 2 - p[1] ** 2), sqrt(p[0] ** 2 - (p[1] + 1) ** 2)
        return -t * p[2] * (root - other)
    return mpf(0)  # a Gaussian factor decays faster than any phase turns


def path(slant: mpf, step: mpf, side: int, reach: int) -> list[tuple[mpc, mpc]]:
    """Nodes u and weights du along i (a + b cosh(y) sin w) + b sinh(y) cos w, bent to one side."""
    width = slant * mpf("0.85")
    b = mpf("0.96") / (sin(slant + width) - sin(slant - width))
    a = -b * (sin(slant + width) + sin(slant - width)) / 2
    nodes = []
    for j in range(int(reach / step)):
        y = j * step + I * slant * side
        weight = b * cosh(y) * step / pi
        nodes.append((side * I * a + b * sinh(y), weight / 2 if j == 0 else weight))
    return nodes


BENDS = [(mpf(pi) / 8, mpf("0.037")), (mpf(pi) / 9, mpf("0.031"))]
# Variance gamma falls off as a power of u, which is exp(y)/2 at the end; the others exponentially.
FAR, NEAR = 45, 15
PATHS = {
    (bend, side, reach): path(*bend, side, reach)
    for bend in BENDS
    for side in (1, -1)
    for reach in (FAR, NEAR)
}


def integrals(
    exponent: Exponent, k: list[mpf], t: mpf, p: list[mpf], middle: mpf, bend: tuple[mpf, mpf]
) -> list[tuple[mpf, mpf, mpf]]:
    """I, I' and J = I/4 - I'' for each k = ln(K/F): put and call are min(F, K) - sqrt(F K) I."""
    results = []
    values: dict[int, list[tuple[mpc, mpc, mpc]]] = {}
    for x in k:
        side = -1 if x >= middle else 1
        if side not in values:
            nodes = PATHS[bend, side, FAR if exponent is variance_gamma else NEAR]
            values[side] = [(u, w, exponent(u - I / 2, t, *p)) for u, w in nodes]
        sums = [mpf(0)] * 3
        for u, w, value in values[side]:
            density = w * exp(value - I * u * x)
            term = density / (u * u + mpf(1) / 4)
            sums[0] += term.real
            sums[1] += (-I * u * term).real
            sums[2] += density.real
        results.append((sums[0], sums[1], sums[2]))
    return results


def prices(
    exponent: Exponent, k: list[mpf], t: mpf, p: list[mpf], middle: mpf, bend: tuple[mpf, mpf]
) -> list[mpf]:
    """Out-of-the-money prices per sqrt(F K), for each k = ln(K/F)."""
    sums = integrals(exponent, k, t, p, middle, bend)
    return [exp(-abs(x) / 2) - i for x, (i, _, _) in zip(k, sums, strict=True)]


def slopes(exponent: Exponent, k: list[mpf], t: mpf, p: list[mpf], middle: mpf) -> list[list[mpf]]:
    """Derivatives of prices() in each parameter, and in time."""
    h = mpf(10) ** -10
    results = []
    for j in range(len(p) + 1):
        ends = []
        for sign in (1, -1):
            *moved, time = [x + sign * h * (i == j) for i, x in enumerate([*p, t])]
            ends.append(prices(exponent, k, time, moved, middle, BENDS[0]))
        results.append([(a - b) / (2 * h) for a, b in zip(*ends, strict=True)])
    return results


def greeks(x: mpf, sums: tuple[mpf, mpf, mpf], strike: mpf) -> list[mpf]:
    """Delta, gamma, dual delta and dual gamma of the out-of-the-money option."""
    forward = mpf(FORWARD)
    unit, call = sqrt(forward * strike), x >= 0
    i, slope, density = sums
    delta = (1 if call else 0) - unit / forward * (i / 2 - slope)
    dual_delta = (0 if call else 1) - unit / strike * (i / 2 + slope)
    return [delta, unit / forward**2 * density, dual_delta, unit / strike**2 * density]


HESTON = [
    (0.04, 1.5, 0.04, 0.3, -0.7),
    (0.09, 1.0, 0.09, 1.0, -0.9),  # heavy tails: Feller's condition violated
    (0.04, 0.5, 0.04, 1.0, -0.9),  # Andersen's first case
    (0.01, 0.3, 0.02, 2.0, 0.5),
    (0.04, 4.0, 0.25, 1.0, -0.5),
    (0.0225, 2.0, 0.0625, 0.05, 0.3),
]
CASES: dict[str, tuple[Exponent, list[tuple[float, ...]], list[float]]] = {
    "heston": (heston, HESTON, [0.25, 1.0, 5.0]),
    "bates": (
        bates,
        [(*HESTON[0], 0.5, -0.1, 0.15), (*HESTON[1], 0.3, -0.1, 0.1)],
        [0.25, 1.0, 5.0],
    ),
    "merton": (merton, [(0.15, 0.5, -0.1, 0.15), (0.05, 5.0, 0.02, 0.1)], [0.25, 1.0, 5.0]),
    "kou": (kou, [(0.16, 1.0, 0.4, 10.0, 5.0), (0.1, 3.0, 0.3, 50.0, 25.0)], [0.25, 1.0, 5.0]),
    "variance_gamma": (
        variance_gamma,
        [(0.12, 0.17, -0.14), (0.2, 0.5, 0.05)],
        [0.1, 0.25, 1.0, 5.0],
    ),
    "normal_inverse_gaussian": (
        normal_inverse_gaussian,
        [(15.0, -5.0, 0.5), (6.0, 1.0, 0.2)],
        [0.1, 0.25, 1.0, 5.0],
    ),
}


def rows() -> list[list[str]]:
    largest: dict[str, mpf] = {}
    result = []
    for model, (exponent, sets, times) in CASES.items():
        for numbers in sets:
            p = [mpf(x) for x in numbers]
            for time in times:
                t = mpf(time)
                strikes = [float(f"{FORWARD * float(exp(m * sqrt(t))):.6g}") for m in MONEYNESS]
                k = [log(mpf(strike) / mpf(FORWARD)) for strike in strikes]
                middle = center(model, t, p)
                first, second = (prices(exponent, k, t, p, middle, bend) for bend in BENDS)
                gaps = [abs(a - b) for a, b in zip(first, second, strict=True)]
                largest[model] = max(largest.get(model, mpf(0)), *gaps)
                *derived, decays = slopes(exponent, k, t, p, middle)
                sums = integrals(exponent, k, t, p, middle, BENDS[0])
                parameters = [repr(x) for x in numbers] + [""] * (8 - len(numbers))
                for i, strike in enumerate(strikes):
                    unit = sqrt(mpf(FORWARD) * mpf(strike))
                    derivatives = [nstr(unit * slope[i], 20) for slope in derived]
                    empty = [""] * (8 - len(derivatives))
                    numbers_out = [
                        repr(time),
                        repr(FORWARD),
                        repr(strike),
                        nstr(unit * first[i], 20),
                    ]
                    delta, gamma, dual_delta, dual_gamma = greeks(k[i], sums[i], mpf(strike))
                    found = [delta, gamma, -unit * decays[i], dual_delta, dual_gamma]
                    tail = [nstr(x, 20) for x in found]
                    result.append([model, *parameters, *numbers_out, *derivatives, *empty, *tail])
    for model, gap in largest.items():
        sys.stdout.write(f"{model}: two paths differ by {nstr(gap, 3)}\n")
        if gap > mpf(10) ** -22:
            raise ArithmeticError(f"{model}: two paths do not agree")
    return result


def main() -> None:
    header = ["model", *(f"p{i}" for i in range(8)), "time", "forward", "strike", "price"]
    header += [f"d{i}" for i in range(8)]
    header += ["delta", "gamma", "theta", "dual_delta", "dual_gamma"]
    with (HERE / "highprec_fourier.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows())


if __name__ == "__main__":
    main()
