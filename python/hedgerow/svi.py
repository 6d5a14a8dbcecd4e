"""SVI: the total implied variance of one expiry as a hyperbola in log-moneyness.

w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)) with k = ln(strike / forward) and
w = volatility^2 time.

`Parameters` (raw), `Natural` and `JumpWings` hold one slice each and turn into each other; raw
slices evaluate arrays of k. `butterfly` and `calendar` are certificates: the signs of polynomials
decide them everywhere, wings included. `fit` finds the slice of an expiry's quotes by weighted
least squares or a robust loss and, where asked (`Constraint.BUTTERFLY`, `earlier`), within what the
certificates allow.

Domain: b >= 0, -1 < rho < 1, sigma > 0, all finite; InvalidInput elsewhere.
Measured error of w: below 4 eps of the terms that it is the sum of.

Source: J. Gatheral and A. Jacquier 2014, "Arbitrage-free SVI volatility surfaces"; the fit starts
as Zeliade Systems 2009, "Quasi-explicit calibration of Gatheral's SVI model".
"""

from __future__ import annotations

from hedgerow import _core
from hedgerow._core import (
    ArbitrageVerdict,
    Loss,
    SliceViolation,
    SmileFitOutcome,
    SmileResidual,
)

Parameters = _core.SviParameters
Natural = _core.SviNatural
JumpWings = _core.SviJumpWings
Butterfly = _core.SviButterfly
Calendar = _core.SviCalendar
Constraint = _core.SliceConstraint
Fit = _core.SviFit
butterfly = _core.svi_butterfly
calendar = _core.svi_calendar
fit = _core.fit_svi

__all__ = [
    "ArbitrageVerdict",
    "Butterfly",
    "Calendar",
    "Constraint",
    "Fit",
    "JumpWings",
    "Loss",
    "Natural",
    "Parameters",
    "SliceViolation",
    "SmileFitOutcome",
    "SmileResidual",
    "butterfly",
    "calendar",
    "fit",
]
