"""Calibration again and again: each fit begins at the last one, and what changes is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from hedgerow._core import Loss, Snapshot
from hedgerow.calibrate.calibration import calibrate
from hedgerow.calibrate.fit_report import FitReport
from hedgerow.calibrate.model import Model
from hedgerow.calibrate.quotes import MarketOptions, Quotes, shown
from hedgerow.errors import InvalidInput

#: A parameter that has moved by more standard errors than this between two fits has drifted.
DRIFT = 4.0


@dataclass(frozen=True)
class Drift:
    """A parameter that has moved by more than its errors explain, from one fit to the next."""

    underlying: str
    expiry: np.datetime64
    parameter: str
    before: float
    after: float
    errors: float

    def __str__(self) -> str:
        return (
            f"{self.underlying} {shown(self.expiry)}: {self.parameter} from {self.before:.4g}"
            f" to {self.after:.4g}, {self.errors:.1f} standard errors"
        )


class Recalibration:
    """A model through a stream of chains.

    `update` takes the chains in the order of their time. Each fit starts at the parameters of the
    last one; where a fit can't be trusted the last good one stays in force (see
    `hedgerow.calibrate.calibrate`), however long ago that was.
    """

    def __init__(
        self,
        *,
        model: Model | str = Model.SVI,
        arbitrage_free: bool = True,
        loss: Loss = Loss.SQUARES,
        **options: Unpack[MarketOptions],
    ) -> None:
        self._model = Model.of(model)
        self._arbitrage_free = arbitrage_free
        self._loss = loss
        self._options = options
        self._last: FitReport | None = None
        self._before: FitReport | None = None
        self._rows: list[dict[str, Any]] = []

    def update(self, quotes: Quotes) -> tuple[Snapshot, FitReport]:
        """The market of a new chain, and the report of its fits.

        Raises InvalidInput for quotes that are older than the last ones; nothing has changed then.
        """
        if self._last is not None and quotes.as_of < self._last.as_of:
            rule = f"must not be before the last quotes, {shown(self._last.as_of)}"
            raise InvalidInput("quotes", shown(quotes.as_of), rule)
        snapshot, report = calibrate(
            quotes,
            model=self._model,
            arbitrage_free=self._arbitrage_free,
            loss=self._loss,
            last=self._last,
            **self._options,
        )
        self._before, self._last = self._last, report
        self._rows += [{"as_of": report.as_of, **row} for row in report.rows()]
        return snapshot, report

    @property
    def last(self) -> FitReport | None:
        """The report of the last update."""
        return self._last

    def history(self) -> list[dict[str, Any]]:
        """A row per update, underlying and expiry: how it fitted, and its parameters."""
        return list(self._rows)

    def drifts(self) -> tuple[Drift, ...]:
        """Parameters that moved by more than `DRIFT` standard errors in the last update.

        Of fits that were trusted before and after; the errors of both count.
        """
        return tuple(self._drifts())

    def staleness(self) -> dict[tuple[str, np.datetime64], np.timedelta64]:
        """How old what is in force is, of expiries whose last fit was not trusted."""
        if self._last is None:
            return {}
        return {
            (fit.underlying, item.expiry): self._last.as_of - item.since
            for fit in self._last.underlyings
            for item in fit.slices
            if item.stale and item.since is not None
        }

    def _drifts(self) -> Iterator[Drift]:
        if self._last is None or self._before is None:
            return
        earlier = {
            (fit.underlying, item.expiry): item
            for fit in self._before.underlyings
            for item in fit.slices
            if item.trusted
        }
        for fit in self._last.underlyings:
            for item in fit.slices:
                before = earlier.get((fit.underlying, item.expiry))
                if before is None or not item.trusted:
                    continue
                for name, after in item.parameters.items():
                    error = np.hypot(
                        item.standard_errors.get(name, np.nan),
                        before.standard_errors.get(name, np.nan),
                    )
                    moved = after - before.parameters[name]
                    if error > 0 and abs(moved) > DRIFT * error:
                        yield Drift(
                            fit.underlying,
                            item.expiry,
                            name,
                            before.parameters[name],
                            after,
                            float(abs(moved) / error),
                        )
