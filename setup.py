"""Compiles the C++ core and its two Python bindings; everything else stands in pyproject.toml."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy
from pybind11.setup_helpers import ParallelCompile, Pybind11Extension
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

FLAGS = ["-std=c++20", "-O3", "-fopenmp-simd", "-fno-math-errno", "-fno-trapping-math"]
FLAGS += [
    "-ffp-contract=off",
    "-fvisibility=hidden",
    "-DHEDGEROW_STATIC",
    "-g0",
    "-Wall",
    "-Wextra",
]
FLAGS += os.environ.get("HEDGEROW_CXXFLAGS", "").split()  # after ours, so that it can override
LINK = ["-Wl,--version-script=src/exports.map"] if sys.platform == "linux" else []


def files(*patterns: str) -> list[str]:
    return sorted(
        str(path) for pattern in patterns for path in Path().glob(pattern) if path.is_file()
    )


def commit() -> str:
    if not Path(".git").exists() or not shutil.which("git"):
        return "unknown"
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    return (
        subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
        or "unknown"
    )


# A header of its own: as a macro of every file the commit would spoil what a compiler cache knows.
GENERATED = Path("build", "generated")
GENERATED.mkdir(parents=True, exist_ok=True)
GENERATED.joinpath("commit.hpp").write_text(f'#define HEDGEROW_COMMIT "{commit()}"\n')
VERSION_HEADER = Path("cpp/include/hedgerow/base/version.hpp").read_text()
# A change in any of these rebuilds everything; they also complete the sdist.
DEPENDS = files(
    "setup.py", "cpp/**/*", "src/*.map", "src/pybind/*", "src/cython/*.p*", "python/**/*.pxd"
)
CORE = {
    "sources": files("cpp/src/**/*.cpp", "cpp/isa/*.cpp"),
    "include_dirs": ["cpp/include"],
    "cflags": [*FLAGS],
    "obj_deps": {"": DEPENDS},
}


def extension(kind: type[Extension], name: str, sources: list[str]) -> Extension:
    include = ["cpp/include", "src/pybind", "python", str(GENERATED), numpy.get_include()]
    macros = [("NPY_NO_DEPRECATED_API", "NPY_1_7_API_VERSION")]
    return kind(
        name,
        sources,
        include_dirs=include,
        extra_compile_args=[*FLAGS],
        define_macros=macros,
        extra_link_args=LINK,
        depends=DEPENDS,
        language="c++",
    )


class BuildExt(build_ext):
    """Compiles what most bindings include once. A compiler that can't take it reads the header."""

    def build_extension(self, ext: Extension) -> None:
        compiler = getattr(
            self.compiler, "compiler_so_cxx", getattr(self.compiler, "compiler_so", [])
        )
        # A compiler cache knows the bindings better than a header that is new each time.
        cached = any("ccache" in word for word in compiler)
        if ext.name == "hedgerow._core" and sys.platform == "linux" and not cached:
            header = shutil.copy("src/pybind/precompiled.hpp", GENERATED)
            macros = [f"-D{name}={value}" for name, value in ext.define_macros]
            include = [f"-I{path}" for path in [*ext.include_dirs, *self.compiler.include_dirs]]
            self.spawn(
                [
                    *compiler,
                    *macros,
                    *include,
                    *ext.extra_compile_args,
                    "-x",
                    "c++-header",
                    header,
                    "-o",
                    f"{header}.gch",
                ]
            )
            # What pybind11 silences by a pragma is forgotten with it.
            ext.extra_compile_args += ["-include", header, "-Wno-missing-field-initializers"]
        super().build_extension(ext)


class BuildPy(build_py):
    """Ships the C++ core beside the package, for programs that compile against it."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            shutil.copytree("cpp", Path(self.build_lib, "hedgerow", "cpp"), dirs_exist_ok=True)


ParallelCompile("HEDGEROW_BUILD_JOBS", default=os.cpu_count() or 1).install()
setup(
    version=re.search(r'HEDGEROW_VERSION "(.+)"', VERSION_HEADER)[1],
    cmdclass={"build_ext": BuildExt, "build_py": BuildPy},
    options={"build_ext": {"cython_c_in_temp": True}},
    libraries=[("hedgerow", CORE)],
    ext_modules=[
        extension(Pybind11Extension, "hedgerow._core", files("src/pybind/*.cpp")),
        extension(Extension, "hedgerow.kernels", ["src/cython/kernels.pyx"]),
        extension(Extension, "hedgerow.inventory", ["src/cython/inventory.pyx"]),
    ],
)
