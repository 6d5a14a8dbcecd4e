"""Those that fuse multiply and add agree in every bit; baseline agrees on what is a number."""

from __future__ import annotations

import numpy as np
import pytest

import hedgerow
from hedgerow import kernels

FUSED = [isa for isa in hedgerow.build_config()["supported_isas"] if isa != "baseline"]
COUNT = 4099  # whole vectors and a rest
FAMILIES = ("black", "bsm", "displaced", "bachelier")
KERNELS = ["exp", "log", "normal_pdf", "normal_cdf", "normal_inverse_cdf", "log_normal_cdf"]
KERNELS += ["erfcx", "mills_ratio"]
KERNELS += [f"{family}_{kind}" for family in FAMILIES for kind in ("price", "greeks")]
KERNELS += ["american_price", "american_greeks", "american_exercise_boundary"]
INVERSIONS = [f"{f}_implied_volatility{s}" for f in ("black", "bachelier") for s in ("", "_status")]
INVERSIONS += ["black_implied_volatility_from"]
INVERSIONS += ["american_implied_volatility", "american_implied_volatility_status"]


def columns(name: str) -> list[np.ndarray]:
    """Market-like options with bad cells among them; for functions of one number a range."""
    rng = np.random.default_rng(1973)
    inputs = getattr(kernels, name).nin
    if inputs == 1:
        low, high = (0.0, 1.0) if "inverse" in name else (-40.0, 40.0)
        return [np.abs(x) if name == "log" else x for x in [rng.uniform(low, high, COUNT)]]
    right, forward = rng.choice([-1.0, 1.0], COUNT), rng.uniform(50, 150, COUNT)
    strike, time = forward * np.exp(rng.normal(0, 0.5, COUNT)), 10 ** rng.uniform(-5, 1.5, COUNT)
    volatility = rng.uniform(0.02, 2.0, COUNT) * (forward if "bachelier" in name else 1.0)
    rates = [rng.uniform(-0.05, 0.1, COUNT) for _ in range(2)]
    discount = np.exp(-rates[0] * time)
    last = {"bsm": rates, "american": rates, "displaced": [discount, rng.uniform(0, 50, COUNT)]}
    if name == "american_exercise_boundary":
        made = [right, strike, time, volatility, *rates]
    elif name.startswith("american_implied"):
        price = kernels.american_price(right, forward, strike, time, volatility, *rates)
        made = [right, price, forward, strike, time, *rates]
    elif "implied" in name:
        family = name.partition("_")[0]
        price = getattr(kernels, f"{family}_price")(
            right, forward, strike, time, volatility, discount
        )
        made = [right, price, forward, strike, time, discount]
        made += [volatility * rng.uniform(0.5, 2.0, COUNT)] if name.endswith("_from") else []
    else:
        end = last.get(name.partition("_")[0], [discount])
        made = [right, forward, strike, time, volatility, *end]
    for column in made:
        column[rng.integers(0, COUNT, 20)] = rng.choice([np.nan, np.inf, -1.0, 0.0], 20)
    return made


@pytest.mark.skipif(len(FUSED) < 2, reason="one fused instruction set on this machine")
@pytest.mark.parametrize("name", KERNELS + INVERSIONS)
def test_fused_instruction_sets_agree_in_every_bit(name: str) -> None:
    results = [kernels.evaluate(isa, name, *columns(name)) for isa in FUSED]
    for other in results[1:]:
        np.testing.assert_array_equal(results[0], other)


def test_all_kernels_are_compared() -> None:
    single = tuple(f"_{greek}" for greek in kernels.names[1:])
    assert set(KERNELS + INVERSIONS) == {n for n in kernels.ufunc_names if not n.endswith(single)}


@pytest.mark.parametrize("name", KERNELS)
def test_what_is_a_number_is_one_everywhere(name: str) -> None:
    finite = [
        np.isfinite(kernels.evaluate(isa, name, *columns(name))) for isa in [*FUSED, "baseline"]
    ]
    for other in finite[1:]:
        np.testing.assert_array_equal(finite[0], other)
