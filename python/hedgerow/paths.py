"""Where this installation keeps the headers and the CMake package of the C++ core."""

from __future__ import annotations

from pathlib import Path

__all__ = ["get_cmake_dir", "get_include"]


def _core() -> Path:
    shipped = Path(__file__).with_name("cpp")  # in a wheel; an editable install has the checkout's
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "cpp"


def get_include() -> str:
    """Return the directory of the C and C++ headers, to pass to a compiler with `-I`."""
    return str(_core() / "include")


def get_cmake_dir() -> str:
    """Return the directory to pass to CMake as `hedgerow_DIR`.

    `find_package(hedgerow)` then builds the core from the sources of this installation, with the
    compiler and flags of the program that asks for it.
    """
    return str(_core() / "cmake")
