"""SSVI and eSSVI: surfaces of SVI slices that inequalities keep free of arbitrage.

A slice is w(k) = (theta + rho psi k + sqrt(psi^2 k^2 + 2 rho theta psi k + theta^2)) / 2 with
theta = w(0) and psi = theta phi. In SSVI one rho and one function phi(theta) serve all expiries:
`PowerLaw` or `Heston`. In eSSVI each expiry has its own theta, rho and psi.

`butterfly`, `calendar` and `check` name the first broken condition; the conditions are sufficient,
and `hedgerow.svi` decides for the raw slices. `fit_extended` fits expiry by expiry, `fit_power_law`
and `fit_heston` all expiries at once; what they find is free of arbitrage by construction.

Domain: theta > 0, -1 < rho < 1, psi >= 0, all finite; InvalidInput elsewhere.

Source: J. Gatheral and A. Jacquier 2014, "Arbitrage-free SVI volatility surfaces", section 4;
S. Hendriks and C. Martini 2019, "The extended SSVI volatility surface"; A. Mingone 2022, "No
arbitrage global parametrization for the eSSVI volatility surface".
"""

from __future__ import annotations

from hedgerow import _core
from hedgerow._core import Loss, SmileFitOutcome, SmileQuotes, SmileResidual

Slice = _core.SsviSlice
PowerLaw = _core.SsviPowerLaw
Heston = _core.SsviHeston
Violation = _core.SsviViolation
Check = _core.SsviCheck
SliceFit = _core.EssviSliceFit
PowerLawFit = _core.SsviPowerLawFit
HestonFit = _core.SsviHestonFit
butterfly = _core.ssvi_butterfly
calendar = _core.ssvi_calendar
check = _core.ssvi_check
fit_extended = _core.fit_essvi
fit_power_law = _core.fit_ssvi_power_law
fit_heston = _core.fit_ssvi_heston

__all__ = [
    "Check",
    "Heston",
    "HestonFit",
    "Loss",
    "PowerLaw",
    "PowerLawFit",
    "Slice",
    "SliceFit",
    "SmileFitOutcome",
    "SmileQuotes",
    "SmileResidual",
    "Violation",
    "butterfly",
    "calendar",
    "check",
    "fit_extended",
    "fit_heston",
    "fit_power_law",
]
