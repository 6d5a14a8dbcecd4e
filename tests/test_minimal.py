"""What a packager runs after an install: it imports, it prices, it values. Needs pytest alone."""

import numpy as np
import pytest

import hedgerow as hr


def test_build_config():
    config = hr.build_config()
    assert config["version"]
    assert config["isa"] in config["supported_isas"]


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        # In 50 digits, by mpmath.
        (hr.black.price(1, 100.0, 110.0, 0.5, 0.3, 0.98), 4.6507701371889267),
        (hr.bsm.price(-1, 100.0, 110.0, 0.5, 0.3, 0.05, 0.02), 13.768631061412009),
        (hr.displaced.price(1, 0.01, 0.012, 2.0, 0.25, 0.95, 0.03), 0.0045667223319927215),
        (hr.bachelier.price(-1, -1.0, 2.0, 0.25, 8.0, 0.99), 3.4894209947737269),
        (hr.normal.cdf(-10.0), 7.6198530241605261e-24),
    ],
)
def test_prices(price, expected):
    assert price == pytest.approx(expected, rel=1e-14)


def test_implied_volatility():
    price = hr.black.price(1, 100.0, 110.0, 0.5, 0.3, 0.98)
    assert hr.black.implied_volatility(1, price, 100.0, 110.0, 0.5, 0.98) == pytest.approx(0.3)


def test_a_book():
    as_of, expiry = "2026-01-01T08:00:00Z", "2026-07-02T20:00:00Z"
    market = hr.UnderlyingMarket(
        underlying="SPX",
        quote_currency="USD",
        forwards=hr.ForwardCurve(as_of=as_of, spot=100.0, pillars=[expiry], forwards=[101.0]),
        smiles=[hr.Smile(expiry=expiry, strikes=[100.0], volatilities=[0.2])],
    )
    call = hr.Option("SPX", expiry, 100.0, hr.Right.CALL, multiplier=10.0)
    book = hr.Book.from_positions([hr.Position(call, 3.0), hr.Position(hr.Cash("USD"), -50.0)])
    values = hr.value(book, hr.Snapshot(as_of=as_of, markets=[market]))
    time = hr.year_fraction(as_of, expiry)
    expected = 30 * hr.black.price(1, 101.0, 100.0, time, 0.2, 1.0)
    np.testing.assert_allclose(values.to_frame()["value"], [expected, -50.0], rtol=1e-13)
