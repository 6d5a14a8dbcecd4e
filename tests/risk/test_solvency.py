"""Equity with haircuts, the nearest way to liquidation, and its states."""

from __future__ import annotations

import math
import pickle

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies import AS_OF, CONTRACTS, EXPIRIES, books, market

import hedgerow as hr
from hedgerow import _core
from hedgerow.risk.solvency import UNIMMR_LEVELS

STILL = hr.Scenarios(spot_factor=[1.0], volatility_shift=[0.0])
PERPETUAL = hr.Perpetual("BTC", settlement="inverse", multiplier=10)


def coin_market(spot: float = 60_000.0, **rates: float) -> hr.Snapshot:
    """BTC alone, and the exchange rates of money."""
    btc = hr.UnderlyingMarket(
        underlying="BTC",
        quote_currency="USD",
        forwards=hr.ForwardCurve(as_of=AS_OF, spot=spot),
        smiles=[hr.Smile(expiry=EXPIRIES[2], strikes=[spot], volatilities=[0.6])],
    )
    return hr.Snapshot(as_of=AS_OF, markets=[btc], rates=hr.ExchangeRates("USD", rates))


def perpetual(dollars: float, price: float = 60_000.0) -> hr.Book:
    """An inverse perpetual of so many dollars, entered at `price`."""
    return hr.Book.from_columns([PERPETUAL], [dollars / 10], [price])


def equity(account: hr.Account, snapshot: hr.Snapshot) -> float:
    return float(hr.equities(account, snapshot, STILL).total[0])


def test_collateral_with_haircuts_and_liabilities_in_full() -> None:
    snapshot = coin_market(USDT=0.998, EUR=1.1)
    balances = {"BTC": 2.0, "USDT": -50_000.0, "EUR": 1_000.0, "USD": 300.0}
    weights = {"BTC": 0.95, "USDT": 0.5, "EUR": 0.9}
    account = hr.Account(hr.Book(), balances, weights)
    expected = 2 * 60_000 * 0.95 - 50_000 * 0.998 + 1_000 * 1.1 * 0.9 + 300
    found = hr.equities(account, snapshot, STILL)
    assert found.total[0] == pytest.approx(expected, rel=1e-15)
    assert found.book.tolist() == [0.0]
    assert found.excluded == 0
    assert found.currency == "USD"


def test_collateral_and_an_inverse_perpetual() -> None:
    """2 BTC and $100k long at 60k: 3.6667 dollars a dollar; $120k short: the equity is locked."""
    h = 1e-4
    moves = hr.Scenarios(spot_factor=[1 - h, 1 + h, 0.5, 3.0], volatility_shift=np.zeros(4))
    long = hr.Account(perpetual(100_000), {"BTC": 2.0})
    down, up, _, _ = hr.equities(long, coin_market(), moves).total
    assert (up - down) / (2 * h * 60_000) == pytest.approx(2 + 1e5 / 6e4, rel=1e-10)
    short = hr.Account(perpetual(-120_000), {"BTC": 2.0})
    locked = hr.equities(short, coin_market(), moves).total
    np.testing.assert_allclose(locked, 120_000.0, rtol=1e-14)


def test_a_stablecoin_is_an_asset_with_a_price() -> None:
    snapshot = coin_market()
    usdt = hr.UnderlyingMarket(
        underlying="USDT", quote_currency="USD", forwards=hr.ForwardCurve(as_of=AS_OF, spot=1.0)
    )
    snapshot = hr.Snapshot(as_of=AS_OF, markets=[*snapshot.markets, usdt], rates=snapshot.rates)
    account = hr.Account(hr.Book(), {"USDT": 10_000.0})
    depeg = hr.Direction("depeg", -1.0, underlying="USDT")
    found = hr.solvency(account, snapshot, 9_000.0, [depeg])
    assert found.distances["spot_move"][0] == pytest.approx(-0.1, rel=1e-13)
    assert found.nearest is not None
    assert found.nearest["direction"] == "depeg"


