"""Normal inverse Gaussian returns: tails that fall off exponentially.

Log returns have tails exp(-(alpha -+ beta) |x|) and the scale delta T. Parameters are numbers,
after the columns and by name:

    alpha          steepness of the tails
    beta           skewness
    delta          scale per year

Domain: delta > 0; -alpha < beta < alpha - 1.
InvalidInput elsewhere. Columns, Greeks, edges, methods and errors are those of hedgerow.fourier.

Source: O. E. Barndorff-Nielsen 1997, "Normal inverse Gaussian distributions and stochastic
volatility modelling".
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
    """Its three parameters, by name: price(..., **parameters._asdict())."""

    alpha: float
    beta: float
    delta: float


class Gradient(NamedTuple):
    """The price and its derivatives in the parameters, as floats or arrays of one shape."""

    price: Any
    alpha: Any
    beta: Any
    delta: Any


def _start(first: float, last: float) -> dict[str, float]:
    """Where fits begin, by the variances near the money of the first and the last expiry."""
    alpha = 1 + 3 / last**0.5
    return {"alpha": alpha, "beta": -0.3 * alpha, "delta": 0.85 * last * alpha}


MODEL = StripModel(FourierModel.NORMAL_INVERSE_GAUSSIAN, Parameters, Greeks, Gradient, _start)
price = MODEL.price
greeks = MODEL.greeks
gradient = MODEL.gradient
fit = MODEL.fit
