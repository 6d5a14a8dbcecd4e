"""Makes the example files from their sources; README.md says what those are.

python make.py spx QUOTES.parquet TRADES.parquet INDEX.csv.gz
python make.py day QUOTES.parquet TRADES.parquet INDEX.csv.gz
python make.py btc CHAIN.parquet PERPETUALS.csv.gz FUTURES.csv.gz
python make.py aapl QUOTES.parquet EQUITIES.parquet
"""

from __future__ import annotations

import csv
import gzip
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import NormalDist, median
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import hedgerow as hr
from hedgerow.calibrate.quotes import Quotes
from hedgerow.io import maker_book, read_deribit_chain, read_option_bars, write_book
from hedgerow.io.table import shortest
from hedgerow.portfolio import Book

HERE = Path(__file__).parent
SPX_DATE, SPX_TIME = "2021-01-04", "15:30"
BTC_SNAPSHOT = "2026-03-18T16:13:09Z"
BTC_EXPIRIES = ("19MAR26", "20MAR26", "27MAR26", "24APR26", "26JUN26", "25SEP26")
BTC_OPEN_INTEREST = 200.0  # coins, call and put of a strike together
MAKER_SHARE = 0.02  # of the open interest: what the maker is short
TAIL_SHARE = 0.01  # of the open interest: what the tail hedge is long
AAPL_DATE, AAPL_CLOSE = "20140609", "2014-06-09T20:00:00Z"
AAPL_EXPIRIES = ("140725", "141018", "160115")  # as OSI symbols have them
HEADER = ("instrument", "bid", "ask", "mark", "forward", "index")


def text(value: float) -> str:
    """A figure as short as it reads back; nothing for NaN."""
    return "" if math.isnan(value) else repr(float(value)).removesuffix(".0")


