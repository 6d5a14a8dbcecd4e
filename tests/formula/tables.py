"""Reading the reference tables, and the one measure of error of the formula tests."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hedgerow import Right, kernels

GREEKS = kernels.names
TINY = 1e-290  # below it doubles lose digits: results need only be as small


def right_of(option_type: pd.Series) -> np.ndarray:
    return np.where(option_type == "call", float(Right.CALL), float(Right.PUT))


def largest_error(computed, reference, scale=None) -> float:
    """The largest error relative to `scale`, which is |reference| unless given."""
    computed, reference = np.asarray(computed), np.asarray(reference)
    scale = np.abs(reference) if scale is None else np.asarray(scale)
    assert np.all(np.isfinite(computed))
    counted = scale > TINY
    assert np.all(np.abs(computed[~counted]) < 10 * TINY)
    return float(np.max(np.abs(computed - reference)[counted] / scale[counted], initial=0.0))
