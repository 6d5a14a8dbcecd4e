"""The kernels of full revaluation: Black's formula over rows of scenarios, in two precisions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

import hedgerow as hr
from hedgerow import _core, kernels
from hedgerow._core import Precision

# The errors that the header states, in units of max(D F f, D K).
BOUND = {Precision.FLOAT64: 7.5e-16, Precision.FLOAT32: 2.7e-7}
FUSED = [isa for isa in hr.build_config()["supported_isas"] if isa != "baseline"]
Columns = list[npt.NDArray[np.float64]]


def options(seed: int, count: int) -> Columns:
    """Right, forward, strike, time, volatility, discount factor; near the money and far from it."""
    rng = np.random.default_rng(seed)
    right = rng.choice([-1.0, 1.0], count)
    forward, strike = (100 * np.exp(rng.normal(0, 0.7, count)) for _ in range(2))
    time, volatility = 10 ** rng.uniform(-6, 1.5, count), 10 ** rng.uniform(-3, 0.7, count)
    return [right, forward, strike, time, volatility, np.exp(-rng.uniform(-0.02, 0.1, count))]


def scenarios(seed: int, count: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    return np.exp(rng.normal(0, 0.4, count)), rng.uniform(-0.4, 0.4, count)


def units(
    columns: Columns, factor: npt.NDArray[np.float64], discount: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """max(D F f, D K), options x scenarios."""
    return np.maximum(np.outer(columns[1], factor), columns[2][:, None]) * discount[:, None]


@pytest.mark.parametrize("precision", Precision)
def test_prices_of_the_table(isa: str, precision: Precision, reference: Path) -> None:
    table = pd.read_csv(reference / "highprec_black.csv")
    columns = [np.ascontiguousarray(table[name], dtype=float) for name in table.columns[:-1]]
    values = _core.revalue_on(isa, precision, columns, [1.0], [0.0])
    assert values is not None
    unit = units(columns, np.ones(1), columns[5])
    assert np.abs(values - table[["price"]].to_numpy(float)).max() > 0
    assert (np.abs(values - table[["price"]].to_numpy(float)) / unit).max() <= BOUND[precision]


@pytest.mark.parametrize("precision", Precision)
def test_values_are_prices_in_moved_markets(isa: str, precision: Precision) -> None:
    columns, (factor, shift) = options(1, 3000), scenarios(2, 100)
    values = _core.revalue_on(isa, precision, columns, factor, shift)
    assert values is not None
    right, forward, strike, time, volatility, discount = (column[:, None] for column in columns)
    moved = np.maximum(volatility + shift, 0.0)  # a price of its own at zero volatility too
    assert (moved == 0).any()
    exact = kernels.black_price(right, forward * factor, strike, time, moved, discount)
    unit = units(columns, factor, columns[5])
    error = np.abs(values - exact) / unit
    assert error.max() <= BOUND[precision]
    assert error.max() >= 0.5 * BOUND[precision]  # the statement is not a loose one
    # Nothing systematic is left to add up over a book.
    assert abs(((values - exact) / unit).mean()) < 0.01 * BOUND[precision]


@pytest.mark.parametrize("precision", Precision)
def test_without_volatility_the_value_is_intrinsic(isa: str, precision: Precision) -> None:
    forward = np.array([50.0, 100.0, 100.0, 200.0, 1e-200, 1e200] * 2)
    right = np.repeat([1.0, -1.0], 6)
    ones = np.ones(12)
    columns = [right, forward, 100 * ones, 1e-9 * ones, 0.2 * ones, 0.9 * ones]
    shift = np.array([-0.2, -0.3, -1e300])
    values = _core.revalue_on(isa, precision, columns, np.ones(3), shift)
    intrinsic = 0.9 * np.maximum(right * (forward - 100), 0)
    assert values is not None
    np.testing.assert_allclose(values, np.outer(intrinsic, np.ones(3)), rtol=BOUND[precision])


@pytest.mark.parametrize("precision", Precision)
def test_with_endless_volatility_the_value_is_the_bound(isa: str, precision: Precision) -> None:
    columns = [np.array([x, x]) for x in (1.0, 100.0, 80.0, 1.0, 0.2, 1.0)]
    columns[0] = np.array([1.0, -1.0])
    values = _core.revalue_on(isa, precision, columns, [0.5, 2.0], [1e3, 1e300])
    np.testing.assert_allclose(values, [[50.0, 200.0], [80.0, 80.0]], rtol=BOUND[precision])


def test_columns_of_other_lengths_are_refused(isa: str) -> None:
    one, tile = [np.ones(1)] * 6, 512
    values = _core.revalue_on(isa, Precision.FLOAT64, one, np.ones(tile), np.zeros(tile))
    assert values is not None
    assert values.shape == (1, tile)
    for columns, factor, shift in [
        (one, np.ones(tile + 1), np.zeros(tile + 1)),
        (one, np.ones(2), np.zeros(1)),
        ([*one[:5], np.ones(2)], np.ones(1), np.zeros(1)),
    ]:
        with pytest.raises(hr.InvalidInput):
            _core.revalue_on(isa, Precision.FLOAT64, columns, factor, shift)


@pytest.mark.skipif(len(FUSED) < 2, reason="one fused instruction set on this machine")
@pytest.mark.parametrize("precision", Precision)
def test_fused_instruction_sets_agree_in_every_bit(precision: Precision) -> None:
    columns, moves = options(3, 500), scenarios(4, 101)
    first, *others = [_core.revalue_on(isa, precision, columns, *moves) for isa in FUSED]
    for other in others:
        np.testing.assert_array_equal(other, first)


def test_an_unknown_instruction_set_gives_nothing() -> None:
    assert _core.revalue_on("z80", Precision.FLOAT64, options(1, 1), [1.0], [0.0]) is None
