"""Columns of text: the same strings, numbers and rows as Python's own readers give."""

from __future__ import annotations

import csv
import io
import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given

from hedgerow._core import Texts, read_delimited
from hedgerow.errors import InvalidInput

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.lists(TEXT))
def test_strings_come_back(strings):
    texts = Texts.of(strings)
    assert len(texts) == len(strings)
    assert texts.tolist() == strings
    assert [texts[i] for i in range(len(strings))] == strings
    with pytest.raises(IndexError):
        texts[len(strings)]


def test_arrays_are_viewed_where_they_lie():
    buffer = np.frombuffer(b"xabcd", dtype=np.uint8)
    assert Texts(buffer, np.array([1, 1, 3, 5])).tolist() == ["", "ab", "cd"]
    assert Texts(buffer, np.empty(0, dtype=np.int64)).tolist() == []


@pytest.mark.parametrize("offsets", [[0, 6], [-1, 2], [0, 3, 2]])
def test_offsets_stay_in_the_buffer(offsets):
    with pytest.raises(InvalidInput, match="must not decrease, nor lie beyond the buffer"):
        Texts(np.frombuffer(b"abcde", dtype=np.uint8), np.array(offsets))


@given(st.lists(TEXT))
def test_encoded_texts_stand_once_in_the_order_of_appearance(strings):
    texts, codes = Texts.of(strings).encoded()
    assert texts.tolist() == list(dict.fromkeys(strings))
    assert [texts[code] for code in codes] == strings


def test_what_hardly_repeats_is_looked_up_no_further():
    strings = [f"{i % 40_000}" for i in range(50_000)]
    texts, codes = Texts.of(strings).encoded()
    assert [texts[code] for code in codes] == strings
    assert 40_000 <= len(texts) <= 50_000


@given(TEXT)
@example("\u3000a")
@example("a\x1c")
def test_trimmed_texts_have_no_blanks_to_strip(text):
    if Texts.of(["", text]).trimmed():
        assert text.strip() == text
    assert Texts.of([text, " "]).trimmed() is False


NUMBER = st.floats().map(repr) | st.integers().map(str) | st.from_regex(r"-?\d{1,25}(\.\d*)?")


@given(st.lists(NUMBER | st.text("0123456789.-+eE_ infa", max_size=6)))
@example(["1e999", "-0", ".5", "5.", "-.5", "+1", "inf", "nan", "-inf", "--1", "-", ".", "0x1", ""])
def test_numbers_are_those_of_float(strings):
    values, unread = Texts.of(strings).numbers()
    assert unread.tolist() == sorted(set(unread.tolist()))
    for i, (text, value) in enumerate(zip(strings, values.tolist(), strict=True)):
        if i in unread or not text:
            assert math.isnan(value)
        else:
            assert float(text) == value
            assert math.copysign(1, float(text)) == math.copysign(1, value)
    plain = [
        i for i, text in enumerate(strings) if text.lstrip("-").isdecimal() and "--" not in text
    ]
    assert not {i for i in plain if strings[i].isascii()}.intersection(unread.tolist())


def fault_of(text, delimiter):
    """The line where Python's reader gives up, as text, and why; None where it does not."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for _ in reader:
            pass
    except csv.Error as error:
        open_end = "unexpected end of data" in str(error)
        why = "a quoted field does not end" if open_end else str(error)
        return str(reader.line_num), why
    return None


def rows_of(text, delimiter, width):
    """The rows of Python's reader with the lines where they begin, and those of other widths."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, lines, misshapen, end = [], [], [], 0
    for row in reader:
        line, end = end + 1, reader.line_num
        if len(row) == width:
            rows.append(row)
            lines.append(line)
        elif row:
            misshapen.append((line, len(row), ",".join(row)))
    return rows, lines, misshapen


@given(st.text('ab",;\n\r \u00e9', max_size=60), st.sampled_from(",;"), st.integers(1, 3))
@example('a,"b""c",d', ",", 3)
@example('"a\r\nb"\r\n\r\rc', ",", 1)
@example('"a""', ",", 1)
@example('"a"b', ",", 1)
@example('"a\n', ",", 1)
@example('"x""y,""z""longer than before",""""\n', ",", 2)
def test_rows_are_those_of_the_csv_module(text, delimiter, width):
    data = np.frombuffer(text.encode(), dtype=np.uint8)
    fault = fault_of(text, delimiter)
    if fault:
        with pytest.raises(InvalidInput) as caught:
            read_delimited(data, delimiter, width)
        assert (caught.value.value, caught.value.rule) == fault
        return
    columns, lines, misshapen = read_delimited(data, delimiter, width)
    rows, expected, others = rows_of(text, delimiter, width)
    read = [[texts[code] for code in codes] for texts, codes in columns]
    assert list(zip(*read, strict=True)) == list(map(tuple, rows))
    assert lines.tolist() == expected
    assert misshapen == others


def test_a_row_has_a_field_at_least():
    with pytest.raises(InvalidInput, match="width"):
        read_delimited(np.empty(0, dtype=np.uint8), ",", 0)
