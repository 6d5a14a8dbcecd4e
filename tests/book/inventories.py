"""Inventories to test: a market of two underlyings, owners, fills, and their netting by hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from math import fsum
from typing import Any

import numpy as np
from tests.strategies import AS_OF, CONTRACTS, EXPIRIES, INDEX_STRIKES, STRIKES, market

import hedgerow as hr
from hedgerow import live
from hedgerow.live.inventory import MEASURES

NAMES = {str(number): contract for number, contract in enumerate(CONTRACTS)}
LOTS = {name: 0.1 for name, c in NAMES.items() if isinstance(c, hr.Option)}
BETAS = {"BTC": 1.6, "SPX": 1.0}
DIMENSIONS: tuple[tuple[str, ...], ...] = (
    (),
    ("underlying",),
    ("underlying", "expiry"),
    ("tenor",),
    ("account", "venue", "strategy"),
    ("kind", "right", "strike"),
    ("account", "underlying"),
    ("currency",),
)
TENORS = (1.0, 7.0, 30.0, 90.0, 180.0, 365.0)
GREEKS = ("delta", "gamma", "vega", "theta", "rho", "vanna", "volga")


def name_of(contract: hr.Contract) -> str:
    """The instrument of NAMES that is this contract."""
    return next(name for name, known in NAMES.items() if known == contract)


def after(seconds: float) -> np.datetime64:
    """This long after the beginning."""
    return AS_OF + np.timedelta64(round(seconds * 1e9), "ns")


def inventory(
    snapshot: hr.Snapshot | None = None, names: Mapping[str, hr.Contract] = NAMES, **more: Any
) -> live.Inventory:
    """An inventory of NAMES with all DIMENSIONS."""
    given = {"dimensions": DIMENSIONS, "tags": ("strategy",)} | more
    lots = {name: lot for name, lot in LOTS.items() if name in names}
    return live.Inventory(snapshot or market(), names, **{"lots": lots} | given)


def market_at(
    seconds: float = 0.0,
    spot: float = 90_000.0,
    index: float = 3_800.0,
    *,
    without_smile: np.datetime64 | None = None,
) -> hr.Snapshot:
    """A later market of strategies.market(), of what has not expired; one smile may be missing."""
    as_of = after(seconds)
    live_expiries = [expiry for expiry in EXPIRIES if expiry > as_of]
    years = np.array([(e - as_of) / np.timedelta64(1, "ns") for e in live_expiries]) / 31_536e12

    def one(name: str, at: float, growth: float, strikes: list[float], level: float) -> Any:
        strip = np.array(strikes)
        skew = level - 0.1 * np.log(strip / strip[len(strip) // 2])
        smiles = [
            hr.Smile(expiry=expiry, strikes=strip, volatilities=skew + 0.01 * number)
            for number, expiry in enumerate(live_expiries)
            if expiry != without_smile or name != "BTC"
        ]
        curve = hr.ForwardCurve(
            as_of=as_of, spot=at, pillars=live_expiries, forwards=at * np.exp(growth * years)
        )
        more = {} if name == "SPX" else {"perpetual": at * 1.0002}
        return hr.UnderlyingMarket(
            underlying=name, quote_currency="USD", forwards=curve, smiles=smiles, **more
        )

    markets = [one("BTC", spot, 0.06, STRIKES, 0.55), one("SPX", index, 0.02, INDEX_STRIKES, 0.2)]
    rates = hr.ExchangeRates(reporting="USD", rates={"EUR": 1.25})
    return hr.Snapshot(as_of=as_of, markets=markets, rates=rates)


_trades = iter(range(10**9))


def fill(
    instrument: str, quantity: float, price: float, seconds: float = 0.0, **more: Any
) -> live.Fill:
    """A fill of account "a" at venue "x", with an id of its own."""
    terms: dict[str, Any] = {"venue": "x", "account": "a", "trade_id": f"T{next(_trades)}"}
    terms |= {"time": after(seconds), "quantity": quantity, "price": price}
    return live.Fill(instrument=instrument, **terms | more)


def as_rows(frame: hr.Frame, keys: Sequence[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows of a frame by their keys, so that their order does not matter."""
    columns = frame.to_dict()
    rows = zip(*(columns[key] for key in keys), strict=True) if keys else [()] * len(frame)
    return {
        row: {name: columns[name][i] for name in columns if name not in keys}
        for i, row in enumerate(rows)
    }


