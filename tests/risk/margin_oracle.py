"""The slow way to a margin: a moved snapshot per scenario, add-ons in plain Python."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt

import hedgerow as hr

DAY = np.timedelta64(86_400_000_000_000, "ns")


def moved(market: hr.UnderlyingMarket, as_of: np.datetime64, factor: float, move: float,
          rule: hr.VolatilityRule) -> hr.UnderlyingMarket:  # fmt: skip
    """The market after a move of its spot, and of the volatilities by the rule of each expiry."""
    smiles = []
    for smile in market.smiles:
        days = float((smile.expiry - as_of) / DAY)
        shocked = [rule.moved(float(v), days, move) for v in smile.volatilities]
        smiles.append(hr.Smile(expiry=smile.expiry, strikes=smile.strikes, volatilities=shocked))
    forwards = market.forwards
    return hr.UnderlyingMarket(
        underlying=market.underlying,
        quote_currency=market.quote_currency,
        forwards=hr.ForwardCurve(
            as_of=as_of,
            spot=forwards.spot * factor,
            pillars=forwards.pillars,
            forwards=np.asarray(forwards.forwards) * factor,
        ),
        discount=market.discount,
        smiles=smiles,
        perpetual=market.perpetual * factor,
        coin_discount=market.coin_discount,
        settlement_windows=market.settlement_windows,
    )


def unit_pnl(
    book: hr.Book, snapshot: hr.Snapshot, rules: hr.MarginRules, underlying: str
) -> npt.NDArray[np.float64]:
    """P&L of a book per scenario when one underlying moves, by valuing it there and here."""
    now = hr.value(book, snapshot).total()["value"]
    rows = zip(rules.spot_factor, rules.volatility_move, strict=True)
    pnl = []
    for factor, move in rows:
        markets = [
            moved(m, snapshot.as_of, factor, move, rules.volatility)
            if m.underlying == underlying
            else m
            for m in snapshot.markets
        ]
        there = hr.Snapshot(as_of=snapshot.as_of, markets=markets, rates=snapshot.rates)
        pnl.append(hr.value(book, there).total()["value"] - now)
    return np.array(pnl)


def add_ons(book: hr.Book, snapshot: hr.Snapshot, underlying: str) -> dict[str, float]:
    """What the charges are fractions of, position by position, of one linear underlying."""
    market = snapshot.market(underlying)
    net = book.net()
    values = hr.value(net, snapshot)
    strikes: dict[tuple[object, float], float] = defaultdict(float)
    expiries: dict[object, float] = defaultdict(float)
    sums: dict[str, float] = defaultdict(float)
    for position, delta in zip(net, values.delta, strict=True):
        contract, quantity = position.contract, position.quantity
        option, future = isinstance(contract, hr.Option), isinstance(contract, hr.Future)
        future = future or isinstance(contract, hr.Perpetual)
        size = quantity * getattr(contract, "multiplier", 1.0)
        expiries[getattr(contract, "expiry", None)] += delta
        sums["delta"] += delta
        sums["gross"] += abs(delta)
        if option:
            strikes[contract.expiry, contract.strike] += size
            sums["short"] += max(-size, 0.0)
            sums["contracts"] += abs(size)
        if future:
            sums["long_futures"] += max(delta, 0.0)
            sums["short_futures"] += max(-delta, 0.0)
            sums["contracts"] += abs(delta)
    spot = market.spot
    years = {e: 0.0 if e is None else float((e - snapshot.as_of) / DAY) / 365 for e in expiries}
    hedged = (sums["gross"] - abs(sums["delta"])) / 2
    return {
        "short_option_charge": spot * sum(max(-n, 0.0) for n in strikes.values()),
        "offsetting_futures_charge": spot * min(sums["long_futures"], sums["short_futures"]),
        "gross_futures_charge": spot * (sums["long_futures"] + sums["short_futures"]),
        "calendar_spread_charge": spot
        * min(
            sum(max(d, 0.0) for d in expiries.values()),
            sum(max(-d, 0.0) for d in expiries.values()),
        ),
        "basis_charge": spot * sum(abs(d) * years[e] for e, d in expiries.items()),
        "net_delta": spot * abs(sums["delta"]),
        "hedged_delta": spot * hedged,
        "short_option_minimum": sums["short"],
        "contract_minimum": sums["contracts"],
    }