def write_quotes(name: str, as_of: object, rows: Iterable[tuple[str, ...]]) -> None:
    """A quotes file with its instant in a comment."""
    with open(HERE / name, "w", encoding="utf-8", newline="") as file:
        file.write(f"# as_of: {as_of}\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows)


def rows_of(quotes: Quotes) -> list[tuple[str, ...]]:
    """Quotes as they stand in a file."""
    columns = (quotes.bid, quotes.ask, quotes.mark, quotes.forward, quotes.index)
    figures = zip(*columns, strict=True)
    return [
        (hr.symbol(contract), *map(text, row))
        for contract, row in zip(quotes.contracts, figures, strict=True)
    ]


def make_spx(quotes_path: str, trades_path: str, index_path: str) -> None:
    """The quotes of one afternoon, and what a maker holds who took the other side of all trades."""
    quotes = read_option_bars(quotes_path, date=SPX_DATE, time=SPX_TIME, index_path=index_path)
    write_quotes("spx_20210104_quotes.csv", "2021-01-04T20:30:00Z", rows_of(quotes))
    book = maker_book(quotes_path, trades_path, date=SPX_DATE, time=SPX_TIME)
    write_book(book, HERE / "spx_20210104_positions.csv")


def write_bars(name: str, columns: dict[str, Any]) -> None:
    """Bars as compressed text, the same bytes every time."""
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    data = "\n".join([*lines, ""]).encode()
    (HERE / name).write_bytes(gzip.compress(data, mtime=0))


def make_day(quotes_path: str, trades_path: str, index_path: str) -> None:
    """The minute bars of a whole day: all weekly options that the source has, and the index."""
    keys = {"date": int, "root": str, "ms": int, "cp": str, "strike": int, "expiry": int}
    for source, name, figures in (
        (quotes_path, "quotes", ("bid", "ask")),
        (trades_path, "trades", ("close", "volume")),
    ):
        table = pq.read_table(source)
        chosen = [("date", "=", SPX_DATE.replace("-", "")), ("root", "=", "SPXW")]
        table = table.filter(pq.filters_to_expression(chosen))
        columns: dict[str, Any] = {
            key: [read(value) for value in table[key].to_pylist()] for key, read in keys.items()
        }
        for figure in figures:
            columns[figure] = [text(value) for value in shortest(table[figure].to_numpy())]
        write_bars(f"spxw_20210104_{name}.csv.gz", columns)
    index = read_rows(index_path, date=SPX_DATE.replace("-", ""))
    names = ("date", "ms", "close")
    write_bars("spx_20210104_index.csv.gz", {key: [row[key] for row in index] for key in names})


def read_rows(path: str, **wanted: str) -> list[dict[str, str]]:
    """Rows of a compressed CSV file whose columns begin with the wanted texts."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return [
            row
            for row in csv.DictReader(file)
            if all(row[name].startswith(value) for name, value in wanted.items())
        ]


def open_interest(path: str) -> dict[Any, tuple[float, float]]:
    """Open interest in coin and mark volatility of each option of the snapshot."""
    table = pq.read_table(path)
    instant = np.datetime64(BTC_SNAPSHOT.removesuffix("Z"), "ms")
    table = table.filter(pa.array(table["snapshot"].to_numpy() == instant))
    return {
        (np.datetime64(row["expiry"], "ns"), row["strike"], row["cp"]): (
            row["open_interest"],
            row["mark_iv"],
        )
        for row in table.to_pylist()
    }


def select(quotes: Quotes, interest: dict[Any, tuple[float, float]]) -> Quotes:
    """The chosen expiries, and of these the strikes that people hold."""

    def held(option: hr.Option) -> bool:
        chosen = hr.symbol(option).split("-")[1] in BTC_EXPIRIES
        sides = [interest.get((option.expiry, option.strike, cp), (0.0, 0.0))[0] for cp in "CP"]
        return chosen and sum(sides) >= BTC_OPEN_INTEREST

    return quotes.select([held(contract) for contract in quotes.contracts])


def delta(option: hr.Option, as_of: np.datetime64, forward: float, volatility: float) -> float:
    """Black's delta, in coin per coin."""
    deviation = volatility * math.sqrt(hr.year_fraction(as_of, option.expiry))
    d1 = math.log(forward / option.strike) / deviation + deviation / 2
    return NormalDist().cdf(d1) - (option.right == hr.Right.PUT)


def make_btc(chain_path: str, perpetuals_path: str, futures_path: str) -> None:
    """A few hundred quotes of one snapshot, and an invented book on them."""
    interest = open_interest(chain_path)
    chain = read_deribit_chain(chain_path, snapshot=BTC_SNAPSHOT, currency="BTC")
    quotes = select(chain, interest)
    index = median(chain.index.tolist())
    perpetual = read_rows(
        perpetuals_path, instrument_name="BTC-PERPETUAL", obs_datetime=BTC_SNAPSHOT[:19]
    )[0]
    futures = {
        row["futures_instrument_name"]: float(row["snapshot_term_mark_price"])
        for row in read_rows(futures_path, currency="BTC", timestamp=BTC_SNAPSHOT[:19])
    }
    marks = {"BTC-PERPETUAL": float(perpetual["perp_futures_mark_price"]), **futures}
    rows = [("spot:BTC/USD", "", "", text(index), "", "")]
    rows += [(name, "", "", text(mark), "", text(index)) for name, mark in marks.items()]
    write_quotes("btc_20260318_quotes.csv", BTC_SNAPSHOT, rows + rows_of(quotes))

    positions: list[tuple[str, float, float, str, str, str]] = []
    exposure = 0.0
    columns = (quotes.contracts, quotes.bid, quotes.ask, quotes.forward)
    for option, bid, ask, forward in zip(*columns, strict=True):
        held, volatility = interest[option.expiry, option.strike, hr.symbol(option)[-1]]
        sold = round(MAKER_SHARE * held, 1)
        if sold > 0 and not math.isnan(ask):
            positions.append((hr.symbol(option), -sold, ask, "market making", "maker", "Deribit"))
            exposure -= sold * delta(option, quotes.as_of, forward, volatility)
        bought = round(TAIL_SHARE * held, 1)
        wing = option.right == hr.Right.PUT and option.strike < 0.85 * forward
        if wing and bought > 0 and not math.isnan(bid):
            positions.append((hr.symbol(option), bought, bid, "tail hedge", "fund", "OTC"))
            exposure += bought * delta(option, quotes.as_of, forward, volatility)
    for name, share in (("BTC-PERPETUAL", 0.75), ("BTC-27MAR26", 0.25)):
        contracts = round(-share * exposure * marks[name] / 10)  # of ten dollars
        positions.append((name, contracts, marks[name], "delta hedge", "maker", "Deribit"))
    positions.append(("cash:BTC", 400.0, math.nan, "treasury", "maker", "Deribit"))
    positions.append(("cash:USD", 5_000_000.0, math.nan, "treasury", "fund", "OTC"))
    instrument, quantity, price, strategy, account, venue = zip(*positions, strict=True)
    tags = {"strategy": strategy, "account": account, "venue": venue}
    book = Book.from_columns(instrument, quantity, price, tags=tags)
    write_book(book, HERE / "btc_20260318_positions.csv")


def make_aapl(quotes_path: str, equities_path: str) -> None:
    """The closing quotes of three expiries of American options, and the share's close."""
    table = pq.read_table(quotes_path)
    bids, asks = (shortest(table[side].to_numpy()) for side in ("bid", "ask"))
    strikes = shortest(table["strike"].to_numpy())
    days = table["expiry"].to_pylist()
    rows = [
        (f"AAPL  {day[2:]}{right}{round(1000 * strike):08d}", text(bid), text(ask), "", "", "")
        for day, right, strike, bid, ask in zip(
            days, table["cp"].to_pylist(), strikes, bids, asks, strict=True
        )
        if day[2:] in AAPL_EXPIRIES
    ]
    equities = pq.read_table(equities_path).to_pylist()
    (close,) = (
        row["close"] for row in equities if (row["date"], row["symbol"]) == (AAPL_DATE, "AAPL")
    )
    share = ("spot:AAPL/USD", text(close), text(close), "", "", "")
    write_quotes("aapl_20140609_quotes.csv", AAPL_CLOSE, [share, *sorted(rows)])


MAKERS = {"spx": (make_spx, 3), "day": (make_day, 3), "btc": (make_btc, 3), "aapl": (make_aapl, 2)}

if __name__ == "__main__":
    make, count = MAKERS.get(sys.argv[1] if len(sys.argv) > 1 else "", (None, 0))
    if make is None or len(sys.argv) != 2 + count:
        sys.exit(__doc__)
    make(*sys.argv[2:])
