"""Running the tools that strangers build with."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "embed"
# Half the time, where what is built is not measured; and one set of flags for setuptools and CMake,
# so that one compilation of a source serves both.
PYTHON = [word for word in sysconfig.get_config_var("CFLAGS").split() if word.startswith("-f")]
QUICK = ["-O0", "-g0", "-fvisibility-inlines-hidden"]


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


def for_setuptools(launcher: list[str]) -> dict[str, str]:
    """The environment in which setuptools compiles quickly, and nothing twice."""
    compiler = shlex.split(os.environ.get("CXX", sysconfig.get_config_var("CXX")))
    return {"CXX": shlex.join([*launcher, *compiler]), "HEDGEROW_CXXFLAGS": shlex.join(QUICK)}


def for_cmake(launcher: list[str]) -> list[str]:
    """The options with which CMake does."""
    flags = shlex.join([*PYTHON, *QUICK])
    quick = ["-DCMAKE_BUILD_TYPE=Debug", f"-DCMAKE_CXX_FLAGS_DEBUG={flags}"]
    return [*quick, f"-DCMAKE_CXX_COMPILER_LAUNCHER={';'.join(launcher)}"]


def install_core(cmake: str, folder: Path, *options: str) -> Path:
    """Builds the core alone and installs it; returns the prefix."""
    build, prefix = folder / "build", folder / "prefix"
    run(cmake, "-S", ROOT / "cpp", "-B", build, f"-DCMAKE_INSTALL_PREFIX={prefix}", *options)
    run(cmake, "--build", build, "-j", os.cpu_count() or 1)
    run(cmake, "--install", build)
    return prefix
