"""A picture of a live inventory: all that a viewer shows of a moment, and nothing that changes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from hedgerow import desk
from hedgerow.errors import InvalidInput
from hedgerow.live import Fill, Inventory, Limit
from hedgerow.portfolio import Frame, value
from hedgerow.risk.margin import Margin, StrategyMargin

VERSION = 1
"""Of the JSON: goes up when a key changes its name or meaning; new keys may come at any time."""

DIMENSIONS: tuple[tuple[str, ...], ...] = ((), ("underlying",), ("underlying", "expiry"))
"""The nettings that an inventory must keep for its picture to be taken."""

POSITIONS = 40  # the largest, that a picture has unless told otherwise

_SUMS = ("positions", "excluded", "value", "pnl", "capture", "fees", "delta")
_GREEKS = ("gamma", "vega", "theta")
_INSTANTS = {"time", "since"}


@dataclass(frozen=True, slots=True)
class Stream:
    """Where events come from and how far they have been followed.

    `state` is "following", "ended" (there will be no more) or "failed", and then `error` says why.
    `behind` is how many events are there that the picture does not have yet.
    """

    name: str
    state: str = "following"
    sequence: int = 0
    last_sequence: int = 0
    error: str = ""

    @property
    def behind(self) -> int:
        """Events that are there and not yet in the picture."""
        return max(0, self.last_sequence - self.sequence)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An inventory at a moment; money in `currency`, Greeks in the desk units that names state.

    number: 1, 2, ... in the order in which a follower took them.
    time: of the last event; taken: of the machine. UTC.
    stream: where the events come from, and how far they were followed.
    headline: value, pnl, capture (what fills were better than the value at their moment), fees,
        holding (what the inventory gained of itself: pnl - capture + fees), dollar_delta,
        dollar_gamma (per 1 %), vega_per_point, theta_per_day, gross; how many positions are open,
        how many positions and balances can't be valued (excluded), and how many orders are live.
        The first two Greeks are NaN where underlyings are mixed without betas.
    underlyings, expiries: the same by node; delta is in units of the underlying.
    positions: open ones, the largest dollar delta first; `pnl` is all that a position made.
    balances: money by owner and currency.
    limits: level (kept, soft, hard), since when, value, peak, bounds, and the part of the hard one
        that is used.
    margin: rules, date, time, initial, maintenance, the most that was asked for so far
        (most_initial, most_maintenance), equity (the value of everything), not_margined, units by
        underlying; None where none was asked for.
    fills: the last ones, newest first, each with its capture. refusals: events that the inventory
        did not take, newest first. history: pnl, capture and fees over time.
    """

    number: int
    time: np.datetime64
    taken: np.datetime64
    currency: str
    stream: Stream
    headline: Mapping[str, float]
    underlyings: Frame
    expiries: Frame
    positions: Frame
    balances: Frame
    limits: Frame
    margin: Mapping[str, Any] | None
    fills: Frame
    refusals: Frame
    history: Frame

    def to_dict(self) -> dict[str, Any]:
        """What JSON knows: tables as columns, instants ISO 8601 in UTC, NaN and infinities None."""
        return {"version": VERSION, **{f.name: _plain(getattr(self, f.name)) for f in fields(self)}}

    def to_json(self) -> str:
        """The picture as JSON, in one line."""
        return json.dumps(self.to_dict(), allow_nan=False, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The picture that to_json() wrote; infinities have become NaN.

        Raises InvalidInput where it is of another version.
        """
        told = json.loads(text)
        if not isinstance(told, dict) or told.get("version") != VERSION:
            found = told.get("version") if isinstance(told, dict) else type(told).__name__
            raise InvalidInput("version", found, f"must be {VERSION}")
        return cls(**{f.name: _read(f.name, told[f.name]) for f in fields(cls)})


def take(
    inventory: Inventory,
    stream: Stream,
    *,
    number: int = 1,
    limits: Sequence[Limit] = (),
    margin: Mapping[str, Any] | None = None,
    fills: Iterable[tuple[Fill, float]] = (),
    refusals: Iterable[tuple[np.datetime64, str, str]] = (),
    history: Frame | None = None,
    positions: int = POSITIONS,
) -> Picture:
    """A picture of an inventory now.

    `limits` are those that were set, in their order: their bounds are shown. `margin` is what
    margin_line() made; `fills` come with their capture. Raises InvalidInput where the inventory
    does not keep DIMENSIONS.
    """
    underlyings = _by_underlying(inventory)
    market = inventory.market()
    return Picture(
        number=number,
        time=inventory.now,
        taken=now(),
        currency=market.rates.reporting,
        stream=stream,
        headline=_headline(inventory, underlyings),
        underlyings=underlyings,
        expiries=_by_expiry(inventory, underlyings),
        positions=_positions(inventory, positions),
        balances=inventory.balances(),
        limits=_limits(inventory, limits),
        margin=margin,
        fills=_fills(fills),
        refusals=_rows(("time", "event", "reason"), refusals),
        history=Frame({}) if history is None else history,
    )


def now() -> np.datetime64:
    """The machine's time, UTC."""
    return np.datetime64("now", "ns")


def margin_line(
    found: Margin | StrategyMargin,
    time: np.datetime64,
    equity: float,
    before: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What a picture says of a margin computed at a time, and of the equity at that time.

    `before` is what was said the time before: the most that was ever asked for goes on.
    """
    units = {name: found.units[name] for name in ("underlying", "initial", "maintenance")}
    return {
        "rules": found.rules.name,
        "date": str(found.rules.date),
        "time": time,
        "initial": found.initial,
        "maintenance": found.maintenance,
        "equity": equity,
        **{
            most: max(getattr(found, name), before[most] if before else -math.inf)
            for name, most in (("initial", "most_initial"), ("maintenance", "most_maintenance"))
        },
        "not_margined": found.not_margined,
        "units": Frame(units),
    }


def _desk(net: Frame, spot: npt.NDArray[np.float64]) -> dict[str, Any]:
    """Sums and Greeks of nodes in desk units."""
    columns: dict[str, Any] = {name: net[name] for name in _SUMS}
    for name in ("positions", "excluded"):
        columns[name] = columns[name].astype(np.int64)
    columns["dollar_delta"] = desk.dollar_delta(net["delta"], spot)
    columns["dollar_gamma"] = desk.dollar_gamma(net["gamma"], spot)
    columns["vega_per_point"] = desk.vega_per_point(net["vega"])
    columns["theta_per_day"] = desk.theta_per_day(net["theta"])
    return columns


def _by_underlying(inventory: Inventory) -> Frame:
    net = inventory.net("underlying", measures=(*_SUMS[2:], *_GREEKS))
    names = net["underlying"]
    spot = np.array([_spot(inventory, str(name)) for name in names], dtype=float)
    order = np.argsort(names.astype(str), kind="stable")
    return Frame({"underlying": names, "spot": spot, **_desk(net, spot)}).take(order)


def _spot(inventory: Inventory, underlying: str) -> float:
    """NaN for money that is no underlying."""
    try:
        return inventory.spot(underlying)
    except InvalidInput:
        return math.nan


def _by_expiry(inventory: Inventory, underlyings: Frame) -> Frame:
    """Open nodes only, in time; what never expires stands at the end."""
    net = inventory.net("underlying", "expiry", measures=(*_SUMS[2:], *_GREEKS))
    spots = dict(zip(underlyings["underlying"], underlyings["spot"], strict=True))
    spot = np.array([spots[name] for name in net["underlying"]], dtype=float)
    keys = {"underlying": net["underlying"], "expiry": net["expiry"]}
    open_ = np.flatnonzero((net["positions"] + net["excluded"] > 0) & ~np.isnan(spot))
    names = [(str(net["underlying"][i]), str(net["expiry"][i]) or "~") for i in open_]
    order = sorted(range(len(names)), key=names.__getitem__)
    return Frame({**keys, **_desk(net, spot)}).take(open_[order])


def _headline(inventory: Inventory, underlyings: Frame) -> dict[str, float]:
    try:
        total = inventory.node().to_dict()
    except InvalidInput:  # nothing has been held yet
        total = dict.fromkeys((*_SUMS[2:], *_GREEKS, "gross"), 0.0)
    held = np.flatnonzero(~np.isnan(underlyings["spot"]))
    greek = {"dollar_delta": total["delta"], "dollar_gamma": total["gamma"]}
    if len(held) == 1:  # no betas are needed, and there may be none
        greek = {name: float(underlyings[name][held[0]]) for name in greek}
    return {
        **{name: total[name] for name in ("value", "pnl", "capture", "fees")},
        "holding": total["pnl"] - total["capture"] + total["fees"],
        **greek,
        "vega_per_point": desk.vega_per_point(total["vega"]),
        "theta_per_day": desk.theta_per_day(total["theta"]),
        "gross": total["gross"],
        "positions": int(np.count_nonzero(inventory.positions()["quantity"])),
        "excluded": int(underlyings["excluded"].sum()),
        "orders": inventory.live_orders,
    }


def _positions(inventory: Inventory, most: int) -> Frame:
    held = inventory.positions()
    names = ("price", "value", "pnl", "delta", "dollar_delta", "dollar_gamma", "vega", "theta")
    values = value(inventory.book(), inventory.market()).to_frame(names)
    # The book has the positions in their order, and then the money, which has a table of its own.
    open_ = np.flatnonzero(held["quantity"] != 0.0)
    # What can't be valued may be large: it stands first.
    size = np.abs(np.nan_to_num(values["dollar_delta"][open_], nan=math.inf))
    rows = open_[np.argsort(-size, kind="stable")[:most]]
    held, values = held.take(rows), values.take(rows)
    kept = ("instrument", *inventory.labels, "quantity", "average_price")
    columns: dict[str, Any] = {name: held[name] for name in kept}
    columns |= {name: values[name] for name in ("status", *names[:-2])}
    columns["vega_per_point"] = desk.vega_per_point(values["vega"])
    columns["theta_per_day"] = desk.theta_per_day(values["theta"])
    return Frame(columns)


def _limits(inventory: Inventory, limits: Sequence[Limit]) -> Frame:
    states = inventory.limits()
    watched = [limits[n] if n < len(limits) else None for n in states["limit"]]
    current = states["value"].astype(float)
    nowhere = (math.nan, math.nan)
    bounds = [nowhere if limit is None else limit.hard_bounds for limit in watched]
    low, high = (np.array([pair[side] for pair in bounds], dtype=float) for side in (0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        used = np.maximum(current, 0.0) / high + np.minimum(current, 0.0) / low
    keys = ["" if limit is None else "/".join(limit.keys) for limit in watched]
    began = states["since"].astype("datetime64[ns]")  # without limits they are of any type
    since = np.where(states["level"] == "kept", np.datetime64("NaT", "ns"), began)
    columns = {**{name: states[name] for name in states}, "since": since}
    columns |= {"keys": np.array(keys, dtype=object), "low": low, "high": high, "used": used}
    return Frame(columns)


def _fills(fills: Iterable[tuple[Fill, float]]) -> Frame:
    names = ("time", "venue", "account", "instrument", "quantity", "price", "fee", "capture")
    return _rows(names, ((*(getattr(f, n) for n in names[:-1]), c) for f, c in fills))


def _rows(names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> Frame:
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return Frame({name: _column(name, c) for name, c in zip(names, columns, strict=True)})


def _column(name: str, values: Sequence[Any]) -> npt.NDArray[Any]:
    if name in _INSTANTS:
        return np.array(values, dtype="datetime64[ns]")
    if any(isinstance(v, str) for v in values):
        return np.array(values, dtype=object)
    if all(isinstance(v, int) for v in values):
        return np.array(values, dtype=np.int64)
    return np.array(values, dtype=float)  # None is NaN


def _plain(item: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(item, Frame):
        # Cell by cell: tolist() would make integers of instants.
        return {name: [_plain(cell) for cell in item[name]] for name in item}
    if isinstance(item, Stream):
        return {f.name: getattr(item, f.name) for f in fields(item)}
    if isinstance(item, Mapping):
        return {str(name): _plain(cell) for name, cell in item.items()}
    if isinstance(item, np.datetime64):
        return None if np.isnat(item) else f"{np.datetime_as_string(item, unit='ms')}Z"
    if isinstance(item, np.generic):
        item = item.item()
    if isinstance(item, float):
        return item if math.isfinite(item) else None
    return item


def _read(name: str, item: Any) -> Any:
    """A value as a picture has it."""
    if name in _INSTANTS | {"taken"}:
        return _instant(item)
    if name == "margin" and item is not None:
        return {**item, "time": _instant(item["time"]), "units": _frame(item["units"])}
    if name == "stream":
        return Stream(**item)
    if name == "headline":
        return {key: math.nan if number is None else number for key, number in item.items()}
    return _frame(item) if isinstance(item, dict) else item


def _instant(text: str | None) -> np.datetime64:
    return np.datetime64(text.removesuffix("Z") if text else "NaT", "ns")


def _frame(columns: Mapping[str, Sequence[Any]]) -> Frame:
    return Frame(
        {
            name: _column(name, [_instant(c) for c in cells] if name in _INSTANTS else cells)
            for name, cells in columns.items()
        }
    )
