"""The market files beside a checkout: an index chain, a sparse morning, coin-settled snapshots."""

import numpy as np
import pytest

from hedgerow import Option, Quotes, Spot, parse_osi
from hedgerow.calibrate import market

pd = pytest.importorskip("pandas")


def index_option(root, expiry, right, strike):
    return parse_osi(f"{root:<6}{pd.Timestamp(expiry):%y%m%d}{right}{round(strike * 1000):08d}")


@pytest.fixture(scope="module")
def spx(market_data):
    """The full SPX and SPXW chain of 1 April 2022 after the close."""
    frame = pd.read_parquet(market_data / "spx_20220401_chain.parquet")
    contracts = list(map(index_option, frame.root, frame.expiry, frame.cp, frame.strike))
    contracts.append(Spot("SPX", "USD"))
    bid, ask = [*frame.bid, 4545.86], [*frame.ask, 4545.86]
    return market(Quotes("2022-04-01T20:00:00Z", contracts, bid, ask))


def test_every_expiry_of_the_index_chain_has_its_forward_and_smile(spx):
    snapshot, report = spx
    told = report["SPX"]
    assert len(told.expiries) == len(snapshot.market("SPX").smiles) == 45
    assert told.notes == ("292 quotes set aside: expired",)
    for expiry in told.expiries:
        assert expiry.forward_source == "parity"
        assert expiry.forward_error < 1e-4 * expiry.forward or expiry.time > 2
        assert expiry.residual < 1.0 or expiry.time > 2
        assert np.all((expiry.smile.volatilities > 0.05) & (expiry.smile.volatilities < 2.5))
        bids = expiry.smile.bid_volatilities
        assert np.all(~(bids > expiry.smile.volatilities))
    assert np.median([expiry.residual for expiry in told.expiries]) < 0.2  # index points


def test_morning_and_afternoon_of_one_day_agree(spx):
    by_day = {}
    for expiry in spx[1]["SPX"].expiries:
        by_day.setdefault(expiry.expiry.astype("datetime64[D]"), []).append(expiry)
    pairs = [day for day in by_day.values() if len(day) == 2]
    assert len(pairs) == 5
    for morning, afternoon in pairs:
        assert morning.expiry < afternoon.expiry
        assert morning.forward == pytest.approx(afternoon.forward, abs=0.2)
        assert morning.discount == pytest.approx(afternoon.discount, abs=7e-4)


def test_the_index_chain_agrees_with_its_source(spx, market_data):
    """An independent estimate in the file's source, per calendar day: D = BT, F = S QT / BT."""
    source = pd.read_csv(market_data / "spx_20220401_discount.csv")
    compared = 0
    for expiry in spx[1]["SPX"].expiries:
        nearest = source.loc[(source["T"] - expiry.time).abs().idxmin()]
        if abs(nearest["T"] - expiry.time) > 0.001:
            continue
        compared += 1
        assert expiry.forward == pytest.approx(4545.86 * nearest.QT / nearest.BT, abs=0.3)
        assert expiry.discount == pytest.approx(nearest.BT, abs=8e-4)
    assert compared >= 30


def test_a_handful_of_strikes_gives_forwards_but_no_discount_factor(market_data):
    frame = pd.read_parquet(market_data / "spx_spxw_202101_minute_quotes.parquet")
    half_past_three = (15 * 60 + 30) * 60_000  # New York
    frame = frame[(frame.date == "20210104") & (frame.ms == half_past_three)]
    contracts = list(map(index_option, frame.root, frame.expiry, frame.cp, frame.strike))
    quotes = Quotes("2021-01-04T20:30:00Z", contracts, frame.bid, frame.ask)
    snapshot, report = market(quotes)
    told = report["SPX"]
    assert told.spot_source == "nearest forward"
    assert [e.discount_source for e in told.expiries] == ["assumed"] * 4
    for expiry in told.expiries:
        assert abs(expiry.forward - 3686.5) < 1.5 + expiry.forward_error
        assert expiry.smile.strikes.size >= 1
    assert told.expiries[0].time < 1 / 8760  # half an hour
    assert len(snapshot.market("SPX").smiles) == 4


@pytest.fixture(scope="module")
def deribit(market_data):
    """Three whole BTC snapshots over eight months, as frames."""
    frame = pd.read_parquet(market_data / "deribit_btc_options.parquet")
    instants = np.sort(frame.snapshot.unique())
    return [frame[frame.snapshot == instant] for instant in instants[[0, 300, -1]]]


def coin_quotes(frame, **columns):
    contracts = [
        Option("BTC", expiry.to_datetime64(), float(strike), right, settlement="inverse")
        for expiry, strike, right in zip(frame.expiry, frame.strike, frame.cp, strict=True)
    ]
    return Quotes(frame.snapshot.iloc[0].to_datetime64(), contracts, **columns)


def distance_to_venue(frame, report):
    """Our implied volatilities less the venue's, a number per strike of every smile."""
    venue = {
        (expiry.to_datetime64(), float(strike), 1 if right == "C" else -1): volatility
        for expiry, strike, right, volatility in zip(
            frame.expiry, frame.strike, frame.cp, frame.mark_iv, strict=True
        )
    }
    return np.array(
        [
            volatility - venue[expiry.expiry, strike, right]
            for expiry in report["BTC"].expiries
            for strike, right, volatility in zip(
                expiry.smile.strikes,
                expiry.smile.rights,
                expiry.smile.volatilities,
                strict=True,
            )
        ]
    )


def test_coin_settled_smiles_agree_with_the_venue(deribit):
    for frame in deribit:
        columns = {"mark": frame.mark, "forward": frame.underlying, "index": frame["index"]}
        quotes = coin_quotes(frame, bid=frame.bid, ask=frame.ask, **columns)
        snapshot, report = market(quotes)
        assert snapshot.rates.rate("BTC") == report["BTC"].spot
        assert all(e.forward_source == "venue" for e in report["BTC"].expiries)
        middles = distance_to_venue(frame, report)
        assert middles.size > 300
        assert np.median(np.abs(middles)) < 2e-3
        nothing = np.full(len(frame), np.nan)
        marks = market(coin_quotes(frame, bid=nothing, ask=nothing, **columns))[1]
        assert np.median(np.abs(distance_to_venue(frame, marks))) < 1e-4


def test_parity_in_coin_finds_the_venues_forwards(deribit):
    for frame in deribit:
        report = market(coin_quotes(frame, bid=frame.bid, ask=frame.ask))[1]["BTC"]
        for expiry in report.expiries:
            venue = frame.underlying[frame.expiry.to_numpy() == expiry.expiry].median()
            assert expiry.forward == pytest.approx(venue, rel=1e-3)
            assert expiry.forward_error < 1e-3 * venue
