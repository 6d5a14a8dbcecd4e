"""The probability that an account meets liquidation within a horizon, by simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgerow._core import Scenarios, SmileDynamics, Snapshot
from hedgerow.errors import InvalidInput
from hedgerow.risk.solvency import Account, Margin, equities

Numbers = npt.NDArray[np.float64]


class Diffusion:
    """How markets diffuse: spots as geometric Brownian motions, volatilities as shifts of smiles.

    Per underlying its `volatility` (of the spot, decimals per year) and its `volatility_shift` (of
    all implied volatilities at once: standard deviation in decimals, for a year). `correlation` is
    that of all spots, then of all shifts, the identity unless given; `drift` the growth rate of
    expected spots. Raises InvalidInput for lengths that do not fit, numbers that are negative or
    not finite, and what is no correlation matrix.
    """

    def __init__(
        self,
        underlyings: Sequence[str],
        volatility: npt.ArrayLike,
        volatility_shift: npt.ArrayLike = 0.0,
        *,
        correlation: npt.ArrayLike | None = None,
        drift: npt.ArrayLike = 0.0,
    ) -> None:
        self.underlyings = tuple(underlyings)
        count = len(self.underlyings)
        if not count or len(set(self.underlyings)) != count:
            raise InvalidInput("underlyings", self.underlyings, "must be distinct names")
        self.volatility = _column("volatility", volatility, count)
        self.volatility_shift = _column("volatility_shift", volatility_shift, count)
        self.drift = _column("drift", drift, count, least=-np.inf)
        matrix = np.eye(2 * count) if correlation is None else np.array(correlation, dtype=float)
        proper = matrix.shape == (2 * count, 2 * count) and (matrix == matrix.T).all()
        if not proper or (matrix.diagonal() != 1).any() or np.linalg.eigvalsh(matrix)[0] < -1e-12:
            rule = f"must be a correlation matrix of {2 * count} rows: spots, then shifts"
            raise InvalidInput("correlation", matrix.shape, rule)
        self.correlation = matrix

    @property
    def covariance(self) -> Numbers:
        """Of the logarithms of the spots, then of the shifts, in a year."""
        deviations = np.concatenate([self.volatility, self.volatility_shift])
        return self.correlation * np.outer(deviations, deviations)

    @property
    def mean(self) -> Numbers:
        """What the same move by on average, in a year."""
        return np.concatenate([self.drift - 0.5 * self.volatility**2, 0.0 * self.drift])


def _column(name: str, values: npt.ArrayLike, count: int, least: float = 0.0) -> Numbers:
    column = np.asarray(values, dtype=float)
    if column.shape not in ((), (count,)):
        raise InvalidInput(name, f"{column.shape}", f"must be one number or {count}")
    if not (np.isfinite(column) & (column >= least)).all():
        raise InvalidInput(name, column.tolist(), "must be finite, and not negative")
    return np.broadcast_to(column, (count,)).astype(float)


@dataclass(frozen=True)
class LiquidationProbability:
    """An estimate, with the standard error of its mean over the paths.

    `excluded` is the most positions and balances that could not be valued at any of the steps.
    """

    probability: float
    standard_error: float
    paths: int
    steps: int
    seed: int
    excluded: int


def liquidation_probability(
    account: Account,
    snapshot: Snapshot,
    margin: Margin,
    diffusion: Diffusion,
    horizon: float,
    *,
    seed: int,
    paths: int = 4_096,
    steps: int = 16,
    dynamics: SmileDynamics = SmileDynamics.STICKY_STRIKE,
) -> LiquidationProbability:
    """The probability that equity less maintenance margin is gone within `horizon` years.

    Every step of every path is a full revaluation, at the snapshot's instant: the account is held
    and does not age. Between two steps the available amount counts as a Brownian bridge, whose
    variance is that of its slopes along the step, one factor moved after the other: the chance
    that it was gone in between enters the estimate as it is, not by drawing. For an amount that is
    linear in the factors the estimate has no bias for any number of steps; else the bias falls with
    the steps, as the amount's curvature and the changes of its slopes within a step do.
    hitting_probability is the exact answer for a linear book.

    Random numbers: NumPy's Philox (4x64-10, counter-based) with the given seed, path after path in
    each step; the same number for the same seed. Raises InvalidInput for a horizon that is not
    positive and finite, fewer than two paths or one step, and as solvency().
    """
    if not (np.isfinite(horizon) and horizon > 0):
        raise InvalidInput("horizon", horizon, "must be positive and finite")
    if paths < 2 or steps < 1:
        raise InvalidInput("paths, steps", (paths, steps), "must be at least 2 and 1")
    book = _Available(account, snapshot, margin, diffusion.underlyings, dynamics)
    random = np.random.Generator(np.random.Philox(seed))
    step = horizon / steps
    covariance, mean = diffusion.covariance * step, diffusion.mean * step
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    moving = np.flatnonzero(covariance.diagonal() > 0)

    state = np.zeros((paths, len(mean)))
    now = np.broadcast_to(book(state[:1]), paths).copy()
    survival = np.where(np.isnan(now), np.nan, np.where(now > 0, 1.0, 0.0))
    for _ in range(steps):
        draws = random.standard_normal((paths, len(mean)))  # the same whoever is still alive
        alive = np.flatnonzero(survival > 0)
        if not len(alive):
            break
        old, new = state[alive], state[alive] + mean + draws[alive] @ root.T
        corners = np.repeat(old[None], len(moving) + 1, axis=0)
        for k, factor in enumerate(moving):
            corners[k + 1 :, :, factor] = new[:, factor]
        there = np.concatenate([now[alive][None], book(corners[1:])])
        rise, run = np.diff(there, axis=0), (new - old)[:, moving].T
        slope = np.divide(rise, run, out=np.zeros_like(rise), where=run != 0)
        variance = np.einsum("ip,ij,jp->p", slope, covariance[np.ix_(moving, moving)], slope)
        state[alive], now[alive] = new, there[-1]
        survival[alive] *= _bridge(there[0], there[-1], variance)
    hit = 1.0 - survival
    error = float(hit.std(ddof=1) / np.sqrt(paths))
    return LiquidationProbability(float(hit.mean()), error, paths, steps, seed, book.excluded)


def _bridge(start: Numbers, end: Numbers, variance: Numbers) -> Numbers:
    """The probability that a bridge between two numbers, the first positive, stays positive."""
    inside = np.maximum(start, 0.0) * np.maximum(end, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = np.where(variance > 0, -2.0 * inside / variance, -np.inf)
    survives: Numbers = np.where(end > 0, -np.expm1(exponent), 0.0)
    return np.where(np.isnan(end), np.nan, survives)


class _Available:
    """Equity less margin at logarithms of spot factors and shifts of volatilities."""

    def __init__(
        self,
        account: Account,
        snapshot: Snapshot,
        margin: Margin,
        underlyings: tuple[str, ...],
        dynamics: SmileDynamics,
    ) -> None:
        self.account, self.snapshot, self.margin = account, snapshot, margin
        self.underlyings, self.dynamics = underlyings, dynamics
        self.excluded = 0

    def __call__(self, states: Numbers) -> Numbers:
        """Of states whose last axis is the factors: the rest of the shape."""
        flat = states.reshape(-1, states.shape[-1])
        count = len(self.underlyings)
        scenarios = Scenarios(
            spot_factor=np.ones(len(flat)),
            volatility_shift=np.zeros(len(flat)),
            underlyings={
                name: (np.exp(flat[:, i]), flat[:, count + i])
                for i, name in enumerate(self.underlyings)
            },
        )
        found = equities(self.account, self.snapshot, scenarios, dynamics=self.dynamics)
        self.excluded = max(self.excluded, found.excluded)
        margin = self.margin(scenarios) if callable(self.margin) else self.margin
        margins = np.asarray(margin, dtype=float)
        if margins.shape not in ((), (len(flat),)):
            rule = f"must be one number per scenario ({len(flat)})"
            raise InvalidInput("margin", f"{margins.shape}", rule)
        available: Numbers = found.total - margins
        return available.reshape(states.shape[:-1])
