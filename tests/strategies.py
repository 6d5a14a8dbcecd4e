"""Hypothesis strategies for contracts, books and markets, shared by the tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

import hedgerow as hr
from hedgerow._core import SabrParameters, SviParameters

AS_OF = np.datetime64("2026-01-05T12:00:00", "ns")
EXPIRIES = [np.datetime64(f"2026-{day}T08:00:00", "ns") for day in ("01-06", "01-30", "03-27")]
STRIKES = [70_000.0, 80_000.0, 90_000.0, 100_000.0, 120_000.0]
INDEX_STRIKES = [3_600.0, 3_800.0, 4_000.0]


def _options(underlying: str, strikes: list[float], **terms: Any) -> list[hr.Contract]:
    return [
        hr.Option(underlying, expiry, strike, right, **terms)
        for expiry in EXPIRIES
        for strike in strikes
        for right in ("call", "put")
    ]


CONTRACTS: list[hr.Contract] = [
    *_options("BTC", STRIKES, settlement="inverse"),
    *_options("SPX", INDEX_STRIKES, multiplier=100),
    *(hr.Future("BTC", e, settlement="inverse", multiplier=10) for e in EXPIRIES),
    *(hr.Future("SPX", e, multiplier=50) for e in EXPIRIES),
    hr.Perpetual("BTC", settlement="inverse", multiplier=10),
    hr.Perpetual("SPX"),
    hr.Spot("SPX", "USD"),
    hr.Cash("USD"),
    hr.Cash("BTC"),
]


def market(spot: float = 90_000.0, index: float = 3_800.0) -> hr.Snapshot:
    """A market of BTC (coin-settled, skewed) and SPX (discounted, skewed)."""
    years = (np.array(EXPIRIES) - AS_OF) / np.timedelta64(1, "ns") / (365 * 86_400e9)

    def smiles(strikes: list[float], level: float) -> list[hr.Smile]:
        strip = np.array(strikes)
        skew = level - 0.1 * np.log(strip / strip[len(strip) // 2])
        return [
            hr.Smile(expiry=e, strikes=strip, volatilities=skew + 0.01 * i)
            for i, e in enumerate(EXPIRIES)
        ]

    btc = hr.UnderlyingMarket(
        underlying="BTC",
        quote_currency="USD",
        forwards=hr.ForwardCurve(
            as_of=AS_OF, spot=spot, pillars=EXPIRIES, forwards=spot * np.exp(0.06 * years)
        ),
        smiles=smiles(STRIKES, 0.55),
        perpetual=spot * 1.0002,
    )
    spx = hr.UnderlyingMarket(
        underlying="SPX",
        quote_currency="USD",
        forwards=hr.ForwardCurve(
            as_of=AS_OF, spot=index, pillars=EXPIRIES, forwards=index * np.exp(0.02 * years)
        ),
        discount=hr.DiscountCurve(as_of=AS_OF, pillars=EXPIRIES, factors=np.exp(-0.04 * years)),
        smiles=smiles(INDEX_STRIKES, 0.2),
    )
    return hr.Snapshot(
        as_of=AS_OF, markets=[btc, spx], rates=hr.ExchangeRates(reporting="USD", rates={})
    )


def modelled(snapshot: hr.Snapshot) -> hr.Snapshot:
    """The market with smiles of every shape but quotes, an expiry each."""
    markets = []
    for found in snapshot.markets:
        unit = {"forward": found.spot, "time": 0.3}
        smile = SviParameters(a=0.02, b=0.15, rho=-0.5, m=0.1, sigma=0.2)
        backbone = SabrParameters(alpha=0.3, beta=1.0, rho=-0.3, nu=0.9)
        nodes = found.spot * np.linspace(0.6, 1.5, 10)
        bent = 0.5 - 0.4 * np.log(nodes / found.spot)
        made = [
            hr.Smile.svi(expiry=EXPIRIES[0], parameters=smile, **unit),
            hr.Smile.sabr(expiry=EXPIRIES[1], parameters=backbone, **unit),
            hr.Smile.spline(expiry=EXPIRIES[2], strikes=nodes, volatilities=bent),
        ]
        markets.append(found.with_smiles(made))
    return hr.Snapshot(as_of=snapshot.as_of, markets=markets, rates=snapshot.rates)


@st.composite
def books(draw: st.DrawFn, contracts: list[hr.Contract] | None = None, size: int = 12) -> hr.Book:
    """Books of up to `size` positions with whole quantities, some prices unknown, and tags."""
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(contracts or CONTRACTS),
                st.integers(-50, 50),
                st.sampled_from([0.5, 0.25, 2.0, 64.0, 4096.0]),
                st.sampled_from(["alpha", "beta"]),
                st.sampled_from(["a1", "a2", "a3"]),
            ),
            max_size=size,
        )
    )
    return hr.Book.from_columns(
        [row[0] for row in rows],
        [float(row[1]) for row in rows],
        [row[2] for row in rows],
        tags={"strategy": [row[3] for row in rows], "account": [row[4] for row in rows]},
    )
