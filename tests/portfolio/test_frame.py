"""Frames go to and come from whatever data-frame library is at hand."""

from __future__ import annotations

import builtins

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import books, market

import hedgerow as hr
from hedgerow.portfolio.frame import format_number, format_table

FRAME = hr.Frame(
    {
        "name": ["BTC", "SPX", "Zürich"],
        "expiry": np.array(
            ["2026-03-27T08", "NaT", "2026-01-01T00:00:00.000000001"], "datetime64[ns]"
        ),
        "value": [1.5, float("nan"), -2.0],
        "count": np.array([1, 2, 3], dtype=np.uint32),
        "flag": [True, False, True],
    }
)


class Capsule:
    """Speaks Arrow and nothing else."""

    def __init__(self, table: object) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)  # type: ignore[attr-defined]


@pytest.mark.parametrize("way", ["to_pandas", "to_polars", "to_arrow"])
def test_there_and_back(way: str) -> None:
    back = hr.Frame.from_any(getattr(FRAME, way)())
    assert back["name"].tolist() == FRAME["name"].tolist()
    assert back["expiry"].astype("datetime64[ns]").tolist() == FRAME["expiry"].tolist()
    np.testing.assert_array_equal(back["value"], FRAME["value"])
    assert back["count"].tolist() == [1, 2, 3]
    assert back["flag"].tolist() == [True, False, True]


def test_the_arrow_interface_needs_no_particular_library() -> None:
    assert pl.DataFrame(FRAME)["name"].to_list() == FRAME["name"].tolist()
    table = pa.table(FRAME)
    assert table["expiry"].null_count == 1
    assert table["value"].to_pylist()[0] == 1.5
    assert table["flag"].to_pylist() == [True, False, True]
    back = hr.Frame.from_any(Capsule(table))
    assert back["name"].tolist() == FRAME["name"].tolist()
    np.testing.assert_array_equal(back["value"], FRAME["value"])
    np.testing.assert_array_equal(back["expiry"], FRAME["expiry"])
    halves = pa.table(FRAME.take([0, 1])), pa.table(FRAME.take([2]))
    chunks = hr.Frame.from_any(Capsule(pa.concat_tables(halves)))
    np.testing.assert_array_equal(chunks["expiry"], FRAME["expiry"])


def test_books_and_valuations_speak_arrow() -> None:
    book = hr.Book.from_columns(
        ["BTC-27MAR26-90000-C", "cash:USD"], [1.0, 5.0], [0.1, 1.0], tags={"account": ["a", "b"]}
    )
    assert hr.Book.from_frame(pl.DataFrame(book)) == book
    assert hr.Book.from_frame(book.to_pandas()) == book
    assert hr.Book.from_frame(Capsule(book)) == book
    values = pl.DataFrame(hr.value(book, market()))
    assert values["status"].to_list() == ["ok", "ok"]
    assert values["value"].to_list() == hr.value(book, market()).value.tolist()


@given(books())
def test_books_survive_pandas(book: hr.Book) -> None:
    assert hr.Book.from_frame(book.to_pandas()) == book


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: object, **kwargs: object) -> object:
        if name.startswith("nanoarrow"):
            raise ImportError(name)
        return real(name, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(hr.MissingExtra, match=r"hedgerow\[frames\]"):
        FRAME.__arrow_c_stream__()


def test_columns_are_read_only_and_of_one_length() -> None:
    with pytest.raises(ValueError, match="read-only"):
        FRAME["value"][0] = 1.0
    with pytest.raises(hr.InvalidInput, match="b = 1 rows"):
        hr.Frame({"a": [1, 2], "b": [1]})
    with pytest.raises(hr.InvalidInput, match="dimension"):
        hr.Frame({"a": np.zeros((2, 2))})
    with pytest.raises(hr.InvalidInput, match="data frame"):
        hr.Frame.from_any(42)


def test_taking_and_selecting() -> None:
    assert FRAME.take([2, 0])["name"].tolist() == ["Zürich", "BTC"]
    assert FRAME.take(FRAME["flag"])["count"].tolist() == [1, 3]
    assert FRAME.select(["value"]).columns == ["value"]
    assert next(FRAME.rows())["name"] == "BTC"
    assert hr.Frame(FRAME.to_dict()) == FRAME
    assert FRAME.take([0]) != FRAME


@given(st.lists(st.floats(allow_nan=True), max_size=60), st.text(max_size=5))
def test_tables_are_narrow(numbers: list[float], name: str) -> None:
    columns = {f"{name}{i}": numbers for i in range(12)}
    text = format_table(columns, len(numbers))
    assert all(
        len(line) <= 80 for line in text.split("\n") if "\n" not in name and "\r" not in name
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (float("nan"), "-"), (1234567.0, "1,234,567"), (12.345, "12.35"), (0.02, "0.0200"),
     (1.5e-7, "1.50e-07"), (-2500.5, "-2,500"), (float("inf"), "inf"), (3.2e15, "3.200e+15")],
)  # fmt: skip
def test_numbers_in_tables(number: float, text: str) -> None:
    assert format_number(number) == text


def test_pandas_takes_strings_as_strings() -> None:
    assert pd.api.types.is_string_dtype(FRAME.to_pandas()["name"])


def test_a_frame_is_a_mapping_of_columns() -> None:
    assert list(FRAME.keys()) == FRAME.columns
    assert dict(FRAME) == dict(FRAME.items())
    assert [column is FRAME[name] for name, column in FRAME.items()] == [True] * 5
    assert hr.Frame(dict(FRAME)) == FRAME
    assert [len(column) for column in FRAME.values()] == [3] * 5
