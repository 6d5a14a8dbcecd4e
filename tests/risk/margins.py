"""Markets, books and rules that the tests of margin share."""

from __future__ import annotations

import numpy as np

import hedgerow as hr

AS_OF = np.datetime64("2026-01-05T12:00:00", "ns")


def after(days: float) -> np.datetime64:
    """The instant so many days later."""
    return AS_OF + np.timedelta64(round(days * 86_400e9), "ns")


def flat_market(
    spot: float = 100_000.0,
    days: tuple[float, ...] = (7, 30, 90),
    volatility: float = 0.6,
    rates: hr.ExchangeRates | None = None,
) -> hr.Snapshot:
    """BTC without carry or skew."""
    market = hr.UnderlyingMarket(
        underlying="BTC",
        quote_currency="USD",
        forwards=hr.ForwardCurve(as_of=AS_OF, spot=spot),
        smiles=[hr.Smile(expiry=after(d), strikes=[spot], volatilities=[volatility]) for d in days],
    )
    return hr.Snapshot(
        as_of=AS_OF,
        markets=[market],
        rates=rates or hr.ExchangeRates(reporting="USD", rates={}),
    )


def option(days: float, strike: float, right: str, **terms: object) -> hr.Option:
    """An option on BTC."""
    return hr.Option("BTC", after(days), strike, right, **terms)  # type: ignore[arg-type]


def book_of(*positions: tuple[hr.Contract, float]) -> hr.Book:
    """A book of contracts and quantities."""
    return hr.Book.from_columns([p[0] for p in positions], [float(p[1]) for p in positions])


PRESETS = {
    "span": hr.margin_rules.span(
        price_range=0.1, volatility_range=0.1, calendar_spread=0.01, short_option_minimum=50
    ),
    "deribit": hr.margin_rules.deribit(),
    "deribit_older": hr.margin_rules.deribit_older(),
    "derive": hr.margin_rules.derive(),
    "okx": hr.margin_rules.okx(),
    "paradex": hr.margin_rules.paradex(),
    "tims": hr.margin_rules.tims(),
    "tims_index": hr.margin_rules.tims_index(),
}


def grid_rules(
    shocks: tuple[float, ...] = (-0.15, -0.1, -0.05, 0.0, 0.05, 0.1, 0.15),
    *,
    add_ons: tuple[object, ...] = (),
    up: float = 0.3,
    **terms: float,
) -> hr.MarginRules:
    """Spot shocks with volatility up, unmoved and down."""
    return hr.MarginRules(
        name="grid",
        spot_factor=np.repeat(1 + np.array(shocks), 3),
        volatility_move=np.tile([1.0, 0.0, -1.0], len(shocks)),
        weight=np.ones(3 * len(shocks)),
        volatility=hr.VolatilityRule(up=up, down=up, short_power=0.3, long_power=0.1),
        add_ons=list(add_ons),  # type: ignore[arg-type]
        **terms,
    )
