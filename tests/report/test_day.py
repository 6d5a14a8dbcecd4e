"""The report of a recorded day: as text, as a page, and from the command line."""

from __future__ import annotations

import dataclasses
from math import inf
from pathlib import Path

import numpy as np
import pytest
from tests.live.test_replay import bars, index, quoted
from tests.report.test_html import Outline

import hedgerow as hr
from hedgerow import live
from hedgerow.cli import main
from hedgerow.report import day as report

DATA = Path(__file__).parents[2] / "examples" / "data"
FILES = [
    *(str(DATA / "spxw_20210104_trades.csv.gz"), "--quotes"),
    *(str(DATA / "spxw_20210104_quotes.csv.gz"), "--index"),
    str(DATA / "spx_20210104_index.csv.gz"),
]
CALL, PUT = ("C", 100.0), ("P", 100.0)


@pytest.fixture(scope="module")
def session() -> live.Session:
    """An afternoon that ends with an expiry, with a limit that breaks."""
    trades = bars(
        [(minute, (CALL, PUT)[minute % 2], 2.05, 10.0) for minute in range(300, 389, 7)],
        *("close", "volume"),
        expiry="20210104",
    )
    spots = index([100.0 + 0.01 * minute for minute in range(392)])
    day = live.read_day(trades, quoted(390, expiry="20210104"), index=spots, fee=1.0)
    limits = [live.Limit(measure="vega", hard=(-1.0, inf)), live.Limit(measure="pnl", hard=1e9)]
    return live.run_session(day, rules=hr.margin_rules.tims_index(), limits=limits)


def test_the_text_has_every_section_in_80_columns(session: live.Session) -> None:
    text = report.to_text(session, notes=["as one likes"])
    assert max(map(len, text.splitlines())) == 80
    for title in ("EARN", "HOLD", "EXPOSED", "WHY", "TIE UP", "LIMITS", "FILLS", "REPLAYED"):
        assert title in text
    assert "SPX 2021-01-04 21:00 settled at 103.9" in text
    assert "as one likes" in text
    assert "2 limits: a hard bound broke 1 time" in text
    assert f"{session.capital / 1e3:,.2f} k USD of capital" in text


def test_the_tables_add_up(session: live.Session) -> None:
    result, *_ = report.sections(session, [], 12)
    through, by_expiry = result.tables

    def column(table, title):
        (found,) = [c for c in table.columns if c.title == title]
        return np.array([float(cell.replace(",", "")) for cell in found.cells]), found.unit

    gained, unit = column(through, "P&L")
    scale = {"USD": 1.0, "USD k": 1e3}[unit]
    assert scale * gained.sum() == pytest.approx(session.path["pnl"][-1], abs=scale * len(gained))
    before_fees, unit = column(by_expiry, "P&L")
    scale = {"USD": 1.0, "USD k": 1e3}[unit]
    whole = session.path["pnl"][-1] + session.path["fees"][-1]
    assert scale * before_fees[-1] == pytest.approx(whole, abs=scale)
    assert sum(map(int, through.columns[2].cells)) == len(session.fills)


def test_the_page_stands_alone(session: live.Session) -> None:
    page = report.to_html(session, notes=["<as> one likes"])
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    assert not {"script", "link", "img", "iframe"} & set(outline.tags)
    assert "http" not in page
    assert "&lt;as&gt; one likes" in page
    for title in (
        *("P&amp;L over the day", "Positions over the day", "From spread capture to P&amp;L"),
        *("Margin over the day", "vega of everything against its limit", "gamma over the day"),
    ):
        assert f"<b>{title}</b>" in page
    assert "pnl of everything against its limit" not in page  # it never came near


def test_a_day_without_fills_rules_or_limits() -> None:
    trades = bars([(0, CALL, 2.0, 1.0)], "close", "volume")
    session = live.run_session(live.maker_events(trades, quoted()))
    text = report.to_text(session)
    assert "No margin rules were given." in text
    assert "No limits were set." in text
    assert "P&L 0 USD" in text
    assert "P&amp;L over the day" in report.to_html(session)


def test_what_cannot_be_valued_is_said() -> None:
    trades = bars([(3, CALL, 2.05, 1.0)], "close", "volume")
    later = bars([(3, CALL, 2.05, 1.0)], "close", "volume", expiry="20210115")
    both = {name: values + later[name] for name, values in trades.items()}
    session = live.run_session(live.maker_events(both, quoted(9)))
    # The second expiry has no quotes at all: nothing signs its trade, so deal it by hand.
    assert "could not be valued" not in report.to_text(session)
    events = list(live.maker_events(both, quoted(9)))
    fill = next(event for event in events if isinstance(event, live.Fill))
    other = next(
        event.instrument
        for event in events
        if isinstance(event, live.Listing)
        and event.instrument != fill.instrument
        and "210115" in event.instrument
    )
    place = events.index(fill)
    events.insert(place, dataclasses.replace(fill, instrument=other, trade_id="by hand"))
    session = live.run_session(events)
    told = "Up to 1 position could not be valued, first at 14:33 UTC"
    assert told in report.to_text(session)
    assert told in report.to_html(session)


