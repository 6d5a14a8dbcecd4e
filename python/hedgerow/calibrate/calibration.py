"""From quotes to the market of a model: `calibrate(quotes, model=...)`."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Unpack

import numpy as np

from hedgerow._core import Loss, Smile, Snapshot, UnderlyingMarket
from hedgerow.calibrate.fit_report import FitReport, SliceFit, UnderlyingFit
from hedgerow.calibrate.fits import fit
from hedgerow.calibrate.fitted import FitOptions, Fitted, Starts
from hedgerow.calibrate.model import FitOutcome, InForce, Model
from hedgerow.calibrate.observations import Observations, observations
from hedgerow.calibrate.quotes import MarketOptions, Quotes
from hedgerow.calibrate.report import ExpiryReport, UnderlyingReport
from hedgerow.calibrate.snapshot import market
from hedgerow.calibrate.spline import fit_spline
from hedgerow.errors import InvalidInput


def calibrate(
    quotes: Quotes,
    *,
    model: Model | str = Model.SVI,
    arbitrage_free: bool = True,
    loss: Loss = Loss.SQUARES,
    last: FitReport | None = None,
    **options: Unpack[MarketOptions],
) -> tuple[Snapshot, FitReport]:
    """The market of quotes with a model's smiles, and how well the model stands for the quotes.

    Forwards, discount factors and quoted volatilities are those of `hedgerow.calibrate.market`,
    whose report is part of this one. The model is fitted to the middles in volatility, in units of
    half the bid-ask spread: that weighs by spread and by vega. A fit is in force only where it is
    trusted: it has converged, allows no arbitrage and misses the quotes by less than
    `hedgerow.calibrate.fitted.POOR` half-spreads. Else the last trusted fit of that expiry
    stays, moved along with the forward and named stale; without one a convex price spline through
    the quotes stands, or where even that fails the quotes themselves.
    Nothing of this raises, and `FitReport.trusted` is false wherever a fit is not.

    :param model: of `hedgerow.calibrate.Model`, or its name.
    :param arbitrage_free: SVI is kept free of butterfly and calendar arbitrage, as SSVI and eSSVI
        always are. Off, it is free to follow the quotes into either, and is then not trusted. SABR
        can't be kept: its densities between the quotes, and variances beside the expiry before,
        are checked; splines have no butterflies, their variances are checked likewise. Heston and
        the models with jumps have none by themselves; their smiles are splines through their
        volatilities.
    :param loss: how residuals count; the robust ones hold stale quotes down. SVI and eSSVI know all
        of them, SABR a smooth relative of Huber's for either, the others squares only.
    :param last: an earlier report, of the same model: its parameters are where the fits start, its
        trusted smiles what stays in force where one fails.
    :param options: of `hedgerow.calibrate.market`.
    :raises InvalidInput: for a wrong option, never for a quote.
    """
    chosen = Model.of(model)
    if loss != Loss.SQUARES and not chosen.robust:
        raise InvalidInput("loss", loss, f"must be SQUARES: {chosen.value} knows no other")
    settings = FitOptions(arbitrage_free=arbitrage_free, loss=Loss(loss))
    quoted, market_report = market(quotes, **options)
    start = perf_counter()
    markets: list[UnderlyingMarket] = []
    fits: list[UnderlyingFit] = []
    for report in market_report.underlyings:
        before = _of(last, report.underlying, chosen)
        made, smiles = _fit_underlying(report, quotes.as_of, chosen, settings, before)
        fits.append(made)
        if (found := quoted.market(report.underlying)) is not None:
            markets.append(found.with_smiles(smiles))
    snapshot = Snapshot(as_of=quoted.as_of, markets=markets, rates=quoted.rates)
    seconds = perf_counter() - start
    return snapshot, FitReport(quotes.as_of, chosen, tuple(fits), market_report, seconds)


def _of(last: FitReport | None, underlying: str, model: Model) -> UnderlyingFit | None:
    """The earlier fit of an underlying by the same model."""
    for found in () if last is None else last.underlyings:
        if found.underlying == underlying and found.model is model:
            return found
    return None


def _in_force(last: UnderlyingFit | None) -> dict[np.datetime64, SliceFit]:
    """The last accounts in which a fit was in force, by expiry."""
    slices = () if last is None else (*last.slices, *last.remembered)
    return {
        found.expiry: found for found in slices if found.in_force in (InForce.FIT, InForce.LAST)
    }


def _fit_underlying(
    report: UnderlyingReport,
    as_of: np.datetime64,
    model: Model,
    options: FitOptions,
    last: UnderlyingFit | None,
) -> tuple[UnderlyingFit, list[Smile]]:
    seen = [observations(expiry) for expiry in report.expiries]
    usable = [one for one in seen if one is not None]
    before = _in_force(last)
    standing = [before.get(one.expiry) for one in usable]
    starts = Starts(
        [None if found is None else found.standing for found in standing],
        {} if last is None else last.parameters,
    )
    fitted, shared = fit(model, usable, options, starts)
    by_expiry = dict(zip((one.expiry for one in usable), fitted, strict=True))
    slices = []
    for expiry, one in zip(report.expiries, seen, strict=True):
        if np.isnan(expiry.forward) or not expiry.has_options:
            continue  # not in the market, whose report says why, or nothing to fit
        made = _account(expiry, one, by_expiry.get(expiry.expiry))
        slices.append(_standing(made, expiry, as_of, before.get(expiry.expiry)))
    smiles = [made.standing for made in slices if made.standing is not None]
    here = {made.expiry for made in slices}
    remembered = tuple(
        fit for expiry, fit in before.items() if expiry not in here and expiry > as_of
    )
    return UnderlyingFit(report.underlying, model, tuple(slices), shared, remembered), smiles


def _account(report: ExpiryReport, seen: Observations | None, fitted: Fitted | None) -> SliceFit:
    """What came of an expiry, before it is known what stands for it."""
    made = fitted or Fitted(FitOutcome.NO_QUOTES)
    return SliceFit(
        expiry=report.expiry,
        forward=report.forward,
        outcome=made.outcome,
        in_force=InForce.NOTHING,
        standing=None,
        since=None,
        problems=made.problems,
        observations=seen,
        smile=made.smile,
        parameters=made.parameters,
        standard_errors=made.standard_errors,
        iterations=made.iterations,
        least_density=made.least_density,
        calendar=made.calendar,
        rejected=report.skipped,
    )


def _standing(
    made: SliceFit, report: ExpiryReport, as_of: np.datetime64, before: SliceFit | None
) -> SliceFit:
    """The account with what stands in the market: the fit, the last one, a spline or the quotes."""
    if made.trusted:
        return replace(made, in_force=InForce.FIT, standing=made.smile, since=as_of)
    if before is not None and before.standing is not None:
        smile = before.standing.moved(strike_factor=made.forward / before.forward)
        return replace(made, in_force=InForce.LAST, standing=smile, since=before.since)
    if made.observations is not None:
        spline = fit_spline(made.observations)
        if spline.trusted:
            return replace(made, in_force=InForce.SPLINE, standing=spline.smile)
    quoted = None if report.smile is None else report.smile.smile(report.expiry)
    if quoted is None:
        return made
    return replace(made, in_force=InForce.QUOTES, standing=quoted)
