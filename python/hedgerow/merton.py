"""Merton: a constant volatility and lognormal jumps.

Jumps by exp(N(jump_mean, jump_deviation^2)) at the rate intensity; the forward is compensated.
Parameters are numbers, after the columns and by name:

    volatility     of the diffusion, per root year
    intensity      jumps per year
    jump_mean      mean of a jump's logarithm
    jump_deviation its standard deviation

Domain: volatility > 0; intensity, jump_deviation >= 0.
InvalidInput elsewhere. Columns as in hedgerow.fourier, which states units, shapes, edges and
methods. Measured error, absolute: 1e-10 of D max(F, sqrt(F K)).

Source: R. C. Merton 1976, "Option pricing when underlying stock returns are discontinuous".
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
    volatility: float,
    intensity: float,
    jump_mean: float,
    jump_deviation: float,
) -> Any:
    """Prices of European options: an array of the shape of the columns, or np.float64 for one."""
    parameters = (volatility, intensity, jump_mean, jump_deviation)
    columns = (right, forward, strike, time, discount)
    return prices(FourierModel.MERTON, parameters, *columns)
