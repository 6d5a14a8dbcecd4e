"""Explanations add up to full revaluations, and leave over what a Taylor series leaves over."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies import AS_OF, CONTRACTS, EXPIRIES, INDEX_STRIKES, STRIKES, books, market

import hedgerow as hr
from hedgerow.risk.explain import SECOND_ORDER_TERMS, TAYLOR_TERMS

Array = npt.NDArray[np.float64]
YEAR = 365 * 86_400e9
NO_REASON = (hr.Status.OK, hr.Status.EXPIRED)


def later(
    seconds: float = 0.0,
    spot: float = 1.0,
    volatility: float = 0.0,
    *,
    rate: float = 0.0,
    carry: float = 0.0,
    mark: float = 1.0002,
    skew: float = 0.0,
    rates: hr.ExchangeRates | None = None,
) -> hr.Snapshot:
    """The market of the strategies some time later: its numbers moved by so much."""
    as_of = AS_OF + np.timedelta64(round(seconds * 1e9), "ns")
    pillars = [expiry for expiry in EXPIRIES if expiry > as_of]
    years = (np.array(pillars) - as_of) / np.timedelta64(1, "ns") / YEAR

    def smiles(strikes: list[float], level: float) -> list[hr.Smile]:
        strip = np.array(strikes)
        here = level - (0.1 + skew) * np.log(strip / strip[len(strip) // 2]) + volatility
        return [
            hr.Smile(expiry=e, strikes=strip, volatilities=here + 0.01 * i)
            for i, e in enumerate(EXPIRIES)
        ]

    def forwards(now: float, growth: float) -> hr.ForwardCurve:
        return hr.ForwardCurve(
            as_of=as_of, spot=now, pillars=pillars, forwards=now * np.exp((growth + carry) * years)
        )

    factors = np.exp(-(0.04 + rate) * years)
    btc = hr.UnderlyingMarket(
        underlying="BTC",
        quote_currency="USD",
        forwards=forwards(90_000 * spot, 0.06),
        smiles=smiles(STRIKES, 0.55),
        perpetual=90_000 * spot * mark,
    )
    spx = hr.UnderlyingMarket(
        underlying="SPX",
        quote_currency="USD",
        forwards=forwards(3_800 * spot, 0.02),
        discount=hr.DiscountCurve(as_of=as_of, pillars=pillars, factors=factors),
        smiles=smiles(INDEX_STRIKES, 0.2),
    )
    return hr.Snapshot(as_of=as_of, markets=[btc, spx], rates=rates or hr.ExchangeRates("USD", {}))


def book(scale: float = 1.0) -> hr.Book:
    """Of every contract, some of unknown cost."""
    count = len(CONTRACTS)
    prices = np.where(np.arange(2 * count) % 3, 0.5, np.nan)
    return hr.Book.from_columns(
        CONTRACTS * 2,
        scale * np.linspace(-5, 6, 2 * count),
        prices,
        tags={"strategy": ["a"] * count + ["b"] * count},
    )


def rounding(positions: hr.Book, *markets: hr.Snapshot) -> float:
    """What rounding may do to sums of the sizes at hand."""
    gross = 0.0
    for snapshot in markets:
        values = hr.value(positions, snapshot)
        gross += float(np.nansum(np.abs(values.value)))
        rate = snapshot.rates.rate("USD") or snapshot.rates.rate("EUR") or 1.0
        gross += 4e5 * rate * float(np.abs(positions.quantity).sum())
    return 2e-15 * gross


def gained(positions: hr.Book, before: hr.Snapshot, after: hr.Snapshot) -> float:
    """By two valuations; of what both value, and of known cost."""
    return (
        hr.value(positions, after).total()["value"] - hr.value(positions, before).total()["value"]
    )


MOVED = later(86_400 * 0.5, 1.03, 0.02, rate=0.003, carry=-0.01, mark=0.9995, skew=0.05)


def test_the_reference_call() -> None:
    """An at-the-money call of 30 days: +3, +2 points, a day; each number to its last digit."""
    expiry = AS_OF + np.timedelta64(30, "D")

    def flat(days: int, spot: float, volatility: float) -> hr.Snapshot:
        as_of = AS_OF + np.timedelta64(days, "D")
        one = hr.UnderlyingMarket(
            underlying="X",
            quote_currency="USD",
            forwards=hr.ForwardCurve(as_of=as_of, spot=spot),
            smiles=[hr.Smile(expiry=expiry, strikes=[100.0], volatilities=[volatility])],
        )
        return hr.Snapshot(as_of=as_of, markets=[one])

    call = hr.Book.from_columns([hr.Option("X", expiry, 100.0, "call")], [1.0])
    found = hr.explain(call, flat(0, 100.0, 0.5), flat(1, 103.0, 0.52)).sums()
    expected = {
        "total": "1.83602530147",
        "delta": "1.585706513",
        "gamma": "0.1249173889",
        "vega": "0.2281596144",
        "theta": "-0.095066506",
        "vanna": "0.003422394216",
        "volga": "-2.344e-5",
        "unexplained": "-0.011090662",
        **dict.fromkeys(("rho", "phi", "basis", "fx", "expired"), "0.0000000000000"),
    }
    assert set(found) == set(expected)
    for name, text in expected.items():
        last_digit = 10.0 ** Decimal(text).as_tuple().exponent  # type: ignore[operator]
        assert abs(found[name] - float(text)) <= 0.5001 * last_digit, name


@pytest.mark.parametrize("terms", [SECOND_ORDER_TERMS, TAYLOR_TERMS, ("gamma",), ()])
def test_terms_and_unexplained_are_the_total_and_that_a_revaluation(terms: tuple[str, ...]) -> None:
    positions = book()
    found = hr.explain(positions, market(), MOVED, "underlying", "strategy", terms=terms)
    assert found.columns == ("total", *terms, "basis", "fx", "expired", "unexplained")
    tolerance = rounding(positions, market(), MOVED)
    np.testing.assert_allclose(
        found.cube[:, 1:].sum(axis=1), found.cube[:, 0], rtol=0, atol=tolerance
    )
    known = positions.select(~np.isnan(positions.average_price))
    assert hr.explain(known, market(), MOVED).sums()["total"] == pytest.approx(
        gained(known, market(), MOVED), rel=1e-12, abs=tolerance
    )
    assert np.nansum(found.total) == pytest.approx(found.sums()["total"], abs=tolerance)
    assert np.nansum(found.unexplained) == pytest.approx(found.sums()["unexplained"], abs=tolerance)


@pytest.mark.parametrize("reporting", ["USD", "EUR", "BTC"])
def test_in_any_reporting_currency(reporting: str) -> None:
    quotes: dict[str, list[dict[str, float]]] = {
        "USD": [{"EUR": 1.1}, {"EUR": 1.13}],
        "EUR": [{"USD": 0.9, "BTC": 81e3}, {"USD": 0.91, "BTC": 84e3}],
        "BTC": [{"USD": 1 / 9e4, "EUR": 1 / 8e4}, {"USD": 1 / 92e3, "EUR": 1 / 81e3}],
    }
    before, after = (
        later(day * 3_600, 1 + 0.03 * day, 0.02 * day, rates=hr.ExchangeRates(reporting, rates))
        for day, rates in enumerate(quotes[reporting])
    )
    held = hr.Book.from_columns([hr.Cash("EUR")], [1e5])
    positions = book().select(~np.isnan(book().average_price)) + held
    found = hr.explain(positions, before, after, "underlying")
    tolerance = rounding(positions, before, after)
    sums = found.sums()
    assert found.currency == reporting
    assert sums["total"] == pytest.approx(gained(positions, before, after), abs=tolerance)
    np.testing.assert_allclose(
        found.cube[:, 1:].sum(axis=1), found.cube[:, 0], rtol=0, atol=tolerance
    )
    assert abs(sums["fx"]) > 1.0 if reporting != "BTC" else abs(sums["fx"]) > 1e-3
    at_rate = hr.explain(held, before, after).sums()
    assert at_rate["fx"] == pytest.approx(at_rate["total"], rel=1e-15)
    assert at_rate["unexplained"] == 0.0


def test_where_rates_stand_still_nothing_is_gained_by_them() -> None:
    assert hr.explain(book(), market(), MOVED, "strategy").sums()["fx"] == 0.0


def remaining(
    positions: hr.Book, size: float, terms: tuple[str, ...] = SECOND_ORDER_TERMS
) -> Array:
    """Unexplained per position after moves of spot and volatility by `size`, the others squared."""
    after = later(
        86_400 * size**2,
        1 + 0.04 * size,
        0.03 * size,
        rate=0.01 * size**2,
        carry=-0.02 * size**2,
        skew=0.1 * size,
        mark=1.0002,
    )
    return hr.explain(positions, market(), after, terms=terms).unexplained


OPTIONS = [c for c in CONTRACTS if isinstance(c, hr.Option) and c.expiry != EXPIRIES[0]]


@pytest.mark.parametrize("terms", [SECOND_ORDER_TERMS, TAYLOR_TERMS])
def test_half_the_move_leaves_an_eighth(terms: tuple[str, ...]) -> None:
    positions = hr.Book.from_columns(OPTIONS, np.ones(len(OPTIONS)))
    sizes = 2.0 ** -np.arange(3, 6)
    left = np.array([remaining(positions, size, terms) for size in sizes])
    assert (np.abs(left).min(axis=1) > 0).all()
    ratio = np.abs(left[:-1]).sum(axis=1) / np.abs(left[1:]).sum(axis=1)
    np.testing.assert_allclose(ratio, 8.0, rtol=0.06)
    each = left[-2] / left[-1]
    assert np.median(each) == pytest.approx(8.0, rel=0.03)


def test_futures_leave_no_more_than_that() -> None:
    """Linear ones the product of spot and carry, inverse ones the square of the carry."""
    futures = [hr.Future("SPX", EXPIRIES[2]), hr.Future("BTC", EXPIRIES[2], settlement="inverse")]
    positions = hr.Book.from_columns(futures, [1e3, 1e6])
    linear, inverse = remaining(positions, 2.0**-3) / remaining(positions, 2.0**-4)
    assert linear == pytest.approx(8.0, rel=0.05)
    assert inverse == pytest.approx(16.0, rel=0.05)


def test_without_a_second_order_term_half_the_move_leaves_a_quarter() -> None:
    positions = hr.Book.from_columns(OPTIONS, np.ones(len(OPTIONS)))
    for missing in ("gamma", "vanna", "volga", "theta", "rho", "phi"):
        terms = tuple(term for term in SECOND_ORDER_TERMS if term != missing)
        full, half = (np.abs(remaining(positions, s, terms)).sum() for s in (2.0**-5, 2.0**-6))
        assert full / half == pytest.approx(4.0, rel=0.25), missing


def test_what_is_linear_is_explained_to_the_last_bit() -> None:
    linear = [hr.Spot("SPX", "USD"), hr.Cash("BTC"), hr.Perpetual("SPX"),
              hr.Perpetual("BTC", settlement="inverse", multiplier=10)]  # fmt: skip
    positions = hr.Book.from_columns(linear, [3.0, -2.0, 5.0, 700.0], [3_700.0, 1.0, 3_790.0, 9e4])
    found = hr.explain(positions, market(), MOVED)
    assert found.unexplained.tolist() == [0.0] * 4
    assert found.sums()["unexplained"] == 0.0
    assert set(found.columns).isdisjoint(hr.portfolio.valuation.CONTRACT_KEYS)
    by_name = hr.explain(positions, market(), MOVED, "instrument").net()
    rows = {row["instrument"]: row for row in by_name.rows()}
    spot, coin, linear_mark, inverse_mark = (rows[hr.symbol(contract)] for contract in linear)
    assert spot["delta"] == pytest.approx(3 * 114, rel=1e-13)
    assert coin["delta"] == pytest.approx(-2 * 2_700, rel=1e-13)
    assert linear_mark["delta"] == pytest.approx(5 * 114, rel=1e-13)
    assert linear_mark["basis"] == 0.0
    assert abs(inverse_mark["basis"]) > 1.0


def test_a_coin_premium_held_has_its_own_delta() -> None:
    """An option whose coin price stays is worth more dollars when the coin rises."""
    call = hr.Option("BTC", EXPIRIES[1], 90_000.0, "call", settlement="inverse")
    positions = hr.Book.from_columns([call], [10.0])
    values = hr.value(positions, market())
    up = later(0, 1 + 1e-6)
    found = hr.explain(positions, market(), up).sums()
    in_coin = hr.Snapshot(as_of=AS_OF, markets=market().markets,
                          rates=hr.ExchangeRates("BTC", {"USD": 1 / 9e4}))  # fmt: skip
    up_in_coin = hr.Snapshot(as_of=AS_OF, markets=up.markets,
                             rates=hr.ExchangeRates("BTC", {"USD": 1 / 90_000.09}))  # fmt: skip
    coins = hr.explain(positions, in_coin, up_in_coin).sums()
    assert found["delta"] == pytest.approx(values.delta[0] * 0.09, rel=1e-9)
    net = coins["delta"] + coins["fx"]
    assert net == pytest.approx(values.premium_adjusted_delta[0] * 0.09 / 9e4, rel=1e-4)


def test_what_expired_in_between_is_in_a_term_of_its_own() -> None:
    after = later(86_400 * 2, 1.02)
    found = hr.explain(book(), market(), after, "expiry")
    column = found.columns.index("expired")
    for i, expiry in enumerate(found.keys["expiry"]):
        gone = expiry == EXPIRIES[0]
        assert (found.cube[0, column, i] != 0) == gone
        if gone:
            assert found.cube[0, 0, i] == pytest.approx(found.cube[0, column, i], rel=1e-15)
            assert found.cube[0, -1, i] == 0.0
    assert found.net()["expiry"].tolist() == found.keys["expiry"].tolist()  # no term has its name
    expired = np.array(
        [getattr(c, "expiry", None) == hr.Future("SPX", EXPIRIES[0]).expiry for c in CONTRACTS * 2]
    )
    assert (found.status[expired] == hr.Status.EXPIRED).all()
    assert (found.status[~expired] == hr.Status.OK).all()


def test_intervals_add_up_to_the_gain_of_the_whole() -> None:
    path = [market(), later(3_600, 1.01, 0.01), later(7_200, 0.99, 0.0, skew=0.02), MOVED]
    positions = book()
    known = positions.select(~np.isnan(positions.average_price))
    found = hr.explain_path(known, path, "underlying")
    assert found.cube.shape == (3, 13, 3)
    tolerance = rounding(known, *path)
    assert found.sums()["total"] == pytest.approx(gained(known, path[0], path[-1]), abs=tolerance)
    once = hr.explain(known, path[0], path[-1])
    assert abs(found.sums()["unexplained"]) < abs(once.sums()["unexplained"])
    for i in range(3):
        one = hr.explain(known, path[i], path[i + 1], "underlying")
        np.testing.assert_array_equal(found.cube[i], one.cube[0])
    frame = found.by_interval()
    assert len(frame) == 9
    assert frame["since"][0] == path[0].as_of
    assert frame["until"][-1] == path[-1].as_of
    # A future of unknown cost is entered once, at the first mark.
    rates = [hr.ExchangeRates("EUR", {"USD": rate}) for rate in (0.9, 0.95, 0.8)]
    abroad = [later(3_600.0 * i, 1 + 0.01 * i, rates=r) for i, r in enumerate(rates)]
    future = hr.Book.from_columns([hr.Future("SPX", EXPIRIES[2])], [2.0])
    entered = hr.Book.from_columns(
        [hr.Future("SPX", EXPIRIES[2])], [2.0], hr.value(future, abroad[0]).price
    )
    np.testing.assert_allclose(
        hr.explain_path(future, abroad).cube, hr.explain_path(entered, abroad).cube, rtol=1e-12
    )


def test_the_largest_residuals_are_named() -> None:
    found = hr.explain(book(), market(), MOVED, "underlying")
    worst = found.largest(5)
    sizes = np.abs(worst["unexplained"])
    assert len(worst) == 5
    assert sizes[0] == np.nanmax(np.abs(found.unexplained))
    assert (np.diff(sizes) <= 0).all()
    np.testing.assert_array_equal(worst["unexplained"], found.unexplained[worst["row"]])
    np.testing.assert_array_equal(worst["instrument"], book().instrument[worst["row"]])
    np.testing.assert_array_equal(worst["total"], found.total[worst["row"]])
    assert "strategy" in worst
    assert len(found.largest(1_000)) == len(book())


def test_what_can_not_be_valued_is_counted_and_in_no_sum() -> None:
    bad = hr.Book.from_columns(
        ["option:DOGE/USD:2026-03-27T08:00:00Z:1:C", "spot:SPX/USD"], [1.0, np.nan],
        tags={"strategy": ["a", "b"]},
    )  # fmt: skip
    good = hr.explain(book(), market(), MOVED, "strategy")
    found = hr.explain(bad + book(), market(), MOVED, "strategy")
    np.testing.assert_allclose(found.cube, good.cube, rtol=1e-12, atol=1e-8)
    assert found.excluded.tolist() == [[1, 1]]
    assert found.net()["excluded"].tolist() == [1, 1]
    assert found.net()["positions"].sum() == len(book()) + 2
    assert [hr.Status(s) for s in found.status[:2]] == [
        hr.Status.UNKNOWN_UNDERLYING,
        hr.Status.INVALID_QUANTITY,
    ]
    assert np.isnan(found.total[:2]).all()
    assert np.isnan(found.unexplained[:2]).all()
    assert "2 not in all of it" in repr(found)


def test_an_interval_without_a_smile_leaves_the_others() -> None:
    blind = hr.Snapshot(
        as_of=AS_OF,
        markets=[
            hr.UnderlyingMarket(
                underlying="SPX",
                quote_currency="USD",
                forwards=hr.ForwardCurve(as_of=AS_OF, spot=3_800.0),
            )
        ],
    )
    option = hr.Book.from_columns([hr.Option("SPX", EXPIRIES[1], 3_800.0, "put")], [1.0])
    path = [blind, market(), MOVED]
    found = hr.explain_path(option, path)
    assert found.excluded.tolist() == [[1], [0]]
    assert hr.Status(found.status[0]) == hr.Status.MISSING_SMILE
    np.testing.assert_array_equal(found.cube[1], hr.explain(option, market(), MOVED).cube[0])
    assert (found.cube[0] == 0).all()


def test_a_gain_beyond_doubles_is_not_a_number_there() -> None:
    far = later(0, 1e280)
    positions = hr.Book.from_columns([OPTIONS[0], hr.Cash("USD")], [1.0, 1.0])
    found = hr.explain(positions, market(), far)
    assert [hr.Status(s) for s in found.status] == [hr.Status.NOT_A_NUMBER, hr.Status.OK]
    assert found.sums()["total"] == 0.0


def test_the_same_bits_on_any_threads() -> None:
    positions = sum((book(k) for k in range(1, 100)), hr.Book())
    threads = hr.get_num_threads()
    try:
        hr.set_num_threads(1)
        alone = hr.explain(positions, market(), MOVED, "strategy", "expiry").cube
        hr.set_num_threads(3)
        shared = hr.explain(positions, market(), MOVED, "strategy", "expiry").cube
    finally:
        hr.set_num_threads(threads)
    np.testing.assert_array_equal(alone, shared)
    once = hr.explain(book(), market(), MOVED, "strategy", "expiry").cube
    np.testing.assert_allclose(alone, once * sum(range(1, 100)), rtol=1e-11, atol=1e-4)


def test_groups_of_one_row_each() -> None:
    found = hr.explain(book(), market(), MOVED, "instrument", "strategy")
    assert found.cube.shape[2] == len(book())
    assert sorted(found.cube[0, 0].tolist()) == sorted(found.total.tolist())
    assert sorted(found.cube[0, -1].tolist()) == sorted(found.unexplained.tolist())


def test_many_groups_whose_rows_lie_apart() -> None:
    """More groups than stand in every chunk, each with rows in several of them."""
    many = sum((book(k) for k in range(1, 100)), hr.Book())
    labels = [f"{row % 700:03}" for row in range(len(many))]
    tagged = hr.Book.from_columns(
        many.instrument.tolist(), many.quantity, many.average_price, tags={"trader": labels}
    )
    found = hr.explain(tagged, market(), MOVED, "trader")
    assert found.cube.shape[2] == 700
    sums = np.bincount(np.arange(len(many)) % 700, found.total)
    size = np.bincount(np.arange(len(many)) % 700, np.abs(found.total))
    assert (np.abs(found.cube[0, 0] - sums) <= 1e-13 * size).all()
    assert found.net()["positions"].sum() == len(many)


MOVES = st.fixed_dictionaries(
    {
        "seconds": st.floats(0, 86_400 * 60),
        "spot": st.floats(0.5, 2.0),
        "volatility": st.floats(-0.1, 0.5),
        "rate": st.floats(-0.02, 0.02),
        "carry": st.floats(-0.02, 0.02),
        "mark": st.floats(0.99, 1.01),
        "skew": st.floats(-0.05, 0.05),
    }
)


@given(books(), MOVES)
@settings(max_examples=60)
def test_any_book_and_any_move(positions: hr.Book, moves: dict[str, Any]) -> None:
    after = later(**moves)
    found = hr.explain(positions, market(), after, "strategy", terms=TAYLOR_TERMS)
    tolerance = rounding(positions, market(), after)
    size = np.abs(found.cube).sum(axis=1, keepdims=True) * 1e-14 + tolerance
    gap = found.cube[:, 1:].sum(axis=1, keepdims=True) - found.cube[:, :1]
    assert (np.abs(gap) <= size).all()
    assert found.sums()["total"] == pytest.approx(gained(positions, market(), after), abs=tolerance)
    assert all(hr.Status(code) in NO_REASON for code in found.status)


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(hr.InvalidInput, match=r"markets\[1\].as_of"):
        hr.explain(book(), MOVED, market())
    with pytest.raises(hr.InvalidInput, match="reporting"):
        hr.explain(book(), market(), later(rates=hr.ExchangeRates("EUR", {"USD": 0.9})))
    with pytest.raises(hr.InvalidInput, match="at least two"):
        hr.explain_path(book(), [market()])
    for terms in (("fx",), ("color", "color"), ("price",)):
        with pytest.raises(hr.InvalidInput, match="terms"):
            hr.explain(book(), market(), MOVED, terms=terms)
    with pytest.raises(hr.InvalidInput, match="key"):
        hr.explain(book(), market(), MOVED, "trader")


def test_no_book_gains_nothing() -> None:
    found = hr.explain(hr.Book(), market(), MOVED)
    assert found.sums()["total"] == 0.0
    assert len(found.largest()) == 0
    assert "0 positions" in repr(found)


def test_it_prints() -> None:
    text = repr(hr.explain(book(), market(), MOVED, "underlying"))
    assert "unexplained" in text
    assert all(len(line) <= 80 for line in text.splitlines()[1:])
