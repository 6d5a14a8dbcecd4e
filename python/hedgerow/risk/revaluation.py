"""Full revaluation of a book under any list of scenarios."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgerow import _core
from hedgerow._core import Precision, Scenarios, SmileDynamics, Snapshot, Status
from hedgerow.portfolio.book import Book
from hedgerow.portfolio.frame import Frame, format_table
from hedgerow.portfolio.valuation import Key, code_key


@dataclass(frozen=True, eq=False)
class Revaluation:
    """P&L of a book in every scenario, against its value now, in the reporting currency.

    `cube[g, j]` is that of group g, whose keys are row g of `keys`, in scenario j. `status` is a
    Status code per position: those that are not OK are in no scenario, so that every scenario
    compares the same positions. They can't be valued now, or not in some scenario; or they have
    expired and are moved by nothing.
    """

    keys: Frame
    cube: npt.NDArray[np.float64]
    status: npt.NDArray[np.uint8]
    currency: str

    @property
    def pnl(self) -> npt.NDArray[np.float64]:
        """Of the whole book, per scenario."""
        total: npt.NDArray[np.float64] = self.cube.sum(axis=0)
        return total

    @property
    def excluded(self) -> int:
        """How many positions are in no scenario, those that have expired apart."""
        return int(((self.status != Status.OK) & (self.status != Status.EXPIRED)).sum())

    def __repr__(self) -> str:
        groups, scenarios = self.cube.shape
        word = "scenario" if scenarios == 1 else "scenarios"
        head = f"Revaluation of {len(self.status):,} positions in {scenarios:,} {word}"
        head += f", P&L in {self.currency}; {self.excluded:,} not in it"
        if not scenarios:
            return head
        columns = {name: self.keys[name] for name in self.keys}
        shown = {"worst": self.cube.min(axis=1), "mean": self.cube.mean(axis=1)}
        return (
            f"{head}\n{format_table({**columns, **shown, 'best': self.cube.max(axis=1)}, groups)}"
        )


def revalue(
    book: Book,
    snapshot: Snapshot,
    scenarios: Scenarios,
    *keys: Key,
    dynamics: SmileDynamics = SmileDynamics.STICKY_STRIKE,
    precision: Precision = Precision.FLOAT64,
) -> Revaluation:
    """The P&L of a book in every scenario, by any tuple of keys (see Valuation.net).

    Each scenario is a full revaluation at the snapshot's instant: spots are multiplied by
    `spot_factor` with their carry kept, volatilities rise by `volatility_shift` and stop at zero,
    exchange rates of coins follow, as in Snapshot.shocked. `dynamics` says what a smile does when
    the spot moves: it stays at its strikes (STICKY_STRIKE) or moves along with it
    (STICKY_MONEYNESS). Futures and perpetuals of unknown cost count as entered at the mark now.

    Runs on all threads without the GIL; the same bits for any number of them. Measured error of an
    option's value, in units of the larger of its discounted forward and strike: 7.5e-16, and
    2.7e-7 with FLOAT32, which is about three times as fast and meant for sweeps whose scenarios are
    guesses to begin with. Raises InvalidInput when `scenarios` moves an underlying that the
    snapshot does not have.
    """
    coded = [code_key(book, key) for key in keys]
    found = _core.revalue(
        book._core,
        snapshot,
        scenarios,
        [(codes, len(labels)) for _, labels, codes in coded],
        dynamics,
        precision,
    )
    first = found["first"]
    return Revaluation(
        Frame({name: labels[codes[first]] for name, labels, codes in coded}),
        found["pnl"].reshape(len(first), len(scenarios)),
        found["status"],
        snapshot.rates.reporting,
    )
