"""Prices in models known by their characteristic functions: what heston, bates, merton, kou,
variance_gamma and normal_inverse_gaussian share.

Columns broadcast: `right` (+1 call, -1 put, hr.Right), `forward` and `strike` in money, `time` in
years, `discount` the price of one unit of money at expiry. Rows of one time form a strip, which
evaluates the characteristic function once for all its strikes: give a whole chain in one call. The
GIL is released.

Domain: forward, strike and discount positive and finite, time not negative; NaN elsewhere, row by
row, and NaN for NaN. At time 0 prices are intrinsic values.

Method: Fourier inversion on the real axis with a lognormal control where it converges soon, on a
curved path where tails are heavy and decay is slow; the choice is automatic (docs/fourier.md). A
price may depend on the other strikes of its strip within the stated error.
"""  # noqa: D205

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hedgerow import _core
from hedgerow._core import FourierModel

__all__ = ["derivatives", "prices"]


def evaluate(
    model: FourierModel, parameters: tuple[float, ...], gradient: bool, columns: tuple[Any, ...]
) -> npt.NDArray[np.float64]:
    """Results x the shape to which the columns broadcast."""
    arrays = [np.asarray(column, dtype=np.float64) for column in columns]
    shape = arrays[2].shape
    if any(array.shape != shape for array in arrays):
        arrays = list(np.broadcast_arrays(*arrays))
        shape = arrays[2].shape
    right, forward, strike, time, discount = arrays if len(shape) == 1 else map(np.ravel, arrays)
    numbers = [float(p) for p in parameters]
    results = _core.fourier_price(model, numbers, right, forward, strike, time, discount, gradient)
    return results if len(shape) == 1 else results.reshape((len(results), *shape))


def prices(
    model: FourierModel,
    parameters: tuple[float, ...],
    right: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    time: npt.ArrayLike,
    discount: npt.ArrayLike,
) -> Any:
    """Prices of European options: an array of the shape of the columns, or np.float64 for one."""
    return evaluate(model, parameters, False, (right, forward, strike, time, discount))[0]


def derivatives(
    model: FourierModel,
    parameters: tuple[float, ...],
    right: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    time: npt.ArrayLike,
    discount: npt.ArrayLike,
) -> list[Any]:
    """Prices, then their derivatives in each parameter of a model that has them."""
    return list(evaluate(model, parameters, True, (right, forward, strike, time, discount)))
