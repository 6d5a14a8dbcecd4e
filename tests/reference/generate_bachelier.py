"""Writes highprec_bachelier.csv and highprec_bachelier_implied_volatility.csv beside this file.

Inputs are doubles, taken as exact; outputs carry 20 significant digits of a computation with 60
(some lie far below the smallest double). The Greeks are closed forms, each checked here against
numerical differentiation of the price at 60 digits on a sample of the rows. Implied volatilities
are those of the price as printed, a double. Needs mpmath: `python generate_bachelier.py`.
"""

from __future__ import annotations

import csv
import itertools
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from mpmath import diff, erfc, exp, log, mp, mpf, nstr, pi, sqrt

mp.dps = 60
HERE = Path(__file__).parent
INPUTS = ["right", "forward", "strike", "time", "volatility", "discount"]
GREEKS = ["delta", "gamma", "vega", "theta", "rho", "phi", "vanna", "volga", "charm", "veta"]
GREEKS += ["speed", "zomma", "color", "ultima", "dual_delta", "dual_gamma"]


def density(x: mpf) -> mpf:
    return exp(-x * x / 2) / sqrt(2 * pi)


def probability(x: mpf) -> mpf:
    return erfc(-x / sqrt(mpf(2))) / 2


def price(right: mpf, forward: mpf, strike: mpf, time: mpf, volatility: mpf, rate: mpf) -> mpf:
    deviation = volatility * sqrt(time)
    signed = right * (forward - strike)
    d = signed / deviation
    with mp.extradps(40 + int(d * d / 4)):
        value = signed * probability(d) + deviation * density(d)
        return exp(-rate * time) * value


def greeks(right: mpf, f: mpf, k: mpf, t: mpf, vol: mpf, discount: mpf) -> dict[str, mpf]:
    r, root = -log(discount) / t, sqrt(t)
    d = (f - k) / (vol * root)
    n = discount * density(d)
    v = price(right, f, k, t, vol, r)
    gamma, vega = n / (vol * root), n * root
    delta = right * discount * probability(right * d)
    return {
        "price": v,
        "delta": delta,
        "gamma": gamma,
        "vega": vega,
        "theta": r * v - n * vol / (2 * root),
        "rho": -t * v,
        "phi": mpf(0),
        "vanna": -n * d / vol,
        "volga": vega * d**2 / vol,
        "charm": r * delta + n * d / (2 * t),
        "veta": vega * (r - (1 + d**2) / (2 * t)),
        "speed": -gamma * d / (vol * root),
        "zomma": gamma * (d**2 - 1) / vol,
        "color": gamma * (r + (1 - d**2) / (2 * t)),
        "ultima": vega * d**2 * (d**2 - 3) / vol**2,
        "dual_delta": -delta,
        "dual_gamma": gamma,
    }


def check(row: list[mpf], values: dict[str, mpf]) -> None:
    """The closed forms against differences of the price."""
    right, f, k, t, vol, discount = row
    r = -log(discount) / t

    def v(f: mpf = f, k: mpf = k, t: mpf = t, vol: mpf = vol, r: mpf = r) -> mpf:
        return price(right, f, k, t, vol, r)

    orders: dict[str, tuple[Callable[..., mpf], tuple[mpf, ...], tuple[int, ...], int]] = {
        "delta": (lambda f: v(f=f), (f,), (1,), 1),
        "gamma": (lambda f: v(f=f), (f,), (2,), 1),
        "speed": (lambda f: v(f=f), (f,), (3,), 1),
        "vega": (lambda s: v(vol=s), (vol,), (1,), 1),
        "volga": (lambda s: v(vol=s), (vol,), (2,), 1),
        "ultima": (lambda s: v(vol=s), (vol,), (3,), 1),
        "theta": (lambda t: v(t=t), (t,), (1,), -1),
        "rho": (lambda r: v(r=r), (r,), (1,), 1),
        "vanna": (lambda f, s: v(f=f, vol=s), (f, vol), (1, 1), 1),
        "charm": (lambda f, t: v(f=f, t=t), (f, t), (1, 1), -1),
        "veta": (lambda s, t: v(vol=s, t=t), (vol, t), (1, 1), -1),
        "zomma": (lambda f, s: v(f=f, vol=s), (f, vol), (2, 1), 1),
        "color": (lambda f, t: v(f=f, t=t), (f, t), (2, 1), -1),
        "dual_delta": (lambda k: v(k=k), (k,), (1,), 1),
        "dual_gamma": (lambda k: v(k=k), (k,), (2,), 1),
    }
    for name, (function, point, order, sign) in orders.items():
        single = len(point) == 1
        numeric = sign * diff(
            function, point[0] if single else point, order[0] if single else order
        )
        scale = abs(values[name]) + abs(values["price"]) * mpf("1e-9")
        assert abs(numeric - values[name]) < mpf("1e-12") * scale, (name, row)


