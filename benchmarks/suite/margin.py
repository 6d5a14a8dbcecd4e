"""Margin by scenarios, one thread: a scan of all instruments, and the margin of orders.

`Scan`: Derive's 31 scenarios over distinct options: every instrument's P&L per scenario is kept and
the book's loss found. hedgerow looks the market up anew; the peers are given columns in which it
already stands, and the factors by which volatilities of each expiry move.

`Orders`: initial and maintenance margin of a thousand orders, each alone, from the kept P&L: the
worst scenario with the order less that without. `OrdersWithCharges` has Derive's charges per strike
and expiry too, of which the peers know nothing.

Peers: a numba loop over options and scenarios; NumPy, scenario by scenario.
"""

from functools import lru_cache, partial
from time import process_time
from typing import NamedTuple

import numpy as np

import hedgerow as hr

from . import inputs, peers

RULES = hr.margin_rules.derive()
SCAN_ALONE = hr.MarginRules(
    name="Derive's scenarios",
    spot_factor=RULES.spot_factor,
    volatility_move=RULES.volatility_move,
    weight=RULES.weight,
    volatility=RULES.volatility,
    maintenance=RULES.maintenance,
)
ORDERS = 1_000


class Columns(NamedTuple):
    """What a peer's scan takes: options on forwards, and a row per scenario."""

    options: inputs.Options
    quantity: np.ndarray
    factors: np.ndarray
    scales: np.ndarray  # of volatilities, scenarios x options


@lru_cache
def columns(positions):
    """The distinct book in the units of its quote currency, coins at the spot of the scenario."""
    flat = inputs.flat_book("distinct", positions)
    right, spot, strike, time, volatility, rate, carry = flat.options
    options = inputs.Options(
        right, spot * np.exp(carry * time), strike, time, volatility, np.exp(-rate * time)
    )
    days = np.unique(365 * time)
    moves = np.array(
        [[RULES.volatility.moved(1.0, d, m) for d in days] for m in RULES.volatility_move]
    )
    scales = np.ascontiguousarray(moves[:, np.searchsorted(days, 365 * time)])
    return Columns(options, flat.quantity, RULES.spot_factor, scales)


def scan_by(price, positions):
    """Everyone's P&L per scenario, and the worst of the book's, by a function of columns."""
    options, quantity, factors, scales = columns(positions)
    right, forward, strike, time, volatility, discount = options
    pnl = np.empty((len(factors), len(right)))

    def run():
        now = price(*options)
        for j, factor in enumerate(factors):
            moved = volatility * scales[j]
            if RULES.volatility_move[j] > 0:
                moved = np.maximum(moved, RULES.volatility.floor)
            pnl[j] = price(right, forward * factor, strike, time, moved, discount) - now
        return (-RULES.weight * (pnl @ quantity)).max()

    return run


def scan_of_account(positions):
    """The account takes a new market."""
    snapshot = inputs.snapshot()
    account = hr.MarginAccount(inputs.distinct_book(positions), snapshot, RULES)

    def run():
        account.rescan(snapshot)
        return account.initial

    return run


class Scan:
    """MarginAccount.rescan of a book of distinct contracts, one thread."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 5, 0
    param_names = ("library", "positions")
    params = (["hedgerow", "numba", "numpy"], [1_000, 10_000])

    def setup(self, library, positions):
        hr.set_num_threads(1)
        runs = {
            "hedgerow": lambda: scan_of_account(positions),
            "numba": lambda: scan_by(peers.in_numba().black_prices, positions),
            "numpy": lambda: scan_by(peers.in_numpy.black_price, positions),
        }
        self.run = peers.choose(runs, library)

    def time_scan(self, library, positions):
        self.run()


def orders(positions):
    """Instruments and quantities of orders."""
    random = np.random.default_rng(inputs.SEED + 6)
    instruments = random.integers(0, positions, ORDERS)
    return instruments, random.integers(1, 50, ORDERS) * random.choice([-1.0, 1.0], ORDERS)


def kept(positions):
    """P&L of one contract per scenario, and of the book."""
    book = inputs.distinct_book(positions)
    account = hr.MarginAccount(book, inputs.snapshot(), RULES)
    rows = np.array([account.unit_pnl(i) for i in range(positions)])
    return rows, book.quantity @ rows


def orders_in_numba(positions):
    """A loop over orders and scenarios."""
    numba = peers.require("numba")
    rows, book = kept(positions)
    instruments, quantities = orders(positions)

    @numba.njit(fastmath=True)
    def margins(rows, book, weight, instruments, quantities):
        out = np.empty(len(instruments))
        for k in range(len(instruments)):
            worst = before = 0.0
            for j in range(len(book)):
                before = max(before, -weight[j] * book[j])
                loss = -weight[j] * (book[j] + quantities[k] * rows[instruments[k], j])
                worst = max(worst, loss)
            out[k] = worst - before
        return out

    return partial(margins, rows, book, RULES.weight, instruments, quantities)


def orders_in_numpy(positions):
    """All orders at once."""
    rows, book = kept(positions)
    instruments, quantities = orders(positions)
    weight = RULES.weight

    def run():
        then = (-weight * (book + quantities[:, None] * rows[instruments])).max(axis=1)
        return np.maximum(then, 0.0) - max((-weight * book).max(), 0.0)

    return run


def orders_of_account(positions, rules):
    """Initial and maintenance margin of each order."""
    account = hr.MarginAccount(inputs.distinct_book(positions), inputs.snapshot(), rules)
    return partial(account.marginals, *orders(positions))


class Orders:
    """MarginAccount.marginals in an account of distinct contracts."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 20, 0
    rules = SCAN_ALONE
    param_names = ("library", "positions")
    params = (["hedgerow", "numba", "numpy"], [10_000])

    def setup(self, library, positions):
        runs = {
            "hedgerow": lambda: orders_of_account(positions, self.rules),
            "numba": lambda: orders_in_numba(positions),
            "numpy": lambda: orders_in_numpy(positions),
        }
        self.run = peers.choose(runs, library)

    def time_orders(self, library, positions):
        self.run()


class OrdersWithCharges(Orders):
    """The same under all of Derive's rules."""

    rules = RULES
