"""What a book can lose."""

from hedgerow.risk.ladder import Ladder, ladder
from hedgerow.risk.revaluation import Revaluation, revalue

__all__ = ["Ladder", "Revaluation", "ladder", "revalue"]
