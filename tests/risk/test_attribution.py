"""Spread capture and inventory P&L add up to what was earned."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import hedgerow as hr

QUANTITY = [10.0, 5.0, -8.0, -12.0, 7.0]
PRICE = [5.00, 5.20, 5.50, 5.10, 4.90]
FAIR = [5.05, 5.15, 5.45, 5.05, 5.00]


def test_the_identity_of_total_cash_and_mark() -> None:
    """The fills of the netting vectors: cash + q mark = 5.00 less fees of .091."""
    fees = 0.091 / 5
    found = hr.attribute(QUANTITY, PRICE, FAIR, 5.05, fees=fees)
    cash = -np.dot(QUANTITY, PRICE)
    assert found.total.sum() == pytest.approx(cash + np.sum(QUANTITY) * 5.05 - 0.091, rel=1e-14)
    assert found.total.sum() == pytest.approx(5.00 - 0.091, rel=1e-12)
    assert found.spread_capture[0] == pytest.approx(0.5)
    assert found.spread_capture[1] == pytest.approx(-0.25)
    assert found.inventory[2] == pytest.approx(-8 * (5.05 - 5.45))


def test_effective_is_realized_plus_impact_at_every_horizon() -> None:
    later = {"1 s": [5.04, 5.16, 5.44, 5.06, 5.01], "1 min": [5.02, 5.2, 5.4, 5.1, 5.2]}
    found = hr.attribute(QUANTITY, PRICE, FAIR, 5.05, later=later)
    assert found.horizons == ("1 s", "1 min")
    np.testing.assert_allclose(
        found.realized + found.impact, [found.spread_capture] * 2, rtol=0, atol=1e-14
    )
    assert found.realized[1, 4] == pytest.approx(7 * (5.2 - 4.9))
    net = found.net(side=np.where(np.array(QUANTITY) > 0, "buy", "sell"), all=["x"] * 5)
    assert net["side"].tolist() == ["buy", "sell"]
    assert net["fills"].tolist() == [3, 2]
    assert net["realized 1 min"].sum() == pytest.approx(found.realized[1].sum())
    assert "Attribution of 5 fills" in repr(found)


def test_a_missing_number_is_counted_and_in_no_sum() -> None:
    fair = [5.05, np.nan, *FAIR[2:]]
    found = hr.attribute(QUANTITY, PRICE, fair, 5.05)
    net = found.net()
    assert net["excluded"].tolist() == [1]
    rest = hr.attribute(np.delete(QUANTITY, 1), np.delete(PRICE, 1), np.delete(FAIR, 1), 5.05)
    assert net["total"][0] == pytest.approx(rest.total.sum(), rel=1e-14)
    assert np.isnan(found.total[1])


NUMBERS = arrays(float, 8, elements=st.floats(-1e6, 1e6))


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_any_fills(quantity, price, fair, final, fees) -> None:  # type: ignore[no-untyped-def]
    found = hr.attribute(quantity, price, fair, final, fees=fees, later={"end": final})
    size = np.abs(quantity) * (np.abs(price) + np.abs(fair) + np.abs(final)) + np.abs(fees)
    gap = found.total - (quantity * (final - price) - fees)
    assert (np.abs(gap) <= 1e-15 * size).all()
    assert (found.total == found.spread_capture + found.inventory - found.fees).all()
    gap = found.realized[0] + found.impact[0] - found.spread_capture
    assert (np.abs(gap) <= 1e-15 * size).all()


def test_lengths_must_fit() -> None:
    with pytest.raises(hr.InvalidInput, match="fair"):
        hr.attribute(QUANTITY, PRICE, FAIR[1:], 5.05)
    with pytest.raises(hr.InvalidInput, match="end"):
        hr.attribute(QUANTITY, PRICE, FAIR, 5.05, later={"end": [1.0]})
    with pytest.raises(hr.InvalidInput, match="side"):
        hr.attribute(QUANTITY, PRICE, FAIR, 5.05).net(side=["buy"])
    assert hr.attribute(1.0, 2.0, 3.0, 4.0).total.tolist() == [2.0]
    assert len(hr.attribute([], [], [], []).total) == 0
