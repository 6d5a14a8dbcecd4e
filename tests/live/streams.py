"""Hypothesis strategies for events of every kind, as they may stand in a journal."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args, get_type_hints

import numpy as np
from hypothesis import strategies as st
from tests.strategies import CONTRACTS, market

from hedgerow import live

KINDS = get_args(live.Event)

instants = st.integers(-(2**63) + 1, 2**63 - 1).map(lambda ns: np.datetime64(ns, "ns"))
numbers = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(min_value=5e-324, allow_infinity=False)
nonzero = positive | positive.map(lambda x: -x)
printable = st.characters(exclude_categories=["C", "Z"], include_characters=" ")
labels = st.text(printable, max_size=8)
names = st.text(printable, min_size=1, max_size=8)
tags = st.dictionaries(names, names, max_size=3)

BY_RULE: dict[str, st.SearchStrategy[Any]] = {
    "read_instant": instants,
    "read_number": numbers,
    "read_nonzero": nonzero,
    "read_positive": positive,
    "read_name": names,
    "read_label": labels,
    "read_tags": tags,
    "read_flag": st.booleans(),
    "read_contract": st.sampled_from(CONTRACTS),
    "read_snapshot": st.builds(market, st.floats(1e3, 1e6), st.floats(100.0, 1e4)),
    "read": st.sampled_from(live.CashReason),
}


def arguments(kind: type[live.Event]) -> dict[str, st.SearchStrategy[Any]]:
    """What each argument of a constructor may be, from the rule that its field states."""
    hints = get_type_hints(kind, include_extras=True)
    rules = {field.name: hints[field.name].__metadata__[0].__name__ for field in fields(kind)}
    return {name: BY_RULE[rule] for name, rule in rules.items()}


def _sensible(given: dict[str, Any]) -> bool:
    """Whether the rules between fields hold."""
    if "to_tags" in given:
        places = [[given[f"{end}_{x}"] for x in ("venue", "account", "tags")] for end in END]
        return places[0] != places[1]
    sign = {"deposit": 1, "withdrawal": -1}.get(given.get("reason", ""), 0)
    return sign * given.get("amount", 0.0) >= 0.0


END = ("from", "to")


def events(kind: type[live.Event]) -> st.SearchStrategy[live.Event]:
    """Any event of a kind."""
    return st.fixed_dictionaries(arguments(kind)).filter(_sensible).map(lambda it: kind(**it))


any_event = st.one_of([events(kind) for kind in KINDS])
