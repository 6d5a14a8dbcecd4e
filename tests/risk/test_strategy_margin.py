"""Margin by strategy: the rule's examples, and pairs that no other pairing beats."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.risk.margins import AS_OF, after, book_of

import hedgerow as hr

SPOT = 100.0


def market() -> hr.Snapshot:
    """A stock at 100 with two expiries."""
    stock = hr.UnderlyingMarket(
        underlying="XYZ",
        quote_currency="USD",
        forwards=hr.ForwardCurve(as_of=AS_OF, spot=SPOT),
        smiles=[hr.Smile(expiry=after(d), strikes=[100.0], volatilities=[0.3]) for d in (30, 60)],
    )
    return hr.Snapshot(as_of=AS_OF, markets=[stock])


def xyz(strike: float, right: str, days: float = 30) -> hr.Option:
    """A hundred of an option on the stock."""
    return hr.Option("XYZ", after(days), strike, right, multiplier=100)


STOCK = hr.Spot("XYZ", "USD")


def value(contract: hr.Option) -> float:
    """Of a contract."""
    return float(hr.value(book_of((contract, 1)), market()).value[0])


def against_cash(*positions: tuple[hr.Contract, float]) -> float:
    """The initial requirement as the rule words it: premiums received count as cash."""
    found = hr.margin(book_of(*positions), market(), hr.margin_rules.reg_t())
    assert found.not_margined == 0
    return found.initial - found.option_value


def test_naked_options() -> None:
    call, put = xyz(110, "call"), xyz(85, "put")
    assert against_cash((call, -1)) == pytest.approx(value(call) + 100 * (20 - 10))
    assert against_cash((put, -1)) == pytest.approx(value(put) + 100 * 8.5)  # 10 % of the strike
    far = xyz(150, "call")
    assert against_cash((far, -2)) == pytest.approx(2 * (value(far) + 100 * 10))
    index = hr.margin(book_of((call, -1)), market(), hr.margin_rules.reg_t_index())
    assert index.initial == pytest.approx(100 * 10)  # 15 - 10 is less than 10 %


def test_long_options_are_paid_in_full() -> None:
    call = xyz(100, "call")
    found = hr.margin(book_of((call, 3)), market(), hr.margin_rules.reg_t())
    assert found.initial == pytest.approx(3 * value(call))
    assert against_cash((call, 3)) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("legs", "requirement"),
    [
        ([(xyz(100, "call"), -1), (xyz(110, "call"), 1)], 1000.0),  # bear call spread
        ([(xyz(100, "call"), 1), (xyz(110, "call"), -1)], 0.0),  # bull call spread
        ([(xyz(100, "put"), -1), (xyz(95, "put"), 1)], 500.0),
        ([(xyz(100, "put"), -1), (xyz(105, "put", 60), 1)], 0.0),  # a diagonal
        ([(xyz(100, "call"), -1), (STOCK, 100.0)], 5000.0),  # covered: the stock's half alone
        ([(xyz(100, "put"), -1), (STOCK, -100.0)], 5000.0),
    ],
)
def test_pairs(legs: list[tuple[hr.Contract, float]], requirement: float) -> None:
    assert against_cash(*legs) == pytest.approx(requirement)


def test_a_long_option_that_expires_sooner_covers_nothing() -> None:
    late, soon = xyz(100, "call", 60), xyz(100, "call", 30)
    assert against_cash((late, -1), (soon, 1)) == pytest.approx(value(late) + 2000)


def test_a_straddle_needs_the_greater_side_and_the_other_premium() -> None:
    call, put = xyz(105, "call"), xyz(95, "put")
    naked = [value(call) + 100 * 15, value(put) + 100 * 15]
    expected = max(naked) + [value(put), value(call)][int(np.argmax(naked))]
    assert against_cash((call, -1), (put, -1)) == pytest.approx(expected)


def test_stock() -> None:
    rules = hr.margin_rules.reg_t()
    long = hr.margin(book_of((STOCK, 10)), market(), rules)
    short = hr.margin(book_of((STOCK, -10)), market(), rules)
    assert (long.initial, long.maintenance) == (500.0, 250.0)
    assert (short.initial, short.maintenance) == (500.0, 300.0)
    assert (rules.long_stock, rules.short_stock) == ((0.5, 0.25), (0.5, 0.3))


def test_parts_say_what_is_paired() -> None:
    legs = (xyz(100, "call"), -3), (xyz(110, "call"), 1), (STOCK, 100.0)
    found = hr.margin(book_of(*legs), market(), hr.margin_rules.reg_t())
    rows = {row["strategy"]: row for row in found.parts.rows()}
    assert set(rows) == {"spread", "covered", "naked_option", "stock"}
    assert {name: row["units"] for name, row in rows.items()} == dict.fromkeys(rows, 100.0)
    assert rows["spread"]["with"] == hr.symbol(xyz(110, "call"))
    assert rows["naked_option"]["with"] == ""
    assert "naked_option" in repr(found)
    assert found.units["initial"].sum() == pytest.approx(found.initial)


PAIRABLE = [
    xyz(strike, right, days)
    for strike in (90.0, 100.0, 115.0)
    for right in ("call", "put")
    for days in (30, 60)
]


def naked(contract: hr.Option) -> float:
    """The requirement of one contract sold alone."""
    call = contract.right == hr.Right.CALL
    out = max(contract.strike - SPOT if call else SPOT - contract.strike, 0.0)
    least = 0.1 * (SPOT if call else contract.strike)
    return value(contract) + 100 * max(0.2 * SPOT - out, least)


def paired(a: tuple[hr.Contract, int], b: tuple[hr.Contract, int]) -> float | None:
    """The requirement of two contracts, of stock without the stock's, or None for no pair."""
    options = [leg for leg in (a, b) if isinstance(leg[0], hr.Option)]
    if len(options) == 1:
        (contract, sign), other = options[0], b if a is options[0] else a
        covers = sign < 0 and other[1] * contract.right > 0
        return 0.0 if covers else None
    if len(options) == 0:
        return None
    (first, sign), (second, other_sign) = options
    if sign < 0 and other_sign < 0:
        if first.right == second.right:
            return None
        sides = sorted([first, second], key=naked)
        return naked(sides[1]) + value(sides[0])
    if sign == other_sign or first.right != second.right:
        return None
    sold, held = (first, second) if sign < 0 else (second, first)
    if held.expiry < sold.expiry:
        return None
    return max(100 * float(sold.right) * (held.strike - sold.strike), 0.0)


