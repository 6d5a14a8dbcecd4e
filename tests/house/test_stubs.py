"""The stubs tell the truth about the compiled modules, and the package type-checks against them."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.house.repository import ROOT

import hedgerow
from hedgerow import kernels

HOUSE = Path(__file__).parent
PACKAGE = Path(hedgerow.__file__).parent


def mypy(*arguments: str) -> None:
    """Runs a module of mypy over the package under test, in the tree or installed."""
    in_tree = PACKAGE.parent == ROOT / "python"
    environment = {key: value for key, value in os.environ.items() if key != "MYPYPATH"}
    if in_tree:
        environment["PYTHONPATH"] = environment["MYPYPATH"] = str(PACKAGE.parent)
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=HOUSE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


CONFIGURATION = str(ROOT / "pyproject.toml")


@pytest.mark.slow
def test_stubs_agree_with_the_compiled_modules() -> None:
    allowed = str(HOUSE / "stubtest_allowlist.txt")
    mypy(
        "mypy.stubtest",
        "hedgerow._core",
        "hedgerow.kernels",
        "hedgerow.inventory",
        f"--mypy-config-file={CONFIGURATION}",
        f"--allowlist={allowed}",
        "--ignore-unused-allowlist",
    )


@pytest.mark.slow
def test_the_package_is_typed_throughout() -> None:
    core = "--exclude=hedgerow/cpp/"  # shipped beside the package, with its own programs
    mypy("mypy", "--strict", f"--config-file={CONFIGURATION}", core, "-p", "hedgerow")


def annotated(stub: str) -> dict[str, str]:
    """The variables of a stub and their types."""
    tree = ast.parse((PACKAGE / stub).read_text())
    return {
        node.target.id: ast.unparse(node.annotation)
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def defined(stub: str) -> set[str]:
    tree = ast.parse((PACKAGE / stub).read_text())
    named = (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, named)} | set(annotated(stub))


def test_every_ufunc_has_its_stub() -> None:
    stubs = {name for name, kind in annotated("kernels.pyi").items() if kind.endswith("ufunc")}
    assert stubs == set(kernels.ufunc_names)
    assert all(isinstance(getattr(kernels, name), np.ufunc) for name in kernels.ufunc_names)


COMPILED = ("_core", "kernels", "inventory")


@pytest.mark.parametrize("module", COMPILED)
def test_every_public_name_of_a_compiled_module_is_in_its_stub(module: str) -> None:
    compiled = importlib.import_module(f"hedgerow.{module}")
    public = {name for name in dir(compiled) if not name.startswith("_")}
    foreign = {name for name in public if isinstance(getattr(compiled, name), type(sys))}
    assert public - foreign - defined(f"{module}.pyi") == set()


@pytest.mark.parametrize("name", hedgerow.__all__)
def test_every_promised_name_is_there(name: str) -> None:
    assert getattr(hedgerow, name) is not None


def test_promises_are_kept_in_order() -> None:
    assert hedgerow.__all__ == sorted(set(hedgerow.__all__))


def test_no_name_lives_in_both_compiled_modules() -> None:
    objects, numbers = (
        {n for n in dir(importlib.import_module(f"hedgerow.{m}")) if not n.startswith("_")}
        for m in ("_core", "kernels")
    )
    assert objects & numbers == set()


def test_the_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").exists()
    assert {path.name for path in PACKAGE.glob("*.pyi")} == {f"{m}.pyi" for m in COMPILED}
