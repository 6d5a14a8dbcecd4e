"""A foreign CMake project that finds hedgerow: installed, shared and static, and in the wheel."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from tests.embed.building import EXAMPLES, ROOT, for_cmake, install_core, run

INCLUDE = ROOT / "cpp" / "include"


def build_service(cmake: str, build: Path, *options: object) -> str:
    """What the example's program prints when it is built with these options."""
    run(cmake, "-S", EXAMPLES / "cpp", "-B", build, *options)
    run(cmake, "--build", build, "-j", 2)
    return run(build / "service").strip()


@pytest.mark.slow
def test_find_package_of_an_installed_shared_library(
    cmake: str, launcher: list[str], shared: Path, tmp_path: Path, expected: str
) -> None:
    options = (*for_cmake(launcher), f"-DCMAKE_PREFIX_PATH={shared}")
    assert build_service(cmake, tmp_path, *options) == expected


@pytest.mark.slow
def test_find_package_of_an_installed_static_library(
    cmake: str, launcher: list[str], tmp_path: Path, expected: str
) -> None:
    options = for_cmake(launcher)
    # The shared library has shown that there are no warnings.
    prefix = install_core(cmake, tmp_path / "core", *options, "--compile-no-warning-as-error")
    assert build_service(cmake, tmp_path, *options, f"-DCMAKE_PREFIX_PATH={prefix}") == expected


@pytest.mark.slow
def test_find_package_of_the_sources_in_the_wheel(
    cmake: str, launcher: list[str], site: Path, tmp_path: Path, expected: str
) -> None:
    env = {"PYTHONPATH": str(site)}
    folder = run(sys.executable, "-m", "hedgerow", "--cmake-dir", env=env).strip()
    assert Path(folder).is_relative_to(site)
    options = (*for_cmake(launcher), f"-Dhedgerow_DIR={folder}")
    assert build_service(cmake, tmp_path, *options) == expected


@pytest.mark.parametrize("wanted", ["0.99", "99"])
def test_another_version_is_refused(cmake: str, tmp_path: Path, wanted: str) -> None:
    (tmp_path / "CMakeLists.txt").write_text(f"""
        cmake_minimum_required(VERSION 3.20)
        project(service LANGUAGES NONE)
        find_package(hedgerow {wanted} CONFIG QUIET)
        message(STATUS "found=${{hedgerow_FOUND}} of ${{hedgerow_CONSIDERED_VERSIONS}}")
    """)
    folder = ROOT / "cpp" / "cmake"
    said = run(cmake, "-S", tmp_path, "-B", tmp_path / "build", f"-Dhedgerow_DIR={folder}")
    header = (INCLUDE / "hedgerow" / "base" / "version.hpp").read_text()
    version = re.findall(r'HEDGEROW_VERSION "(.+)"', header)[0]
    assert f"found=0 of {version}" in said


def test_the_one_header_holds_them_all() -> None:
    umbrella = INCLUDE / "hedgerow" / "hedgerow.hpp"
    included = set(re.findall(r'#include "(.+)"', umbrella.read_text()))
    headers = {path.relative_to(INCLUDE).as_posix() for path in INCLUDE.rglob("*.hpp")}
    assert headers - {"hedgerow/hedgerow.hpp"} == included
