"""Listed names: real ones of both exchanges, arbitrary ones, and malformed ones by their part."""

import datetime as dt

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import hedgerow as hr
from hedgerow.errors import InvalidInput


def eight(date):
    """08:00 UTC, when everything on Deribit expires."""
    return f"{date}T08:00:00Z"


def inverse(underlying, expiry, strike, right):
    return hr.Option(underlying, eight(expiry), strike, right, settlement="inverse")


def linear(underlying, expiry, strike, right, multiplier):
    return hr.Option(
        underlying, eight(expiry), strike, right, quote_currency="USDC", multiplier=multiplier
    )


def inverse_future(underlying, expiry, multiplier):
    return hr.Future(underlying, eight(expiry), settlement="inverse", multiplier=multiplier)


def index(underlying, expiry, strike, right):
    return hr.Option(underlying, expiry, strike, right, multiplier=100)


def equity(underlying, expiry, strike, right):
    return hr.Option(underlying, expiry, strike, right, multiplier=100, exercise="american")


DERIBIT = {
    "BTC-27MAR26-100000-C": inverse("BTC", "2026-03-27", 100000, "call"),
    "BTC-31DEC25-70000-P": inverse("BTC", "2025-12-31", 70000, "put"),
    "BTC-22MAY20-9250-P": inverse("BTC", "2020-05-22", 9250, "put"),
    "BTC-5JUN20-6750-C": inverse("BTC", "2020-06-05", 6750, "call"),
    "ETH-2JAN26-3000-C": inverse("ETH", "2026-01-02", 3000, "call"),
    "ETH-25JUN27-16000-P": inverse("ETH", "2027-06-25", 16000, "put"),
    "SOL_USDC-26JUN26-90-P": linear("SOL", "2026-06-26", 90, "put", 10),
    "XRP_USDC-30JUN23-0d625-C": linear("XRP", "2023-06-30", 0.625, "call", 1000),
    "XRP_USDC-30MAY26-1d15-C": linear("XRP", "2026-05-30", 1.15, "call", 1000),
    "MATIC_USDC-29MAR24-1d05-P": linear("MATIC", "2024-03-29", 1.05, "put", 1000),
    "BTC_USDC-31JUL26-115000-P": linear("BTC", "2026-07-31", 115000, "put", 1),
    "BTC-25DEC26": inverse_future("BTC", "2026-12-25", 10),
    "BTC-2JAN26": inverse_future("BTC", "2026-01-02", 10),
    "ETH-27MAR26": inverse_future("ETH", "2026-03-27", 1),
    "BTC-PERPETUAL": hr.Perpetual("BTC", settlement="inverse", multiplier=10),
    "ETH-PERPETUAL": hr.Perpetual("ETH", settlement="inverse"),
    "BTC_USDC-PERPETUAL": hr.Perpetual("BTC", quote_currency="USDC"),
    "TRX_USDC-PERPETUAL": hr.Perpetual("TRX", quote_currency="USDC"),
    "BTC_USDC-18APR25": hr.Future("BTC", eight("2025-04-18"), quote_currency="USDC"),
    "BTC_USDC": hr.Spot("BTC", "USDC"),
    "ETH_BTC": hr.Spot("ETH", "BTC"),
}
# New York is four hours behind UTC in summer and five in winter.
OSI = {
    "SPX   210115C03200000": index("SPX", "2021-01-15T14:30Z", 3200, "call"),
    "SPX   220414P04500000": index("SPX", "2022-04-14T13:30Z", 4500, "put"),
    "SPX   220520C04545000": index("SPX", "2022-05-20T13:30Z", 4545, "call"),
    "SPXW  210104P03700000": index("SPX", "2021-01-04T21:00Z", 3700, "put"),
    "SPXW  220401C03550000": index("SPX", "2022-04-01T20:00Z", 3550, "call"),
    "XSP   220401P00455000": index("XSP", "2022-04-01T20:00Z", 455, "put"),
    "NDX   220520C14000000": index("NDX", "2022-05-20T13:30Z", 14000, "call"),
    "NDXP  220401C14000000": index("NDX", "2022-04-01T20:00Z", 14000, "call"),
    "RUT   220520P02000000": index("RUT", "2022-05-20T13:30Z", 2000, "put"),
    "RUTW  220401P02000000": index("RUT", "2022-04-01T20:00Z", 2000, "put"),
    "VIX   220518C00022500": index("VIX", "2022-05-18T13:30Z", 22.5, "call"),
    "DJX   220520C00350000": index("DJX", "2022-05-20T13:30Z", 350, "call"),
    "XEO   220520C02000000": index("OEX", "2022-05-20T20:00Z", 2000, "call"),
    "OEX   220520C02000000": equity("OEX", "2022-05-20T20:00Z", 2000, "call"),
    "AAPL  140606C00645000": equity("AAPL", "2014-06-06T20:00Z", 645, "call"),
    "AAPL  150117P00092140": equity("AAPL", "2015-01-16T21:00Z", 92.14, "put"),
    "AAPL  160115C00100000": equity("AAPL", "2016-01-15T21:00Z", 100, "call"),
    "TWX   140621C00070000": equity("TWX", "2014-06-20T20:00Z", 70, "call"),
    "SPX   141220C02000000": index("SPX", "2014-12-19T14:30Z", 2000, "call"),
    "F     260116C00000500": equity("F", "2026-01-16T21:00Z", 0.5, "call"),
}
LISTED = DERIBIT | OSI


