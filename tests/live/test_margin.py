"""Margins that follow a live inventory are those of its book, and reach its limits."""

import numpy as np
import pytest

import hedgerow as hr
from hedgerow import live

BTC = "examples/data/btc_20260318_quotes.csv"
NAMES = ("BTC-27MAR26-70000-C", "BTC-27MAR26-70000-P", "BTC-24APR26-80000-C", "BTC-PERPETUAL")
RULES = hr.margin_rules.derive


def day(inventory, events=60, seed=5):
    """Fills in two accounts, with ticks between them."""
    random = np.random.default_rng(seed)
    for i in range(events):
        time = inventory.now + np.timedelta64(1, "s")
        if i % 10 == 9:
            yield live.Tick(time=time, underlying="BTC", spot=70_000 * (1 + 0.02 * random.normal()))
            continue
        name = NAMES[random.integers(len(NAMES))]
        yield live.Fill(
            time=time,
            venue="deribit",
            trade_id=str(i),
            account=f"account {i % 2}",
            instrument=name,
            quantity=float(random.integers(1, 9) * random.choice([-1, 1])),
            price=70_100.0 if name == "BTC-PERPETUAL" else 0.03,
            fee=0.0003,
        )


@pytest.fixture
def inventory():
    market = hr.read_quotes(BTC).snapshot()
    listed = {name: hr.parse_deribit(name) for name in NAMES}
    return live.Inventory(market, listed, dimensions=((), ("account",), ("account", "venue")))


def assert_margins_are_of_the_book(watch):
    inventory = watch.inventory
    book, market = inventory.book(), inventory.market()
    for (name,), account in watch.accounts.items():
        expected = hr.margin(book.select(book.tags["account"] == name), market, watch.rules)
        assert account.initial == pytest.approx(expected.initial, rel=1e-9)
        assert account.maintenance == pytest.approx(expected.maintenance, rel=1e-9)
        assert inventory.node(account=name).margin == account.initial
        assert inventory.node(account=name).scenario_loss == account.scan_loss


def test_margins_are_those_of_the_book_after_every_event(inventory):
    watch = live.MarginWatch(inventory, RULES())
    for event in day(inventory):
        assert watch.apply(event)
        assert not watch.apply(event) or isinstance(event, live.Tick)
        assert_margins_are_of_the_book(watch)
    assert set(watch.accounts) == {("account 0",), ("account 1",)}


def test_other_events_are_followed_too(inventory):
    watch = live.MarginWatch(inventory, RULES())
    for event in day(inventory, 20):
        watch.apply(event)
    time = inventory.now
    watch.apply(live.Bust(time=time, venue="deribit", trade_id="3"))
    watch.apply(
        live.CashMovement(
            time=time,
            venue="deribit",
            event_id="1",
            account="account 0",
            currency="BTC",
            amount=5.0,
            reason="deposit",
        )
    )
    assert_margins_are_of_the_book(watch)


def test_a_margin_beyond_its_limit_is_a_breach(inventory):
    watch = live.MarginWatch(inventory, RULES())
    inventory.set_limit("margin", ("account",), hard=1_000.0)
    for event in day(inventory, 8):
        watch.apply(event)
    levels = inventory.limits()
    assert set(levels["measure"]) == {"margin"}
    assert "hard" in set(levels["level"])


def test_the_margin_of_an_order_is_what_its_fill_adds(inventory):
    watch = live.MarginWatch(inventory, RULES())
    for event in day(inventory, 9):
        watch.apply(event)
    order = live.OrderPlaced(
        time=inventory.now,
        venue="deribit",
        order_id="1",
        account="account 0",
        instrument=NAMES[0],
        quantity=-25.0,
        price=0.05,
    )
    account = watch.accounts["account 0",]
    initial, _ = watch.marginal(order)
    account.add(0, -25.0)
    then = account.initial
    account.add(0, 25.0)
    assert initial == pytest.approx(then - account.initial, rel=1e-9)


def test_keys_that_are_no_owners_are_refused(inventory):
    with pytest.raises(hr.InvalidInput, match="owners"):
        live.MarginWatch(inventory, RULES(), ("underlying",))


def test_margins_measured_now_are_those_that_are_watched(inventory):
    watch = live.MarginWatch(inventory, RULES())
    for event in day(inventory, 20):
        watch.apply(event)
    watched = {
        name: (inventory.node(account=name).margin, inventory.node(account=name).scenario_loss)
        for (name,) in watch.accounts
    }
    measured = live.measure_margin(inventory, RULES())
    assert {account.labels for account in measured} == set(watch.accounts)
    for account in measured:
        (name,) = account.labels
        node = inventory.node(account=name)
        assert (node.margin, node.scenario_loss) == (account.found.initial, account.loss)
        assert (node.margin, node.scenario_loss) == pytest.approx(watched[name], rel=1e-9)


def test_everything_can_be_one_account(inventory):
    watch = live.MarginWatch(inventory, RULES(), ())
    for event in day(inventory, 20):
        watch.apply(event)
    expected = hr.margin(inventory.book(), inventory.market(), RULES())
    assert inventory.node().margin == pytest.approx(expected.initial, rel=1e-9)
    (whole,) = live.measure_margin(inventory, RULES(), ())
    assert whole.labels == ()
    assert inventory.node().margin == expected.initial


def test_rules_by_strategy_have_no_scenarios(inventory):
    for event in day(inventory, 9):
        inventory.apply(event)
    for account in live.measure_margin(inventory, hr.margin_rules.reg_t()):
        assert np.isnan(account.loss)
        node = inventory.node(account=account.labels[0])
        assert (node.margin, node.scenario_loss) == (account.found.initial, 0.0)
    with pytest.raises(hr.InvalidInput, match="owners"):
        live.measure_margin(inventory, RULES(), ("underlying",))
