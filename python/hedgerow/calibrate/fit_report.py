"""How well a model stands for the quotes, expiry by expiry: an honest account of a calibration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgerow._core import Smile
from hedgerow.calibrate.model import FitOutcome, InForce, Model
from hedgerow.calibrate.observations import Observations
from hedgerow.calibrate.quotes import Numbers, shown
from hedgerow.calibrate.report import MarketReport


@dataclass(frozen=True, eq=False, repr=False)
class SliceFit:
    """The fit of one expiry.

    `parameters` are by name, with `standard_errors` (of the residuals' own size; NaN where the
    quotes do not determine a parameter, 0 on a bound). `smile` is the fit where there is one, also
    where it is not trusted; `problems` are the reasons why it is not. `standing` is the smile that
    stands in the market for the expiry and `in_force` says which that is: the fit only where it is
    trusted. `since` is when a fit that is in force was made. `rejected` names every quoted strike
    that the fit has not seen, and why.

    `least_density` is the least value of the density factor g over all strikes (Gatheral and
    Jacquier 2014, equation 2.1), below 0 where butterflies cost less than nothing; NaN where the
    model has no certificate. `calendar` is the least difference of total variance from the earlier
    expiry at equal log-moneyness, below 0 where calendar spreads do; NaN for the first.
    """

    expiry: np.datetime64
    forward: float
    outcome: FitOutcome
    in_force: InForce
    standing: Smile | None
    since: np.datetime64 | None
    problems: tuple[str, ...]
    observations: Observations | None
    smile: Smile | None
    parameters: Mapping[str, float]
    standard_errors: Mapping[str, float]
    iterations: int
    least_density: float
    calendar: float
    rejected: tuple[tuple[float, str], ...]

    @property
    def trusted(self) -> bool:
        """Whether the fit may stand for the quotes."""
        return self.outcome is FitOutcome.CONVERGED and not self.problems

    @property
    def stale(self) -> bool:
        """Whether an earlier fit is in force; `since` says of when."""
        return self.in_force is InForce.LAST

    @property
    def residuals(self) -> Numbers:
        """Model less middle, in volatility, a row per strike; empty without a fit."""
        seen, smile = self.observations, self.smile
        if seen is None or smile is None:
            return np.empty(0)
        return smile.volatility(seen.strikes) - seen.volatilities

    @property
    def residuals_in_half_spreads(self) -> Numbers:
        """The same in units of half the bid-ask spread."""
        seen, residuals = self.observations, self.residuals
        return residuals if seen is None or not len(self) else residuals / seen.half_spreads

    @property
    def quoted(self) -> npt.NDArray[np.bool_]:
        """Whether there is a bid or an ask, and not a mark alone, a row per strike fitted."""
        seen = self.observations
        if seen is None or self.smile is None:
            return np.empty(0, dtype=bool)
        return np.asarray(~(np.isnan(seen.bid_volatilities) & np.isnan(seen.ask_volatilities)))

    @property
    def inside(self) -> npt.NDArray[np.bool_]:
        """Whether the model lies within bid and ask, a row per strike; no where neither is known.

        A bid that is worth less than exercise holds any volatility below the ask.
        """
        seen, smile = self.observations, self.smile
        if seen is None or smile is None:
            return np.empty(0, dtype=bool)
        model = smile.volatility(seen.strikes)
        outside = (model < seen.bid_volatilities) | (model > seen.ask_volatilities)
        return self.quoted & ~(outside | np.isnan(model))

    @property
    def inside_share(self) -> float:
        """The share of `quoted` strikes whose bid and ask hold the model; NaN without any."""
        return _share(self.inside, self.quoted)

    @property
    def rms(self) -> float:
        """Root mean square residual, in volatility (0.01 is a vol point); NaN without a fit."""
        return _root_mean_square(self.residuals)

    @property
    def rms_in_half_spreads(self) -> float:
        """Root mean square residual in units of half the spread; NaN without a fit."""
        return _root_mean_square(self.residuals_in_half_spreads)

    def __len__(self) -> int:
        return 0 if self.smile is None or self.observations is None else len(self.observations)

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """The account of the expiry, in lines of at most 80 columns."""
        yield (
            f"  {shown(self.expiry):18s} {len(self):6d} {_percent(self.inside_share):>7s}"
            f" {_points(self.rms):>7s} {_short(self.rms_in_half_spreads):>7s}"
            f" {_short(self.least_density):>8s} {self.in_force.value:>8s}"
        )
        if self.outcome is not FitOutcome.CONVERGED:
            yield f"    {self.outcome.value}"
        for problem in self.problems:
            yield f"    not trusted: {problem}"
        if self.stale and self.since is not None:
            yield f"    stale: the fit of {shown(self.since)} stays in force"


@dataclass(frozen=True, eq=False, repr=False)
class UnderlyingFit:
    """The fits of one underlying, by expiry; `parameters` are those that all expiries share.

    `remembered` are the fits in force of expiries that the market has not got this time, for when
    they are quoted again.
    """

    underlying: str
    model: Model
    slices: tuple[SliceFit, ...]
    parameters: Mapping[str, float] = field(default_factory=dict)
    remembered: tuple[SliceFit, ...] = ()

    def expiry(self, expiry: np.datetime64) -> SliceFit:
        """The fit of one expiry; KeyError when it is not quoted."""
        for fit in self.slices:
            if fit.expiry == expiry:
                return fit
        raise KeyError(expiry)

    def __len__(self) -> int:
        return len(self.slices)

    @property
    def trusted(self) -> bool:
        """Whether there are fits, and every one may stand for its quotes."""
        return bool(self.slices) and all(fit.trusted for fit in self.slices)

    @property
    def inside_share(self) -> float:
        """The share of quotes whose bid and ask hold the model; NaN without a fit, or quotes."""
        none = [np.empty(0, dtype=bool)]
        return _share(
            np.concatenate([fit.inside for fit in self.slices] or none),
            np.concatenate([fit.quoted for fit in self.slices] or none),
        )

    @property
    def rms(self) -> float:
        """Root mean square residual of all quotes, in volatility; NaN without a fit."""
        return _root_mean_square(
            np.concatenate([fit.residuals for fit in self.slices] or [np.empty(0)])
        )

    @property
    def rms_in_half_spreads(self) -> float:
        """The same in units of half of each quote's spread."""
        return _root_mean_square(
            np.concatenate([fit.residuals_in_half_spreads for fit in self.slices] or [np.empty(0)])
        )

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """The account of the underlying, in lines of at most 80 columns."""
        fitted = sum(fit.trusted for fit in self.slices)
        yield (
            f"{self.underlying}: {self.model.value}, {fitted} of {len(self.slices)} expiries"
            f" trusted; {_percent(self.inside_share)} of the quotes inside,"
            f" rms {_points(self.rms)} points"
        )
        if self.slices:
            yield (
                f"  {'expiry':18s} {'quotes':>6s} {'inside':>7s} {'rms':>7s} {'spreads':>7s}"
                f" {'density':>8s} {'in force':>8s}"
            )
        for fit in self.slices:
            yield from fit.lines()


