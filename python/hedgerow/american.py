"""American options under Black-Scholes-Merton with any cost of carry: exercise at any time.

Every function is a NumPy ufunc: arguments broadcast, `out=` and `where=` work, the GIL is released,
long columns run on all threads (hedgerow.set_num_threads).
A ufunc takes its arguments by place; the doors for one option take names too.
Arguments: as in hedgerow.bsm. `right` +1 call or -1 put (Right), `spot` and `strike` in money,
`time` in years, `volatility` a decimal per year, `rate` r and `carry` b continuously compounded;
b = r - q for a dividend or foreign yield q.

`exercise_boundary(right, strike, time, volatility, rate, carry)` is the spot at which an exercise
now becomes best: a put's is below the strike, 0 where it never is, a call's above, or inf.
`implied_volatility(right, price, spot, strike, time, rate, carry)` inverts `price`, and
`implied_volatility_status` says where it can't.

Where the exercise is never best before expiry, the price is that of hedgerow.bsm, bit for bit: a
put with r <= 0 and q >= r, a call with q <= 0 and r >= q.

Domain: that of hedgerow.bsm without the rates under which the exercise is best between two
boundaries, a put with q < r < 0 and a call with r < q < 0; NaN elsewhere. Without time, volatility,
strike or spot: the most that an exercise brings until expiry.

Measured error (tests/formula/test_american.py, 240 rows of 1e-10): price 1.3e-7 of the strike in
the mean square and 9e-7 at most, where 3 days to 5 years are left and volatilities are 0.06 to 1;
docs/american.md has the Greeks' and what lies beyond.

Source: L. Andersen, M. Lake and D. Offengenden 2016, "High performance American option pricing";
M. Li 2010, "Analytical approximations for the critical stock prices of American options".
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hedgerow import kernels
from hedgerow.results import filled

price = kernels.american_price
delta = kernels.american_delta
gamma = kernels.american_gamma
vega = kernels.american_vega
theta = kernels.american_theta
rho = kernels.american_rho
phi = kernels.american_phi
exercise_boundary = kernels.american_exercise_boundary
implied_volatility = kernels.american_implied_volatility
price_one = kernels.american_price_one
implied_volatility_one = kernels.american_implied_volatility_one

__all__ = [
    "AmericanGreeks",
    "delta",
    "exercise_boundary",
    "gamma",
    "greeks",
    "implied_volatility",
    "implied_volatility_one",
    "implied_volatility_status",
    "phi",
    "price",
    "price_one",
    "rho",
    "theta",
    "vega",
]


class AmericanGreeks(NamedTuple):
    """The price and six derivatives as in hedgerow.Greeks, floats or arrays of one shape."""

    price: Any
    delta: Any
    gamma: Any
    vega: Any
    theta: Any
    rho: Any
    phi: Any


def greeks(
    right: npt.ArrayLike,
    spot: npt.ArrayLike,
    strike: npt.ArrayLike,
    time: npt.ArrayLike,
    volatility: npt.ArrayLike,
    rate: npt.ArrayLike,
    carry: npt.ArrayLike,
    *,
    out: AmericanGreeks | None = None,
) -> AmericanGreeks:
    """Price and Greeks in one pass, by name: arrays, or np.float64 for one option.

    It takes three times as long as a price; a single Greek takes as long as all of them. `out` is
    an earlier result of the same shape, whose arrays are filled again.
    """
    arguments = right, spot, strike, time, volatility, rate, carry
    return AmericanGreeks._make(filled(kernels.american_greeks, out, *arguments))


def implied_volatility_status(
    right: npt.ArrayLike,
    price: npt.ArrayLike,
    spot: npt.ArrayLike,
    strike: npt.ArrayLike,
    time: npt.ArrayLike,
    rate: npt.ArrayLike,
    carry: npt.ArrayLike,
) -> npt.NDArray[np.uint8]:
    """Why implied_volatility is or is not a number, as Status codes: OK, BELOW_INTRINSIC,
    ABOVE_MAXIMUM or INVALID_INPUT.
    """  # noqa: D205
    codes = kernels.american_implied_volatility_status(
        right, price, spot, strike, time, rate, carry
    )
    return np.asarray(codes, dtype=np.uint8)
