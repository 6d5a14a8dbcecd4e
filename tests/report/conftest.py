"""A small book with two underlyings, two accounts, and one row of each status."""

from __future__ import annotations

import numpy as np
import pytest

from hedgerow import (
    Book,
    DiscountCurve,
    ExchangeRates,
    ForwardCurve,
    Future,
    Option,
    Smile,
    Snapshot,
    Spot,
    UnderlyingMarket,
)
from hedgerow.rejected import BadRow, Rejected
from hedgerow.report import Report, build

AS_OF = "2021-01-04T21:00Z"
NEAR, FAR, UNQUOTED = "2021-01-15T21:00Z", "2021-03-19T13:30Z", "2021-02-19T21:00Z"


def _market(name: str, spot: float, expiries: list[str], volatility: float) -> UnderlyingMarket:
    forwards = [spot * (1.0 + 0.01 * n) for n in range(1, len(expiries) + 1)]
    strikes = np.linspace(0.6 * spot, 1.4 * spot, 17)
    return UnderlyingMarket(
        underlying=name,
        quote_currency="USD",
        forwards=ForwardCurve(as_of=AS_OF, spot=spot, pillars=expiries, forwards=forwards),
        discount=DiscountCurve(
            as_of=AS_OF, pillars=expiries, factors=[0.999**n for n in range(1, len(expiries) + 1)]
        ),
        smiles=[
            Smile(
                expiry=expiry,
                strikes=strikes,
                volatilities=volatility - 0.1 * np.log(strikes / forward),
            )
            for expiry, forward in zip(expiries, forwards, strict=True)
        ],
        perpetual=spot,
    )


def _spx(expiry: str, strike: float, right: str, **terms: object) -> Option:
    return Option("SPX", expiry, strike, right, **terms)  # type: ignore[arg-type]


GOOD = [
    (_spx(NEAR, 3700, "C", multiplier=100), 10, 50.0, "vol", "main"),
    (_spx(NEAR, 3700, "C", multiplier=100), -4, 80.0, "flow", "client"),
    (_spx(NEAR, 3600, "P", multiplier=100), -20, 20.0, "vol", "main"),
    (_spx(FAR, 3900, "C", multiplier=100), -15, 90.0, "flow", "main"),
    (_spx(FAR, 3900, "P", multiplier=100), 15, 190.0, "flow", "main"),
    (Future("SPX", FAR, multiplier=100), 15, 3760.0, "flow", "main"),
    (Spot("SPX", "USD"), 2, 3600.0, "vol", "main"),
    ("BTC-29JAN21-32000-C", -8, 0.05, "vol", "main"),
    ("BTC-29JAN21-28000-P", -7, 0.04, "vol", "client"),
    ("BTC-29JAN21", 100, 31500.0, "flow", "client"),
    ("BTC-PERPETUAL", -50, 30000.0, "flow", "client"),
]
BAD = {
    "unknown_underlying": (Option("NDX", NEAR, 12000, "C"), 1),
    "missing_smile": (_spx(UNQUOTED, 3700, "C"), 1),
    "expired": (_spx("2020-12-31T21:00Z", 3500, "C"), 1),
    "unsupported_exercise": (_spx(NEAR, 3700, "C", exercise="american"), 1),
    "unsupported_settlement": (_spx(NEAR, 3700, "C", settlement="quanto", currency="BTC"), 1),
    "missing_rate": (_spx(NEAR, 3700, "C", settlement="quanto", currency="EUR"), 1),
    "invalid_quantity": (_spx(NEAR, 3500, "C"), float("nan")),
}


def _book(rows: list[tuple]) -> Book:
    instrument, quantity, price, strategy, account = zip(*rows, strict=True)
    tags = {"strategy": strategy, "account": account}
    return Book.from_columns(instrument, quantity, price, tags=tags)


@pytest.fixture(scope="session")
def snapshot() -> Snapshot:
    return Snapshot(
        as_of=AS_OF,
        markets=[
            _market("SPX", 3700.0, [NEAR, FAR], 0.2),
            _market("BTC", 31000.0, ["2021-01-29T08:00Z"], 0.9),
        ],
        rates=ExchangeRates("USD", {"BTC": 31000.0}),
    )


@pytest.fixture(scope="session")
def good() -> Book:
    return _book(GOOD)


@pytest.fixture(scope="session")
def book() -> Book:
    bad = [(contract, quantity, 1.0, "vol", "main") for contract, quantity in BAD.values()]
    return _book([*GOOD, *bad])


@pytest.fixture(scope="session")
def rejected() -> Rejected:
    rows = [
        BadRow(3, "quantity", "many", "must be a number"),
        BadRow(7, "instrument", "<script>alert(1)</script>" + "x" * 90, "symbol must be known"),
    ]
    return Rejected.of(rows, "folder/book.csv", ["column not read (not in the schema): trader"])


@pytest.fixture(scope="session")
def report(book: Book, snapshot: Snapshot, rejected: Rejected) -> Report:
    return build(book, snapshot, rejected=rejected)
