"""Ladders revalue what is alive; what has expired is decided."""

from __future__ import annotations

import numpy as np

from hedgerow import Book, ForwardCurve, Option, Snapshot, UnderlyingMarket, ladder, value

AS_OF = "2021-01-04T21:00Z"


def test_expired_positions_do_not_move_with_the_spot():
    market = UnderlyingMarket(
        underlying="SPX", quote_currency="USD", forwards=ForwardCurve(as_of=AS_OF, spot=3700.0)
    )
    snapshot = Snapshot(as_of=AS_OF, markets=[market])
    book = Book.from_columns([Option("SPX", "2021-01-04T14:30Z", 3500, "C")], [10.0], [150.0])
    assert value(book, snapshot).total()["value"] == 2000.0
    assert not np.any(ladder(book, snapshot).pnl)
