"""Spot x volatility ladders by full revaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgerow._core import Scenarios, SmileDynamics, Snapshot
from hedgerow.portfolio.book import Book
from hedgerow.portfolio.frame import format_table
from hedgerow.risk.revaluation import revalue

SPOTS = (-0.20, -0.10, -0.05, -0.02, 0.0, 0.02, 0.05, 0.10, 0.20)
VOLATILITIES = (-0.10, -0.05, 0.0, 0.05, 0.10)


@dataclass(frozen=True, eq=False)
class Ladder:
    """P&L of a book under joint moves, against its value now, in the reporting currency.

    `pnl[i, j]` belongs to the relative spot move `spots[i]` and the absolute shift of all implied
    volatilities `volatilities[j]`. `excluded` positions could not be valued now or
    in some scenario: they are in no cell, so that every cell compares the same positions.
    """

    spots: npt.NDArray[np.float64]
    volatilities: npt.NDArray[np.float64]
    pnl: npt.NDArray[np.float64]
    currency: str
    excluded: int

    @property
    def worst(self) -> tuple[float, float, float]:
        """The least P&L, with its spot and volatility move."""
        i, j = np.unravel_index(int(np.argmin(self.pnl)), self.pnl.shape)
        return float(self.pnl[i, j]), float(self.spots[i]), float(self.volatilities[j])

    def __repr__(self) -> str:
        moves = np.array([f"{move:+.0%}" for move in self.spots], dtype=object)
        columns = {"spot \\ vol": moves}
        for j, shift in enumerate(self.volatilities):
            columns[f"{100 * shift:+.0f} pt"] = self.pnl[:, j]
        return format_table(columns, len(moves))


def ladder(
    book: Book,
    snapshot: Snapshot,
    spots: Sequence[float] = SPOTS,
    volatilities: Sequence[float] = VOLATILITIES,
    *,
    dynamics: SmileDynamics = SmileDynamics.STICKY_STRIKE,
) -> Ladder:
    """Revalues the whole book in every combination of the moves, at the snapshot's instant.

    All underlyings move together: the spot by a factor 1 + move with its carry kept, volatilities
    by a shift, floored at zero; what has expired stays as it is. `dynamics` says what a smile does
    when the spot moves: it stays at its strikes (STICKY_STRIKE) or moves along with it
    (STICKY_MONEYNESS). Futures and perpetuals of unknown cost count as entered at the mark now.
    `revalue` takes any other list of scenarios.
    """
    moves, shifts = np.asarray(spots, dtype=float), np.asarray(volatilities, dtype=float)
    scenarios = Scenarios(
        spot_factor=np.repeat(1.0 + moves, len(shifts)),
        volatility_shift=np.tile(shifts, len(moves)),
    )
    found = revalue(book, snapshot, scenarios, dynamics=dynamics)
    pnl = found.pnl.reshape(len(moves), len(shifts))
    return Ladder(moves, shifts, pnl, found.currency, found.excluded)