def least(legs: tuple[tuple[hr.Contract, int], ...]) -> float:
    """The least requirement of single contracts over all pairings, by trying them."""
    if not legs:
        return 0.0
    head, *rest = legs
    option = isinstance(head[0], hr.Option)
    best = (naked(head[0]) if option and head[1] < 0 else 0.0) + least(tuple(rest))
    for k, other in enumerate(rest):
        together = paired(head, other)
        if together is not None:
            best = min(best, together + least(tuple(rest[:k] + rest[k + 1 :])))
    return best


@given(
    st.lists(
        st.tuples(st.sampled_from([*PAIRABLE, STOCK]), st.sampled_from([-1, 1])),
        min_size=1,
        max_size=6,
        unique_by=lambda leg: hr.symbol(leg[0]),
    )
)
@settings(max_examples=60)
def test_no_other_pairing_asks_for_less(legs: list[tuple[hr.Contract, int]]) -> None:
    amounts = [(c, 100.0 * q if c is STOCK else float(q)) for c, q in legs]
    stock = sum(5000.0 for c, _ in legs if c is STOCK)
    assert against_cash(*amounts) == pytest.approx(least(tuple(legs)) + stock, abs=1e-7)


@given(st.lists(st.integers(-4, 4), min_size=len(PAIRABLE), max_size=len(PAIRABLE)))
@settings(max_examples=30)
def test_parts_add_up(quantity: list[int]) -> None:
    book = book_of(*zip(PAIRABLE, quantity, strict=True), (STOCK, -150.0))
    found = hr.margin(book, market(), hr.margin_rules.reg_t())
    used: dict[str, float] = dict.fromkeys(map(hr.symbol, PAIRABLE), 0.0)
    for row in found.parts.rows():
        if row["strategy"] == "stock":
            continue
        used[row["instrument"]] += row["units"]
        if row["with"] in used:
            used[row["with"]] += row["units"]
    expected = {hr.symbol(c): 100.0 * abs(q) for c, q in zip(PAIRABLE, quantity, strict=True)}
    assert used == pytest.approx(expected)
    total = found.parts["initial"].sum() + found.option_value
    assert found.initial == pytest.approx(total)


def test_many_strikes_are_matched_in_order() -> None:
    strikes = np.arange(50, 150, 2.5)
    legs = [(xyz(k, r), float(q)) for (k, r), q in zip(
        itertools.product(strikes, ("call", "put")), itertools.cycle([-3, 2, 5, -4, 1]),
        strict=False)]  # fmt: skip
    found = hr.margin(book_of(*legs), market(), hr.margin_rules.reg_t())
    alone = sum(naked(c) * -q for c, q in legs if q < 0)
    assert 0 < found.initial - found.option_value < 0.7 * alone


def test_what_the_rule_does_not_cover_is_counted() -> None:
    american = hr.Option("XYZ", after(30), 100.0, "call", exercise="american")
    coin = hr.Perpetual("XYZ")
    book = book_of((american, -1), (coin, 1), (xyz(100, "call"), -1), (hr.Cash("USD"), 10))
    book = book + hr.Book.from_columns([xyz(90, "put")], [np.nan])
    found = hr.margin(book, market(), hr.margin_rules.reg_t())
    assert [hr.Status(code).name for code in found.status] == [
        "UNSUPPORTED_EXERCISE", "UNSUPPORTED_SETTLEMENT", "OK", "OK", "INVALID_QUANTITY"
    ]  # fmt: skip
    assert found.not_margined == 3
    alone = hr.margin(book_of((xyz(100, "call"), -1)), market(), hr.margin_rules.reg_t())
    assert found.initial == alone.initial