def state(inv: live.Inventory) -> dict[str, Any]:
    """All that can be asked of an inventory, to be compared in every bit."""
    return {
        "now": inv.now,
        "positions": repr(as_rows(inv.positions(), [*inv.labels, "instrument"])),
        "balances": as_rows(inv.balances(), [*inv.labels, "currency"]),
        "nodes": {keys: repr(as_rows(inv.net(*keys), keys)) for keys in inv.dimensions},
        "limits": repr(inv.limits().to_dict()),
        "orders": inv.live_orders,
        "spots": [inv.spot(m.underlying) for m in inv.market().markets],
    }


CALL = name_of(hr.Option("BTC", EXPIRIES[1], 90_000.0, "call", settlement="inverse"))
PUT = name_of(hr.Option("BTC", EXPIRIES[1], 80_000.0, "put", settlement="inverse"))
FUTURE = name_of(hr.Future("BTC", EXPIRIES[1], settlement="inverse", multiplier=10))
PERPETUAL = name_of(hr.Perpetual("BTC", settlement="inverse", multiplier=10))
INDEX_CALL = name_of(hr.Option("SPX", EXPIRIES[1], 3_800.0, "call", multiplier=100))
INDEX_PUT = name_of(hr.Option("SPX", EXPIRIES[1], 4_000.0, "put", multiplier=100))
INDEX_FUTURE = name_of(hr.Future("SPX", EXPIRIES[1], multiplier=50))
INDEX_SPOT = name_of(hr.Spot("SPX", "USD"))


def typical_price(name: str) -> float:
    """About what an instrument trades at."""
    contract = NAMES[name]
    level = 90_000.0 if contract.currency == "BTC" else 3_800.0
    if isinstance(contract, hr.Option):
        return 0.05 if contract.currency == "BTC" else 100.0
    return 1.0 if isinstance(contract, hr.Cash) else level


TRADED = [name for name, contract in NAMES.items() if not isinstance(contract, hr.Cash)]


def settlement(underlying: str, price: float, seconds: float, number: int = 1) -> live.Settlement:
    return live.Settlement(
        time=after(seconds), event_id=f"S{underlying}{number}", underlying=underlying,
        expiry=EXPIRIES[1], fixing="", price=price,
    )  # fmt: skip


END = (EXPIRIES[1] - AS_OF) / np.timedelta64(1, "s")


def order(
    name: str, quantity: float, number: int, seconds: float = 0.0, **more: Any
) -> live.OrderPlaced:
    terms: dict[str, Any] = {"time": after(seconds), "venue": "x", "account": "a"}
    terms |= {"order_id": f"O{number}"}
    if "price" not in more:
        terms["price"] = typical_price(name)
    return live.OrderPlaced(instrument=name, quantity=quantity, **terms | more)


# ---- netting by hand ----


def label(key: str, contract: hr.Contract, tags: Mapping[str, str], as_of: np.datetime64) -> str:
    """What a key says of a position."""
    expiry = getattr(contract, "expiry", None)
    match key:
        case "underlying":
            return getattr(contract, "underlying", "") or contract.currency
        case "expiry":
            return "" if expiry is None else f"{np.datetime_as_string(expiry, 's')}Z"
        case "tenor":
            if expiry is None:
                return ""
            days = (expiry - as_of) / np.timedelta64(1, "ns") / 86_400e9
            ends = [f"<={end:g}d" for end in TENORS if days <= end]
            return ends[0] if ends else f">{TENORS[-1]:g}d"
        case "strike":
            return f"{contract.strike:.10g}" if isinstance(contract, hr.Option) else ""
        case "right":
            return contract.right.name.lower() if isinstance(contract, hr.Option) else ""
        case "kind":
            return type(contract).__name__.lower()
        case "currency":
            return contract.currency
    return tags[key]


