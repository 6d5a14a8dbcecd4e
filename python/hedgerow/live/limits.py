"""A limit as it is written down, before an inventory holds it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from hedgerow._core import MarginRules, StrategyRules
from hedgerow.errors import InvalidInput
from hedgerow.live.inventory import MEASURES, Inventory

Bounds: TypeAlias = tuple[float, float]

OF_MARGIN = ("scenario_loss", "margin")
"""Measures that margin rules give to nodes of accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Bounds on a measure, as Inventory.set_limit sets them.

    `hard` and `soft` are a number for both sides of zero or (low, high); `soft` is `hard` where
    None. They hold at the node of `labels`, or without these at every node of the dimension `keys`.

    Raises InvalidInput for a measure that nodes do not have.
    """

    measure: str
    hard: float | Bounds
    soft: float | Bounds | None = None
    keys: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    hysteresis: float = 0.0

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise InvalidInput("measure", self.measure, f"must be one of {', '.join(MEASURES)}")

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


def accounts_of(
    limits: Iterable[Limit], rules: MarginRules | StrategyRules | None, labels: Sequence[str]
) -> tuple[tuple[str, ...], ...]:
    """By which keys margin has to be known for some limits: by () always.

    Raises InvalidInput where margin is bounded without rules or at nodes that are no accounts, or
    the loss in scenarios of rules that have none.
    """
    found: list[tuple[str, ...]] = [()]
    for limit in limits:
        if limit.measure not in OF_MARGIN:
            continue
        if rules is None:
            raise InvalidInput("measure", limit.measure, "must have margin rules, which tell it")
        if limit.measure == "scenario_loss" and not isinstance(rules, MarginRules):
            raise InvalidInput("measure", limit.measure, f"is not a part of {rules.name}")
        if not set(limit.keys) <= set(labels):
            raise InvalidInput("keys", limit.keys, f"of margin must be of {', '.join(labels)}")
        found.append(limit.keys)
    return tuple(dict.fromkeys(found))


def _both(bound: float | Bounds) -> Bounds:
    return bound if isinstance(bound, tuple) else (-bound, bound)
