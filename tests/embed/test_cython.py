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
                     extra_compile_args=["-std={standard}", "-O0"]) for name in ("desk", "every")]
setup(ext_modules=cythonize(modules, quiet=True), script_args=["-q", "build_ext", "--inplace"])
"""


def every() -> str:
    """A module that cimports every function of the .pxd; a wrong signature fails its import."""
    names = [function.name for function in interface.cython_functions()]
    assigned = "".join(f"doors[{i}] = <void*>{name}\n" for i, name in enumerate(names))
    return (
        f"from hedgerow.kernels cimport {', '.join(names)}\n"
        f"cdef void* doors[{len(names)}]\n{assigned}"
        f"found = sum([doors[i] != NULL for i in range({len(names)})])\n"
    )


@pytest.mark.parametrize(("language", "standard"), [("c", "c11"), ("c++", "c++11")])
def test_foreign_modules(
    cc: str, site: Path, tmp_path: Path, expected: str, language: str, standard: str
) -> None:
    shutil.copy(EXAMPLES / "cython" / "desk.pyx", tmp_path)
    (tmp_path / "every.pyx").write_text(every())
    (tmp_path / "setup.py").write_text(SETUP.format(language=language, standard=standard))
    env = {"PYTHONPATH": os.pathsep.join([str(site), str(tmp_path)])}
    run(sys.executable, "setup.py", cwd=tmp_path, env=env)
    program = """
import desk, every
print("%.6f %.6f" % desk.value(1, 100, 110, 0.5, 0.25, 0.97))
print(every.found)
"""
    printed, found = run(sys.executable, "-c", program, cwd=tmp_path, env=env).split("\n")[:2]
    assert printed == expected
    assert int(found) == len(interface.cython_functions())
