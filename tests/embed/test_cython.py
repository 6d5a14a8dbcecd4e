"""Foreign Cython modules, compiled in C and as C++11 against the installed wheel, and run."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from tests.embed import interface
from tests.embed.building import EXAMPLES, run

pytestmark = pytest.mark.slow

# No include directory, no library: the .pxd is all that the compiler gets to see of hedgerow.
SETUP = """
from Cython.Build import cythonize
from setuptools import Extension, setup
modules = [Extension(name, [name + ".pyx"], language={language!r},
                     extra_compile_args=["-std={standard}", "-O0"])
           for name in ("desk", "maker", "every")]
setup(ext_modules=cythonize(modules, quiet=True), script_args=["-q", "build_ext", "--inplace"])
"""


def every() -> str:
    """A module that cimports every function of the .pxd; a wrong signature fails its import."""
    text, places = "", []
    for module in interface.CYTHON:
        names = [function.name for function in interface.cython_functions(module)]
        renamed = ", ".join(f"{name} as {module}_{name}" for name in names)
        text += f"from hedgerow.{module} cimport {renamed}\n"
        places += [f"{module}_{name}" for name in names]
    text += f"cdef void* doors[{len(places)}]\n"
    text += "".join(f"doors[{i}] = <void*>{name}\n" for i, name in enumerate(places))
    return f"{text}found = sum([doors[i] != NULL for i in range({len(places)})])\n"


def build(folder: Path, site: Path, language: str, standard: str) -> dict[str, str]:
    """Compiles the foreign modules into a folder; the environment in which they are found."""
    for name in ("desk", "maker"):
        shutil.copy(EXAMPLES / "cython" / f"{name}.pyx", folder)
    (folder / "every.pyx").write_text(every())
    (folder / "setup.py").write_text(SETUP.format(language=language, standard=standard))
    env = {"PYTHONPATH": os.pathsep.join([str(site), str(folder)])}
    run(sys.executable, "setup.py", cwd=folder, env=env)
    return env


@pytest.mark.parametrize(("language", "standard"), [("c", "c11"), ("c++", "c++11")])
def test_foreign_modules(
    cc: str, site: Path, tmp_path: Path, expected: str, language: str, standard: str
) -> None:
    env = build(tmp_path, site, language, standard)
    program = """
import desk, every
print("%.6f %.6f" % desk.value(1, 100, 110, 0.5, 0.25, 0.97))
print(every.found)
"""
    printed, found = run(sys.executable, "-c", program, cwd=tmp_path, env=env).split("\n")[:2]
    assert printed == expected
    assert int(found) == sum(len(interface.cython_functions(m)) for m in interface.CYTHON)
    run(sys.executable, Path(__file__).with_name("cython_maker.py"), cwd=tmp_path, env=env)
