"""What a book gains and can lose."""

from hedgerow.risk.attribution import Attribution, attribute
from hedgerow.risk.explain import (
    SECOND_ORDER_TERMS,
    TAYLOR_TERMS,
    Explanation,
    explain,
    explain_path,
)
from hedgerow.risk.ladder import Ladder, ladder
from hedgerow.risk.revaluation import Revaluation, revalue

__all__ = [
    "SECOND_ORDER_TERMS",
    "TAYLOR_TERMS",
    "Attribution",
    "Explanation",
    "Ladder",
    "Revaluation",
    "attribute",
    "explain",
    "explain_path",
    "ladder",
    "revalue",
]
