"""What every model is told, and what every fit says of an expiry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from hedgerow._core import Loss, Smile
from hedgerow.calibrate.model import FitOutcome
from hedgerow.calibrate.observations import Observations

#: A fit whose residuals are this many half-spreads (root mean square) is not the quotes' model.
POOR = 10.0


@dataclass(frozen=True)
class FitOptions:
    """What all models are told alike."""

    arbitrage_free: bool
    loss: Loss


@dataclass(frozen=True, eq=False)
class Starts:
    """Where fits begin: the smiles in force, per expiry, and what all expiries shared."""

    smiles: Sequence[Smile | None]
    shared: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a model's fit says of one expiry; the fields are those of SliceFit."""

    outcome: FitOutcome
    smile: Smile | None = None
    parameters: Mapping[str, float] = field(default_factory=dict)
    standard_errors: Mapping[str, float] = field(default_factory=dict)
    iterations: int = 0
    least_density: float = np.nan
    calendar: float = np.nan
    problems: tuple[str, ...] = ()

    def trusted(self, seen: Observations) -> bool:
        """Whether the fit may stand for its quotes."""
        return self.outcome is FitOutcome.CONVERGED and not (self.problems or self.missed(seen))

    def missed(self, seen: Observations) -> str:
        """By how much the fit misses its quotes, where that is too much."""
        if self.smile is None:
            return ""
        residuals = (self.smile.volatility(seen.strikes) - seen.volatilities) / seen.half_spreads
        rms = float(np.sqrt(np.mean(residuals**2)))
        return f"misses the quotes by {rms:.3g} half-spreads" if rms > POOR else ""


Fits = tuple[list[Fitted], Mapping[str, float]]