@pytest.mark.parametrize("name", LISTED)
def test_real_names_mean_these_contracts(name):
    assert hr.parse_contract(name) == LISTED[name]
    assert hr.symbol(LISTED[name]) == name


@pytest.mark.parametrize("name", DERIBIT)
def test_deribit_names_round_trip(name):
    assert hr.deribit_name(hr.parse_deribit(name)) == name


@pytest.mark.parametrize("symbol", OSI)
def test_osi_symbols_round_trip(symbol):
    assert hr.osi_symbol(hr.parse_osi(symbol)) == symbol
    assert hr.osi_symbol(hr.parse_osi(symbol), symbol[:6].strip()) == symbol
    assert hr.parse_osi(symbol.replace(" ", "")) == OSI[symbol]


def test_roots_with_the_same_terms_are_told_apart_on_request():
    weekly = hr.parse_osi("VIXW  220518C00022500")
    assert weekly == OSI["VIX   220518C00022500"]
    assert hr.osi_symbol(weekly, "VIXW") == "VIXW  220518C00022500"


def test_a_third_friday_before_2015_is_also_read_without_its_saturday():
    friday, saturday = hr.parse_osi("SPX   141219C02000000"), hr.parse_osi("SPX   141220C02000000")
    assert friday == saturday
    assert hr.osi_symbol(friday) == "SPX   141220C02000000"


days = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
rights = st.sampled_from(["call", "put"])


@given(days, st.integers(1, 10**12), st.integers(0, 4), rights)
def test_every_deribit_strike_and_day_round_trips(day, digits, decimals, right):
    option = linear("XRP", day.isoformat(), digits / 10**decimals, right, 1000)
    name = hr.deribit_name(option)
    assert hr.parse_deribit(name) == option
    product, date, strike, letter = name.split("-")
    assert product == "XRP_USDC"
    assert date == f"{day.day}{day:%b%y}".upper()
    assert float(strike.replace("d", ".")) == option.strike
    assert letter == right[0].upper()


working_days = st.dates(dt.date(2010, 1, 1), dt.date(2099, 12, 31)).filter(
    lambda day: day.weekday() < 5
)


@given(
    st.sampled_from(["SPX", "SPXW", "XSP", "NDXP", "VIX", "OEX", "AAPL", "F"]),
    working_days,
    st.integers(1, 99_999_999),
    st.sampled_from("CP"),
)
def test_every_osi_strike_and_day_round_trips(root, day, thousandths, letter):
    symbol = f"{root:6}{day:%y%m%d}{letter}{thousandths:08}"
    option = hr.parse_osi(symbol)
    assert option.strike == thousandths / 1000
    assert option.expiry.astype("datetime64[D]") == np.datetime64(day)
    assert hr.parse_osi(hr.osi_symbol(option)) == option
    if day >= dt.date(2015, 2, 1):
        assert hr.osi_symbol(option) == symbol


