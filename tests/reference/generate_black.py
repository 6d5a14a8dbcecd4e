"""Writes highprec_black.csv: Black-76 prices on forwards, small total volatilities above all.

Inputs are doubles, taken as exact; prices carry 20 significant digits of a computation with at
least 60 (some lie far below the smallest double). Needs mpmath: `python generate_black.py`.
"""

from __future__ import annotations

import csv
import itertools
import math
import random
from pathlib import Path

from mpmath import erfc, log, mp, mpf, nstr, sqrt

mp.dps = 60


def probability(x: mpf) -> mpf:
    """The normal distribution function."""
    return erfc(-x / sqrt(mpf(2))) / 2


def price(right: int, f: mpf, k: mpf, t: mpf, vol: mpf, discount: mpf) -> mpf:
    """The textbook formula with digits enough for its cancellation."""
    s = vol * sqrt(t)
    d1 = log(f / k) / s + s / 2
    with mp.extradps(60 + int(d1 * d1)):
        return discount * right * (f * probability(right * d1) - k * probability(right * (d1 - s)))


def main() -> None:
    """Total volatilities over eleven decades, moneyness from 0 to 37 standard deviations."""
    draw = random.Random(1976)
    deviations = [1e-9, 1e-7, 1e-5, 1e-4, 1e-3, 0.003, 0.01, 0.03, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 7]
    moneyness = [0, 1e-6, 0.01, 0.24, 0.26, 0.5, 1, 2, 3.5, 6, 10, 15, 20, 28, 37]
    rows = []
    for s, m in itertools.product(deviations, moneyness):
        forward, time = 10 ** draw.uniform(-3, 5), draw.choice([1 / 8760, 1 / 365, 0.25, 2.0, 30.0])
        strike = forward * math.exp(draw.choice([-1, 1]) * min(m * s, 600.0))
        volatility, discount = s / math.sqrt(time), draw.choice([1.0, 0.97, 1.01, 0.4])
        for right in (-1, 1):
            inputs = [forward, strike, time, volatility, discount]
            value = price(right, *map(mpf, inputs))
            rows.append([str(right), *map(repr, inputs), nstr(value, 20)])
    header = ["right", "forward", "strike", "time", "volatility", "discount", "price"]
    with (Path(__file__).parent / "highprec_black.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


if __name__ == "__main__":
    main()
