"""Minute bars of listed options and of their index, in the layout of QuantConnect's LEAN.

A row per bar: date (20210104), root (SPXW), ms (milliseconds after midnight in New York at which
the minute begins), cp, strike, expiry (20210115). Quotes have bid and ask at the end of the minute,
trades open, high, low, close and volume. Bars of an index count from midnight in Chicago.
"""

from __future__ import annotations

from datetime import time as Time
from os import PathLike
from typing import NamedTuple, cast

import numpy as np

from hedgerow._core import Contracts, Option, parse_osi
from hedgerow.errors import InvalidInput
from hedgerow.io.instruments import codes_of, make_contracts
from hedgerow.io.source import Source, open_table
from hedgerow.io.table import Codes, Floats, Mask, Table, shortest

Path = str | PathLike[str]
MINUTE = 60_000  # milliseconds; a bar is stamped with its beginning and known at its end
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_COLUMNS = ("date", "root", "ms", "cp", "strike", "expiry")


def open_bars(
    source: Source, date: str | None, time: str | Time | None, *columns: str
) -> tuple[Table, int]:
    """The day's bars that have ended at a time, and that time in milliseconds after midnight.

    None is the file's only day, and the end of the day.
    """
    table = open_table(source)
    table.require(*_COLUMNS, *columns)
    labels, codes = table.text("date")
    known = sorted({day_of(labels[code]) for code in np.unique(codes).tolist()})
    day = day_of(date) if date is not None else known[0] if len(known) == 1 else ""
    if day not in known:
        raise InvalidInput("date", date, f"must be one of {', '.join(known)}")
    days = np.array([day_of(label) == day for label in labels.tolist()], dtype=bool)
    moment = DAY if time is None else milliseconds(time)
    table.keep(days[codes] & (table.numbers("ms") + MINUTE <= moment))
    if not len(table):
        raise InvalidInput("time", time, "must not be before the end of the day's first bar")
    return table, moment


def the_day(table: Table) -> str:
    """The day of bars of one day, as 20210104."""
    labels, codes = table.text("date")
    return day_of(labels[int(codes[0])])


def contracts_of(table: Table) -> tuple[Contracts, Codes]:
    """The contracts of a table's rows, and each row's place among them: -1 where it is rejected."""
    root, right, expiry = table.text("root"), table.text("cp"), table.text("expiry")
    strike = shortest(table.numbers("strike"))

    def make(row: int) -> Option:
        if np.isnan(strike[row]):
            raise InvalidInput("strike", strike[row], "must be given")
        day = day_of(expiry.labels[int(expiry.codes[row])])
        name = root.labels[int(root.codes[row])]
        letter = right.labels[int(right.codes[row])]
        text = f"{name:<6}{day[2:]}{letter}{round(1000 * strike[row]):08d}"
        return cast(Option, parse_osi(text))

    keys = [root.codes, right.codes, expiry.codes, codes_of(strike)]
    return make_contracts(table, keys, make, {"right": "cp"})


def last_rows(codes: Codes, ends: Floats) -> Mask:
    """Which rows are the last of their contract."""
    order = np.lexsort((ends, codes))
    last = np.ones(len(codes), dtype=np.bool_)
    last[order[:-1]] = codes[order[1:]] != codes[order[:-1]]
    return last & (codes >= 0)


class SignedTrades(NamedTuple):
    """The trades of a day, a bar each, by contract and then by time."""

    table: Table  # what was read, with what was rejected
    contracts: Contracts
    codes: Codes  # each trade's place among the contracts
    begin: Floats  # milliseconds after midnight at which its minute begins
    price: Floats  # the bar's close
    volume: Floats  # contracts
    sign: Floats  # of the aggressor: +1 bought, -1 sold, 0 where nothing tells
    by_quotes: Mask  # signed by the quotes, not by the last change of the price


def sign_trades(
    trades: Source, quotes: Source, date: str | None, time: str | Time | None
) -> SignedTrades:
    """The day's trades up to a time, with the side that each came from.

    As Lee and Ready, "Inferring Trade Direction from Intraday Data" (Journal of Finance 1991): an
    aggressor bought when above the middle of the quotes that stood before its minute, sold when
    below, and at the middle (or without quotes) by the last change of the contract's price. A bar
    counts as one trade at its close.
    """
    table, _ = open_bars(trades, date, time, "close", "volume")
    contracts, codes = contracts_of(table)
    begin = table.numbers("ms", required=True)
    price = shortest(table.numbers("close", required=True))
    volume = table.numbers("volume", required=True)
    table.reject((volume <= 0) & table.good, "volume", "must be positive")
    table.ignore([name for name in ("open", "high", "low") if name in table], "the close counts")
    order = np.lexsort((begin, codes))
    order = order[table.good[order]]
    codes, begin, price, volume = codes[order], begin[order], price[order], volume[order]
    middle = _prevailing(quotes, date, time, contracts, codes, begin)
    quoted = np.sign(price - middle)
    by_quotes = ~np.isnan(quoted) & (quoted != 0)
    sign = np.where(by_quotes, quoted, _tick(codes, price))
    return SignedTrades(table, contracts, codes, begin, price, volume, sign, by_quotes)


def _prevailing(
    source: Source,
    date: str | None,
    time: str | Time | None,
    contracts: Contracts,
    codes: Codes,
    begin: Floats,
) -> Floats:
    """The middle of the last bar of quotes that ended when each trade's minute began, else NaN."""
    table, _ = open_bars(source, date, time, "bid", "ask")
    quoted, places = contracts_of(table)
    number = {contract: code for code, contract in enumerate(contracts.tolist())}
    places = np.array([*(number.get(contract, -1) for contract in quoted.tolist()), -1])[places]
    ends = table.numbers("ms") + MINUTE
    middle = 0.5 * (shortest(table.numbers("bid")) + shortest(table.numbers("ask")))
    # One key that sorts by contract, then by time: a day is shorter than its factor.
    factor = 2 * DAY
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


def index_bars(source: Source, day: str) -> tuple[Floats, Floats]:
    """When the bars of an index end, in milliseconds after midnight in New York, and their closes.

    Ordered by time; the file (date, ms, close) counts from Chicago's midnight.
    """
    table = open_table(source)
    table.require("date", "ms", "close")
    labels, codes = table.text("date")
    days = np.array([day_of(label) == day for label in labels.tolist()], dtype=bool)
    rows = np.flatnonzero(days[codes])
    if not len(rows):
        raise InvalidInput("date", day, f"must be in {table.source}")
    ends = table.numbers("ms")[rows] + MINUTE + HOUR
    order = np.argsort(ends, kind="stable")
    return ends[order], table.numbers("close")[rows][order]


def day_of(text: str) -> str:
    """20210104 of 20210104, 2021-01-04 or an instant on that day."""
    return text[:10].replace("-", "")[:8]


def milliseconds(time: str | Time) -> int:
    """A time of day since midnight."""
    moment = Time.fromisoformat(time) if isinstance(time, str) else time
    seconds = 3600 * moment.hour + 60 * moment.minute + moment.second
    return 1000 * seconds + moment.microsecond // 1000


def instant(day: str, since_midnight: float) -> np.datetime64:
    """A time of day in New York: counted from 16:00, when options of that day expire."""
    option = cast(Option, parse_osi(f"SPXW  {day[2:]}C00001000"))
    return option.expiry + np.timedelta64(round(since_midnight) - 16 * HOUR, "ms")
