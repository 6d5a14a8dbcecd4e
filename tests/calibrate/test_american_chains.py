"""American options in calibration: made chains are recovered, bad quotes named, a real one read."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hedgerow as hr
from hedgerow import DiscountCurve, Exercise, Future, Option, Quotes, Spot, american, black
from hedgerow.calibrate import market

AS_OF = np.datetime64("2022-04-01T20:00:00", "ns")
MAY = np.datetime64("2022-05-20T20:00:00", "ns")
DECEMBER = np.datetime64("2022-12-16T21:00:00", "ns")
EXPIRIES = (MAY, DECEMBER)
SPOT = 100.0
STRIKES = np.arange(60.0, 145.0, 5.0)
CALL, PUT = 1, -1
AAPL = Path(__file__).parents[2] / "examples" / "data" / "aapl_20140609_quotes.csv"


def smile_of(strikes, forward):
    """The made smile: what every test has to find again."""
    moneyness = np.log(np.asarray(strikes) / forward)
    return 0.3 - 0.15 * moneyness + 0.3 * moneyness**2


def flat(rate, as_of=AS_OF):
    """A discount curve with one zero rate."""
    return DiscountCurve(as_of=as_of, pillars=[DECEMBER], factors=[discount(rate, DECEMBER)])


def discount(rate, expiry):
    return float(np.exp(-rate * hr.year_fraction(AS_OF, expiry)))


def forward_of(expiry, carry):
    return float(SPOT * np.exp(carry * hr.year_fraction(AS_OF, expiry)))


class Rows:
    """Quotes under construction: a row can be changed or dropped before they are made."""

    def __init__(self):
        self.rows = {}

    def chain(self, expiry, rate, carry, strikes=STRIKES, *, exercise="american", half=0.05):
        """Both sides of every strike on the made smile, `half` a spread or less off the middle."""
        time, forward = hr.year_fraction(AS_OF, expiry), forward_of(expiry, carry)
        for strike in strikes:
            for right, side in ((CALL, "call"), (PUT, "put")):
                volatility = float(smile_of(strike, forward))
                if exercise == "american":
                    terms = (SPOT, strike, time, volatility, rate, carry)
                    price = float(american.price(right, *terms))
                else:
                    terms = (forward, strike, time, volatility, discount(rate, expiry))
                    price = float(black.price(right, *terms))
                contract = Option("XYZ", expiry, strike, side, exercise=exercise)
                off = min(half, 0.4 * price)
                self.rows[contract] = {"bid": price - off, "ask": price + off}
        return self

    def add(self, contract, bid, ask, **columns):
        self.rows[contract] = {"bid": bid, "ask": ask, **columns}
        return self

    def of(self, strike, right, expiry=DECEMBER):
        """The row of one American option."""
        return self.rows[Option("XYZ", expiry, strike, right, exercise="american")]

    def quotes(self):
        names = ("bid", "ask", "mark", "forward", "index")
        columns = {n: [row.get(n, np.nan) for row in self.rows.values()] for n in names}
        return Quotes(AS_OF, list(self.rows), **columns)


def two_expiries(rate, carry, **kw):
    rows = Rows().chain(MAY, rate, carry, **kw).chain(DECEMBER, rate, carry, **kw)
    return rows.add(Spot("XYZ", "USD"), SPOT, SPOT)


def assert_recovered(told, rate, carry, *, source="american"):
    """The made market of one expiry."""
    forward = forward_of(told.expiry, carry)
    assert told.exercise is Exercise.AMERICAN
    assert told.forward_source == source
    assert told.forward == pytest.approx(forward, rel=1e-9)
    assert told.discount == pytest.approx(discount(rate, told.expiry), rel=1e-14)
    smile = told.smile
    expected = smile_of(smile.strikes, forward)
    np.testing.assert_allclose(smile.volatilities, expected, rtol=1e-7)
    terms = (smile.strikes, told.time, expected)
    european = black.price(smile.rights, forward, *terms, told.discount)
    premium = american.price(smile.rights, SPOT, *terms, rate, carry) - european
    np.testing.assert_allclose(smile.early_exercise, premium, atol=1e-7)
    assert told.largest_early_exercise == smile.early_exercise.max()


# ---- what was put in comes out ----


@pytest.mark.parametrize(
    ("rate", "carry"), [(0.05, 0.05), (0.05, 0.02), (0.0, -0.04), (0.03, 0.0), (0.02, -0.03)]
)
def test_a_made_market_is_recovered(rate, carry):
    snapshot, report = market(two_expiries(rate, carry, half=1e-3).quotes(), discount=flat(rate))
    for expiry in EXPIRIES:
        told = report["XYZ"].expiry(expiry)
        assert_recovered(told, rate, carry)
        assert told.smile.strikes.size >= 10
        assert np.all(told.smile.bid_volatilities < told.smile.volatilities)
        assert np.all(told.smile.ask_volatilities > told.smile.volatilities)
        assert told.used_strikes.size >= 5
        found = snapshot.market("XYZ").smile(expiry)
        np.testing.assert_array_equal(found.volatility(told.smile.strikes), told.smile.volatilities)
    assert "early exercise is taken out" in str(report)


def test_without_a_worth_of_early_exercise_the_chain_is_a_european_one():
    def volatilities(exercise):
        rows = two_expiries(0.0, 0.0, exercise=exercise)
        told = market(rows.quotes(), discount=flat(0.0))[1]["XYZ"].expiry(DECEMBER)
        return told.forward, told.smile.strikes, told.smile.volatilities

    for ours, theirs in zip(volatilities("american"), volatilities("european"), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_marks_alone_make_a_market():
    rows = two_expiries(0.05, 0.02)
    for contract, row in rows.rows.items():
        if isinstance(contract, Option):
            row.update(mark=0.5 * (row["bid"] + row["ask"]), bid=np.nan, ask=np.nan)
    told = market(rows.quotes(), discount=flat(0.05))[1]["XYZ"].expiry(DECEMBER)
    assert told.smile.from_mark.all()
    assert_recovered(told, 0.05, 0.02, source="marks")


def test_a_future_is_what_its_options_are_on():
    """Without a spot: no carry, and the forward is the future's."""
    rows = Rows().chain(MAY, 0.05, 0.0).chain(DECEMBER, 0.05, 0.0)
    for expiry in EXPIRIES:
        rows.add(Future("XYZ", expiry), SPOT - 0.01, SPOT + 0.01)
    report = market(rows.quotes(), discount=flat(0.05))[1]["XYZ"]
    for expiry in EXPIRIES:
        told = report.expiry(expiry)
        assert_recovered(told, 0.05, 0.0, source="future")
        assert told.parity.forward == pytest.approx(SPOT, rel=1e-9)


