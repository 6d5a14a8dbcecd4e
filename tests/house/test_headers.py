"""Every public header compiles alone, with warnings as errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.house.repository import INCLUDE, core_sources, run, run_all

HEADERS = sorted(INCLUDE.rglob("*.hpp"))
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def included_first() -> set[Path]:
    """The headers that a source of the core begins with: to compile it compiles them alone."""
    firsts = (re.search(r"#include (.+)", source.read_text()) for source in core_sources())
    return {INCLUDE / first[1].strip('"<>') for first in firsts if first}


@pytest.mark.slow
def test_every_header_compiles_alone(tmp_path: Path) -> None:
    proven = included_first()
    assert len(proven.intersection(HEADERS)) > 20
    commands = []
    for number, header in enumerate(header for header in HEADERS if header not in proven):
        alone = tmp_path / f"{number}.cpp"
        # Twice: the second inclusion must be empty.
        alone.write_text(f'#include "{header.relative_to(INCLUDE)}"\n' * 2)
        commands.append(["c++", "-std=c++20", *STRICT, "-fsyntax-only", "-I", INCLUDE, alone])
    run_all(commands)


@pytest.mark.parametrize(
    ("compiler", "standard", "suffix"),
    [("cc", "c11", "c"), ("c++", "c++11", "cpp"), ("c++", "c++20", "cpp")],
)
def test_the_c_interface_compiles_as_c_and_as_old_cpp(
    tmp_path: Path, compiler: str, standard: str, suffix: str
) -> None:
    alone = tmp_path / f"alone.{suffix}"
    alone.write_text('#include "hedgerow.h"\n' * 2)
    run([compiler, f"-std={standard}", *STRICT, "-fsyntax-only", "-I", INCLUDE, alone])


@pytest.mark.parametrize("header", HEADERS, ids=lambda path: path.name)
def test_headers_begin_with_what_they_are_for(header: Path) -> None:
    lines = header.read_text().splitlines()
    comment = [line for line in lines if line.startswith("///")]
    assert lines[0].startswith("/// ")
    assert lines[0].rstrip().endswith((".", ":", ",")) or lines[1].startswith("///"), lines[0]
    assert comment
    assert lines.count("#pragma once") == 1
