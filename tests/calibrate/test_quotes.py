"""Quotes as columns: what they hold, refuse, select, show and pickle."""

import pickle
from datetime import timedelta

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


# ---- the same contracts anew, and how old quotes are ----

HEARD = np.array(["2022-04-01T19:59:58", "2022-04-01T19:40", "NaT", "NaT"], dtype="datetime64[ns]")


def test_the_same_contracts_can_be_quoted_anew():
    quotes = few(mark=[10.4, 9.6, 4545, 40005], index=[4545, 4545, 4545, 40000])
    later = quotes.at("2022-04-01T20:00:10Z", [11, 8, 4550, 40100], [12, 9, 4551, 40110])
    alone = Quotes("2022-04-01T20:00:10Z", quotes.contracts, later.bid, later.ask)
    assert later.contracts == quotes.contracts
    assert later.as_of > quotes.as_of
    assert np.isnan(later.mark).all()  # of the quotes before nothing is left
    assert later.rejected is None
    assert repr(later.market()) == repr(alone.market())
    assert later.select([3, 0]).contracts == (quotes.contracts[3], quotes.contracts[0])
    with pytest.raises(InvalidInput, match="a number per contract"):
        quotes.at(AS_OF, [1.0], [2.0])


def test_old_quotes_are_stale_where_asked():
    second = np.timedelta64(1, "s")
    quotes = few(quoted_at=HEARD)
    assert quotes.older_than(60 * second).tolist() == [False, True, False, False]
    assert quotes.older_than(1 * second).tolist() == [True, True, False, False]
    assert not quotes.older_than(None).any()
    with pytest.raises(ValueError, match="read-only"):
        quotes.quoted_at[0] = HEARD[0]
    assert np.isnat(few().quoted_at).all()
    with pytest.raises(InvalidInput, match=r"max_age = .* must be positive"):
        quotes.market(max_age=0 * second)
    with pytest.raises(InvalidInput, match="has no unit"):  # NumPy would take it for nanoseconds
        quotes.market(max_age=60)
    with pytest.raises(InvalidInput, match="needs quotes that tell their time"):
        few().market(max_age=second)
    with pytest.raises(InvalidInput, match="an instant per contract"):
        few(quoted_at=HEARD[:2])


def test_a_stale_quote_is_named_and_nothing_else_is_lost():
    forward = Future("SPX", EXPIRY)
    contracts = [spx(4400, "put"), spx(4500, "put"), spx(4700), forward]
    heard = np.array(["2022-04-01T19:59:59", "2022-04-01T17:00"] + 2 * ["2022-04-01T20:00"])
    quotes = Quotes(AS_OF, contracts, [60, 90, 45, 4550], [61, 91, 46, 4551], quoted_at=heard)
    _, all_of_them = quotes.market()
    assert all_of_them["SPX"].expiries[0].skipped == ()
    snapshot, report = quotes.market(max_age=timedelta(minutes=5))
    expiry = report["SPX"].expiries[0]
    assert expiry.skipped == ((4500.0, "stale"),)
    assert expiry.smile.strikes.tolist() == [4400.0, 4700.0]
    assert "stale" in str(report)
    assert len(snapshot.market("SPX").smiles) == 1


def test_pickles_keep_when_rows_were_heard_of_and_old_ones_load():
    quotes = few(quoted_at=HEARD)
    again = pickle.loads(pickle.dumps(quotes))
    np.testing.assert_array_equal(again.quoted_at, HEARD)
    restore, (version, *state) = quotes.__reduce__()
    assert version == 2
    columns = {name: values for name, values in state[2].items() if name != "quoted_at"}
    old = restore(1, state[0], state[1], columns, None)
    assert old.contracts == quotes.contracts
    assert np.isnat(old.quoted_at).all()
    with pytest.raises(InvalidInput, match="newer than this version"):
        restore(3, *state)
