"""Variance gamma: Brownian motion run by a gamma clock.

Brownian motion with drift theta and volatility sigma, run by a gamma clock of variance nu.
Parameters are numbers, after the columns and by name:

    sigma          volatility of the Brownian motion
    nu             variance of the clock per year
    theta          drift of the Brownian motion

Domain: sigma, nu > 0; theta nu + sigma^2 nu / 2 < 1.
InvalidInput elsewhere. Columns, Greeks, edges, methods and errors are those of hedgerow.fourier.

Source: D. B. Madan, P. P. Carr and E. C. Chang 1998, "The variance gamma process and option
pricing".
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hedgerow._core import FourierModel, LeastSquaresOutcome
from hedgerow.fourier import Fit, Greeks, StripModel

__all__ = [
    "Fit",
    "Gradient",
    "Greeks",
    "LeastSquaresOutcome",
    "Parameters",
    "fit",
    "gradient",
    "greeks",
    "price",
]


class Parameters(NamedTuple):
    """The parameters of variance gamma, by name: price(..., **parameters._asdict())."""

    sigma: float
    nu: float
    theta: float


class Gradient(NamedTuple):
    """The price and its derivatives in the parameters, as floats or arrays of one shape."""

    price: Any
    sigma: Any
    nu: Any
    theta: Any


def _start(first: float, last: float) -> dict[str, float]:
    """Where fits begin, by the variances near the money of the first and the last expiry."""
    # Half of what keeps the forward finite at this nu.
    nu = min(0.2, 0.5 / last)
    return {"sigma": last**0.5, "nu": nu, "theta": -0.5 * last**0.5}


MODEL = StripModel(FourierModel.VARIANCE_GAMMA, Parameters, Greeks, Gradient, _start)
price = MODEL.price
greeks = MODEL.greeks
gradient = MODEL.gradient
fit = MODEL.fit
