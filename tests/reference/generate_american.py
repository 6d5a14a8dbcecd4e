"""Writes american.csv: American options under Black-Scholes-Merton, their boundaries and Greeks.

    python generate_american.py      (NumPy, SciPy and QuantLib; some minutes)

The exercise boundary solves the equation FP-B of L. Andersen, M. Lake and D. Offengenden 2016 (the
library iterates FP-A) at Chebyshev points of w = (t/T)^(1/4) (the library: of its square), and the
price is I. J. Kim's integral, with many times the library's nodes. Greeks are differences of fourth
order of that price. `quantlib` is QuantLib's QdFpAmericanEngine with its high precision scheme.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import QuantLib as ql
from scipy.special import ndtr

POINTS, NODES = 40, 64
ROWS = 240


def rule(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Sines of Gauss and Legendre's angles on [0, pi/2], and weights of 2 sin cos d(angle)."""
    x, weight = np.polynomial.legendre.leggauss(nodes)
    angle = np.pi / 4 * (1 + x)
    return np.sin(angle), np.pi / 4 * weight * np.sin(2 * angle)


def interpolation(points: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The matrix from values at Chebyshev points of the second kind to those `at` other places."""
    sign = (-1.0) ** np.arange(len(points))
    sign[[0, -1]] *= 0.5
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = sign / (at[..., None] - points)
        matrix = parts / parts.sum(axis=-1, keepdims=True)
    hit = np.isinf(parts)
    return np.where(hit.any(axis=-1, keepdims=True), hit, matrix)


SINE, WEIGHT = rule(NODES)
W = 0.5 * (1 + np.cos(np.pi * np.arange(POINTS + 1) / POINTS))
SHARE = np.sqrt(np.sqrt(1 - SINE**2))  # of w, at the nodes
INNER = interpolation(W, W[:-1, None] * SHARE)
PRICE_SINE, PRICE_WEIGHT = rule(400)
OUTER = interpolation(W, np.sqrt(np.sqrt(1 - PRICE_SINE**2)))


class Put:
    """A put on a strike of 1: the boundary, solved once, prices any spot."""

    def __init__(self, time: float, volatility: float, rate: float, dividend: float):
        self.s, self.r, self.q = volatility * np.sqrt(time), rate * time, dividend * time
        self.limit = np.log(min(1.0, rate / dividend)) if dividend > 0 else 0.0
        t = W[:-1] ** 4
        gap, growth = np.zeros(POINTS), (self.r - self.q) * t
        gap = -np.log1p(-np.minimum(0.9, self.s * np.sqrt(t) / (1 + self.s)))
        v = t[:, None] * SINE**2
        u = t[:, None] - v
        w = t[:, None] * WEIGHT
        for _ in range(4000):
            between = np.sqrt(np.maximum(INNER @ np.append(gap**2, 0.0), 0.0))
            plus, minus = self.d(between - gap[:, None], v)
            plus0, minus0 = self.d(self.limit - gap, t)
            top = ndtr(minus0) + self.r * (w * np.exp(self.r * u) * ndtr(minus)).sum(1)
            bottom = ndtr(plus0) + self.q * (w * np.exp(self.q * u) * ndtr(plus)).sum(1)
            new = np.maximum(self.limit - (np.log(top / bottom) - growth), 0.0)
            change, gap = np.abs(new - gap).max(), new
            if change < 2e-14:
                break
        else:
            raise ValueError(f"no fixed point: {vars(self)}")
        self.boundary = np.exp(self.limit - gap[0])
        self.levels = self.limit - np.sqrt(np.maximum(OUTER @ np.append(gap**2, 0.0), 0.0))

    def d(self, x: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        center = (x + (self.r - self.q) * v) / (self.s * np.sqrt(v))
        return center + 0.5 * self.s * np.sqrt(v), center - 0.5 * self.s * np.sqrt(v)

    def price(self, spot: float) -> float:
        if spot <= self.boundary:
            return 1.0 - spot
        v, one = PRICE_SINE**2, np.ones(1)
        plus, minus = self.d(np.log(spot) - self.levels, v)
        paid = self.r * np.exp(-self.r * v) * ndtr(-minus)
        lost = self.q * spot * np.exp(-self.q * v) * ndtr(-plus)
        plus0, minus0 = self.d(np.log(spot) * one, one)
        european = np.exp(-self.r) * ndtr(-minus0) - spot * np.exp(-self.q) * ndtr(-plus0)
        return float(european[0] + (PRICE_WEIGHT * (paid - lost)).sum())


def quantlib(right: int, spot: float, strike: float, days: int, terms: tuple) -> float:
    """The price by QuantLib."""
    volatility, rate, dividend = terms
    today, count = ql.Date(1, 1, 2025), ql.Actual365Fixed()
    ql.Settings.instance().evaluationDate = today

    def flat(level: float) -> ql.YieldTermStructureHandle:
        return ql.YieldTermStructureHandle(ql.FlatForward(today, level, count))

    black = ql.BlackConstantVol(today, ql.NullCalendar(), volatility, count)
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(spot)),
        flat(dividend),
        flat(rate),
        ql.BlackVolTermStructureHandle(black),
    )
    kind = ql.Option.Call if right > 0 else ql.Option.Put
    option = ql.VanillaOption(
        ql.PlainVanillaPayoff(kind, strike), ql.AmericanExercise(today, today + days)
    )
    scheme = ql.QdFpAmericanEngine.highPrecisionScheme()
    option.setPricingEngine(ql.QdFpAmericanEngine(process, scheme))
    return option.NPV()


def value(right: int, spot: float, strike: float, time: float, terms: tuple) -> float:
    """The price; of a call by the symmetry of R. McDonald and M. Schroder."""
    volatility, rate, dividend = terms
    if right > 0:
        return spot * Put(time, volatility, dividend, rate).price(strike / spot)
    return strike * Put(time, volatility, rate, dividend).price(spot / strike)


def slope(f: object, x: float, h: float) -> float:
    """f'(x) to fourth order."""
    return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h)  # type: ignore


