"""Settlement at an average: values against integrals, Greeks against revaluation, both ends."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

import hedgerow as hr

START = np.datetime64("2026-03-27T07:30", "ns")
EXPIRY = np.datetime64("2026-03-27T08:00", "ns")
WINDOW = 0.5 / (365 * 24)
SPOT, KNOWN, RATE, COIN_RATE = 60_000.0, 60_300.0, 0.05, 0.02
# So volatile that half an hour is felt: derivatives are far above rounding.
VOL = 3.0
NAMES = {
    "linear call": hr.Option("BTC", EXPIRY, 60_200.0, "call"),
    "linear put": hr.Option("BTC", EXPIRY, 60_200.0, "put"),
    "inverse call": hr.Option("BTC", EXPIRY, 60_200.0, "call", settlement="inverse"),
    "inverse put": hr.Option("BTC", EXPIRY, 60_200.0, "put", settlement="inverse"),
    "certain call": hr.Option("BTC", EXPIRY, 10_000.0, "call", settlement="inverse"),
    "impossible put": hr.Option("BTC", EXPIRY, 10_000.0, "put"),
    "linear future": hr.Future("BTC", EXPIRY),
    "inverse future": hr.Future("BTC", EXPIRY, settlement="inverse"),
}


def snapshot(
    elapsed: float = 0.4,
    spot: float = SPOT,
    vol: float = VOL,
    rate: float = RATE,
    coin: float = COIN_RATE,
    average: float = KNOWN,
    windows: bool = True,
) -> hr.Snapshot:
    """The market when this part of the window has passed."""
    as_of = START + np.timedelta64(round(elapsed * 1800e9), "ns")
    time = float((EXPIRY - as_of) / np.timedelta64(1, "ns")) / (365 * 86_400e9)
    begun = average if as_of > START else None
    window = hr.SettlementWindow(start=START, expiry=EXPIRY, average=begun)

    def discount(x: float) -> hr.DiscountCurve:
        if time <= 0:
            return hr.DiscountCurve()
        return hr.DiscountCurve(as_of=as_of, pillars=[EXPIRY], factors=[np.exp(-x * time)])

    live = time > 0
    market = hr.UnderlyingMarket(
        underlying="BTC",
        quote_currency="USD",
        forwards=hr.ForwardCurve(
            as_of=as_of,
            spot=spot,
            pillars=[EXPIRY] if live else [],
            forwards=[spot * np.exp((rate - coin) * time)] if live else [],
        ),
        discount=discount(rate),
        coin_discount=discount(coin),
        smiles=[hr.Smile(expiry=EXPIRY, strikes=[60_000.0], volatilities=[vol])],
        settlement_windows=[window] if windows else [],
    )
    return hr.Snapshot(as_of=as_of, markets=[market])


def along(name: str, move: float, elapsed: float = 0.4) -> hr.Snapshot:
    """The market after one of the moves, the average going on at the spot."""
    if name != "elapsed":
        return snapshot(**{"elapsed": elapsed, name: BASE[name] + move})
    later = elapsed + move
    average = (elapsed * KNOWN + move * SPOT) / later
    return snapshot(elapsed=later, average=average)


BASE = {"spot": SPOT, "vol": VOL, "rate": RATE, "coin": COIN_RATE}


def measure(kind: str, name: str, market: hr.Snapshot) -> float:
    """Of one contract, entered at no cost: futures are then worth their price."""
    # The cost of an inverse future is -1/price: of an entry so high it is nothing.
    entry = 1e14 if kind == "inverse future" else 0.0
    book = hr.Book.from_columns([NAMES[kind]], [1.0], [entry])
    return float(getattr(hr.value(book, market), name)[0])


def slope(function: Callable[[float], float], step: float) -> float:
    near, far = (function(k * step) - function(-k * step) for k in (1, 2))
    return (8 * near - far) / (12 * step)


STEPS = {"spot": 10.0, "vol": 0.02, "elapsed": 0.005, "rate": 1e-3, "coin": 1e-3}
DERIVATIVES = {
    "delta": ("value", "spot"),
    "gamma": ("delta", "spot"),
    "vega": ("value", "vol"),
    "theta": ("value", "elapsed"),
    "rho": ("value", "rate"),
    "phi": ("value", "coin"),
    "vanna": ("delta", "vol"),
    "volga": ("vega", "vol"),
    "charm": ("delta", "elapsed"),
    "veta": ("vega", "elapsed"),
    "speed": ("gamma", "spot"),
    "zomma": ("gamma", "vol"),
    "color": ("gamma", "elapsed"),
    "ultima": ("volga", "vol"),
}


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("name", DERIVATIVES)
def test_every_greek_is_the_derivative_that_it_says(kind: str, name: str) -> None:
    of, by = DERIVATIVES[name]
    step = STEPS[by]
    unit = WINDOW if by == "elapsed" else 1.0
    revalued = slope(lambda move: measure(kind, of, along(by, move)), step) / unit
    rounding = 1e-14 * (abs(measure(kind, of, snapshot())) + (SPOT if of == "value" else 0.0))
    found = measure(kind, name, snapshot())
    assert found == pytest.approx(revalued, rel=2e-6, abs=10 * rounding / (step * unit) + 1e-30)


@pytest.mark.parametrize("kind", NAMES)
def test_nothing_jumps_where_the_window_begins(kind: str) -> None:
    just = snapshot(elapsed=1e-9, average=SPOT)  # 1.8 microseconds of it
    # All but what is in time: the rest of the window begins to get shorter.
    for name in ("value", "delta", "gamma", "vega", "vanna", "volga", "rho"):
        found, before = (measure(kind, name, m) for m in (just, snapshot(elapsed=0.0)))
        assert found == pytest.approx(before, rel=1e-7, abs=1e-9), name


@pytest.mark.parametrize("kind", NAMES)
def test_what_is_left_at_the_end_is_what_is_paid(kind: str) -> None:
    contract = NAMES[kind]
    near, over = (snapshot(elapsed=x) for x in (1 - 1e-9, 1.0))
    paid = KNOWN
    if isinstance(contract, hr.Option):
        sign = 1 if contract.right == hr.Right.CALL else -1
        paid = max(sign * (KNOWN - contract.strike), 0.0)
        if contract.settlement == hr.Settlement.INVERSE:
            paid *= SPOT / KNOWN
    elif kind == "inverse future":
        paid = -SPOT / KNOWN
    assert measure(kind, "value", over) == pytest.approx(paid, rel=1e-12, abs=1e-9)
    assert measure(kind, "value", near) == pytest.approx(paid, rel=1e-6, abs=1e-4)


def test_delta_decays_as_what_is_to_come_and_gamma_as_its_square() -> None:
    # At the money all the way, where a price alone tells: the average so far is the spot.
    atm = hr.Option("BTC", EXPIRY, SPOT, "call")

    def greeks(elapsed: float) -> hr.Valuation:
        market = snapshot(elapsed=elapsed, average=SPOT, rate=0.0, coin=0.0)
        return hr.value(hr.Book.from_columns([atm], [1.0], [0.0]), market)

    whole = greeks(0.0)
    for elapsed in (0.1, 0.5, 0.9):
        left, root = 1 - elapsed, np.sqrt(1 - elapsed)
        now = greeks(elapsed)
        assert now.delta[0] / left == pytest.approx(0.5, abs=0.01)
        assert now.gamma[0] / whole.gamma[0] == pytest.approx(left**2 / (left * root), rel=1e-3)
        # variance of the settlement price: w^2 T of what it was
        assert now.value[0] / whole.value[0] == pytest.approx(left * root, rel=1e-3)


@pytest.mark.parametrize("elapsed", [0.05, 0.4, 0.95])
@pytest.mark.parametrize("kind", [k for k in NAMES if "future" not in k])
def test_an_option_is_the_expected_payoff(kind: str, elapsed: float) -> None:
    contract = NAMES[kind]
    assert isinstance(contract, hr.Option)
    time, left = (1 - elapsed) * WINDOW, 1 - elapsed
    deviation = VOL * np.sqrt(time)
    forward = SPOT * np.exp((RATE - COIN_RATE) * time)
    sign = 1 if contract.right == hr.Right.CALL else -1
    inverse = contract.settlement == hr.Settlement.INVERSE

    def payoff(z: float) -> Any:
        then = forward * np.exp(deviation * z - deviation**2 / 2)
        average = elapsed * KNOWN + left * then
        paid = max(sign * (average - contract.strike), 0.0)
        return norm.pdf(z) * paid * (then / average if inverse else 1.0)

    split = [0.0]
    if contract.strike > elapsed * KNOWN:
        strike = (contract.strike - elapsed * KNOWN) / left
        split.append((np.log(strike / forward) + deviation**2 / 2) / deviation)
    ends = sorted([-10.0, *np.clip(split, -10, 10), 10.0])
    parts = [quad(payoff, a, b, epsabs=1e-9, epsrel=1e-12)[0] for a, b in pairwise(ends)]
    expected = np.exp(-RATE * time) * sum(parts)
    # In coin the average that is divided by is the expected one.
    bound = 1.5 * elapsed * deviation if inverse else 1e-10
    found = measure(kind, "value", snapshot(elapsed=elapsed))
    assert found == pytest.approx(expected, rel=bound, abs=1e-7)


def test_a_future_is_the_expected_average() -> None:
    market = snapshot()
    forward = SPOT * np.exp((RATE - COIN_RATE) * 0.6 * WINDOW)
    price = 0.4 * KNOWN + 0.6 * forward
    for kind in ("linear future", "inverse future"):
        book = hr.Book.from_columns([NAMES[kind]], [1.0], [50_000.0])
        assert hr.value(book, market).price[0] == pytest.approx(price, rel=1e-14)
    assert measure("linear future", "delta", market) == pytest.approx(0.6, rel=1e-5)


def test_only_what_settles_so_is_averaged() -> None:
    option = hr.Option("BTC", EXPIRY, 60_200.0, "call", fixing="another")
    book = hr.Book.from_columns([option, NAMES["linear call"]], [1.0, 1.0], [0.0, 0.0])
    with_window = hr.value(book, snapshot())
    without = hr.value(book, snapshot(windows=False))
    assert with_window.value[0] == without.value[0]
    assert with_window.value[1] != without.value[1]


@pytest.mark.parametrize("elapsed", [0.4, 0.99, 1.0])
def test_every_way_to_net_agrees(elapsed: float) -> None:
    market = snapshot(elapsed=elapsed)
    other = hr.Option("BTC", EXPIRY, 60_200.0, "put", fixing="another")
    contracts = [*NAMES.values(), other, hr.Cash("BTC"), hr.Spot("BTC", "USD")]
    held = np.arange(1.0, len(contracts) + 1) * np.where(np.arange(len(contracts)) % 2, -1, 1)
    book = hr.Book.from_columns(contracts, held, np.full(len(contracts), 0.01))
    valuation = hr.value(book, market)
    exposures = hr.Exposures(book, market, measures=list(MEASURES))
    by_sum = {name: float(np.sum(getattr(valuation, name))) for name in MEASURES}
    netted = hr.value(book, market).net(measures=list(MEASURES))
    for name in MEASURES:
        size = float(np.sum(np.abs(getattr(valuation, name))))
        assert float(netted[name][0]) == pytest.approx(by_sum[name], rel=1e-12, abs=1e-13 * size)
        assert float(getattr(exposures, name)[0]) == pytest.approx(
            by_sum[name], rel=1e-12, abs=1e-12 * size
        )
    exposures.move("BTC", 61_000.0)
    moved = market.shocked(spot_factor=61 / 60, dynamics=hr.SmileDynamics.STICKY_STRIKE)
    after = hr.value(book, moved).net(measures=list(MEASURES))
    for name in MEASURES:
        size = float(np.sum(np.abs(getattr(hr.value(book, moved), name))))
        assert float(getattr(exposures, name)[0]) == pytest.approx(
            float(after[name][0]), rel=1e-11, abs=1e-11 * size
        )


MEASURES = (
    "value",
    "pnl",
    "delta",
    "gamma",
    "vega",
    "theta",
    "rho",
    "charm",
    "speed",
    "coin_delta",
)


@pytest.mark.parametrize("elapsed", [0.4, 1.0])
@pytest.mark.parametrize("settlement", ["linear", "inverse"])
def test_a_folded_slice_is_the_sum_of_its_options(elapsed: float, settlement: str) -> None:
    rights = [(60_200.0, "call", 3.0), (60_200.0, "put", -2.0), (20_000.0, "put", 5.0),
              (20_000.0, "call", 1.0), (61_000.0, "put", 4.0)]  # fmt: skip
    options = [hr.Option("BTC", EXPIRY, k, r, settlement=settlement) for k, r, _ in rights]
    book = hr.Book.from_columns(options, [q for *_, q in rights], np.zeros(len(rights)))
    market = snapshot(elapsed=elapsed)
    folded = book.fold().slices[0].greeks(market)
    valuation = hr.value(book, market)
    assert folded["price"] == pytest.approx(float(np.sum(valuation.value)), rel=1e-12)
    for name in ("delta", "gamma", "vega", "theta", "rho", "phi", "charm", "speed", "color"):
        size = float(np.sum(np.abs(getattr(valuation, name))))
        total = float(np.sum(getattr(valuation, name)))
        assert folded[name] == pytest.approx(total, rel=1e-9, abs=1e-12 * size), name
