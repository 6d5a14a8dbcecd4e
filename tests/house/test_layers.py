"""The directions of the layers: who may include or import whom, in three small tables."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.house.repository import ROOT, name

# A layer sees itself and the rows above it; layers of one row do not see each other.
CORE = [
    ["base"],
    ["math"],
    ["formula"],
    ["contract", "market"],
    ["price"],
    ["book"],
    ["risk"],
]
# The loops compiled per instruction set stand beside the layers: they see base and nothing else,
# and are seen by the sources (never the headers) of those that turn them into functions.
KERNELS_SEE = {"base", "kernels"}
SEE_KERNELS = {"src/base", "src/math", "src/formula", "src/c_api.cpp", "isa", "kernels"}

PYTHON = [
    ["errors", "paths"],
    ["rejected", "results"],
    ["_core", "kernels", "inventory"],
    ["desk", "normal", "black", "bsm", "american", "displaced", "bachelier", "fx"],
    ["svi", "ssvi", "fourier", "sabr", "smile_delta", "heston_pde"],
    ["heston", "bates", "merton", "kou", "variance_gamma", "normal_inverse_gaussian"],
    ["local_volatility"],
    ["portfolio", "calibrate", "simulate"],
    ["risk"],
    ["io"],
    ["live"],
    ["report"],
    ["monitor"],
    [""],  # hedgerow itself: the names at the top
    ["cli"],
    ["__main__"],
]


def seen_from(table: list[list[str]]) -> dict[str, set[str]]:
    """Layer -> the layers that it may refer to."""
    seen: dict[str, set[str]] = {}
    below: set[str] = set()
    for row in table:
        seen |= {layer: below | {layer} for layer in row}
        below = below | set(row)
    return seen


CPP = ROOT / "cpp"
CPP_FILES = sorted(
    path
    for folder in ("include", "src", "isa", "kernels")
    for path in (CPP / folder).rglob("*")
    if path.suffix in {".hpp", ".cpp", ".inl", ".def", ".h"}
)


def includes(path: Path) -> Iterator[str]:
    """Every include, local ones as the path that they mean: "include/hedgerow/base/error.hpp"."""
    for sign, target in re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)', path.read_text(), re.M):
        if target.startswith("hedgerow"):
            yield f"include/{target}"
        elif sign == '"':
            yield (path.parent / target).resolve().relative_to(CPP).as_posix()


def layer(path: str) -> str:
    """The layer of a file of the core, "" for what gathers all of them."""
    parts = path.removeprefix("include/hedgerow/").removeprefix("src/").split("/")
    return parts[0] if len(parts) > 1 else ""


def allowed(source: str, target: str) -> bool:
    """Whether one file of the core may include another."""
    if target.startswith("kernels/"):
        return any(source.startswith(place) for place in SEE_KERNELS)
    if source.startswith(("kernels/", "isa/")):
        return layer(target) in KERNELS_SEE
    if source == "src/c_api.cpp":
        return target == "include/hedgerow.h" or layer(target) == "base"
    if source == "include/hedgerow/hedgerow.hpp":
        return layer(target) in seen_from(CORE)
    return layer(target) in seen_from(CORE)[layer(source)]


def test_the_core_has_the_folders_of_the_table() -> None:
    folders = {path.name for path in (CPP / "include/hedgerow").iterdir() if path.is_dir()}
    assert folders == set(seen_from(CORE))
    assert {path.name for path in (CPP / "src").iterdir() if path.is_dir()} <= folders


@pytest.mark.parametrize("path", CPP_FILES, ids=name)
def test_core_includes_go_down(path: Path) -> None:
    source = path.relative_to(CPP).as_posix()
    for target in includes(path):
        assert allowed(source, target), f"{source} includes {target}"
        assert (CPP / target).exists(), f"{source} includes {target}, which is not in the core"


def test_the_core_knows_no_python() -> None:
    foreign = re.compile(r"#\s*include\s*[<\"](Python\.h|numpy/|pybind11/)")
    assert [name(path) for path in CPP_FILES if foreign.search(path.read_text())] == []


def test_one_header_gathers_all_layers() -> None:
    gathered = set(includes(CPP / "include/hedgerow/hedgerow.hpp"))
    layers = {path.relative_to(CPP).as_posix() for path in CPP.glob("include/hedgerow/*/*.hpp")}
    assert gathered == layers


@pytest.mark.parametrize("path", sorted((ROOT / "src/pybind").iterdir()), ids=name)
def test_bindings_see_public_headers_and_their_own(path: Path) -> None:
    for target in re.findall(r'#include "([^"]+)"', path.read_text()):
        generated = target == "commit.hpp"  # by setup.py
        own = generated or ("/" not in target and (path.parent / target).exists())
        public = target.startswith("hedgerow/") and (CPP / "include" / target).exists()
        assert own or public, f"{name(path)} includes {target}"


# What one compiled module hands to another, in a capsule, stands in a header that both include.
BETWEEN_MODULES = {"inventory.pyx": {"inventory_door.hpp"}, "kernels.pyx": set()}


@pytest.mark.parametrize("module", BETWEEN_MODULES)
def test_cython_sees_public_headers_and_what_the_modules_share(module: str) -> None:
    text = (ROOT / "src/cython" / module).read_text()
    for target in re.findall(r'cdef extern from "(?!numpy/)([^"<]+)"', text):
        public = (CPP / "include" / target).exists()
        assert public or target in BETWEEN_MODULES[module], target


PACKAGE = ROOT / "python" / "hedgerow"
MODULES = sorted(PACKAGE.rglob("*.py"))


def module_layer(path: Path) -> str:
    top = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if top == "__init__" else top


def imports(path: Path, layers: set[str]) -> Iterator[tuple[int, str]]:
    """(line, layer) of every import of the package, wherever in the file it stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, a.name) for a in node.names if a.name.startswith("hedgerow"))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}:{node.lineno}: a relative import"
            parts = (node.module or "").split(".")
            if parts == ["hedgerow"]:
                for alias in node.names:
                    yield node.lineno, alias.name if alias.name in layers else ""
            elif parts[0] == "hedgerow":
                yield node.lineno, parts[1]


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_python_imports_go_down(path: Path) -> None:
    # Imports for type checkers count: what a signature names, a reader must know.
    seen = seen_from(PYTHON)
    source = module_layer(path)
    assert source in seen, f"{name(path)}: no row of the table names {source}"
    for line, target in imports(path, set(seen)):
        assert target in seen[source], f"{name(path)}:{line} imports {target or 'hedgerow'}"
