"""Contracts and markets as plain dicts, and back: every term and every pillar, by name.

Instants are nanoseconds since 1970 (UTC), enums their names in lower case. What comes back is equal
to what went in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hedgerow import _core
from hedgerow.errors import InvalidInput

_MARGINED = ("quote_currency", "settlement", "multiplier", "currency")
_KINDS: dict[str, tuple[Callable[..., _core.Contract], tuple[str, ...]]] = {
    # the constructor, and its arguments, which are the contract's properties
    "cash": (_core.Cash, ("currency",)),
    "spot": (_core.Spot, ("underlying", "currency")),
    "perpetual": (_core.Perpetual, ("underlying", *_MARGINED)),
    "future": (_core.Future, ("underlying", "expiry", *_MARGINED, "fixing")),
    "option": (
        _core.Option,
        ("underlying", "expiry", "strike", "right", *_MARGINED, "exercise", "fixing"),
    ),
}
_NAMED = {"settlement", "right", "exercise"}


def instant(nanoseconds: Any) -> np.datetime64:
    """The instant of a whole number of nanoseconds since 1970."""
    if type(nanoseconds) is not int:
        raise TypeError("an instant is a whole number of nanoseconds")
    return np.datetime64(nanoseconds, "ns")


def contract_to_dict(contract: _core.Contract) -> dict[str, Any]:
    """All terms of a contract."""
    kind = _core.kind(contract)
    terms: dict[str, Any] = {"kind": kind}
    for name in _KINDS[kind][1]:
        value = getattr(contract, name)
        if name in _NAMED:
            value = value.name.lower()
        elif name == "expiry":
            value = value.item()
        terms[name] = value
    return terms


def contract_from_dict(terms: dict[str, Any]) -> _core.Contract:
    """The contract of such terms; KeyError, TypeError or InvalidInput where they are none."""
    given = dict(terms)
    constructor, names = _KINDS[given.pop("kind")]
    if given.keys() != set(names):
        raise KeyError(*sorted(given.keys() ^ set(names)))
    if "expiry" in given:
        given["expiry"] = instant(given["expiry"])
    return constructor(**given)


def _pillars(curve: _core.DiscountCurve | _core.ForwardCurve) -> list[int]:
    nanoseconds: list[int] = curve.pillars.astype(np.int64).tolist()
    return nanoseconds


def _discount_to_dict(curve: _core.DiscountCurve) -> dict[str, Any]:
    factors = curve.factors.tolist()
    return {"as_of": curve.as_of.item(), "pillars": _pillars(curve), "factors": factors}


def _discount_from_dict(terms: dict[str, Any]) -> _core.DiscountCurve:
    return _core.DiscountCurve(
        as_of=instant(terms["as_of"]),
        pillars=_instants(terms["pillars"]),
        factors=_numbers(terms["factors"]),
    )


def _instants(nanoseconds: list[int]) -> Any:
    return np.array(nanoseconds, dtype=np.int64).view("datetime64[ns]")


def _numbers(values: list[float]) -> Any:
    return np.array(values, dtype=np.float64)


_PARAMETERS = {
    _core.SmileKind.SVI: ("a", "b", "rho", "m", "sigma"),
    _core.SmileKind.SABR: ("alpha", "beta", "rho", "nu", "shift"),
}


def _smile_to_dict(smile: _core.Smile) -> dict[str, Any]:
    columns = {"strikes": smile.strikes.tolist(), "volatilities": smile.volatilities.tolist()}
    terms = {"expiry": smile.expiry.item(), **columns}
    if smile.kind is _core.SmileKind.QUOTED:
        return terms
    moved = {name: getattr(smile, name) for name in ("strike_factor", "shift", "floor")}
    if smile.kind is _core.SmileKind.SPLINE:
        return {**terms, "shape": "spline", **moved}
    parameters = {name: getattr(smile.parameters, name) for name in _PARAMETERS[smile.kind]}
    fitted = {"forward": smile.forward, "time": smile.time, "parameters": parameters}
    return {
        "expiry": smile.expiry.item(),
        "shape": smile.kind.name.lower(),
        **fitted,
        **moved,
    }


def _smile_from_dict(terms: dict[str, Any]) -> _core.Smile:
    given = {**terms, "expiry": instant(terms["expiry"])}
    shape = given.pop("shape", "quoted")
    for name in ("strikes", "volatilities"):
        if name in given:
            given[name] = _numbers(given[name])
    if shape == "quoted":
        return _core.Smile(**given)
    if shape == "spline":
        return _core.Smile.spline(**given)
    if shape == "svi":
        given["parameters"] = _core.SviParameters(**given["parameters"])
        return _core.Smile.svi(**given)
    if shape == "sabr":
        given["parameters"] = _core.SabrParameters(**given["parameters"])
        return _core.Smile.sabr(**given)
    raise InvalidInput("shape", shape, "must be a shape that this version knows")


def _window_to_dict(window: _core.SettlementWindow) -> dict[str, Any]:
    ends = {"start": window.start.item(), "expiry": window.expiry.item()}
    return {**ends, "average": window.average, "fixing": window.fixing}


def _window_from_dict(terms: dict[str, Any]) -> _core.SettlementWindow:
    return _core.SettlementWindow(
        start=instant(terms["start"]),
        expiry=instant(terms["expiry"]),
        average=terms["average"],
        fixing=terms["fixing"],
    )


def _market_to_dict(market: _core.UnderlyingMarket) -> dict[str, Any]:
    forwards = market.forwards
    windows = [_window_to_dict(window) for window in market.settlement_windows]
    return {
        "underlying": market.underlying,
        "quote_currency": market.quote_currency,
        "forwards": {
            "as_of": forwards.as_of.item(),
            "spot": forwards.spot,
            "pillars": _pillars(forwards),
            "forwards": forwards.forwards.tolist(),
        },
        "discount": _discount_to_dict(market.discount),
        "coin_discount": _discount_to_dict(market.coin_discount),
        "smiles": [_smile_to_dict(smile) for smile in market.smiles],
        "perpetual": market.quoted_perpetual,
        **({"settlement_windows": windows} if windows else {}),
    }


def _market_from_dict(terms: dict[str, Any]) -> _core.UnderlyingMarket:
    forwards = terms["forwards"]
    return _core.UnderlyingMarket(
        underlying=terms["underlying"],
        quote_currency=terms["quote_currency"],
        forwards=_core.ForwardCurve(
            as_of=instant(forwards["as_of"]),
            spot=forwards["spot"],
            pillars=_instants(forwards["pillars"]),
            forwards=_numbers(forwards["forwards"]),
        ),
        discount=_discount_from_dict(terms["discount"]),
        coin_discount=_discount_from_dict(terms["coin_discount"]),
        smiles=[_smile_from_dict(smile) for smile in terms["smiles"]],
        perpetual=terms["perpetual"],
        settlement_windows=[
            _window_from_dict(window) for window in terms.get("settlement_windows", ())
        ],
    )


def snapshot_to_dict(snapshot: _core.Snapshot) -> dict[str, Any]:
    """All curves, smiles and rates of a market."""
    rates = {"reporting": snapshot.rates.reporting, "rates": snapshot.rates.rates}
    markets = [_market_to_dict(market) for market in snapshot.markets]
    return {"as_of": snapshot.as_of.item(), "markets": markets, "rates": rates}


def snapshot_from_dict(terms: dict[str, Any]) -> _core.Snapshot:
    """The market of such a dict; KeyError, TypeError or InvalidInput where it is none."""
    rates = terms["rates"]
    return _core.Snapshot(
        as_of=instant(terms["as_of"]),
        markets=[_market_from_dict(market) for market in terms["markets"]],
        rates=_core.ExchangeRates(reporting=rates["reporting"], rates=rates["rates"]),
    )
