"""The forward price and the discount factor of one expiry, from put-call parity."""

from __future__ import annotations

from dataclasses import dataclass

from hedgerow._core import ParityOutcome, implied_forward, implied_forward_inverse
from hedgerow.calibrate.chain import Chain, Side
from hedgerow.calibrate.quotes import Numbers

#: A discount factor says nothing about an interest rate that it knows less well than this, per
#: year: the neighbouring expiries know it better.
LARGEST_RATE_ERROR = 0.01


@dataclass(frozen=True)
class Parity:
    """What put-call parity says of one expiry.

    `outcome` is the core's; without convergence forward and discount are NaN. `residual` is the
    weighted root mean square of what parity leaves over, in the options' currency. `used` and
    `outliers` are strikes.
    """

    outcome: ParityOutcome
    forward: float
    forward_error: float
    discount: float
    discount_error: float
    residual: float
    used: Numbers
    outliers: Numbers
    from_marks: bool = False

    @property
    def converged(self) -> bool:
        """Whether there is a forward."""
        return self.outcome is ParityOutcome.CONVERGED


def parity(chain: Chain, discount: float | None) -> Parity:
    """Fits put-call parity to a chain, through its two-sided quotes or, without any, its marks.

    :param discount: the factor of the options' own currency; None fits it beside the forward.
    """
    result = _fit(chain, chain.call, chain.put, discount, from_marks=False)
    if result.outcome is ParityOutcome.TOO_FEW_QUOTES:
        call, put = _locked(chain.call), _locked(chain.put)
        by_marks = _fit(chain, call, put, discount, from_marks=True)
        if by_marks.converged:
            return by_marks
    return result


def identifies_rate(chain: Chain, result: Parity) -> bool:
    """Whether a fitted discount factor says something about the interest rate to this expiry."""
    return result.converged and result.discount_error <= LARGEST_RATE_ERROR * chain.time


def _fit(chain: Chain, call: Side, put: Side, discount: float | None, from_marks: bool) -> Parity:
    imply = implied_forward_inverse if chain.coin_settled else implied_forward
    fit = imply(chain.strikes, call.bid, call.ask, put.bid, put.ask, discount=discount)
    return Parity(
        outcome=fit.outcome,
        forward=fit.forward,
        forward_error=fit.forward_error,
        discount=fit.discount,
        discount_error=fit.discount_error,
        residual=fit.residual,
        used=chain.strikes[fit.used],
        outliers=chain.strikes[fit.outliers],
        from_marks=from_marks,
    )


def _locked(side: Side) -> Side:
    """The marks as quotes without a spread: parity then weights all strikes alike."""
    return Side(side.mark, side.mark, side.mark, side.stale)


def why_no_rate(chain: Chain, result: Parity) -> str:
    """Why a fit does not identify the interest rate, in words."""
    if result.converged:
        return f"parity knows the rate to +/- {result.discount_error / chain.time:.2g} only"
    return "parity: " + result.outcome.name.lower().replace("_", " ")
