"""What is published stays: the signatures that C and Cython programs were compiled against."""

from __future__ import annotations

import ctypes
from dataclasses import replace
from pathlib import Path

import pytest
from tests.embed import interface

import hedgerow.inventory
from hedgerow import kernels

GOLDEN = Path(__file__).with_name("abi.txt")
VERSION, *LINES = GOLDEN.read_text().splitlines()[3:]
PROMISED = frozenset(LINES)
DOORS = {"kernels": kernels.__pyx_capi__, "inventory": hedgerow.inventory.__pyx_capi__}


def signature(capsule: object) -> str:
    """The name of a capsule: the signature that Cython compares when a module cimports it."""
    name_of = ctypes.pythonapi.PyCapsule_GetName
    name_of.argtypes, name_of.restype = [ctypes.py_object], ctypes.c_char_p
    return name_of(capsule).decode()


def structs(of: dict[str, tuple[str, ...]]) -> set[str]:
    return {f"struct {name} {{{'; '.join(fields)}}}" for name, fields in of.items()}


def current() -> set[str]:
    c = {str(function) for function in interface.c_functions()} | structs(interface.c_structs())
    cython = set()
    for module, doors in DOORS.items():
        place = "" if module == "kernels" else f"{module}."
        cython |= {f"{place}{name}: {signature(door)}" for name, door in doors.items()}
        cython |= structs(interface.cython_structs(module))
    return {f"C       {line}" for line in c} | {f"Cython  {line}" for line in cython}


def test_nothing_published_has_changed() -> None:
    assert PROMISED - current() == set()


def test_everything_published_is_promised() -> None:
    missing = "\n".join(sorted(current() - PROMISED))
    assert not missing, f"new in the C interface; append to {GOLDEN.name}:\n{missing}"


@pytest.mark.parametrize("module", interface.CYTHON)
def test_every_function_of_the_pxd_is_exported_and_nothing_else(module: str) -> None:
    declared = {function.name for function in interface.cython_functions(module)}
    assert declared
    assert declared == set(DOORS[module])


def test_cython_and_c_promise_the_same() -> None:
    def in_c(text: str) -> str:
        return f"hedgerow_{text[: -len('_t *')]} *" if text.endswith("_t *") else text

    c = set(interface.c_functions())
    for function in interface.cython_functions("kernels"):
        takes = tuple(in_c(kind) for kind in function.takes)
        assert replace(function, name=f"hedgerow_{function.name}", takes=takes) in c
    for name, fields in interface.cython_structs("kernels").items():
        assert interface.c_structs()[f"hedgerow_{name.removesuffix('_t')}"] == fields


def test_header_module_and_golden_file_tell_one_abi_version() -> None:
    assert f"HEDGEROW_ABI_VERSION {interface.c_abi_version()}" == VERSION
    assert call(DOORS["kernels"]["abi_version"]) == interface.c_abi_version()


def call(capsule: object) -> int:
    pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_of.argtypes = [ctypes.py_object, ctypes.c_char_p]
    pointer_of.restype = ctypes.c_void_p
    return ctypes.CFUNCTYPE(ctypes.c_int)(pointer_of(capsule, signature(capsule).encode()))()
