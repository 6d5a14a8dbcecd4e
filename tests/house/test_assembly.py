"""The hot loops are vector code of their own: no call into libm, and registers of full width."""

from __future__ import annotations

import platform
import re
from pathlib import Path

import pytest
from tests.house.repository import ROOT, compile_all, run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="reads x86-64 assembly"),
]
# The functions of a block of inversions, by the start that they are made from.
INVERSIONS = {
    "ImpliedCold": "black_implied_volatility",
    "ImpliedWarm": "black_implied_volatility_from",
}
# A loop over columns, a strip or the sums that strips have in common.
KERNEL = re.compile(
    r"[0-9a-f]{16} <(?:[^>]*::(\w+)_columns\(|[^>]*::(\w+)\(double const\*, double, hedgerow::"
    r"|.*::(sum_flat|sum_curved)\b)"
)
REGISTERS = {"baseline": "%xmm", "avx2": "%ymm", "avx512": "%zmm"}
# Arithmetic on packed numbers; one at a time would be mulsd, vfmadd213sd, ...
PACKED = re.compile(r"\bv?(mul|add|sub|div|fn?m(add|sub)\d+)p[ds]\b.*")
# Hot loops; statuses choose between regions row by row and are bounded by their own benchmarks.
VECTORIZED = ["exp", "log", "normal_pdf", "normal_cdf", "log_normal_cdf", "erfcx", "mills_ratio"]
VECTORIZED += [f"{model}_price" for model in ("black", "bsm", "displaced", "bachelier")]
VECTORIZED += [f"{model}_greeks" for model in ("black", "bsm", "displaced", "bachelier")]
VECTORIZED += [f"{model}_implied_volatility" for model in ("black", "bachelier")]
VECTORIZED += ["black_implied_volatility_from"]
VECTORIZED += ["bsm_moved_greeks", "revaluation_double", "revaluation_float"]
VECTORIZED += ["sabr_places", "sabr_volatility", "sabr_gradient"]
VECTORIZED += ["normal", "heston_step", "jump_step", "observe"]
STRIPS = ["heston", "bates", "merton", "kou", "variance_gamma", "normal_inverse_gaussian"]
VECTORIZED += [
    f"{model}_{wanted}" for model in STRIPS for wanted in ("strip", "gradient", "greeks")
]
VECTORIZED += ["sum_flat", "sum_curved"]  # what strips have in common


@pytest.fixture(scope="module")
def objects(launcher: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The kernels of every instruction set, as the package compiles them."""
    sources = [ROOT / f"cpp/isa/{isa}.cpp" for isa in REGISTERS]
    made = compile_all(sources, tmp_path_factory.mktemp("isa"), launcher)
    return dict(zip(REGISTERS, made, strict=True))


@pytest.fixture(scope="module")
def loops(objects: dict[str, Path]) -> dict[tuple[str, str], str]:
    """(instruction set, kernel) -> the instructions of its loop over columns."""
    found = {}
    for isa, path in objects.items():
        text = run(["objdump", "-d", "-r", "-C", "--no-show-raw-insn", path])
        for function in re.split(r"\n(?=[0-9a-f]{16} <)", text):
            kernel = KERNEL.match(function)
            inversion = re.match(
                r"[0-9a-f]{16} <.*inversion_block<.*(ImpliedCold|ImpliedWarm)", function
            )
            if inversion:
                found[isa, INVERSIONS[inversion[1]]] = function
            elif kernel:
                found.setdefault((isa, kernel[kernel.lastindex]), function)
    return found


@pytest.mark.parametrize("isa", REGISTERS)
def test_kernels_call_nothing_outside(objects: dict[str, Path], isa: str) -> None:
    # Not libm, not the allocator, not even memcpy: an object without undefined symbols.
    undefined = run(["nm", "-u", objects[isa]]).split()
    assert [symbol for symbol in undefined if symbol not in {"U", "_GLOBAL_OFFSET_TABLE_"}] == []


@pytest.mark.parametrize("isa", REGISTERS)
@pytest.mark.parametrize("kernel", VECTORIZED)
def test_loops_compute_in_whole_registers(
    loops: dict[tuple[str, str], str], isa: str, kernel: str
) -> None:
    packed = PACKED.finditer(loops[isa, kernel])
    assert sum(REGISTERS[isa] in found[0] for found in packed) > 10
