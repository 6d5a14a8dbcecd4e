"""Moves of a whole market, the axes of a ladder."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow._core import (
    DiscountCurve,
    ExchangeRates,
    ForwardCurve,
    Smile,
    SmileDynamics,
    Snapshot,
    UnderlyingMarket,
)
from hedgerow.errors import InvalidInput

AS_OF = np.datetime64("2026-03-01T08:00", "ns")
EXPIRY = np.datetime64("2026-06-26T08:00", "ns")
STRIKE, MONEYNESS = SmileDynamics.STICKY_STRIKE, SmileDynamics.STICKY_MONEYNESS


def market(underlying, quote_currency, spot, perpetual=None):
    strikes = [0.8 * spot, spot, 1.25 * spot]
    return UnderlyingMarket(
        underlying=underlying,
        quote_currency=quote_currency,
        forwards=ForwardCurve(as_of=AS_OF, spot=spot, pillars=[EXPIRY], forwards=[1.02 * spot]),
        discount=DiscountCurve(as_of=AS_OF, pillars=[EXPIRY], factors=[0.98]),
        smiles=[Smile(expiry=EXPIRY, strikes=strikes, volatilities=[0.5, 0.4, 0.3])],
        perpetual=perpetual,
    )


SNAPSHOT = Snapshot(
    as_of=AS_OF,
    markets=[
        market("BTC", "USD", 60_000, 60_010),
        market("ETH", "USDC", 3_000),
        market("SPX", "USD", 4_500),
    ],
    rates=ExchangeRates("USD", {"BTC": 60_000, "ETH": 2_997, "USDC": 0.999, "EUR": 1.1}),
)

factors = st.floats(0.1, 10)
shifts = st.floats(-1, 1)
dynamics = st.sampled_from(SmileDynamics)


@given(dynamics)
def test_no_move_changes_nothing(dynamics):
    assert SNAPSHOT.shocked(dynamics=dynamics) == SNAPSHOT


@given(factors, shifts, dynamics)
def test_every_underlying_moves_with_its_carry(factor, shift, dynamics):
    moved = SNAPSHOT.shocked(spot_factor=factor, volatility_shift=shift, dynamics=dynamics)
    assert moved.as_of == AS_OF
    for before, after in zip(SNAPSHOT.markets, moved.markets, strict=True):
        assert after.spot == before.spot * factor
        assert after.perpetual == pytest.approx(before.perpetual * factor, rel=1e-15)
        forward = after.forwards.forward(EXPIRY)
        assert forward == pytest.approx(before.forwards.forward(EXPIRY) * factor, rel=1e-15)
        assert after.forwards.carry(EXPIRY) == pytest.approx(before.forwards.carry(EXPIRY))
        assert after.discount == before.discount
        np.testing.assert_array_equal(
            after.smiles[0].volatilities, np.maximum(before.smiles[0].volatilities + shift, 0)
        )


@given(factors, st.floats(0.5, 2))
def test_strikes_stick_or_move_along(factor, moneyness):
    def volatility(snapshot, strike):
        return snapshot.market("BTC").smile(EXPIRY).volatility(strike)

    stuck = SNAPSHOT.shocked(spot_factor=factor, dynamics=STRIKE)
    along = SNAPSHOT.shocked(spot_factor=factor, dynamics=MONEYNESS)
    strike = 60_000 * moneyness
    assert volatility(stuck, strike) == volatility(SNAPSHOT, strike)
    expected = volatility(SNAPSHOT, strike)
    assert volatility(along, strike * factor) == pytest.approx(expected, abs=1e-13)


def test_rates_of_coins_move_with_their_spots():
    moved = SNAPSHOT.shocked(spot_factor=1.1, dynamics=STRIKE).rates
    assert moved.rate("BTC") == pytest.approx(66_000)
    assert moved.rate("ETH") == pytest.approx(2_997 * 1.1)  # quoted in a dollar coin that stays
    assert (moved.rate("USDC"), moved.rate("EUR"), moved.rate("USD")) == (0.999, 1.1, 1.0)


def test_one_underlying_moves_alone():
    moved = SNAPSHOT.shocked(
        spot_factor=0.9, volatility_shift=0.1, dynamics=MONEYNESS, underlying="ETH"
    )
    assert moved.market("ETH").spot == pytest.approx(2_700)
    assert moved.market("BTC") == SNAPSHOT.market("BTC")
    assert moved.market("SPX") == SNAPSHOT.market("SPX")
    assert moved.rates.rate("ETH") == pytest.approx(2_997 * 0.9)
    assert moved.rates.rate("BTC") == 60_000


def test_whoever_reports_in_a_coin_sees_the_others_move_against_it():
    rates = ExchangeRates("BTC", {"USD": 1 / 60_000, "ETH": 0.05})
    markets = [market("BTC", "USD", 60_000), market("ETH", "BTC", 0.05)]
    snapshot = Snapshot(as_of=AS_OF, markets=markets, rates=rates)
    moved = snapshot.shocked(spot_factor=1.25, dynamics=STRIKE).rates
    assert moved.rate("BTC") == 1.0
    assert moved.rate("USD") == pytest.approx(1 / 75_000)
    assert moved.rate("ETH") == pytest.approx(0.05 * 1.25)
    alone = snapshot.shocked(spot_factor=1.25, dynamics=STRIKE, underlying="BTC").rates
    assert alone.rate("ETH") == pytest.approx(0.05)


def test_underlyings_quoted_in_each_other_do_not_hang():
    markets = [market("A", "B", 2.0), market("B", "A", 0.5)]
    snapshot = Snapshot(as_of=AS_OF, markets=markets)
    assert snapshot.shocked(spot_factor=2.0, dynamics=STRIKE).market("A").spot == 4.0


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"spot_factor": 0.0}, "spot_factor"),
        ({"spot_factor": float("nan")}, "spot_factor"),
        ({"volatility_shift": float("inf")}, "volatility_shift"),
        ({"underlying": "DOGE"}, "underlying"),
    ],
)
def test_bad_input_names_the_argument(arguments, argument):
    with pytest.raises(InvalidInput) as caught:
        SNAPSHOT.shocked(**arguments, dynamics=STRIKE)
    assert caught.value.argument == argument


def test_the_dynamics_must_be_said():
    with pytest.raises(TypeError):
        SNAPSHOT.shocked(spot_factor=1.1)
