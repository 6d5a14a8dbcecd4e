"""A recorded day: every sum of it against the inventory, against cash, and against itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.live.test_replay import INDEX, QUOTES, TRADES, bars, quoted

import hedgerow as hr
from hedgerow import live

LIMITS = (
    live.Limit(measure="delta", soft=200_000, hard=250_000, hysteresis=10_000),
    live.Limit(measure="vega", hard=20e6, keys=("underlying", "expiry")),
    live.Limit(measure="margin", hard=50e6),
    live.Limit(measure="margin", keys=("account",), hard=50e6),
)


@pytest.fixture(scope="module")
def day() -> live.MakerDay:
    return live.read_day(TRADES, QUOTES, index=INDEX, fee=0.35)


@pytest.fixture(scope="module")
def session(day: live.MakerDay) -> live.Session:
    return live.run_session(day, rules=hr.margin_rules.tims_index(), limits=LIMITS)


def test_pnl_is_capture_and_inventory_less_fees(session: live.Session) -> None:
    path = session.path
    np.testing.assert_allclose(
        path["capture"] + path["inventory"] - path["fees"], path["pnl"], rtol=0, atol=1e-6
    )
    assert path["fees"][-1] == pytest.approx(0.35 * np.abs(session.fills["quantity"]).sum())
    assert session.fills["capture"].sum() == pytest.approx(path["capture"][-1], abs=1e-6)
    assert path["fills"][-1] == len(session.fills) == session.events["Fill"] == 1912
    assert not path["excluded"].any()


def test_pnl_is_cash_and_what_is_left(session: live.Session) -> None:
    # Counted from the fills alone: what was paid, what the expiry paid, what is held.
    cash = -session.path["fees"][-1]
    for name, quantity, price in zip(
        session.fills["instrument"], session.fills["quantity"], session.fills["price"], strict=True
    ):
        option = hr.parse_osi(name)
        assert isinstance(option, hr.Option)
        cash -= 100.0 * quantity * price
        if option.expiry <= session.market.as_of:
            cash += 100.0 * quantity * max(int(option.right) * (3700.65 - option.strike), 0.0)
    held = hr.value(session.book, session.market)
    value = sum(
        worth
        for name, worth in zip(session.book.instrument, held.value, strict=True)
        if not name.startswith("cash")
    )
    assert session.path["pnl"][-1] == pytest.approx(cash + value, abs=0.01)
    assert session.path["value"][-1] == pytest.approx(session.path["pnl"][-1], abs=0.01)


def test_every_interval_adds_up(session: live.Session) -> None:
    told, path = session.explained, session.path
    assert len(told) == len(path) - 1
    assert (told["since"] == path["time"][:-1]).all()
    assert (told["until"] == path["time"][1:]).all()
    parts = told["held"] + told["settled"] + told["capture"] - told["fees"] + told["dealt"]
    np.testing.assert_allclose(parts, told["pnl"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(np.cumsum(told["pnl"]), path["pnl"][1:], rtol=0, atol=1e-5)
    terms = [
        name for name in told.columns[4:] if name not in ("settled", "capture", "fees", "dealt")
    ]
    np.testing.assert_allclose(sum(told[n] for n in terms), told["held"], rtol=0, atol=1e-6)
    # A fill is compared with the market of its own minute: it gains nothing else before the sample.
    np.testing.assert_allclose(told["dealt"], 0.0, atol=1e-5)
    assert told["settled"].sum() == pytest.approx(session.settlements["pnl"].sum())


def test_nodes_add_up_to_the_whole(session: live.Session) -> None:
    net, path = session.by_expiry, session.path
    for name in ("delta", "gamma", "vega", "theta"):
        found = np.array([net[name][net["time"] == time].sum() for time in path["time"][::40]])
        np.testing.assert_allclose(found, path[name][::40], rtol=1e-9, atol=1e-3)
    spots = session.spots["spot"]
    np.testing.assert_allclose(path["dollar_delta"], spots * path["delta"], rtol=1e-12)
    np.testing.assert_allclose(path["dollar_gamma"], spots**2 * path["gamma"] / 100, rtol=1e-12)
    final = session.by_contract
    assert final["capture"].sum() == pytest.approx(path["capture"][-1], abs=1e-6)
    assert final["pnl"].sum() - path["fees"][-1] == pytest.approx(path["pnl"][-1], abs=0.01)


def test_positions_are_those_of_the_fills(session: live.Session) -> None:
    time = session.path["time"][200]
    rows = session.positions["time"] == time
    names = session.positions["instrument"][rows]
    held = dict(zip(names, session.positions["quantity"][rows], strict=True))
    expected: dict[str, float] = {}
    fills = session.fills
    for at, name, quantity in zip(
        fills["time"], fills["instrument"], fills["quantity"], strict=True
    ):
        if at <= time:
            expected[name] = expected.get(name, 0.0) + quantity
    assert held == {name: quantity for name, quantity in expected.items() if quantity}


def test_margin_is_that_of_the_book(session: live.Session) -> None:
    found = hr.margin(session.book, session.market, hr.margin_rules.tims_index())
    assert session.path["initial"][-1] == found.initial
    assert session.path["maintenance"][-1] == found.maintenance
    needed = session.path["maintenance"] - session.path["value"]
    assert session.capital == needed.max() > 1e8


def test_limits_on_margin_are_looked_at_when_it_is_known(session: live.Session) -> None:
    changes = session.limits
    rows = np.flatnonzero(changes["measure"] == "margin")
    assert {changes["node"][i] for i in rows} == {"all", "maker"}
    initial = dict(zip(session.path["time"], session.path["initial"], strict=True))
    for i in rows:
        assert changes["value"][i] == initial[changes["time"][i]]
    of_maker = session.margins.take(np.flatnonzero(session.margins["node"] == "maker"))
    assert len(of_maker) > 100
    at_end = {name: of_maker[name][-1] for name in ("initial", "maintenance", "scenario_loss")}
    assert at_end == {name: session.path[name][-1] for name in at_end}


def test_limits_change_in_order(session: live.Session) -> None:
    changes = session.limits
    assert (np.diff(changes["time"].astype(np.int64)) >= 0).all()
    delta = changes.take(np.flatnonzero(changes["measure"] == "delta"))
    assert (delta["before"][1:] == delta["after"][:-1]).all()
    hard = delta["value"][delta["after"] == "hard"]
    assert len(hard)
    assert (np.abs(hard) > 250_000).all()
    with pytest.raises(hr.InvalidInput, match="measure = speed: must be one of value"):
        live.Limit(measure="speed", hard=1.0)


def test_coarser_samples_end_at_the_same(day: live.MakerDay, session: live.Session) -> None:
    coarse = live.run_session(day, every=3600.0)
    assert len(coarse.path) == 8
    assert coarse.path["pnl"][-1] == session.path["pnl"][-1]
    assert np.isnan(coarse.path["initial"]).all()
    told = coarse.explained
    parts = told["held"] + told["settled"] + told["capture"] - told["fees"] + told["dealt"]
    np.testing.assert_allclose(parts, told["pnl"], rtol=0, atol=1e-6)
    assert np.abs(told["dealt"]).max() > 1.0


def test_the_journal_has_the_day(day: live.MakerDay, session: live.Session, tmp_path: Path) -> None:
    path = tmp_path / "day.journal"
    recorded = live.run_session(day, journal=path)
    assert (recorded.path["pnl"] == session.path["pnl"]).all()
    with live.Journal(path, read_only=True) as journal:
        assert [event for _, event in journal.events()] == list(day)
    again = live.run_session(event for event in day)
    assert again.path == recorded.path
    with pytest.raises(hr.InvalidInput, match="must be new"):
        live.run_session(day, journal=path)


def test_events_begin_with_a_market() -> None:
    with pytest.raises(hr.InvalidInput, match="must begin with a MarketUpdate"):
        live.run_session([])


def test_a_day_on_which_nothing_is_dealt() -> None:
    trades = bars([(0, ("C", 100.0), 2.0, 1.0)], "close", "volume")
    session = live.run_session(live.maker_events(trades, quoted()), rules=hr.margin_rules.tims())
    assert len(session.fills) == 0
    assert (session.path["pnl"] == 0).all()
    assert repr(session).endswith("0 fills, P&L 0 USD>")
