"""Exposures that follow the market: a tick of one underlying, and a sweep over plain columns.

`Tick`: one spot moves; options are valued anew, eight outputs of each, and netted into buckets.
hedgerow's Exposures keeps the book's columns; the peers are given columns ready made and get the
new spot written into theirs.

`Sweep`: price and sixteen Greeks times quantity, summed by group, no number per option kept. Both
are given the same columns; groups come in random order.

Peers: a numba loop that adds up as it goes, all seventeen outputs; NumPy, then np.bincount.
"""

from itertools import cycle
from time import perf_counter, process_time

import numpy as np

import hedgerow as hr

from . import inputs, peers

MEASURES = ("value", "delta", "gamma", "vega", "theta", "rho", "vanna", "volga")
WIDTH = 25_000.0  # of a bucket of strikes
GROUPS = 20


def strikes(contracts):
    """The bucket of a contract's strike."""
    return (contracts["strike"] // WIDTH).astype(int)


def buckets(positions):
    """The distinct book as peers are given it, grouped by expiry and bucket of strikes."""
    flat = inputs.flat_book("distinct", positions)
    label = flat.group * 100 + strikes({"strike": flat.options.strike})
    groups, group = np.unique(label, return_inverse=True)
    return inputs.FlatBook(flat.options, flat.quantity, group, len(groups))


def ticks(runs):
    """A run that moves the spot up and down again; a tick is never a repetition."""
    spot = inputs.snapshot().market("BTC").spot
    spots = cycle([spot * factor for factor in (1.0001, 0.9999, 1.0, 0.9998)])
    return lambda: runs(next(spots))


def tick_of_peer(greeks_by_group, positions):
    """The same by a function of columns."""
    flat = buckets(positions)
    spot = flat.options.spot.copy()
    options = flat.options._replace(spot=spot)

    def run(now):
        spot[:] = now
        return greeks_by_group(*options, flat.quantity, flat.group, flat.groups)

    return ticks(run)


def sums_in_numpy(*columns):
    """Columns per option, then a sum of each."""
    *options, quantity, group, groups = columns
    greeks = peers.in_numpy.bsm_greeks(*options)
    return np.array([np.bincount(group, quantity * column, groups) for column in greeks])


def tick_of_exposures(positions):
    """The netted book."""
    book, snapshot = inputs.distinct_book(positions), inputs.snapshot()
    exposures = hr.Exposures(book, snapshot, "expiry", strikes, measures=MEASURES)

    def run(now):
        exposures.move("BTC", now)
        return exposures.sums

    return ticks(run)


class Tick:
    """Exposures.move of a book of distinct contracts, one thread."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 10, 0
    param_names = ("library", "positions")
    params = (["hedgerow", "numba fused", "numpy"], [1_000, 10_000])

    def setup(self, library, positions):
        runs = {
            "hedgerow": lambda: tick_of_exposures(positions),
            "numba fused": lambda: tick_of_peer(peers.in_numba().bsm_sums, positions),
            "numpy": lambda: tick_of_peer(sums_in_numpy, positions),
        }
        self.run = peers.choose(runs, library)

    def time_tick(self, library, positions):
        self.run()


class Sweep:
    """hedgerow.bsm.net_greeks, one thread."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 1, 0
    threads = 1
    param_names = ("library", "length")
    params = (["hedgerow", "numba fused", "numpy"], [100_000, 1_000_000])

    def setup(self, library, length):
        hr.set_num_threads(self.threads)
        options = inputs.market_spot_options(length)
        random = np.random.default_rng(inputs.SEED + 5)
        quantity, group = random.normal(size=length), random.integers(0, GROUPS, length)
        codes = group.astype(np.uint32)
        fused = peers.in_numba().bsm_sums if library == "numba fused" else None
        runs = {
            "hedgerow": lambda: lambda: hr.bsm.net_greeks(*options, quantity, codes, GROUPS),
            "numba fused": lambda: lambda: fused(*options, quantity, group, GROUPS),
            "numpy": lambda: lambda: sums_in_numpy(*options, quantity, group, GROUPS),
        }
        self.run = peers.choose(runs, library)

    def time_sweep(self, library, length):
        self.run()


class SweepOnAllThreads(Sweep):
    """The same in wall time, on as many threads as there are processors; peers have one."""

    timer = staticmethod(perf_counter)
    threads = inputs.ALL_THREADS
    params = (["hedgerow", "numba fused"], [1_000_000])

    def peakmem_sweep(self, library, length):
        self.run()
