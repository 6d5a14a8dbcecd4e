"""Normal inverse Gaussian returns: tails that fall off exponentially.

Log returns have tails exp(-(alpha -+ beta) |x|) and the scale delta T. Parameters are numbers,
after the columns and by name:

    alpha          steepness of the tails
    beta           skewness
    delta          scale per year

Domain: delta > 0; -alpha < beta < alpha - 1.
InvalidInput elsewhere. Columns as in hedgerow.fourier, which states units, shapes, edges and
methods. Measured error, absolute: 1e-10 of D max(F, sqrt(F K)).

Source: O. E. Barndorff-Nielsen 1997, "Normal inverse Gaussian distributions and stochastic
volatility modelling".
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
    alpha: float,
    beta: float,
    delta: float,
) -> Any:
    """Prices of European options: an array of the shape of the columns, or np.float64 for one."""
    parameters = (alpha, beta, delta)
    columns = (right, forward, strike, time, discount)
    return prices(FourierModel.NORMAL_INVERSE_GAUSSIAN, parameters, *columns)