def test_an_inventory_over_days() -> None:
    market = hr.read_quotes(DATA / "btc_20260318_quotes.csv").snapshot()
    option = hr.parse_deribit("BTC-27MAR26-75000-C")
    listing = live.Listing(time=market.as_of, instrument="C", contract=option, lot=0.1)
    begin = market.as_of
    events: list[live.Event] = [live.MarketUpdate(time=begin, market=market), listing]
    for hour in range(1, 60, 2):
        time = begin + np.timedelta64(hour, "h")
        fill = live.Fill(
            time=time,
            venue="Deribit",
            trade_id=str(hour),
            account="maker",
            instrument="C",
            quantity=0.5,
            price=0.02,
            fee=0.0001,
        )
        events += [live.Tick(time=time, underlying="BTC", spot=71_000.0 + 50.0 * hour), fill]
    session = live.run_session(events, rules=hr.margin_rules.deribit())
    text = report.to_text(session)
    assert "2026-03-18 16:13 to 2026-03-21 03:13" in text
    assert "2026-03-20" in text
    page = report.to_html(session)
    assert "BTC over the day" in page


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal, page = tmp_path / "day.journal", tmp_path / "day.html"
    options = ["--margin", "reg_t_index", "--limit", "vega@underlying,expiry=1e7:2e7"]
    options += ["--limit", "margin=1e8", "--limit", "margin@account=1e9"]
    outputs = ["--journal", str(journal), "--html", str(page), "--every", "30", "--strict"]
    assert main(["replay", *FILES, *options, *outputs]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert max(map(len, out.splitlines())) == 80
    assert "6 of 159 contracts, which neither tells, are skipped" in " ".join(out.split())
    assert "Margin by Reg T broad index" in page.read_text(encoding="utf-8")
    assert "margin of everything against its limit" in page.read_text(encoding="utf-8")
    with live.Journal(journal, read_only=True) as kept:
        assert sum(isinstance(event, live.Fill) for _, event in kept.events()) == 1912
    assert main(["replay", *FILES, "--journal", str(journal)]) == 3
    assert "must be new" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--date", "2020-01-01"], "--date 2020-01-01: must be one of 20210104"),
        (["--limit", "speed=3"], "--limit speed: must be one of value"),
        (["--limit", "margin=3"], "--limit margin: must have margin rules"),
        (["--margin", "reg_t", "--limit", "scenario_loss=3"], "scenario_loss: is not a part of"),
        (["--limit", "delta@nonsense=3"], "--limit nonsense: must be"),
        (["--settle", "-1"], "--settle -1.0: must be positive"),
        (["--fee", "nan"], "--fee nan: must be finite"),
        (["--limit", "delta"], "must read like delta=1000"),
        (["--limit", "delta=5:3"], "must read like delta=1000"),
        (["--every", "0"], "must be a whole number from 1"),
        (["--margin", "nonsense"], "--margin nonsense: must be one of deribit,"),
    ],
)
def test_wrong_usage_exits_with_2(options, told, capsys) -> None:
    try:
        code = main(["replay", *FILES, *options])
    except SystemExit as left:
        code = left.code
    assert code == 2
    assert told in capsys.readouterr().err


def test_bad_rows_are_named_and_strict_refuses_them(tmp_path, capsys) -> None:
    trades = tmp_path / "trades.csv"
    trades.write_text(
        "date,root,ms,cp,strike,expiry,close,volume\n"
        "20210104,SPXW,34380000,C,3700,20210104,61,4\n"
        "20210104,SPXW,34380000,C,many,20210104,61,4\n"
    )
    assert main(["replay", str(trades), *FILES[1:]]) == 0
    assert "line 3, strike = 'many'" in " ".join(capsys.readouterr().out.split())
    assert main(["replay", str(trades), *FILES[1:], "--strict"]) == 3
    assert "line 3, strike = 'many'" in capsys.readouterr().err


def test_absent_files_are_named(capsys) -> None:
    assert main(["replay", "absent.csv", *FILES[1:]]) == 3
    assert "absent.csv: No such file" in capsys.readouterr().err
