"""Displaced Black is Black-76 in moved variables, and lies between Black and Bachelier."""

import numpy as np
import pytest

from hedgerow import kernels


def test_is_black_in_moved_variables(isa):
    generator = np.random.default_rng(1983)
    n = 101
    right = generator.choice([-1.0, 1.0], n)
    forward, strike = generator.uniform(-0.02, 0.05, (2, n))
    time, volatility = generator.uniform(0.01, 10, n), generator.uniform(0.05, 0.6, n)
    discount, shift = generator.uniform(0.5, 1.02, n), np.full(n, 0.03)
    moved = right, forward + shift, strike + shift, time, volatility, discount
    given = right, forward, strike, time, volatility, discount, shift
    for kind in ("price", "greeks"):
        computed = kernels.evaluate(isa, f"displaced_{kind}", *given)
        expected = kernels.evaluate(isa, f"black_{kind}", *moved)
        np.testing.assert_array_equal(computed, expected)
        one = kernels.evaluate(isa, f"displaced_{kind}", *(float(column[5]) for column in given))
        assert one == tuple(output[5] for output in computed)


def test_no_shift_is_black():
    option = (1.0, 100.0, 95.0, 0.5, 0.3, 0.97)
    assert kernels.displaced_greeks(*option, 0.0) == kernels.black_greeks(*option)


def test_a_large_shift_is_bachelier():
    shift, normal = 1e7, 20.0
    displaced = kernels.displaced_price(1.0, 100.0, 95.0, 0.5, normal / (100 + shift), 0.97, shift)
    bachelier = kernels.bachelier_price(1.0, 100.0, 95.0, 0.5, normal, 0.97)
    assert displaced == pytest.approx(bachelier, rel=1e-6)


@pytest.mark.parametrize(("forward", "strike", "shift"), [(-2.0, 1.0, 1.0), (1.0, -2.0, 1.0)])
def test_nothing_is_priced_below_minus_the_shift(forward, strike, shift):
    assert np.isnan(kernels.displaced_price(1.0, forward, strike, 0.5, 0.3, 0.97, shift))


def test_a_strike_at_minus_the_shift_is_a_strike_of_zero():
    assert kernels.displaced_price(1.0, 3.0, -1.0, 0.5, 0.3, 0.5, 1.0) == 2.0
