"""Foreign exchange deltas, strikes and smiles: printed values, round trips, repriced strangles."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hedgerow import black, bsm, fx, normal
from hedgerow.errors import InvalidInput
from hedgerow.fx import (
    FxAtTheMoney,
    FxConventions,
    FxDelta,
    FxExpiry,
    FxInterpolation,
    FxSmile,
    FxSmileOutcome,
    FxStrangle,
    FxStrikeOutcome,
    FxWing,
)

ADJUSTED = (FxDelta.SPOT_PREMIUM_ADJUSTED, FxDelta.FORWARD_PREMIUM_ADJUSTED)
EXPIRY = FxExpiry(spot=1.3088, domestic_discount=0.9991, foreign_discount=0.9983, time=1 / 12)


def test_printed_deltas(reference):
    table = pd.read_csv(reference / "fx_delta.csv")
    names = {
        "spot": FxDelta.SPOT,
        "fwd": FxDelta.FORWARD,
        "spot_pa": FxDelta.SPOT_PREMIUM_ADJUSTED,
        "fwd_pa": FxDelta.FORWARD_PREMIUM_ADJUSTED,
    }
    assert (table.status == "pass").all()
    for row in table.itertuples():
        expiry = FxExpiry(
            spot=row.spot, domestic_discount=row.df_dom, foreign_discount=row.df_for, time=1.0
        )
        convention, right = names[row.delta_convention], 1 if row.option_type == "call" else -1
        delta = fx.delta(convention, right, expiry, row.strike, row.stddev)
        # The strikes are printed with seven digits, one with four.
        assert delta == pytest.approx(row.expected, abs=row.tol)
        strike = fx.strike(convention, right, expiry, row.expected, row.stddev)
        assert strike == pytest.approx(row.strike, rel=2e-4)


expiries = st.builds(
    FxExpiry,
    spot=st.floats(0.01, 1000),
    domestic_discount=st.floats(0.5, 1.02),
    foreign_discount=st.floats(0.5, 1.02),
    time=st.floats(0.003, 20),
)
conventions = st.sampled_from(FxDelta)
rights = st.sampled_from([-1.0, 1.0])
volatilities = st.floats(0.01, 1.5)


def d1_of(expiry, strike, volatility):
    s = volatility * np.sqrt(expiry.time)
    return np.log(expiry.forward / strike) / s + s / 2, s


@given(conventions, rights, expiries, st.floats(1e-3, 1.2), volatilities)
def test_strikes_have_their_delta(convention, right, expiry, size, volatility):
    strike = fx.strike(convention, right, expiry, right * size, volatility)
    outcome = fx.strike_outcome(convention, right, expiry, right * size, volatility)
    assert np.isnan(strike) == (outcome != FxStrikeOutcome.SOLVED)
    s = volatility * np.sqrt(expiry.time)
    if outcome == FxStrikeOutcome.SOLVED:
        d1, _ = d1_of(expiry, strike, volatility)
        back = fx.delta(convention, right, expiry, strike, volatility)
        assert abs(back / (right * size) - 1) < 5e-15 * (1 + d1 * d1 + 1 / s)
        if convention in ADJUSTED and right == 1:
            # On the falling side: a higher strike has a smaller delta.
            assert fx.delta(convention, 1, expiry, strike * np.exp(s / 100), volatility) < size
    else:
        # The largest delta that any strike has.
        strikes = expiry.forward * np.exp(np.linspace(-40, 40, 4001) * s)
        largest = np.abs(fx.delta(convention, right, expiry, strikes, volatility)).max()
        assert outcome == FxStrikeOutcome.UNREACHABLE
        assert size > largest * (1 - 1e-12)


@given(conventions, rights, expiries, st.floats(-3, 3), volatilities)
def test_deltas_have_their_strike(convention, right, expiry, distance, volatility):
    strike = expiry.forward * np.exp(distance * volatility * np.sqrt(expiry.time))
    delta = fx.delta(convention, right, expiry, strike, volatility)
    d1, s = d1_of(expiry, strike, volatility)
    # Deep in the money every strike has nearly the same delta.
    assume(right * d1 < 3)
    if convention in ADJUSTED and right == 1:
        # The delta falls with the strike where N(d2) s < n(d2), and is flat where they are equal.
        assume(normal.mills_ratio(s - d1) * s < 0.9)
    back = fx.strike(convention, right, expiry, delta, volatility)
    assert back == pytest.approx(strike, rel=1e-11 * max(1, s))


@given(rights, expiries, st.floats(-3, 3), volatilities)
def test_deltas_are_those_of_the_price(right, expiry, distance, volatility):
    strike = expiry.forward * np.exp(distance * volatility * np.sqrt(expiry.time))
    rate = -np.log(expiry.domestic_discount) / expiry.time
    carry = np.log(expiry.forward / expiry.spot) / expiry.time
    greeks = bsm.greeks(right, expiry.spot, strike, expiry.time, volatility, rate, carry)
    spot = fx.delta(FxDelta.SPOT, right, expiry, strike, volatility)
    assert spot == pytest.approx(greeks.delta, rel=1e-11)
    adjusted = fx.delta(FxDelta.SPOT_PREMIUM_ADJUSTED, right, expiry, strike, volatility)
    assert adjusted == pytest.approx(greeks.delta - greeks.price / expiry.spot, abs=1e-12)
    forward = fx.delta(FxDelta.FORWARD, right, expiry, strike, volatility)
    assert forward * expiry.foreign_discount == pytest.approx(spot, rel=1e-15)


@given(expiries, volatilities)
def test_strikes_at_the_money(expiry, volatility):
    for convention in FxDelta:
        neutral = fx.at_the_money_strike(FxAtTheMoney.DELTA_NEUTRAL, convention, expiry, volatility)
        call, put = fx.delta(convention, [1, -1], expiry, neutral, volatility)
        assert call == pytest.approx(-put, rel=1e-11)
        at = FxAtTheMoney.FORWARD
        assert fx.at_the_money_strike(at, convention, expiry, volatility) == expiry.forward
        at = FxAtTheMoney.SPOT
        assert fx.at_the_money_strike(at, convention, expiry, volatility) == expiry.spot


def test_deltas_that_no_strike_has_are_named():
    def outcome(convention, right, delta):
        return FxStrikeOutcome(fx.strike_outcome(convention, right, EXPIRY, delta, 0.2))

    unreachable, invalid = FxStrikeOutcome.UNREACHABLE, FxStrikeOutcome.INVALID_INPUT
    assert outcome(FxDelta.FORWARD, 1, 1.0) == unreachable
    assert outcome(FxDelta.SPOT, 1, EXPIRY.foreign_discount) == unreachable
    assert outcome(FxDelta.FORWARD_PREMIUM_ADJUSTED, 1, 0.97) == unreachable
    assert outcome(FxDelta.FORWARD_PREMIUM_ADJUSTED, -1, -1.5) == FxStrikeOutcome.SOLVED
    assert outcome(FxDelta.FORWARD, 1, -0.25) == invalid
    assert outcome(FxDelta.FORWARD, -1, 0.25) == invalid
    assert outcome(FxDelta.FORWARD, 1, 0.0) == invalid
    assert outcome(FxDelta.FORWARD, 0.5, 0.25) == invalid
    assert outcome(FxDelta.FORWARD, 1, np.nan) == invalid
    codes = fx.strike_outcome(FxDelta.FORWARD, 1, EXPIRY, [0.25, 1.1, -0.1], 0.2)
    assert codes.tolist() == [0, 1, 2]


def test_nan_in_nan_out_in_its_own_cell():
    strikes = np.array([[1.3, np.nan], [0.0, -1.0]])
    got = fx.delta(FxDelta.SPOT, [[1], [-1]], EXPIRY, strikes, 0.2)
    assert np.isnan(got).tolist() == [[False, True], [True, True]]
    assert np.isnan(fx.delta(FxDelta.SPOT, 1, EXPIRY, 1.3, -0.2))
    assert np.isnan(fx.delta(FxDelta.SPOT, 0, EXPIRY, 1.3, 0.2))
    assert isinstance(fx.delta(FxDelta.SPOT, 1, EXPIRY, 1.3, 0.2), float)
    at = FxAtTheMoney.FORWARD
    assert np.isnan(fx.at_the_money_strike(at, FxDelta.SPOT, EXPIRY, np.nan))


# --- smiles --------------------------------------------------------------------------------------

THREE = [
    FxInterpolation.QUADRATIC_IN_DELTA,
    FxInterpolation.VANNA_VOLGA_FIRST,
    FxInterpolation.VANNA_VOLGA_SECOND,
    FxInterpolation.SPLINE_IN_DELTA,
]
WING = FxWing(delta=0.25, risk_reversal=-0.005, butterfly=0.007375)
OUTER = FxWing(delta=0.1, risk_reversal=-0.0125, butterfly=0.024)


def read_as(delta, strangle, at_the_money=FxAtTheMoney.DELTA_NEUTRAL):
    return FxConventions(delta=delta, at_the_money=at_the_money, strangle=strangle)


def build(expiry, level, wings, conventions, interpolation):
    return fx.smile(expiry, level, wings, conventions=conventions, interpolation=interpolation)


@pytest.mark.parametrize("delta", FxDelta)
@pytest.mark.parametrize("interpolation", THREE)
def test_smile_strangles_are_read_off_the_smile(delta, interpolation):
    wings = [WING, OUTER] if interpolation == FxInterpolation.SPLINE_IN_DELTA else [WING]
    found = build(EXPIRY, 0.21, wings, read_as(delta, FxStrangle.SMILE), interpolation)
    assert found.outcome == FxSmileOutcome.SOLVED
    smile = found.smile
    np.testing.assert_allclose(smile.volatility(smile.strikes), smile.volatilities, rtol=1e-14)
    middle = len(wings)
    assert smile.volatilities[middle] == 0.21
    for i, wing in enumerate(wings, 1):
        put, call = smile.volatilities[middle - i], smile.volatilities[middle + i]
        assert call - put == pytest.approx(wing.risk_reversal, abs=1e-15)
        assert (call + put) / 2 - 0.21 == pytest.approx(wing.butterfly, abs=1e-15)
        deltas = fx.delta(
            delta, [-1, 1], EXPIRY, smile.strikes[[middle - i, middle + i]], [put, call]
        )
        np.testing.assert_allclose(deltas, [-wing.delta, wing.delta], rtol=1e-13)
    np.testing.assert_array_equal(found.strangle_error, np.zeros(len(wings)))


def strangle_errors(found, expiry, level, wings, delta):
    """What each market strangle costs on the smile, less at its one volatility."""
    errors = []
    for wing in wings:
        one = level + wing.butterfly
        strikes = fx.strike(delta, [-1, 1], expiry, [-wing.delta, wing.delta], one)
        on_smile = found.smile.volatility(strikes)
        forward, time = expiry.forward, expiry.time
        prices = black.price([-1.0, 1.0], forward, strikes, time, on_smile, 1.0)
        errors.append(
            prices.sum() - black.price([-1.0, 1.0], forward, strikes, time, one, 1.0).sum()
        )
    return np.array(errors)


def textbook(market_data):
    """The quoted sets, in decimals: (name, tenor, expiry, level, wings)."""
    table = pd.read_csv(market_data / "fx_vol_quotes_textbook.csv")
    years = {"1M": 1 / 12, "2M": 1 / 6, "3M": 0.25, "6M": 0.5, "1Y": 1.0, "2Y": 2.0}
    for row in table.itertuples():
        time = years[row.tenor]
        expiry = FxExpiry(
            spot=row.spot,
            domestic_discount=np.exp(-row.r_dom * time),
            foreign_discount=np.exp(-row.r_for * time),
            time=time,
        )
        wings = [
            FxWing(delta=delta, risk_reversal=rr / 100, butterfly=ms / 100)
            for delta, rr, ms in ((0.25, row.rr25, row.ms25), (0.1, row.rr10, row.ms10))
            if np.isfinite(rr)
        ]
        yield row.pair, row.tenor, expiry, row.atm / 100, wings


@pytest.mark.parametrize("delta", FxDelta)
@pytest.mark.parametrize("interpolation", THREE)
def test_textbook_quotes_reprice_their_market_strangles(market_data, delta, interpolation):
    solved = 0
    for pair, tenor, expiry, level, wings in textbook(market_data):
        if len(wings) > 1 and interpolation != FxInterpolation.SPLINE_IN_DELTA:
            wings = wings[:1]
        found = build(expiry, level, wings, read_as(delta, FxStrangle.MARKET), interpolation)
        extreme = len(wings) > 1 and pair == "EURJPY" and tenor in ("6M", "1Y", "2Y")
        if extreme and found.outcome != FxSmileOutcome.SOLVED:
            # Its risk reversals are half of the volatility at the money: with most deltas no smile
            # of this kind has these strangles, and then there must be none.
            assert found.outcome == FxSmileOutcome.NOT_CONVERGED
            assert found.smile is None
            continue
        assert found.outcome == FxSmileOutcome.SOLVED, (pair, tenor)
        errors = strangle_errors(found, expiry, level, wings, delta)
        assert np.abs(errors).max() < 1e-12 * expiry.spot
        np.testing.assert_allclose(found.strangle_error, errors, rtol=0, atol=1e-14 * expiry.spot)
        solved += 1
    assert solved >= 28


@pytest.mark.parametrize("delta", FxDelta)
@pytest.mark.parametrize("interpolation", THREE)
def test_market_strangles_cost_on_the_smile_what_they_do_in_the_market(delta, interpolation):
    wings = [WING, OUTER] if interpolation == FxInterpolation.SPLINE_IN_DELTA else [WING]
    found = build(EXPIRY, 0.216215, wings, read_as(delta, FxStrangle.MARKET), interpolation)
    assert found.outcome == FxSmileOutcome.SOLVED
    assert np.abs(strangle_errors(found, EXPIRY, 0.216215, wings, delta)).max() < 1e-12
    # The smile strangle differs from the market strangle, by little for a small risk reversal.
    butterflies = np.array([wing.butterfly for wing in wings])
    assert np.all(np.abs(found.smile_strangle - butterflies) < 0.001)
    assert np.all(found.smile_strangle != butterflies)


def test_without_risk_reversal_both_strangles_are_one():
    level = FxWing(delta=0.25, risk_reversal=0.0, butterfly=0.0)
    for interpolation in THREE:
        conventions = read_as(FxDelta.FORWARD, FxStrangle.MARKET)
        found = build(EXPIRY, 0.2, [level], conventions, interpolation)
        assert abs(found.smile_strangle[0]) < 1e-12
        strikes = np.geomspace(0.8, 2, 50)
        np.testing.assert_allclose(found.smile.volatility(strikes), 0.2, rtol=1e-11)


def test_real_quotes_of_a_day(market_data):
    table = pd.read_csv(market_data / "fx_eurgbp_20260130.csv")
    for row in table.itertuples():
        # Only forwards are known: the delta of spot is taken without a foreign discount.
        expiry = FxExpiry(
            spot=row.spot,
            domestic_discount=row.spot / row.forward,
            foreign_discount=1.0,
            time=row.t,
        )
        wing = FxWing(delta=0.25, risk_reversal=row.rr25, butterfly=row.ssm25)
        delta = FxDelta.SPOT if row.delta_convention == "spot" else FxDelta.FORWARD
        for interpolation in THREE:
            conventions = read_as(delta, FxStrangle.SMILE)
            smile = build(expiry, row.atm, [wing], conventions, interpolation).smile
            # The file's volatilities are printed with five digits.
            assert smile.volatilities[0] == pytest.approx(row.vol25put, abs=2e-5)
            assert smile.volatilities[2] == pytest.approx(row.vol25call, abs=2e-5)


def ore_quotes(market_data):
    """Complete tenors of the large file: (pair, tenor, spot, years, level, wings)."""
    table = pd.read_csv(market_data / "fx_vol_quotes_ore.csv")
    units = {"D": 1 / 365, "W": 7 / 365, "M": 1 / 12, "Y": 1.0}
    for key, rows in table.groupby(["date", "ccy1", "ccy2", "tenor"]):
        quotes = dict(zip(rows.quote, rows.value, strict=True))
        if not {"ATM", "25RR", "25BF", "10RR", "10BF"} <= set(quotes):
            continue
        years = float(key[3][:-1]) * units[key[3][-1]]
        wings = [
            FxWing(delta=d / 100, risk_reversal=quotes[f"{d}RR"], butterfly=quotes[f"{d}BF"])
            for d in (25, 10)
        ]
        yield key, float(rows.spot.iloc[0]), years, quotes["ATM"], wings


def test_broker_quotes_reprice_their_strangles(market_data):
    solved = failed = 0
    for _, spot, years, level, wings in ore_quotes(market_data):
        expiry = FxExpiry(spot=spot, domestic_discount=1.0, foreign_discount=1.0, time=years)
        for delta in FxDelta:
            conventions = read_as(delta, FxStrangle.MARKET)
            found = build(expiry, level, wings, conventions, FxInterpolation.SPLINE_IN_DELTA)
            if found.outcome != FxSmileOutcome.SOLVED:
                assert found.smile is None
                failed += 1
                continue
            solved += 1
            errors = strangle_errors(found, expiry, level, wings, delta)
            assert np.abs(errors).max() < 1e-12 * spot
    assert solved > 100
    assert failed < 0.02 * solved


def test_vanna_volga_is_that_of_castagna_and_mercurio():
    # Equations 7 and 14 of the paper, written as printed.
    strikes, quotes = np.array([0.9, 1.0, 1.12]), np.array([0.125, 0.11, 0.118])
    forward, time = 1.01, 0.75
    first, second = (
        FxSmile(
            forward=forward, time=time, strikes=strikes, volatilities=quotes, interpolation=kind
        )
        for kind in (FxInterpolation.VANNA_VOLGA_FIRST, FxInterpolation.VANNA_VOLGA_SECOND)
    )
    k1, k2, k3 = strikes
    s1, s2, s3 = quotes
    for k in (0.7, 0.85, 0.95, 1.0, 1.05, 1.2, 1.4):
        y1 = np.log(k2 / k) * np.log(k3 / k) / (np.log(k2 / k1) * np.log(k3 / k1))
        y2 = np.log(k / k1) * np.log(k3 / k) / (np.log(k2 / k1) * np.log(k3 / k2))
        y3 = np.log(k / k1) * np.log(k / k2) / (np.log(k3 / k1) * np.log(k3 / k2))
        linear = y1 * s1 + y2 * s2 + y3 * s3
        assert first.volatility(k) == pytest.approx(linear, rel=1e-13)

        def product(strike):
            d1 = (np.log(forward / strike) + s2 * s2 * time / 2) / (s2 * np.sqrt(time))
            return d1 * (d1 - s2 * np.sqrt(time))

        convexity = y1 * product(k1) * (s1 - s2) ** 2 + y3 * product(k3) * (s3 - s2) ** 2
        root = np.sqrt(s2 * s2 + product(k) * (2 * s2 * (linear - s2) + convexity))
        expected = s2 + (-s2 + root) / product(k)
        assert second.volatility(k) == pytest.approx(expected, rel=1e-11)


def test_the_spline_is_natural_and_smooth():
    found = build(
        EXPIRY,
        0.21,
        [WING, OUTER],
        read_as(FxDelta.SPOT, FxStrangle.SMILE),
        FxInterpolation.SPLINE_IN_DELTA,
    )
    from scipy import interpolate, special

    smile = found.smile

    def place(strikes):
        return special.ndtr(np.log(strikes / smile.forward) / (0.21 * np.sqrt(smile.time)))

    nodes, heights = place(smile.strikes), np.log(smile.volatilities)
    spline = interpolate.CubicSpline(nodes, heights, bc_type="natural")
    inside = np.linspace(smile.strikes[0], smile.strikes[-1], 101)
    np.testing.assert_allclose(smile.volatility(inside), np.exp(spline(place(inside))), rtol=1e-12)
    for end, strikes in ((0, np.array([0.9, 1.0])), (-1, np.array([1.7, 2.0]))):
        straight = heights[end] + (place(strikes) - nodes[end]) * spline(nodes[end], 1)
        np.testing.assert_allclose(smile.volatility(strikes), np.exp(straight), rtol=1e-12)


@pytest.mark.parametrize("interpolation", THREE)
def test_the_density_factor_is_that_of_second_differences(interpolation):
    conventions = read_as(FxDelta.SPOT, FxStrangle.SMILE)
    smile = build(EXPIRY, 0.21, [WING], conventions, interpolation).smile
    strikes = np.linspace(1.15, 1.5, 36)
    step, forward, time = 1e-4, smile.forward, smile.time

    def call(strikes):
        return black.price(1.0, forward, strikes, time, smile.volatility(strikes), 1.0)

    density = (call(strikes - step) - 2 * call(strikes) + call(strikes + step)) / step**2
    s = smile.volatility(strikes) * np.sqrt(time)
    d2 = np.log(forward / strikes) / s - s / 2
    factor = density * strikes * s / normal.pdf(d2)
    np.testing.assert_allclose(smile.density_factor(strikes), factor, rtol=0, atol=2e-5)
    assert np.isnan(smile.density_factor([0.0, -1.0, np.nan])).all()
    flat = FxSmile(
        forward=1.0,
        time=1.0,
        strikes=[0.9, 1.0, 1.1],
        volatilities=[0.1] * 3,
        interpolation=interpolation,
    )
    np.testing.assert_allclose(flat.density_factor(np.linspace(0.7, 1.4, 9)), 1, rtol=1e-12)


def test_a_smile_that_bends_too_much_has_a_negative_density():
    smile = FxSmile(
        forward=1.0,
        time=1.0,
        strikes=[0.9, 1.0, 1.1],
        volatilities=[0.1, 0.2, 0.1],
        interpolation=FxInterpolation.VANNA_VOLGA_FIRST,
    )
    assert smile.density_factor(1.0) < 0


def test_quotes_without_a_smile_are_named():
    conventions = read_as(FxDelta.FORWARD_PREMIUM_ADJUSTED, FxStrangle.SMILE)
    quadratic = FxInterpolation.QUADRATIC_IN_DELTA
    steep = FxWing(delta=0.25, risk_reversal=-0.5, butterfly=0.0)
    found = build(EXPIRY, 0.2, [steep], conventions, quadratic)
    assert found.outcome == FxSmileOutcome.INVALID_SMILE
    assert found.smile is None
    assert "INVALID_SMILE" in repr(found)
    long = FxExpiry(spot=1.0, domestic_discount=0.5, foreign_discount=0.5, time=30.0)
    wing = FxWing(delta=0.45, risk_reversal=0.0, butterfly=0.0)
    for strangle in FxStrangle:
        conventions = read_as(FxDelta.FORWARD_PREMIUM_ADJUSTED, strangle)
        found = build(long, 0.5, [wing], conventions, quadratic)
        assert found.outcome == FxSmileOutcome.UNREACHABLE_DELTA
    found = build(
        EXPIRY,
        0.2,
        [FxWing(delta=0.25, risk_reversal=0.0, butterfly=-0.3)],
        read_as(FxDelta.SPOT, FxStrangle.MARKET),
        quadratic,
    )
    assert found.outcome == FxSmileOutcome.INVALID_SMILE


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"level": 0.0}, "at_the_money"),
        ({"level": np.nan}, "at_the_money"),
        ({"wings": []}, "wings"),
        ({"wings": [WING, WING]}, "wings[1].delta"),
        ({"wings": [OUTER, WING]}, "wings[1].delta"),
        ({"wings": [WING, OUTER, OUTER]}, "wings"),
        ({"wings": [WING, OUTER], "interpolation": THREE[0]}, "wings"),
        ({"wings": [WING, OUTER], "interpolation": THREE[1]}, "wings"),
    ],
)
def test_bad_quotes_are_named(change, argument):
    given = {"level": 0.2, "wings": [WING], "interpolation": FxInterpolation.SPLINE_IN_DELTA}
    given |= change
    with pytest.raises(InvalidInput) as caught:
        build(EXPIRY, conventions=read_as(FxDelta.SPOT, FxStrangle.SMILE), **given)
    assert caught.value.argument == argument


@pytest.mark.parametrize(
    ("make", "good", "name", "value"),
    [
        (FxExpiry, EXPIRY, "spot", 0.0),
        (FxExpiry, EXPIRY, "domestic_discount", np.inf),
        (FxExpiry, EXPIRY, "foreign_discount", np.nan),
        (FxExpiry, EXPIRY, "time", -1.0),
        (FxWing, WING, "delta", 0.0),
        (FxWing, WING, "delta", 0.6),
        (FxWing, WING, "risk_reversal", np.nan),
        (FxWing, WING, "butterfly", np.inf),
    ],
)
def test_numbers_out_of_range_are_named(make, good, name, value):
    fields = ["delta", "risk_reversal", "butterfly"]
    if make is FxExpiry:
        fields = ["spot", "domestic_discount", "foreign_discount", "time"]
    with pytest.raises(InvalidInput) as caught:
        make(**{field: getattr(good, field) for field in fields} | {name: value})
    assert caught.value.argument == name


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"strikes": [1.0, 2.0]}, "strikes"),
        ({"volatilities": [0.1]}, "volatilities"),
        ({"strikes": [1.0, 1.0, 2.0]}, "strikes[1]"),
        ({"strikes": [1.0, -1.0, 2.0]}, "strikes[1]"),
        ({"volatilities": [0.1, 0.1, 0.0]}, "volatilities[2]"),
        ({"forward": 0.0}, "forward"),
        ({"time": 0.0}, "time"),
        ({"strikes": [1.0, 1e9, 1e10]}, "strikes[2]"),
    ],
)
def test_a_smile_names_what_is_wrong(change, argument):
    given = {"forward": 1.0, "time": 0.01, "strikes": [0.9, 1.0, 1.1], "volatilities": [0.1] * 3}
    given["interpolation"] = FxInterpolation.SPLINE_IN_DELTA
    with pytest.raises(InvalidInput) as caught:
        FxSmile(**given | change)
    assert caught.value.argument == argument


def test_everything_is_an_immutable_value():
    conventions = read_as(FxDelta.SPOT, FxStrangle.MARKET)
    smile = build(EXPIRY, 0.2, [WING], conventions, FxInterpolation.SPLINE_IN_DELTA).smile
    for thing in (EXPIRY, WING, conventions, smile):
        assert pickle.loads(pickle.dumps(thing)) == thing
        assert type(thing).__name__ in repr(thing)
    assert hash(WING) != hash(OUTER)
    assert WING != OUTER
    assert len({EXPIRY, EXPIRY, conventions, conventions}) == 2
    with pytest.raises(AttributeError):
        EXPIRY.spot = 2.0
    assert np.isnan(smile.volatility([np.nan, 0.0, -1.0])).all()
