"""One number per argument, and columns long enough for threads and for stores past the caches:
whichever way a ufunc takes, its results have the same types and bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from tests.formula.test_ufuncs import FAMILIES, columns

import hedgerow as hr
from hedgerow import kernels

RIGHT, *REST = FAMILIES["black"]
PRICED = (1.0, 9.0, 100.0, 95.0, 0.7, 0.97)
AMERICAN = (-1.0, 9.0, 100.0, 95.0, 0.7, 0.03, 0.01)
SPECIAL = {
    "american_implied_volatility": AMERICAN,
    "american_implied_volatility_status": AMERICAN,
    "american_exercise_boundary": (-1.0, 95.0, 0.7, 0.25, 0.03, 0.01),
}
OPTIONS = FAMILIES | {"american": FAMILIES["bsm"]}
ARGUMENTS = {
    name: PRICED if "implied" in name else OPTIONS.get(name.split("_")[0], (0.3,))
    for name in kernels.ufunc_names
} | {"black_implied_volatility_from": (*PRICED, 0.2), **SPECIAL}


def by_numpy(name: str, arguments: Sequence[Any]) -> Any:
    """What NumPy's own way of calling a ufunc gives; any keyword leads there."""
    return getattr(kernels, name)(*arguments, casting="same_kind")


@pytest.mark.parametrize("name", kernels.ufunc_names)
def test_numbers_come_back_as_numpy_gives_them(name: str) -> None:
    ours, theirs = getattr(kernels, name)(*ARGUMENTS[name]), by_numpy(name, ARGUMENTS[name])
    assert type(ours) is type(theirs)
    assert ours == theirs
    if isinstance(ours, tuple):
        assert {type(value) for value in ours} == {np.float64}


@pytest.mark.parametrize(
    "right", [1, 1.0, True, hr.Right.CALL, hr.Right.PUT, np.float64(-1), np.float32(1), np.int8(-1)]
)
def test_every_kind_of_number_means_what_it_means_to_numpy(right: Any) -> None:
    ours, theirs = hr.black.price(right, *REST), by_numpy("black_price", (right, *REST))
    assert type(ours) is type(theirs) is np.float64
    assert ours == theirs > 0


@pytest.mark.parametrize("large", [2**53 + 1, -(2**62), 2**63, 2**64 - 1, 10**30, 10**400])
def test_large_integers_are_rounded_or_refused_as_numpy_does(large: int) -> None:
    try:
        theirs = by_numpy("log", (large,))
    except TypeError:
        with pytest.raises(TypeError):
            kernels.log(large)
    else:
        assert kernels.log(large) == theirs or np.isnan(theirs)


def test_what_is_no_number_goes_to_numpy() -> None:
    class Tagged(float):
        def __array_ufunc__(self, *ignored: Any, **options: Any) -> str:
            return "theirs"

    assert hr.black.price(RIGHT, Tagged(100.0), *REST[1:]) == "theirs"
    assert hr.black.price(RIGHT, np.array(100.0), *REST[1:]) == hr.black.price(RIGHT, *REST)
    assert hr.black.price(RIGHT, [100.0], *REST[1:]).shape == (1,)
    out = np.zeros(1)
    assert hr.black.price(RIGHT, *REST, out=out) is out
    assert hr.black.price(RIGHT, *REST, out) is out  # by place
    assert out[0] == hr.black.price(RIGHT, *REST)
    with pytest.raises(TypeError, match="positional arguments"):
        hr.black.price(RIGHT, *REST[1:])
    with pytest.raises(TypeError):
        hr.black.price(RIGHT, "100", *REST[1:])
    assert np.isnan(hr.black.price(RIGHT, np.nan, *REST[1:]))


@pytest.mark.parametrize("family", FAMILIES)
def test_greeks_fill_an_earlier_result(family: str) -> None:
    greeks = getattr(hr, family).greeks
    inputs = columns(family, 500)
    kept = greeks(*inputs)
    again = greeks(*(column[::-1] for column in inputs), out=kept)
    assert all(a is b for a, b in zip(again, kept, strict=True))
    np.testing.assert_array_equal(again, greeks(*(column[::-1] for column in inputs)))
    assert type(greeks(*FAMILIES[family]).delta) is np.float64


PAGE = 512  # doubles


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(("start", "rows"), [(0, 16_384), (3, 9_001), (7, 8_192), (5, 16_000)])
def test_crowded_columns_have_the_same_bits(start: int, rows: int, threads: int) -> None:
    """Outputs apart by whole pages go past the caches, in lines that blocks need not fill."""
    inputs = columns("black", rows)
    inputs[1] = np.full(1, 100.0)  # repeated
    inputs[2] = np.repeat(inputs[2], 2)[::2]  # strided
    expected = np.concatenate(
        [kernels.black_greeks(*(np.broadcast_to(c, rows)[i : i + 50] for c in inputs))
         for i in range(0, rows, 50)], axis=1
    )  # fmt: skip
    length = (start + rows + 2 * PAGE) // PAGE * PAGE
    memory = np.full((17, length), 7.0)
    assert all(row.ctypes.data % 4096 == memory.ctypes.data % 4096 for row in memory)
    out = memory[:, start : start + rows]
    before = hr.get_num_threads()
    hr.set_num_threads(threads)
    kernels.black_greeks(*inputs, out=tuple(out))
    hr.set_num_threads(before)
    np.testing.assert_array_equal(out, expected)
    assert (memory[:, :start] == 7.0).all()
    assert (memory[:, start + rows :] == 7.0).all()


def test_long_columns_may_be_computed_in_place() -> None:
    inputs = columns("black", 50_000)
    expected = hr.black.price(*inputs)
    strikes = inputs[2]
    assert hr.black.price(*inputs, out=strikes) is strikes
    np.testing.assert_array_equal(strikes, expected)


@pytest.mark.parametrize("threads", [1, 3])
def test_very_long_columns_have_the_same_bits(threads: int) -> None:
    """Each output begins at another place of its cache line."""
    rows = 500_003
    inputs = [np.resize(column, rows) for column in columns("black", 999)]
    memory = [np.full(rows + 17, 7.0) for _ in range(17)]
    before = hr.get_num_threads()
    hr.set_num_threads(threads)
    kernels.black_greeks(*inputs, out=tuple(m[j : j + rows] for j, m in enumerate(memory)))
    hr.set_num_threads(before)
    for j, expected in enumerate(kernels.black_greeks(*(column[:999] for column in inputs))):
        np.testing.assert_array_equal(memory[j][j : j + rows], np.resize(expected, rows))
        assert (memory[j][:j] == 7.0).all()
        assert (memory[j][j + rows :] == 7.0).all()
