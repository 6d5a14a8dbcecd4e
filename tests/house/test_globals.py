"""The core keeps no mutable state: nothing that two callers, or two copies, could disturb."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.house.repository import core_sources, name, run

from hedgerow import _core

# Function-local constants, initialized at first use under a guard and never written again.
CONSTANTS = {
    "hedgerow::kernels::(anonymous namespace)::candidates()::found": "the tables this machine runs",
    "hedgerow::kernels::table()::chosen": "the table in use; HEDGEROW_ISA is read once",
    "pybind11::detail::type_caster<hedgerow::Instant, void>::types()::known": "Python's own types",
}
# One flag per thread: what it says is about this thread's own call stack.
PER_THREAD = {"hedgerow::(anonymous namespace)::inside_chunk": "a pool runs no job inside a job"}


def bare(symbol: str) -> str:
    """A symbol without its guard's prefix and its function's parameters."""
    symbol = symbol.removeprefix("guard variable for ").removeprefix(".hidden ")
    return re.sub(r"\((?!anonymous namespace\))[^()]+\)", "", symbol)


def writable(module: str) -> tuple[set[str], set[str]]:
    """The core's symbols that a running program can write, of all threads and of each thread.

    .data.rel.ro is written by the loader alone.
    """
    shared, per_thread = set(), set()
    line = re.compile(r"^\w+\s.{7}\s(\.t?(?:data|bss)\S*)\s+\w+\s+(.*\bhedgerow::.*)$")
    for text in run(["objdump", "-t", "-C", module]).splitlines():
        found = line.match(text)
        if found and not found[1].startswith(".data.rel.ro"):
            (per_thread if found[1].startswith(".t") else shared).add(bare(found[2]))
    return shared, per_thread


def test_only_listed_constants_are_writable() -> None:
    # The module of objects contains the whole core, and its own variables stand in no namespace.
    shared, per_thread = writable(_core.__file__)
    assert shared == set(CONSTANTS)
    assert per_thread == set(PER_THREAD)


STATEMENT = re.compile(r"^\s*(static|thread_local|extern)\b[^;{=]*[;{=]", re.M)
CONSTANT = re.compile(r"\b(const|constexpr|constinit const)\b")
FUNCTION = re.compile(r"\w+\s*\(")


def without_comments(text: str) -> str:
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


@pytest.mark.parametrize("path", core_sources(), ids=name)
def test_sources_declare_no_mutable_state(path: Path) -> None:
    text = without_comments(path.read_text())
    assert not re.search(r"\bmutable\b(?!\s*(noexcept|->|\{))", text), "a mutable member"
    for found in STATEMENT.finditer(text):
        declaration = found[0].strip()
        constant = CONSTANT.search(declaration) or FUNCTION.search(declaration)
        assert constant or declaration.startswith("thread_local bool inside_chunk"), declaration


def test_the_check_of_sources_sees_what_it_forbids() -> None:
    for bad in ("static int count = 0;", "  static Pool pool;", "extern double rate;"):
        found = STATEMENT.search(bad)
        assert found
        assert not CONSTANT.search(found[0])
        assert not FUNCTION.search(found[0])
