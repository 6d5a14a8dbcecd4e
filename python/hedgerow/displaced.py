"""Displaced Black: the shifted lognormal model, Black-76 on F + shift and K + shift.

Every function is a NumPy ufunc: arguments broadcast, `out=` and `where=` work, the GIL is released,
long columns run on all threads (hedgerow.set_num_threads).
A ufunc takes its arguments by place; `greeks` and the doors for one option take names too.
Arguments: as in hedgerow.black, then `shift` in money, which moves the lower bound of the forward
from 0 to -shift, so that rates and spreads may be negative. Greeks are derivatives in F itself.

Domain: forward + shift and strike + shift not negative, the rest as in hedgerow.black; NaN
elsewhere. Measured error: that of hedgerow.black on the shifted inputs, whose sums are rounded.

Source: M. Rubinstein 1983, "Displaced diffusion option pricing".
"""

from __future__ import annotations

import numpy.typing as npt

from hedgerow import kernels
from hedgerow.results import Greeks, joint

price = kernels.displaced_price
delta = kernels.displaced_delta
gamma = kernels.displaced_gamma
vega = kernels.displaced_vega
theta = kernels.displaced_theta
rho = kernels.displaced_rho
phi = kernels.displaced_phi
vanna = kernels.displaced_vanna
volga = kernels.displaced_volga
charm = kernels.displaced_charm
veta = kernels.displaced_veta
speed = kernels.displaced_speed
zomma = kernels.displaced_zomma
color = kernels.displaced_color
ultima = kernels.displaced_ultima
dual_delta = kernels.displaced_dual_delta
dual_gamma = kernels.displaced_dual_gamma
price_one = kernels.displaced_price_one
greeks_one = kernels.displaced_greeks_one

__all__ = [
    "charm",
    "color",
    "delta",
    "dual_delta",
    "dual_gamma",
    "gamma",
    "greeks",
    "greeks_one",
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
    shift: npt.ArrayLike,
    *,
    out: Greeks | None = None,
) -> Greeks:
    """Price and all sixteen Greeks in one pass, by name: arrays, or np.float64 for one option.

    `out` is an earlier result of the same shape, whose arrays are filled again: for long columns,
    new memory costs more than the arithmetic.
    """
    return joint(
        kernels.displaced_greeks, out, right, forward, strike, time, volatility, discount, shift
    )
