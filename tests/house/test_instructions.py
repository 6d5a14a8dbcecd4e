"""The hottest loops execute no more instructions than they did.

Times depend on the machine and its neighbors, instruction counts do not: callgrind counts those of
each job in instructions.csv, per row and instruction set, and compares them with what stands there.
The counts belong to one compiler; another one skips the test. After a change that is meant:

    python -m tests.house.test_instructions
"""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.house.repository import ROOT, compile_all, run

TABLE = ROOT / "tests/house/instructions.csv"
SOURCES = ["tests/house/instructions.cpp", "cpp/src/base/kernel.cpp", "cpp/isa/dispatch.cpp"]
SOURCES += [f"cpp/isa/{isa}.cpp" for isa in ("baseline", "avx2", "avx512", "neon")]
PASSES = 4
SLACK = 0.01  # of the count: what a harmless change may cost, and what must be recorded as gained

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("valgrind"), reason="needs valgrind"),
]


def compiler() -> str:
    """What compiles, as far as it decides on the instructions."""
    return f"gcc {run(['c++', '-dumpfullversion']).strip()}"


def build(folder: Path, launcher: Sequence[str] = ()) -> Path:
    """The program that runs a job."""
    program = folder / "instructions"
    objects = compile_all([ROOT / source for source in SOURCES], folder, launcher)
    run(["c++", *objects, "-o", program])
    return program


def counted(program: Path, isa: str, job: str, passes: int) -> tuple[int, int]:
    """Instructions of the whole process, and the rows of one pass."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    command += [str(program), isa, job, str(passes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"LC_ALL": "C"})
    return int(re.findall(r"Collected : (\d+)", done.stderr)[0]), int(done.stdout.split()[0])


def per_row(program: Path, isa: str, job: str) -> float:
    """Instructions per row: what more passes add, so that everything around the loop drops out."""
    few, rows = counted(program, isa, job, 1)
    many, _ = counted(program, isa, job, 1 + PASSES)
    return (many - few) / (PASSES * rows)


def recorded() -> tuple[str, list[dict[str, str]]]:
    """The compiler and the lines of the table."""
    comment, *lines = TABLE.read_text().splitlines()
    return comment.removeprefix("# "), list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def program(launcher: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built once."""
    made_with, _ = recorded()
    if made_with != compiler():
        pytest.skip(f"the counts belong to {made_with}, this is {compiler()}")
    return build(tmp_path_factory.mktemp("instructions"), launcher)


@pytest.mark.parametrize(
    "line", recorded()[1], ids=lambda line: "-".join((line["isa"], line["job"]))
)
def test_no_loop_executes_more_instructions(program: Path, line: dict[str, str]) -> None:
    before, now = float(line["instructions"]), per_row(program, line["isa"], line["job"])
    assert now <= before * (1 + SLACK)
    assert now >= before * (1 - SLACK), "fewer than recorded: record the gain"


def main() -> None:
    """Records the counts of the jobs in the table."""
    with tempfile.TemporaryDirectory() as folder:
        program = build(Path(folder))
        lines = [f"# {compiler()}", "isa,job,instructions"]
        for line in recorded()[1]:
            count = per_row(program, line["isa"], line["job"])
            lines.append(f"{line['isa']},{line['job']},{count:.2f}")
    TABLE.write_text("\n".join(lines) + "\n")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
