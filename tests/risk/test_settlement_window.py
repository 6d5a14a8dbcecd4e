"""Scenarios, margin and explanations while a settlement price is being averaged."""

from __future__ import annotations

import numpy as np
import pytest
from tests.risk import margin_oracle, oracle
from tests.risk.margins import grid_rules

import hedgerow as hr

EXPIRY = np.datetime64("2026-03-27T08:00", "ns")
START = EXPIRY - np.timedelta64(30, "m")
NEXT = EXPIRY + np.timedelta64(7, "D")
SPOT, AVERAGE = 60_000.0, 60_300.0
SMILE = np.array([0.8, 0.7, 0.9])
CONTRACTS: list[hr.Contract] = [
    *(
        hr.Option("BTC", expiry, strike, right, settlement=settlement, multiplier=0.5)
        for expiry in (EXPIRY, NEXT)
        for strike, right in ((60_200.0, "call"), (60_200.0, "put"), (15_000.0, "call"))
        for settlement in ("linear", "inverse")
    ),
    *(
        hr.Future("BTC", expiry, settlement=s)
        for expiry in (EXPIRY, NEXT)
        for s in ("linear", "inverse")
    ),
    hr.Perpetual("BTC"),
    hr.Cash("BTC"),
]
HELD = [
    3.0,
    -2.0,
    4.0,
    1.0,
    -1.0,
    -5.0,
    2.0,
    2.0,
    -3.0,
    1.0,
    4.0,
    2.0,
    2.0,
    9e4,
    -1.0,
    6e4,
    1.0,
    0.5,
]


def snapshot(
    minutes: float = 12.0, spot: float = SPOT, vol: float = 0.0, reporting: str = "USD"
) -> hr.Snapshot:
    """So far into the window, which the average then has gone through at SPOT."""
    as_of = START + np.timedelta64(round(minutes * 60e9), "ns")
    average = (12 * AVERAGE + (minutes - 12) * SPOT) / minutes
    years = [float((e - as_of) / np.timedelta64(1, "ns")) / 31_536e12 for e in (EXPIRY, NEXT)]
    market = hr.UnderlyingMarket(
        underlying="BTC",
        quote_currency="USD",
        forwards=hr.ForwardCurve(
            as_of=as_of,
            spot=spot,
            pillars=[EXPIRY, NEXT],
            forwards=[spot * np.exp(0.05 * t) for t in years],
        ),
        smiles=[
            hr.Smile(
                expiry=e, strikes=[50e3, 60e3, 70e3], volatilities=np.array([0.8, 0.7, 0.9]) + vol
            )
            for e in (EXPIRY, NEXT)
        ],
        perpetual=spot * 1.0002,
        settlement_windows=[hr.SettlementWindow(start=START, expiry=EXPIRY, average=average)],
    )
    rates = hr.ExchangeRates("BTC", {"USD": 1 / spot}) if reporting == "BTC" else hr.ExchangeRates()
    return hr.Snapshot(as_of=as_of, markets=[market], rates=rates)


def book() -> hr.Book:
    prices = [0.01 if isinstance(c, hr.Option) else SPOT for c in CONTRACTS]
    return hr.Book.from_columns(CONTRACTS, HELD, prices)


@pytest.mark.parametrize("dynamics", hr.SmileDynamics)
@pytest.mark.parametrize("reporting", ["USD", "BTC"])
def test_scenarios_are_moved_snapshots(dynamics: hr.SmileDynamics, reporting: str) -> None:
    scenarios = hr.Scenarios(
        spot_factor=[0.5, 0.9, 0.99, 1.0, 1.0, 1.02, 1.5, 3.0],
        volatility_shift=[0.0, -0.9, 0.3, 0.0, 0.4, -0.1, 0.2, 0.1],
    )
    market = snapshot(reporting=reporting)
    found = hr.revalue(book(), market, scenarios, dynamics=dynamics)
    expected, valued = oracle.revalued(book(), market, scenarios, dynamics=dynamics)
    assert valued.all()
    size = float(np.sum(np.abs(hr.value(book(), market).value)))
    assert found.pnl == pytest.approx(expected[0], rel=1e-10, abs=1e-12 * size)


def test_margin_scans_are_moved_snapshots() -> None:
    market, rules = snapshot(), grid_rules()
    expected = margin_oracle.unit_pnl(book(), market, rules, "BTC")
    found = hr.margin(book(), market, rules)
    size = float(np.sum(np.abs(hr.value(book(), market).value)))
    assert found.not_margined == 0
    assert found.pnl[0] == pytest.approx(expected, rel=1e-9, abs=1e-11 * size)


def test_margin_scans_in_coin_are_scenarios() -> None:
    market = snapshot(reporting="BTC")
    rules = grid_rules(up=0.0)
    scenarios = hr.Scenarios(spot_factor=rules.spot_factor, volatility_shift=np.zeros(len(rules)))
    expected = hr.revalue(book(), market, scenarios).pnl
    found = hr.margin(book(), market, rules)
    assert found.pnl[0] == pytest.approx(expected, abs=1e-12 * float(np.abs(expected).max()))


def test_an_account_follows_ticks_and_fills() -> None:
    rules, market = grid_rules(), snapshot()
    account = hr.MarginAccount(book(), market, rules)
    account.move("BTC", 61_000.0)
    moved = market.shocked(spot_factor=61 / 60, dynamics=hr.SmileDynamics.STICKY_STRIKE)
    assert account.initial == pytest.approx(hr.margin(book(), moved, rules).initial, rel=1e-10)


def test_explanations_hold_where_moves_are_small() -> None:
    before = snapshot()
    terms = ("delta", "gamma", "vega", "theta", "vanna", "volga", "charm", "veta", "rho", "phi")
    left = []
    for step in (1.0, 0.5):
        after = snapshot(12 + step**2, SPOT + 20 * step, 0.01 * step)
        explained = hr.explain(book(), before, after, terms=terms)
        values = [hr.value(book(), market).total()["value"] for market in (before, after)]
        size = float(np.sum(np.abs(hr.value(book(), before).value)))
        total, unexplained = float(explained.total.sum()), float(explained.unexplained.sum())
        assert total == pytest.approx(values[1] - values[0], abs=1e-12 * size)
        left.append(abs(unexplained))
        assert left[-1] < 0.02 * abs(total)
    assert left[1] < left[0] / 3
