"""Smiles: the quotes are reproduced, nothing leaves their range, wings are flat."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow._core import Smile
from hedgerow.errors import InvalidInput

EXPIRY = np.datetime64("2026-03-27T08:00", "ns")


@st.composite
def smiles(draw):
    strikes = draw(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=10, unique=True).map(sorted))
    size = len(strikes)
    volatilities = draw(st.lists(st.floats(0, 5), min_size=size, max_size=size))
    return Smile(expiry=EXPIRY, strikes=strikes, volatilities=volatilities)


@given(smiles())
def test_quotes_are_reproduced_to_the_last_bit(smile):
    np.testing.assert_array_equal(smile.volatility(smile.strikes), smile.volatilities)


@given(smiles(), st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=20))
def test_linear_in_the_logarithm_of_the_strike_and_flat_beyond(smile, strikes):
    got = smile.volatility(strikes)
    expected = np.interp(np.log(strikes), np.log(smile.strikes), smile.volatilities)
    # Where strikes lie ulps apart their logarithms place a point anywhere between the neighbors.
    gaps = np.diff(np.log(smile.strikes), prepend=-np.inf)
    tolerance = 1e-12 + 5 * 1e-14 / gaps.min()
    np.testing.assert_allclose(got, expected, atol=tolerance, rtol=0)
    assert got.min() >= smile.volatilities.min()
    assert got.max() <= smile.volatilities.max()


def test_scalars_arrays_and_strikes_that_are_none():
    smile = Smile(expiry=EXPIRY, strikes=[90, 110], volatilities=[0.3, 0.2])
    assert isinstance(smile.volatility(100), float)
    assert smile.volatility(np.sqrt(90 * 110)) == pytest.approx(0.25, abs=1e-15)
    grid = smile.volatility(np.array([[1.0, np.inf], [0.0, -1.0], [np.nan, 110.0]]))
    np.testing.assert_array_equal(grid, [[0.3, 0.2], [np.nan, np.nan], [np.nan, 0.2]])


@pytest.mark.parametrize(
    ("strikes", "volatilities", "argument"),
    [
        ([], [], "strikes"),
        ([1.0, 2.0], [0.1], "volatilities"),
        ([1.0, 1.0], [0.1, 0.1], "strikes[1]"),
        ([2.0, 1.0], [0.1, 0.1], "strikes[1]"),
        ([0.0, 1.0], [0.1, 0.1], "strikes[0]"),
        ([1.0, np.inf], [0.1, 0.1], "strikes[1]"),
        ([1.0, 2.0], [0.1, -0.1], "volatilities[1]"),
        ([1.0, 2.0], [np.nan, 0.1], "volatilities[0]"),
    ],
)
def test_bad_input_names_the_argument(strikes, volatilities, argument):
    with pytest.raises(InvalidInput) as caught:
        Smile(expiry=EXPIRY, strikes=strikes, volatilities=volatilities)
    assert caught.value.argument == argument


def test_smiles_are_immutable_values():
    smile = Smile(expiry=EXPIRY, strikes=[90, 110], volatilities=[0.3, 0.2])
    assert pickle.loads(pickle.dumps(smile)) == smile
    assert smile.expiry == EXPIRY
    assert smile != Smile(expiry=EXPIRY, strikes=[90, 110], volatilities=[0.3, 0.21])
    assert repr(smile) == "Smile(2026-03-27T08:00:00Z, 2 strikes from 90 to 110)"
    with pytest.raises(ValueError, match="read-only"):
        smile.strikes[0] = 1.0
    with pytest.raises(AttributeError):
        smile.expiry = EXPIRY
