"""SABR: implied volatilities of one expiry from alpha, beta, rho and nu.

Arguments broadcast: forward and strikes in money, time in years; volatilities are decimals per root
year (those of `hedgerow.black`, or of `hedgerow.displaced` where there is a shift) or, the normal
ones, money per root year (of `hedgerow.bachelier`).

Domain: parameters in their ranges, which SabrParameters sees to; forward + shift and strike + shift
positive (any number in the normal model, beta = 0, at normal volatilities), time not negative; NaN
elsewhere, and where the expansion gives no positive volatility.

Measured error: 1e-15 of Black volatilities and 2e-15 of normal ones against the same formula in 60
digits, 3e-15 of derivatives (3e-14 of the second one in strike, relative to volatility / strike^2),
2e-14 (1 + d^2) of the terms that densities are the sum of. The expansion itself errs by more: by up
to 0.26 in the Monte Carlo values of Antonov and Spector 2012 at low strikes and twenty years, by
less than 0.03 from 0.6 forwards on at ten.

Its volatilities are not free of arbitrage at all strikes: `butterfly` finds between which ones they
are.

Source: Hagan, Kumar, Lesniewski and Woodward 2002, "Managing smile risk"; Obloj 2008, "Fine-tune
your smile".
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hedgerow import _core, displaced
from hedgerow._core import LeastSquaresOutcome, SabrButterfly, SabrFit, SabrParameters

__all__ = [
    "Derivatives",
    "LeastSquaresOutcome",
    "SabrButterfly",
    "SabrFit",
    "SabrParameters",
    "alpha",
    "bartlett_delta",
    "butterfly",
    "delta",
    "density",
    "density_factor",
    "derivatives",
    "fit",
    "normal_density",
    "normal_derivatives",
    "normal_volatility",
    "volatility",
]


class Derivatives(NamedTuple):
    """A volatility and its derivatives, as floats or arrays of one shape.

    `by_forward` holds alpha; in `by_forward_and_alpha` alpha moves as it does on average, by
    rho nu / F^beta: times vega, it is what to add to the delta of Black (Bartlett 2006).
    """

    volatility: Any
    by_alpha: Any
    by_rho: Any
    by_nu: Any
    by_forward: Any
    by_strike: Any
    by_strike_twice: Any
    by_forward_and_alpha: Any


def volatility(
    parameters: SabrParameters, forward: npt.ArrayLike, strikes: npt.ArrayLike, time: npt.ArrayLike
) -> Any:
    """Black volatilities per root year: a float, or an array where an argument is one."""
    return _core.sabr_volatility(parameters, forward, strikes, time)


def normal_volatility(
    parameters: SabrParameters, forward: npt.ArrayLike, strikes: npt.ArrayLike, time: npt.ArrayLike
) -> Any:
    """Bachelier volatilities in money per root year, to the same order in time."""
    return _core.sabr_normal_volatility(parameters, forward, strikes, time)


def _named(function: Any, parameters: SabrParameters, *columns: npt.ArrayLike) -> Derivatives:
    arrays = np.broadcast_arrays(*(np.asarray(column, dtype=float) for column in columns))
    rows = function(parameters, *(np.ravel(array) for array in arrays))
    shape = arrays[0].shape
    return Derivatives._make(row.reshape(shape)[()] for row in rows)


def derivatives(
    parameters: SabrParameters, forward: npt.ArrayLike, strikes: npt.ArrayLike, time: npt.ArrayLike
) -> Derivatives:
    """Black volatilities and their derivatives, by name."""
    return _named(_core.sabr_derivatives, parameters, forward, strikes, time)


def normal_derivatives(
    parameters: SabrParameters, forward: npt.ArrayLike, strikes: npt.ArrayLike, time: npt.ArrayLike
) -> Derivatives:
    """Bachelier volatilities and their derivatives, by name."""
    return _named(_core.sabr_normal_derivatives, parameters, forward, strikes, time)


def delta(
    parameters: SabrParameters,
    right: npt.ArrayLike,
    forward: npt.ArrayLike,
    strikes: npt.ArrayLike,
    time: npt.ArrayLike,
    discount: npt.ArrayLike,
) -> Any:
    """dV/dF where alpha holds: Black's delta + vega dsigma/dF. Hagan et al. 2002, equation 3.9."""
    return _delta(parameters, right, forward, strikes, time, discount, "by_forward")


