"""Margin schemes as published, dated and sourced; each says what is not from its source.

Exchanges change their parameters without notice: a preset is a dated copy to start from, no promise
of what an exchange will ask for. `rules.source`, `rules.assumed` and `rules.omitted` say where the
numbers come from, which of them do not, and what of the scheme is left out; docs/margin.md has all.
"""

from __future__ import annotations

from hedgerow import _core
from hedgerow._core import MarginRules, StrategyRules

__all__ = [
    "deribit",
    "deribit_older",
    "derive",
    "okx",
    "paradex",
    "reg_t",
    "reg_t_index",
    "span",
    "tims",
    "tims_index",
]


def span(
    *,
    price_range: float,
    volatility_range: float,
    extreme_multiple: float = 2.0,
    extreme_cover: float = 0.35,
    calendar_spread: float = 0.0,
    short_option_minimum: float = 0.0,
    initial: float = 1.0,
) -> MarginRules:
    """CME's SPAN: 16 scenarios a day ahead, in the order of its risk arrays.

    `price_range` is the price scan range as a fraction of the spot, `volatility_range` absolute;
    clearing houses publish both per product. The extremes move by `extreme_multiple` ranges, of
    whose loss `extreme_cover` counts. `calendar_spread` is charged per unit of delta that offsets
    between expiries (a fraction of the spot), `short_option_minimum` is in the quote currency per
    unit, `initial` multiplies the clearing house's requirement.
    """
    return _core.margin_rules_span(
        price_range=price_range,
        volatility_range=volatility_range,
        extreme_multiple=extreme_multiple,
        extreme_cover=extreme_cover,
        calendar_spread=calendar_spread,
        short_option_minimum=short_option_minimum,
        initial=initial,
    )


def deribit() -> MarginRules:
    """Deribit's cross portfolio margin for BTC: 9 x 3 scenarios and the extended table."""
    return _core.margin_rules_deribit()


def deribit_older() -> MarginRules:
    """Deribit's older portfolio margin: 10 %, charges per net short option and for futures."""
    return _core.margin_rules_deribit_older()


def derive() -> MarginRules:
    """Derive's PMRM v2 for BTC and ETH: 31 scenarios and a basis contingency."""
    return _core.margin_rules_derive()


def okx() -> MarginRules:
    """OKX's portfolio margin for BTC and ETH since January 2025: its MR1, MR4 and MR6."""
    return _core.margin_rules_okx()


def paradex() -> MarginRules:
    """Paradex's portfolio margin: 24 weighted scenarios and a minimum of delta."""
    return _core.margin_rules_paradex()


def tims() -> MarginRules:
    """Portfolio margin of US equity options: ten prices within 15 % (OCC's TIMS, FINRA 4210(g))."""
    return _core.margin_rules_tims_equity()


def tims_index() -> MarginRules:
    """The same for broad indices: ten prices from -8 % to +6 %."""
    return _core.margin_rules_tims_index()


def reg_t() -> StrategyRules:
    """A US margin account's strategy rule for equity options: 20 % and 10 %."""
    return _core.margin_rules_reg_t_equity()


def reg_t_index() -> StrategyRules:
    """The same for options on broad indices: 15 % and 10 %."""
    return _core.margin_rules_reg_t_index()