@pytest.mark.parametrize(
    ("text", "argument"),
    [
        ("", "symbol"),
        ("BTC", "symbol"),
        ("BTC-", "expiry"),
        ("BTC-27MAR26-100000", "name"),
        ("BTC-27MAR26-100000-C-X", "name"),
        ("BTC-27MAR26-100000-c", "right"),
        ("BTC-27MAR26-100000-X", "right"),
        ("BTC-27MAR26--C", "strike"),
        ("BTC-27MAR26-0-C", "strike"),
        ("BTC-27MAR26-007-C", "strike"),
        ("BTC-27MAR26-1e5-C", "strike"),
        ("BTC-27MAR26-1.5-C", "strike"),
        ("BTC-27MAR26-1d50-C", "strike"),
        ("BTC-27MAR26-inf-C", "strike"),
        ("BTC-27MAR26-nan-C", "strike"),
        ("BTC-27MÄR26-100000-C", "expiry"),
        ("BTC-27MRZ26-100000-C", "expiry"),
        ("BTC-30FEB26-100000-C", "expiry"),
        ("BTC-07MAR26-100000-C", "expiry"),
        ("BTC-0MAR26-100000-C", "expiry"),
        ("BTC-27MAR2026-100000-C", "expiry"),
        ("BTC-27mar26-100000-C", "expiry"),
        ("btc-27MAR26-100000-C", "underlying"),
        ("-27MAR26-100000-C", "underlying"),
        ("A_B_USDC-27MAR26", "underlying"),
        ("DOGE-PERPETUAL", "underlying"),
        ("DOGE_USDC-27MAR26-1-C", "underlying"),
        ("BTC_JPY-27MAR26", "quote_currency"),
        ("SPXW  210115X03800000", "right"),
        ("SPXW  211315C03800000", "expiry"),
        ("SPXW  210230C03800000", "expiry"),
        ("SPXW  060616C03800000", "expiry"),
        ("SPXW  210116C03800000", "expiry"),
        ("SPXW  140613C00000000", "strike"),
        ("AAPL7 150117C00100000", "root"),
        ("1SPX  220401C04000000", "root"),
        ("  SPX 220401C04000000", "root"),
        ("spx   220401C04000000", "root"),
        ("TOOLONG220401C04000000", "symbol"),
        ("stock:AAPL", "kind"),
        ("cash:", "currency"),
        ("cash:USD:EUR", "suffix"),
        ("spot:SPX", "underlying"),
        ("spot:SPX/", "currency"),
        ("spot:SP X/USD", "underlying"),
        ("spot:SP%2x/USD", "underlying"),
        ("spot:SPX/USD%2", "quote_currency"),
        ("future:ES/USD", "expiry"),
        ("future:ES/USD:2020-03-20", "expiry"),
        ("future:ES/USD:2020-02-30T13:30:00Z", "expiry"),
        ("future:ES/USD:2020-03-20T13:30:00Zx50", "expiry"),
        ("future:ES/USD:2020-03-20T13:30:00Z:", "suffix"),
        ("future:ES/USD:2020-03-20T13:30:00Z:american", "suffix"),
        ("future:ES/USD:2020-03-20T13:30:00Z:x50:x50", "suffix"),
        ("future:ES/USD:2020-03-20T13:30:00Z:linear:inverse", "suffix"),
        ("future:ES/USD:2020-03-20T13:30:00Z:x", "multiplier"),
        ("future:ES/USD:2020-03-20T13:30:00Z:x-1", "multiplier"),
        ("future:ES/USD:2020-03-20T13:30:00Z:xnan", "multiplier"),
        ("future:ES/USD:2020-03-20T13:30:00Z:quanto=USD", "currency"),
        ("perpetual:BTC/USD:fixing=open", "suffix"),
        ("option:ES/USD:2020-03-20T13:30:00Z", "strike"),
        ("option:ES/USD:2020-03-20T13:30:00Z:-5:C", "strike"),
        ("option:ES/USD:2020-03-20T13:30:00Z:ten:C", "strike"),
        ("option:ES/USD:2020-03-20T13:30:00Z:3000", "right"),
        ("option:ES/USD:2020-03-20T13:30:00Z:3000:call", "right"),
    ],
)
def test_malformed_names_are_refused_by_their_part(text, argument):
    with pytest.raises(InvalidInput) as caught:
        hr.parse_contract(text)
    assert caught.value.argument == argument


@given(st.text(max_size=40) | st.text("BTCUSDC_-:/x0123456789MARPd%=", max_size=40))
def test_arbitrary_text_is_a_contract_or_invalid_input(text):
    try:
        contract = hr.parse_contract(text)
    except InvalidInput:
        return
    assert hr.parse_contract(hr.symbol(contract)) == contract


def test_canonical_parts_come_in_any_order_and_default_to_the_usual():
    expiry = "2020-03-20T13:30:00Z"
    plain = hr.parse_contract(f"option:ES/USD:{expiry}:3000:C")
    assert plain == hr.Option("ES", expiry, 3000, "call")
    assert plain == hr.parse_contract(f"option:ES/USD:{expiry}:3000.0:C:x1:linear:european")
    full = hr.Option("ES", expiry, 3000, "call", multiplier=50, exercise="american", fixing="a b")
    for parts in ("american:x50:fixing=a%20b", "fixing=a%20b:american:x50"):
        assert hr.parse_contract(f"option:ES/USD:{expiry}:3000:C:{parts}") == full


