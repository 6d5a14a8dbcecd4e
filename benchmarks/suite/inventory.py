"""The live inventory: fills, ticks and reads, one thread. Latencies from C++: benchmarks/cpp.

`Fills`: fills of options in columns, counted and netted at eight dimensions. hedgerow counts each
once, keeps average and first-in-first-out cost, fees and money, and looks at limits. Peers: a numba
loop that keeps average cost and adds eight Greeks to eight nodes, with bounds looked at, and
nothing else; nautilus_trader's Position.apply on fills ready made: positions alone.

`Doors`: the same fills of 100 options through one door each: a compiled loop over the functions of
inventory.pxd, one call from Python per fill, and columns.

`Apply`: events of hedgerow.live, made and applied one after the other.

`Tick`: one spot moves under 10,000 options, each held by someone: values, Greeks and all nodes.
Peers: a numba loop over plain columns that values options and sums eight Greeks by group; portfolio
Greeks of nautilus_trader, price and four Greeks in one sum. `Clock`: the same a second later.

`Image`: the state of an inventory of so many positions as bytes and back; back means nodes that are
added up anew, too. Peers: pickle of the columns that `positions()` gives, and of the same as rows;
they hold no lots, money, ids or nodes.

`Listings`: instruments listed one by one, and the first fill, which makes their values.

`Nodes`: what Python pays to read one number of a node. Peer: a position of nautilus_trader.
"""

import ctypes
import pickle
from functools import lru_cache
from itertools import count
from time import process_time

import numpy as np

import hedgerow as hr
import hedgerow.inventory
from hedgerow import live

from . import exposures, inputs, native, peers

DIMENSIONS = (
    (),
    ("underlying",),
    ("underlying", "expiry"),
    ("underlying", "tenor"),
    ("account",),
    ("venue",),
    ("strategy",),
    ("strategy", "underlying"),
)
OWNERS = 10
FILLS = 10_000
LOT = 0.1


@lru_cache
def contracts(options):
    """Distinct options by name."""
    book = inputs.distinct_book(options)
    return {hr.symbol(contract): contract for contract in book.contracts}


def empty(options):
    """An inventory without positions, with limits that no fill reaches, and its owners."""
    listed = contracts(options)
    inventory = live.Inventory(
        inputs.snapshot(),
        listed,
        lots=dict.fromkeys(listed, LOT),
        tags=("strategy",),
        dimensions=DIMENSIONS,
    )
    for keys in DIMENSIONS:
        for measure in ("delta", "gamma", "vega", "theta", "gross"):
            inventory.set_limit(measure, keys, hard=1e15)
    owners = [
        inventory._owner(f"account {o % 3}", f"venue {o % 2}", {"strategy": f"strategy {o}"})
        for o in range(OWNERS)
    ]
    return inventory, owners


@lru_cache
def fills(options):
    """Columns of fills: owner, instrument, contracts, price in coin."""
    random = np.random.default_rng(inputs.SEED)
    quantity = LOT * random.choice([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5], FILLS)
    price = 0.0005 * random.integers(1, 100, FILLS)
    return random.integers(0, OWNERS, FILLS), random.integers(0, options, FILLS), quantity, price


def fills_of_inventory(options):
    """The columns, every time under ids of their own."""
    inventory, owners = empty(options)
    owner, instrument, quantity, price = fills(options)
    owner = np.asarray(owners)[owner]
    time = np.full(FILLS, inventory.now.astype("int64"))
    fee = np.full(FILLS, 0.0003)
    ids = (np.arange(run * FILLS, (run + 1) * FILLS) for run in count())
    count_fills = inventory._core.fills
    return lambda: count_fills("v", next(ids), time, owner, instrument, quantity, price, fee)


def fills_in_numba(options):
    """The loop over the same columns."""
    loop = peers.in_numba().positions
    random = np.random.default_rng(1)
    units, expiry = random.normal(size=(options, 8)), random.integers(0, 20, options)
    nodes, bounds = np.zeros((64, 8)), np.full((64, 8), 1e15)
    state = tuple(np.zeros(OWNERS * options) for _ in range(3))
    return lambda: loop(*fills(options), units, expiry, nodes, bounds, *state)


def greeks_in_nautilus(options):
    """Price and four Greeks of a position in each option, summed, as the spot goes up and down."""
    held, market = list(contracts(options).values()), inputs.snapshot()
    spot = market.market("BTC").spot
    # It counts whole days, at most one: a day earlier every option has that one.
    as_of = (market.as_of - np.timedelta64(1, "D")).astype("int64")
    right = np.array([float(option.right) for option in held])
    strike = np.array([option.strike for option in held])
    # So volatile that a day gives a price to every strike.
    prices = hr.bsm.price(right, spot, strike, 1 / 365.25, 5.0, 0.0425, 0.0)
    greeks = peers.greeks_in_nautilus(held, prices, spot, as_of)
    return exposures.ticks(lambda to: greeks(to - spot))


