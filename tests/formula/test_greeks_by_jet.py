"""The hand-derived Greeks of the kernels against automatic and numeric differentiation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow import Right, _core, kernels

from .tables import GREEKS

rights = st.sampled_from(Right)
times = st.floats(0.01, 10.0)
deviations = st.floats(0.05, 1.0)
moneyness = st.floats(-2.5, 2.5)
rates = st.floats(-0.1, 0.2)
discounts = st.floats(0.4, 1.05)


@st.composite
def draws(draw, model):
    """A right and the arguments of a model, where the textbook formula keeps its digits."""
    right, time, s, m = draw(rights), draw(times), draw(deviations), draw(moneyness)
    volatility = s / np.sqrt(time)
    if model == "bsm":
        spot, rate, carry = draw(st.floats(0.1, 1e4)), draw(rates), draw(rates)
        return right, (spot, spot * np.exp(m * s + carry * time), time, volatility, rate, carry)
    if model == "bachelier":
        forward = draw(st.floats(-1.0, 1.0))
        return right, (forward, forward + m * s, time, volatility, draw(discounts))
    forward = draw(st.floats(0.1, 1e4))
    option = (forward, forward * np.exp(m * s), time, volatility, draw(discounts))
    if model == "black":
        return right, option
    shift = draw(st.floats(-0.05, 2.0))
    return right, (option[0] - shift, option[1] - shift, *option[2:], shift)


def scale(model, right, arguments):
    """A natural size of each Greek: (price scale) / (scale of each variable it is taken in)."""
    greeks = kernels_greeks(model, right, arguments)
    price_like = abs(greeks["price"]) + abs(greeks["vega"] * arguments[3])
    time, volatility = arguments[2], arguments[3]
    s = volatility * np.sqrt(time)
    shift = arguments[5] if model == "displaced" else 0.0
    forward, strike = arguments[0] + shift, arguments[1] + shift
    move, strike_move = (s, s) if model == "bachelier" else (s * forward, s * strike)
    if model == "bsm":
        rate, carry = arguments[4:]
        price_like += forward * np.exp((carry - rate) * time) + strike * np.exp(-rate * time)
        time = 1 / (1 / time + abs(rate) + abs(carry))
    units = {"spot": move, "vol": volatility, "time": time, "strike": strike_move}
    taken = {
        "price": [], "delta": ["spot"], "gamma": ["spot"] * 2, "vega": ["vol"], "theta": ["time"],
        "vanna": ["spot", "vol"], "volga": ["vol"] * 2, "charm": ["spot", "time"],
        "veta": ["vol", "time"], "speed": ["spot"] * 3, "zomma": ["spot", "spot", "vol"],
        "color": ["spot", "spot", "time"], "ultima": ["vol"] * 3, "dual_delta": ["strike"],
        "dual_gamma": ["strike"] * 2,
    }  # fmt: skip
    sizes = {name: price_like / np.prod([units[u] for u in by]) for name, by in taken.items()}
    return sizes | dict.fromkeys(("rho", "phi"), price_like * arguments[2])


def kernels_greeks(model, right, arguments):
    outputs = getattr(kernels, f"{model}_greeks")(float(right), *arguments)
    return dict(zip(GREEKS, map(float, outputs), strict=True))


@pytest.mark.parametrize("model", ["black", "bsm", "bachelier", "displaced"])
def test_kernels_agree_with_jets(model):
    @given(draws(model))
    def check(drawn):
        right, arguments = drawn
        computed = kernels_greeks(model, right, arguments)
        by_jet = getattr(_core, f"{model}_greeks_by_jet")(right, *arguments)
        assert list(by_jet) == list(GREEKS)
        sizes = scale(model, right, arguments)
        for name in GREEKS:
            assert abs(computed[name] - by_jet[name]) <= 2e-12 * sizes[name], name

    check()


def difference(function, x, step):
    """The derivative to fourth order in the step."""
    near = function(x + step) - function(x - step)
    far = function(x + 2 * step) - function(x - 2 * step)
    return (8 * near - far) / (12 * step)


# Each Greek is the derivative of the one before it: (Greek, of, by argument number, sign).
CHAIN = [
    ("delta", "price", 0, 1), ("gamma", "delta", 0, 1), ("speed", "gamma", 0, 1),
    ("vega", "price", 3, 1), ("volga", "vega", 3, 1), ("ultima", "volga", 3, 1),
    ("vanna", "delta", 3, 1), ("zomma", "gamma", 3, 1), ("theta", "price", 2, -1),
    ("charm", "delta", 2, -1), ("veta", "vega", 2, -1), ("color", "gamma", 2, -1),
    ("dual_delta", "price", 1, 1), ("dual_gamma", "dual_delta", 1, 1),
]  # fmt: skip


@pytest.mark.parametrize("model", ["bsm", "bachelier"])
def test_kernels_agree_with_differences(model):
    @given(draws(model))
    def check(drawn):
        right, arguments = drawn
        sizes = scale(model, right, arguments)
        computed = kernels_greeks(model, right, arguments)
        rate = -np.log(arguments[-1]) / arguments[2] if model == "bachelier" else 0.0
        for name, of, by, sign in CHAIN:

            def value(x, of=of, by=by):
                moved = [*arguments]
                moved[by] = x
                if model == "bachelier" and by == 2:  # the rate is held, not the discount factor
                    moved[-1] = np.exp(-rate * x)
                return kernels_greeks(model, right, moved)[of]

            unit = sizes[of] / sizes[name]
            numeric = sign * difference(value, arguments[by], 1e-3 * unit)
            assert abs(computed[name] - numeric) <= 1e-8 * sizes[name], name

    check()
