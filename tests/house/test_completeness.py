"""Nothing public goes without its docstring, its test against numbers and its benchmark."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from tests.house.repository import INCLUDE, ROOT, name, tracked

import hedgerow
from hedgerow import kernels

OUTPUTS = {
    kernel: int(outputs)
    for kernel, outputs in re.findall(
        r"^HEDGEROW_KERNEL\((\w+), \d+, (\d+)\)",
        (ROOT / "cpp/kernels/kernels.def").read_text(),
        re.M,
    )
}
KERNELS = list(OUTPUTS)
MODELS = ["black", "bsm", "displaced", "bachelier"]


def modules() -> list[str]:
    found = pkgutil.walk_packages(hedgerow.__path__, "hedgerow.")
    return ["hedgerow", *sorted(module.name for module in found)]


def members(module: ModuleType) -> Iterator[tuple[str, object]]:
    """The public functions and classes that a module defines, and the classes' public members."""
    for key, value in vars(module).items():
        if key.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isclass(value):
            yield key, value
            generated = {"from_bytes", "count", "index"} | set(getattr(value, "_fields", ()))
            for attribute, member in vars(value).items():
                own = not attribute.startswith("_") and attribute not in generated
                if own and (callable(member) or isinstance(member, property | classmethod)):
                    yield f"{key}.{attribute}", member
        elif callable(value):
            yield key, value


@pytest.mark.parametrize("module", [m for m in modules() if not m.endswith("__main__")])
def test_everything_public_has_a_docstring(module: str) -> None:
    loaded = importlib.import_module(module)
    assert loaded.__doc__, module
    bare = [key for key, value in members(loaded) if not (inspect.getdoc(value) or "").strip()]
    assert bare == []


ARGUMENTS = {
    "black": "right forward strike time volatility discount",
    "bsm": "right spot strike time volatility rate carry",
    "displaced": "right forward strike time volatility discount shift",
    "bachelier": "right forward strike time volatility discount",
    "american": "right spot strike time volatility rate carry",
    "american_exercise_boundary": "right strike time volatility rate carry",
    "american_implied": "right price spot strike time rate carry",
    "implied": "right price forward strike time discount",
}


@pytest.mark.parametrize("ufunc", kernels.ufunc_names)
def test_every_ufunc_names_its_arguments_and_its_module(ufunc: str) -> None:
    text = getattr(kernels, ufunc).__doc__
    model = ufunc.partition("_")[0]
    if model in ARGUMENTS:
        inverts = "american_implied" if model == "american" else "implied"
        key = inverts if "implied" in ufunc else ufunc if ufunc in ARGUMENTS else model
        arguments = ARGUMENTS[key].split()
        arguments += ["guess"] if ufunc.endswith("_from") else []
        assert f"{ufunc}({', '.join(arguments)})" in text
        assert getattr(kernels, ufunc).nin == len(arguments)
        assert f"hedgerow.{model}" in text
    else:
        assert re.search(rf"{ufunc}\((x|p)\)", text)
        assert "ulp" in text


@pytest.mark.parametrize("model", [*MODELS, "american"])
def test_every_output_of_a_model_is_a_function_of_its_module(model: str) -> None:
    module = importlib.import_module(f"hedgerow.{model}")
    for output in kernels.names[: OUTPUTS[f"{model}_greeks"]]:
        assert getattr(module, output) is getattr(kernels, f"{model}_{output}")
        assert output in module.__all__
    for statement in ("Domain", "Measured error", "Source"):
        assert statement in module.__doc__, f"hedgerow.{model} does not state: {statement}"


def test_the_list_of_kernels_is_the_list_of_ufuncs() -> None:
    greeks = [kernel for kernel in KERNELS if kernel.endswith("_greeks")]
    outputs = [
        kernel.replace("greeks", output)
        for kernel in greeks
        for output in kernels.names[1 : OUTPUTS[kernel]]
    ]
    assert set(kernels.ufunc_names) == set(KERNELS) | set(outputs)
    assert all(isinstance(getattr(kernels, kernel), np.ufunc) for kernel in KERNELS)


HEADERS = sorted([*INCLUDE.rglob("*.hpp"), INCLUDE / "hedgerow.h"])
MARK = re.compile(r"^\s*(?:friend )?HEDGEROW_(?:C_)?API ", re.M)
# What says itself what it does: the name of an enumerator, an operator, the ABI's version.
EVIDENT = re.compile(r"const char\* name\(|\boperator[-+*/=]|hedgerow_abi_version")


@pytest.mark.parametrize("header", HEADERS, ids=name)
def test_every_exported_function_has_a_comment(header: Path) -> None:
    # A comment stands before a function or before the paragraph of functions that it opens.
    text = header.read_text()
    lines = text.splitlines()
    bare = []
    for found in MARK.finditer(text):
        at = above = text.count("\n", 0, found.end())
        while above > 0 and lines[above].strip() and not is_comment(lines[above]):
            above -= 1
        if not is_comment(lines[above]) and not EVIDENT.search(lines[at]):
            bare.append(f"{name(header)}:{at + 1}: {lines[at]}")
    assert bare == []


def is_comment(line: str) -> bool:
    return line.strip().startswith(("///", "/*", "*"))


def naming(folder: str) -> str:
    """All that the Python files of a folder say, the house tests apart."""
    paths = [p for p in tracked(".py") if name(p).startswith(folder)]
    return "\n".join(p.read_text() for p in paths if "tests/house" not in name(p))


@pytest.fixture(scope="module")
def tests() -> str:
    """The tests that compare with references."""
    return naming("tests/formula") + naming("tests/math") + naming("docs/")


@pytest.fixture(scope="module")
def benchmarks() -> str:
    text = naming("benchmarks/")
    assert text, "there are no benchmarks"
    return text


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_kernel_is_compared_with_reference_values(kernel: str, tests: str) -> None:
    assert named(kernel, tests), f"no test names {kernel}"


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_kernel_is_benchmarked(kernel: str, benchmarks: str) -> None:
    # The status of an inversion is timed with the inversion that it belongs to.
    timed = kernel.removesuffix("_status")
    assert named(timed, benchmarks), f"no benchmark names {timed}"


def named(kernel: str, text: str) -> bool:
    """Whether a text names a kernel: as a string, in kernels, or by its model's module."""
    model, _, output = kernel.partition("_")
    spellings = [f'"{kernel}"', f"kernels.{kernel}", f"{model}.{output}" if output else "kernels."]
    if not output:
        spellings.pop()
    return any(re.search(rf"{re.escape(s)}\b|{re.escape(s)}(?<=\")", text) for s in spellings)