def test_the_distance_of_a_linear_book_is_exact() -> None:
    book = hr.Book.from_columns([hr.Spot("BTC", "USD")], [3.0])
    account = hr.Account(book, {"USD": -100_000.0})
    found = hr.solvency(account, coin_market(), 20_000.0)
    assert found.equity == 80_000
    assert found.available == 60_000
    assert found.ratio == 4.0
    assert found.state == hr.SolvencyState.HEALTHY
    rows = {row["direction"]: row for row in found.distances.rows()}
    assert rows["down"]["crossing"] == "FOUND"
    assert 60_000 * (1 + rows["down"]["spot_move"]) == pytest.approx(40_000, rel=1e-14)
    assert rows["down"]["size"] == pytest.approx(math.log(1.5), rel=1e-13)
    assert rows["down"]["crossings"] == 1
    assert rows["up"]["crossing"] == "NONE"
    assert math.isnan(rows["up"]["size"])
    assert rows["up"]["least"] == 60_000
    assert rows["up"]["least_at"] == 0
    assert rows["volatility up"]["crossing"] == "NONE"
    assert rows["down, volatility up"]["size"] == pytest.approx(rows["down"]["size"])
    assert found.nearest is not None
    assert found.nearest["direction"] in ("down", "down, volatility up")
    assert "Solvency: healthy" in repr(found)


def test_the_margin_is_a_function_of_the_scenario() -> None:
    book = hr.Book.from_columns([hr.Spot("BTC", "USD")], [1.0])
    account = hr.Account(book, {"USD": -40_000.0})

    def tenth(scenarios: hr.Scenarios) -> npt.NDArray[np.float64]:
        return 6_000.0 * scenarios.spot_factor

    found = hr.solvency(account, coin_market(), tenth)
    assert found.margin == 6_000
    # S - 40,000 = S / 10
    assert 60_000 * (1 + found.distances["spot_move"][0]) == pytest.approx(40_000 / 0.9, rel=1e-13)


def test_a_margin_that_jumps_is_found_where_it_does() -> None:
    account = hr.Account(hr.Book(), {"USD": 100.0})

    def cliff(scenarios: hr.Scenarios) -> npt.NDArray[np.float64]:
        return np.where(scenarios.spot_factor < 0.77, 1_000.0, 10.0)

    found = hr.solvency(account, coin_market(), cliff, reach=1.5)
    assert found.distances["size"][0] == pytest.approx(-math.log(0.77), abs=1.5e-8)
    assert found.distances["crossing"][1] == "NONE"


def test_what_is_not_monotone_gives_the_nearest_and_says_so() -> None:
    """A short straddle's loss, offset by far calls: insolvent in the middle, solvent beyond."""
    options = [hr.Option("BTC", EXPIRIES[2], strike, "call") for strike in (60e3, 120e3)]
    account = hr.Account(hr.Book.from_columns(options, [-10.0, 30.0]), {"USD": 0.0})
    base = equity(account, coin_market())
    account = hr.Account(account.book, {"USD": 65_000.0 - base})
    found = hr.solvency(account, coin_market(), 0.0, [hr.Direction("up", 1.0)])
    (row,) = found.distances.rows()
    assert row["crossing"] == "FOUND"
    assert row["crossings"] == 2
    assert row["least"] < 0
    assert row["size"] < row["least_at"] < 1
    moved = hr.Scenarios(spot_factor=[1 + row["spot_move"]], volatility_shift=[0.0])
    assert hr.equities(account, coin_market(), moved).total[0] == pytest.approx(0, abs=1e-6)


def test_insolvent_now() -> None:
    found = hr.solvency(hr.Account(hr.Book(), {"USD": 5.0}), coin_market(), 5.0)
    assert set(found.distances["crossing"]) == {"INSOLVENT"}
    assert (found.distances["size"] == 0).all()
    assert found.ratio == 1.0
    assert found.state == hr.SolvencyState.LIQUIDATION


