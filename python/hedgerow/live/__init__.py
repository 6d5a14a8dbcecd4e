"""What happens to an inventory, and the journal that loses none of it."""

from hedgerow.errors import JournalError, JournalFault
from hedgerow.live.engine import Engine
from hedgerow.live.events import (
    Bust,
    CashMovement,
    CashReason,
    Clock,
    Correction,
    Event,
    Exercise,
    Fill,
    Funding,
    Identity,
    Listing,
    MarketUpdate,
    OrderAmended,
    OrderCancelled,
    OrderPlaced,
    Settlement,
    Tick,
    Transfer,
    identity,
)
from hedgerow.live.inventory import Inventory, OrderCheck
from hedgerow.live.journal import Journal
from hedgerow.live.limits import Limit
from hedgerow.live.margin import AccountMargin, MarginWatch, measure_margin
from hedgerow.live.replay import MakerDay, maker_events, read_day
from hedgerow.live.session import Session, run_session
from hedgerow.live.store import Durability
from hedgerow.live.wire import decode, encode

__all__ = [
    "AccountMargin",
    "Bust",
    "CashMovement",
    "CashReason",
    "Clock",
    "Correction",
    "Durability",
    "Engine",
    "Event",
    "Exercise",
    "Fill",
    "Funding",
    "Identity",
    "Inventory",
    "Journal",
    "JournalError",
    "JournalFault",
    "Limit",
    "Listing",
    "MakerDay",
    "MarginWatch",
    "MarketUpdate",
    "OrderAmended",
    "OrderCancelled",
    "OrderCheck",
    "OrderPlaced",
    "Session",
    "Settlement",
    "Tick",
    "Transfer",
    "decode",
    "encode",
    "identity",
    "maker_events",
    "measure_margin",
    "read_day",
    "run_session",
]
