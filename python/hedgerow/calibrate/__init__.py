"""From quotes to models: `quotes -> Snapshot`, with a report of how each number came about."""

from hedgerow._core import Loss
from hedgerow.calibrate.calibration import calibrate
from hedgerow.calibrate.fit_report import FitReport, SliceFit, UnderlyingFit
from hedgerow.calibrate.forwards import Parity
from hedgerow.calibrate.fx import FxExpiryReport, FxQuote, FxReport, fx_market
from hedgerow.calibrate.model import FitOutcome, InForce, Model
from hedgerow.calibrate.observations import Observations
from hedgerow.calibrate.quotes import Quotes
from hedgerow.calibrate.recalibration import Drift, Recalibration
from hedgerow.calibrate.report import ExpiryReport, MarketReport, UnderlyingReport
from hedgerow.calibrate.smile import QuotedSmile
from hedgerow.calibrate.snapshot import market

__all__ = [
    "Drift",
    "ExpiryReport",
    "FitOutcome",
    "FitReport",
    "FxExpiryReport",
    "FxQuote",
    "FxReport",
    "InForce",
    "Loss",
    "MarketReport",
    "Model",
    "Observations",
    "Parity",
    "QuotedSmile",
    "Quotes",
    "Recalibration",
    "SliceFit",
    "UnderlyingFit",
    "UnderlyingReport",
    "calibrate",
    "fx_market",
    "market",
]
