"""Readers of venues' layouts, on small files made here."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hedgerow.errors import InvalidInput
from hedgerow.io import maker_book, read_chain, read_deribit_chain, read_option_bars
from hedgerow.rejected import RejectedRows

MINUTE = 60_000
OPEN = 570 * MINUTE  # 09:30


@pytest.fixture
def save(tmp_path):
    def saver(name, columns, rows):
        table = pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows])
        for column in ("strike", "bid", "ask", "close"):
            if column in columns:  # venues' files are kept in single precision
                at = columns.index(column)
                table = table.set_column(at, column, table[column].cast(pa.float32()))
        pq.write_table(table, tmp_path / name)
        return tmp_path / name

    return saver


# --- Deribit -------------------------------------------------------------------------------------

CHAIN = [
    *("snapshot", "currency", "expiry", "strike", "cp", "bid", "ask", "mark"),
    *("underlying", "index", "open_interest"),
]


def day(text):
    return np.datetime64(text, "ms").item()


@pytest.fixture
def chain(save):
    first, last, expiry = map(day, ("2026-03-18T10:00", "2026-03-18T16:00", "2026-03-27T08:00"))
    rows = [
        (first, "BTC", expiry, 75000, "C", 0.1, 0.2, 0.15, 70000.0, 69999.0, 1.0),
        (last, "BTC", expiry, 75000, "C", 0.0035, None, 0.0036, 71250.5, 71265.0, 1.0),
        (last, "BTC", expiry, 75000, "P", 0.0, 0.06, 0.055, 71250.5, 71265.0, 1.0),
        (last, "BTC", expiry, 75000, "X", 0.05, 0.06, 0.055, 71250.5, 71265.0, 1.0),
        (last, "ETH", expiry, 2000, "C", 0.05, 0.06, 0.055, 2100.0, 2101.0, 1.0),
    ]
    return save("chain.parquet", CHAIN, rows)


def test_a_chain_is_the_last_snapshot(chain):
    quotes = read_deribit_chain(chain, currency="BTC")
    assert quotes.as_of == np.datetime64("2026-03-18T16:00")
    assert list(map(str, quotes.contracts)) == ["BTC-27MAR26-75000-C", "BTC-27MAR26-75000-P"]
    np.testing.assert_array_equal(quotes.bid, [0.0035, np.nan])
    np.testing.assert_array_equal(quotes.ask, [np.nan, 0.06])
    assert quotes.forward.tolist() == [71250.5, 71250.5]
    assert [(row.line, row.column, row.value) for row in quotes.rejected] == [(4, "cp", "X")]
    with pytest.raises(RejectedRows):
        read_deribit_chain(chain, currency="BTC", strict=True)


def test_an_earlier_snapshot_is_the_last_that_is_not_later(chain):
    quotes = read_deribit_chain(chain, snapshot="2026-03-18T15:59", currency="BTC")
    assert quotes.as_of == np.datetime64("2026-03-18T10:00")
    assert quotes.bid.tolist() == [0.1]
    with pytest.raises(InvalidInput, match="must not be before the first snapshot"):
        read_deribit_chain(chain, snapshot="2026-03-18T09:59", currency="BTC")


@pytest.mark.parametrize("currency", [None, "SOL"])
def test_the_currency_is_named_where_there_are_several(chain, currency):
    with pytest.raises(InvalidInput, match="must be one of BTC, ETH"):
        read_deribit_chain(chain, currency=currency)


# --- minute bars ---------------------------------------------------------------------------------

QUOTES = ["date", "root", "ms", "bid", "ask", "cp", "strike", "expiry"]
TRADES = ["date", "root", "ms", "close", "volume", "cp", "strike", "expiry"]
OPTION = ("C", 3800.0, "20210108")


@pytest.fixture
def bars(save):
    rows = [
        ("20210104", "SPXW", OPEN, 10.0, 11.0, *OPTION),
        ("20210104", "SPXW", OPEN + MINUTE, 564.1, 565.1, *OPTION),
        ("20210104", "SPXW", OPEN + 2 * MINUTE, 30.0, 31.0, *OPTION),
        ("20210104", "SPX", OPEN, None, 0.5, "P", 3000.0, "20210115"),
        ("20210105", "SPXW", OPEN, 1.0, 2.0, *OPTION),
    ]
    return save("quotes.parquet", QUOTES, rows)


def test_bars_are_known_when_they_end(bars):
    quotes = read_option_bars(bars, date="2021-01-04", time="09:32:59")
    assert quotes.as_of == np.datetime64("2021-01-04T14:32:59")
    names = ["SPXW  210108C03800000", "SPX   210115P03000000"]
    assert list(map(str, quotes.contracts)) == names
    np.testing.assert_array_equal(quotes.bid, [564.1, np.nan])
    np.testing.assert_array_equal(quotes.ask, [565.1, 0.5])


def test_stale_quotes_are_left_out_with_a_note(bars):
    quotes = read_option_bars(bars, date="20210104", time="09:33", staleness=1)
    assert list(map(str, quotes.contracts)) == ["SPXW  210108C03800000"]
    notes = quotes.rejected.notes
    assert notes[0] == "SPX   210115P03000000 left out: last quoted 2 min ago"


def test_the_index_counts_from_midnight_in_chicago(bars, write):
    text = f"date,ms,close\n20210104,{OPEN - 60 * MINUTE},3700\n20210104,{OPEN},3800\n"
    index = write(text, "index.csv")
    quotes = read_option_bars(bars, date="20210104", time="09:33", index_path=index)
    assert str(quotes.contracts[0]) == "spot:SPX/USD"
    assert quotes.mark[0] == 3700
    assert quotes.index.tolist() == [3700] * 3


@pytest.mark.parametrize(
    ("date", "time", "rule"),
    [
        ("20210106", "10:00", "must be one of 20210104, 20210105"),
        ("20210104", "09:30", "first bar"),
    ],
)
def test_no_bars_is_an_error(bars, date, time, rule):
    with pytest.raises(InvalidInput, match=rule):
        read_option_bars(bars, date=date, time=time)


def test_winter_and_summer_time(save):
    rows = [("20220401", "SPXW", "20220404", 4500, "C", 1.0, 0.0)]
    path = save("chain.parquet", ["date", "root", "expiry", "strike", "cp", "bid", "ask"], rows)
    quotes = read_chain(path, time="16:00", index=4545.86)
    assert quotes.as_of == np.datetime64("2022-04-01T20:00")
    assert np.isnan(quotes.ask[0])
    assert quotes.index.tolist() == [4545.86]


# --- the maker's book ----------------------------------------------------------------------------


def trades(save, *rows):
    columns = [("20210104", "SPXW", OPEN + m * MINUTE, *rest, *OPTION) for m, *rest in rows]
    return save("trades.parquet", TRADES, columns)


def lots(book):
    return sorted(zip(book.quantity.tolist(), book.average_price.tolist(), strict=True))


def test_trades_are_signed_by_the_quotes_before_their_minute(bars, save):
    path = trades(
        save,
        (1, 10.6, 2),  # above 10.5: bought, so the maker sold
        (1, 11.0, 2),
        (2, 20.0, 3),  # far below 564.6: sold
        (3, 31.0, 5),  # after the time asked for
    )
    book = maker_book(bars, path, date="20210104", time="09:33")
    assert lots(book) == [(-4, pytest.approx(10.8)), (3, 20)]
    assert book.tags["strategy"].tolist() == ["SPXW 2021-01-08"] * 2
    assert book.tags["account"].tolist() == ["maker"] * 2
    assert book.tags["venue"].tolist() == ["CBOE"] * 2


def test_trades_at_the_middle_are_signed_by_the_last_change_of_price(bars, save):
    path = trades(
        save,
        (0, 10.0, 1),  # no quotes and no earlier price: unsigned
        (0, 10.25, 2),  # up: bought
        (1, 10.5, 4),  # at the middle, up from 10.25: bought
        (1, 10.5, 8),  # no change since: as the one before
    )
    book = maker_book(bars, path, date="20210104", time="09:32", strategy="root")
    assert lots(book) == [(-14, pytest.approx((2 * 10.25 + 12 * 10.5) / 14))]
    assert "1 trades of 1 contracts could not be signed" in book.rejected.notes
    assert book.tags["strategy"].tolist() == ["SPXW"]


def test_a_strike_that_is_no_number_is_rejected(bars, write):
    trades = write(
        "date,root,ms,cp,strike,expiry,close,volume\n"
        f"20210104,SPXW,{OPEN + MINUTE},C,3700,20210115,10.5,1\n"
        f"20210104,SPXW,{OPEN + MINUTE},C,many,20210115,10.5,1\n"
        f"20210104,SPXW,{OPEN + MINUTE},C,,20210115,10.5,1\n",
        "trades.csv",
    )
    book = maker_book(bars, trades, date="20210104", time="09:40")
    assert {row.line: row.column for row in book.rejected} == {3: "strike", 4: "strike"}
    assert book.rejected[0].value == "many"


def test_trades_without_volume_are_rejected(bars, save):
    path = trades(save, (1, 10.6, 0), (1, 10.6, 1))
    rejected = maker_book(bars, path, date="20210104", time="09:33").rejected
    assert [(row.line, row.column, row.value) for row in rejected] == [(1, "volume", "0")]
