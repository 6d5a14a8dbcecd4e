"""Prices in models known by their characteristic functions: what heston, bates, merton, kou,
variance_gamma and normal_inverse_gaussian share.

Columns broadcast: `right` (+1 call, -1 put, hr.Right), `forward` and `strike` in money, `time` in
years, `discount` the price of one unit of money at expiry. The model's parameters are numbers,
after the columns and by name. Rows of one time form a strip, which evaluates the characteristic
function once for all its strikes: give a whole chain in one call. The GIL is released.

Domain: forward, strike and discount positive and finite, time not negative; NaN elsewhere, row by
row, and NaN for NaN. At time 0 prices are intrinsic values. Parameters outside a model's domain
raise InvalidInput.

Greeks are raw derivatives as those of hedgerow.black: delta and gamma in the forward F, theta dV/dt
per year, with the sign of calendar decay and with F and the rate -ln(D)/T held; dual delta dV/dK
and dual gamma d2V/dK2, the discounted density at the strike. In spot terms delta is dF/dS times
that in the forward and gamma (dF/dS)^2 times; dF/dS = F/S where carry is proportional. They are
*model* deltas: the parameters, a variance today among them, stay as they are while F moves.

Measured error (tests/formula/test_fourier.py, test_fourier_greeks.py; tables of 20 digits):
absolute, prices 1e-10 and derivatives in parameters, v0 too, 2e-8 of D max(F, sqrt(F K)); delta and
dual delta 1e-10 of D max(1, sqrt(K/F)) and D max(1, sqrt(F/K)), gamma and dual gamma 2e-9 of
D sqrt(F K)/F^2 and D sqrt(F K)/K^2, theta 1e-10 of D max(F, sqrt(F K))/T.

Method: Fourier inversion on the real axis with a lognormal control where it converges soon, on a
curved path where tails are heavy and decay is slow; the choice is automatic (docs/fourier.md). A
price may depend on the other strikes of its strip within the stated error.
"""  # noqa: D205

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from hedgerow import _core, black
from hedgerow._core import FourierModel, LeastSquaresOutcome

__all__ = ["Fit", "Greeks", "StripModel", "VarianceGreeks", "VarianceStripModel"]

P = TypeVar("P", bound=NamedTuple)
G = TypeVar("G", bound=NamedTuple)
Array = npt.NDArray[np.float64]


class Greeks(NamedTuple):
    """The price and its derivatives in forward, time and strike, as floats or arrays."""

    price: Any
    delta: Any
    gamma: Any
    theta: Any
    dual_delta: Any
    dual_gamma: Any


class VarianceGreeks(NamedTuple):
    """The same, and the derivative in the variance today: what is vega to these models."""

    price: Any
    delta: Any
    gamma: Any
    theta: Any
    dual_delta: Any
    dual_gamma: Any
    v0: Any


class Fit(NamedTuple, Generic[P]):
    """What a fit found, and in what state it is: trust it where `outcome` is CONVERGED."""

    outcome: LeastSquaresOutcome
    parameters: P
    standard_errors: P
    cost: float
    iterations: int


def _columns(*columns: npt.ArrayLike) -> tuple[list[Array], tuple[int, ...]]:
    """The columns in one dimension, and the shape to which they broadcast."""
    arrays = [np.asarray(column, dtype=np.float64) for column in columns]
    shape = arrays[2].shape
    if any(array.shape != shape for array in arrays):
        arrays = list(np.broadcast_arrays(*arrays))
        shape = arrays[2].shape
    return (arrays if len(shape) == 1 else [np.ravel(array) for array in arrays]), shape


def _shaped(results: Array, shape: tuple[int, ...]) -> Array:
    """Results x the shape of the columns."""
    return results if len(shape) == 1 else results.reshape((len(results), *shape))


