"""The report as JSON."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from hedgerow.portfolio.frame import Frame
from hedgerow.report.data import Report

SCHEMA = 1
"""Goes up when a key changes its name or meaning; new keys may come at any time."""


def to_json(report: Report, *, indent: int | None = 2) -> str:
    """The report's data under the names of Report's attributes, tables as lists of rows.

    NaN and infinities are null, instants ISO 8601 in UTC. Money is in `header.currency`, Greeks in
    the desk units that their names state.
    """
    data = {"schema": SCHEMA, **plain(report)}
    return json.dumps(data, indent=indent, allow_nan=False, ensure_ascii=False) + "\n"


def plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, Frame):
        columns = [plain(value[name]) for name in value]
        return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (np.ndarray, list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else f"{np.datetime_as_string(value, unit='s')}Z"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, (str, int, bool, type(None))) else str(value)
