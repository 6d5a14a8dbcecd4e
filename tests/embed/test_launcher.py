"""The launcher that saves the other tests compilations: what it shares, and what it must not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import run

import pytest
from tests.embed.building import tool

Compile = Callable[..., bytes | None]


@pytest.fixture
def compiled(launcher: list[str], tmp_path: Path) -> Compile:
    """Compiles one.cpp of a new folder with this text and header; the object, or None."""
    store = tmp_path / "store"
    store.mkdir()

    def compile_one(folder: str, text: str, header: str | None, *flags: str) -> bytes | None:
        place = tmp_path / folder
        (place / "include").mkdir(parents=True)
        (place / "one.cpp").write_text(text)
        if header is not None:
            (place / "include" / "one.hpp").write_text(header)
        how = [*launcher[:-1], store, tool("g++", "c++"), "-Iinclude", *flags]
        done = run([*how, "-c", "one.cpp", "-o", "one.o"], cwd=place, check=False)
        return (place / "one.o").read_bytes() if done.returncode == 0 else None

    return compile_one


TEXT, HEADER = (
    '#include "one.hpp"\nint one() { return ONE; }\n',
    "#ifndef ONE\n#define ONE 1\n#endif\n",
)


def kept(tmp_path: Path) -> int:
    """The objects in the store."""
    return len(list((tmp_path / "store").glob("*.o")))


def test_the_same_source_is_compiled_once(compiled: Compile, tmp_path: Path) -> None:
    first = compiled("a", TEXT, HEADER, "-O0", "-Wall")
    assert first is not None
    assert compiled("b", TEXT, HEADER, "-Wextra", "-O2", "-O0") == first
    assert kept(tmp_path) == 1


@pytest.mark.parametrize(
    ("text", "header", "flags"),
    [
        (TEXT.replace("one()", "two()"), HEADER, ("-O0",)),
        (TEXT, "#define ONE 2\n", ("-O0",)),
        (TEXT, HEADER, ("-O0", "-DONE=3")),
        (TEXT, HEADER, ("-O0", "-O1")),
        (TEXT, HEADER, ("-O0", "-fPIC", "-fvisibility=hidden")),
    ],
    ids=["source", "header", "macro", "optimization", "flag"],
)
def test_another_source_header_or_flag_is_another_object(
    compiled: Compile, tmp_path: Path, text: str, header: str, flags: tuple[str, ...]
) -> None:
    compiled("a", TEXT, HEADER, "-O0")
    assert compiled("b", text, header, *flags) is not None
    assert kept(tmp_path) == 2


def test_what_has_stood_its_warnings_serves_those_who_do_not_ask(
    compiled: Compile, tmp_path: Path
) -> None:
    assert compiled("a", TEXT, HEADER) is not None
    assert kept(tmp_path) == 1
    assert compiled("b", TEXT, HEADER, "-Wall", "-Werror") is not None
    assert kept(tmp_path) == 2
    assert compiled("c", TEXT, HEADER, "-Wextra", "-Werror") is not None
    assert kept(tmp_path) == 3
    assert compiled("d", TEXT, HEADER, "-Wextra") is not None
    assert kept(tmp_path) == 3


def test_what_the_compiler_refuses_is_refused(compiled: Compile, tmp_path: Path) -> None:
    unused = TEXT.replace("{", "{ int x;")
    assert compiled("a", TEXT, HEADER) is not None
    assert compiled("no header", TEXT, None) is None
    assert compiled("a warning", unused, HEADER, "-Wall") is not None
    assert compiled("an error", unused, HEADER, "-Wall", "-Werror") is None
    assert kept(tmp_path) == 2


def test_objects_with_places_in_them_are_not_shared(compiled: Compile, tmp_path: Path) -> None:
    assert compiled("a", TEXT, HEADER, "-g") is not None
    assert compiled("b", TEXT, HEADER, "-fsanitize=undefined") is not None
    assert kept(tmp_path) == 0
