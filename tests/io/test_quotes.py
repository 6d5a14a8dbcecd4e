"""Quotes from files: where their instant stands, and every kind of bad row."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from hedgerow.errors import InvalidFile, InvalidInput
from hedgerow.io import BadRow, read_quotes
from hedgerow.rejected import RejectedRows

AS_OF = "# as_of: 2026-03-18T16:13:09Z\n"
HEADER = "instrument,bid,ask,mark,forward,index\n"
CALL = "BTC-27MAR26-75000-C"
PUT = "BTC-27MAR26-75000-P"


def test_a_file(write):
    rows = f"spot:BTC/USD,,,71265,,\n{CALL},0.01,0.02,,71250,71265\n{PUT},,0.06,,71250,71265\n"
    quotes = read_quotes(write(AS_OF + HEADER + rows), strict=True)
    assert quotes.as_of == np.datetime64("2026-03-18T16:13:09")
    assert list(map(str, quotes.contracts)) == ["spot:BTC/USD", CALL, PUT]
    np.testing.assert_array_equal(quotes.bid, [np.nan, 0.01, np.nan])
    np.testing.assert_array_equal(quotes.ask, [np.nan, 0.02, 0.06])
    np.testing.assert_array_equal(quotes.mark, [71265, np.nan, np.nan])
    np.testing.assert_array_equal(quotes.forward, [np.nan, 71250, 71250])
    np.testing.assert_array_equal(quotes.index, [np.nan, 71265, 71265])
    assert not quotes.rejected


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        (f"{PUT},0.03,0.02,,,", "bid", "0.03 > 0.02", "must not be above the ask"),
        (f"{PUT},-0.03,0.02,,,", "bid", "-0.03", "must not be negative"),
        (f"{PUT},0.03,inf,,,", "ask", "inf", "must be finite"),
        (f"{PUT},0.03,x,,,", "ask", "x", "must be a number"),
        (f"{PUT},,,,71250,71265", "bid", "", "must have a bid, an ask or a mark"),
        (f"{PUT},0.01,0.02,,-1,", "forward", "-1", "must not be negative"),
        (f"{CALL},0.01,0.02,,,", "instrument", CALL, "must be quoted once, is quoted before"),
        (
            "BTC-18MAR26-75000-P,0.01,0.02,,,",
            "instrument",
            "BTC-18MAR26-75000-P",
            "must expire after 2026-03-18T16:13:09Z",
        ),
        ("x,1,2,,,", "instrument", "x", None),
        (f"{PUT},1", "", f"2 fields: {PUT},1", "must have 6 fields, as the header"),
    ],
)
def test_every_kind_of_bad_row(write, row, column, value, reason):
    path = write(f"{AS_OF}{HEADER}{CALL},0.01,0.02,,,\n{row}\n")
    quotes = read_quotes(path)
    assert list(map(str, quotes.contracts)) == [CALL]
    (bad,) = quotes.rejected
    assert bad == BadRow(4, column, value, bad.reason if reason is None else reason)
    with pytest.raises(RejectedRows):
        read_quotes(path, strict=True)


def test_a_rejected_quote_does_not_bar_its_repetition(write):
    quotes = read_quotes(write(f"{AS_OF}{HEADER}{CALL},3,2,,,\n{CALL},1,2,,,\n"))
    assert quotes.rejected.lines == (3,)
    assert quotes.bid.tolist() == [1]


def test_the_instant_may_be_a_column():
    frame = pl.DataFrame(
        {
            "as_of": ["2026-03-18T16:13:09Z", "2026-03-18 16:13:09", "2026-03-19", "noon", None],
            "instrument": [f"BTC-27MAR26-{strike}-C" for strike in range(75_000, 80_000, 1_000)],
            "bid": [1.0] * 5,
            "ask": [2.0] * 5,
        }
    )
    quotes = read_quotes(frame)
    assert quotes.as_of == np.datetime64("2026-03-18T16:13:09")
    assert len(quotes) == 2
    assert [(row.line, row.column, row.value) for row in quotes.rejected] == [
        (3, "as_of", "2026-03-19"),
        (4, "as_of", "noon"),
        (5, "as_of", ""),
    ]


def test_the_instant_may_be_an_argument(write):
    path = write(f"instrument,bid,ask\n{CALL},1,2\n")
    assert read_quotes(path, as_of="2026-03-01").as_of == np.datetime64("2026-03-01")


def test_the_instant_must_be_somewhere(write):
    with pytest.raises(InvalidInput, match="must be given"):
        read_quotes(write(f"instrument,bid,ask\n{CALL},1,2\n"))


def test_the_instant_must_not_contradict_itself(write):
    path = write(f"{AS_OF}instrument,bid,ask\n{CALL},1,2\n")
    with pytest.raises(InvalidInput, match="must agree with the file's"):
        read_quotes(path, as_of="2026-03-01")


def test_an_unreadable_instant_is_named(write):
    with pytest.raises(InvalidFile, match="# as_of: noon"):
        read_quotes(write("# as_of: noon\ninstrument,bid,ask\n"))


def test_both_sides_are_required_columns(write):
    with pytest.raises(InvalidFile, match="no column 'ask'"):
        read_quotes(write(f"{AS_OF}instrument,bid\n{CALL},1\n"))


def test_when_rows_were_heard_of(write):
    rows = f"{CALL},0.01,0.02,2026-03-18T16:13:00Z\n{PUT},0.05,0.06,\n"
    path = write(AS_OF + "instrument,bid,ask,quoted_at\n" + rows)
    quotes = read_quotes(path, strict=True)
    assert quotes.quoted_at[0] == np.datetime64("2026-03-18T16:13:00")
    assert np.isnat(quotes.quoted_at[1])
    later = rows + "BTC-27MAR26-80000-C,0.01,0.02,2026-03-18T16:14Z\n"
    later += "BTC-27MAR26-81000-C,0.01,0.02,noon\n"
    quotes = read_quotes(write(AS_OF + "instrument,bid,ask,quoted_at\n" + later))
    assert len(quotes) == 2
    after, unread = quotes.rejected
    assert (after.line, after.column) == (5, "quoted_at")
    assert after.reason == "must not be after 2026-03-18T16:13:09Z"
    assert (unread.line, unread.column, unread.value) == (6, "quoted_at", "noon")
