"""Discount and forward curves: their pillars, what lies between them, and beyond."""

import copy
import pickle
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow._core import DiscountCurve, ForwardCurve
from hedgerow.errors import InvalidInput

AS_OF = np.datetime64("2026-03-01T08:00", "ns")
YEAR = 365 * 86_400 * 10**9

offsets = st.lists(
    st.integers(min_value=1, max_value=50 * YEAR), min_size=1, max_size=8, unique=True
).map(sorted)
values = st.floats(min_value=1e-3, max_value=1e3)


def after(nanoseconds):
    return AS_OF + np.asarray(nanoseconds, "timedelta64[ns]")


@st.composite
def curves(draw):
    times = draw(offsets)
    level = draw(st.lists(values, min_size=len(times), max_size=len(times)))
    return times, level, DiscountCurve(as_of=AS_OF, pillars=after(times), factors=level)


@given(curves())
def test_pillars_are_reproduced_to_the_last_bit(case):
    times, level, curve = case
    np.testing.assert_array_equal(curve.factor(after(times)), level)
    np.testing.assert_array_equal(curve.pillars, after(times))
    np.testing.assert_array_equal(curve.factors, level)
    forwards = ForwardCurve(as_of=AS_OF, spot=100.0, pillars=after(times), forwards=level)
    np.testing.assert_array_equal(forwards.forward(after(times)), level)


@given(curves(), st.lists(st.integers(-YEAR, 80 * YEAR), min_size=1, max_size=20))
def test_logarithm_is_piecewise_linear_and_flat_in_rate_beyond(case, queries):
    times, level, curve = case
    t = np.array([0, *times]) / YEAR
    logs = np.log([1.0, *level])
    q = np.array(queries) / YEAR
    beyond = logs[-1] * q / t[-1]
    expected = np.where(q > t[-1], beyond, np.interp(np.maximum(q, 0), t, logs))
    # The logarithm at q is wrong by a few ulp of the largest logarithm around it.
    tolerance = 1e-14 * (1 + np.abs(expected) + np.abs(logs).max())
    got = curve.factor(after(queries))
    assert np.all(got >= 0)
    inside = np.abs(expected) < 700
    assert np.all(np.abs(np.log(got[inside]) - expected[inside]) <= tolerance[inside])


@given(curves())
def test_rates_and_carries_agree_with_the_values(case):
    times, level, curve = case
    years = np.array(times) / YEAR
    np.testing.assert_allclose(np.exp(-curve.rate(after(times)) * years), level, rtol=1e-13)
    forwards = ForwardCurve(as_of=AS_OF, spot=7.0, pillars=after(times), forwards=level)
    carried = 7.0 * np.exp(forwards.carry(after(times)) * years)
    np.testing.assert_allclose(carried, level, rtol=1e-13)
    assert curve.rate(AS_OF) == curve.rate(after(times[0])) == curve.rate(AS_OF - 1)
    last = curve.rate(after(times[-1]))
    assert curve.rate(after(times[-1] + YEAR)) == last


def test_zero_rate_between_pillars_is_exact_for_a_flat_curve():
    years = np.array([0.25, 1.0, 3.0])
    curve = DiscountCurve(
        as_of=AS_OF, pillars=after((years * YEAR).astype("int64")), factors=np.exp(-0.04 * years)
    )
    query = np.array([0.1, 0.5, 2.0, 10.0])
    np.testing.assert_allclose(curve.rate(after((query * YEAR).astype("int64"))), 0.04, rtol=1e-13)


def test_without_pillars_nothing_is_discounted_or_carried():
    anywhere = after([-YEAR, 0, 1, YEAR, 80 * YEAR])
    for curve in (DiscountCurve(), DiscountCurve(as_of=AS_OF, pillars=[], factors=[])):
        np.testing.assert_array_equal(curve.factor(anywhere), 1.0)
        np.testing.assert_array_equal(curve.rate(anywhere), 0.0)
    forwards = ForwardCurve(as_of=AS_OF, spot=123.0)
    np.testing.assert_array_equal(forwards.forward(anywhere), 123.0)
    np.testing.assert_array_equal(forwards.carry(anywhere), 0.0)


