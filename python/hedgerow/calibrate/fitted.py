"""What every model is told, and what every fit says of an expiry."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from hedgerow._core import Loss, Smile
from hedgerow.calibrate.model import FitOutcome
from hedgerow.calibrate.observations import Observations

#: A fit whose residuals are this many half-spreads (root mean square) is not the quotes' model.
POOR = 5.0


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

    @property
    def trusted(self) -> bool:
        """Whether the fit may stand for its quotes, once it is judged."""
        return self.outcome is FitOutcome.CONVERGED and not self.problems

    def judged(self, seen: Observations) -> Fitted:
        """With a problem more where the fit misses its quotes by too much."""
        if self.smile is None:
            return self
        residuals = (self.smile.volatility(seen.strikes) - seen.volatilities) / seen.half_spreads
        rms = math.sqrt(float(residuals @ residuals) / len(residuals))
        if rms <= POOR:
            return self
        return replace(
            self, problems=(*self.problems, f"misses the quotes by {rms:.3g} half-spreads")
        )


Fits = tuple[list[Fitted], Mapping[str, float]]
