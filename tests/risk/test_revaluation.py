"""Revaluations are what moved snapshots give, at the speed of a kernel."""

from __future__ import annotations

import pickle

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from tests.risk.oracle import revalued
from tests.strategies import AS_OF, CONTRACTS, EXPIRIES, books, market, modelled

import hedgerow as hr

BOOK = hr.Book.from_columns(
    CONTRACTS * 2,
    np.linspace(-5, 5, 2 * len(CONTRACTS)),
    np.linspace(0.5, 2, 2 * len(CONTRACTS)),
    tags={"strategy": ["a"] * len(CONTRACTS) + ["b"] * len(CONTRACTS)},
)
DYNAMICS = list(hr.SmileDynamics)
Array = npt.NDArray[np.float64]


def draw(count: int, seed: int = 7) -> tuple[Array, Array]:
    """Moves so large that many a volatility stops at zero, and some that do not move at all."""
    rng = np.random.default_rng(seed)
    factor, shift = np.exp(rng.normal(0, 0.15, count)), rng.normal(0, 0.2, count)
    factor[::5], shift[::7] = 1.0, 0.0
    return factor, shift


def together(count: int) -> hr.Scenarios:
    factor, shift = draw(count)
    return hr.Scenarios(spot_factor=factor, volatility_shift=shift)


def apart(count: int) -> hr.Scenarios:
    factor, shift = draw(count)
    return hr.Scenarios(
        spot_factor=factor, volatility_shift=shift, underlyings={"BTC": draw(count, seed=8)}
    )


def rounding(book: hr.Book, snapshot: hr.Snapshot) -> float:
    """What the errors of single values may add up to, in the reporting currency."""
    values = hr.value(book, snapshot)
    unit = 400_000 * max(snapshot.rates.rate("USD") or 1.0, 1e-5)  # of the largest contract
    gross = np.nansum(np.abs(values.value)) + unit * np.nansum(np.abs(book.quantity))
    return float(2e-15 * gross)


@pytest.mark.parametrize("dynamics", DYNAMICS)
@pytest.mark.parametrize("scenarios", [together(40), apart(40)], ids=["together", "apart"])
def test_pnl_is_that_of_moved_snapshots(
    scenarios: hr.Scenarios, dynamics: hr.SmileDynamics
) -> None:
    keys = ("underlying", "strategy")
    found = hr.revalue(BOOK, market(), scenarios, *keys, dynamics=dynamics)
    expected, valued = revalued(BOOK, market(), scenarios, *keys, dynamics=dynamics)
    tolerance = {"rtol": 1e-13, "atol": rounding(BOOK, market())}
    np.testing.assert_allclose(found.cube, expected, **tolerance)
    assert (found.status[~valued] == hr.Status.EXPIRED).all()
    assert found.excluded == 0
    assert list(found.keys.columns) == list(keys)
    np.testing.assert_allclose(found.pnl, expected.sum(axis=0), **tolerance)


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_smiles_of_every_shape_move_as_those_of_moved_snapshots(
    dynamics: hr.SmileDynamics,
) -> None:
    scenarios, state = apart(40), modelled(market())
    found = hr.revalue(BOOK, state, scenarios, "underlying", dynamics=dynamics)
    expected, valued = revalued(BOOK, state, scenarios, "underlying", dynamics=dynamics)
    np.testing.assert_allclose(found.cube, expected, rtol=1e-13, atol=rounding(BOOK, state))
    assert valued.sum() == (hr.value(BOOK, state).status == hr.Status.OK).sum()
    assert found.excluded == 0


@given(books())
@settings(max_examples=25)
def test_any_book(book: hr.Book) -> None:
    scenarios = apart(6)
    found = hr.revalue(book, market(), scenarios)
    if not len(book):
        assert found.pnl.tolist() == [0.0] * 6
        return
    expected, _ = revalued(book, market(), scenarios)
    tolerance = rounding(book, market())
    np.testing.assert_allclose(found.cube, expected, rtol=1e-13, atol=tolerance)


@pytest.mark.parametrize("reporting", ["USD", "EUR", "BTC"])
def test_exchange_rates_follow(reporting: str) -> None:
    rates = {"USD": {}, "EUR": {"USD": 0.9, "BTC": 81e3}, "BTC": {"USD": 1 / 9e4, "EUR": 1 / 8e4}}
    snapshot = hr.Snapshot(
        as_of=AS_OF,
        markets=market().markets,
        rates=hr.ExchangeRates(reporting=reporting, rates=rates[reporting]),
    )
    book = BOOK + hr.Book.from_columns([hr.Cash("EUR")], [100.0]) if reporting != "USD" else BOOK
    found = hr.revalue(book, snapshot, apart(20), "underlying")
    expected, _ = revalued(book, snapshot, apart(20), "underlying")
    assert found.currency == reporting
    tolerance = rounding(book, snapshot)
    np.testing.assert_allclose(found.cube, expected, rtol=1e-13, atol=tolerance)


