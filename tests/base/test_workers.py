"""In the workers of joblib and dask: the same bits, and no more threads than a worker's share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import dask
import dask.array
import joblib
import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor
from tests.base.worker import STRIKES, greeks, os_threads, price, total, work
from tests.strategies import CONTRACTS, market

import hedgerow as hr

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")
WORKERS, THREADS = 4, 3
BLOCK = 20_000  # long enough for the threads
BOOK = hr.Book.from_columns(CONTRACTS * 300, np.ones(300 * len(CONTRACTS)))
JOBS: list[tuple[Any, ...]] = [(greeks,), (total, BOOK, market())]


@pytest.fixture(autouse=True)
def three_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for variable in ("HEDGEROW_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(variable, raising=False)  # workers inherit the environment
    before = hr.get_num_threads()
    hr.set_num_threads(THREADS)
    greeks()  # the pool is made
    yield
    hr.set_num_threads(before)
    get_reusable_executor().shutdown(wait=True)


@pytest.mark.parametrize(
    ("options", "share"), [({}, max(1, joblib.cpu_count() // 2)), ({"inner_max_num_threads": 2}, 2)]
)
def test_a_process_of_joblib_takes_its_share(options: dict[str, int], share: int) -> None:
    with joblib.parallel_config("loky", n_jobs=2, **options):
        found = joblib.Parallel()(joblib.delayed(work)(*job) for job in JOBS * 2)
    for job, done in zip(JOBS * 2, found, strict=True):
        assert done.result == job[0](*job[1:])
        assert done.allowed == share
        assert done.begun <= share - 1


@pytest.mark.parametrize("job", JOBS, ids=["ufunc", "book"])
def test_threads_of_joblib_share_one_pool(job: tuple[Any, ...]) -> None:
    expected = job[0](*job[1:])
    with joblib.Parallel(WORKERS, backend="threading") as parallel:
        idle = parallel([joblib.delayed(os_threads)()])[0]
        for done in parallel([joblib.delayed(work)(*job)] * (3 * WORKERS)):
            assert done.result == expected
            assert done.running <= idle


def test_threads_of_dask_share_one_pool() -> None:
    before, seen = os_threads(), []

    def priced(block: Any) -> Any:
        done = work(price, block)
        seen.append(done.running)
        return done.result

    strikes = dask.array.from_array(STRIKES, chunks=BLOCK)
    lazy = [price(strikes), strikes.map_blocks(priced, meta=np.empty(0))]
    with ThreadPoolExecutor(WORKERS) as pool, dask.config.set(scheduler="threads", pool=pool):
        for found in dask.compute(*lazy):
            np.testing.assert_array_equal(found, price(STRIKES))
    assert len(seen) == len(STRIKES) // BLOCK
    assert max(seen) <= before + WORKERS


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_process_of_dask_takes_what_its_initializer_says() -> None:
    """Forked from a process that has a pool, whose threads no child has and none waits for."""
    few = partial(hr.set_num_threads, 1)
    settings = {"multiprocessing.context": "fork", "multiprocessing.initializer": few}
    with dask.config.set(settings, scheduler="processes", num_workers=2):
        (found,) = dask.compute([dask.delayed(work)(*job) for job in JOBS * 2])
    for job, done in zip(JOBS * 2, found, strict=True):
        assert done.result == job[0](*job[1:])
        assert (done.allowed, done.begun) == (1, 0)
