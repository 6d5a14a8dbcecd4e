"""What holds for every scheme: the oracle, netting, scaling, units, bad positions."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.risk.margin_oracle import add_ons, unit_pnl
from tests.risk.margins import PRESETS, after, book_of, flat_market, grid_rules, option
from tests.strategies import AS_OF, CONTRACTS, EXPIRIES, books, market

import hedgerow as hr

LINEAR = [c for c in CONTRACTS if "BTC" not in hr.symbol(c)]
OPTIONS = [c for c in CONTRACTS if isinstance(c, hr.Option)]
WITHOUT_LOOK_AHEAD = [name for name in PRESETS if name != "span"]


def tolerance(book: hr.Book) -> float:
    """What the errors of single values may add up to: contracts are of up to 400,000."""
    return 4e-15 * 400_000 * 6 * (1 + float(np.abs(book.quantity).sum()))


@pytest.mark.parametrize("name", WITHOUT_LOOK_AHEAD)
def test_pnl_is_that_of_moved_snapshots(name: str) -> None:
    book = hr.Book.from_columns(
        CONTRACTS, np.linspace(-5, 5, len(CONTRACTS)), np.linspace(0.5, 2, len(CONTRACTS))
    )
    rules = PRESETS[name]
    found = hr.margin(book, market(), rules)
    assert found.units["underlying"].tolist() == ["BTC", "SPX"]
    assert found.not_margined == 0
    for row, underlying in zip(found.pnl, found.units["underlying"], strict=True):
        expected = unit_pnl(book, market(), rules, underlying)
        np.testing.assert_allclose(row, expected, rtol=1e-12, atol=tolerance(book))


@given(books())
@settings(max_examples=20)
def test_any_book(book: hr.Book) -> None:
    rules = PRESETS["paradex"]
    found = hr.margin(book, market(), rules)
    for row, underlying in zip(found.pnl, found.units["underlying"], strict=True):
        expected = unit_pnl(book, market(), rules, underlying)
        np.testing.assert_allclose(row, expected, rtol=1e-11, atol=tolerance(book))
    total = found.units["initial"].sum() if len(found.units) else 0.0
    assert found.initial == pytest.approx(total)


@pytest.mark.parametrize("reporting", ["EUR", "BTC"])
def test_other_reporting_currencies(reporting: str) -> None:
    rates = {"EUR": {"USD": 0.9}, "BTC": {"USD": 1 / 9e4}}[reporting]
    there = hr.Snapshot(
        as_of=AS_OF,
        markets=market().markets,
        rates=hr.ExchangeRates(reporting=reporting, rates=rates),
    )
    of_btc = [c for c in CONTRACTS if "BTC" in hr.symbol(c)] + [hr.Cash("USD")]
    book = hr.Book.from_columns(of_btc, np.linspace(-3, 4, len(of_btc)), [90_000.0] * len(of_btc))
    rules = grid_rules()
    found = hr.margin(book, there, rules)
    scenarios = hr.Scenarios(spot_factor=rules.spot_factor, volatility_shift=np.zeros(len(rules)))
    still = hr.MarginRules(
        name="spot alone",
        spot_factor=rules.spot_factor,
        volatility_move=np.zeros(len(rules)),
        weight=rules.weight,
        volatility=hr.VolatilityRule(),
    )
    expected = hr.revalue(book, there, scenarios).pnl
    size = 1e-12 * np.abs(expected).max()
    np.testing.assert_allclose(hr.margin(book, there, still).pnl[0], expected, atol=size)
    assert found.currency == reporting


def test_a_coin_held_is_delta() -> None:
    rules = grid_rules()
    found = hr.margin(book_of((hr.Cash("BTC"), 2)), flat_market(), rules)
    assert found.initial == pytest.approx(0.15 * 2 * 100_000)
    # 2 coins and a short inverse perpetual of as many dollars: locked.
    hedged = book_of((hr.Cash("BTC"), 2), (hr.Perpetual("BTC", settlement="inverse"), -200_000))
    assert hr.margin(hedged, flat_market(), rules).initial == pytest.approx(0, abs=1e-9)


def test_gains_not_yet_paid_in_coin_are_coins() -> None:
    perpetual = hr.Perpetual("BTC", settlement="inverse")
    book = hr.Book.from_columns([perpetual], [100_000.0], [80_000.0])
    rules = grid_rules()
    found = hr.margin(book, flat_market(), rules)
    expected = unit_pnl(book, flat_market(), rules, "BTC")
    np.testing.assert_allclose(found.pnl[0], expected, atol=1e-9)
    assert found.pnl[0][-1] == pytest.approx(0.15 * 100_000 * (1 / 0.8), rel=1e-12)


@pytest.mark.parametrize("name", PRESETS)
@given(st.lists(st.integers(0, 50), min_size=len(OPTIONS), max_size=len(OPTIONS)))
@settings(max_examples=15)
def test_long_options_lose_no_more_than_their_value(name: str, quantity: list[int]) -> None:
    book = hr.Book.from_columns(OPTIONS, [float(q) for q in quantity])
    found = hr.margin(book, market(), PRESETS[name])
    units = found.units
    assert (units["scan"] <= units["option_value"] * (1 + 1e-12) + 1e-6).all()


@given(books(contracts=OPTIONS), books(contracts=OPTIONS))
@settings(max_examples=25)
def test_the_scan_is_sub_additive_and_homogeneous(a: hr.Book, b: hr.Book) -> None:
    rules = PRESETS["derive"]

    def scan(book: hr.Book) -> float:
        units = hr.margin(book, market(), rules).units
        return float(units["scan"].sum()) if len(units) else 0.0

    both = scan(a + b)
    assert both <= scan(a) + scan(b) + 1e-6
    assert scan(3 * a) == pytest.approx(3 * scan(a), rel=1e-12, abs=1e-6)


@given(books(contracts=OPTIONS))
@settings(max_examples=15)
def test_wider_ranges_never_ask_for_less(book: hr.Book) -> None:
    narrow = hr.margin(book, market(), grid_rules((-0.1, 0.0, 0.1))).initial
    wide = hr.margin(book, market(), grid_rules((-0.2, -0.1, 0.0, 0.1, 0.2))).initial
    assert wide >= narrow


@pytest.mark.parametrize("name", WITHOUT_LOOK_AHEAD)
def test_a_conversion_adds_basis_alone(name: str) -> None:
    """Short call, long put and a long future: only discounting and the basis charges move."""
    legs = ((option(30, 105_000, "call"), -2), (option(30, 105_000, "put"), 2),
            (hr.Future("BTC", after(30)), 2))  # fmt: skip
    rules = PRESETS[name]
    conversion = hr.margin(book_of(*legs), flat_market(), rules)
    assert np.abs(conversion.pnl).max() < 1e-6  # no rates: it is a loan at 0
    held = (option(90, 120_000, "call"), -5)
    alone = hr.margin(book_of(held), flat_market(), rules)
    both = hr.margin(book_of(held, *legs), flat_market(), rules)
    assert both.units["scan"][0] == pytest.approx(alone.units["scan"][0], abs=1e-6)


@pytest.mark.parametrize("name", PRESETS)
def test_a_hedge_needs_less_than_its_legs(name: str) -> None:
    short, hedge = (option(30, 100_000, "call"), -10), (hr.Future("BTC", after(30)), 5)
    rules = PRESETS[name]
    apart = sum(hr.margin(book_of(leg), flat_market(), rules).initial for leg in (short, hedge))
    together = hr.margin(book_of(short, hedge), flat_market(), rules).initial
    assert together < 0.9 * apart
    account = hr.MarginAccount(book_of(short, (hedge[0], 0)), flat_market(), rules)
    if name != "tims":  # whose minimum is per contract
        assert account.marginal(account.instrument(hr.symbol(hedge[0])), 5)[0] < 0


ADD_ONS = (
    hr.ShortOptionCharge(initial=0.01, maintenance=0.005),
    hr.OffsettingFuturesCharge(initial=0.02, maintenance=0.01),
    hr.GrossFuturesCharge(initial=0.001, maintenance=0.001),
    hr.CalendarSpreadCharge(initial=0.003, maintenance=0.002),
    hr.BasisCharge(initial=0.05, maintenance=0.04),
)
MINIMUMS = (
    hr.DeltaMinimum(initial=0.02, maintenance=0.01, hedged_share=0.5),
    hr.ShortOptionMinimum(initial=30.0, maintenance=20.0),
    hr.ContractMinimum(initial=0.375, maintenance=0.375),
)


@given(books(contracts=[c for c in LINEAR if "SPX" in hr.symbol(c)]))
@settings(max_examples=30)
def test_add_ons_are_what_their_words_say(book: hr.Book) -> None:
    rules = grid_rules(add_ons=(*ADD_ONS, *MINIMUMS), initial=1.2, maintenance=0.9)
    found = hr.margin(book, market(), rules)
    if not len(found.units):
        return
    base = add_ons(book, market(), "SPX")
    base["delta_minimum"] = base["net_delta"] + 0.5 * base["hedged_delta"]
    row = {name: found.units[name][0] for name in found.units}
    expected = {}
    for add_on, name in zip(rules.add_ons, rules.add_on_names, strict=True):
        expected[name] = add_on.initial * base[name]  # type: ignore[union-attr]
        assert row[name] == pytest.approx(expected[name], rel=1e-9, abs=1e-6), name
    charges = sum(expected[name] for name in rules.add_on_names[: len(ADD_ONS)])
    minimum = max(expected[name] for name in rules.add_on_names[len(ADD_ONS) :])
    assert row["initial"] == pytest.approx(max(1.2 * row["scan"] + charges, minimum), rel=1e-9)


def test_basis_contingency_competes_with_the_scenarios() -> None:
    rules = grid_rules(
        (-0.01, 0.0, 0.01),
        up=0.0,
        add_ons=(hr.BasisContingency(spot_move=0.045, fixed=0.5, per_year=2.0),),
    )
    legs = (hr.Future("BTC", after(30)), 1), (hr.Future("BTC", after(90)), -1)
    found = hr.margin(book_of(*legs), flat_market(), rules)
    expected = sum(0.045 * 100_000 * (0.5 + 2 * days / 365) for days in (30, 90))
    assert found.units["scan"][0] == pytest.approx(0, abs=1e-6)
    assert found.initial == pytest.approx(expected, rel=1e-12)
    assert len(found.pnl[0]) == 9  # the two moves that it needs are no scenarios
    perpetual = hr.margin(book_of((hr.Perpetual("BTC"), 1)), flat_market(), rules)
    assert perpetual.units["basis_contingency"][0] == 0  # what never expires has none


def test_bad_positions_are_named_and_the_rest_keeps_its_margin() -> None:
    good = book_of((option(30, 100_000, "call"), -1))
    lost = hr.Option("DOGE", after(30), 1.0, "call")
    american = option(30, 100_000, "call", exercise="american")
    no_smile = option(31, 100_000, "call")
    past = option(-3, 100_000, "call")
    book = book_of((lost, 5), (american, 1), (no_smile, 2), (past, 1)) + good
    book = book + hr.Book.from_columns([option(30, 90_000, "put")], [np.nan])
    for name, rules in PRESETS.items():
        found = hr.margin(book, flat_market(), rules)
        assert [hr.Status(code).name for code in found.status] == [
            "UNKNOWN_UNDERLYING",
            "UNSUPPORTED_EXERCISE",
            "MISSING_SMILE",
            "EXPIRED",
            "OK",
            "INVALID_QUANTITY",
        ], name
        assert found.not_margined == 4
        alone = hr.margin(good, flat_market(), rules)
        assert (found.initial, found.maintenance) == (alone.initial, alone.maintenance)


def test_a_market_beyond_doubles_is_not_margined() -> None:
    rules = grid_rules((-0.5, 1e300))
    found = hr.margin(book_of((option(30, 1e5, "call"), 1), (hr.Cash("USD"), 1)),
                      flat_market(), rules)  # fmt: skip
    assert found.status.tolist() == [hr.Status.NOT_A_NUMBER, hr.Status.OK]
    assert found.initial == 0


def test_no_position_and_no_risk() -> None:
    for rules in PRESETS.values():
        assert hr.margin(hr.Book(), flat_market(), rules).initial == 0
        money = hr.margin(book_of((hr.Cash("USD"), 1e6)), flat_market(), rules)
        assert (money.initial, len(money.units), money.not_margined) == (0, 0, 0)
    assert "0 not margined" in repr(money)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"spot_factor": [], "volatility_move": [], "weight": []}, "scenarios"),
        ({"spot_factor": [0.0]}, "spot_factor = 0"),
        ({"volatility_move": [2.0]}, "volatility_move = 2"),
        ({"weight": [-1.0]}, "weight = -1"),
        ({"weight": [1.0, 1.0]}, "as many as"),
        ({"volatility": hr.VolatilityRule(up=-0.1)}, "up = -0.1"),
        ({"volatility": hr.VolatilityRule(reference_days=0)}, "reference_days = 0"),
        ({"initial": np.nan}, "initial = nan"),
        ({"look_ahead": -1.0}, "look_ahead = -1"),
        ({"add_ons": [hr.BasisCharge(initial=-1, maintenance=0)]}, "initial = -1"),
        ({"add_ons": [hr.BasisContingency(spot_move=1, fixed=0, per_year=0)]}, "spot_move = 1"),
        ({"add_ons": [hr.BasisContingency(spot_move=0.1, fixed=0, per_year=0)] * 2}, "one at most"),
    ],
)
def test_rules_refuse_what_makes_no_sense(terms: dict[str, object], message: str) -> None:
    usual = {"spot_factor": [1.1], "volatility_move": [0.0], "weight": [1.0],
             "volatility": hr.VolatilityRule(), "name": "x"}  # fmt: skip
    with pytest.raises(hr.InvalidInput, match=message):
        hr.MarginRules(**{**usual, **terms})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", PRESETS)
def test_rules_are_pickled(name: str) -> None:
    assert pickle.loads(pickle.dumps(PRESETS[name])) == PRESETS[name]
    rules = grid_rules(add_ons=(*ADD_ONS, *MINIMUMS), initial=1.2, maintenance=0.9)
    assert pickle.loads(pickle.dumps(rules)) == rules


def test_rules_compare_and_show_themselves() -> None:
    assert hr.margin_rules.derive() == hr.margin_rules.derive()
    assert hr.margin_rules.derive() != hr.margin_rules.okx()
    assert repr(hr.BasisCharge(initial=0.1, maintenance=0.2)) == (
        "BasisCharge(initial=0.1, maintenance=0.2)"
    )
    assert len(EXPIRIES) == 3
    with pytest.raises(hr.InvalidInput, match="one per scenario"):
        hr.scan_risk([[1.0, 2.0]], [1.0], [1.0])
    assert hr.scan_risk([[1.0, 2.0]], [1.0]) == (0.0, None)
