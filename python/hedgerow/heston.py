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
InvalidInput elsewhere. Columns, Greeks, edges, methods and errors are those of hedgerow.fourier.
American, barrier and lookback options are solved on a grid, with arguments and errors of their own:
hedgerow.heston_pde.

Source: S. L. Heston 1993, "A closed-form solution for options with stochastic volatility".
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hedgerow._core import FourierModel, LeastSquaresOutcome
from hedgerow.fourier import Fit, VarianceGreeks, VarianceStripModel
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
    "VarianceGreeks",
    "american",
    "barrier",
    "european_on_grid",
    "fit",
    "fixed_lookback",
    "floating_lookback",
    "gradient",
    "greeks",
    "minimum_variance_delta",
    "price",
]


class Parameters(NamedTuple):
    """Heston's five parameters, by name: price(..., **parameters._asdict())."""

    v0: float
    kappa: float
    theta: float
    sigma: float
    rho: float


class Gradient(NamedTuple):
    """The price and its derivatives in the parameters, as floats or arrays of one shape."""

    price: Any
    v0: Any
    kappa: Any
    theta: Any
    sigma: Any
    rho: Any


def _start(first: float, last: float) -> dict[str, float]:
    """Where fits begin, by the variances near the money of the first and the last expiry."""
    return {"v0": first, "kappa": 1.5, "theta": last, "sigma": 0.5, "rho": -0.5}


MODEL = VarianceStripModel(FourierModel.HESTON, Parameters, VarianceGreeks, Gradient, _start)
price = MODEL.price
greeks = MODEL.greeks
gradient = MODEL.gradient
fit = MODEL.fit
minimum_variance_delta = MODEL.minimum_variance_delta