BTC = {"underlying": "BTC", "expiry": eight("2026-03-27"), "strike": 1e5, "right": "call"}


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"expiry": "2026-03-27T08:00:00.000000001Z"}, "expiry"),
        ({"expiry": "1999-03-26T08:00:00Z"}, "expiry"),
        ({"multiplier": 2}, "multiplier"),
        ({"exercise": "american"}, "exercise"),
        ({"fixing": "other"}, "fixing"),
        ({"quote_currency": "EUR"}, "quote_currency"),
        ({"settlement": "linear"}, "quote_currency"),
        ({"settlement": "quanto", "currency": "EUR"}, "settlement"),
        ({"underlying": "DOGE"}, "underlying"),
        ({"underlying": "b t c"}, "underlying"),
        ({"strike": 1e20}, "strike"),
    ],
)
def test_what_deribit_does_not_list_has_no_name_there(change, argument):
    option = hr.Option(**{"settlement": "inverse"} | BTC | change)
    with pytest.raises(InvalidInput) as caught:
        hr.deribit_name(option)
    assert caught.value.argument == argument
    assert hr.parse_contract(hr.symbol(option)) == option


SPX = {"underlying": "SPX", "expiry": "2021-01-15T14:30Z", "strike": 3800, "right": "call"}


@pytest.mark.parametrize(
    ("change", "root", "argument"),
    [
        ({"expiry": "2021-01-15T14:30:00.000000001Z"}, "", "expiry"),
        ({"expiry": "2021-01-16T14:30Z"}, "", "expiry"),
        ({"expiry": "2106-01-15T14:30Z"}, "", "expiry"),
        ({"multiplier": 1}, "", "multiplier"),
        ({"exercise": "american"}, "", "exercise"),
        ({"fixing": "other"}, "", "fixing"),
        ({"quote_currency": "EUR"}, "", "quote_currency"),
        ({"settlement": "inverse"}, "", "settlement"),
        ({"strike": 3800.0005}, "", "strike"),
        ({"strike": 100000}, "", "strike"),
        ({"underlying": "BRK.B"}, "", "root"),
        ({"underlying": "AAPL"}, "", "exercise"),
        ({}, "SPXW", "expiry"),
        ({}, "NDX", "underlying"),
        ({}, "SPX7", "root"),
    ],
)
def test_what_is_not_listed_has_no_osi_symbol(change, root, argument):
    option = hr.Option(**{"multiplier": 100} | SPX | change)
    with pytest.raises(InvalidInput) as caught:
        hr.osi_symbol(option, root)
    assert caught.value.argument == argument
    assert hr.parse_contract(hr.symbol(option)) == option


def test_only_options_have_osi_symbols_and_cash_has_no_listed_name():
    for contract in (hr.Cash("USD"), hr.Spot("SPX", "USD"), hr.Perpetual("BTC")):
        with pytest.raises(InvalidInput):
            hr.osi_symbol(contract)
        with pytest.raises(InvalidInput):
            hr.deribit_name(contract)


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_every_option_of_the_deribit_chains_round_trips(coin, market_data):
    columns = ["currency", "expiry", "strike", "cp"]
    file = market_data / f"deribit_{coin.lower()}_options.parquet"
    chain = pd.read_parquet(file, columns=columns).drop_duplicates()
    for row in chain.itertuples():
        day = f"{row.expiry.day}{row.expiry:%b%y}".upper()
        name = f"{row.currency}-{day}-{row.strike:.0f}-{row.cp}"
        option = hr.parse_contract(name)
        assert hr.symbol(option) == name
        assert (option.underlying, option.strike) == (coin, row.strike)
        assert option.expiry == row.expiry.to_datetime64()
        assert option.settlement is hr.Settlement.INVERSE


@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("deribit_btc_options_20200521_depth.csv.gz", "instrument_name"),
        ("deribit_term_futures_at_snapshots.csv.gz", "futures_instrument_name"),
        ("deribit_perpetual_at_snapshots.csv.gz", "instrument_name"),
    ],
)
def test_every_name_in_the_deribit_files_round_trips(file, column, market_data):
    for name in pd.read_csv(market_data / file)[column].unique():
        assert hr.symbol(hr.parse_contract(name)) == name


@pytest.mark.parametrize(
    "file",
    [
        "spx_20220401_chain.parquet",
        "spx_spxw_202101_minute_quotes.parquet",
        "spx_spxw_202101_minute_trades.parquet",
    ],
)
def test_every_option_of_the_index_files_round_trips(file, market_data):
    columns = ["root", "expiry", "strike", "cp"]
    chain = pd.read_parquet(market_data / file, columns=columns).drop_duplicates()
    for row in chain.itertuples():
        date = pd.Timestamp(row.expiry)
        name = f"{row.root:6}{date:%y%m%d}{row.cp}{round(row.strike * 1000):08}"
        option = hr.parse_contract(name)
        assert hr.symbol(option) == name
        assert option.underlying == "SPX"
        assert option.expiry.astype("datetime64[D]") == date.to_datetime64()