class StripModel(Generic[P, G]):
    """The functions of one model; its module gives them their names.

    Makes the model's own Parameters, Greeks and Gradient; `start` guesses parameters from the
    variances near the money of the first and the last expiry.
    """

    def __init__(
        self,
        model: FourierModel,
        parameters: Callable[..., P],
        greeks: Callable[..., G],
        gradient: Callable[..., Any],
        start: Callable[[float, float], Mapping[str, float]],
    ) -> None:
        self._model = model
        self._parameters = parameters
        self._greeks = greeks
        self._gradient = gradient
        self._start = start

    def _numbers(self, parameters: Mapping[str, float]) -> list[float]:
        return [float(number) for number in self._parameters(**parameters)]

    def _evaluate(
        self, columns: tuple[Any, ...], parameters: Mapping[str, float], gradient: bool
    ) -> Array:
        (right, forward, strike, time, discount), shape = _columns(*columns)
        numbers = self._numbers(parameters)
        results = _core.fourier_price(
            self._model, numbers, right, forward, strike, time, discount, gradient
        )
        return _shaped(results, shape)

    def price(
        self,
        right: npt.ArrayLike,
        forward: npt.ArrayLike,
        strike: npt.ArrayLike,
        time: npt.ArrayLike,
        discount: npt.ArrayLike,
        **parameters: float,
    ) -> Any:
        """Prices of European options: an array of the shape of the columns, np.float64 for one."""
        columns = (right, forward, strike, time, discount)
        return self._evaluate(columns, parameters, False)[0]

    def greeks(
        self,
        right: npt.ArrayLike,
        forward: npt.ArrayLike,
        strike: npt.ArrayLike,
        time: npt.ArrayLike,
        discount: npt.ArrayLike,
        **parameters: float,
    ) -> G:
        """The price and its Greeks in one pass, by name."""
        (rights, forwards, strikes, times, discounts), shape = _columns(
            right, forward, strike, time, discount
        )
        numbers = self._numbers(parameters)
        results = _core.fourier_greeks(
            self._model, numbers, rights, forwards, strikes, times, discounts
        )
        return self._greeks(*_shaped(results, shape))

    def gradient(
        self,
        right: npt.ArrayLike,
        forward: npt.ArrayLike,
        strike: npt.ArrayLike,
        time: npt.ArrayLike,
        discount: npt.ArrayLike,
        **parameters: float,
    ) -> Any:
        """The price and its derivatives in the parameters in one pass, by name."""
        columns = (right, forward, strike, time, discount)
        return self._gradient(*self._evaluate(columns, parameters, True))

    def fit(
        self,
        right: npt.ArrayLike,
        forward: npt.ArrayLike,
        strike: npt.ArrayLike,
        time: npt.ArrayLike,
        discount: npt.ArrayLike,
        price: npt.ArrayLike,
        *,
        weight: npt.ArrayLike | None = None,
        start: P | Mapping[str, float] | None = None,
        low: Mapping[str, float] | None = None,
        high: Mapping[str, float] | None = None,
        most_iterations: int = 100,
    ) -> Fit[P]:
        """The parameters that price a chain best: Levenberg-Marquardt, analytic derivatives.

        Columns broadcast. The sum of (weight (model - price))^2 is minimized; without weights these
        are 1 / vega at the quote's own implied volatility, so that residuals are in volatility.
        `start` are all parameters, as those of an earlier fit; without them a guess from the first
        and the last expiry near the money. `low` and `high` override single bounds.

        A quote that is NaN, outside the domain of price() or, without weights, of no implied
        volatility gives the outcome NOT_FINITE: leave it out. The standard errors are those of
        residuals of size 1, 0 on a bound.
        """
        columns, _ = _columns(right, forward, strike, time, discount, price)
        rights, forwards, strikes, times, discounts, prices = columns
        weights, variances = _quoted(columns, weight, start is None)
        known = self._start(*variances) if start is None else start
        first = self._parameters(**known) if isinstance(known, Mapping) else known
        lowest, highest = (self._parameters(*b) for b in _core.fourier_bounds(self._model))
        outcome, found, errors, cost, iterations = _core.fit_fourier(
            self._model,
            rights,
            forwards,
            strikes,
            times,
            discounts,
            prices,
            weights,
            first,
            lowest._replace(**(low or {})),
            highest._replace(**(high or {})),
            most_iterations,
        )
        return Fit(outcome, self._parameters(*found), self._parameters(*errors), cost, iterations)


class VarianceStripModel(StripModel[P, VarianceGreeks]):
    """A model whose variance has a value today, v0, and moves with the forward: sigma and rho."""

    def minimum_variance_delta(
        self,
        right: npt.ArrayLike,
        forward: npt.ArrayLike,
        strike: npt.ArrayLike,
        time: npt.ArrayLike,
        discount: npt.ArrayLike,
        **parameters: float,
    ) -> Any:
        """The delta that leaves the least variance where the forward alone is traded.

        delta + (rho sigma / F) dV/dv0: the variance moves as it does on average with the forward.
        It stands for continuous moves; jumps, where there are any, keep theirs. Bakshi, Cao and
        Chen 1997, "Empirical performance of alternative option pricing models"; J. Hull and A.
        White 2017, "Optimal delta hedging for options".
        """
        greeks = self.greeks(right, forward, strike, time, discount, **parameters)
        slope = parameters["rho"] * parameters["sigma"] / np.asarray(forward, dtype=np.float64)
        return greeks.delta + slope * greeks.v0


def _quoted(
    columns: list[Array], weight: npt.ArrayLike | None, guess: bool
) -> tuple[Array, tuple[float, float]]:
    """The weights of quotes, and what a start is guessed from where it is."""
    right, forward, strike, time, discount, price = columns
    volatility = np.full(len(price), np.nan)
    if weight is None or guess:
        volatility = black.implied_volatility(right, price, forward, strike, time, discount)
    if weight is None:
        vega = black.vega(right, forward, strike, time, volatility, discount)
        weights = 1.0 / np.maximum(vega, 1e-3 * np.sqrt(time) * forward * discount)
    else:
        weights = np.ravel(np.broadcast_to(np.asarray(weight, float), np.shape(price)))
    variance = volatility**2
    known = np.flatnonzero(np.isfinite(variance) & (variance > 0))
    if known.size == 0:
        return weights, (0.04, 0.04)
    distance = np.abs(strike / forward - 1)
    ends = [known[time[known] == end(time[known])] for end in (np.min, np.max)]
    first, last = (float(variance[e[np.argmin(distance[e])]]) for e in ends)
    return weights, (first, last)