@dataclass(frozen=True, eq=False, repr=False)
class FitReport:
    """How a calibrated market came about; `str` of it reads in 80 columns.

    `market` is the report of forwards, discount factors and quoted smiles that the fits stand on.
    `seconds` is what the fits took, without the market.
    """

    as_of: np.datetime64
    model: Model
    underlyings: tuple[UnderlyingFit, ...]
    market: MarketReport
    seconds: float

    def __getitem__(self, underlying: str) -> UnderlyingFit:
        """The fits of one underlying; KeyError when it is not quoted."""
        for fit in self.underlyings:
            if fit.underlying == underlying:
                return fit
        raise KeyError(underlying)

    def __iter__(self) -> Iterator[str]:
        """The names of the underlyings, as those of a mapping."""
        return (fit.underlying for fit in self.underlyings)

    def __len__(self) -> int:
        return len(self.underlyings)

    @property
    def trusted(self) -> bool:
        """Whether every expiry with options has a fit which may stand for its quotes."""
        fits = [item for fit in self.underlyings for item in fit.slices]
        quoted = sum(e.has_options for found in self.market.underlyings for e in found.expiries)
        return 0 < quoted == len(fits) and all(item.trusted for item in fits)

    def rows(self) -> list[dict[str, Any]]:
        """A row per underlying and expiry: `pandas.DataFrame(report.rows())`.

        Parameters stand under their names, their standard errors under `<name>_error`.
        """
        return [
            {
                "underlying": fit.underlying,
                "expiry": item.expiry,
                "model": fit.model.value,
                "outcome": item.outcome.value,
                "trusted": item.trusted,
                "in_force": item.in_force.value,
                "since": np.datetime64("NaT", "ns") if item.since is None else item.since,
                "problems": "; ".join(item.problems),
                "quotes": len(item),
                "rejected": len(item.rejected),
                "inside_share": item.inside_share,
                "rms": item.rms,
                "rms_in_half_spreads": item.rms_in_half_spreads,
                "least_density": item.least_density,
                "calendar": item.calendar,
                "iterations": item.iterations,
                **item.parameters,
                **{f"{name}_error": error for name, error in item.standard_errors.items()},
            }
            for fit in self.underlyings
            for item in fit.slices
        ]

    def __repr__(self) -> str:
        lines = [f"Calibration as of {shown(self.as_of)}, {1e3 * self.seconds:.1f} ms"]
        for fit in self.underlyings:
            lines += fit.lines()
        return "\n".join(lines)


def _root_mean_square(values: Numbers) -> float:
    return float(np.sqrt(np.mean(np.square(values)))) if values.size else np.nan


def _share(inside: npt.NDArray[np.bool_], quoted: npt.NDArray[np.bool_]) -> float:
    """The part of the quoted strikes that is inside; NaN without any."""
    return float(inside[quoted].mean()) if quoted.any() else np.nan


def _percent(share: float) -> str:
    return "-" if np.isnan(share) else f"{100 * share:.0f} %"


def _points(volatility: float) -> str:
    return "-" if np.isnan(volatility) else f"{100 * volatility:.3f}"


def _short(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.2g}"
