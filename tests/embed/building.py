"""Running the tools that strangers build with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "embed"
UNOPTIMIZED = {"HEDGEROW_CXXFLAGS": "-O0"}  # half the time, where what is built is not measured


def run(*command: object, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """What a command prints; a failure shows all that it said. It does not see the checkout."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=cwd, env=clean | dict(env or {}), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def tool(*names: str) -> str:
    """The first of these programs that there is, in this environment or on the machine."""
    places = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
    for name in names:
        if found := shutil.which(name, path=places):
            return found
    pytest.skip(f"no {' or '.join(names)} on this machine")


def shown(library: Path) -> list[str]:
    """The names, readable, that a shared library defines for others."""
    lines = run(tool("nm"), "-DC", "--defined-only", library).splitlines()
    return [line.split(maxsplit=2)[2] for line in lines]


def install_core(cmake: str, folder: Path, *options: str) -> Path:
    """Builds the core alone and installs it; returns the prefix."""
    build, prefix = folder / "build", folder / "prefix"
    quick = "-DCMAKE_CXX_FLAGS_DEBUG=-O0"  # and no debug information
    run(cmake, "-S", ROOT / "cpp", "-B", build, f"-DCMAKE_INSTALL_PREFIX={prefix}", quick, *options)
    run(cmake, "--build", build, "-j", os.cpu_count() or 1)
    run(cmake, "--install", build)
    return prefix