def fills_in_nautilus(options):
    """Fills ready made, which make positions or are applied to them."""
    nautilus = peers.in_nautilus()
    owner, instrument, quantity, price = fills(options)
    ready = [nautilus.fill(str(i), quantity[i], price[i]) for i in range(FILLS)]
    keys = list(zip(owner, instrument, strict=True))

    def run():  # a position refuses a fill that it knows: they begin anew
        positions = {}
        for key, fill in zip(keys, ready, strict=True):
            if key in positions:
                positions[key].apply(fill)
            else:
                positions[key] = nautilus.position(fill)

    return run


class Fills:
    """FILLS fills of so many options by ten owners."""

    timer = staticmethod(process_time)
    number, warmup_time = 1, 0
    param_names = ("library", "options")
    params = (["hedgerow", "numba", "nautilus"], [100, 10_000])
    timeout = 300

    def setup(self, library, options):
        runs = {
            "hedgerow": lambda: fills_of_inventory(options),
            "numba": lambda: fills_in_numba(options),
            "nautilus": lambda: fills_in_nautilus(options),
        }
        self.run = peers.choose(runs, library)

    def time_fills(self, library, options):
        self.run()


FILL = np.dtype(
    [
        ("id", np.uint64, 2),
        ("time", np.int64),
        ("owner", np.uint32),
        ("instrument", np.uint32),
        ("lots", np.int64),
        ("price", float),
        ("fee", float),
        ("fee_currency", np.int32),
    ],
    align=True,
)


def fills_compiled(options):
    """The fills in structs, for a loop in C++."""
    inventory, owners = empty(options)
    owner, instrument, quantity, price = fills(options)
    rows = np.zeros(FILLS, FILL)
    rows["time"], rows["owner"] = inventory.now.astype("int64"), np.asarray(owners)[owner]
    rows["instrument"], rows["lots"] = instrument, np.rint(quantity / LOT)
    rows["price"], rows["fee"], rows["fee_currency"] = price, 0.0003, -1
    functions = [native.address(name, hedgerow.inventory) for name in ("fill", "fill_id", "at")]
    at = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object)(functions.pop())(inventory)
    count_fills = native.program().count_fills
    count_fills.argtypes = [*[ctypes.c_void_p] * 4, ctypes.c_size_t, ctypes.c_int64]
    first = count(0, FILLS)

    def run(kept=inventory):  # `at` is good as long as its object lives
        assert count_fills(*functions, at, rows.ctypes.data, FILLS, next(first)) == FILLS

    return run


def fills_one_by_one(options):
    """The fills in Python's own numbers, a call for each."""
    inventory, owners = empty(options)
    columns = [column.tolist() for column in fills(options)]
    rows = list(zip(*columns, strict=True))
    fill, now, ids = inventory._core.fill, inventory.now, count()

    def run():
        for owner, instrument, quantity, price in rows:
            fill("v", str(next(ids)), now, owners[owner], instrument, quantity, price, 0.0003)

    return run


class Doors:
    """FILLS fills of 100 options by ten owners, through each door."""

    timer = staticmethod(process_time)
    number, warmup_time = 1, 0
    param_names = ("door",)
    params = (["hedgerow", "python", "columns"],)

    def setup(self, door):
        runs = {
            "hedgerow": lambda: fills_compiled(100),
            "python": lambda: fills_one_by_one(100),
            "columns": lambda: fills_of_inventory(100),
        }
        self.run = peers.choose(runs, door)

    def time_fills(self, door):
        self.run()


class Apply:
    """Fill events of hedgerow.live made and applied one by one, from Python."""

    timer = staticmethod(process_time)
    number, warmup_time = 1, 0
    events = 1_000

    def setup(self):
        inventory, _ = empty(100)
        names, ids = list(contracts(100)), count()

        def run():
            for i in range(self.events):
                event = live.Fill(
                    time=inventory.now,
                    venue="venue 1",
                    trade_id=str(next(ids)),
                    account="account 1",
                    instrument=names[i % 100],
                    quantity=LOT,
                    price=0.01,
                    tags={"strategy": "strategy 1"},
                )
                inventory.apply(event)

        self.run = run

    def time_apply(self):
        self.run()


