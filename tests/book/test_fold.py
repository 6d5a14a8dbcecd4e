"""Put-call folding preserves value and Greeks under any smile; payoffs are exact."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import AS_OF, CONTRACTS, EXPIRIES, books, market

import hedgerow as hr

GREEKS = [
    "delta", "gamma", "vega", "theta", "rho", "phi", "vanna", "volga", "charm", "veta",
    "speed", "zomma", "color", "ultima",
]  # fmt: skip
OPTIONS = [c for c in CONTRACTS if isinstance(c, hr.Option)]


@given(books(OPTIONS))
def test_folding_preserves_value_and_greeks(book: hr.Book) -> None:
    snapshot = market()
    direct = hr.value(book, snapshot).net("underlying", "expiry")
    for i, (underlying, expiry) in enumerate(
        zip(direct["underlying"], direct["expiry"], strict=True)
    ):
        folded = book.fold().slice(underlying, expiry).greeks(snapshot)
        members = hr.value(book, snapshot).to_frame()
        for name, price in [("value", "price"), *((g, g) for g in GREEKS)]:
            # A put is a call less a forward: rounding is relative to what cancels.
            spot = 90_000.0 if underlying == "BTC" else 3_800.0
            natural = {
                "value": spot,
                "theta": spot,
                "rho": spot,
                "phi": spot,
                "delta": 1.0,
                "charm": 1.0,
            }
            units = np.abs(book.quantity).sum() * 100
            scale = np.abs(members[name]).sum() + natural.get(name, 0.0) * units
            assert abs(folded[price] - direct[name][i]) <= 1e-13 * scale + 1e-300, name


def test_the_published_example() -> None:
    """{95: +10C -10P, 100: -4C +7P, 105: +3C +3P, +5 forwards}: calls 0, 3, 6, forwards 5."""
    expiry = EXPIRIES[2]
    legs = [
        (95, "call", 10),
        (95, "put", -10),
        (100, "call", -4),
        (100, "put", 7),
        (105, "call", 3),
        (105, "put", 3),
    ]
    book = hr.Book.from_columns(
        [*(hr.Option("X", expiry, k, right) for k, right, _ in legs), hr.Future("X", expiry)],
        [*(q for *_, q in legs), 5],
        [*(0.0 for _ in legs), 100.0],
    )
    slice = book.fold().slice("X", expiry)
    assert slice.strikes.tolist() == [95, 100, 105]
    assert slice.calls.tolist() == [0, 3, 6]
    assert slice.forwards + slice.futures == 5
    assert 0.985 * slice.cash == pytest.approx(64.025, rel=1e-14)


@given(books(), st.sampled_from(EXPIRIES), st.lists(st.floats(0, 3e5), min_size=5, max_size=5))
def test_payoff_is_the_sum_of_the_legs(
    book: hr.Book, expiry: np.datetime64, fixings: list[float]
) -> None:
    slices = [s for s in book.fold() if s.underlying == "BTC" and s.expiry == expiry]
    for slice in slices:
        payoff = slice.payoff()
        for fixing in [*fixings, *slice.strikes]:
            legs = 0.0
            for p in book:
                c = p.contract
                if getattr(c, "underlying", "") != "BTC" or getattr(c, "expiry", None) != expiry:
                    continue
                size = p.quantity * c.multiplier
                if isinstance(c, hr.Option):
                    sign = 1 if c.right == hr.Right.CALL else -1
                    legs += size * max(sign * (fixing - c.strike), 0)
                elif isinstance(c, hr.Future):
                    legs += size * (fixing / p.average_price - 1)
            assert payoff(fixing) == pytest.approx(legs, rel=1e-9, abs=1e-3)


@given(books(OPTIONS))
def test_the_worst_case_is_the_least_value(book: hr.Book) -> None:
    for slice in book.fold():
        payoff = slice.payoff()
        grid = np.linspace(0, 5 * slice.strikes.max(), 400)
        values = payoff(grid)
        slack = 1e-9 * np.abs(payoff.values).max() + 1e-9
        if payoff.upper_slope < 0:
            assert payoff.worst == -np.inf
        else:
            assert payoff.worst <= values.min() + slack
            assert payoff(payoff.worst_at) == pytest.approx(payoff.worst, abs=slack)
        assert payoff.best >= values.max() - slack


def _book(*legs: tuple[float, str, float], futures: float = 0.0) -> hr.Book:
    expiry = EXPIRIES[1]
    contracts: list[hr.Contract] = [hr.Option("X", expiry, k, right) for k, right, _ in legs]
    return hr.Book.from_columns(
        [*contracts, hr.Future("X", expiry)],
        [*(q for *_, q in legs), futures],
        [1.0] * (len(legs) + 1),
    )


def test_conversions_reversals_and_boxes_are_named() -> None:
    conversion = _book((100, "call", -5), (100, "put", 5), futures=5).fold().structures()
    assert list(zip(conversion["structure"], conversion["quantity"], strict=True)) == [
        ("conversion", 5.0)
    ]
    reversal = _book((100, "call", 5), (100, "put", -5), futures=-3).fold().structures()
    assert list(zip(reversal["structure"], reversal["quantity"], strict=True)) == [
        ("reversal", 3.0), ("synthetic", 2.0),
    ]  # fmt: skip
    box = (
        _book((90, "call", 4), (90, "put", -4), (110, "call", -4), (110, "put", 4))
        .fold()
        .structures()
    )
    assert (box["structure"][0], box["quantity"][0], box["strike"][0], box["high_strike"][0]) == (
        "box", 4.0, 90.0, 110.0,
    )  # fmt: skip
    assert len(box) == 1


def test_american_options_are_not_folded() -> None:
    american = hr.Option("X", EXPIRIES[0], 100.0, "put", exercise="american")
    fold = hr.Book.from_columns([american], [1.0]).fold()
    assert (len(fold), fold.not_folded) == (0, 1)


@pytest.mark.parametrize("expiry", [AS_OF, AS_OF - np.timedelta64(1, "h")])
def test_what_awaits_settlement_folds_to_its_intrinsic_value(expiry: np.datetime64) -> None:
    legs = [(80_000.0, "call", 2.0), (80_000.0, "put", -1.0), (95_000.0, "put", 3.0)]
    book = hr.Book.from_columns(
        [hr.Option("BTC", expiry, k, right, settlement="inverse") for k, right, _ in legs],
        [q for *_, q in legs],
    )
    greeks = book.fold().slices[0].greeks(market())
    assert greeks["price"] == pytest.approx(2 * 10_000.0 + 3 * 5_000.0, rel=1e-14)
    assert greeks["price"] == pytest.approx(hr.value(book, market()).total()["value"], rel=1e-14)
    assert all(greeks[name] == 0.0 for name in GREEKS)


def test_a_market_in_another_currency_does_not_value_a_slice() -> None:
    book = hr.Book.from_columns(
        [hr.Option("SPX", EXPIRIES[0], 3_800.0, "call", quote_currency="EUR")], [1.0]
    )
    assert np.isnan(book.fold().slices[0].greeks(market())["price"])


@pytest.mark.parametrize("settlement", ["linear", "inverse"])
def test_the_payoff_keeps_the_profit_of_a_round_trip(settlement: str) -> None:
    future = hr.Future("BTC", EXPIRIES[1], settlement=settlement)
    call = hr.Option("BTC", EXPIRIES[1], 90_000.0, "call", settlement=settlement)
    book = hr.Book.from_columns([future, future, call], [8.0, -8.0, 1.0], [64.0, 128.0, 0.0])
    payoff = book.fold().slices[0].payoff()
    for fixing in (1e3, 8e4, 1e5):
        profit = 8 * 64.0 if settlement == "linear" else 8 * (1 / 64 - 1 / 128) * fixing
        assert payoff(fixing) == pytest.approx(max(fixing - 90_000.0, 0.0) + profit, rel=1e-12)


LEG = st.tuples(st.integers(1, 40), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))


@given(st.lists(LEG, max_size=30), st.one_of(st.just(0.0), st.floats(-1e6, 1e6)))
def test_structures_conserve_what_is_held(
    legs: list[tuple[int, float, float]], futures: float
) -> None:
    """Structures add up to the matched calls and puts per strike and use no future twice."""
    folded = _book(
        *((float(k), right, q) for k, c, p in legs for right, q in (("call", c), ("put", p))),
        futures=futures,
    ).fold()
    for slice, found in zip(folded, [folded.structures()], strict=True):
        implied = dict.fromkeys(slice.strikes.tolist(), 0.0)
        used = 0.0
        for name, quantity, low, high in zip(
            *(found[c] for c in ("structure", "quantity", "strike", "high_strike")), strict=True
        ):
            if name == "box":
                assert low < high
                implied[low] += quantity
                implied[high] -= quantity
            elif name == "synthetic":
                implied[low] += quantity
            else:
                assert quantity > 0
                side = -1.0 if name == "conversion" else 1.0
                assert side * futures < 0
                implied[low] += side * quantity
                used += quantity
        gross = sum(abs(c) + abs(p) for _, c, p in legs)
        for strike, calls, puts in zip(
            slice.strikes, slice.long_calls, slice.long_puts, strict=True
        ):
            sign = np.sign(calls) if np.sign(calls) == -np.sign(puts) else 0.0
            matched = sign * min(abs(calls), abs(puts))
            assert implied[strike] == pytest.approx(matched, abs=1e-12 * gross)
        assert used <= abs(futures) * (1 + 1e-12)
        assert len(found) <= 3 * len(slice.strikes) + 1
        loose = [q for n, q in zip(found["structure"], found["quantity"], strict=True)
                 if n == "synthetic"]  # fmt: skip
        assert len({np.sign(q) for q in loose}) <= 1  # opposite ones would be a box
        assert not any(q * (abs(futures) - used) * np.sign(futures) < -1e-6 * gross for q in loose)
