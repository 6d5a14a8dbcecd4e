"""A real day as events: who was on which side, in which order, and what is left out."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from tests.conftest import ROOT

import hedgerow as hr
from hedgerow import live
from hedgerow.io import maker_book
from hedgerow.live import Fill, Listing, MarketUpdate, Settlement, Tick

DATA = ROOT / "examples" / "data"
TRADES, QUOTES = DATA / "spxw_20210104_trades.csv.gz", DATA / "spxw_20210104_quotes.csv.gz"
INDEX = DATA / "spx_20210104_index.csv.gz"

MINUTE = 60_000
OPEN = 570 * MINUTE  # 09:30 in New York
HOUR = 60 * MINUTE
CLOSER = ["20:55", "20:56", "20:57", "20:58"]
CALL, PUT = ("C", 100.0), ("P", 100.0)


Columns = dict[str, list[Any]]


@pytest.fixture(scope="module")
def day() -> live.MakerDay:
    return live.read_day(TRADES, QUOTES, index=INDEX)


@pytest.fixture(scope="module")
def events(day: live.MakerDay) -> list[live.Event]:
    return list(day)


# --- a small day made here -----------------------------------------------------------------------


def bars(rows: list[tuple[Any, ...]], *names: str, expiry: str = "20210108") -> Columns:
    """A frame of bars: (minute after the opening, (right, strike), figures...) a row."""
    columns: Columns = {
        "date": ["20210104"] * len(rows),
        "root": ["SPXW"] * len(rows),
        "ms": [OPEN + MINUTE * row[0] for row in rows],
        "cp": [row[1][0] for row in rows],
        "strike": [row[1][1] for row in rows],
        "expiry": [expiry] * len(rows),
    }
    return columns | {name: [row[2 + j] for row in rows] for j, name in enumerate(names)}


def quoted(minutes: int = 10, **more: Any) -> Columns:
    """Call and put at the money, 1.9 to 2.1 all the time."""
    rows = [(minute, side, 1.9, 2.1) for minute in range(minutes) for side in (CALL, PUT)]
    return bars(rows, "bid", "ask", **more)


def index(closes: list[float], since: int = OPEN) -> Columns:
    """A frame of an index, whose clock is Chicago's."""
    begins = [since - HOUR + MINUTE * minute for minute in range(len(closes))]
    return {"date": ["20210104"] * len(closes), "ms": begins, "close": closes}


def dealt(trades: Columns, **options: Any) -> list[Fill]:
    return [e for e in live.maker_events(trades, quoted(), **options) if isinstance(e, Fill)]


def test_the_maker_has_the_other_side() -> None:
    trades = bars(
        [
            (1, CALL, 2.0, 1.0),  # at the middle, and no change before: nobody's
            (2, CALL, 2.05, 3.0),  # above the middle: bought, so the maker sold
            (3, CALL, 1.95, 4.0),  # below: sold, so the maker bought
            (4, CALL, 2.0, 5.0),  # at the middle, up from 1.95: bought
            (5, PUT, 1.99, 6.0),
        ],
        "close",
        "volume",
    )
    fills = dealt(trades, fee=0.5)
    assert [(f.quantity, f.price, f.fee) for f in fills] == [
        (-3.0, 2.05, 1.5),
        (4.0, 1.95, 2.0),
        (-5.0, 2.0, 2.5),
        (6.0, 1.99, 3.0),
    ]
    day = live.read_day(trades, quoted())
    assert day.signed_by() == {"quotes": 3, "change": 1, "skipped": 1}
    assert day.skipped == (1, 1.0)
    assert "1 of 1 contracts, which neither tells, are skipped" in " ".join(day.notes())
    assert len({f.trade_id for f in fills}) == len(fills)


def test_quotes_of_the_same_minute_do_not_sign() -> None:
    # The middle falls to 1 in the trade's own minute: it was dealt at 1.5 below what stood before.
    quotes = quoted(3)
    quotes["bid"][-2:], quotes["ask"][-2:] = [0.9, 0.9], [1.1, 1.1]
    trades = bars([(2, CALL, 1.5, 1.0)], "close", "volume")
    (fill,) = [e for e in live.maker_events(trades, quotes) if isinstance(e, Fill)]
    assert fill.quantity == 1.0


def test_trades_before_the_first_market_are_dealt_in_it() -> None:
    # Until the third minute only calls are quoted, and nothing implies a forward.
    rows = [(m, CALL, 1.9, 2.1) for m in range(6)] + [(m, PUT, 1.9, 2.1) for m in range(3, 6)]
    trades = bars([(1, CALL, 2.05, 3.0), (4, CALL, 2.05, 1.0)], "close", "volume")
    found = list(live.maker_events(trades, bars(rows, "bid", "ask")))
    kinds = [type(event) for event in found]
    assert kinds == [MarketUpdate, Listing, Listing, Fill, MarketUpdate, Fill]
    assert found[3].time == found[0].time == np.datetime64("2021-01-04T14:33:59.999")


