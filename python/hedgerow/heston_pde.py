"""American, barrier and lookback options in Heston's model, on a grid: what hedgerow.heston offers
beyond European options.

`right`, `strike`, `time` in years, `rate` and `carry` (b = r - q, as in hedgerow.bsm; both
continuously compounded) are numbers; `spot` may be an array of any shape, since one grid has all
spots. Parameters are those of hedgerow.heston, by name. Each function returns GridValues of the
shape of `spot`. The GIL is released.

Domain: strike, time, barrier and extreme positive; parameters as for hedgerow.heston; InvalidInput
elsewhere. A spot that is not positive and finite gives NaN in its place, and so does a grid that is
too coarse: where halving its steps changes the price by more than 3 % of strike or spot.

Method: second-order differences on meshes dense at strike, barrier and today's variance; the
modified Craig-Sneyd scheme (or Hundsdorfer and Verwer's) after two damping steps; early exercise by
operator splitting; lookbacks on the ratio of extreme and spot. The same with all steps doubled
shows most of the error, which is taken off (docs/heston-pde.md).

Measured error on the default Grid, in units of the strike or the extreme
(tests/formula/test_heston_pde.py): European and barrier prices 5e-6, American ones 1e-5, lookbacks
3e-5; 3e-4 where tails are heavy, sigma^2 far above 2 kappa theta over years. Twice the numbers of
the Grid take a factor of eight off most errors of European prices, of three off American ones.

Sources: K. J. In 't Hout and S. Foulon 2010; S. Ikonen and J. Toivanen 2004; T. Haentjens and K. J.
In 't Hout 2015; J. Andreasen 1998.
"""  # noqa: D205

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hedgerow import _core
from hedgerow._core import BarrierKind as Barrier
from hedgerow._core import HestonScheme as Scheme
from hedgerow._core import Right

__all__ = [
    "Barrier",
    "Grid",
    "GridValues",
    "Scheme",
    "american",
    "barrier",
    "european_on_grid",
    "fixed_lookback",
    "floating_lookback",
]


class Grid(NamedTuple):
    """How fine a grid is: even numbers of intervals and steps; the time it takes is their product.

    spots from 40, variances from 8 to 4096; times from 8 to 65536.
    """

    spots: int = 100
    variances: int = 50
    times: int = 50
    scheme: Scheme = Scheme.MODIFIED_CRAIG_SNEYD


class GridValues(NamedTuple):
    """Price, its first two derivatives by the spot, and that by today's variance."""

    price: Any
    delta: Any
    gamma: Any
    v0: Any


DEFAULT = Grid()


def _solved(
    solve: Callable[..., npt.NDArray[np.float64]],
    parameters: Mapping[str, float],
    right: Right,
    terms: tuple[float, float, float, float],
    spot: npt.ArrayLike,
    *others: Any,
) -> GridValues:
    """What a function of the core gives, in the shape of the spots."""
    spots = np.asarray(spot, dtype=np.float64)
    rows = solve(_numbers(**parameters), Right(right), terms, np.ravel(spots), *others)
    return GridValues._make(row.reshape(spots.shape)[()] for row in rows)


def _numbers(
    *, v0: float, kappa: float, theta: float, sigma: float, rho: float
) -> tuple[float, ...]:
    """The parameters as the core takes them; TypeError where one is missing or unknown."""
    return v0, kappa, theta, sigma, rho


def american(
    right: Right,
    spot: npt.ArrayLike,
    strike: float,
    time: float,
    rate: float,
    carry: float,
    *,
    grid: Grid = DEFAULT,
    **parameters: float,
) -> GridValues:
    """American options, to be exercised at any time up to expiry; never below what that pays."""
    terms = (strike, time, rate, carry)
    return _solved(_core.heston_american_pde, parameters, right, terms, spot, grid)


def european_on_grid(
    right: Right,
    spot: npt.ArrayLike,
    strike: float,
    time: float,
    rate: float,
    carry: float,
    *,
    grid: Grid = DEFAULT,
    **parameters: float,
) -> GridValues:
    """European options on the grid that american() takes, for the premium of early exercise.

    heston.price is exact and faster.
    """
    terms = (strike, time, rate, carry)
    return _solved(_core.heston_european_pde, parameters, right, terms, spot, grid)


def barrier(
    right: Right,
    spot: npt.ArrayLike,
    strike: float,
    time: float,
    rate: float,
    carry: float,
    *,
    kind: Barrier,
    level: float,
    rebate: float = 0.0,
    grid: Grid = DEFAULT,
    **parameters: float,
) -> GridValues:
    """European options with one barrier at `level`, watched continuously.

    `rebate` is paid at the moment at which an option is knocked out, and 0 for what a barrier lets
    in. A spot at or beyond the barrier has hit. In and out add up to the European option on its own
    grid.
    """
    terms, knock = (strike, time, rate, carry), (kind, level, rebate)
    return _solved(_core.heston_barrier_pde, parameters, right, terms, spot, grid, *knock)


def floating_lookback(
    right: Right,
    spot: npt.ArrayLike,
    extreme: float,
    time: float,
    rate: float,
    carry: float,
    *,
    grid: Grid = DEFAULT,
    **parameters: float,
) -> GridValues:
    """Lookbacks whose strike is the extreme: call S_T - min, put max - S_T.

    `extreme` is the least spot so far for a call, the greatest for a put; a spot beyond it is the
    extreme itself. Watched continuously.
    """
    terms = (extreme, time, rate, carry)
    return _solved(_core.heston_floating_lookback_pde, parameters, right, terms, spot, grid)


def fixed_lookback(
    right: Right,
    spot: npt.ArrayLike,
    strike: float,
    time: float,
    rate: float,
    carry: float,
    *,
    extreme: float,
    grid: Grid = DEFAULT,
    **parameters: float,
) -> GridValues:
    """Lookbacks on the extreme: call max(max - strike, 0), put max(strike - min, 0).

    `extreme` is the greatest spot so far for a call, the least for a put; a spot beyond it is the
    extreme itself. Watched continuously.
    """
    terms = (strike, time, rate, carry)
    return _solved(_core.heston_fixed_lookback_pde, parameters, right, terms, spot, grid, extreme)
