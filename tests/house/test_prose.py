"""The project speaks of itself alone, and every file says first what it is for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.house.repository import ROOT, name, tracked

TEXT = {".py", ".pyi", ".pyx", ".pxd", ".cpp", ".hpp", ".inl", ".def", ".h", ".c", ".md", ".toml"}
TEXT |= {".txt", ".cmake", ".map", ".json", ".html", ".css", ".js", ".yml", ".yaml", ".cfg", ".in"}
NAMED = {"LICENSE", ".gitignore", ".clang-format", "run"}
ABOUT_THIS = ["tests/house/test_prose.py"]
FILES = [
    path
    for path in tracked()
    if (path.suffix in TEXT or path.name in NAMED) and name(path) not in ABOUT_THIS
]

PLACES = r"(?<![\w.~-])/(?:work|root|home|Users|tmp|opt|mnt)/"
HOSTS = (
    r"\b(?:pypi\.org|pythonhosted|anaconda\.org|conda\.io|artifactory|(?:index|mirror|proxy)-url)"
)
UNFINISHED = r"\b(?:TODO|FIXME|XXX|HACK|WIP)\b"
MAKERS = r"\b(?:AI|LLM|GPT|Claude|Copilot|chatbot|language model|coding agent|subagent)\b"
MAKERS += r"|(?i:\b(?:this|last|next|previous) session\b)|\bas (?:requested|asked|instructed)\b"
FORBIDDEN = {"a path of some machine": PLACES, "a package host": HOSTS}
FORBIDDEN |= {"unfinished work": UNFINISHED, "how it was made": MAKERS}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_speaks_of(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{name(path)}:{number}: {line.strip()}"
        for path in FILES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


LONG = 600
CODE = {".py", ".pyi", ".pyx", ".cpp", ".hpp", ".inl", ".h"}


@pytest.mark.parametrize("path", [p for p in FILES if p.suffix in CODE], ids=name)
def test_files_are_short_or_say_why_not(path: Path) -> None:
    lines = path.read_text().splitlines()
    opening = "\n".join(lines[:12])
    assert len(lines) <= LONG or "long because" in opening.lower(), f"{len(lines)} lines"


OPENINGS = {
    ".py": ('"""', "#!"),
    ".pyi": ('"""', "#"),
    ".pyx": ("#", '"""'),
    ".pxd": ('"""', "#"),
    ".hpp": ("/// ", "// "),
    ".inl": ("//",),
    ".def": ("//",),
    ".h": ("/*",),
    ".md": ("# ", "<"),
    ".cmake": ("#",),
}


@pytest.mark.parametrize("path", [p for p in FILES if p.suffix in OPENINGS], ids=name)
def test_files_say_first_what_they_are_for(path: Path) -> None:
    text = path.read_text()
    if name(path).startswith("examples/embed/"):
        return  # ten lines each: the folder's README and the program itself say it
    assert text.startswith(OPENINGS[path.suffix]), text[:60]


@pytest.mark.parametrize("path", [p for p in FILES if p.suffix in CODE], ids=name)
def test_files_are_clean(path: Path) -> None:
    text = path.read_text()
    assert "\t" not in text
    assert "\r" not in text
    assert text.endswith("\n")
    assert not re.search(r"[ ]+$", text, re.M)


def test_there_is_one_version() -> None:
    header = (ROOT / "cpp/include/hedgerow/base/version.hpp").read_text()
    version = re.search(r'HEDGEROW_VERSION "(.+)"', header)
    assert version
    assert f"## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text()
