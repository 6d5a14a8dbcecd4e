"""What a book can lose."""

from hedgerow.risk.ladder import Ladder, ladder

__all__ = ["Ladder", "ladder"]
