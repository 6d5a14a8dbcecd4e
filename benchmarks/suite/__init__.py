"""Benchmarks of hedgerow beside its peers; ../README.md tells how to run and read them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def memory_now(field: str) -> int:
    """A figure of /proc/self/status, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(field)


def peak_beyond(run: Callable[[], Any]) -> int:
    """Bytes that a run takes at its peak, beyond what was held before it (Linux)."""
    high_water = Path("/proc/self/clear_refs")
    if not high_water.exists():
        raise NotImplementedError("the system does not tell")
    high_water.write_text("5")  # the high-water mark falls to what is held now
    before = memory_now("VmRSS")
    run()
    return memory_now("VmHWM") - before
