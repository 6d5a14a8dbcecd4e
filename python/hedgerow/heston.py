"""Heston: a volatility that reverts to a mean and moves against the price.

dS/S = sqrt(v) dW, dv = kappa (theta - v) dt + sigma sqrt(v) dZ, correlation rho. Parameters are
numbers, after the columns and by name:

    v0             variance today, per year
    kappa          speed of reversion, per year
    theta          variance that it reverts to, per year
    sigma          volatility of the variance
    rho            correlation of price and variance

Domain: kappa, sigma > 0; v0, theta >= 0, not both 0; -1 < rho < 1. Feller's condition is not asked
for.
InvalidInput elsewhere. Columns as in hedgerow.fourier, which states units, shapes, edges and
methods. Measured error, absolute: 1e-10 of D max(F, sqrt(F K)); derivatives 2e-8. American, barrier
and lookback options are solved on a grid, with arguments and errors of their own:
hedgerow.heston_pde.

Source: S. L. Heston 1993, "A closed-form solution for options with stochastic volatility".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hedgerow import _core, black
from hedgerow._core import FourierModel, LeastSquaresOutcome
from hedgerow.fourier import derivatives, prices
from hedgerow.heston_pde import (
    Barrier,
    Grid,
    GridValues,
    Scheme,
    american,
    barrier,
    european_on_grid,
    fixed_lookback,
    floating_lookback,
)

__all__ = [
    "Barrier",
    "Fit",
    "Gradient",
    "Grid",
    "GridValues",
    "LeastSquaresOutcome",
    "Parameters",
    "Scheme",
    "american",
    "barrier",
    "european_on_grid",
    "fit",
    "fixed_lookback",
    "floating_lookback",
    "gradient",
    "price",
]


class Parameters(NamedTuple):
    """Heston's five parameters, by name: price(..., **parameters._asdict())."""

    v0: float
    kappa: float
    theta: float
    sigma: float
    rho: float


class Fit(NamedTuple):
    """What a fit found, and in what state it is: trust it where `outcome` is CONVERGED."""

    outcome: LeastSquaresOutcome
    parameters: Parameters
    standard_errors: Parameters
    cost: float
    iterations: int


LOWEST = Parameters(1e-6, 1e-3, 1e-6, 1e-3, -0.999)
HIGHEST = Parameters(4.0, 50.0, 4.0, 10.0, 0.999)


class Gradient(NamedTuple):
    """The price and its derivatives in the parameters, as floats or arrays of one shape."""

    price: Any
    v0: Any
    kappa: Any
    theta: Any
    sigma: Any
    rho: Any


def price(
    right: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    time: npt.ArrayLike,
    discount: npt.ArrayLike,
    *,
    v0: float,
    kappa: float,
    theta: float,
    sigma: float,
    rho: float,
) -> Any:
    """Prices of European options: an array of the shape of the columns, or np.float64 for one."""
    parameters = (v0, kappa, theta, sigma, rho)
    columns = (right, forward, strike, time, discount)
    return prices(FourierModel.HESTON, parameters, *columns)


def gradient(
    right: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    time: npt.ArrayLike,
    discount: npt.ArrayLike,
    *,
    v0: float,
    kappa: float,
    theta: float,
    sigma: float,
    rho: float,
) -> Gradient:
    """The price and its derivatives in the parameters in one pass, by name."""
    parameters = (v0, kappa, theta, sigma, rho)
    columns = (right, forward, strike, time, discount)
    return Gradient._make(derivatives(FourierModel.HESTON, parameters, *columns))


def fit(
    right: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    time: npt.ArrayLike,
    discount: npt.ArrayLike,
    price: npt.ArrayLike,
    *,
    weight: npt.ArrayLike | None = None,
    start: Mapping[str, float] | None = None,
    low: Mapping[str, float] | None = None,
    high: Mapping[str, float] | None = None,
) -> Fit:
    """The parameters that price a chain best: Levenberg-Marquardt, analytic derivatives.

    Columns broadcast. The sum of (weight (model - price))^2 is minimized; without weights these
    are 1 / vega at the quote's own implied volatility, so that residuals are in volatility.
    `start` are all five parameters, of an earlier fit for example; without them the variances of
    the first and the last expiry near the money. `low` and `high` override single bounds.

    A quote that is NaN, or outside the domain of price(), gives the outcome NOT_FINITE: leave it
    out. The standard errors are those of residuals of size 1, 0 on a bound.
    """
    arrays = (right, forward, strike, time, discount, price)
    broadcast = np.broadcast_arrays(*(np.asarray(array, float) for array in arrays))
    sides, forwards, strikes, times, discounts, quoted = map(np.ravel, broadcast)
    if weight is None or start is None:
        volatility = black.implied_volatility(sides, quoted, forwards, strikes, times, discounts)
    if weight is None:
        vega = black.vega(sides, forwards, strikes, times, volatility, discounts)
        largest = np.sqrt(times) * forwards * discounts
        weights = 1.0 / np.maximum(vega, 1e-3 * largest)
    else:
        weights = np.ravel(np.broadcast_to(np.asarray(weight, float), np.shape(quoted)))
    if start is None:
        variance, distance = volatility**2, np.abs(np.log(strikes / forwards))
        known = np.flatnonzero(np.isfinite(variance) & (variance > 0))
        if known.size == 0:
            known, variance = np.arange(len(times)), np.full(len(times), 0.04)
        ends = [known[times[known] == end(times[known])] for end in (np.min, np.max)]
        first, last = (float(variance[e[np.argmin(distance[e])]]) for e in ends)
        start = {"v0": first, "kappa": 1.5, "theta": last, "sigma": 0.5, "rho": -0.5}
    outcome, found, errors, cost, iterations = _core.fit_heston(
        sides,
        forwards,
        strikes,
        times,
        discounts,
        quoted,
        weights,
        Parameters(**start),
        LOWEST._replace(**(low or {})),
        HIGHEST._replace(**(high or {})),
    )
    return Fit(outcome, Parameters(*found), Parameters(*errors), cost, iterations)
