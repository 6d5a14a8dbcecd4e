"""Currency pairs from quotes by delta: the market, what it reprices and what is said of it."""

import numpy as np
import pytest

import hedgerow as hr
from hedgerow import black, fx
from hedgerow.calibrate import FxQuote, fx_market
from hedgerow.errors import InvalidInput

AS_OF = np.datetime64("2025-02-10T10:00", "ns")
SPOT = 1.031817
CONVENTIONS = fx.FxConventions(
    delta=fx.FxDelta.SPOT,
    at_the_money=fx.FxAtTheMoney.DELTA_NEUTRAL,
    strangle=fx.FxStrangle.MARKET,
)
#: EUR/USD of 10 February 2025, as shipped with the Open Source Risk Engine: at the money, 25-delta
#: and 10-delta risk reversals and butterflies.
EURUSD = {
    7: (0.090320, -0.005578, 0.001325, -0.010846, 0.004889),
    30: (0.083197, -0.007747, 0.001468, -0.015103, 0.005432),
}


def wing(delta, risk_reversal, butterfly):
    return fx.FxWing(delta=delta, risk_reversal=risk_reversal, butterfly=butterfly)


def quote(days, at_the_money, rr25, bf25, rr10, bf10):
    wings = (wing(0.25, rr25, bf25), wing(0.10, rr10, bf10))
    return FxQuote(AS_OF + np.timedelta64(days, "D"), at_the_money, wings)


def curve(rate):
    pillars = [AS_OF + np.timedelta64(days, "D") for days in (7, 30, 400)]
    years = np.array([7, 30, 400]) / 365
    return hr.DiscountCurve(as_of=AS_OF, pillars=pillars, factors=list(np.exp(-rate * years)))


def made(quotes=None, **more):
    options = {"domestic": curve(0.043), "foreign": curve(0.026), "conventions": CONVENTIONS}
    given = (
        [quote(days, *numbers) for days, numbers in EURUSD.items()] if quotes is None else quotes
    )
    return fx_market("EUR", "USD", AS_OF, SPOT, given, **options | more)


def test_forwards_are_covered_interest_parity():
    market, report = made()
    for one in report.expiries:
        assert one.forward == pytest.approx(SPOT * np.exp((0.043 - 0.026) * one.time), rel=1e-12)
        assert market.forwards.forward(one.expiry) == pytest.approx(one.forward, rel=1e-14)
    assert market.spot == SPOT
    assert (market.underlying, market.quote_currency) == ("EUR", "USD")


def test_the_smiles_follow_and_reprice_the_strangles():
    market, report = made()
    assert report.trusted
    assert "EUR/USD: 2 expiries" in str(report)
    for one, smile in zip(report.expiries, market.smiles, strict=True):
        assert one.outcome is fx.FxSmileOutcome.SOLVED
        assert np.abs(one.strangle_error).max() < 1e-12
        np.testing.assert_allclose(smile.volatility(one.strikes), one.volatilities, atol=1e-12)
        quoted = EURUSD[round(one.time * 365)]
        money = smile.volatility(one.strikes[2])
        assert money == pytest.approx(quoted[0], abs=1e-12)
        # The 25-delta market strangle at its one volatility, on the smile.
        terms = fx.FxExpiry(
            spot=SPOT,
            domestic_discount=curve(0.043).factor(one.expiry),
            foreign_discount=curve(0.026).factor(one.expiry),
            time=one.time,
        )
        volatility = quoted[0] + quoted[2]
        strikes = [
            fx.strike(fx.FxDelta.SPOT, sign, terms, sign * 0.25, volatility) for sign in (1, -1)
        ]
        rights = np.array([1.0, -1.0])
        at_one = black.price(rights, one.forward, strikes, one.time, volatility, 1.0).sum()
        on_smile = smile.volatility(np.array(strikes))
        there = black.price(rights, one.forward, strikes, one.time, on_smile, 1.0).sum()
        assert there == pytest.approx(at_one, abs=2e-8)


def test_the_spline_follows_the_smile_as_stated():
    market, report = made()
    for days, one, smile in zip(EURUSD, report.expiries, market.smiles, strict=True):
        numbers = quote(days, *EURUSD[days])
        terms = fx.FxExpiry(
            spot=SPOT,
            domestic_discount=curve(0.043).factor(one.expiry),
            foreign_discount=curve(0.026).factor(one.expiry),
            time=one.time,
        )
        interpolation = fx.FxInterpolation.SPLINE_IN_DELTA
        exact = fx.smile(
            terms, numbers.at_the_money, numbers.wings,
            conventions=CONVENTIONS, interpolation=interpolation,
        ).smile  # fmt: skip
        deviation = numbers.at_the_money * np.sqrt(one.time)
        strikes = one.forward * np.exp(np.linspace(-3, 3, 301) * deviation)
        assert np.abs(smile.volatility(strikes) - exact.volatility(strikes)).max() < 1e-5


