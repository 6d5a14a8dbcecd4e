"""Nodes that one thread publishes and others read: no data race, and every copy of one moment."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.embed.building import ROOT, run, tool


@pytest.mark.slow
@pytest.mark.parametrize(
    "sanitize", [(), ("-fsanitize=thread",)], ids=["plain", "thread sanitizer"]
)
def test_readers_never_see_half_a_publication(
    shared: Path, tmp_path: Path, sanitize: tuple[str, ...]
) -> None:
    (library,) = shared.glob("lib*/libhedgerow.so")
    program = tmp_path / "board"
    # The board is compiled again, so that the sanitizer sees it; all else stays in one thread.
    sources = (ROOT / "tests/embed/node_board.cpp", ROOT / "cpp/src/book/node_board.cpp")
    command = [tool("c++", "g++"), "-std=c++20", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread"]
    command += [*sanitize, f"-I{shared / 'include'}", *sources, library]
    run(*command, f"-Wl,-rpath,{library.parent}", "-o", program)
    assert run(program) == ""
