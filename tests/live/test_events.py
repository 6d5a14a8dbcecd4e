"""Events: checked where they are made, the same after a trip through text, known by their names."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import ROOT
from tests.live.streams import KINDS, any_event, arguments, events
from tests.strategies import CONTRACTS, market, modelled

import hedgerow as hr
from hedgerow import live

NOON = np.datetime64("2026-01-05T12:00:00", "ns")
FILL: dict[str, Any] = {
    "time": NOON,
    "venue": "deribit",
    "trade_id": "ETH-1",
    "account": "main",
    "instrument": "BTC-PERPETUAL",
    "quantity": 10.0,
    "price": 90_000.0,
}
CONTRACTS_OF_ALL_KINDS: list[hr.Contract] = [
    *CONTRACTS,
    hr.Cash("EUR"),
    hr.Spot("a/b: c", "USD"),
    hr.Perpetual("ETH", quote_currency="USDC", multiplier=0.1, currency="USDC"),
    hr.Perpetual("ETH", settlement="quanto", currency="BTC"),
    hr.Future("SPX", "2026-03-20T13:30:00.000000001Z", multiplier=50, fixing="SET"),
    hr.Future("ETH", "2026-03-20", settlement="inverse", quote_currency="EUR"),
    hr.Option("SPX", "2026-03-20T20:00:00Z", 1 / 3, "put", exercise="american", fixing="AM"),
    hr.Option("ETH", "2026-03-20", 1e-9, "call", settlement="quanto", currency="JPY"),
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.wire)
def test_text_reads_back_as_the_same_event(kind: type[live.Event]) -> None:
    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(events(kind))
    def check(event: live.Event) -> None:
        text = live.encode(event)
        again = live.decode(text)
        assert again == event
        assert type(again) is type(event)
        assert live.encode(again) == text
        assert text.isascii()
        assert "\n" not in text
        assert json.dumps(json.loads(text), sort_keys=True, separators=(",", ":")) == text
        assert live.identity(again) == live.identity(event)

    check()


def test_floats_keep_every_bit() -> None:
    @given(st.floats(allow_nan=False, allow_infinity=False))
    def check(price: float) -> None:
        again = live.decode(live.encode(live.Fill(**FILL | {"price": price})))
        assert np.float64(again.price).tobytes() == np.float64(price).tobytes()  # type: ignore[union-attr]

    check()


@pytest.mark.parametrize("contract", CONTRACTS_OF_ALL_KINDS, ids=hr.symbol)
def test_contracts_travel_whole(contract: hr.Contract) -> None:
    event = live.Listing(time=NOON, instrument="x", contract=contract, lot=0.1)
    again = live.decode(live.encode(event))
    assert again == event
    assert again.contract == contract  # type: ignore[union-attr]


def market_of_all_parts() -> hr.Snapshot:
    """Every part of a market that can be given, and none of them usual."""
    btc, spx = market().markets
    expiry = btc.smiles[0].expiry
    coin = hr.DiscountCurve(as_of=spx.forwards.as_of, pillars=[expiry], factors=[0.999])
    whole = hr.UnderlyingMarket(
        underlying="ETH",
        quote_currency="EUR",
        forwards=btc.forwards,
        discount=spx.discount,
        smiles=btc.smiles,
        perpetual=1 / 3,
        coin_discount=coin,
        settlement_windows=[
            hr.SettlementWindow(start=expiry - np.timedelta64(30, "m"), expiry=expiry, fixing="F"),
            hr.SettlementWindow(
                start=market().as_of - np.timedelta64(1, "s"), expiry=expiry, average=1 / 7
            ),
        ],
    )
    bare = hr.UnderlyingMarket(underlying="X", quote_currency="USD", forwards=spx.forwards)
    rates = hr.ExchangeRates("EUR", {"USD": 0.9, "BTC": 8e4})
    return hr.Snapshot(as_of=market().as_of, markets=[whole, bare], rates=rates)


def example_market(name: str) -> hr.Snapshot:
    return hr.read_quotes(ROOT / "examples" / "data" / name).snapshot()


@pytest.mark.parametrize(
    "snapshot",
    [
        market(),
        market_of_all_parts(),
        modelled(market()),
        modelled(market()).shocked(
            spot_factor=1.1, volatility_shift=-0.3, dynamics=hr.SmileDynamics.STICKY_MONEYNESS
        ),
        hr.Snapshot(as_of=NOON, markets=[]),
        example_market("btc_20260318_quotes.csv"),
        example_market("spx_20210104_quotes.csv"),
    ],
    ids=["two underlyings", "all parts", "models", "moved", "empty", "btc", "spx"],
)
def test_markets_travel_whole(snapshot: hr.Snapshot) -> None:
    event = live.MarketUpdate(time=NOON, market=snapshot)
    again = live.decode(live.encode(event))
    assert again == event
    assert again.market == snapshot  # type: ignore[union-attr]
    for ours, theirs in zip(again.market.markets, snapshot.markets, strict=True):  # type: ignore[union-attr]
        assert ours.quoted_perpetual == theirs.quoted_perpetual
        assert ours.discount == theirs.discount
        assert ours.coin_discount == theirs.coin_discount


@pytest.mark.parametrize(
    "time",
    [
        "2026-01-05T12:00:00Z",
        "2026-01-05T14:00:00+02:00",
        datetime(2026, 1, 5, 12, tzinfo=UTC),
        datetime(2026, 1, 5, 14, tzinfo=timezone(timedelta(hours=2))),
        np.datetime64("2026-01-05T12:00:00"),
        np.datetime64("2026-01-05T12", "h"),
    ],
    ids=str,
)
def test_instants_are_read_as_everywhere_else(time: Any) -> None:
    event = live.Clock(time=time)
    assert event.time == NOON
    assert event.time.dtype == "datetime64[ns]"


BAD: list[tuple[str, Any, str]] = [
    ("time", "yesterday", "must read like"),
    ("time", datetime(2026, 1, 5), "must"),
    ("time", np.datetime64("NaT"), "must be an instant"),
    ("time", np.datetime64("NaT", "ns"), "must be an instant"),
    ("time", 12, "must be an instant"),
    ("venue", "", "must not be empty"),
    ("venue", None, "must be text"),
    ("trade_id", "a\nb", "must be printable"),
    ("trade_id", "\ud800", "must be printable"),
    ("instrument", "", "must not be empty"),
    ("quantity", 0.0, "must not be zero"),
    ("quantity", float("nan"), "must be finite"),
    ("quantity", 10**400, "must be finite"),
    ("price", float("nan"), "must be finite"),
    ("price", float("inf"), "must be finite"),
    ("price", "5", "must be a number"),
    ("price", True, "must be a number"),
    ("fee", None, "must be a number"),
    ("tags", ["strategy"], "must map names to values"),
    ("tags", {"": "x"}, "must not be empty"),
]


@pytest.mark.parametrize(("argument", "value", "rule"), BAD)
def test_bad_arguments_are_refused_by_name(argument: str, value: Any, rule: str) -> None:
    with pytest.raises(hr.InvalidInput, match=rule) as caught:
        live.Fill(**FILL | {argument: value})
    assert caught.value.argument == argument


def test_other_kinds_of_fields_are_checked_too() -> None:
    tag = FILL | {"tags": {"strategy": ""}}
    with pytest.raises(hr.InvalidInput, match=r"tags\[strategy\] = \"\": must not be empty"):
        live.Fill(**tag)
    with pytest.raises(hr.InvalidInput, match="lot = 0: must be positive"):
        live.Listing(time=NOON, instrument="x", contract=CONTRACTS[0], lot=0)
    with pytest.raises(hr.InvalidInput, match="contract = x: must be a contract"):
        live.Listing(time=NOON, instrument="x", contract="x", lot=1)  # type: ignore[arg-type]
    with pytest.raises(hr.InvalidInput, match="must be a Snapshot"):
        live.MarketUpdate(time=NOON, market=None)  # type: ignore[arg-type]
    with pytest.raises(hr.InvalidInput, match="spot = -1: must be positive"):
        live.Tick(time=NOON, underlying="BTC", spot=-1)
    exercise = {"time": NOON, "venue": "v", "event_id": "1", "account": "a", "instrument": "x"}
    with pytest.raises(hr.InvalidInput, match="physical = 1: must be True or False"):
        live.Exercise(**exercise, quantity=1, settlement_price=1, physical=1)  # type: ignore[arg-type]


def test_cash_movements_have_the_sign_of_their_reason() -> None:
    cash = {"time": NOON, "venue": "v", "event_id": "1", "account": "a", "currency": "USD"}
    assert live.CashMovement(**cash, amount=5, reason="deposit").reason is live.CashReason.DEPOSIT  # type: ignore[arg-type]
    assert live.CashMovement(**cash, amount=-5, reason=live.CashReason.INTEREST).amount == -5.0  # type: ignore[arg-type]
    for amount, reason in ((-5, "deposit"), (5, "withdrawal")):
        with pytest.raises(hr.InvalidInput, match=f"amount = .*: must be .* in a {reason}"):
            live.CashMovement(**cash, amount=amount, reason=reason)  # type: ignore[arg-type]
    with pytest.raises(hr.InvalidInput, match="reason = gift: must be one of deposit, withdrawal"):
        live.CashMovement(**cash, amount=5, reason="gift")  # type: ignore[arg-type]


def test_a_transfer_goes_somewhere() -> None:
    place = {"from_venue": "v", "from_account": "a", "to_venue": "v", "to_account": "a"}
    move = {"time": NOON, "event_id": "1", "instrument": "x", "quantity": 1, "price": 2} | place
    assert live.Transfer(**move, to_tags={"strategy": "b"}).to_tags == {"strategy": "b"}  # type: ignore[arg-type]
    with pytest.raises(hr.InvalidInput, match="to_account = a: must differ"):
        live.Transfer(**move)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"kind":"fill","version":1}',
        '{"kind":"dividend","time":0,"version":1}',
        '{"kind":{},"time":0,"version":1}',
        '{"kind":"clock","time":0.5,"version":1}',
        '{"kind":"clock","time":1e99,"version":1}',
        '{"kind":"clock","time":99999999999999999999,"version":1}',
        '{"kind":"clock","time":-9223372036854775808,"version":1}',
        '{"kind":"clock","time":0,"version":2}',
        '{"kind":"clock","time":0,"version":1,"zone":"CET"}',
        '{"kind":"tick","spot":NaN,"time":0,"underlying":"BTC","version":1}',
        '{"contract":{"kind":"cash"},"instrument":"x","kind":"listing","lot":1.0,"time":0,"version":1}',
        "[" * 100_000,
    ],
    ids=range(16),
)
def test_text_that_is_no_event_is_refused(text: str) -> None:
    with pytest.raises(hr.InvalidInput) as caught:
        live.decode(text)
    assert len(str(caught.value)) < 400


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(any_event)
def test_events_never_change_and_copies_are_equal(event: live.Event) -> None:
    for again in (copy.copy(event), copy.deepcopy(event), pickle.loads(pickle.dumps(event))):
        assert again == event
        assert live.encode(again) == live.encode(event)
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.time = NOON  # type: ignore[misc]
    assert not hasattr(event, "__dict__")


def test_tags_have_no_order_and_never_change() -> None:
    one = live.Fill(**FILL, tags={"strategy": "mm", "trader": "x"})
    two = live.Fill(**FILL, tags={"trader": "x", "strategy": "mm"})
    assert one == two
    assert hash(one) == hash(two)
    assert live.encode(one) == live.encode(two)
    for change in (lambda t: t.update(a="b"), lambda t: t.pop("trader"), lambda t: t.clear()):
        with pytest.raises(TypeError, match="can't change"):
            change(one.tags)
    with pytest.raises(TypeError, match="can't change"):
        one.tags["strategy"] = "other"  # type: ignore[index]


def test_identities_tell_events_apart() -> None:
    fill = live.Fill(**FILL)
    assert live.identity(fill) == ("fill", "deribit", "ETH-1")
    assert live.identity(live.Clock(time=NOON)) is None
    assert live.identity(live.Tick(time=NOON, underlying="BTC", spot=1.0)) is None
    terms = {"venue": "deribit", "trade_id": "ETH-1", "quantity": 2.0, "price": 3.0, "fee": 0.0}
    first = live.Correction(time=NOON, **terms)  # type: ignore[arg-type]
    later = live.Correction(time=NOON + np.timedelta64(1, "ns"), **terms)  # type: ignore[arg-type]
    other = live.Correction(time=NOON, **terms | {"price": 3.5})  # type: ignore[arg-type]
    assert len({live.identity(event) for event in (first, later, other, fill)}) == 4


def test_every_kind_has_a_name_of_its_own_that_stays() -> None:
    assert [(kind.wire, kind.version) for kind in KINDS] == [
        ("listing", 1),
        ("fill", 1),
        ("bust", 1),
        ("correction", 1),
        ("order_placed", 1),
        ("order_amended", 1),
        ("order_cancelled", 1),
        ("tick", 1),
        ("market_update", 1),
        ("funding", 1),
        ("cash_movement", 1),
        ("transfer", 1),
        ("exercise", 1),
        ("settlement", 1),
        ("clock", 1),
    ]
    assert all(arguments(kind) for kind in KINDS)


def test_the_form_in_a_journal_stays() -> None:
    event = live.Fill(**FILL, fee=-0.00025, tags={"trader": "é", "strategy": "mm"})
    assert live.encode(event) == (
        '{"account":"main","fee":-0.00025,"fee_currency":"","instrument":"BTC-PERPETUAL",'
        '"kind":"fill","order_id":"","price":90000.0,"quantity":10.0,'
        '"tags":{"strategy":"mm","trader":"\\u00e9"},"time":1767614400000000000,'
        '"trade_id":"ETH-1","venue":"deribit","version":1}'
    )
