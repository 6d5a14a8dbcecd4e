"""Bachelier: European options on a forward that moves by normal amounts.

V = D (right (F - K) N(right d) + s n(d)), d = (F - K)/s, s = volatility sqrt(time).

Every function is a NumPy ufunc: arguments broadcast, `out=` and `where=` work, the GIL is released,
long columns run on all threads (hedgerow.set_num_threads).
A ufunc takes its arguments by place; `greeks` and the doors for one option take names too.
Arguments: `right` +1 call or -1 put (Right), `forward` and `strike` of any sign, `time` in years,
`volatility` in units of the forward per sqrt(year), `discount` the price of one unit of money at
expiry. Greeks and edges are as in hedgerow.black.

Domain: forward and strike finite, time and volatility finite and not negative, discount positive
and finite; NaN elsewhere.

Measured error (tests/formula/test_bachelier.py, 20-digit tables): below 2.5e-13 relative for the
price and Greeks above 1e-290, of Greeks that change sign relative to the sum of their terms;
implied volatility below 2 units of rounding times its condition number.

Sources: L. Bachelier 1900; P. Jaeckel 2017, "Implied Normal Volatility".
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hedgerow import kernels
from hedgerow.results import Greeks, joint

price = kernels.bachelier_price
delta = kernels.bachelier_delta
gamma = kernels.bachelier_gamma
vega = kernels.bachelier_vega
theta = kernels.bachelier_theta
rho = kernels.bachelier_rho
phi = kernels.bachelier_phi
vanna = kernels.bachelier_vanna
volga = kernels.bachelier_volga
charm = kernels.bachelier_charm
veta = kernels.bachelier_veta
speed = kernels.bachelier_speed
zomma = kernels.bachelier_zomma
color = kernels.bachelier_color
ultima = kernels.bachelier_ultima
dual_delta = kernels.bachelier_dual_delta
dual_gamma = kernels.bachelier_dual_gamma
implied_volatility = kernels.bachelier_implied_volatility
price_one = kernels.bachelier_price_one
greeks_one = kernels.bachelier_greeks_one
implied_volatility_one = kernels.bachelier_implied_volatility_one

__all__ = [
    "charm",
    "color",
    "delta",
    "dual_delta",
    "dual_gamma",
    "gamma",
    "greeks",
    "greeks_one",
    "implied_volatility",
    "implied_volatility_one",
    "implied_volatility_status",
    "phi",
    "price",
    "price_one",
    "rho",
    "speed",
    "theta",
    "ultima",
    "vanna",
    "vega",
    "veta",
    "volga",
    "zomma",
]


def greeks(
    right: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    time: npt.ArrayLike,
    volatility: npt.ArrayLike,
    discount: npt.ArrayLike,
    *,
    out: Greeks | None = None,
) -> Greeks:
    """Price and all sixteen Greeks in one pass, by name: arrays, or np.float64 for one option.

    `out` is an earlier result of the same shape, whose arrays are filled again: for long columns,
    new memory costs more than the arithmetic.
    """
    return joint(kernels.bachelier_greeks, out, right, forward, strike, time, volatility, discount)


def implied_volatility_status(
    right: npt.ArrayLike,
    price: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    time: npt.ArrayLike,
    discount: npt.ArrayLike,
) -> npt.NDArray[np.uint8]:
    """Why implied_volatility is or is not a number, as Status codes: OK, BELOW_INTRINSIC,
    ABOVE_MAXIMUM or INVALID_INPUT.
    """  # noqa: D205
    codes = kernels.bachelier_implied_volatility_status(
        right, price, forward, strike, time, discount
    )
    return np.asarray(codes, dtype=np.uint8)
