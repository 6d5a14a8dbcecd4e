"""SVI and eSSVI on a real index chain: near the quotes, and no arbitrage where enforced."""

from itertools import pairwise

import numpy as np
import pytest
from tests.calibrate.test_real_files import index_option

from hedgerow import Quotes, Spot, ssvi, svi
from hedgerow.calibrate import market

pd = pytest.importorskip("pandas")
FREE = svi.ArbitrageVerdict.FREE


@pytest.fixture(scope="module")
def expiries(market_data):
    """The implied volatilities of SPX and SPXW on 1 April 2022, weighted by their spreads."""
    frame = pd.read_parquet(market_data / "spx_20220401_chain.parquet")
    contracts = list(map(index_option, frame.root, frame.expiry, frame.cp, frame.strike))
    contracts.append(Spot("SPX", "USD"))
    bid, ask = [*frame.bid, 4545.86], [*frame.ask, 4545.86]
    _, report = market(Quotes("2022-04-01T20:00:00Z", contracts, bid, ask))
    made = []
    for expiry in report["SPX"].expiries:
        smile = expiry.smile
        spread = np.nan_to_num(smile.ask_volatilities - smile.bid_volatilities, nan=0.05)
        made.append(
            ssvi.SmileQuotes(
                log_moneyness=np.log(smile.strikes / expiry.forward),
                volatility=smile.volatilities,
                time=expiry.time,
                weight=1 / np.maximum(spread, 1e-3) ** 2,
            )
        )
    return made


def test_slices_of_a_real_chain(expiries):
    residuals, named = [], 0
    for quotes in expiries:
        columns = quotes.log_moneyness, quotes.volatility, quotes.time
        free = svi.fit(*columns, weight=quotes.weight)
        fit = svi.fit(*columns, weight=quotes.weight, constraint=svi.Constraint.BUTTERFLY)
        if free.outcome is svi.SmileFitOutcome.TOO_FEW_QUOTES:
            named += 1
            continue
        assert fit.butterfly.verdict is FREE
        assert fit.residual < 1.5 * free.residual + 1e-3
        residuals.append(fit.residual)
    assert named == 1
    assert np.median(residuals) < 0.0035  # of volatility
    assert max(residuals) < 0.008


def test_the_chain_as_slices_that_do_not_cross(expiries):
    earlier, residuals, far = None, [], 0
    for quotes in expiries:
        fit = svi.fit(
            quotes.log_moneyness,
            quotes.volatility,
            quotes.time,
            weight=quotes.weight,
            constraint=svi.Constraint.BUTTERFLY,
            earlier=earlier,
        )
        if fit.outcome is svi.SmileFitOutcome.TOO_FEW_QUOTES:
            continue
        assert fit.butterfly.verdict is FREE
        assert earlier is None or fit.calendar.verdict is FREE
        if fit.outcome is svi.SmileFitOutcome.FAR_FROM_QUOTES:
            far += 1
            continue
        earlier = fit.parameters
        residuals.append(fit.residual)
    assert far <= 3
    assert len(residuals) + far == len(expiries) - 1
    assert np.median(residuals) < 0.005  # of volatility
    assert max(residuals) < 0.011


def test_the_chain_as_surfaces(expiries):
    fits = ssvi.fit_extended(expiries)
    slices = [fit.parameters for fit in fits]
    assert ssvi.check(slices).violation is ssvi.Violation.NONE
    raw = [slice.raw() for slice in slices]
    assert all(svi.butterfly(each).verdict is FREE for each in raw)
    assert all(svi.calendar(a, b).verdict is FREE for a, b in pairwise(raw))
    assert np.mean([fit.residual for fit in fits]) < 0.008
    law = ssvi.fit_power_law(expiries)
    assert law.outcome is ssvi.SmileFitOutcome.CONVERGED
    assert law.violation is ssvi.Violation.NONE
    assert law.residual < 0.011
