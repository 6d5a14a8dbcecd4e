"""Events: made, written as text, committed to the journal and read back.

The peers keep the same text of the same fills. "append log" is a file of lines with a CRC-32 each,
written unbuffered and, for "power", synced once per commit: it is the floor, for it knows no ids,
no transactions and no readers. "lmdb" keeps events and ids in two databases of one transaction.
Wall time, on the disk of the temporary folder.
"""

import json
import os
import pickle
from dataclasses import replace
from functools import partial
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from zlib import crc32

import numpy as np

import hedgerow as hr
from hedgerow import live

from . import inputs, peers

LIBRARIES = ["hedgerow", "append log", "lmdb"]
EVENTS = {("process", 1): 500, ("power", 1): 20, ("process", 1_000): 2_000, ("power", 1_000): 2_000}
START = np.datetime64("2026-01-05T12:00:00", "ns")


def fill(number):
    """A fill as venues send them; ids are not in order, as those of many books are not."""
    return live.Fill(
        time=START,
        venue="deribit",
        trade_id=f"ETH-{number * 7919 % 1_000_003}-{number}",
        account="main",
        instrument="BTC-27MAR26-100000-C",
        quantity=1.0,
        price=0.0525,
        fee=0.0003,
        tags={"strategy": "mm"},
    )


class AppendLog:
    """A file of lines."""

    def __init__(self, path, power):
        self.file = open(path, "ab", buffering=0)  # noqa: SIM115
        self.power = power

    def commit(self, events):
        lines = [live.encode(event).encode() for event in events]
        self.file.write(b"".join(b"%08x %b\n" % (crc32(line), line) for line in lines))
        if self.power:
            os.fdatasync(self.file.fileno())

    def read(self):
        with open(self.file.name, "rb") as file:
            return [live.decode(line[9:].decode()) for line in file]

    def close(self):
        self.file.close()


class Lmdb:
    """Two tables: events by number, numbers by id."""

    def __init__(self, path, power):
        lmdb = peers.require("lmdb")
        self.environment = lmdb.open(str(path), map_size=1 << 33, max_dbs=2, sync=power)
        self.events, self.ids = (self.environment.open_db(name) for name in (b"events", b"ids"))
        self.numbers = count()

    def commit(self, events):
        with self.environment.begin(write=True) as transaction:
            for event in events:
                key = next(self.numbers).to_bytes(8)
                name = "\n".join(live.identity(event)).encode()
                if transaction.put(name, key, overwrite=False, db=self.ids):
                    transaction.put(key, live.encode(event).encode(), append=True, db=self.events)

    def read(self):
        with self.environment.begin(db=self.events) as transaction:
            return [live.decode(body.decode()) for _, body in transaction.cursor()]

    def close(self):
        self.environment.close()


class Ours:
    """The journal."""

    def __init__(self, path, power):
        self.journal = live.Journal(path, "power" if power else "process")

    def commit(self, events):
        if len(events) == 1:
            self.journal.append(events[0])
        else:
            self.journal.extend(events)

    def read(self):
        return [event for _, event in self.journal.events()]

    def close(self):
        self.journal.close()


STORES = {"hedgerow": Ours, "append log": AppendLog, "lmdb": Lmdb}


class _Store:
    """A store of a library in a folder that goes with the benchmark."""

    def open(self, library, power=False):
        if library == "lmdb":
            peers.require("lmdb")
        self.folder = TemporaryDirectory(prefix="hedgerow-benchmarks-")
        self.store = STORES[library](Path(self.folder.name, "store"), power)

    def teardown(self, *_):
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()


class Append(_Store):
    """Fills committed, one or a thousand at a time: time of all, median, 99th centile."""

    timer = staticmethod(perf_counter)
    unit = "us"
    param_names = ("library", "durability", "fills per commit")
    params = (LIBRARIES, ["process", "power"], [1, 1_000])

    def setup(self, library, durability, together):
        self.open(library, durability == "power")
        fills = map(fill, count())
        commits = EVENTS[durability, together] // together
        self.run = partial(self._commit, fills, commits, together)
        self.run()

    def _commit(self, fills, commits, together):
        spent = []
        for _ in range(commits):
            events = list(islice(fills, together))
            start = perf_counter()
            self.store.commit(events)
            spent.append(perf_counter() - start)
        return spent

    def time_commits(self, library, durability, together):
        self.run()

    def track_p50(self, library, durability, together):
        return self._centile(50)

    def track_p99(self, library, durability, together):
        return self._centile(99)

    def _centile(self, centile):
        return 1e6 * float(np.percentile([t for _ in range(4) for t in self.run()], centile))


