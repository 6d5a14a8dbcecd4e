"""A stream of chains: warm fits, a history, and what has drifted or gone stale."""

import numpy as np
import pandas as pd
import pytest
from tests.calibrate.test_calibrate import AS_OF, EXPIRIES, broken, quotes, smiles

from hedgerow import Book
from hedgerow.calibrate import InForce, Model, Recalibration
from hedgerow.errors import InvalidInput
from hedgerow.report import build, plots, to_text

MINUTE = np.timedelta64(1, "m")


def chain(minutes, seed, shift=0.0, model=Model.SVI, **changes):
    made = [smile.moved(volatility_shift=shift) for smile in smiles(model)]
    return quotes(made, noise=0.0005, seed=seed, as_of=AS_OF + minutes * MINUTE, **changes)


def test_a_quiet_stream_neither_drifts_nor_goes_stale():
    fits = Recalibration(model="svi")
    for n in range(5):
        _, report = fits.update(chain(n, seed=n))
        assert report.trusted
        assert fits.last is report
    history = fits.history()
    assert len(history) == 5 * len(EXPIRIES)
    assert [row["as_of"] for row in history[:: len(EXPIRIES)]] == [
        AS_OF + n * MINUTE for n in range(5)
    ]
    assert all(row["in_force"] == "fit" and np.isfinite(row["a"]) for row in history)
    assert fits.drifts() == ()
    assert fits.staleness() == {}


def test_a_jump_of_the_level_is_a_drift():
    fits = Recalibration(model="sabr")
    assert fits.drifts() == ()
    fits.update(chain(0, seed=0, model=Model.SABR))
    fits.update(chain(1, seed=1, model=Model.SABR, shift=0.05))
    found = {(drift.expiry, drift.parameter) for drift in fits.drifts()}
    assert {(expiry, "alpha") for expiry in EXPIRIES} <= found
    drift = next(drift for drift in fits.drifts() if drift.parameter == "alpha")
    assert drift.after - drift.before == pytest.approx(0.05, abs=0.02)
    assert drift.errors > 4
    assert "alpha from" in str(drift)


def test_what_is_in_force_grows_old():
    fits = Recalibration(model="svi")
    fits.update(chain(0, seed=0))
    for n in (1, 2):
        snapshot, report = fits.update(chain(n, seed=n, change=broken))
        assert report["X"].expiry(EXPIRIES[1]).in_force is InForce.LAST
        assert fits.staleness() == {("X", EXPIRIES[1]): n * MINUTE}
        assert len(snapshot.market("X").smiles) == 3
    # The page says of when the line is that it draws.
    option = next(c for c in chain(0, seed=0).contracts if getattr(c, "strike", 0) > 100)
    built = build(Book.from_columns([option], [1.0]), snapshot, fit_report=report)
    drawn = {smile.expiry: smile for smile in built.smiles}
    assert {smile.model for smile in built.smiles} == {"svi"}
    assert drawn[EXPIRIES[1]].since == AS_OF
    assert np.isnat(drawn[EXPIRIES[0]].since)
    assert [plot.note for plot in plots.smiles(built)][1].startswith(
        "Bars: bid to ask. Line: SVI, stale: of 2026-03-18 08:00."
    )
    assert "1 of 3 fits not trusted; in force instead: earlier fits, stale for 1." in to_text(built)
    _, report = fits.update(chain(3, seed=3))
    assert report.trusted
    assert fits.staleness() == {}
    table = pd.DataFrame(fits.history())
    assert len(table) == 4 * len(EXPIRIES)
    assert table.groupby("in_force").size().to_dict() == {"fit": 10, "last": 2}
    assert table.a_error[table.in_force == "fit"].gt(0).all()


def test_an_expiry_that_was_not_quoted_is_remembered():
    fits = Recalibration(model="svi")
    fits.update(chain(0, seed=0))
    others = [smile for smile in smiles(Model.SVI) if smile.expiry != EXPIRIES[1]]
    snapshot, report = fits.update(quotes(others, noise=0.0005, as_of=AS_OF + MINUTE))
    assert len(snapshot.market("X").smiles) == 2
    assert [fit.expiry for fit in report["X"].remembered] == [EXPIRIES[1]]
    _, report = fits.update(chain(2, seed=2, change=broken))
    assert report["X"].expiry(EXPIRIES[1]).in_force is InForce.LAST
    assert fits.staleness() == {("X", EXPIRIES[1]): 2 * MINUTE}
    assert report["X"].remembered == ()


def test_quotes_from_before_are_refused_and_change_nothing():
    fits = Recalibration(model="svi")
    _, report = fits.update(chain(5, seed=0))
    with pytest.raises(InvalidInput, match="must not be before the last quotes"):
        fits.update(chain(4, seed=0))
    assert fits.last is report
    assert len(fits.history()) == 3
