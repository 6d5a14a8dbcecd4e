"""From quotes to a market: made chains are recovered, bad quotes named, real files read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow import Cash, Future, Option, Perpetual, Quotes, Spot, kernels, year_fraction
from hedgerow._core import DiscountCurve
from hedgerow.calibrate import market
from hedgerow.errors import InvalidInput

AS_OF = np.datetime64("2022-04-01T20:00:00", "ns")
MAY = np.datetime64("2022-05-20T13:30:00", "ns")  # AM settled
MAY_PM = np.datetime64("2022-05-20T20:00:00", "ns")
DECEMBER = np.datetime64("2022-12-16T20:00:00", "ns")
STRIKES = np.arange(3600.0, 5401.0, 100.0)
CALL, PUT = 1, -1


def smile_of(strikes, forward):
    """The made smile: what every test has to find again."""
    moneyness = np.log(np.asarray(strikes) / forward)
    return 0.2 - 0.15 * moneyness + 0.3 * moneyness**2


class Rows:
    """Quotes under construction: a row can be changed or dropped before they are made."""

    def __init__(self):
        self.rows = {}

    def chain(self, expiry, forward, discount, strikes=STRIKES, *, coin=False, width=0.02, **kw):
        """Both sides of every strike on the made smile; the spread is `width` of the price."""
        name, settlement = ("BTC", "inverse") if coin else ("SPX", "linear")
        time = year_fraction(AS_OF, expiry)
        for strike in strikes:
            for right in (CALL, PUT):
                vol = float(smile_of(strike, forward))
                price = kernels.black_price(right, forward, strike, time, vol, discount)
                price = price / forward if coin else price
                side = "call" if right == CALL else "put"
                contract = Option(name, expiry, strike, side, settlement=settlement)
                half = 0.5 * width * price
                self.rows[contract] = {"bid": price - half, "ask": price + half, **kw}
        return self

    def add(self, contract, bid, ask, **columns):
        self.rows[contract] = {"bid": bid, "ask": ask, **columns}
        return self

    def of(self, strike, right, expiry=MAY):
        """The row of one SPX option."""
        return self.rows[Option("SPX", expiry, strike, right)]

    def quotes(self):
        names = ("bid", "ask", "mark", "forward", "index")
        columns = {n: [row.get(n, np.nan) for row in self.rows.values()] for n in names}
        return Quotes(AS_OF, list(self.rows), **columns)


def three_expiries(**kw):
    rows = Rows().chain(MAY, 4550.0, 0.999, **kw).chain(MAY_PM, 4551.0, 0.9989, **kw)
    return rows.chain(DECEMBER, 4580.0, 0.985, **kw).add(Spot("SPX", "USD"), 4545.0, 4546.0)


# ---- what was put in comes out ----


@pytest.mark.parametrize("forward_from", ["parity", "venue", "future"])
def test_a_made_market_is_recovered(forward_from):
    rows = three_expiries()
    known = {MAY: 4550.0, MAY_PM: 4551.0, DECEMBER: 4580.0}
    if forward_from == "venue":
        for contract, row in rows.rows.items():
            row["forward"] = known[contract.expiry] if isinstance(contract, Option) else np.nan
    if forward_from == "future":
        for expiry, forward in known.items():
            rows.add(Future("SPX", expiry), forward - 0.25, forward + 0.25)
    snapshot, report = market(rows.quotes())
    found = snapshot.market("SPX")
    assert found.spot == 4545.5
    assert report["SPX"].spot_source == "quoted"
    assert len(found.smiles) == 3
    for expiry, discount in ((MAY, 0.999), (MAY_PM, 0.9989), (DECEMBER, 0.985)):
        told = report["SPX"].expiry(expiry)
        assert (told.forward_source, told.discount_source) == (forward_from, "parity")
        assert found.forwards.forward(expiry) == pytest.approx(known[expiry], rel=1e-10)
        assert found.discount.factor(expiry) == pytest.approx(discount, rel=1e-10)
        np.testing.assert_array_equal(told.smile.strikes, STRIKES)
        expected = smile_of(STRIKES, known[expiry])
        np.testing.assert_allclose(told.smile.volatilities, expected, rtol=1e-10)
        np.testing.assert_allclose(found.smile(expiry).volatility(STRIKES), expected, rtol=1e-10)
        assert np.all(told.smile.bid_volatilities < told.smile.volatilities)
        assert np.all(told.smile.ask_volatilities > told.smile.volatilities)
        np.testing.assert_array_equal(
            told.smile.rights, np.where(known[expiry] <= STRIKES, CALL, PUT)
        )
        assert told.skipped == ()
        assert told.used_strikes.size == STRIKES.size
        assert told.residual < 1e-9


def test_a_coin_settled_market_is_recovered_without_an_index():
    strikes = np.arange(20000.0, 90001.0, 5000.0)
    rows = Rows().chain(MAY, 46500.0, 1.0, strikes, coin=True)
    rows.chain(DECEMBER, 48000.0, 1.0, strikes, coin=True)
    rows.add(Perpetual("BTC", settlement="inverse"), 45990.0, 46010.0)
    snapshot, report = market(rows.quotes())
    found = snapshot.market("BTC")
    for expiry, forward in ((MAY, 46500.0), (DECEMBER, 48000.0)):
        told = report["BTC"].expiry(expiry)
        assert (told.forward_source, told.discount_source) == ("parity", "coin-settled")
        assert told.discount == 1.0
        assert told.forward == pytest.approx(forward, rel=1e-10)
        np.testing.assert_allclose(told.smile.volatilities, smile_of(strikes, forward), rtol=1e-10)
    assert found.perpetual == 46000.0
    assert report["BTC"].spot_source == "nearest forward"
    assert found.spot == report["BTC"].expiry(MAY).forward
    assert found.coin_discount.factor(DECEMBER) == 1.0
    assert snapshot.rates.rate("BTC") == found.spot


@pytest.mark.parametrize("seed", range(8))
def test_noise_moves_the_answer_by_its_stated_errors(seed):
    random = np.random.default_rng(seed)
    rows = three_expiries()
    for contract, row in rows.rows.items():
        if isinstance(contract, Option):
            middle, half = 0.5 * (row["bid"] + row["ask"]), 0.5
            shift = random.uniform(-0.25, 0.25)
            row["bid"], row["ask"] = max(middle + shift - half, 0.0), middle + shift + half
    told = market(rows.quotes())[1]["SPX"].expiry(DECEMBER)
    assert abs(told.forward - 4580.0) < 4.5 * told.forward_error
    assert abs(told.discount - 0.985) < 4.5 * told.discount_error
    assert told.forward_error < 0.3
    assert told.discount_error < 5e-4
    assert 0 < told.residual < 0.5


# ---- what is wrong is named ----


def test_a_stale_strike_is_an_outlier_by_name():
    rows = three_expiries()
    row = rows.of(4200.0, "call")
    row["bid"], row["ask"] = row["bid"] + 40, row["ask"] + 40
    told = market(rows.quotes())[1]["SPX"].expiry(MAY)
    assert told.outlier_strikes.tolist() == [4200.0]
    assert told.forward == pytest.approx(4550.0, rel=1e-10)
    assert "outliers of parity: 1 strike (4200)" in str(told)


def test_missing_and_bad_sides():
    rows = three_expiries()
    rows.of(3600.0, "put").update(bid=0.0)
    call = rows.of(3600.0, "call")  # narrow, so it stands in
    middle = 0.5 * (call["bid"] + call["ask"])
    call.update(bid=middle - 0.01, ask=middle + 0.01)
    rows.of(3700.0, "put").update(bid=np.nan, mark=0.0)  # a mark of nothing is none
    rows.of(3800.0, "put").update(ask=np.nan)
    rows.of(3800.0, "call").update(bid=0.0)  # nothing left
    rows.of(3900.0, "put").update(bid=90.0, ask=80.0)
    rows.of(3900.0, "call").update(ask=np.nan)  # crossed, one-sided
    rows.of(4000.0, "put").update(bid=0.5, ask=30.0)
    rows.of(4000.0, "call").update(bid=0.5, ask=1200.0)  # too wide
    rows.of(5300.0, "call").update(bid=np.nan, mark=5.0)
    rows.of(5300.0, "put").update(bid=np.nan, mark=900.0)  # the out-of-the-money mark
    rows.of(5400.0, "call").update(bid=6000.0, ask=6001.0)  # worth more than the forward
    told = market(rows.quotes())[1]["SPX"].expiry(MAY)
    assert told.forward == pytest.approx(4550.0, abs=1e-3)  # wide quotes keep a small weight
    assert dict(told.skipped) == {
        3700.0: "no bid",
        3800.0: "no ask",
        3900.0: "crossed",
        4000.0: "too wide",
        5400.0: "above maximum",
    }
    smile = told.smile
    assert smile.strikes[smile.from_mark].tolist() == [5300.0]
    at = smile.strikes == 5300.0
    assert smile.rights[at] == CALL
    assert np.isnan(smile.bid_volatilities[at])
    assert smile.rights[smile.strikes == 3600.0] == CALL
    assert "crossed: 1 strike (3900)" in str(told)


def test_the_other_side_stands_in_for_a_missing_one():
    rows = three_expiries(width=1e-6)
    rows.of(4400.0, "put").update(bid=np.nan)
    told = market(rows.quotes())[1]["SPX"].expiry(MAY)
    at = told.smile.strikes == 4400.0
    assert told.smile.rights[at] == CALL
    assert told.smile.volatilities[at] == pytest.approx(smile_of(4400.0, 4550.0), rel=1e-9)


def test_a_wide_in_the_money_quote_is_measured_against_its_time_value():
    rows = Rows().chain(MAY, 4550.0, 0.999)
    call = rows.of(3600.0, "call")
    middle = 0.5 * (call["bid"] + call["ask"])
    call.update(bid=middle - 9, ask=middle + 9)  # two percent of the price
    rows.of(3600.0, "put").update(bid=0.0)
    assert dict(market(rows.quotes())[1]["SPX"].expiry(MAY).skipped) == {3600.0: "no bid"}


def test_few_strikes_take_the_discount_factor_from_their_neighbours():
    rows = Rows().chain(MAY, 4550.0, 0.999).chain(DECEMBER, 4580.0, 0.985)
    june = np.datetime64("2022-06-17T13:30:00", "ns")
    curve = market(rows.quotes())[0].market("SPX").discount
    rows.chain(june, 4555.0, curve.factor(june), strikes=[4500.0])
    told = market(rows.quotes())[1]["SPX"].expiry(june)
    assert told.discount_source == "interpolated"
    assert "too few quotes" in told.discount_reason
    assert told.forward == pytest.approx(4555.0, rel=1e-10)
    assert told.smile.volatilities == pytest.approx(smile_of([4500.0], 4555.0), rel=1e-9)


def test_without_any_neighbour_the_factor_is_one_and_says_so():
    rows = Rows().chain(MAY, 4550.0, 1.0, strikes=[4500.0, 4600.0])
    snapshot, report = market(rows.quotes())
    told = report["SPX"].expiry(MAY)
    assert (told.discount, told.discount_source) == (1.0, "assumed")
    assert "discount factor assumed" in str(told)
    assert snapshot.market("SPX").discount == DiscountCurve()


def test_a_given_curve_is_used():
    curve = DiscountCurve(as_of=AS_OF, pillars=[DECEMBER], factors=[0.98])
    rows = Rows().chain(MAY, 4550.0, curve.factor(MAY), strikes=[4500.0])
    for discount in (curve, {"USD": curve}):
        snapshot, report = market(rows.quotes(), discount=discount)
        told = report["SPX"].expiry(MAY)
        assert told.discount_source == "given"
        assert told.forward == pytest.approx(4550.0, rel=1e-10)
        assert snapshot.market("SPX").discount == curve
    assert market(rows.quotes(), discount={"EUR": curve})[1]["SPX"].expiries[0].discount == 1.0


def test_a_noisy_short_rate_is_not_believed():
    tomorrow = np.datetime64("2022-04-04T20:00:00", "ns")
    rows = Rows().chain(DECEMBER, 4580.0, 0.985)
    rows.chain(tomorrow, 4546.0, 1.0, np.arange(4400.0, 4701.0, 50.0), width=0.2)
    random = np.random.default_rng(1)
    for contract, row in rows.rows.items():
        if contract.expiry == tomorrow:
            row["ask"] += random.uniform(0, 1)
    told = market(rows.quotes())[1]["SPX"].expiry(tomorrow)
    assert told.discount_source == "interpolated"
    assert "+/-" in told.discount_reason


def test_an_expiry_without_an_answer_is_left_out_and_says_why():
    rows = three_expiries()
    for strike in STRIKES:
        rows.of(strike, "put").update(bid=np.nan, ask=np.nan)
    snapshot, report = market(rows.quotes())
    told = report["SPX"].expiry(MAY)
    assert np.isnan(told.forward)
    assert "too few quotes" in told.reason
    assert "left out" in str(told)
    assert snapshot.market("SPX").smile(MAY) is None
    assert MAY not in snapshot.market("SPX").forwards.pillars
    assert snapshot.market("SPX").smile(MAY_PM) is not None


def test_marks_alone_make_a_market():
    rows = Rows().chain(MAY, 4550.0, 0.999)
    for row in rows.rows.values():
        row.update(mark=0.5 * (row["bid"] + row["ask"]), bid=np.nan, ask=np.nan)
    told = market(rows.quotes())[1]["SPX"].expiry(MAY)
    assert told.forward_source == "marks"
    assert told.forward == pytest.approx(4550.0, rel=1e-10)
    assert told.smile.from_mark.all()
    np.testing.assert_allclose(told.smile.volatilities, smile_of(STRIKES, 4550.0), rtol=1e-9)


def test_contracts_that_cannot_stand_in_the_chain_are_named():
    rows = three_expiries()
    rows.add(Option("SPX", MAY, 4500.0, "call", exercise="american"), 90.0, 91.0)
    rows.add(Option("SPX", MAY, 4600.0, "call", multiplier=10), 90.0, 91.0)
    rows.add(Option("SPX", MAY, 4700.0, "call", settlement="inverse"), 0.1, 0.2)
    rows.add(Option("SPX", AS_OF, 4700.0, "call"), 90.0, 91.0)
    rows.add(Option("SPX", MAY, 4700.0, "call", quote_currency="EUR"), 90.0, 91.0)
    report = market(rows.quotes())[1]["SPX"]
    assert report.expiry(MAY).skipped == (
        (4500.0, "american"),
        (4600.0, "quoted twice"),
        (4700.0, "inverse settlement"),
    )
    assert any("not in USD" in note for note in report.notes)
    assert any("expired" in note for note in report.notes)
    assert report.expiry(MAY).forward == pytest.approx(4550.0, rel=1e-10)


# ---- spot, perpetual, rates ----


def test_spot_from_index_forward_or_perpetual():
    rows = Rows().chain(MAY, 4550.0, 0.999, index=4545.25)
    assert market(rows.quotes())[0].market("SPX").spot == 4545.25
    alone = Rows().add(Perpetual("BTC"), 40000.0, 40010.0)
    snapshot, report = market(alone.quotes())
    assert report["BTC"].spot_source == "perpetual"
    assert snapshot.market("BTC").spot == snapshot.market("BTC").perpetual == 40005.0


def test_an_underlying_without_any_price_is_left_out():
    rows = three_expiries().add(Perpetual("BTC"), np.nan, 40010.0)
    snapshot, report = market(rows.quotes())
    assert snapshot.market("BTC") is None
    assert "left out" in str(report["BTC"])
    assert snapshot.market("SPX") is not None


def test_no_rate_is_assumed():
    perpetual = Perpetual("SOL", quote_currency="USDC")
    rows = Rows().add(perpetual, 150.0, 150.2)
    snapshot, report = market(rows.quotes())
    assert snapshot.rates.rate("USDC") is None
    assert "no rate from USDC to USD" in str(report)
    snapshot, report = market(rows.quotes(), rates={"USDC": 0.9995})
    assert snapshot.rates.rate("USDC") == 0.9995
    assert "no rate" not in str(report)


def test_a_coin_can_report():
    rows = Rows().add(Perpetual("BTC", settlement="inverse"), 50000.0, 50000.0)
    rows.add(Perpetual("ETH", settlement="inverse"), 2500.0, 2500.0)
    rates = market(rows.quotes(), reporting="BTC")[0].rates
    assert rates.rate("USD") == 1 / 50000.0
    assert rates.rate("ETH") == pytest.approx(0.05, rel=1e-15)


def test_wrong_options_raise():
    with pytest.raises(InvalidInput, match="widest"):
        market(three_expiries().quotes(), widest=0.0)
    with pytest.raises(InvalidInput, match="rates"):
        market(three_expiries().quotes(), rates={"EUR": -1.0})


@given(st.data())
def test_no_quote_raises_and_every_report_reads_in_80_columns(data):
    """Any numbers at all, in place of sensible ones."""
    wild = st.one_of(
        st.just(np.nan), st.sampled_from([0.0, 5e-324, 1e-9, 1e9, 1.7e308]), st.floats(0, 1e4)
    )
    rows = Rows().chain(MAY, 4550.0, 0.999, STRIKES[::4]).chain(DECEMBER, 4580.0, 0.985, [4500.0])
    rows.chain(MAY, 46500.0, 1.0, [40000.0, 50000.0], coin=True)
    rows.add(Spot("SPX", "USD"), 4545.0, 4546.0).add(Future("SPX", MAY_PM), 4550.0, 4551.0)
    rows.add(Perpetual("BTC", settlement="inverse"), 45990.0, 46010.0)
    columns = ["bid", "ask", "mark", "forward", "index"]
    for contract in data.draw(st.lists(st.sampled_from(list(rows.rows)), max_size=12)):
        rows.rows[contract][data.draw(st.sampled_from(columns))] = data.draw(wild)
    snapshot, report = market(rows.quotes(), reporting=data.draw(st.sampled_from(["USD", "BTC"])))
    assert max(map(len, str(report).splitlines())) <= 80
    for found in snapshot.markets:
        told = report[found.underlying]
        assert told.spot == found.spot
        for smile in found.smiles:
            assert told.expiry(smile.expiry).smile.strikes.size == smile.strikes.size


def test_cash_is_no_market():
    rows = three_expiries().add(Cash("USD"), 1.0, 1.0, index=1.0)
    snapshot, report = market(rows.quotes())
    assert [found.underlying for found in snapshot.markets] == ["SPX"]
    assert "left out" in str(report["USD"])


def test_a_future_that_parity_contradicts_is_told():
    rows = three_expiries().add(Future("SPX", MAY), 4600.0, 4601.0)
    told = market(rows.quotes())[1]["SPX"].expiry(MAY)
    assert told.forward == 4600.5
    assert told.disagrees
    assert "parity says 4550.00" in str(told)
    agreeing = market(three_expiries().quotes())[1]["SPX"].expiry(MAY)
    assert not agreeing.disagrees


def test_the_report_reads_in_80_columns():
    rows = three_expiries()
    for strike in STRIKES:
        rows.of(strike, "call").update(bid=0.0)
        rows.of(strike, "put", MAY_PM).update(bid=0.0)
    text = str(market(rows.quotes())[1])
    assert max(map(len, text.splitlines())) <= 80
    assert "too few quotes" in text
