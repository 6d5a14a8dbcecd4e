"""What became of the quotes: how each number of a calibrated market came about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hedgerow._core import Exercise
from hedgerow.calibrate.forwards import Parity
from hedgerow.calibrate.quotes import Numbers, shown
from hedgerow.calibrate.smile import QuotedSmile

_EMPTY: Numbers = np.empty(0)
_NAMED = 6  # strikes that a line of the report names; the objects hold them all
_DISAGREEMENT = 5  # standard errors between parity and another forward that are worth a line


@dataclass(frozen=True, eq=False, repr=False)
class ExpiryReport:
    """How the forward, the discount factor and the smile of one expiry came about.

    `exercise` is that of the options; volatilities of American ones leave early exercise out.
    `forward` is NaN, and the expiry is not in the snapshot, when `reason` says why there is none;
    with a forward `reason` says why there is no smile. `discount` is the factor of the options' own
    currency, 1 in coin; `discount_reason` says why it is not the parity fit's. Errors are standard
    errors, NaN where nothing measures them. `parity` is the fit, a check where another source of
    the forward came first; None without options. `skipped` are strikes with the reason.
    """

    expiry: np.datetime64
    time: float
    exercise: Exercise
    forward: float
    forward_source: str
    forward_error: float
    discount: float
    discount_source: str
    discount_error: float
    discount_reason: str
    parity: Parity | None
    smile: QuotedSmile | None
    skipped: tuple[tuple[float, str], ...]
    reason: str

    @property
    def largest_early_exercise(self) -> float:
        """The most that early exercise is worth in a price of the smile: 0 of European options."""
        smile = self.smile
        return 0.0 if smile is None else float(smile.early_exercise.max(initial=0.0))

    @property
    def has_options(self) -> bool:
        """Whether any option is quoted, usable or not."""
        return self.parity is not None or bool(self.skipped)

    @property
    def residual(self) -> float:
        """What put-call parity leaves over, root mean square, in the options' currency."""
        return np.nan if self.parity is None else self.parity.residual

    @property
    def used_strikes(self) -> Numbers:
        """The strikes that the parity fit used."""
        return _EMPTY if self.parity is None else self.parity.used

    @property
    def outlier_strikes(self) -> Numbers:
        """The strikes that the parity fit set aside."""
        return _EMPTY if self.parity is None else self.parity.outliers

    @property
    def disagrees(self) -> bool:
        """Whether parity contradicts the forward by far more than its standard error."""
        if self.parity is None or not self.parity.converged:
            return False
        distance = abs(self.parity.forward - self.forward)
        return distance > _DISAGREEMENT * self.parity.forward_error

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """The report, in lines of at most 80 columns."""
        if np.isnan(self.forward):
            yield f"  {shown(self.expiry):18s} left out: {self.reason}"
        else:
            count = 0 if self.smile is None else self.smile.strikes.size
            yield (
                f"  {shown(self.expiry):18s} {_price(self.forward):>11s}"
                f" {_error(self.forward_error):>8s} {self.forward_source:8s}"
                f" {self.discount:9.6f} {self.discount_source:12s} {count:6d}"
            )
            if self.reason:
                yield f"    no smile: {self.reason}"
            if self.smile is not None and self.exercise is Exercise.AMERICAN:
                worth = _price(self.largest_early_exercise)
                yield f"    american: early exercise is taken out, worth up to {worth}"
            if self.discount_reason and self.smile is not None:
                yield f"    discount factor {self.discount_source}: {self.discount_reason}"
        if self.disagrees and self.parity is not None:
            error = _error(self.parity.forward_error)
            yield f"    parity says {_price(self.parity.forward)} +/- {error}"
        if self.outlier_strikes.size:
            yield "    outliers of parity: " + _strikes(self.outlier_strikes)
        reasons: dict[str, list[float]] = {}
        for strike, reason in self.skipped:
            reasons.setdefault(reason, []).append(strike)
        for reason, strikes in reasons.items():
            yield f"    {reason}: {_strikes(strikes)}"


@dataclass(frozen=True, eq=False, repr=False)
class UnderlyingReport:
    """How the market of one underlying came about.

    `spot` is NaN, and the underlying is not in the snapshot, when `reason` says why. `perpetual` is
    NaN where none is quoted. `notes` name what else was set aside or missed.
    """

    underlying: str
    quote_currency: str
    spot: float
    spot_source: str
    perpetual: float
    expiries: tuple[ExpiryReport, ...]
    notes: tuple[str, ...]
    reason: str

    def expiry(self, expiry: np.datetime64) -> ExpiryReport:
        """The report of one expiry; KeyError when it is not quoted."""
        for report in self.expiries:
            if report.expiry == expiry:
                return report
        raise KeyError(expiry)

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """The report, in lines of at most 80 columns."""
        if self.reason:
            yield f"{self.underlying}: left out: {self.reason}"
        else:
            perpetual = "" if np.isnan(self.perpetual) else f", perpetual {self.perpetual:.8g}"
            yield (
                f"{self.underlying}: spot {self.spot:.8g} {self.quote_currency}"
                f" ({self.spot_source}){perpetual}"
            )
        for note in self.notes:
            yield f"  {note}"
        if self.expiries:
            yield (
                f"  {'expiry':18s} {'forward':>11s} {'+/-':>8s} {'from':8s}"
                f" {'discount':>9s} {'from':12s} {'smile':>6s}"
            )
        for report in self.expiries:
            yield from report.lines()


@dataclass(frozen=True, eq=False, repr=False)
class MarketReport:
    """How a snapshot came about from quotes; `str` of it reads in 80 columns."""

    as_of: np.datetime64
    underlyings: tuple[UnderlyingReport, ...]

    def __getitem__(self, underlying: str) -> UnderlyingReport:
        """The report of one underlying; KeyError when it is not quoted."""
        for report in self.underlyings:
            if report.underlying == underlying:
                return report
        raise KeyError(underlying)

    def __iter__(self) -> Iterator[str]:
        """The names of the underlyings, as those of a mapping."""
        return (report.underlying for report in self.underlyings)

    def __len__(self) -> int:
        return len(self.underlyings)

    def __repr__(self) -> str:
        lines = [f"Market as of {shown(self.as_of)}"]
        for report in self.underlyings:
            lines += report.lines()
        return "\n".join(lines)


def _price(price: float) -> str:
    """In cents where that fits a column of eleven, else in five digits."""
    return f"{price:.2f}" if 10 <= price < 1e8 else f"{price:.5g}"


def _error(error: float) -> str:
    return "-" if np.isnan(error) else f"{error:.2g}"


def _strikes(strikes: Numbers | list[float]) -> str:
    """How many, and the first few by name."""
    names = [f"{strike:.8g}" for strike in strikes[:_NAMED]]
    more = ", ..." if len(strikes) > _NAMED else ""
    noun = "strike" if len(strikes) == 1 else "strikes"
    return f"{len(strikes)} {noun} ({', '.join(names)}{more})"
