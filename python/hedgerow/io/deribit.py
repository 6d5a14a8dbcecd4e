"""Snapshots of Deribit's option chains, as collected from its public interface."""

from __future__ import annotations

from datetime import datetime
from os import PathLike, fspath
from typing import Any

import numpy as np

from hedgerow._core import Option
from hedgerow.calibrate.quotes import Quotes
from hedgerow.errors import InvalidInput
from hedgerow.io.instruments import codes_of, make_contracts
from hedgerow.io.quotes import make_quotes
from hedgerow.io.source import open_table
from hedgerow.io.table import Table, instant_of, shortest

_COLUMNS = ("snapshot", "currency", "expiry", "strike", "cp", "bid", "ask")
_UNREAD = ("mark_iv", "delta", "vega", "open_interest", "volume_24h", "und_synthetic")


def read_deribit_chain(
    path: str | PathLike[str],
    *,
    snapshot: str | datetime | np.datetime64 | None = None,
    currency: str | None = None,
    strict: bool = False,
) -> Quotes:
    """The chain of one currency at one snapshot: inverse options, quoted in coin.

    The file holds many snapshots, a row per option: snapshot and expiry (UTC), currency, strike,
    cp (C or P), bid, ask, mark (coin; NaN or zero where there is none), underlying (the forward in
    US dollars), index (US dollars). `snapshot` picks the last one that is not later, by default the
    last of all; `currency` may be left out where the file has only one.
    """
    table = open_table(fspath(path))
    table.require(*_COLUMNS)
    name = _pick_currency(table, currency)
    as_of = _pick_snapshot(table, snapshot)
    table.ignore((column for column in _UNREAD if column in table), "no part of a quote")

    prices = {column: shortest(table.numbers(column)) for column in ("bid", "ask", "mark")}
    prices["forward"] = shortest(table.numbers("underlying"))
    prices["index"] = shortest(table.numbers("index"))
    for side in ("bid", "ask"):  # Deribit knows no price of zero: nobody is there
        prices[side] = np.where(prices[side] == 0, np.nan, prices[side])

    expiry, strike, right = table.instants("expiry"), table.numbers("strike"), table.text("cp")
    strike = shortest(strike)
    keys = [codes_of(expiry), codes_of(strike), right.codes]

    def make(row: int) -> Option:
        letter: Any = right.labels[int(right.codes[row])]
        return Option(name, expiry[row], strike[row], letter, settlement="inverse")

    names = {"right": "cp", "instant": "expiry"}
    contracts, codes = make_contracts(table, keys, make, names)
    return make_quotes(table, as_of, contracts, codes, prices, strict=strict)


def _pick_currency(table: Table, wanted: str | None) -> str:
    """The one currency to read; the table keeps its rows only."""
    labels, codes = table.text("currency")
    present = [labels[code] for code in np.unique(codes).tolist()]
    name = present[0] if wanted is None and len(present) == 1 else wanted
    if name is None or name not in present:
        raise InvalidInput("currency", wanted, f"must be one of {', '.join(present) or 'none'}")
    table.keep(np.equal(codes, labels.tolist().index(name)))
    return name


def _pick_snapshot(table: Table, wanted: str | datetime | np.datetime64 | None) -> np.datetime64:
    """The last snapshot, or the last that is not later; the table keeps its rows only."""
    taken = table.instants("snapshot")
    past = taken if wanted is None else taken[taken <= instant_of(wanted)]
    if not len(past):
        rule = f"must not be before the first snapshot, {taken.min()}Z"
        raise InvalidInput("snapshot", wanted, rule)
    as_of: np.datetime64 = past.max()
    table.keep(np.equal(taken, as_of))
    return as_of
