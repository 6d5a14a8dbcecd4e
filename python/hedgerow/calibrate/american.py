"""American options in a chain: what early exercise is worth, taken out of their quotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgerow import american, kernels
from hedgerow._core import ParityOutcome, Right
from hedgerow.calibrate.chain import Chain, Side
from hedgerow.calibrate.forwards import Parity, by_quotes_or_marks, fit
from hedgerow.calibrate.quotes import Numbers
from hedgerow.calibrate.rows import Rows

#: A call and a put are near the money within this many standard deviations of the forward's
#: logarithm: farther out most of the dearer one's price is exercise value.
NEAR = 1.0
#: With fewer pairs than this so near, the nearest ones count.
LEAST_PAIRS = 5
#: The forward has settled where parity moves it by no more than this part of its standard error,
_OF_ERROR = 1e-2
#: or of itself, where quotes agree to all digits.
_OF_FORWARD = 1e-10
_MOST_ITERATIONS = 20
#: Of what parity makes of a forward, the slope that is believed: near the money it is some 0.1.
_STEEPEST = 0.9
#: The change of a volatility, relative, by which American prices are compared with European ones.
_CHANGE = 1e-3
#: A straddle at the forward is worth this part of it per unit of standard deviation.
_STRADDLE = np.sqrt(2 / np.pi)

Rights = npt.NDArray[np.int64]
_RIGHTS: Rights = np.array([[int(Right.CALL)], [int(Right.PUT)]])


@dataclass(frozen=True, eq=False)
class EarlyExercise:
    """Black, Scholes and Merton's model of American options, a number or column of each term.

    Rate and carry are constant to each expiry: those of the discount factor, and of the forward
    over the spot.
    """

    spot: Numbers | float
    forward: Numbers | float
    strikes: Numbers
    time: Numbers | float
    discount: Numbers | float

    def exercise_value(self, right: Right) -> Numbers:
        """What the calls, or the puts, pay today."""
        return np.maximum(int(right) * (self.spot - self.strikes), 0.0)

    def implied_volatility(self, right: Rights, price: Numbers) -> Numbers:
        """The volatilities of prices, NaN where there is none."""
        found: Numbers = american.implied_volatility(*self._terms(right, price))
        return found

    def status(self, right: Rights, price: Numbers) -> npt.NDArray[np.uint8]:
        """Why there is a volatility or not, as Status codes."""
        return american.implied_volatility_status(*self._terms(right, price))

    def price(self, right: Rights, volatility: Numbers) -> Numbers:
        """American prices."""
        terms = (right, self.spot, self.strikes, self.time, volatility, self._rate, self._carry)
        price: Numbers = american.price(*terms)
        return price

    def european_price(self, right: Rights, volatility: Numbers) -> Numbers:
        """Prices of options that differ in their exercise alone."""
        terms = (right, self.forward, self.strikes, self.time, volatility, self.discount)
        price: Numbers = kernels.black_price(*terms)
        return price

    def _terms(self, right: Rights, price: Numbers) -> tuple[Any, ...]:
        return right, price, self.spot, self.strikes, self.time, self._rate, self._carry

    @property
    def _rate(self) -> Numbers:
        return -np.log(self.discount) / self.time

    @property
    def _carry(self) -> Numbers:
        return np.log(self.forward / self.spot) / self.time


def early_exercise(
    chains: Sequence[Chain], forwards: Sequence[float], discounts: Sequence[float]
) -> tuple[Rows, EarlyExercise] | None:
    """Which strikes of all chains, one after the other, are of American options, and their model.

    None where no chain is of such options.
    """
    if not any(chain.is_american for chain in chains):
        return None
    lengths = [len(chain.strikes) for chain in chains]
    rows = np.flatnonzero(np.repeat([chain.is_american for chain in chains], lengths))

    def column(values: Sequence[float]) -> Numbers:
        return np.repeat(values, lengths)[rows]

    return rows, EarlyExercise(
        spot=column([np.nan if chain.spot is None else chain.spot for chain in chains]),
        forward=column(forwards),
        strikes=np.concatenate([chain.strikes for chain in chains])[rows],
        time=column([chain.time for chain in chains]),
        discount=column(discounts),
    )


def american_parity(chain: Chain, spot: float | None, discount: float) -> Parity:
    """The forward of American options, through their two-sided quotes or, without any, their marks.

    Of American prices put-call parity is an inequality only. But at the right forward the call and
    the put of a strike imply one volatility, and the European prices at their volatilities obey
    parity. So the forward is where reading volatilities and fitting parity to their European prices
    lead back to it, over the pairs near the money, each weighted by its spreads as a European
    price, outliers set aside. The standard error is that of the fit, times what the forward's own
    part in the volatilities makes of it.

    :param spot: what the options are on; None for the forward itself, without a carry.
    :param discount: the factor to the expiry: early exercise has to be known for parity to tell it.
    """
    return by_quotes_or_marks(chain, lambda call, put: _fit(chain, spot, call, put, discount))


def _fit(chain: Chain, spot: float | None, call: Side, put: Side, discount: float) -> Parity:
    """Solves forward = parity(forward) by secants, from the forward of European parity."""
    start = fit(chain.strikes, call, put, discount)
    if not start.converged:
        return start
    pairs = _Pairs.near(chain, spot, call, put, start.forward, discount)
    before, forward = start.forward, start.forward
    last, slope = np.nan, 0.0  # the slope of what parity makes of a forward
    for _ in range(_MOST_ITERATIONS):
        result = pairs.parity(forward)
        if not result.converged:
            return result
        distance = result.forward - forward
        if forward != before:
            slope = min(1 + (distance - last) / (forward - before), _STEEPEST)
        if abs(distance) <= max(_OF_ERROR * result.forward_error, _OF_FORWARD * forward):
            return replace(result, forward_error=result.forward_error / abs(1 - slope))
        before, last = forward, distance
        forward += distance / (1 - slope)
    return replace(result, outcome=ParityOutcome.NOT_CONVERGED, forward=np.nan)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Calls and puts, the calls' row first, of one expiry's strikes near the money.

    Without a `spot` they are on the forward.
    """

    spot: float | None
    time: float
    discount: float
    strikes: Numbers
    middles: Numbers
    half_spreads: Numbers

    @classmethod
    def near(
        cls,
        chain: Chain,
        spot: float | None,
        call: Side,
        put: Side,
        forward: float,
        discount: float,
    ) -> _Pairs:
        """Those of two-sided quotes that are near a forward."""
        paired = np.flatnonzero(call.two_sided & put.two_sided)
        distance = np.abs(np.log(chain.strikes[paired] / forward))
        nearest = np.argsort(distance, kind="stable")
        straddles = (call.mid + put.mid)[paired[nearest[:LEAST_PAIRS]]]
        deviation = np.median(straddles) / (_STRADDLE * forward * discount)
        count = max(np.count_nonzero(distance <= NEAR * deviation), LEAST_PAIRS)
        rows = np.sort(paired[nearest[:count]])
        middles = np.stack([call.mid[rows], put.mid[rows]])
        half_spreads = 0.5 * np.stack([(side.ask - side.bid)[rows] for side in (call, put)])
        return cls(spot, chain.time, discount, chain.strikes[rows], middles, half_spreads)

    def parity(self, forward: float) -> Parity:
        """Parity of the European prices at the volatilities that a forward implies."""
        spot = self.spot or forward
        model = EarlyExercise(spot, forward, self.strikes, self.time, self.discount)
        volatility = model.implied_volatility(_RIGHTS, self.middles)
        middles = model.european_price(_RIGHTS, volatility)
        # A spread is as wide in volatility: nearly exercised options say little, and weigh little.
        changed = (1 + _CHANGE) * volatility
        european = model.european_price(_RIGHTS, changed) - middles
        half_spreads = self.half_spreads * european / (model.price(_RIGHTS, changed) - self.middles)
        never = np.zeros(len(self.strikes), dtype=bool)
        call, put = (
            Side(bid=middle - half, ask=middle + half, mark=middle, stale=never)
            for middle, half in zip(middles, half_spreads, strict=True)
        )
        return fit(self.strikes, call, put, self.discount)
