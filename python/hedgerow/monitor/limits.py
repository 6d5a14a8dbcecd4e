"""Limits from a file: what a monitor watches, as a desk writes it down."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from math import inf, isnan
from os import PathLike
from pathlib import Path
from typing import Any

from hedgerow.errors import InvalidFile, InvalidInput
from hedgerow.live import Limit


def read_limits(path: str | PathLike[str]) -> tuple[Limit, ...]:
    """The limits of a TOML or JSON file (`.json`): a list named `limit` of tables.

    Each has `measure`, a name of live.inventory.MEASURES; `hard` and `soft`, a number for both
    sides or [low, high], `soft` being `hard` where absent; and may have `keys`, those of a
    dimension (everything together), `labels` of a node (all nodes), and `hysteresis`. Measures are
    in raw units: delta in units of the underlying, vega per 1.00.

    Raises InvalidFile naming the limit and what is wrong with it.
    """
    place = Path(path)
    text = place.read_text(encoding="utf-8")
    try:
        told: Any = json.loads(text) if place.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise InvalidFile(str(path), "as a whole", str(error)) from None
    rows = told.get("limit") if isinstance(told, Mapping) else None
    if not isinstance(rows, list) or set(told) != {"limit"}:
        raise InvalidFile(str(path), "as a whole", "must have a list named limit, and nothing else")
    limits = []
    for number, row in enumerate(rows, 1):
        try:
            limits.append(_limit(row))
        except InvalidInput as error:
            raise InvalidFile(str(path), f"limit {number}", str(error)) from None
    return tuple(limits)


def _limit(row: Any) -> Limit:
    known = {"measure", "keys", "labels", "hard", "soft", "hysteresis"}
    if not isinstance(row, Mapping) or not known >= set(row):
        unknown = sorted(set(row) - known) if isinstance(row, Mapping) else type(row).__name__
        raise InvalidInput("limit", unknown, f"must have only {', '.join(sorted(known))}")
    measure = row.get("measure")
    if not isinstance(measure, str):
        raise InvalidInput("measure", measure, "must be a name")
    if "hard" not in row and "soft" not in row:
        raise InvalidInput("hard", None, "must be given, or soft")
    return Limit(
        measure=measure,
        keys=_words("keys", row.get("keys", ())),
        labels=_words("labels", row.get("labels", ())),
        hard=_bounds("hard", row.get("hard", inf)),
        soft=_bounds("soft", row["soft"]) if "soft" in row else None,
        hysteresis=_number("hysteresis", row.get("hysteresis", 0.0)),
    )


def _words(name: str, told: Any) -> tuple[str, ...]:
    if not isinstance(told, (list, tuple)) or not all(isinstance(word, str) for word in told):
        raise InvalidInput(name, told, "must be a list of names")
    return tuple(told)


def _bounds(name: str, told: Any) -> float | tuple[float, float]:
    if isinstance(told, list):
        if len(told) != 2:
            raise InvalidInput(name, told, "must be a number or [low, high]")
        return _number(name, told[0]), _number(name, told[1])
    return _number(name, told)


def _number(name: str, told: Any) -> float:
    if isinstance(told, bool) or not isinstance(told, (int, float)) or isnan(told):
        raise InvalidInput(name, told, "must be a number")
    return float(told)
