"""What several tests need and what takes long to make: once per run, by whoever comes first."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def base(factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of the run, which the processes of pytest-xdist have in common."""
    folder = factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder that `make` fills: once per run, however many processes share it out."""
    folder, made = base(factory) / name, base(factory) / f"{name}.made"
    with FileLock(base(factory) / f"{name}.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that failed at it
            folder.mkdir()
            make(folder)
            made.touch()
    return folder
