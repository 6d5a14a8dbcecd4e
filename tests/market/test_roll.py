"""The clock of a market: what stays, what decays, and settlement windows on the way."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hedgerow as hr
from hedgerow.errors import InvalidInput

AS_OF = np.datetime64("2026-03-27T00:00", "ns")
NEAR, FAR = (np.datetime64(day, "ns") for day in ("2026-03-27T08:00", "2026-06-26T08:00"))
START = NEAR - np.timedelta64(30, "m")
MINUTE = np.timedelta64(1, "m")


def years(start, end):
    return float((end - start) / np.timedelta64(1, "ns")) / (365 * 86_400e9)


def market(as_of=AS_OF, spot=60_000.0, **more):
    pillars = [at for at in (NEAR, FAR) if at > as_of]
    return hr.UnderlyingMarket(
        underlying="BTC",
        quote_currency="USD",
        forwards=hr.ForwardCurve(
            as_of=as_of,
            spot=spot,
            pillars=pillars,
            forwards=[spot * np.exp(0.05 * years(as_of, at)) for at in pillars],
        ),
        discount=hr.DiscountCurve(
            as_of=as_of,
            pillars=pillars,
            factors=[np.exp(-0.03 * years(as_of, at)) for at in pillars],
        ),
        smiles=[hr.Smile(expiry=FAR, strikes=[60_000], volatilities=[0.5])],
        perpetual=spot * 1.0001,
        **more,
    )


def snapshot(**changes):
    rates = hr.ExchangeRates("USD", {"EUR": 1.1})
    as_of = changes.get("as_of", AS_OF)
    return hr.Snapshot(as_of=as_of, markets=[market(**changes)], rates=rates)


@given(st.integers(0, 90 * 86_400))
def test_spots_and_rates_per_year_stay(seconds):
    later = AS_OF + np.timedelta64(seconds, "s")
    rolled = snapshot().rolled(later)
    assert rolled.as_of == later
    found, given_ = rolled.market("BTC"), market()
    assert (found.spot, found.perpetual) == (given_.spot, given_.perpetual)
    assert found.smiles == given_.smiles
    assert rolled.rates == snapshot().rates
    assert found.forwards.carry(FAR) == pytest.approx(0.05, rel=1e-13)
    assert found.discount.rate(FAR) == pytest.approx(0.03, rel=1e-13)
    assert list(found.forwards.pillars) == [at for at in (NEAR, FAR) if at > later]


def test_to_roll_twice_is_to_roll_once():
    once = snapshot().rolled(FAR - MINUTE)
    twice = snapshot().rolled(NEAR + MINUTE).rolled(FAR - MINUTE)
    assert twice.market("BTC").forwards.carry(FAR) == pytest.approx(
        once.market("BTC").forwards.carry(FAR), rel=1e-12
    )
    assert snapshot().rolled(AS_OF) == snapshot()


def test_a_curve_that_has_passed_its_pillars_keeps_the_last_rate():
    found = snapshot().rolled(FAR + MINUTE).market("BTC")
    at = FAR + np.timedelta64(200, "D")
    assert found.forwards.carry(at) == pytest.approx(0.05, rel=1e-12)
    assert found.discount.rate(at) == pytest.approx(0.03, rel=1e-12)


def test_a_curve_without_pillars_has_none_later():
    plain = hr.UnderlyingMarket(
        underlying="BTC", quote_currency="USD", forwards=hr.ForwardCurve(as_of=AS_OF, spot=60_000)
    )
    found = hr.Snapshot(as_of=AS_OF, markets=[plain]).rolled(NEAR).market("BTC")
    assert list(found.forwards.pillars) == []
    assert found.forwards.forward(FAR) == 60_000


def test_time_does_not_go_back():
    with pytest.raises(InvalidInput) as caught:
        snapshot().rolled(AS_OF - MINUTE)
    assert caught.value.argument == "as_of"


# Settlement windows -------------------------------------------------------------------------------


def windowed(as_of, average=None, spot=60_000.0, fixing=""):
    window = hr.SettlementWindow(start=START, expiry=NEAR, average=average, fixing=fixing)
    return snapshot(as_of=as_of, spot=spot, settlement_windows=[window])


def window_of(found):
    (window,) = found.market("BTC").settlement_windows
    return window


def test_a_window_says_how_much_of_it_has_passed():
    window = hr.SettlementWindow(start=START, expiry=NEAR)
    shares = [window.elapsed(START + k * MINUTE) for k in (-5, 0, 12, 30, 31)]
    assert shares == pytest.approx([0, 0, 0.4, 1, 1], abs=1e-15)
    assert pickle.loads(pickle.dumps(window)) == window
    assert "2026-03-27T07:30:00" in repr(window)
    market = windowed(START + MINUTE, 59_000.0).market("BTC")
    assert pickle.loads(pickle.dumps(market)) == market
    assert market.with_spot(61_000).settlement_windows == market.settlement_windows
    assert market.with_smiles([]).settlement_windows == market.settlement_windows
    assert market.with_settlement_windows([]).settlement_windows == ()


def test_the_average_goes_on_at_the_spot():
    begun = windowed(AS_OF).rolled(START + 10 * MINUTE)
    assert window_of(begun).average == pytest.approx(60_000, rel=1e-13)
    moved = begun.shocked(spot_factor=1.01, dynamics=hr.SmileDynamics.STICKY_STRIKE)
    assert window_of(moved) == window_of(begun)
    later = moved.rolled(START + 15 * MINUTE)
    assert window_of(later).average == pytest.approx((2 * 60_000 + 60_600) / 3, rel=1e-13)
    over = moved.rolled(FAR)  # it ends at its expiry
    assert window_of(over).average == pytest.approx((60_000 + 2 * 60_600) / 3, rel=1e-13)
    assert window_of(windowed(AS_OF).rolled(START)).average is None


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"start": NEAR}, "start"),
        ({"average": 0.0}, "average"),
        ({"average": np.nan}, "average"),
    ],
)
def test_a_window_that_is_none_is_refused(changes, argument):
    with pytest.raises(InvalidInput) as caught:
        hr.SettlementWindow(**({"start": START, "expiry": NEAR} | changes))
    assert caught.value.argument == argument


def test_an_average_is_given_exactly_where_its_window_has_begun():
    for as_of, average in ((START, 60_000.0), (START + MINUTE, None)):
        with pytest.raises(InvalidInput) as caught:
            windowed(as_of, average)
        assert caught.value.argument == "markets[BTC].settlement_windows.average"


def test_a_settlement_price_has_one_window():
    with pytest.raises(InvalidInput) as caught:
        market(settlement_windows=[hr.SettlementWindow(start=START, expiry=NEAR)] * 2)
    assert caught.value.argument == "settlement_windows"
    two = [hr.SettlementWindow(start=START, expiry=NEAR, fixing=name) for name in ("b", "a")]
    assert [w.fixing for w in market(settlement_windows=two).settlement_windows] == ["a", "b"]
