"""Contracts as values: terms, equality, order, text and pickles, for every kind."""

import copy
import pickle

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import hedgerow as hr
from hedgerow.errors import HedgerowError, InvalidInput

EXPIRY = "2026-03-27T08:00:00Z"

# Arbitrary contracts: also names, sizes and instants that no market would list.
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
positive = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
instants = st.integers(-(2**63) + 1, 2**63 - 1).map(lambda ns: np.datetime64(ns, "ns"))
fixings = st.one_of(st.just(""), names)


@st.composite
def terms(draw):
    """Keyword arguments that futures, perpetuals and options share."""
    settlement = draw(st.sampled_from(["linear", "inverse", "quanto"]))
    underlying, quote, third = draw(st.lists(names, min_size=3, max_size=3, unique=True))
    return {
        "underlying": underlying,
        "quote_currency": quote,
        "settlement": settlement,
        "multiplier": draw(st.one_of(st.just(1.0), positive)),
        "currency": {"linear": quote, "inverse": underlying, "quanto": third}[settlement],
    }


expiring = {"expiry": instants, "fixing": fixings}
optional = {
    "strike": positive,
    "right": st.sampled_from(hr.Right),
    "exercise": st.sampled_from(hr.Exercise),
}
arguments = st.one_of(
    st.tuples(st.just(hr.Cash), st.fixed_dictionaries({"currency": names})),
    st.tuples(st.just(hr.Spot), st.fixed_dictionaries({"underlying": names, "currency": names})),
    st.tuples(st.just(hr.Perpetual), terms()),
    st.tuples(
        st.just(hr.Future),
        st.builds(dict.__or__, terms(), st.fixed_dictionaries(expiring)),
    ),
    st.tuples(
        st.just(hr.Option),
        st.builds(dict.__or__, terms(), st.fixed_dictionaries(expiring | optional)),
    ),
)
contracts = arguments.map(lambda pair: pair[0](**pair[1]))


@given(arguments)
def test_every_term_is_kept(pair):
    kind, keywords = pair
    contract = kind(**keywords)
    for name, value in keywords.items():
        if name == "settlement":
            value = hr.Settlement[value.upper()]
        assert getattr(contract, name) == value
        assert type(getattr(contract, name)) is type(value)


@given(contracts)
def test_names_read_back_exactly(contract):
    assert hr.parse_contract(hr.canonical_name(contract)) == contract
    assert hr.parse_contract(hr.symbol(contract)) == contract
    assert str(contract) == hr.symbol(contract)


@given(contracts)
def test_canonical_names_are_one_printable_word(contract):
    name = hr.canonical_name(contract)
    assert name.split(":")[0] == hr.kind(contract)
    assert not any(character in name for character in " \t\n\r\0")


@given(contracts)
def test_repr_reads_like_the_constructor(contract):
    assert eval(repr(contract), vars(hr)) == contract


@given(contracts, st.integers(0, pickle.HIGHEST_PROTOCOL))
def test_pickles_and_copies_are_equal(contract, protocol):
    if protocol >= 2:
        assert pickle.loads(pickle.dumps(contract, protocol)) == contract
    assert copy.copy(contract) == contract
    assert copy.deepcopy(contract) == contract


def test_pickles_hold_the_public_class_and_the_canonical_name():
    option = hr.parse_contract("BTC-27MAR26-100000-C")
    stored = (
        b"\x80\x04\x95R\x00\x00\x00\x00\x00\x00\x00\x8c\x08hedgerow\x94\x8c\x06Option\x94\x93\x94)"
        b"\x81\x94\x8c4option:BTC/USD:2026-03-27T08:00:00Z:100000:C:inverse\x94b."
    )
    assert pickle.loads(stored) == option  # what version 0.1.0 wrote: must stay readable
    assert pickle.dumps(option, 4) == stored


def test_pickled_state_of_another_kind_is_refused():
    with pytest.raises(InvalidInput) as caught:
        hr.Spot.__new__(hr.Spot).__setstate__("cash:USD")
    assert caught.value.argument == "state"


@given(contracts, contracts)
def test_equality_hash_and_order_agree(one, other):
    same = hr.canonical_name(one) == hr.canonical_name(other)
    assert (one == other) == same
    assert (one != other) != same
    assert one == eval(repr(one), vars(hr))
    assert hash(one) == hash(eval(repr(one), vars(hr)))
    assert (one < other) + (one == other) + (one > other) == 1
    assert (one <= other) == (one < other or one == other)
    assert (one >= other) == (other <= one)


@given(contracts, contracts, contracts)
def test_order_is_transitive(a, b, c):
    low, middle, high = sorted([a, b, c])
    assert low <= middle <= high
    assert low <= high