def row(right: int, spot: float, strike: float, days: int, terms: tuple) -> dict[str, object]:
    """A line of the table."""
    volatility, rate, dividend = terms
    time = days / 365
    put = Put(time, volatility, *((rate, dividend) if right < 0 else (dividend, rate)))
    boundary = strike * put.boundary if right < 0 else strike / put.boundary

    def at(x: float) -> float:
        return strike * put.price(x / strike) if right < 0 else x * put.price(strike / x)

    def moved(**to: float) -> float:
        v = {"v": volatility, "r": rate, "q": dividend, "t": time} | to
        return value(right, spot, strike, v["t"], (v["v"], v["r"], v["q"]))

    # No stencil reaches over the boundary, where the second derivative jumps.
    h = min(1e-3 * spot, 0.4 * abs(spot - boundary))
    second = (-at(spot + 2 * h) + 16 * at(spot + h) - 30 * at(spot) + 16 * at(spot - h)) - at(
        spot - 2 * h
    )
    return {
        "right": right,
        "spot": spot,
        "strike": strike,
        "days": days,
        "volatility": volatility,
        "rate": rate,
        "dividend": dividend,
        "price": at(spot),
        "quantlib": quantlib(right, spot, strike, days, terms),
        "boundary": boundary,
        "delta": slope(at, spot, h),
        "gamma": second / (12 * h * h),
        "vega": slope(lambda x: moved(v=x), volatility, 2e-3 * volatility),
        "theta": -slope(lambda x: moved(t=x), time, 2e-3 * time),
        "rho": slope(lambda x: moved(r=x), rate, 2e-3 * abs(rate)),
        "phi": slope(lambda x: moved(q=x), dividend, 2e-3 * abs(dividend)),
    }


def main() -> None:
    """Draws options, some of them in corners, and writes what both methods agree on."""
    random = np.random.default_rng(20261122)
    rows = []
    while len(rows) < ROWS:
        right = int(random.choice([-1, 1]))
        time = int(np.exp(random.uniform(np.log(3), np.log(5 * 365))))
        volatility = round(float(np.exp(random.uniform(np.log(0.06), np.log(1.0)))), 4)
        rates = [round(float(random.uniform(0.002, 0.12)), 4) for _ in range(2)]
        if random.random() < 0.15:
            rates[1] = -rates[1] / 4
        width = min(volatility * np.sqrt(time / 365), 0.8)
        spot = round(float(100 * np.exp(random.normal() * width)), 2)
        terms = (volatility, *(rates if right < 0 else rates[::-1]))
        found = row(right, spot, 100.0, time, terms)
        if found["price"] > 1e-4 and abs(found["spot"] / found["boundary"] - 1) > 1e-3:
            rows.append(found)
    with (Path(__file__).parent / "american.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
