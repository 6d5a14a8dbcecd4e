"""A book from a file: a hundred thousand and a million rows of CSV and Parquet.

hedgerow parses symbols into contracts, checks every cell and builds the book. The peers only read
columns: pandas, and Arrow's own readers on one thread. They are a floor, not an equal.
"""

from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from hedgerow.io import read_book

from . import inputs, peers


@lru_cache
def _folder():
    return TemporaryDirectory(prefix="hedgerow-benchmarks-")


@lru_cache
def book_file(form, rows):
    """The tiled example book as a file; it goes when the process ends."""
    pa = peers.require("pyarrow")
    instrument, quantity, average_price, tags = inputs.real_columns(rows)
    table = pa.table(
        {"instrument": instrument, "quantity": quantity, "average_price": average_price, **tags}
    )
    path = Path(_folder().name, f"book_{rows}.{form}")
    if form == "csv":
        peers.require("pyarrow.csv").write_csv(table, path)
    else:
        peers.require("pyarrow.parquet").write_table(table, path)
    return path


class Load:
    """hedgerow.io.read_book."""

    timer = staticmethod(process_time)
    timeout = 300
    number, warmup_time = 1, 0
    param_names = ("library", "form", "rows")
    params = (["hedgerow", "pandas", "arrow"], ["csv", "parquet"], [100_000, 1_000_000])

    def setup(self, library, form, rows):
        path = book_file(form, rows)

        def in_arrow():
            if form == "csv":
                read = peers.require("pyarrow.csv")
                return partial(read.read_csv, path, read.ReadOptions(use_threads=False))
            return partial(peers.require("pyarrow.parquet").read_table, path, use_threads=False)

        runs = {
            "hedgerow": lambda: partial(read_book, path),
            "pandas": lambda: partial(getattr(peers.require("pandas"), f"read_{form}"), path),
            "arrow": in_arrow,
        }
        self.run = peers.choose(runs, library)

    def time_read(self, library, form, rows):
        self.run()