def test_without_a_spot_the_nearest_forward_stands_for_it():
    rows = Rows().chain(MAY, 0.05, 0.0).chain(DECEMBER, 0.05, 0.0)
    report = market(rows.quotes(), discount=flat(0.05))[1]["XYZ"]
    assert report.spot_source == "nearest forward"
    assert report.spot == pytest.approx(SPOT, rel=1e-9)
    for expiry in EXPIRIES:
        assert_recovered(report.expiry(expiry), 0.05, 0.0)


@pytest.mark.parametrize("seed", range(4))
def test_noise_moves_the_answer_by_its_stated_errors(seed):
    random = np.random.default_rng(seed)
    rows = two_expiries(0.05, 0.02)
    for contract, row in rows.rows.items():
        if isinstance(contract, Option):
            shift = random.uniform(-0.8, 0.8) * 0.5 * (row["ask"] - row["bid"])
            row.update(bid=row["bid"] + shift, ask=row["ask"] + shift)
    told = market(rows.quotes(), discount=flat(0.05))[1]["XYZ"].expiry(DECEMBER)
    assert abs(told.forward - forward_of(DECEMBER, 0.02)) < 4.5 * told.forward_error
    assert told.forward_error < 0.03
    assert 0 < told.residual < 0.1


def test_a_model_is_fitted_to_what_is_left():
    rows = Rows().chain(DECEMBER, 0.05, 0.02).add(Spot("XYZ", "USD"), SPOT, SPOT)
    snapshot, report = rows.quotes().calibrate(model="svi", discount=flat(0.05))
    assert report.trusted
    forward = forward_of(DECEMBER, 0.02)
    found = snapshot.market("XYZ").smile(DECEMBER).volatility(STRIKES)
    np.testing.assert_allclose(found, smile_of(STRIKES, forward), atol=5e-3)


# ---- rates ----


def test_the_rate_is_that_of_european_options_elsewhere():
    rows = two_expiries(0.05, 0.02)
    for expiry in EXPIRIES:
        factor, time = discount(0.05, expiry), hr.year_fraction(AS_OF, expiry)
        for strike in np.arange(3600.0, 5401.0, 100.0):
            for right, side in ((CALL, "call"), (PUT, "put")):
                price = float(black.price(right, 4500.0, strike, time, 0.2, factor))
                rows.add(Option("ZZZ", expiry, strike, side), 0.999 * price, 1.001 * price)
    snapshot, report = market(rows.quotes())
    for expiry in EXPIRIES:
        told = report["XYZ"].expiry(expiry)
        assert told.discount_source == "other chain"
        assert "of ZZZ" in told.discount_reason
        assert told.forward == pytest.approx(forward_of(expiry, 0.02), rel=1e-8)
        assert snapshot.market("XYZ").discount.factor(expiry) == told.discount
    assert [found.underlying for found in report.underlyings] == ["XYZ", "ZZZ"]


