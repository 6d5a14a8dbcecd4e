"""A whole book: its value and sixteen Greeks, netted by underlying and expiry.

hedgerow is given the book and the market, and looks up spots, carries, rates and volatilities
itself. The peers have it easier: they are given columns in which all that stands (FlatBook).

Books: "real" tiles some hundred real contracts, of which hedgerow values each once; in "distinct"
every position is a contract of its own, so that it must do what the peers do.

Peers: a numba loop that fills columns, then np.bincount per column; a numba loop that adds up as
it goes; NumPy, then np.bincount; QuantLib's calculator in a Python loop (10,000 positions at most).
"""

from functools import partial
from time import perf_counter, process_time

import numpy as np

import hedgerow as hr
from hedgerow import kernels

from . import inputs, peers

SIZES = [10_000, 1_000_000]
MOST_OBJECTS = 10_000
MEASURES = ("value", *kernels.names[1:])


def value_and_net(book, snapshot):
    """One call after the other, as a user types it."""
    return hr.value(book, snapshot).net("underlying", "expiry", measures=MEASURES)


def sums(columns, flat):
    """Columns per position, times quantity, summed by group."""
    return np.array(
        [np.bincount(flat.group, flat.quantity * column, flat.groups) for column in columns]
    )


def in_quantlib(flat):
    """Calculator objects for the columns, NumPy for the sums."""
    rows = peers.each(peers.in_quantlib().bsm_greeks, flat.options)
    return lambda: sums(np.array(rows()).T, flat)


def runs(book, positions):
    """What each library runs on the named book."""

    def columns_then_sums(greeks):
        flat = inputs.flat_book(book, positions)
        return lambda: sums(greeks(*flat.options), flat)

    def fused():
        flat = inputs.flat_book(book, positions)
        columns = (*flat.options, flat.quantity, flat.group, flat.groups)
        return partial(peers.in_numba().bsm_sums, *columns)

    return {
        "hedgerow": lambda: partial(
            value_and_net, inputs.BOOKS[book](positions), inputs.snapshot()
        ),
        "numba": lambda: columns_then_sums(peers.in_numba().bsm_greeks),
        "numba fused": fused,
        "numpy": lambda: columns_then_sums(peers.in_numpy.bsm_greeks),
        "quantlib": lambda: in_quantlib(inputs.flat_book(book, positions)),
    }


class Value:
    """hedgerow.value(...).net("underlying", "expiry"), in CPU time, on one thread."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 1, 0
    threads = 1
    param_names = ("library", "book", "positions")
    params = (
        ["hedgerow", "numba", "numba fused", "numpy", "quantlib"],
        ["real", "distinct"],
        SIZES,
    )

    def setup(self, library, book, positions):
        if library == "quantlib":
            peers.at_most(MOST_OBJECTS, positions)
        hr.set_num_threads(self.threads)
        self.run = peers.choose(runs(book, positions), library)

    def time_value(self, library, book, positions):
        self.run()


class ValueOnAllThreads(Value):
    """The same in wall time, on as many threads as there are processors; peers have one."""

    timer = staticmethod(perf_counter)
    threads = inputs.ALL_THREADS
    params = (["hedgerow", "numba"], ["real"], [1_000_000])

    def peakmem_value(self, library, book, positions):
        self.run()