def mixed_account() -> hr.Account:
    """Something of everything, entered now, with an equity of 40,000."""
    book = hr.Book.from_columns(CONTRACTS, np.linspace(4, -6, len(CONTRACTS)))
    book = hr.Book.from_columns(CONTRACTS, book.quantity, hr.value(book, market()).price)
    bare = equity(hr.Account(book, {"BTC": 3.0}, {"BTC": 0.9}), market())
    return hr.Account(book, {"BTC": 3.0, "USD": 40_000 - bare}, {"BTC": 0.9})


@pytest.mark.parametrize("direction", hr.stress_directions("BTC") + hr.stress_directions())
@pytest.mark.parametrize("dynamics", list(hr.SmileDynamics))
def test_at_the_distance_nothing_is_left(
    direction: hr.Direction, dynamics: hr.SmileDynamics
) -> None:
    account = mixed_account()
    found = hr.solvency(account, market(), 10_000.0, [direction], dynamics=dynamics)
    (row,) = found.distances.rows()
    assert found.available == pytest.approx(30_000)
    if row["crossing"] != "FOUND":
        assert row["crossing"] == "NONE"
        assert row["least"] > 0
        return
    shocked = market().shocked(
        spot_factor=1 + row["spot_move"],
        volatility_shift=row["volatility_shift"],
        dynamics=dynamics,
        underlying=direction.underlying,
    )
    assert equity(account, shocked) == pytest.approx(10_000, abs=1e-4)


def test_some_direction_of_each_kind_is_found() -> None:
    """The test before this one would pass on books that nothing threatens."""
    found = hr.solvency(mixed_account(), market(), 10_000.0).distances["crossing"].tolist()
    assert "FOUND" in found


def test_what_can_not_be_valued_is_counted_and_left_out() -> None:
    lost = hr.Book.from_columns(["spot:DOGE/USD"], [1e6])
    spot = hr.Book.from_columns([hr.Spot("BTC", "USD")], [1.0])
    account = hr.Account(lost + spot, {"GBP": 5.0, "USD": 1.0})
    found = hr.solvency(account, coin_market(), 30_000.0)
    assert found.excluded == 2
    assert found.equity == 60_001
    assert 60_000 * (1 + found.distances["spot_move"][0]) == pytest.approx(29_999, rel=1e-13)
    assert "2 positions and balances" in repr(found)


def test_an_option_at_its_forward_stays_in_when_volatilities_fall_to_nothing() -> None:
    call = hr.Option("BTC", EXPIRIES[2], 60e3, "call")
    account = hr.Account(hr.Book.from_columns([call], [1.0]), {"USD": 1_000.0})
    found = hr.solvency(account, coin_market(), 2_000.0)
    assert found.excluded == 0
    rows = {row["direction"]: row for row in found.distances.rows()}
    assert rows["volatility down"]["crossing"] == "FOUND"
    assert rows["volatility down"]["spot_move"] == 0.0
    assert rows["volatility down"]["least"] == pytest.approx(-1_000, abs=1e-6)


def test_a_margin_that_is_no_number() -> None:
    account = hr.Account(hr.Book(), {"USD": 5.0})

    def lost(scenarios: hr.Scenarios) -> npt.NDArray[np.float64]:
        return np.where(scenarios.spot_factor < 0.8, np.nan, 1.0)

    found = hr.solvency(account, coin_market(), lost)
    assert found.distances["crossing"].tolist()[:2] == ["NOT_A_NUMBER", "NONE"]
    with pytest.raises(hr.InvalidInput, match="margin"):
        hr.solvency(account, coin_market(), lambda scenarios: [1.0])
    with pytest.raises(hr.InvalidInput, match="margin"):
        hr.solvency(account, coin_market(), lambda scenarios: ["much"] * len(scenarios))
    with pytest.raises(ZeroDivisionError):
        hr.solvency(account, coin_market(), lambda scenarios: 1 / 0)
    with pytest.raises(hr.InvalidInput, match="margin"):
        hr.solvency(account, coin_market(), math.inf)


