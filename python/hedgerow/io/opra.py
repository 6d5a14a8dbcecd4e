"""Listed index options: minute bars of quotes and trades (the LEAN layout), and whole chains."""

from __future__ import annotations

from datetime import time as Time
from os import fspath
from typing import Literal, cast

import numpy as np

from hedgerow._core import Contracts, Option, Spot, symbol
from hedgerow.calibrate.quotes import Quotes
from hedgerow.errors import InvalidInput
from hedgerow.io.bars import (
    MINUTE,
    Path,
    contracts_of,
    day_of,
    index_bars,
    instant,
    last_rows,
    milliseconds,
    open_bars,
    sign_trades,
)
from hedgerow.io.quotes import make_quotes
from hedgerow.io.source import open_table
from hedgerow.io.table import Codes, Floats, Table, shortest
from hedgerow.portfolio.book import Book


def read_option_bars(
    quotes_path: Path,
    *,
    date: str,
    time: str | Time,
    index_path: Path | None = None,
    staleness: float = 15.0,
    strict: bool = False,
) -> Quotes:
    """The quotes of option minute bars as they stood at a time of day in New York.

    The file has a row per bar: date (20210104), root (SPXW), ms (milliseconds after midnight in New
    York at which the minute begins), cp, strike, expiry (20210115), bid and ask at its end. Bars
    that end after `time` are not looked at. A contract whose last bar ended more than `staleness`
    minutes before is left out with a note.

    `index_path`: minute bars of the index (date, ms after midnight in Chicago, close), which become
    a quote of the spot and the column `index`.
    """
    table, moment = open_bars(quotes_path, date, time, "bid", "ask")
    contracts, codes = contracts_of(table)
    ends = table.numbers("ms") + MINUTE
    last = last_rows(codes, ends)
    stale = last & (ends < moment - staleness * MINUTE)
    for row in np.flatnonzero(stale).tolist():
        ago = (moment - ends[row]) / MINUTE
        table.notes.append(f"{symbol(contracts[codes[row]])} left out: last quoted {ago:g} min ago")
    keep = last & ~stale
    table.keep(keep)
    codes = codes[keep]
    prices = {side: shortest(table.numbers(side)) for side in ("bid", "ask")}
    table.ignore([name for name in table.columns if name.endswith("_size")], "no part of a quote")
    return _with_index(table, date, moment, contracts, codes, prices, index_path, strict)


def maker_book(
    quotes_path: Path,
    trades_path: Path,
    *,
    date: str,
    time: str | Time,
    strategy: Literal["expiry", "root"] = "expiry",
) -> Book:
    """The book of a maker who took the other side of every trade of the day up to a time.

    Files as in `read_option_bars`; trades have open, high, low, close and volume. A trade is signed
    as by Lee and Ready, "Inferring Trade Direction from Intraday Data" (Journal of Finance 1991):
    bought when above the middle of the quotes that stood before its minute, sold when below, and at
    the middle (or without quotes) by the last change of the contract's price. A bar counts as one
    trade at its close. Trades that neither rule signs are left out with a note.

    Per contract there is one lot of all that the maker sold and one of all that he bought, at their
    volume-weighted prices, so that the day's cash is exact.
    """
    table, contracts, codes, _, price, volume, sign, _ = sign_trades(
        trades_path, quotes_path, date, time
    )
    unsigned = sign == 0
    if unsigned.any():
        lots = volume[unsigned].sum()
        table.notes.append(
            f"{unsigned.sum():,} trades of {lots:,.0f} contracts could not be signed"
        )
    rows = np.flatnonzero(~unsigned)
    bought = -sign[rows] * volume[rows]  # by the maker
    key = 2 * codes[rows] + (bought > 0)
    lots_of, lot = np.unique(key, return_inverse=True)
    quantity = np.bincount(lot, bought)
    average = np.bincount(lot, bought * price[rows]) / quantity
    held = [cast(Option, contracts[code]) for code in (lots_of // 2).tolist()]
    tag = [_strategy(contract, strategy) for contract in held]
    return Book.from_columns(
        held,
        quantity,
        average,
        tags={"strategy": tag, "account": ["maker"] * len(held), "venue": ["CBOE"] * len(held)},
        rejected=table.report(),
    )


def read_chain(
    path: Path, *, time: str | Time, index: float | None = None, strict: bool = False
) -> Quotes:
    """A whole option chain of one day: date, root, expiry, strike, cp, bid, ask.

    `time` is the time of day in New York at which the quotes stood, which the file does not say; a
    bid or ask of zero is absent. `index`, where known, is the price of the underlying then.
    """
    table = open_table(fspath(path))
    table.require("date", "root", "expiry", "strike", "cp", "bid", "ask")
    labels, codes = table.text("date")
    dates = [labels[code] for code in np.unique(codes).tolist()]
    if len(dates) != 1:
        raise table.invalid("column 'date'", f"must be one day, holds {len(dates)}")
    contracts, codes = contracts_of(table)
    prices = {side: table.numbers(side).copy() for side in ("bid", "ask")}
    for values in prices.values():
        values[values == 0] = np.nan
    unread = ("last", "volume", "iv", "delta", "gamma", "open_interest")
    table.ignore([name for name in unread if name in table], "no part of a quote")
    nowhere = np.full(len(table), np.nan)
    prices |= {"mark": nowhere, "forward": nowhere, "index": np.full(len(table), index or np.nan)}
    as_of = instant(day_of(dates[0]), milliseconds(time))
    return make_quotes(table, as_of, contracts, codes, prices, strict=strict)


def _strategy(contract: Option, by: str) -> str:
    root = symbol(contract)[:6].strip()
    return root if by == "root" else f"{root} {np.datetime_as_string(contract.expiry, unit='D')}"


def _with_index(
    table: Table,
    date: str,
    moment: int,
    contracts: Contracts,
    codes: Codes,
    prices: dict[str, Floats],
    path: Path | None,
    strict: bool,
) -> Quotes:
    """Quotes with the index as one more row, when there is a file of it."""
    as_of = instant(day_of(date), moment)
    nowhere = np.full(len(table), np.nan)
    if path is None:
        prices |= {"mark": nowhere, "forward": nowhere, "index": nowhere}
        return make_quotes(table, as_of, contracts, codes, prices, strict=strict)
    index = _index(path, date, moment)
    prices |= {"mark": nowhere, "forward": nowhere, "index": np.full(len(table), index)}
    quotes = make_quotes(table, as_of, contracts, codes, prices, strict=strict)
    spot = Spot(cast(Option, contracts[0]).underlying, "USD")
    return Quotes(
        as_of,
        [spot, *quotes.contracts],
        np.concatenate([[np.nan], quotes.bid]),
        np.concatenate([[np.nan], quotes.ask]),
        mark=np.concatenate([[index], quotes.mark]),
        index=np.full(1 + len(quotes.contracts), index),
        rejected=quotes.rejected,
    )


def _index(path: Path, date: str, moment: int) -> float:
    """The index's last close at a time in New York."""
    ends, closes = index_bars(path, day_of(date))
    if ends[0] > moment:
        raise InvalidInput("date", date, f"must be in {fspath(path)} before the time asked for")
    return float(closes[np.searchsorted(ends, moment, side="right") - 1])
