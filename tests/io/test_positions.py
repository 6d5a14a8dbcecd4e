"""Books from files: the schema, every kind of bad row, and back again."""

from __future__ import annotations

import math
import pickle

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from hedgerow import Cash, Future, Option, Perpetual, Spot, symbol
from hedgerow.errors import HedgerowError, InvalidFile, InvalidInput
from hedgerow.io import BadRow, Rejected, read_book, write_book
from hedgerow.portfolio import Book
from hedgerow.rejected import RejectedRows

SYMBOL = "must be a Deribit name, an OSI symbol or a name like option:ES/USD:..."


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        (
            "BTC-27MAR26-100000-Z,1,0.1",
            "instrument",
            "BTC-27MAR26-100000-Z",
            "right must be C or P",
        ),
        ("nonsense,1,0.1", "instrument", "nonsense", f"symbol {SYMBOL}"),
        (",1,0.1", "instrument", "", "instrument must be given"),
        ("cash:USD,many,1", "quantity", "many", "must be a number"),
        ("cash:USD,1_000,1", "quantity", "1_000", "must be a number"),
        ('cash:USD,"1,5",1', "quantity", "1,5", "must be a number"),
        ("cash:USD,,1", "quantity", "", "must be a finite number, is absent"),
        ("cash:USD,nan,1", "quantity", "nan", "must be a finite number, is absent"),
        ("cash:USD,inf,1", "quantity", "inf", "must be finite"),
        ("cash:USD,-1e999,1", "quantity", "-1e999", "must be finite"),
        ("cash:USD,1,x", "average_price", "x", "must be a number"),
        ("cash:USD,1,inf", "average_price", "inf", "must be finite"),
        ("BTC-PERPETUAL,1,0", "average_price", "0", "must be positive"),
        ("BTC-27MAR26,1,-5", "average_price", "-5", "must be positive"),
        ("cash:USD,1", "", "2 fields: cash:USD,1", "must have 3 fields, as the header"),
    ],
)
def test_every_kind_of_bad_row(write, row, column, value, reason):
    path = write(f"instrument,quantity,average_price\ncash:EUR,7,\n{row}\ncash:EUR,8,\n")
    book = read_book(path)
    assert book.rejected.rows == (BadRow(3, column, value, reason),)
    assert book.quantity.tolist() == [7, 8]
    with pytest.raises(RejectedRows) as caught:
        read_book(path, strict=True)
    assert isinstance(caught.value, HedgerowError)
    assert caught.value.rejected == book.rejected
    assert reason.split()[0] in str(caught.value)


def test_a_row_with_two_faults_names_both(write):
    rejected = read_book(write("instrument,quantity\nx,y\ncash:USD,1\n")).rejected
    assert [row.column for row in rejected] == ["instrument", "quantity"]
    assert rejected.lines == (2,)
    assert "1 row of" in repr(rejected)


def test_strict_accepts_a_good_file(write):
    assert len(read_book(write("instrument,quantity\ncash:USD,1\n"), strict=True)) == 1


TERMS = (
    "kind,underlying,expiry,strike,right,quote_currency,settlement,multiplier,currency,exercise,"
    "fixing,quantity\n"
)


@pytest.mark.parametrize(
    ("row", "contract"),
    [
        ("cash,,,,,,,,USD,,", Cash("USD")),
        ("spot,SPX,,,,,,,USD,,", Spot("SPX", "USD")),
        ("perpetual,BTC,,,,,inverse,10,,,", Perpetual("BTC", settlement="inverse", multiplier=10)),
        (
            "future,ES,2020-03-20T13:30Z,,,USD,,50,,,SOQ",
            Future("ES", "2020-03-20T13:30Z", multiplier=50, fixing="SOQ"),
        ),
        (
            "Option,AAPL,2014-06-06T16:00-04:00,640,Put,USD,linear,100,USD,American,",
            Option("AAPL", "2014-06-06T20:00Z", 640, "put", multiplier=100, exercise="american"),
        ),
        (
            "option,BTC,2026-03-27 08:00,100000,C,USD,inverse,,,,",
            Option("BTC", "2026-03-27T08:00Z", 100_000, "call", settlement="inverse"),
        ),
    ],
)
def test_terms_in_columns(write, row, contract):
    book = read_book(write(f"{TERMS}{row},1\n"))
    assert list(book.rejected) == []
    assert book.contracts == [contract]


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        (",BTC,,,,,,,,,", "kind", ""),
        ("swap,BTC,,,,,,,,,", "kind", "swap"),
        ("option,BTC,2026-03-27,,C,,,,,,", "strike", ""),
        ("option,BTC,2026-03-27,-1,C,,,,,,", "strike", "-1"),
        ("option,BTC,2026-03-27,x,C,,,,,,", "strike", "x"),
        ("option,BTC,2026-02-31,100,C,,,,,,", "expiry", "2026-02-31"),
        ("option,BTC,2026-03-27,100,X,,,,,,", "right", "X"),
        ("future,BTC,2026-03-27,100,,,,,,,", "strike", "100"),
        ("future,BTC,2026-03-27,,,,coins,,,,", "settlement", "coins"),
        ("perpetual,BTC,,,,,,0,,,", "multiplier", "0"),
        ("perpetual,BTC,,,,,linear,,EUR,,", "currency", "EUR"),
    ],
)
def test_bad_terms_are_named_by_their_column(write, row, column, value):
    (bad,) = read_book(write(f"{TERMS}{row},1\ncash,,,,,,,,USD,,,1\n")).rejected
    assert (bad.line, bad.column, bad.value) == (2, column, value)
    assert "must be" in bad.reason


