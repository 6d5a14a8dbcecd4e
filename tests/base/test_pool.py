"""The thread pool: chunks run once, forks are survived, numbers and environments are obeyed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.strategies import CONTRACTS, market

import hedgerow as hr
from hedgerow import kernels

ROOT = Path(__file__).parents[2]
BOOK = hr.Book.from_columns(CONTRACTS * 500, np.ones(500 * len(CONTRACTS)))
OPTIONS = (1.0, 100.0, np.linspace(50.0, 200.0, 100_000), 0.5, 0.25, 0.97)


@pytest.fixture(autouse=True)
def four_threads() -> Iterator[None]:
    before = hr.get_num_threads()
    hr.set_num_threads(4)
    yield
    hr.set_num_threads(before)


def greeks() -> bytes:
    """What long columns come to, in every bit."""
    return b"".join(column.tobytes() for column in kernels.black_greeks(*OPTIONS))


def total() -> object:
    return hr.value(BOOK, market()).total()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX compiler driver")
def test_the_pool_by_itself(tmp_path: Path) -> None:
    program = tmp_path / "pool"
    sources = ["tests/base/pool.cpp", "cpp/src/base/pool.cpp", "cpp/src/base/error.cpp"]
    command = ["c++", "-std=c++20", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread"]
    command += ["-DHEDGEROW_STATIC", "-I", "cpp/include", *sources, "-o", str(program)]
    subprocess.run(command, cwd=ROOT, check=True)
    run = subprocess.run([program], capture_output=True, text=True, check=False, timeout=60)
    assert (run.returncode, run.stdout) == (0, "")


def test_the_number_of_threads_is_checked() -> None:
    with pytest.raises(hr.InvalidInput, match="number = 0"):
        hr.set_num_threads(0)
    assert hr.get_num_threads() == 4


@pytest.mark.parametrize(
    ("environment", "threads"),
    [
        ({"HEDGEROW_NUM_THREADS": "3", "OMP_NUM_THREADS": "1"}, 3),
        ({"OMP_NUM_THREADS": "5"}, 5),
        ({"OMP_NUM_THREADS": "6,2"}, 6),  # OpenMP's list for nested regions
        ({"HEDGEROW_NUM_THREADS": "many", "OMP_NUM_THREADS": "-1"}, None),
        ({}, None),
    ],
)
def test_the_environment_is_obeyed(environment: dict[str, str], threads: int | None) -> None:
    ours = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")}
    ours["PYTHONPATH"] = str(Path(hr.__file__).parents[1])
    program = "import hedgerow; print(hedgerow.get_num_threads())"
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=ours | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(run.stdout) == (threads or len(os.sched_getaffinity(0)))


@pytest.mark.parametrize("name", ["black_greeks", "black_delta", "black_implied_volatility"])
def test_ufuncs_give_the_same_bits_for_any_number_of_threads(name: str) -> None:
    results = set()
    for threads in (1, 2, 3, 8):
        hr.set_num_threads(threads)
        results.add(b"".join(map(bytes, np.atleast_2d(getattr(kernels, name)(*OPTIONS)))))
    assert len(results) == 1


@pytest.mark.parametrize("shift", [-1, 1, 700])
def test_columns_may_overlap(shift: int) -> None:
    rows = 150_000
    for _ in range(5):  # which thread is first changes from call to call
        memory = np.linspace(50.0, 200.0, rows + abs(shift))
        ahead, behind = memory[abs(shift) :], memory[:rows]
        read, write = (ahead, behind) if shift > 0 else (behind, ahead)
        option = (1.0, 100.0, read, 0.5, 0.25, 0.97)
        expected = kernels.black_price(*option)
        kernels.black_price(*option, out=write)
        np.testing.assert_array_equal(write, expected)


@pytest.mark.parametrize("step", [2, -1])
def test_a_column_may_overlap_with_other_strides(step: int) -> None:
    for _ in range(5):
        memory = np.linspace(50.0, 200.0, 300_000)
        read = memory[::step]
        expected = kernels.log(read)
        kernels.log(read, out=memory[: len(read)])
        np.testing.assert_array_equal(memory[: len(read)], expected)


@pytest.mark.parametrize("compute", [greeks, total])
def test_many_python_threads_share_the_pool(compute: Callable[[], object]) -> None:
    expected = compute()
    results: list[object] = []

    def work() -> None:
        results.extend(compute() for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 30
    assert all(result == expected for result in results)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("compute", [greeks, total])
def test_a_forked_child_computes_too(compute: Callable[[], object]) -> None:
    expected = compute()
    child = os.fork()
    if child == 0:
        signal.alarm(60)  # a deadlock must not hang the tests
        right = compute() == expected
        for threads in (2, 3, 1):  # the parent's pool is put away, then the child's own ones
            hr.set_num_threads(threads)
            right &= compute() == expected
        os._exit(0 if right else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_forks_in_the_midst_of_calls() -> None:
    expected, stop = greeks(), threading.Event()

    def work() -> None:
        while not stop.is_set():
            greeks()

    busy = [threading.Thread(target=work) for _ in range(2)]
    for thread in busy:
        thread.start()
    try:
        with multiprocessing.get_context("fork").Pool(2) as workers:
            results = [workers.apply_async(greeks) for _ in range(6)]
            assert all(result.get(timeout=60) == expected for result in results)
    finally:
        stop.set()
        for thread in busy:
            thread.join()
