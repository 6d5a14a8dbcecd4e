"""The package as strangers meet it: one wheel of one sdist, one shared library, per session."""

from __future__ import annotations

import shutil
import sys
from math import erfc, log, sqrt
from pathlib import Path

import pytest
from tests.embed.building import ROOT, for_cmake, for_setuptools, install_core, run, tool
from tests.once import once


@pytest.fixture(scope="session")
def cmake() -> str:
    return tool("cmake")


@pytest.fixture(scope="session")
def cc() -> str:
    return tool("gcc", "clang", "cc")


@pytest.fixture(scope="session")
def expected() -> str:
    """What every example prints, by the textbook: the call of 110 on a forward of 100."""
    forward, strike, time, volatility, discount = 100.0, 110.0, 0.5, 0.25, 0.97
    deviation = volatility * sqrt(time)
    d1 = log(forward / strike) / deviation + deviation / 2
    n1, n2 = (erfc(-d / sqrt(2)) / 2 for d in (d1, d1 - deviation))
    return f"{discount * (forward * n1 - strike * n2):.6f} {discount * n1:.6f}"


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist of a copy of the checkout, so that no leftover of a build can complete it."""

    def make(copy: Path) -> None:
        for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, copy)
        ignore = shutil.ignore_patterns("*.so", "*.egg-info", "__pycache__", "kernels.cpp", "build")
        for name in ("cpp", "src", "python"):
            shutil.copytree(ROOT / name, copy / name, ignore=ignore)
        build = "import setuptools.build_meta as backend; backend.build_sdist('dist')"
        run(sys.executable, "-c", build, cwd=copy)

    (archive,) = (once(tmp_path_factory, "checkout", make) / "dist").glob("hedgerow-*.tar.gz")
    return archive


@pytest.fixture(scope="session")
def wheel(sdist: Path, launcher: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that pip makes of the sdist."""

    def make(folder: Path) -> None:
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
        how = ("--no-deps", "--no-build-isolation", "-w", folder)
        run(*pip, "wheel", "-q", *how, sdist, env=for_setuptools(launcher))

    (file,) = once(tmp_path_factory, "wheel", make).glob("hedgerow-*.whl")
    return file


@pytest.fixture(scope="session")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory into which pip has installed the wheel; to set PYTHONPATH to."""

    def make(target: Path) -> None:
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
        run(*pip, "install", "-q", "--no-deps", "--no-index", "--target", target, wheel)

    return once(tmp_path_factory, "site", make)


@pytest.fixture(scope="session")
def shared(cmake: str, launcher: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prefix of an installed shared library."""

    def make(folder: Path) -> None:
        kind = ("-DBUILD_SHARED_LIBS=ON", "-DCMAKE_INSTALL_LIBDIR=lib")
        install_core(cmake, folder, *for_cmake(launcher), *kind)

    return once(tmp_path_factory, "shared", make) / "prefix"
