"""What is promised to C and Cython, read from the files that promise it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Function:
    """A C function: its name and the types it takes and gives."""

    name: str
    returns: str
    takes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.returns} {self.name}({', '.join(self.takes) or 'void'})"


def _type(parameter: str) -> str:
    """The type of a parameter, its name dropped: `double* out` is `double *`."""
    words = re.findall(r"\w+|\*", parameter)
    named = words[-1] not in {"*", "double", "int", "size_t", "void", "object"}
    return " ".join(words[:-1] if named else words)


def _function(returns: str, name: str, parameters: str) -> Function:
    takes = tuple(_type(p) for p in parameters.split(",") if p.strip() not in {"", "void"})
    return Function(name, returns.strip(), takes)


def _fields(body: str) -> tuple[str, ...]:
    declarations = re.findall(r"(\w+) (\w+(?:, \w+)*)", " ".join(body.split()))
    return tuple(
        f"{kind} {name}" for kind, names in declarations for name in re.findall(r"\w+", names)
    )


def _header() -> str:
    text = (ROOT / "cpp" / "include" / "hedgerow.h").read_text()
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


# The compiled modules that others cimport: kernels is hedgerow.h in Cython, inventory is of Cython
# alone.
CYTHON = ("kernels", "inventory")


def _pxd(module: str) -> str:
    text = (ROOT / "python" / "hedgerow" / f"{module}.pxd").read_text()
    return re.sub(r'""".*?"""|#[^\n]*', "", text, flags=re.DOTALL)


def c_functions() -> list[Function]:
    """The functions of hedgerow.h."""
    pattern = r"HEDGEROW_C_API\s+([\w\s*]+?)(\w+)\(([^)]*)\)\s*;"
    return [_function(*found) for found in re.findall(pattern, _header())]


def c_structs() -> dict[str, tuple[str, ...]]:
    """The structs of hedgerow.h and their fields in order."""
    found = re.findall(r"typedef struct \w+ \{(.*?)\} (\w+);", _header(), flags=re.DOTALL)
    return {name: _fields(body) for body, name in found}


def c_abi_version() -> int:
    """HEDGEROW_ABI_VERSION of hedgerow.h."""
    found = re.search(r"#define HEDGEROW_ABI_VERSION (\d+)", _header())
    assert found
    return int(found.group(1))


def cython_functions(module: str) -> list[Function]:
    """The functions of a .pxd."""
    pattern = r"cdef ([\w\s*]+?)(\w+)\(([^)]*)\) (?:noexcept|except)"
    return [_function(*found) for found in re.findall(pattern, _pxd(module))]


def cython_structs(module: str) -> dict[str, tuple[str, ...]]:
    """The structs of a .pxd and their fields in order."""
    found = re.findall(r"ctypedef struct (\w+):\n((?:[ \t]+.*\n|\s*\n)+)", _pxd(module))
    return {name: _fields(body) for name, body in found}
