"""Quotes as columns: what they hold, refuse, select, show and pickle."""

import pickle

import numpy as np
import pytest

from hedgerow import BadRow, Future, Option, Perpetual, Quotes, Rejected, Spot
from hedgerow.errors import InvalidInput

AS_OF = "2022-04-01T20:00:00Z"
EXPIRY = "2022-05-20T13:30:00Z"


def spx(strike, right="call", expiry=EXPIRY):
    return Option("SPX", expiry, strike, right, multiplier=100)


def few(**columns):
    contracts = [spx(4500), spx(4500, "put"), Spot("SPX", "USD"), Perpetual("BTC")]
    return Quotes(AS_OF, contracts, [10, 9, 4545, 40000], [11, np.nan, 4546, 40010], **columns)


def test_columns_are_what_was_given_and_read_only():
    quotes = few(mark=[10.4, 9.6, np.nan, np.nan], forward=[4550, 4550, np.nan, np.nan])
    assert len(quotes) == 4
    assert quotes.as_of == np.datetime64("2022-04-01T20:00:00", "ns")
    assert quotes.contracts[0] == spx(4500)
    np.testing.assert_array_equal(quotes.bid, [10, 9, 4545, 40000])
    np.testing.assert_array_equal(quotes.mid, [10.5, np.nan, 4545.5, 40005])
    np.testing.assert_array_equal(quotes.mark, [10.4, 9.6, np.nan, np.nan])
    np.testing.assert_array_equal(quotes.index, np.full(4, np.nan))
    assert quotes.rejected is None
    for column in (quotes.bid, quotes.ask, quotes.mark, quotes.forward, quotes.index):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1.0


def test_later_changes_of_the_source_do_not_reach_the_quotes():
    bid = np.array([1.0])
    quotes = Quotes(AS_OF, [spx(4500)], bid, [2.0])
    bid[0] = 7.0
    assert quotes.bid[0] == 1.0


@pytest.mark.parametrize(
    ("columns", "argument"),
    [
        ({"bid": [1.0]}, "bid"),
        ({"ask": [[1.0, 2.0]]}, "ask"),
        ({"mark": [1.0, 2.0, 3.0]}, "mark"),
        ({"bid": [1.0, -2.0]}, "bid[1]"),
        ({"ask": [np.inf, 2.0]}, "ask[0]"),
        ({"index": [1.0, -np.inf]}, "index[1]"),
        ({"contracts": [spx(4500), spx(4500)]}, "contracts[1]"),
        ({"as_of": "April"}, None),
    ],
)
def test_what_breaks_a_rule_is_named(columns, argument):
    given = {"as_of": AS_OF, "contracts": [spx(4500), spx(4600)], "bid": [1, 2], "ask": [2, 3]}
    with pytest.raises(InvalidInput) as error:
        Quotes(**{**given, **columns})
    assert argument is None or error.value.argument == argument


def test_zero_bids_and_crossed_quotes_are_facts():
    quotes = Quotes(AS_OF, [spx(4500), spx(4600)], [0.0, 3.0], [0.05, 2.0])
    np.testing.assert_array_equal(quotes.bid, [0.0, 3.0])


def test_select_by_mask_rows_and_underlying():
    quotes = few(index=[4545.0, 4545.0, np.nan, 40000.0])
    assert quotes.underlyings == ("BTC", "SPX")
    assert quotes.on("SPX").contracts == quotes.contracts[:3]
    assert quotes.on("BTC").index.tolist() == [40000.0]
    assert quotes.select(quotes.ask > 1000).contracts == quotes.contracts[2:]
    assert quotes.select([3, 0]).contracts == (quotes.contracts[3], quotes.contracts[0])
    assert len(quotes.select([])) == 0
    assert len(quotes.on("SPX", "BTC")) == 4
    with pytest.raises(InvalidInput, match="ETH"):
        quotes.on("ETH")


def test_pickle_keeps_everything():
    quotes = few(mark=[1, 2, 3, 4], rejected=["line 7"])
    again = pickle.loads(pickle.dumps(quotes))
    assert again.as_of == quotes.as_of
    assert again.contracts == quotes.contracts
    assert again.rejected == ["line 7"]
    for name in ("bid", "ask", "mark", "forward", "index"):
        np.testing.assert_array_equal(getattr(again, name), getattr(quotes, name))
        assert not getattr(again, name).flags.writeable


def test_repr_tells_underlyings_and_expiries_in_80_columns():
    days = np.datetime64("2022-05-01T20:00", "m") + np.arange(40) * np.timedelta64(7, "D")
    contracts = [spx(4500, expiry=day) for day in days] + [Future("BTC", days[0]), Perpetual("BTC")]
    faults = [(2, "bid"), (2, "ask"), (3, "bid")]  # three faults in two rows
    rejected = Rejected.of(BadRow(line, column, "x", "bad") for line, column in faults)
    text = repr(Quotes(AS_OF, contracts, np.ones(42), np.ones(42), rejected=rejected))
    assert "42 quotes, 2 rows rejected" in text
    assert "SPX: 40 expiries" in text
    assert "BTC: 1 expiry, 1 without" in text
    assert "2022-05-01T20:00Z" in text
    assert max(map(len, text.splitlines())) <= 80


def test_no_quotes_are_quotes():
    quotes = Quotes(AS_OF, [], [], [])
    assert len(quotes) == 0
    assert quotes.underlyings == ()
    assert "0 quotes" in repr(quotes)
    assert quotes.snapshot().markets == ()


def test_the_report_shows_itself_in_80_columns():
    report = few().market()[1]
    assert repr(report) == str(report)
    assert repr(report).startswith("Market as of 2022-04-01T20:00Z\nBTC: spot 40005 USD")
    assert max(map(len, repr(report).splitlines())) <= 80