def test_a_term_without_a_column_is_named_in_the_reason(write):
    (bad,) = read_book(write("kind,underlying,quantity\nfuture,ES,1\n")).rejected
    assert bad == BadRow(2, "", "", "expiry must be given for a future")
    assert str(bad) == "line 2: expiry must be given for a future"


def test_one_contract_in_several_spellings_is_one(write):
    names = ["SPXW  210115C03800000", "SPXW210115C03800000"]
    book = read_book(write("instrument,quantity\n" + "".join(f"{name},1\n" for name in names)))
    assert len(book.contracts) == 1
    assert any("2 rows are lots of 1 positions" in note for note in book.rejected.notes)


def test_nothing_is_dropped_silently(write):
    text = "instrument,quantity,strike,trader,tag:desk\ncash:USD,1,5,ann,x\n"
    book = read_book(write(text))
    assert book.rejected.notes == (
        "column not read (the instrument says it): strike",
        "column not read (not in the schema): trader",
    )
    assert book.tags["desk"].tolist() == ["x"]


@pytest.mark.parametrize("header", ["tag:account,account", "tag:,account", "tag:x,tag: x"])
def test_tags_have_distinct_names(write, header):
    with pytest.raises(InvalidFile, match="must name a tag"):
        read_book(write(f"instrument,quantity,{header}\ncash:USD,1,a,b\n"))


def test_the_report_is_readable(write):
    rows = "".join(f"{'unknown' * 20}{i},x\n" for i in range(100))
    rejected = read_book(write(f"instrument,quantity\n{rows}")).rejected
    text = str(rejected)
    assert max(map(len, text.splitlines())) <= 80
    assert "100 x must be a number" in text
    assert "and 180 more" in text
    assert pickle.loads(pickle.dumps(rejected)) == rejected


def test_an_empty_report_is_false_and_raises_nothing():
    rejected = Rejected()
    assert not rejected
    rejected.raise_if_any()


NAMES = ["BTC-27MAR26-100000-C", "SPXW  210115C03800000", "BTC-PERPETUAL", "cash:USD", "spot:A/USD"]
LABEL = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=5)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.floats(1e-9, 1e9) | st.floats(-1e9, -1e-9),
        st.floats(1e-9, 1e9) | st.just(math.nan),
        LABEL,
        LABEL,
    ),
    min_size=1,
)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
@given(rows=ROWS)
def test_what_is_written_reads_back(tmp_path_factory, suffix, rows):
    instrument, quantity, price, account, desk = map(list, zip(*rows, strict=True))
    tags = {"account": account, "desk": desk}
    book = Book.from_columns(instrument, quantity, price, tags=tags)
    path = tmp_path_factory.mktemp("books") / f"book{suffix}"
    write_book(book, path)
    again = read_book(path, strict=True)
    assert again.instrument.tolist() == instrument
    assert again.quantity.tolist() == quantity
    np.testing.assert_allclose(again.average_price, book.average_price, rtol=1e-14)
    assert {name: labels.tolist() for name, labels in again.tags.items()} == tags


def test_books_are_written_to_known_formats_only(tmp_path):
    with pytest.raises(InvalidInput, match="must end in one of"):
        write_book(Book(), tmp_path / "book.xlsx")


def test_symbols_are_what_a_file_keeps(tmp_path):
    option = Option("ES", "2020-03-20T13:30:00Z", 3000, "call", multiplier=50)
    path = tmp_path / "book.csv"
    write_book(Book.from_columns([option], [1]), path)
    assert symbol(option) in path.read_text()
    assert read_book(path).contracts == [option]


def test_a_profit_that_no_average_price_can_say_is_not_lost_silently(tmp_path):
    option = "BTC-27MAR26-100000-C"
    lots = Book.from_columns([option, option], [10, -10], [0.05, 0.06])
    write_book(lots, tmp_path / "lots.csv")
    assert read_book(tmp_path / "lots.csv") == lots
    with pytest.raises(InvalidInput, match="1 rows, first BTC-27MAR26-100000-C: is flat"):
        write_book(lots.net(), tmp_path / "net.csv")
    assert not (tmp_path / "net.csv").exists()