def bartlett_delta(
    parameters: SabrParameters,
    right: npt.ArrayLike,
    forward: npt.ArrayLike,
    strikes: npt.ArrayLike,
    time: npt.ArrayLike,
    discount: npt.ArrayLike,
) -> Any:
    """dV/dF where alpha moves with the forward as it does on average.

    The delta of least variance in the model. Bartlett 2006, "Hedging under SABR model".
    """
    return _delta(parameters, right, forward, strikes, time, discount, "by_forward_and_alpha")


def _delta(
    parameters: SabrParameters,
    right: npt.ArrayLike,
    forward: npt.ArrayLike,
    strikes: npt.ArrayLike,
    time: npt.ArrayLike,
    discount: npt.ArrayLike,
    slope: str,
) -> Any:
    smile = derivatives(parameters, forward, strikes, time)
    columns = (right, forward, strikes, time, smile.volatility, discount, parameters.shift)
    return displaced.delta(*columns) + displaced.vega(*columns) * getattr(smile, slope)


def density(
    parameters: SabrParameters, forward: npt.ArrayLike, strikes: npt.ArrayLike, time: npt.ArrayLike
) -> Any:
    """Densities of the underlying at expiry that Black calls on the smile imply, per unit of money.

    Negative where butterflies cost less than nothing. Breeden and Litzenberger 1978.
    """
    return _core.sabr_density(parameters, forward, strikes, time)


def normal_density(
    parameters: SabrParameters, forward: npt.ArrayLike, strikes: npt.ArrayLike, time: npt.ArrayLike
) -> Any:
    """The same of Bachelier calls at the normal volatilities."""
    return _core.sabr_normal_density(parameters, forward, strikes, time)


def density_factor(
    parameters: SabrParameters, forward: npt.ArrayLike, strikes: npt.ArrayLike, time: npt.ArrayLike
) -> Any:
    """What has the density's sign where that is too small for a float; 1 for a flat smile."""
    return _core.sabr_density_factor(parameters, forward, strikes, time)


def butterfly(
    parameters: SabrParameters, forward: float, time: float, *, low: float, high: float
) -> SabrButterfly:
    """Searches the strikes from `low` to `high` for negative densities.

    Finds the least density factor and the widest range around the forward without a negative one.
    Looked at are 257 strikes even in ln(strike + shift), and minima between them: a dip that begins
    and ends between two of them would go unseen. Raises InvalidInput unless
    -shift < low < forward < high.
    """
    return _core.sabr_butterfly(parameters, forward, time, low, high)


def alpha(
    parameters: SabrParameters,
    volatility: npt.ArrayLike,
    forward: npt.ArrayLike,
    time: npt.ArrayLike,
) -> Any:
    """The alpha at which the Black volatility at the money is `volatility`.

    The least positive root of a cubic, NaN where there is none; alpha of `parameters` is not read.
    """
    return _core.sabr_alpha(parameters, volatility, forward, time)


def fit(
    strikes: npt.ArrayLike,
    volatilities: npt.ArrayLike,
    *,
    forward: float,
    time: float,
    beta: float,
    shift: float = 0.0,
    weights: npt.ArrayLike | None = None,
    start: SabrParameters | None = None,
    at_the_money: float | None = None,
    robust_scale: float = np.inf,
    most_iterations: int = 100,
) -> SabrFit:
    """Fits alpha, rho and nu to the Black volatilities of one expiry, at fixed beta and shift.

    Minimizes weighted squared differences of volatilities. `weights` are relative, 0 leaves a quote
    out, all alike unless given. `start` is an earlier fit's parameters to begin at; `at_the_money`
    the volatility at the forward that alpha is then to give exactly. Differences (times the root of
    their weight) well above `robust_scale` count as they are, not squared.

    The outcome says whether the parameters can be trusted. Raises InvalidInput for numbers out of
    range, named with their place, and for fewer than three different strikes (two with
    `at_the_money`).
    """
    return _core.fit_sabr(
        strikes,
        volatilities,
        weights,
        forward,
        time,
        beta,
        shift,
        start,
        at_the_money,
        robust_scale,
        most_iterations,
    )
