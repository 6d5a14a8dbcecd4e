"""A smile without a model: prices as a convex spline of the strike, expiry by expiry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hedgerow import black
from hedgerow._core import Smile
from hedgerow.calibrate.fitted import Fitted
from hedgerow.calibrate.model import FitOutcome
from hedgerow.calibrate.observations import Observations
from hedgerow.calibrate.quotes import Numbers

#: Quotes that a spline can go through.
LEAST_QUOTES = 3
#: Knots between the outermost quotes, at most, and in each wing.
MOST_KNOTS, WING_KNOTS = 60, 14
#: How far the wings go, in deviations of the outermost volatility.
WINGS = 7.0
#: Knots are no nearer than this, in deviations at the money, and no further, in those there.
NEAREST, FURTHEST = 0.04, 0.25
#: How much a bend in the ratio of the density to a smooth one counts, in half-spreads.
ROUGHNESS = 0.05
#: Mass and mean count so much more than all quotes.
EXACT = 1e5
#: Volatilities are not read off where an option is worth less than this part of the forward.
LEAST_PRICE = 1e-9
#: The density is at least this part of the smooth one.
LEAST_DENSITY = 0.02
#: Volatilities are read off so often from one knot to the next, and the density of their spline so
#: often from one of them to the next.
NODES = 4


@dataclass(frozen=True, eq=False)
class Spline:
    """Undiscounted prices over the forward by moneyness x = strike / forward, as a cubic spline.

    Its second derivative is the density of the forward at expiry (Breeden, Litzenberger 1978):
    `density` at the `knots`, 0 at the first and the last, linear in between. It is not negative,
    its mass is 1 and its mean 1: prices are monotone, convex and within their bounds everywhere
    (Fengler 2009, "Arbitrage-free smoothing of the implied volatility surface").
    """

    knots: Numbers
    density: Numbers

    def price(self, moneyness: Numbers) -> Numbers:
        """The price of the out-of-the-money option, the call from 1 on."""
        prices: Numbers = _prices(self.knots, moneyness) @ self.density[1:-1]
        return prices

    def volatility(self, moneyness: Numbers, time: float) -> Numbers:
        """Implied volatility, per year; NaN where a price is below `LEAST_PRICE`."""
        prices = self.price(moneyness)
        prices = np.where(prices > LEAST_PRICE, prices, np.nan)
        right = np.where(moneyness >= 1, 1.0, -1.0)
        implied: Numbers = black.implied_volatility(right, prices, 1.0, moneyness, time, 1.0)
        return implied


def fit_spline(seen: Observations) -> Fitted:
    """Fits a convex price spline to one expiry; the smile goes through its volatilities."""
    if len(seen) < LEAST_QUOTES:
        return Fitted(FitOutcome.TOO_FEW_QUOTES)
    return _account(seen, _spline(seen)).judged(seen)


def _spline(seen: Observations) -> Spline:
    """The spline nearest to the quotes."""
    moneyness = seen.strikes / seen.forward
    deviation = seen.volatilities * np.sqrt(seen.time)
    knots = _knots(moneyness, deviation)
    inner = knots[1:-1]
    # A smooth density that the fitted one is measured against: Black's at the volatility there.
    local = np.interp(np.log(inner), np.log(moneyness), deviation)
    smooth = np.exp(-0.5 * (np.log(inner) / local + 0.5 * local) ** 2) / (inner * local)
    # Far out the ratio to it would be anything: no knot is lighter than this.
    smooth = np.maximum(smooth, 1e-12 * smooth.max())
    smooth /= smooth @ _masses(knots)

    right = np.where(moneyness >= 1, 1.0, -1.0)
    terms = (right, 1.0, moneyness, seen.time, seen.volatilities, 1.0)
    weight = 1.0 / (np.maximum(black.vega(*terms), 1e-12) * seen.half_spreads)
    rows = [weight[:, None] * _prices(knots, moneyness) * smooth]
    wanted = [weight * black.price(*terms)]
    mass, mean = _masses(knots) * smooth, _means(knots) * smooth
    bends = np.diff(np.eye(len(inner)), 2, axis=0) * (1.0 / np.gradient(np.log(inner))[1:-1, None])
    rows += [ROUGHNESS * bends * np.sqrt(len(seen) / len(inner))]
    wanted += [np.zeros(len(bends))]
    exact = EXACT * np.sqrt(len(seen))
    rows += [exact * mass[None, :], exact * mean[None, :]]
    wanted += [np.array([exact]), np.array([exact])]

    matrix, right_side = np.concatenate(rows), np.concatenate(wanted)
    least = np.full(len(inner), LEAST_DENSITY)
    above = _nonnegative(matrix, right_side - matrix @ least)
    ratio = _exact(least, above, mass, mean)
    return Spline(knots, np.concatenate([[0.0], ratio * smooth, [0.0]]))


def _nonnegative(matrix: Numbers, right_side: Numbers) -> Numbers:
    """The least squares solution without negative unknowns, which are of very different sizes."""
    from scipy.optimize import nnls  # takes as long to import as all of hedgerow

    size = np.sqrt(np.sum(matrix**2, axis=0))
    found: Numbers = nnls(matrix / size, right_side, maxiter=50 * len(size))[0]
    found /= size
    return found


def _exact(least: Numbers, above: Numbers, mass: Numbers, mean: Numbers) -> Numbers:
    """With mass and mean 1 to the last digits: the least change of what is above the least."""
    for _ in range(3):
        rows = np.stack([mass, mean]) * np.sqrt(above)
        ratio = least + above
        missing = np.array([1 - mass @ ratio, 1 - mean @ ratio])
        change = np.sqrt(above) * np.linalg.lstsq(rows, missing, rcond=None)[0]
        above = np.maximum(above + change, 0.0)
    exact: Numbers = least + above
    return exact


def _between(knots: Numbers) -> Numbers:
    """The inner knots, and places between all of them: evenly in the logarithm."""
    k = np.log(knots)
    parts = np.linspace(0, 1, NODES + 1)[:-1]
    return np.exp((k[:-1, None] + np.diff(k)[:, None] * parts).ravel()[1:])


def _knots(moneyness: Numbers, deviation: Numbers) -> Numbers:
    """Some of the quotes' moneyness, and beyond them as far as the density may reach."""
    k = np.log(moneyness)
    nearest = NEAREST * float(np.interp(0.0, k, deviation))
    nearest = max(nearest, float(k[-1] - k[0]) / MOST_KNOTS)
    inner = [float(k[0])]
    for place, local in zip(k[1:].tolist(), deviation[1:].tolist(), strict=True):
        gap = place - inner[-1]
        if gap >= nearest:
            parts = int(np.ceil(gap / max(FURTHEST * local, 1.5 * nearest)))
            inner += [inner[-1] + gap * part / parts for part in range(1, parts)] + [place]
    left = max(WINGS * float(deviation[0]) + inner[0], 2 * nearest)
    right = max(WINGS * float(deviation[-1]) - inner[-1], 2 * nearest)
    # Wider and wider, from the quotes on.
    steps = (np.arange(1, WING_KNOTS + 1) / WING_KNOTS) ** 1.5
    wings = inner[0] - left * steps[::-1], inner[-1] + right * steps
    knots: Numbers = np.exp(np.concatenate([wings[0], inner, wings[1]]))
    return knots


