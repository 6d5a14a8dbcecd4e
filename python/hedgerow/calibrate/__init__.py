"""From quotes to models: `quotes -> Snapshot`, with a report of how each number came about."""

from hedgerow.calibrate.forwards import Parity
from hedgerow.calibrate.quotes import Quotes
from hedgerow.calibrate.report import ExpiryReport, MarketReport, UnderlyingReport
from hedgerow.calibrate.smile import QuotedSmile
from hedgerow.calibrate.snapshot import market

__all__ = [
    "ExpiryReport",
    "MarketReport",
    "Parity",
    "QuotedSmile",
    "Quotes",
    "UnderlyingReport",
    "market",
]
