"""Local volatility: surfaces between expiries, the diffusion they imply, and prices under it.

`SviSurface(times, slices)` puts SVI slices (svi.Parameters; SSVI's by raw()) into one surface:
total variance w = volatility^2 T, linear in T at constant k = ln(strike / forward). Its
`local_volatility(k, T)` is Dupire's, w_T / g with the density factor g, and NaN where the surface
has arbitrage; `check` counts such nodes.

`AndreasenHuge(k, time, volatility)` interpolates quotes themselves: prices that are free of
arbitrage at every strike and time, whatever the quotes, and their local volatility.

`price` values European and American options and continuously watched barriers by finite differences
under a model: one of these surfaces, one constant volatility, or a function that gives the local
variances per year at an array of k = ln(S / forward) and a time. `strikes` and `implied_volatility`
give all strikes and expiries of a model at once, by Dupire's forward equation.

Domain: times, spots and strikes positive and finite; InvalidInput elsewhere. Measured error with
the default mesh: 1.1e-4 in implied volatility from a surface to its local volatility and back, for
expiries from four days to three years at once (docs/local-volatility.md). It falls with the square
of the mesh.

Source: B. Dupire 1994, "Pricing with a smile"; J. Gatheral 2006, "The Volatility Surface";
J. Andreasen and B. Huge 2011, "Volatility interpolation".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from hedgerow import _core, black
from hedgerow._core import AndreasenHuge, Exercise, LeastSquaresOutcome, SviSurface
from hedgerow.errors import InvalidInput

__all__ = [
    "AndreasenHuge",
    "Barrier",
    "Check",
    "LeastSquaresOutcome",
    "Model",
    "Price",
    "SviSurface",
    "Variance",
    "implied_volatility",
    "price",
    "strikes",
]

Barrier = _core.BarrierKind
Check = _core.LocalVolatilityCheck
Variance: TypeAlias = Callable[[npt.NDArray[np.float64], float], npt.ArrayLike]
Model: TypeAlias = SviSurface | AndreasenHuge | float | Variance


class Price(NamedTuple):
    """Values and their derivatives, as floats or arrays of one shape.

    Delta and gamma are in today's spot, the local volatility of every future price and time held.
    `undefined` counts the nodes of the mesh that the model has no local variance at; where it is
    not 0, the rest is NaN.
    """

    price: Any
    delta: Any
    gamma: Any
    undefined: Any


def price(
    model: Model,
    right: npt.ArrayLike,
    spot: npt.ArrayLike,
    strike: npt.ArrayLike,
    time: npt.ArrayLike,
    *,
    rate: npt.ArrayLike,
    carry: npt.ArrayLike,
    exercise: Exercise = Exercise.EUROPEAN,
    barrier: Barrier | None = None,
    level: npt.ArrayLike | None = None,
    nodes: int = 400,
    steps: int = 200,
) -> Price:
    """Prices of calls (right +1) and puts (-1); columns broadcast, an equation each.

    The forward is spot e^(carry t), the discount factor e^(-rate t). A `barrier` has a `level`, is
    watched all the time and pays no rebate; a knock-in must be European. Where the spot is at or
    beyond the barrier, a knock-out is worth 0. `nodes` and `steps` are those of the mesh.
    """
    if (barrier is None) != (level is None):
        raise InvalidInput("level", level, "must be given with a barrier, and with that alone")
    columns = (right, spot, strike, time, rate, carry, 1.0 if level is None else level)
    arrays = np.broadcast_arrays(*(np.asarray(column, float) for column in columns))
    shape = arrays[0].shape
    rights, spots, at, times, rates, carries, levels = (np.ravel(array) for array in arrays)
    if not np.all(np.abs(rights) == 1):
        wrong = rights[np.abs(rights) != 1][0]
        raise InvalidInput("right", wrong, "must be +1 (call) or -1 (put)")
    found = _core.local_volatility_price(
        model,
        rights,
        spots,
        at,
        times,
        rates,
        carries,
        Exercise(exercise) is Exercise.AMERICAN,
        barrier,
        levels,
        nodes,
        steps,
    )
    return Price._make(column.reshape(shape)[()] for column in found)


def strikes(
    model: Model,
    log_moneyness: npt.ArrayLike,
    time: npt.ArrayLike,
    *,
    nodes: int = 400,
    steps: int = 200,
) -> Any:
    """Prices, undiscounted and over the forward, of the options out of the money at ln(K/F).

    The put where log_moneyness < 0, the call elsewhere: one forward equation for all strikes and
    expiries. NaN where the model has no local variance somewhere on the mesh, and more than some
    seven deviations off.
    """
    k, times = np.broadcast_arrays(np.asarray(log_moneyness, float), np.asarray(time, float))
    _, found = _core.local_volatility_strikes(model, np.ravel(k), np.ravel(times), nodes, steps)
    return found.reshape(k.shape)[()]


def implied_volatility(
    model: Model,
    log_moneyness: npt.ArrayLike,
    time: npt.ArrayLike,
    *,
    nodes: int = 400,
    steps: int = 200,
) -> Any:
    """Black's volatilities of strikes()."""
    k = np.asarray(log_moneyness, float)
    found = strikes(model, k, time, nodes=nodes, steps=steps)
    right = np.where(k < 0, -1.0, 1.0)
    return black.implied_volatility(right, found, 1.0, np.exp(k), time, 1.0)
