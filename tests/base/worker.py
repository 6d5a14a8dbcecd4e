"""What the workers of joblib and dask run; imports little, since processes begin with it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import hedgerow as hr
from hedgerow import kernels

STRIKES = np.linspace(50.0, 200.0, 200_000)


class Work(NamedTuple):
    """What came out, and what a worker's process had of threads."""

    result: Any
    allowed: int  # by hedgerow
    begun: int  # by this call
    running: int  # in the process, all in all


def work(compute: Callable[..., Any], *arguments: object) -> Work:
    before = os_threads()
    result = compute(*arguments)
    after = os_threads()
    return Work(result, hr.get_num_threads(), after - before, after)


def os_threads() -> int:
    """The threads that the operating system knows of this process."""
    return len(os.listdir("/proc/self/task"))


def price(strikes: Any) -> Any:
    """Of long columns; dask's arrays too."""
    return kernels.black_price(1.0, 100.0, strikes, 0.5, 0.25, 0.97)


def greeks() -> bytes:
    """In every bit."""
    return b"".join(map(bytes, kernels.black_greeks(1.0, 100.0, STRIKES, 0.5, 0.25, 0.97)))


def total(book: hr.Book, snapshot: hr.Snapshot) -> dict[str, float]:
    return hr.value(book, snapshot).total()
