"""Numbers in tables: consistent, aligned, and never far from the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.report import table as t

numbers = st.floats(-1e14, 1e14, allow_nan=False)
MULTIPLE = {"": 1.0, "k": 1e3, "m": 1e6, "bn": 1e9}


@given(st.lists(numbers | st.just(math.nan), min_size=1, max_size=9))
def test_a_column_reads_back_within_its_last_figure(values):
    column = t.money("value", values, "USD")
    factor = MULTIPLE[column.unit.removeprefix("USD").strip()]
    largest = max((abs(v) for v in values if v == v), default=0.0)
    for value, cell in zip(values, column.cells, strict=True):
        if math.isnan(value):
            assert cell == t.ABSENT
        else:
            shown = float(cell.replace(",", "")) * factor
            assert abs(shown - value) <= max(0.0051 * largest, 5.1e-7)


@given(st.lists(numbers, min_size=1, max_size=9))
def test_a_column_has_one_number_of_decimals_and_no_negative_zero(values):
    cells = t.fixed(np.array(values))
    assert len({len(cell.partition(".")[2]) for cell in cells}) == 1
    assert all(cell.strip("-0.,") or not cell.startswith("-") for cell in cells)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0 USD"),
        (-12.345, "-12.35 USD"),
        (9_999.4, "9,999 USD"),
        (12_345.0, "12.35 k USD"),
        (-1_234_567.0, "-1.23 m USD"),
        (-24.04e9, "-24.04 bn USD"),
        (math.nan, "-"),
        (-math.inf, "unbounded"),
    ],
)
def test_amounts(value, shown):
    assert t.amount(value, "USD") == shown


def test_exact_columns_keep_what_was_given():
    assert t.exact("strike", [3700.0, 0.0125, 99999.5, math.nan]).cells == (
        "3,700",
        "0.0125",
        "99,999.5",
        "-",
    )
