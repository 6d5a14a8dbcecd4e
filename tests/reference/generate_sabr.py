"""Writes highprec_sabr.csv beside this file: SABR's expansion and its derivatives.

The textbook formula, 0/0 at the money and in its limits, in enough digits that it can be evaluated
beside the singular points; derivatives are differences of it, densities those of a call. Inputs are
doubles, taken as exact;
outputs carry 20 significant digits. Needs mpmath: `python generate_sabr.py`.
"""

from __future__ import annotations

import csv
import itertools
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from mpmath import diff, erfc, exp, log, mp, mpf, nstr, pi, sqrt

mp.dps = 60
NAME = Path(__file__).parent / "highprec_sabr.csv"
INPUTS = ["quoted", "alpha", "beta", "rho", "nu", "shift", "forward", "strike", "time"]
DERIVATIVES = ["by_alpha", "by_rho", "by_nu", "by_forward", "by_strike", "by_strike_twice"]
DERIVATIVES += ["density"]
BESIDE = mpf(10) ** -700  # beside a singular point, nearer than the steps of any difference


def volatility(
    quoted: str, alpha: mpf, beta: mpf, rho: mpf, nu: mpf, forward: mpf, strike: mpf, time: mpf
) -> mpf:
    """Obloj 2008, equations 2 and 3, and Hagan et al. 2014 for the normal volatility."""
    singular = abs(forward - strike) < BESIDE or nu < BESIDE or 1 - beta < BESIDE
    with mp.extradps(1600 if singular else 400):
        if abs(forward - strike) < BESIDE:
            strike = strike + BESIDE
        nu = max(nu, BESIDE)
        b = max(1 - beta, BESIDE)
        if beta == 0 and quoted == "normal":
            integral, mean = forward - strike, mpf(1)
        else:
            integral = (forward**b - strike**b) / b
            mean = sqrt(forward * strike) ** b
        z = nu / alpha * integral
        x = log((sqrt(1 - 2 * rho * z + z * z) + z - rho) / (1 - rho))
        leading = b * b if quoted == "black" else -beta * (2 - beta)
        growth = leading / 24 * (alpha / mean) ** 2 + rho * nu * beta / 4 * alpha / mean
        growth += (2 - 3 * rho**2) / 24 * nu**2
        distance = log(forward / strike) if quoted == "black" else forward - strike
        return nu * distance / x * (1 + growth * time)


def cdf(x: mpf) -> mpf:
    return erfc(-x / sqrt(mpf(2))) / 2


def call(quoted: str, forward: mpf, strike: mpf, time: mpf, volatility: mpf) -> mpf:
    """Undiscounted, by Black's or Bachelier's formula."""
    s = volatility * sqrt(time)
    if quoted == "black":
        d = log(forward / strike) / s + s / 2
        return forward * cdf(d) - strike * cdf(d - s)
    d = (forward - strike) / s
    return (forward - strike) * cdf(d) + s * exp(-d * d / 2) / sqrt(2 * pi)


def density(quoted: str, forward: mpf, strike: mpf, time: mpf, smile: Callable[..., mpf]) -> mpf:
    """The second derivative of the call in its strike; none where it is below 1e-130."""
    s = smile() * sqrt(time)
    d = log(forward / strike) / s + s / 2 if quoted == "black" else (forward - strike) / s
    if abs(d) > 25:
        return mpf("nan")
    with mp.extradps(40 + int(d * d / 4)):
        return diff(lambda k: call(quoted, forward, k, time, smile(k=k)), strike, 2)


def points() -> Iterator[tuple]:
    """Limits and their neighborhoods, rates with and without a shift, equities, and random sets."""
    strikes = (1.0, 1.0 + 2**-50, 1.0 - 1e-9, 1.00001, 0.999, 1.02, 0.8, 1.5, 0.3, 4.0, 0.02, 40.0)
    sets = itertools.product((0.0, 0.5, 1.0 - 1e-9, 1.0), ((-0.6, 0.5), (0.3, 0.0), (0.0, 1e-8)))
    for (beta, (rho, nu)), moneyness in itertools.product(sets, strikes):
        yield 0.2, beta, rho, nu, 0.0, 1.0, moneyness, 1.5
    for moneyness in (*strikes, -0.5, -3.0):
        yield 0.008, 0.0, -0.3, 0.4, 0.0, 0.02, 0.02 * moneyness, 5.0
        yield 0.03, 0.4, 0.2, 0.6, 0.03, -0.004, 0.002 + 0.02 * moneyness, 10.0
    draw = random.Random(2002)
    for _ in range(120):
        forward, beta = 10 ** draw.uniform(-2, 4), draw.choice([0.0, 0.25, 0.5, 0.7, 1.0])
        level, nu, time = draw.uniform(0.05, 0.8), draw.uniform(0.05, 2.5), draw.uniform(0.01, 3)
        alpha, rho = level * forward ** (1 - beta), draw.uniform(-0.97, 0.97)
        moneyness = 2.718281828 ** draw.gauss(0, 1.5 * level * time**0.5)
        yield alpha, beta, rho, nu, 0.0, forward, forward * moneyness, time


def row(quoted: str, point: tuple) -> list[str] | None:
    """The inputs as they read back, the volatility and its derivatives."""
    alpha, beta, rho, nu, shift, forward, strike, time = (mpf(x) for x in point)
    forward, strike = forward + shift, strike + shift
    if (forward <= 0 or strike <= 0) and (quoted == "black" or beta > 0):
        return None

    def at(a: mpf = alpha, r: mpf = rho, n: mpf = nu, f: mpf = forward, k: mpf = strike) -> mpf:
        return volatility(quoted, a, beta, r, n, f, k, time)

    value = at()
    if value <= 0:
        return None
    # One-sided in nu, which is not negative.
    differences = [
        diff(lambda a: at(a=a), alpha),
        diff(lambda r: at(r=r), rho),
        diff(lambda n: at(n=n), nu, direction=1),
        diff(lambda f: at(f=f), forward),
        diff(lambda k: at(k=k), strike),
        diff(lambda k: at(k=k), strike, 2),
        density(quoted, forward, strike, time, at),
    ]
    return [quoted, *(repr(x) for x in point), *(nstr(x, 20) for x in (value, *differences))]


def main() -> None:
    """Computes the table."""
    rows = [row(quoted, point) for point in points() for quoted in ("black", "normal")]
    with NAME.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*INPUTS, "volatility", *DERIVATIVES])
        writer.writerows(numbers for numbers in rows if numbers)


if __name__ == "__main__":
    main()
