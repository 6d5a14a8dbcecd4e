"""Foreign exchange: deltas and strikes in the market's conventions, smiles from its quotes.

The spot is domestic per unit of foreign currency, calls are on foreign currency, deltas per unit of
foreign notional. `right` is +1 for a call and -1 for a put (hedgerow.Right); puts have negative
deltas. Arguments broadcast; volatilities are decimals per root year.

A delta is in one of four conventions, FxDelta: of spot or forward, premium-adjusted or not. At the
money is FORWARD, SPOT or DELTA_NEUTRAL, FxAtTheMoney. A quoted butterfly is that of a strangle on
the SMILE or of a MARKET strangle, FxStrangle.

Domain: strikes and volatilities positive; NaN elsewhere. Measured error: deltas 1e-14 (1 + d1^2),
relative; strikes give back their delta to 5e-15 (1 + d1^2 + 1 / (volatility sqrt(time))), which is
what a strike rounded to a float determines.

Source: D. Reiswich and U. Wystup 2010, "FX volatility smile construction"; I. Clark 2011, "Foreign
Exchange Option Pricing", ch. 3; A. Castagna and F. Mercurio 2007, "The vanna-volga method for
implied volatilities".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy.typing as npt

from hedgerow import _core
from hedgerow._core import (
    FxAtTheMoney,
    FxConventions,
    FxDelta,
    FxExpiry,
    FxInterpolation,
    FxSmile,
    FxSmileFit,
    FxSmileOutcome,
    FxStrangle,
    FxStrikeOutcome,
    FxWing,
)

__all__ = [
    "FxAtTheMoney",
    "FxConventions",
    "FxDelta",
    "FxExpiry",
    "FxInterpolation",
    "FxSmile",
    "FxSmileFit",
    "FxSmileOutcome",
    "FxStrangle",
    "FxStrikeOutcome",
    "FxWing",
    "at_the_money_strike",
    "delta",
    "smile",
    "strike",
    "strike_outcome",
]


def delta(
    convention: FxDelta,
    right: npt.ArrayLike,
    expiry: FxExpiry,
    strikes: npt.ArrayLike,
    volatilities: npt.ArrayLike,
) -> Any:
    """Deltas in a convention: a float, or an array where an argument is one."""
    return _core.fx_delta(convention, right, expiry, strikes, volatilities)


def strike(
    convention: FxDelta,
    right: npt.ArrayLike,
    expiry: FxExpiry,
    deltas: npt.ArrayLike,
    volatilities: npt.ArrayLike,
) -> Any:
    """Strikes of deltas, NaN where there is none; `strike_outcome` says why.

    A premium-adjusted call has a delta at two strikes: it is quoted at the higher one.
    """
    return _core.fx_strike(convention, right, expiry, deltas, volatilities)


def strike_outcome(
    convention: FxDelta,
    right: npt.ArrayLike,
    expiry: FxExpiry,
    deltas: npt.ArrayLike,
    volatilities: npt.ArrayLike,
) -> Any:
    """Whether there are strikes of deltas, as codes of FxStrikeOutcome.

    UNREACHABLE are deltas larger than that of any strike: 1 (a spot delta's foreign discount
    factor), for premium-adjusted calls the largest delta; premium-adjusted puts have no largest.
    """
    return _core.fx_strike_outcome(convention, right, expiry, deltas, volatilities)


def at_the_money_strike(
    convention: FxAtTheMoney, delta: FxDelta, expiry: FxExpiry, volatilities: npt.ArrayLike
) -> Any:
    """Strikes at the money: forward, spot, or where call and put have opposite deltas."""
    return _core.fx_at_the_money_strike(convention, delta, expiry, volatilities)


def smile(
    expiry: FxExpiry,
    at_the_money: float,
    wings: Sequence[FxWing],
    *,
    conventions: FxConventions,
    interpolation: FxInterpolation,
) -> FxSmileFit:
    """The smile through the strikes at the money and at the deltas of one or two wings.

    Wings have the larger delta first. To market strangles the smile is solved for, such that each
    costs on it what it does at its one volatility, to 1e-12 of the forward. `smile` of the answer
    is None unless its outcome is SOLVED. Two wings need SPLINE_IN_DELTA. Raises InvalidInput for
    numbers out of range, and wings out of number or order.
    """
    return _core.fx_smile(expiry, at_the_money, wings, conventions, interpolation)
