"""The text: 80 columns, the reader's order, nothing hidden."""

from __future__ import annotations

import numpy as np

from hedgerow import Book, Option
from hedgerow.report import build, to_text
from hedgerow.report.table import Column, Table
from hedgerow.report.text import format_table

TITLES = [
    "WHAT DO I HOLD",
    "WHAT IS IT WORTH",
    "WHAT AM I EXPOSED TO",
    "WHAT CAN I LOSE",
    "WHAT NEEDS ATTENTION",
    "IN WHICH MARKET",
]


def test_every_line_fits_80_columns(report):
    lines = to_text(report).splitlines()
    assert max(map(len, lines)) == 80
    assert not [line for line in lines if line != line.rstrip()]


def test_sections_come_in_the_readers_order(report):
    lines = to_text(report).splitlines()
    places = [lines.index(title) for title in TITLES]
    assert places == sorted(places)


def test_bad_rows_are_told_at_the_top_and_in_full(report):
    text = to_text(report)
    assert "6 positions not valued and 2 rows" in text.splitlines()[3]
    together = " ".join(text.split())
    assert "the market has no NDX" in together
    assert "Rows left out of book.csv" in together
    assert "column not read" in together


def test_many_expiries_are_lumped_and_still_add_up(snapshot):
    contracts = [
        Option("SPX", "2021-01-15T21:00Z", 3000.0 + 10 * n, "C", multiplier=100) for n in range(90)
    ]
    book = Book.from_columns(contracts, np.arange(90) - 30.0, np.full(90, 50.0))
    report = build(book, snapshot, by=["strike"])
    text = to_text(report, rows=10)
    assert "80 others" in text
    assert "Others: the 80 smallest, summed." in text
    block = text[text.index("Value and P&L by strike") :]
    rows = block[: block.index("Others:")].splitlines()
    values = [float(line.split()[-2].replace(",", "")) for line in rows[4:] if "---" not in line]
    assert len(values) == 12
    assert abs(sum(values[:-1]) - values[-1]) <= 0.5 * len(values)
    assert max(map(len, text.splitlines())) <= 80


def test_empty_book_reads_well(snapshot):
    text = to_text(build(Book(), snapshot))
    assert "0 positions in 0 contracts" in text
    assert "Every row was read, and every position is valued." in text
    assert "nan" not in text


def test_words_wrap_and_columns_give_way():
    words = Column("reason", "", ("word " * 30,), number=False, wraps=True)
    wide = tuple(Column(f"column {n}", "", ("1" * 16,)) for n in range(6))
    wrapped = format_table(Table("Title", (wide[0], words)))
    assert max(map(len, wrapped)) <= 80
    assert " ".join(wrapped).count("word") == 30
    narrowed = format_table(Table("Title", wide))
    assert max(map(len, narrowed)) <= 80
    assert "2 more columns" in narrowed[-1]


def test_attention_counts_only_what_there_is(snapshot):
    unknown = Book.from_columns(["ETH-29JAN21-1000-C"], [1])
    text = to_text(build(unknown, snapshot))
    assert "1 position could not be valued: in no total." in text
    assert "expired: counted" not in text