class Read(_Store):
    """Ten thousand fills read back into events."""

    timer = staticmethod(process_time)
    rows = 10_000
    param_names = ("library",)
    params = (LIBRARIES,)

    def setup(self, library):
        self.open(library)
        self.store.commit([fill(number) for number in range(self.rows)])
        self.run = self._read  # holds the folder, too

    def _read(self):
        return self.store.read()

    def time_read(self, library):
        self.run()


class Open:
    """An engine opened: a market, an option, and so many events, three in four of them fills.

    "replay" applies them all; "snapshot" begins with the state that they have left. Peers: the same
    text as an append log, read, checked, parsed and added up by instrument in a dict, and no more;
    the events of the journal made and applied one by one.
    """

    timer = staticmethod(process_time)
    number, warmup_time = 1, 0
    rows = 20_000
    param_names = ("library", "begins with")
    params = (["hedgerow", "one by one", "log to dict"], ["replay", "snapshot"])

    def setup(self, library, begins_with):
        market = inputs.snapshot()
        option = hr.Option("BTC", "2026-03-27T08:00Z", 1e5, "call", settlement="inverse")
        listing = {"instruments": {"BTC-27MAR26-100000-C": option}, "lots": {}}
        (spot,) = (its.spot for its in market.markets if its.underlying == "BTC")
        self.folder = TemporaryDirectory(prefix="hedgerow-benchmarks-")
        path = Path(self.folder.name, "journal")
        with live.Journal(path) as journal:
            engine = live.Engine.open(journal, market, **listing)
            for begin in range(0, self.rows, 1_000):
                numbers = range(begin, min(begin + 1_000, self.rows))
                journal.extend(
                    replace(fill(number), time=market.as_of)
                    if number % 4
                    else live.Tick(time=market.as_of, underlying="BTC", spot=spot + number % 7)
                    for number in numbers
                )
            if begins_with == "snapshot":
                engine = live.Engine.open(journal, **listing)
                engine.snapshot()
            lines = [live.encode(event) for _, event in journal.events()]
        log = Path(self.folder.name, "log")
        log.write_text("".join(f"{crc32(line.encode()):08x} {line}\n" for line in lines))
        self.journal = live.Journal(path, read_only=True)

        def one_by_one():
            inventory = live.Inventory(market, **listing)
            for _, event in self.journal.events(after=1):
                inventory.apply(event)

        self.take = {
            "hedgerow": lambda: live.Engine.open(self.journal, **listing),
            "one by one": one_by_one,
            "log to dict": lambda: held_in(log),
        }[library]
        self.run = self._open  # holds the folder, too

    def _open(self):
        return self.take()

    def teardown(self, *_):
        self.journal.close()
        self.folder.cleanup()

    def time_open(self, library, begins_with):
        self.run()


def held_in(log):
    """What is held by instrument, from a log of lines."""
    held = {}
    with open(log, "rb") as file:
        for line in file:
            if int(line[:8], 16) != crc32(line[9:-1]):
                raise ValueError("a line is not as it was written")
            event = json.loads(line[9:])
            if event["kind"] == "fill":
                key = event["venue"], event["account"], event["instrument"]
                held[key] = held.get(key, 0.0) + event["quantity"]
    return held


class Text:
    """One fill as text and back; the peers do not check what they read."""

    timer = staticmethod(process_time)
    param_names = ("library", "way")
    params = (["hedgerow", "json", "pickle"], ["encode", "decode"])

    def setup(self, library, way):
        event = fill(1)
        plain = json.loads(live.encode(event))
        text, line, pickled = live.encode(event), json.dumps(plain), pickle.dumps(event)
        runs = {
            "hedgerow": {"encode": (live.encode, event), "decode": (live.decode, text)},
            "json": {
                "encode": (partial(json.dumps, sort_keys=True), plain),
                "decode": (json.loads, line),
            },
            "pickle": {"encode": (pickle.dumps, event), "decode": (pickle.loads, pickled)},
        }
        self.run = peers.choose({library: lambda: partial(*runs[library][way])}, library)

    def time_text(self, library, way):
        self.run()
