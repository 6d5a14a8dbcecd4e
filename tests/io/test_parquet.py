"""Parquet files and data frames."""

from __future__ import annotations

import builtins
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hedgerow import Option
from hedgerow.errors import InvalidFile, MissingExtra
from hedgerow.io import read_book

COLUMNS = {
    "instrument": ["BTC-27MAR26-100000-C", "BTC-PERPETUAL", "BTC-27MAR26-100000-C"],
    "quantity": [1.5, -20.0, 3.0],
    "average_price": [0.01, None, 0.02],
    "strategy": ["a", "b", None],
}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "book.parquet"
    pq.write_table(pa.table(COLUMNS), path)
    return path


def check(book):
    assert book.instrument.tolist() == COLUMNS["instrument"]
    assert book.quantity.tolist() == COLUMNS["quantity"]
    np.testing.assert_allclose(book.average_price, [0.01, np.nan, 0.02], rtol=1e-15)
    assert book.tags["strategy"].tolist() == ["a", "b", ""]
    assert not book.rejected


def test_a_file(path):
    check(read_book(path))


@pytest.mark.parametrize("make", [pa.table, pl.DataFrame, pd.DataFrame, dict])
def test_frames_of_every_library(make):
    check(read_book(make(COLUMNS)))


def test_frames_without_pyarrow(monkeypatch):
    frame = pd.DataFrame(COLUMNS, dtype=object)
    without(monkeypatch, "pyarrow")
    check(read_book(frame))


def test_a_parquet_file_without_pyarrow_names_the_extra(path, monkeypatch):
    without(monkeypatch, "pyarrow")
    with pytest.raises(MissingExtra, match=r"reading Parquet files.*hedgerow\[parquet\]"):
        read_book(path)


def without(monkeypatch, module):
    genuine = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.partition(".")[0] == module:
            raise ImportError(name)
        return genuine(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)


@pytest.mark.parametrize(
    ("change", "place", "what"),
    [
        (lambda data: b"", "byte 0", "empty"),
        (lambda data: b"instrument,quantity\n", "byte 0", "not a Parquet file"),
        (lambda data: data[: len(data) // 2], "byte", "truncated"),
        (lambda data: data[:-1], "byte", "truncated"),
        (lambda data: data[:4] + data[-8:], "Parquet data", ""),
    ],
)
def test_unreadable_files_are_named_with_the_place(path, change, place, what):
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(InvalidFile) as caught:
        read_book(path)
    assert caught.value.argument == str(path)
    assert caught.value.value.startswith(place)
    assert what in caught.value.rule


def test_rows_are_counted_from_one(tmp_path):
    frame = pa.table({"instrument": ["cash:USD", "x", None], "quantity": [np.inf, 1, None]})
    pq.write_table(frame, tmp_path / "bad.parquet")
    rejected = read_book(tmp_path / "bad.parquet").rejected
    assert [(row.line, row.column, row.value) for row in rejected] == [
        (1, "quantity", "inf"),
        (2, "instrument", "x"),
        (3, "instrument", ""),
        (3, "quantity", ""),
    ]


def test_a_mixed_column_is_read_value_by_value():
    frame = pd.DataFrame({"instrument": ["cash:USD"] * 3, "quantity": [1, "many", None]})
    book = read_book(frame)
    assert book.quantity.tolist() == [1]
    assert [(row.line, row.value) for row in book.rejected] == [(2, "many"), (3, "")]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, 2], pa.int8()),
        pa.array([1, 2], pa.float32()),
        pa.array(["1", "2"], pa.large_string()),
        pa.array(["1", "2"]).dictionary_encode(),
        pa.array([1, 2]).dictionary_encode(),
        pa.chunked_array(
            [pa.array(["1"]).dictionary_encode(), pa.array(["2"]).dictionary_encode()]
        ),
    ],
)
def test_numbers_of_any_type(column):
    book = read_book(pa.table({"instrument": ["cash:USD", "cash:EUR"], "quantity": column}))
    assert book.quantity.tolist() == [1, 2]


