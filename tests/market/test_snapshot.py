"""Markets of underlyings, exchange rates and the snapshot that holds them."""

import pickle

import numpy as np
import pytest

from hedgerow._core import (
    DiscountCurve,
    ExchangeRates,
    ForwardCurve,
    Smile,
    Snapshot,
    UnderlyingMarket,
)
from hedgerow.errors import InvalidInput

AS_OF = np.datetime64("2026-03-01T08:00", "ns")
EXPIRIES = np.array(["2026-03-27T08:00", "2026-06-26T08:00"], "datetime64[ns]")


def smile(expiry, level=0.5):
    return Smile(expiry=expiry, strikes=[50_000, 70_000], volatilities=[level + 0.1, level])


def bitcoin(**changes):
    terms = {
        "underlying": "BTC",
        "quote_currency": "USD",
        "forwards": ForwardCurve(
            as_of=AS_OF, spot=60_000, pillars=EXPIRIES, forwards=[60_300, 61_000]
        ),
        "smiles": [smile(EXPIRIES[1]), smile(EXPIRIES[0])],
        "perpetual": 60_012.5,
    }
    return UnderlyingMarket(**(terms | changes))


def index():
    return UnderlyingMarket(
        underlying="SPX",
        quote_currency="USD",
        forwards=ForwardCurve(as_of=AS_OF, spot=4500),
        discount=DiscountCurve(as_of=AS_OF, pillars=EXPIRIES, factors=[0.999, 0.99]),
    )


def test_smiles_are_ordered_and_found_by_exact_expiry():
    market = bitcoin()
    assert [one.expiry for one in market.smiles] == list(EXPIRIES)
    assert market.smile(EXPIRIES[0]) == smile(EXPIRIES[0])
    assert market.smile(EXPIRIES[0] + 1) is None
    assert market.with_smiles([]).smiles == ()


def test_the_perpetual_follows_the_spot_unless_it_was_quoted():
    assert (bitcoin().perpetual, bitcoin().quoted_perpetual) == (60_012.5, 60_012.5)
    assert (index().perpetual, index().quoted_perpetual) == (4500, None)


def test_another_spot_moves_forwards_and_perpetual_in_proportion():
    moved = bitcoin().with_spot(66_000)
    assert moved.spot == 66_000
    np.testing.assert_allclose(moved.forwards.forward(EXPIRIES), [66_330, 67_100], rtol=1e-15)
    assert moved.perpetual == pytest.approx(66_013.75, rel=1e-15)
    assert moved.smiles == bitcoin().smiles
    assert index().with_spot(4000).quoted_perpetual is None
    assert bitcoin().with_spot(60_000) == bitcoin()


def test_rates():
    rates = ExchangeRates("EUR", {"USD": 0.9, "EUR": 1.0})
    assert (rates.rate("USD"), rates.rate("EUR"), rates.rate("JPY")) == (0.9, 1.0, None)
    assert rates == ExchangeRates("EUR", {"USD": 0.9})
    assert repr(rates) == "ExchangeRates(EUR, USD 0.9)"
    assert ExchangeRates().reporting == "USD"


def test_snapshot_finds_its_markets():
    snapshot = Snapshot(as_of=AS_OF, markets=[index(), bitcoin()])
    assert [market.underlying for market in snapshot.markets] == ["BTC", "SPX"]
    assert snapshot.market("SPX") == index()
    assert snapshot.market("ETH") is None
    assert snapshot.as_of == AS_OF
    assert repr(snapshot) == (
        "Snapshot(as_of=2026-03-01T08:00:00Z, reporting in USD\n"
        "  BTC spot 60000 USD, 2 expiries, 2 smiles\n"
        "  SPX spot 4500 USD, 0 expiries, 0 smiles)"
    )


def test_everything_is_an_immutable_value():
    snapshot = Snapshot(
        as_of=AS_OF, markets=[bitcoin(), index()], rates=ExchangeRates("USD", {"BTC": 60_000})
    )
    for one in (snapshot, bitcoin(), index(), snapshot.rates):
        assert pickle.loads(pickle.dumps(one)) == one
        assert one.__getstate__()[0] == 1
    with pytest.raises(AttributeError):
        snapshot.as_of = AS_OF
    snapshot.rates.rates["BTC"] = 1.0  # a copy
    assert snapshot.rates.rate("BTC") == 60_000
    with pytest.raises(TypeError):
        Snapshot(AS_OF, [])


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"underlying": ""}, "underlying"),
        ({"quote_currency": ""}, "quote_currency"),
        ({"perpetual": 0.0}, "perpetual"),
        ({"perpetual": float("nan")}, "perpetual"),
        ({"smiles": [smile(EXPIRIES[0]), smile(EXPIRIES[0], 0.9)]}, "smiles"),
    ],
)
def test_bad_market_names_the_argument(changes, argument):
    with pytest.raises(InvalidInput) as caught:
        bitcoin(**changes)
    assert caught.value.argument == argument


@pytest.mark.parametrize(
    ("reporting", "rates", "argument"),
    [
        ("", {}, "reporting"),
        ("USD", {"": 1.0}, "rates"),
        ("USD", {"BTC": 0.0}, "rates[BTC]"),
        ("USD", {"BTC": float("inf")}, "rates[BTC]"),
        ("USD", {"USD": 1.1}, "rates[USD]"),
    ],
)
def test_bad_rates_name_the_argument(reporting, rates, argument):
    with pytest.raises(InvalidInput) as caught:
        ExchangeRates(reporting, rates)
    assert caught.value.argument == argument


def test_there_is_one_market_per_name_and_one_clock():
    with pytest.raises(InvalidInput, match="one per underlying"):
        Snapshot(as_of=AS_OF, markets=[bitcoin(), bitcoin()])
    with pytest.raises(InvalidInput, match="snapshot's") as caught:
        Snapshot(as_of=AS_OF + 1, markets=[bitcoin()])
    assert caught.value.argument == "markets[BTC].forwards.as_of"
    late = DiscountCurve(as_of=AS_OF + 1, pillars=EXPIRIES, factors=[1.0, 1.0])
    with pytest.raises(InvalidInput) as caught:
        Snapshot(as_of=AS_OF, markets=[bitcoin(coin_discount=late)])
    assert caught.value.argument == "markets[BTC].coin_discount.as_of"
