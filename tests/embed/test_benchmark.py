"""The C++ benchmark of the live inventory builds against the library and runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.embed.building import ROOT, run, tool


@pytest.mark.slow
def test_the_benchmark_of_the_inventory_runs(shared: Path, tmp_path: Path) -> None:
    (library,) = shared.glob("lib*/libhedgerow.so")
    program, source = tmp_path / "inventory", ROOT / "benchmarks" / "cpp" / "inventory.cpp"
    command = [tool("c++", "g++"), "-std=c++20", "-O1", "-Wall", "-Wextra", "-Werror"]
    command += [f"-I{shared / 'include'}", source, library, f"-Wl,-rpath,{library.parent}"]
    run(*command, "-o", program)
    printed = run(program, 2_000)
    assert printed.count("tick of 10,000 options") == 3
    assert "p99" in printed
