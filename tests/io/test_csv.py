"""CSV files: every spelling of the format that is read, and every file that can't be."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from hedgerow.errors import InvalidFile, InvalidInput
from hedgerow.io import read_book
from hedgerow.io.source import open_table

GOOD = "instrument,quantity\nBTC-PERPETUAL,5\ncash:USD,-2.5\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv", GOOD.encode()),
        ("bom.csv", b"\xef\xbb\xbf" + GOOD.encode()),
        ("semicolon.csv", GOOD.replace(",", ";").encode()),
        ("windows.csv", GOOD.replace("\n", "\r\n").encode()),
        ("no_end_of_line.csv", GOOD.rstrip("\n").encode()),
        ("blanks.csv", GOOD.replace(",", " , ").encode()),
        ("quoted.csv", b'"instrument","quantity"\n"BTC-PERPETUAL","5"\n"cash:USD","-2.5"\n'),
        ("empty_lines.csv", GOOD.replace("\n", "\n\n").encode()),
        ("packed.csv.gz", gzip.compress(GOOD.encode(), mtime=0)),
    ],
)
def test_every_spelling_reads_the_same(write, name, content):
    book = read_book(write(content, name))
    assert book.instrument.tolist() == ["BTC-PERPETUAL", "cash:USD"]
    assert book.quantity.tolist() == [5, -2.5]
    assert not book.rejected
    assert not book.rejected.notes


@pytest.mark.parametrize(
    ("name", "content", "place", "what"),
    [
        ("empty.csv", b"", "line 1", "empty"),
        ("comments.csv", b"# as_of: 2026-01-01\n\n", "line 3", "empty"),
        ("headerless.csv", b"BTC-PERPETUAL,5\n", "line 1", "no column 'quantity'"),
        ("no_name.csv", b"instrument,,quantity\n", "line 1", "column 2 of the header has no name"),
        ("twice.csv", b"quantity,quantity\n", "line 1", "'quantity' appears twice"),
        ("binary.csv", b"instrument,quantity\n\xff\xfe\x00", "line 2, byte 20", "binary"),
        ("nul.csv", b"instrument,quantity\nBTC\0,5\n", "line 2, byte 23", "binary"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n", "line 1, byte 0", "binary"),
        ("open.csv", b'instrument,quantity\nBTC-PERPETUAL,5\n"cash', "line 3", "does not end"),
        ("cut.csv.gz", gzip.compress(GOOD.encode(), mtime=0)[:-9], "byte", "truncated"),
        ("plain.csv.gz", GOOD.encode(), "compressed data", "gzip"),
        (
            "damaged.csv.gz",
            gzip.compress(GOOD.encode(), mtime=0)[:12] + b"x" * 40,
            "compressed data",
            "",
        ),
    ],
)
def test_unreadable_files_are_named_with_the_place(write, name, content, place, what):
    path = write(content, name)
    with pytest.raises(InvalidFile) as caught:
        read_book(path)
    assert caught.value.argument == str(path)
    assert caught.value.value.startswith(place)
    assert what in caught.value.rule


def test_other_suffixes_are_refused(write):
    with pytest.raises(InvalidInput, match=r"\.parquet"):
        read_book(write(GOOD, "book.txt"))


def test_lines_are_those_of_the_file(write):
    text = '# a comment\n\ninstrument,quantity,tag:note\ncash:USD,1,"two\nlines"\n\ncash:USD,2,x\n'
    assert open_table(write(text)).lines.tolist() == [4, 7]
    book = read_book(write(text.replace("2,x", "two,x")))
    assert [(row.line, row.column, row.value) for row in book.rejected] == [(7, "quantity", "two")]
    assert book.tags["note"].tolist() == ["two\nlines"]


def test_rows_of_another_width_are_rejected(write):
    book = read_book(write("instrument,quantity\ncash:USD\ncash:USD,1\ncash:USD,1,2\n"))
    assert book.rejected.lines == (2, 4)
    assert book.rejected[0].value == "1 fields: cash:USD"
    assert book.rejected.counts == {"must have 2 fields, as the header": 2}
    assert len(book) == 1


def test_a_file_cut_short_rejects_its_last_row(write):
    book = read_book(write("instrument,quantity\ncash:USD,1\ncash:U"))
    assert book.rejected.lines == (3,)


def test_a_header_alone_is_the_empty_book(write):
    book = read_book(write("instrument,quantity\n"))
    assert len(book) == 0
    assert not book.rejected


def test_rows_beyond_one_chunk_keep_their_lines(write):
    rows = [f"cash:USD,{i}" for i in range(10_000)]
    rows[9_998] = "cash:USD,x"
    book = read_book(write("\n".join(["instrument,quantity", *rows])))
    assert book.rejected.lines == (10_000,)
    assert np.array_equal(book.quantity, [*range(9_998), 9_999])


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_fields_after_their_closing_quote_are_refused(write, line_end):
    text = line_end.join(["instrument,quantity", "cash:USD,1", '"cash:EUR"x,2', ""])
    with pytest.raises(InvalidFile) as caught:
        read_book(write(text))
    assert (caught.value.value, caught.value.rule) == ("line 3", "',' expected after '\"'")


def test_blanks_of_every_script_are_stripped(write):
    book = read_book(
        write("instrument,quantity,account\n\u2003cash:USD\u00a0,\u3000 2 ,\x1c a\u0085\n")
    )
    assert book.instrument.tolist() == ["cash:USD"]
    assert book.quantity.tolist() == [2]
    assert book.tags["account"].tolist() == ["a"]


@pytest.mark.parametrize("text", ["+2", "2.", "02", "2e0", "0.2E1", " 2", "\u0662"])
def test_numbers_in_any_spelling_of_python(write, text):
    assert read_book(write(f"instrument,quantity\ncash:USD,{text}\n")).quantity.tolist() == [2]
