"""Spot x volatility ladders by full revaluation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgerow._core import SmileDynamics, Snapshot, Status
from hedgerow.portfolio.book import Book
from hedgerow.portfolio.frame import format_table
from hedgerow.portfolio.valuation import Valuation

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
    progress: Callable[[int, int], None] | None = None,
) -> Ladder:
    """Revalues the whole book in every combination of the moves, at the snapshot's instant.

    All underlyings move together: the spot by a factor 1 + move with its carry kept, volatilities
    by a shift, floored at zero; what has expired stays as it is. `dynamics` says what a smile does
    when the spot moves: it stays at its strikes (STICKY_STRIKE) or moves along with it
    (STICKY_MONEYNESS). `progress` is called with the number of scenarios done and their total.
    """
    now = Valuation(book, snapshot).status
    positions = int((now != Status.EXPIRED).sum())  # a fixing that is past is moved by nothing
    if not (valued := now == Status.OK).all():
        book = book.select(valued)
    pnl, common = _revalue(book, snapshot, spots, volatilities, dynamics, progress)
    if not common.all():  # a row that some scenario does not value would enter it as a loss
        book = book.select(common)
        pnl, _ = _revalue(book, snapshot, spots, volatilities, dynamics, None)
    return Ladder(
        np.asarray(spots, dtype=float),
        np.asarray(volatilities, dtype=float),
        pnl,
        snapshot.rates.reporting,
        positions - len(book),
    )


def _revalue(
    book: Book,
    snapshot: Snapshot,
    spots: Sequence[float],
    volatilities: Sequence[float],
    dynamics: SmileDynamics,
    progress: Callable[[int, int], None] | None,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """The P&L of every scenario, and which positions are valued in every scenario."""
    base = Valuation(book, snapshot).net(measures=["value"])
    common = np.ones(len(book), dtype=bool)
    pnl = np.zeros((len(spots), len(volatilities)))
    done = 0
    for i, move in enumerate(spots):
        for j, shift in enumerate(volatilities):
            moved = snapshot.shocked(
                spot_factor=1.0 + move, volatility_shift=shift, dynamics=dynamics
            )
            shocked = Valuation(book, moved)
            common &= shocked.status == Status.OK
            if len(book):
                pnl[i, j] = shocked.net(measures=["value"])["value"][0] - base["value"][0]
            done += 1
            if progress:
                progress(done, pnl.size)
    return pnl, common
