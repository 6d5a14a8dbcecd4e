"""The thread pool: chunks run once, forks are survived, numbers are checked."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import pytest
from tests.strategies import CONTRACTS, market

import hedgerow as hr

BOOK = hr.Book.from_columns(CONTRACTS * 500, np.ones(500 * len(CONTRACTS)))


def test_the_number_of_threads_is_checked() -> None:
    before = hr.get_num_threads()
    assert before >= 1
    with pytest.raises(hr.InvalidInput, match="number = 0"):
        hr.set_num_threads(0)
    assert hr.get_num_threads() == before


def test_many_python_threads_share_the_pool() -> None:
    expected = hr.value(BOOK, market()).total()
    results: list[object] = []

    def work() -> None:
        results.extend(hr.value(BOOK, market()).total() for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 30
    assert all(result == expected for result in results)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_values_books_too() -> None:
    expected = hr.value(BOOK, market()).total()["value"]
    hr.set_num_threads(4)
    hr.value(BOOK, market())
    child = os.fork()
    if child == 0:
        signal.alarm(60)  # a deadlock must not hang the tests
        right = hr.value(BOOK, market()).total()["value"] == expected
        for threads in (2, 3, 1):  # the parent's pool is put away, then the child's own ones
            hr.set_num_threads(threads)
            right &= hr.value(BOOK, market()).total()["value"] == expected
        os._exit(0 if right else 1)
    assert os.waitpid(child, 0)[1] == 0