def test_european_expiries_tell_the_rate_of_american_ones():
    rows = Rows().chain(MAY, 0.05, 0.02).chain(DECEMBER, 0.05, 0.02, exercise="european")
    rows.add(Spot("XYZ", "USD"), SPOT, SPOT)
    report = market(rows.quotes())[1]["XYZ"]
    assert report.expiry(DECEMBER).exercise is Exercise.EUROPEAN
    assert report.expiry(DECEMBER).largest_early_exercise == 0.0
    told = report.expiry(MAY)
    assert told.discount_source == "interpolated"
    assert "american options do not tell it" in told.discount_reason
    assert told.forward == pytest.approx(forward_of(MAY, 0.02), rel=1e-9)


def test_without_any_rate_none_is_assumed_and_says_so():
    told = market(two_expiries(0.05, 0.02).quotes())[1]["XYZ"].expiry(DECEMBER)
    assert (told.discount, told.discount_source) == (1.0, "assumed")
    assert "american options do not tell it" in str(told)


# ---- what is wrong is named ----


def test_the_exercise_of_most_stands():
    rows = two_expiries(0.05, 0.02)
    rows.add(Option("XYZ", MAY, 90.0, "call"), 10.0, 10.1)
    report = market(rows.quotes(), discount=flat(0.05))[1]["XYZ"]
    assert (90.0, "european") in report.expiry(MAY).skipped
    assert_recovered(report.expiry(MAY), 0.05, 0.02)
    rows = Rows().chain(MAY, 0.0, 0.0, [90.0, 100.0])
    for strike in (90.0, 100.0):
        for side in ("call", "put"):
            row = rows.of(strike, side, MAY)
            rows.add(Option("XYZ", MAY, strike, side), row["bid"], row["ask"])
    told = market(rows.quotes())[1]["XYZ"].expiry(MAY)  # as many
    assert told.exercise is Exercise.EUROPEAN
    assert told.skipped == ((90.0, "american"),) * 2 + ((100.0, "american"),) * 2


def test_coin_settled_american_options_are_set_aside():
    options = [
        Option("BTC", MAY, 50000.0, side, settlement="inverse", exercise="american")
        for side in ("call", "put")
    ]
    told = market(Quotes(AS_OF, options, [0.1, 0.1], [0.2, 0.2]))[1]["BTC"].expiry(MAY)
    assert [reason for _, reason in told.skipped] == ["american"] * 2


def test_a_stale_strike_is_an_outlier_by_name():
    rows = two_expiries(0.05, 0.02)
    row = rows.of(95.0, "call")
    row.update(bid=row["bid"] + 3, ask=row["ask"] + 3)
    told = market(rows.quotes(), discount=flat(0.05))[1]["XYZ"].expiry(DECEMBER)
    assert told.outlier_strikes.tolist() == [95.0]
    assert told.forward == pytest.approx(forward_of(DECEMBER, 0.02), rel=1e-8)


def test_quotes_without_time_value_are_named():
    rows = two_expiries(0.05, 0.02)
    rows.of(140.0, "call").update(bid=np.nan, ask=np.nan)
    rows.of(140.0, "put").update(bid=38.99, ask=39.0)  # below exercise
    rows.of(135.0, "call").update(bid=np.nan, ask=np.nan)
    rows.of(135.0, "put").update(bid=35.0, ask=35.0)  # what exercise pays
    rows.of(60.0, "put").update(bid=np.nan, mark=np.nan)
    rows.of(60.0, "call").update(bid=np.nan)
    rows.of(65.0, "put").update(bid=110.0, ask=111.0)  # more than the strike
    rows.of(65.0, "call").update(bid=np.nan)
    told = market(rows.quotes(), discount=flat(0.05))[1]["XYZ"].expiry(DECEMBER)
    assert dict(told.skipped) == {
        60.0: "no bid",
        65.0: "above maximum",
        135.0: "no time value",
        140.0: "no time value",
    }


def test_a_bid_below_exercise_says_no_volatility():
    rows = two_expiries(0.05, 0.02)
    rows.of(130.0, "call").update(bid=np.nan, ask=np.nan)
    rows.of(130.0, "put").update(bid=29.9, ask=30.9)
    told = market(rows.quotes(), discount=flat(0.05), widest=3.0)[1]["XYZ"].expiry(DECEMBER)
    at = told.smile.strikes == 130.0
    assert told.smile.rights[at] == PUT
    assert np.isnan(told.smile.bid_volatilities[at])
    assert told.smile.volatilities[at] < told.smile.ask_volatilities[at]


