"""What is published stays: the signatures that C and Cython programs were compiled against."""

from __future__ import annotations

import ctypes
from dataclasses import replace
from pathlib import Path

from tests.embed import interface

from hedgerow import kernels

GOLDEN = Path(__file__).with_name("abi.txt")
VERSION, *LINES = GOLDEN.read_text().splitlines()[3:]
PROMISED = frozenset(LINES)


def signature(capsule: object) -> str:
    """The name of a capsule: the signature that Cython compares when a module cimports it."""
    name_of = ctypes.pythonapi.PyCapsule_GetName
    name_of.argtypes, name_of.restype = [ctypes.py_object], ctypes.c_char_p
    return name_of(capsule).decode()


def structs(of: dict[str, tuple[str, ...]]) -> set[str]:
    return {f"struct {name} {{{'; '.join(fields)}}}" for name, fields in of.items()}


def current() -> set[str]:
    c = {str(function) for function in interface.c_functions()} | structs(interface.c_structs())
    cython = {f"{name}: {signature(door)}" for name, door in kernels.__pyx_capi__.items()}
    cython |= structs(interface.cython_structs())
    return {f"C       {line}" for line in c} | {f"Cython  {line}" for line in cython}


def test_nothing_published_has_changed() -> None:
    assert PROMISED - current() == set()


def test_everything_published_is_promised() -> None:
    missing = "\n".join(sorted(current() - PROMISED))
    assert not missing, f"new in the C interface; append to {GOLDEN.name}:\n{missing}"


def test_every_function_of_the_pxd_is_exported_and_nothing_else() -> None:
    declared = {function.name for function in interface.cython_functions()}
    assert declared
    assert declared == set(kernels.__pyx_capi__)


def test_cython_and_c_promise_the_same() -> None:
    def in_c(text: str) -> str:
        return f"hedgerow_{text[: -len('_t *')]} *" if text.endswith("_t *") else text

    c = set(interface.c_functions())
    for function in interface.cython_functions():
        takes = tuple(in_c(kind) for kind in function.takes)
        assert replace(function, name=f"hedgerow_{function.name}", takes=takes) in c
    for name, fields in interface.cython_structs().items():
        assert interface.c_structs()[f"hedgerow_{name.removesuffix('_t')}"] == fields


def test_header_module_and_golden_file_tell_one_abi_version() -> None:
    assert f"HEDGEROW_ABI_VERSION {interface.c_abi_version()}" == VERSION
    assert call(kernels.__pyx_capi__["abi_version"]) == interface.c_abi_version()


def call(capsule: object) -> int:
    pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_of.argtypes = [ctypes.py_object, ctypes.c_char_p]
    pointer_of.restype = ctypes.c_void_p
    return ctypes.CFUNCTYPE(ctypes.c_int)(pointer_of(capsule, signature(capsule).encode()))()
