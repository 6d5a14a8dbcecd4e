"""The page of measured errors is true: no kernel errs by more than what stands there."""

from __future__ import annotations

import pytest
from docs import accuracy

from hedgerow import kernels

ROWS = {row.key: row for row in accuracy.rows()}
STATED = accuracy.committed()


def test_the_page_has_every_line_and_no_other() -> None:
    assert list(STATED) == list(ROWS)


@pytest.mark.parametrize("key", ROWS, ids=" ".join)
def test_no_error_exceeds_the_page(isa: str, key: tuple[str, str, str]) -> None:
    if isa not in STATED[key]:
        pytest.skip(f"the page has no figures for {isa}")
    measured = ROWS[key].measure(isa)
    assert measured <= STATED[key][isa] * (1 + 1e-9)


def test_the_readme_says_what_the_page_says() -> None:
    lines = (accuracy.ROOT / "README.md").read_text().splitlines()
    quoted = [accuracy.CELL.split(line.strip("| ")) for line in lines if line.startswith("| `")]
    found = {(row[0].strip("`"), *row[1:3]): float(row[3]) for row in quoted if len(row) == 4}
    assert found
    assert found == {key: max(STATED[key].values()) for key in found}


def test_every_kernel_that_rounds_is_on_the_page() -> None:
    # Those left out have the bits of another, or are codes; the page says so.
    same_bits = {"black_greeks", "displaced_price", "displaced_greeks"}
    kernels_on_page = {kernel for kernel, _, _ in STATED}
    left_out = same_bits | {name for name in kernels.ufunc_names if name.endswith("_status")}
    families = {name for name in kernels.ufunc_names if not is_single_greek(name)}
    assert kernels_on_page == families - left_out


def is_single_greek(name: str) -> bool:
    return any(name.endswith(f"_{greek}") for greek in kernels.names[1:])
