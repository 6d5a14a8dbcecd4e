"""Files in, files out: positions and quotes, with a report of every bad row."""

from hedgerow.io.deribit import read_deribit_chain
from hedgerow.io.opra import maker_book, read_chain, read_option_bars
from hedgerow.io.positions import read_book, write_book
from hedgerow.io.quotes import read_quotes
from hedgerow.rejected import BadRow, Rejected

__all__ = [
    "BadRow",
    "Rejected",
    "maker_book",
    "read_book",
    "read_chain",
    "read_deribit_chain",
    "read_option_bars",
    "read_quotes",
    "write_book",
]