@pytest.mark.parametrize(
    ("options", "price"), [({}, None), ({"index": 1}, 103.0), ({"settlement": 101.5}, 101.5)]
)
def test_what_expires_settles(options: dict[str, Any], price: float | None) -> None:
    at_close = {"expiry": "20210104"}
    quotes = quoted(390, **at_close)
    trades = bars([(388, CALL, 2.05, 3.0)], "close", "volume", **at_close)
    if "index" in options:
        options = {"index": index([100.0] * 390 + [103.0])}
    found = list(live.maker_events(trades, quotes, **options))
    settled = [event for event in found if isinstance(event, Settlement)]
    if price is None:  # nothing tells
        assert settled == []
        return
    (event,) = settled
    assert (event.price, event.expiry) == (price, np.datetime64("2021-01-04T21:00"))
    known = "21:00:59.999" if "index" in options else "21:00"
    assert event.time == np.datetime64(f"2021-01-04T{known}")
    last = max(e.time for e in found if isinstance(e, MarketUpdate))
    assert last == np.datetime64("2021-01-04T20:58:59.999")  # none in the last minute
    session = live.run_session(found)
    assert session.path["pnl"][-1] == pytest.approx(-3 * 100 * (price - 100.0 - 2.05))
    assert np.count_nonzero(session.book.quantity) == 1  # the cash


def test_bad_rows_are_left_out_and_named() -> None:
    quotes, trades = (
        quoted(),
        bars([(2, CALL, 2.05, -3.0), (3, CALL, 2.05, 1.0)], "close", "volume"),
    )
    quotes["bid"][4], quotes["ask"][7] = 2.2, -1.0
    day = live.read_day(trades, quotes)
    bad_trades, bad_quotes = day.rejected
    assert [(row.line, row.column) for row in bad_trades] == [(1, "volume")]
    assert [(row.line, row.column) for row in bad_quotes] == [(5, "bid"), (8, "ask")]
    assert sum(isinstance(event, Fill) for event in day) == 1


def test_what_makes_no_sense_is_refused() -> None:
    trades = bars([(2, CALL, 2.05, 3.0)], "close", "volume")
    with pytest.raises(hr.InvalidInput, match="every = 0: must be at least one minute"):
        live.read_day(trades, quoted(), every=0)
    with pytest.raises(hr.InvalidInput, match="date = 2021-01-05: must be one of 20210104"):
        live.read_day(trades, quoted(), date="2021-01-05")
    two = {name: values * 2 for name, values in trades.items()} | {"date": ["20210104", "20210105"]}
    with pytest.raises(hr.InvalidInput, match="must be one of 20210104, 20210105"):
        live.read_day(two, quoted())
    with pytest.raises(hr.InvalidInput, match="must be on one underlying"):
        live.read_day(trades | {"root": ["XYZ"]}, quoted())
    calls = bars([(m, CALL, 1.9, 2.1) for m in range(5)], "bid", "ask")
    with pytest.raises(hr.InvalidInput, match="must imply a market at some time"):
        list(live.maker_events(trades, calls))


# --- the real day --------------------------------------------------------------------------------


def test_a_day_begins_with_its_market_and_its_instruments(events: list[live.Event]) -> None:
    assert isinstance(events[0], MarketUpdate)
    assert [type(e) for e in events[1:13]] == [Listing] * 12
    assert not any(isinstance(e, Listing) for e in events[13:])
    assert all(a.time <= b.time for a, b in pairwise(events))


def test_within_a_minute_the_market_comes_before_the_fills(events: list[live.Event]) -> None:
    rank = {MarketUpdate: 0, Tick: 0, Listing: 1, Settlement: 2, Fill: 3}
    assert all(rank[type(a)] <= rank[type(b)] for a, b in pairwise(events) if a.time == b.time)
    times = [str(e.time)[11:16] for e in events if isinstance(e, MarketUpdate)]
    assert times[:3] == ["14:30", "14:34", "14:39"]
    at_expiry = times.index("20:54")  # closer before 21:00, and none in its last minute
    assert times[at_expiry : at_expiry + 6] == ["20:54", *CLOSER, "21:04"]


def test_iterating_again_gives_the_same(day: live.MakerDay, events: list[live.Event]) -> None:
    assert list(day) == events
    assert list(live.maker_events(TRADES, QUOTES, index=INDEX)) == events
    assert repr(day) == "MakerDay(SPX 20210104: 1,912 trades)"


def test_the_inventory_at_a_time_is_the_makers_book(events: list[live.Event]) -> None:
    at = np.datetime64("2021-01-04T20:30")
    assert isinstance(events[0], MarketUpdate)
    inventory = live.Inventory(events[0].market)
    for event in events[1:]:
        if event.time < at:
            inventory.apply(event)
    book = maker_book(QUOTES, TRADES, date="2021-01-04", time="15:30")
    expected: dict[str, float] = {}
    cash = 0.0
    for name, quantity, price in zip(
        book.instrument, book.quantity, book.average_price, strict=True
    ):
        expected[name] = expected.get(name, 0.0) + quantity
        cash -= 100.0 * quantity * price
    held = inventory.positions()
    assert dict(zip(held["instrument"], held["quantity"], strict=True)) == expected
    assert held["traded"].sum() == pytest.approx(cash, abs=0.01)


def test_the_settlement_is_the_official_close(events: list[live.Event]) -> None:
    (event,) = [e for e in events if isinstance(e, Settlement)]
    assert (event.price, event.underlying) == (3700.65, "SPX")
