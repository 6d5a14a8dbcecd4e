"""Valuing and netting whole books: right numbers, a status per row, no poison, same bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import AS_OF, CONTRACTS, EXPIRIES, books, market

import hedgerow as hr
from hedgerow import kernels

GREEKS = kernels.names[1:]


def years(expiry: np.datetime64) -> float:
    return float((expiry - AS_OF) / np.timedelta64(1, "ns")) / (365 * 86_400e9)


def test_linear_option_is_black_scholes_merton() -> None:
    option = hr.Option("SPX", EXPIRIES[2], 4_000.0, "put", multiplier=100)
    values = hr.value(hr.Book.from_columns([option], [-7.0], [50.0]), market())
    t = years(EXPIRIES[2])
    vol = market().market("SPX").smile(EXPIRIES[2]).volatility(4_000.0)
    expected = kernels.bsm_greeks(-1.0, 3_800.0, 4_000.0, t, vol, 0.04, 0.02)
    assert values.price[0] == pytest.approx(expected[0], rel=1e-13)
    assert values.value[0] == pytest.approx(-700 * expected[0], rel=1e-13)
    assert values.pnl[0] == pytest.approx(-700 * (expected[0] - 50.0), rel=1e-12)
    for name, number in zip(GREEKS, expected[1:], strict=True):
        assert getattr(values, name)[0] == pytest.approx(-700 * number, rel=1e-10), name


def test_published_coin_settled_option() -> None:
    """F = 60000, K = 65000, vol 60 %, 30 days: .03729780 BTC, net delta .314928 (and the put)."""
    expiry = AS_OF + np.timedelta64(30, "D")
    snapshot = hr.Snapshot(
        as_of=AS_OF,
        markets=[
            hr.UnderlyingMarket(
                underlying="BTC", quote_currency="USD",
                forwards=hr.ForwardCurve(as_of=AS_OF, spot=60_000.0),
                smiles=[hr.Smile(expiry=expiry, strikes=[65_000.0], volatilities=[0.6])],
            )
        ],
        rates=hr.ExchangeRates(reporting="USD", rates={}),
    )  # fmt: skip
    terms = {"settlement": "inverse"}
    book = hr.Book.from_columns(
        [hr.Option("BTC", expiry, 65_000.0, right, **terms) for right in ("call", "put")],
        [1, 1],
        [0.02, 0.1],
    )
    values = hr.value(book, snapshot)
    assert values.price == pytest.approx([0.03729780, 0.12063114], abs=5e-9)
    assert values.premium_adjusted_delta == pytest.approx([0.314928, -0.768405], abs=1e-6)
    assert values.coin_delta[0] == pytest.approx(5.248803e-6, abs=1e-12)
    assert values.price[0] - values.price[1] == pytest.approx(1 - 65_000 / 60_000, abs=1e-15)
    assert values.native_pnl[0] == pytest.approx(0.03729780 - 0.02, abs=5e-9)
    assert values.value[0] == pytest.approx(values.price[0] * 60_000, rel=1e-14)


def test_coins_held_are_delta() -> None:
    """2 BTC and a long inverse perpetual of 100,000 USD at 60,000: dEquity/dS = 2 + 1e5/6e4."""
    snapshot = hr.Snapshot(
        as_of=AS_OF,
        markets=[
            hr.UnderlyingMarket(
                underlying="BTC", quote_currency="USD",
                forwards=hr.ForwardCurve(as_of=AS_OF, spot=60_000.0),
            )
        ],
        rates=hr.ExchangeRates(reporting="USD", rates={}),
    )  # fmt: skip
    perpetual = hr.Perpetual("BTC", settlement="inverse", multiplier=10)
    for contracts, delta in ((10_000.0, 2 + 1e5 / 6e4), (-12_000.0, 0.0)):
        book = hr.Book.from_columns([hr.Cash("BTC"), perpetual], [2.0, contracts], [1.0, 60_000.0])
        total = hr.value(book, snapshot).total()
        assert total["delta"] == pytest.approx(delta, abs=1e-12)
        assert total["value"] == pytest.approx(120_000.0, rel=1e-14)


MOVABLE = [c for c in CONTRACTS if c != hr.Cash("USD")]


@given(books(MOVABLE))
def test_greeks_are_derivatives_of_the_value(book: hr.Book) -> None:
    """delta and gamma against revaluation in both worlds' money: linear, coin-settled, cash."""
    base = hr.value(book, market()).net("underlying")
    h = 1e-4
    for i, underlying in enumerate(base["underlying"]):
        spot = {"BTC": 90_000.0, "SPX": 3_800.0}[underlying]

        def revalued(factor: float, name: str = underlying) -> hr.portfolio.Frame:
            moved = market().shocked(
                spot_factor=factor, underlying=name, dynamics=hr.SmileDynamics.STICKY_STRIKE
            )
            frame = hr.value(book, moved).net("underlying")
            return frame.take(frame["underlying"] == name)

        up, down = revalued(1 + h), revalued(1 - h)
        gross = np.abs(hr.value(book, market()).dollar_delta).sum() + abs(base["value"][i]) + 1.0
        slope = (up["value"][0] - down["value"][0]) / (2 * h)
        assert slope == pytest.approx(base["dollar_delta"][i], abs=2e-4 * gross)
        assert base["delta"][i] * spot == pytest.approx(base["dollar_delta"][i], rel=1e-12)