def rate_of(currency: str, snapshot: hr.Snapshot) -> float:
    """Reporting currency per unit; of coins through their market."""
    if currency == snapshot.rates.reporting:
        return 1.0
    coin = next((m for m in snapshot.markets if m.underlying == currency), None)
    if coin is None:
        return snapshot.rates.rates.get(currency, 0.0)
    return coin.spot * rate_of(coin.quote_currency, snapshot)


Line = dict[str, float]


def lines(inv: live.Inventory, settled: Sequence[hr.Contract] = ()) -> list[tuple[Any, ...]]:
    """(contract, tags, quantity, what the row adds to a node of its own) of every position and all
    money, from a new valuation; None for the last of what can't be valued.

    `settled` were paid out in full; money has earned nothing but minus fees and funding.
    """
    book, snapshot = inv.book(), inv.market()
    values = hr.value(book, snapshot)
    valued = np.isin(values.status, [hr.Status.OK, hr.Status.EXPIRED])
    columns = {name: getattr(values, name) for name in ("value", "pnl", *GREEKS)}
    traded = inv.positions().to_dict()["traded"]
    balances = as_rows(inv.balances(), [*inv.labels, "currency"])
    spots = {m.underlying: m for m in snapshot.markets}
    rows = []
    for number, position in enumerate(book):
        contract, quantity = position.contract, position.quantity
        if not valued[number]:
            rows.append((contract, position.tags, quantity, None))
            continue
        line = {name: float(column[number]) for name, column in columns.items()}
        line |= {"notional": 0.0, "gross": 0.0, "options": 0.0}
        rate = rate_of(contract.currency, snapshot)
        if isinstance(contract, hr.Cash):
            its = balances.get((*(position.tags[name] for name in inv.labels), contract.currency))
            line["pnl"] = -(its["fees"] + its["funding"]) * rate if its else 0.0
        else:
            market = spots[contract.underlying]
            units = quantity * getattr(contract, "multiplier", 1.0)
            margined = isinstance(contract, hr.Future | hr.Perpetual)
            in_money = margined and contract.settlement is hr.Settlement.INVERSE
            price = 1.0 if in_money else market.spot
            line["notional"] = units * price * rate_of(market.quote_currency, snapshot)
            line["gross"] = abs(line["notional"])
            line["options"] = units if isinstance(contract, hr.Option) else 0.0
            if contract in settled:
                line["pnl"] = float(traded[number]) * rate
        rows.append((contract, position.tags, quantity, line))
    return rows


def weighted(line: Line, contract: hr.Contract, spot: float) -> Line:
    """What a row adds where underlyings are added up, by BETAS."""
    dollars = BETAS.get(label("underlying", contract, {}, AS_OF), 0.0) * spot
    factors = {"delta": dollars, "vanna": dollars, "gamma": dollars**2 / 100}
    return {name: number * factors.get(name, 1.0) for name, number in line.items()}


def netted(
    inv: live.Inventory, keys: Sequence[str], *, betas: bool, settled: Sequence[hr.Contract] = ()
) -> dict[tuple[str, ...], Line]:
    """The nodes of a dimension, by hand: sums of the rows, and counts of positions."""
    snapshot = inv.market()
    spots = {m.underlying: m.spot for m in snapshot.markets}
    found: dict[tuple[str, ...], list[tuple[float, Line | None]]] = defaultdict(list)
    for contract, tags, quantity, line in lines(inv, settled):
        labels = tuple(label(key, contract, tags, snapshot.as_of) for key in keys)
        if betas and line is not None and "underlying" not in keys:
            its = label("underlying", contract, {}, AS_OF)
            line = weighted(line, contract, spots.get(its, 0.0))
        found[labels].append((quantity, line))
    nodes = {}
    for labels, rows in found.items():
        known = [line for _, line in rows if line is not None]
        names = ("value", "pnl", *GREEKS, "notional", "gross", "options")
        nodes[labels] = {name: fsum(line[name] for line in known) for name in names}
        nodes[labels]["positions"] = sum(quantity != 0 for quantity, _ in rows)
        nodes[labels]["excluded"] = sum(q != 0 and line is None for q, line in rows)
    return nodes


