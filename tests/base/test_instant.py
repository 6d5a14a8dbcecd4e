"""Instants: what is accepted, what is refused, and that not a nanosecond is lost on the way."""

import datetime as dt
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import hedgerow as hr
from hedgerow.errors import InvalidInput

LAST = 2**63 - 1  # nanoseconds; -2**63 is NumPy's NaT
instants = st.integers(-LAST, LAST)


def read(value):
    """The instant that the library understands, through any constructor that takes one."""
    return hr.Future("X", value).expiry


def written(instant):
    """The instant as the library prints it."""
    return repr(hr.Future("X", instant)).split("'")[3]


def at(nanoseconds):
    return np.datetime64(nanoseconds, "ns")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-27T08:00:00Z", "2026-03-27T08:00:00"),
        ("2026-03-27T08:00:00.000000001+00:00", "2026-03-27T08:00:00.000000001"),
        ("2026-03-27 08:00", "2026-03-27T08:00:00"),
        ("2026-03-27", "2026-03-27T00:00:00"),
        ("2026-03-27T08:00:00.5", "2026-03-27T08:00:00.5"),
        ("2026-03-27T08:00-05:00", "2026-03-27T13:00:00"),
        ("2026-03-27T08:00:00+0530", "2026-03-27T02:30:00"),
        ("2026-01-01T00:30+01:00", "2025-12-31T23:30:00"),
        ("2024-02-29", "2024-02-29"),
        ("1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999"),
        ("1677-09-21T00:12:43.145224193Z", "1677-09-21T00:12:43.145224193"),
        ("2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775807"),
    ],
)
def test_text_is_read_as_iso_8601(text, expected):
    instant = read(text)
    assert instant == np.datetime64(expected, "ns")
    assert instant.dtype == "datetime64[ns]"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "must read like"),
        ("27MAR26", "must read like"),
        ("2026-3-27", "must read like"),
        ("2026-02-29", "day of the calendar"),
        ("2026-13-01", "day of the calendar"),
        ("2026-00-01", "day of the calendar"),
        ("2026-03-27T24:00", "hour"),
        ("2026-03-27T08:60", "minute"),
        ("2026-03-27T08:00:60", "second"),
        ("2026-03-27T08", "must read like"),
        ("2026-03-27T08:00:00.", "must read like"),
        ("2026-03-27T08:00:00.0000000001Z", "nine decimals"),
        ("2026-03-27T08:00:00Zebra", "must end"),
        ("2026-03-27T08:00:00+24:00", "offset"),
        ("2026-03-27T08:00:00+01:60", "offset"),
        (" 2026-03-27", "must read like"),
        ("2262-04-11T23:47:16.854775808Z", "1678 to 2261"),
        ("1677-09-21T00:12:43.145224192Z", "1678 to 2261"),
        ("9999-12-31", "1678 to 2261"),
        ("2026-03-27T08:00:00Z\0", "must end"),
    ],
)
def test_other_text_is_refused_with_the_rule(text, rule):
    with pytest.raises(InvalidInput) as caught:
        read(text)
    assert caught.value.argument == "instant"
    assert caught.value.value == f'"{text}"'
    assert rule in caught.value.rule


@given(instants)
def test_every_instant_prints_and_reads_back(nanoseconds):
    assert read(at(nanoseconds)) == at(nanoseconds)
    text = written(at(nanoseconds))
    assert text.endswith("Z")
    assert np.datetime64(text[:-1], "ns") == at(nanoseconds)
    assert read(text) == at(nanoseconds)


zones = st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])


@given(
    st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1)),
    zones.map(ZoneInfo),
    st.integers(0, 1),
)
def test_aware_datetimes_are_the_same_instant(naive, zone, fold):
    aware = naive.replace(tzinfo=zone, fold=fold)
    since = aware - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    assert read(aware) == at((since // dt.timedelta(microseconds=1)) * 1000)


def test_nanoseconds_of_pandas_timestamps_survive():
    stamp = pd.Timestamp("2026-03-27T03:00:00.123456789", tz="America/New_York")
    assert read(stamp) == np.datetime64("2026-03-27T07:00:00.123456789", "ns")


@pytest.mark.parametrize("unit", ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs"])
def test_datetime64_of_any_unit_is_exact(unit):
    assert read(np.datetime64("1970-01-01", unit)) == at(0)


@pytest.mark.parametrize(
    "value",
    [
        np.datetime64("9999-01-01", "s"),
        np.datetime64("1000-01-01", "D"),
        np.datetime64(1, "ps"),
        np.datetime64("NaT"),
        np.datetime64("NaT", "ns"),
        pd.NaT,
        dt.datetime(2026, 3, 27, 8),
        dt.datetime(9999, 1, 1, tzinfo=dt.UTC),
    ],
)
def test_what_is_no_exact_instant_is_refused(value):
    with pytest.raises(InvalidInput):
        read(value)


@pytest.mark.parametrize("value", [None, 0, 1.5, dt.date(2026, 3, 27), b"2026-03-27"])
def test_other_types_are_refused(value):
    with pytest.raises(TypeError):
        read(value)


@given(instants, instants)
def test_year_fraction_is_the_correctly_rounded_quotient(start, end):
    # The distance is rounded once to a double and once more by the division.
    expected = float(abs(end - start)) / (365 * 86400 * 10**9)
    assert hr.year_fraction(at(start), at(end)) == (expected if end >= start else -expected)


@given(instants)
def test_year_fraction_changes_sign_with_the_order(end):
    now = at(0)
    assert hr.year_fraction(now, at(end)) == -hr.year_fraction(at(end), now)


def test_zero_days_to_expiry_are_counted_in_nanoseconds():
    expiry = np.datetime64("2026-03-27T08:00:00", "ns")
    year = 365 * 86400 * 10**9
    for left in (0, 1, 2, 999, 10**9, 3600 * 10**9, 86400 * 10**9 - 1):
        assert hr.year_fraction(expiry - np.timedelta64(left, "ns"), expiry) == left / year


def test_year_fraction_takes_365_days_a_year():
    assert hr.year_fraction("2025-01-01", "2026-01-01") == 1
    assert hr.year_fraction("2024-01-01", "2025-01-01") == 366 / 365


def days_around_clock_changes():
    """The working days beside each change of New York's clocks, and the same in mid-season."""
    for year in range(2010, 2100):
        for month, first, count in ((1, 10, 5), (3, 5, 14), (7, 10, 5), (10, 28, 4), (11, 1, 12)):
            for day in range(first, first + count):
                date = dt.date(year, month, day)
                if date.weekday() < 5:
                    yield date


def test_new_york_clocks_agree_with_the_time_zone_database():
    zone = ZoneInfo("America/New_York")
    for date in days_around_clock_changes():
        for root, time in (("SPX", dt.time(9, 30)), ("SPXW", dt.time(16))):
            symbol = f"{root:6}{date:%y%m%d}C01000000"
            local = dt.datetime.combine(date, time, zone)
            expected = np.datetime64(local.astimezone(dt.UTC).replace(tzinfo=None), "ns")
            assert hr.parse_osi(symbol).expiry == expected, symbol