def test_a_column_of_the_wrong_type_is_named():
    day = pa.array([datetime(2026, 1, 1, tzinfo=UTC)])
    with pytest.raises(InvalidFile, match="column 'quantity': must hold numbers"):
        read_book(pa.table({"instrument": ["cash:USD"], "quantity": day}))
    with pytest.raises(InvalidFile, match="column 'quantity': can't be read: holds list"):
        read_book(pa.table({"instrument": ["cash:USD"], "quantity": [[1.0]]}))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_expiries_of_any_unit_and_zone(unit, zone):
    expiry = pa.array([datetime(2026, 3, 27, 8, tzinfo=UTC)]).cast(pa.timestamp(unit, zone))
    frame = {"kind": ["option"], "underlying": ["BTC"], "expiry": expiry, "strike": [100_000]}
    frame |= {"right": ["C"], "settlement": ["inverse"], "quantity": [1], "account": [7]}
    book = read_book(pa.table(frame))
    assert book.contracts == [
        Option("BTC", "2026-03-27T08:00:00Z", 100_000, "call", settlement="inverse")
    ]
    assert book.tags["account"].tolist() == ["7"]


def test_row_groups_and_nulls_and_columns_of_many_texts(tmp_path):
    rows = 30_000
    instrument = [f"BTC-27MAR26-{1000 + i}-C" if i % 7 else None for i in range(rows)]
    account = ["a" if i % 3 else None for i in range(rows)]
    note = [f"note {i}" for i in range(rows)]
    frame = {"instrument": instrument, "quantity": [1.0] * rows, "account": account}
    pq.write_table(pa.table(frame | {"tag:note": note}), tmp_path / "x.parquet", row_group_size=999)
    book = read_book(tmp_path / "x.parquet")
    good = [i for i in range(rows) if i % 7]
    assert book.instrument.tolist() == [instrument[i] for i in good]
    assert book.tags["account"].tolist() == [account[i] or "" for i in good]
    assert book.tags["note"].tolist() == [note[i] for i in good]
    assert [row.line for row in book.rejected] == list(range(1, rows + 1, 7))
    assert {row.reason for row in book.rejected} == {"instrument must be given"}


def test_a_slice_of_a_frame_reads_its_own_rows():
    texts = pa.array(["cash:A", "cash:B", None, "cash:C"])
    for column in (texts, texts.dictionary_encode(), texts.cast(pa.large_string())):
        frame = pa.table({"instrument": column, "quantity": [1, 2, 3, 4]}).slice(1)
        book = read_book(frame)
        assert book.instrument.tolist() == ["cash:B", "cash:C"]
        assert [row.line for row in book.rejected] == [2]


def test_bytes_that_are_no_text_are_refused():
    wrong = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(np.array([0, 2], np.int32)), pa.py_buffer(b"\xff\xfe")]
    )
    with pytest.raises(InvalidFile, match=r"column 'instrument'.*UTF8"):
        read_book(pa.table({"instrument": wrong, "quantity": [1.0]}))


def test_an_empty_frame_is_the_empty_book():
    for kind in (pa.string(), pa.dictionary(pa.int32(), pa.string())):
        columns = {"instrument": pa.array([], kind), "quantity": pa.array([], pa.float64())}
        assert len(read_book(pa.table(columns))) == 0
        chunks = {name: pa.chunked_array([], column.type) for name, column in columns.items()}
        assert len(read_book(pa.table(chunks))) == 0


def test_contracts_that_only_bad_rows_name_are_no_part_of_the_book():
    instrument = ["cash:A", "cash:B", "cash:C", "cash:B"]
    book = read_book(pa.table({"instrument": instrument, "quantity": [np.inf, 1, 2, 3]}))
    assert list(map(str, book.contracts)) == ["cash:B", "cash:C"]
