"""What a book gains and can lose, and whether its account lives through it."""

from hedgerow.risk import margin_rules
from hedgerow.risk.attribution import Attribution, attribute
from hedgerow.risk.explain import (
    SECOND_ORDER_TERMS,
    TAYLOR_TERMS,
    Explanation,
    explain,
    explain_path,
)
from hedgerow.risk.ladder import Ladder, ladder
from hedgerow.risk.liquidation import (
    Diffusion,
    LiquidationProbability,
    liquidation_probability,
)
from hedgerow.risk.margin import Margin, MarginAccount, StrategyMargin, margin, scan_risk
from hedgerow.risk.revaluation import Revaluation, revalue
from hedgerow.risk.solvency import (
    UNIMMR_LEVELS,
    Account,
    Direction,
    Equities,
    Solvency,
    equities,
    solvency,
    stress_directions,
)

__all__ = [
    "SECOND_ORDER_TERMS",
    "TAYLOR_TERMS",
    "UNIMMR_LEVELS",
    "Account",
    "Attribution",
    "Diffusion",
    "Direction",
    "Equities",
    "Explanation",
    "Ladder",
    "LiquidationProbability",
    "Margin",
    "MarginAccount",
    "Revaluation",
    "Solvency",
    "StrategyMargin",
    "attribute",
    "equities",
    "explain",
    "explain_path",
    "ladder",
    "liquidation_probability",
    "margin",
    "margin_rules",
    "revalue",
    "scan_risk",
    "solvency",
    "stress_directions",
]
