"""Quotes: files and frames to what a venue shows at one instant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
import numpy.typing as npt

from hedgerow import _core
from hedgerow.calibrate.quotes import Quotes
from hedgerow.errors import InvalidInput
from hedgerow.io.instruments import read_contracts
from hedgerow.io.source import Source, open_table
from hedgerow.io.table import Codes, Floats, Mask, Table, instant_of

PRICES = ("bid", "ask", "mark", "forward", "index")


def read_quotes(
    source: Source, *, as_of: str | datetime | np.datetime64 | None = None, strict: bool = False
) -> Quotes:
    """The quotes of a .csv, .csv.gz or .parquet file, or of a data frame.

    | column | holds |
    |---|---|
    | `instrument` | a symbol, or its terms in several columns: see `read_book` |
    | `bid`, `ask` | best prices in the contract's price currency (inverse options: coin) |
    | `mark` | optional: the venue's own fair price |
    | `forward` | optional: the venue's forward of that expiry, in the quote currency |
    | `index` | optional: the venue's price of the underlying, in the quote currency |
    | `quoted_at` | optional: when the row was last heard of; what is stale is `market`'s to say |
    | `as_of` | when the quotes stood, the same in all rows (ISO 8601, UTC by default) |

    `as_of` may also stand in a comment before the header of a CSV file (`# as_of: ...`) or be given
    as an argument. An empty cell is absent; a row needs a bid, an ask or a mark. Bad rows are left
    out and named in `quotes.rejected`; with `strict` any bad row raises RejectedRows. A bad row is
    one that can't be read, is crossed (bid over ask), negative, not finite, quoted before in the
    same file, expired at `as_of`, or heard of after it.
    """
    table = open_table(source)
    table.require("bid", "ask")
    contracts, codes = read_contracts(table)
    prices = {name: table.numbers(name) for name in PRICES}
    quoted_at = table.instants("quoted_at") if "quoted_at" in table else None
    moment = _read_as_of(table, as_of)
    return make_quotes(table, moment, contracts, codes, prices, quoted_at, strict=strict)


def make_quotes(
    table: Table,
    as_of: np.datetime64,
    contracts: _core.Contracts,
    codes: Codes,
    prices: Mapping[str, Floats],
    quoted_at: npt.NDArray[np.datetime64] | None = None,
    *,
    strict: bool = False,
) -> Quotes:
    """Quotes of the rows that make sense; the others are rejected.

    `codes` gives each row's place among the contracts, -1 where it has none; `prices` are columns
    named as in PRICES.
    """
    for name, values in prices.items():
        table.reject(values < 0, name, "must not be negative")
    bid, ask = prices["bid"], prices["ask"]
    crossed = bid > ask
    figures = [f"{b:.10g} > {a:.10g}" for b, a in zip(bid[crossed], ask[crossed], strict=True)]
    table.reject(crossed, "bid", "must not be above the ask", figures)
    empty = np.isnan(bid) & np.isnan(ask) & np.isnan(prices["mark"])
    table.reject(empty & table.good, "bid", "must have a bid, an ask or a mark")

    expiries, expiry = contracts.column("expiry")
    past = (expiries.view("datetime64[ns]") <= as_of)[expiry]
    expired = np.append(past, False)[codes] & table.good  # the last for codes of -1
    rule = f"must expire after {_iso(as_of)}"
    table.reject(expired, "instrument", rule, _symbols(contracts, codes[expired]))
    again = _repeated(codes, table.good)
    rule = "must be quoted once, is quoted before"
    table.reject(again, "instrument", rule, _symbols(contracts, codes[again]))

    if quoted_at is not None:
        table.reject(
            (quoted_at > as_of) & table.good, "quoted_at", f"must not be after {_iso(as_of)}"
        )

    rejected = table.report()
    if strict:
        rejected.raise_if_any()
    keep = table.good
    given = {name: values[keep] for name, values in prices.items() if name not in ("bid", "ask")}
    terms, _ = contracts.used_by(codes[keep])
    heard = None if quoted_at is None else quoted_at[keep]
    return Quotes(as_of, terms, bid[keep], ask[keep], quoted_at=heard, rejected=rejected, **given)


def _read_as_of(table: Table, argument: str | datetime | np.datetime64 | None) -> np.datetime64:
    """The one instant that argument, comment and column agree on."""
    known = None if argument is None else instant_of(argument)
    comment = table.comments.get("as_of")
    if comment is not None:
        try:
            stated = instant_of(comment)
        except InvalidInput as error:
            raise table.invalid("# as_of", f"{comment}: {error.rule}") from None
        if known is not None and stated != known:
            raise InvalidInput("as_of", argument, f"must agree with the file's, {_iso(stated)}")
        known = stated
    if "as_of" in table:
        column = table.instants("as_of")
        present = column[~np.isnat(column)]
        if known is None and len(present):
            known = present[0]
        rule = "must be the same in all rows and as given"
        table.reject((column != known) & table.good, "as_of", rule)
    if known is None:
        raise InvalidInput("as_of", None, f"must be given: {table.source} does not say")
    return known


def _symbols(contracts: _core.Contracts, codes: Codes) -> list[str]:
    return [_core.symbol(contracts[code]) for code in codes.tolist()]


def _repeated(codes: Codes, good: Mask) -> npt.NDArray[np.bool_]:
    """Which good rows quote a contract that an earlier good row quotes."""
    rows = np.flatnonzero(good)
    _, first = np.unique(codes[rows], return_index=True)
    again = good.copy()
    again[rows[first]] = False
    return again


def _iso(instant: np.datetime64) -> str:
    return f"{np.datetime_as_string(instant, unit='s')}Z"
