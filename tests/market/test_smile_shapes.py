"""Smiles of splines and formulas: their volatilities, how they move, and that nothing is lost."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from hedgerow._core import SabrParameters, Smile, SmileKind, SviParameters
from hedgerow.errors import InvalidInput

EXPIRY = np.datetime64("2026-03-27T08:00", "ns")
TIME, FORWARD = 0.25, 100.0
SVI = SviParameters(a=0.01, b=0.1, rho=-0.4, m=0.05, sigma=0.2)
SABR = SabrParameters(alpha=2.0, beta=0.5, rho=-0.3, nu=0.8)
NODES = np.linspace(70, 140, 15)
AT_NODES = 0.3 - 0.2 * np.log(NODES / FORWARD) + 0.5 * np.log(NODES / FORWARD) ** 2
STRIKES = np.geomspace(20, 500, 97)


def spline(**move):
    return Smile.spline(expiry=EXPIRY, strikes=NODES, volatilities=AT_NODES, **move)


def svi(**move):
    return Smile.svi(expiry=EXPIRY, parameters=SVI, forward=FORWARD, time=TIME, **move)


def sabr(**move):
    return Smile.sabr(expiry=EXPIRY, parameters=SABR, forward=FORWARD, time=TIME, **move)


SHAPES = [spline, svi, sabr]


def test_a_spline_is_the_natural_cubic_one_and_flat_beyond():
    smile = spline()
    inner = STRIKES[(NODES[0] < STRIKES) & (NODES[-1] > STRIKES)]
    expected = CubicSpline(np.log(NODES), AT_NODES, bc_type="natural")(np.log(inner))
    np.testing.assert_allclose(smile.volatility(inner), expected, rtol=1e-14)
    np.testing.assert_allclose(smile.volatility(NODES), AT_NODES, rtol=1e-15)
    assert smile.volatility([1.0, 69.9]).tolist() == [AT_NODES[0]] * 2
    assert smile.volatility([140.1, 1e6]).tolist() == [AT_NODES[-1]] * 2


@pytest.mark.parametrize("count", [1, 2])
def test_a_spline_through_one_or_two_nodes(count):
    smile = Smile.spline(expiry=EXPIRY, strikes=NODES[:count], volatilities=AT_NODES[:count])
    quoted = Smile(expiry=EXPIRY, strikes=NODES[:count], volatilities=AT_NODES[:count])
    np.testing.assert_allclose(smile.volatility(STRIKES), quoted.volatility(STRIKES), rtol=1e-15)


def test_a_spline_does_not_swing_below_zero():
    volatilities = [0.5, 0.0, 0.0, 0.5]
    smile = Smile.spline(expiry=EXPIRY, strikes=[80, 90, 110, 120], volatilities=volatilities)
    assert smile.volatility(STRIKES).min() == 0.0


def test_svi_is_its_total_variance_over_its_time():
    x = np.log(STRIKES / FORWARD) - SVI.m
    variance = SVI.a + SVI.b * (SVI.rho * x + np.sqrt(x * x + SVI.sigma**2))
    np.testing.assert_allclose(svi().volatility(STRIKES), np.sqrt(variance / TIME), rtol=1e-14)


def test_sabr_at_the_money_is_near_alpha_over_the_forward_to_the_exponent():
    assert sabr().volatility(FORWARD) == pytest.approx(0.2, rel=0.02)


@pytest.mark.parametrize("make", SHAPES)
@given(
    factors=st.lists(st.floats(0.5, 2), min_size=1, max_size=3),
    shifts=st.lists(st.floats(-0.6, 0.6), min_size=3, max_size=3),
)
def test_moves_follow_each_other(make, factors, shifts):
    """Strikes go along with the factor; then the shift, and the floor after each."""
    smile, expected, place = make(), None, 1.0
    for factor in factors:
        place *= factor
    expected = make().volatility(STRIKES / place)
    for factor, shift in zip(factors, shifts, strict=False):
        smile = smile.moved(strike_factor=factor, volatility_shift=shift)
        expected = np.maximum(expected + shift, 0.0)
    np.testing.assert_allclose(smile.volatility(STRIKES), expected, rtol=0, atol=2e-14)


@pytest.mark.parametrize("make", SHAPES)
def test_no_move_keeps_every_bit_and_strikes_that_are_none_give_nan(make):
    smile = make()
    assert smile.moved() == smile
    found = smile.volatility([0.0, -1.0, np.nan])
    assert np.isnan(found).all()
    assert isinstance(smile.volatility(100.0), float)


@pytest.mark.parametrize("make", SHAPES)
def test_nothing_is_lost_on_the_way(make):
    for smile in (make(), make(strike_factor=1.1, shift=-0.2, floor=0.05)):
        back = pickle.loads(pickle.dumps(smile))
        assert back == smile
        np.testing.assert_array_equal(back.volatility(STRIKES), smile.volatility(STRIKES))
        assert ("moved" in repr(smile)) == (smile.strike_factor != 1)
    assert make() != make(shift=0.01)


def test_what_they_say_of_themselves():
    assert [make().kind for make in SHAPES] == [SmileKind.SPLINE, SmileKind.SVI, SmileKind.SABR]
    assert svi().parameters == SVI
    assert sabr().parameters == SABR
    assert spline().parameters is None
    assert (svi().forward, svi().time, svi().expiry) == (FORWARD, TIME, EXPIRY)
    assert np.isnan(spline().forward)
    assert spline().strikes.tolist() == NODES.tolist()
    assert svi().strikes.size == 0
    assert repr(svi()) == "Smile(2026-03-27T08:00:00Z, svi, forward 100)"
    quoted = Smile(expiry=EXPIRY, strikes=NODES, volatilities=AT_NODES)
    assert quoted.kind is SmileKind.QUOTED
    moved = quoted.moved(strike_factor=1.1, volatility_shift=-0.25)
    assert (moved.strike_factor, moved.shift, moved.floor) == (1.0, 0.0, 0.0)
    np.testing.assert_array_equal(moved.strikes, NODES * 1.1)
    np.testing.assert_array_equal(moved.volatilities, np.maximum(AT_NODES - 0.25, 0.0))


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: svi(strike_factor=0.0), "strike_factor"),
        (lambda: svi(shift=np.inf), "shift"),
        (lambda: svi(floor=-0.1), "floor"),
        (lambda: svi().moved(strike_factor=np.nan), "strike_factor"),
        (lambda: svi().moved(volatility_shift=np.nan), "volatility_shift"),
        (lambda: Smile.svi(expiry=EXPIRY, parameters=SVI, forward=0, time=1), "forward"),
        (lambda: Smile.svi(expiry=EXPIRY, parameters=SVI, forward=1, time=0), "time"),
        (lambda: Smile.sabr(expiry=EXPIRY, parameters=SABR, forward=1, time=np.inf), "time"),
        (lambda: Smile.spline(expiry=EXPIRY, strikes=[], volatilities=[]), "strikes"),
    ],
)
def test_bad_input_names_the_argument(make, argument):
    with pytest.raises(InvalidInput) as caught:
        make()
    assert caught.value.argument == argument


def test_a_slice_of_negative_variance_is_refused():
    wrong = SviParameters(a=-0.1, b=0.1, rho=0.0, m=0.0, sigma=0.1)
    with pytest.raises(InvalidInput, match="nowhere negative"):
        Smile.svi(expiry=EXPIRY, parameters=wrong, forward=FORWARD, time=TIME)
