"""Files in, files out: positions and quotes, with a report of every bad row."""

from hedgerow.io.positions import read_book, write_book
from hedgerow.io.rejected import BadRow, Rejected

__all__ = ["BadRow", "Rejected", "read_book", "write_book"]
