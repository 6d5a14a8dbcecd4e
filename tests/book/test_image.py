"""The image of an inventory: what is restored goes on as if it had never stopped."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.book.images import HEADER, checksum, parts, sealed
from tests.book.inventories import (
    BETAS,
    CALL,
    END,
    LOTS,
    PUT,
    TRADED,
    after,
    as_rows,
    fill,
    inventory,
    market_at,
    order,
    state,
    typical_price,
)
from tests.book.test_inventory import event_of, outcome, steps, windowed
from tests.strategies import AS_OF, EXPIRIES, market

import hedgerow as hr
from hedgerow import _core, live

# ---- streams ----


@st.composite
def happenings(draw: st.DrawFn) -> tuple[Any, ...]:
    """A step, or what becomes of orders, corrections and listings."""
    kind = draw(st.sampled_from(["step"] * 5 + ["place"] * 3 + ["amend", "cancel", "end"] + MORE))
    return kind, draw(steps())


MORE = ["correct", "list", "give", "again"]


def happening(
    what: tuple[Any, ...], number: int, taken: list[live.Event]
) -> live.Event | Callable[[live.Inventory], Any]:
    """An event, or what is done to an inventory."""
    kind, step = what
    _, name, lots, factor, _ = step
    time = after(60.0 * number)
    fills = [event for event in taken if isinstance(event, live.Fill)]
    orders = [event for event in taken if isinstance(event, live.OrderPlaced)]
    quantity = round(lots * LOTS.get(name, 1.0), 9)
    match kind:
        case "place":
            return order(name, quantity, number, 60.0 * number, price=typical_price(name) * factor)
        case "amend" | "cancel" | "end" if orders:
            chosen = orders[lots % len(orders)]
            where: dict[str, Any] = {"time": time, "venue": "x", "order_id": chosen.order_id}
            if kind == "amend":
                return live.OrderAmended(**where, quantity=chosen.quantity * 2, price=1.0)
            if kind == "cancel":
                return live.OrderCancelled(**where)
            terms = {"order_id": chosen.order_id, "trade_id": f"T{number}"}
            half = chosen.quantity * (0.5 if abs(lots) % 2 and chosen.quantity % 2 == 0 else 1.0)
            return fill(chosen.instrument, half, chosen.price, 60.0 * number, **terms)
        case "correct" if fills:
            chosen_fill = fills[lots % len(fills)]
            return live.Correction(
                time=time, venue=chosen_fill.venue, trade_id=chosen_fill.trade_id,
                quantity=chosen_fill.quantity * 2, price=chosen_fill.price * factor, fee=factor,
            )  # fmt: skip
        case "list":
            contract = hr.Option("BTC", EXPIRIES[abs(lots) % 3], 1e3 * abs(lots) + number, "put")
            return live.Listing(time=time, instrument=f"n{number}", contract=contract, lot=1.0)
        case "give":
            given = (abs(lots) % 3, "margin", 1e3 * factor)
            return lambda inv: inv._core.give(*given) if given[0] < nodes(inv) else None
        case "again" if taken:
            return taken[lots % len(taken)]
    return event_of(step, number, fills)


def nodes(inv: live.Inventory) -> int:
    return sum(len(inv.net(*keys)) for keys in inv.dimensions)


def limited(**more: Any) -> live.Inventory:
    """An inventory whose limits and protections are reached."""
    inv = inventory(**more)
    inv.set_limit("delta", ("underlying",), ["BTC"], hard=4.0, soft=1.0, hysteresis=0.5)
    inv.set_limit("gross", ("account", "underlying"), hard=(-1.0, 1e6), soft=(-1.0, 2e5))
    inv.set_limit("margin", (), hard=1e3, hysteresis=100.0)
    inv.set_protection(("underlying",), window=200.0, freeze=300.0, quantity=20.0)
    inv.set_protection(("account", "underlying"), ["a", "BTC"], window=90.0, delta=3.0)
    return inv


def take(inv: live.Inventory, what: Any) -> Any:
    if callable(what):
        return what(inv)
    return outcome(inv.apply, what)


def checks(inv: live.Inventory) -> list[Any]:
    """What orders would meet."""
    found = []
    for name in TRADED[::3]:
        for lots in (-30, 30):
            quantity = round(lots * LOTS.get(name, 1.0), 9)
            asked = outcome(inv.check_order, order(name, quantity, 10**6, 1e6))
            value = getattr(asked, "value", 0.0)  # in the order of orders: rounded
            found.append((*([asked] if isinstance(asked, str) else [asked.outcome, asked.node]),
                          pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True)))  # fmt: skip
    return found


def frozen(inv: live.Inventory) -> list[bool]:
    frames = [(keys, inv.net(*keys).to_dict()) for keys in inv.dimensions]
    return [
        inv.node(**dict(zip(keys, row, strict=True))).frozen
        for keys, frame in frames
        for row in zip(*(frame[key] for key in keys), strict=True)
    ]


# ---- as if it had never stopped ----


@pytest.mark.parametrize("betas", [None, BETAS], ids=["plain", "betas"])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(happenings(), max_size=60), st.data())
def test_what_is_restored_goes_on_as_the_original(betas: Any, day: list[Any], data: Any) -> None:
    inv, stop = limited(betas=betas), data.draw(st.integers(0, len(day)))
    taken: list[live.Event] = []
    again = inv
    for number, what in enumerate([*day, None]):
        if number == stop:
            again = live.Inventory.restore(inv.image())
            inv.rebuild()
            assert parts(again) == parts(inv)
            assert state(again) == state(inv)
        if what is None:
            break
        event = happening(what, number, taken)
        answers = [take(each, event) for each in {id(inv): inv, id(again): again}.values()]
        assert answers[0] == answers[-1]
        if answers[0] is True:
            taken.append(event)  # type: ignore[arg-type]
        if number >= stop:
            assert state(again) == state(inv)
            assert frozen(again) == frozen(inv)
    assert parts(again) == parts(inv)
    assert checks(again) == checks(inv)
    assert repr(again.take_limit_changes().to_dict()) == repr(inv.take_limit_changes().to_dict())
    for event in taken:  # what was counted is passed over, or refused for the same reason
        assert outcome(again.apply, event) == outcome(inv.apply, event)
    again.rebuild()
    inv.rebuild()
    assert parts(again) == parts(inv)


def test_all_that_is_asked_is_as_it_was() -> None:
    inv = busy()
    again = live.Inventory.restore(inv.image())
    inv.rebuild()
    assert state(again) == state(inv)
    assert (again.labels, again.tags, again.dimensions) == (inv.labels, inv.tags, inv.dimensions)
    assert again._core.setup == inv._core.setup
    assert again._core.instruments == inv._core.instruments
    assert again._core.owners == inv._core.owners
    assert again._core.given_market == inv._core.given_market
    assert repr(again.limits().to_dict()) == repr(inv.limits().to_dict())
    assert again.market() == inv.market()
    assert again.book() == inv.book()
    for keys in inv.dimensions:
        assert repr(again.net(*keys).to_dict()) == repr(inv.net(*keys).to_dict())


def test_averages_of_settlement_windows_go_on() -> None:
    inv = inventory(windowed(market(), EXPIRIES[1]))
    inv.apply(fill(CALL, 2.0, 0.05))
    begin = END - 1_500.0  # five minutes into the window
    inv.apply(live.Tick(time=after(begin), underlying="BTC", spot=91e3))
    again = live.Inventory.restore(inv.image())
    for number, spot in enumerate((92e3, 90.5e3, 93e3)):
        for each in (inv, again):
            seconds = begin + 300.0 * (number + 1)
            each.apply(live.Tick(time=after(seconds), underlying="BTC", spot=spot))
            each.apply(live.Clock(time=after(seconds + 60.0)))
        assert again.market() == inv.market()
        (window,) = again.market().market("BTC").settlement_windows
        assert window.average is not None
    inv.rebuild()
    again.rebuild()
    assert state(again) == state(inv)


def test_limits_set_once_more_stay_as_they_were() -> None:
    inv = limited()
    inv.apply(fill(CALL, 3.0, 0.05))
    inv.apply(fill(CALL, -1.0, 0.05))
    inv.rebuild()
    levels = repr(dict(inv.limits().to_dict()))
    again = live.Inventory.restore(inv.image())
    for each in (inv, again):
        assert each.set_limit("margin", (), hard=1e3, hysteresis=100.0) == 2
        assert each.set_limit("margin", (), hard=1e3) == 3
        assert each.set_protection(("underlying",), window=200.0, freeze=300.0, quantity=20.0) == 0
        frame = each.limits()
        assert repr({k: v[:-1] for k, v in frame.to_dict().items()}) == levels
        assert frame.to_dict()["measure"][-1] == "margin"


def test_an_inventory_is_pickled_and_copied() -> None:
    inv = busy()
    for again in (pickle.loads(pickle.dumps(inv)), copy.deepcopy(inv)):
        assert parts(again) == parts(live.Inventory.restore(inv.image()))
    core = pickle.loads(pickle.dumps(inv._core))
    assert core.instruments == inv._core.instruments
    assert core.now == inv.now


def test_fills_are_found_where_they_were() -> None:
    first = fill(CALL, 2.0, 0.05, trade_id="1")
    known = {("x", "1"): first}
    inv = inventory(find_fill=lambda *key: known.get(key))
    inv.apply(first)
    image = inv.image()
    with pytest.raises(hr.InvalidInput, match="find_fill = None: must be given"):
        live.Inventory.restore(image)
    again = live.Inventory.restore(image, find_fill=lambda *key: known.get(key))
    assert again.apply(live.Bust(time=AS_OF, venue="x", trade_id="1"))
    kept = inventory()
    kept.apply(first)
    correction = {"time": AS_OF, "venue": "x", "trade_id": "1", "price": 0.04, "fee": 0.0}
    kept.apply(live.Correction(**correction, quantity=4.0))
    kept = live.Inventory.restore(kept.image())
    assert kept.positions().to_dict()["quantity"] == [4.0]
    assert kept.apply(live.Bust(time=AS_OF, venue="x", trade_id="1"))
    assert kept.positions().to_dict()["quantity"] == [0.0]


# ---- damage ----


def busy() -> live.Inventory:
    """An inventory with something of everything."""
    chance, inv = random.Random(1), limited(betas=BETAS)
    taken: list[live.Event] = []
    kinds = ["step"] * 5 + ["place"] * 3 + ["amend", "cancel", "end", *MORE]
    for number in range(150):
        lots = chance.choice([*range(-9, 0), *range(1, 10)])
        place = (chance.choice("ab"), chance.choice("xy"), chance.choice(["", "mm"]))
        step = chance.choice(["fill"] * 6 + ["tick", "pay", "fund", "transfer", "clock"])
        parts = (step, chance.choice(TRADED), lots, chance.uniform(0.7, 1.4), place)
        event = happening((chance.choice(kinds), parts), number, taken)
        if take(inv, event) is True:
            taken.append(event)  # type: ignore[arg-type]
    assert inv.live_orders > 3
    return inv


@pytest.fixture(scope="module")
def whole() -> tuple[bytes, hr.Snapshot]:
    """An image of the core, and its market."""
    core = busy()._core
    return core.image(), core.given_market


def test_an_image_is_what_it_says(whole: tuple[bytes, hr.Snapshot]) -> None:
    image, market = whole
    assert sealed(image[HEADER:]) == image
    assert int.from_bytes(image[24:32], "little") == checksum(image[HEADER:])
    assert _core.Inventory.restore(image, market).now == busy().now


@pytest.mark.parametrize("turns", [400, pytest.param(3_000, marks=pytest.mark.slow)])
def test_a_damaged_image_is_refused(whole: tuple[bytes, hr.Snapshot], turns: int) -> None:
    image, market = whole
    chance = random.Random(2)
    for _ in range(turns):
        damaged = bytearray(image)
        damaged[chance.randrange(len(image))] ^= 1 << chance.randrange(8)
        cut = bytes(damaged[: chance.randrange(len(image))])
        for wrong in (bytes(damaged), cut, image[: len(cut)], image + cut[:1] + b"\0"):
            with pytest.raises(hr.InvalidInput, match="image"):
                _core.Inventory.restore(wrong, market)


@pytest.mark.parametrize("turns", [1_500, pytest.param(15_000, marks=pytest.mark.slow)])
def test_no_image_breaks_what_reads_it(whole: tuple[bytes, hr.Snapshot], turns: int) -> None:
    """With the checksum of what is there: any content is refused or makes an inventory."""
    image, market = whole
    chance = random.Random(3)
    words = [0, 1, 2, 255, 2**31, 2**32 - 1, 2**52, 2**53 + 1, 2**62, 2**63, 2**64 - 1]
    refused = 0
    for _ in range(turns):
        content = bytearray(image[HEADER:])
        for _ in range(chance.choice([1, 1, 2, 5])):
            at = chance.randrange(len(content) - 8)
            if chance.random() < 0.5:
                content[at] ^= 1 << chance.randrange(8)
            else:
                content[at : at + 8] = chance.choice(words).to_bytes(8, "little")
        if chance.random() < 0.2:
            del content[chance.randrange(len(content)) :]
        try:
            core = _core.Inventory.restore(sealed(bytes(content)), market)
        except hr.InvalidInput:
            refused += 1
            continue
        with suppress(UnicodeDecodeError):  # of names that are no text
            for dimension in range(len(core.setup[1])):
                core.nodes(dimension)
        core.positions()
        core.take_changes()
        core.rebuild()
    assert turns / 4 < refused < turns


def test_an_image_of_another_version_is_refused(whole: tuple[bytes, hr.Snapshot]) -> None:
    image, market = whole
    later = image[:8] + (2).to_bytes(8, "little") + image[16:]
    with pytest.raises(hr.InvalidInput, match="image = of version 2: must be of version 1"):
        _core.Inventory.restore(later, market)
    with pytest.raises(hr.InvalidInput, match="must be an image of an inventory"):
        _core.Inventory.restore(b"SQLite format 3\0" * 9, market)
    with pytest.raises(hr.InvalidInput, match="must be an image, whole"):
        _core.Inventory.restore(b"", market)


@pytest.mark.parametrize("other", [market_at(1.0), market_at(0.0, 9.1e4)], ids=["later", "spot"])
def test_an_image_wants_its_own_market(other: hr.Snapshot) -> None:
    inv = inventory()
    inv.apply(live.Tick(time=AS_OF, underlying="BTC", spot=1e5))
    with pytest.raises(hr.InvalidInput, match=r"market = .*: must be the image's"):
        _core.Inventory.restore(inv._core.image(), other)


def test_a_damaged_state_is_refused() -> None:
    image = busy().image()
    chance = random.Random(4)
    for _ in range(300):
        damaged = bytearray(image)
        damaged[chance.randrange(len(image))] ^= 1 << chance.randrange(8)
        for wrong in (bytes(damaged), image[: chance.randrange(len(image))]):
            with pytest.raises(hr.InvalidInput, match="image"):
                live.Inventory.restore(wrong)


# ---- old ones ----

OLD = Path(__file__).with_name("inventory_image_1.bin")


def test_an_old_image_is_still_read() -> None:
    """The fingerprints of events are in it too: what was counted then is known today."""
    inv = first_image()
    again = live.Inventory.restore(OLD.read_bytes())
    inv.rebuild()
    for keys in inv.dimensions:  # the image's options were priced on the instruction set of its day
        there, here = (as_rows(one.net(*keys), keys) for one in (again, inv))
        assert list(there) == list(here)
        for name, row in here.items():
            assert there[name] == pytest.approx(row, rel=1e-12), (keys, name)
    there, here = state(again), state(inv)
    del there["nodes"], here["nodes"]
    assert there == here
    text, core, events = map(list, zip(parts(again), parts(inv), strict=True))
    assert text[0] == text[1]
    assert events[0] == events[1]
    if hr.build_config()["isa"] != "baseline":  # that of the image had fused multiply-adds
        assert core[0] == core[1]
    for event in FIRST:
        assert not again.apply(event)


FIRST: list[live.Event] = [
    fill(CALL, 2.0, 0.05, 1.0, trade_id="BTC-1", fee=0.001, fee_currency="EUR"),
    fill(CALL, -0.5, 0.06, 2.0, trade_id="BTC-2"),
    fill(PUT, -1.0, 0.06, 3.0, trade_id="0x1f", venue="y", account="b"),
    order(CALL, 3.0, 1, 4.0),
    live.CashMovement(
        time=after(5.0), venue="x", event_id="1", account="a", currency="USD", amount=1e3,
        reason=live.CashReason.DEPOSIT,
    ),
]  # fmt: skip


def first_image() -> live.Inventory:
    """What the old image is of."""
    inv = limited()
    for event in FIRST:
        assert inv.apply(event)
    inv.apply(live.Tick(time=after(6.0), underlying="BTC", spot=91_000.0))
    return inv
