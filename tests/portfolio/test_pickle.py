"""Whatever a user holds can be pickled, copied and shown."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.strategies import CONTRACTS, market

import hedgerow as hr

BOOK = hr.Book.from_columns(CONTRACTS, np.arange(1.0, 1.0 + len(CONTRACTS)))
SCENARIOS = hr.Scenarios(spot_factor=[0.9, 1.1], volatility_shift=[0.1, 0.0])
OBJECTS: dict[str, Any] = {
    "book": BOOK,
    "contract": CONTRACTS[0],
    "fold": BOOK.fold(),
    "frame": BOOK.to_frame(),
    "greeks": hr.black.greeks(1, 100, 110, 0.5, 0.2, 0.97),
    "greeks of one": hr.black.greeks_one(1, 100, 110, 0.5, 0.2, 0.97),
    "ladder": hr.ladder(BOOK, market(), spots=[-0.1, 0], volatilities=[0]),
    "missing extra": hr.MissingExtra("reading", "parquet", "pyarrow"),
    "payoff": BOOK.payoff("BTC", "2026-03-27"),
    "revaluation": hr.revalue(BOOK, market(), SCENARIOS, "underlying", "expiry"),
    "scenarios": SCENARIOS,
    "position": BOOK[0],
    "slice": BOOK.fold().slices[0],
    "snapshot": market(),
    "valuation": hr.value(BOOK, market()),
}


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
@pytest.mark.parametrize("name", OBJECTS)
def test_copies_show_the_same(name: str, copied: Callable[[Any], Any]) -> None:
    again = copied(OBJECTS[name])
    assert type(again) is type(OBJECTS[name])
    assert repr(again) == repr(OBJECTS[name])
    assert str(again) == str(OBJECTS[name])
    assert " object at 0x" not in repr(again)


def test_copies_of_slices_and_payoffs_keep_every_number() -> None:
    slice, payoff = OBJECTS["slice"], OBJECTS["payoff"]
    again = pickle.loads(pickle.dumps(slice))
    names = [name for name in dir(slice) if not callable(getattr(slice, name))]
    for name in (name for name in names if not name.startswith("_")):
        np.testing.assert_array_equal(getattr(again, name), getattr(slice, name), err_msg=name)
    fixings = np.linspace(0, 2e5, 41)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(payoff))(fixings), payoff(fixings))


def test_copies_of_greeks_keep_every_bit() -> None:
    greeks = OBJECTS["greeks of one"]
    assert pickle.loads(pickle.dumps(greeks)) == greeks
    assert greeks != hr.black.greeks_one(1, 100, 111, 0.5, 0.2, 0.97)


@pytest.mark.parametrize("name", ["slice", "payoff"])
def test_states_of_a_later_version_are_refused(name: str) -> None:
    shown = OBJECTS[name]
    state = shown.__getstate__()
    assert state[0] == 1
    with pytest.raises(hr.InvalidInput, match="version 1"):
        type(shown).__new__(type(shown)).__setstate__((99, *state[1:]))


def test_greeks_of_a_later_version_are_refused() -> None:
    restore, (_, *values) = OBJECTS["greeks of one"].__reduce__()
    with pytest.raises(ValueError, match="version 99"):
        restore(99, *values)


@pytest.mark.parametrize(
    "name",
    ["book", "frame", "fold", "slice", "payoff", "ladder", "revaluation", "scenarios", "valuation"],
)
def test_what_is_shown_fits_80_columns(name: str) -> None:
    assert max(map(len, repr(OBJECTS[name]).splitlines())) <= 80


def test_the_worst_by_an_unknown_measure_is_refused() -> None:
    with pytest.raises(hr.InvalidInput, match="measure = profit: must be one of"):
        OBJECTS["valuation"].worst(3, "profit")
