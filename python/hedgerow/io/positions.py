"""Positions: files and frames to books, and back."""

from __future__ import annotations

import csv
import gzip
from os import PathLike, fspath

import numpy as np

from hedgerow import _core
from hedgerow.errors import InvalidInput, MissingExtra
from hedgerow.io.instruments import read_contracts
from hedgerow.io.source import Source, open_table
from hedgerow.io.table import Codes, Floats, Mask, Table, Text
from hedgerow.portfolio.book import Book

_TAGS = ("strategy", "account", "venue")
_PREFIX = "tag:"


def read_book(source: Source, *, strict: bool = False) -> Book:
    """The book of a .csv, .csv.gz or .parquet file, or of a data frame.

    | column | holds |
    |---|---|
    | `instrument` | a Deribit name, an OSI symbol or a canonical name (`spot:SPX/USD`) |
    | or its terms | `kind` (option, future, perpetual, spot, cash), `underlying`, `expiry` |
    | | (ISO 8601, UTC unless it says otherwise), `strike`, `right` (call, put, C, P), |
    | | `quote_currency`, `settlement`, `multiplier`, `currency`, `exercise`, `fixing`: |
    | | as the constructors take them |
    | `quantity` | number of contracts, negative when short |
    | `average_price` | optional: the average entry price, as the contract is quoted |
    | `strategy`, `account`, `venue` | optional tags |
    | `tag:NAME` | optional: any other tag, here NAME |

    CSV is UTF-8, separated by commas or semicolons, with a point for decimals; an empty cell is
    absent. Lines that begin with # before the header are comments.

    Bad rows are left out and named in `book.rejected`, with line, column, value and reason (rows of
    Parquet files and frames are counted from 1); with `strict` any bad row raises RejectedRows.
    Columns beyond the schema are noted there too. Rows that repeat an instrument and its tags are
    lots of one position: all are kept, and a note counts them.
    """
    table = open_table(source)
    table.require("quantity")
    contracts, codes = read_contracts(table)
    quantity = table.numbers("quantity", required=True)
    price = table.numbers("average_price")
    table.reject(_lacks_worth(contracts, codes, price), "average_price", "must be positive")
    tags = _read_tags(table)

    keep = slice(None) if table.good.all() else table.good
    used, places = contracts.used_by(codes[keep])
    labels = [(name, texts, rows[keep]) for name, (texts, rows) in tags.items()]
    core = _core.Book.from_prices(used, places, quantity[keep], price[keep], labels)
    positions = core.positions
    if positions < len(core):
        lots = f"{len(core):,} rows are lots of {positions:,} positions"
        table.notes.append(f"{lots} (same instrument and tags)")
    rejected = table.report()
    if strict:
        rejected.raise_if_any()
    return Book(core, rejected)


def write_book(book: Book, path: str | PathLike[str]) -> None:
    """Writes a book to a .csv, .csv.gz or .parquet file that `read_book` reads back, equal.

    Raises InvalidInput for a flat position with a profit, which netting leaves where lots closed
    each other: no average price can say it, and a file without it would lose it.
    """
    name = fspath(path)
    flat = np.flatnonzero((book.quantity == 0) & (np.abs(book.cost) > 0))
    if len(flat):
        rule = "is flat, and its profit would be lost: write the book before netting, or select"
        raise InvalidInput("book", f"{len(flat)} rows, first {book.instrument[flat[0]]}", rule)
    frame = book.to_frame()
    columns = {title: frame[title] for title in frame}
    for tag in book.tags:
        if tag not in _TAGS:
            columns[_PREFIX + tag] = columns.pop(tag)
    if name.endswith(".parquet"):
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            raise MissingExtra("writing Parquet files", "parquet", "pyarrow") from None
        pq.write_table(pa.table(columns), name)
        return
    if not name.endswith((".csv", ".csv.gz")):
        raise InvalidInput("path", name, "must end in one of .csv, .csv.gz, .parquet")
    with (
        gzip.open(name, "wt", encoding="utf-8", newline="")
        if name.endswith(".gz")
        else open(name, "w", encoding="utf-8", newline="")
    ) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        texts = (_texts(column) for column in columns.values())
        writer.writerows(zip(*texts, strict=True))


def _texts(column: np.ndarray) -> list[str]:
    """As text that reads back as the same value; NaN is the empty cell."""
    if column.dtype.kind != "f":
        return [str(value) for value in column.tolist()]
    return ["" if value != value else repr(value).removesuffix(".0") for value in column.tolist()]


def _read_tags(table: Table) -> dict[str, Text]:
    columns = {name: name for name in _TAGS if name in table}
    for column in table.columns:
        if column.startswith(_PREFIX):
            name = column.removeprefix(_PREFIX).strip()
            if not name or name in columns:
                raise table.invalid(
                    f"column {column!r}", "must name a tag that no other column has"
                )
            columns[name] = column
    return {name: table.text(column) for name, column in columns.items()}


def _lacks_worth(contracts: _core.Contracts, codes: Codes, price: Floats) -> Mask:
    """Inverse futures and perpetuals are worth -1/price: no price of zero or less has a meaning."""
    kinds, kind = contracts.column("kind")
    settlements, settlement = contracts.column("settlement")
    margined = (kind == kinds.index("future")) | (kind == kinds.index("perpetual"))
    inverse = margined & (settlement == settlements.index("inverse"))
    return np.append(inverse, False)[codes] & (price <= 0)  # the last for codes of -1
