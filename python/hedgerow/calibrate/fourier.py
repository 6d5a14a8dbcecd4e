"""Models by their characteristic functions through the quotes of all expiries at once, and the
smiles that they imply.
"""  # noqa: D205

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hedgerow import bates, black, heston, kou, merton, normal_inverse_gaussian, variance_gamma
from hedgerow._core import LeastSquaresOutcome, Smile
from hedgerow.calibrate.fitted import FitOptions, Fits, Fitted, Starts
from hedgerow.calibrate.model import FitOutcome, Model
from hedgerow.calibrate.observations import Observations
from hedgerow.calibrate.quotes import Numbers
from hedgerow.fourier import StripModel

#: Nodes of the spline that stands for the model between strikes, to within 2e-6 of volatility
#: between quotes up to two deviations out, 4e-6 in variance gamma, whose density is less smooth
#: (tests/calibrate/test_calibrate.py),
NODES = 97
#: which goes so many standard deviations beyond the outermost quotes,
BEYOND = 1.0
#: but not to where an option is worth less than this part of the forward: prices are right to 1e-10
#: of it, and what is left of the volatility there is not.
LEAST_PRICE = 1e-6

_OUTCOMES = {
    LeastSquaresOutcome.CONVERGED: FitOutcome.CONVERGED,
    LeastSquaresOutcome.NOT_CONVERGED: FitOutcome.NOT_CONVERGED,
}


#: Jumps that the quotes hardly determine are found slowly.
MOST_ITERATIONS = 400

#: The models, and the names of their parameters.
MODELS: Mapping[Model, tuple[StripModel[Any, Any], tuple[str, ...]]] = {
    Model.HESTON: (heston.MODEL, heston.Parameters._fields),
    Model.BATES: (bates.MODEL, bates.Parameters._fields),
    Model.MERTON: (merton.MODEL, merton.Parameters._fields),
    Model.KOU: (kou.MODEL, kou.Parameters._fields),
    Model.VARIANCE_GAMMA: (variance_gamma.MODEL, variance_gamma.Parameters._fields),
    Model.NORMAL_INVERSE_GAUSSIAN: (
        normal_inverse_gaussian.MODEL,
        normal_inverse_gaussian.Parameters._fields,
    ),
}


def fit_fourier(
    model: Model, quotes: Sequence[Observations], options: FitOptions, starts: Starts
) -> Fits:
    """Fits the parameters to the quotes of all expiries; residuals count in half-spreads."""
    pricer, names = MODELS[model]
    if sum(map(len, quotes)) < len(names):
        return [Fitted(FitOutcome.TOO_FEW_QUOTES) for _ in quotes], {}
    forward, strike, time, volatility, half_spread = (
        np.concatenate(columns)
        for columns in zip(*(_columns(seen) for seen in quotes), strict=True)
    )
    right = np.where(strike >= forward, 1.0, -1.0)
    price = black.price(right, forward, strike, time, volatility, 1.0)
    vega = black.vega(right, forward, strike, time, volatility, 1.0)
    # A quote so far out that it has no vega says nothing of the volatility.
    weight = 1.0 / (half_spread * np.maximum(vega, 1e-6 * forward))
    start = _start(starts.shared, names)
    found = pricer.fit(
        right,
        forward,
        strike,
        time,
        1.0,
        price,
        weight=weight,
        start=start,
        most_iterations=MOST_ITERATIONS,
    )
    outcome = _OUTCOMES.get(found.outcome, FitOutcome.FAILED)
    parameters = found.parameters._asdict()
    scale = np.sqrt(found.cost / max(len(price) - len(parameters), 1))
    errors = {name: scale * x for name, x in found.standard_errors._asdict().items()}
    fitted = []
    for seen in quotes:
        smile = None if outcome is FitOutcome.FAILED else _smile(pricer, seen, parameters)
        fitted.append(
            Fitted(
                outcome,
                smile=smile,
                parameters=parameters,
                standard_errors=errors,
                iterations=found.iterations,
                problems=() if smile else ("the model has no volatilities near these quotes",),
            ).judged(seen)
        )
    return fitted, parameters


def _columns(seen: Observations) -> tuple[Numbers, ...]:
    alike = np.ones(len(seen))
    return (
        alike * seen.forward,
        seen.strikes,
        alike * seen.time,
        seen.volatilities,
        seen.half_spreads,
    )


def _start(shared: Mapping[str, float], names: Sequence[str]) -> Mapping[str, float] | None:
    """The last parameters, where they are the model's."""
    known = set(shared) == set(names) and all(map(np.isfinite, shared.values()))
    return dict(shared) if known else None


def _smile(
    pricer: StripModel[Any, Any], seen: Observations, parameters: Mapping[str, float]
) -> Smile | None:
    """The model's volatilities as a spline; None where it has not even two of them."""
    moneyness = seen.log_moneyness
    nearest = int(np.argmin(np.abs(moneyness)))
    deviation = float(seen.volatilities[nearest] * np.sqrt(seen.time))
    low = min(float(moneyness[0]), 0.0) - BEYOND * deviation
    high = max(float(moneyness[-1]), 0.0) + BEYOND * deviation
    strikes = seen.forward * np.exp(np.linspace(low, high, NODES))
    right = np.where(strikes >= seen.forward, 1.0, -1.0)
    price = pricer.price(right, seen.forward, strikes, seen.time, 1.0, **parameters)
    volatility = black.implied_volatility(right, price, seen.forward, strikes, seen.time, 1.0)
    usable = np.isfinite(volatility) & (price > LEAST_PRICE * seen.forward)
    if usable.sum() < 2:
        return None
    return Smile.spline(
        expiry=seen.expiry, strikes=strikes[usable], volatilities=volatility[usable]
    )
