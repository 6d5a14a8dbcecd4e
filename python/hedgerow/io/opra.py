"""Listed index options: minute bars of quotes and trades (the LEAN layout), and whole chains."""

from __future__ import annotations

from datetime import time as Time
from os import PathLike, fspath
from typing import Literal, cast

import numpy as np

from hedgerow._core import Contracts, Option, Spot, parse_osi, symbol
from hedgerow.calibrate.quotes import Quotes
from hedgerow.errors import InvalidInput
from hedgerow.io.instruments import codes_of, make_contracts
from hedgerow.io.quotes import make_quotes
from hedgerow.io.source import open_table
from hedgerow.io.table import Codes, Floats, Mask, Table, shortest
from hedgerow.portfolio.book import Book

Path = str | PathLike[str]
_MINUTE = 60_000  # milliseconds; a bar is stamped with its beginning and known at its end
_HOUR = 60 * _MINUTE
_COLUMNS = ("date", "root", "ms", "cp", "strike", "expiry")


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
    table, moment = _bars(quotes_path, date, time, "bid", "ask")
    contracts, codes = _contracts(table)
    ends = table.numbers("ms") + _MINUTE
    last = _last_rows(codes, ends)
    stale = last & (ends < moment - staleness * _MINUTE)
    for row in np.flatnonzero(stale).tolist():
        ago = (moment - ends[row]) / _MINUTE
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
    table, _ = _bars(trades_path, date, time, "close", "volume")
    contracts, codes = _contracts(table)
    begin, price = (
        table.numbers("ms", required=True),
        shortest(table.numbers("close", required=True)),
    )
    volume = table.numbers("volume", required=True)
    table.reject((volume <= 0) & table.good, "volume", "must be positive")
    table.ignore([name for name in ("open", "high", "low") if name in table], "the close counts")
    order = np.lexsort((begin, codes))
    order = order[table.good[order]]
    codes, begin, price, volume = codes[order], begin[order], price[order], volume[order]

    middle = _prevailing(quotes_path, date, time, contracts, codes, begin)
    sign = np.sign(price - middle)
    sign = np.where(np.isnan(sign) | (sign == 0), _tick(codes, price), sign)
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
    contracts, codes = _contracts(table)
    prices = {side: table.numbers(side).copy() for side in ("bid", "ask")}
    for values in prices.values():
        values[values == 0] = np.nan
    unread = ("last", "volume", "iv", "delta", "gamma", "open_interest")
    table.ignore([name for name in unread if name in table], "no part of a quote")
    nowhere = np.full(len(table), np.nan)
    prices |= {"mark": nowhere, "forward": nowhere, "index": np.full(len(table), index or np.nan)}
    as_of = _instant(_day(dates[0]), _milliseconds(time))
    return make_quotes(table, as_of, contracts, codes, prices, strict=strict)


# --- bars ----------------------------------------------------------------------------------------


def _bars(path: Path, date: str, time: str | Time, *columns: str) -> tuple[Table, int]:
    """The day's bars that have ended at a time, and that time in milliseconds after midnight."""
    table = open_table(fspath(path))
    table.require(*_COLUMNS, *columns)
    labels, codes = table.text("date")
    day = _day(date)
    days = np.array([_day(label) == day for label in labels.tolist()], dtype=bool)
    if not days.any():
        raise InvalidInput("date", date, f"must be one of {', '.join(labels.tolist())}")
    moment = _milliseconds(time)
    table.keep(days[codes] & (table.numbers("ms") + _MINUTE <= moment))
    if not len(table):
        raise InvalidInput("time", time, "must not be before the end of the day's first bar")
    return table, moment


def _contracts(table: Table) -> tuple[Contracts, Codes]:
    root, right, expiry = table.text("root"), table.text("cp"), table.text("expiry")
    strike = shortest(table.numbers("strike"))

    def make(row: int) -> Option:
        day = _day(expiry.labels[int(expiry.codes[row])])
        name = root.labels[int(root.codes[row])]
        letter = right.labels[int(right.codes[row])]
        text = f"{name:<6}{day[2:]}{letter}{round(1000 * strike[row]):08d}"
        return cast(Option, parse_osi(text))

    keys = [root.codes, right.codes, expiry.codes, codes_of(strike)]
    return make_contracts(table, keys, make, {"right": "cp"})