def _masses(knots: Numbers) -> Numbers:
    """The integrals of the hat functions of the inner knots."""
    return 0.5 * (knots[2:] - knots[:-2])


def _means(knots: Numbers) -> Numbers:
    """Their first moments."""
    return _masses(knots) * (knots[2:] + knots[1:-1] + knots[:-2]) / 3


def _prices(knots: Numbers, moneyness: Numbers) -> Numbers:
    """The out-of-the-money prices under each hat function, a row per moneyness."""
    x = moneyness[:, None]
    sign = np.where(x >= 1, -1.0, 1.0)  # a put counts what lies below
    reach = np.maximum(sign * (x - knots), 0.0)
    # The second divided difference of cubes, over the knots of each hat.
    slopes = np.diff(reach * reach * reach / 6, axis=1) / np.diff(knots)
    prices: Numbers = np.diff(slopes, axis=1)
    return prices


def _account(seen: Observations, spline: Spline) -> Fitted:
    """The fit as a smile, and whether the density of that is positive too."""
    nodes = _between(spline.knots)
    volatilities = spline.volatility(nodes, seen.time)
    known = np.isfinite(volatilities) & (volatilities > 0)
    if known.sum() < LEAST_QUOTES:
        return Fitted(FitOutcome.FAILED)
    nodes = nodes[known]
    smile = Smile.spline(
        expiry=seen.expiry, strikes=seen.forward * nodes, volatilities=volatilities[known]
    )
    places = _between(nodes)
    density = _density(smile, seen, places)
    lowest = int(np.argmin(density))
    problems: tuple[str, ...] = ()
    if density[lowest] < 0:
        problems += (f"butterfly: negative density at strike {seen.forward * places[lowest]:.6g}",)
    return Fitted(
        FitOutcome.CONVERGED,
        smile=smile,
        least_density=float(density[lowest]),
        problems=problems,
    )


def _density(smile: Smile, seen: Observations, moneyness: Numbers) -> Numbers:
    """The density factor g of a smile, its derivatives by differences.

    Gatheral and Jacquier 2014, equation 2.1.
    """
    k = np.log(moneyness)
    step = 1e-3 * float(np.interp(0.0, seen.log_moneyness, seen.volatilities)) * np.sqrt(seen.time)
    down, here, up = (
        smile.volatility(seen.forward * np.exp(k + move)) ** 2 * seen.time
        for move in (-step, 0.0, step)
    )
    slope, bend = (up - down) / (2 * step), (up - 2 * here + down) / step**2
    g: Numbers = (1 - k * slope / (2 * here)) ** 2 - slope**2 / 4 * (1 / here + 0.25) + bend / 2
    return g