KINDS = [hr.Cash("X"), hr.Spot("A", "B"), hr.Future("A", EXPIRY), hr.Perpetual("A")]
KINDS += [hr.Option("A", EXPIRY, 1, "call")]


def test_kinds_are_ordered_as_in_reports():
    backwards = KINDS[::-1]
    assert sorted(backwards) == KINDS
    assert [hr.kind(c) for c in KINDS] == ["cash", "spot", "future", "perpetual", "option"]
    assert all(isinstance(contract, hr.Contract) for contract in KINDS)


OPTION = {"underlying": "A", "expiry": EXPIRY, "strike": 2, "right": "call"}
CHANGES = [
    {"underlying": "B"},
    {"expiry": "2026-03-27T08:00:00.000000001Z"},
    {"strike": np.nextafter(2, 3)},
    {"right": "put"},
    {"quote_currency": "EUR"},
    {"settlement": "inverse"},
    {"settlement": "quanto", "currency": "JPY"},
    {"multiplier": 100},
    {"exercise": "american"},
    {"fixing": "open"},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_each_term_tells_contracts_apart(change):
    one, other = hr.Option(**OPTION), hr.Option(**OPTION | change)
    assert one != other
    assert hash(one) != hash(other)
    assert len({one, other, hr.Option(**OPTION)}) == 2


@pytest.mark.parametrize("contract", KINDS, ids=hr.kind)
def test_contracts_are_immutable(contract):
    for name in dir(contract):
        if not name.startswith("_"):
            with pytest.raises(AttributeError):
                setattr(contract, name, getattr(contract, name))
    with pytest.raises(AttributeError):
        contract.price = 1.0
    with pytest.raises(TypeError):
        type("Mine", (type(contract),), {})


@pytest.mark.parametrize("contract", KINDS, ids=hr.kind)
def test_contracts_are_no_equal_of_other_types(contract):
    assert contract != str(contract)
    assert contract != None  # noqa: E711
    with pytest.raises(TypeError):
        contract < str(contract)  # noqa: B015


@pytest.mark.parametrize("text", ["call", "C", "c", hr.Right.CALL])
def test_calls_are_spelled(text):
    assert hr.Option(**OPTION | {"right": text}).right is hr.Right.CALL


@pytest.mark.parametrize("text", ["put", "P", "p", hr.Right.PUT])
def test_puts_are_spelled(text):
    assert hr.Option(**OPTION | {"right": text}).right is hr.Right.PUT


@pytest.mark.parametrize(
    ("change", "argument", "rule"),
    [
        ({"underlying": ""}, "underlying", "empty"),
        ({"quote_currency": ""}, "quote_currency", "empty"),
        ({"strike": 0}, "strike", "positive and finite"),
        ({"strike": -5}, "strike", "positive and finite"),
        ({"strike": float("nan")}, "strike", "positive and finite"),
        ({"strike": float("inf")}, "strike", "positive and finite"),
        ({"multiplier": 0}, "multiplier", "positive and finite"),
        ({"multiplier": float("nan")}, "multiplier", "positive and finite"),
        ({"right": "Call"}, "right", "'call', 'put'"),
        ({"settlement": "coin"}, "settlement", "'inverse'"),
        ({"exercise": "bermudan"}, "exercise", "'american'"),
        ({"currency": "EUR"}, "currency", "quote currency"),
        ({"settlement": "inverse", "currency": "USD"}, "currency", "underlying"),
        ({"settlement": "inverse", "quote_currency": "A"}, "currency", "differ"),
        ({"settlement": "quanto"}, "currency", "given"),
        ({"settlement": "quanto", "currency": ""}, "currency", "empty"),
        ({"settlement": "quanto", "currency": "USD"}, "currency", "differ"),
        ({"settlement": "quanto", "currency": "A"}, "currency", "differ"),
        ({"expiry": "tomorrow"}, "instant", "read like"),
    ],
)
def test_broken_rules_name_the_argument_and_the_rule(change, argument, rule):
    with pytest.raises(InvalidInput) as caught:
        hr.Option(**OPTION | change)
    assert caught.value.argument == argument
    assert rule in caught.value.rule
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, HedgerowError)


def test_terms_beyond_the_obvious_are_keyword_only():
    with pytest.raises(TypeError):
        hr.Option("A", EXPIRY, 1, "call", "EUR")
    with pytest.raises(TypeError):
        hr.Future("A", EXPIRY, "EUR")
    with pytest.raises(TypeError):
        hr.Option("A", EXPIRY, 1, 1)  # a right is Right or a word, no number


def test_cash_and_spot_need_names():
    for make in (lambda: hr.Cash(""), lambda: hr.Spot("", "USD"), lambda: hr.Spot("SPX", "")):
        with pytest.raises(InvalidInput):
            make()