def test_a_scenario_has_the_same_bits_in_any_company_and_on_any_threads() -> None:
    factor, shift = draw(1100)  # tiles of 512 and a rest
    # No shift to the floor: there an option takes another path in all scenarios.
    scenarios = hr.Scenarios(spot_factor=factor, volatility_shift=np.abs(shift))
    threads = hr.get_num_threads()
    book = sum((BOOK * k for k in range(1, 5)), hr.Book())
    try:
        hr.set_num_threads(1)
        alone = hr.revalue(book, market(), scenarios, "strategy", "expiry").cube
        hr.set_num_threads(3)
        shared = hr.revalue(book, market(), scenarios, "strategy", "expiry").cube
    finally:
        hr.set_num_threads(threads)
    np.testing.assert_array_equal(alone, shared)
    for j in (0, 511, 512, 1099):
        one = hr.Scenarios(
            spot_factor=scenarios.spot_factor[j : j + 1],
            volatility_shift=scenarios.volatility_shift[j : j + 1],
        )
        single = hr.revalue(book, market(), one, "strategy", "expiry").cube
        np.testing.assert_array_equal(single[:, 0], alone[:, j])


def test_where_nothing_moves_nothing_is_won() -> None:
    still = hr.Scenarios(spot_factor=np.ones(3), volatility_shift=np.zeros(3))
    for dynamics in DYNAMICS:
        for precision in hr.Precision:
            found = hr.revalue(BOOK, market(), still, dynamics=dynamics, precision=precision)
            assert found.pnl.tolist() == [0.0] * 3


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_single_precision_errs_as_stated(dynamics: hr.SmileDynamics) -> None:
    options = [c for c in CONTRACTS if isinstance(c, hr.Option)]
    rng = np.random.default_rng(5)
    book = hr.Book.from_columns(options, rng.normal(0, 1000, len(options)))
    scenarios = apart(700)
    exact = hr.revalue(book, market(), scenarios, dynamics=dynamics).pnl
    found = hr.revalue(
        book, market(), scenarios, dynamics=dynamics, precision=hr.Precision.FLOAT32
    ).pnl
    held = np.abs(book.quantity) * [1 if "BTC" in name else 100 for name in book.instrument]
    unit = held * np.where(["BTC" in name for name in book.instrument], 12e4, 4.2e3)
    # Two values per option, each in units of its larger leg, and the sums' own rounding.
    assert np.abs(found - exact).max() <= 2 * 2.7e-7 * 1.6 * unit.sum()
    assert np.abs(found - exact).max() <= 1e-6 * np.abs(exact).max()
    assert np.abs(found - exact).max() > 0


def test_a_future_of_unknown_cost_counts_as_entered_now() -> None:
    futures = [c for c in CONTRACTS if isinstance(c, hr.Future | hr.Perpetual)]
    live = hr.Book.from_columns(futures, np.full(len(futures), 3.0))
    prices = hr.value(live, market()).price
    known = hr.Book.from_columns(futures, np.full(len(futures), 3.0), prices)
    found = hr.revalue(live, market(), apart(9)).pnl
    assert (np.abs(found) > 0).any()
    np.testing.assert_allclose(
        found, hr.revalue(known, market(), apart(9)).pnl, rtol=1e-12, atol=1e-12
    )


def test_small_moves_agree_with_the_greeks() -> None:
    total, h = hr.value(BOOK, market()).net("underlying"), 1e-5
    move = {"spot_factor": [1 + h, 1 - h, 1, 1], "volatility_shift": [0, 0, h, -h]}
    still = np.ones(4), np.zeros(4)
    moves = hr.Scenarios(spot_factor=still[0], volatility_shift=still[1],
                         underlyings={"SPX": tuple(move.values())})  # fmt: skip
    found = hr.revalue(BOOK, market(), moves, "underlying")
    spx = found.keys["underlying"].tolist().index("SPX")
    up, down, more, less = found.cube[spx]
    row = total["underlying"].tolist().index("SPX")
    assert (up - down) / (2 * h) == pytest.approx(total["dollar_delta"][row], rel=1e-6)
    assert (more - less) / (2 * h) == pytest.approx(total["vega"][row], rel=1e-6)
    assert np.abs(np.delete(found.cube, spx, axis=0)).max() == 0


