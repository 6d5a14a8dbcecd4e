"""Black-Scholes-Merton with any cost of carry: European options on a spot price.

V = right (S e^((b-r)T) N(right d1) - K e^(-rT) N(right d2)), d1,2 = (ln(S/K) + b T)/s +- s/2.

Single outputs are NumPy ufuncs: arguments broadcast, `out=` and `where=` work, the GIL is released,
long columns run on all threads (hedgerow.set_num_threads).
A ufunc takes its arguments by place; `greeks`, `net_greeks`, which sums by group, and the doors for
one option are functions and take names too.
Arguments: `right` +1 call or -1 put (Right), `spot` and `strike` in money, `time` in years,
`volatility` a decimal per year, `rate` r and `carry` b continuously compounded; b = r - q for a
dividend or foreign yield q, b = 0 for a future, b = r for a coin that pays nothing.

Greeks are raw derivatives: delta dV/dS, vega per 1.00, theta dV/dt per year of calendar time, rho
dV/dr at fixed q, phi dV/dq at fixed r. hedgerow.desk has the desk's units.

Domain: spot, strike, time and volatility finite and not negative, rates finite; NaN elsewhere. At
zero time, volatility, strike or spot the limit: the discounted intrinsic value, delta 0, 1/2 (at
the kink) or 1 in size times e^((b-r)T), gamma 0, and +inf at the kink.

Measured error (tests/formula/test_bsm.py, 3,106 rows of 20 digits): below 5e-13 relative for price
and Greeks above 1e-290 of the spot; theta relative to the sum of its terms.

Sources: F. Black and M. Scholes 1973; R. C. Merton 1973; E. G. Haug 2007, ch. 1-2.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hedgerow import _core, kernels
from hedgerow.errors import InvalidInput
from hedgerow.results import Greeks, joint

price = kernels.bsm_price
delta = kernels.bsm_delta
gamma = kernels.bsm_gamma
vega = kernels.bsm_vega
theta = kernels.bsm_theta
rho = kernels.bsm_rho
phi = kernels.bsm_phi
vanna = kernels.bsm_vanna
volga = kernels.bsm_volga
charm = kernels.bsm_charm
veta = kernels.bsm_veta
speed = kernels.bsm_speed
zomma = kernels.bsm_zomma
color = kernels.bsm_color
ultima = kernels.bsm_ultima
dual_delta = kernels.bsm_dual_delta
dual_gamma = kernels.bsm_dual_gamma
price_one = kernels.bsm_price_one
greeks_one = kernels.bsm_greeks_one

__all__ = [
    "charm",
    "color",
    "delta",
    "dual_delta",
    "dual_gamma",
    "gamma",
    "greeks",
    "greeks_one",
    "net_greeks",
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
    spot: npt.ArrayLike,
    strike: npt.ArrayLike,
    time: npt.ArrayLike,
    volatility: npt.ArrayLike,
    rate: npt.ArrayLike,
    carry: npt.ArrayLike,
    *,
    out: Greeks | None = None,
) -> Greeks:
    """Price and all sixteen Greeks in one pass, by name: arrays, or np.float64 for one option.

    `out` is an earlier result of the same shape, whose arrays are filled again: for long columns,
    new memory costs more than the arithmetic.
    """
    return joint(kernels.bsm_greeks, out, right, spot, strike, time, volatility, rate, carry)


def net_greeks(
    right: npt.ArrayLike,
    spot: npt.ArrayLike,
    strike: npt.ArrayLike,
    time: npt.ArrayLike,
    volatility: npt.ArrayLike,
    rate: npt.ArrayLike,
    carry: npt.ArrayLike,
    quantity: npt.ArrayLike,
    group: npt.ArrayLike,
    groups: int,
) -> Greeks:
    """Price and all sixteen Greeks times quantity, summed by group: arrays of `groups` numbers.

    The sums of what `greeks` returns without a number per option: options are valued block by block
    in scratch, on all threads (set_num_threads) and without the GIL; the memory taken does not grow
    with their number. The same bits for any number of threads.

    `quantity` and `group`, an integer below `groups`, are arrays of one length; every other
    argument has that length too or is one number for all. Contiguous float64 arrays, and uint32
    groups, are read where they are; others are converted. An option outside the domain makes the
    sums of its group NaN. Raises InvalidInput where shapes or groups do not fit.
    """
    sums = _core.bsm_net_greeks(
        _column("right", right),
        _column("spot", spot),
        _column("strike", strike),
        _column("time", time),
        _column("volatility", volatility),
        _column("rate", rate),
        _column("carry", carry),
        _column("quantity", quantity),
        _codes(group),
        groups,
    )
    return Greeks(*sums)


def _column(name: str, numbers: npt.ArrayLike) -> npt.NDArray[np.float64]:
    array = np.atleast_1d(np.asarray(numbers, dtype=np.float64))
    if array.ndim != 1:
        raise InvalidInput(name, f"an array of shape {array.shape}", "must be of one dimension")
    return array


def _codes(group: npt.ArrayLike) -> npt.NDArray[np.uint32]:
    codes = np.atleast_1d(np.asarray(group))
    if codes.ndim != 1:
        raise InvalidInput("group", f"an array of shape {codes.shape}", "must be of one dimension")
    if codes.dtype == np.uint32:
        return codes
    if not codes.size:
        return np.empty(0, dtype=np.uint32)
    if codes.dtype.kind not in "iu":
        raise InvalidInput("group", f"an array of {codes.dtype}", "must be integers from 0")
    for code in (codes.min(), codes.max()):
        if not 0 <= code < 2**32:
            raise InvalidInput("group", int(code), "must be integers from 0")
    return codes.astype(np.uint32)
