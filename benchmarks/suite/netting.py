"""Netting a million valued rows by several keys, six measures, one thread.

Peers: pandas' groupby on categorical keys; np.bincount per measure on integer codes, combined in
the timed part. Both are given their columns and codes ready made; hedgerow is given a Valuation,
codes its keys, adds up the positions of each contract and group and values its contracts anew.
"""

from functools import partial, reduce
from math import prod
from time import process_time

import numpy as np

import hedgerow as hr

from . import inputs, peers

ROWS = 1_000_000
MEASURES = ("value", "delta", "gamma", "vega", "theta", "rho")
KEYS = {
    "underlying, expiry": ("underlying", "expiry"),
    "account, venue, expiry": ("account", "venue", "expiry"),
    "instrument": ("instrument",),
}


def key_column(book, key):
    """The key of each row, as a user has it."""
    if key in book.tags:
        return book.tags[key]
    if key == "instrument":
        return book.instrument
    return hr.portfolio.valuation.contract_frame(book)[key][book.contract]


def in_pandas(values, keys):
    """A groupby on categories."""
    pandas = peers.require("pandas")
    frame = pandas.DataFrame({name: getattr(values, name) for name in MEASURES})
    for key in keys:
        frame[key] = pandas.Categorical(key_column(values.book, key))
    return lambda: frame.groupby(list(keys), observed=True)[list(MEASURES)].sum()


def in_bincount(values, keys):
    """One np.bincount per measure."""
    columns = [getattr(values, name) for name in MEASURES]
    labelled = [np.unique(key_column(values.book, key), return_inverse=True) for key in keys]
    parts = [(len(labels), codes) for labels, codes in labelled]
    groups = prod(size for size, _ in parts)

    def run():
        group = reduce(lambda whole, part: whole * part[0] + part[1], parts, 0)
        return [np.bincount(group, column, groups) for column in columns]

    return run


class Net:
    """Valuation.net by the named keys."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 1, 0
    param_names = ("library", "keys")
    params = (["hedgerow", "pandas", "bincount"], list(KEYS))
    rows = ROWS

    def setup(self, library, keys):
        hr.set_num_threads(1)
        values = hr.value(inputs.real_book(self.rows), inputs.snapshot())
        runs = {
            "hedgerow": lambda: partial(values.net, *KEYS[keys], measures=MEASURES),
            "pandas": lambda: in_pandas(values, KEYS[keys]),
            "bincount": lambda: in_bincount(values, KEYS[keys]),
        }
        self.run = peers.choose(runs, library)

    def time_net(self, library, keys):
        self.run()


class NetBook:
    """Book.net: merging a million lots into positions, per contract and strategy."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 1, 0
    param_names = ("library",)
    params = (["hedgerow", "pandas"],)
    rows = ROWS

    def setup(self, library):
        book = inputs.real_book(self.rows)

        def grouped():
            pandas = peers.require("pandas")
            frame = pandas.DataFrame({"quantity": book.quantity, "cost": book.cost})
            frame["contract"] = book.contract
            frame["strategy"] = pandas.Categorical(book.tags["strategy"])
            return lambda: frame.groupby(["contract", "strategy"], observed=True).sum()

        runs = {"hedgerow": lambda: partial(book.net, "strategy"), "pandas": grouped}
        self.run = peers.choose(runs, library)

    def time_net(self, library):
        self.run()