def _last_rows(codes: Codes, ends: Floats) -> Mask:
    """Which rows are the last of their contract."""
    order = np.lexsort((ends, codes))
    last = np.ones(len(codes), dtype=np.bool_)
    last[order[:-1]] = codes[order[1:]] != codes[order[:-1]]
    return last & (codes >= 0)


def _prevailing(
    path: Path,
    date: str,
    time: str | Time,
    contracts: Contracts,
    codes: Codes,
    begin: Floats,
) -> Floats:
    """The middle of the last bar of quotes that ended when each trade's minute began, else NaN."""
    table, _ = _bars(path, date, time, "bid", "ask")
    quoted, places = _contracts(table)
    number = {contract: code for code, contract in enumerate(contracts.tolist())}
    places = np.array([*(number.get(contract, -1) for contract in quoted.tolist()), -1])[places]
    ends = table.numbers("ms") + _MINUTE
    middle = 0.5 * (shortest(table.numbers("bid")) + shortest(table.numbers("ask")))
    # One key that sorts by contract, then by time: a day is shorter than its factor.
    factor = 48 * _HOUR
    keys = places * factor + ends
    order = np.argsort(keys, kind="stable")
    found = np.searchsorted(keys[order], codes.astype(np.int64) * factor + begin, side="right") - 1
    rows = order[np.maximum(found, 0)]
    same = (found >= 0) & (places[rows] == codes)
    return np.where(same, middle[rows], np.nan)


def _tick(codes: Codes, price: Floats) -> Floats:
    """The sign of the last change of price of each trade's contract; 0 before the first change."""
    change = np.zeros(len(price))
    change[1:] = np.where(codes[1:] == codes[:-1], np.sign(np.diff(price)), 0.0)
    first = np.ones(len(codes), dtype=np.bool_)
    first[1:] = codes[1:] != codes[:-1]
    # Carries the last change, or the contract's first trade, forward.
    places = np.maximum.accumulate(np.where((change != 0) | first, np.arange(len(codes)), 0))
    return change[places] if len(codes) else change


def _strategy(contract: Option, by: str) -> str:
    root = symbol(contract)[:6].strip()
    return root if by == "root" else f"{root} {np.datetime_as_string(contract.expiry, unit='D')}"


# --- the index and the clock ---------------------------------------------------------------------


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
    as_of = _instant(_day(date), moment)
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
    """The index's last close at a time in New York; its file counts from Chicago's midnight."""
    table = open_table(fspath(path))
    table.require("date", "ms", "close")
    labels, codes = table.text("date")
    days = np.array([_day(label) == _day(date) for label in labels.tolist()], dtype=bool)
    ends = table.numbers("ms") + _MINUTE + _HOUR
    rows = np.flatnonzero(days[codes] & (ends <= moment))
    if not len(rows):
        raise InvalidInput("date", date, f"must be in {table.source} before the time asked for")
    return float(table.numbers("close")[rows[np.argmax(ends[rows])]])


def _day(text: str) -> str:
    """20210104 of 20210104, 2021-01-04 or an instant on that day."""
    return text[:10].replace("-", "")[:8]


def _milliseconds(time: str | Time) -> int:
    moment = Time.fromisoformat(time) if isinstance(time, str) else time
    seconds = 3600 * moment.hour + 60 * moment.minute + moment.second
    return 1000 * seconds + moment.microsecond // 1000


def _instant(day: str, milliseconds: int) -> np.datetime64:
    """A time of day in New York: counted from 16:00, when options of that day expire."""
    option = cast(Option, parse_osi(f"SPXW  {day[2:]}C00001000"))
    return option.expiry + np.timedelta64(milliseconds - 16 * _HOUR, "ms")
