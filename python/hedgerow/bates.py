"""Bates: Heston with lognormal jumps.

Heston's dynamics, and jumps by exp(N(jump_mean, jump_deviation^2)) at the rate intensity.
Parameters are numbers, after the columns and by name:

    v0             variance today, per year
    kappa          speed of reversion, per year
    theta          variance that it reverts to, per year
    sigma          volatility of the variance
    rho            correlation of price and variance
    intensity      jumps per year
    jump_mean      mean of a jump's logarithm
    jump_deviation its standard deviation

Domain: that of hedgerow.heston; intensity, jump_deviation >= 0.
InvalidInput elsewhere. Columns, Greeks, edges, methods and errors are those of hedgerow.fourier.

Source: D. S. Bates 1996, "Jumps and stochastic volatility".
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hedgerow._core import FourierModel, LeastSquaresOutcome
from hedgerow.fourier import Fit, VarianceGreeks, VarianceStripModel

__all__ = [
    "Fit",
    "Gradient",
    "LeastSquaresOutcome",
    "Parameters",
    "VarianceGreeks",
    "fit",
    "gradient",
    "greeks",
    "minimum_variance_delta",
    "price",
]


class Parameters(NamedTuple):
    """The parameters of Bates, by name: price(..., **parameters._asdict())."""

    v0: float
    kappa: float
    theta: float
    sigma: float
    rho: float
    intensity: float
    jump_mean: float
    jump_deviation: float


class Gradient(NamedTuple):
    """The price and its derivatives in the parameters, as floats or arrays of one shape."""

    price: Any
    v0: Any
    kappa: Any
    theta: Any
    sigma: Any
    rho: Any
    intensity: Any
    jump_mean: Any
    jump_deviation: Any


def _start(first: float, last: float) -> dict[str, float]:
    """Where fits begin, by the variances near the money of the first and the last expiry."""
    deviation = last**0.5
    continuous = {"v0": 0.9 * first, "kappa": 2.0, "theta": last, "sigma": 2 * deviation}
    jumps = {"intensity": 1.0, "jump_mean": -0.25 * deviation, "jump_deviation": 0.45 * deviation}
    return continuous | {"rho": -0.4} | jumps


MODEL = VarianceStripModel(FourierModel.BATES, Parameters, VarianceGreeks, Gradient, _start)
price = MODEL.price
greeks = MODEL.greeks
gradient = MODEL.gradient
fit = MODEL.fit
minimum_variance_delta = MODEL.minimum_variance_delta