class Tick:
    """A tick of one underlying with so many options, one position each."""

    timer = staticmethod(process_time)
    param_names = ("library", "options")
    params = (["hedgerow", "numba fused", "nautilus"], [10_000])

    def setup(self, library, options):
        def of_inventory():
            inventory, owners = empty(options)
            ids = np.arange(options)
            ones = np.ones(options)
            owner = np.asarray(owners)[np.arange(options) % OWNERS]
            time = np.full(options, inventory.now.astype("int64"))
            inventory._core.fills(
                "venue", ids, time, owner, np.arange(options), ones, 0.01 * ones, 0.0 * ones
            )
            return self.events(inventory._core, inventory.now)

        runs = {
            "hedgerow": of_inventory,
            "numba fused": lambda: exposures.tick_of_peer(peers.in_numba().bsm_sums, options),
            "nautilus": lambda: greeks_in_nautilus(options),
        }
        self.run = peers.choose(runs, library)

    @staticmethod
    def events(core, now):
        return exposures.ticks(lambda spot: core.move("BTC", spot, now))

    def time_tick(self, library, options):
        self.run()


class Clock(Tick):
    """The same options a second later: time to expiry, smiles and all. Peer: values alone."""

    params = (["hedgerow", "numba fused"], [10_000])

    @staticmethod
    def events(core, now):
        later = (now + np.timedelta64(second, "s") for second in count(1))
        return lambda: core.advance(next(later))


class Image:
    """A state of ten owners' positions, each of two fills, written and read."""

    timer = staticmethod(process_time)
    number, warmup_time = 1, 0
    param_names = ("library", "way", "positions")
    params = (["hedgerow", "pickle columns", "pickle rows"], ["image", "restore"], [100_000])
    timeout = 300

    def setup(self, library, way, positions):
        options = positions // OWNERS
        inventory, owners = empty(options)
        owner = np.repeat(np.asarray(owners), options)
        instrument = np.tile(np.arange(options), OWNERS)
        time = np.full(len(owner), inventory.now.astype("int64"))
        one = np.ones(len(owner))
        for run in range(2):
            ids = np.arange(len(owner)) + run * len(owner)
            fill = ("v", ids, time, owner, instrument, one, 0.01 * one, 0.0003 * one)
            inventory._core.fills(*fill)
        columns = inventory._core.positions()
        if library == "pickle rows":
            columns = list(zip(*(column.tolist() for column in columns.values()), strict=True))
        state = inventory.image() if library == "hedgerow" else pickle.dumps(columns)
        runs = {
            "hedgerow": (inventory.image, lambda: live.Inventory.restore(state)),
            "pickle columns": (lambda: pickle.dumps(columns), lambda: pickle.loads(state)),
            "pickle rows": (lambda: pickle.dumps(columns), lambda: pickle.loads(state)),
        }
        write, read = runs[library]
        self.run = read if way == "restore" else write

    def time_image(self, library, way, positions):
        self.run()


class Listings:
    """So many instruments listed one by one, then a fill; the peer, one fill that finds all."""

    timer = staticmethod(process_time)
    number, warmup_time = 1, 0
    param_names = ("library", "instruments")
    params = (["hedgerow", "at once"], [10_000])

    def setup(self, library, instruments):
        market, listed = inputs.snapshot(), contracts(instruments)
        events = [
            live.Listing(time=market.as_of, instrument=name, contract=contract, lot=LOT)
            for name, contract in listed.items()
        ]
        fill = live.Fill(
            time=market.as_of, venue="v", trade_id="1", account="a", instrument=next(iter(listed)),
            quantity=LOT, price=0.01,
        )  # fmt: skip

        def one_by_one():
            inventory = live.Inventory(market, dimensions=DIMENSIONS[:3])
            for event in events:
                inventory.apply(event)
            inventory.apply(fill)

        def at_once():
            lots = dict.fromkeys(listed, LOT)
            live.Inventory(market, listed, lots=lots, dimensions=DIMENSIONS[:3]).apply(fill)

        self.run = one_by_one if library == "hedgerow" else at_once

    def time_listings(self, library, instruments):
        self.run()


class Nodes:
    """One number of one node, from Python."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "nautilus"],)

    def setup(self, library):
        def of_inventory():
            inventory, owners = empty(100)
            inventory._core.fill("v", "1", inventory.now, owners[0], 0, 1.0, 0.01)
            node = inventory.node(underlying="BTC")
            return lambda: node.delta

        def of_nautilus():
            nautilus = peers.in_nautilus()
            position = nautilus.position(nautilus.fill("1", 1.0, 0.01))
            return lambda: position.signed_qty

        runs = {"hedgerow": of_inventory, "nautilus": of_nautilus}
        self.run = peers.choose(runs, library)

    def time_read(self, library):
        self.run()