@given(books(), st.floats(0.02, 0.5))
@settings(max_examples=25)
def test_no_point_before_the_nearest_crossing_is_insolvent(book: hr.Book, share: float) -> None:
    bare = equity(hr.Account(book), market())
    account = hr.Account(book, {"USD": 1e5 - bare})
    found = hr.solvency(account, market(), share * 1e5)
    for row, direction in zip(found.distances.rows(), hr.stress_directions(), strict=True):
        if row["crossing"] != "FOUND":
            continue
        sizes = row["size"] * np.linspace(0, 1 - 1e-6, 50)
        moves = hr.Scenarios(
            spot_factor=np.exp(sizes * direction.spot),
            volatility_shift=sizes * direction.volatility,
        )
        available = hr.equities(account, market(), moves).total - share * 1e5
        assert (available > -1e-6 * 1e5).all()


def test_states_of_the_ladder() -> None:
    assert UNIMMR_LEVELS == (2.0, 1.5, 1.2, 1.05)
    ratios = [math.inf, 2.0, 1.99, 1.5, 1.4, 1.2, 1.1, 1.05, 1.04, -math.inf]
    names = [hr.solvency_state(ratio).name for ratio in ratios]
    assert names == ["HEALTHY", "HEALTHY", "WATCHED", "WATCHED", "WARNED", "WARNED", "RESTRICTED",
                     "RESTRICTED", "LIQUIDATION", "LIQUIDATION"]  # fmt: skip
    assert hr.solvency_state(2.5, [4.0, 3.0, 2.0, 1.0]) == hr.SolvencyState.WARNED
    for levels in ([1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 1.0, 0.5]):
        with pytest.raises(hr.InvalidInput, match="levels"):
            hr.solvency_state(1.0, levels)
    with pytest.raises(hr.InvalidInput, match="ratio"):
        hr.solvency_state(math.nan)


def test_without_margin_the_sign_of_equity_decides() -> None:
    rich = hr.solvency(hr.Account(hr.Book(), {"USD": 1.0}), coin_market(), 0)
    poor = hr.solvency(hr.Account(hr.Book(), {"USD": -1.0}), coin_market(), 0)
    assert rich.ratio == math.inf
    assert poor.ratio == -math.inf
    assert poor.state == hr.SolvencyState.LIQUIDATION
    nothing = hr.solvency(hr.Account(hr.Book()), coin_market(), np.float64(0.0), [])
    assert nothing.equity == 0.0
    assert nothing.nearest is None


def test_wrong_arguments_are_refused() -> None:
    for balances, weights in (
        ({"BTC": math.nan}, {}),
        ({"": 1.0}, {}),
        ({"BTC": 1.0}, {"BTC": 1.1}),
        ({"BTC": 1.0}, {"BTC": -0.1}),
        ({"BTC": 1.0}, {"ETH": 0.5}),
    ):
        with pytest.raises(hr.InvalidInput, match=r"balances|weights"):
            hr.Account(hr.Book(), balances, weights)
    with pytest.raises(hr.InvalidInput, match="one per currency"):
        _core.Account(hr.Book()._core, [("BTC", 1.0, 1.0), ("BTC", 1.0, 1.0)])
    account = hr.Account(hr.Book(), {"USD": 1.0})
    for direction in (
        hr.Direction("still"),
        hr.Direction("", 1.0),
        hr.Direction("far", 1e4),
        hr.Direction("lost", math.nan),
        hr.Direction("wild", 0.0, math.inf),
        hr.Direction("DOGE down", -1.0, underlying="DOGE"),
    ):
        with pytest.raises(hr.InvalidInput):
            hr.solvency(account, coin_market(), 0.5, [direction])
    for reach in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(hr.InvalidInput, match="reach"):
            hr.solvency(account, coin_market(), 0.5, reach=reach)


def test_an_account_pickles() -> None:
    account = hr.Account(perpetual(100_000), {"BTC": 2.0}, {"BTC": 0.9})
    again = pickle.loads(pickle.dumps(account))
    assert equity(again, coin_market()) == equity(account, coin_market())
