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
InvalidInput elsewhere. Columns as in hedgerow.fourier, which states units, shapes, edges and
methods. Measured error, absolute: 1e-10 of D max(F, sqrt(F K)); derivatives 2e-8.

Source: D. S. Bates 1996, "Jumps and stochastic volatility".
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy.typing as npt

from hedgerow._core import FourierModel
from hedgerow.fourier import derivatives, prices

__all__ = ["Gradient", "Parameters", "gradient", "price"]


class Parameters(NamedTuple):
    """Bates' eight parameters, by name: price(..., **parameters._asdict())."""

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
    intensity: float,
    jump_mean: float,
    jump_deviation: float,
) -> Any:
    """Prices of European options: an array of the shape of the columns, or np.float64 for one."""
    parameters = (v0, kappa, theta, sigma, rho, intensity, jump_mean, jump_deviation)
    columns = (right, forward, strike, time, discount)
    return prices(FourierModel.BATES, parameters, *columns)


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
    intensity: float,
    jump_mean: float,
    jump_deviation: float,
) -> Gradient:
    """The price and its derivatives in the parameters in one pass, by name."""
    parameters = (v0, kappa, theta, sigma, rho, intensity, jump_mean, jump_deviation)
    columns = (right, forward, strike, time, discount)
    return Gradient._make(derivatives(FourierModel.BATES, parameters, *columns))
