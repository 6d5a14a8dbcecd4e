"""A C++ program that keeps a margin account: no allocation, and the same bits on any threads."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.embed.building import ROOT, run, tool


@pytest.mark.slow
def test_a_program_that_keeps_a_margin_account(shared: Path, tmp_path: Path) -> None:
    (library,) = shared.glob("lib*/libhedgerow.so")
    program, source = tmp_path / "margin", ROOT / "tests" / "embed" / "margin_account.cpp"
    command = [tool("c++", "g++"), "-std=c++20", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread"]
    command += [f"-I{shared / 'include'}", source, library, f"-Wl,-rpath,{library.parent}"]
    run(*command, "-o", program)
    assert run(program) == ""
