"""Black-76: European options on a forward price and a discount factor.

V = D right (F N(right d1) - K N(right d2)), d1,2 = ln(F/K)/s +- s/2, s = volatility sqrt(time).

Every function is a NumPy ufunc: arguments broadcast, `out=` and `where=` work, the GIL is released,
long columns run on all threads (hedgerow.set_num_threads).
A ufunc takes its arguments by place; `greeks` and the doors for one option take names too.
Arguments: `right` +1 call or -1 put (Right), `forward` and `strike` in money, `time` in years,
`volatility` a decimal per year, `discount` the price of one unit of money at expiry.

Greeks are raw derivatives with the forward F and the rate -ln(D)/T held: delta dV/dF, gamma, vega
per 1.00, theta dV/dt per year, rho = -T V, phi = 0; hedgerow.bsm has them in spot terms.

Domain: forward, strike, time and volatility finite and not negative, discount positive and finite;
NaN elsewhere. At zero time, volatility, strike or forward the limit: the discounted intrinsic
value, delta 0, D/2 (at F = K) or D in size, gamma 0, and +inf at F = K.

Measured error (tests/formula/test_black.py, 20-digit tables): price below 7e-15 relative where it
exceeds 1e-20 forwards and 2e-13 down to 1e-290; Greeks below 5e-13 of the sum of their terms;
implied volatility below 5 times what the price in doubles determines, median below 0.3 times.

`implied_volatility_from` takes a seventh argument, `guess`: the volatility of the last quote, say.
Its result is as accurate whatever the guess; a good one, within 20 % or so, saves time. From a bad
one (far off, NaN, zero, negative, infinite) the row is solved as implied_volatility solves it.

Sources: F. Black 1976, "The pricing of commodity contracts"; E. G. Haug 2007, "The Complete Guide
to Option Pricing Formulas", ch. 2; P. Jaeckel 2013/2024, "Let's Be Rational".
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hedgerow import kernels
from hedgerow.results import Greeks, joint

price = kernels.black_price
delta = kernels.black_delta
gamma = kernels.black_gamma
vega = kernels.black_vega
theta = kernels.black_theta
rho = kernels.black_rho
phi = kernels.black_phi
vanna = kernels.black_vanna
volga = kernels.black_volga
charm = kernels.black_charm
veta = kernels.black_veta
speed = kernels.black_speed
zomma = kernels.black_zomma
color = kernels.black_color
ultima = kernels.black_ultima
dual_delta = kernels.black_dual_delta
dual_gamma = kernels.black_dual_gamma
implied_volatility = kernels.black_implied_volatility
implied_volatility_from = kernels.black_implied_volatility_from
price_one = kernels.black_price_one
greeks_one = kernels.black_greeks_one
implied_volatility_one = kernels.black_implied_volatility_one
implied_volatility_from_one = kernels.black_implied_volatility_from_one

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
    "implied_volatility_from",
    "implied_volatility_from_one",
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
    return joint(kernels.black_greeks, out, right, forward, strike, time, volatility, discount)


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
    codes = kernels.black_implied_volatility_status(right, price, forward, strike, time, discount)
    return np.asarray(codes, dtype=np.uint8)
