"""The forward price and the discount factor of one expiry, from put-call parity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

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
    return by_quotes_or_marks(
        chain, lambda call, put: fit(chain.strikes, call, put, discount, chain.coin_settled)
    )


def by_quotes_or_marks(chain: Chain, fit_sides: Callable[[Side, Side], Parity]) -> Parity:
    """A fit to the two-sided quotes of a chain or, where there are none, to its marks."""
    result = fit_sides(chain.call, chain.put)
    if result.outcome is ParityOutcome.TOO_FEW_QUOTES:
        by_marks = fit_sides(_locked(chain.call), _locked(chain.put))
        if by_marks.converged:
            return replace(by_marks, from_marks=True)
    return result


def identifies_rate(chain: Chain, result: Parity) -> bool:
    """Whether a fitted discount factor says something about the interest rate to this expiry."""
    return result.converged and result.discount_error <= LARGEST_RATE_ERROR * chain.time


def fit(
    strikes: Numbers, call: Side, put: Side, discount: float | None, coin_settled: bool = False
) -> Parity:
    """Fits put-call parity to the two-sided quotes among calls and puts, a row per strike."""
    imply = implied_forward_inverse if coin_settled else implied_forward
    found = imply(strikes, call.bid, call.ask, put.bid, put.ask, discount=discount)
    return Parity(
        outcome=found.outcome,
        forward=found.forward,
        forward_error=found.forward_error,
        discount=found.discount,
        discount_error=found.discount_error,
        residual=found.residual,
        used=strikes[found.used],
        outliers=strikes[found.outliers],
    )


def _locked(side: Side) -> Side:
    """The marks as quotes without a spread: parity then weights all strikes alike."""
    return Side(side.mark, side.mark, side.mark, side.stale)


def why_no_rate(chain: Chain, result: Parity | None) -> str:
    """Why a chain, or the fit to it, does not identify the interest rate, in words."""
    if result is None:
        return "american options do not tell it" if chain.strikes.size else "no options"
    if result.converged:
        return f"parity knows the rate to +/- {result.discount_error / chain.time:.2g} only"
    return "parity: " + result.outcome.name.lower().replace("_", " ")
