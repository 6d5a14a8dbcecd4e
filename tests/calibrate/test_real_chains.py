"""Models on the chains of docs/chains.md: no arbitrage where enforced, and what holds quotes."""

import numpy as np
import pytest

from hedgerow.calibrate import calibrate

pytest.importorskip("pandas")
chains = pytest.importorskip("docs.chains")

#: The least share of trusted fits, and of quotes inside bid and ask.
LEAST = {"svi": (0.95, 0.25), "essvi": (0.8, 0.1), "spline": (0.95, 0.95)}
#: On SPX, whose spreads of a tenth of a point five and three numbers can't follow everywhere.
LEAST_ON_SPX = {"svi": 0.6, "essvi": 0.25}


@pytest.mark.parametrize("title", chains.CHAINS)
@pytest.mark.parametrize("model", LEAST)
def test_real_chains(title, model, market_data):
    read, name = chains.CHAINS[title]
    quotes, curve = next(iter(read(market_data / name)))
    _, report = calibrate(quotes, model=model, discount=curve)
    fits = [item for found in report.underlyings for item in found.slices if len(item) >= 5]
    trusted = [item for item in fits if item.trusted]
    share, inside = LEAST[model]
    if title.startswith("SPX and"):
        share = LEAST_ON_SPX.get(model, share)
    if title.startswith(("SPX and", "AAPL")) and model == "spline":
        share = 0.8  # calendars between neighbors that expire hours or days apart are not kept out
    assert len(trusted) >= share * len(fits) - 1, report
    held = report.underlyings[0].inside_share  # NaN where middles or volatilities are all there is
    assert title.endswith(("(middles)", "(volatilities)")) == np.isnan(held)
    assert not held < inside
    if model != "spline":
        for item in fits:
            arbitrage = [p for p in item.problems if p.startswith(("butterfly", "calendar"))]
            assert arbitrage == []
            assert not item.trusted or item.least_density >= 0
