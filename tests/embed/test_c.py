"""C programs against the installed shared library, and what that library shows of itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.embed import interface
from tests.embed.building import EXAMPLES, ROOT, run, shown

INCLUDE = ROOT / "cpp" / "include"
STRICT = ("-pedantic", "-Wall", "-Wextra", "-Werror")


@pytest.mark.slow
def test_the_example_compiles_as_strict_c11_and_prints_the_option(
    cc: str, shared: Path, tmp_path: Path, expected: str
) -> None:
    program, library = tmp_path / "main", shared / "lib"
    link = (f"-L{library}", f"-Wl,-rpath,{library}", "-lhedgerow")
    source = EXAMPLES / "c" / "main.c"
    run(cc, "-std=c11", *STRICT, f"-I{shared / 'include'}", source, "-o", program, *link)
    assert run(program).strip() == expected


@pytest.mark.parametrize("language", ["c11", "c++11"])
def test_the_header_stands_alone(cc: str, tmp_path: Path, language: str) -> None:
    source = tmp_path / "alone"
    source.write_text("#include <hedgerow.h>\n")
    kind = "c++" if "+" in language else "c"
    options = (f"-std={language}", f"-I{INCLUDE}", "-x", kind)
    run(cc, *STRICT, "-fsyntax-only", *options, source)


@pytest.mark.slow
def test_the_library_shows_the_functions_of_its_header(shared: Path) -> None:
    names = shown(shared / "lib" / "libhedgerow.so")
    c = {name for name in names if "hedgerow::" not in name}
    assert c == {function.name for function in interface.c_functions()}


@pytest.mark.slow
def test_of_cpp_the_library_shows_what_is_marked_and_nothing_else(shared: Path) -> None:
    headers = [path.read_text() for path in (INCLUDE / "hedgerow").rglob("*.hpp")]
    lines = [line for text in headers for line in text.splitlines() if "HEDGEROW_API" in line]
    marked = set(re.findall(r"\w+", " ".join(lines)))
    inner = {space for text in headers for space in re.findall(r"namespace hedgerow::(\w+)", text)}
    owner = rf"hedgerow::(?:(?:{'|'.join(inner)})::)?(\w+)"
    for name in shown(shared / "lib" / "libhedgerow.so"):
        if found := re.search(owner, name):
            assert found.group(1) in marked, name
        assert "(anonymous" not in name
