"""From a file to a book, to a valued and netted book, and to quotes: CSV and Parquet.

hedgerow parses symbols into contracts, checks every cell and builds the book or the quotes. The
peers only read columns: pandas, and Arrow's own readers on one thread; "arrow codes" leaves
Parquet's dictionaries as they are. They are a floor, not an equal: over the whole way to a netted
book the ratio is the share of the time that the bare read would take.

Books: "real" holds some hundred contracts, in "distinct" every row has one of its own.
"""

from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np

import hedgerow as hr
from hedgerow.io import read_book, read_quotes

from . import inputs, peers

LIBRARIES = ["hedgerow", "pandas", "arrow", "arrow codes"]
SIZES = [100_000, 1_000_000]


@lru_cache
def _folder():
    return TemporaryDirectory(prefix="hedgerow-benchmarks-")


def _write(columns, name, form):
    """Columns as a file; it goes when the process ends."""
    table = peers.require("pyarrow").table(columns)
    path = Path(_folder().name, f"{name}.{form}")
    if form == "csv":
        peers.require("pyarrow.csv").write_csv(table, path)
    else:
        peers.require("pyarrow.parquet").write_table(table, path)
    return path


@lru_cache
def book_file(book, form, rows):
    """The positions of the named book."""
    if book == "real":
        instrument, quantity, average_price, tags = inputs.real_columns(rows)
    else:
        held = inputs.distinct_book(rows)
        instrument, quantity, tags = held.instrument, held.quantity, held.tags
        average_price = np.full(rows, 0.01)
    columns = {"instrument": instrument, "quantity": quantity, "average_price": average_price}
    return _write(columns | tags, f"{book}_{rows}", form)


@lru_cache
def quotes_file(form, rows):
    """Two-sided quotes of distinct contracts."""
    bid = np.random.default_rng(inputs.SEED + 5).integers(1, 2_000, rows) / 10_000
    instrument = inputs.distinct_book(rows).instrument
    as_of = np.full(rows, inputs.snapshot().as_of)
    columns = {"instrument": instrument, "bid": bid, "ask": bid + 0.0005, "as_of": as_of}
    return _write(columns, f"quotes_{rows}", form)


def reader(library, path, form):
    """How a peer reads a file's columns."""
    if library == "pandas":
        return partial(getattr(peers.require("pandas"), f"read_{form}"), path)
    if form == "csv":
        read = peers.require("pyarrow.csv")
        options = read.ConvertOptions(auto_dict_encode=library == "arrow codes")
        single = read.ReadOptions(use_threads=False)
        return partial(read.read_csv, path, single, convert_options=options)
    parquet = peers.require("pyarrow.parquet")
    kinds = peers.require("pyarrow").types
    schema = parquet.read_schema(path) if library == "arrow codes" else ()
    codes = [field.name for field in schema if kinds.is_string(field.type)]
    return partial(parquet.read_table, path, use_threads=False, read_dictionary=codes)


def runs(path, form, ours):
    """What each library runs on a file."""
    return {"hedgerow": lambda: partial(ours, path)} | {
        library: partial(reader, library, path, form) for library in LIBRARIES[1:]
    }


def read_value_and_net(path):
    """The whole way, as a user types it."""
    values = hr.value(read_book(path), inputs.snapshot())
    return values.net("underlying", "expiry")


class Load:
    """hedgerow.io.read_book."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 1, 0
    param_names = ("library", "book", "form", "rows")
    params = (LIBRARIES, ["real", "distinct"], ["csv", "parquet"], SIZES)

    def setup(self, library, book, form, rows):
        self.run = peers.choose(runs(book_file(book, form, rows), form, read_book), library)

    def time_read(self, library, book, form, rows):
        self.run()


class LoadAndNet:
    """read_book, value and net by underlying and expiry, from Parquet, on one thread."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 1, 0
    param_names = ("library", "book", "rows")
    params = (LIBRARIES, ["real", "distinct"], SIZES)

    def setup(self, library, book, rows):
        hr.set_num_threads(1)
        inputs.snapshot()
        path = book_file(book, "parquet", rows)
        self.run = peers.choose(runs(path, "parquet", read_value_and_net), library)

    def time_all(self, library, book, rows):
        self.run()


class LoadQuotes:
    """hedgerow.io.read_quotes."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 1, 0
    param_names = ("library", "form", "rows")
    params = (LIBRARIES, ["csv", "parquet"], [10_000, 100_000])

    def setup(self, library, form, rows):
        self.run = peers.choose(runs(quotes_file(form, rows), form, read_quotes), library)

    def time_read(self, library, form, rows):
        self.run()