def price_rows() -> Iterator[list[float]]:
    """Forwards of every sign, totals of volatility over ten decades, moneyness from 0 to 37.5."""
    draw = random.Random(1900)
    scales = [
        (100.0, 20.0),
        (0.03, 0.008),
        (-0.01, 0.006),
        (-40.0, 30.0),
        (0.0, 1.0),
        (5000.0, 1.0),
    ]
    moneyness = [0, 1e-8, 1e-4, 0.01, 0.2, 0.7, 1, 1.5, 2.3, 4, 6, 9, 13, 18, 24, 30, 35, 37.5]
    for (forward, volatility), d in itertools.product(scales, moneyness):
        for side in (-1, 1):
            time = draw.choice([1 / 8760, 1 / 365, 0.02, 0.25, 1.0, 5.0, 30.0])
            discount = draw.choice([1.0, 0.9999, 0.97, 1.01, 0.5])
            strike = forward + side * d * volatility * time**0.5
            for right in (-1, 1):
                yield [right, forward, strike, time, volatility, discount]
    for _ in range(168):
        forward = draw.uniform(-1, 1) * 10 ** draw.uniform(-3, 4)
        volatility, time = 10 ** draw.uniform(-4, 4), 10 ** draw.uniform(-5, 1.7)
        strike = forward + draw.gauss(0, 3) * volatility * time**0.5
        discount = 2.718281828 ** (-draw.uniform(-0.02, 0.1) * time)
        yield [draw.choice([-1, 1]), forward, strike, time, volatility, discount]


def implied(right: mpf, value: mpf, forward: mpf, strike: mpf, time: mpf, discount: mpf) -> mpf:
    """The volatility of an exact price, by Newton's method on the logarithm of the time value."""
    signed = right * (forward - strike)
    time_value = value - discount * max(signed, mpf(0))
    distance = abs(signed)
    if distance == 0:
        return time_value / discount * sqrt(2 * pi / time)
    target = log(discount * distance / time_value)
    a = (
        exp(target) * mpf("0.4") / (1 + exp(target) / 6)
        if target < 3
        else sqrt(2 * target) * mpf("0.9")
    )
    for _ in range(80):
        with mp.extradps(40 + int(a * a / 4)):
            g = density(a) - a * probability(-a)
        step = (log(g / a) + target) / (probability(-a) / g + 1 / a)
        a += max(min(step, a), -a / 2)
        if abs(step) < a * mpf("1e-45"):
            return distance / (a * sqrt(time))
    raise ArithmeticError("no implied volatility")


def volatility_rows() -> Iterator[list[float]]:
    """Prices of known volatilities rounded to doubles, and prices from the ends of the range."""
    every_other = itertools.islice(price_rows(), 0, None, 2)
    for _, forward, strike, time, volatility, discount in every_other:
        right = -1 if forward > strike else 1
        inputs = map(mpf, (right, forward, strike, time, volatility))
        value = price(*inputs, -log(mpf(discount)) / mpf(time))
        yield [right, float(value), forward, strike, time, discount]
    for right, value, strike in itertools.product(
        [1],
        [5e-324, 1e-310, 1e-300, 1e-200, 1e-100, 1e-20, 1e-5, 1.0, 1e5, 1e100, 1e307],
        [0.0, 5e-324, 1e-300, 1e-100, 1e-10, 1.0, 100.0, 1e10, 1e200, 1e307],
    ):
        yield [right, value, 0.0, strike, 1.0, 1.0]
    for value, strike in itertools.product([1.0000001, 1.001, 1.5, 10.0], [99.0, 99.9, 100.0]):
        yield [1, (100.0 - strike) * value + (strike == 100.0) * value, 100.0, strike, 0.5, 1.0]


def write(name: str, header: list[str], rows: list[list[str]]) -> None:
    with (HERE / name).open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def main() -> None:
    """Computes both tables."""
    rows = []
    for i, row in enumerate(price_rows()):
        exact = [mpf(x) for x in row]
        values = greeks(*exact)
        if i % 40 == 7 and abs(exact[1] - exact[2]) < 8 * exact[4] * sqrt(exact[3]):
            check(exact, values)
        numbers = [nstr(values[name], 20) for name in ["price", *GREEKS]]
        rows.append([str(row[0]), *(repr(x) for x in row[1:]), *numbers])
    write("highprec_bachelier.csv", [*INPUTS, "price", *GREEKS], rows)

    rows = []
    for row in volatility_rows():
        right, value, forward, strike, time, discount = exact = [mpf(x) for x in row]
        bound = discount * max(right * (forward - strike), mpf(0))
        if value <= bound:
            continue
        volatility = implied(*exact)
        vega = density((forward - strike) / (volatility * sqrt(time))) * sqrt(time) * discount
        condition = value / (volatility * vega)
        rows.append(
            [str(row[0]), *(repr(x) for x in row[1:]), nstr(volatility, 20), nstr(condition, 6)]
        )
    header = ["right", "price", "forward", "strike", "time", "discount", "volatility", "condition"]
    write("highprec_bachelier_implied_volatility.csv", header, rows)


if __name__ == "__main__":
    main()
