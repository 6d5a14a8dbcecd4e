"""Two copies of the core in one process, and the instruction set that a process is told to use."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from pathlib import Path

import pytest
from tests.embed import interface
from tests.embed.building import run, shown, tool

import hedgerow
from hedgerow import kernels

PACKAGES = str(Path(hedgerow.__file__).parents[1])
ROWS = (
    (1.0, 100.0, 110.0, 0.5, 0.25, 0.97, 0.01),
    (-1.0, 9.0, 100.0, 95.0, 0.3, 0.99, 0.02),
    (0.3, 0.2, 0.1, 0.4, 0.5, 0.6, 0.7),
)


def plain(function: interface.Function) -> bool:
    """Whether a function takes doubles and structs to fill, and so can be called blindly."""
    return {kind for kind in function.takes if "*" not in kind} <= {"double"} and not any(
        "const" in kind for kind in function.takes
    )


def answer(address: int, function: interface.Function, row: tuple[float, ...]) -> bytes:
    """The bits that a function at an address returns and writes."""
    out = (ctypes.c_double * 64)()
    numbers = iter(row)
    arguments = [out if "*" in kind else next(numbers) for kind in function.takes]
    kinds = [ctypes.c_void_p if "*" in kind else ctypes.c_double for kind in function.takes]
    gives = {"double": ctypes.c_double, "int": ctypes.c_int, "void": None}[function.returns]
    value = ctypes.CFUNCTYPE(gives, *kinds)(address)(*arguments)
    return bytes(out) + repr(value).encode()


def capsule_address(name: str) -> int:
    capsule = kernels.__pyx_capi__[name]
    api = ctypes.pythonapi
    api.PyCapsule_GetName.argtypes = [ctypes.py_object]
    api.PyCapsule_GetName.restype = ctypes.c_char_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    return api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule))


@pytest.mark.slow
def test_the_shared_library_and_the_wheel_give_the_same_bits_in_one_process(shared: Path) -> None:
    library = ctypes.CDLL(str(shared / "lib" / "libhedgerow.so"), mode=ctypes.RTLD_GLOBAL)
    functions = [function for function in interface.cython_functions("kernels") if plain(function)]
    assert {"black_price", "black_greeks"} <= {function.name for function in functions}
    for function in functions:
        entry = getattr(library, f"hedgerow_{function.name}")
        address = ctypes.cast(entry, ctypes.c_void_p).value
        assert address != capsule_address(function.name)
        for row in ROWS:
            there = answer(address, function, row)
            assert there == answer(capsule_address(function.name), function, row), function


@pytest.mark.slow
def test_no_other_copy_can_take_the_place_of_the_wheels(
    cc: str, shared: Path, site: Path, tmp_path: Path, expected: str
) -> None:
    # An impostor that has every function of the shared library and aborts in each.
    library = shared / "lib" / "libhedgerow.so"
    symbols = run(tool("nm"), "-D", "--defined-only", library)
    names = re.findall(r"^\w+ [TW] (\w+)$", symbols, flags=re.MULTILINE)
    assert "hedgerow_black_price" in names
    source = "void abort(void);\n" + "".join(
        f"void {name}(void) {{ abort(); }}\n" for name in names
    )
    (tmp_path / "impostor.c").write_text(source)
    run(cc, "-shared", "-fPIC", tmp_path / "impostor.c", "-o", tmp_path / "impostor.so")
    program = """
import hedgerow
from hedgerow import kernels
option = (1.0, 100.0, 110.0, 0.5, 0.25, 0.97)
assert hedgerow.build_config()["isa"] and hedgerow.parse_deribit("BTC-27DEC30-90000-C")
print(f"{kernels.black_price(*option):.6f} {kernels.black_greeks_one(*option).delta:.6f}")
"""
    env = {"PYTHONPATH": str(site), "LD_PRELOAD": str(tmp_path / "impostor.so")}
    assert run(sys.executable, "-c", program, env=env).strip() == expected


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names bind to one library anyway")
def test_the_modules_show_their_entry_alone(site: Path) -> None:
    shows = {tuple(shown(module)) for module in (site / "hedgerow").glob("*.so")}
    assert shows == {("PyInit__core",), ("PyInit_kernels",), ("PyInit_inventory",)}


def isa(wanted: str) -> str:
    program = "import hedgerow; print(hedgerow.build_config()['isa'])"
    env = {"PYTHONPATH": PACKAGES, "HEDGEROW_ISA": wanted}
    return run(sys.executable, "-c", program, env=env).strip()


@pytest.mark.parametrize("name", hedgerow.build_config()["supported_isas"])
def test_a_process_uses_the_instruction_set_that_it_is_told_to(name: str) -> None:
    assert isa(name) == name


def test_an_unknown_instruction_set_leaves_the_best_one() -> None:
    assert isa("abacus") == hedgerow.build_config()["supported_isas"][0]
    assert os.environ.get("HEDGEROW_ISA") is None or isa("") == isa("abacus")