def test_an_option_is_valued_on_it():
    market, report = made()
    snapshot = hr.Snapshot(as_of=AS_OF, markets=[market], rates=hr.ExchangeRates("USD", {}))
    one = report.expiries[1]
    option = hr.Option("EUR", one.expiry, 1.05, "call")
    values = hr.value(hr.Book.from_columns([option], [1e6]), snapshot)
    volatility = market.smile(one.expiry).volatility(1.05)
    discount = curve(0.043).factor(one.expiry)
    expected = 1e6 * black.price(1, one.forward, 1.05, one.time, volatility, discount)
    assert values.value[0] == pytest.approx(expected, rel=1e-12)


def test_arbitrage_in_quotes_is_named():
    falling = [
        quote(7, 0.12, -0.005, 0.001, -0.010, 0.004),
        quote(14, 0.06, -0.005, 0.001, -0.01, 0.004),
    ]
    _, report = made(falling)
    assert report.expiries[0].trusted
    assert not report.trusted
    assert report.expiries[1].calendar < 0
    assert report.expiries[1].problems[0].startswith("calendar: below the expiry before at strike")
    assert "not trusted: calendar" in str(report)
    _, bent = made([quote(30, 0.08, 0.0, 0.0, 0.0, 0.05)])
    assert bent.expiries[0].least_density < 0
    assert bent.expiries[0].problems[0].startswith("butterfly: negative density at strike")


def test_quotes_that_determine_no_smile_leave_the_rest():
    far = quote(400, 3.0, -0.1, 0.1, -0.2, 0.3)
    adjusted = fx.FxConventions(
        delta=fx.FxDelta.SPOT_PREMIUM_ADJUSTED,
        at_the_money=fx.FxAtTheMoney.DELTA_NEUTRAL,
        strangle=fx.FxStrangle.SMILE,
    )
    market, report = made([quote(7, *EURUSD[7]), far], conventions=adjusted)
    assert report.expiries[0].outcome is fx.FxSmileOutcome.SOLVED
    assert report.expiries[1].outcome is fx.FxSmileOutcome.UNREACHABLE_DELTA
    assert not report.trusted
    assert "unreachable delta" in str(report)
    assert len(market.smiles) == 1
    assert np.isfinite(report.expiries[1].forward)


@pytest.mark.parametrize(
    ("quotes", "rule"),
    [
        ([quote(7, *EURUSD[7]), quote(7, *EURUSD[7])], "must have distinct expiries"),
        ([quote(0, *EURUSD[7])], "must expire after 2025-02-10T10:00Z"),
        ([quote(7, -0.1, 0.0, 0.0, 0.0, 0.0)], "must be"),
    ],
)
def test_wrong_quotes_are_named(quotes, rule):
    with pytest.raises(InvalidInput, match=rule):
        made(quotes)


def test_real_quotes_of_many_pairs(market_data):
    """Every pair and tenor of the file whose five quotes are there."""
    pd = pytest.importorskip("pandas")
    frame = pd.read_csv(market_data / "fx_vol_quotes_ore.csv")
    days = {"1W": 7, "2W": 14, "1M": 30, "2M": 61, "3M": 91, "6M": 182, "1Y": 365}
    seen = trusted = 0
    for (_, ccy1, ccy2), rows in frame.groupby(["date", "ccy1", "ccy2"]):
        table = rows.pivot_table(index="tenor", columns="quote", values="value")
        if not {"ATM", "25RR", "25BF", "10RR", "10BF"} <= set(table.columns):
            continue
        table = table.dropna()
        quotes = [
            quote(days[tenor], row["ATM"], row["25RR"], row["25BF"], row["10RR"], row["10BF"])
            for tenor, row in table.iterrows()
            if tenor in days
        ]
        flat = hr.DiscountCurve()
        _, report = fx_market(
            ccy1, ccy2, AS_OF, float(rows.spot.iloc[0]), quotes,
            domestic=flat, foreign=flat, conventions=CONVENTIONS,
        )  # fmt: skip
        for one in report.expiries:
            seen += 1
            trusted += one.trusted
            assert one.outcome is fx.FxSmileOutcome.SOLVED, (ccy1, ccy2, one)
            assert np.abs(one.strangle_error).max() < 1e-12 * one.forward
    assert seen > 40
    assert trusted > 0.9 * seen
