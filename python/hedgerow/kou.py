"""Kou: a constant volatility and double exponential jumps.

Logarithmic jumps, up with `probability` and mean 1/up, else down with mean 1/down. Parameters are
numbers, after the columns and by name:

    volatility     of the diffusion, per root year
    intensity      jumps per year
    probability    of a jump up
    up             1 / the mean of upward jumps of the logarithm
    down           1 / the mean of downward ones

Domain: volatility > 0; intensity >= 0; 0 <= probability <= 1; up > 1; down > 0.
InvalidInput elsewhere. Columns, Greeks, edges, methods and errors are those of hedgerow.fourier.

Source: S. G. Kou 2002, "A jump-diffusion model for option pricing".
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
    """The parameters of Kou, by name: price(..., **parameters._asdict())."""

    volatility: float
    intensity: float
    probability: float
    up: float
    down: float


class Gradient(NamedTuple):
    """The price and its derivatives in the parameters, as floats or arrays of one shape."""

    price: Any
    volatility: Any
    intensity: Any
    probability: Any
    up: Any
    down: Any


def _start(first: float, last: float) -> dict[str, float]:
    """Where fits begin, by the variances near the money of the first and the last expiry."""
    deviation = last**0.5
    jumps = {"intensity": 2.0, "probability": 0.4, "up": 1 + 2.5 / deviation}
    return {"volatility": 0.8 * deviation, **jumps, "down": 2.0 / deviation}


MODEL = StripModel(FourierModel.KOU, Parameters, Greeks, Gradient, _start)
price = MODEL.price
greeks = MODEL.greeks
gradient = MODEL.gradient
fit = MODEL.fit
