"""Positions, their algebra, and what they are worth."""

from hedgerow.portfolio.book import Book, Position
from hedgerow.portfolio.exposures import Exposures
from hedgerow.portfolio.fold import Fold
from hedgerow.portfolio.frame import Frame
from hedgerow.portfolio.valuation import Valuation, value

__all__ = ["Book", "Exposures", "Fold", "Frame", "Position", "Valuation", "value"]
