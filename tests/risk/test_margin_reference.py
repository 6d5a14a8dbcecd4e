"""Margins that others published, or that were computed by other means."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.conftest import ROOT
from tests.risk.margins import AS_OF, PRESETS, after, book_of, flat_market, option

import hedgerow as hr


@pytest.mark.parametrize(
    ("volatility", "positions", "scan"),
    [
        # 30-digit arithmetic on Paradex's table, spot 100,000, no rates, 300 % counted 16/300.
        (0.60, [(option(7, 110_000, "call"), -1)], 15662.588374558),
        (
            0.55,
            [(option(30, 100_000, "call"), -1), (option(30, 100_000, "put"), -1)],
            15597.823028354,
        ),
    ],
)
def test_paradex(
    volatility: float, positions: list[tuple[hr.Contract, float]], scan: float
) -> None:
    found = hr.margin(book_of(*positions), flat_market(volatility=volatility), PRESETS["paradex"])
    assert found.units["scan"][0] == pytest.approx(scan, abs=2e-9)
    assert found.units["scenario"][0] == 23  # the 24th: +500 %
    assert found.initial == found.units["scan"][0]
    assert found.maintenance == pytest.approx(0.5 * found.initial, rel=1e-15)


def test_paradex_minimum_of_delta() -> None:
    # The example of its page: net delta -0.5, gross 2.5, hedged 1.0 at 70,000: 2 % and 1 %.
    market, contract = flat_market(spot=70_000.0), hr.Perpetual("BTC")
    call = option(30, 70_000, "call")
    delta = float(hr.value(book_of((call, 1)), market).delta[0])
    quantity = -5 * 0.3 / delta
    still = hr.MarginRules(
        name="minimum alone",
        spot_factor=[1.0],
        volatility_move=[0.0],
        weight=[1.0],
        volatility=hr.VolatilityRule(),
        add_ons=PRESETS["paradex"].add_ons,
    )
    found = hr.margin(book_of((contract, 1), (call, quantity)), market, still)
    assert found.initial == pytest.approx((0.02 * 0.5 + 0.01 * 1.0) * 70_000, rel=1e-12)


# McMillan, Options as a Strategic Investment, ch. 34: S&P futures and the December 410 call, USD.
FUTURE = [0, 0, 3330, 3330, -3330, -3330, 6670, 6670, -6670, -6670, 10000, 10000, -10000, -10000,
          7000, -7000]  # fmt: skip
CALL = [460, -610, 2640, 1730, -1270, -2340, 5210, 4540, -2540, -3430, 8060, 7640, -3380, -3990,
        3130, -1500]  # fmt: skip


@pytest.mark.parametrize(
    ("quantities", "loss", "scenario"),
    [([1, 0], 10_000, 12), ([0, 1], 3_990, 13), ([0, -1], 8_060, 10), ([1, -1], 6_620, 12)],
)
def test_span_of_published_risk_arrays(quantities: list[float], loss: float, scenario: int) -> None:
    assert hr.scan_risk([FUTURE, CALL], quantities) == (loss, scenario)
    total = np.array(quantities) @ np.array([FUTURE, CALL])
    assert -total.min() == loss


def test_span_scans_a_future_as_its_risk_array_says() -> None:
    # 20 points of 410 are the range: a third of it 6.67 points, the extremes 35 % of twice it.
    market = flat_market(spot=410.0)
    rules = hr.margin_rules.span(price_range=20 / 410, volatility_range=0.05)
    found = hr.margin(book_of((hr.Perpetual("BTC", multiplier=500), 1)), market, rules)
    array = found.pnl[0] * rules.weight
    np.testing.assert_allclose(array, np.round(FUTURE, -1), atol=4)
    assert found.units["scan"][0] == pytest.approx(10_000, rel=1e-12)


def test_span_looks_a_day_ahead() -> None:
    rules = hr.margin_rules.span(price_range=0.1, volatility_range=0.1)
    market, call = flat_market(), option(30, 100_000, "call")
    found = hr.MarginAccount(book_of((call, 1)), market, rules).unit_pnl(0)
    now = hr.value(book_of((call, 1)), market).value[0]
    then = [
        hr.black.price(1, 100_000.0 * f, 100_000.0, 29 / 365, 0.6 + 0.1 * m, 1.0) - now
        for f, m in zip(rules.spot_factor, rules.volatility_move, strict=True)
    ]
    np.testing.assert_allclose(found, then, atol=1e-9)
    assert found[0] > 0 > found[1]


def test_deribit_coin_settled() -> None:
    # docs.deribit.com, private/pme/simulate, aggregated_risk_vectors.btc_btc.standard: one number
    # per price, thrice, as futures do not see volatilities.
    published = [-0.05968587238095239, -0.04272965863636364, -0.02724789826086957,
                 -0.013056284583333334, 0.0]  # fmt: skip
    rates = hr.ExchangeRates(reporting="BTC", rates={"USD": 1e-5})
    market = flat_market(rates=rates)
    contracts = -published[0] / (1 / 0.84 - 1) * 100_000
    found = hr.margin(
        book_of((hr.Perpetual("BTC", settlement="inverse"), contracts)),
        market,
        PRESETS["deribit"],
    )
    assert found.currency == "BTC"
    np.testing.assert_allclose(found.pnl[0][:15], np.repeat(published, 3), rtol=1e-9, atol=1e-16)


def test_deribit_term_structure_of_the_older_documentation() -> None:
    rule = PRESETS["deribit_older"].volatility
    assert rule.moved(1.0, 30, 1) == pytest.approx(1.38)
    assert rule.moved(1.0, 15, 1) - 1 == pytest.approx(0.467835, abs=5e-7)
    older = hr.VolatilityRule(shift=hr.VolatilityShift.ABSOLUTE, up=0.4, short_power=0.5)
    assert older.moved(0.8, 15, 1) - 0.8 == pytest.approx(0.565685, abs=5e-7)  # "56.6 %"


def test_deribit_contingencies_of_the_older_documentation() -> None:
    # Call +10 and put -20 at a strike: 10 options net short, 0.01 BTC each. Futures +100, -100
    # BTC: 1 % of 100 BTC.
    market, rules = flat_market(), PRESETS["deribit_older"]
    legs = (option(30, 100_000, "call"), 10), (option(30, 100_000, "put"), -20)
    found = hr.margin(book_of(*legs), market, rules)
    assert found.units["short_option_charge"][0] == pytest.approx(1.3 * 0.1 * 100_000)
    futures = (hr.Future("BTC", after(30)), 100), (hr.Future("BTC", after(90)), -100)
    found = hr.margin(book_of(*futures), market, rules)
    assert found.units["scan"][0] == pytest.approx(0, abs=1e-6)
    assert found.maintenance == pytest.approx(0.01 * 100 * 100_000)


def test_dederi_future() -> None:
    # wiki.dederi.io: 10 futures, index 2243.3, basis 8 %, 20 days: contingency 134.6, P&L 3380.
    forward = 2243.3 * math.exp(0.08 * 20 / 365)
    market = hr.Snapshot(
        as_of=AS_OF,
        markets=[
            hr.UnderlyingMarket(
                underlying="ETH",
                quote_currency="USD",
                forwards=hr.ForwardCurve(
                    as_of=AS_OF, spot=2243.3, pillars=[after(20)], forwards=[forward]
                ),
            )
        ],
    )
    shocks = np.arange(-5, 6) * 0.03
    rules = hr.MarginRules(
        name="Dederi",
        spot_factor=1 + shocks,
        volatility_move=np.zeros(11),
        weight=np.ones(11),
        volatility=hr.VolatilityRule(),
        add_ons=[hr.GrossFuturesCharge(initial=0.006, maintenance=0.006)],
    )
    found = hr.margin(book_of((hr.Future("ETH", after(20)), 10)), market, rules)
    assert forward == pytest.approx(2253.1552, abs=5e-5)
    published = [-3380, -2704, -2028, -1352, -676, 0, 676, 1352, 2028, 2704, 3380]
    np.testing.assert_allclose(found.pnl[0], published, atol=0.5)
    # The page takes units at the index, we take deltas of the forward: 0.4 % apart.
    basis = forward / 2243.3
    assert found.units["gross_futures_charge"][0] / basis == pytest.approx(134.598, abs=5e-4)


def test_tims_grids() -> None:
    equity, index = PRESETS["tims"], PRESETS["tims_index"]
    moves = [-15, -12, -9, -6, -3, 3, 6, 9, 12, 15]
    np.testing.assert_allclose(equity.spot_factor, 1 + np.array(moves) / 100)
    np.testing.assert_allclose(index.spot_factor[[0, 4, 5, 9]], [0.92, 0.984, 1.012, 1.06])
    found = hr.margin(book_of((option(7, 200_000, "call", multiplier=100), -2)),
                      flat_market(), equity)  # fmt: skip
    assert found.initial == pytest.approx(0.375 * 100 * 2)


def test_derive_has_31_scenarios() -> None:
    rules = PRESETS["derive"]
    assert len(rules) == 31
    assert sorted(set(np.round(rules.spot_factor[:23], 3))) == [
        0.82, 0.865, 0.91, 0.955, 1.0, 1.045, 1.09, 1.135, 1.18]  # fmt: skip
    assert rules.volatility.moved(0.3, 30, 1) == pytest.approx(0.45)
    assert rules.volatility.moved(0.3, 30, -1) == pytest.approx(0.3 * (1 - 0.275))


@pytest.mark.parametrize("name", PRESETS)
def test_presets_say_where_they_come_from(name: str) -> None:
    rules = PRESETS[name]
    assert rules.name
    assert rules.date
    assert rules.source
    assert rules.omitted
    assert rules.name in repr(rules)


def test_the_page_says_what_the_presets_say() -> None:
    page = " ".join((ROOT / "docs" / "margin.md").read_text().split())
    for rules in (*PRESETS.values(), hr.margin_rules.reg_t(), hr.margin_rules.reg_t_index()):
        assert f"### {rules.name}:" in page
        assert f"Date of the source: {rules.date}." in page
        for text in (rules.source, rules.assumed, rules.omitted):
            assert " ".join(text.split()) in page
