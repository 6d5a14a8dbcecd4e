"""What the packages hold and where an installation finds its parts."""

from __future__ import annotations

import re
import runpy
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.embed.building import EXAMPLES, ROOT, for_setuptools, run

import hedgerow
from hedgerow.paths import get_cmake_dir, get_include

VERSION = re.findall(
    r'HEDGEROW_VERSION "(.+)"', Path(get_include(), "hedgerow/base/version.hpp").read_text()
)[0]


def test_the_paths_lead_to_the_headers_and_to_the_cmake_package() -> None:
    assert Path(get_include(), "hedgerow.h").is_file()
    assert Path(get_include(), "hedgerow", "hedgerow.hpp").is_file()
    assert Path(get_cmake_dir(), "hedgerowConfig.cmake").is_file()


def test_there_is_one_version_number() -> None:
    assert hedgerow.build_config()["version"] == VERSION


def test_everything_but_the_paths_goes_to_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hedgerow.cli", SimpleNamespace(main=lambda: 7))
    monkeypatch.setattr(sys, "argv", ["hedgerow", "report", "--include"])
    monkeypatch.delitem(sys.modules, "hedgerow.__main__", raising=False)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("hedgerow", run_name="__main__")
    assert ended.value.code == 7


@pytest.mark.slow
def test_the_wheel_holds_the_core_the_interfaces_and_the_types(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "python"
    files = [path for path in (package / "hedgerow").rglob("*") if path.is_file()]
    wanted = {path.relative_to(package).as_posix() for path in files if "cpp" not in path.parts}
    wanted = {name for name in wanted if not name.endswith((".so", ".pyc", ".pyd"))}
    core = [path for path in (ROOT / "cpp").rglob("*") if path.is_file()]
    wanted |= {f"hedgerow/{path.relative_to(ROOT).as_posix()}" for path in core}
    assert {"hedgerow/kernels.pxd", "hedgerow/inventory.pxd", "hedgerow/py.typed"} <= wanted
    assert {"hedgerow/cpp/include/hedgerow.h", "hedgerow/cpp/CMakeLists.txt"} <= wanted
    assert wanted - held == set()
    modules = {name.split(".")[0] for name in held if name.endswith((".so", ".pyd"))}
    assert modules == {"hedgerow/_core", "hedgerow/inventory", "hedgerow/kernels"}
    assert wheel.name.startswith(f"hedgerow-{VERSION}-")


@pytest.mark.slow
def test_the_installed_wheel_finds_its_parts(site: Path, expected: str) -> None:
    env = {"PYTHONPATH": str(site)}
    for option, part in (("--include", "hedgerow.h"), ("--cmake-dir", "hedgerowConfig.cmake")):
        folder = Path(run(sys.executable, "-m", "hedgerow", option, env=env).strip())
        assert folder.is_relative_to(site)
        assert (folder / part).is_file()
    assert run(sys.executable, EXAMPLES / "python" / "desk.py", env=env).strip() == expected


@pytest.mark.slow
def test_an_editable_install_finds_the_parts_of_the_checkout(
    sdist: Path, launcher: list[str], tmp_path: Path, expected: str
) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (checkout,) = tmp_path.glob("hedgerow-*")
    shutil.rmtree(checkout / "build", ignore_errors=True)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q")
    how = ("--no-deps", "--no-index", "--no-build-isolation", "--ignore-installed")
    where = ("--prefix", tmp_path / "prefix", "-e", checkout)
    run(*pip, *how, *where, env=for_setuptools(launcher))

    # A plain line in a .pth file, and no import hook, so that cimport and mypy find it as well.
    (pth,) = (tmp_path / "prefix").rglob("*.pth")
    assert pth.read_text().strip() == str(checkout / "python")
    env = {"PYTHONPATH": str(checkout / "python")}
    assert run(sys.executable, EXAMPLES / "python" / "desk.py", env=env).strip() == expected
    for option, folder in (("--include", "include"), ("--cmake-dir", "cmake")):
        said = run(sys.executable, "-m", "hedgerow", option, env=env).strip()
        assert Path(said) == checkout / "cpp" / folder
