"""What the house tests read: the files under version control, the flags and the core's objects."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[2]
INCLUDE = ROOT / "cpp" / "include"
SKIPPED = {".git", ".venv", "build", "dist", "__pycache__", ".hypothesis", ".asv"}


def tracked(*suffixes: str) -> list[Path]:
    """The files under version control; in an unpacked archive, all that are not made by a build."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        files = [ROOT / line for line in listed.stdout.splitlines()]
    else:
        files = [p for p in ROOT.rglob("*") if not SKIPPED & set(p.relative_to(ROOT).parts)]
    wanted = (p for p in files if p.is_file() and (not suffixes or p.suffix in suffixes))
    return sorted(wanted)


def name(path: Path) -> str:
    """A path as the reader of a failure wants it."""
    return path.relative_to(ROOT).as_posix()


def core_sources() -> list[Path]:
    """The translation units of the core."""
    return sorted([*(ROOT / "cpp/src").rglob("*.cpp"), *(ROOT / "cpp/isa").glob("*.cpp")])


def flags() -> list[str]:
    """The compiler flags of setup.py, without what an environment adds."""
    tree = ast.parse((ROOT / "setup.py").read_text())
    values = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AugAssign)
        and "FLAGS" in ast.unparse(node).split("=")[0]
    ]
    lists = [ast.literal_eval(value) for value in values if isinstance(value, ast.List)]
    return [flag for flags in lists for flag in flags]


def compile_all(sources: list[Path], folder: Path, launcher: Sequence[str] = ()) -> list[Path]:
    """The objects of sources, made side by side as the package makes them."""
    objects = [folder / f"{source.stem}.o" for source in sources]
    how = [*launcher, "c++", *flags(), "-fPIC", "-Icpp/include", "-c"]
    run_all([[*how, source, "-o", o] for source, o in zip(sources, objects, strict=True)])
    return objects


def run(command: list[str | Path]) -> str:
    """The output of a command; on failure what it said becomes the test's message."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout


def run_all(commands: list[list[str | Path]]) -> None:
    """Runs commands side by side, as many as there are processors."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(run, commands))
