"""Many contracts at once are the same as one by one."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given

from hedgerow import Future, Option, parse_contract, parse_deribit, symbol
from hedgerow._core import Contracts, Texts
from hedgerow.errors import InvalidInput

SYMBOLS = [
    "BTC-27MAR26-100000-C",
    "SPXW  210115C03800000",
    "SPXW210115C03800000",
    "BTC-PERPETUAL",
    "cash:USD",
    "spot:A/USD",
    "option:BTC/USD:2026-03-27T08:00:00Z:100000:C:inverse",
    "BTC-27MAR26",
    "BTC-31FEB26",
    "BTC-27MAR26-1e5-C",
    "nonsense",
    "",
]


@given(st.lists(st.sampled_from(SYMBOLS)))
def test_symbols_in_bulk_are_what_they_are_alone(symbols):
    contracts, places, refused = Contracts.parse(Texts.of(symbols))
    for i, text in enumerate(symbols):
        place = int(places[i])
        assert (place == -1) == (i in refused)
        if i not in refused:
            assert contracts[place] == parse_contract(text)
            continue
        with pytest.raises(InvalidInput) as caught:
            parse_contract(text)
        assert refused[i] == (caught.value.argument, caught.value.rule)
    assert len(set(contracts.tolist())) == len(contracts)
    assert [symbol(contract) for contract in contracts.tolist()] == contracts.symbols
    used = dict.fromkeys(place for place in places.tolist() if place >= 0)
    assert list(used) == list(range(len(contracts)))  # in the order of their first appearance


def test_more_than_wait_at_once():
    strikes = [1000 + i % 700 for i in range(2000)]
    symbols = [f"BTC-27MAR26-{strike}-{'CP'[strike % 2]}" for strike in strikes]
    symbols[5::100] = ["?"] * 20
    contracts, places, refused = Contracts.parse(Texts.of(symbols))
    assert sorted(refused) == list(range(5, 2000, 100))
    for name, place in zip(symbols, places.tolist(), strict=True):
        assert place == -1 if name == "?" else symbol(contracts[place]) == name
    assert len(contracts) == len(set(symbols)) - 1


def test_objects_are_merged_as_symbols_are():
    contracts, places = Contracts.of([parse_contract(s) for s in SYMBOLS[:8]])
    assert places.tolist() == [0, 1, 1, 2, 3, 4, 0, 5]
    assert contracts[5] == Future("BTC", "2026-03-27T08:00Z", settlement="inverse", multiplier=10)
    with pytest.raises(IndexError):
        contracts[6]


def test_what_rows_use_is_kept_in_their_order():
    contracts, _, _ = Contracts.parse(Texts.of(["cash:USD", "cash:EUR", "cash:CHF"]))
    used, codes = contracts.used_by(np.array([2, 0, 2], dtype=np.int32))
    assert used.symbols == ["cash:CHF", "cash:USD"]
    assert codes.tolist() == [0, 1, 0]
    same, codes = contracts.used_by(np.array([0, 1, 2, 1], dtype=np.int32))
    assert same is contracts
    assert codes.tolist() == [0, 1, 2, 1]
    for wrong in (-1, 3):
        with pytest.raises(InvalidInput, match="must be below 3"):
            contracts.used_by(np.array([wrong], dtype=np.int32))


DIGITS = st.text("0123456789", max_size=17)


@given(DIGITS, st.none() | DIGITS)
@example("100000", None)
@example("0", "55")
@example("1", "50")
@example("1", "")
@example("123456789012345", "6")
@example("1234567890123456", None)
@example("99999999999999", "9")
def test_strikes_are_the_nearest_double_and_print_as_they_read(whole, decimals):
    strike = whole if decimals is None else f"{whole}d{decimals}"
    name = f"BTC-27MAR26-{strike}-C"
    try:
        contract = parse_deribit(name)
    except InvalidInput:
        assert not printed_strike(whole, decimals)
        return
    assert isinstance(contract, Option)
    assert contract.strike == float(strike.replace("d", "."))
    assert symbol(contract) == name


def printed_strike(whole, decimals):
    """Whether a strike of at most 15 digits is written as it is printed."""
    if decimals is None:
        return 0 < len(whole) <= 15 and whole[0] != "0"
    return (
        0 < len(whole) + len(decimals) <= 15
        and whole[:1] not in ("", "0")
        and decimals[-1:] not in ("", "0")
    )
