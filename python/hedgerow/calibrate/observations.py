"""What a fit sees of the quotes of one expiry: volatilities, and how well each is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hedgerow.calibrate.chain import median
from hedgerow.calibrate.quotes import Numbers
from hedgerow.calibrate.report import ExpiryReport

#: A spread is never believed to be narrower than this part of the smile's median one, so that a
#: single locked quote cannot pin the fit down;
NARROWEST = 0.1
#: nor than this, in volatility: a hundredth of a point.
LEAST_HALF_SPREAD = 1e-4
#: What is assumed of a smile made of marks alone: half a point.
HALF_SPREAD_OF_MARKS = 5e-3


@dataclass(frozen=True, eq=False)
class Observations:
    """The quotes of one expiry that a fit can use, a row per strike.

    `half_spreads`, in volatility, are the unit of the residuals and the square root of the weights'
    reciprocals: the spread in price over vega, which weighs by spread and by vega at once. They are
    never below `NARROWEST` of their median. `bid_volatilities` are NaN where a bid is absent or
    worth less than exercise; then any volatility below the ask lies inside.
    """

    expiry: np.datetime64
    time: float
    forward: float
    strikes: Numbers
    bid_volatilities: Numbers
    volatilities: Numbers
    ask_volatilities: Numbers
    half_spreads: Numbers

    @property
    def log_moneyness(self) -> Numbers:
        """ln(strike / forward)."""
        return np.log(self.strikes / self.forward)

    def __len__(self) -> int:
        return len(self.strikes)


def observations(report: ExpiryReport) -> Observations | None:
    """The usable quotes of an expiry; None where there is no forward or no smile."""
    smile = report.smile
    if smile is None or not smile.strikes.size:
        return None
    bid, ask = smile.bid_volatilities, smile.ask_volatilities
    half = np.where(np.isnan(bid), ask - smile.volatilities, 0.5 * (ask - bid))
    known = ~smile.from_mark & (half > 0)
    spreads = half if known.all() else half[known]
    typical = median(spreads) or HALF_SPREAD_OF_MARKS
    least = max(NARROWEST * typical, LEAST_HALF_SPREAD)
    if spreads is not half:
        # A locked quote is as good as the narrowest one; a mark stands for no more than the widest.
        widest = float(spreads.max()) if spreads.size else HALF_SPREAD_OF_MARKS
        locked = ~smile.from_mark & (ask == bid)
        half = np.where(known, half, np.where(locked, least, widest))
    return Observations(
        expiry=report.expiry,
        time=report.time,
        forward=report.forward,
        strikes=smile.strikes,
        bid_volatilities=bid,
        volatilities=smile.volatilities,
        ask_volatilities=ask,
        half_spreads=np.maximum(half, least),
    )
