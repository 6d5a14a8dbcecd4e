"""Groups for tables: the largest in full, the others summed or counted, never hidden."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hedgerow.portfolio.frame import Frame
from hedgerow.report import table as t


def keys(net: Frame, keys: Sequence[str]) -> list[t.Column]:
    """The labels of groups, as columns of words."""
    return [t.Column(key, "", tuple(net[key]), number=False, wraps=True) for key in keys]


def blank(net: Frame, measures: Sequence[str]) -> Frame:
    """NaN, not zero, where nothing of a group could be valued."""
    columns = dict(net.to_dict())
    nothing = net["excluded"] == net["positions"]
    return Frame({**columns, **{name: np.where(nothing, np.nan, net[name]) for name in measures}})


def lumped(
    net: Frame, keys: Sequence[str], measures: Sequence[str], rows: int
) -> tuple[Frame, int]:
    """The groups with the largest measures as words, the others summed, and the sum of all."""
    names = [name for name in net.columns if name not in keys]
    size = np.zeros(len(net))
    for name in measures:
        part = np.abs(np.nan_to_num(net[name]))
        size = np.maximum(size, part / (part.max(initial=0.0) or 1.0))
    order = np.array(largest(size, rows), dtype=np.intp)
    rest = np.setdiff1d(np.arange(len(net)), order)
    columns: dict[str, Any] = {}
    for place, key in enumerate(keys):
        values = net[key]
        shown = [t.instant(x) if values.dtype.kind == "M" else _word(x) for x in values[order]]
        others = [f"{len(rest)} others" if place == 0 else ""] * bool(len(rest))
        columns[key] = np.array([*shown, *others, "total" if place == 0 else ""], dtype=object)
    for name in names:
        parts = [net[name][order].astype(float)]
        if len(rest):
            parts.append(np.array([np.nansum(net[name][rest])]))
        if keys:
            parts.append(np.array([np.nansum(net[name].astype(float))]))
        columns[name] = np.concatenate(parts)
    return Frame(columns), len(rest)


def _word(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return f"{value:,.8g}" if value == value else t.ABSENT
    return str(value) or t.ABSENT


def largest(size: Any, rows: int) -> list[int]:
    """The places of the `rows` largest, in their own order."""
    if len(size) <= rows:
        return list(range(len(size)))
    order = np.argsort(-np.asarray(size, dtype=float), kind="stable")[:rows]
    return sorted(order.tolist())


def first(frame: Frame, rows: int) -> Frame:
    """The first rows of a table."""
    return frame.take(np.arange(min(rows, len(frame))))


def many(number: int, noun: str) -> str:
    """A count with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def not_shown(number: int, what: str) -> str:
    """The sentence that owns up to what a table leaves out; empty when that is nothing."""
    return f"{number:,} more {what}. " if number > 0 else ""


def summed(hidden: int) -> str:
    """The sentence beside groups that were summed; empty when none were."""
    return f"Others: the {hidden} smallest, summed." if hidden else ""
