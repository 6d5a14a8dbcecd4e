"""numba code that calls the kernels through the capsule pointers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.embed.building import EXAMPLES, run

pytestmark = pytest.mark.slow


def test_the_example_prices_from_compiled_code(site: Path, expected: str) -> None:
    pytest.importorskip("numba")
    program = """
import desk
print("%.6f %.6f" % desk.value(1.0, 100.0, 110.0, 0.5, 0.25, 0.97))
assert desk.value.nopython_signatures
"""
    env = {"PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    assert run(sys.executable, "-c", program, cwd=EXAMPLES / "numba", env=env).strip() == expected