def test_what_can_not_be_valued_is_in_no_scenario_and_named() -> None:
    lost = ["option:DOGE/USD:2026-03-27T08:00:00Z:1:C", "spot:SPX/USD"]
    past = hr.Option("SPX", "2026-01-05T08:00:00Z", 3800.0, "call")
    flat = hr.UnderlyingMarket(
        underlying="X",
        quote_currency="USD",
        forwards=hr.ForwardCurve(as_of=AS_OF, spot=100.0),
        smiles=[hr.Smile(expiry=EXPIRIES[1], strikes=[100.0], volatilities=[0.1])],
    )
    snapshot = hr.Snapshot(as_of=AS_OF, markets=[*market().markets, flat], rates=market().rates)
    kink = hr.Option("X", EXPIRIES[1], 100.0, "call")
    book = hr.Book.from_columns([lost[0], lost[1], past, kink], [1.0, np.nan, 1.0, 1e3]) + BOOK
    moves = hr.Scenarios(spot_factor=[1.1, 1.0, 1.0], volatility_shift=[0.0, -0.1, 0.1])
    for dynamics in DYNAMICS:
        found = hr.revalue(book, snapshot, moves, dynamics=dynamics)
        named = [hr.Status(code) for code in found.status[:4]]
        assert named == [
            hr.Status.UNKNOWN_UNDERLYING,
            hr.Status.INVALID_QUANTITY,
            hr.Status.EXPIRED,
            hr.Status.NOT_A_NUMBER,
        ]
        assert found.excluded == 3
        others = hr.revalue(BOOK, snapshot, moves, dynamics=dynamics).pnl
        np.testing.assert_allclose(found.pnl, others, rtol=1e-13)


def test_a_market_beyond_doubles_is_not_a_number_there() -> None:
    moves = hr.Scenarios(spot_factor=[1.0, 1e300], volatility_shift=[0.0, 0.0])
    found = hr.revalue(BOOK, market(), moves)
    moved = (found.status == hr.Status.OK).sum()
    assert 0 < moved < len(BOOK)  # dollars are what they were
    assert np.isfinite(found.pnl).all()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"spot_factor": [1.0, 0.0], "volatility_shift": [0, 0]}, r"spot_factor\[1\] = 0"),
        ({"spot_factor": [np.nan], "volatility_shift": [0]}, r"spot_factor\[0\] = nan"),
        ({"spot_factor": [1.0], "volatility_shift": [np.inf]}, r"volatility_shift\[0\] = inf"),
        ({"spot_factor": [1.0], "volatility_shift": []}, "one per scenario"),
        (
            {"spot_factor": [1.0], "volatility_shift": [0.0], "underlyings": {"X": ([], [])}},
            r"underlyings\[X\].spot_factor",
        ),
    ],
)
def test_scenarios_refuse_what_is_no_move(columns: dict[str, object], message: str) -> None:
    with pytest.raises(hr.InvalidInput, match=message):
        hr.Scenarios(**columns)  # type: ignore[arg-type]


def test_revalue_refuses_moves_of_nothing_and_moves_too_large_for_floats() -> None:
    unknown = hr.Scenarios(
        spot_factor=[1.0], volatility_shift=[0.0], underlyings={"DOGE": ([1.0], [0.0])}
    )
    with pytest.raises(hr.InvalidInput, match="DOGE"):
        hr.revalue(BOOK, market(), unknown)
    huge = hr.Scenarios(spot_factor=[1e31], volatility_shift=[0.0])
    with pytest.raises(hr.InvalidInput, match="float32"):
        hr.revalue(BOOK, market(), huge, precision=hr.Precision.FLOAT32)


def test_scenarios_are_copied_compared_and_shown() -> None:
    scenarios = apart(5)
    again = pickle.loads(pickle.dumps(scenarios))
    assert again == scenarios
    assert scenarios != together(5)
    assert len(again) == 5
    np.testing.assert_array_equal(again.underlyings["BTC"][1], draw(5, seed=8)[1])
    assert repr(scenarios) == "Scenarios(5, BTC)"
    with pytest.raises(ValueError, match="read-only"):
        scenarios.spot_factor[0] = 2.0


def test_no_scenario_and_no_position() -> None:
    none = hr.Scenarios(spot_factor=[], volatility_shift=[])
    assert hr.revalue(BOOK, market(), none).pnl.shape == (0,)
    assert hr.revalue(hr.Book(), market(), together(3)).pnl.tolist() == [0.0, 0.0, 0.0]
    assert "0 scenarios" in repr(hr.revalue(BOOK, market(), none))
    assert "40 scenarios" in repr(hr.revalue(BOOK, market(), together(40), "underlying"))
