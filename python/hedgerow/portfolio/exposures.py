"""A book kept netted while spots move."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hedgerow import _core
from hedgerow._core import Snapshot
from hedgerow.portfolio.book import Book
from hedgerow.portfolio.frame import Frame, format_table
from hedgerow.portfolio.valuation import ADDITIVE, MEASURES, Key, code_key, require_measures


class Exposures:
    """The measures of a book, netted by keys, in a market whose spots move.

    What `hr.value(book, snapshot).net(*keys)` looks up and adds up every time stands ready here:
    `move` values the options of one underlying anew, adds them up and keeps no value per option.
    Every measure is an attribute: an array with a number per group, in the order of `net`, which is
    a read-only view and follows the moves. Units, keys and what is left out are those of Valuation.

    After any moves the numbers are those of `hr.value` in `snapshot.shocked` markets with the same
    spots and sticky strikes: forwards keep their carry, perpetuals their ratio to the spot,
    contracts their volatility, and exchange rates follow the coins; within 1e-12 of the sizes of
    what is added, theta and charm within 1e-11 from 20 hours to expiry on: `shocked` finds the
    carry anew from the moved forwards (tests/book/test_exposures.py).
    """

    def __init__(
        self,
        book: Book,
        snapshot: Snapshot,
        *keys: Key,
        measures: Sequence[str] = ADDITIVE,
    ) -> None:
        require_measures(measures)
        self.measures = tuple(measures)
        coded = [code_key(book, key) for key in keys]
        codes = [(codes, len(labels)) for _, labels, codes in coded]
        self._core = _core.Exposures(book._core, snapshot, codes, self.measures)
        first = self._core.first
        self._keys = {name: labels[codes[first]] for name, labels, codes in coded}
        self._sums: npt.NDArray[np.float64] = self._core.sums

    @property
    def sums(self) -> npt.NDArray[np.float64]:
        """A row per measure, a column per group: a read-only view that follows the moves."""
        return self._sums

    def move(self, underlying: str, spot: float) -> None:
        """Moves the spot of one underlying and nets the book anew.

        Raises InvalidInput when the snapshot has no such underlying, or the spot is not positive
        and finite. Without the GIL; no other thread should read meanwhile.
        """
        self._core.move(underlying, spot)

    def spot(self, underlying: str) -> float:
        """The spot of an underlying now."""
        return self._core.spot(underlying)

    def __len__(self) -> int:
        return int(self._sums.shape[1])

    def __getattr__(self, name: str) -> npt.NDArray[np.float64]:
        if name in MEASURES and name in self.measures:
            sums: npt.NDArray[np.float64] = self._sums[self.measures.index(name)]
            return sums
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.measures]

    def net(self) -> Frame:
        """The sums now, as Valuation.net returns them: a copy with keys and counts."""
        counts = ("positions", "excluded", "unknown_cost")
        return Frame(
            {
                **self._keys,
                **{name: getattr(self._core, name).copy() for name in counts},
                **{name: row.copy() for name, row in zip(self.measures, self._sums, strict=True)},
            }
        )

    def __repr__(self) -> str:
        groups = f"{len(self)} {'group' if len(self) == 1 else 'groups'}"
        return f"Exposures of {groups}\n{format_table(self.net().to_dict(), len(self))}"