@given(curves(), st.floats(min_value=1e-2, max_value=1e6))
def test_another_spot_keeps_the_carry(case, spot):
    times, level, _ = case
    forwards = ForwardCurve(as_of=AS_OF, spot=50.0, pillars=after(times), forwards=level)
    moved = forwards.with_spot(spot)
    assert moved.spot == spot
    ratio = np.asarray(moved.forwards) / np.asarray(level)
    np.testing.assert_allclose(ratio, spot / 50.0, rtol=1e-15)
    assert forwards.with_spot(50.0) == forwards


def test_instants_come_in_every_form_and_shape():
    curve = DiscountCurve(as_of="2026-03-01T08:00:00Z", pillars=after([YEAR]), factors=[0.97])
    end = after(YEAR)
    for one in (end, end.astype("datetime64[s]"), str(end.astype("datetime64[s]")) + "Z"):
        assert curve.factor(one) == 0.97
    assert curve.factor(datetime(2027, 3, 1, 8, tzinfo=UTC)) == 0.97
    assert isinstance(curve.factor(end), float)
    grid = np.array([[end, AS_OF], [end, np.datetime64("NaT", "ns")]])
    np.testing.assert_array_equal(curve.factor(grid), [[0.97, 1.0], [0.97, np.nan]])
    np.testing.assert_array_equal(curve.factor(["2027-03-01T08:00:00Z"]), [0.97])
    assert curve.factor(np.array([], "datetime64[ns]")).shape == (0,)
    with pytest.raises(TypeError, match="instants"):
        curve.factor(1.0)


@pytest.mark.parametrize(
    ("pillars", "numbers", "argument"),
    [
        (after([0]), [1.0], "pillars[0]"),
        (after([2, 1]), [1.0, 1.0], "pillars[1]"),
        (after([1, 1]), [1.0, 1.0], "pillars[1]"),
        (after([[1, 2]]), [1.0], "pillars"),
        ([np.datetime64("NaT", "ns")], [1.0], "pillars"),
        (after([1, 2]), [1.0], "{}"),
        (after([1, 2]), [1.0, 0.0], "{}[1]"),
        (after([1, 2]), [np.nan, 1.0], "{}[0]"),
        (after([1, 2]), [1.0, np.inf], "{}[1]"),
    ],
)
def test_bad_input_names_the_argument(pillars, numbers, argument):
    with pytest.raises(InvalidInput) as discount:
        DiscountCurve(as_of=AS_OF, pillars=pillars, factors=numbers)
    assert discount.value.argument == argument.format("factors")
    with pytest.raises(InvalidInput) as forward:
        ForwardCurve(as_of=AS_OF, spot=1.0, pillars=pillars, forwards=numbers)
    assert forward.value.argument == argument.format("forwards")


@pytest.mark.parametrize("spot", [0.0, -1.0, np.nan, np.inf])
def test_bad_spot_names_the_argument(spot):
    for make in (
        lambda: ForwardCurve(as_of=AS_OF, spot=spot),
        lambda: ForwardCurve(as_of=AS_OF, spot=1.0).with_spot(spot),
    ):
        with pytest.raises(InvalidInput) as caught:
            make()
        assert caught.value.argument == "spot"


def test_curves_are_immutable_values():
    curve = DiscountCurve(as_of=AS_OF, pillars=after([YEAR]), factors=[0.97])
    forwards = ForwardCurve(as_of=AS_OF, spot=10.0, pillars=after([YEAR]), forwards=[11.0])
    for one in (curve, forwards, DiscountCurve()):
        assert pickle.loads(pickle.dumps(one)) == one == copy.deepcopy(one)
        assert one.__getstate__()[0] == 1
        with pytest.raises(AttributeError):
            one.as_of = AS_OF
    with pytest.raises(ValueError, match="read-only"):
        curve.factors[0] = 1.0
    assert curve != DiscountCurve(as_of=AS_OF, pillars=after([YEAR]), factors=[0.96])
    assert forwards != forwards.with_spot(10.5)
    assert "1 pillar to 2027-03-01T08:00:00Z" in repr(curve)
    assert "spot 10" in repr(forwards)


def test_a_state_of_version_1_stays_readable():
    nanoseconds = int(AS_OF.astype("int64"))
    curve = DiscountCurve.__new__(DiscountCurve)
    curve.__setstate__((1, nanoseconds, [nanoseconds + YEAR], [0.97]))
    assert curve == DiscountCurve(as_of=AS_OF, pillars=after([YEAR]), factors=[0.97])
    with pytest.raises(InvalidInput, match="version 1"):
        DiscountCurve.__new__(DiscountCurve).__setstate__((2, nanoseconds, [], []))
