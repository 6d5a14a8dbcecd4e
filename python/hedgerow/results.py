"""Results of the joint functions, by name."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Greeks(NamedTuple):
    """The price and its sixteen raw derivatives, as floats or arrays of one shape.

    S is the spot (or the forward, in forward terms), K the strike; vega per 1.00 of volatility, rho
    and phi per 1.00 of rate, theta and all derivatives in time per year of calendar time.
    """

    price: Any
    delta: Any
    gamma: Any
    vega: Any
    theta: Any
    rho: Any
    phi: Any
    vanna: Any
    volga: Any
    charm: Any
    veta: Any
    speed: Any
    zomma: Any
    color: Any
    ultima: Any
    dual_delta: Any
    dual_gamma: Any


def joint(ufunc: np.ufunc, out: Greeks | None, *arguments: Any) -> Greeks:
    """What a ufunc that fills all Greeks gives, by name; in the arrays of `out` if there is one."""
    return Greeks._make(filled(ufunc, out, *arguments))


def filled(ufunc: np.ufunc, out: tuple[Any, ...] | None, *arguments: Any) -> tuple[Any, ...]:
    """The outputs of a ufunc of several, in the arrays of `out` if there is one."""
    made: tuple[Any, ...] = ufunc(*arguments) if out is None else ufunc(*arguments, out=tuple(out))
    return made
