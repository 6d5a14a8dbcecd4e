"""A limit as it is written down, before an inventory holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from hedgerow.errors import InvalidInput
from hedgerow.live.inventory import MEASURES, Inventory

Bounds: TypeAlias = tuple[float, float]

_KNOWN = tuple(name for name in MEASURES if name not in ("scenario_loss", "margin"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Bounds on a measure, as Inventory.set_limit sets them.

    `hard` and `soft` are a number for both sides of zero or (low, high); `soft` is `hard` where
    None. They hold at the node of `labels`, or without these at every node of the dimension `keys`.

    Raises InvalidInput for a measure that nodes do not have, or that has to be given to them.
    """

    measure: str
    hard: float | Bounds
    soft: float | Bounds | None = None
    keys: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    hysteresis: float = 0.0

    def __post_init__(self) -> None:
        if self.measure not in _KNOWN:
            raise InvalidInput("measure", self.measure, f"must be one of {', '.join(_KNOWN)}")

    @property
    def hard_bounds(self) -> Bounds:
        """Low and high."""
        return _both(self.hard)

    @property
    def soft_bounds(self) -> Bounds:
        """Low and high."""
        return _both(self.hard if self.soft is None else self.soft)

    def set(self, inventory: Inventory) -> int:
        """Makes an inventory hold it; the limit's number. Raises InvalidInput as set_limit()."""
        return inventory.set_limit(
            self.measure,
            self.keys,
            self.labels or None,
            hard=self.hard,
            soft=self.soft,
            hysteresis=self.hysteresis,
        )


def _both(bound: float | Bounds) -> Bounds:
    return bound if isinstance(bound, tuple) else (-bound, bound)
