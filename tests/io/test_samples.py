"""The example files, and the real files that they come from."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hedgerow import Option
from hedgerow.io import maker_book, read_book, read_chain, read_deribit_chain, read_option_bars
from hedgerow.io import read_quotes as read

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"


@pytest.mark.parametrize("name", ["spx_20210104", "btc_20260318"])
def test_the_examples_read_without_a_rejected_row(name):
    quotes = read(EXAMPLES / f"{name}_quotes.csv", strict=True)
    book = read_book(EXAMPLES / f"{name}_positions.csv", strict=True)
    assert not quotes.rejected.notes
    expiries = {c.expiry for c in quotes.contracts if isinstance(c, Option)}
    assert {c.expiry for c in book.contracts if isinstance(c, Option)} <= expiries
    assert set(book.tags) == {"strategy", "account", "venue"}


def test_the_examples_are_small():
    assert max(path.stat().st_size for path in EXAMPLES.iterdir() if path.is_file()) < 100_000


def test_the_broken_example_shows_every_fault():
    book = read_book(EXAMPLES / "broken_positions.csv")
    assert book.rejected.lines == tuple(range(3, 14))
    assert {row.column for row in book.rejected} == {"instrument", "quantity", "average_price", ""}
    assert len(book) == 3


def text_of(path):
    """What a file holds, compressed or not."""
    held = path.read_bytes()
    return gzip.decompress(held) if path.suffix == ".gz" else held


def test_the_examples_are_what_their_script_makes(market_data, tmp_path):
    script = tmp_path / "make.py"
    script.write_bytes((EXAMPLES / "make.py").read_bytes())
    spx = ("quotes.parquet", "trades.parquet")
    sources = {
        "spx": [
            *(f"spx_spxw_202101_minute_{name}" for name in spx),
            "spx_index_202101_minute.csv.gz",
        ],
        "day": [
            *(f"spx_spxw_202101_minute_{name}" for name in spx),
            "spx_index_202101_minute.csv.gz",
        ],
        "btc": [
            "deribit_btc_options.parquet",
            "deribit_perpetual_at_snapshots.csv.gz",
            "deribit_term_futures_at_snapshots.csv.gz",
        ],
    }
    for name, files in sources.items():
        paths = [str(market_data / file) for file in files]
        subprocess.run([sys.executable, script, name, *paths], check=True)
    made = sorted([*tmp_path.glob("*.csv"), *tmp_path.glob("*.csv.gz")])
    assert len(made) == 7
    for path in made:
        assert text_of(path) == text_of(EXAMPLES / path.name), path.name


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_a_deribit_chain(market_data, coin):
    quotes = read_deribit_chain(market_data / f"deribit_{coin.lower()}_options.parquet")
    assert len(quotes) > 500
    assert len(quotes.rejected) == 0
    ticks = quotes.bid[~np.isnan(quotes.bid)] / 0.0001
    np.testing.assert_allclose(ticks, np.round(ticks), atol=1e-9)


def test_a_listed_chain(market_data):
    quotes = read_chain(market_data / "spx_20220401_chain.parquet", time="15:59", strict=True)
    assert len(quotes) == 11_086


def test_the_makers_book_holds_what_was_traded(market_data):
    quotes = market_data / "spx_spxw_202101_minute_quotes.parquet"
    trades = market_data / "spx_spxw_202101_minute_trades.parquet"
    book = maker_book(quotes, trades, date="20210104", time="16:15")
    unsigned = 160
    assert np.abs(book.quantity).sum() == 1_923_542 + 40_983 + 7_884 + 15_718 - unsigned


def test_option_bars_of_an_afternoon(market_data):
    quotes = market_data / "spx_spxw_202101_minute_quotes.parquet"
    shown = read_option_bars(quotes, date="20210104", time="15:30", strict=True)
    again = read(EXAMPLES / "spx_20210104_quotes.csv")
    assert shown.contracts == again.contracts[1:]
    np.testing.assert_array_equal(shown.bid, again.bid[1:])
