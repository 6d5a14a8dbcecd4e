"""The fit of each model to the quotes of one underlying, expiry by expiry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from hedgerow import _core
from hedgerow._core import (
    ArbitrageVerdict,
    LeastSquaresOutcome,
    Loss,
    SabrParameters,
    SliceConstraint,
    Smile,
    SmileFitOutcome,
    SmileQuotes,
    SviButterfly,
    SviParameters,
)
from hedgerow.calibrate.fitted import FitOptions, Fits, Fitted, Starts
from hedgerow.calibrate.fourier import MODELS, fit_fourier
from hedgerow.calibrate.model import FitOutcome, Model
from hedgerow.calibrate.observations import Observations
from hedgerow.calibrate.spline import fit_spline

#: SABR's exponent of the forward: 1, so that parameters do not depend on the unit of the price.
SABR_BETA = 1.0
#: Where SABR's and splines' total variances are compared with those of the expiry before: points
#: between the outermost quotes.
_CALENDAR_POINTS = 65
#: Total variances that differ by less than this part of themselves are equal: prices of a later
#: expiry are quoted to no more digits.
_CALENDAR_ROUNDING = 1e-12

_SVI = ("a", "b", "rho", "m", "sigma")
_SABR = ("alpha", "beta", "rho", "nu")
_SLICE = ("theta", "rho", "psi")
_SURFACE = ("rho", "eta", "gamma")
_OUTCOMES = {
    SmileFitOutcome.CONVERGED: FitOutcome.CONVERGED,
    SmileFitOutcome.NOT_CONVERGED: FitOutcome.NOT_CONVERGED,
    SmileFitOutcome.TOO_FEW_QUOTES: FitOutcome.TOO_FEW_QUOTES,
    SmileFitOutcome.NOT_ENFORCED: FitOutcome.NOT_ENFORCED,
    SmileFitOutcome.FAR_FROM_QUOTES: FitOutcome.FAR_FROM_QUOTES,
}
_LEAST_SQUARES = {
    LeastSquaresOutcome.CONVERGED: FitOutcome.CONVERGED,
    LeastSquaresOutcome.NOT_CONVERGED: FitOutcome.NOT_CONVERGED,
}


def fit(
    model: Model,
    quotes: Sequence[Observations],
    options: FitOptions,
    starts: Starts,
) -> Fits:
    """Fits a model to the quotes of an underlying, in order of expiry.

    :return: per expiry, what came of it; and the parameters that all expiries share.
    """
    return _FITS[model](quotes, options, starts)


def _named(values: object, names: Sequence[str]) -> dict[str, float]:
    return {name: float(getattr(values, name)) for name in names}


def _columns(quotes: Sequence[Observations]) -> list[SmileQuotes]:
    return [
        SmileQuotes(
            log_moneyness=seen.log_moneyness,
            volatility=seen.volatilities,
            weight=seen.half_spreads**-2.0,
            time=seen.time,
        )
        for seen in quotes
    ]


def _svi(quotes: Sequence[Observations], options: FitOptions, starts: Starts) -> Fits:
    constraint = SliceConstraint.BUTTERFLY if options.arbitrage_free else SliceConstraint.NONE
    earlier: SviParameters | None = None
    fitted = []
    for seen, start in zip(quotes, starts.smiles, strict=True):
        known = None if start is None else start.parameters
        found = _core.fit_svi(
            log_moneyness=seen.log_moneyness,
            volatility=seen.volatilities,
            weight=seen.half_spreads**-2.0,
            time=seen.time,
            loss=options.loss,
            constraint=constraint,
            earlier=earlier if options.arbitrage_free else None,
            start=known if isinstance(known, SviParameters) else None,
        )
        outcome = _OUTCOMES.get(found.outcome, FitOutcome.FAILED)
        made = Fitted(
            outcome,
            parameters=_named(found.parameters, _SVI),
            standard_errors=_named(found.standard_errors, _SVI),
            iterations=found.iterations,
        )
        made = _certified(made, seen, found.parameters, earlier, found.butterfly).judged(seen)
        fitted.append(made)
        if made.trusted:
            earlier = found.parameters
        elif isinstance(known, SviParameters):
            earlier = known  # which stays in force
    return fitted, {}


def _essvi(quotes: Sequence[Observations], options: FitOptions, starts: Starts) -> Fits:
    found = _core.fit_essvi(_columns(quotes), loss=options.loss)
    earlier: SviParameters | None = None
    fitted = []
    for seen, one in zip(quotes, found, strict=True):
        made = Fitted(
            _OUTCOMES.get(one.outcome, FitOutcome.FAILED),
            parameters=_named(one.parameters, _SLICE),
            standard_errors=_named(one.standard_errors, _SLICE),
            iterations=one.iterations,
        )
        raw = one.parameters.raw()
        made = _certified(made, seen, raw, earlier, one.butterfly)
        fitted.append(made.judged(seen))
        if made.outcome is FitOutcome.CONVERGED:
            earlier = raw
    return fitted, {}


def _ssvi(quotes: Sequence[Observations], options: FitOptions, starts: Starts) -> Fits:
    found = _core.fit_ssvi_power_law(_columns(quotes))
    outcome = _OUTCOMES.get(found.outcome, FitOutcome.FAILED)
    earlier: SviParameters | None = None
    fitted = []
    for seen, theta in zip(quotes, found.theta.tolist(), strict=True):
        made = Fitted(outcome, parameters={"theta": theta}, iterations=found.iterations)
        if outcome in (FitOutcome.CONVERGED, FitOutcome.NOT_CONVERGED):
            raw = found.parameters.slice(theta).raw()
            made = _certified(made, seen, raw, earlier, _core.svi_butterfly(raw))
            earlier = raw
        fitted.append(made.judged(seen))
    return fitted, _named(found.parameters, _SURFACE)


def _certified(
    made: Fitted,
    seen: Observations,
    raw: SviParameters,
    earlier: SviParameters | None,
    butterfly: SviButterfly,
) -> Fitted:
    """The fit with its smile and what the certificates say of it."""
    if not np.isfinite(made.parameters.get("rho", made.parameters.get("theta", np.nan))):
        return made
    problems = made.problems
    if butterfly.verdict is not ArbitrageVerdict.FREE:
        where = f"at {_strike(seen, butterfly.where)}"
        problems += (f"butterfly: {butterfly.violation.name.lower().replace('_', ' ')} {where}",)
    depth = np.nan
    if earlier is not None:
        calendar = _core.svi_calendar(earlier, raw)
        depth = 0.0 - calendar.depth
        if calendar.verdict is not ArbitrageVerdict.FREE:
            problems += (f"calendar: below the expiry before at {_strike(seen, calendar.where)}",)
    smile = None
    if butterfly.least_total_variance >= 0:
        smile = Smile.svi(expiry=seen.expiry, parameters=raw, forward=seen.forward, time=seen.time)
    return replace(
        made, smile=smile, least_density=butterfly.minimum, calendar=depth, problems=problems
    )


def _strike(seen: Observations, log_moneyness: float) -> str:
    """A log-moneyness as a strike."""
    if np.isinf(log_moneyness):
        return "the far left" if log_moneyness < 0 else "the far right"
    return f"strike {seen.forward * np.exp(log_moneyness):.6g}"


def _sabr(quotes: Sequence[Observations], options: FitOptions, starts: Starts) -> Fits:
    made = [_sabr_slice(*each, options) for each in zip(quotes, starts.smiles, strict=True)]
    return _all_compared(quotes, made), {"beta": SABR_BETA}


def _splines(quotes: Sequence[Observations], options: FitOptions, starts: Starts) -> Fits:
    return _all_compared(quotes, [fit_spline(seen) for seen in quotes]), {}


def _all_compared(quotes: Sequence[Observations], made: Sequence[Fitted]) -> list[Fitted]:
    """Fits of each expiry by itself, each compared with the last one that is trusted."""
    fitted: list[Fitted] = []
    before: tuple[Observations, Smile] | None = None
    for seen, alone in zip(quotes, made, strict=True):
        one = alone
        if before is not None and alone.smile is not None:
            one = _compared(alone, alone.smile, seen, *before)
        one = one.judged(seen)
        if one.smile is not None and one.trusted:
            before = (seen, one.smile)
        fitted.append(one)
    return fitted


def _sabr_slice(seen: Observations, start: Smile | None, options: FitOptions) -> Fitted:
    if len(seen) < 3:
        return Fitted(FitOutcome.TOO_FEW_QUOTES)
    known = None if start is None else start.parameters
    found = _core.fit_sabr(
        strike=seen.strikes,
        volatility=seen.volatilities,
        weight=seen.half_spreads**-2.0,
        forward=seen.forward,
        time=seen.time,
        beta=SABR_BETA,
        shift=0.0,
        start=known if isinstance(known, SabrParameters) else None,
        at_the_money=None,
        # Weighted residuals count in half-spreads.
        robust_scale=np.inf if options.loss is Loss.SQUARES else 1.0,
        most_iterations=100,
    )
    outcome = _LEAST_SQUARES.get(found.outcome, FitOutcome.FAILED)
    if outcome is FitOutcome.FAILED:
        return Fitted(outcome, iterations=found.iterations)
    parameters = found.parameters
    ends = (float(seen.strikes[0]), float(seen.strikes[-1]))
    low, high = min(ends[0], 0.999 * seen.forward), max(ends[1], 1.001 * seen.forward)
    butterfly = _core.sabr_butterfly(parameters, seen.forward, seen.time, low, high)
    problems: tuple[str, ...] = ()
    if not butterfly.is_free:
        problems += (f"butterfly: negative density at strike {butterfly.strike:.6g}",)
    if found.at_bound:
        problems += ("rho or nu lies on its bound",)
    return Fitted(
        outcome,
        smile=Smile.sabr(
            expiry=seen.expiry, parameters=parameters, forward=seen.forward, time=seen.time
        ),
        parameters=_named(parameters, _SABR),
        standard_errors={
            "alpha": found.alpha_error,
            "beta": 0.0,
            "rho": found.rho_error,
            "nu": found.nu_error,
        },
        iterations=found.iterations,
        least_density=butterfly.least_factor,
        problems=problems,
    )


def _compared(
    made: Fitted, smile: Smile, seen: Observations, earlier: Observations, before: Smile
) -> Fitted:
    """With the least rise of total variance since the expiry before, between the quotes of both."""
    ends = [(one.log_moneyness[0], one.log_moneyness[-1]) for one in (seen, earlier)]
    low, high = max(end[0] for end in ends), min(end[1] for end in ends)
    moneyness = np.exp(np.linspace(low, high, _CALENDAR_POINTS))
    later = smile.volatility(seen.forward * moneyness) ** 2 * seen.time
    rise = later - before.volatility(earlier.forward * moneyness) ** 2 * earlier.time
    place = int(np.argmin(rise))
    problems = made.problems
    if not rise[place] >= -_CALENDAR_ROUNDING * later[place]:
        strike = seen.forward * moneyness[place]
        problems += (f"calendar: below the expiry before at strike {strike:.6g}",)
    return replace(made, calendar=float(rise[place]), problems=problems)


_FITS: Mapping[Model, Callable[[Sequence[Observations], FitOptions, Starts], Fits]] = {
    Model.SVI: _svi,
    Model.SSVI: _ssvi,
    Model.ESSVI: _essvi,
    Model.SABR: _sabr,
    **{model: partial(fit_fourier, model) for model in MODELS},
    Model.SPLINE: _splines,
}
