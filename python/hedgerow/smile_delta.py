"""Deltas of an option on a smile: what the volatility does while the forward moves.

Black's delta holds the volatility of the strike; where the smile moves with the forward, vega times
the slope of the volatility is added to it:

    sticky_strike      dV/dF at the volatility of the strike: Black's delta
    sticky_moneyness   the smile moves with the forward (sticky delta): + vega d sigma/dF, where
                       sigma is that of K/F

They are those of SmileDynamics.STICKY_STRIKE and STICKY_MONEYNESS in scenarios and ladders. Of the
deltas that a model implies see hedgerow.fourier (model deltas, minimum variance) and hedgerow.sabr.

Columns broadcast: `right` (+1 call, -1 put), `forward` and `strike` in money, `time` in years,
`discount` the price of one unit of money at expiry. Domain and edges are those of hedgerow.black;
NaN where the smile has no volatility.

Measured error (tests/formula/test_smile_delta.py): 1e-6 D for smooth smiles, as the slope is a
difference over 0.01 % of the strike on each side; at a quote of a piecewise linear smile it is the
mean of both sides.

Source: E. Derman 1999, "Regimes of volatility".
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hedgerow import black
from hedgerow._core import Smile

__all__ = ["sticky_moneyness", "sticky_strike"]

_MOVE = 1e-4


def _volatility(smile: Smile, strike: npt.ArrayLike) -> Any:
    strikes = np.asarray(strike, dtype=np.float64)
    return smile.volatility(strikes.ravel()).reshape(strikes.shape)


def sticky_strike(
    smile: Smile,
    right: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    time: npt.ArrayLike,
    discount: npt.ArrayLike,
) -> Any:
    """dV/dF where every strike keeps its volatility."""
    return black.delta(right, forward, strike, time, _volatility(smile, strike), discount)


def sticky_moneyness(
    smile: Smile,
    right: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    time: npt.ArrayLike,
    discount: npt.ArrayLike,
) -> Any:
    """dV/dF where every K/F keeps its volatility."""
    strikes = np.asarray(strike, dtype=np.float64)
    volatility = _volatility(smile, strikes)
    up, down = (_volatility(smile, strikes * (1 + h)) for h in (-_MOVE, _MOVE))
    slope = (up - down) / (2 * _MOVE) / np.asarray(forward, dtype=np.float64)
    columns = (right, forward, strike, time, volatility, discount)
    return black.delta(*columns) + black.vega(*columns) * slope
