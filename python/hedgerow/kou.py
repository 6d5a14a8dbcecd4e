"""Kou: a constant volatility and double exponential jumps.

Logarithmic jumps, up with `probability` and mean 1/up, else down with mean 1/down. Parameters are
numbers, after the columns and by name:

    volatility     of the diffusion, per root year
    intensity      jumps per year
    probability    of a jump up
    up             1 / the mean of upward jumps of the logarithm
    down           1 / the mean of downward ones

Domain: volatility > 0; intensity >= 0; 0 <= probability <= 1; up > 1; down > 0.
InvalidInput elsewhere. Columns as in hedgerow.fourier, which states units, shapes, edges and
methods. Measured error, absolute: 1e-10 of D max(F, sqrt(F K)).

Source: S. G. Kou 2002, "A jump-diffusion model for option pricing".
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
    probability: float,
    up: float,
    down: float,
) -> Any:
    """Prices of European options: an array of the shape of the columns, or np.float64 for one."""
    parameters = (volatility, intensity, probability, up, down)
    columns = (right, forward, strike, time, discount)
    return prices(FourierModel.KOU, parameters, *columns)
