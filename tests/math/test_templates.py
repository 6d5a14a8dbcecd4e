"""Templates in headers: a small program checks each, compiled from the public headers alone."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["constrained_least_squares", "jet", "least_squares"])
@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX compiler driver")
def test_templates(name, tmp_path):
    program = tmp_path / name
    command = ["c++", "-std=c++20", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    command += [
        "-I",
        str(ROOT / "cpp/include"),
        str(ROOT / f"tests/math/{name}.cpp"),
        "-o",
        program,
    ]
    subprocess.run(command, check=True)
    run = subprocess.run([program], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "")
