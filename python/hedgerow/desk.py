"""Desk units: raw derivatives as traders quote them, each by a function that says what it does.

Everything in hedgerow is a raw mathematical derivative (vega per 1.00 of volatility, theta per
year, rho per 1.00). Raw numbers compose; these are for reading. Arrays or floats, in and out.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", float, npt.NDArray[np.float64])

DAYS_PER_YEAR = 365.0


def vega_per_point(vega: Number) -> Number:
    """Change of value for one volatility point (0.01)."""
    return vega * 0.01


def theta_per_day(theta: Number) -> Number:
    """Change of value over one calendar day, everything else unchanged (ACT/365)."""
    return theta * (1.0 / DAYS_PER_YEAR)


def rho_per_basis_point(rho: Number) -> Number:
    """Change of value for one basis point (0.0001) of rate."""
    return rho * 0.0001


def dollar_delta(delta: Number, spot: Number) -> Number:
    """Value of the underlying that moves like the position: delta times spot."""
    return delta * spot


def dollar_gamma(gamma: Number, spot: Number) -> Number:
    """Change of the dollar delta for a move of 1 % of the spot: gamma spot^2 / 100."""
    return gamma * spot * spot * 0.01


def vanna_per_point(vanna: Number) -> Number:
    """Change of delta for one volatility point."""
    return vanna * 0.01


def volga_per_point(volga: Number) -> Number:
    """Change of vega per point for one volatility point."""
    return volga * 0.0001


def charm_per_day(charm: Number) -> Number:
    """Change of delta over one calendar day (ACT/365)."""
    return charm * (1.0 / DAYS_PER_YEAR)


def deribit_theta(
    theta: npt.ArrayLike, time: npt.ArrayLike, mark: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Theta as Deribit publishes it: over one day or the option's remaining life, whichever is
    shorter, and never more than the option is worth.

    Parameters: raw theta (quote currency per year), time to expiry in years, mark price in the same
    currency. Source: Deribit's API schema ("minimum of (1 day theta, lifetime theta)"), and 326
    tickers of 21 May 2020 for the cap by the mark price.
    """  # noqa: D205
    period = np.minimum(np.asarray(time, dtype=float), 1.0 / DAYS_PER_YEAR)
    decay = np.asarray(theta, dtype=float) * period
    cap = np.asarray(mark, dtype=float)
    return np.asarray(np.clip(decay, -cap, cap))
