"""The standard normal distribution, to full relative accuracy in both tails.

NumPy ufuncs over every double: NaN gives NaN, infinities the limits. Errors are measured in units
in the last place on every instruction set (tests/math/test_normal.py, 20-digit tables and mpmath).
"""

from __future__ import annotations

from hedgerow import kernels

pdf = kernels.normal_pdf
cdf = kernels.normal_cdf
inverse_cdf = kernels.normal_inverse_cdf
log_cdf = kernels.log_normal_cdf
erfcx = kernels.erfcx
mills_ratio = kernels.mills_ratio

__all__ = ["cdf", "erfcx", "inverse_cdf", "log_cdf", "mills_ratio", "pdf"]
