"""Books are an algebra: what is netted does not depend on how it was put together."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import CONTRACTS, books

import hedgerow as hr

EMPTY = hr.Book()


@given(books(), books())
def test_addition_commutes(a: hr.Book, b: hr.Book) -> None:
    assert a + b == b + a


@given(books(), books(), books())
def test_addition_associates(a: hr.Book, b: hr.Book, c: hr.Book) -> None:
    assert (a + b) + c == a + (b + c)


@given(books())
def test_empty_is_zero_and_minus_is_inverse(a: hr.Book) -> None:
    assert a + EMPTY == a == EMPTY + a
    assert a - a == EMPTY
    negative = -a
    assert -negative == a
    assert sum([a, a, a]) == 3 * a


@given(books(), books(), st.integers(-8, 8))
def test_scaling_distributes(a: hr.Book, b: hr.Book, k: int) -> None:
    assert k * (a + b) == k * a + k * b


@given(books(), st.randoms())
def test_order_does_not_matter(a: hr.Book, random: object) -> None:
    rows = list(a)
    random.shuffle(rows)  # type: ignore[attr-defined]
    assert hr.Book.from_positions(rows) == a


@given(books())
def test_netting_keeps_quantity_and_cost(a: hr.Book) -> None:
    for net in (a.net(), a.net("account"), a.net("strategy", "account")):
        assert np.isclose(net.quantity.sum(), a.quantity.sum(), atol=1e-9)
        assert np.isclose(net.cost.sum(), a.cost.sum(), rtol=1e-12, atol=1e-9)
        assert not ((net.quantity == 0) & (net.cost == 0)).any()


@given(books())
def test_finer_nets_sum_to_coarser(a: hr.Book) -> None:
    assert a.net("strategy", "account").net("account") == a.net("account")
    assert a.net("account").net() == a.net()


@given(books(), st.lists(st.booleans(), min_size=12, max_size=12))
def test_a_partition_sums_to_the_whole(a: hr.Book, mask: list[bool]) -> None:
    keep = np.array(mask[: len(a)], dtype=bool)
    assert a.select(keep) + a.select(~keep) == a


@given(books())
def test_pickle(a: hr.Book) -> None:
    assert pickle.loads(pickle.dumps(a)) == a


def test_a_pickle_from_a_later_version_is_refused() -> None:
    restore, (_, *state) = EMPTY.__reduce__()[:2]
    with pytest.raises(hr.InvalidInput, match="version"):
        restore(99, *state)


def test_three_nettings() -> None:
    option = CONTRACTS[0]
    book = hr.Book.from_columns(
        [option] * 4,
        [5, -5, 3, 2],
        [0.1, 0.2, 0.1, 0.1],
        tags={
            "venue": ["D", "D", "O", "D"],
            "account": ["a", "b", "a", "a"],
            "strategy": ["x", "y", "x", "y"],
        },
    )
    legal = {(p.tags["venue"], p.tags["account"]): p.quantity for p in book.legal()}
    assert legal == {("D", "a"): 7, ("D", "b"): -5, ("O", "a"): 3}
    assert [p.quantity for p in book.economic()] == [5]


def test_an_internal_transfer_leaves_firm_and_accounts_unchanged() -> None:
    transfer = hr.Book.from_columns(
        [CONTRACTS[0]] * 2, [-3, 3], [0.1, 0.1],
        tags={"account": ["a", "a"], "strategy": ["x", "y"]},
    )  # fmt: skip
    assert transfer != EMPTY
    assert transfer.net("account") == EMPTY.net() == transfer.net()


def test_average_cost_of_published_fills() -> None:
    """Fills +10@5.00, +5@5.20, -8@5.50, mark 5.05: total P&L 3.35, whatever the cost method."""
    fills = hr.Book.from_columns([CONTRACTS[0]] * 3, [10, 5, -8], [5.00, 5.20, 5.50])
    (net,) = fills.net()
    assert net.quantity == 7
    assert 7 * 5.05 - fills.net().cost[0] == pytest.approx(3.35, abs=1e-12)


def test_inverse_futures_average_harmonically() -> None:
    future = hr.Perpetual("BTC", settlement="inverse", multiplier=10)
    (net,) = hr.Book.from_columns([future] * 2, [10, 10], [50_000.0, 100_000.0]).net()
    assert net.average_price == pytest.approx(2 / (1 / 50_000 + 1 / 100_000), rel=1e-14)


def test_unknown_cost_stays_unknown_until_flat() -> None:
    known = hr.Book.from_columns([CONTRACTS[0]], [1], [0.1])
    unknown = hr.Book.from_columns([CONTRACTS[0]], [1])
    assert np.isnan((known + unknown).net().cost).all()
    assert unknown - unknown == EMPTY


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (([CONTRACTS[0]], [1.0, 2.0], [0.1]), "quantity"),
        (([CONTRACTS[0]], [1.0], [0.1, 0.2]), "cost"),
    ],
)
def test_wrong_lengths_name_the_column(arguments: tuple[object, ...], named: str) -> None:
    with pytest.raises(hr.InvalidInput) as caught:
        hr.Book.from_columns(*arguments)  # type: ignore[arg-type]
    assert caught.value.argument == named


def test_netting_by_an_unknown_tag_names_it() -> None:
    with pytest.raises(hr.InvalidInput, match="desk"):
        EMPTY.net("desk")


def test_numpy_numbers_scale_a_book() -> None:
    book = hr.Book.from_columns(CONTRACTS[:2], [1, -2], [0.1, 0.2])
    for two in (np.float64(2), np.int64(2)):
        assert two * book == book * two == book + book


def test_columns_that_are_no_columns_are_refused_by_name() -> None:
    with pytest.raises(hr.InvalidInput, match="quantity = \\['many'\\]: must be numbers"):
        hr.Book.from_columns(CONTRACTS[:1], ["many"])  # type: ignore[list-item]
    with pytest.raises(hr.InvalidInput, match=r"average_price = .*: must be numbers"):
        hr.Book.from_columns(CONTRACTS[:1], [1], ["cheap"])  # type: ignore[list-item]
    with pytest.raises(hr.InvalidInput, match="instrument = 3: must be a contract"):
        hr.Book.from_columns([3], [1])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="slice"):
        hr.Book.from_columns(CONTRACTS[:1], [1])[0:1]  # type: ignore[index]


@pytest.mark.parametrize(
    ("contract", "price"),
    [
        (hr.Perpetual("BTC", settlement="inverse"), 0.0),  # worth -1/price
        (hr.Perpetual("BTC", settlement="inverse"), np.inf),
        (hr.Perpetual("SPX"), np.inf),
    ],
)
def test_a_price_that_would_pass_for_an_infinite_profit_is_refused(
    contract: hr.Contract, price: float
) -> None:
    with pytest.raises(hr.InvalidInput, match=r"average_price = .* must be finite"):
        hr.Book.from_columns([contract], [1], [price])


def test_repr_says_in_what_prices_are_quoted() -> None:
    book = hr.Book.from_columns(
        [
            hr.Option("BTC", "2026-03-27T08:00Z", 1e5, "call", settlement="inverse"),
            hr.Future("BTC", "2026-03-27T08:00Z", settlement="inverse", multiplier=10),
            hr.Cash("EUR"),
        ],
        [1, 2, 3],
        [0.01, 7e4, 1],
    )
    prices = {line.split()[0]: line.split()[-1] for line in repr(book).splitlines()[2:]}
    assert prices == {"BTC-27MAR26-100000-C": "BTC", "BTC-27MAR26": "USD", "cash:EUR": "EUR"}
    assert repr(EMPTY) == "Book of 0 positions in 0 contracts"


def test_repr_counts_rejected_rows_not_faults() -> None:
    rejected = hr.Rejected.of(
        [hr.BadRow(2, "quantity", "x", "bad"), hr.BadRow(2, "average_price", "y", "bad")]
    )
    book = hr.Book.from_columns(CONTRACTS[:1], [1], rejected=rejected)
    assert repr(book).endswith("\n1 row of the file rejected")


@pytest.mark.parametrize("absent", [None, np.nan, pd.NA, pd.NaT])
def test_an_absent_tag_is_no_text(absent: object) -> None:
    frame = {
        "instrument": CONTRACTS[:2],
        "quantity": [1, 2],
        "desk": np.array([absent, 7], dtype=object),
    }
    assert hr.Book.from_frame(frame).tags["desk"].tolist() == ["", "7"]
