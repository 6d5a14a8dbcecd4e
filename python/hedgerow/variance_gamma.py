"""Variance gamma: Brownian motion run by a gamma clock.

Brownian motion with drift theta and volatility sigma, run by a gamma clock of variance nu.
Parameters are numbers, after the columns and by name:

    sigma          volatility of the Brownian motion
    nu             variance of the clock per year
    theta          drift of the Brownian motion

Domain: sigma, nu > 0; theta nu + sigma^2 nu / 2 < 1.
InvalidInput elsewhere. Columns as in hedgerow.fourier, which states units, shapes, edges and
methods. Measured error, absolute: 1e-10 of D max(F, sqrt(F K)).

Source: D. B. Madan, P. P. Carr and E. C. Chang 1998, "The variance gamma process and option
pricing".
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from hedgerow._core import FourierModel
from hedgerow.fourier import prices

__all__ = ["price"]


def price(
    right: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    time: npt.ArrayLike,
    discount: npt.ArrayLike,
    *,
    sigma: float,
    nu: float,
    theta: float,
) -> Any:
    """Prices of European options: an array of the shape of the columns, or np.float64 for one."""
    parameters = (sigma, nu, theta)
    columns = (right, forward, strike, time, discount)
    return prices(FourierModel.VARIANCE_GAMMA, parameters, *columns)
