"""Merton: a constant volatility and lognormal jumps.

Jumps by exp(N(jump_mean, jump_deviation^2)) at the rate intensity; the forward is compensated.
Parameters are numbers, after the columns and by name:

    volatility     of the diffusion, per root year
    intensity      jumps per year
    jump_mean      mean of a jump's logarithm
    jump_deviation its standard deviation

Domain: volatility > 0; intensity, jump_deviation >= 0.
InvalidInput elsewhere. Columns, Greeks, edges, methods and errors are those of hedgerow.fourier.

Source: R. C. Merton 1976, "Option pricing when underlying stock returns are discontinuous".
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
    """The parameters of Merton, by name: price(..., **parameters._asdict())."""

    volatility: float
    intensity: float
    jump_mean: float
    jump_deviation: float


class Gradient(NamedTuple):
    """The price and its derivatives in the parameters, as floats or arrays of one shape."""

    price: Any
    volatility: Any
    intensity: Any
    jump_mean: Any
    jump_deviation: Any


def _start(first: float, last: float) -> dict[str, float]:
    """Where fits begin, by the variances near the money of the first and the last expiry."""
    deviation = last**0.5
    jumps = {"intensity": 0.5, "jump_mean": -0.3 * deviation, "jump_deviation": 0.5 * deviation}
    return {"volatility": 0.8 * deviation, **jumps}


MODEL = StripModel(FourierModel.MERTON, Parameters, Greeks, Gradient, _start)
price = MODEL.price
greeks = MODEL.greeks
gradient = MODEL.gradient
fit = MODEL.fit