def test_no_pair_of_quotes_leaves_the_expiry_out():
    rows = two_expiries(0.05, 0.02)
    for strike in STRIKES:
        rows.of(strike, "call", MAY)["bid"] = np.nan
    report = market(rows.quotes(), discount=flat(0.05))[1]["XYZ"]
    assert "too few quotes" in report.expiry(MAY).reason
    assert_recovered(report.expiry(DECEMBER), 0.05, 0.02)
    del rows.rows[Spot("XYZ", "USD")]
    for strike in STRIKES:
        rows.of(strike, "call")["bid"] = np.nan
    report = market(rows.quotes(), discount=flat(0.05))[1]["XYZ"]
    assert "no spot" in report.expiry(MAY).reason
    assert report.reason


@settings(max_examples=25)
@given(st.data())
def test_no_quote_raises_and_every_report_reads_in_80_columns(data):
    """Any numbers at all, in place of sensible ones."""
    wild = st.one_of(
        st.just(np.nan), st.sampled_from([0.0, 5e-324, 1e-9, 1e9, 1.7e308]), st.floats(0, 200)
    )
    rows = Rows().chain(MAY, 0.05, 0.02, STRIKES[::4]).chain(DECEMBER, 0.05, 0.02, [100.0])
    rows.add(Spot("XYZ", "USD"), SPOT, SPOT)
    for contract in data.draw(st.lists(st.sampled_from(list(rows.rows)), max_size=8)):
        column = data.draw(st.sampled_from(["bid", "ask", "mark", "forward", "index"]))
        rows.rows[contract][column] = data.draw(wild)
    snapshot, report = market(rows.quotes(), discount=flat(data.draw(st.floats(-0.02, 0.2))))
    assert max(map(len, str(report).splitlines())) <= 80
    for found in snapshot.markets:
        for smile in found.smiles:
            told = report[found.underlying].expiry(smile.expiry)
            assert told.smile.strikes.size == smile.strikes.size


# ---- a real chain ----


@pytest.fixture(scope="module")
def aapl():
    """The closing quotes of three expiries of AAPL, and a rate about that of federal funds."""
    quotes = hr.read_quotes(AAPL)
    year = quotes.as_of + np.timedelta64(365, "D")
    curve = DiscountCurve(as_of=quotes.as_of, pillars=[year], factors=[np.exp(-0.001)])
    return quotes, market(quotes, discount=curve)[1]["AAPL"]


def test_a_real_chain_is_read(aapl):
    _, report = aapl
    assert (report.spot, report.spot_source) == (93.7, "quoted")
    # A dividend of 0.47 a quarter, from August on, less some interest.
    for told, dividends, strikes in zip(report.expiries, (0, 1, 6), (30, 80, 70), strict=True):
        assert told.forward_source == "american"
        assert told.forward == pytest.approx(93.7 - 0.47 * dividends, abs=1.0)
        assert told.forward_error < 0.02
        assert told.outlier_strikes.size == 0
        assert told.smile.strikes.size > strikes
        assert np.all((told.smile.volatilities > 0.15) & (told.smile.volatilities < 0.8))
    premiums = [told.largest_early_exercise for told in report.expiries]
    assert premiums == sorted(premiums)
    assert 0.1 < premiums[-1] < 1.0


def test_the_calls_and_puts_of_a_real_chain_imply_one_volatility(aapl):
    """The options in the money, which the smile did not see, agree with it near the forward."""
    quotes, report = aapl
    told = report.expiries[-1]
    rate, carry = -np.log(told.discount) / told.time, np.log(told.forward / 93.7) / told.time
    other_side = {
        (option.strike, -int(option.right)): price
        for option, price in zip(quotes.contracts[1:], quotes.mid[1:], strict=True)
        if option.expiry == told.expiry
    }
    smile = told.smile
    near = np.abs(np.log(smile.strikes / told.forward)) < 0.15
    rows = zip(smile.strikes[near], smile.rights[near], strict=True)
    price = np.array([other_side.get(row, np.nan) for row in rows])
    terms = (93.7, smile.strikes[near], told.time, rate, carry)
    found = american.implied_volatility(-smile.rights[near], price, *terms)
    apart = (found - smile.volatilities[near])[np.isfinite(price)]
    assert len(apart) > 20
    assert np.sqrt(np.mean(np.square(apart))) < 0.005
