"""Folding a book of options into call-equivalents, forwards and cash.

Peer: sorting strikes and summing calls and puts per expiry with NumPy, without the structures that
hedgerow's fold also finds, from columns that hold each position's terms.
"""

from time import process_time

import numpy as np

from . import inputs, peers


def in_numpy(name, positions):
    """Strikes, call-equivalents, forwards and cash per expiry."""
    flat = inputs.flat_book(name, positions)
    right, strike = flat.options.right, flat.options.strike

    def run():
        slices = []
        for expiry in range(flat.groups):
            rows = flat.group == expiry
            strikes, place = np.unique(strike[rows], return_inverse=True)
            quantity, put = flat.quantity[rows], right[rows] < 0
            calls = np.bincount(place, quantity, len(strikes))
            slices.append((strikes, calls, -quantity[put].sum(), strike[rows][put] @ quantity[put]))
        return slices

    return run


class Fold:
    """Book.fold."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 1, 0
    param_names = ("library", "book", "positions")
    params = (["hedgerow", "numpy"], ["real", "distinct"], [10_000, 100_000])

    def setup(self, library, book, positions):
        runs = {
            "hedgerow": lambda: inputs.BOOKS[book](positions).fold,
            "numpy": lambda: in_numpy(book, positions),
        }
        self.run = peers.choose(runs, library)

    def time_fold(self, library, book, positions):
        self.run()