def underlyings(inv: live.Inventory, keys: Sequence[str]) -> dict[tuple[str, ...], set[str]]:
    """Of which underlyings the deltas are that a node adds up; coins are among them."""
    snapshot = inv.market()
    markets = {m.underlying for m in snapshot.markets}
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for position in inv.book():
        contract = position.contract
        labels = tuple(label(key, contract, position.tags, snapshot.as_of) for key in keys)
        found[labels] |= {label("underlying", contract, {}, snapshot.as_of)} & markets
    return found


class Scale:
    """What roundings are relative to: the sizes of all that was added to nodes, measure by measure;
    "mixed delta" and so on where underlyings are added up by BETAS.

    `traded` is by instrument the contracts traded, unsigned; `amounts` the sizes of all payments.
    """

    def __init__(self, inv: live.Inventory) -> None:
        self.inv = inv
        self.traded: Counter[str] = Counter()
        self.amounts = 1.0
        self._most: dict[str, Line] = {}
        self.look()

    def look(self) -> None:
        """Units are as large as they ever were: to be called when the market has moved."""
        core = self.inv._core
        for number, (name, contract, _) in enumerate(core.instruments):
            line = dict(zip(MEASURES, map(abs, core.unit(number)), strict=True))
            spot = self.inv.spot(getattr(contract, "underlying", "BTC"))
            # Theta holds delta times the carry, ln(forward / spot) by the time that is left, and
            # that of an inverse future, whose delta is in coin, its value times that.
            left = (getattr(contract, "expiry", self.inv.now) - self.inv.now) / np.timedelta64(
                365, "D"
            )
            carried = line["delta"] * spot + line["value"]
            line["theta"] += carried / left if left > 0 else 0.0
            mixed = weighted(line, contract, spot)
            line |= {f"mixed {measure}": size for measure, size in mixed.items()}
            most = self._most.setdefault(name, line)
            self._most[name] = {measure: max(size, most[measure]) for measure, size in line.items()}

    def sizes(self) -> Line:
        """By measure."""
        self.look()
        total = dict.fromkeys([*MEASURES, *(f"mixed {name}" for name in MEASURES)], 0.0)
        for name, _, lot in self.inv._core.instruments:
            for measure, size in self._most[name].items():
                total[measure] += self.traded[name] / lot * size
        coins = self.amounts / self.inv.spot("BTC")
        dollars = dict.fromkeys(("value", "pnl", "capture", "fees"), self.amounts)
        for measure, size in (dollars | {"delta": coins}).items():
            total[measure] += size
            total[f"mixed {measure}"] += self.amounts * BETAS["BTC"]
        for prefix in ("", "mixed "):
            total[f"{prefix}pnl"] += total[f"{prefix}value"]
        return total


def drift(
    inv: live.Inventory, scale: Line, *, betas: bool, settled: Sequence[hr.Contract] = ()
) -> dict[str, float]:
    """How far the nodes are from their netting by hand, by measure, relative to `scale`."""
    worst: dict[str, float] = defaultdict(float)
    for keys in inv.dimensions:
        by_hand = netted(inv, keys, betas=betas, settled=settled)
        nodes = as_rows(inv.net(*keys), keys)
        owned = underlyings(inv, keys)
        for labels in nodes.keys() | by_hand.keys():
            want, have = by_hand.get(labels, defaultdict(float)), nodes.get(labels)
            assert have is not None or not any(want.values()), (keys, labels, want)
            if have is None:
                continue
            for count in ("positions", "excluded"):
                assert have[count] == want[count], (keys, labels, count)
            mixes = not betas and "underlying" not in keys and len(owned[labels]) > 1
            for measure in ("value", "pnl", *GREEKS, "notional", "gross", "options"):
                if mixes and measure in ("delta", "gamma", "vanna"):
                    assert np.isnan(have[measure]), (keys, labels, measure)
                    continue
                size = scale["mixed " * (betas and "underlying" not in keys) + measure]
                gap = abs(have[measure] - want[measure])
                assert not np.isnan(gap), (keys, labels, measure)
                gap /= size or 1.0
                worst[measure] = max(worst[measure], gap)
    return dict(worst)