@given(books(), books())
def test_values_add_up(a: hr.Book, b: hr.Book) -> None:
    snapshot = market()
    both, first, second = (hr.value(x, snapshot).total() for x in (a + b, a, b))
    for name in ("value", "delta", "gamma", "vega", "theta"):
        gross = np.nansum(np.abs(hr.value(a + b, snapshot)._core.column(name)))
        assert both[name] == pytest.approx(first[name] + second[name], abs=1e-12 * gross + 1e-12)


@given(books())
def test_every_netting_sums_to_the_total(book: hr.Book) -> None:
    values = hr.value(book, market())
    total = values.total()
    for keys in (
        ("underlying",),
        ("expiry", "strike"),
        ("account", "strategy", "right"),
        ("instrument",),
    ):
        net = values.net(*keys)
        assert net["positions"].sum() == len(book)
        for name in ("value", "pnl", "delta", "vega", "ultima"):
            gross = np.nansum(np.abs(values._core.column(name)))
            assert net[name].sum() == pytest.approx(total[name], abs=1e-12 * gross + 1e-12)


def random_book(rows: int, contracts: int) -> hr.Book:
    """Options, futures and cash of many strikes, in as many accounts as one likes."""
    random = np.random.default_rng(rows + contracts)
    options: list[hr.Contract] = [
        hr.Option("BTC", EXPIRIES[i % 3], 5e4 + 7 * i, ("call", "put")[i % 2], settlement="inverse")
        for i in range(contracts)
    ]
    chosen = random.integers(0, contracts, rows)
    held: list[hr.Contract] = [options[i] for i in chosen]
    for i in range(0, rows, 11):
        held[i] = CONTRACTS[-1 - i % 10]
    prices = np.where(random.random(rows) < 0.1, np.nan, random.uniform(0.5, 2.0, rows))
    accounts = [f"a{i}" for i in random.integers(0, rows // 4, rows)]
    return hr.Book.from_columns(held, random.normal(size=rows), prices, tags={"account": accounts})


@pytest.mark.parametrize("keys", [(), ("underlying", "expiry"), ("account",), ("instrument",)])
@pytest.mark.parametrize(("rows", "contracts"), [(3_000, 50), (3_000, 3_000), (70_000, 60_000)])
def test_nets_are_the_sums_of_the_columns(rows: int, contracts: int, keys: tuple[str, ...]) -> None:
    """Few contracts or many, few groups or many: each way of adding up has an order of its own."""
    values = hr.value(random_book(rows, contracts), market())
    net = values.net(*keys)
    coded = [hr.portfolio.valuation.code_key(values.book, key) for key in keys]
    codes = np.zeros(rows, dtype=np.int64)
    for _, labels, its in coded:
        codes = codes * len(labels) + its
    groups, group = np.unique(codes, return_inverse=True)
    assert net["positions"].tolist() == np.bincount(group).tolist()
    unknown = np.bincount(group, np.isnan(values.pnl), len(groups))
    assert net["unknown_cost"].tolist() == unknown.tolist()
    money = np.abs(values.value) + np.abs(np.nan_to_num(values.pnl)) * 2
    spot = values.dollar_delta / np.where(values.delta == 0, 1.0, values.delta)
    spot = np.where(values.delta == 0, 90_000.0, spot)
    for name in hr.portfolio.valuation.ADDITIVE:
        column = np.nan_to_num(getattr(values, name))
        size = np.abs(column)
        if name in ("value", "pnl"):
            size = size + money
        if name in ("delta", "premium_adjusted_delta", "coin_delta", "coin_gamma"):
            power = {"coin_delta": 2, "coin_gamma": 3}.get(name, 1)
            size = size + (money + np.abs(values.dollar_delta)) / spot**power
        wanted = np.bincount(group, column, len(groups))
        bound = 1e-13 * np.bincount(group, size, len(groups)) + 1e-300
        assert (np.abs(net[name] - wanted) <= bound).all(), name


def test_nets_do_not_depend_on_what_was_asked_before() -> None:
    fresh, asked = (hr.value(random_book(3_000, 2_000), market()) for _ in range(2))
    assert len(asked.status) == len(asked.price) == 3_000
    for name, column in fresh.net("account").to_dict().items():
        np.testing.assert_array_equal(column, asked.net("account")[name])


def bad_book() -> tuple[hr.Book, list[hr.Status]]:
    soon, past = EXPIRIES[0] + np.timedelta64(1, "h"), AS_OF - np.timedelta64(1, "s")
    coin = {"settlement": "inverse"}
    american = hr.Option("SPX", EXPIRIES[0], 3_800.0, "call", exercise="american")
    quanto = hr.Option("SPX", EXPIRIES[0], 3_800.0, "call", settlement="quanto", currency="BTC")
    rows: list[tuple[hr.Contract, float, hr.Status]] = [
        (CONTRACTS[0], 1.0, hr.Status.OK),
        (hr.Option("DOGE", EXPIRIES[0], 1.0, "call"), 1.0, hr.Status.UNKNOWN_UNDERLYING),
        (hr.Option("BTC", soon, 9e4, "call", **coin), 1.0, hr.Status.MISSING_SMILE),
        (american, 1.0, hr.Status.UNSUPPORTED_EXERCISE),
        (quanto, 1.0, hr.Status.UNSUPPORTED_SETTLEMENT),
        (hr.Option("BTC", past, 8e4, "call", **coin), 1.0, hr.Status.EXPIRED),
        (CONTRACTS[1], float("nan"), hr.Status.INVALID_QUANTITY),
        (CONTRACTS[2], float("inf"), hr.Status.INVALID_QUANTITY),
        (hr.Cash("EUR"), 5.0, hr.Status.MISSING_RATE),
    ]
    return hr.Book.from_columns([r[0] for r in rows], [r[1] for r in rows], [0.1] * len(rows)), [
        r[2] for r in rows
    ]


def test_every_bad_row_has_its_status_and_poisons_nothing() -> None:
    book, expected = bad_book()
    values = hr.value(book, market())
    assert [hr.Status(code) for code in values.status] == expected
    valued = np.array([s in (hr.Status.OK, hr.Status.EXPIRED) for s in expected])
    for name in hr.portfolio.valuation.MEASURES:
        column = values._core.column(name)
        assert (np.isnan(column) == ~valued).all(), name
    total = values.total()
    assert total["excluded"] == (~valued).sum()
    good = hr.value(book.select(valued), market()).total()
    for name in hr.portfolio.valuation.ADDITIVE:
        assert total[name] == good[name], name
    assert len(values.not_valued()) == sum(s != hr.Status.OK for s in expected)


def test_expired_rows_are_worth_their_intrinsic_value() -> None:
    past = AS_OF - np.timedelta64(1, "s")
    book = hr.Book.from_columns(
        [hr.Option("BTC", past, 80_000.0, "call", settlement="inverse")], [3.0], [0.0]
    )
    values = hr.value(book, market())
    assert values.price[0] == pytest.approx(10_000 / 90_000, rel=1e-15)
    assert values.delta[0] == values.gamma[0] == 0.0


def test_same_bits_for_any_number_of_threads() -> None:
    rng = np.random.default_rng(7)
    n = 30_000
    chosen = rng.integers(0, len(CONTRACTS), n)
    book = hr.Book.from_columns(
        [CONTRACTS[i] for i in chosen], rng.normal(size=n), rng.uniform(1, 2, n),
        tags={"account": [f"a{i}" for i in rng.integers(0, 40, n)]},
    )  # fmt: skip
    before = hr.get_num_threads()
    try:
        results = []
        for threads in (1, 2, 3, 8):
            hr.set_num_threads(threads)
            net = hr.value(book, market()).net("account", "underlying")
            results.append(
                b"".join(net[name].tobytes() for name in hr.portfolio.valuation.ADDITIVE)
            )
    finally:
        hr.set_num_threads(before)
    assert len(set(results)) == 1


@given(
    books(),
    st.sampled_from(["underlying", "expiry", "strike", "right", "kind", "settlement", "currency"]),
)
def test_keys_label_what_they_group(book: hr.Book, key: str) -> None:
    values = hr.value(book, market())
    frame = values.net(key, "instrument", measures=["value"])
    for label, name in zip(frame[key], frame["instrument"], strict=True):
        contract = hr.parse_contract(name)
        actual = getattr(contract, key, None)
        if key == "right" and actual is not None:
            assert label == actual.name.lower()
        elif key in ("underlying", "expiry", "strike") and actual is not None:
            assert label == actual


def test_bucket_functions_are_keys() -> None:
    def tenor(contracts: hr.portfolio.Frame) -> list[str]:
        days = (contracts["expiry"] - AS_OF) / np.timedelta64(1, "D")
        return ["none" if d != d else "short" if d < 10 else "long" for d in days]

    net = hr.value(hr.Book.from_columns(CONTRACTS, np.ones(len(CONTRACTS))), market()).net(tenor)
    assert net["tenor"].tolist() == ["long", "none", "short"]
    assert net["positions"].sum() == len(CONTRACTS)


def test_a_bucket_function_gives_a_label_per_contract() -> None:
    def broken(contracts: hr.portfolio.Frame) -> list[str]:
        return ["one"]

    with pytest.raises(hr.InvalidInput, match="broken = 1 labels: must return a label per"):
        hr.value(hr.Book.from_columns(CONTRACTS, np.ones(len(CONTRACTS))), market()).net(broken)


def test_unknown_keys_and_measures_are_named() -> None:
    values = hr.value(hr.Book(), market())
    with pytest.raises(hr.InvalidInput, match="colour"):
        values.net("colour")
    with pytest.raises(hr.InvalidInput, match="happiness"):
        values.net(measures=["happiness"])
    with pytest.raises(AttributeError, match="happiness"):
        _ = values.happiness
