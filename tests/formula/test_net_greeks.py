"""Greeks summed by group: the sums of the columns, whatever the groups, and the same bits."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hedgerow as hr
from hedgerow import kernels


def options(rows: int, seed: int = 0) -> tuple[np.ndarray[Any, Any], ...]:
    random = np.random.default_rng(seed)
    return (
        random.choice([-1.0, 1.0], rows),
        random.uniform(50, 150, rows),
        random.uniform(50, 150, rows),
        random.uniform(0.01, 2, rows),
        random.uniform(0.1, 0.9, rows),
        random.uniform(-0.01, 0.05, rows),
        random.uniform(-0.02, 0.03, rows),
        random.normal(size=rows),
    )


@given(st.integers(0, 700), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_sums_of_the_columns(rows: int, groups: int, seed: int) -> None:
    *columns, quantity = options(rows, seed)
    group = np.random.default_rng(seed).integers(0, groups, rows)
    found = hr.bsm.net_greeks(*columns, quantity, group, groups)
    each = hr.bsm.greeks(*columns)
    for name in kernels.names:
        wanted = np.zeros(groups)
        np.add.at(wanted, group, quantity * getattr(each, name))  # row by row, as the kernel does
        np.testing.assert_array_equal(getattr(found, name), wanted, err_msg=name)


@pytest.mark.parametrize("groups", [1, 7, 100_000])
def test_many_rows_and_any_number_of_threads(groups: int) -> None:
    rows = 150_001
    *columns, quantity = options(rows)
    group = np.random.default_rng(1).integers(0, groups, rows, dtype=np.uint32)
    before = hr.get_num_threads()
    results = []
    try:
        for threads in (1, 2, 5):
            hr.set_num_threads(threads)
            results.append(np.array(hr.bsm.net_greeks(*columns, quantity, group, groups)))
    finally:
        hr.set_num_threads(before)
    assert len({result.tobytes() for result in results}) == 1
    for found, each in zip(results[0], hr.bsm.greeks(*columns), strict=True):
        wanted = np.bincount(group, quantity * each, groups)
        size = np.bincount(group, np.abs(quantity * each), groups)
        assert (np.abs(found - wanted) <= 1e-13 * size).all()


BY_HAND = """
import numpy as np
import hedgerow as hr
random = np.random.default_rng(3)
n, groups = 1001, 5
right, spot = random.choice([-1.0, 1.0], n), random.uniform(50, 150, n)
options = (right, spot, 100.0, random.uniform(0.1, 2, n), 0.3, 0.02, 0.01)
quantity, group = random.normal(size=n), random.integers(0, groups, n)
found = hr.bsm.net_greeks(*options, quantity, group, groups)
for sums, each in zip(found, hr.bsm.greeks(*options)):
    wanted = np.zeros(groups)
    np.add.at(wanted, group, quantity * each)
    assert (sums == wanted).all()
print(hr.build_config()["isa"])
"""


def test_the_loop_row_by_row_on_every_instruction_set(isa: str) -> None:
    environment = {**os.environ, "HEDGEROW_ISA": isa}
    command = [sys.executable, "-c", BY_HAND]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == isa, done.stderr


def test_one_number_stands_for_all_rows() -> None:
    right, _, strike, time, volatility, _, _, quantity = options(300)
    group = np.arange(300) % 3
    found = hr.bsm.net_greeks(
        right, 100.0, strike, time, volatility, 0.03, 0.01, quantity, group, 3
    )
    same = [np.full(300, x) for x in (100.0, 0.03, 0.01)]
    wanted = hr.bsm.net_greeks(
        right, same[0], strike, time, volatility, same[1], same[2], quantity, group, 3
    )
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_row_outside_the_domain_poisons_its_group_alone() -> None:
    *columns, quantity = options(9)
    columns[4][4] = -0.2
    found = hr.bsm.net_greeks(*columns, quantity, np.arange(9) // 3, 3)
    for sums in found:
        assert np.isnan(sums).tolist() == [False, True, False]


def test_bad_arguments_are_named() -> None:
    *columns, quantity = options(5)
    group = np.arange(5)
    with pytest.raises(hr.InvalidInput, match="group = 4: must be below the number of groups, 4"):
        hr.bsm.net_greeks(*columns, quantity, group, 4)
    with pytest.raises(hr.InvalidInput, match="group"):
        hr.bsm.net_greeks(*columns, quantity, group[:4], 5)
    with pytest.raises(hr.InvalidInput, match="input column = 4 rows"):
        hr.bsm.net_greeks(columns[0][:4], *columns[1:], quantity, group, 5)
    for wrong, value in (
        (-group, "-4"),
        (group * 1.0, "an array of float64"),
        (group << 40, "439"),
    ):
        with pytest.raises(hr.InvalidInput, match=f"group = {value}.*: must be integers from 0"):
            hr.bsm.net_greeks(*columns, quantity, wrong, 5)
    flat = r"an array of shape \(5, 1\): must be of one dimension"
    with pytest.raises(hr.InvalidInput, match=f"quantity = {flat}"):
        hr.bsm.net_greeks(*columns, quantity[:, None], group, 5)
    with pytest.raises(hr.InvalidInput, match=f"group = {flat}"):
        hr.bsm.net_greeks(*columns, quantity, group[:, None], 5)
