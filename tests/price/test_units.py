"""Every kind of contract: its row against hand formulas, its Greeks against revaluation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import hedgerow as hr

AS_OF = np.datetime64("2026-01-05T12:00:00", "ns")
EXPIRY = AS_OF + np.timedelta64(90, "D")
SPOT, VOL, RATE, COIN_RATE, EURO = 90_000.0, 0.55, 0.05, 0.02, 0.9
PERPETUAL = 1.0003  # mark over spot
TIME = 90 / 365

INVERSE = {"settlement": "inverse"}
KINDS: dict[str, hr.Contract] = {
    "linear call": hr.Option("BTC", EXPIRY, 95_000.0, "call", multiplier=0.1),
    "linear put": hr.Option("BTC", EXPIRY, 95_000.0, "put", multiplier=0.1),
    "inverse call": hr.Option("BTC", EXPIRY, 95_000.0, "call", multiplier=2, **INVERSE),
    "inverse put": hr.Option("BTC", EXPIRY, 95_000.0, "put", multiplier=2, **INVERSE),
    "linear future": hr.Future("BTC", EXPIRY, multiplier=5),
    "inverse future": hr.Future("BTC", EXPIRY, multiplier=10, **INVERSE),
    "linear perpetual": hr.Perpetual("BTC", multiplier=5),
    "inverse perpetual": hr.Perpetual("BTC", multiplier=10, **INVERSE),
    "spot": hr.Spot("BTC", "USD"),
    "coin": hr.Cash("BTC"),
    "money": hr.Cash("USD"),
}


def snapshot(
    spot: float = 0.0, vol: float = 0.0, hours: int = 0, rate: float = 0.0, coin: float = 0.0,
    rates: hr.ExchangeRates | None = None,
) -> hr.Snapshot:  # fmt: skip
    """The market after moves of the spot (relative), the volatility, time, and both rates.

    Rates are flat: dollars earn RATE, coins COIN_RATE, and forwards carry the difference.
    """
    as_of = AS_OF + np.timedelta64(hours, "h")
    time = float((EXPIRY - as_of) / np.timedelta64(1, "ns")) / (365 * 86_400e9)
    price, r, q = SPOT * (1 + spot), RATE + rate, COIN_RATE + coin

    def discount(x: float) -> hr.DiscountCurve:
        return hr.DiscountCurve(as_of=as_of, pillars=[EXPIRY], factors=[np.exp(-x * time)])

    forwards = hr.ForwardCurve(
        as_of=as_of, spot=price, pillars=[EXPIRY], forwards=[price * np.exp((r - q) * time)]
    )
    market = hr.UnderlyingMarket(
        underlying="BTC",
        quote_currency="USD",
        forwards=forwards,
        discount=discount(r),
        coin_discount=discount(q),
        smiles=[hr.Smile(expiry=EXPIRY, strikes=[90_000.0], volatilities=[VOL + vol])],
        perpetual=price * PERPETUAL,
    )
    given = hr.ExchangeRates(reporting="EUR", rates={"USD": EURO}) if rates is None else rates
    return hr.Snapshot(as_of=as_of, markets=[market], rates=given)


def holding(kind: str) -> hr.Book:
    """Three contracts, entered off the market where that matters."""
    return hr.Book.from_columns([KINDS[kind]], [3.0], [70_000.0])


def measure(kind: str, name: str, **moves: float) -> float:
    return float(getattr(hr.value(holding(kind), snapshot(**moves)), name)[0])  # type: ignore[arg-type]


def slope(function: Callable[[float], float], step: float) -> float:
    """The derivative at 0 to the fourth order in the step."""
    near, far = (function(k * step) - function(-k * step) for k in (1, 2))
    return (8 * near - far) / (12 * step)


HOUR = 1 / (365 * 24)
MOVES: dict[str, tuple[float, float]] = {  # step of the move, and the variable's change per move
    "spot": (1e-3, SPOT),
    "vol": (1e-3, 1.0),
    "hours": (1, HOUR),
    "rate": (1e-4, 1.0),
    "coin": (1e-4, 1.0),
}
DERIVATIVES = {
    "delta": ("value", "spot"),
    "gamma": ("delta", "spot"),
    "vega": ("value", "vol"),
    "theta": ("value", "hours"),
    "rho": ("value", "rate"),
    "phi": ("value", "coin"),
    "vanna": ("delta", "vol"),
    "volga": ("vega", "vol"),
    "charm": ("delta", "hours"),
    "veta": ("vega", "hours"),
    "speed": ("gamma", "spot"),
    "zomma": ("gamma", "vol"),
    "color": ("gamma", "hours"),
    "ultima": ("volga", "vol"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", DERIVATIVES)
def test_every_greek_is_the_derivative_that_it_says(kind: str, name: str) -> None:
    of, by = DERIVATIVES[name]
    step, unit = MOVES[by]
    revalued = slope(
        lambda move: measure(kind, of, **{by: int(move) if by == "hours" else move}), step
    )
    margined_in_coins = kind in ("inverse future", "inverse perpetual")
    size = 3 * getattr(KINDS[kind], "multiplier", 1.0) * (1 if margined_in_coins else SPOT)
    gross = abs(measure(kind, of)) + (2 * size if of == "value" else 0.0)
    found = measure(kind, name)
    assert found * unit == pytest.approx(revalued, rel=2e-7, abs=2e-11 * gross / step + 1e-30)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "money"])
def test_measures_of_one_who_counts_in_the_underlying(kind: str) -> None:
    def coins(move: float) -> float:
        return measure(kind, "value", spot=move) / (SPOT * (1 + move)) / EURO

    first = slope(coins, 1e-3) / SPOT
    scale = (abs(coins(0)) + 10) / SPOT
    assert measure(kind, "coin_delta") == pytest.approx(first, rel=1e-8, abs=1e-11 * scale)
    second = slope(lambda move: measure(kind, "coin_delta", spot=move), 1e-3) / SPOT
    assert measure(kind, "coin_gamma") == pytest.approx(second, rel=1e-7, abs=1e-11 * scale / SPOT)
    value, delta = measure(kind, "value"), measure(kind, "delta")
    adjusted = measure(kind, "premium_adjusted_delta")
    assert adjusted == pytest.approx(delta - value / SPOT, rel=1e-12, abs=1e-12 * abs(delta))
    assert adjusted == pytest.approx(first * SPOT * EURO, rel=1e-8, abs=1e-11 * scale * SPOT)
    assert measure(kind, "dollar_delta") == pytest.approx(delta * SPOT, rel=1e-14)
    gamma = measure(kind, "gamma")
    assert measure(kind, "dollar_gamma") == pytest.approx(gamma * SPOT**2 / 100, rel=1e-13)


def test_money_has_no_greeks() -> None:
    total = hr.value(holding("money"), snapshot()).total()
    assert total["value"] == pytest.approx(3 * EURO, rel=1e-15)
    for name in hr.portfolio.valuation.ADDITIVE:
        if name != "value":
            assert total[name] == 0.0, name


@pytest.mark.parametrize("kind", ["linear call", "linear put", "inverse call", "inverse put"])
def test_dual_greeks_are_derivatives_by_the_strike(kind: str) -> None:
    option = KINDS[kind]
    assert isinstance(option, hr.Option)

    def at(strike: float, name: str) -> float:
        moved = hr.Option(
            "BTC", EXPIRY, strike, option.right, multiplier=option.multiplier,
            settlement=option.settlement,
        )  # fmt: skip
        values = hr.value(hr.Book.from_columns([moved], [1.0]), snapshot())
        return float(getattr(values, name)[0])

    for name, of in (("dual_delta", "value"), ("dual_gamma", "dual_delta")):
        revalued = slope(lambda move, of=of: at(95_000.0 + move, of), 50.0)  # type: ignore[misc]
        assert at(95_000.0, name) == pytest.approx(revalued, rel=1e-8)


def test_rows_are_those_of_the_table() -> None:
    forward = SPOT * np.exp((RATE - COIN_RATE) * TIME)
    mark = SPOT * PERPETUAL
    right = {"linear call": 1.0, "linear put": -1.0, "inverse call": 1.0, "inverse put": -1.0}
    table = {  # price, worth of one unit (as native value of three, before what is owed)
        "linear future": (forward, forward - 70_000.0),
        "inverse future": (forward, 1 / 70_000.0 - 1 / forward),
        "linear perpetual": (mark, mark - 70_000.0),
        "inverse perpetual": (mark, 1 / 70_000.0 - 1 / mark),
        "spot": (SPOT, SPOT),
        "coin": (1.0, 1.0),
        "money": (1.0, 1.0),
    }
    for kind, sign in right.items():
        premium = float(
            hr.kernels.black_price(sign, forward, 95_000.0, TIME, VOL, np.exp(-RATE * TIME))
        )
        price = premium / SPOT if kind.startswith("inverse") else premium
        table[kind] = (price, price)
    assert table.keys() == KINDS.keys()
    for kind, (price, native) in table.items():
        size = 3 * getattr(KINDS[kind], "multiplier", 1.0)
        coin = kind == "coin" or kind.startswith("inverse")
        values = hr.value(holding(kind), snapshot())
        assert values.price[0] == pytest.approx(price, rel=1e-12), kind
        assert values.native_value[0] == pytest.approx(size * native, rel=1e-10), kind
        rate = SPOT * EURO if coin else EURO
        assert values.value[0] == pytest.approx(size * native * rate, rel=1e-10), kind
        profit = {"coin": 0.0, "money": 0.0, "spot": size * (SPOT - 70_000.0)}.get(
            kind, size * (price - 70_000.0) if kind in right else size * native
        )
        assert values.native_pnl[0] == pytest.approx(profit, rel=1e-10), kind
        assert values.pnl[0] == pytest.approx(profit * rate, rel=1e-10), kind


def test_a_margined_position_of_unknown_cost_counts_as_entered_at_the_mark() -> None:
    for kind in ("linear future", "inverse future", "linear perpetual", "inverse perpetual"):
        size = 3 * KINDS[kind].multiplier  # type: ignore[union-attr]
        values = hr.value(hr.Book.from_columns([KINDS[kind]], [3.0]), snapshot())
        assert values.value[0] == pytest.approx(0.0, abs=1e-9)
        per_unit = values.price[0] / SPOT if kind.startswith("linear") else 1 / values.price[0]
        assert values.delta[0] == pytest.approx(size * per_unit * EURO, rel=1e-12)
        assert np.isnan(values.pnl[0])
        assert values.total()["unknown_cost"] == 1


def test_the_multiplier_scales_everything_but_the_price() -> None:
    for make in (
        lambda m: hr.Option("BTC", EXPIRY, 95_000.0, "put", multiplier=m, **INVERSE),
        lambda m: hr.Future("BTC", EXPIRY, multiplier=m, **INVERSE),
        lambda m: hr.Perpetual("BTC", multiplier=m),
    ):
        contracts = [make(1.0), make(64.0)]  # of different size: two contracts, priced alike
        values = hr.value(hr.Book.from_columns(contracts, [64.0, 1.0], [0.5, 0.5]), snapshot())
        for name in hr.portfolio.valuation.MEASURES:
            one, other = getattr(values, name)
            assert one == other, name
        assert len(hr.Book.from_columns(contracts, [64.0, 1.0]).net()) == 2


# --- currencies ------------------------------------------------------------------------------


def test_a_euro_underlying_in_a_dollar_book() -> None:
    market = hr.UnderlyingMarket(
        underlying="SX5E",
        quote_currency="EUR",
        forwards=hr.ForwardCurve(as_of=AS_OF, spot=5_000.0),
        smiles=[hr.Smile(expiry=EXPIRY, strikes=[5_000.0], volatilities=[0.2])],
    )
    option = hr.Option("SX5E", EXPIRY, 5_100.0, "call", quote_currency="EUR", multiplier=10)
    book = hr.Book.from_columns([option, hr.Cash("EUR")], [2.0, -100.0], [50.0, 1.0])

    def totals(reporting: str, rates: dict[str, float]) -> hr.Valuation:
        given = hr.ExchangeRates(reporting=reporting, rates=rates)
        return hr.value(book, hr.Snapshot(as_of=AS_OF, markets=[market], rates=given))

    home, abroad = totals("EUR", {}), totals("USD", {"EUR": 1.25})
    coins = ("coin_delta", "coin_gamma")  # are in no currency
    native = ("price", "native_value", "native_pnl")
    for name in hr.portfolio.valuation.MEASURES:
        factor = 1.0 if name in coins or name in native else 1.25
        expected = factor * getattr(home, name)
        assert getattr(abroad, name) == pytest.approx(expected, rel=1e-14), name
    lost = totals("USD", {})
    assert (lost.status == hr.Status.MISSING_RATE).all()
    assert (lost.total()["value"], lost.total()["excluded"]) == (0.0, 2)


def test_a_coin_option_reported_in_its_coin() -> None:
    coin = hr.ExchangeRates(reporting="BTC", rates={"USD": 1 / SPOT})
    values = hr.value(holding("inverse call"), snapshot(rates=coin))
    assert values.value[0] == pytest.approx(values.native_value[0], rel=1e-15)
    assert values.pnl[0] == pytest.approx(values.native_pnl[0], rel=1e-15)
    dollars = hr.ExchangeRates(reporting="USD", rates={})
    delta = hr.value(holding("inverse call"), snapshot(rates=dollars)).delta[0]
    assert values.dollar_delta[0] == pytest.approx(delta, rel=1e-14)


def test_a_market_in_another_currency_values_nothing() -> None:
    rates = hr.ExchangeRates(reporting="USD", rates={"EUR": 1.1})
    contracts = [
        hr.Option("BTC", EXPIRY, 95_000.0, "call", quote_currency="EUR"),
        hr.Future("BTC", EXPIRY, quote_currency="EUR", settlement="inverse"),
        hr.Spot("BTC", "EUR"),
    ]
    values = hr.value(hr.Book.from_columns(contracts, [1.0] * 3), snapshot(rates=rates))
    assert (values.status == hr.Status.WRONG_CURRENCY).all()
    assert values.total()["excluded"] == 3


def test_a_coin_whose_dollars_have_no_rate_is_not_valued() -> None:
    """Its value could be told, its Greeks could not: they were NaN in the total."""
    rates = hr.ExchangeRates(reporting="EUR", rates={"BTC": 80_000.0})
    values = hr.value(holding("coin"), snapshot(rates=rates))
    assert values.status[0] == hr.Status.MISSING_RATE
    assert all(np.isfinite(total) for total in values.total().values())


# --- what is not finite ----------------------------------------------------------------------


def test_an_infinite_greek_is_not_a_number() -> None:
    """At the forward without volatility gamma has no finite limit."""
    market = hr.UnderlyingMarket(
        underlying="X",
        quote_currency="USD",
        forwards=hr.ForwardCurve(as_of=AS_OF, spot=100.0),
        smiles=[hr.Smile(expiry=EXPIRY, strikes=[100.0], volatilities=[0.0])],
    )
    rates = hr.ExchangeRates(reporting="USD", rates={})
    options = [hr.Option("X", EXPIRY, strike, "call") for strike in (90.0, 100.0, 110.0)]
    values = hr.value(
        hr.Book.from_columns(options, [1.0] * 3),
        hr.Snapshot(as_of=AS_OF, markets=[market], rates=rates),
    )
    assert values.status.tolist() == [hr.Status.OK, hr.Status.NOT_A_NUMBER, hr.Status.OK]
    total = values.total()
    assert (total["value"], total["delta"], total["gamma"]) == (10.0, 1.0, 0.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("quantity", [np.nan, np.inf, -np.inf, 1e307, -1e91])
def test_an_impossible_quantity_poisons_nothing(kind: str, quantity: float) -> None:
    good = holding(kind)
    bad = hr.Book.from_columns([KINDS[kind]], [quantity], [70_000.0])
    values = hr.value(good + bad, snapshot())
    assert values.status.tolist() == [hr.Status.OK, hr.Status.INVALID_QUANTITY]
    total, expected = values.total(), hr.value(good, snapshot()).total()
    for name in hr.portfolio.valuation.ADDITIVE:
        assert total[name] == expected[name], name
    assert total["excluded"] == 1


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in ("coin", "money")])
@pytest.mark.parametrize("price", [1e300, np.nan])  # infinite ones are refused
def test_an_impossible_cost_is_an_unknown_one(kind: str, price: float) -> None:
    if kind in ("inverse future", "inverse perpetual"):
        price = 1 / price  # these cost their reciprocal
    book = hr.Book.from_columns([KINDS[kind]], [3.0], [price])
    values = hr.value(holding(kind) + book, snapshot())
    total, expected = values.total(), hr.value(holding(kind), snapshot()).total()
    assert total["unknown_cost"] == 1
    assert total["pnl"] == expected["pnl"]
    assert all(np.isfinite(number) for number in total.values())


def test_what_has_expired_has_no_greeks() -> None:
    past = AS_OF - np.timedelta64(1, "h")
    contracts = [
        hr.Option("BTC", past, 80_000.0, "call", **INVERSE),
        hr.Option("BTC", past, 95_000.0, "put"),
        hr.Future("BTC", past, **INVERSE),
        hr.Future("BTC", past),
    ]
    values = hr.value(hr.Book.from_columns(contracts, [2.0] * 4, [70_000.0] * 4), snapshot())
    assert (values.status == hr.Status.EXPIRED).all()
    coins = 2 * np.array([1 - 8 / 9, 0.0, 1 / 70_000 - 1 / SPOT, 0.0])
    dollars = 2 * np.array([0.0, 5_000.0, 0.0, SPOT - 70_000])
    assert values.native_value == pytest.approx(coins + dollars, rel=1e-12)
    for name in hr.portfolio.valuation.ADDITIVE:
        if name not in ("value", "pnl"):
            assert (getattr(values, name) == 0.0).all(), name
