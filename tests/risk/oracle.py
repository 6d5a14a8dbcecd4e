"""The slow way to revalue: a moved snapshot per scenario, valued with all its Greeks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

import hedgerow as hr


def moved(
    snapshot: hr.Snapshot, scenarios: hr.Scenarios, j: int, dynamics: hr.SmileDynamics
) -> hr.Snapshot:
    """The snapshot in scenario j, exchange rates and all."""
    if not scenarios.underlyings:
        return snapshot.shocked(
            spot_factor=scenarios.spot_factor[j],
            volatility_shift=scenarios.volatility_shift[j],
            dynamics=dynamics,
        )
    for market in snapshot.markets:
        name = market.underlying
        columns = (scenarios.spot_factor, scenarios.volatility_shift)
        factor, shift = scenarios.underlyings.get(name, columns)
        snapshot = snapshot.shocked(
            spot_factor=factor[j], volatility_shift=shift[j], dynamics=dynamics, underlying=name
        )
    return snapshot


def revalued(
    book: hr.Book,
    snapshot: hr.Snapshot,
    scenarios: hr.Scenarios,
    *keys: str,
    dynamics: hr.SmileDynamics = hr.SmileDynamics.STICKY_STRIKE,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """P&L by group and scenario, and which positions are in it."""
    markets = [moved(snapshot, scenarios, j, dynamics) for j in range(len(scenarios))]
    valued = hr.value(book, snapshot).status == hr.Status.OK
    for market in markets:
        valued = valued & (hr.value(book, market).status == hr.Status.OK)
    chosen = book.select(valued)
    now = hr.value(chosen, snapshot).net(*keys, measures=["value"])["value"]
    then = [hr.value(chosen, m).net(*keys, measures=["value"])["value"] for m in markets]
    return np.stack(then, axis=1) - now[:, None], valued
