"""Solvency: the equity of an account, and how far and how likely it is to lose its margin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgerow import _core
from hedgerow._core import Crossing, Scenarios, SmileDynamics, Snapshot, SolvencyState
from hedgerow.errors import InvalidInput
from hedgerow.portfolio.book import Book
from hedgerow.portfolio.frame import Frame, format_table

Margin = float | Callable[[Scenarios], npt.ArrayLike]
"""Maintenance margin in the reporting currency: a number, or a function of Scenarios that gives
one number per scenario."""

UNIMMR_LEVELS: tuple[float, float, float, float] = _core.unimmr_levels
"""Ratios of equity to maintenance margin below which an account is watched, warned, restricted, and
liquidated: those of Binance's portfolio margin."""


@dataclass(frozen=True, eq=False)
class Account:
    """A book and the collateral behind it.

    `balances` are signed amounts by currency: coins and stablecoins have their prices as any other.
    `weights` say which part of a positive balance counts, 1 less the haircut, where it is not all.
    Raises InvalidInput for amounts that are not finite and weights outside [0, 1].
    """

    book: Book
    balances: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for currency in self.weights:
            if currency not in self.balances:
                raise InvalidInput("weights", currency, "must be the currency of a balance")
        self._core()

    def _core(self) -> _core.Account:
        rows = [(name, x, self.weights.get(name, 1.0)) for name, x in self.balances.items()]
        return _core.Account(self.book._core, rows)


@dataclass(frozen=True, eq=False)
class Equities:
    """Equity by scenario, in the reporting currency.

    `book` is the value of the book, `collateral` the sum of min(weight x P, x P) over balances x at
    prices P: liabilities count in full. `excluded` positions and balances could not be valued now
    or in some scenario: they are in none.
    """

    book: npt.NDArray[np.float64]
    collateral: npt.NDArray[np.float64]
    excluded: int
    currency: str

    @property
    def total(self) -> npt.NDArray[np.float64]:
        """Of the account."""
        return self.book + self.collateral


def equities(
    account: Account,
    snapshot: Snapshot,
    scenarios: Scenarios,
    *,
    dynamics: SmileDynamics = SmileDynamics.STICKY_STRIKE,
) -> Equities:
    """The equity of an account in every scenario, by full revaluation (see revalue)."""
    found = _core.equities(account._core(), snapshot, scenarios, dynamics)
    return Equities(**found, currency=snapshot.rates.reporting)


@dataclass(frozen=True)
class Direction:
    """A way in which the market may go, all of it or one underlying.

    At size x spots are multiplied by exp(spot x), and volatilities rise by volatility x.
    """

    name: str
    spot: float = 0.0
    volatility: float = 0.0
    underlying: str | None = None


def stress_directions(*underlyings: str) -> tuple[Direction, ...]:
    """Six directions of every underlying that is named, or of all together if none is.

    Size is the change of the spot's logarithm, or of volatility where that moves alone; with the
    spot volatilities rise by a point for every per cent.
    """
    moves = {
        "down": (-1.0, 0.0),
        "up": (1.0, 0.0),
        "volatility down": (0.0, -1.0),
        "volatility up": (0.0, 1.0),
        "down, volatility up": (-1.0, 1.0),
        "up, volatility up": (1.0, 1.0),
    }
    return tuple(
        Direction(f"{underlying} {name}" if underlying else name, *move, underlying)
        for underlying in underlyings or (None,)
        for name, move in moves.items()
    )


@dataclass(frozen=True, eq=False)
class Solvency:
    """What an account is worth, and its distance to liquidation, in the reporting currency.

    `distances` has a row per direction: `crossing` (FOUND, INSOLVENT, NONE, NOT_A_NUMBER by name),
    the `size` at which equity less maintenance margin is gone, with its `spot_move` and
    `volatility_shift`; `crossings` of the whole reach (more than one: not monotone, and the size is
    the nearest); and the `least` available that was met, at the size `least_at`.
    """

    book: float
    collateral: float
    margin: float
    ratio: float
    state: SolvencyState
    excluded: int
    distances: Frame
    nearest: Mapping[str, Any] | None
    currency: str

    @property
    def equity(self) -> float:
        """Book and collateral."""
        return self.book + self.collateral

    @property
    def available(self) -> float:
        """Equity less maintenance margin."""
        return self.equity - self.margin

    def __repr__(self) -> str:
        head = f"Solvency: {self.state.name.lower()}, equity {self.equity:,.2f} {self.currency}"
        head += f", maintenance margin {self.margin:,.2f}, ratio {self.ratio:.1%}"
        bad = f"{self.excluded:,} positions and balances could not be valued\n"
        table = format_table(self.distances.to_dict(), len(self.distances))
        return f"{head}\n{bad if self.excluded else ''}{table}"


def solvency(
    account: Account,
    snapshot: Snapshot,
    margin: Margin,
    directions: Sequence[Direction] | None = None,
    *,
    reach: float = 1.0,
    levels: Sequence[float] = UNIMMR_LEVELS,
    dynamics: SmileDynamics = SmileDynamics.STICKY_STRIKE,
) -> Solvency:
    """Equity, margin and, in every direction up to the size `reach`, the way to liquidation.

    Every direction (stress_directions() unless given) is looked at in 128 points, then more
    closely where the sign of equity less margin changes first: the size is exact to rounding where
    both are smooth, within 1e-8 of the reach where they jump. A dip between two points is not
    seen; `least` says how near the points came. For a venue that liquidates at 105 %, give 1.05
    times the margin. Raises InvalidInput for a direction that moves nothing or an underlying that
    the snapshot does not have, and for a margin that is not a number per scenario.
    """
    wanted = stress_directions() if directions is None else tuple(directions)
    rows = [(d.name, d.spot, d.volatility, d.underlying) for d in wanted]
    found = _core.solvency(account._core(), snapshot, _number(margin), rows, reach, dynamics)
    distances = Frame(
        {
            "direction": np.array([d.name for d in wanted], dtype=object),
            "crossing": np.array([Crossing(int(c)).name for c in found["crossing"]], dtype=object),
            "size": found["size"],
            "spot_move": found["spot_factor"] - 1.0,
            "volatility_shift": found["volatility_shift"],
            "crossings": found["crossings"].astype(np.int64),
            "least": found["least"],
            "least_at": found["least_at"],
        }
    )
    nearest = found["nearest"]
    return Solvency(
        found["book"],
        found["collateral"],
        found["margin"],
        found["ratio"],
        _core.solvency_state(found["ratio"], list(levels)),
        found["excluded"],
        distances,
        None if nearest is None else next(distances.take([nearest]).rows()),
        snapshot.rates.reporting,
    )


def _number(margin: Margin) -> Margin:
    """Any number as a float: NumPy's too."""
    return margin if callable(margin) else float(margin)
