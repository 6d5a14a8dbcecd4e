"""Simulation of Heston, Bates and local volatility: paths, and prices of what depends on them.

    model = hr.heston.Parameters(v0=0.04, kappa=1.5, theta=0.05, sigma=0.4, rho=-0.7)
    draws = hr.simulate.Simulation(model, paths=100_000, seed=1)
    price, error = draws.asian(hr.Right.CALL, 100.0, [90.0, 100.0, 110.0], times, 0.97)

Method: Andersen's scheme QE-M, which keeps the conditional mean and variance of the variance and
makes the forward a martingale in every step; Bates' jumps are exact. What is left is a bias from
the length of the steps and the standard error: docs/simulation.md measures both. Paths under a
local volatility (`local_volatility_paths`) take Euler's steps in the logarithm.

Random numbers: Philox4x32-10, counted by seed, path and step. The same simulation gives the same
bits for any number of threads, and path k the same for any number of paths. Another seed gives
independent paths.

Source: L. B. G. Andersen 2008, "Simple and efficient simulation of the Heston stochastic volatility
model"; J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw 2011, "Parallel random numbers: as
easy as 1, 2, 3".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from itertools import count as count_from
from operator import index
from typing import Any, NamedTuple, SupportsFloat, TypeAlias

import numpy as np
import numpy.typing as npt

from hedgerow import _core, bates, heston
from hedgerow._core import AndreasenHuge, FourierModel, PathPayoff, SviSurface, build_config
from hedgerow.errors import InvalidInput
from hedgerow.local_volatility import Model

__all__ = ["Estimate", "PathPayoff", "Paths", "Simulation", "local_volatility_paths"]

# Model, parameters, times, step, seed, paths, antithetic: as the core takes them.
Plan: TypeAlias = tuple[FourierModel, list[float], npt.NDArray[np.float64], float, int, int, bool]
#: Paths that are moved together: what they need stays near the processor.
TOGETHER = 8_192
BARRIERS = (
    PathPayoff.UP_AND_OUT,
    PathPayoff.UP_AND_IN,
    PathPayoff.DOWN_AND_OUT,
    PathPayoff.DOWN_AND_IN,
)


class Estimate(NamedTuple):
    """Prices and their standard errors: arrays of one shape, or np.float64 for one option."""

    price: Any
    standard_error: Any


class Paths(NamedTuple):
    """Times, and F_t/F_0 and the variance on every path: paths x times each.

    Columns are contiguous: the paths of one time lie side by side in memory.
    """

    times: npt.NDArray[np.float64]
    forward_ratio: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]


def number(argument: str, value: Any, least: int, bits: int) -> int:
    """An integer from `least` on that fits into so many bits."""
    try:
        whole = index(value)
    except TypeError:
        raise InvalidInput(argument, value, "must be an integer") from None
    if not least <= whole < 2**bits:
        raise InvalidInput(argument, value, f"must be from {least} to 2^{bits} - 1")
    return whole


def require_plan(paths: Any, seed: Any, step: float, antithetic: bool) -> None:
    """InvalidInput for what no simulation can be drawn with."""
    number("paths", paths, 1, 62)
    if antithetic and paths % 2:
        raise InvalidInput("paths", paths, "must be even for antithetic pairs")
    number("seed", seed, 0, 64)
    if not (step > 0 and np.isfinite(step)):
        raise InvalidInput("step", step, "must be positive and finite")


@dataclass(frozen=True)
class Simulation:
    """Paths of a model, drawn anew and alike in every call: how many, from which seed, how finely.

    model: heston.Parameters or bates.Parameters, domains as there.
    paths: how many.
    seed: from 0 to 2^64 - 1.
    step: the longest step, in years. The time from one observation to the next is cut into equal
    steps no longer than it. Where rho > 0 a step must be short against 1/(rho sigma), or there is
    no drift that makes the forward a martingale.
    antithetic: paths 2k and 2k + 1 take the uniforms u and 1 - u; `paths` must be even then.

    Prices: `right` is +1 or -1 (hr.Right), `forward` in money, one number for all times or one per
    time, `discount` the price of one unit of money at the last time. Right, strike and barrier
    broadcast; all options of a call share the paths. Only the given times are observed. A row
    outside the domain (strike and barrier positive) is NaN. Controls, by least squares: S_T,
    or the mean of S for options on means, against forwards and, but for European and floating
    lookback options, the European option of the same strike against its exact price, that of
    heston.price or bates.price. No path is kept.

    InvalidInput, by name, for a model outside its domain, paths, seed or step outside theirs, times
    that do not increase from 0 on, forwards or discount that are not positive, and for prices from
    fewer than 16 paths or pairs.
    """

    model: heston.Parameters | bates.Parameters
    _: KW_ONLY
    paths: int
    seed: int
    step: float = 1 / 32
    antithetic: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.model, heston.Parameters | bates.Parameters):
            raise InvalidInput("model", self.model, "must be heston.Parameters or bates.Parameters")
        require_plan(self.paths, self.seed, self.step, self.antithetic)

    def plan(self, times: npt.ArrayLike) -> Plan:
        """What the core is told."""
        is_heston = isinstance(self.model, heston.Parameters)
        kind = FourierModel.HESTON if is_heston else FourierModel.BATES
        parameters = [float(p) for p in self.model]
        columns = np.atleast_1d(np.asarray(times, dtype=np.float64))
        return kind, parameters, columns, self.step, self.seed, self.paths, self.antithetic

    def draw(self, times: npt.ArrayLike) -> Paths:
        """Whole paths, observed at the times: 16 bytes of memory per path and time."""
        plan = self.plan(times)
        ratio, variance = _core.simulate_paths(*plan)
        return Paths(plan[2], ratio.T, variance.T)

    def european(
        self,
        right: npt.ArrayLike,
        forward: float,
        strike: npt.ArrayLike,
        time: float,
        discount: float,
    ) -> Estimate:
        """European options: max(right (S_T - K), 0)."""
        return self.price(PathPayoff.EUROPEAN, right, forward, strike, time, discount)

    def asian(
        self,
        right: npt.ArrayLike,
        forward: npt.ArrayLike,
        strike: npt.ArrayLike,
        times: npt.ArrayLike,
        discount: float,
    ) -> Estimate:
        """Options on the arithmetic mean: max(right (mean S - K), 0)."""
        return self.price(PathPayoff.ASIAN, right, forward, strike, times, discount)

    def geometric_asian(
        self,
        right: npt.ArrayLike,
        forward: npt.ArrayLike,
        strike: npt.ArrayLike,
        times: npt.ArrayLike,
        discount: float,
    ) -> Estimate:
        """Options on the geometric mean: max(right (exp(mean ln S) - K), 0)."""
        return self.price(PathPayoff.GEOMETRIC_ASIAN, right, forward, strike, times, discount)

    def lookback(
        self,
        right: npt.ArrayLike,
        forward: npt.ArrayLike,
        strike: npt.ArrayLike,
        times: npt.ArrayLike,
        discount: float,
    ) -> Estimate:
        """Options on an extreme: calls pay max(max S - K, 0), puts max(K - min S, 0)."""
        return self.price(PathPayoff.LOOKBACK, right, forward, strike, times, discount)

    def floating_lookback(
        self,
        right: npt.ArrayLike,
        forward: npt.ArrayLike,
        times: npt.ArrayLike,
        discount: float,
    ) -> Estimate:
        """Options struck at an extreme: calls pay S_T - min S, puts max S - S_T."""
        return self.price(PathPayoff.FLOATING_LOOKBACK, right, forward, np.nan, times, discount)

    def barrier(
        self,
        payoff: PathPayoff,
        right: npt.ArrayLike,
        forward: npt.ArrayLike,
        strike: npt.ArrayLike,
        barrier: npt.ArrayLike,
        times: npt.ArrayLike,
        discount: float,
    ) -> Estimate:
        """European options that an extreme at or beyond the barrier knocks out or in.

        payoff: UP_AND_OUT, UP_AND_IN, DOWN_AND_OUT or DOWN_AND_IN.
        """
        if payoff not in BARRIERS:
            raise InvalidInput("payoff", payoff, "must have a barrier")
        return self.price(payoff, right, forward, strike, times, discount, barrier)

    def price(
        self,
        payoff: PathPayoff,
        right: npt.ArrayLike,
        forward: npt.ArrayLike,
        strike: npt.ArrayLike,
        times: npt.ArrayLike,
        discount: float,
        barrier: npt.ArrayLike = np.nan,
    ) -> Estimate:
        """Options of any payoff, for callers that hold it as a value."""
        plan = self.plan(times)
        forwards = np.asarray(forward, float)
        if forwards.ndim == 0:
            forwards = np.full(plan[2].shape, forwards)
        given = (right, strike, barrier)
        columns = np.broadcast_arrays(*(np.asarray(column, float) for column in given))
        flat = [np.ravel(column) for column in columns]
        found = _core.simulated_prices(*plan, forwards, float(discount), payoff, *flat)
        return Estimate(*(row.reshape(columns[0].shape)[()] for row in found))


def local_volatility_paths(
    model: Model,
    times: npt.ArrayLike,
    *,
    paths: int,
    seed: int,
    step: float = 1 / 64,
    antithetic: bool = False,
) -> Paths:
    """Paths of F_t/F_0 under a local volatility, and the local variance at their ends.

    model: as for hedgerow.local_volatility.price: a surface, one volatility, or a function that
    gives local variances per year at an array of k = ln(F_t/F_0) and a time.
    times, paths, seed, step, antithetic: as in Simulation, with path k the same for any number.

    Euler's steps of the logarithm, with the local volatility at the start of the step and the
    middle of its time: the forward is a martingale in every step, and exact under one volatility.
    Measured bias of European prices with the default step: docs/simulation.md. Where the model has
    no local volatility, its surface having arbitrage, a path is NaN from there on.

    InvalidInput, by name, for what Simulation refuses, and a volatility that is not positive.

    Source: P. Glasserman 2003, "Monte Carlo Methods in Financial Engineering", section 6.1.
    """
    require_plan(paths, seed, step, antithetic)
    seen = np.atleast_1d(np.asarray(times, dtype=np.float64))
    gaps = np.diff(seen, prepend=0.0)
    if seen.ndim != 1 or not seen.size or not np.all((gaps > 0) & np.isfinite(seen)):
        raise InvalidInput("times", times, "must increase from 0 on")
    variance_at = _local_variance(model)
    ratio, variance = (np.empty((seen.size, paths)) for _ in range(2))
    for first in range(0, paths, TOGETHER):
        several = min(TOGETHER, paths - first)
        normals = _normals(seed, first, several, antithetic)
        x, now = np.zeros(several), 0.0
        for row, gap in enumerate(gaps.tolist()):
            count = int(np.ceil(gap / step))
            h = gap / count
            for _ in range(count):
                v = variance_at(x, now + h / 2) * h
                x += np.sqrt(v) * next(normals) - 0.5 * v
                now += h
            now = float(seen[row])
            ratio[row, first : first + several] = np.exp(x)
            variance[row, first : first + several] = variance_at(x, now)
    return Paths(seen, ratio.T, variance.T)


def _local_variance(model: Model) -> Callable[[npt.NDArray[np.float64], float], Any]:
    """The local variance per year of a model at ln(F_t/F_0) and a time."""
    if isinstance(model, SviSurface | AndreasenHuge):
        return lambda x, time: model.local_volatility(x, time) ** 2
    if callable(model):
        return model
    if not isinstance(model, SupportsFloat) or not 0 < float(model) < np.inf:
        raise InvalidInput("model", model, "must be a positive volatility, a surface or a function")
    flat = float(model) ** 2
    return lambda x, time: np.full(x.shape, flat)


def _normals(
    seed: int, first: int, paths: int, antithetic: bool
) -> Iterator[npt.NDArray[np.float64]]:
    """Normals of some paths, step by step: Philox gives two at a time."""
    isa = build_config()["isa"]
    for pair in count_from(0):
        both = _core.random_numbers_on(isa, True, seed, first, pair, 0, paths, antithetic)
        assert both is not None  # it is the instruction set in use
        yield from both
